/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/sandbox/sandbox-filters.h"

/* The file that make-filters has written; it may be empty. */
#ifdef SANDBOX_FILTERS
#include SANDBOX_FILTERS
#endif

#ifdef SANDBOX_FILTERS_MADE
bool sandbox_filters_made(void)
{
	return true;
}

const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (filters[i].mode == mode && filters[i].calls == calls)
			return &filters[i];
	return NULL;
}

void sandbox_filter_copy(const struct sandbox_filter *f, pid_t pid,
			 struct sock_filter code[SANDBOX_CODE_MAX])
{
	memcpy(code, &codes[f->first], f->n * sizeof(codes[0]));
	code[f->pid_at].k = (uint32_t)pid;
}

/* Return: 0 or -errno; 1: not all threads can have it. */
static long load_code(const struct sock_fprog *code, unsigned int flags)
{
	const long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			       SECCOMP_FILTER_FLAG_TSYNC | flags, code);

	return r < 0 ? -errno : r > 0;
}

/* The flags are those that set_attributes() asks libseccomp for. */
int sandbox_filter_load(enum sandbox_mode mode, unsigned int calls)
{
	const struct sandbox_filter *f = sandbox_filter(mode, calls);
	struct sock_filter copy[SANDBOX_CODE_MAX];
	struct sock_fprog code = { .filter = copy };
	long r;

	if (!f)
		return -ENOENT;
	code.len = f->n;
	sandbox_filter_copy(f, getpid(), copy);
	r = load_code(&code, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	if (r == -EINVAL)
		r = load_code(&code, 0);
	return r > 0 ? -ESRCH : (int)r;
}

#else
#include "input/sandbox/sandbox-rules.h"

bool sandbox_filters_made(void)
{
	return false;
}

const struct sandbox_filter *sandbox_filter(enum sandbox_mode mode,
					    unsigned int calls)
{
	return NULL;
}

void sandbox_filter_copy(const struct sandbox_filter *f, pid_t pid,
			 struct sock_filter code[SANDBOX_CODE_MAX])
{
}

int sandbox_filter_load(enum sandbox_mode mode, unsigned int calls)
{
	scmp_filter_ctx ctx;
	int r = sandbox_rules(&ctx, mode, calls, getpid());

	if (r)
		return r;
	r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}
#endif

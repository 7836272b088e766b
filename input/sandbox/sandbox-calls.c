/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/log.h"
#include "input/sandbox/sandbox-calls.h"
#include "input/sandbox/sandbox-filters.h"
#include "input/sandbox/sandbox-rules.h"

/* More than any filter has. */
#define CODE_MAX 1024

/* Return: 0 or -errno; 1: not all threads can have it. */
static long load_code(const struct sock_fprog *code, unsigned int flags)
{
	const long r = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			       SECCOMP_FILTER_FLAG_TSYNC | flags, code);

	return r < 0 ? -errno : r > 0;
}

/* The flags are those that set_attributes() asks libseccomp for. */
static int load_filter(const struct sandbox_filter *f)
{
	struct sock_filter copy[CODE_MAX];
	const struct sock_fprog code = { f->n, copy };
	long r;

	memcpy(copy, f->code, f->n * sizeof(copy[0]));
	copy[f->pid_at].k = (uint32_t)getpid();
	r = load_code(&code, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	if (r == -EINVAL)
		r = load_code(&code, 0);
	return r > 0 ? -ESRCH : (int)r;
}

static int make_and_load(enum sandbox_mode mode, unsigned int calls)
{
	scmp_filter_ctx ctx;
	int r = sandbox_rules(&ctx, mode, calls, getpid());

	if (r)
		return r;
	r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}

int sandbox_restrict_calls(enum sandbox_mode mode, unsigned int calls)
{
	const struct sandbox_filter *f = sandbox_filter(mode, calls);
	int r = f ? load_filter(f) : make_and_load(mode, calls);

	/* What has been needed until here is not needed again. */
	malloc_trim(0);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--sandbox: seccomp: %s",
			 strerror(-r));
	return r;
}

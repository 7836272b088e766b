/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox-filters.h: what was made with the program is what libseccomp makes
 * now. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "input/sandbox/sandbox-filters.h"
#include "input/sandbox/sandbox-rules.h"
#include "tests/lib/check.h"

#define ALL_CALLS 64 /* combinations of bits */
#define CODE_MAX  1024

static size_t make_now(struct sock_filter code[CODE_MAX], unsigned int calls,
		       pid_t pid)
{
	FILE *file = tmpfile();
	scmp_filter_ctx ctx;
	size_t n;

	assert_non_null(file);
	assert_ok(sandbox_rules(&ctx, SANDBOX_ON, calls, pid));
	assert_ok(seccomp_export_bpf(ctx, fileno(file)));
	seccomp_release(ctx);
	rewind(file);
	n = fread(code, sizeof(code[0]), CODE_MAX, file);
	fclose(file);
	return n;
}

static void a_filter_is_as_libseccomp_makes_it(void **state)
{
	static struct sock_filter made[CODE_MAX], now[CODE_MAX];
	/* Alike for all that are no other number in the rules, as 1 is. */
	const pid_t pid = 4194303;
	int n = 0;

	for (unsigned int calls = 0; calls < ALL_CALLS; calls++) {
		const struct sandbox_filter *f =
			sandbox_filter(SANDBOX_ON, calls);

		if (!f)
			continue;
		n++;
		memcpy(made, f->code, f->n * sizeof(made[0]));
		made[f->pid_at].k = (uint32_t)pid;
		assert_num(make_now(now, calls, pid), f->n);
		assert_memory_equal(made, now, f->n * sizeof(made[0]));
	}
	/* Elsewhere a build may have none. */
#if defined(__x86_64__) || defined(__aarch64__)
	assert_in_range(n, 1, ALL_CALLS);
#endif
}

static void servers_have_one(void **state)
{
	if (!sandbox_filter(SANDBOX_ON, 0))
		skip_because("built where no filter was made");
	assert_non_null(sandbox_filter(SANDBOX_ON, SANDBOX_POSTCOPY));
	assert_non_null(sandbox_filter(SANDBOX_ON, SANDBOX_NODES));
}

static void the_mode_that_logs_has_none(void **state)
{
	assert_null(sandbox_filter(SANDBOX_LOG, 0));
}

/* What is no part of a filter's code, but of how it is entered. */
static void filters_are_entered_as_the_rules_say(void **state)
{
	static const struct {
		enum scmp_filter_attr attr;
		uint32_t want;
	} rows[] = {
		{ SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS },
		{ SCMP_FLTATR_CTL_TSYNC, 1 },
		{ SCMP_FLTATR_CTL_OPTIMIZE, 2 },
		{ SCMP_FLTATR_CTL_SSB, 1 },
	};
	scmp_filter_ctx ctx;
	uint32_t is;

	assert_ok(sandbox_rules(&ctx, SANDBOX_ON, 0, 4194303));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_ok(seccomp_attr_get(ctx, rows[i].attr, &is));
		assert_num(is, rows[i].want);
	}
	seccomp_release(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_as_libseccomp_makes_it),
		cmocka_unit_test(servers_have_one),
		cmocka_unit_test(the_mode_that_logs_has_none),
		cmocka_unit_test(filters_are_entered_as_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

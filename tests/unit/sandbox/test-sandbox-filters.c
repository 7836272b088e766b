/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox-filters.h: what was made with the program is what libseccomp makes
 * now. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "input/sandbox/sandbox-filters.h"
#include "input/sandbox/sandbox-rules.h"
#include "tests/lib/check.h"

static const unsigned int asked[] = { SANDBOX_ASKED };

static size_t make_now(struct sock_filter code[SANDBOX_CODE_MAX],
		       const struct sandbox_filter *f, pid_t pid)
{
	FILE *file = tmpfile();
	scmp_filter_ctx ctx;
	size_t n;

	assert_non_null(file);
	assert_ok(sandbox_rules(&ctx, f->mode, f->calls, pid));
	assert_ok(seccomp_export_bpf(ctx, fileno(file)));
	seccomp_release(ctx);
	rewind(file);
	n = fread(code, sizeof(code[0]), SANDBOX_CODE_MAX, file);
	fclose(file);
	return n;
}

static void check_filter(enum sandbox_mode mode, unsigned int calls)
{
	static struct sock_filter made[SANDBOX_CODE_MAX], now[SANDBOX_CODE_MAX];
	const struct sandbox_filter *f = sandbox_filter(mode, calls);
	/* Alike for all that are no other number in the rules, as 1 is. */
	const pid_t pid = 4194303;

	assert_non_null(f);
	assert_num(f->mode, mode);
	assert_num(f->calls, calls);
	sandbox_filter_copy(f, pid, made);
	assert_num(make_now(now, f, pid), f->n);
	assert_memory_equal(made, now, f->n * sizeof(made[0]));
}

static void a_filter_is_as_libseccomp_makes_it(void **state)
{
	if (!sandbox_filters_made())
		skip_because("built where no filter was made");
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		check_filter(SANDBOX_ON, asked[i]);
		check_filter(SANDBOX_LOG, asked[i]);
	}
}

static void there_is_none_for_what_nobody_asks(void **state)
{
	assert_null(sandbox_filter(SANDBOX_OFF, 0));
	assert_null(
		sandbox_filter(SANDBOX_ON, SANDBOX_BROWSERS | SANDBOX_OPENS));
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
		cmocka_unit_test(there_is_none_for_what_nobody_asks),
		cmocka_unit_test(filters_are_entered_as_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* launch-restart.h: whether a process is started again, and when. */
#include <errno.h>
#include <limits.h>
#include "injector/process/launch-restart.h"
#include "tests/lib/check.h"

struct policy {
	const char *text;
	int rc;
	enum launch_restart_mode mode;
	unsigned int limit;
	double per_s;
};

static void restart_policies_are_read_or_refused(void **state)
{
	static const struct policy policies[] = {
		{ "no", 0, LAUNCH_RESTART_NO, 10, 60 },
		{ "on-failure", 0, LAUNCH_RESTART_ON_FAILURE, 10, 60 },
		{ "always:3/0.5", 0, LAUNCH_RESTART_ALWAYS, 3, 0.5 },
		{ "always:9/1", 0, LAUNCH_RESTART_ALWAYS, 9, 1 },
		{ "always:2147483647/1", 0, LAUNCH_RESTART_ALWAYS, INT_MAX, 1 },
		{ "always:2147483648/1", -EINVAL, 0, 0, 0 },
		{ "always:/1", -EINVAL, 0, 0, 0 },
		{ "always::/1", -EINVAL, 0, 0, 0 },
		{ "no:3/5", -EINVAL, 0, 0, 0 },
		{ "", -EINVAL, 0, 0, 0 },
		{ "alway", -EINVAL, 0, 0, 0 },
		{ "always:", -EINVAL, 0, 0, 0 },
		{ "always:0/5", -EINVAL, 0, 0, 0 },
		{ "always:-1/5", -EINVAL, 0, 0, 0 },
		{ "always:5/0", -EINVAL, 0, 0, 0 },
		{ "always:5/inf", -EINVAL, 0, 0, 0 },
		{ "always:5/5s", -EINVAL, 0, 0, 0 },
		{ "always:99999999999/5", -EINVAL, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		const struct policy *p = &policies[i];
		struct launch_restart r;
		int rc = launch_restart_parse(&r, p->text);

		if (rc != p->rc ||
		    (!rc && (r.mode != p->mode || r.limit != p->limit ||
			     r.per_s < p->per_s || r.per_s > p->per_s)))
			fail_msg("\"%s\" is read as %d: %d %u/%g", p->text, rc,
				 r.mode, r.limit, r.per_s);
	}
}

/* In milliseconds; -1: not at all. */
static int next_ms(struct launch_history *h, double now, bool failed,
		   bool was_ready)
{
	const struct launch_restart r = { LAUNCH_RESTART_ON_FAILURE, 2, 10 };
	double s = launch_restart_next(&r, h, now, failed, was_ready);

	return s < 0 ? -1 : (int)(s * 1000 + 0.5);
}

static void limit_counts_again_when_its_time_is_over(void **state)
{
	struct launch_history h = { 0 };

	assert_num(next_ms(&h, 100, true, true), 0);
	assert_num(next_ms(&h, 105, true, true), 0);
	assert_num(next_ms(&h, 109, true, true), -1);
	assert_num(next_ms(&h, 110, true, true), 0);
	assert_num(h.total, 3);
}

static void what_never_got_ready_waits_longer_each_time(void **state)
{
	struct launch_history h = { 0 };

	assert_num(next_ms(&h, 0, true, false), 100);
	assert_num(next_ms(&h, 1, true, false), 200);
	assert_num(next_ms(&h, 20, true, true), 0);
	assert_num(next_ms(&h, 21, true, false), 100);
	h.in_vain = 1000;
	assert_num(next_ms(&h, 40, true, false), 2000);
}

static void on_failure_does_not_restart_what_ended_well(void **state)
{
	struct launch_history h = { 0 };

	assert_num(next_ms(&h, 0, false, true), -1);
	assert_num(h.total, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restart_policies_are_read_or_refused),
		cmocka_unit_test(limit_counts_again_when_its_time_is_over),
		cmocka_unit_test(what_never_got_ready_waits_longer_each_time),
		cmocka_unit_test(on_failure_does_not_restart_what_ended_well),
	};

	return cmocka_run_group_tests_name("launch-restart", tests, NULL, NULL);
}

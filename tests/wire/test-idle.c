/* SPDX-License-Identifier: Apache-2.0 */
/* A device with nothing to do costs nothing: it is asleep and stays so. */
#include <limits.h>
#include <poll.h>
#include "tests/lib/clock-step.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define IDLE_MS 300
#define KICKS	20
#define KICK_MS 5

/* Of which a quarter is room for other libraries. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PRIVATE_KB LONG_MAX
#else
#define PRIVATE_KB 300
#endif

static void type(struct rig *rig)
{
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void nothing_wakes_an_idle_device(void **state)
{
	struct rig *rig = *state;

	type(rig);
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, IDLE_MS);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
}

/* Without the sandbox: see usage_wait_ms(). */
static void an_idle_device_waits_without_a_timeout(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--sandbox=off");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	type(rig);
	assert_num(usage_wait_ms(rig->srv.pid), -1);
}

/* Much more than a key takes otherwise. */
#define SPIN_NS INT64_C(3000000)

/* Return: whether the device spins after a key; in vain on a busy machine. */
static bool spins_after_a_key(struct rig *rig)
{
	const int64_t before = usage_cpu_ns(rig->srv.pid);

	rig_expect_works(rig);
	poll(NULL, 0, 20);
	return usage_cpu_ns(rig->srv.pid) - before >= SPIN_NS;
}

static void a_busy_poller_spins_and_soon_sleeps_too(void **state)
{
	struct rig *rig = *state;
	int tries = 0;

	process_arg(&rig->srv, "--busy-poll=100000");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	while (!spins_after_a_key(rig))
		assert_in_range(++tries, 1, 200);
	type(rig);
	usage_wait_rest(rig->srv.pid);
	const int64_t before = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, IDLE_MS);
	assert_true(usage_cpu_ns(rig->srv.pid) - before <
		    IDLE_MS / 10 * INT64_C(1000000));
	type(rig);
}

/* Its large buffers are not touched while nothing waits. */
static void an_idle_device_has_little_memory(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", RIG_BUFFERS);
	type(rig);
	const long kb = usage_at_rest(rig->srv.pid).private_kb;
	if (kb > PRIVATE_KB)
		fail_msg("%ld KiB", kb);
}

/* Kicks without buffers, each alone. Return: how often the device slept. */
static long sleeps_over_kicks(struct rig *rig, int n)
{
	const long before = usage_sleeps(rig->srv.pid);

	for (int i = 0; i < n; i++) {
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		poll(NULL, 0, KICK_MS);
	}
	return usage_sleeps(rig->srv.pid) - before;
}

/* One that is put off wakes the device once more. */
static void no_kick_is_put_off_because_the_clock_was_set_back(void **state)
{
	struct rig *rig = *state;
	volatile int64_t *step_s = clock_step_prepare(&rig->srv, rig->dir);

	process_preload_server(&rig->srv, "clock-step");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	type(rig);
	sleeps_over_kicks(rig, 2); /* the first comes after buffers */
	*step_s = -AN_HOUR_S;
	poll(NULL, 0, CLOCK_SEEN_MS);
	sleeps_over_kicks(rig, KICKS);
	assert_true(sleeps_over_kicks(rig, KICKS) < 3 * KICKS / 2);
}

#define T(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_wakes_an_idle_device, rig_setup_running),
		T(an_idle_device_waits_without_a_timeout, rig_setup),
		T(an_idle_device_has_little_memory, usage_rig_setup),
		T(a_busy_poller_spins_and_soon_sleeps_too, rig_setup),
		T(no_kick_is_put_off_because_the_clock_was_set_back, rig_setup),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}

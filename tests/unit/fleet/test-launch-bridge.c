/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge of a device with "vfio_user": launch-bridge.h. */
#include "injector/fleet/launch-device-report.h"
#include "tests/lib/fleet-world.h"

#define KBD "[{\"type\": \"keyboard\", \"vfio_user\": true}]"

static struct launch_device *kbd;

/* Its bridge is fakes[0], and its server is fakes[1]. */
static void start(void)
{
	char why[LAUNCH_WHY_MAX];

	fleet.setup.bridge = "BRIDGE";
	assert_ok(fleet_adds(KBD, why));
	kbd = TAILQ_FIRST(&fleet.devices);
	launch_device_start(kbd);
	settle();
	assert_num(n_fakes, 2);
}

static void start_ready(void)
{
	start();
	fake_is_ready(&fakes[0]);
	fake_is_ready(&fakes[1]);
	assert_num(launch_device_state(kbd), LAUNCH_READY);
}

static void one_that_is_still_ending_is_started_again(void **state)
{
	fleet.setup.restart.mode = LAUNCH_RESTART_ON_FAILURE;
	start_ready();
	fake_ends(&fakes[1], EXITED(0));
	assert_num(launch_device_state(kbd), LAUNCH_STOPPED);
	expect_signal(&fakes[0], SIGTERM, 0);
	launch_device_restart(kbd);
	settle();
	assert_num(n_fakes, 3);
	fake_is_ready(&fakes[2]);
	assert_num(launch_device_state(kbd), LAUNCH_WAITING);
	fake_ends(&fakes[0], EXITED(0));
	assert_num(n_fakes, 4);
	fake_is_ready(&fakes[3]);
	assert_num(launch_device_state(kbd), LAUNCH_READY);
}

/* --- its log --- */

static void what_it_says_before_it_is_ready_is_logged(void **state)
{
	start();
	fake_says(&fakes[0], "vinput-vfio-user: first\n");
	expect_log("");
	fake_says(&fakes[0], "vinput-vfio-user: second\n");
	expect_log(STAMP "keyboard: bridge: first\n");
	fake_is_ready(&fakes[0]);
	expect_log(STAMP "keyboard: bridge: second\n");
	fake_says(&fakes[0], "vinput-vfio-user: third\n");
	expect_log(STAMP "keyboard: bridge: third\n");
}

/* Whoever reports it says that line. */
static void why_it_did_not_start_is_said_once(void **state)
{
	start();
	fake_says(&fakes[0], "vinput-vfio-user: first\n");
	fake_says(&fakes[0], "vinput-vfio-user: cannot listen\n");
	fake_ends(&fakes[0], EXITED(1));
	assert_string_equal(kbd->bridge->child.why, "bridge: cannot listen");
	expect_log(STAMP "keyboard: bridge: first\n");
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, fleet_setup, fleet_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_that_is_still_ending_is_started_again),
		T(what_it_says_before_it_is_ready_is_logged),
		T(why_it_did_not_start_is_said_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

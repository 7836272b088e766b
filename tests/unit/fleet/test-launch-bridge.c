/* SPDX-License-Identifier: Apache-2.0 */
/* The bridge of a device with "vfio_user": launch-bridge.h. */
#include <sys/un.h>
#include <unistd.h>
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

/* --- how it is started --- */

static void it_has_the_launchers_options(void **state)
{
	/* Others may give a file to none but their own. */
	const gid_t group = geteuid() ? getegid() : 42;
	char words[500];

	fleet.setup.access = (struct socket_access){ 0660, group };
	launch_argv_add(&server_args, "--sandbox=log");
	launch_argv_add(&server_args, "--stall-ms=5");
	start();
	snprintf(words, sizeof(words),
		 "BRIDGE --vfio-user=%s/keyboard.vfio --to=%s/keyboard.sock "
		 "--ready-fd=%d --socket-mode=660 --socket-group=%u "
		 "--log-level=info --sandbox=log",
		 dir, dir, fakes[0].number[0], group);
	assert_string_equal(fakes[0].words, words);
}

static void without_a_group_none_is_given(void **state)
{
	start();
	assert_null(strstr(fakes[0].words, "--socket-group"));
}

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void one_that_cannot_be_started_leaves_no_fds(void **state)
{
	int before;

	start_ready();
	before = count_fds();
	start_error = -EAGAIN;
	fake_ends(&fakes[0], EXITED(1));
	assert_string_equal(kbd->bridge->child.why,
			    "cannot start BRIDGE: Resource temporarily "
			    "unavailable");
	/* Nor what the one before had. */
	assert_true(count_fds() < before);
	assert_num(kbd->bridge->ready.fd, -1);
	assert_num(kbd->bridge->lines.fd, -1);
}

/* --- how it ends --- */

static void the_socket_of_one_that_was_killed_is_removed(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	start_ready();
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/keyboard.vfio", dir);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	close(fd);
	fake_ends(&fakes[0], SIGKILL);
	assert_num(access(addr.sun_path, F_OK), -1);
}

static void one_that_is_not_restarted_says_why(void **state)
{
	fleet.setup.restart.mode = LAUNCH_RESTART_NO;
	start_ready();
	fake_ends(&fakes[0], EXITED(1));
	assert_string_equal(kbd->bridge->child.why,
			    "the bridge of keyboard ended with status 1");
	expect_log(STAMP "launcher: the bridge of keyboard ended with status "
			 "1; not restarted\n");
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

static void what_it_said_last_time_is_no_reason(void **state)
{
	start_ready();
	fake_says(&fakes[0], "vinput-vfio-user: first\n");
	fake_ends(&fakes[0], EXITED(1));
	pass_s(1);
	assert_num(n_fakes, 3);
	fake_ends(&fakes[2], EXITED(1));
	assert_string_equal(kbd->bridge->child.why,
			    "the bridge of keyboard ended with status 1");
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, fleet_setup, fleet_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_that_is_still_ending_is_started_again),
		T(it_has_the_launchers_options),
		T(without_a_group_none_is_given),
		T(one_that_cannot_be_started_leaves_no_fds),
		T(the_socket_of_one_that_was_killed_is_removed),
		T(one_that_is_not_restarted_says_why),
		T(what_it_says_before_it_is_ready_is_logged),
		T(why_it_did_not_start_is_said_once),
		T(what_it_said_last_time_is_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

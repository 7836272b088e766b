/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of vinput-launch with --vfio-user: a bridge, vinput-vfio-user, before
 * each, whose client is the VMM. For that the end of its connection is an
 * error, unless the bridge itself is killed.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "injector/virtio-pci/virtio-pci.h"
#include "tests/lib/launch-next.h"
#include "tests/lib/vfio-client.h"

static struct vfio_client c;	 /* of the keyboard */
static struct vfio_client mouse; /* has no rig */
static pid_t stopped_holder;	 /* to be killed; 0: none */

static int setup(void **state)
{
	struct launch_test *t;
	char socket[sizeof(c.socket)];

	launch_setup(state);
	t = *state;
	snprintf(socket, sizeof(socket), "%s/keyboard.vfio", t->place);
	vfio_client_at(&c, t->rig, socket);
	snprintf(socket, sizeof(socket), "%s/mouse.vfio", t->place);
	vfio_client_at(&mouse, NULL, socket);
	stopped_holder = 0;
	return 0;
}

static void kill_stopped_holder(void)
{
	const pid_t pid = stopped_holder;

	stopped_holder = 0;
	if (pid)
		assert_sys(kill(pid, SIGKILL));
}

/* Also of a test that failed half-way. */
static int teardown(void **state)
{
	kill_stopped_holder();
	vfio_client_disconnect(&mouse);
	vfio_client_disconnect(&c);
	return launch_teardown(state);
}

static void start_with(struct launch_test *t, const char *option)
{
	launch_arg(t, "--vfio-user");
	launch_arg(t, "--keyboard");
	if (option)
		launch_arg(t, "%s", option);
	launch_start(t);
}

static void start_with_guest(struct launch_test *t, const char *option)
{
	start_with(t, option);
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press(t, KEY_A);
}

/* Return: a number that the list has for a device's bridge; -1: it has none. */
static long long bridge_number(struct launch_test *t, const char *label,
			       const char *key)
{
	json_t *answer = launch_order(t, "{\"command\": \"list\"}");
	json_t *dev, *bridge = NULL;
	long long n = -1;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, dev)
	{
		const json_t *name = json_object_get(dev, "label");

		if (!strcmp(json_string_value(name), label))
			bridge = json_object_get(dev, "bridge");
	}
	if (bridge)
		n = json_integer_value(json_object_get(bridge, key));
	json_decref(answer);
	return n;
}

static bool has_bridge(struct launch_test *t, const char *label)
{
	return bridge_number(t, label, "pid") > 0;
}

static bool socket_exists(void)
{
	return !access(c.socket, F_OK);
}

static void expect_no_socket(void)
{
	for (int ms = 0; socket_exists(); ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
}

static void expect_restarts(struct launch_test *t, long long n)
{
	for (int ms = 0; launch_number(t, "keyboard", "restarts") < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	launch_expect_state(t, "keyboard", "ready");
}

static void expect_bridge_restarts(struct launch_test *t, long long n)
{
	for (int ms = 0; bridge_number(t, "keyboard", "restarts") < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	launch_expect_state(t, "keyboard", "ready");
}

static void signal_bridge(struct launch_test *t, int sig)
{
	assert_sys(kill((pid_t)bridge_number(t, "keyboard", "pid"), sig));
}

/* --- while the launcher runs --- */

static void keys_arrive_and_leds_go_back(void **state)
{
	struct launch_test *t = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);

	start_with_guest(t, NULL);
	launch_expect_flag(t, "keyboard", "driver", true);
	vfio_client_send_status(&c, &led);
	expect_status(t->rig, LED(LED_CAPSL, 1));
	launch_expect_control(t, "/keyboard.vfio\n", LAUNCH_WORDS("list"));
	vfio_client_disconnect(&c);
	launch_expect_flag(t, "keyboard", "vmm", false);
	launch_end(t);
}

static void kill_server(struct launch_test *t, long long restarts)
{
	const long long pid = launch_number(t, "keyboard", "pid");

	assert_sys(kill((pid_t)pid, SIGKILL));
	expect_restarts(t, restarts);
}

static void survive_servers(struct launch_test *t, const char *option)
{
	start_with_guest(t, option);
	for (int i = 1; i <= 3; i++) {
		kill_server(t, i);
		launch_press_next(t, i % 2 ? KEY_B : KEY_A);
	}
	assert_num(bridge_number(t, "keyboard", "restarts"), 0);
}

static void servers_that_die_are_not_noticed(void **state)
{
	survive_servers(*state, NULL);
}

/* The bridge continues the session with the next one itself. */
static void without_a_holder_they_are_not_noticed_either(void **state)
{
	survive_servers(*state, "--hold=off");
}

static void expect_connections(struct launch_test *t, int n)
{
	const char *says = "keyboard: front-end connected";

	for (int ms = 0; process_log_count(&t->launcher, says) < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
}

/* The bridge continues the session with the next one. */
static void a_holder_that_dies_is_not_noticed(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, NULL);
	assert_sys(kill(launch_find_holder(t), SIGKILL));
	process_expect_log(&t->launcher, "the holder was killed by SIGKILL; "
					 "restarting it");
	/* What is pressed and released before that is not seen. */
	expect_connections(t, 2);
	launch_press_next(t, KEY_B);
	assert_num(launch_number(t, "keyboard", "restarts"), 0);
	assert_num(bridge_number(t, "keyboard", "restarts"), 0);
}

static void servers_are_replaced_behind_the_bridge(void **state)
{
	struct launch_test *t = *state;
	long long bridge;

	start_with_guest(t, NULL);
	bridge = bridge_number(t, "keyboard", "pid");
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "keyboard"));
	launch_press_next(t, KEY_B);
	launch_expect_control(t, "", LAUNCH_WORDS("upgrade", "keyboard"));
	launch_press_next(t, KEY_A);
	launch_expect_control(t, "", LAUNCH_WORDS("upgrade"));
	launch_press_next(t, KEY_B);
	launch_expect_control(t, "", LAUNCH_WORDS("reload", "keyboard"));
	launch_press_next(t, KEY_A);
	assert_num(bridge_number(t, "keyboard", "pid"), bridge);
}

static void a_bridge_that_dies_is_restarted(void **state)
{
	struct launch_test *t = *state;
	const char *says = "the bridge of keyboard was killed by SIGKILL; "
			   "restarting it";

	start_with_guest(t, NULL);
	for (int i = 1; i <= 3; i++) {
		signal_bridge(t, SIGKILL);
		vfio_client_expect_end(&c);
		expect_bridge_restarts(t, i);
		assert_num(process_log_count(&t->launcher, says), i);
		vfio_client_run(&c, RIG_BUFFERS);
		launch_press_next(t, i % 2 ? KEY_B : KEY_A);
	}
	assert_num(launch_number(t, "keyboard", "restarts"), 0);
}

/* Until somebody wants it again. */
static void a_bridge_that_is_ended_stays_away(void **state)
{
	struct launch_test *t = *state;
	long long pid;

	start_with(t, NULL);
	pid = bridge_number(t, "keyboard", "pid");
	assert_sys(kill((pid_t)pid, SIGTERM));
	launch_expect_state(t, "keyboard", "stopped");
	assert_false(socket_exists());
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "keyboard"));
	assert_true(bridge_number(t, "keyboard", "pid") != pid);
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press_next(t, KEY_A);
}

static void each_device_has_its_bridge(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, "--mouse");
	vfio_client_negotiate(&mouse);
	vfio_client_negotiate_features(&mouse, UINT64_MAX);
	launch_expect_flag(t, "mouse", "vmm", true);
	launch_press(t, KEY_B);
	vfio_client_disconnect(&mouse);
	launch_expect_flag(t, "mouse", "vmm", false);
	launch_press(t, KEY_A);
}

static void a_file_says_which_devices_have_one(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": ["
			 "{\"type\": \"keyboard\", \"vfio_user\": true},"
			 "{\"type\": \"mouse\"}]}");
	launch_arg(t, "--file=%s", path);
	launch_start(t);
	assert_true(has_bridge(t, "keyboard"));
	assert_false(has_bridge(t, "mouse"));
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press(t, KEY_A);
}

static void a_file_takes_precedence(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": ["
			 "{\"type\": \"keyboard\", \"vfio_user\": false},"
			 "{\"type\": \"mouse\"}]}");
	launch_arg(t, "--vfio-user");
	launch_arg(t, "--file=%s", path);
	launch_start(t);
	assert_false(has_bridge(t, "keyboard"));
	assert_true(has_bridge(t, "mouse"));
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
}

static void bridges_are_added_and_removed_with_their_devices(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	launch_start(t);
	launch_expect_control(t, "keyboard",
			      LAUNCH_WORDS("add", "--keyboard", "--vfio-user"));
	assert_false(has_bridge(t, "mouse"));
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press(t, KEY_A);
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "keyboard"));
	vfio_client_expect_end(&c);
	assert_false(socket_exists());
	launch_end(t);
}

/* Also if a process that is stopped has to be killed. */
static void all_of_them_end_with_the_launcher(void **state)
{
	struct launch_test *t = *state;

	start_with(t, "--stop-timeout=1");
	signal_bridge(t, SIGSTOP);
	launch_end(t);
}

/* --- what is refused --- */

static void expect_fails(struct launch_test *t, int status, const char *says)
{
	assert_num(launch_run_process(&t->launcher), status);
	assert_num(process_log_count(&t->launcher, says), 1);
}

static void one_that_cannot_listen_fails_in_one_line(void **state)
{
	struct launch_test *t = *state;

	assert_sys(mkdir(t->place, 0700));
	file_write(c.socket, "no socket");
	launch_arg(t, "--vfio-user");
	launch_arg(t, "--keyboard");
	expect_fails(t, 1, "keyboard: bridge: ");
	assert_num(process_log_count(&t->launcher, "keyboard.vfio"), 1);
	assert_sys(unlink(c.socket));
	assert_sys(rmdir(t->place));
	launch_expect_nothing_left(t);
}

/* The device, too. */
static void one_that_cannot_listen_is_not_added(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	launch_start(t);
	file_write(c.socket, "no socket");
	launch_expect_refused(t, 1, "keyboard: bridge: ",
			      LAUNCH_WORDS("add", "--keyboard", "--vfio-user"));
	assert_num(launch_number(t, "keyboard", "pid"), -1);
	assert_sys(unlink(c.socket));
	launch_end(t);
}

static void a_value_that_is_no_flag_is_refused(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": [{\"type\": \"keyboard\", "
			 "\"vfio_user\": \"yes\"}]}");
	launch_arg(t, "--file=%s", path);
	expect_fails(t, 2, "vfio_user must be true or false");
}

/* --- the launcher is killed --- */

static void bridges_outlive_their_launcher(void **state)
{
	struct launch_test *t = *state;
	long long bridge;

	start_with_guest(t, "--mouse");
	bridge = bridge_number(t, "keyboard", "pid");
	for (int i = 0; i < 3; i++) {
		launch_kill(t);
		launch_press(t, KEY_B);
		launch_next(t);
		start_with(t, "--mouse");
		assert_num(process_log_count(&t->launcher, "is taken over"), 2);
		assert_num(bridge_number(t, "keyboard", "pid"), bridge);
		launch_press_next(t, KEY_A);
		kill_server(t, 2);
		launch_press_next(t, KEY_B);
	}
	launch_end_next(t);
}

static void one_that_was_taken_over_is_restarted(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, NULL);
	launch_kill(t);
	launch_next(t);
	start_with(t, NULL);
	signal_bridge(t, SIGKILL);
	vfio_client_expect_end(&c);
	expect_bridge_restarts(t, 1);
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press_next(t, KEY_B);
	/* The holder has been told of this one. */
	launch_kill(t);
	launch_next(t);
	start_with(t, NULL);
	launch_press_next(t, KEY_A);
	launch_end_next(t);
}

static void a_launcher_that_leaves_leaves_them(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, NULL);
	launch_expect_control(t, "", LAUNCH_WORDS("leave"));
	assert_num(process_wait(&t->launcher), 0);
	process_fini(&t->launcher);
	close(t->control);
	t->control = -1;
	launch_press(t, KEY_B);
	launch_next(t);
	start_with(t, NULL);
	launch_press_next(t, KEY_A);
	launch_end_next(t);
}

static void one_that_a_vmm_uses_is_not_ended(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, NULL);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--keyboard");
	assert_num(launch_run_process(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher,
				     "keyboard: its VMM is connected through a "
				     "vfio-user bridge, which cannot be "
				     "removed"),
		   1);
	process_fini(&t->launcher);
	launch_press(t, KEY_B);
	launch_next(t);
	start_with(t, NULL);
	launch_press_next(t, KEY_A);
	launch_end_next(t);
}

static void one_that_nobody_uses_is_ended_if_it_is_not_wanted(void **state)
{
	struct launch_test *t = *state;

	start_with(t, NULL);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_false(has_bridge(t, "keyboard"));
	expect_no_socket();
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
	launch_end_next(t);
}

static void fail_next(struct launch_test *t)
{
	launch_next(t);
	launch_arg(t, "--vfio-user");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--device=pad={\"name\": 5}");
	assert_num(launch_run_process(&t->launcher), 1);
	process_fini(&t->launcher);
}

static void a_launcher_that_fails_leaves_them(void **state)
{
	struct launch_test *t = *state;
	long long bridge;

	start_with_guest(t, NULL);
	bridge = bridge_number(t, "keyboard", "pid");
	launch_kill(t);
	fail_next(t);
	launch_press(t, KEY_B);
	launch_next(t);
	start_with(t, NULL);
	assert_num(bridge_number(t, "keyboard", "pid"), bridge);
	launch_press_next(t, KEY_A);
	launch_end_next(t);
}

static void a_launcher_that_fails_leaves_none_of_its_own(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_kill(t);
	fail_next(t);
	expect_no_socket();
	launch_press(t, KEY_B);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_press_next(t, KEY_A);
	launch_end_next(t);
}

/* The launcher that does not want it must be up first. */
static void one_that_is_not_wanted_stays_if_the_launcher_fails(void **state)
{
	struct launch_test *t = *state;
	long long bridge;
	char path[64];

	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": ["
			 "{\"type\": \"mouse\", \"vfio_user\": true},"
			 "{\"type\": \"keyboard\"}]}");
	start_with(t, "--mouse");
	bridge = bridge_number(t, "keyboard", "pid");
	/* Without a VMM all would end with the launcher. */
	vfio_client_negotiate(&mouse);
	vfio_client_negotiate_features(&mouse, UINT64_MAX);
	launch_expect_flag(t, "mouse", "vmm", true);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--file=%s", path);
	launch_arg(t, "--device=pad={\"name\": 5}");
	assert_num(launch_run_process(&t->launcher), 1);
	process_fini(&t->launcher);
	launch_next(t);
	start_with(t, "--mouse");
	assert_num(bridge_number(t, "keyboard", "pid"), bridge);
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press(t, KEY_A);
	launch_end_next(t);
}

static void without_a_vmm_they_end_with_their_launcher(void **state)
{
	struct launch_test *t = *state;

	start_with(t, NULL);
	launch_kill(t);
	launch_expect_all_ended();
	assert_false(socket_exists());
	launch_next(t);
	launch_start(t);
	launch_end_next(t);
}

/* The kernel ends them. */
static void without_launcher_and_holder_they_end(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t, NULL);
	stopped_holder = launch_find_holder(t);
	assert_sys(kill(stopped_holder, SIGSTOP));
	launch_kill(t);
	kill_stopped_holder();
	vfio_client_expect_end(&c);
	launch_expect_all_ended();
	launch_next(t);
	launch_start(t);
	launch_end_next(t);
}

static void end_by_choice(struct launch_test *t, const char *option)
{
	start_with_guest(t, option);
	launch_kill(t);
	vfio_client_expect_end(&c);
	launch_expect_all_ended();
	launch_next(t);
	start_with(t, option);
	vfio_client_run(&c, RIG_BUFFERS);
	launch_press_next(t, KEY_B);
	launch_end_next(t);
	assert_false(socket_exists());
}

static void by_choice_they_end_with_their_launcher(void **state)
{
	end_by_choice(*state, "--on-launcher-death=end");
}

static void without_a_holder_they_end_with_their_launcher(void **state)
{
	end_by_choice(*state, "--hold=off");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(keys_arrive_and_leds_go_back),
		T(servers_that_die_are_not_noticed),
		T(without_a_holder_they_are_not_noticed_either),
		T(a_holder_that_dies_is_not_noticed),
		T(servers_are_replaced_behind_the_bridge),
		T(a_bridge_that_dies_is_restarted),
		T(a_bridge_that_is_ended_stays_away),
		T(each_device_has_its_bridge),
		T(a_file_says_which_devices_have_one),
		T(a_file_takes_precedence),
		T(bridges_are_added_and_removed_with_their_devices),
		T(all_of_them_end_with_the_launcher),
		T(one_that_cannot_listen_fails_in_one_line),
		T(one_that_cannot_listen_is_not_added),
		T(a_value_that_is_no_flag_is_refused),
		T(bridges_outlive_their_launcher),
		T(one_that_was_taken_over_is_restarted),
		T(a_launcher_that_leaves_leaves_them),
		T(one_that_a_vmm_uses_is_not_ended),
		T(one_that_nobody_uses_is_ended_if_it_is_not_wanted),
		T(a_launcher_that_fails_leaves_them),
		T(a_launcher_that_fails_leaves_none_of_its_own),
		T(one_that_is_not_wanted_stays_if_the_launcher_fails),
		T(without_a_vmm_they_end_with_their_launcher),
		T(without_launcher_and_holder_they_end),
		T(by_choice_they_end_with_their_launcher),
		T(without_a_holder_they_end_with_their_launcher),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What vinput-launch does when its children die, hang or exit, and when it is
 * killed itself.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/launch.h"
#include "tests/lib/usage.h"

#define KILLS 100

/* It is the launcher's child, so we may kill it. */
static void kill_device(struct launch_test *t, const char *label, int sig)
{
	pid_t pid = (pid_t)launch_number(t, label, "pid");

	assert_true(pid > 0);
	assert_sys(kill(pid, sig));
}

static void wait_restarts(struct launch_test *t, const char *label, int n)
{
	for (int ms = 0; launch_number(t, label, "restarts") < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
}

/* --- a device dies --- */

/* The dying process may have accepted this connection. */
static void connect_again(struct launch_test *t)
{
	int rc;

	do {
		rig_connect(t->rig);
		rc = fe_negotiate(&t->rig->fe);
	} while (rc == FE_E_CLOSED || rc == -ECONNRESET || rc == -EPIPE);
	assert_ok(rc);
	assert_ok(fe_make_rings(&t->rig->fe, 64));
	fe_post_buffers(&t->rig->fe, RIG_BUFFERS);
	assert_ok(fe_start(&t->rig->fe));
}

struct guest_keys {
	bool down[KEY_CNT];
};

/* Take events until these keys are down and no others. */
static void expect_down(struct launch_test *t, struct guest_keys *keys, int a,
			int b)
{
	struct vi_event ev;

	for (;;) {
		int n = 0;

		for (int code = 0; code < KEY_CNT; code++)
			n += keys->down[code];
		if (keys->down[a] && keys->down[b] && n == 1 + (a != b))
			return;
		do {
			assert_ok(fe_next_event(&t->rig->fe, &ev, DEADLINE_MS));
			if (vi_type(&ev) == EV_KEY)
				keys->down[vi_code(&ev)] = vi_value(&ev);
		} while (!vi_is_syn_report(&ev));
	}
}

/*
 * Each time, one key is held and the device is killed; while there is no
 * server, the streamer presses the next key and releases the previous one. The
 * guest, or each new one, must get the two keys that are down then, and no
 * other.
 */
static void kill_100_times(struct launch_test *t, bool same_guest)
{
	struct guest_keys keys = { 0 };
	int held = KEY_A, next;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--hold=%s", same_guest ? "on" : "off");
	launch_arg(t, "--log-level=error");
	launch_arg(t, "--restart=always:1000/1");
	launch_relay(t, 0, "{keyboard_fd}", "");
	process_start(&t->launcher);
	free(launch_accept_relay(t));
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(held, 1), SYN);
	expect_down(t, &keys, held, held);
	for (int i = 0; i < KILLS; i++) {
		next = KEY_1 + i % 10;
		if (next == held)
			next = KEY_B;
		kill_device(t, "keyboard", SIGKILL);
		inject(t->rig, KEY(next, 1), SYN);
		if (!same_guest) {
			keys = (struct guest_keys){ 0 };
			connect_again(t);
		}
		expect_down(t, &keys, held, next);
		inject(t->rig, KEY(held, 0), SYN);
		expect_down(t, &keys, next, next);
		held = next;
	}
	inject(t->rig, KEY(held, 0), SYN);
	expect(t->rig, KEY(held, 0), SYN);
	rig_expect_nothing(t->rig);
	assert_num(launch_number(t, "keyboard", "restarts"), KILLS);
	launch_end(t);
}

static void nothing_is_stuck_or_lost_after_100_kills(void **state)
{
	kill_100_times(*state, false);
}

/* Its connection does not end: that would be the end of this test. */
static void a_guest_lives_through_100_kills(void **state)
{
	kill_100_times(*state, true);
}

static void other_devices_do_not_notice_a_death(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	kill_device(t, "mouse", SIGKILL);
	wait_restarts(t, "mouse", 1);
	launch_expect_state(t, "mouse", "ready");
	rig_expect_nothing(t->rig);
	assert_num(launch_number(t, "keyboard", "restarts"), 0);
	assert_num(process_log_count(&t->launcher,
				     "launcher: mouse was killed by SIGKILL; "
				     "restarting it"),
		   1);
	launch_end(t);
}

static void a_device_past_its_limit_stays_down_until_ordered(void **state)
{
	struct launch_test *t = *state;
	char path[80];

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_arg(t, "--restart=on-failure:2/1000");
	launch_start(t);
	for (int i = 1; i <= 3; i++) {
		kill_device(t, "mouse", SIGKILL);
		launch_expect_state(t, "mouse", i < 3 ? "ready" : "failed");
		if (i < 3)
			wait_restarts(t, "mouse", i);
		launch_expect_state(t, "mouse", i < 3 ? "ready" : "failed");
	}
	/* Nobody may wait for an answer that will not come. */
	snprintf(path, sizeof(path), "%s/mouse.sock", t->place);
	assert_num(access(path, F_OK), -1);
	launch_expect_ok(launch_order(
		t, "{\"command\": \"restart\", \"label\": \"mouse\"}"));
	launch_guest(t, "mouse");
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_end(t);
}

static void restart_no_lets_a_dead_device_be(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=no");
	launch_start(t);
	kill_device(t, "keyboard", SIGKILL);
	launch_expect_state(t, "keyboard", "failed");
	launch_end(t);
}

/* SIGTERM from somebody else: exit status 0, which is no failure. */
static void on_failure_lets_a_device_end_in_peace(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_start(t);
	kill_device(t, "keyboard", SIGTERM);
	launch_expect_state(t, "keyboard", "stopped");
	assert_num(launch_number(t, "keyboard", "restarts"), 0);
	launch_end(t);
}

static void always_starts_again_what_ended_in_peace(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=always");
	launch_start(t);
	kill_device(t, "keyboard", SIGTERM);
	wait_restarts(t, "keyboard", 1);
	launch_expect_state(t, "keyboard", "ready");
	launch_end(t);
}

/* --- the streamer --- */

static void what_a_dead_streamer_held_is_released(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_relay(t, 0, "{keyboard_fd}", "first");
	launch_start(t);
	free(launch_accept_relay(t));
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(KEY_A, 1), SYN);
	expect(t->rig, KEY(KEY_A, 1), SYN);
	kill_device(t, "streamer", SIGKILL);
	expect(t->rig, KEY(KEY_A, 0), SYN);
	/* The next frame reaches the device all the same. */
	free(launch_accept_relay(t));
	inject(t->rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	assert_num(launch_number(t, "streamer", "restarts"), 1);
	assert_num(launch_number(t, "keyboard", "restarts"), 0);
	launch_end(t);
}

static void a_streamer_can_be_restarted_by_order(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=0.5");
	launch_relay(t, 0, "{keyboard_fd}", "");
	launch_start(t);
	free(launch_accept_relay(t));
	launch_expect_ok(launch_order(
		t, "{\"command\": \"restart\", \"label\": \"streamer\"}"));
	free(launch_accept_relay(t));
	/* The next one is not killed for the last one's time. */
	poll(NULL, 0, 700);
	assert_num(launch_number(t, "streamer", "restarts"), 1);
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_end(t);
}

/* Servers start while the file exists, which it does at first. */
static void gate_servers(struct launch_test *t, char go[80])
{
	char script[200];

	snprintf(go, 80, "%s/go", t->rig->dir);
	snprintf(script, sizeof(script),
		 "until [ -e %s ]; do sleep 0.01; done; exec \"$REAL\" \"$@\"",
		 go);
	file_write(go, "%s", "");
	launch_server_script(t, script);
}

/* That it is ended before it was ready is no failure. */
static void a_device_that_starts_can_be_restarted_by_order(void **state)
{
	struct launch_test *t = *state;
	struct process client;
	char go[80];

	gate_servers(t, go);
	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_sys(unlink(go));
	kill_device(t, "keyboard", SIGKILL);
	launch_expect_state(t, "keyboard", "starting");
	process_init(&client, "vinput-launch");
	process_arg(&client, "--control");
	process_arg(&client, "%s", t->place);
	process_arg(&client, "restart");
	process_arg(&client, "keyboard");
	process_start(&client);
	wait_restarts(t, "keyboard", 2);
	file_write(go, "%s", "");
	assert_num(process_wait(&client), 0);
	process_fini(&client);
	launch_expect_state(t, "keyboard", "ready");
	assert_num(launch_number(t, "keyboard", "restarts"), 2);
	launch_end(t);
}

/* It would have a dead end where its device is to be. */
static void a_streamer_is_not_restarted_before_the_devices(void **state)
{
	struct launch_test *t = *state;
	char go[80];

	gate_servers(t, go);
	launch_arg(t, "--keyboard");
	launch_relay(t, 0, "{keyboard_fd}", "");
	launch_start(t);
	free(launch_accept_relay(t));
	assert_sys(unlink(go));
	kill_device(t, "keyboard", SIGKILL);
	wait_restarts(t, "keyboard", 1);
	kill_device(t, "streamer", SIGKILL);
	launch_expect_state(t, "streamer", "waiting");
	struct pollfd p = { .fd = t->relay_fd, .events = POLLIN };
	assert_num(poll(&p, 1, 5 * RIG_QUIET_MS), 0);
	file_write(go, "%s", "");
	free(launch_accept_relay(t));
	assert_true(launch_is(t, "keyboard", "ready"));
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_end(t);
}

static void cycle(struct launch_test *t, int n)
{
	launch_expect_ok(launch_order(t, "{\"command\": \"add\", \"devices\": "
					 "[{\"type\": \"mouse\"}]}"));
	kill_device(t, "keyboard", SIGKILL);
	wait_restarts(t, "keyboard", n);
	launch_expect_state(t, "keyboard", "ready");
	launch_expect_ok(launch_order(
		t, "{\"command\": \"remove\", \"label\": \"mouse\"}"));
	kill_device(t, "streamer", SIGKILL);
	free(launch_accept_relay(t));
	launch_expect_control(t, "keyboard", LAUNCH_WORDS("list"));
}

static int fds_of(struct launch_test *t, const char *label)
{
	return usage_at_rest((pid_t)launch_number(t, label, "pid")).fds;
}

/* Nor does a child inherit one that is not its own. */
static void no_fd_stays_open_when_children_come_and_go(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=always:1000/1");
	usage_allow(&t->launcher);
	launch_relay(t, 0, "{keyboard_fd}", "");
	launch_start(t);
	free(launch_accept_relay(t));
	const int server = fds_of(t, "keyboard");
	const int streamer = fds_of(t, "streamer");
	cycle(t, 1);
	const int launcher = usage_at_rest(t->launcher.pid).fds;
	for (int n = 2; n <= 4; n++)
		cycle(t, n);
	assert_num(usage_at_rest(t->launcher.pid).fds, launcher);
	assert_num(fds_of(t, "keyboard"), server);
	assert_num(fds_of(t, "streamer"), streamer);
	launch_end(t);
}

/* The relay exits with the given status when we close. */
static int status_after_relay(struct launch_test *t)
{
	launch_start(t);
	free(launch_accept_relay(t));
	close(t->rig->inject[0]);
	t->rig->n_inject = 0;
	return process_wait(&t->launcher);
}

static void a_streamer_that_is_done_ends_all(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_relay(t, 0, "{keyboard_fd}", "");
	assert_num(status_after_relay(t), 0);
	launch_expect_nothing_left(t);
}

static void a_streamer_that_fails_ends_all_with_restart_no(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=no");
	launch_relay(t, 7, "{keyboard_fd}", "");
	assert_num(status_after_relay(t), 1);
	assert_num(process_log_count(&t->launcher,
				     "vinput-launch: the streamer ended with "
				     "status 7"),
		   1);
	launch_expect_nothing_left(t);
}

static void a_file_says_what_the_streamer_is(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/f.json", t->rig->dir);
	file_write(path, "{\"devices\": [{\"type\": \"mouse\"}], "
			 "\"streamer\": [\"/bin/sh\", \"-c\", "
			 "\"exit {mouse_fd}7\"]}");
	launch_arg(t, "--file=%s", path);
	launch_arg(t, "--restart=no");
	assert_num(launch_run_process(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher, "the streamer ended with "),
		   1);
	launch_expect_nothing_left(t);
}

static void a_broken_streamer_does_not_end_the_devices(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--restart=on-failure:1/1000");
	launch_arg(t, "--");
	launch_arg(t, "false");
	launch_start(t);
	launch_expect_state(t, "streamer", "failed");
	process_expect_log(&t->launcher, "status 1; not restarted, the");
	launch_guest(t, "keyboard");
	launch_injector(t, "keyboard");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	launch_end(t);
}

/* --- ends --- */

static void a_device_that_does_not_end_is_killed(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=0.05");
	launch_start(t);
	kill_device(t, "keyboard", SIGSTOP);
	launch_end(t);
	assert_num(process_log_count(&t->launcher,
				     "keyboard does not end on SIGTERM"),
		   1);
}

static void a_stubborn_streamer_and_its_children_are_killed(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=0.05");
	launch_arg(t, "--");
	launch_arg(t, "sh");
	launch_arg(t, "-c");
	launch_arg(t, "trap '' TERM; (sleep 1000 & sleep 1000) & "
		      "echo deaf >&2; sleep 1000");
	launch_start(t);
	process_expect_log(&t->launcher, "deaf");
	launch_end(t);
	assert_num(process_log_count(&t->launcher,
				     "the streamer does not end on SIGTERM"),
		   1);
}

static void a_second_signal_kills_at_once(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=1000");
	launch_start(t);
	kill_device(t, "keyboard", SIGSTOP);
	close(t->control);
	t->control = -1;
	assert_sys(kill(t->launcher.pid, SIGTERM));
	process_expect_log(&t->launcher, "launcher: ending");
	assert_num(process_terminate(&t->launcher), 0);
	launch_expect_nothing_left(t);
}

/* The devices were not to end before the streamer. */
static void a_second_signal_kills_what_was_to_end_later(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--stop-timeout=1000");
	launch_arg(t, "--");
	launch_arg(t, "sh");
	launch_arg(t, "-c");
	launch_arg(t, "trap '' TERM; echo deaf >&2; while :; do sleep 1; done");
	launch_start(t);
	process_expect_log(&t->launcher, "deaf");
	close(t->control);
	t->control = -1;
	assert_sys(kill(t->launcher.pid, SIGTERM));
	process_expect_log(&t->launcher, "launcher: ending");
	assert_num(process_terminate(&t->launcher), 0);
	assert_num(process_log_count(&t->launcher, "restarting"), 0);
	launch_expect_nothing_left(t);
}

/*
 * Some are killed, others notice that the launcher has died and end in order.
 * Return: how many there were until none was left.
 */
static int reap_all(void)
{
	int n = 0;

	while (waitpid(-1, NULL, 0) > 0)
		n++;
	return n;
}

static void a_killed_launcher_takes_its_children_with_it(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--on-launcher-death=end");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_relay(t, 0, "{keyboard_fd}", "");
	launch_start(t);
	free(launch_accept_relay(t));
	assert_sys(kill(t->launcher.pid, SIGKILL));
	assert_num(process_wait(&t->launcher), 128 + SIGKILL);
	assert_true(reap_all() >= 3);
	/* Its sockets still exist: the next launcher replaces them. */
	launch_start(t);
	free(launch_accept_relay(t));
	launch_guest(t, "keyboard");
	inject(t->rig, KEY(KEY_B, 1), SYN);
	expect(t->rig, KEY(KEY_B, 1), SYN);
	assert_num(process_terminate(&t->launcher), 0);
	assert_num(waitpid(-1, NULL, WNOHANG), -1);
	/* The directory was not created by this launcher, but it is empty. */
	assert_sys(rmdir(t->place));
}

static int listen_beside(struct launch_test *t, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", t->place, name);
	return rig_unix_listen(path, SOCK_STREAM);
}

static bool exists(struct launch_test *t, const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", t->place, name);
	return !access(path, F_OK);
}

/* One byte more than a label has. */
#define LABEL_33 "abcdefghijklmnopqrstuvwxyz0123456"

static void what_a_killed_launcher_left_is_removed(void **state)
{
	struct launch_test *t = *state;
	struct process other;
	int fd;

	launch_arg(t, "--on-launcher-death=end");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	assert_sys(kill(t->launcher.pid, SIGKILL));
	assert_num(process_wait(&t->launcher), 128 + SIGKILL);
	assert_true(reap_all() >= 2);
	/* Of one that did not end in order. */
	close(listen_beside(t, "pad.sock"));
	/* Neither what is not of a device, nor what another process has. */
	close(listen_beside(t, "vnc"));
	close(listen_beside(t, "-.sock"));
	close(listen_beside(t, "vnc.other"));
	close(listen_beside(t, LABEL_33 ".sock"));
	fd = listen_beside(t, "vnc.sock");
	process_init(&other, "vinput-launch");
	process_arg(&other, "--dir=%s", t->place);
	process_arg(&other, "--keyboard");
	process_start(&other);
	process_expect_log(&other, "launcher: ready");
	assert_num(process_log_count(&other, "sockets of a launcher that was "
					     "killed"),
		   1);
	assert_false(exists(t, "pad.sock"));
	assert_false(exists(t, "mouse.sock"));
	assert_false(exists(t, "mouse.inject"));
	assert_false(exists(t, "mouse.stats"));
	assert_true(exists(t, "vnc"));
	assert_true(exists(t, "-.sock"));
	assert_true(exists(t, "vnc.other"));
	assert_true(exists(t, LABEL_33 ".sock"));
	assert_true(exists(t, "vnc.sock"));
	assert_true(exists(t, "keyboard.sock"));
	assert_num(process_terminate(&other), 0);
	process_fini(&other);
	close(fd);
}

static void a_folder_has_one_launcher_at_a_time(void **state)
{
	struct launch_test *t = *state;
	struct process other;

	launch_arg(t, "--keyboard");
	launch_start(t);
	process_init(&other, "vinput-launch");
	process_arg(&other, "--dir=%s", t->place);
	process_arg(&other, "--mouse");
	assert_num(launch_run_process(&other), 1);
	assert_num(process_log_count(&other, "another vinput-launch"), 1);
	process_fini(&other);
	launch_guest(t, "keyboard");
	launch_end(t);
}

static void a_launcher_that_is_ended_while_it_starts_ends(void **state)
{
	struct launch_test *t = *state;

	launch_server_script(t, "case $* in */k0.inject*) exec sleep 100 ;; "
				"esac; exec \"$REAL\" \"$@\"");
	for (int i = 0; i < 20; i++)
		launch_arg(t, "--device=k%d=keyboard", i);
	process_start(&t->launcher);
	launch_expect_state(t, "k0", "starting");
	launch_end(t);
}

#define test(f) \
	cmocka_unit_test_setup_teardown(f, launch_setup, launch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(nothing_is_stuck_or_lost_after_100_kills),
		test(a_guest_lives_through_100_kills),
		test(other_devices_do_not_notice_a_death),
		test(a_device_past_its_limit_stays_down_until_ordered),
		test(restart_no_lets_a_dead_device_be),
		test(on_failure_lets_a_device_end_in_peace),
		test(always_starts_again_what_ended_in_peace),
		test(what_a_dead_streamer_held_is_released),
		test(a_streamer_can_be_restarted_by_order),
		test(a_streamer_is_not_restarted_before_the_devices),
		test(a_device_that_starts_can_be_restarted_by_order),
		test(no_fd_stays_open_when_children_come_and_go),
		test(a_streamer_that_is_done_ends_all),
		test(a_streamer_that_fails_ends_all_with_restart_no),
		test(a_file_says_what_the_streamer_is),
		test(a_broken_streamer_does_not_end_the_devices),
		test(a_device_that_does_not_end_is_killed),
		test(a_stubborn_streamer_and_its_children_are_killed),
		test(a_second_signal_kills_what_was_to_end_later),
		test(a_second_signal_kills_at_once),
		test(a_killed_launcher_takes_its_children_with_it),
		test(what_a_killed_launcher_left_is_removed),
		test(a_folder_has_one_launcher_at_a_time),
		test(a_launcher_that_is_ended_while_it_starts_ends),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

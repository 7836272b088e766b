/* SPDX-License-Identifier: Apache-2.0 */
/* A device of the launcher from its start to its end: launch-child.h, too. */
#include <sys/stat.h>
#include "tests/lib/fleet-world.h"

#define KBD "[{\"type\": \"keyboard\"}]"

static struct launch_device *kbd;
static char why[LAUNCH_WHY_MAX];

/* A keyboard, whose first process is fakes[0]. */
static void start(const char *devices)
{
	assert_ok(fleet_adds(devices, why));
	kbd = TAILQ_FIRST(&fleet.devices);
	launch_device_start(kbd);
	settle();
}

static void start_ready(void)
{
	start(KBD);
	fake_is_ready(&fakes[0]);
	assert_num(kbd->child.state, LAUNCH_READY);
}

static bool exists(const char *name)
{
	char path[TEMP_DIR_LEN + 40];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return !lstat(path, &st);
}

/* --- its command line --- */

static void expect_words(const struct fake *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static void expect_words(const struct fake *f, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	assert_string_equal(f->words, text);
}

static void a_server_has_its_sockets_and_options(void **state)
{
	const struct launch_endpoints *ep;

	launch_argv_add(&server_args, "--sandbox=off");
	launch_argv_add(&server_args, "--x=1");
	fleet.setup.access = (struct socket_access){ 0640, getgid() };
	start(KBD);
	ep = &kbd->endpoints;
	expect_words(&fakes[0],
		     "SERVER --fd=%d --inject-path=%s/keyboard.inject "
		     "--stats-path=%s/keyboard.stats --state-fd=%d "
		     "--ready-fd=%d --socket-mode=640 --socket-group=%u "
		     "--log-level=info --sandbox=off --x=1 --spec=keyboard",
		     fakes[0].number[0], dir, dir, fakes[0].number[1],
		     fakes[0].number[2], getgid());
	assert_num(fakes[0].n_fds, 4);
	assert_num(fakes[0].ours[0], ep->frontend.fd);
	assert_num(fakes[0].ours[1], ep->state_fd);
	assert_num(fakes[0].ours[3], ep->life.process_fd);
	assert_string_equal(fakes[0].env, kbd->reload.env);
	assert_true(!strncmp(fakes[0].env, "NOTIFY_SOCKET=@", 15));
	assert_false(fakes[0].outlives);
	assert_true(exists("keyboard.sock"));
}

static void an_inline_spec_is_a_file_of_the_server(void **state)
{
	start("[{\"label\": \"k\", \"spec\": {\"a\": 1}}]");
	expect_words(&fakes[0],
		     "SERVER --spec=/proc/self/fd/%d --fd=%d --inject-path=%s/"
		     "k.inject --stats-path=%s/k.stats --state-fd=%d "
		     "--ready-fd=%d --socket-mode=600 --log-level=info",
		     fakes[0].number[0], fakes[0].number[1], dir, dir,
		     fakes[0].number[2], fakes[0].number[3]);
	assert_num(fakes[0].n_fds, 5);
	assert_num(fakes[0].ours[0], kbd->spec.fd);
	assert_num(fakes[0].ours[1], kbd->endpoints.frontend.fd);
}

/* Lists in lists, of which each bracket is more indented. */
static void a_spec_that_is_too_long_is_refused(void **state)
{
	enum {
		DEPTH = 1100
	};
	static char devices[2 * DEPTH + 64];

	snprintf(devices, sizeof(devices),
		 "[{\"label\": \"k\", \"spec\": {\"a\": %0*d%0*d}}]", DEPTH, 0,
		 DEPTH, 0);
	memset(strchr(devices, '0'), '[', DEPTH);
	memset(strchr(devices, '0'), ']', DEPTH);
	assert_num(fleet_adds(devices, why), -1);
	assert_string_equal(why, "k: the spec is longer than 1 MiB, with each "
				 "of its values on a line of its own");
}

static void a_device_of_the_host_has_a_server_of_its_own(void **state)
{
	start("[{\"label\": \"k\", \"passthrough\": \"type=mouse\"}]");
	expect_words(&fakes[0],
		     "PASSTHROUGH --spec-fd=%d --fd=%d --inject-path=%s/"
		     "k.inject --stats-path=%s/k.stats --state-fd=%d "
		     "--ready-fd=%d --socket-mode=600 --log-level=info -- "
		     "type=mouse",
		     fakes[0].number[0], fakes[0].number[1], dir, dir,
		     fakes[0].number[2], fakes[0].number[3]);
	/* It has no spec to read again. */
	fake_is_ready(&fakes[0]);
	launch_device_reload(kbd);
	assert_num(fakes[0].n_signals, 0);
}

/* --- its start --- */

static void it_is_ready_when_its_server_says_so(void **state)
{
	start(KBD);
	assert_num(kbd->child.state, LAUNCH_STARTING);
	pass_s(29);
	assert_num(kbd->child.state, LAUNCH_STARTING);
	fake_is_ready(&fakes[0]);
	assert_num(kbd->child.state, LAUNCH_READY);
	pass_s(100);
	assert_num(fakes[0].n_signals, 0);
	assert_num(kbd->ready.fd, -1);
}

static void a_pipe_that_ends_is_no_readiness(void **state)
{
	start(KBD);
	fake_close(&fakes[0]);
	settle();
	assert_num(kbd->child.state, LAUNCH_STARTING);
	assert_num(kbd->ready.fd, -1);
}

static void one_that_is_not_ready_in_time_is_killed(void **state)
{
	start(KBD);
	pass_s(30.1);
	expect_signal(&fakes[0], SIGKILL, 0);
	fake_ends(&fakes[0], SIGKILL);
	assert_num(kbd->child.state, LAUNCH_FAILED);
	assert_string_equal(kbd->child.why,
			    "vhost-user-input was not ready within 30 s");
	assert_false(exists("keyboard.sock"));
}

static void one_that_ends_before_it_is_ready_has_failed(void **state)
{
	start(KBD);
	fake_says(&fakes[0], "vhost-user-input: first\n");
	fake_says(&fakes[0], "vhost-user-input: no such spec\n");
	expect_log(STAMP "keyboard: first\n");
	fake_ends(&fakes[0], EXITED(2));
	assert_num(kbd->child.state, LAUNCH_FAILED);
	assert_string_equal(kbd->child.why, "no such spec");
	/* The launcher says that line itself. */
	expect_log("");
	assert_num(n_fakes, 1);
}

static void one_that_ends_in_silence_has_failed(void **state)
{
	start("[{\"label\": \"k\", \"passthrough\": \"type=mouse\"}]");
	fake_ends(&fakes[0], EXITED(2));
	assert_string_equal(kbd->child.why,
			    "vinput-passthrough ended with status 2");
	expect_log("");
}

static void one_that_cannot_be_started_has_failed(void **state)
{
	start_error = -ENOENT;
	start(KBD);
	assert_num(kbd->child.state, LAUNCH_FAILED);
	assert_string_equal(kbd->child.why,
			    "cannot start SERVER: No such file or directory");
	assert_num(kbd->lines.fd, -1);
	assert_num(kbd->ready.fd, -1);
	assert_false(exists("keyboard.sock"));
}

/* A file stands where its socket would; then it does not. */
static void one_that_cannot_listen_has_failed(void **state)
{
	char path[TEMP_DIR_LEN + 40], expected[200];

	snprintf(path, sizeof(path), "%s/keyboard.sock", dir);
	file_write(path, "x");
	assert_num(fleet_adds(KBD, why), -1);
	snprintf(expected, sizeof(expected),
		 "cannot listen at %s: a file that is no socket is there",
		 path);
	assert_true(!strncmp(why, expected, 18 + strlen(path)));
	unlink(path);
	assert_num(launch_fleet_count(&fleet), 0);
}

static void half_a_line_is_a_reason_too(void **state)
{
	start(KBD);
	fake_says(&fakes[0], "no memory");
	fake_ends(&fakes[0], EXITED(2));
	assert_string_equal(kbd->child.why, "no memory");
}

/* Nothing of it stays open, and nothing else is closed. */
static void one_whose_paths_are_too_long_is_none(void **state)
{
	static char longer[300];
	char expected[500];

	memset(longer, '/', 101);
	memcpy(longer, dir, strlen(dir));
	fleet.setup.dir = longer;
	assert_num(fleet_adds("[{\"label\": \"k\", \"spec\": \"s\"}]", why),
		   -1);
	snprintf(expected, sizeof(expected), "%s/k.inject: %s", longer,
		 socket_path_strerror(-ENAMETOOLONG));
	assert_string_equal(why, expected);
	assert_sys(fcntl(STDIN_FILENO, F_GETFD));
	/* One byte less has room. */
	longer[98] = '\0';
	assert_ok(fleet_adds("[{\"label\": \"k\", \"spec\": \"s\"}]", why));
}

static void a_wrong_line_is_about_the_spec(void **state)
{
	char line[100];

	start("[{\"label\": \"k\", \"spec\": {\"a\": 1}}]");
	snprintf(line, sizeof(line),
		 "vhost-user-input: /proc/self/fd/%d:1:2: unknown key\n",
		 fakes[0].number[0]);
	fake_says(&fakes[0], line);
	fake_ends(&fakes[0], EXITED(2));
	assert_string_equal(kbd->child.why, "the spec:1:2: unknown key");
}

/* --- its log --- */

static void each_line_is_logged_once_it_was_ready(void **state)
{
	start(KBD);
	fake_says(&fakes[0], "vhost-user-input: serving\n");
	expect_log("");
	fake_is_ready(&fakes[0]);
	expect_log(STAMP "keyboard: serving\n");
	fake_says(&fakes[0], "vinput-passthrough: x\nother: y\n");
	expect_log(STAMP "keyboard: x\n" STAMP "keyboard: other: y\n");
}

/* --- its end --- */

static void it_is_ended_by_sigterm_and_then_by_sigkill(void **state)
{
	start_ready();
	launch_device_end(kbd);
	expect_signal(&fakes[0], SIGTERM, 0);
	launch_device_end(kbd);
	pass_s(4.9);
	assert_num(fakes[0].n_signals, 1);
	expect_log("");
	pass_s(0.2);
	expect_signal(&fakes[0], SIGKILL, 1);
	expect_log(STAMP
		   "launcher: keyboard does not end on SIGTERM; killed\n");
	fake_ends(&fakes[0], SIGKILL);
	assert_num(kbd->child.state, LAUNCH_STOPPED);
	assert_false(exists("keyboard.sock"));
	assert_num(n_fakes, 1);
}

static void one_that_ends_in_time_is_not_killed(void **state)
{
	start_ready();
	launch_device_end(kbd);
	fake_ends(&fakes[0], EXITED(0));
	pass_s(10);
	assert_num(fakes[0].n_signals, 1);
	assert_num(kbd->child.state, LAUNCH_STOPPED);
	expect_log("");
	assert_false(launch_device_runs(kbd));
}

static void one_that_starts_can_be_ended(void **state)
{
	start(KBD);
	launch_device_end(kbd);
	fake_is_ready(&fakes[0]);
	assert_num(kbd->child.state, LAUNCH_STARTING);
	fake_ends(&fakes[0], EXITED(0));
	assert_num(kbd->child.state, LAUNCH_STOPPED);
	assert_string_equal(kbd->child.why, "");
}

static void one_without_a_process_is_stopped_at_once(void **state)
{
	assert_ok(fleet_adds(KBD, why));
	kbd = device("keyboard");
	assert_true(exists("keyboard.sock"));
	launch_device_end(kbd);
	assert_num(kbd->child.state, LAUNCH_STOPPED);
	assert_false(exists("keyboard.sock"));
	kbd->child.state = LAUNCH_FAILED;
	launch_device_end(kbd);
	assert_num(kbd->child.state, LAUNCH_FAILED);
}

/* --- restarts --- */

static void one_that_was_ready_is_restarted_at_once(void **state)
{
	start_ready();
	fake_ends(&fakes[0], EXITED(1));
	expect_log(STAMP "launcher: keyboard ended with status 1; "
			 "restarting it\n");
	assert_num(n_fakes, 2);
	assert_num(kbd->child.state, LAUNCH_STARTING);
	assert_num(kbd->child.history.total, 1);
	/* At its socket, whose connections wait. */
	assert_num(fakes[1].ours[0], kbd->endpoints.frontend.fd);
	fake_is_ready(&fakes[1]);
	assert_num(kbd->child.state, LAUNCH_READY);
}

static void one_that_then_fails_waits_longer_each_time(void **state)
{
	start_ready();
	fake_ends(&fakes[0], EXITED(1));
	fake_says(&fakes[1], "vhost-user-input: no memory\n");
	fake_ends(&fakes[1], EXITED(1));
	assert_num(kbd->child.state, LAUNCH_WAITING);
	assert_string_equal(kbd->child.why, "no memory");
	pass_s(0.09);
	assert_num(n_fakes, 2);
	pass_s(0.02);
	assert_num(n_fakes, 3);
	assert_string_equal(kbd->child.why, "");
	fake_ends(&fakes[2], EXITED(1));
	/* Not what the one before has said. */
	assert_string_equal(kbd->child.why,
			    "vhost-user-input ended with status 1");
	pass_s(0.19);
	assert_num(n_fakes, 3);
	pass_s(0.02);
	assert_num(n_fakes, 4);
}

static void one_past_its_limit_has_failed(void **state)
{
	char path[TEMP_DIR_LEN + 40];

	fleet.setup.restart.limit = 1;
	start_ready();
	fake_ends(&fakes[0], EXITED(1));
	fake_is_ready(&fakes[1]);
	expect_log(STAMP "launcher: keyboard ended with status 1; "
			 "restarting it\n");
	fake_ends(&fakes[1], EXITED(3));
	assert_num(kbd->child.state, LAUNCH_FAILED);
	assert_string_equal(kbd->child.why, "ended with status 3");
	expect_log(STAMP "launcher: keyboard ended with status 3; not "
			 "restarted\n");
	assert_false(exists("keyboard.sock"));
	/* Until somebody asks for it, and it can listen. */
	snprintf(path, sizeof(path), "%s/keyboard.sock", dir);
	file_write(path, "x");
	launch_child_restart(&kbd->child);
	settle();
	assert_num(kbd->child.state, LAUNCH_FAILED);
	assert_true(!strncmp(kbd->child.why, "cannot listen at ", 17));
	assert_num(n_fakes, 2);
	unlink(path);
	launch_child_restart(&kbd->child);
	settle();
	assert_num(n_fakes, 3);
	assert_true(exists("keyboard.sock"));
	assert_string_equal(kbd->child.why, "");
}

static void one_that_ended_well_is_stopped(void **state)
{
	fleet.setup.restart.mode = LAUNCH_RESTART_ON_FAILURE;
	start_ready();
	fake_ends(&fakes[0], EXITED(0));
	assert_num(kbd->child.state, LAUNCH_STOPPED);
	assert_num(n_fakes, 1);
}

static void one_that_was_killed_has_failed(void **state)
{
	fleet.setup.restart.mode = LAUNCH_RESTART_ON_FAILURE;
	start_ready();
	fake_ends(&fakes[0], SIGKILL);
	assert_num(n_fakes, 2);
}

static void a_restart_ends_the_old_process_first(void **state)
{
	start_ready();
	launch_child_restart(&kbd->child);
	expect_signal(&fakes[0], SIGTERM, 0);
	assert_num(kbd->child.state, LAUNCH_WAITING);
	settle();
	assert_num(n_fakes, 1);
	fake_ends(&fakes[0], EXITED(0));
	assert_num(n_fakes, 2);
	assert_num(kbd->child.history.total, 1);
	expect_log("");
	fake_is_ready(&fakes[1]);
	/* One that is ended after all is not started again. */
	launch_child_restart(&kbd->child);
	launch_child_end(&kbd->child);
	fake_ends(&fakes[1], EXITED(0));
	assert_num(n_fakes, 2);
	assert_num(kbd->child.state, LAUNCH_STOPPED);
}

/* It was ready for less time than the launcher took to see that. */
static void readiness_is_read_when_it_has_ended(void **state)
{
	start(KBD);
	assert_num(write(fake_fd(&fakes[0], "--ready-fd="), "\n", 1), 1);
	fake_ends(&fakes[0], EXITED(1));
	assert_num(n_fakes, 2);
	assert_true(kbd->child.ever_ready);
}

static void sockets_of_a_killed_process_are_removed(void **state)
{
	char path[TEMP_DIR_LEN + 40];
	struct socket_path sp;
	const struct socket_access ours = { 0600, (gid_t)-1 };
	int fd;

	start_ready();
	snprintf(path, sizeof(path), "%s/keyboard.inject", dir);
	assert_ok(socket_path_listen(&sp, path, SOCK_STREAM, &ours));
	fd = sp.fd;
	close(fd);
	assert_true(exists("keyboard.inject"));
	fake_ends(&fakes[0], SIGKILL);
	assert_false(exists("keyboard.inject"));
}

/* --- the watchdog --- */

static void one_that_hangs_is_killed_and_restarted(void **state)
{
	fleet.setup.watchdog_s = 10;
	start_ready();
	pass_s(10.1);
	assert_num(fakes[0].n_signals, 0);
	/* Nobody listens at its --stats-path: it does not answer. */
	pass_s(10.1);
	expect_signal(&fakes[0], SIGKILL, 0);
	fake_ends(&fakes[0], SIGKILL);
	expect_log(STAMP "launcher: keyboard did not answer for 10 s; "
			 "restarting it\n");
	assert_num(n_fakes, 2);
	/* The next one is watched when it is ready. */
	pass_s(25);
	assert_num(fakes[1].n_signals, 0);
	fake_is_ready(&fakes[1]);
	pass_s(10.1);
	pass_s(10.1);
	expect_signal(&fakes[1], SIGKILL, 0);
}

static void one_that_is_being_ended_is_not_watched(void **state)
{
	fleet.setup.watchdog_s = 1;
	start_ready();
	pass_s(1.1);
	launch_device_end(kbd);
	pass_s(1.1);
	pass_s(1.1);
	assert_num(fakes[0].n_signals, 1);
	fake_ends(&fakes[0], EXITED(0));
	/* Nor is one that has ended. */
	pass_s(1.1);
	pass_s(1.1);
	assert_string_equal(kbd->child.hung, "");
}

/* --- reload --- */

static void a_reload_waits_until_it_is_ready(void **state)
{
	start(KBD);
	launch_device_reload(kbd);
	assert_num(fakes[0].n_signals, 0);
	fake_is_ready(&fakes[0]);
	expect_signal(&fakes[0], SIGHUP, 0);
	launch_device_reload(kbd);
	expect_signal(&fakes[0], SIGHUP, 1);
	/* The next process reads it anyway. */
	launch_device_end(kbd);
	launch_device_reload(kbd);
	assert_num(fakes[0].n_signals, 3);
	assert_num(fakes[0].signals[2], SIGTERM);
}

static void a_reload_is_forgotten_by_the_next_process(void **state)
{
	start_ready();
	fake_ends(&fakes[0], EXITED(1));
	launch_device_reload(kbd);
	fake_ends(&fakes[1], EXITED(1));
	pass_s(1);
	fake_is_ready(&fakes[2]);
	assert_num(fakes[2].n_signals, 0);
}

static void a_spec_can_be_replaced(void **state)
{
	json_t *spec = json_pack("{s:i}", "b", 2), *is;

	start("[{\"label\": \"k\", \"spec\": {\"a\": 1}}]");
	assert_ok(launch_device_set_spec(kbd, spec));
	assert_ptr_equal(kbd->item.inline_spec, spec);
	assert_ptr_equal(json_object_get(kbd->item.json, "spec"), spec);
	json_decref(spec);
	assert_sys(lseek(kbd->spec.fd, 0, SEEK_SET));
	is = json_loadfd(kbd->spec.fd, 0, NULL);
	assert_num(json_integer_value(json_object_get(is, "b")), 2);
	json_decref(is);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fleet_setup, fleet_teardown)
	const struct CMUnitTest tests[] = {
		T(a_server_has_its_sockets_and_options),
		T(an_inline_spec_is_a_file_of_the_server),
		T(a_spec_that_is_too_long_is_refused),
		T(a_device_of_the_host_has_a_server_of_its_own),
		T(it_is_ready_when_its_server_says_so),
		T(a_pipe_that_ends_is_no_readiness),
		T(one_that_is_not_ready_in_time_is_killed),
		T(one_that_ends_before_it_is_ready_has_failed),
		T(one_that_ends_in_silence_has_failed),
		T(one_that_cannot_be_started_has_failed),
		T(one_that_cannot_listen_has_failed),
		T(half_a_line_is_a_reason_too),
		T(one_whose_paths_are_too_long_is_none),
		T(a_wrong_line_is_about_the_spec),
		T(each_line_is_logged_once_it_was_ready),
		T(it_is_ended_by_sigterm_and_then_by_sigkill),
		T(one_that_ends_in_time_is_not_killed),
		T(one_that_starts_can_be_ended),
		T(one_without_a_process_is_stopped_at_once),
		T(one_that_was_ready_is_restarted_at_once),
		T(one_that_then_fails_waits_longer_each_time),
		T(one_past_its_limit_has_failed),
		T(one_that_ended_well_is_stopped),
		T(one_that_was_killed_has_failed),
		T(a_restart_ends_the_old_process_first),
		T(readiness_is_read_when_it_has_ended),
		T(sockets_of_a_killed_process_are_removed),
		T(one_that_hangs_is_killed_and_restarted),
		T(one_that_is_being_ended_is_not_watched),
		T(a_reload_waits_until_it_is_ready),
		T(a_reload_is_forgotten_by_the_next_process),
		T(a_spec_can_be_replaced),
	};

	return cmocka_run_group_tests_name("launch-device", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Started as Cuttlefish's launcher starts its own back-end: --socket-fd with a
 * listening socket, --device-config, --verbosity, stdin for events and stdout
 * for status events.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

/* All except stdin and stdout. */
static void prepare_as_launcher(struct rig *rig, const char *verbosity)
{
	process_arg(&rig->srv, "--verbosity=%s", verbosity);
	rig->listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM);
	process_arg(&rig->srv, "--socket-fd=%d", rig->listen_fd);
	process_keep_fd(&rig->srv, rig->listen_fd);
	process_arg(&rig->srv, "--device-config=%s/tests/wire/specs/%s.json",
		    test_root(), "keyboard");
}

/* A socket for stdin; rig->inject[0] is its other end. */
static void start_with_socket(struct rig *rig)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	rig->srv.in = fd[1];
	rig->inject[rig->n_inject++] = fd[0];
	process_start(&rig->srv);
	close(fd[1]);
}

static void run_driver(struct rig *rig)
{
	rig_prepare(rig, 256);
	assert_ok(fe_start(&rig->fe));
}

static void stdin_is_the_injection_stream(void **state)
{
	struct rig *rig = *state;

	prepare_as_launcher(rig, "DEBUG");
	rig->lines.frontend = rig->lines.guest = rig->lines.injector = -1;
	start_with_socket(rig);
	run_driver(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void stdout_is_the_status_stream(void **state)
{
	struct rig *rig = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);
	struct vi_event got;
	int in, out;

	prepare_as_launcher(rig, "Info");
	process_start_piped(&rig->srv, &in, &out);
	run_driver(rig);
	assert_ok(fe_send_status(&rig->fe, &led));
	struct pollfd p = { .fd = out, .events = POLLIN };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_num(read(out, &got, sizeof(got)), sizeof(got));
	assert_memory_equal(&got, &led, sizeof(got));
	close(in);
	close(out);
}

/* Cuttlefish often passes /dev/null. */
static void stdout_may_be_the_null_device(void **state)
{
	struct rig *rig = *state;
	const struct vi_event led = LED(LED_CAPSL, 1);

	prepare_as_launcher(rig, "Info");
	start_with_socket(rig);
	run_driver(rig);
	assert_ok(fe_send_status(&rig->fe, &led));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

static void stdout_that_nobody_reads_does_no_harm(void **state)
{
	struct rig *rig = *state;
	int out[2];

	prepare_as_launcher(rig, "Info");
	assert_sys(pipe2(out, O_CLOEXEC));
	rig->srv.out = out[1];
	start_with_socket(rig);
	close(out[1]);
	run_driver(rig);
	/* Twice what a pipe holds, and then no reader at all. */
	for (int i = 0; i < 16384; i++) {
		const struct vi_event led = LED(LED_CAPSL, i % 2);

		assert_ok(fe_send_status(&rig->fe, &led));
	}
	close(out[0]);
	const struct vi_event led = LED(LED_CAPSL, 0);
	assert_ok(fe_send_status(&rig->fe, &led));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

static void stdin_that_is_the_null_device_is_taken(void **state)
{
	struct rig *rig = *state;

	prepare_as_launcher(rig, "Info");
	process_start(&rig->srv);
	run_driver(rig);
	rig_expect_nothing(rig);
}

static void the_end_of_stdin_does_not_end_the_device(void **state)
{
	struct rig *rig = *state;

	prepare_as_launcher(rig, "Info");
	start_with_socket(rig);
	run_driver(rig);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	close(rig->inject[0]);
	rig->inject[0] = -1;
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
	assert_true(process_runs(&rig->srv));
}

/* With other injection options, stdin is closed. */
static void stdin_is_not_read_beside_inject_path(void **state)
{
	struct rig *rig = *state;
	char c;

	prepare_as_launcher(rig, "Info");
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	start_with_socket(rig);
	process_expect_log(&rig->srv, "serving");
	run_driver(rig);
	assert_num(recv(rig->inject[0], &c, 1, MSG_DONTWAIT), 0);
	rig->inject[rig->n_inject++] =
		rig_unix_connect(rig->inject_path, SOCK_STREAM);
	inject_on(rig, 1, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void every_verbosity_of_the_launcher_is_taken(void **state)
{
	static const char *const levels[] = { "Off",   "Error", "Warning",
					      "Info",  "Debug", "Trace",
					      "DEBUG", "off" };
	struct rig *rig = *state;

	rig->unclean = true;
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		prepare_as_launcher(rig, levels[i]);
		process_start(&rig->srv);
		rig_connect(rig);
		assert_ok(fe_negotiate(&rig->fe));
		assert_num(process_terminate(&rig->srv), 0);
		process_fini(&rig->srv);
		close(rig->listen_fd);
		rig->listen_fd = -1;
		assert_sys(unlink(rig->socket));
		process_init(&rig->srv, "vhost-user-input");
	}
}

/* The VMM starts late: its guest gets the current state. */
static void events_before_the_vmm_are_not_replayed(void **state)
{
	struct rig *rig = *state;

	prepare_as_launcher(rig, "Info");
	start_with_socket(rig);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN);
	rig_wait_read(rig->inject[0]);
	run_driver(rig);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(stdin_is_the_injection_stream),
		T(stdout_is_the_status_stream),
		T(stdout_may_be_the_null_device),
		T(stdout_that_nobody_reads_does_no_harm),
		T(stdin_that_is_the_null_device_is_taken),
		T(the_end_of_stdin_does_not_end_the_device),
		T(stdin_is_not_read_beside_inject_path),
		T(every_verbosity_of_the_launcher_is_taken),
		T(events_before_the_vmm_are_not_replayed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-hold between a front-end and servers that are killed: the connection
 * never ends, what was asked is answered, and what is injected arrives. The
 * front-end treats the end of its connection as the end of the VM, as crosvm
 * does: each test ends with "it is still connected".
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "input/base/clock.h"
#include "input/base/fd.h"
#include "tests/lib/respawn.h"

#define CONTINUED "continued by the next back-end"

static struct respawn r;
static bool down[KEY_CNT]; /* as the guest's kernel has it */

static int setup(void **state)
{
	struct rig *rig;

	memset(down, 0, sizeof(down));
	rig_setup(state);
	rig = *state;
	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, SOCK_STREAM);
	return 0;
}

static int teardown(void **state)
{
	respawn_fini(&r);
	return rig_teardown(state);
}

static void expect_connected(struct rig *rig)
{
	struct pollfd p = { .fd = rig->fe.fd, .events = POLLIN | POLLRDHUP };

	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
}

static void expect_hang_up(struct rig *rig)
{
	struct pollfd p = { .fd = rig->fe.fd, .events = POLLRDHUP };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
}

/* The next key that changes in the guest. */
static void expect_key(struct rig *rig, int code, int value)
{
	struct vi_event ev;

	do
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	while (vi_type(&ev) != EV_KEY || down[vi_code(&ev)] == vi_value(&ev));
	down[vi_code(&ev)] = vi_value(&ev);
	assert_num(vi_code(&ev), code);
	assert_num(vi_value(&ev), value);
}

static void expect_typed(struct rig *rig)
{
	expect_key(rig, KEY_A, 1);
	expect_key(rig, KEY_A, 0);
}

static void expect_works(struct rig *rig)
{
	rig_type(rig);
	expect_typed(rig);
}

/* A keyboard whose queues run, behind a holder. */
static void run_held(struct rig *rig, const char *option)
{
	respawn_start(&r);
	rig_hold(rig, option);
	rig_run(rig, NULL, RIG_BUFFERS);
	expect_works(rig);
}

static void expect_continued(struct rig *rig, int times)
{
	for (int ms = 0; process_log_count(&rig->hold, CONTINUED) < times;
	     ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
}

/* The next server, which continues where the last one was killed. */
static void replace_server(struct rig *rig)
{
	const int before = process_log_count(&rig->hold, CONTINUED);

	respawn_kill(&r);
	respawn_start(&r);
	expect_continued(rig, before + 1);
}

/* What the device is asked and answers once it is there again. */
static void expect_answers(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	assert_ok(fe_query(&rig->fe, &msg, 8));
}

static void front_end_reads_the_configuration_through_it(void **state)
{
	struct rig *rig = *state;
	static struct spec spec;

	respawn_start(&r);
	rig_hold(rig, NULL);
	rig_prepare(rig, RIG_BUFFERS);
	assert_ok(fe_read_spec(&rig->fe, &spec));
	assert_string_equal(spec.name, "wire keyboard");
}

static void its_socket_has_the_mode_and_group_that_were_given(void **state)
{
	struct rig *rig = *state;
	/* A group of ours, or for root any. */
	const gid_t gid = getuid() ? getgid() : 54321;
	struct stat st;

	respawn_start(&r);
	process_arg(&rig->hold, "--socket-mode=0640");
	process_arg(&rig->hold, "--socket-group=%u", gid);
	rig_hold(rig, NULL);
	assert_sys(stat(rig->socket, &st));
	assert_num(st.st_mode & 0777, 0640);
	assert_num(st.st_gid, gid);
}

static void key_that_is_typed_after_a_kill_arrives(void **state)
{
	struct rig *rig = *state;

	run_held(rig, NULL);
	replace_server(rig);
	expect_works(rig);
	expect_connected(rig);
}

static void key_that_is_held_when_the_server_is_killed_is_released(void **state)
{
	struct rig *rig = *state;

	run_held(rig, NULL);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect_key(rig, KEY_B, 1);
	respawn_kill(&r);
	inject(rig, KEY(KEY_B, 0), SYN);
	respawn_start(&r);
	expect_key(rig, KEY_B, 0);
	expect_connected(rig);
}

/* Longer than a guest may take to take events: see --stall-ms. */
#define SLOW_MS 50

static void stroke_waits_for_a_session_that_takes_time_to_continue(void **state)
{
	struct rig *rig = *state;

	r.option[0] = "--stall-ms=1";
	run_held(rig, NULL);
	assert_sys(kill(rig->hold.pid, SIGSTOP));
	respawn_kill(&r);
	respawn_start(&r);
	rig_type(rig);
	poll(NULL, 0, SLOW_MS);
	assert_sys(kill(rig->hold.pid, SIGCONT));
	expect_typed(rig);
	expect_connected(rig);
}

static void ten_servers_in_a_row_are_not_noticed(void **state)
{
	struct rig *rig = *state;

	run_held(rig, NULL);
	for (int i = 0; i < 10; i++) {
		replace_server(rig);
		expect_works(rig);
	}
	expect_connected(rig);
}

static void config_read_waits_for_the_next_server(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	run_held(rig, NULL);
	respawn_kill(&r);
	assert_ok(fe_send(&rig->fe, &msg));
	expect_connected(rig);
	respawn_start(&r);
	assert_ok(fe_recv(&rig->fe, &msg));
	assert_num(msg.hdr.request, VU_GET_FEATURES);
	expect_answers(rig);
	expect_connected(rig);
}

static void front_end_that_comes_before_the_server_waits(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	close(r.listen_fd);
	unlink(rig->socket);
	rig_hold(rig, NULL);
	rig_connect(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	expect_connected(rig);
	r.listen_fd = rig_unix_listen(rig->behind, SOCK_STREAM);
	respawn_start(&r);
	assert_ok(fe_recv(&rig->fe, &msg));
	rig_run(rig, NULL, RIG_BUFFERS);
	expect_works(rig);
}

static void next_front_end_finds_nothing_of_the_first(void **state)
{
	struct rig *rig = *state;

	run_held(rig, NULL);
	respawn_kill(&r);
	respawn_start(&r);
	rig_run(rig, NULL, RIG_BUFFERS);
	expect_works(rig);
	expect_connected(rig);
}

/* Nobody runs, and then all of them do. */
static void a_host_that_suspends_changes_nothing(void **state)
{
	struct rig *rig = *state;

	run_held(rig, NULL);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect_key(rig, KEY_B, 1);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	assert_sys(kill(rig->hold.pid, SIGSTOP));
	rig_type(rig);
	poll(NULL, 0, SLOW_MS);
	assert_sys(kill(rig->hold.pid, SIGCONT));
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect_typed(rig);
	inject(rig, KEY(KEY_B, 0), SYN);
	expect_key(rig, KEY_B, 0);
	expect_connected(rig);
}

static void a_second_front_end_is_noticed(void **state)
{
	struct rig *rig = *state;
	int fd;

	run_held(rig, NULL);
	fd = rig_unix_connect(rig->socket, SOCK_STREAM);
	process_expect_log(
		&rig->hold,
		"frontend: another front-end is waiting: a device serves one "
		"VMM or monitor at a time, and one (process ");
	close(fd);
	expect_works(rig);
	expect_connected(rig);
}

/* Return: the process that listens at the injection socket. */
static pid_t server_pid(struct rig *rig)
{
	const int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	struct ucred peer;

	assert_ok(fd_peer(fd, &peer));
	close(fd);
	return peer.pid;
}

static void a_command_that_dies_is_started_again(void **state)
{
	struct rig *rig = *state;

	snprintf(rig->socket, sizeof(rig->socket), "%s/held", rig->dir);
	process_arg(&rig->hold, "--socket-path=%s", rig->socket);
	process_arg(&rig->hold, "--");
	process_arg(&rig->hold, "%s/vhost-user-input", test_bin_dir());
	process_arg(&rig->hold, "--spec=%s", r.spec);
	process_arg(&rig->hold, "--inject-path=%s", rig->inject_path);
	process_start(&rig->hold);
	process_expect_log(&rig->hold, "serving");
	for (int ms = 0; fe_connect(&rig->fe, rig->socket); ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
	}
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, RIG_BUFFERS));
	assert_ok(fe_start(&rig->fe));
	for (int i = 1; i <= 3; i++) {
		assert_sys(kill(server_pid(rig), SIGKILL));
		expect_continued(rig, i);
		expect_answers(rig);
	}
	expect_connected(rig);
}

static void a_command_that_does_not_come_up_ends_the_holder(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->hold, "--socket-path=%s/held", rig->dir);
	process_arg(&rig->hold, "--");
	process_arg(&rig->hold, "false");
	process_start(&rig->hold);
	assert_num(process_wait(&rig->hold), 1);
	assert_num(process_log_count(&rig->hold, "does not come up"), 1);
}

#define GIVE_UP_S 0.5

static void connection_ends_when_no_server_comes_in_time(void **state)
{
	struct rig *rig = *state;
	double since;

	run_held(rig, "--give-up=0.5");
	since = clock_s();
	respawn_kill(&r);
	expect_hang_up(rig);
	assert_true(clock_s() - since >= GIVE_UP_S);
	process_expect_log(&rig->hold, "host: no back-end has continued it in "
				       "time; closing the connection\n");
	respawn_start(&r);
	rig_run(rig, NULL, RIG_BUFFERS);
	expect_works(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			front_end_reads_the_configuration_through_it, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			its_socket_has_the_mode_and_group_that_were_given,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			key_that_is_typed_after_a_kill_arrives, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			key_that_is_held_when_the_server_is_killed_is_released,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			stroke_waits_for_a_session_that_takes_time_to_continue,
			setup, teardown),
		cmocka_unit_test_setup_teardown(
			ten_servers_in_a_row_are_not_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(
			config_read_waits_for_the_next_server, setup, teardown),
		cmocka_unit_test_setup_teardown(
			front_end_that_comes_before_the_server_waits, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			next_front_end_finds_nothing_of_the_first, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_host_that_suspends_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(a_second_front_end_is_noticed,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_command_that_dies_is_started_again, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_command_that_does_not_come_up_ends_the_holder, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			connection_ends_when_no_server_comes_in_time, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGHUP: the spec is read again, and the device changes between two drivers,
 * under injectors that stay connected.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

static void write_spec(struct rig *rig, const char *keys)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	file_write(path,
		   "{ \"name\": \"keys\", \"events\": [ { \"event_type\": "
		   "\"EV_KEY\", \"event_type_code\": 1, \"supported_events\": "
		   "{ %s } } ] }\n",
		   keys);
}

#define A_S "\"KEY_A\": 30, \"KEY_S\": 31"
#define S_D "\"KEY_S\": 31, \"KEY_D\": 32"

/* The text of a shipped spec, which the server knows without parsing it. */
static void write_shipped(struct rig *rig, const char *name)
{
	char path[PATH_MAX], text[4096];
	size_t len;
	FILE *in;

	snprintf(path, sizeof(path), "%s/specs/%s.json", test_root(), name);
	in = fopen(path, "r");
	assert_non_null(in);
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = '\0';
	fclose(in);
	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	file_write(path, "%s", text);
}

static void serve(struct rig *rig)
{
	write_spec(rig, A_S);
	process_arg(&rig->srv, "--spec=%s/spec.json", rig->dir);
	rig_start(rig);
}

static void hup(struct rig *rig, const char *keys, const char *log)
{
	write_spec(rig, keys);
	assert_sys(kill(rig->srv.pid, SIGHUP));
	process_expect_log(&rig->srv, log);
}

static bool shows(struct rig *rig, uint16_t code)
{
	struct spec spec;

	assert_ok(fe_read_spec(&rig->fe, &spec));
	return spec_has(&spec, EV_KEY, code);
}

static void a_driver_that_looks_and_starts_gets_the_new_device(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_S, 1), SYN);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_S, 1), SYN);
	hup(rig, S_D, "the next driver gets");

	/* The driver that runs sees and gets what it knows. */
	assert_true(shows(rig, KEY_A));
	inject(rig, KEY(KEY_D, 1), SYN, KEY(KEY_A, 0), SYN, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 0), SYN, KEY(KEY_A, 1), SYN);

	rig_prepare(rig, 16);
	assert_true(shows(rig, KEY_D));
	assert_false(shows(rig, KEY_A));
	assert_ok(fe_start(&rig->fe));
	expect(rig, KEY(KEY_S, 1), SYN);
	inject(rig, KEY(KEY_A, 0), SYN, KEY(KEY_D, 1), SYN, KEY(KEY_S, 0), SYN);
	expect(rig, KEY(KEY_D, 1), SYN, KEY(KEY_S, 0), SYN);
	rig_expect_nothing(rig);
}

/* As after a suspend: it has the device that it read once. */
static void a_driver_that_does_not_look_keeps_the_old_device(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	hup(rig, S_D, "the next driver gets");
	rig_run(rig, NULL, 16);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_D, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_resumed_driver_keeps_the_old_device(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];

	serve(rig);
	rig_run(rig, NULL, 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&rig->fe, i, &base[i]));
	hup(rig, S_D, "the next driver gets");
	assert_true(shows(rig, KEY_D));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&rig->fe, i, base[i]));
	inject(rig, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_wrong_spec_is_reported_and_changes_nothing(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	hup(rig, "\"KEY_A\": 31337", "spec.json:1:");
	process_expect_log(&rig->srv, "the device is unchanged");
	assert_true(shows(rig, KEY_A));
	rig_run(rig, NULL, 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void the_last_of_many_counts(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	hup(rig, S_D, "the next driver gets");
	hup(rig, "\"KEY_Q\": 16", "the next driver gets");
	rig_prepare(rig, 16);
	for (int i = 0; i < 100 && !shows(rig, KEY_Q); i++)
		poll(NULL, 0, 10);
	assert_true(shows(rig, KEY_Q));
	/* Back to what it was, before any driver started. */
	hup(rig, A_S, "the next driver gets");
	for (int i = 0; i < 100 && shows(rig, KEY_Q); i++)
		poll(NULL, 0, 10);
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_Q, 1), SYN, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void expect_spec(struct rig *rig, const char *name, uint16_t key)
{
	struct spec spec;

	rig_prepare(rig, 16);
	assert_ok(fe_read_spec(&rig->fe, &spec));
	assert_string_equal(spec.name, name);
	assert_true(spec_has(&spec, EV_KEY, key));
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(key, 1), SYN, KEY(key, 0), SYN);
	expect(rig, KEY(key, 1), SYN, KEY(key, 0), SYN);
}

static void change_among_shipped(struct rig *rig, const char *name)
{
	write_shipped(rig, "keyboard");
	process_arg(&rig->srv, "--spec=%s/spec.json", rig->dir);
	rig_start(rig);
	rig_run(rig, NULL, 16);
	expect_spec(rig, name ? name : "vinput Keyboard 0", KEY_COMPOSE);
	hup(rig, S_D, "the next driver gets");
	expect_spec(rig, name ? name : "keys", KEY_D);
	write_shipped(rig, "mouse");
	assert_sys(kill(rig->srv.pid, SIGHUP));
	for (int i = 0; i < DEADLINE_MS / 10 &&
			process_log_count(&rig->srv, "the next driver") < 2;
	     i++)
		poll(NULL, 0, 10);
	expect_spec(rig, name ? name : "vinput Mouse 0", BTN_LEFT);
	rig_expect_nothing(rig);
}

static void a_shipped_spec_changes_as_others_do(void **state)
{
	change_among_shipped(*state, NULL);
}

static void a_shipped_spec_can_be_renamed(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--name=Mine");
	change_among_shipped(rig, "Mine");
}

/* The front-end's channel for requests of ours. Return: its end. */
static int backend_req(struct rig *rig)
{
	struct fe_msg msg = fe_msg(VU_SET_BACKEND_REQ_FD);
	int fd[2];

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_REQ);
	rig_run(rig, NULL, 16);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	msg.fd[0] = fd[1];
	msg.n_fds = 1;
	assert_ok(fe_request(&rig->fe, &msg));
	close(fd[1]);
	return fd[0];
}

static void the_front_end_is_notified_of_a_change_once(void **state)
{
	struct rig *rig = *state;
	struct vu_header hdr[2];

	serve(rig);
	int fd = backend_req(rig);
	hup(rig, S_D, "the next driver gets");
	assert_sys(kill(rig->srv.pid, SIGHUP)); /* nothing new */
	struct pollfd p = { .fd = fd, .events = POLLIN };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	poll(NULL, 0, RIG_QUIET_MS);
	assert_num(recv(fd, hdr, sizeof(hdr), MSG_DONTWAIT), sizeof(hdr[0]));
	assert_num(hdr[0].request, VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_num(hdr[0].flags, VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY);
	assert_num(hdr[0].size, 0);
	assert_num(process_log_count(&rig->srv, "the changed device"), 1);
	close(fd);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_driver_that_looks_and_starts_gets_the_new_device),
		T(a_driver_that_does_not_look_keeps_the_old_device),
		T(a_resumed_driver_keeps_the_old_device),
		T(a_wrong_spec_is_reported_and_changes_nothing),
		T(the_last_of_many_counts),
		T(a_shipped_spec_changes_as_others_do),
		T(a_shipped_spec_can_be_renamed),
		T(the_front_end_is_notified_of_a_change_once),
	};

	return cmocka_run_group_tests_name("spec-change", tests, NULL, NULL);
}

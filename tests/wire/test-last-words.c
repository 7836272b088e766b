/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer sent right before it closed counts, although it left something
 * unread: the kernel then reports a reset connection, before packets that still
 * wait (SOCK_SEQPACKET), and with recvmmsg() before bytes that do.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/inband.h"
#include "tests/lib/respawn.h"

enum way {
	INHERITED,
	KEPT, /* with --state-fd */
	CONNECTED,
};

struct row {
	const char *name;
	int type;
	enum way way;
};

static const struct row rows[] = {
	{ "an_inherited_stream_is_heard_to_its_end", SOCK_STREAM, INHERITED },
	{ "an_inherited_one_of_packets_is_heard_to_its_end", SOCK_SEQPACKET,
	  INHERITED },
	{ "a_kept_stream_is_heard_to_its_end", SOCK_STREAM, KEPT },
	{ "a_kept_one_of_packets_is_heard_to_its_end", SOCK_SEQPACKET, KEPT },
	{ "a_connected_stream_is_heard_to_its_end", SOCK_STREAM, CONNECTED },
	{ "a_connected_one_of_packets_is_heard_to_its_end", SOCK_SEQPACKET,
	  CONNECTED },
};

static const struct row *row_of(const struct rig *rig)
{
	return rig->row;
}

static void run_kept(struct rig *rig)
{
	struct respawn r;

	respawn_init(&r, rig);
	respawn_spec(&r, "keyboard");
	respawn_injector(&r, row_of(rig)->type);
	respawn_start(&r);
	respawn_fini(&r);
	rig_run(rig, NULL, 64);
}

static void run_connected(struct rig *rig)
{
	const int type = row_of(rig)->type;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--inject-type=%s",
		    type == SOCK_STREAM ? "stream" : "seqpacket");
	rig_run(rig, "keyboard", 64);
	close(rig->inject[0]);
	rig->inject[0] = rig_unix_connect(rig->inject_path, type);
}

/* A guest, and injector 0 is what the row says. */
static void run(struct rig *rig)
{
	switch (row_of(rig)->way) {
	case INHERITED:
		rig_injector(rig, row_of(rig)->type);
		rig_run(rig, "keyboard", 64);
		break;
	case KEPT:
		run_kept(rig);
		break;
	case CONNECTED:
		run_connected(rig);
		break;
	}
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

/* Leave injector 0 an LED that it does not read. */
static void light_led(struct rig *rig)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	struct pollfd p = { .fd = rig->inject[0], .events = POLLIN };

	assert_ok(fe_send_status(&rig->fe, &led));
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
}

static void leave(struct rig *rig)
{
	close(rig->inject[0]);
	rig->inject[0] = -1;
}

/* Nothing where there are no packets. */
static void send_empty(struct rig *rig)
{
	if (row_of(rig)->type == SOCK_SEQPACKET)
		assert_num(send(rig->inject[0], "", 0, MSG_NOSIGNAL), 0);
}

static void row_is_heard_to_its_end(void **state)
{
	struct rig *rig = *state;

	run(rig);
	light_led(rig);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	inject(rig, KEY(KEY_A, 0), SYN);
	inject(rig, KEY(KEY_B, 1), SYN);
	send_empty(rig);
	send_empty(rig);
	inject(rig, KEY(KEY_S, 1), SYN);
	send_empty(rig);
	leave(rig);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect(rig, KEY(KEY_A, 0), SYN, KEY(KEY_B, 1), SYN, KEY(KEY_S, 1), SYN,
	       KEY(KEY_S, 0), KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void an_empty_packet_is_not_the_end(void **state)
{
	struct rig *rig = *state;

	rig->row = &rows[1];
	run(rig);
	send_empty(rig);
	send_empty(rig);
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_front_end_that_reads_no_reply_is_heard_to_its_end(void **state)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	const struct fe_msg ask = fe_msg(VU_GET_FEATURES);
	struct rig *rig = *state;
	struct frontend channel;

	inband_run(rig, &channel);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	inband_post_status(rig, led);
	assert_ok(fe_send(&rig->fe, &ask));
	const struct fe_msg kick = fe_msg_state(VU_VRING_KICK, FE_STATUSQ, 0);
	assert_ok(fe_send(&rig->fe, &kick));
	close(rig->fe.fd);
	rig->fe.fd = -1;
	assert_sys(kill(rig->srv.pid, SIGCONT));
	rig_expect_status(rig, 0, &led, 1);
	channel_close(&channel);
	process_expect_log(&rig->srv, "front-end disconnected");
	rig_expect_serves(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest plain[] = {
		T(an_empty_packet_is_not_the_end),
		T(a_front_end_that_reads_no_reply_is_heard_to_its_end),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), rows, T(row_is_heard_to_its_end));
	return cmocka_run_group_tests_name("last-words", tests, NULL, NULL);
}

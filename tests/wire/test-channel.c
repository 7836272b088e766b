/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back-end channel: requests of the device and their answers. SIGHUP with
 * another spec makes it send one: CONFIG_CHANGE.
 */
#include <string.h>
#include "tests/lib/cases.h"
#include "tests/lib/channel.h"

static void serve_and_open(struct rig *rig, struct frontend *channel, int room)
{
	channel_serve(rig);
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_REQ);
	rig_run(rig, NULL, 16);
	channel_open(rig, channel, room);
}

static void answers(struct frontend *channel, uint64_t value)
{
	struct fe_msg answer =
		channel_answer(VU_BACKEND_CONFIG_CHANGE_MSG, value);

	assert_ok(fe_send(channel, &answer));
}

/* Whatever became of the channel, the device still works. */
static void expect_runs(struct rig *rig)
{
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void no_answer_is_requested_without_reply_ack(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	rig->fe.want_protocol &= ~BIT(VU_PROTOCOL_F_REPLY_ACK);
	serve_and_open(rig, &channel, 0);
	expect_runs(rig);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_close(&channel);
}

/* Otherwise they would fill the channel of the sender in the end. */
static void answers_are_read(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 0);
	for (int i = 0; i < 100; i++) {
		channel_change(rig);
		channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
		answers(&channel, 0);
		rig_wait_read(channel.fd);
	}
	channel_expect_nothing(&channel);
	expect_runs(rig);
	channel_close(&channel);
}

static void an_answer_in_pieces_is_one(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;
	struct fe_msg answer = channel_answer(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	size_t len = sizeof(answer.hdr) + answer.hdr.size;

	serve_and_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	for (size_t at = 0; at < len; at++) {
		assert_ok(fe_send_part(&channel, &answer, at, at + 1));
		rig_wait_read(channel.fd);
	}
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	expect_runs(rig);
	channel_close(&channel);
}

static void a_failure_there_is_logged(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	answers(&channel, 22);
	process_expect_log(&rig->srv, "frontend: BACKEND_CONFIG_CHANGE_MSG: "
				      "the front-end replied with error 0x16");
	rig->lines.frontend = 1;
	expect_runs(rig);
	channel_close(&channel);
}

static void answers_may_be_left_out(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 0);
	for (int i = 0; i < 5; i++) {
		channel_change(rig);
		channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	}
	answers(&channel, 0);
	expect_runs(rig);
	channel_close(&channel);
}

static void a_front_end_that_does_not_read_gets_what_waits_later(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;
	struct fe_msg msg;
	int n = 0;

	serve_and_open(rig, &channel, 8);
	for (int i = 0; i < 50; i++)
		channel_change(rig);
	process_expect_log(&rig->srv, "frontend: does not read");
	rig->lines.frontend = 1;
	expect_runs(rig);
	channel.timeout_ms = RIG_QUIET_MS;
	while (!fe_recv(&channel, &msg)) {
		assert_num(msg.hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
		n++;
	}
	assert_in_range(n, 2, 40);
	/* There is room again. */
	channel.timeout_ms = DEADLINE_MS;
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_expect_nothing(&channel);
	channel_close(&channel);
}

static void what_waits_goes_to_the_next_channel(void **state)
{
	struct rig *rig = *state;
	struct frontend full, next;

	serve_and_open(rig, &full, 8);
	for (int i = 0; i < 50; i++)
		channel_change(rig);
	process_expect_log(&rig->srv, "frontend: does not read");
	rig->lines.frontend = 1;
	channel_open(rig, &next, 0);
	channel_expect(rig, &next, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_expect_nothing(&next);
	channel_close(&full);
	channel_close(&next);
}

static void nothing_waits_for_the_next_front_end(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 8);
	for (int i = 0; i < 50; i++)
		channel_change(rig);
	process_expect_log(&rig->srv, "frontend: does not read");
	rig->lines.frontend = 1;
	channel_close(&channel);
	rig_disconnect(rig);
	channel_change(rig);
	rig_run(rig, NULL, 16);
	channel_open(rig, &channel, 0);
	channel_expect_nothing(&channel);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_close(&channel);
}

/* vhost-user: "Suspended device state". */
static void nothing_is_sent_while_all_queues_are_stopped(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;
	uint32_t base[FE_QUEUES];

	serve_and_open(rig, &channel, 0);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&rig->fe, i, &base[i]));
	channel_change(rig);
	channel_change(rig);
	channel_expect_nothing(&channel);
	assert_ok(fe_start_queue(&rig->fe, FE_STATUSQ, base[FE_STATUSQ]));
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_expect_nothing(&channel);
	channel_close(&channel);
}

/* It may send fds then, but has none. */
static void no_fd_comes_where_fds_may_come(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_BACKEND_SEND_FD);
	serve_and_open(rig, &channel, 0);
	assert_true(rig->fe.protocol & BIT(VU_PROTOCOL_F_BACKEND_SEND_FD));
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	answers(&channel, 0);
	expect_runs(rig);
	channel_close(&channel);
}

static void a_channel_that_closes_is_done_without(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 0);
	channel_change(rig);
	channel_close(&channel);
	channel_change(rig);
	expect_runs(rig);
	channel_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	channel_close(&channel);
}

struct wrong {
	const char *name;
	struct vu_header hdr;
};

#define ANSWER (VU_FLAG_VERSION_1 | VU_FLAG_REPLY)

static const struct wrong wrongs[] = {
	{ "answer_to_another_request_is_rejected",
	  { VU_BACKEND_VRING_CALL, ANSWER, 8 } },
	{ "answer_to_an_unknown_request_is_rejected", { 4711, ANSWER, 8 } },
	{ "answer_that_is_no_reply_is_rejected",
	  { VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_VERSION_1, 8 } },
	{ "answer_of_another_version_is_rejected",
	  { VU_BACKEND_CONFIG_CHANGE_MSG, 2 | VU_FLAG_REPLY, 8 } },
	{ "answer_without_payload_is_rejected",
	  { VU_BACKEND_CONFIG_CHANGE_MSG, ANSWER, 0 } },
	{ "answer_with_a_long_payload_is_rejected",
	  { VU_BACKEND_CONFIG_CHANGE_MSG, ANSWER, UINT32_MAX } },
};

static void answer_is_rejected(void **state)
{
	struct rig *rig = *state;
	const struct wrong *wrong = rig->row;
	struct frontend channel;
	struct fe_msg answer = { .hdr = wrong->hdr };

	serve_and_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_ok(fe_send_part(&channel, &answer, 0, sizeof(answer.hdr)));
	rig_expect_violation(rig, "");
	process_expect_log(&rig->srv, "reply without a request");
	channel_close(&channel);
	rig_expect_serves(rig);
}

static void a_second_answer_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct frontend channel;

	serve_and_open(rig, &channel, 0);
	channel_change(rig);
	channel_expect(rig, &channel, VU_BACKEND_CONFIG_CHANGE_MSG);
	answers(&channel, 0);
	rig_wait_read(channel.fd);
	answers(&channel, 0);
	rig_expect_violation(
		rig, "BACKEND_CONFIG_CHANGE_MSG: reply without a request");
	channel_close(&channel);
	rig_expect_serves(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

static const struct CMUnitTest plain[] = {
	T(no_answer_is_requested_without_reply_ack),
	T(answers_are_read),
	T(an_answer_in_pieces_is_one),
	T(a_failure_there_is_logged),
	T(answers_may_be_left_out),
	T(a_front_end_that_does_not_read_gets_what_waits_later),
	T(what_waits_goes_to_the_next_channel),
	T(nothing_waits_for_the_next_front_end),
	T(nothing_is_sent_while_all_queues_are_stopped),
	T(no_fd_comes_where_fds_may_come),
	T(a_channel_that_closes_is_done_without),
	T(a_second_answer_is_rejected),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(wrongs)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), wrongs, T(answer_is_rejected));
	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}

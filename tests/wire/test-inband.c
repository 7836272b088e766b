/* SPDX-License-Identifier: Apache-2.0 */
/*
 * INBAND_NOTIFICATIONS: kicks, calls and errors as messages.
 */
#include <string.h>
#include "tests/lib/cases.h"
#include "tests/lib/held.h"
#include "tests/lib/inband.h"

#define CALL VU_BACKEND_VRING_CALL
#define ERR  VU_BACKEND_VRING_ERR

static struct frontend channel;

static int setup(void **state)
{
	fe_init(&channel);
	return rig_setup(state);
}

static int teardown(void **state)
{
	channel_close(&channel);
	return rig_teardown(state);
}

/* Type, and leave the call for it unanswered. */
static void type_and_be_called(struct rig *rig)
{
	rig_type(rig);
	inband_expect_unanswered(rig, &channel, CALL, FE_EVENTQ);
	rig_expect_typed(rig);
}

/* Its buffers point nowhere. */
static void break_eventq(struct rig *rig)
{
	const struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	uint64_t *desc = ring->desc_area;

	/* Of 16 bytes, the first 8 are the address in either layout. */
	for (uint16_t i = 0; i < ring->num; i++)
		desc[2 * i] = UINT64_MAX;
	inject(rig, KEY(KEY_A, 1), SYN);
}

/* QEMU acks what it does not implement. */
static void it_is_offered_only_if_asked_for(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_PROTOCOL_FEATURES);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	assert_false(msg.u64 & BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS));
}

static void a_queue_starts_with_its_kick_message(void **state)
{
	struct rig *rig = *state;

	inband_prepare(rig, &channel);
	inject(rig, KEY(KEY_A, 1), SYN);
	channel_expect_nothing(&channel);
	assert_ok(inband_kick(rig, FE_EVENTQ));
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	expect(rig, KEY(KEY_A, 1), SYN);
	inject(rig, KEY(KEY_A, 0), SYN);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_kick_message_is_acked_when_its_queue_was_looked_at(void **state)
{
	struct rig *rig = *state;
	struct vring_used_elem elem;

	inband_run(rig, &channel);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	assert_ok(inband_kick(rig, FE_STATUSQ));
	assert_ok(fe_ring_take(&rig->fe.ring[FE_STATUSQ], &elem));
	inband_expect(rig, &channel, CALL, FE_STATUSQ);
	expect_status(rig, LED(LED_CAPSL, 1));
	rig_expect_nothing(rig);
}

static void buffers_of_a_kick_message_are_used(void **state)
{
	struct rig *rig = *state;
	struct vi_event ev;

	inband_run(rig, &channel);
	/* More than the ring holds; the guest makes no buffers available. */
	for (int i = 0; i < 8; i++)
		rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 16);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	for (int i = 0; i < 16; i++)
		assert_ok(fe_recycle_event(&rig->fe, &ev));
	fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
	assert_ok(inband_kick(rig, FE_EVENTQ));
	rig_wait_used(rig, FE_EVENTQ, 16);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	for (int i = 0; i < 4; i++)
		rig_expect_typed(rig);
}

static void a_call_waits_for_the_answer_to_the_one_before(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	type_and_be_called(rig);
	/* Each of these is a batch of its own, but one call covers them all. */
	for (int i = 0; i < 3; i++) {
		rig_type(rig);
		rig_wait_used(rig, FE_EVENTQ, (uint16_t)(4 * (i + 1)));
	}
	channel_expect_nothing(&channel);
	inband_answer(&channel, CALL);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	for (int i = 0; i < 3; i++)
		rig_expect_typed(rig);
	rig_expect_nothing(rig);
	channel_expect_nothing(&channel);
}

static void the_queues_take_turns(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	type_and_be_called(rig);
	rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 4);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	assert_ok(inband_kick(rig, FE_STATUSQ));
	expect_status(rig, LED(LED_CAPSL, 1));
	inband_answer(&channel, CALL);
	inband_expect(rig, &channel, CALL, FE_STATUSQ);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	rig_expect_typed(rig);
	channel_expect_nothing(&channel);
}

/* SET_VRING_KICK, CALL and ERR: "which will be preferred over the message". */
static void fds_are_preferred(void **state)
{
	struct rig *rig = *state;

	inband_want(rig);
	rig_run(rig, "keyboard", 16);
	channel_open(rig, &channel, 0);
	rig_type(rig);
	rig_expect_typed(rig);
	const struct vi_event led = LED(LED_CAPSL, 1);
	assert_ok(fe_send_status(&rig->fe, &led));
	expect_status(rig, LED(LED_CAPSL, 1));
	break_eventq(rig);
	rig_expect_broken(rig, FE_EVENTQ);
	channel_expect_nothing(&channel);
}

static void kick_messages_come_beside_a_kick_fd(void **state)
{
	struct rig *rig = *state;

	inband_want(rig);
	rig_run(rig, "keyboard", 16);
	channel_open(rig, &channel, 0);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	assert_ok(inband_kick(rig, FE_STATUSQ));
	expect_status(rig, LED(LED_CAPSL, 1));
}

/* "... or to enable polling". */
static void the_no_fd_bit_enables_polling(void **state)
{
	struct rig *rig = *state;

	inband_prepare(rig, &channel);
	for (unsigned int i = 0; i < FE_QUEUES; i++) {
		struct fe_msg call = fe_msg_vring_fd(VU_SET_VRING_CALL, i, -1);
		struct fe_msg kick = fe_msg_vring_fd(VU_SET_VRING_KICK, i, -1);

		assert_ok(fe_request(&rig->fe, &call));
		assert_ok(fe_request(&rig->fe, &kick));
	}
	inband_post_status(rig, LED(LED_CAPSL, 1));
	expect_status(rig, LED(LED_CAPSL, 1));
	inband_expect(rig, &channel, CALL, FE_STATUSQ);
}

static void a_queue_without_kick_fd_is_not_polled(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	rig_expect_no_status(rig, 0);
	assert_ok(inband_kick(rig, FE_STATUSQ));
	expect_status(rig, LED(LED_CAPSL, 1));
}

static void a_broken_queue_is_reported_by_a_message(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	break_eventq(rig);
	inband_expect(rig, &channel, ERR, FE_EVENTQ);
	rig_expect_broken(rig, FE_EVENTQ);
	inband_post_status(rig, LED(LED_CAPSL, 1));
	assert_ok(inband_kick(rig, FE_STATUSQ));
	inband_expect(rig, &channel, CALL, FE_STATUSQ);
}

static void a_call_that_finds_the_channel_full_comes_later(void **state)
{
	struct rig *rig = *state;
	struct frontend small;
	struct fe_msg msg;
	int calls = 0;

	inband_want(rig);
	channel_serve(rig);
	inband_run(rig, &channel);
	channel_open(rig, &small, 8);
	channel_close(&channel);
	for (int i = 0; i < 50; i++)
		channel_change(rig);
	process_expect_log(&rig->srv, "frontend: does not read");
	rig->lines.frontend = 1;
	rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 4);
	small.timeout_ms = RIG_QUIET_MS;
	while (!fe_recv(&small, &msg))
		calls += msg.hdr.request == CALL;
	assert_num(calls, 1);
	channel_close(&small);
}

static void calls_before_there_is_a_channel_come_with_it(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	channel_close(&channel);
	rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 4);
	channel_open(rig, &channel, 0);
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	rig_expect_typed(rig);
}

static void a_stopped_queue_calls_no_more(void **state)
{
	struct rig *rig = *state;
	uint32_t base;

	inband_run(rig, &channel);
	type_and_be_called(rig);
	rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 4);
	assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
	inband_answer(&channel, CALL);
	channel_expect_nothing(&channel);
	/* It is sent when the queue resumes. */
	assert_ok(inband_kick(rig, FE_EVENTQ));
	inband_expect(rig, &channel, CALL, FE_EVENTQ);
	rig_expect_typed(rig);
	rig_expect_nothing(rig);
}

static void a_front_end_that_never_answers_blocks_nobody(void **state)
{
	struct rig *rig = *state;

	inband_run(rig, &channel);
	type_and_be_called(rig);
	for (int i = 0; i < 100; i++) {
		struct vi_event ev;

		rig_type(rig);
		rig_wait_used(rig, FE_EVENTQ, 4);
		for (int n = 0; n < 4; n++)
			assert_ok(fe_recycle_event(&rig->fe, &ev));
		fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
		assert_ok(inband_kick(rig, FE_EVENTQ));
	}
	channel_expect_nothing(&channel);
}

/* --- what is rejected --- */

struct pair {
	const char *name;
	uint64_t left_out;
};

static const struct pair pairs[] = {
	{ "inband_without_backend_req_is_rejected",
	  BIT(VU_PROTOCOL_F_BACKEND_REQ) },
	{ "inband_without_reply_ack_is_rejected",
	  BIT(VU_PROTOCOL_F_REPLY_ACK) },
};

static void inband_is_rejected(void **state)
{
	struct rig *rig = *state;
	const struct pair *pair = rig->row;

	inband_want(rig);
	struct fe_msg msg = fe_msg_u64(VU_SET_PROTOCOL_FEATURES,
				       rig->fe.want_protocol & ~pair->left_out);
	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_PROTOCOL_FEATURES: INBAND_NOTIFICATIONS "
				  "needs BACKEND_REQ and REPLY_ACK");
	rig_expect_serves(rig);
}

static void a_kick_message_is_rejected_without_the_feature(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_state(VU_VRING_KICK, 0, 0);

	rig_run(rig, "keyboard", 16);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "VRING_KICK: protocol feature 14");
	rig_expect_serves(rig);
}

static void a_kick_message_is_rejected_for_no_queue(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_state(VU_VRING_KICK, 2, 0);

	inband_run(rig, &channel);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "VRING_KICK: queue 2");
}

static void a_kick_message_is_rejected_with_a_number(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_state(VU_VRING_KICK, 0, 1);

	inband_run(rig, &channel);
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "VRING_KICK: invalid num 1: must be 0");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest plain[] = {
	T(it_is_offered_only_if_asked_for),
	T(a_queue_starts_with_its_kick_message),
	T(a_kick_message_is_acked_when_its_queue_was_looked_at),
	T(buffers_of_a_kick_message_are_used),
	T(a_call_waits_for_the_answer_to_the_one_before),
	T(the_queues_take_turns),
	T(fds_are_preferred),
	T(kick_messages_come_beside_a_kick_fd),
	T(the_no_fd_bit_enables_polling),
	T(a_queue_without_kick_fd_is_not_polled),
	T(a_broken_queue_is_reported_by_a_message),
	T(a_call_that_finds_the_channel_full_comes_later),
	T(calls_before_there_is_a_channel_come_with_it),
	T(a_stopped_queue_calls_no_more),
	T(a_front_end_that_never_answers_blocks_nobody),
	T(a_kick_message_is_rejected_without_the_feature),
	T(a_kick_message_is_rejected_for_no_queue),
	T(a_kick_message_is_rejected_with_a_number),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(pairs)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), pairs, T(inband_is_rejected));
	return HELD_RUN("inband", tests);
}

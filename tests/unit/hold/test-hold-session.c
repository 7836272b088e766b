/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/hold/hold-replay.h"
#include "injector/hold/hold-session.h"
#include "tests/lib/check.h"
#include "tests/lib/said.h"

#define VERSION_1 (UINT64_C(1) << VIRTIO_F_VERSION_1)
#define ACKS	  (UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK)

static void a_new_session_says_nothing(void **state)
{
	struct vu_message msg = said_make(VU_GET_FEATURES, 0);

	hold_session_ask(&said, &msg);
	assert_num(said_replay(0)->n, 0);
	assert_num(said.transfer, HOLD_TRANSFER_NONE);
}

static void what_was_said_is_said_again(void **state)
{
	const struct said_again *all;

	say_u64(VU_SET_FEATURES, VERSION_1);
	say_memory();
	say_queue(0);
	say_queue(1);
	all = said_replay(VERSION_1);
	assert_num(all->rc, 0);
	assert_num(said_find(all, VU_SET_FEATURES)->p.u64, VERSION_1);
	assert_num(said_find(all, VU_ADD_MEM_REG)->n_fds, 1);
	assert_num(said_find(all, VU_SET_VRING_NUM)->p.state.num, 64);
	assert_num(said_find(all, VU_SET_VRING_KICK)->n_fds, 1);
	assert_num(all->msg[all->n - 1].hdr.request, VU_GET_FEATURES);
}

static void a_ring_that_runs_continues_at_its_used_index(void **state)
{
	const struct said_again *all;

	say_memory();
	say_queue(0);
	all = said_replay(0);
	assert_num(said_find(all, VU_SET_VRING_BASE)->p.state.num,
		   SAID_USED_IDX);
}

static void a_packed_ring_continues_where_it_began(void **state)
{
	const struct said_again *all;

	say_u64(VU_SET_FEATURES, UINT64_C(1) << VIRTIO_F_RING_PACKED);
	say_memory();
	say_queue(0);
	all = said_replay(UINT64_MAX);
	assert_num(said_find(all, VU_SET_VRING_BASE)->p.state.num, 7);
}

static void a_queue_that_was_stopped_is_not_started_again(void **state)
{
	struct vu_message reply = said_make(VU_GET_VRING_BASE, 8);
	const struct said_again *all;

	say_memory();
	say_queue(0);
	say_vring_fd(VU_SET_VRING_ERR, 0);
	say_state(VU_GET_VRING_BASE, 0, 0);
	reply.hdr.flags |= VU_FLAG_REPLY;
	reply.p.state = (struct vu_vring_state){ 0, 99 };
	assert_true(hold_session_answer(&said, &reply));
	all = said_replay(0);
	assert_null(said_find(all, VU_SET_VRING_KICK));
	assert_null(said_find(all, VU_SET_VRING_CALL));
	assert_null(said_find(all, VU_SET_VRING_ERR));
	assert_num(said_find(all, VU_SET_VRING_BASE)->p.state.num, 99);
	assert_num(said_n_open(), 1);
}

static void a_reset_forgets_the_queues(void **state)
{
	const struct said_again *all;

	say_memory();
	say_queue(0);
	say_u64(VU_SET_STATUS, 7);
	say_u64(VU_SET_STATUS, 0);
	all = said_replay(0);
	assert_null(said_find(all, VU_SET_VRING_KICK));
	assert_null(said_find(all, VU_SET_STATUS));
	assert_num(said_n_open(), 1);
}

static void a_reset_device_has_no_queue_enabled(void **state)
{
	struct vu_message reset = said_make(VU_RESET_DEVICE, 0);
	const struct said_again *all;

	say_memory();
	say_queue(0);
	hold_session_ask(&said, &reset);
	all = said_replay(0);
	assert_null(said_find(all, VU_SET_VRING_KICK));
	assert_num(said_find(all, VU_SET_VRING_ENABLE)->p.state.num, 0);
	assert_num(said_n_open(), 1);
}

static void an_fd_that_is_replaced_is_dropped(void **state)
{
	say_vring_fd(VU_SET_VRING_CALL, 0);
	say_vring_fd(VU_SET_VRING_CALL, 0);
	assert_num(said_n_open(), 1);
	assert_false(said_is_open[0]);
}

static void a_message_is_kept_once_it_is_acked(void **state)
{
	struct vu_message msg = said_make(VU_SET_STATUS, 8), lost;
	const struct said_again *all;
	const char *why;

	say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	msg.p.u64 = 3;
	hold_session_ask(&said, &msg);
	all = said_replay(UINT64_MAX);
	assert_null(said_find(all, VU_SET_STATUS));
	assert_num(hold_session_lose(&said, &lost, &why), HOLD_RESUME);
	assert_num(hold_session_asked(&said)->p.u64, 3);
	answer_u64(VU_SET_STATUS, 0);
	assert_null(hold_session_asked(&said));
	all = said_replay(UINT64_MAX);
	assert_num(said_find(all, VU_SET_STATUS)->p.u64, 3);
}

static void a_message_that_failed_is_not_said_again(void **state)
{
	struct vu_message msg = said_make(VU_SET_VRING_CALL, 8);
	const struct said_again *all;

	say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	answer_u64(VU_SET_VRING_CALL, 1);
	assert_num(said_n_open(), 0);
	all = said_replay(UINT64_MAX);
	assert_null(said_find(all, VU_SET_VRING_CALL));
}

static void an_answer_to_another_question_is_refused(void **state)
{
	struct vu_message msg = said_make(VU_GET_FEATURES, 0);
	struct vu_message reply = said_make(VU_GET_STATUS, 8);

	reply.hdr.flags |= VU_FLAG_REPLY;
	assert_false(hold_session_answer(&said, &reply));
	hold_session_ask(&said, &msg);
	assert_false(hold_session_answer(&said, &reply));
}

static void a_back_end_with_fewer_features_is_refused(void **state)
{
	say_u64(VU_SET_FEATURES, VERSION_1);
	assert_num(said_replay(0)->rc, HOLD_E_FEATURES);
	assert_num(said_replay(UINT64_MAX)->rc, 0);
}

static void a_snapshot_under_way_fails(void **state)
{
	struct vu_message msg = said_make(VU_SET_DEVICE_STATE_FD, 8), answer;
	const char *why;

	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	answer_u64(VU_SET_DEVICE_STATE_FD, VU_TRANSFER_NOFD);
	assert_num(said_n_open(), 0);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_RESUME);
	msg = said_make(VU_CHECK_DEVICE_STATE, 0);
	assert_true(hold_session_answers(&said, &msg));
	assert_num(msg.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	assert_num(msg.hdr.size, 8);
	assert_num(msg.p.u64, 1);
	msg = said_make(VU_CHECK_DEVICE_STATE, 0);
	assert_false(hold_session_answers(&said, &msg));
}

static void a_snapshot_that_was_not_begun_is_refused(void **state)
{
	struct vu_message msg = said_make(VU_SET_DEVICE_STATE_FD, 8), answer;
	const char *why;

	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_REFUSE);
	assert_num(answer.hdr.request, VU_SET_DEVICE_STATE_FD);
	assert_num(answer.p.u64, VU_TRANSFER_NOFD | 1);
	assert_num(answer.n_fds, 0);
	assert_num(said_n_open(), 0);
	assert_null(hold_session_asked(&said));
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_RESUME);
}

static void postcopy_under_way_cannot_be_resumed(void **state)
{
	struct vu_message msg = said_make(VU_POSTCOPY_ADVISE, 0), answer;
	struct vu_message reply = msg;
	const char *why;

	hold_session_ask(&said, &msg);
	reply.hdr.flags |= VU_FLAG_REPLY;
	assert_true(hold_session_answer(&said, &reply));
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_OVER);
	assert_string_equal(why, "postcopy migration is under way");
	msg = said_make(VU_POSTCOPY_END, 0);
	hold_session_ask(&said, &msg);
	answer_u64(VU_POSTCOPY_END, 0);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_RESUME);
}

static void a_question_that_is_lost_is_dropped_with_its_fd(void **state)
{
	struct vu_message msg = said_make(VU_SET_VRING_CALL, 8);

	say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	said_add_fd(&msg);
	said_add_fd(&msg);
	hold_session_ask(&said, &msg);
	assert_num(msg.n_fds, 0);
	assert_num(said_n_open(), 2);
	hold_session_fini(&said);
	assert_num(said_n_open(), 0);
	assert_null(hold_session_asked(&said));
}

/* What is answered depends on what was negotiated, and on postcopy. */
static const struct question {
	uint32_t request, size;
	bool listening, acks, needs_reply, is;
	uint32_t regions;
} questions[] = {
	{ VU_GET_STATUS, 0, false, false, false, true, 0 },
	{ VU_SET_STATUS, 8, false, false, false, false, 0 },
	{ VU_SET_STATUS, 8, false, true, false, false, 0 },
	{ VU_SET_STATUS, 8, false, false, true, false, 0 },
	{ VU_SET_STATUS, 8, false, true, true, true, 0 },
	{ VU_SET_STATUS, 8, true, false, false, false, 0 },
	{ VU_SET_MEM_TABLE, 40, false, false, false, false, 1 },
	{ VU_SET_MEM_TABLE, 40, false, true, true, true, 1 },
	{ VU_SET_MEM_TABLE, 40, true, false, false, true, 1 },
	{ VU_SET_MEM_TABLE, 8, true, false, false, false, 0 },
	{ VU_SET_MEM_TABLE, 8, true, true, true, true, 0 },
	{ VU_ADD_MEM_REG, 40, false, false, false, false, 0 },
	{ VU_ADD_MEM_REG, 40, true, false, false, true, 0 },
	{ VU_ADD_MEM_REG, 0, true, false, false, false, 0 },
	{ VU_ADD_MEM_REG, 0, true, true, true, true, 0 },
	{ 99, 0, false, false, false, false, 0 },
};

static void what_is_answered_is_waited_for(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(questions); i++) {
		const struct question *q = &questions[i];
		struct vu_message msg = said_make(q->request, q->size);

		say_u64(VU_SET_PROTOCOL_FEATURES, q->acks ? ACKS : 0);
		if (q->listening)
			say_u64(VU_POSTCOPY_LISTEN, 0);
		if (q->needs_reply)
			msg.hdr.flags |= VU_FLAG_NEED_REPLY;
		msg.p.mem_table.n_regions = q->regions;
		hold_session_ask(&said, &msg);
		if (!hold_session_asked(&said) == q->is)
			fail_msg("row %zu: is it answered?", i);
		hold_session_fini(&said);
	}
}

/* The front-end's ack of the addresses, which are its own. */
static void an_ack_in_postcopy_changes_no_memory(void **state)
{
	struct vu_message table = said_make(VU_SET_MEM_TABLE, 8);
	struct vu_message region = said_make(VU_ADD_MEM_REG, 0);

	say_memory();
	say_u64(VU_POSTCOPY_LISTEN, 0);
	table.p.mem_table.n_regions = 0;
	hold_session_ask(&said, &table);
	hold_session_ask(&said, &region);
	assert_num(said_n_open(), 1);
	assert_num(said.n_regions, 1);
	assert_false(said.has_table);
	say_u64(VU_POSTCOPY_END, 0);
	answer_u64(VU_POSTCOPY_END, 0);
	hold_session_ask(&said, &table);
	assert_num(said_n_open(), 0);
	assert_true(said.has_table);
}

/* 0 bytes, or 8 and more, are an answer; others are not. */
static void what_failed_is_not_kept(void **state)
{
	static const struct {
		uint32_t request, size;
		uint64_t u64;
		bool kept;
	} rows[] = {
		{ VU_SET_LOG_BASE, 0, 0, true },
		{ VU_SET_LOG_BASE, 7, 0, false },
		{ VU_SET_LOG_BASE, 8, 1, true },
		{ VU_SET_LOG_BASE, 9, 1, true },
		{ VU_SET_LOG_FD, 8, 0, true },
		{ VU_SET_LOG_FD, 8, 1, false },
		{ VU_SET_LOG_FD, 9, 1, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vu_message msg = said_make(rows[i].request, 0);

		say_u64(VU_SET_PROTOCOL_FEATURES, ACKS);
		msg.hdr.flags |= VU_FLAG_NEED_REPLY;
		said_add_fd(&msg);
		hold_session_ask(&said, &msg);
		msg = said_make(rows[i].request, rows[i].size);
		msg.p.u64 = rows[i].u64;
		assert_false(hold_session_answer(&said, &msg));
		msg.hdr.flags |= VU_FLAG_REPLY;
		assert_true(hold_session_answer(&said, &msg));
		assert_num(said_n_open(), rows[i].kept);
		hold_session_fini(&said);
	}
}

/* A transfer's check that was not answered failed, and is over. */
static void a_check_that_was_not_answered_has_failed(void **state)
{
	struct vu_message msg = said_make(VU_CHECK_DEVICE_STATE, 0), answer;
	const char *why;

	said.transfer = HOLD_TRANSFER_RUNS;
	hold_session_ask(&said, &msg);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_REFUSE);
	assert_num(answer.hdr.request, VU_CHECK_DEVICE_STATE);
	assert_num(answer.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	assert_num(answer.hdr.size, 8);
	assert_num(answer.p.u64, 1);
	assert_null(hold_session_asked(&said));
	msg = said_make(VU_CHECK_DEVICE_STATE, 0);
	assert_false(hold_session_answers(&said, &msg));
}

static void a_transfer_that_was_checked_is_over(void **state)
{
	struct vu_message answer, msg = said_make(VU_CHECK_DEVICE_STATE, 0);
	const char *why;

	said.transfer = HOLD_TRANSFER_RUNS;
	hold_session_ask(&said, &msg);
	answer_u64(VU_CHECK_DEVICE_STATE, 0);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_RESUME);
	assert_false(hold_session_answers(&said, &msg));
}

/* Bits 0 to 7 tell whether it was begun. */
static void a_transfer_that_was_refused_does_not_run(void **state)
{
	struct vu_message answer, msg = said_make(VU_SET_DEVICE_STATE_FD, 8);
	const char *why;

	hold_session_ask(&said, &msg);
	answer_u64(VU_SET_DEVICE_STATE_FD, VU_TRANSFER_NOFD | 1);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_RESUME);
	msg = said_make(VU_CHECK_DEVICE_STATE, 0);
	assert_false(hold_session_answers(&said, &msg));
}

static void an_unknown_request_cannot_be_resumed(void **state)
{
	struct vu_message answer;
	const char *why;

	say_u64(99, 0);
	assert_num(hold_session_lose(&said, &answer, &why), HOLD_OVER);
}

#define test(f) cmocka_unit_test_setup_teardown(f, said_setup, said_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_new_session_says_nothing),
		test(what_was_said_is_said_again),
		test(a_ring_that_runs_continues_at_its_used_index),
		test(a_packed_ring_continues_where_it_began),
		test(a_queue_that_was_stopped_is_not_started_again),
		test(a_reset_forgets_the_queues),
		test(a_reset_device_has_no_queue_enabled),
		test(an_fd_that_is_replaced_is_dropped),
		test(a_message_is_kept_once_it_is_acked),
		test(a_message_that_failed_is_not_said_again),
		test(an_answer_to_another_question_is_refused),
		test(a_back_end_with_fewer_features_is_refused),
		test(a_snapshot_under_way_fails),
		test(a_snapshot_that_was_not_begun_is_refused),
		test(postcopy_under_way_cannot_be_resumed),
		test(a_question_that_is_lost_is_dropped_with_its_fd),
		test(what_is_answered_is_waited_for),
		test(an_ack_in_postcopy_changes_no_memory),
		test(what_failed_is_not_kept),
		test(a_check_that_was_not_answered_has_failed),
		test(a_transfer_that_was_checked_is_over),
		test(a_transfer_that_was_refused_does_not_run),
		test(an_unknown_request_cannot_be_resumed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

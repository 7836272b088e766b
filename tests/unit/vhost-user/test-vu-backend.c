/* SPDX-License-Identifier: Apache-2.0 */
/* What a message is answered with, and when it is not. */
#include "tests/lib/vt.h"

#define ACK  VT_BIT(VU_PROTOCOL_F_REPLY_ACK)
#define NEED (VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY)

static void a_set_is_not_answered(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, ACK);
	assert_rc(vt_u64(v, VU_SET_FEATURES, 0), 0);
	assert_false(v->msg.hdr.flags & VU_FLAG_REPLY);
}

static void need_reply_counts_only_with_reply_ack(void **state)
{
	struct vt *v = *state;

	assert_rc(vt_u64_acked(v, VU_SET_FEATURES, 0), 0);
	assert_rc(vt_u64(v, VU_SET_PROTOCOL_FEATURES, ACK), 0);
	assert_rc(vt_u64_acked(v, VU_SET_FEATURES, 0), VU_HAS_REPLY);
}

static void an_ack_is_a_reply_of_0(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, ACK);
	assert_rc(vt_u64_acked(v, VU_SET_FEATURES, VT_BIT(30)), VU_HAS_REPLY);
	assert_num(v->msg.hdr.request, VU_SET_FEATURES);
	assert_num(v->msg.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	assert_num(v->msg.hdr.size, 8);
	assert_num(v->msg.p.u64, 0);
}

static void a_violation_is_acked_with_a_number_before_the_end(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, ACK);
	assert_rc(vt_u64_acked(v, VU_SET_FEATURES, VT_BIT(63)), VU_E_VIOLATION);
	assert_true(v->msg.hdr.flags & VU_FLAG_REPLY);
	assert_true(v->msg.p.u64 != 0);
}

static void a_violation_is_not_answered_if_no_ack_is_wanted(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, ACK);
	assert_rc(vt_u64(v, VU_SET_FEATURES, VT_BIT(63)), VU_E_VIOLATION);
	assert_false(v->msg.hdr.flags & VU_FLAG_REPLY);
}

static void a_start_that_fails_is_acked_as_a_failure(void **state)
{
	struct vt *v = *state;

	/* The message is legal; what it starts is not. */
	vt_negotiate(v, 0, ACK);
	vt_set_ring(v, 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_rc(vt_u64_acked(v, VU_SET_VRING_KICK, VU_VRING_NOFD),
		  VU_E_VIOLATION);
	vt_check_why(v, "the ring of queue 0 is outside the shared memory, of "
			"which there is none: the VMM must share");
	assert_true(v->msg.hdr.flags & VU_FLAG_REPLY);
	assert_true(v->msg.p.u64 != 0);
}

static void an_answer_is_not_acked_as_well(void **state)
{
	struct vt *v = *state;
	const uint64_t features = vt_get(v, VU_GET_FEATURES);
	struct vu_message msg = {
		.hdr = { VU_GET_FEATURES, NEED, 0 },
		.reply_fd = -1,
	};

	vt_negotiate(v, 0, ACK);
	assert_rc(vu_backend_handle(&v->be, &msg), VU_HAS_REPLY);
	assert_num(msg.p.u64, features);
}

static void fds_that_nobody_wants_are_closed(void **state)
{
	struct vt *v = *state;

	/* The teardown sees it. */
	assert_rc(vt_send(v, VU_SET_OWNER, NULL, 0, v->mem_fd), 0);
	assert_rc(vt_fd(v, VU_SET_VRING_CALL, 0 | VU_VRING_NOFD, v->call[0]),
		  0);
	vt_rejects(v, vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, v->mem_fd),
		   "protocol feature 5");
}

static void queues_of_the_device_are_counted(void **state)
{
	struct vt *v = *state;

	vt_rejects(v, vt_empty(v, VU_GET_QUEUE_NUM), "protocol feature 0");
	vt_negotiate(v, 0, VT_BIT(VU_PROTOCOL_F_MQ));
	assert_num(vt_get(v, VU_GET_QUEUE_NUM), VU_QUEUES_MAX);
}

static void queue_index_is_checked_before_the_state(void **state)
{
	struct vt *v = *state;

	vt_rejects(v, vt_state(v, VU_SET_VRING_NUM, 2, 8),
		   "queue 2: the device has 2");
	vt_rejects(v, vt_state(v, VU_GET_VRING_BASE, UINT32_MAX, 8),
		   "queue 4294967295: the device has 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(a_set_is_not_answered),
		VT(need_reply_counts_only_with_reply_ack),
		VT(an_ack_is_a_reply_of_0),
		VT(a_violation_is_acked_with_a_number_before_the_end),
		VT(a_violation_is_not_answered_if_no_ack_is_wanted),
		VT(a_start_that_fails_is_acked_as_a_failure),
		VT(an_answer_is_not_acked_as_well),
		VT(fds_that_nobody_wants_are_closed),
		VT(queues_of_the_device_are_counted),
		VT(queue_index_is_checked_before_the_state),
	};

	return cmocka_run_group_tests_name("vu-backend", tests, NULL, NULL);
}

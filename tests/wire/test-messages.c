/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front-end may send and what it gets in return; messages that are
 * split, joined and incomplete; fds of other kinds than expected.
 * (test-rejects.c has what is rejected.)
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/rig.h"

static uint64_t get_u64(struct rig *rig, uint32_t request)
{
	struct fe_msg msg = fe_msg(request);

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	assert_num(msg.hdr.size, sizeof(msg.u64));
	return msg.u64;
}

static void serve_and_connect(struct rig *rig)
{
	rig_serve(rig, "keyboard");
	rig_connect(rig);
}

static void serve_and_negotiate(struct rig *rig)
{
	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_RESET_DEVICE) |
				 BIT(VU_PROTOCOL_F_STATUS) |
				 BIT(VU_PROTOCOL_F_BACKEND_REQ);
	serve_and_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
}

static void get_features_offers_what_is_implemented(void **state)
{
	struct rig *rig = *state;

	serve_and_connect(rig);
	assert_num(get_u64(rig, VU_GET_FEATURES),
		   BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_INDIRECT_DESC) |
			   BIT(VIRTIO_F_EVENT_IDX) | BIT(VIRTIO_F_RING_PACKED) |
			   BIT(VIRTIO_F_IN_ORDER) | BIT(VU_F_LOG_ALL) |
			   BIT(VU_F_PROTOCOL_FEATURES));
}

static void get_protocol_features_offers_what_is_implemented(void **state)
{
	struct rig *rig = *state;
	uint64_t due = BIT(VU_PROTOCOL_F_MQ) | BIT(VU_PROTOCOL_F_CONFIG) |
		       BIT(VU_PROTOCOL_F_REPLY_ACK) |
		       BIT(VU_PROTOCOL_F_CONFIGURE_MEM_SLOTS) |
		       BIT(VU_PROTOCOL_F_BACKEND_REQ) |
		       BIT(VU_PROTOCOL_F_BACKEND_SEND_FD) |
		       BIT(VU_PROTOCOL_F_RESET_DEVICE) |
		       BIT(VU_PROTOCOL_F_STATUS) |
		       BIT(VU_PROTOCOL_F_DEVICE_STATE);

	serve_and_connect(rig);
	assert_num(get_u64(rig, VU_GET_PROTOCOL_FEATURES) & due, due);
}

static void get_queue_num_is_2(void **state)
{
	struct rig *rig = *state;

	serve_and_negotiate(rig);
	assert_num(get_u64(rig, VU_GET_QUEUE_NUM), 2);
}

static void get_max_mem_slots_is_32_at_least(void **state)
{
	struct rig *rig = *state;

	serve_and_negotiate(rig);
	assert_true(get_u64(rig, VU_GET_MAX_MEM_SLOTS) >= 32);
}

/* fe_start() requests an ack for each of its messages, and expects 0. */
static void every_set_up_message_is_acked_with_0(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	assert_true(rig->fe.protocol & BIT(VU_PROTOCOL_F_REPLY_ACK));
	rig_expect_nothing(rig);
}

/* As crosvm does it. */
static void a_session_works_without_acks(void **state)
{
	struct rig *rig = *state;

	rig->fe.want_protocol &= ~BIT(VU_PROTOCOL_F_REPLY_ACK);
	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void need_reply_is_ignored_without_reply_ack(void **state)
{
	struct rig *rig = *state;
	struct fe_msg owner = fe_msg(VU_SET_OWNER);

	serve_and_connect(rig);
	owner.hdr.flags |= VU_FLAG_NEED_REPLY;
	assert_ok(fe_send(&rig->fe, &owner));
	get_u64(rig, VU_GET_FEATURES); /* the first answer is its */
	rig_expect_nothing(rig);
}

static void a_get_with_need_reply_is_answered_once(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	serve_and_negotiate(rig);
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	assert_ok(fe_query(&rig->fe, &msg, 8));
	rig_expect_nothing(rig);
}

static void a_violation_is_acked_with_an_error_first(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_state(VU_SET_VRING_NUM, 0, 3);

	serve_and_negotiate(rig);
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_NUM: ");
	rig_expect_serves(rig);
}

/* Cloud Hypervisor and others send more than a handler needs. */
static void unexpected_fds_are_closed(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	int fd[2];
	char byte;

	serve_and_connect(rig);
	assert_sys(pipe2(fd, O_CLOEXEC));
	for (msg.n_fds = 0; msg.n_fds < 8; msg.n_fds++)
		msg.fd[msg.n_fds] = fd[1];
	assert_ok(fe_query(&rig->fe, &msg, 8));
	close(fd[1]);
	/* EOF, not EAGAIN: no copy of the other end is left open. */
	assert_sys(fcntl(fd[0], F_SETFL, O_NONBLOCK));
	assert_num(read(fd[0], &byte, 1), 0);
	close(fd[0]);
}

static void more_fds_than_any_message_has_do_no_harm(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);

	serve_and_connect(rig);
	assert_ok(fe_make_rings(&rig->fe, 16));
	for (msg.n_fds = 0; msg.n_fds < FE_FDS_MAX; msg.n_fds++)
		msg.fd[msg.n_fds] = rig->fe.mem.fd;
	assert_ok(fe_query(&rig->fe, &msg, 8));
	rig_expect_serves(rig);
}

static void rem_mem_reg_may_carry_an_fd(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_REM_MEM_REG);

	serve_and_negotiate(rig);
	assert_ok(fe_make_rings(&rig->fe, 16));
	assert_ok(fe_share_memory(&rig->fe));
	msg.hdr.size = sizeof(msg.region);
	msg.region.region = (struct vu_mem_region){ rig->fe.mem.guest_addr,
						    rig->fe.mem.size,
						    rig->fe.mem.user_addr, 0 };
	msg.fd[0] = rig->fe.mem.fd;
	msg.n_fds = 1;
	assert_ok(fe_request(&rig->fe, &msg));
}

static void expect_ring_untouched(struct rig *rig)
{
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
}

static void start_again(struct rig *rig)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_reset(&rig->fe.ring[i]);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
}

/* The rings start anew afterwards, and all that came meanwhile is sent. */
static void stops_the_rings(struct rig *rig, const struct fe_msg *msg)
{
	rig_run(rig, "keyboard", 16);
	assert_ok(fe_request(&rig->fe, msg));
	expect_ring_untouched(rig);
	start_again(rig);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void status_0_stops_the_rings(void **state)
{
	struct rig *rig = *state;
	const struct fe_msg msg = fe_msg_u64(VU_SET_STATUS, 0);

	rig->fe.want_protocol |=
		BIT(VU_PROTOCOL_F_STATUS) | BIT(VU_PROTOCOL_F_DEVICE_STATE);
	stops_the_rings(rig, &msg);
}

static void reset_device_stops_the_rings(void **state)
{
	struct rig *rig = *state;
	const struct fe_msg msg = fe_msg(VU_RESET_DEVICE);

	rig->fe.want_protocol |= BIT(VU_PROTOCOL_F_RESET_DEVICE);
	stops_the_rings(rig, &msg);
}

/* "or use it to disable all rings". */
static void reset_owner_disables_the_rings_and_no_more(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_RESET_OWNER);
	struct fe_msg enable = fe_msg_state(VU_SET_VRING_ENABLE, FE_EVENTQ, 1);

	rig_run(rig, "keyboard", 16);
	assert_ok(fe_request(&rig->fe, &msg));
	expect_ring_untouched(rig);
	assert_ok(fe_request(&rig->fe, &enable));
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void backend_req_fd_is_taken_and_replaced(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_BACKEND_REQ_FD);
	int fd[2];

	serve_and_negotiate(rig);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	msg.fd[0] = fd[1];
	msg.n_fds = 1;
	assert_ok(fe_request(&rig->fe, &msg));
	assert_ok(fe_request(&rig->fe, &msg));
	close(fd[1]);
	/* Kept as long as the front-end is connected. */
	assert_num(poll(&(struct pollfd){ .fd = fd[0], .events = POLLIN }, 1,
			RIG_QUIET_MS),
		   0);
	rig_disconnect(rig);
	assert_num(poll(&(struct pollfd){ .fd = fd[0], .events = POLLIN }, 1,
			DEADLINE_MS),
		   1);
	close(fd[0]);
}

static void backend_req_fd_must_be_a_socket(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_BACKEND_REQ_FD);

	serve_and_negotiate(rig);
	assert_ok(fe_make_rings(&rig->fe, 16));
	msg.fd[0] = rig->fe.mem.fd;
	msg.n_fds = 1;
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_BACKEND_REQ_FD: ");
	rig_expect_serves(rig);
}

/* Each half must be read before the other is sent. */
static void send_in_two(struct rig *rig, const struct fe_msg *msg, size_t cut)
{
	size_t len = sizeof(msg->hdr) + msg->hdr.size;

	assert_ok(fe_send_part(&rig->fe, msg, 0, cut));
	rig_wait_read(rig->fe.fd);
	assert_ok(fe_send_part(&rig->fe, msg, cut, len));
}

static void a_message_may_be_cut_anywhere(void **state)
{
	struct rig *rig = *state;
	const struct fe_msg msg = {
		.hdr = { VU_GET_CONFIG, VU_FLAG_VERSION_1, 12 + 4 },
		.config = { 0, 4, 0 },
	};
	struct fe_msg reply;

	serve_and_negotiate(rig);
	for (size_t cut = 1; cut < sizeof(msg.hdr) + msg.hdr.size; cut++) {
		send_in_two(rig, &msg, cut);
		assert_ok(fe_recv(&rig->fe, &reply));
		assert_num(reply.hdr.request, VU_GET_CONFIG);
		assert_num(reply.hdr.size, msg.hdr.size);
	}
	rig_expect_nothing(rig);
}

static void a_message_with_an_fd_may_come_byte_by_byte(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_ADD_MEM_REG), ack;

	serve_and_negotiate(rig);
	assert_ok(fe_make_rings(&rig->fe, 16));
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	assert_ok(fe_set_features(&rig->fe));
	msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	msg.hdr.size = sizeof(msg.region);
	msg.region.region = (struct vu_mem_region){ rig->fe.mem.guest_addr,
						    rig->fe.mem.size,
						    rig->fe.mem.user_addr, 0 };
	msg.fd[0] = rig->fe.mem.fd;
	msg.n_fds = 1;
	for (size_t i = 0; i < sizeof(msg.hdr) + msg.hdr.size; i++) {
		assert_ok(fe_send_part(&rig->fe, &msg, i, i + 1));
		rig_wait_read(rig->fe.fd);
	}
	assert_ok(fe_recv(&rig->fe, &ack));
	assert_num(ack.u64, 0);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
	inject(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
}

static void messages_may_come_glued_together(void **state)
{
	struct rig *rig = *state;
	const struct vu_header three[] = {
		{ VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 },
		{ VU_SET_OWNER, VU_FLAG_VERSION_1, 0 },
		{ VU_GET_PROTOCOL_FEATURES, VU_FLAG_VERSION_1, 0 },
	};
	struct fe_msg reply;

	serve_and_connect(rig);
	assert_num(send(rig->fe.fd, three, sizeof(three), MSG_NOSIGNAL),
		   sizeof(three));
	assert_ok(fe_recv(&rig->fe, &reply));
	assert_num(reply.hdr.request, VU_GET_FEATURES);
	assert_ok(fe_recv(&rig->fe, &reply));
	assert_num(reply.hdr.request, VU_GET_PROTOCOL_FEATURES);
	rig_expect_nothing(rig);
}

static void a_front_end_may_leave_in_mid_message(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg_state(VU_SET_VRING_NUM, 0, 64);

	rig_serve(rig, "keyboard");
	for (size_t cut = 0; cut < sizeof(msg.hdr) + msg.hdr.size; cut++) {
		rig_connect(rig);
		assert_ok(fe_send_part(&rig->fe, &msg, 0, cut));
		rig_wait_read(rig->fe.fd);
	}
	rig_expect_serves(rig);
}

/* Unread replies fill the socket; the server must not hang. */
static void a_front_end_may_leave_without_reading_its_replies(void **state)
{
	struct rig *rig = *state;
	const struct vu_header get = { VU_GET_FEATURES, VU_FLAG_VERSION_1, 0 };

	serve_and_connect(rig);
	for (int i = 0; i < 100000; i++) {
		ssize_t n = send(rig->fe.fd, &get, sizeof(get),
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n != sizeof(get))
			break;
	}
	rig_disconnect(rig);
	rig_expect_serves(rig);
}

static int open_kind(const char *kind)
{
	int fd[2];

	if (strcmp(kind, "pipe"))
		return open(kind, O_RDONLY | O_CLOEXEC);
	assert_sys(pipe2(fd, O_CLOEXEC));
	close(fd[0]);
	return fd[1];
}

/* Rejected or accepted, such an fd must not end, block or spin the server. */
static void vring_fds_of_any_kind_do_no_harm(void **state)
{
	static const char *const kinds[] = { "/", "/proc/self/exe", "/dev/null",
					     "/dev/zero", "pipe" };
	static const uint32_t requests[] = { VU_SET_VRING_KICK,
					     VU_SET_VRING_CALL,
					     VU_SET_VRING_ERR };
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig->lines.frontend = -1; /* so many that they are rate-limited */
	for (size_t i = 0; i < 15; i++) {
		int fd = open_kind(kinds[i / 3]);
		struct fe_msg msg = fe_msg_vring_fd(requests[i % 3], 0, fd);
		struct fe_msg get = fe_msg(VU_GET_FEATURES);

		assert_sys(fd);
		rig_prepare(rig, 16);
		assert_ok(fe_start(&rig->fe));
		int rc = fe_request(&rig->fe, &msg);
		if (rc == 0)
			assert_ok(fe_query(&rig->fe, &get, 8));
		else
			assert_rc(rc, FE_E_REFUSED);
		close(fd);
		rig_type(rig);
	}
	rig_disconnect(rig);
	rig_wait_read(rig->inject[0]);
	rig_connect(rig);
	get_u64(rig, VU_GET_FEATURES);
}

static void kick_and_call_may_be_without_fds(void **state)
{
	struct rig *rig = *state;
	struct vi_event ev;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	close(rig->fe.ring[0].kick);
	close(rig->fe.ring[0].call);
	rig->fe.ring[0].kick = -1;
	rig->fe.ring[0].call = -1;
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_ok(fe_recycle_event(&rig->fe, &ev));
	assert_num(vi_code(&ev), KEY_A);
}

static void call_fd_given_late_is_called_for_what_was_missed(void **state)
{
	struct rig *rig = *state;
	int call;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	call = rig->fe.ring[0].call;
	rig->fe.ring[0].call = -1;
	assert_ok(fe_start(&rig->fe));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	rig->fe.ring[0].call = call;
	struct fe_msg msg = fe_msg_vring_fd(VU_SET_VRING_CALL, 0, call);
	assert_ok(fe_request(&rig->fe, &msg));
	assert_ok(fe_wait_call(&rig->fe, 0, DEADLINE_MS));
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(get_features_offers_what_is_implemented),
		T(get_protocol_features_offers_what_is_implemented),
		T(get_queue_num_is_2),
		T(get_max_mem_slots_is_32_at_least),
		T(every_set_up_message_is_acked_with_0),
		T(a_session_works_without_acks),
		T(need_reply_is_ignored_without_reply_ack),
		T(a_get_with_need_reply_is_answered_once),
		T(a_violation_is_acked_with_an_error_first),
		T(unexpected_fds_are_closed),
		T(more_fds_than_any_message_has_do_no_harm),
		T(rem_mem_reg_may_carry_an_fd),
		T(status_0_stops_the_rings),
		T(reset_device_stops_the_rings),
		T(reset_owner_disables_the_rings_and_no_more),
		T(backend_req_fd_is_taken_and_replaced),
		T(backend_req_fd_must_be_a_socket),
		T(a_message_may_be_cut_anywhere),
		T(a_message_with_an_fd_may_come_byte_by_byte),
		T(messages_may_come_glued_together),
		T(a_front_end_may_leave_in_mid_message),
		T(a_front_end_may_leave_without_reading_its_replies),
		T(vring_fds_of_any_kind_do_no_harm),
		T(kick_and_call_may_be_without_fds),
		T(call_fd_given_late_is_called_for_what_was_missed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* How the driver and the front-end are woken, and by which fds. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/vt.h"

static struct vt *started(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, 0);
	vt_share(v);
	vt_start(v, 0);
	vt_start(v, 1);
	vt_signals(v->call[0]);
	vt_ops(v);
	return v;
}

static void the_call_fd_of_the_queue_is_signalled(void **state)
{
	struct vt *v = started(state);

	vu_backend_notify(&v->be, 1);
	assert_num(vt_signals(v->call[0]), 0);
	assert_num(vt_signals(v->call[1]), 1);
}

static void a_new_ring_is_started_without_a_notification(void **state)
{
	struct vt *v = started(state);

	assert_num(vt_signals(v->call[0]), 0);
	assert_num(vt_signals(v->call[1]), 0);
}

static void a_used_ring_is_started_with_a_notification(void **state)
{
	struct vt *v = started(state);

	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_signals(v->call[0]), 1);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 0), 0);
	assert_num(vt_signals(v->call[0]), 0);
	assert_rc(vt_state(v, VU_SET_VRING_ENABLE, 0, 1), 0);
	assert_num(vt_signals(v->call[0]), 1);
}

static void a_new_call_fd_is_signalled_if_the_ring_was_used(void **state)
{
	struct vt *v = started(state);

	assert_rc(vt_fd(v, VU_SET_VRING_CALL, 0, v->call[1]), 0);
	assert_num(vt_signals(v->call[1]), 0);
	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	assert_num(vt_signals(v->call[1]), 1);
	assert_rc(vt_fd(v, VU_SET_VRING_CALL, 0, v->call[0]), 0);
	assert_num(vt_signals(v->call[0]), 1);
	assert_num(vt_signals(v->call[1]), 0);
}

static void without_a_call_fd_nobody_is_signalled(void **state)
{
	struct vt *v = started(state);

	assert_rc(vt_u64(v, VU_SET_VRING_CALL, VU_VRING_NOFD | 0), 0);
	vu_backend_notify(&v->be, 0);
	assert_num(vt_signals(v->call[0]), 0);
	assert_false(vu_backend_blocked(&v->be));
}

static void a_pipe_is_an_event_fd(void **state)
{
	struct vt *v = started(state);
	uint64_t one;
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	assert_rc(vt_fd(v, VU_SET_VRING_CALL, 0, fd[1]), 0);
	assert_true(fcntl(fd[1], F_GETFL) & O_NONBLOCK);
	vu_backend_notify(&v->be, 0);
	assert_num(read(fd[0], &one, sizeof(one)), sizeof(one));
	assert_num(one, 1);
	close(fd[0]);
	close(fd[1]);
}

static void a_socket_and_a_file_are_no_event_fds(void **state)
{
	struct vt *v = started(state);
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	vt_rejects(v, vt_fd(v, VU_SET_VRING_CALL, 0, fd[0]),
		   "its fd is neither an eventfd nor a pipe");
	vt_rejects(v, vt_fd(v, VU_SET_VRING_ERR, 0, v->mem_fd),
		   "its fd is neither an eventfd nor a pipe");
	close(fd[0]);
	close(fd[1]);
}

static void taking_an_event_fd_does_not_signal_it(void **state)
{
	struct vt *v = started(state);

	assert_num(vt_signals(v->kick[0]), 0);
	assert_num(vt_signals(v->err[0]), 0);
}

static void a_full_counter_is_no_failure(void **state)
{
	struct vt *v = started(state);
	const uint64_t full = UINT64_MAX - 1;

	assert_num(write(v->call[0], &full, sizeof(full)), sizeof(full));
	vu_backend_notify(&v->be, 0);
	assert_false(vu_backend_blocked(&v->be));
	assert_num(vt_signals(v->call[0]), full);
}

/* --- by messages on the back-end channel --- */

static int open_channel(struct vt *v)
{
	int fd[2];

	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	assert_rc(vt_send(v, VU_SET_BACKEND_REQ_FD, NULL, 0, fd[0]), 0);
	close(fd[0]);
	return fd[1];
}

static uint32_t request_on(int fd)
{
	struct {
		struct vu_header hdr;
		struct vu_vring_state state;
	} msg = { 0 };

	if (recv(fd, &msg.hdr, sizeof(msg.hdr), 0) < 0)
		return 0;
	if (msg.hdr.size)
		assert_num(recv(fd, &msg.state, sizeof(msg.state), 0),
			   sizeof(msg.state));
	return msg.hdr.request;
}

static void negotiate_inband(struct vt *v)
{
	vu_backend_offer_inband(&v->be);
	vt_negotiate(v, 0,
		     VT_BIT(VU_PROTOCOL_F_INBAND_NOTIFICATIONS) |
			     VT_BIT(VU_PROTOCOL_F_BACKEND_REQ) |
			     VT_BIT(VU_PROTOCOL_F_REPLY_ACK));
	vt_share(v);
}

static void without_fds_the_channel_is_used(void **state)
{
	struct vt *v = *state;

	negotiate_inband(v);
	vt_start(v, 0);
	int fd = open_channel(v);
	vu_backend_notify(&v->be, 0);
	assert_num(request_on(fd), 0);
	assert_rc(vt_u64(v, VU_SET_VRING_CALL, VU_VRING_NOFD), 0);
	assert_rc(vt_u64(v, VU_SET_VRING_ERR, VU_VRING_NOFD), 0);
	vu_backend_notify(&v->be, 0);
	assert_num(request_on(fd), VU_BACKEND_VRING_CALL);
	vu_backend_break(&v->be, 0);
	assert_num(request_on(fd), VU_BACKEND_VRING_ERR);
	assert_num(request_on(fd), 0);
	close(fd);
}

static void without_the_feature_no_message_is_sent(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0, VT_BIT(VU_PROTOCOL_F_BACKEND_REQ));
	vt_share(v);
	vt_start(v, 0);
	int fd = open_channel(v);
	assert_rc(vt_u64(v, VU_SET_VRING_CALL, VU_VRING_NOFD), 0);
	assert_rc(vt_u64(v, VU_SET_VRING_ERR, VU_VRING_NOFD), 0);
	vu_backend_notify(&v->be, 0);
	vu_backend_break(&v->be, 0);
	assert_num(request_on(fd), 0);
	close(fd);
}

static void a_channel_that_comes_late_gets_what_went_unnoticed(void **state)
{
	struct vt *v = *state;

	negotiate_inband(v);
	vt_start(v, 0);
	vt_start(v, 1);
	assert_rc(vt_u64(v, VU_SET_VRING_CALL, VU_VRING_NOFD), 0);
	assert_rc(vt_u64(v, VU_SET_VRING_ERR, VU_VRING_NOFD | 1), 0);
	vt_post(v, 0, 1);
	assert_rc(vt_use_one(v, 0), 0);
	vu_backend_break(&v->be, 1);
	int fd = open_channel(v);
	assert_num(request_on(fd), VU_BACKEND_VRING_CALL);
	assert_num(request_on(fd), VU_BACKEND_VRING_ERR);
	assert_num(request_on(fd), 0);
	close(fd);
}

static void a_suspended_device_sends_nothing(void **state)
{
	struct vt *v = *state;

	negotiate_inband(v);
	vt_start(v, 0);
	vt_start(v, 1);
	int fd = open_channel(v);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 0, 0), VU_HAS_REPLY);
	vu_backend_config_changed(&v->be);
	assert_num(request_on(fd), VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 1, 0), VU_HAS_REPLY);
	vu_backend_config_changed(&v->be);
	assert_num(request_on(fd), 0);
	vt_start(v, 1);
	assert_num(request_on(fd), VU_BACKEND_CONFIG_CHANGE_MSG);
	close(fd);
}

static void a_queue_that_stops_notifies_nobody(void **state)
{
	struct vt *v = *state;
	struct vu_answer got;
	const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) ack = {
		{ VU_BACKEND_VRING_CALL, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 },
		0,
	};

	negotiate_inband(v);
	vt_start(v, 0);
	vt_start(v, 1);
	assert_rc(vt_u64(v, VU_SET_VRING_CALL, VU_VRING_NOFD), 0);
	int fd = open_channel(v);
	vu_backend_notify(&v->be, 0);
	vu_backend_notify(&v->be, 0); /* not before the first is acked */
	assert_num(request_on(fd), VU_BACKEND_VRING_CALL);
	assert_rc(vt_state(v, VU_GET_VRING_BASE, 0, 0), VU_HAS_REPLY);
	assert_num(send(fd, &ack, sizeof(ack), 0), sizeof(ack));
	assert_num(vu_channel_receive(&v->be.channel, &got), 1);
	assert_num(request_on(fd), 0);
	close(fd);
}

static void a_driver_that_is_ok_is_notified_of_a_broken_queue(void **state)
{
	struct vt *v = *state;

	vt_negotiate(v, 0,
		     VT_BIT(VU_PROTOCOL_F_BACKEND_REQ) |
			     VT_BIT(VU_PROTOCOL_F_STATUS));
	vt_share(v);
	vt_start(v, 0);
	vt_start(v, 1);
	int fd = open_channel(v);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0xb), 0);
	vu_backend_break(&v->be, 0);
	assert_num(request_on(fd), 0);
	assert_rc(vt_u64(v, VU_SET_STATUS, 0xf), 0);
	vu_backend_break(&v->be, 1);
	assert_num(request_on(fd), VU_BACKEND_CONFIG_CHANGE_MSG);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		VT(the_call_fd_of_the_queue_is_signalled),
		VT(a_new_ring_is_started_without_a_notification),
		VT(a_used_ring_is_started_with_a_notification),
		VT(a_new_call_fd_is_signalled_if_the_ring_was_used),
		VT(without_a_call_fd_nobody_is_signalled),
		VT(a_pipe_is_an_event_fd),
		VT(a_socket_and_a_file_are_no_event_fds),
		VT(taking_an_event_fd_does_not_signal_it),
		VT(a_full_counter_is_no_failure),
		VT(without_fds_the_channel_is_used),
		VT(without_the_feature_no_message_is_sent),
		VT(a_channel_that_comes_late_gets_what_went_unnoticed),
		VT(a_suspended_device_sends_nothing),
		VT(a_queue_that_stops_notifies_nobody),
		VT(a_driver_that_is_ok_is_notified_of_a_broken_queue),
	};

	return cmocka_run_group_tests_name("vu-notify", tests, NULL, NULL);
}

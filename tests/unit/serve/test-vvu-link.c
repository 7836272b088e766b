/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vvu-link.h between a device and a back-end that are this test: its sessions,
 * its messages, and what each of them gets. No test waits for a timer.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/serve/vvu-link.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-backend.h"
#include "tests/lib/fake-vvu-device.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/same-file.h"

#define TURNS	12
#define MANY	3000 /* messages that no socket takes at once */
#define ADDRESS "0000:00:05.0"

static struct ev_loop *loop;
static struct vvu_link *link_;
static unsigned int too_many; /* calls that pass fds and fail */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (mh->msg_controllen && too_many) {
		too_many--;
		errno = ETOOMANYREFS;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, mh, flags);
}

/* --- a turn --- */

/* Until there is nothing to do, or the next session has to be waited for. */
static void turn(void)
{
	int i = 0;

	do
		ev_run(loop, EVRUN_NOWAIT);
	while (++i < TURNS && !ev_is_active(&link_->retry));
}

static void notify(void)
{
	assert_sys(eventfd_write(link_->device.control_fd, 1));
	turn();
}

static void give(const struct vu_message *msg, unsigned int n)
{
	dev.msg = msg;
	dev.n_msgs = n;
	dev.n_taken = 0;
	notify();
}

#define MESSAGE(request_, flags_, ...)                                      \
	(&(const struct vu_message){ .hdr = { (request_),                   \
					      VU_FLAG_VERSION_1 | (flags_), \
					      sizeof(uint64_t) },           \
				     __VA_ARGS__ })

/* A session begins. */
static void connect_backend(void)
{
	give(MESSAGE(VU_SET_FEATURES, 0, .p.u64 = 5), 1);
	assert_num(backend_receive(), 1);
	assert_num(backend.socket.in.hdr.request, VU_SET_FEATURES);
	assert_num(backend.socket.in.p.u64, 5);
}

/* The next session is waited for, for so long. */
static void expect_retry(double seconds)
{
	const double left = ev_timer_remaining(loop, &link_->retry);

	assert_true(ev_is_active(&link_->retry));
	assert_true(left > seconds * 0.9 && left < seconds * 1.1);
}

static void expire_retry(void)
{
	ev_timer_stop(loop, &link_->retry);
	ev_feed_event(loop, &link_->retry, EV_TIMER);
	ev_run(loop, EVRUN_NOWAIT);
}

static void expire_later(void)
{
	assert_true(ev_is_active(&link_->later));
	ev_timer_stop(loop, &link_->later);
	ev_feed_event(loop, &link_->later, EV_TIMER);
	turn();
}

static int setup_closed(void **state)
{
	too_many = 0;
	memset(&dev, 0, sizeof(dev));
	memset(&backend, 0, sizeof(backend));
	vu_socket_init(&backend.socket, -1);
	n_connected = 0;
	loop = ev_loop_new(EVFLAG_AUTO);
	log_lines_take();
	link_ = vvu_link_new(loop, &backend);
	return 0;
}

static int setup(void **state)
{
	setup_closed(state);
	return vvu_link_open(link_, ADDRESS) || vvu_link_start(link_);
}

static int teardown(void **state)
{
	vvu_link_free(link_);
	assert_false(dev.open);
	/* No watcher is left. */
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	if (frontend_link_connected(&backend))
		assert_rc(backend_receive(), -ECONNRESET);
	vu_socket_fini(&backend.socket);
	ev_loop_destroy(loop);
	assert_logged("");
	log_lines_release();
	return 0;
}

/* --- sessions --- */

static void first_message_connects_the_back_end(void **state)
{
	assert_num(dev.n_starts, 1);
	notify();
	assert_num(n_connected, 0);
	connect_backend();
	give(MESSAGE(VU_SET_OWNER, 0, .fds = { 0 }), 1);
	assert_num(n_connected, 1);
	assert_num(backend_receive(), 1);
	assert_num(backend.socket.in.n_fds, 0);
	backend_send(&backend.socket, VU_GET_FEATURES, VU_FLAG_REPLY);
	turn();
	assert_num(dev.n_got, 1);
	assert_num(dev.got[0].p.u64, VU_GET_FEATURES);
	/* What it reads and writes does not block, nor survive an exec. */
	assert_true(fcntl(backend.socket.fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(backend.socket.fd, F_GETFD) & FD_CLOEXEC);
}

static void device_starts_anew_when_the_back_end_has_ended(void **state)
{
	connect_backend();
	dev.look = VVU_SESSION_ENDED;
	notify();
	/* The back-end reads that, and is waited for. */
	assert_false(ev_is_active(&link_->retry));
	assert_rc(backend_receive(), -ECONNRESET);
	assert_num(dev.n_starts, 1);
	/* Nothing is taken in between. */
	notify();
	assert_num(dev.n_looks, 2);
	backend_ends();
	assert_num(dev.n_starts, 2);
	connect_backend();
	assert_num(n_connected, 2);
}

static void messages_before_the_end_are_passed(void **state)
{
	dev.look = VVU_SESSION_ENDED;
	give(MESSAGE(VU_SET_FEATURES, 0), 2);
	for (uint64_t i = 0; i < 2; i++) {
		assert_num(backend_receive(), 1);
		assert_num(backend.socket.in.p.u64, i);
	}
	assert_rc(backend_receive(), -ECONNRESET);
}

static void last_replies_are_sent_before_the_next_session(void **state)
{
	connect_backend();
	for (uint32_t i = 0; i < 2; i++)
		backend_send(&backend.socket, VU_GET_FEATURES, VU_FLAG_REPLY);
	backend_ends();
	assert_num(dev.n_got, 2);
	assert_num(dev.n_starts, 2);
}

static void sibling_that_said_nothing_is_followed_soon(void **state)
{
	dev.look = VVU_SESSION_ENDED;
	notify();
	expect_retry(0.1);
	assert_num(dev.n_starts, 1);
	expire_retry();
	assert_num(dev.n_starts, 2);
	assert_false(ev_is_active(&link_->retry));
	connect_backend();
}

static void device_that_does_not_start_is_tried_again(void **state)
{
	connect_backend();
	for (int i = 0; i < 2; i++) {
		dev.start = -EIO;
		backend_ends();
		assert_logged("host: --vfio=" ADDRESS ": it does not reset\n");
		expect_retry(1);
		expire_retry();
		/* It is logged once. */
		assert_logged("");
		expect_retry(1);
		/* What it says is not heeded. */
		assert_sys(eventfd_write(link_->device.control_fd, 1));
		ev_run(loop, EVRUN_NOWAIT);
		assert_num(n_connected, i + 1);
		dev.start = 0;
		ev_timer_stop(loop, &link_->retry);
		ev_feed_event(loop, &link_->retry, EV_TIMER);
		turn();
		assert_num(dev.n_starts, 1 + 3 * (i + 1));
		connect_backend();
	}
}

static void session_that_fails_ends_with_a_line(void **state)
{
	static const struct {
		int got;
		const char *line;
	} rows[] = {
		{ VVU_SESSION_BROKEN,
		  "host: --vfio=" ADDRESS ": the device breaks its contract: "
		  "too long\n" },
		{ VVU_SESSION_ENDED, "" },
		{ -EIO, "host: --vfio=" ADDRESS ": Input/output error\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		connect_backend();
		dev.receive = rows[i].got;
		notify();
		assert_logged(rows[i].line);
		assert_rc(backend_receive(), -ECONNRESET);
		dev.receive = 0;
		backend_ends();
	}
	/* So it is when a reply is sent. */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		connect_backend();
		dev.send = rows[i].got;
		backend_send(&backend.socket, VU_GET_FEATURES, VU_FLAG_REPLY);
		turn();
		assert_logged(rows[i].line);
		assert_rc(backend_receive(), -ECONNRESET);
		dev.send = 0;
		backend_ends();
	}
}

/* --- to the device --- */

static void replies_wait_while_the_device_has_no_room(void **state)
{
	connect_backend();
	dev.send = VVU_SESSION_FULL;
	for (uint32_t i = 1; i <= 3; i++)
		backend_send(&backend.socket, i, VU_FLAG_REPLY);
	turn();
	notify();
	assert_num(dev.n_got, 0);
	/* The loop sleeps. */
	assert_false(ev_is_active(&link_->end[VVU_SOCKET].io));
	dev.send = VVU_SESSION_OK;
	turn();
	assert_num(dev.n_got, 0);
	notify();
	assert_num(dev.n_got, 3);
	for (uint32_t i = 0; i < 3; i++)
		assert_num(dev.got[i].p.u64, i + 1);
	assert_true(ev_is_active(&link_->end[VVU_SOCKET].io));
}

static void reply_that_waits_is_not_sent_in_the_next_session(void **state)
{
	connect_backend();
	dev.send = VVU_SESSION_FULL;
	backend_send(&backend.socket, VU_GET_FEATURES, VU_FLAG_REPLY);
	turn();
	dev.look = VVU_SESSION_ENDED;
	notify();
	dev.send = VVU_SESSION_OK;
	notify();
	backend_ends();
	connect_backend();
	assert_num(dev.n_got, 0);
}

static void fds_of_the_back_end_are_closed(void **state)
{
	struct vu_message msg = { .hdr = { VU_GET_INFLIGHT_FD,
					   VU_FLAG_VERSION_1 | VU_FLAG_REPLY },
				  .reply_fd = memfd_create("inflight",
							   MFD_CLOEXEC) };

	connect_backend();
	assert_ok(vu_socket_send(&backend.socket, &msg));
	turn();
	assert_num(dev.n_got, 1);
	assert_num(link_->end[VVU_SOCKET].socket.in.n_fds, 0);
}

/* --- to the back-end --- */

/* which: the fd that comes along, NULL: none. */
static void expect_fd(uint32_t request, uint64_t sent, uint64_t received,
		      const int *which)
{
	struct vu_message *in = &backend.socket.in;

	give(MESSAGE(request, 0, .p.u64 = sent), 1);
	assert_num(backend_receive(), 1);
	assert_num(in->hdr.request, request);
	assert_num(in->p.u64, received);
	assert_num(in->n_fds, which ? 1 : 0);
	if (which)
		assert_same_file(in->fds[0], *which);
	vu_message_close_fds(in);
}

static void kicks_and_calls_come_with_the_queues_fd(void **state)
{
	const int *const kick = link_->device.kick_fd;
	const int *const call = link_->device.call_fd;

	connect_backend();
	for (uint64_t i = 0; i < 2; i++) {
		expect_fd(VU_SET_VRING_KICK, i, i, &kick[i]);
		expect_fd(VU_SET_VRING_CALL, i, i, &call[i]);
		expect_fd(VU_SET_VRING_KICK, i | VU_VRING_NOFD,
			  i | VU_VRING_NOFD, NULL);
		expect_fd(VU_SET_VRING_CALL, i | VU_VRING_NOFD,
			  i | VU_VRING_NOFD, NULL);
		expect_fd(VU_SET_VRING_ERR, i, i | VU_VRING_NOFD, NULL);
	}
	/* One that there is not is the back-end's to reject. */
	expect_fd(VU_SET_VRING_KICK, 2, 2, NULL);
	expect_fd(VU_SET_VRING_CALL, 2, 2, NULL);
}

/* Our user has too many in flight: others' fds count, too. */
static void fds_are_passed_when_they_can_be(void **state)
{
	connect_backend();
	too_many = 2;
	give(MESSAGE(VU_SET_VRING_KICK, 0), 2); /* of queues 0 and 1 */
	assert_num(backend_receive(), 0);
	assert_num(dev.n_taken, 1);
	expire_later();
	assert_num(backend_receive(), 0);
	expire_later();
	assert_num(backend_receive(), 1);
	assert_same_file(backend.socket.in.fds[0], link_->device.kick_fd[0]);
	vu_message_close_fds(&backend.socket.in);
	assert_num(backend_receive(), 1);
	assert_same_file(backend.socket.in.fds[0], link_->device.kick_fd[1]);
	vu_message_close_fds(&backend.socket.in);
	assert_false(ev_is_active(&link_->later));
}

static void fds_are_not_waited_for_without_end(void **state)
{
	connect_backend();
	too_many = UINT_MAX;
	give(MESSAGE(VU_SET_VRING_KICK, 0, .p.u64 = 1), 1);
	/* On a busy machine the timer has expired by itself, too. */
	while (link_->n_later < 500)
		expire_later();
	assert_true(link_->running);
	expire_later();
	assert_logged("host: --vfio=" ADDRESS
		      ": Too many references: cannot splice\n");
	assert_rc(backend_receive(), -ECONNRESET);
	assert_false(ev_is_active(&link_->later));
	backend_ends();
	too_many = 0;
	connect_backend();
}

static struct vu_message table_of(uint64_t size)
{
	struct vu_message msg = {
		.hdr = { VU_SET_MEM_TABLE, VU_FLAG_VERSION_1,
			 sizeof(msg.p.mem_table) },
		.p.mem_table = { 2,
				 0,
				 { { .size = 0x3000, .mmap_offset = 77 },
				   { .size = size } } },
	};

	return msg;
}

static void regions_are_parts_of_the_bar(void **state)
{
	/* To the very end. */
	const struct vu_message msg = table_of(0xc000);
	const struct vu_mem_region *r = backend.socket.in.p.mem_table.regions;

	connect_backend();
	give(&msg, 1);
	assert_num(backend_receive(), 1);
	assert_num(backend.socket.in.n_fds, 2);
	assert_num(r[0].mmap_offset, FAKE_BAR_AT + 0x1000);
	assert_num(r[1].mmap_offset, FAKE_BAR_AT + 0x4000);
	for (unsigned int i = 0; i < 2; i++)
		assert_same_file(backend.socket.in.fds[i],
				 link_->device.vfio.fd);
	vu_message_close_fds(&backend.socket.in);
}

static void regions_past_the_bar_end_the_session(void **state)
{
	const struct vu_message msg = table_of(0xc001);

	connect_backend();
	give(&msg, 1);
	assert_logged("frontend: SET_MEM_TABLE: past the end of the device's "
		      "memory; closing\n");
	assert_rc(backend_receive(), -ECONNRESET);
}

static void table_that_is_wrong_is_passed_without_fds(void **state)
{
	const struct vu_message msg = table_of(0);

	connect_backend();
	give(&msg, 1);
	assert_num(backend_receive(), 1);
	assert_num(backend.socket.in.n_fds, 0);
}

/* Return: the back-end's end of a new channel. */
static struct vu_socket open_channel(void)
{
	struct vu_socket channel;

	give(MESSAGE(VU_SET_BACKEND_REQ_FD, 0), 1);
	assert_num(backend_receive(), 1);
	assert_num(backend.socket.in.n_fds, 1);
	vu_socket_init(&channel, vu_message_steal_fd(&backend.socket.in, 0));
	vu_message_close_fds(&backend.socket.in);
	return channel;
}

static void expect_channel_closed(struct vu_socket *channel)
{
	assert_rc(vu_socket_recv(channel, any_header, NULL), -ECONNRESET);
	vu_socket_fini(channel);
}

static void back_end_channel_is_another_socket(void **state)
{
	struct vu_socket channel;

	connect_backend();
	channel = open_channel();
	backend_send(&channel, VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	turn();
	assert_num(dev.n_got, 1);
	assert_num(dev.got[0].hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
	give(MESSAGE(VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_REPLY), 1);
	assert_num(vu_socket_recv(&channel, any_header, NULL), 1);
	assert_num(channel.in.hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_num(backend_receive(), 0);
	/* The session goes on without it; late answers are dropped. */
	vu_socket_fini(&channel);
	turn();
	assert_num(link_->end[VVU_CHANNEL].socket.fd, -1);
	give(MESSAGE(VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_REPLY), 1);
	assert_num(dev.n_taken, 1);
	assert_num(backend_receive(), 0);
}

static void request_waits_while_the_device_has_no_room(void **state)
{
	struct vu_socket channel;

	connect_backend();
	channel = open_channel();
	dev.send = VVU_SESSION_FULL;
	backend_send(&channel, VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	turn();
	dev.send = VVU_SESSION_OK;
	notify();
	assert_num(dev.n_got, 1);
	vu_socket_fini(&channel);
}

static void channel_ends_with_the_next_one_and_the_session(void **state)
{
	struct vu_socket first, second;

	connect_backend();
	first = open_channel();
	second = open_channel();
	expect_channel_closed(&first);
	backend_ends();
	expect_channel_closed(&second);
	connect_backend();
	first = open_channel();
	dev.look = VVU_SESSION_ENDED;
	notify();
	expect_channel_closed(&first);
}

static void answer_without_a_back_end_connects_none(void **state)
{
	give(MESSAGE(VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_REPLY), 1);
	assert_num(dev.n_taken, 1);
	assert_num(n_connected, 0);
}

/* Return: how many messages the back-end found, which are in their order. */
static unsigned int backend_receive_from(unsigned int first)
{
	unsigned int n = 0;

	for (; backend_receive() == 1; n++)
		assert_num(backend.socket.in.p.u64, first + n);
	return n;
}

static void messages_are_taken_in_parts(void **state)
{
	connect_backend();
	dev.msg = MESSAGE(VU_SET_FEATURES, 0);
	dev.n_msgs = 130;
	dev.n_taken = 0;
	assert_sys(eventfd_write(link_->device.control_fd, 1));
	for (unsigned int taken = 64; taken <= 128; taken += 64) {
		ev_run(loop, EVRUN_NOWAIT);
		assert_num(dev.n_taken, taken);
	}
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(dev.n_taken, 130);
	/* And then it sleeps. */
	dev.n_looks = 0;
	turn();
	assert_num(dev.n_looks, 0);
	assert_num(backend_receive_from(0), 130);
}

static void messages_wait_for_a_back_end_that_does_not_read(void **state)
{
	unsigned int n = 0, before;

	connect_backend();
	give(MESSAGE(VU_SET_FEATURES, 0), MANY);
	for (before = 0; before != dev.n_taken; turn())
		before = dev.n_taken;
	assert_true(dev.n_taken < MANY);
	assert_true(link_->end[VVU_SOCKET].full);
	notify();
	assert_num(dev.n_taken, before);
	/* Its replies are still taken. */
	backend_send(&backend.socket, VU_GET_FEATURES, VU_FLAG_REPLY);
	turn();
	assert_num(dev.n_got, 1);
	while (n < MANY) {
		const unsigned int more = backend_receive_from(n);

		assert_num(more > 0, 1);
		n += more;
		turn();
	}
	assert_num(n, MANY);
	assert_false(link_->end[VVU_SOCKET].full);
}

/* --- life --- */

static void device_that_cannot_be_opened_is_named(void **state)
{
	dev.start = -EPERM;
	assert_rc(vvu_link_open(link_, "1"), -EPERM);
	assert_logged("host: --vfio=1: not at 1\n");
}

static void device_without_an_iommu_is_warned_of(void **state)
{
	dev.no_iommu = true;
	assert_ok(vvu_link_open(link_, ADDRESS));
	assert_logged("host: --vfio=" ADDRESS ": without an IOMMU the device "
		      "can access all memory of this machine\n");
}

static void none_can_be_freed(void **state)
{
	vvu_link_free(NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define CLOSED(name) \
	cmocka_unit_test_setup_teardown(name, setup_closed, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(first_message_connects_the_back_end),
		T(device_starts_anew_when_the_back_end_has_ended),
		T(messages_before_the_end_are_passed),
		T(last_replies_are_sent_before_the_next_session),
		T(sibling_that_said_nothing_is_followed_soon),
		T(device_that_does_not_start_is_tried_again),
		T(session_that_fails_ends_with_a_line),
		T(replies_wait_while_the_device_has_no_room),
		T(reply_that_waits_is_not_sent_in_the_next_session),
		T(fds_of_the_back_end_are_closed),
		T(kicks_and_calls_come_with_the_queues_fd),
		T(fds_are_passed_when_they_can_be),
		T(fds_are_not_waited_for_without_end),
		T(regions_are_parts_of_the_bar),
		T(regions_past_the_bar_end_the_session),
		T(table_that_is_wrong_is_passed_without_fds),
		T(back_end_channel_is_another_socket),
		T(request_waits_while_the_device_has_no_room),
		T(channel_ends_with_the_next_one_and_the_session),
		T(answer_without_a_back_end_connects_none),
		T(messages_are_taken_in_parts),
		T(messages_wait_for_a_back_end_that_does_not_read),
		CLOSED(device_that_cannot_be_opened_is_named),
		CLOSED(device_without_an_iommu_is_warned_of),
		cmocka_unit_test(none_can_be_freed),
	};

	return cmocka_run_group_tests_name("vvu-link", tests, NULL, NULL);
}

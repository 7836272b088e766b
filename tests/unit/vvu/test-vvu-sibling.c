/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sibling's end of a VVU device: what its messages leave in the device, and
 * how it is kicked and called. The test is the sibling's VMM at one end of a
 * socket pair, and the device's owner.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/vvu/vvu-sibling.h"
#include "input/base/fd-pass.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define LAST (VVU_VHOST_QUEUES - 1)

static struct ev_loop *loop;
static struct vvu_sibling s;
static int vmm; /* the other end */
static unsigned int kicks[VVU_VHOST_QUEUES], changes;

static void changed(void *arg)
{
	assert_ptr_equal(arg, kicks);
	changes++;
	hold_link_settle(&s.link);
	hold_link_settle(&s.channel);
}

static void kicked(void *arg, unsigned int queue)
{
	assert_ptr_equal(arg, kicks);
	kicks[queue]++;
}

static const struct vvu_sibling_ops ops = { changed, kicked };

static void turn(void)
{
	for (int i = 0; i < 4; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static int stream_pair(int *other)
{
	int fd[2];

	assert_sys(socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fd));
	*other = fd[1];
	return fd[0];
}

static void connect_vmm(void)
{
	vvu_sibling_open(&s, stream_pair(&vmm));
}

static int setup(void **state)
{
	loop = ev_loop_new(EVFLAG_AUTO);
	memset(kicks, 0, sizeof(kicks));
	changes = 0;
	fill_with_garbage(&s);
	vvu_sibling_init(&s, loop, &ops, kicks);
	assert_ok(vvu_memory_init(&s.memory, 1 << 20, -1));
	assert_false(vvu_sibling_is_open(&s));
	connect_vmm();
	assert_true(vvu_sibling_is_open(&s));
	return 0;
}

static int teardown(void **state)
{
	vvu_sibling_close(&s);
	vvu_sibling_close(&s);
	assert_false(vvu_sibling_is_open(&s));
	close(vmm);
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	return 0;
}

static void send_to(int to, uint32_t request, uint32_t flags, uint64_t value,
		    int fd)
{
	const struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed))
	msg = { { request, flags | VU_FLAG_VERSION_1, 8 }, value };
	const struct iovec whole = { (void *)&msg, sizeof(msg) };

	assert_num(fd_pass_send(to, &whole, &fd, fd >= 0), sizeof(msg));
	turn();
}

/* The sibling sends; fd is borrowed. Return: as vvu_sibling_take(). */
static const char *take(uint32_t request, uint64_t value, int fd)
{
	struct hold_link *link;
	const char *why;

	send_to(vmm, request, 0, value, fd);
	link = vvu_sibling_waiting(&s);
	assert_ptr_equal(link, &s.link);
	why = vvu_sibling_take(&s, link);
	if (!why)
		hold_link_next(link);
	changed(kicks);
	return why;
}

static int event_fd(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_sys(fd);
	return fd;
}

static void kick(int fd)
{
	assert_sys(eventfd_write(fd, 1));
	turn();
}

/* --- kicks and calls --- */

static void each_queue_is_kicked_by_its_fd(void **state)
{
	int first = event_fd(), last = event_fd(), other = event_fd();

	assert_null(take(VU_SET_VRING_KICK, 0, first));
	assert_null(take(VU_SET_VRING_KICK, LAST, last));
	kick(first);
	assert_num(kicks[0], 1);
	assert_num(kicks[LAST], 0);
	kick(last);
	assert_num(kicks[LAST], 1);
	/* Another one replaces it, and none ends it. */
	assert_null(take(VU_SET_VRING_KICK, 0, other));
	kick(first);
	assert_num(kicks[0], 1);
	kick(other);
	assert_num(kicks[0], 2);
	assert_null(take(VU_SET_VRING_KICK, VU_VRING_NOFD, -1));
	kick(other);
	assert_num(kicks[0], 2);
	close(first);
	close(last);
	close(other);
}

/* Those beyond are not lost: they are told later, as one. */
static void too_many_kicks_are_put_off(void **state)
{
	struct vvu_vhost_queue *q = &s.queue[3];
	int fd = event_fd();

	assert_null(take(VU_SET_VRING_KICK, 3, fd));
	for (int i = 0; i < 64; i++) {
		assert_true(ev_is_active(&q->kick));
		s.kicks.since_ns =
			INT64_MAX; /* this time does not end by itself */
		assert_sys(eventfd_write(fd, 1));
		ev_run(loop, EVRUN_NOWAIT);
	}
	assert_num(kicks[3], 64);
	assert_false(ev_is_active(&q->kick));
	assert_true(ev_is_active(&s.kicks.again));
	ev_timer_stop(loop, &s.kicks.again);
	kick(fd);
	kick(fd);
	assert_num(kicks[3], 64);
	/* It has ended, and the next one begins. */
	s.kicks.since_ns = 0;
	ev_feed_event(loop, &s.kicks.again, EV_TIMER);
	turn();
	assert_num(kicks[3], 65);
	assert_num(s.kicks.n, 1);
	assert_true(s.kicks.since_ns > 0);
	close(fd);
}

static void a_queue_is_called_by_its_fd(void **state)
{
	int fd = event_fd();
	eventfd_t count;

	vvu_sibling_call(&s, 2); /* nobody wants it */
	assert_null(take(VU_SET_VRING_CALL, 2, fd));
	vvu_sibling_call(&s, 1);
	vvu_sibling_call(&s, 2);
	vvu_sibling_call(&s, 2);
	assert_sys(eventfd_read(fd, &count));
	assert_num(count, 2);
	assert_null(take(VU_SET_VRING_CALL, 2 | VU_VRING_NOFD, -1));
	vvu_sibling_call(&s, 2);
	assert_num(eventfd_read(fd, &count), -1);
	close(fd);
}

static void errors_have_no_fd_for_the_driver(void **state)
{
	int fd = event_fd();

	assert_null(take(VU_SET_VRING_ERR, 1, fd));
	assert_num(s.link.socket.in.p.u64 & VU_VRING_NOFD, VU_VRING_NOFD);
	close(fd);
}

static void only_event_fds_kick_and_call(void **state)
{
	static const uint32_t requests[] = { VU_SET_VRING_KICK,
					     VU_SET_VRING_CALL };

	for (size_t i = 0; i < 2; i++) {
		int other, fd = stream_pair(&other);

		assert_string_equal(take(requests[i], 0, fd),
				    "an fd that is not an event fd");
		close(fd);
		close(other);
		teardown(NULL);
		setup(NULL);
	}
}

/* --- memory, channel --- */

static void memory_is_taken_with_its_table(void **state)
{
	struct {
		struct vu_header hdr;
		uint32_t n, padding;
		struct vu_mem_region region;
	} __attribute__((packed)) msg = {
		{ VU_SET_MEM_TABLE, VU_FLAG_VERSION_1, 40 },
		1,
		0,
		{ .size = 4096 },
	};
	const struct iovec whole = { &msg, sizeof(msg) };
	int fd = memfd_create("ram", MFD_CLOEXEC);
	struct vu_message answer = {
		.hdr = { VU_GET_FEATURES, VU_FLAG_VERSION_1 | VU_FLAG_REPLY,
			 8 },
		.p.u64 = UINT64_MAX,
		.reply_fd = -1,
	};

	assert_sys(ftruncate(fd, 4096));
	for (int i = 0; i < 2; i++) {
		assert_num(fd_pass_send(vmm, &whole, &fd, 1), sizeof(msg));
		turn();
		assert_null(vvu_sibling_take(&s, vvu_sibling_waiting(&s)));
		hold_link_next(&s.link);
		changed(kicks);
	}
	assert_num(s.memory.now.n, 1);
	assert_num(s.memory.before.n, 1);
	/* The driver's answer settles it, and is what can be offered. */
	vvu_sibling_send(&s, &answer);
	assert_num(s.memory.before.n, 0);
	assert_false(answer.p.u64 >> VU_F_LOG_ALL & 1);
	close(fd);
}

static void a_channel_is_a_stream_of_ours(void **state)
{
	struct vu_message msg = {
		.hdr = { VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_VERSION_1, 0 },
		.reply_fd = -1,
	};
	int other, fd = stream_pair(&other), pair[2];
	struct vu_header hdr;

	/* Without one the driver's requests are dropped. */
	assert_true(vvu_sibling_has_room(&s, &msg));
	vvu_sibling_send(&s, &msg);
	assert_null(take(VU_SET_BACKEND_REQ_FD, 0, fd));
	assert_true(vvu_sibling_has_room(&s, &msg));
	vvu_sibling_send(&s, &msg);
	assert_num(recv(other, &hdr, sizeof(hdr), 0), sizeof(hdr));
	assert_num(hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
	/* What it answers is for the driver. */
	send_to(other, VU_BACKEND_CONFIG_CHANGE_MSG, VU_FLAG_REPLY, 0, -1);
	assert_ptr_equal(vvu_sibling_waiting(&s), &s.channel);
	assert_null(vvu_sibling_take(&s, &s.channel));
	hold_link_next(&s.channel);
	changed(kicks);
	/* One that has ended is none. */
	close(other);
	turn();
	assert_null(vvu_sibling_waiting(&s));
	assert_false(hold_link_is_open(&s.channel));
	assert_null(vvu_sibling_lost(&s));
	close(fd);
	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	assert_string_equal(take(VU_SET_BACKEND_REQ_FD, 0, pair[0]),
			    "SET_BACKEND_REQ_FD: its fd is not a socket");
	close(pair[0]);
	close(pair[1]);
}

/* --- ends --- */

static void a_session_is_lost_with_its_reason(void **state)
{
	assert_null(vvu_sibling_lost(&s));
	close(vmm);
	turn();
	assert_string_equal(vvu_sibling_lost(&s), "it has disconnected");
	vvu_sibling_close(&s);
	connect_vmm();
	assert_null(vvu_sibling_lost(&s));
	/* A reply is none of its messages. */
	send_to(vmm, VU_GET_FEATURES, VU_FLAG_REPLY, 0, -1);
	assert_string_equal(vvu_sibling_lost(&s),
			    "a message with an invalid header");
}

static void headers_are_of_version_1_and_not_too_long(void **state)
{
	static const struct {
		uint32_t flags, size;
		bool good;
	} rows[] = {
		{ 1, 0, true },
		{ 1 | VU_FLAG_NEED_REPLY, 0, true },
		{ 2, 0, false },
		{ 1 | VU_FLAG_REPLY, 0, false },
		{ 1, VU_PAYLOAD_MAX, true },
		{ 1, VU_PAYLOAD_MAX + 1, false },
	};
	static uint8_t bytes[VU_PAYLOAD_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct vu_header hdr = { VU_SET_OWNER, rows[i].flags,
					       rows[i].size };

		assert_num(send(vmm, &hdr, sizeof(hdr), 0), sizeof(hdr));
		assert_sys(send(vmm, bytes, rows[i].size % (VU_PAYLOAD_MAX + 1),
				MSG_NOSIGNAL));
		turn();
		assert_num(!vvu_sibling_lost(&s), rows[i].good);
		assert_num(vvu_sibling_waiting(&s) == &s.link, rows[i].good);
		teardown(NULL);
		setup(NULL);
	}
}

static void what_came_before_the_end_is_taken_first(void **state)
{
	send_to(vmm, VU_GET_FEATURES, 0, 0, -1);
	close(vmm);
	turn();
	assert_null(vvu_sibling_lost(&s));
	assert_ptr_equal(vvu_sibling_waiting(&s), &s.link);
	assert_null(vvu_sibling_take(&s, &s.link));
	hold_link_next(&s.link);
	changed(kicks);
	turn();
	assert_non_null(vvu_sibling_lost(&s));
	vvu_sibling_close(&s);
	connect_vmm();
}

static void nothing_is_left_of_a_session(void **state)
{
	int fd = event_fd(), other, channel = stream_pair(&other);

	assert_null(take(VU_SET_VRING_KICK, 1, fd));
	assert_null(take(VU_SET_VRING_CALL, 1, fd));
	assert_null(take(VU_SET_BACKEND_REQ_FD, 0, channel));
	vvu_sibling_close(&s);
	kick(fd);
	assert_num(kicks[1], 0);
	vvu_sibling_call(&s, 1);
	assert_false(hold_link_is_open(&s.channel));
	close(fd);
	close(channel);
	close(other);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(each_queue_is_kicked_by_its_fd),
		test(too_many_kicks_are_put_off),
		test(a_queue_is_called_by_its_fd),
		test(errors_have_no_fd_for_the_driver),
		test(only_event_fds_kick_and_call),
		test(memory_is_taken_with_its_table),
		test(a_channel_is_a_stream_of_ours),
		test(a_session_is_lost_with_its_reason),
		test(headers_are_of_version_1_and_not_too_long),
		test(what_came_before_the_end_is_taken_first),
		test(nothing_is_left_of_a_session),
	};

	return cmocka_run_group_tests_name("vvu-sibling", tests, NULL, NULL);
}

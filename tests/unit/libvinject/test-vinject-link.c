/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinject-link.h: each step of a connection, its times, and what becomes of
 * errors. The clock and some system calls are the test's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "input/device/control.h"
#include "tests/lib/cases.h"
#include "tests/lib/deny.h"
#include "tests/lib/link-kernel.h"

/* --- the life of a link --- */

static void a_new_link_is_down(void **state)
{
	assert_num(l.state, VINJECT_LINK_DOWN);
	assert_num(l.fd, -1);
	assert_num(l.to.fd, -1);
	assert_num(l.ring.fd, -1);
	assert_num(l.ring.event_fd, -1);
	assert_num(fcntl(l.epoll_fd, F_GETFD), FD_CLOEXEC);
	assert_num(fcntl(l.timer_fd, F_GETFD), FD_CLOEXEC);
	assert_num(vinject_link_step(&l), 0);
	assert_false(is_due());
	timer_expires();
	assert_true(is_due());
	vinject_link_fini(&l);
	assert_num(l.epoll_fd, -1);
	assert_num(l.timer_fd, -1);
	vinject_link_fini(&l);
}

static int link_is_refused(void *arg)
{
	const int lowest = dup(STDIN_FILENO);
	int now;

	close(lowest);
	errno = 0;
	if (vinject_new() || errno != EMFILE)
		return 1;
	now = dup(STDIN_FILENO);
	return now != lowest;
}

static void a_kernel_that_refuses_leaves_nothing_open(void **state)
{
	static const char *const calls[] = { "epoll_create1", "timerfd_create",
					     "epoll_ctl" };

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		assert_num(
			deny_in_child(calls[i], EMFILE, link_is_refused, NULL),
			0);
}

static void attempts_come_at_growing_distances(void **state)
{
	static const int ms[] = { 50, 100, 200, 400, 500, 500 };

	for (size_t i = 0; i < ARRAY_LEN(ms); i++) {
		vinject_link_retry(&l);
		assert_num(l.state, VINJECT_LINK_RETRY);
		assert_num(k.timer_ms, ms[i]);
		vinject_link_down(&l);
		assert_num(k.timer_ms, 0);
		assert_num(l.state, VINJECT_LINK_DOWN);
	}
	/* And once it was connected, soon again. */
	come_up(SOCK_STREAM);
	vinject_link_down(&l);
	vinject_link_retry(&l);
	assert_num(k.timer_ms, 50);
}

static void the_next_attempt_waits_for_its_time(void **state)
{
	l.to.transport = VINJECT_UNIX;
	strcpy(l.to.path, "/nonexistent/socket");
	vinject_link_retry(&l);
	assert_num(vinject_link_step(&l), 0);
	assert_num(l.state, VINJECT_LINK_RETRY);
	timer_expires();
	assert_rc(vinject_link_step(&l), -ENOENT);
	assert_num(l.state, VINJECT_LINK_DOWN);
	l.to.transport = VINJECT_NOWHERE;
	assert_rc(vinject_link_start(&l), -ENOTCONN);
}

static void a_link_that_is_up_has_no_next_step(void **state)
{
	come_up(SOCK_STREAM);
	assert_num(k.timer_ms, 0);
	assert_num(l.armed, EPOLLIN);
	timer_expires();
	assert_num(vinject_link_step(&l), 0);
	assert_num(l.state, VINJECT_LINK_UP);
}

static void what_cannot_be_polled_is_not_taken(void **state)
{
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_rc(vinject_link_take(&l, fd), -EPERM);
	assert_num(l.state, VINJECT_LINK_DOWN);
	assert_num(l.fd, -1);
	close(fd);
}

static int buffer_of(int type, int size)
{
	const int fd = pair(type);
	socklen_t len = sizeof(size);

	assert_sys(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	assert_ok(vinject_link_take(&l, fd));
	assert_sys(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len));
	vinject_link_down(&l);
	close(peer);
	peer = -1;
	return size;
}

/* The kernel doubles what is asked for, up to net.core.wmem_max. */
static void a_packet_of_any_frame_fits(void **state)
{
	const int fd = pair(SOCK_SEQPACKET);
	int size = 65536;
	socklen_t len = sizeof(size);

	assert_sys(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)));
	assert_sys(getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &len));
	close(peer);
	close(fd);
	peer = -1;
	if (size < 2 * 65536)
		skip_because("net.core.wmem_max is less than 65536");
	assert_num(buffer_of(SOCK_SEQPACKET, 32767), 2 * 65536);
	assert_num(buffer_of(SOCK_SEQPACKET, 32768), 65536);
	assert_num(buffer_of(SOCK_STREAM, 20000), 40000);
}

/* --- sending and receiving --- */

static const struct error_row {
	const char *name;
	int error, rc;
} error_rows[] = {
	{ "no_space", EAGAIN, -EAGAIN },    { "a_signal", EINTR, -EAGAIN },
	{ "no_buffers", ENOBUFS, -EAGAIN }, { "no_memory", ENOMEM, -EAGAIN },
	{ "a_closed_end", EPIPE, -EPIPE },  { "a_reset", ECONNRESET, -EPIPE },
	{ "anything_else", EBADF, -EPIPE },
};

static void is_temporary_or_the_end(void **state)
{
	const struct error_row *row = *state;
	char bytes[8];

	setup(NULL);
	come_up(SOCK_STREAM);
	k.send_error = k.recv_error = row->error;
	k.recv_errors = 2;
	assert_rc(vinject_link_send(&l, bytes, 8), row->rc);
	assert_rc(vinject_link_recv(&l, bytes, 8), row->rc);
	k.recv_errors = 0;
	k.send_flags = 0;
	assert_rc(vinject_link_offer(&l), -row->error);
	assert_num(k.send_flags, SEND_FLAGS);
	k.send_error = 0;
	/* What is left of an earlier error is none. */
	errno = row->error;
	assert_num(vinject_link_send(&l, "1234567", 0), 0);
	assert_true(vinject_link_is_drained(&l));
	assert_num(vinject_link_send(&l, "1234567", 8), 8);
	assert_num(k.send_flags, SEND_FLAGS);
	assert_false(vinject_link_is_drained(&l));
	close(peer);
	peer = -1;
	assert_rc(vinject_link_recv(&l, bytes, 8), -EPIPE);
	teardown(NULL);
}

/* Packets that it sent before it left one unread. */
static void a_reset_is_followed_by_what_was_sent_before(void **state)
{
	char bytes[8] = "";

	come_up(SOCK_STREAM);
	assert_num(send(peer, "1234567\0abcdefg", 16, 0), 16);
	k.recv_error = ECONNRESET;
	k.recv_errors = 1;
	assert_num(vinject_link_recv(&l, bytes, 8), 8);
	assert_string_equal(bytes, "1234567");
	/* Only then is it read twice. */
	k.recv_error = EAGAIN;
	k.recv_errors = 1;
	assert_rc(vinject_link_recv(&l, bytes, 8), -EAGAIN);
	errno = ECONNRESET;
	assert_num(vinject_link_recv(&l, bytes, 4), 4);
	assert_memory_equal(bytes, "abcd", 4);
}

static void the_ring_is_offered_with_its_fds(void **state)
{
	struct vi_event ev[4];
	char control[CMSG_SPACE(4 * sizeof(int))];
	struct iovec iov = { ev, sizeof(ev) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	int fds[2];

	come_up(SOCK_STREAM);
	assert_ok(vinject_ring_open(&l.ring));
	assert_ok(vinject_link_offer(&l));
	assert_num(recvmsg(peer, &msg, 0), 2 * sizeof(*ev));
	assert_num(vi_type(&ev[0]), CONTROL_RING);
	assert_num(vi_code(&ev[0]), CONTROL_RING_OFFER);
	assert_true(vi_is_syn_report(&ev[1]));
	assert_num(CMSG_FIRSTHDR(&msg)->cmsg_len, CMSG_LEN(sizeof(fds)));
	memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fds));
	assert_num(lseek(fds[0], 0, SEEK_END),
		   RING_FILE_LEN(VINJECT_RING_SIZE));
	assert_num(write(fds[1], &(uint64_t){ 1 }, 8), 8);
	assert_num(read(l.ring.event_fd, &(uint64_t){ 0 }, 8), 8);
	close(fds[0]);
	close(fds[1]);
}

/* --- with a ring --- */

static void share(void)
{
	come_up(SOCK_STREAM);
	assert_ok(vinject_ring_open(&l.ring));
	l.by_ring = true;
}

static void events_go_through_the_ring(void **state)
{
	static struct vi_event ev[VINJECT_RING_SIZE + 1];

	share();
	assert_num(vinject_link_send(&l, ev, sizeof(*ev)), sizeof(*ev));
	assert_num(vinject_link_send(&l, ev, sizeof(ev)),
		   sizeof(ev) - 2 * sizeof(*ev));
	assert_rc(vinject_link_send(&l, ev, sizeof(*ev)), -EAGAIN);
	assert_num(recv(peer, ev, sizeof(ev), MSG_DONTWAIT), -1);
	assert_false(vinject_link_is_drained(&l));
	l.ring.theirs->taken = VINJECT_RING_SIZE;
	assert_true(vinject_link_is_drained(&l));
	vinject_link_down(&l);
	assert_false(l.by_ring);
	assert_null(l.ring.memory);
}

static void now_and_then_the_socket_is_looked_at(void **state)
{
	struct vi_event ev = vi_event(EV_SYN, SYN_REPORT, 0);

	share();
	k.now_ns += MS;
	assert_num(vinject_link_send(&l, &ev, sizeof(ev)), sizeof(ev));
	close(peer);
	peer = -1;
	k.now_ns += MS - 1;
	assert_num(vinject_link_send(&l, &ev, sizeof(ev)), sizeof(ev));
	k.now_ns += 1;
	assert_rc(vinject_link_send(&l, &ev, sizeof(ev)), -EPIPE);
	/* Nor is it the next time. */
	assert_rc(vinject_link_send(&l, &ev, sizeof(ev)), -EPIPE);
}

static void room_is_said_on_the_socket(void **state)
{
	static struct vi_event ev[VINJECT_RING_SIZE];

	vinject_link_want_room(&l, true); /* it is down */
	come_up(SOCK_STREAM);
	vinject_link_want_room(&l, true);
	assert_num(l.armed, EPOLLIN | EPOLLOUT);
	assert_true(is_due());
	vinject_link_want_room(&l, false);
	assert_num(l.armed, EPOLLIN);
	assert_false(is_due());
	vinject_link_down(&l);
	close(peer);
	share();
	vinject_link_send(&l, ev, sizeof(ev));
	vinject_link_want_room(&l, false);
	assert_num(l.ring.ours->tell, 0);
	vinject_link_want_room(&l, true);
	assert_num(l.ring.ours->tell, RING_TELL_SOCKET);
	assert_num(l.armed, EPOLLIN);
	/* It is there already. */
	l.ring.theirs->taken = VINJECT_RING_SIZE / 2;
	vinject_link_want_room(&l, true);
	assert_num(l.armed, EPOLLIN | EPOLLOUT);
}

/* --- waiting --- */

static void a_wait_is_as_long_as_it_may_be(void **state)
{
	static const struct {
		int64_t left_ms;
		int polled_ms; /* -1: not at all */
	} rows[] = { { -1, -1 },	  { 0, -1 },	    { 1, 1 },
		     { 59999, 59999 },	  { 60000, 60000 }, { 60001, 60000 },
		     { INT64_MAX, 60000 } };

	come_up(SOCK_STREAM);
	k.polls_itself = true;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int64_t until = rows[i].left_ms == INT64_MAX
					      ? INT64_MAX
					      : k.now_ns / MS + rows[i].left_ms;

		k.polled_ms = -1;
		assert_rc(vinject_link_wait(&l, until),
			  rows[i].polled_ms < 0 ? -ETIMEDOUT : 0);
		assert_num(k.polled_ms, rows[i].polled_ms);
	}
	assert_num(k.polled.fd, l.fd);
	assert_num(k.polled.events, POLLOUT);
	assert_ok(vinject_link_wait_due(&l, INT64_MAX));
	assert_num(k.polled.fd, l.epoll_fd);
	assert_num(k.polled.events, POLLIN);
	vinject_link_down(&l);
	assert_ok(vinject_link_wait(&l, INT64_MAX));
	assert_num(k.polled.fd, l.epoll_fd);
}

static void a_ring_is_waited_for_without_the_socket(void **state)
{
	share();
	k.polls_itself = true;
	assert_ok(vinject_link_wait(&l, INT64_MAX));
	assert_num(l.ring.ours->tell, RING_TELL_FUTEX);
	l.ring.ours->tell = 0;
	assert_rc(vinject_link_wait(&l, k.now_ns / MS), -ETIMEDOUT);
	assert_num(l.ring.ours->tell, 0);
	assert_num(k.polled_ms, -1);
}

static void times_are_of_the_monotonic_clock(void **state)
{
	k.now_ns = 7000 * MS + 5;
	assert_num((long long)vinject_clock_ns(), k.now_ns);
	assert_num(vinject_clock_until(3), 7003);
	assert_num(vinject_clock_until(0), 7000);
	assert_true(vinject_clock_until(-1) == INT64_MAX);
	assert_false(vinject_clock_past(7001));
	assert_true(vinject_clock_past(7000));
	assert_true(vinject_clock_past(6999));
	assert_false(vinject_clock_past(INT64_MAX));
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest plain[] = {
		T(a_new_link_is_down),
		T(a_kernel_that_refuses_leaves_nothing_open),
		T(attempts_come_at_growing_distances),
		T(the_next_attempt_waits_for_its_time),
		T(a_link_that_is_up_has_no_next_step),
		T(what_cannot_be_polled_is_not_taken),
		T(a_packet_of_any_frame_fits),
		T(a_reset_is_followed_by_what_was_sent_before),
		T(the_ring_is_offered_with_its_fds),
		T(events_go_through_the_ring),
		T(now_and_then_the_socket_is_looked_at),
		T(room_is_said_on_the_socket),
		T(a_wait_is_as_long_as_it_may_be),
		T(a_ring_is_waited_for_without_the_socket),
		T(times_are_of_the_monotonic_clock),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(error_rows)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), error_rows,
	      cmocka_unit_test(is_temporary_or_the_end));
	return cmocka_run_group_tests_name("vinject-link", tests, NULL, NULL);
}

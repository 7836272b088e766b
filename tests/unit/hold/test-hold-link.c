/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of the holder's whose socket is full, late, or fails. */
#include "tests/lib/check.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "injector/hold/hold-link.h"

static int next_error; /* of one call of sendmsg(); 0: none */
static struct ev_loop *loop;
static struct hold_link l;
static struct vu_message msg;
static int peer;
static int changes;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (!next_error)
		return syscall(SYS_sendmsg, fd, mh, flags);
	errno = next_error;
	next_error = 0;
	return -1;
}

static bool accept_header(void *arg, const struct vu_header *hdr)
{
	assert_ptr_equal(arg, &l);
	return hdr->request != VU_SET_OWNER;
}

static void on_changed(void *arg)
{
	assert_ptr_equal(arg, &changes);
	changes++;
	hold_link_settle(&l);
}

static int setup(void **state)
{
	int fd[2];

	next_error = changes = 0;
	loop = ev_loop_new(EVFLAG_AUTO);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	l = (struct hold_link){ .check_header = accept_header,
				.changed = on_changed,
				.arg = &changes };
	hold_link_init(&l, loop);
	assert_false(hold_link_is_open(&l));
	hold_link_open(&l, fd[0]);
	peer = fd[1];
	msg = (struct vu_message){ .hdr = { .request = VU_GET_FEATURES },
				   .reply_fd = -1 };
	return 0;
}

static int teardown(void **state)
{
	hold_link_close(&l);
	hold_link_close(&l);
	assert_false(hold_link_is_open(&l));
	assert_num(l.error, 0);
	assert_num(l.full, 0);
	/* Nothing is left in the loop. */
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	close(peer);
	return 0;
}

/* Return: the bytes that the peer has. */
static ssize_t peer_reads(void)
{
	uint8_t bytes[4096];

	return recv(peer, bytes, sizeof(bytes), MSG_DONTWAIT);
}

static void peer_sends(size_t len)
{
	assert_num(send(peer, &msg.hdr, len, 0), len);
}

static void messages_are_read_one_at_a_time(void **state)
{
	for (int i = 0; i < 2; i++)
		peer_sends(sizeof(msg.hdr));
	ev_run(loop, EVRUN_NOWAIT);
	assert_true(l.has_message);
	assert_num(changes, 1);
	assert_num(l.socket.in.hdr.request, VU_GET_FEATURES);
	/* The next one waits until this one was dealt with. */
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(changes, 1);
	hold_link_next(&l);
	assert_false(l.has_message);
	hold_link_settle(&l);
	ev_run(loop, EVRUN_NOWAIT);
	assert_true(l.has_message);
	assert_num(changes, 2);
}

static void an_end_and_a_wrong_header_are_errors(void **state)
{
	msg.hdr.request = VU_SET_OWNER;
	peer_sends(sizeof(msg.hdr));
	ev_run(loop, EVRUN_NOWAIT);
	assert_rc(l.error, -EPROTO);
	assert_num(changes, 1);
	/* It is not read any more. */
	peer_sends(sizeof(msg.hdr));
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(changes, 1);
}

static void what_does_not_fit_is_sent_when_there_is_room(void **state)
{
	next_error = EAGAIN;
	hold_link_send(&l, &msg);
	assert_false(hold_link_has_room(&l));
	assert_num(peer_reads(), -1);
	hold_link_settle(&l);
	assert_num(l.io.events, EV_READ | EV_WRITE);
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(peer_reads(), sizeof(msg.hdr));
	assert_true(hold_link_has_room(&l));
	assert_num(changes, 1);
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(changes, 1); /* nor is room watched for any more */
}

static void what_is_to_be_sent_later_is(void **state)
{
	next_error = ETOOMANYREFS;
	hold_link_send(&l, &msg);
	assert_false(hold_link_has_room(&l));
	hold_link_settle(&l);
	/* Not when the socket has room, which it has. */
	assert_num(l.io.events, EV_READ);
	assert_true(ev_timer_remaining(loop, &l.later) > 0.009);
	assert_num(peer_reads(), -1);
	/* Nor when a message comes. */
	peer_sends(sizeof(msg.hdr));
	ev_invoke(loop, &l.io, EV_READ);
	assert_num(peer_reads(), -1);
	assert_true(l.has_message);
	changes = 0;
	ev_run(loop, EVRUN_ONCE);
	assert_num(peer_reads(), sizeof(msg.hdr));
	assert_num(changes, 1);
	assert_true(hold_link_has_room(&l));
	assert_false(ev_is_active(&l.later));
}

static void another_error_is_the_links(void **state)
{
	next_error = ENOMEM;
	hold_link_send(&l, &msg);
	assert_rc(l.error, -ENOMEM);
	assert_false(ev_is_active(&l.later));
	next_error = ETOOMANYREFS;
	hold_link_send(&l, &msg);
	assert_true(ev_is_active(&l.later));
	/* It stays one, whatever succeeds then. */
	hold_link_send(&l, &msg);
	assert_rc(l.error, -ENOMEM);
	peer_sends(6);
	ev_invoke(loop, &l.io, EV_READ);
	assert_rc(l.error, -ENOMEM);
}

/* Room does not mean that there is something to read. */
static void after_an_error_nothing_is_read(void **state)
{
	next_error = EAGAIN;
	hold_link_send(&l, &msg);
	l.error = -EPROTO;
	hold_link_settle(&l);
	assert_num(l.io.events, EV_WRITE);
	peer_sends(sizeof(msg.hdr));
	ev_run(loop, EVRUN_NOWAIT);
	assert_num(peer_reads(), sizeof(msg.hdr));
	assert_false(l.has_message);
}

static void half_a_message_is_none(void **state)
{
	peer_sends(sizeof(msg.hdr) - 1);
	ev_run(loop, EVRUN_NOWAIT);
	assert_false(l.has_message);
	assert_num(send(peer, "", 1, 0), 1);
	ev_run(loop, EVRUN_NOWAIT);
	assert_true(l.has_message);
	/* Of one that is closed nothing is left. */
	hold_link_close(&l);
	assert_false(l.has_message);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(messages_are_read_one_at_a_time),
		T(an_end_and_a_wrong_header_are_errors),
		T(what_does_not_fit_is_sent_when_there_is_room),
		T(what_is_to_be_sent_later_is),
		T(another_error_is_the_links),
		T(after_an_error_nothing_is_read),
		T(half_a_message_is_none),
	};

	return cmocka_run_group_tests_name("hold-link", tests, NULL, NULL);
}

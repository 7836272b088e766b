/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that send through a ring in shared memory: who may have one, what
 * an offer has to be, and that nothing else is different.
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/control.h"
#include "input/vhost-user/vhost-user-wire.h"
#include "tests/lib/array.h"
#include "tests/lib/injectors-world.h"
#include "tests/lib/raw-ring.h"

#define RING_ANSWER(code, value) vi_event(CONTROL_RING, code, value)

static void an_inherited_socket_may_have_no_ring(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told(fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	assert_num(counts().shared_rings_refused, 1);
	/* It is asked once. */
	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told_nothing(fd);
	assert_num(counts().shared_rings_refused, 1);
	close(fd);
}

/* A connection that asked; as injectors_accepted() adds it. */
static struct raw_ring ask_for_ring(void)
{
	struct raw_ring r = raw_ring_new(add_pair(SOCK_STREAM), 64);
	struct injector *in;

	TAILQ_FOREACH (in, &inj.list, link)
		in->accepted = true;
	SEND(r.socket.fd, RING_ASK, SYN);
	turn();
	expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_ASK, RING_SIZE_MAX));
	return r;
}

static void offer(struct raw_ring *r, int memory, int event_fd)
{
	const int fd[] = { memory, event_fd };

	if (!raw_ring_try_offer(r, fd, event_fd < 0 ? 1 : 2))
		skip_because("the kernel passes no fds");
	turn();
}

static struct raw_ring open_ring(void)
{
	struct raw_ring r = ask_for_ring();

	offer(&r, r.memory, r.event_fd);
	expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 1));
	return r;
}

static void a_ring_carries_what_the_socket_did(void **state)
{
	struct raw_ring r = open_ring();

	assert_num(counts().shared_rings, 1);
	assert_num(counts().shared_rings_total, 1);
	assert_num(counts().shared_rings_refused, 0);
	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	/* More than it has place for, in rounds. */
	for (int i = 0; i < 100; i++) {
		raw_ring_put(&r, (struct vi_event[]){ A(i % 2), SYN }, 2);
		turn();
	}
	sink.n = 0;
	/* What the socket says ends it. */
	SEND(r.socket.fd, KEY(KEY_B, 1), SYN);
	expect_guest("KEY_B 1, SYN_REPORT 0");
	assert_num(counts().shared_rings, 0);
	assert_num(inj.n, 1);
	raw_ring_free(&r);
	turn();
	assert_num(inj.n, 0);
}

static void one_that_waits_for_space_is_told_at_its_socket(void **state)
{
	struct raw_ring r = open_ring();

	r.ours->space_at = 1; /* when two are taken */
	r.ours->tell = RING_TELL_SOCKET;
	raw_ring_put(&r, (struct vi_event[]){ A(1) }, 1);
	turn();
	expect_told_nothing(r.socket.fd);
	raw_ring_put(&r, (struct vi_event[]){ SYN }, 1);
	turn();
	expect_told(r.socket.fd, RING_SPACE);
	raw_ring_put(&r, (struct vi_event[]){ A(0), SYN }, 2);
	turn();
	expect_told_nothing(r.socket.fd);
	raw_ring_free(&r);
}

static void a_ring_pauses_with_its_source_and_nothing_is_lost(void **state)
{
	const struct vi_event ev[] = { REL(REL_X, 1), SYN };
	struct raw_ring r = open_ring();
	int sent = 0, got = 0;

	sink.buffers = 0;
	for (int idle = 0; idle < 3; idle++) {
		for (; r.put - r.theirs->taken <= r.size - 2; idle = 0, sent++)
			raw_ring_put_some(&r, ev, 2);
		turn();
	}
	assert_true(first()->paused);
	for (int i = 0; i < 1000000 && got < sent; i++) {
		sink.buffers = 1000;
		sink.n = 0;
		turn();
		for (size_t e = 0; e < sink.n; e++)
			if (vi_type(&sink.got[e]) == EV_REL)
				got += vi_value(&sink.got[e]);
	}
	assert_num(got, sent);
	assert_false(first()->paused);
	sink.buffers = GUEST_SINK_EVENTS;
	sink.n = 0;
	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	raw_ring_free(&r);
}

static void a_ring_ends_with_its_injector(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	raw_ring_free(&r);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(counts().shared_rings, 0);
	assert_num(counts().shared_rings_total, 1);
	assert_num(counts().sources_dropped, 0);
	assert_num(inj.n, 0);
}

static void an_offer_that_is_no_ring_is_rejected(void **state)
{
	static const int all = RAW_RING_SEALS;
	const struct {
		int memory, event_fd;
	} rows[] = {
		{ raw_ring_memory(RING_FILE_LEN(64), 0, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), F_SEAL_SHRINK, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all | F_SEAL_WRITE, 0),
		  0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all | F_SEAL_FUTURE_WRITE,
				  0),
		  0 },
		{ raw_ring_memory(RING_FILE_LEN(64) + 8, all, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(32), all, 0), 0 },
		{ raw_ring_memory(RING_FILE_LEN(2 * RING_SIZE_MAX), all, 0),
		  0 },
		{ eventfd(0, EFD_CLOEXEC), 0 },
		{ raw_ring_memory(RING_FILE_LEN(64), all, 0),
		  open("/dev/null", O_RDWR | O_CLOEXEC) },
		{ raw_ring_memory(RING_FILE_LEN(64), all, 0), -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct raw_ring r = ask_for_ring();

		offer(&r, rows[i].memory,
		      rows[i].event_fd ? rows[i].event_fd : r.event_fd);
		expect_told(r.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 0));
		assert_num(counts().shared_rings_refused, i + 1);
		assert_num(counts().shared_rings, 0);
		/* It is served by its socket. */
		SEND(r.socket.fd, A(1), SYN);
		expect_guest("KEY_A 1, SYN_REPORT 0");
		raw_ring_free(&r);
		expect_guest("KEY_A 0, SYN_REPORT 0");
		close(rows[i].memory);
		if (rows[i].event_fd > 0)
			close(rows[i].event_fd);
	}
}

static void as_many_rings_as_there_may_be_are_in_use(void **state)
{
	struct raw_ring r[INJECTOR_RINGS_MAX], late = ask_for_ring(), more;

	for (unsigned int i = 0; i < INJECTOR_RINGS_MAX; i++)
		r[i] = open_ring();
	assert_num(counts().shared_rings, INJECTOR_RINGS_MAX);
	/* One asked before they were, one asks now. */
	offer(&late, late.memory, late.event_fd);
	expect_told(late.socket.fd, RING_ANSWER(CONTROL_RING_OFFER, 0));
	more = raw_ring_new(add_pair(SOCK_STREAM), 64);
	SEND(more.socket.fd, RING_ASK, SYN);
	turn();
	expect_told(more.socket.fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	assert_num(counts().shared_rings_refused, 2);
	raw_ring_free(&late);
	raw_ring_free(&more);
	for (unsigned int i = 0; i < INJECTOR_RINGS_MAX; i++)
		raw_ring_free(&r[i]);
}

static void without_rings_there_are_none(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	first()->accepted = true;
	inj.no_rings = true;
	SEND(fd, RING_ASK, SYN);
	turn();
	expect_told(fd, RING_ANSWER(CONTROL_RING_ASK, 0));
	close(fd);
}

static void kicks_without_events_are_too_many(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_put(&r, (struct vi_event[]){ A(1), SYN }, 2);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	for (int i = 0; i < 64; i++) {
		raw_ring_kick(&r);
		eventfd_write(r.event_fd, 1);
		turn();
	}
	assert_num(inj.n, 1);
	/* Events are an excuse. */
	raw_ring_put(&r, (struct vi_event[]){ A(0), SYN }, 2);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	for (int i = 0; i < 65 && inj.n; i++) {
		assert_num(counts().sources_dropped, 0);
		eventfd_write(r.event_fd, 1);
		turn();
	}
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	raw_ring_free(&r);
}

static void an_index_that_cannot_be_ends_it(void **state)
{
	struct raw_ring r = open_ring();

	raw_ring_publish(&r, 65);
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	raw_ring_free(&r);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(an_inherited_socket_may_have_no_ring),
		test(a_ring_carries_what_the_socket_did),
		test(one_that_waits_for_space_is_told_at_its_socket),
		test(a_ring_pauses_with_its_source_and_nothing_is_lost),
		test(a_ring_ends_with_its_injector),
		test(an_offer_that_is_no_ring_is_rejected),
		test(as_many_rings_as_there_may_be_are_in_use),
		test(without_rings_there_are_none),
		test(kicks_without_events_are_too_many),
		test(an_index_that_cannot_be_ends_it),
	};

	return cmocka_run_group_tests_name("injectors", tests, NULL, NULL);
}

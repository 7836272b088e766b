/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Back-pressure: sources write as fast as their sockets take it, a guest takes
 * events at whatever pace, and all of them arrive, in order, with rings of any
 * size.
 *
 * Frame number s of source i has s % 4 + 1 events REL_X with the value 8 s + i.
 *
 * VINPUT_EVENTS is the number of events for each of the combinations.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/random.h"
#include "tests/lib/rig.h"

#define BURST 2048  /* events at a time */
#define HELD  50000 /* more than a socket and a source's buffer hold */

struct sender {
	int fd;
	int seq; /* of the next frame to be written */
	struct vi_event ev[BURST];
	size_t len, sent; /* bytes of ev */
	int due;	  /* the next frame to arrive */
};

struct flow {
	struct rig *rig;
	size_t total; /* events of all sources */
	size_t written, taken;
	size_t n_senders;
	struct sender sender[8];
	int now;  /* value of the frame that is arriving, -1: none */
	int left; /* its events still to come */
	int full; /* how often a socket was full */
};

static void compose(struct flow *f, struct sender *s)
{
	const int i = (int)(s - f->sender);
	size_t n = 0;

	while (n + 5 <= BURST && f->written < f->total) {
		for (int k = 0; k <= s->seq % 4; k++)
			s->ev[n++] = REL(REL_X, 8 * s->seq + i);
		s->ev[n++] = SYN;
		f->written += (size_t)s->seq % 4 + 2;
		s->seq++;
	}
	s->len = n * sizeof(s->ev[0]);
	s->sent = 0;
}

/* Return: whether the socket took all that is composed. */
static bool write_composed(struct flow *f, struct sender *s)
{
	while (s->sent < s->len) {
		ssize_t n = send(s->fd, (uint8_t *)s->ev + s->sent,
				 s->len - s->sent, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0) {
			assert_num(errno, EAGAIN);
			f->full++;
			return false;
		}
		s->sent += (size_t)n;
	}
	return true;
}

/* Write as much as the socket takes. */
static void write_some(struct flow *f, struct sender *s)
{
	while (write_composed(f, s)) {
		compose(f, s);
		if (!s->len)
			return;
	}
}

static void begin_frame(struct flow *f, int value)
{
	struct sender *s = &f->sender[value % 8];

	if ((size_t)value % 8 >= f->n_senders || value / 8 != s->due)
		fail_msg("frame %d of source %d, not %d", value / 8, value % 8,
			 s->due);
	f->now = value;
	f->left = s->due % 4 + 1;
	s->due++;
}

static void check(struct flow *f, const struct vi_event *ev)
{
	f->taken++;
	if (f->now < 0)
		begin_frame(f, vi_value(ev));
	if (f->left-- > 0) {
		assert_num(vi_type(ev), EV_REL);
		assert_num(vi_value(ev), f->now);
	} else {
		assert_true(vi_is_syn_report(ev));
		f->now = -1;
	}
}

/* Take at most max events. Return: how many there were. */
static size_t take_some(struct flow *f, size_t max)
{
	struct vi_event ev;
	size_t n;

	for (n = 0; n < max; n++) {
		int rc = fe_recycle_event(&f->rig->fe, &ev);

		if (rc == FE_E_EMPTY)
			break;
		assert_ok(rc);
		check(f, &ev);
	}
	if (n)
		fe_ring_publish_and_kick(&f->rig->fe.ring[FE_EVENTQ]);
	return n;
}

/* A guest that is not scheduled for a while must not count as stalled. */
static void run(struct flow *f, uint16_t num)
{
	struct rig *rig = f->rig;

	process_arg(&rig->srv, "--stall-ms=10000");
	for (size_t i = 1; i < f->n_senders; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_serve(rig, "mouse");
	rig_prepare(rig, num);
	for (uint16_t i = RIG_BUFFERS; i < num; i++) {
		struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];

		fe_ring_set_buffer(ring, &rig->fe.mem, i, VRING_DESC_F_WRITE);
		fe_ring_post(ring, i);
	}
	fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
	assert_ok(fe_start(&rig->fe));
	for (size_t i = 0; i < f->n_senders; i++)
		f->sender[i].fd = rig->inject[i];
	f->now = -1;
}

static size_t number_of_events(void)
{
	const char *text = getenv("VINPUT_EVENTS");

	return text ? strtoull(text, NULL, 0) : 100000;
}

/* Until the guest has all that was composed. */
static void write_and_take(struct flow *f)
{
	bool written;

	do {
		written = true;
		for (size_t i = 0; i < f->n_senders; i++)
			written &= write_composed(f, &f->sender[i]);
		if (!take_some(f, SIZE_MAX) && f->taken < f->written)
			assert_ok(fe_wait_call(&f->rig->fe, FE_EVENTQ,
					       DEADLINE_MS));
	} while (!written || f->taken < f->written);
}

static void all_arrives(struct flow *f)
{
	while (f->taken < f->written || f->written < f->total) {
		for (size_t i = 0; i < f->n_senders; i++)
			write_some(f, &f->sender[i]);
		if (!take_some(f, SIZE_MAX))
			assert_ok(fe_wait_call(&f->rig->fe, FE_EVENTQ,
					       DEADLINE_MS));
	}
	/* As fast as the socket takes it: where it takes less, it was full. */
	assert_true(f->full > 0 || f->total < f->n_senders * HELD);
	assert_num(f->now, -1);
	rig_expect_nothing(f->rig);
}

static void flow(void **state, uint16_t num, size_t sources)
{
	static struct flow f;

	f = (struct flow){ .rig = *state,
			   .total = number_of_events(),
			   .n_senders = sources };
	run(&f, num);
	all_arrives(&f);
}

#define RING(num)                                                         \
	static void a_ring_of_##num##_gets_all_of_1_source(void **state)  \
	{                                                                 \
		flow(state, num, 1);                                      \
	}                                                                 \
	static void a_ring_of_##num##_gets_all_of_8_sources(void **state) \
	{                                                                 \
		flow(state, num, 8);                                      \
	}

RING(1)
RING(4)
RING(64)
RING(256)
RING(32768)

/* A guest that takes one event at a time, or many, or pauses, loses nothing. */
static void a_guest_with_moods_gets_all(void **state)
{
	static struct flow f;
	struct rnd rnd = { 1 };

	f = (struct flow){ .rig = *state,
			   .total = number_of_events() / 4,
			   .n_senders = 8 };
	run(&f, 64);
	while (f.taken < f.written || f.written < f.total) {
		for (size_t i = 0; i < f.n_senders; i++)
			if (rnd_one_in(&rnd, 2))
				write_some(&f, &f.sender[i]);
		/* May time out: it had enough buffers. */
		if (!take_some(&f,
			       rnd_below(&rnd, rnd_one_in(&rnd, 2) ? 3 : 99)))
			fe_wait_call(&f.rig->fe, FE_EVENTQ,
				     rnd_one_in(&rnd, 500) ? 20 : 1);
	}
	rig_expect_nothing(f.rig);
}

/* Write until the server does not read any more, as the guest takes nothing. */
static void stop_up(struct flow *f, size_t i)
{
	struct sender *s = &f->sender[i];
	size_t before;

	do {
		before = f->written;
		write_some(f, s);
		poll(NULL, 0, 20);
	} while (f->written > before);
}

/* The server knows which are stopped up, and which were. */
static void one_that_was_stopped_up_may_leave(void **state)
{
	static struct flow f;

	f = (struct flow){ .rig = *state, .total = SIZE_MAX, .n_senders = 3 };
	run(&f, 64);
	for (size_t i = 0; i < 3; i++)
		stop_up(&f, i);
	write_and_take(&f);
	stop_up(&f, 2);
	stop_up(&f, 1);
	close(f.rig->inject[0]);
	f.rig->inject[0] = -1;
	f.sender[0].len = f.sender[0].sent = 0;
	write_and_take(&f);
	rig_expect_nothing(f.rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_ring_of_1_gets_all_of_1_source),
		T(a_ring_of_1_gets_all_of_8_sources),
		T(a_ring_of_4_gets_all_of_1_source),
		T(a_ring_of_4_gets_all_of_8_sources),
		T(a_ring_of_64_gets_all_of_1_source),
		T(a_ring_of_64_gets_all_of_8_sources),
		T(a_ring_of_256_gets_all_of_1_source),
		T(a_ring_of_256_gets_all_of_8_sources),
		T(a_ring_of_32768_gets_all_of_1_source),
		T(a_ring_of_32768_gets_all_of_8_sources),
		T(a_guest_with_moods_gets_all),
		T(one_that_was_stopped_up_may_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that ask for too much, or for nonsense, and guests that lie about
 * their buffers: nothing grows, no event is lost, and others are served.
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/asker.h"
#include "tests/lib/random.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

static void serve(struct rig *rig, size_t injectors)
{
	usage_allow(&rig->srv);
	stats_serve(rig);
	for (size_t i = 1; i < injectors; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", RIG_BUFFERS);
}

/* Both of its kinds of injectors are served. */
static void expect_serves(struct rig *rig, size_t asks)
{
	struct asker a = asker(rig->inject[asks]);

	rig_expect_works(rig);
	ask(&a, HELLO, SYN);
	expect_answer(&a, HELLO);
	ask(&a, KEY(KEY_B, 1), RECEIPT(1), SYN, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	expect_answer(&a, ANSWER(0, 1));
	rig_expect_nothing(rig);
}

/* Take and forget what it was sent so far. Return: the receipts among it. */
static unsigned int read_receipts(struct asker *a, unsigned int *lost)
{
	unsigned int n = 0;
	struct vi_event ev;

	while (asker_next(a, &ev, RIG_QUIET_MS)) {
		n += vi_type(&ev) == CONTROL_RECEIPT;
		if (vi_type(&ev) == CONTROL_COUNT &&
		    vi_code(&ev) == CONTROL_LOST)
			*lost += (unsigned int)vi_value(&ev);
	}
	return n;
}

/* --- too much ------------------------------------------------------------- */

static void ask_n(struct rig *rig, struct asker *a, int first, int end)
{
	for (int i = first; i < end; i++) {
		ask(a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
		expect(rig, KEY(KEY_A, i % 2), SYN);
	}
}

static void receipts_that_nobody_reads_are_lost_and_told(void **state)
{
	enum {
		ASKED = 5000
	};
	struct rig *rig = *state;
	unsigned int lost = 0;

	serve(rig, 1);
	struct asker a = asker_hello(rig->inject[0]);
	ask_n(rig, &a, 0, ASKED / 2);
	const struct usage before = usage_at_rest(rig->srv.pid);
	ask_n(rig, &a, ASKED / 2, ASKED);
	assert_usage_as(rig->srv.pid, &before);
	const unsigned int got = read_receipts(&a, &lost);
	print_message("%u of %u receipts fitted into the socket\n", got, ASKED);
	assert_num(lost, 0);
	ask_n(rig, &a, ASKED, ASKED + 1);
	const struct asker_receipt r = asker_receipt(&a);
	assert_num(r.number, ASKED);
	assert_num(r.bits, WHAT(LOST));
	assert_num(r.n[CONTROL_LOST], ASKED - got);
	assert_num(stats_now(rig, "receipts"), ASKED + 1);
	assert_num(stats_now(rig, "receipts_lost"), ASKED - got);
	expect_serves(rig, 0);
}

/* A guest holds one buffer, and returns it when 3000 receipts were asked for.
 */
static void receipts_beyond_1024_are_lost_and_told(void **state)
{
	enum {
		ASKED = 3000
	};
	struct rig *rig = *state;
	struct vi_event ev;

	serve(rig, 1);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	for (int i = 0; i < ASKED; i++)
		ask(&a, RECEIPT(i), SYN);
	stats_wait(rig, "receipts", ASKED);
	asker_expect_nothing(&a);
	expect(rig, KEY(KEY_A, 1), SYN);
	/* All fit into the socket, though they come at once. */
	for (int i = 0; i < CONTROL_OWED_MAX; i++)
		expect_answer(&a, ANSWER(0, i));
	asker_expect_nothing(&a);
	ask(&a, RECEIPT(-5), SYN);
	expect_answer(&a, COUNT(LOST, ASKED - CONTROL_OWED_MAX),
		      ANSWER(WHAT(LOST), -5));
	ask(&a, RECEIPT(-6), SYN);
	expect_answer(&a, ANSWER(0, -6));
	assert_false(asker_next(&a, &ev, RIG_QUIET_MS));
	expect_serves(rig, 0);
}

/* Of 4096 control events; they are not events of the device. */
static void frames_full_of_receipts(void **state)
{
	static struct vi_event ev[4097];
	struct rig *rig = *state;
	unsigned int got = 0, lost = 0;

	serve(rig, 2);
	struct asker a = asker_hello(rig->inject[1]);
	for (int i = 0; i < 4096; i++)
		ev[i] = RECEIPT(i);
	ev[4096] = SYN;
	for (int i = 0; i < 20; i++) {
		asker_send(&a, ev, 4097);
		got += read_receipts(&a, &lost);
	}
	ask(&a, RECEIPT(-1), SYN);
	got += read_receipts(&a, &lost);
	assert_num(got + lost, 20 * 4096 + 1);
	assert_num(stats_now(rig, "undeclared"), 0);
	rig_expect_nothing(rig);
	expect_serves(rig, 1);
}

static void hello_10000_times(void **state)
{
	struct rig *rig = *state;
	struct vi_event ev;

	serve(rig, 2);
	struct asker a = asker_hello(rig->inject[1]);
	for (int i = 0; i < 5000; i++)
		ask(&a, HELLO, WATCH(1), HELLO, SYN);
	const struct usage before = usage_at_rest(rig->srv.pid);
	for (int i = 0; i < 5000; i++)
		ask(&a, HELLO, vi_event(CONTROL_NAME, 0, 0), SYN);
	assert_usage_as(rig->srv.pid, &before);
	rig_expect_works(rig);
	while (asker_next(&a, &ev, RIG_QUIET_MS))
		assert_true(vi_type(&ev) == CONTROL_HELLO ||
			    vi_type(&ev) == CONTROL_NAME ||
			    vi_type(&ev) == CONTROL_DRIVER);
	ask(&a, WATCH(0), SYN);
	/* The answer to the last HELLO found no space until now. */
	while (asker_next(&a, &ev, RIG_QUIET_MS))
		assert_num(vi_type(&ev), CONTROL_HELLO);
	expect_serves(rig, 1);
}

/* A frame of thousands would otherwise hold up others while it is answered. */
static void requests_that_come_at_once_are_answered_as_one(void **state)
{
	const struct vi_event kind[] = {
		HELLO,
		vi_event(CONTROL_NAME, 0, 0),
		CANCEL,
	};
	static struct vi_event ev[4001];
	struct rig *rig = *state;
	unsigned int answers = 0;
	struct vi_event got;

	serve(rig, 2);
	struct asker a = asker_hello(rig->inject[1]);
	for (int i = 0; i < 4000; i++)
		ev[i] = kind[i % 3];
	ev[4000] = SYN;
	asker_send(&a, ev, 4001);
	while (asker_next(&a, &got, RIG_QUIET_MS))
		answers += vi_type(&got) == CONTROL_HELLO;
	/* The server may read the frame in a few parts. */
	assert_true(answers >= 1 && answers < 20);
	expect_serves(rig, 1);
}

/* 64 injectors, each with 1024 receipts that are owed. */
static void all_injectors_are_owed_all_they_may(void **state)
{
	enum {
		N = 60
	};
	struct rig *rig = *state;
	int fd[N];

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	serve(rig, 2);
	rig_type(rig);
	rig_wait_used(rig, FE_EVENTQ, 4);
	for (int i = 0; i < N; i++) {
		fd[i] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
		struct asker a = asker_hello(fd[i]);
		for (int k = 0; k < CONTROL_OWED_MAX; k++)
			ask(&a, RECEIPT(k), SYN);
	}
	stats_wait(rig, "receipts", N * CONTROL_OWED_MAX);
	rig_expect_typed(rig);
	for (int i = 0; i < N; i++) {
		struct asker a = asker(fd[i]);

		for (int k = 0; k < CONTROL_OWED_MAX; k++)
			expect_answer(&a, ANSWER(0, k));
		close(fd[i]);
	}
	stats_wait(rig, "sources", 2);
	expect_serves(rig, 1);
}

/* --- nonsense ------------------------------------------------------------- */

static struct vi_event random_control(struct rnd *rnd)
{
	static const uint32_t odd[] = { 0,	    1,		2,
					INT32_MAX,  0x80000000, UINT32_MAX,
					UINT16_MAX, 0x8000 };
	const uint32_t value = odd[rnd_below(rnd, ARRAY_LEN(odd))];

	return vi_event((uint16_t)(0x8000 + (rnd_below(rnd, 4)
						     ? rnd_below(rnd, 12)
						     : rnd_below(rnd, 0x8000))),
			(uint16_t)odd[rnd_below(rnd, ARRAY_LEN(odd))],
			(int32_t)value);
}

/* Keys go up and down among them: the last of them is what the guest has. */
static void garbage_does_no_harm(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 12 };
	struct vi_event ev;
	unsigned int n;

	serve(rig, 2);
	struct asker a = asker_hello(rig->inject[1]);
	for (int i = 0; i < 20000; i++) {
		struct vi_event frame[24];

		n = rnd_below(&rnd, ARRAY_LEN(frame) - 1);
		for (unsigned int k = 0; k < n; k++)
			frame[k] = random_control(&rnd);
		frame[n] = SYN;
		asker_send(&a, frame, n + 1);
		if (i % 100 == 0)
			while (asker_next(&a, &ev, 0))
				;
	}
	/* Whatever it has asked for last. */
	ask(&a, LOSSLESS(0), WATCH(0), SYN);
	rig_wait_read(a.fd);
	while (asker_next(&a, &ev, RIG_QUIET_MS))
		;
	ask(&a, RECEIPT(1), SYN);
	assert_num(asker_receipt(&a).number, 1);
	rig_expect_nothing(rig);
	expect_serves(rig, 1);
}

/* One byte at a time, over all borders of events. */
static void control_events_may_be_cut_anywhere(void **state)
{
	const struct vi_event ev[] = { HELLO,	     KEY(KEY_A, 1),
				       LOSSLESS(-1), RECEIPT(1),
				       SYN,	     WATCH(1),
				       RECEIPT(-2),  SYN };
	struct rig *rig = *state;

	serve(rig, 1);
	struct asker a = asker(rig->inject[0]);
	for (size_t i = 0; i < sizeof(ev); i++) {
		assert_num(send(a.fd, (const uint8_t *)ev + i, 1, 0), 1);
		rig_wait_read(a.fd);
	}
	expect_answer(&a, HELLO, DRIVER(RUNNING));
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 1), ANSWER(0, -2));
	asker_expect_nothing(&a);
}

/* --- guests --------------------------------------------------------------- */

/* The driver's area has what was made available, in any layout. */
static void scribble(struct rig *rig, struct rnd *rnd)
{
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	uint8_t *at = rnd_below(rnd, 2) ? (uint8_t *)ring->driver_area
					: (uint8_t *)ring->desc_area;
	const uint32_t len = rnd_below(rnd, 2) ? 4 : 16 * ring->num;

	if (at == ring->desc_area)
		at[rnd_below(rnd, len)] ^= (uint8_t)(1 << rnd_below(rnd, 8));
	else
		at[rnd_below(rnd, 4)] = (uint8_t)rnd_below(rnd, 256);
}

/* A driver that starts is sent what it may not know. */
static void take_all(struct rig *rig)
{
	struct vi_event ev;

	while (!fe_next_event(&rig->fe, &ev, RIG_QUIET_MS))
		;
}

/*
 * It changes its ring while receipts are owed. They are answered by its reset
 * at the latest, each once.
 */
static void a_guest_that_scribbles_over_its_ring(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 34 };

	rig->lines.guest = -1;
	serve(rig, 2);
	for (int round = 0; round < 40; round++) {
		struct asker a = asker_hello(rig->inject[1]);

		for (int i = 0; i < 50; i++) {
			ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
			for (int k = 0; k < 3; k++)
				scribble(rig, &rnd);
			fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		}
		rig_wait_read(a.fd);
		rig_disconnect(rig);
		for (uint32_t i = 0; i < 50; i++)
			assert_num(asker_receipt(&a).number, i);
		asker_expect_nothing(&a);
		ask(&a, KEY(KEY_A, 0), RECEIPT(50), SYN);
		assert_num(asker_receipt(&a).bits & WHAT(NO_DRIVER), 1);
		rig_run(rig, NULL, RIG_BUFFERS);
	}
	take_all(rig);
	expect_serves(rig, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(receipts_that_nobody_reads_are_lost_and_told),
		T(receipts_beyond_1024_are_lost_and_told),
		T(frames_full_of_receipts),
		T(hello_10000_times),
		T(requests_that_come_at_once_are_answered_as_one),
		T(all_injectors_are_owed_all_they_may),
		T(garbage_does_no_harm),
		T(control_events_may_be_cut_anywhere),
		T(a_guest_that_scribbles_over_its_ring),
	};

	return cmocka_run_group_tests_name("receipts-hostile", tests, NULL,
					   NULL);
}

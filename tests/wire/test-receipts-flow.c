/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that ask for receipts, and a guest that takes nothing for a while:
 * the frames of a lossless one wait and arrive one by one, those of another are
 * folded and it is told, and nobody else is held up.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/asker.h"
#include "tests/lib/clock.h"
#include "tests/lib/stats.h"

/* On a busy machine a process may not run for a while. */
#define SLACK_MS 300
/* Fits into a source's buffer. */
#define TEXT 500

static void serve(struct rig *rig, const char *option, size_t injectors)
{
	process_arg(&rig->srv, "%s", option);
	stats_serve(rig);
	for (size_t i = 1; i < injectors; i++)
		rig_injector(rig, SOCK_STREAM);
}

/* A key stroke for each, with a receipt in its second frame. */
static void type_text(struct asker *a, uint16_t key, int n)
{
	for (int i = 0; i < n; i++)
		ask(a, KEY(key, 1), SYN, KEY(key, 0), RECEIPT(i), SYN);
}

static void expect_text(struct rig *rig, uint16_t key, int n)
{
	for (int i = 0; i < n; i++)
		expect(rig, KEY(key, 1), SYN, KEY(key, 0), SYN);
}

/* With its receipts, which would not all fit into the socket. */
static void expect_letters(struct rig *rig, struct asker *a, int first, int end)
{
	for (int i = first; i < end; i++) {
		expect_text(rig, KEY_A, 1);
		expect_answer(a, ANSWER(0, i));
	}
}

static void expect_receipts(struct asker *a, int first, int end)
{
	for (int i = first; i < end; i++)
		expect_answer(a, ANSWER(0, i));
}

/* --- lossless ------------------------------------------------------------- */

static void lossless_text(void **state, uint16_t num, int type)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--stall-ms=20");
	stats_serve(rig);
	rig_spec(rig, "keyboard");
	rig_listen(rig);
	rig_injector(rig, type);
	rig_start_process(rig);
	rig_run(rig, NULL, num);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	type_text(&a, KEY_A, TEXT);
	/* Three times the guest takes a part of it, and then stops. */
	for (int i = 0; i < 4; i++) {
		stats_wait(rig, "stalls", (unsigned int)i + 1);
		expect_letters(rig, &a, i * TEXT / 4, (i + 1) * TEXT / 4);
	}
	asker_expect_nothing(&a);
	rig_expect_nothing(rig);
	assert_num(stats_now(rig, "frames_folded"), 0);
}

static void lossless_text_arrives_over_stalls_in_a_ring_of_1(void **state)
{
	lossless_text(state, 1, SOCK_STREAM);
}

static void lossless_text_arrives_over_stalls_in_a_ring_of_4(void **state)
{
	lossless_text(state, 4, SOCK_STREAM);
}

static void lossless_packets_arrive_over_stalls(void **state)
{
	lossless_text(state, 64, SOCK_SEQPACKET);
}

/* More than the server holds: the injector's writes wait, as --overflow=block.
 */
static void a_lossless_injector_is_blocked_and_no_frame_lost(void **state)
{
	struct rig *rig = *state;
	const int many = 30000;
	int sent = 0, got = 0;

	serve(rig, "--stall-ms=10", 1);
	rig_run(rig, "mouse", 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	while (got < many) {
		const struct vi_event ev[] = { REL(REL_X, sent + 1), SYN };
		struct pollfd p = { .fd = a.fd, .events = POLLOUT };

		/* Whole frames: 16 divides what the socket holds. */
		while (sent < many && poll(&p, 1, sent == got ? 100 : 0) &&
		       send(a.fd,
			    (struct vi_event[]){ REL(REL_X, sent + 1), SYN },
			    sizeof(ev), MSG_DONTWAIT) == sizeof(ev))
			sent++;
		if (!got)
			stats_wait(rig, "stalls", 1);
		assert_true(sent > got);
		got++;
		expect(rig, REL(REL_X, got), SYN);
	}
	ask(&a, RECEIPT(1), SYN);
	expect_answer(&a, ANSWER(0, 1));
	assert_num(stats_now(rig, "frames_folded"), 0);
}

static void lossless_can_be_switched_off_while_frames_wait(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, "keyboard", 1);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	type_text(&a, KEY_A, 10);
	stats_wait(rig, "stalls", 1);
	/* It acts when received: the frames before it are folded, too. */
	ask(&a, LOSSLESS(0), SYN);
	stats_wait(rig, "frames_in", 23);
	asker_expect_nothing(&a);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	for (int i = 0; i < 10; i++) {
		const struct asker_receipt r = asker_receipt(&a);

		assert_num(r.number, i);
		assert_num(r.bits, WHAT(FOLDED));
		assert_num(r.n[CONTROL_FOLDED], i ? 2 : 1);
	}
	rig_expect_nothing(rig);
}

/* --- not lossless --------------------------------------------------------- */

static void folded_frames_are_told(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, "keyboard", 4);
	struct asker a = asker_hello(rig->inject[0]);
	type_text(&a, KEY_A, 10);
	stats_wait(rig, "stalls", 1);
	stats_wait(rig, "frames_in", 21);
	ask(&a, KEY(KEY_B, 1), RECEIPT(10), SYN);
	stats_wait(rig, "frames_in", 22);
	/* The first is in the ring, so that none after it is answered. */
	asker_expect_nothing(&a);
	expect_text(rig, KEY_A, 1);
	expect(rig, KEY(KEY_B, 1), SYN);
	expect_answer(&a, ANSWER(0, 0));
	for (int i = 1; i < 10; i++)
		expect_answer(&a, COUNT(FOLDED, 2), ANSWER(WHAT(FOLDED), i));
	expect_answer(&a, COUNT(FOLDED, 1), ANSWER(WHAT(FOLDED), 10));
	ask(&a, KEY(KEY_B, 0), RECEIPT(11), SYN);
	expect(rig, KEY(KEY_B, 0), SYN);
	expect_answer(&a, ANSWER(0, 11));
	rig_expect_nothing(rig);
}

/* --- a limit -------------------------------------------------------------- */

#define LIMIT_MS 200

static void frames_that_waited_for_their_limit_are_folded(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, "keyboard", 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(LIMIT_MS), SYN);
	type_text(&a, KEY_A, 10);
	stats_wait(rig, "stalls", 1);
	const double begin = clock_ms();
	stats_wait(rig, "frames_in", 22);
	const double waited = clock_ms() - begin;
	print_message("folded after %.0f ms of %d\n", waited, LIMIT_MS);
	assert_true(waited > LIMIT_MS / 2.0);
	assert_true(waited < LIMIT_MS + SLACK_MS);
	/* What comes now is not held up either. */
	ask(&a, KEY(KEY_B, 1), RECEIPT(10), SYN);
	stats_wait(rig, "frames_in", 23);
	asker_expect_nothing(&a);
	expect_text(rig, KEY_A, 1);
	expect_answer(&a, ANSWER(0, 0));
	expect(rig, KEY(KEY_B, 1), SYN);
	for (int i = 1; i < 10; i++)
		expect_answer(&a, COUNT(FOLDED, 2), ANSWER(WHAT(FOLDED), i));
	expect_answer(&a, COUNT(FOLDED, 1), ANSWER(WHAT(FOLDED), 10));
	/* In the next stall there is a limit again. */
	ask(&a, KEY(KEY_B, 0), SYN);
	type_text(&a, KEY_A, 10);
	stats_wait(rig, "stalls", 2);
	expect(rig, KEY(KEY_B, 0), SYN);
	expect_text(rig, KEY_A, 10);
	expect_receipts(&a, 0, 10);
	rig_expect_nothing(rig);
}

static void a_guest_that_takes_events_in_time_is_not_limited(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, "keyboard", 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(30000), SYN);
	for (int i = 0; i < 3; i++) {
		type_text(&a, KEY_A, 20);
		stats_wait(rig, "stalls", (unsigned int)i + 1);
		expect_text(rig, KEY_A, 20);
		expect_receipts(&a, 0, 20);
	}
}

/* --- others --------------------------------------------------------------- */

/* Return: the longest that a write waited for. */
static double move(int fd, int frames)
{
	double longest = 0;

	for (int i = 0; i < frames; i++) {
		const struct vi_event ev[] = { REL(REL_X, 1), SYN };
		struct pollfd p = { .fd = fd, .events = POLLOUT };
		const double begin = clock_ms();

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_num(send(fd, ev, sizeof(ev), 0), sizeof(ev));
		const double took = clock_ms() - begin;
		longest = took > longest ? took : longest;
	}
	return longest;
}

/* A mouse: two injectors scroll without loss, a third moves it. */
static void lossless_injectors_hold_up_nobody_else(void **state)
{
	enum {
		MOVES = 30000,
		WHEELS = 200
	};
	struct rig *rig = *state;
	long x = 0, wheel[2] = { 0 };
	struct vi_event ev = SYN;

	serve(rig, "--stall-ms=20", 3);
	rig_run(rig, "mouse", 4);
	struct asker a[] = { asker_hello(rig->inject[1]),
			     asker_hello(rig->inject[2]) };
	for (int k = 0; k < 2; k++)
		ask(&a[k], LOSSLESS(-1), SYN);
	for (int i = 1; i <= WHEELS; i++)
		for (int k = 0; k < 2; k++)
			ask(&a[k], REL(k ? REL_Y : REL_WHEEL, i), RECEIPT(i),
			    SYN);
	const double longest = move(rig->inject[0], MOVES);
	print_message("the third injector waited for %.0f ms\n", longest);
	assert_true(longest < 20 + SLACK_MS);
	while (x < MOVES || wheel[0] < WHEELS || wheel[1] < WHEELS ||
	       !vi_is_syn_report(&ev)) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_is_syn_report(&ev))
			continue;
		if (vi_code(&ev) == REL_X)
			x += vi_value(&ev);
		else /* each, and in order */
			assert_num(vi_value(&ev),
				   ++wheel[vi_code(&ev) == REL_Y]);
	}
	assert_num(x, MOVES);
	rig_expect_nothing(rig);
	for (int k = 0; k < 2; k++)
		expect_receipts(&a[k], 1, WHEELS + 1);
}

/* Its frames are folded, its keys released, its place is free. */
static void a_lossless_injector_that_leaves_is_folded(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 2);
	rig_run(rig, "keyboard", 1);
	struct asker a = asker_hello(rig->inject[1]);
	ask(&a, LOSSLESS(-1), SYN);
	type_text(&a, KEY_A, 10);
	ask(&a, KEY(KEY_B, 1), SYN);
	stats_wait(rig, "stalls", 1);
	assert_num(stats_now(rig, "sources"), 2);
	close(rig->inject[1]);
	rig->inject[1] = -1;
	stats_wait(rig, "sources", 1);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
	rig_expect_works(rig);
}

/* --- --overflow=block ----------------------------------------------------- */

static void overflow_block_answers_receipts(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--overflow=block", 1);
	rig_run(rig, "keyboard", 4);
	struct asker a = asker_hello(rig->inject[0]);
	type_text(&a, KEY_A, TEXT);
	asker_expect_nothing(&a);
	poll(NULL, 0, 200);
	expect_letters(rig, &a, 0, TEXT);
	rig_expect_nothing(rig);
}

static void overflow_block_waits_for_a_driver(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--overflow=block", 1);
	rig_serve(rig, "keyboard");
	struct asker a = asker_hello(rig->inject[0]);
	type_text(&a, KEY_A, 10);
	asker_expect_nothing(&a);
	rig_run(rig, NULL, 4);
	expect_text(rig, KEY_A, 10);
	expect_receipts(&a, 0, 10);
}

/* --- CANCEL --------------------------------------------------------------- */

static void cancel_drops_what_the_guest_was_not_sent(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, "keyboard", 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	type_text(&a, KEY_A, 10);
	stats_wait(rig, "stalls", 1);
	/* The first is in the ring, the second half begun: on its way. */
	ask(&a, CANCEL, SYN);
	expect_answer(&a, CANCELLED(1, 0));
	expect_text(rig, KEY_A, 1);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
	expect_answer(&a, ANSWER(0, 0));
	asker_expect_nothing(&a);
	ask(&a, KEY(KEY_A, 0), RECEIPT(99), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	expect_answer(&a, COUNT(CANCELLED, 17), ANSWER(WHAT(CANCELLED), 99));
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(lossless_text_arrives_over_stalls_in_a_ring_of_1),
		T(lossless_text_arrives_over_stalls_in_a_ring_of_4),
		T(lossless_packets_arrive_over_stalls),
		T(a_lossless_injector_is_blocked_and_no_frame_lost),
		T(lossless_can_be_switched_off_while_frames_wait),
		T(folded_frames_are_told),
		T(frames_that_waited_for_their_limit_are_folded),
		T(a_guest_that_takes_events_in_time_is_not_limited),
		T(lossless_injectors_hold_up_nobody_else),
		T(a_lossless_injector_that_leaves_is_folded),
		T(overflow_block_answers_receipts),
		T(overflow_block_waits_for_a_driver),
		T(cancel_drops_what_the_guest_was_not_sent),
	};

	return cmocka_run_group_tests_name("receipts-flow", tests, NULL, NULL);
}

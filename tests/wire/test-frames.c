/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from an injection socket to the guest's buffers: whole or not at all,
 * in order, at any rate, however the byte stream is cut and however small the
 * ring is.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/rig.h"

static void a_frame_is_delivered_only_after_its_syn_report(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_B, 1));
	rig_wait_read(rig->inject[0]);
	rig_expect_nothing(rig);
	inject(rig, SYN);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void every_event_type_passes(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, vi_event(EV_MSC, MSC_SCAN, 0x70004), KEY(KEY_A, 1), SYN);
	expect(rig, vi_event(EV_MSC, MSC_SCAN, 0x70004), KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void relative_values_pass_unchanged(void **state)
{
	static const int values[] = { 1,     -1,	127,	  -128,
				      40000, INT32_MAX, INT32_MIN };
	struct rig *rig = *state;

	rig_run(rig, "mouse", 16);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		inject(rig, REL(REL_X, values[i]), REL(REL_WHEEL, -1), SYN);
		expect(rig, REL(REL_X, values[i]), REL(REL_WHEEL, -1), SYN);
	}
	rig_expect_nothing(rig);
}

static void switches_pass(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "switches", 16);
	inject(rig, vi_event(EV_SW, SW_LID, 1), SYN);
	expect(rig, vi_event(EV_SW, SW_LID, 1), SYN);
	rig_expect_nothing(rig);
}

static void undeclared_events_are_dropped_and_the_rest_arrives(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_Q, 1), KEY(KEY_A, 1), REL(REL_X, 1),
	       vi_event(EV_SYN, SYN_DROPPED, 0), vi_event(31, 0, 1),
	       vi_event(UINT16_MAX, UINT16_MAX, -1), KEY(UINT16_MAX, 1),
	       KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_frame_of_which_nothing_is_left_is_not_delivered(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, SYN, SYN, KEY(KEY_Q, 1), SYN, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void absolute_values_are_clamped(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "axes", 16);
	inject(rig, ABS(ABS_X, 101), SYN, ABS(ABS_X, -2000000000),
	       ABS(ABS_THROTTLE, -1), SYN);
	expect(rig, ABS(ABS_X, 100), SYN, ABS(ABS_X, -100),
	       ABS(ABS_THROTTLE, 0), SYN);
	rig_expect_nothing(rig);
}

static void a_repeated_press_passes(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

static void a_stream_may_be_cut_at_every_byte(void **state)
{
	const struct vi_event down[] = { KEY(KEY_A, 1), KEY(KEY_B, 1), SYN };
	const struct vi_event up[] = { KEY(KEY_A, 0), KEY(KEY_B, 0), SYN };
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	for (size_t cut = 1; cut < sizeof(down); cut++) {
		const uint8_t *bytes = (const uint8_t *)(cut % 2 ? down : up);

		assert_sys(send(rig->inject[0], bytes, cut, MSG_NOSIGNAL));
		rig_wait_read(rig->inject[0]);
		assert_sys(send(rig->inject[0], bytes + cut, sizeof(down) - cut,
				MSG_NOSIGNAL));
		rig_expect(rig, cut % 2 ? down : up, 3, __FILE__, __LINE__);
	}
	rig_expect_nothing(rig);
}

static void a_stream_may_come_byte_by_byte(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN };
	const uint8_t *bytes = (const uint8_t *)ev;
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	for (size_t i = 0; i < sizeof(ev); i++) {
		assert_sys(send(rig->inject[0], bytes + i, 1, MSG_NOSIGNAL));
		rig_wait_read(rig->inject[0]);
	}
	rig_expect(rig, ev, 4, __FILE__, __LINE__);
	rig_expect_nothing(rig);
}

/* QEMU's ring has 4 entries; the last frame comes behind, not in between. */
static void a_frame_longer_than_the_ring_is_delivered_whole(void **state)
{
	struct rig *rig = *state;
	struct vi_event ev[101];

	rig_run(rig, "mouse", 4);
	for (int i = 0; i < 100; i++)
		ev[i] = REL(i % 2 ? REL_X : REL_Y, i + 1);
	ev[100] = SYN;
	rig_inject(rig, 0, ev, 101);
	inject(rig, KEY(BTN_LEFT, 1), SYN);
	rig_expect(rig, ev, 101, __FILE__, __LINE__);
	expect(rig, KEY(BTN_LEFT, 1), SYN);
	rig_expect_nothing(rig);
}

static void the_longest_frame_passes_a_ring_of_1(void **state)
{
	static struct vi_event ev[4096];
	struct rig *rig = *state;

	rig_run(rig, "mouse", 1);
	for (int i = 0; i < 4095; i++)
		ev[i] = REL(REL_X, i + 1);
	ev[4095] = SYN;
	rig_inject(rig, 0, ev, 4096);
	rig_expect(rig, ev, 4096, __FILE__, __LINE__);
	rig_expect_nothing(rig);
}

/* A source and a guest that work at the same time: neither waits. */
struct pump {
	struct rig *rig;
	size_t frames, sent_bytes; /* frame i: REL_X i + 1, SYN */
	size_t taken;		   /* events */
	int felt;		   /* times the socket was full */
};

static struct vi_event nth_event(size_t i)
{
	return i % 2 ? SYN : REL(REL_X, (int)(i / 2) + 1);
}

/* Write as much as the socket takes. */
static void pump_in(struct pump *p)
{
	size_t total = p->frames * 16;
	struct vi_event ev[128];

	while (p->sent_bytes < total) {
		size_t first = p->sent_bytes / 8, skip = p->sent_bytes % 8;
		size_t n = total / 8 - first < 128 ? total / 8 - first : 128;

		for (size_t i = 0; i < n; i++)
			ev[i] = nth_event(first + i);
		ssize_t sent = send(p->rig->inject[0], (uint8_t *)ev + skip,
				    n * 8 - skip, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0) {
			assert_num(errno, EAGAIN);
			p->felt++;
			return;
		}
		p->sent_bytes += (size_t)sent;
	}
}

/* Take at most n events, checking each. */
static void pump_out(struct pump *p, size_t n)
{
	struct vi_event ev;

	for (size_t i = 0; i < n && p->taken < 2 * p->frames; i++) {
		const struct vi_event due = nth_event(p->taken);

		assert_ok(fe_next_event(&p->rig->fe, &ev, DEADLINE_MS));
		if (memcmp(&ev, &due, sizeof(ev)))
			fail_msg("event %zu: value %d, not %d", p->taken,
				 vi_value(&ev), vi_value(&due));
		p->taken++;
	}
}

/* For guests that keep taking events, on a machine that may not run them. */
static void run_patiently(struct rig *rig, uint16_t num)
{
	process_arg(&rig->srv, "--stall-ms=10000");
	rig_run(rig, "mouse", num);
}

static void a_burst_of_2000_frames_is_complete(void **state)
{
	struct rig *rig = *state;
	struct pump p = { .rig = rig, .frames = 2000 };

	run_patiently(rig, 64);
	while (p.taken < 2 * p.frames) {
		pump_in(&p);
		pump_out(&p, 64);
	}
	rig_expect_nothing(rig);
}

/* 25,000 frames are more than all buffers on the way hold. */
static void with_ring(struct rig *rig, uint16_t num)
{
	struct pump p = { .rig = rig, .frames = 25000 };

	run_patiently(rig, num);
	while (p.taken < 2 * p.frames) {
		pump_in(&p);
		pump_out(&p, 500);
	}
	assert_true(p.felt > 0);
	rig_expect_nothing(rig);
}

static void back_pressure_loses_nothing_with_a_ring_of_1(void **state)
{
	with_ring(*state, 1);
}

static void back_pressure_loses_nothing_with_a_ring_of_4(void **state)
{
	with_ring(*state, 4);
}

static void back_pressure_loses_nothing_with_a_ring_of_256(void **state)
{
	with_ring(*state, 256);
}

/* Slow, but never stalled: a buffer every 5 ms for a second. */
static void a_slow_guest_gets_everything_in_order(void **state)
{
	struct rig *rig = *state;
	struct pump p = { .rig = rig, .frames = 50000 };

	run_patiently(rig, 4);
	for (int i = 0; i < 200; i++) {
		pump_in(&p);
		pump_out(&p, 1);
		usleep(5000);
	}
	assert_true(p.sent_bytes < p.frames * 16);
	while (p.taken < 2 * p.frames) {
		pump_in(&p);
		pump_out(&p, 500);
	}
	rig_expect_nothing(rig);
}

/* Write all of it. Return: the longest time that a write had to wait. */
static double inject_all(struct pump *p)
{
	double longest = 0;

	for (;;) {
		pump_in(p);
		if (p->sent_bytes == p->frames * 16)
			return longest;
		struct pollfd fd = { .fd = p->rig->inject[0],
				     .events = POLLOUT };
		double begin = clock_ms();
		assert_num(poll(&fd, 1, DEADLINE_MS), 1);
		double took = clock_ms() - begin;
		longest = took > longest ? took : longest;
	}
}

/*
 * Take until motion up to the n-th frame has arrived: frames come one by one
 * or, after a stall, summed.
 */
static void expect_motion(struct rig *rig, size_t n)
{
	int64_t sum = 0, due = (int64_t)n * (int64_t)(n + 1) / 2;
	struct vi_event ev;

	while (sum < due) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_REL)
			sum += vi_value(&ev);
	}
	assert_num(sum, due);
	while (!vi_is_syn_report(&ev))
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
}

/* 100 ms are promised; 400 more are for a busy machine. */
static void a_stalled_guest_does_not_block_the_injector(void **state)
{
	struct rig *rig = *state;
	struct pump p = { .rig = rig, .frames = 60000 };

	rig_run(rig, "mouse", 4);
	assert_true(inject_all(&p) < DEADLINE_MS);
	expect_motion(rig, p.frames);
	rig_expect_nothing(rig);
}

static void a_key_pressed_in_a_stall_is_down_after_it(void **state)
{
	struct rig *rig = *state;
	struct pump p = { .rig = rig, .frames = 60000 };

	rig_run(rig, "mouse", 4);
	inject(rig, KEY(BTN_LEFT, 1), SYN);
	inject_all(&p);
	inject(rig, KEY(BTN_LEFT, 0), KEY(BTN_RIGHT, 1), SYN);
	rig_wait_read(rig->inject[0]);

	/* A driver's model of the two buttons. */
	int left = 0, right = 0;
	struct vi_event ev;
	while (!(right && left == 0)) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) != EV_KEY)
			continue;
		if (vi_code(&ev) == BTN_LEFT)
			left = vi_value(&ev);
		else
			right = vi_value(&ev);
	}
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	} while (!vi_is_syn_report(&ev));
	/* And everything works as before. */
	inject(rig, KEY(BTN_RIGHT, 0), SYN);
	expect(rig, KEY(BTN_RIGHT, 0), SYN);
	rig_expect_nothing(rig);
}

/* Before a driver has started: the same promise. */
static void no_guest_does_not_block_the_injector(void **state)
{
	struct rig *rig = *state;
	struct pump p = { .rig = rig, .frames = 60000 };

	rig_serve(rig, "mouse");
	assert_true(inject_all(&p) < DEADLINE_MS);
	rig_wait_read(rig->inject[0]);
	rig_run(rig, NULL, 16);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_is_delivered_only_after_its_syn_report),
		T(every_event_type_passes),
		T(relative_values_pass_unchanged),
		T(switches_pass),
		T(undeclared_events_are_dropped_and_the_rest_arrives),
		T(a_frame_of_which_nothing_is_left_is_not_delivered),
		T(absolute_values_are_clamped),
		T(a_repeated_press_passes),
		T(a_stream_may_be_cut_at_every_byte),
		T(a_stream_may_come_byte_by_byte),
		T(a_frame_longer_than_the_ring_is_delivered_whole),
		T(the_longest_frame_passes_a_ring_of_1),
		T(a_burst_of_2000_frames_is_complete),
		T(back_pressure_loses_nothing_with_a_ring_of_1),
		T(back_pressure_loses_nothing_with_a_ring_of_4),
		T(back_pressure_loses_nothing_with_a_ring_of_256),
		T(a_slow_guest_gets_everything_in_order),
		T(a_stalled_guest_does_not_block_the_injector),
		T(a_key_pressed_in_a_stall_is_down_after_it),
		T(no_guest_does_not_block_the_injector),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

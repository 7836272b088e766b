/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What receipts cost: a kick when a buffer is returned that a receipt waits
 * for, and nothing else. The server sleeps while it owes one.
 */
#include <poll.h>
#include "tests/lib/asker.h"
#include "tests/lib/clock.h"
#include "tests/lib/usage.h"

#define IDLE_MS		  300
#define WITHOUT_EVENT_IDX (UINT64_C(1) << VIRTIO_F_EVENT_IDX)

static struct fe_ring *eventq(struct rig *rig)
{
	return &rig->fe.ring[FE_EVENTQ];
}

/* A reply means that the device has finished all earlier work. */
static void let_device_finish(struct rig *rig)
{
	for (int i = 0; i < 2; i++) {
		struct fe_msg msg = fe_msg(VU_GET_FEATURES);

		assert_ok(fe_query(&rig->fe, &msg, 8));
	}
}

/* Take an event and return its buffer. Return: whether a kick is wanted. */
static bool return_one(struct rig *rig)
{
	struct vi_event ev;

	rig_wait_used(rig, FE_EVENTQ, 1);
	assert_ok(fe_recycle_event(&rig->fe, &ev));
	fe_ring_publish(eventq(rig));
	return fe_ring_wants_kick(eventq(rig));
}

/* Return: for how many of n buffers that are returned a kick was wanted. */
static int kicks_of(struct rig *rig, int n)
{
	int kicks = 0;

	while (n--) {
		if (!return_one(rig))
			continue;
		kicks++;
		fe_ring_kick(eventq(rig));
	}
	return kicks;
}

static void run(struct rig *rig, uint64_t without)
{
	rig->fe.want_features &= ~without;
	rig_run(rig, "keyboard", RIG_BUFFERS);
}

static void no_kick_is_wanted_without_a_receipt(void **state, uint64_t without)
{
	struct rig *rig = *state;

	run(rig, without);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), WATCH(1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	for (int i = 1; i <= 100; i++) {
		ask(&a, KEY(KEY_A, i % 2), SYN);
		assert_num(kicks_of(rig, 2), 0);
	}
	/* One that is owed, and then none any more. */
	for (int round = 0; round < 10; round++) {
		ask(&a, KEY(KEY_A, round % 2), RECEIPT(round), SYN);
		rig_wait_used(rig, FE_EVENTQ, 2);
		let_device_finish(rig);
		assert_true(kicks_of(rig, 2) >= 1);
		expect_answer(&a, ANSWER(0, round));
		let_device_finish(rig);
		ask(&a, KEY(KEY_B, round % 2), SYN);
		assert_num(kicks_of(rig, 2), 0);
	}
}

static void no_kick_is_wanted_while_no_receipt_is_owed(void **state)
{
	no_kick_is_wanted_without_a_receipt(state, 0);
}

static void no_kick_is_wanted_then_without_event_idx(void **state)
{
	no_kick_is_wanted_without_a_receipt(state, WITHOUT_EVENT_IDX);
}

/* A driver that returns many at once kicks once. */
static void one_kick_answers_many(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);
	struct vi_event ev;

	for (int i = 0; i < 20; i++)
		ask(&a, KEY(KEY_A, !(i % 2)), RECEIPT(i), SYN);
	rig_wait_used(rig, FE_EVENTQ, 40);
	let_device_finish(rig);
	for (int i = 0; i < 40; i++)
		assert_ok(fe_recycle_event(&rig->fe, &ev));
	asker_expect_nothing(&a);
	fe_ring_publish(eventq(rig));
	assert_true(fe_ring_wants_kick(eventq(rig)));
	fe_ring_kick(eventq(rig));
	for (int i = 0; i < 20; i++)
		expect_answer(&a, ANSWER(0, i));
	asker_expect_nothing(&a);
}

/* By the kick, not by any timer. */
static void the_answer_follows_the_kick(void **state)
{
	struct rig *rig = *state;
	double longest = 0;

	process_arg(&rig->srv, "--stall-ms=30000");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	struct asker a = asker_hello(rig->inject[0]);
	for (int i = 0; i < 50; i++) {
		ask(&a, KEY(KEY_A, !(i % 2)), RECEIPT(i), SYN);
		rig_wait_used(rig, FE_EVENTQ, 2);
		const double begin = clock_ms();
		expect(rig, KEY(KEY_A, !(i % 2)), SYN);
		expect_answer(&a, ANSWER(0, i));
		const double took = clock_ms() - begin;
		longest = took > longest ? took : longest;
	}
	print_message("the longest answer took %.1f ms\n", longest);
	assert_true(longest < 1000);
}

static void owe_one(struct rig *rig, struct asker *a)
{
	ask(a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
}

static void nothing_wakes_a_server_that_owes_a_receipt(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);

	owe_one(rig, &a);
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, IDLE_MS);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 1));
}

/* Nor one whose injectors' frames wait for a guest, in the middle of one. */
static void nothing_wakes_a_server_whose_frames_wait(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--stall-ms=10");
	rig_run(rig, "keyboard", 1);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	for (int i = 1; i <= 10; i++)
		ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
	rig_wait_used(rig, FE_EVENTQ, 1);
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, IDLE_MS);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
	for (int i = 1; i <= 10; i++) {
		expect(rig, KEY(KEY_A, i % 2), SYN);
		expect_answer(&a, ANSWER(0, i));
	}
}

/* Without the sandbox: see usage_wait_ms(). */
static void a_server_that_owes_waits_without_a_timeout(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--sandbox=off");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(1000), WATCH(1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	owe_one(rig, &a);
	assert_num(usage_wait_ms(rig->srv.pid), -1);
}

#define T(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_kick_is_wanted_while_no_receipt_is_owed, rig_setup),
		T(no_kick_is_wanted_then_without_event_idx, rig_setup),
		T(one_kick_answers_many, rig_setup_running),
		T(the_answer_follows_the_kick, rig_setup),
		T(nothing_wakes_a_server_that_owes_a_receipt,
		  rig_setup_running),
		T(nothing_wakes_a_server_whose_frames_wait, rig_setup),
		T(a_server_that_owes_waits_without_a_timeout, rig_setup),
	};

	return cmocka_run_group_tests_name("receipts-cost", tests, NULL, NULL);
}

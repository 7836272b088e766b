/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts over the lives of VMM, driver and server: whoever ends, each receipt
 * is answered once, or the injector notices that it will not be.
 */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/asker.h"
#include "tests/lib/respawn.h"
#include "tests/lib/stats.h"

static void serve(struct rig *rig)
{
	process_arg(&rig->srv, "--stall-ms=20");
	stats_serve(rig);
	rig_serve(rig, "keyboard");
}

/* Another driver, with n buffers, after fe_stop(). */
static void start_anew(struct rig *rig, uint16_t n)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_reset(&rig->fe.ring[i]);
	fe_post_buffers(&rig->fe, n);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
}

/* The driver resets the device, and starts with n buffers. */
static void reboot(struct rig *rig, uint16_t n)
{
	assert_ok(fe_stop(&rig->fe));
	start_anew(rig, n);
}

/* As QMP's stop and cont, or a suspended VM. */
static void suspend(struct rig *rig, uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&rig->fe, i, &base[i]));
}

static void resume(struct rig *rig, const uint32_t base[FE_QUEUES])
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&rig->fe, i, base[i]));
}

/* --- no driver ------------------------------------------------------------ */

static void expect_no_driver(struct asker *a)
{
	ask(a, KEY(KEY_A, 1), RECEIPT(1), SYN, RECEIPT(2), SYN, KEY(KEY_A, 0),
	    RECEIPT(3), SYN);
	expect_answer(a, COUNT(FOLDED, 1),
		      ANSWER(WHAT(FOLDED) | WHAT(NO_DRIVER), 1),
		      ANSWER(WHAT(NO_DRIVER), 2), COUNT(FOLDED, 1),
		      ANSWER(WHAT(FOLDED) | WHAT(NO_DRIVER), 3));
	asker_expect_nothing(a);
}

static void without_a_vmm_there_is_no_driver(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct asker a = asker_hello(rig->inject[0]);
	expect_no_driver(&a);
	rig_connect(rig);
	rig_disconnect(rig);
	expect_no_driver(&a);
}

static void a_vmm_is_no_driver(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct asker a = asker_hello(rig->inject[0]);
	rig_connect(rig);
	expect_no_driver(&a);
	rig_prepare(rig, 16);
	expect_no_driver(&a);
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	assert_ok(fe_begin_queue(&rig->fe, FE_STATUSQ));
	expect_no_driver(&a);
	assert_ok(fe_begin_queue(&rig->fe, FE_EVENTQ));
	ask(&a, KEY(KEY_A, 1), RECEIPT(4), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 4));
}

/* Through VMMs that come and go, to the first driver. */
static void lossless_frames_wait_for_a_driver(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	for (int i = 1; i <= 10; i++)
		ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
	asker_expect_nothing(&a);
	rig_connect(rig);
	rig_connect(rig);
	asker_expect_nothing(&a);
	rig_run(rig, NULL, 4);
	for (int i = 1; i <= 10; i++) {
		expect(rig, KEY(KEY_A, i % 2), SYN);
		expect_answer(&a, ANSWER(0, i));
	}
	rig_expect_nothing(rig);
}

static void notices_of_the_driver(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];

	rig_injector(rig, SOCK_STREAM);
	serve(rig);
	struct asker a = asker_hello(rig->inject[0]);
	struct asker other = asker_hello(rig->inject[1]);
	ask(&a, WATCH(1), SYN);
	expect_answer(&a, DRIVER(NO_VMM));
	rig_prepare(rig, 16);
	expect_answer(&a, DRIVER(NONE));
	assert_ok(fe_start(&rig->fe));
	expect_answer(&a, DRIVER(RUNNING));
	suspend(rig, base);
	expect_answer(&a, DRIVER(NONE));
	resume(rig, base);
	expect_answer(&a, DRIVER(RUNNING));
	ask(&a, WATCH(1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	rig_disconnect(rig);
	/* Its queues stop first, which may show or not. */
	struct vi_event ev;
	do
		assert_true(asker_next(&a, &ev, DEADLINE_MS));
	while (vi_value(&ev) == CONTROL_DRIVER_NONE);
	assert_num(vi_value(&ev), CONTROL_DRIVER_NO_VMM);
	ask(&a, WATCH(0), SYN);
	rig_run(rig, NULL, 16);
	asker_expect_nothing(&a);
	asker_expect_nothing(&other);
}

/* --- a driver that goes --------------------------------------------------- */

static void a_driver_that_goes_between_two_frames(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 1));
	assert_ok(fe_stop(&rig->fe));
	ask(&a, KEY(KEY_A, 0), RECEIPT(2), SYN);
	expect_answer(&a, COUNT(FOLDED, 1),
		      ANSWER(WHAT(FOLDED) | WHAT(NO_DRIVER), 2));
	asker_expect_nothing(&a);
}

static void a_reboot_answers_what_is_owed(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0), RECEIPT(2), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	asker_expect_nothing(&a);
	reboot(rig, 16);
	expect_answer(&a, ANSWER(WHAT(NO_DRIVER), 1),
		      ANSWER(WHAT(NO_DRIVER), 2));
	rig_expect_nothing(rig);
	ask(&a, KEY(KEY_A, 1), RECEIPT(3), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 3));
}

/* Who reads that there was no driver knows that there is another. */
static void a_new_driver_is_told_before_the_answer(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, WATCH(1), LOSSLESS(-1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_ok(fe_stop(&rig->fe));
	expect_answer(&a, DRIVER(NONE));
	start_anew(rig, 16);
	expect_answer(&a, DRIVER(RUNNING), ANSWER(WHAT(NO_DRIVER), 1));
}

/*
 * It had the beginning of a frame, and those behind it were folded: they are
 * owed no longer either.
 */
static void a_reboot_in_the_middle_of_a_frame_answers_all(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, KEY(KEY_A, 1), KEY(KEY_B, 1), KEY(KEY_S, 1), KEY(KEY_ESC, 1),
	    KEY(KEY_LEFTSHIFT, 1), RECEIPT(1), SYN);
	stats_wait(rig, "stalls", 1);
	for (int i = 2; i < 10; i++)
		ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
	stats_wait(rig, "frames_in", 10);
	asker_expect_nothing(&a);
	reboot(rig, 4);
	for (uint32_t i = 1; i < 10; i++) {
		const struct asker_receipt r = asker_receipt(&a);

		assert_num(r.number, i);
		assert_num(r.bits & WHAT(NO_DRIVER), WHAT(NO_DRIVER));
		assert_num(r.bits & ~(WHAT(NO_DRIVER) | WHAT(FOLDED)), 0);
	}
	asker_expect_nothing(&a);
}

/* The new driver has fewer buffers than the one before. */
static void the_next_driver_may_have_fewer_buffers(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 64);
	struct asker a = asker_hello(rig->inject[0]);
	for (uint16_t n = 64; n; n /= 2) {
		reboot(rig, n);
		for (int i = 1; i <= 10; i++) {
			ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
			expect(rig, KEY(KEY_A, i % 2), SYN);
			expect_answer(&a, ANSWER(0, i));
		}
	}
}

/* --- one that is suspended ------------------------------------------------ */

static void a_suspended_driver_owes_what_it_owed(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];
	struct vi_event ev;

	serve(rig);
	rig_run(rig, NULL, 16);
	struct asker a = asker_hello(rig->inject[0]);
	for (int round = 0; round < 3; round++) {
		ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN, KEY(KEY_A, 0),
		    RECEIPT(2), SYN);
		rig_wait_used(rig, FE_EVENTQ, 4);
		suspend(rig, base);
		asker_expect_nothing(&a);
		/* It takes some of them before, or after it runs again. */
		if (round == 1)
			for (int i = 0; i < 4; i++)
				assert_ok(fe_recycle_event(&rig->fe, &ev));
		if (round == 1)
			fe_ring_publish(&rig->fe.ring[FE_EVENTQ]);
		resume(rig, base);
		if (round != 1) {
			asker_expect_nothing(&a);
			expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
		}
		expect_answer(&a, ANSWER(0, 1), ANSWER(0, 2));
		asker_expect_nothing(&a);
	}
}

static void lossless_frames_wait_for_a_suspended_driver(void **state)
{
	struct rig *rig = *state;
	uint32_t base[FE_QUEUES];

	serve(rig);
	rig_run(rig, NULL, 4);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, LOSSLESS(-1), SYN);
	for (int i = 1; i <= 20; i++)
		ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), SYN);
	for (int i = 1; i <= 20; i++) {
		if (i % 5 == 0) {
			suspend(rig, base);
			asker_expect_nothing(&a);
			resume(rig, base);
		}
		expect(rig, KEY(KEY_A, i % 2), SYN);
		expect_answer(&a, ANSWER(0, i));
	}
	rig_expect_nothing(rig);
}

/* --- VMMs ----------------------------------------------------------------- */

static void a_vmm_that_disconnects_owes_nothing(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	rig_run(rig, NULL, 16);
	struct asker a = asker_hello(rig->inject[0]);
	for (int i = 0; i < 20; i++) {
		ask(&a, KEY(KEY_A, 1), RECEIPT(i), SYN, KEY(KEY_A, 0), SYN);
		rig_wait_used(rig, FE_EVENTQ, 4);
		rig_disconnect(rig);
		expect_answer(&a, ANSWER(WHAT(NO_DRIVER), i));
		rig_run(rig, NULL, 16);
		ask(&a, KEY(KEY_A, 1), SYN);
		expect(rig, KEY(KEY_A, 1), SYN);
		ask(&a, KEY(KEY_A, 0), RECEIPT(100), SYN);
		expect(rig, KEY(KEY_A, 0), SYN);
		/* The second frame of before was not taken. */
		expect_answer(&a, ANSWER(WHAT(NO_DRIVER), 100));
	}
}

/* --- the server ----------------------------------------------------------- */

static void a_connection_ends_with_its_server(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", 16);
	const int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	struct asker a = asker_hello(fd);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_sys(kill(rig->srv.pid, SIGKILL));
	assert_num(process_wait(&rig->srv), 128 + SIGKILL);
	asker_expect_end(&a);
	close(fd);
	rig->unclean = true;
}

static void begin_world(struct respawn *r, struct rig *rig, int type)
{
	respawn_init(r, rig);
	respawn_spec(r, "keyboard");
	respawn_injector(r, type);
	respawn_injector(r, type);
	respawn_start(r);
	rig_run(rig, NULL, 16);
}

/* One has said HELLO, the other has not. */
static void successor_says_hello(void **state, int type)
{
	struct rig *rig = *state;
	struct respawn r;

	begin_world(&r, rig, type);
	struct asker a = asker_hello(rig->inject[0]);
	struct asker old = asker(rig->inject[1]);
	ask(&a, LOSSLESS(-1), WATCH(1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	ask(&old, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	for (int round = 1; round <= 3; round++) {
		ask(&a, KEY(KEY_A, 1), RECEIPT(round), SYN);
		rig_wait_used(rig, FE_EVENTQ, 2);
		respawn_kill(&r);
		respawn_start(&r);
		expect_answer(&a, HELLO);
		rig_run(rig, NULL, 16);
		expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
		asker_expect_nothing(&a);
		ask(&a, KEY(KEY_A, 0), RECEIPT(99), SYN);
		expect(rig, KEY(KEY_A, 0), SYN);
		expect_answer(&a, ANSWER(0, 99));
	}
	asker_expect_nothing(&old);
	respawn_fini(&r);
}

static void a_successor_says_hello_over_a_stream(void **state)
{
	successor_says_hello(state, SOCK_STREAM);
}

static void a_successor_says_hello_over_packets(void **state)
{
	successor_says_hello(state, SOCK_SEQPACKET);
}

/* What the server had not read, its successor reads: HELLO and RECEIPT. */
static void a_successor_reads_the_hello(void **state)
{
	struct rig *rig = *state;
	struct respawn r;

	begin_world(&r, rig, SOCK_STREAM);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	struct asker a = asker(rig->inject[0]);
	ask(&a, HELLO, SYN, KEY(KEY_A, 1), RECEIPT(1), SYN);
	respawn_kill(&r);
	rig_disconnect(rig);
	respawn_start(&r);
	rig_run(rig, NULL, 16);
	expect_answer(&a, HELLO);
	expect(rig, KEY(KEY_A, 1), SYN);
	const struct asker_receipt got = asker_receipt(&a);
	assert_num(got.number, 1);
	asker_expect_nothing(&a);
	respawn_fini(&r);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(without_a_vmm_there_is_no_driver),
		T(a_vmm_is_no_driver),
		T(lossless_frames_wait_for_a_driver),
		T(notices_of_the_driver),
		T(a_driver_that_goes_between_two_frames),
		T(a_reboot_answers_what_is_owed),
		T(a_new_driver_is_told_before_the_answer),
		T(a_reboot_in_the_middle_of_a_frame_answers_all),
		T(the_next_driver_may_have_fewer_buffers),
		T(a_suspended_driver_owes_what_it_owed),
		T(lossless_frames_wait_for_a_suspended_driver),
		T(a_vmm_that_disconnects_owes_nothing),
		T(a_connection_ends_with_its_server),
		T(a_successor_says_hello_over_a_stream),
		T(a_successor_says_hello_over_packets),
		T(a_successor_reads_the_hello),
	};

	return cmocka_run_group_tests_name("receipts-life", tests, NULL, NULL);
}

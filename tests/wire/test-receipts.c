/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts on the injection socket: answered when the guest's driver has
 * returned the buffers of all that was sent before, with what became of it.
 * Nobody else receives one, and the guest is asked for no kick that they do not
 * need.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/asker.h"
#include "tests/lib/stats.h"

static struct fe_ring *eventq(struct rig *rig)
{
	return &rig->fe.ring[FE_EVENTQ];
}

/* The guest holds n buffers that were used, and returns the first m. */
static void hold(struct rig *rig, uint16_t head[], uint16_t n)
{
	struct vi_event ev;

	rig_wait_used(rig, FE_EVENTQ, n);
	for (uint16_t i = 0; i < n; i++)
		assert_ok(fe_take_event(&rig->fe, &ev, &head[i]));
}

static void return_buffers(struct rig *rig, const uint16_t head[], uint16_t m)
{
	for (uint16_t i = 0; i < m; i++)
		fe_ring_post(eventq(rig), head[i]);
	fe_ring_publish_and_kick(eventq(rig));
}

/* --- when ----------------------------------------------------------------- */

static void is_answered_when_all_buffers_were_returned(struct rig *rig)
{
	struct asker a = asker_hello(rig->inject[0]);
	uint16_t head[2];

	ask(&a, KEY(KEY_A, 1), RECEIPT(7), SYN);
	hold(rig, head, 2);
	asker_expect_nothing(&a);
	return_buffers(rig, head, 1);
	asker_expect_nothing(&a);
	return_buffers(rig, head + 1, 1);
	expect_answer(&a, ANSWER(0, 7));
	rig_expect_nothing(rig);
	asker_expect_nothing(&a);
}

static void a_receipt_waits_until_all_buffers_were_returned(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", RIG_BUFFERS);
	is_answered_when_all_buffers_were_returned(rig);
}

static void a_receipt_waits_without_event_idx_too(void **state)
{
	struct rig *rig = *state;

	rig->fe.want_features &= ~(UINT64_C(1) << VIRTIO_F_EVENT_IDX);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	is_answered_when_all_buffers_were_returned(rig);
}

static void packets_are_answered_too(void **state)
{
	struct rig *rig = *state;

	rig_spec(rig, "keyboard");
	rig_listen(rig);
	rig_injector(rig, SOCK_SEQPACKET);
	rig_start_process(rig);
	rig_run(rig, NULL, RIG_BUFFERS);
	is_answered_when_all_buffers_were_returned(rig);
}

static void a_connection_is_answered_too(void **state)
{
	struct rig *rig = *state;
	int inherited;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	inherited = rig->inject[0];
	rig->inject[0] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	is_answered_when_all_buffers_were_returned(rig);
	close(inherited);
}

/* The kick for them is not seen any more. */
static void what_was_returned_before_a_stop_was_taken(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);
	uint16_t head[2];

	ask(&a, KEY(KEY_A, 1), RECEIPT(7), SYN);
	hold(rig, head, 2);
	for (unsigned int i = 0; i < 2; i++)
		fe_ring_post(eventq(rig), head[i]);
	fe_ring_publish(eventq(rig));
	assert_ok(fe_stop(&rig->fe));
	expect_answer(&a, ANSWER(0, 7));
}

static void receipts_are_answered_in_order(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);

	ask(&a, RECEIPT(0), RECEIPT(-1), KEY(KEY_A, 1), RECEIPT(INT32_MAX), SYN,
	    RECEIPT(INT32_MIN), SYN, RECEIPT(0), KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect_answer(&a, ANSWER(0, 0), ANSWER(0, -1), ANSWER(0, INT32_MAX),
		      ANSWER(0, INT32_MIN), ANSWER(0, 0));
	asker_expect_nothing(&a);
}

/*
 * The guest has taken nothing of another injector's yet: what it returns first
 * is not what the receipt is about.
 */
static void a_receipt_is_not_early_if_the_guest_is_behind(void **state)
{
	enum {
		FRAMES = 20
	};
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	for (int i = 1; i <= FRAMES; i++)
		inject(rig, KEY(KEY_B, i % 2), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2 * FRAMES);
	struct asker a = asker_hello(rig->inject[1]);
	ask(&a, KEY(KEY_A, 1), RECEIPT(1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2 * FRAMES + 2);
	for (int i = 1; i <= FRAMES; i++)
		expect(rig, KEY(KEY_B, i % 2), SYN);
	asker_expect_nothing(&a);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, ANSWER(0, 1));
}

/* Nothing was sent before it, or nothing that makes a frame. */
static void a_receipt_for_nothing_is_answered_at_once(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);

	ask(&a, RECEIPT(1), SYN);
	expect_answer(&a, ANSWER(0, 1));
	ask(&a, KEY(KEY_A, 0), SYN, SYN, RECEIPT(2), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	expect_answer(&a, ANSWER(0, 2));
}

/* HELLO, events and RECEIPT in one write, before any answer. */
static void a_receipt_may_follow_hello_at_once(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker(rig->inject[0]);

	ask(&a, HELLO, KEY(KEY_A, 1), RECEIPT(1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, HELLO, ANSWER(0, 1));
	ask(&a, HELLO, SYN);
	expect_answer(&a, HELLO);
}

/* Frames of 3 events, so that they end anywhere in the ring. */
static void ring_of(void **state, uint16_t num)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", num);
	struct asker a = asker_hello(rig->inject[0]);
	for (int i = 1; i <= 200; i++) {
		ask(&a, KEY(KEY_A, i % 2), RECEIPT(i), KEY(KEY_B, i % 2), SYN);
		expect(rig, KEY(KEY_A, i % 2), KEY(KEY_B, i % 2), SYN);
		expect_answer(&a, ANSWER(0, i));
	}
	asker_expect_nothing(&a);
}

static void receipts_in_a_ring_of_1(void **state)
{
	ring_of(state, 1);
}

static void receipts_in_a_ring_of_4(void **state)
{
	ring_of(state, 4);
}

static void receipts_in_a_ring_of_64(void **state)
{
	ring_of(state, 64);
}

static void receipts_in_a_ring_of_32768(void **state)
{
	ring_of(state, 32768);
}

/* --- what ----------------------------------------------------------------- */

static void undeclared_events_are_counted_and_one_is_named(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);

	ask(&a, KEY(KEY_Z, 1), KEY(KEY_A, 1), KEY(KEY_Z, 0), SYN, REL(REL_X, 1),
	    RECEIPT(1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, COUNT(UNDECLARED, 3), UNKNOWN(EV_KEY, KEY_Z),
		      ANSWER(WHAT(UNDECLARED), 1));
	ask(&a, KEY(KEY_A, 0), RECEIPT(2), SYN);
	expect(rig, KEY(KEY_A, 0), SYN);
	expect_answer(&a, ANSWER(0, 2));
}

/* Even if more than one is owed meanwhile. */
static void each_receipt_names_an_event_of_its_own(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);

	ask(&a, KEY(KEY_Z, 1), KEY(KEY_A, 1), RECEIPT(1), SYN, REL(REL_X, 1),
	    KEY(KEY_A, 0), RECEIPT(2), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect_answer(&a, COUNT(UNDECLARED, 1), UNKNOWN(EV_KEY, KEY_Z),
		      ANSWER(WHAT(UNDECLARED), 1), COUNT(UNDECLARED, 1),
		      UNKNOWN(EV_REL, REL_X), ANSWER(WHAT(UNDECLARED), 2));
}

static void clamped_values_are_counted(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "axes", RIG_BUFFERS);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, ABS(ABS_X, 1000), SYN, ABS(ABS_X, -1000), RECEIPT(1), SYN,
	    ABS(ABS_X, 1), RECEIPT(2), SYN);
	expect(rig, ABS(ABS_X, 100), SYN, ABS(ABS_X, -100), SYN, ABS(ABS_X, 1),
	       SYN);
	expect_answer(&a, COUNT(CLAMPED, 2), ANSWER(WHAT(CLAMPED), 1),
		      ANSWER(0, 2));
}

static void contacts_without_a_slot_are_counted(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "touch", RIG_BUFFERS);
	struct asker a = asker_hello(rig->inject[0]);
	ask(&a, ABS(ABS_MT_SLOT, 99), ABS(ABS_MT_TRACKING_ID, 1), RECEIPT(1),
	    SYN);
	const struct asker_receipt r = asker_receipt(&a);
	assert_num(r.bits, WHAT(DROPPED));
	assert_true(r.n[CONTROL_DROPPED]);
}

static void the_device_tells_its_name(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker_hello(rig->inject[0]);
	char name[32] = "";
	struct vi_event ev;

	ask(&a, vi_event(CONTROL_NAME, 0, 0), SYN);
	do {
		assert_true(asker_next(&a, &ev, DEADLINE_MS));
		assert_num(vi_type(&ev), CONTROL_NAME);
		assert_true(vi_code(&ev) < sizeof(name) - 4);
		for (int i = 0; i < 4; i++)
			name[vi_code(&ev) + i] =
				(char)((uint32_t)vi_value(&ev) >> 8 * i);
	} while (name[vi_code(&ev) + 3]);
	assert_string_equal(name, "wire keyboard");
	asker_expect_nothing(&a);
}

/* --- who ------------------------------------------------------------------ */

static void who_has_not_said_hello_receives_no_control_event(void **state)
{
	struct rig *rig = *state;

	stats_serve(rig);
	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	struct asker a = asker_hello(rig->inject[1]);
	struct asker old = asker(rig->inject[0]);
	ask(&a, WATCH(1), SYN);
	expect_answer(&a, DRIVER(RUNNING));
	/* Not HELLO: another magic number, or no version. */
	ask(&old, vi_event(CONTROL_HELLO, 1, 1), RECEIPT(1), LOSSLESS(-1),
	    WATCH(1), vi_event(CONTROL_HELLO, 0, CONTROL_MAGIC), CANCEL,
	    vi_event(CONTROL_NAME, 0, 0), KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	ask(&a, KEY(KEY_B, 1), RECEIPT(2), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	expect_answer(&a, ANSWER(0, 2));
	rig_disconnect(rig);
	expect_answer(&a, DRIVER(NO_VMM));
	asker_expect_nothing(&old);
	assert_num(stats_now(rig, "undeclared"), 7);
	assert_num(stats_now(rig, "receipts"), 1);
}

/* A later version's, too: it knows what this one can. */
static void any_version_is_greeted(void **state)
{
	struct rig *rig = *state;
	struct asker a = asker(rig->inject[0]);

	ask(&a, vi_event(CONTROL_HELLO, 65535, CONTROL_MAGIC), KEY(KEY_A, 1),
	    RECEIPT(1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, HELLO, ANSWER(0, 1));
}

/* As Cuttlefish starts its back-end: two streams, of which one is written. */
static void start_cuttlefish(struct rig *rig, struct asker *a)
{
	int in, out;

	rig->listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM);
	process_arg(&rig->srv, "--verbosity=Info");
	process_arg(&rig->srv, "--socket-fd=%d", rig->listen_fd);
	process_arg(&rig->srv, "--device-config=%s/tests/wire/specs/%s.json",
		    test_root(), "keyboard");
	process_arg(&rig->srv, "--stats-path=%s/stats", rig->dir);
	process_keep_fd(&rig->srv, rig->listen_fd);
	process_start_piped(&rig->srv, &in, &out);
	*a = (struct asker){ .fd = out, .out = in };
	rig_prepare(rig, RIG_BUFFERS);
	assert_ok(fe_start(&rig->fe));
}

static void stray_types_in_cuttlefish_s_stream_are_not_answered(void **state)
{
	struct rig *rig = *state;
	struct asker a;

	start_cuttlefish(rig, &a);
	ask(&a, RECEIPT(1), vi_event(0x8000, 0, 0), vi_event(0xffff, 1, 2),
	    WATCH(1), vi_event(0x8123, 3, 4), KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	asker_expect_nothing(&a);
	assert_num(stats_now(rig, "undeclared"), 5);
	close(a.fd);
	close(a.out);
}

static void stdout_has_the_answers_to_stdin(void **state)
{
	struct rig *rig = *state;
	struct asker a;

	start_cuttlefish(rig, &a);
	ask(&a, HELLO, SYN, KEY(KEY_A, 1), RECEIPT(1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	expect_answer(&a, HELLO, ANSWER(0, 1));
	asker_expect_nothing(&a);
	close(a.fd);
	close(a.out);
}

#define T(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
#define RUNNING(name) T(name, rig_setup_running)
#define SERVING(name) T(name, rig_setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVING(a_receipt_waits_until_all_buffers_were_returned),
		SERVING(a_receipt_waits_without_event_idx_too),
		SERVING(packets_are_answered_too),
		SERVING(a_connection_is_answered_too),
		RUNNING(what_was_returned_before_a_stop_was_taken),
		RUNNING(receipts_are_answered_in_order),
		SERVING(a_receipt_is_not_early_if_the_guest_is_behind),
		RUNNING(a_receipt_for_nothing_is_answered_at_once),
		RUNNING(a_receipt_may_follow_hello_at_once),
		SERVING(receipts_in_a_ring_of_1),
		SERVING(receipts_in_a_ring_of_4),
		SERVING(receipts_in_a_ring_of_64),
		SERVING(receipts_in_a_ring_of_32768),
		RUNNING(undeclared_events_are_counted_and_one_is_named),
		RUNNING(each_receipt_names_an_event_of_its_own),
		SERVING(clamped_values_are_counted),
		SERVING(contacts_without_a_slot_are_counted),
		RUNNING(the_device_tells_its_name),
		SERVING(who_has_not_said_hello_receives_no_control_event),
		RUNNING(any_version_is_greeted),
		SERVING(stray_types_in_cuttlefish_s_stream_are_not_answered),
		SERVING(stdout_has_the_answers_to_stdin),
	};

	return cmocka_run_group_tests_name("receipts", tests, NULL, NULL);
}

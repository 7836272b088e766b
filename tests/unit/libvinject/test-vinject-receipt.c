/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts, with a server of the test's own at the other end of a socketpair:
 * what is asked, and what becomes of each answer, of folded frames and of those
 * that are withdrawn.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/libvinject/vinject.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/fake-server.h"
#include "tests/lib/process.h"

/* --- receipts --- */

static void a_receipt_is_asked_for_in_its_frame(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	assert_num(fake_server_press(s, true), 1);
	assert_num(fake_server_press(s, false), 2);
	fake_server_reads(s, "KEY 30 1, RECEIPT 1, SYN, "
			     "KEY 30 0, RECEIPT 2, SYN");
	assert_num(vinject_owed(s->v), 2);
	assert_rc(vinject_wait_receipt(s->v, 2, 1, &sum), -ETIMEDOUT);
	assert_num(sum.number, 0);
	fake_server_expect_no_report(s);

	fake_server_answers(s, 1);
	fake_server_answers(s, 2);
	assert_ok(vinject_wait_receipt(s->v, 2, DEADLINE_MS, &sum));
	assert_num(sum.number, 2);
	assert_num(sum.result, 0);
	assert_true(sum.latency_ns > 0);
	fake_server_expect_reports(s, 1, 2, 0);
	assert_num(vinject_owed(s->v), 0);
}

static void a_frame_may_be_a_receipt_alone(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	assert_ok(vinject_ask_receipt(s->v, NULL));
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "RECEIPT 1, RECEIPT 2, SYN");
	fake_server_answers(s, 1);
	fake_server_answers(s, 2);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 2, 0);
}

static void what_happened_is_reported(void **state)
{
	struct fake_server *s = *state;
	const struct vinject_receipt *r = &s->reports[0];

	fake_server_greet(s);
	fake_server_press(s, true);
	fake_server_press(s, false);
	fake_server_reads(s, NULL);
	for (uint16_t what = CONTROL_FOLDED; what < CONTROL_WHATS; what++)
		fake_server_says(s, CONTROL_COUNT, what, what * 10);
	fake_server_says(s, CONTROL_UNKNOWN, KEY_B, EV_KEY);
	fake_server_says(s, CONTROL_RECEIPT, 0x7f, fake_server_wire(s, 1));
	fake_server_answers(s, 2);
	fake_server_dispatch(s);

	assert_num(r->result, VINJECT_NO_DRIVER | VINJECT_FOLDED |
				      VINJECT_UNDECLARED | VINJECT_CLAMPED |
				      VINJECT_DROPPED | VINJECT_LOST |
				      VINJECT_CANCELLED);
	assert_num(r->folded, 10);
	assert_num(r->undeclared, 20);
	assert_num(r->clamped, 30);
	assert_num(r->dropped, 40);
	assert_num(r->lost, 50);
	assert_num(r->cancelled, 60);
	assert_num(r->unknown_type, EV_KEY);
	assert_num(r->unknown_code, KEY_B);
	/* None of it belongs to the next. */
	assert_num(r[1].result, 0);
	assert_num(r[1].undeclared, 0);
	assert_num(r[1].unknown_code, 0);
}

static void a_wait_adds_up_what_came_since_the_last(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	for (int i = 0; i < 3; i++)
		fake_server_press(s, i & 1);
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_COUNT, CONTROL_UNDECLARED, 1);
	fake_server_says(s, CONTROL_UNKNOWN, KEY_B, EV_KEY);
	fake_server_says(s, CONTROL_RECEIPT, VINJECT_UNDECLARED,
			 fake_server_wire(s, 1));
	fake_server_says(s, CONTROL_COUNT, CONTROL_UNDECLARED, 2);
	fake_server_says(s, CONTROL_UNKNOWN, KEY_C, EV_KEY);
	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, INT32_MAX);
	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, INT32_MAX);
	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, INT32_MAX);
	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, -1);
	fake_server_says(s, CONTROL_RECEIPT,
			 VINJECT_UNDECLARED | VINJECT_FOLDED,
			 fake_server_wire(s, 2));
	assert_rc(vinject_wait_receipt(s->v, 3, 0, &sum), -ETIMEDOUT);
	assert_num(sum.number, 2);
	assert_num(sum.result, VINJECT_UNDECLARED | VINJECT_FOLDED);
	assert_num(sum.undeclared, 3);
	assert_num(sum.folded, UINT32_MAX);
	assert_num(sum.unknown_code, KEY_B);

	fake_server_answers(s, 3);
	assert_ok(vinject_wait_receipt(s->v, 3, DEADLINE_MS, &sum));
	assert_num(sum.result, 0);
	assert_num(sum.number, 3);
	/* And what is reported already needs no waiting. */
	assert_ok(vinject_wait_receipt(s->v, 1, 0, &sum));
	assert_num(sum.number, 3);
	assert_num(sum.latency_ns, 0);
}

static void only_what_was_sent_is_waited_for(void **state)
{
	struct fake_server *s = *state;
	uint32_t number;

	fake_server_greet(s);
	assert_rc(vinject_wait_receipt(s->v, 1, 0, NULL), -EINVAL);
	assert_ok(vinject_ask_receipt(s->v, &number));
	assert_rc(vinject_wait_receipt(s->v, number, 0, NULL), -EINVAL);
	vinject_frame(s->v);
	assert_rc(vinject_wait_receipt(s->v, number, 0, NULL), -ETIMEDOUT);
	assert_rc(vinject_wait_receipt(s->v, number + 1, 0, NULL), -EINVAL);
}

static void a_skipped_receipt_is_reported_as_lost(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	for (int i = 0; i < 4; i++)
		fake_server_press(s, i & 1);
	fake_server_reads(s, NULL);
	fake_server_answers(s, 3);
	fake_server_answers(s, 2);
	fake_server_answers(s, 3);
	fake_server_dispatch(s);
	assert_num(s->reports[0].latency_ns, 0);
	fake_server_expect_reports(s, 1, 2, VINJECT_LOST);
	fake_server_expect_reports(s, 3, 3, 0);
	fake_server_expect_no_report(s);
	assert_num(vinject_owed(s->v), 1);
}

static void a_lost_answer_to_the_last_is_asked_for_anew(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	for (int i = 0; i < 3; i++)
		fake_server_press(s, !(i & 1));
	fake_server_drains(s);
	assert_rc(vinject_wait_receipt(s->v, 3, 0, NULL), -ETIMEDOUT);
	fake_server_reads(s, "");
	assert_rc(vinject_wait_receipt(s->v, 3, 2, NULL), -ETIMEDOUT);
	fake_server_reads(s, "RECEIPT 0, SYN");
	/* Once, until it is answered; what was sent after it is not meant. */
	assert_rc(vinject_wait_receipt(s->v, 3, 2, NULL), -ETIMEDOUT);
	fake_server_reads(s, "");
	fake_server_press(s, false);
	fake_server_answers(s, 1);
	fake_server_says(s, CONTROL_COUNT, CONTROL_LOST, 2);
	fake_server_says(s, CONTROL_RECEIPT, VINJECT_LOST,
			 fake_server_wire(s, 0));
	assert_ok(vinject_wait_receipt(s->v, 3, DEADLINE_MS, &sum));
	assert_num(sum.lost, 2);
	fake_server_expect_reports(s, 1, 1, 0);
	fake_server_expect_reports(s, 2, 3, VINJECT_LOST);
	fake_server_expect_no_report(s);
	fake_server_says(s, CONTROL_RECEIPT, 0, fake_server_wire(s, 0));
	fake_server_dispatch(s);
	fake_server_expect_no_report(s);
	assert_num(vinject_owed(s->v), 1);
}

static void as_many_are_owed_as_a_server_owes(void **state)
{
	struct fake_server *s = *state;
	uint32_t number;

	fake_server_greet(s);
	for (uint32_t i = 1; i <= VINJECT_OWED_MAX; i++) {
		assert_ok(vinject_ask_receipt(s->v, &number));
		assert_num(number, i);
		assert_num(vinject_frame(s->v), 0);
		fake_server_reads(s, NULL);
	}
	assert_rc(vinject_ask_receipt(s->v, &number), -EAGAIN);
	/* Events need none. */
	vinject_key(s->v, KEY_A, true);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "KEY 30 1, SYN");
	fake_server_answers(s, 1);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 1, 0);
	assert_ok(vinject_ask_receipt(s->v, &number));
	assert_num(number, VINJECT_OWED_MAX + 1);
	assert_rc(vinject_ask_receipt(s->v, &number), -EAGAIN);
	assert_num(vinject_owed(s->v), VINJECT_OWED_MAX);
}

static void answers_arrive_in_any_pieces(void **state)
{
	struct fake_server *s = *state;
	const struct vi_event ev[] = {
		vi_event(EV_LED, LED_CAPSL, 1),
		vi_event(CONTROL_RECEIPT, 0, 0),
	};

	fake_server_greet(s);
	fake_server_press(s, true);
	fake_server_reads(s, NULL);
	for (size_t i = 0; i < sizeof(ev); i++) {
		struct vi_event copy[2];

		memcpy(copy, ev, sizeof(ev));
		copy[1].value_le = htole32((uint32_t)fake_server_wire(s, 1));
		assert_num(send(s->fd, (const uint8_t *)copy + i, 1, 0), 1);
		fake_server_dispatch(s);
	}
	fake_server_expect_reports(s, 1, 1, 0);
	assert_true(vinject_led(s->v, LED_CAPSL));
	assert_num(s->n_status, 1);
}

static void ask_another(void *arg, const struct vinject_receipt *r)
{
	struct fake_server *s = arg;

	fake_server_note_report(s, r);
	assert_rc(vinject_hello(s->v, 0), 0);
	assert_rc(vinject_wait_driver(s->v, 0), -EBUSY);
	assert_rc(vinject_wait_receipt(s->v, r->number, 0, NULL), -EBUSY);
	assert_rc(vinject_cancel(s->v, NULL, 0), -EBUSY);
	if (r->number < 3)
		fake_server_press(s, r->number & 1);
}

static void a_callback_may_send_and_ask(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	vinject_set_receipt(s->v, ask_another, s);
	fake_server_press(s, true);
	for (uint32_t n = 1; n <= 3; n++) {
		fake_server_reads(s, NULL);
		fake_server_answers(s, n);
		fake_server_dispatch(s);
	}
	fake_server_expect_reports(s, 1, 3, 0);
	assert_num(vinject_owed(s->v), 0);
}

/* --- when frames are folded --- */

/* Frames without receipts, until one is folded. */
static void fill(struct fake_server *s)
{
	int r;

	do {
		vinject_motion(s->v, 1, 0);
		r = vinject_frame(s->v);
		assert_true(r >= 0);
	} while (!r);
	assert_num(r, 1);
}

static void a_folded_frame_keeps_its_receipt(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	fake_server_press(s, true);
	fill(s);
	fake_server_press(s, false);
	fake_server_press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	assert_true(vinject_frame(s->v) > 0);
	assert_num(vinject_folded(s->v), 3);
	fake_server_drains(s);
	assert_num(vinject_flush(s->v), 0);
	/* One request for all of them. */
	fake_server_reads(s, "REL 0 1, RECEIPT 4, SYN");
	fake_server_answers(s, 1);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 1, 0);
	fake_server_expect_no_report(s);
	fake_server_answers(s, 4);
	fake_server_dispatch(s);
	assert_num(s->reports[0].folded, 2);
	fake_server_expect_reports(s, 2, 2, VINJECT_FOLDED);
	assert_num(s->reports[0].folded, 1);
	fake_server_expect_reports(s, 3, 3, VINJECT_FOLDED);
	fake_server_expect_reports(s, 4, 4, 0);
}

static void as_many_receipts_as_are_owed_go_with_a_difference(void **state)
{
	struct fake_server *s = *state;
	const int32_t last = VINJECT_OWED_MAX;

	fake_server_greet(s);
	fake_server_press(s, true);
	fake_server_drains(s);
	fill(s);
	for (int i = 1; i < VINJECT_OWED_MAX; i++)
		fake_server_press(s, i & 1);
	fake_server_drains(s);
	while (vinject_flush(s->v))
		fake_server_drains(s);
	fake_server_drains(s);
	assert_num(s->n_wire, 2);
	fake_server_says(s, CONTROL_RECEIPT, VINJECT_NO_DRIVER,
			 fake_server_wire(s, last));
	fake_server_dispatch(s);
	assert_num(vinject_owed(s->v), 0);
	fake_server_expect_reports(s, 1, 1, VINJECT_LOST);
	fake_server_expect_reports(s, 2, 60,
				   VINJECT_FOLDED | VINJECT_NO_DRIVER);
}

static void requests_wait_for_space(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	fill(s);
	assert_ok(vinject_lossless(s->v, 1000));
	assert_ok(vinject_lossless(s->v, 2000));
	assert_true(vinject_pending(s->v) > 0);
	fake_server_drains(s);
	fake_server_dispatch(s);
	fake_server_reads(s, "LOSSLESS 2000, SYN, REL 0 1, SYN");
	assert_num(vinject_pending(s->v), 0);
}

#define LONG_FRAME 3000

/* Frames whose events are numbered, until one is sent in part. */
static int send_long_frames(struct fake_server *s)
{
	int n = 0, r;

	do {
		for (int i = 0; i < LONG_FRAME; i++)
			vinject_event(s->v, EV_MSC, MSC_RAW, n++);
		r = vinject_frame(s->v);
		assert_true(r >= 0);
	} while (!r);
	return n;
}

/* Read at most max bytes. Return: how many there were. */
static size_t read_some(const struct fake_server *s, void *to, size_t max)
{
	const ssize_t n = recv(s->fd, to, max, MSG_DONTWAIT);

	return n < 0 ? 0 : (size_t)n;
}

/* The rest of the one, of which a part was sent later, and whole others. */
static void frames_that_wait_arrive_in_order_and_whole(void **state)
{
	static struct vi_event got[200000];
	struct fake_server *s = *state;
	uint8_t *end = (uint8_t *)got;
	size_t n = 0;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	fake_server_drains(s);
	const int numbers = send_long_frames(s);
	/* What there is space for then is not the whole rest. */
	end += read_some(s, end, 9000);
	assert_num(vinject_flush(s->v), 1);
	for (int down = 1; down >= 0; down--) {
		vinject_key(s->v, KEY_A, down);
		assert_num(vinject_frame(s->v), 1);
		assert_num(vinject_flush(s->v), 1);
	}
	assert_num(vinject_folded(s->v), 0);
	do {
		size_t more;

		while ((more = read_some(s, end, 5000)))
			end += more;
	} while (vinject_flush(s->v) > 0);
	end += read_some(s, end, 100000);
	assert_true((end - (uint8_t *)got) % 8 == 0);
	for (int i = 0; i < numbers; i++) {
		assert_num(vi_value(&got[n]), i);
		assert_num(vi_code(&got[n++]), MSC_RAW);
		if (i % LONG_FRAME == LONG_FRAME - 1)
			assert_true(vi_is_syn_report(&got[n++]));
	}
	assert_events(got + n, (size_t)(end - (uint8_t *)(got + n)) / 8,
		      "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

/* --- cancel --- */

static void cancel_names_the_last_that_was_sent(void **state)
{
	struct fake_server *s = *state;
	uint32_t last = 0;

	fake_server_greet(s);
	for (int i = 0; i < 5; i++)
		fake_server_press(s, !(i & 1));
	fake_server_reads(s, NULL);
	assert_rc(vinject_cancel(s->v, &last, 0), -ETIMEDOUT);
	fake_server_reads(s, "CANCEL, SYN, KEY 30 0, SYN");
	/* What is sent after it is not withdrawn. */
	fake_server_press(s, false);
	fake_server_reads(s, NULL);
	fake_server_answers(s, 1);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 2));
	assert_ok(vinject_cancel(s->v, &last, DEADLINE_MS));
	assert_num(last, 2);
	fake_server_expect_reports(s, 1, 1, 0);
	fake_server_expect_no_report(s);
	fake_server_answers(s, 2);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 2, 2, 0);
	fake_server_expect_reports(s, 3, 5, VINJECT_CANCELLED);
	fake_server_expect_no_report(s);
	fake_server_answers(s, 4);
	fake_server_answers(s, 6);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 6, 6, 0);
}

static void cancel_can_withdraw_all(void **state)
{
	struct fake_server *s = *state;
	uint32_t last;

	fake_server_greet(s);
	fake_server_press(s, true);
	fake_server_press(s, false);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	fake_server_expect_reports(s, 1, 2, VINJECT_CANCELLED);

	/* The last one can have been answered. */
	fake_server_press(s, true);
	fake_server_press(s, false);
	fake_server_reads(s, NULL);
	fake_server_answers(s, 3);
	assert_rc(vinject_cancel(s->v, &last, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 3));
	assert_ok(vinject_cancel(s->v, &last, DEADLINE_MS));
	assert_num(last, 3);
	fake_server_expect_reports(s, 3, 3, 0);
	fake_server_expect_reports(s, 4, 4, VINJECT_CANCELLED);

	/* It can be that of an earlier user of the socket. */
	fake_server_press(s, true);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 1) - 12345);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	fake_server_expect_reports(s, 5, 5, VINJECT_CANCELLED);
	assert_num(vinject_owed(s->v), 0);
}

/* What a wait asked for in addition has no number of the program's. */
static void cancel_names_no_receipt_of_our_own(void **state)
{
	struct fake_server *s = *state;
	uint32_t last = 0;

	fake_server_greet(s);
	for (int i = 0; i < 3; i++)
		fake_server_press(s, !(i & 1));
	assert_rc(vinject_wait_receipt(s->v, 3, 2, NULL), -ETIMEDOUT);
	fake_server_press(s, false);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_drains(s);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 0));
	assert_ok(vinject_cancel(s->v, &last, DEADLINE_MS));
	assert_num(last, 3);
	fake_server_says(s, CONTROL_RECEIPT, 0, fake_server_wire(s, 0));
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 2, VINJECT_LOST);
	fake_server_expect_reports(s, 3, 3, 0);
	fake_server_expect_reports(s, 4, 4, VINJECT_CANCELLED);
}

static void cancel_leaves_nothing_held(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	vinject_key(s->v, KEY_B, true);
	vinject_touch_down(s->v, 7, 1, 2);
	vinject_pad_stick(s->v, VINJECT_LEFT, 3, 0);
	vinject_frame(s->v);
	vinject_key(s->v, KEY_B, false);
	vinject_touch_up(s->v, 7);
	vinject_pad_stick(s->v, VINJECT_LEFT, 0, 0);
	vinject_switch(s->v, SW_LID, true);
	vinject_frame(s->v);
	fake_server_press(s, true);
	vinject_key(s->v, KEY_C, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	/* Releases may have been withdrawn with the rest. */
	fake_server_reads(s, "CANCEL, SYN, ABS 47 0, ABS 57 -1, KEY 30 0, "
			     "KEY 48 0, ABS 0 0, ABS 1 0, SYN");
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	fake_server_expect_reports(s, 1, 2, VINJECT_CANCELLED);
	assert_num(vinject_touch_count(s->v), 0);
	assert_num(vinject_pending(s->v), 0);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "");
	assert_num(fake_server_press(s, true), 3);
	fake_server_reads(s, "KEY 30 1, RECEIPT 3, SYN");
}

static void cancel_fails_with_its_server(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	fake_server_press(s, true);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ECONNRESET);
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	fake_server_dispatch(s);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_ends(s);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ECONNRESET);
	fake_server_expect_reports(s, 1, 1, VINJECT_UNKNOWN);
}

int main(void)
{
#define T(test)                                                  \
	cmocka_unit_test_setup_teardown(test, fake_server_setup, \
					fake_server_teardown)
#define P(test)                                                          \
	cmocka_unit_test_setup_teardown(test, fake_server_setup_packets, \
					fake_server_teardown)
	const struct CMUnitTest tests[] = {
		T(a_receipt_is_asked_for_in_its_frame),
		P(a_receipt_is_asked_for_in_its_frame),
		T(a_frame_may_be_a_receipt_alone),
		T(what_happened_is_reported),
		P(what_happened_is_reported),
		T(a_wait_adds_up_what_came_since_the_last),
		T(only_what_was_sent_is_waited_for),
		T(a_skipped_receipt_is_reported_as_lost),
		T(a_lost_answer_to_the_last_is_asked_for_anew),
		T(as_many_are_owed_as_a_server_owes),
		P(as_many_are_owed_as_a_server_owes),
		T(answers_arrive_in_any_pieces),
		T(a_callback_may_send_and_ask),
		T(a_folded_frame_keeps_its_receipt),
		P(a_folded_frame_keeps_its_receipt),
		T(as_many_receipts_as_are_owed_go_with_a_difference),
		P(as_many_receipts_as_are_owed_go_with_a_difference),
		T(requests_wait_for_space),
		T(frames_that_wait_arrive_in_order_and_whole),
		T(cancel_names_the_last_that_was_sent),
		P(cancel_names_the_last_that_was_sent),
		T(cancel_can_withdraw_all),
		T(cancel_names_no_receipt_of_our_own),
		T(cancel_leaves_nothing_held),
		T(cancel_fails_with_its_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts, with a server of the test's own at the other end of a socketpair:
 * what is asked, what becomes of each answer, and of those that never come.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"
#include "tests/lib/process.h"
#include "tests/lib/rig.h"
#include "tests/lib/temp-dir.h"

static int setup(void **state)
{
	*state = fake_server_new(SOCK_STREAM);
	return 0;
}

static int setup_packets(void **state)
{
	*state = fake_server_new(SOCK_SEQPACKET);
	return 0;
}

static int teardown(void **state)
{
	fake_server_free(*state);
	return 0;
}

/* A frame with a key and a receipt. Return: its number. */
static uint32_t press(struct fake_server *s, bool down)
{
	uint32_t number = 0;

	assert_ok(vinject_key(s->v, KEY_A, down));
	assert_ok(vinject_ask_receipt(s->v, &number));
	assert_true(vinject_frame(s->v) >= 0);
	return number;
}

/* That nothing is reported but these numbers, in this order. */
static void expect_reports(struct fake_server *s, uint32_t first, uint32_t last,
			   unsigned int result)
{
	assert_true(s->n_reports >= last - first + 1);
	for (uint32_t n = first; n <= last; n++) {
		assert_num(s->reports[0].number, n);
		assert_num(s->reports[0].result, result);
		fake_server_forget_report(s);
	}
}

static void expect_no_report(const struct fake_server *s)
{
	assert_num(s->n_reports, 0);
}

static void dispatch(struct fake_server *s)
{
	assert_true(vinject_dispatch(s->v) >= 0);
}

static void answer(struct fake_server *s, uint32_t number)
{
	fake_server_says(s, CONTROL_RECEIPT, 0, fake_server_wire(s, number));
}

/* --- hello --- */

static void hello_is_said_once(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_reads(s, "HELLO, SYN");
	assert_rc(vinject_hello(s->v, 10), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_ok(vinject_hello(s->v, -1));
	assert_ok(vinject_hello(s->v, 0));
	fake_server_reads(s, "");
}

static void without_an_answer_events_still_work(void **state)
{
	struct fake_server *s = *state;
	char name[8];

	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	assert_rc(vinject_lossless(s->v, -1), -EOPNOTSUPP);
	assert_rc(vinject_watch_driver(s->v, NULL, NULL), -EOPNOTSUPP);
	assert_rc(vinject_wait_driver(s->v, 0), -EOPNOTSUPP);
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -EOPNOTSUPP);
	assert_rc(vinject_cancel(s->v, NULL, 0), -EOPNOTSUPP);
	assert_rc(vinject_wait_receipt(s->v, 1, 0, NULL), -EINVAL);
	vinject_key(s->v, KEY_A, true);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "HELLO, SYN, KEY 30 1, SYN");
	assert_num(vinject_owed(s->v), 0);
}

static void an_answer_may_come_late(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 7, CONTROL_MAGIC);
	dispatch(s);
	assert_ok(vinject_ask_receipt(s->v, NULL));
}

static void hello_with_other_magic_is_no_answer(void **state)
{
	struct fake_server *s = *state;

	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, 0);
	fake_server_says(s, CONTROL_HELLO, 0, CONTROL_MAGIC);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
}

static void what_was_said_to_an_earlier_user_is_no_answer(void **state)
{
	struct fake_server *s = *state;

	for (int i = 0; i < 60; i++)
		fake_server_says(s, CONTROL_RECEIPT, 0, i);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_rc(vinject_hello(s->v, 1), -EOPNOTSUPP);
}

static void hello_needs_a_connection(void **state)
{
	struct vinject *v = vinject_new();

	(void)state;
	assert_rc(vinject_hello(v, 0), -EPIPE);
	assert_rc(vinject_lossless(v, 0), -EPIPE);
	assert_rc(vinject_ask_receipt(v, NULL), -EPIPE);
	vinject_free(v);
}

/* --- receipts --- */

static void a_receipt_is_asked_for_in_its_frame(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	assert_num(press(s, true), 1);
	assert_num(press(s, false), 2);
	fake_server_reads(s, "KEY 30 1, RECEIPT 1, SYN, "
			     "KEY 30 0, RECEIPT 2, SYN");
	assert_num(vinject_owed(s->v), 2);
	assert_rc(vinject_wait_receipt(s->v, 2, 1, &sum), -ETIMEDOUT);
	assert_num(sum.number, 0);
	expect_no_report(s);

	answer(s, 1);
	answer(s, 2);
	assert_ok(vinject_wait_receipt(s->v, 2, DEADLINE_MS, &sum));
	assert_num(sum.number, 2);
	assert_num(sum.result, 0);
	assert_true(sum.latency_ns > 0);
	expect_reports(s, 1, 2, 0);
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
	answer(s, 1);
	answer(s, 2);
	dispatch(s);
	expect_reports(s, 1, 2, 0);
}

static void what_happened_is_reported(void **state)
{
	struct fake_server *s = *state;
	const struct vinject_receipt *r = &s->reports[0];

	fake_server_greet(s);
	press(s, true);
	press(s, false);
	fake_server_reads(s, NULL);
	for (uint16_t what = CONTROL_FOLDED; what < CONTROL_WHATS; what++)
		fake_server_says(s, CONTROL_COUNT, what, what * 10);
	fake_server_says(s, CONTROL_UNKNOWN, KEY_B, EV_KEY);
	fake_server_says(s, CONTROL_RECEIPT, 0x7f, fake_server_wire(s, 1));
	answer(s, 2);
	dispatch(s);

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
		press(s, i & 1);
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

	answer(s, 3);
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
		press(s, i & 1);
	fake_server_reads(s, NULL);
	answer(s, 3);
	answer(s, 2);
	answer(s, 3);
	dispatch(s);
	assert_num(s->reports[0].latency_ns, 0);
	expect_reports(s, 1, 2, VINJECT_LOST);
	expect_reports(s, 3, 3, 0);
	expect_no_report(s);
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
	answer(s, 1);
	dispatch(s);
	expect_reports(s, 1, 1, 0);
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
	press(s, true);
	fake_server_reads(s, NULL);
	for (size_t i = 0; i < sizeof(ev); i++) {
		struct vi_event copy[2];

		memcpy(copy, ev, sizeof(ev));
		copy[1].value_le = htole32((uint32_t)fake_server_wire(s, 1));
		assert_num(send(s->fd, (const uint8_t *)copy + i, 1, 0), 1);
		dispatch(s);
	}
	expect_reports(s, 1, 1, 0);
	assert_true(vinject_led(s->v, LED_CAPSL));
	assert_num(s->n_status, 1);
}

/* --- with LEDs beside --- */

static void control_events_reach_no_status_callback(void **state)
{
	struct fake_server *s = *state;

	for (uint32_t type = CONTROL_FIRST; type < CONTROL_FIRST + 20; type++)
		fake_server_says(s, (uint16_t)type, 1, 2);
	fake_server_says(s, UINT16_MAX, 1, 2);
	dispatch(s);
	fake_server_greet(s);
	for (uint32_t type = CONTROL_FIRST + 1; type < CONTROL_FIRST + 20;
	     type++)
		fake_server_says(s, (uint16_t)type, 1, 2);
	fake_server_says(s, EV_LED, LED_NUML, 1);
	dispatch(s);
	dispatch(s);
	assert_num(s->n_status, 1);
	assert_true(vinject_led(s->v, LED_NUML));
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
		press(s, r->number & 1);
}

static void a_callback_may_send_and_ask(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	vinject_set_receipt(s->v, ask_another, s);
	press(s, true);
	for (uint32_t n = 1; n <= 3; n++) {
		fake_server_reads(s, NULL);
		answer(s, n);
		dispatch(s);
	}
	expect_reports(s, 1, 3, 0);
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
	press(s, true);
	fill(s);
	press(s, false);
	press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	assert_true(vinject_frame(s->v) > 0);
	assert_num(vinject_folded(s->v), 3);
	fake_server_drains(s);
	assert_num(vinject_flush(s->v), 0);
	fake_server_reads(s, "REL 0 1, RECEIPT 2, RECEIPT 3, RECEIPT 4, SYN");
	for (uint32_t n = 1; n <= 4; n++)
		answer(s, n);
	dispatch(s);
	expect_reports(s, 1, 1, 0);
	assert_num(s->reports[0].folded, 2);
	expect_reports(s, 2, 2, VINJECT_FOLDED);
	assert_num(s->reports[0].folded, 1);
	expect_reports(s, 3, 3, VINJECT_FOLDED);
	expect_reports(s, 4, 4, 0);
}

static void as_many_receipts_as_are_owed_go_with_a_difference(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	fill(s);
	for (int i = 0; i < VINJECT_OWED_MAX; i++)
		press(s, !(i & 1));
	fake_server_drains(s);
	while (vinject_flush(s->v))
		fake_server_drains(s);
	fake_server_drains(s);
	assert_num(s->n_wire, VINJECT_OWED_MAX);
	for (uint32_t n = 1; n <= VINJECT_OWED_MAX; n++) {
		answer(s, n);
		dispatch(s);
	}
	assert_num(vinject_owed(s->v), 0);
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
	dispatch(s);
	fake_server_reads(s, "LOSSLESS 2000, SYN, REL 0 1, SYN");
	assert_num(vinject_pending(s->v), 0);
}

/* --- when the server ends, or is replaced --- */

static void what_is_owed_at_the_end_is_unknown(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	press(s, true);
	press(s, false);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	answer(s, 1);
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	expect_reports(s, 1, 1, 0);
	expect_reports(s, 2, 3, VINJECT_UNKNOWN);
	expect_no_report(s);
	assert_num(vinject_owed(s->v), 0);
	assert_rc(vinject_wait_receipt(s->v, 2, -1, &sum), -ECONNRESET);
	assert_num(sum.result, VINJECT_UNKNOWN);
	assert_rc(vinject_ask_receipt(s->v, NULL), -EPIPE);
	assert_rc(vinject_hello(s->v, -1), -EPIPE);
}

static void a_wait_ends_with_the_connection(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	press(s, true);
	fake_server_ends(s);
	/* The frame notices first, and reports nothing. */
	vinject_key(s->v, KEY_A, false);
	assert_rc(vinject_frame(s->v), -EPIPE);
	expect_no_report(s);
	assert_num(vinject_owed(s->v), 1);
	assert_rc(vinject_wait_receipt(s->v, 1, -1, &sum), -ECONNRESET);
	assert_num(sum.result, VINJECT_UNKNOWN);
	expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	assert_ok(vinject_wait_receipt(s->v, 1, -1, &sum));
}

static void a_handle_opened_again_owes_nothing_new(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_ok(vinject_watch_driver(s->v, NULL, NULL));
	press(s, true);
	fake_server_reads(s, NULL);
	fake_server_ends(s);
	vinject_key(s->v, KEY_A, false);
	assert_rc(vinject_frame(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	dispatch(s);
	expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	fake_server_reads(s, "");
	fake_server_greet(s);
	assert_num(press(s, true), 2);
	fake_server_reads(s, "KEY 30 1, RECEIPT 2, SYN");
	answer(s, 2);
	dispatch(s);
	expect_reports(s, 2, 2, 0);
}

static void a_second_hello_is_a_new_server(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	dispatch(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_RUNNING);

	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, 1);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	dispatch(s);
	fake_server_reads(s, "LOSSLESS -1, WATCH 1, SYN");
	expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	expect_no_report(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	/* What was not yet sent is owed by the new one. */
	assert_num(vinject_owed(s->v), 1);
	vinject_frame(s->v);
	fake_server_reads(s, "RECEIPT 2, SYN");
	answer(s, 1);
	answer(s, 2);
	dispatch(s);
	assert_num(s->reports[0].folded, 0);
	expect_reports(s, 2, 2, 0);
	expect_no_report(s);
}

static void dispatch_until_sent(struct fake_server *s)
{
	while (vinject_pending(s->v)) {
		struct pollfd p = { .fd = vinject_fd(s->v), .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		dispatch(s);
	}
}

static void accept_it(struct fake_server *s, int listening)
{
	s->fd = accept(listening, NULL, NULL);
	assert_sys(s->fd);
}

static void a_new_connection_is_asked_the_same_again(void **state)
{
	struct fake_server *s = *state;
	char dir[TEMP_DIR_LEN], path[64];

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/a.inject", dir);
	const int listening = rig_unix_listen(path, SOCK_STREAM);
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	assert_ok(vinject_open(s->v, path));
	vinject_set_reconnect(s->v, true);
	accept_it(s, listening);
	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, 5000));
	assert_ok(vinject_watch_driver(s->v, NULL, NULL));
	assert_rc(vinject_wait_driver(s->v, 0), -ETIMEDOUT);
	press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);

	fake_server_ends(s);
	dispatch(s);
	expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	vinject_frame(s->v); /* of the receipt alone */
	press(s, false);
	dispatch_until_sent(s);
	accept_it(s, listening);
	fake_server_reads(s, "HELLO, LOSSLESS 5000, WATCH 1, SYN, "
			     "RECEIPT 2, RECEIPT 3, SYN");
	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	answer(s, 2);
	answer(s, 3);
	dispatch(s);
	expect_reports(s, 2, 2, 0);
	expect_reports(s, 3, 3, VINJECT_FOLDED);
	close(listening);
	temp_dir_remove(dir);
}

static void open_again(void *arg, const struct vinject_receipt *r)
{
	struct fake_server *s = arg;

	fake_server_note_report(s, r);
	if (r->number != 1)
		return;
	fake_server_ends(s);
	vinject_key(s->v, KEY_B, true);
	assert_rc(vinject_frame(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
}

static void a_callback_may_come_to_another_connection(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	vinject_set_receipt(s->v, open_again, s);
	for (int i = 0; i < 3; i++)
		press(s, i & 1);
	fake_server_reads(s, NULL);
	answer(s, 2);
	answer(s, 3);
	dispatch(s);
	expect_reports(s, 1, 1, VINJECT_LOST);
	assert_num(s->reports[0].number, 2);
	fake_server_forget_report(s);
	expect_reports(s, 3, 3, VINJECT_UNKNOWN);
	fake_server_greet(s);
}

/* --- lossless, driver, name --- */

static void lossless_has_a_limit(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_rc(vinject_lossless(s->v, -2), -EINVAL);
	assert_ok(vinject_lossless(s->v, 500));
	assert_ok(vinject_lossless(s->v, 0));
	fake_server_reads(s, "LOSSLESS 500, SYN, LOSSLESS 0, SYN");
}

static void the_next_user_of_the_socket_starts_anew(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_rc(vinject_wait_driver(s->v, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	vinject_free(s->v);
	s->v = NULL;
	fake_server_reads(s, "LOSSLESS 0, WATCH 0, SYN");
}

static void the_driver_is_watched(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	dispatch(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	for (int32_t i = -1; i <= CONTROL_DRIVER_RUNNING + 1; i++) {
		fake_server_says(s, CONTROL_DRIVER, 0, i);
		fake_server_says(s, CONTROL_DRIVER, 0, i);
	}
	dispatch(s);
	assert_num(s->n_drivers, 3);
	assert_num(s->drivers[0], VINJECT_DRIVER_NO_VMM);
	assert_num(s->drivers[1], VINJECT_DRIVER_NONE);
	assert_num(s->drivers[2], VINJECT_DRIVER_RUNNING);
	assert_ok(vinject_watch_driver(s->v, NULL, NULL));
	fake_server_reads(s, "WATCH 1, SYN, WATCH 0, SYN");
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	dispatch(s);
	assert_num(s->n_drivers, 3);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
}

static void a_driver_is_waited_for(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_rc(vinject_wait_driver(s->v, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_NONE);
	assert_rc(vinject_wait_driver(s->v, 1), -ETIMEDOUT);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_NONE);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	assert_ok(vinject_wait_driver(s->v, -1));
	fake_server_reads(s, "WATCH 1, SYN");
	/* A callback that is set now hears the present state. */
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	fake_server_reads(s, "WATCH 1, SYN");
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	dispatch(s);
	assert_num(s->n_drivers, 1);
	fake_server_ends(s);
	assert_rc(vinject_wait_driver(s->v, -1), -EPIPE);
}

static void says_name(struct fake_server *s, const char *name, size_t len)
{
	for (size_t at = 0; at <= len; at += 4) {
		char part[4] = { 0 };
		int32_t value;

		for (size_t i = 0; i < 4 && at + i < len; i++)
			part[i] = name[at + i];
		memcpy(&value, part, 4);
		fake_server_says(s, CONTROL_NAME, (uint16_t)at,
				 (int32_t)le32toh((uint32_t)value));
	}
}

static void the_name_comes_in_parts(void **state)
{
	struct fake_server *s = *state;
	char name[129], longest[128];

	fake_server_greet(s);
	memset(longest, 'x', sizeof(longest));
	says_name(s, "not asked for", 13);
	dispatch(s);
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	fake_server_reads(s, "NAME, SYN");
	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	fake_server_reads(s, "");
	fake_server_says(s, CONTROL_NAME, 129, 0);
	fake_server_says(s, CONTROL_NAME, UINT16_MAX, 0);
	says_name(s, "touch_12", 8);
	assert_ok(vinject_name(s->v, name, sizeof(name), 0));
	assert_string_equal(name, "touch_12");

	assert_rc(vinject_name(s->v, name, sizeof(name), 0), -ETIMEDOUT);
	says_name(s, longest, sizeof(longest));
	assert_ok(vinject_name(s->v, name, sizeof(name), 0));
	assert_memory_equal(name, longest, 128);
	assert_num(name[128], 0);

	assert_rc(vinject_name(s->v, name, 4, 0), -ETIMEDOUT);
	says_name(s, "abcd", 4);
	assert_rc(vinject_name(s->v, name, 4, 0), -ERANGE);
	assert_string_equal(name, "abc");
}

/* --- cancel --- */

static void cancel_names_the_last_that_was_sent(void **state)
{
	struct fake_server *s = *state;
	uint32_t last = 0;

	fake_server_greet(s);
	for (int i = 0; i < 5; i++)
		press(s, !(i & 1));
	fake_server_reads(s, NULL);
	assert_rc(vinject_cancel(s->v, &last, 0), -ETIMEDOUT);
	fake_server_reads(s, "CANCEL, SYN, KEY 30 0, SYN");
	/* What is sent after it is not withdrawn. */
	press(s, false);
	fake_server_reads(s, NULL);
	answer(s, 1);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 2));
	assert_ok(vinject_cancel(s->v, &last, DEADLINE_MS));
	assert_num(last, 2);
	expect_reports(s, 1, 1, 0);
	expect_no_report(s);
	answer(s, 2);
	dispatch(s);
	expect_reports(s, 2, 2, 0);
	expect_reports(s, 3, 5, VINJECT_CANCELLED);
	expect_no_report(s);
	answer(s, 4);
	answer(s, 6);
	dispatch(s);
	expect_reports(s, 6, 6, 0);
}

static void cancel_can_withdraw_all(void **state)
{
	struct fake_server *s = *state;
	uint32_t last;

	fake_server_greet(s);
	press(s, true);
	press(s, false);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	expect_reports(s, 1, 2, VINJECT_CANCELLED);

	/* The last one can have been answered. */
	press(s, true);
	press(s, false);
	fake_server_reads(s, NULL);
	answer(s, 3);
	assert_rc(vinject_cancel(s->v, &last, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 3));
	assert_ok(vinject_cancel(s->v, &last, DEADLINE_MS));
	assert_num(last, 3);
	expect_reports(s, 3, 3, 0);
	expect_reports(s, 4, 4, VINJECT_CANCELLED);

	/* It can be that of an earlier user of the socket. */
	press(s, true);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_CANCEL, 1, fake_server_wire(s, 1) - 12345);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	expect_reports(s, 5, 5, VINJECT_CANCELLED);
	assert_num(vinject_owed(s->v), 0);
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
	press(s, true);
	vinject_key(s->v, KEY_C, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	/* Releases may have been withdrawn with the rest. */
	fake_server_reads(s, "CANCEL, SYN, ABS 47 0, ABS 57 -1, KEY 30 0, "
			     "KEY 48 0, ABS 0 0, ABS 1 0, SYN");
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ENODATA);
	expect_reports(s, 1, 2, VINJECT_CANCELLED);
	assert_num(vinject_touch_count(s->v), 0);
	assert_num(vinject_pending(s->v), 0);
	assert_num(vinject_frame(s->v), 0);
	fake_server_reads(s, "");
	assert_num(press(s, true), 3);
	fake_server_reads(s, "KEY 30 1, RECEIPT 3, SYN");
}

static void cancel_fails_with_its_server(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	press(s, true);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ECONNRESET);
	fake_server_says(s, CONTROL_CANCEL, 0, 0);
	dispatch(s);
	assert_rc(vinject_cancel(s->v, NULL, 0), -ETIMEDOUT);
	fake_server_ends(s);
	assert_rc(vinject_cancel(s->v, NULL, DEADLINE_MS), -ECONNRESET);
	expect_reports(s, 1, 1, VINJECT_UNKNOWN);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define P(test) cmocka_unit_test_setup_teardown(test, setup_packets, teardown)
	const struct CMUnitTest tests[] = {
		T(hello_is_said_once),
		P(hello_is_said_once),
		T(without_an_answer_events_still_work),
		T(an_answer_may_come_late),
		T(hello_with_other_magic_is_no_answer),
		T(what_was_said_to_an_earlier_user_is_no_answer),
		P(what_was_said_to_an_earlier_user_is_no_answer),
		cmocka_unit_test(hello_needs_a_connection),
		T(a_receipt_is_asked_for_in_its_frame),
		P(a_receipt_is_asked_for_in_its_frame),
		T(a_frame_may_be_a_receipt_alone),
		T(what_happened_is_reported),
		P(what_happened_is_reported),
		T(a_wait_adds_up_what_came_since_the_last),
		T(only_what_was_sent_is_waited_for),
		T(a_skipped_receipt_is_reported_as_lost),
		T(as_many_are_owed_as_a_server_owes),
		P(as_many_are_owed_as_a_server_owes),
		T(answers_arrive_in_any_pieces),
		T(control_events_reach_no_status_callback),
		P(control_events_reach_no_status_callback),
		T(a_callback_may_send_and_ask),
		T(a_folded_frame_keeps_its_receipt),
		P(a_folded_frame_keeps_its_receipt),
		T(as_many_receipts_as_are_owed_go_with_a_difference),
		P(as_many_receipts_as_are_owed_go_with_a_difference),
		T(requests_wait_for_space),
		T(what_is_owed_at_the_end_is_unknown),
		P(what_is_owed_at_the_end_is_unknown),
		T(a_wait_ends_with_the_connection),
		T(a_handle_opened_again_owes_nothing_new),
		T(a_second_hello_is_a_new_server),
		P(a_second_hello_is_a_new_server),
		T(a_new_connection_is_asked_the_same_again),
		T(a_callback_may_come_to_another_connection),
		T(lossless_has_a_limit),
		T(the_next_user_of_the_socket_starts_anew),
		T(the_driver_is_watched),
		T(a_driver_is_waited_for),
		T(the_name_comes_in_parts),
		T(cancel_names_the_last_that_was_sent),
		P(cancel_names_the_last_that_was_sent),
		T(cancel_can_withdraw_all),
		T(cancel_leaves_nothing_held),
		T(cancel_fails_with_its_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

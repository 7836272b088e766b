/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of receipts and of what is set when the server ends or is
 * replaced.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject.h"
#include "input/device/control.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-server.h"
#include "tests/lib/process.h"
#include "tests/lib/rig.h"
#include "tests/lib/temp-dir.h"

/* --- when the server ends, or is replaced --- */

static void what_is_owed_at_the_end_is_unknown(void **state)
{
	struct fake_server *s = *state;
	struct vinject_receipt sum;

	fake_server_greet(s);
	fake_server_press(s, true);
	fake_server_press(s, false);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	fake_server_answers(s, 1);
	fake_server_ends(s);
	assert_rc(vinject_dispatch(s->v), -EPIPE);
	fake_server_expect_reports(s, 1, 1, 0);
	fake_server_expect_reports(s, 2, 3, VINJECT_UNKNOWN);
	fake_server_expect_no_report(s);
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
	fake_server_press(s, true);
	fake_server_ends(s);
	/* The frame notices first, and reports nothing. */
	vinject_key(s->v, KEY_A, false);
	assert_rc(vinject_frame(s->v), -EPIPE);
	fake_server_expect_no_report(s);
	assert_num(vinject_owed(s->v), 1);
	assert_rc(vinject_wait_receipt(s->v, 1, -1, &sum), -ECONNRESET);
	assert_num(sum.result, VINJECT_UNKNOWN);
	fake_server_expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	assert_ok(vinject_wait_receipt(s->v, 1, -1, &sum));
}

static void a_handle_opened_again_owes_nothing_new(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_ok(vinject_watch_driver(s->v, NULL, NULL));
	fake_server_press(s, true);
	fake_server_reads(s, NULL);
	fake_server_ends(s);
	vinject_key(s->v, KEY_A, false);
	assert_rc(vinject_frame(s->v), -EPIPE);
	fake_server_opens(s, SOCK_STREAM);
	assert_rc(vinject_ask_receipt(s->v, NULL), -EOPNOTSUPP);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	fake_server_reads(s, "");
	fake_server_greet(s);
	assert_num(fake_server_press(s, true), 2);
	fake_server_reads(s, "KEY 30 1, RECEIPT 2, SYN");
	fake_server_answers(s, 2);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 2, 2, 0);
}

static void a_second_hello_is_a_new_server(void **state)
{
	struct fake_server *s = *state;

	fake_server_greet(s);
	assert_ok(vinject_lossless(s->v, -1));
	assert_ok(vinject_watch_driver(s->v, fake_server_note_driver, s));
	fake_server_press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);
	fake_server_says(s, CONTROL_DRIVER, 0, CONTROL_DRIVER_RUNNING);
	fake_server_dispatch(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_RUNNING);

	fake_server_says(s, CONTROL_COUNT, CONTROL_FOLDED, 1);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	fake_server_dispatch(s);
	fake_server_reads(s, "LOSSLESS -1, WATCH 1, SYN");
	fake_server_expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	fake_server_expect_no_report(s);
	assert_num(vinject_driver(s->v), VINJECT_DRIVER_UNKNOWN);
	/* What was not yet sent is owed by the new one. */
	assert_num(vinject_owed(s->v), 1);
	vinject_frame(s->v);
	fake_server_reads(s, "RECEIPT 2, SYN");
	fake_server_answers(s, 1);
	fake_server_answers(s, 2);
	fake_server_dispatch(s);
	assert_num(s->reports[0].folded, 0);
	fake_server_expect_reports(s, 2, 2, 0);
	fake_server_expect_no_report(s);
}

static void dispatch_until_sent(struct fake_server *s)
{
	while (vinject_pending(s->v)) {
		struct pollfd p = { .fd = vinject_fd(s->v), .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		fake_server_dispatch(s);
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
	fake_server_press(s, true);
	assert_ok(vinject_ask_receipt(s->v, NULL));
	fake_server_reads(s, NULL);

	fake_server_ends(s);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 1, VINJECT_UNKNOWN);
	vinject_frame(s->v); /* of the receipt alone */
	fake_server_press(s, false);
	dispatch_until_sent(s);
	accept_it(s, listening);
	fake_server_reads(s, "HELLO, LOSSLESS 5000, WATCH 1, SYN, "
			     "RECEIPT 3, SYN");
	assert_rc(vinject_hello(s->v, 0), -EOPNOTSUPP);
	fake_server_says(s, CONTROL_HELLO, 1, CONTROL_MAGIC);
	fake_server_answers(s, 3);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 2, 2, 0);
	fake_server_expect_reports(s, 3, 3, VINJECT_FOLDED);
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
		fake_server_press(s, i & 1);
	fake_server_reads(s, NULL);
	fake_server_answers(s, 2);
	fake_server_answers(s, 3);
	fake_server_dispatch(s);
	fake_server_expect_reports(s, 1, 1, VINJECT_LOST);
	assert_num(s->reports[0].number, 2);
	fake_server_forget_report(s);
	fake_server_expect_reports(s, 3, 3, VINJECT_UNKNOWN);
	fake_server_greet(s);
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
		T(what_is_owed_at_the_end_is_unknown),
		P(what_is_owed_at_the_end_is_unknown),
		T(a_wait_ends_with_the_connection),
		T(a_handle_opened_again_owes_nothing_new),
		T(a_second_hello_is_a_new_server),
		P(a_second_hello_is_a_new_server),
		T(a_new_connection_is_asked_the_same_again),
		T(a_callback_may_come_to_another_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

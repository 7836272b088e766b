/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject's receipts from the real server: they come when the guest's driver
 * has returned the buffers, say what became of the frames, and none is left
 * open when a driver or the server ends.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/libvinject/vinject.h"
#include "tests/lib/respawn.h"
#include "tests/lib/rig.h"
#include "tests/lib/stats.h"

#define REPORTS_MAX 1024

struct both {
	struct rig *rig;
	struct respawn respawn;
	struct vinject *v;
	struct vinject_receipt reports[REPORTS_MAX];
	size_t n_reports;
	enum vinject_driver drivers[16];
	size_t n_drivers;
};

static void note_report(void *arg, const struct vinject_receipt *r)
{
	struct both *b = arg;

	assert_true(b->n_reports < REPORTS_MAX);
	b->reports[b->n_reports++] = *r;
}

static void note_driver(void *arg, enum vinject_driver state)
{
	struct both *b = arg;

	assert_true(b->n_drivers < ARRAY_LEN(b->drivers));
	b->drivers[b->n_drivers++] = state;
}

static int setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));
	void *rig = NULL;

	assert_non_null(b);
	rig_setup(&rig);
	b->rig = rig;
	b->v = vinject_new();
	assert_non_null(b->v);
	vinject_set_receipt(b->v, note_report, b);
	vinject_set_wait(b->v, DEADLINE_MS);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;
	void *rig = b->rig;
	int r;

	vinject_free(b->v);
	r = rig_teardown(&rig);
	if (b->respawn.rig)
		respawn_fini(&b->respawn);
	free(b);
	return r;
}

static void open_it(struct both *b)
{
	assert_ok(vinject_open(b->v, b->rig->inject_path));
	if (getenv("VINPUT_SHARE"))
		assert_ok(vinject_share_memory(b->v, DEADLINE_MS));
	assert_ok(vinject_hello(b->v, DEADLINE_MS));
}

/* A server, its guest, and a handle that has said hello. */
static void run(struct both *b, const char *spec, uint16_t buffers)
{
	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	stats_serve(b->rig);
	rig_run(b->rig, spec, buffers);
	open_it(b);
}

static uint32_t press(struct both *b, uint16_t key, bool down)
{
	uint32_t number = 0;

	assert_ok(vinject_key(b->v, key, down));
	assert_ok(vinject_ask_receipt(b->v, &number));
	assert_true(vinject_frame(b->v) >= 0);
	return number;
}

/* Return: the sum of the results. */
static struct vinject_receipt wait_for(struct both *b, uint32_t number)
{
	struct vinject_receipt sum;

	assert_ok(vinject_wait_receipt(b->v, number, DEADLINE_MS, &sum));
	return sum;
}

static void expect_no_answer(struct both *b, uint32_t number)
{
	assert_rc(vinject_wait_receipt(b->v, number, RIG_QUIET_MS, NULL),
		  -ETIMEDOUT);
}

static void what_the_guest_returned_was_taken(void **state)
{
	struct both *b = *state;
	struct vinject_receipt sum;
	uint32_t down, up;

	run(b, "keyboard", RIG_BUFFERS);
	down = press(b, KEY_A, true);
	up = press(b, KEY_A, false);
	expect_no_answer(b, down);
	expect(b->rig, KEY(KEY_A, 1), SYN);
	wait_for(b, down);
	expect_no_answer(b, up);
	expect(b->rig, KEY(KEY_A, 0), SYN);
	sum = wait_for(b, up);
	assert_num(sum.result, 0);
	assert_num(sum.number, up);
	assert_true(sum.latency_ns >= RIG_QUIET_MS * 1000000ull);
	assert_num(b->n_reports, 2);
	assert_num(vinject_owed(b->v), 0);
	rig_expect_nothing(b->rig);
}

static void what_the_device_lacks_is_named(void **state)
{
	struct both *b = *state;
	const struct vinject_receipt *r = b->reports;
	char name[129];
	uint32_t number;

	run(b, "keyboard", RIG_BUFFERS);
	vinject_motion(b->v, 1, 2);
	number = press(b, KEY_A, true);
	expect(b->rig, KEY(KEY_A, 1), SYN);
	wait_for(b, number);
	assert_num(r->result, VINJECT_UNDECLARED);
	assert_num(r->undeclared, 2);
	assert_num(r->unknown_type, EV_REL);
	assert_true(r->unknown_code == REL_X || r->unknown_code == REL_Y);
	assert_ok(vinject_name(b->v, name, sizeof(name), DEADLINE_MS));
	assert_string_equal(name, "wire keyboard");
	/* A frame of which nothing is left is taken when those before are. */
	vinject_motion(b->v, 1, 0);
	assert_ok(vinject_ask_receipt(b->v, &number));
	vinject_frame(b->v);
	assert_num(wait_for(b, number).undeclared, 1);
	rig_expect_nothing(b->rig);
}

/* More frames than the guest has buffers for. Return: the last receipt. */
static uint32_t press_many(struct both *b, unsigned int n)
{
	uint32_t last = 0;

	for (unsigned int i = 0; i < n; i++)
		last = press(b, KEY_A, !(i & 1));
	return last;
}

static void expect_many(struct both *b, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		expect(b->rig, KEY(KEY_A, !(i & 1)), SYN);
}

static void frames_of_a_lossless_handle_wait_for_a_stalled_guest(void **state)
{
	struct both *b = *state;
	uint32_t last;

	process_arg(&b->rig->srv, "--stall-ms=10");
	run(b, "keyboard", 16);
	assert_ok(vinject_lossless(b->v, -1));
	last = press_many(b, 100);
	stats_wait(b->rig, "stalls", 1);
	expect_no_answer(b, 1);
	/* The guest resumes, stalls again, and resumes. */
	expect_many(b, 0, 20);
	wait_for(b, 20);
	expect_no_answer(b, 21);
	expect_many(b, 20, 100);
	assert_num(wait_for(b, last).result, 0);
	assert_num(b->n_reports, 100);
	for (size_t i = 0; i < 100; i++)
		assert_num(b->reports[i].result, 0);
	rig_expect_nothing(b->rig);
}

/* Take events until nothing arrives. Return: whether KEY_A is down. */
static bool take_all(struct both *b)
{
	struct vi_event ev;
	bool down = false;

	while (!fe_next_event(&b->rig->fe, &ev, RIG_QUIET_MS))
		if (vi_type(&ev) == EV_KEY && vi_code(&ev) == KEY_A)
			down = vi_value(&ev);
	return down;
}

static void without_lossless_a_stall_folds_and_is_reported(void **state)
{
	struct both *b = *state;
	struct vinject_receipt sum;
	uint32_t last;

	process_arg(&b->rig->srv, "--stall-ms=10");
	run(b, "keyboard", 16);
	last = press_many(b, 101);
	stats_wait(b->rig, "receipts", 101);
	assert_true(take_all(b));
	sum = wait_for(b, last);
	assert_num(sum.result, VINJECT_FOLDED);
	assert_true(sum.folded > 80 && sum.folded < 101);
	assert_num(b->reports[0].result, 0);
	assert_num(b->reports[100].result, VINJECT_FOLDED);
}

static void a_limit_of_lossless_ends_in_folding(void **state)
{
	struct both *b = *state;
	struct vinject_receipt sum;
	uint32_t last;

	process_arg(&b->rig->srv, "--stall-ms=10");
	run(b, "keyboard", 16);
	assert_ok(vinject_lossless(b->v, 3 * RIG_QUIET_MS));
	last = press_many(b, 101);
	stats_wait(b->rig, "receipts", 101);
	assert_true(take_all(b));
	sum = wait_for(b, last);
	assert_num(sum.result, VINJECT_FOLDED);
	assert_num(b->reports[0].result, 0);
}

static void cancel_leaves_the_guest_what_it_was_sent(void **state)
{
	struct both *b = *state;
	uint32_t last = 0;

	process_arg(&b->rig->srv, "--stall-ms=10");
	run(b, "keyboard", 16);
	assert_ok(vinject_lossless(b->v, -1));
	press_many(b, 101);
	expect_no_answer(b, 1);
	assert_ok(vinject_cancel(b->v, &last, DEADLINE_MS));
	/* 16 buffers, and perhaps a frame on its way. */
	assert_true(last == 8 || last == 9);
	expect_many(b, 0, last);
	wait_for(b, last);
	assert_num(b->reports[last - 1].result, 0);
	if (last & 1)
		expect(b->rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(b->rig);
	assert_ok(vinject_wait_receipt(b->v, 101, DEADLINE_MS, NULL));
	assert_num(b->n_reports, 101);
	assert_num(b->reports[last].result, VINJECT_CANCELLED);
	assert_num(b->reports[100].result, VINJECT_CANCELLED);
	/* The handle works as before. */
	press(b, KEY_S, true);
	expect(b->rig, KEY(KEY_S, 1), SYN);
	assert_num(wait_for(b, 102).result & ~(unsigned int)VINJECT_CANCELLED,
		   0);
}

/* The server's answers fill the socket, and the last ones find no space. */
static void who_does_not_read_loses_receipts_and_no_events(void **state)
{
	const unsigned int n = 900;
	struct both *b = *state;
	struct vinject_receipt sum;
	unsigned int lost = 0;

	run(b, "keyboard", RIG_BUFFERS);
	for (unsigned int i = 0; i < n; i++) {
		press(b, KEY_A, !(i & 1));
		expect(b->rig, KEY(KEY_A, !(i & 1)), SYN);
	}
	rig_expect_nothing(b->rig);
	sum = wait_for(b, n);
	assert_num(b->n_reports, n);
	for (unsigned int i = 0; i < n - 1; i++)
		lost += b->reports[i].result == VINJECT_LOST;
	assert_true(lost > 0);
	assert_num(sum.result, VINJECT_LOST);
	/* The last one says how many, and is one of them or not. */
	assert_true(sum.lost == lost || sum.lost == lost + 1);
	assert_num(b->reports[n - 1].lost, sum.lost);
}

/* The server reads nothing, and the library folds. */
static void receipts_of_folded_frames_are_answered(void **state)
{
	struct both *b = *state;
	uint32_t first, last;
	bool down = false;

	process_arg(&b->rig->srv, "--overflow=block");
	run(b, "keyboard", RIG_BUFFERS);
	/* Each is another state: folded into the same, none is pending. */
	do {
		while (!vinject_pending(b->v)) {
			down = !down;
			vinject_key(b->v, KEY_B, down);
			assert_true(vinject_frame(b->v) >= 0);
		}
		usleep(RIG_QUIET_MS * 1000);
	} while (!vinject_flush(b->v));
	first = press(b, KEY_A, true);
	last = press_many(b, 500) + 1;
	assert_num(press(b, KEY_A, true), last);
	assert_true(vinject_pending(b->v) >= last - first);
	do
		take_all(b);
	while (vinject_dispatch(b->v));
	take_all(b);
	wait_for(b, last);
	assert_num(b->n_reports, 502);
	for (size_t i = 0; i < b->n_reports; i++)
		assert_true(b->reports[i].result & VINJECT_FOLDED);
}

/* --- drivers --- */

static void a_driver_that_comes_and_goes_is_noticed(void **state)
{
	struct both *b = *state;
	struct rig *rig = b->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_serve(rig, "keyboard");
	open_it(b);
	assert_ok(vinject_watch_driver(b->v, note_driver, b));
	assert_rc(vinject_wait_driver(b->v, RIG_QUIET_MS), -ETIMEDOUT);
	assert_num(vinject_driver(b->v), VINJECT_DRIVER_NO_VMM);
	rig_prepare(rig, RIG_BUFFERS);
	assert_rc(vinject_wait_driver(b->v, RIG_QUIET_MS), -ETIMEDOUT);
	assert_num(vinject_driver(b->v), VINJECT_DRIVER_NONE);
	assert_ok(fe_start(&rig->fe));
	assert_ok(vinject_wait_driver(b->v, DEADLINE_MS));
	rig_disconnect(rig);
	while (vinject_driver(b->v) == VINJECT_DRIVER_RUNNING)
		assert_true(vinject_dispatch(b->v) >= 0);
	assert_num(vinject_driver(b->v), VINJECT_DRIVER_NO_VMM);
	assert_num(b->n_drivers, 4);
}

static void without_a_driver_receipts_say_so(void **state)
{
	struct both *b = *state;
	struct rig *rig = b->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_serve(rig, "keyboard");
	open_it(b);
	press(b, KEY_A, true);
	assert_true(wait_for(b, 1).result & VINJECT_NO_DRIVER);
}

static void a_lossless_handle_waits_for_a_driver(void **state)
{
	struct both *b = *state;
	struct rig *rig = b->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_serve(rig, "keyboard");
	open_it(b);
	assert_ok(vinject_lossless(b->v, -1));
	press(b, KEY_A, true);
	press(b, KEY_A, false);
	expect_no_answer(b, 1);
	rig_run(rig, NULL, RIG_BUFFERS);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	assert_num(wait_for(b, 2).result, 0);
}

static void a_driver_that_goes_leaves_no_receipt_open(void **state)
{
	struct both *b = *state;

	run(b, "keyboard", RIG_BUFFERS);
	press(b, KEY_A, true);
	expect_no_answer(b, 1);
	rig_disconnect(b->rig);
	assert_true(wait_for(b, 1).result & VINJECT_NO_DRIVER);
	assert_num(vinject_owed(b->v), 0);
}

/* --- servers --- */

static void a_killed_server_answers_nothing(void **state)
{
	struct both *b = *state;
	struct vinject_receipt sum;
	uint32_t last;

	run(b, "keyboard", RIG_BUFFERS);
	b->rig->unclean = true;
	last = press_many(b, 20);
	expect_no_answer(b, 1);
	assert_sys(kill(b->rig->srv.pid, SIGKILL));
	assert_num(process_wait(&b->rig->srv), 128 + SIGKILL);
	assert_rc(vinject_wait_receipt(b->v, last, DEADLINE_MS, &sum),
		  -ECONNRESET);
	assert_num(sum.result, VINJECT_UNKNOWN);
	assert_num(b->n_reports, 20);
}

static void restart(struct both *b)
{
	respawn_kill(&b->respawn);
	respawn_start(&b->respawn);
	fe_ring_publish(&b->rig->fe.ring[FE_EVENTQ]);
	rig_reattach(b->rig);
}

/* Behind an inherited socket; the frames survive in the persistent file. */
static void restart_with_receipts_owed(void **state, int type)
{
	struct both *b = *state;
	struct vinject_receipt sum;
	struct rig *rig = b->rig;
	uint32_t last;
	int r;

	respawn_init(&b->respawn, rig);
	respawn_spec(&b->respawn, "keyboard");
	respawn_injector(&b->respawn, type);
	respawn_start(&b->respawn);
	rig_run(rig, NULL, 16);
	assert_ok(vinject_open_fd(b->v, dup(rig->inject[0])));
	assert_ok(vinject_hello(b->v, DEADLINE_MS));
	assert_ok(vinject_lossless(b->v, -1));
	assert_ok(vinject_watch_driver(b->v, note_driver, b));
	last = press_many(b, 101);
	expect_no_answer(b, 1);
	restart(b);
	r = vinject_wait_receipt(b->v, last, DEADLINE_MS, &sum);
	if (r == 0)
		assert_num(sum.result & VINJECT_UNKNOWN, 0);
	else
		assert_rc(r, -ECONNRESET);
	assert_num(b->n_reports, 101);
	assert_num(vinject_owed(b->v), 0);
	assert_ok(vinject_wait_driver(b->v, DEADLINE_MS));
	assert_true(take_all(b));
	/* The new one gives receipts, too. */
	last = press(b, KEY_A, false);
	expect(rig, KEY(KEY_A, 0), SYN);
	wait_for(b, last);
}

static void a_server_that_restarts_leaves_no_receipt_open(void **state)
{
	restart_with_receipts_owed(state, SOCK_STREAM);
}

static void nor_does_one_of_packets(void **state)
{
	restart_with_receipts_owed(state, SOCK_SEQPACKET);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_the_guest_returned_was_taken),
		T(what_the_device_lacks_is_named),
		T(frames_of_a_lossless_handle_wait_for_a_stalled_guest),
		T(without_lossless_a_stall_folds_and_is_reported),
		T(a_limit_of_lossless_ends_in_folding),
		T(cancel_leaves_the_guest_what_it_was_sent),
		T(who_does_not_read_loses_receipts_and_no_events),
		T(receipts_of_folded_frames_are_answered),
		T(a_driver_that_comes_and_goes_is_noticed),
		T(without_a_driver_receipts_say_so),
		T(a_lossless_handle_waits_for_a_driver),
		T(a_driver_that_goes_leaves_no_receipt_open),
		T(a_killed_server_answers_nothing),
		T(a_server_that_restarts_leaves_no_receipt_open),
		T(nor_does_one_of_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

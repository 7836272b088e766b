/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether vinput-inject knows what the guest took: guests that stall, are
 * missing, come late or go, and devices that lack what is sent.
 */
#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/base/clock.h"
#include "input/spec/spec-names.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/inject-rig.h"

#define TEXT "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

static void serve(struct both *b, const char *spec)
{
	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	rig_serve(b->rig, spec);
}

static void serve_guest(struct both *b, const char *spec, uint16_t num)
{
	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	rig_run(b->rig, spec, num);
}

/* why: in its only line; NULL: it prints none. */
static void assert_ends(struct process *p, int status, const char *why)
{
	const char *text;

	process_wait(p);
	process_read_log(p);
	text = p->err.text ? p->err.text : "";
	if (p->status != status || (why ? !strstr(text, why) : *text != '\0'))
		fail_msg("not %d, %s, but %d: %s", status, why, p->status,
			 text);
}

static uint16_t key_of(char letter)
{
	char name[] = { 'K', 'E', 'Y', '_', (char)toupper(letter), '\0' };
	int code = names_to_code(EV_KEY, name);

	assert_true(code > 0);
	return (uint16_t)code;
}

static void expect_letters(struct rig *rig, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		expect(rig, KEY(key_of(text[i]), 1), SYN);
		expect(rig, KEY(key_of(text[i]), 0), SYN);
	}
}

/* --- guests that stall --- */

static void a_text_waits_for_a_guest_that_stalls(void **state)
{
	struct both *b = *state;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "type " TEXT);
	expect_letters(b->rig, TEXT, 5);
	/* Some times --stall-ms. */
	poll(NULL, 0, 600);
	expect_letters(b->rig, TEXT + 5, 20);
	poll(NULL, 0, 300);
	expect_letters(b->rig, TEXT + 25, strlen(TEXT) - 25);
	assert_ends(&b->inject, 0, NULL);
	rig_expect_nothing(b->rig);
}

/* The letters that the guest gets from now on. */
static size_t take_letters(struct rig *rig, char *last)
{
	struct vi_event ev;
	size_t n = 0;

	while (!fe_next_event(&rig->fe, &ev, 300))
		if (vi_type(&ev) == EV_KEY && vi_value(&ev) == 1) {
			*last = (char)tolower(
				names_code(EV_KEY, vi_code(&ev))[4]);
			n++;
		}
	return n;
}

static void stall_until_time_out(void **state, uint16_t num)
{
	struct both *b = *state;
	char last = 0, due[64];
	size_t n;

	serve_guest(b, KEYBOARD, num);
	both_start(b, "--timeout=200ms type " TEXT);
	expect_letters(b->rig, TEXT, 3);
	process_wait(&b->inject);
	n = 3 + take_letters(b->rig, &last);
	if (n == 3)
		last = TEXT[2];
	snprintf(due, sizeof(due), "took %zu of %zu characters, the last '%c';",
		 n, strlen(TEXT), last);
	assert_ends(&b->inject, 1, due);
	assert_non_null(strstr(b->inject.err.text, "nothing for 200 ms"));
	assert_true(n < strlen(TEXT));
	assert_num(last, TEXT[n - 1]);
}

static void the_last_character_is_named_with_64_buffers(void **state)
{
	stall_until_time_out(state, 64);
}

static void the_last_character_is_named_with_4_buffers(void **state)
{
	stall_until_time_out(state, 4);
}

static void the_last_character_is_named_with_1_buffer(void **state)
{
	stall_until_time_out(state, 1);
}

static void the_last_character_is_named_with_256_buffers(void **state)
{
	stall_until_time_out(state, 256);
}

/* What was to come meanwhile does not come at once then. */
static void after_a_stall_the_distances_are_kept(void **state)
{
	struct both *b = *state;
	double begin;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "type --delay=20 " TEXT);
	expect_letters(b->rig, TEXT, 1);
	poll(NULL, 0, 1000);
	expect_letters(b->rig, TEXT + 1, 15);
	begin = clock_ms();
	expect_letters(b->rig, TEXT + 16, 20);
	assert_true(clock_ms() - begin > 300);
	expect_letters(b->rig, TEXT + 36, strlen(TEXT) - 36);
	assert_ends(&b->inject, 0, NULL);
}

/* --- guests that are missing, come and go --- */

static void without_a_vmm_nothing_is_sent(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "type hello");
	assert_ends(&b->inject, 1,
		    "no guest: the device has no VMM; use "
		    "--wait-guest");
}

static void without_a_driver_nothing_is_sent(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	rig_prepare(b->rig, RIG_BUFFERS);
	both_start(b, "type hello");
	assert_ends(&b->inject, 1, "no guest's driver uses the device");
	assert_ok(fe_start(&b->rig->fe));
	rig_expect_nothing(b->rig);
}

static void a_guest_that_boots_is_waited_for(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "--wait-guest type ab");
	poll(NULL, 0, 100);
	assert_true(process_runs(&b->inject));
	rig_prepare(b->rig, RIG_BUFFERS);
	poll(NULL, 0, 100);
	assert_true(process_runs(&b->inject));
	assert_ok(fe_start(&b->rig->fe));
	expect_letters(b->rig, "ab", 2);
	assert_ends(&b->inject, 0, NULL);
}

static void a_guest_is_waited_for_so_long(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "--wait-guest=50ms type ab");
	assert_ends(&b->inject, 1, "no guest's driver started within 50 ms");
}

static void a_vmm_that_goes_away_is_noticed(void **state)
{
	struct both *b = *state;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	/* Shift is no character. */
	both_start(b, "type --delay=100 " TEXT "Z");
	expect_letters(b->rig, TEXT, 2);
	rig_disconnect(b->rig);
	assert_ends(&b->inject, 1,
		    "took 2 of 53 characters, the last 'b'; then it was gone");
}

/* The next driver gets nothing of what the one before did not take. */
static void a_driver_that_stops_for_too_long_gets_nothing_more(void **state)
{
	struct both *b = *state;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "--timeout=300ms type --delay=100 " TEXT);
	expect_letters(b->rig, TEXT, 2);
	fe_stop(&b->rig->fe);
	assert_ends(&b->inject, 1, "took 2 of 52 characters, the last 'b';");
	rig_prepare(b->rig, RIG_BUFFERS);
	assert_ok(fe_start(&b->rig->fe));
	rig_expect_nothing(b->rig);
}

static void restart_driver(struct rig *rig)
{
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_reset(&rig->fe.ring[i]);
	fe_post_buffers(&rig->fe, RIG_BUFFERS);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(&rig->fe, i));
}

/* Between two frames: the driver that was there owed nothing. */
static void a_driver_that_starts_anew_is_another_one(void **state)
{
	struct both *b = *state;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "type --delay=100 " TEXT);
	expect_letters(b->rig, TEXT, 2);
	assert_ok(fe_stop(&b->rig->fe));
	poll(NULL, 0, 300);
	restart_driver(b->rig);
	while (process_runs(&b->inject)) {
		struct vi_event ev;

		fe_next_event(&b->rig->fe, &ev, 10);
	}
	assert_ends(&b->inject, 1,
		    "took 2 of 52 characters, the last 'b'; then another one "
		    "started");
}

static void a_guest_that_is_suspended_gets_everything(void **state)
{
	struct both *b = *state;
	uint32_t base[FE_QUEUES];

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "type --delay=20 " TEXT);
	expect_letters(b->rig, TEXT, 4);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_stop_queue(&b->rig->fe, i, &base[i]));
	poll(NULL, 0, 300);
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_start_queue(&b->rig->fe, i, base[i]));
	expect_letters(b->rig, TEXT + 4, strlen(TEXT) - 4);
	assert_ends(&b->inject, 0, NULL);
}

static void a_server_that_ends_is_reported_with_what_is_known(void **state)
{
	struct both *b = *state;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "type --delay=100 " TEXT);
	expect_letters(b->rig, TEXT, 2);
	b->rig->unclean = true;
	assert_num(process_terminate(&b->rig->srv), 0);
	assert_ends(&b->inject, 1,
		    "closed the connection; the guest's driver took 2 of 52 "
		    "characters, the last 'b'");
}

static void a_switch_is_kept_for_the_next_guest(void **state)
{
	struct both *b = *state;

	serve(b, "../../../specs/switches");
	both_start(b, "switch tablet_mode on");
	assert_ends(&b->inject, 1,
		    "which keeps this until one does; "
		    "--lenient accepts that");
	rig_prepare(b->rig, RIG_BUFFERS);
	assert_ok(fe_start(&b->rig->fe));
	expect(b->rig, vi_event(EV_SW, SW_TABLET_MODE, 1), SYN);
}

static void a_switch_may_be_kept(void **state)
{
	struct both *b = *state;

	serve(b, "../../../specs/switches");
	both_start(b, "--lenient switch tablet_mode on");
	assert_ends(&b->inject, 0, NULL);
}

/* --- devices that lack what is sent --- */

static const struct {
	const char *spec, *line, *why;
} losses[] = {
	{ KEYBOARD, "raw KEY_A=1 BTN_LEFT=1 syn BTN_LEFT=0 syn REL_X=1",
	  "the device \"vinput Keyboard 0\" lacks BTN_LEFT, REL_X; --lenient "
	  "accepts that\n" },
	{ KEYBOARD, "click then click then move 1 1",
	  "lacks BTN_LEFT, REL_Y; " },
	{ "touch",
	  "raw ABS_X=1 ABS_MT_SLOT=0 ABS_MT_TRACKING_ID=1 "
	  "ABS_MT_POSITION_X=100000",
	  "outside the range of an axis, which were clamped: 1; --lenient" },
	{ "touch", "tap 50 50 --fingers=15 --spacing=1",
	  "contacts for which the device had no slot" },
};

static void lose(struct both *b, size_t i, const char *how)
{
	char line[256];

	serve_guest(b, losses[i].spec, RIG_BUFFERS);
	snprintf(line, sizeof(line), "%s %s", how, losses[i].line);
	both_start(b, line);
	while (process_runs(&b->inject)) {
		struct vi_event ev;

		fe_next_event(&b->rig->fe, &ev, 10);
	}
}

static void what_the_device_lacks_is_named_once(void **state)
{
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		void *s = NULL;

		both_setup(&s);
		struct both *b = s;
		lose(b, i, "");
		assert_ends(&b->inject, 1, losses[i].why);
		assert_num(process_lines(b->inject.err.text), 1);
		assert_num(both_teardown(&s), 0);
	}
}

static void what_the_device_lacks_can_be_accepted(void **state)
{
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		void *s = NULL;

		both_setup(&s);
		struct both *b = s;
		lose(b, i, "--lenient");
		assert_ends(&b->inject, 0, NULL);
		assert_num(both_teardown(&s), 0);
	}
}

/* What accompanies other events, and a pressure that nobody asked for. */
static void what_a_device_need_not_have_is_no_loss(void **state)
{
	struct both *b = *state;

	serve_guest(b, "touch", RIG_BUFFERS);
	both_start(b, "tap 50 50 then raw MSC_SCAN=4");
	while (process_runs(&b->inject)) {
		struct vi_event ev;

		fe_next_event(&b->rig->fe, &ev, 10);
	}
	assert_ends(&b->inject, 0, NULL);
}

/* --- figures --- */

static void each_frames_times_are_written(void **state)
{
	struct both *b = *state;
	int64_t before, sent, taken, last = 0;
	char path[128], *words, line[256];
	size_t n = 0;
	FILE *in;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	snprintf(path, sizeof(path), "%s/times", b->rig->dir);
	assert_true(asprintf(&words, "--measure=%s type " TEXT, path) > 0);
	before = clock_ns();
	both_start(b, words);
	free(words);
	expect_letters(b->rig, TEXT, strlen(TEXT));
	assert_ends(&b->inject, 0, NULL);
	in = fopen(path, "re");
	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		assert_num(sscanf(line, "%" SCNd64 " %" SCNd64, &sent, &taken),
			   2);
		assert_true(sent >= before && sent >= last && taken > sent &&
			    taken < clock_ns());
		last = sent;
		n++;
	}
	fclose(in);
	unlink(path);
	assert_num(n, 2 * strlen(TEXT));
}

static void the_time_to_the_driver_is_measured(void **state)
{
	struct both *b = *state;
	double p50, p90, p99, max;
	const char *at;
	size_t n;

	serve_guest(b, KEYBOARD, RIG_BUFFERS);
	both_start(b, "--measure type " TEXT);
	expect_letters(b->rig, TEXT, 10);
	poll(NULL, 0, 200);
	expect_letters(b->rig, TEXT + 10, strlen(TEXT) - 10);
	assert_ends(&b->inject, 0, NULL);
	at = strstr(process_stdout(&b->inject), ": injection to");
	assert_non_null(at);
	assert_num(sscanf(at,
			  ": injection to guest's driver, %zu frames: p50 "
			  "%lf ms, p90 %lf ms, p99 %lf ms, max %lf ms",
			  &n, &p50, &p90, &p99, &max),
		   5);
	assert_num(n, 2 * strlen(TEXT));
	assert_true(p50 > 0 && p50 <= p90 && p90 <= p99 && p99 <= max);
	assert_true(p50 < 100 && max > 100);
}

/* --- servers without receipts --- */

static size_t read_events(int fd, struct vi_event *ev, size_t max)
{
	size_t len = 0;
	ssize_t n;

	do {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		n = read(fd, (char *)ev + len, max * sizeof(*ev) - len);
		assert_sys(n);
		len += (size_t)n;
	} while (n);
	return len / sizeof(*ev);
}

static void ask_an_old_server(struct both *b, const char *option, int *fd)
{
	int ends[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	process_keep_fd(&b->inject, ends[1]);
	process_arg(&b->inject, "--to=fd:%d", ends[1]);
	process_arg(&b->inject, "%s", option);
	for (const char *const *word =
		     (const char *const[]){ "key", "--hold=0", "a", NULL };
	     *word; word++)
		process_arg(&b->inject, "%s", *word);
	process_start(&b->inject);
	close(ends[1]);
	*fd = ends[0];
}

static void an_older_server_leaves_it_unknown(void **state)
{
	struct both *b = *state;
	struct vi_event ev[16];
	int fd;

	ask_an_old_server(b, "--timeout=5s", &fd);
	assert_events(ev, read_events(fd, ev, 16),
		      "32768:1 1886284150, SYN_REPORT 0, "
		      "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_ends(&b->inject, 0,
		    "the server gives no receipts: whether the guest took the "
		    "events is not known");
	close(fd);
}

static void an_older_server_cannot_be_measured(void **state)
{
	struct both *b = *state;
	struct vi_event ev[16];
	int fd;

	ask_an_old_server(b, "--measure", &fd);
	assert_events(ev, read_events(fd, ev, 16),
		      "32768:1 1886284150, SYN_REPORT 0");
	assert_ends(&b->inject, 1, "gives no receipts, which --measure needs");
	close(fd);
}

static void nothing_is_asked_with_no_receipt(void **state)
{
	struct both *b = *state;
	struct vi_event ev[16];
	int fd;

	ask_an_old_server(b, "--no-receipt", &fd);
	assert_events(ev, read_events(fd, ev, 16),
		      "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_ends(&b->inject, 0, NULL);
	close(fd);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, both_setup, both_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_text_waits_for_a_guest_that_stalls),
		TEST(the_last_character_is_named_with_64_buffers),
		TEST(the_last_character_is_named_with_4_buffers),
		TEST(the_last_character_is_named_with_1_buffer),
		TEST(the_last_character_is_named_with_256_buffers),
		TEST(after_a_stall_the_distances_are_kept),
		TEST(without_a_vmm_nothing_is_sent),
		TEST(without_a_driver_nothing_is_sent),
		TEST(a_guest_that_boots_is_waited_for),
		TEST(a_guest_is_waited_for_so_long),
		TEST(a_vmm_that_goes_away_is_noticed),
		TEST(a_driver_that_stops_for_too_long_gets_nothing_more),
		TEST(a_driver_that_starts_anew_is_another_one),
		TEST(a_guest_that_is_suspended_gets_everything),
		TEST(a_server_that_ends_is_reported_with_what_is_known),
		TEST(a_switch_is_kept_for_the_next_guest),
		TEST(a_switch_may_be_kept),
		cmocka_unit_test(what_the_device_lacks_is_named_once),
		cmocka_unit_test(what_the_device_lacks_can_be_accepted),
		TEST(what_a_device_need_not_have_is_no_loss),
		TEST(the_time_to_the_driver_is_measured),
		TEST(each_frames_times_are_written),
		TEST(an_older_server_leaves_it_unknown),
		TEST(an_older_server_cannot_be_measured),
		TEST(nothing_is_asked_with_no_receipt),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

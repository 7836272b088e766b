/* SPDX-License-Identifier: Apache-2.0 */
/* display-relay.h, with a VNC server and time that the test plays. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "injector/display/display-relay.h"
#include "tests/lib/check.h"

#define VERSION_LINE "RFB 003.008\n"
#define WELCOMED     VERSION_LINE "\1\1"
#define INIT	     "ServerInit"
#define KEY	     "\4\1\0\0\0\0\0a"
#define REQUEST	     "\3\0\0\0\0\0\0\1\0\1"

static struct world {
	struct ev_loop *loop;
	struct display_address address;
	struct display_relay relay;
	const char *picture; /* what the server says next */
	char sent[128];	     /* to the server */
	size_t n_sent;
	unsigned int wanted, readable, drained, ended;
	char why[64];
	int result; /* of display_server_open() */
} w;

static double now_s;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = (time_t)now_s;
	tp->tv_nsec = (long)((now_s - floor(now_s)) * 1e9);
	return 0;
}

/* --- in place of display-server.h --- */

int display_server_open(struct display_server *s, struct ev_loop *loop,
			const struct display_address *address,
			const struct display_server_ops *ops, struct fault *why)
{
	assert_ptr_equal(address, &w.address);
	if (w.result)
		return fault_set(why, "no");
	s->loop = loop;
	s->ops = ops;
	return 0;
}

void display_server_close(struct display_server *s)
{
	s->loop = NULL;
}

void display_server_end(struct display_server *s, const char *fmt, ...)
{
	char why[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	assert_false(s->ended);
	s->ended = true;
	s->ops->ended(s, why);
}

void display_server_want(struct display_server *s)
{
	w.wanted++;
}

size_t display_server_read(struct display_server *s, uint8_t *to, size_t size)
{
	const size_t n = strlen(w.picture);

	assert_true(n <= size);
	memcpy(to, w.picture, n);
	return n;
}

void display_server_send(struct display_server *s, const uint8_t *bytes,
			 size_t len)
{
	if (w.n_sent + len <= sizeof(w.sent))
		memcpy(w.sent + w.n_sent, bytes, len);
	w.n_sent += len;
}

/* --- the world --- */

static void on_readable(struct display_relay *r)
{
	w.readable++;
}

static void on_drained(struct display_relay *r)
{
	w.drained++;
}

static void on_ended(struct display_relay *r, const char *why)
{
	w.ended++;
	snprintf(w.why, sizeof(w.why), "%s", why);
}

static int setup(void **state)
{
	static const struct display_relay_ops ops = { on_readable, on_drained,
						      on_ended };
	struct fault why;

	memset(&w, 0, sizeof(w));
	now_s = 1000;
	w.loop = ev_loop_new(EVFLAG_AUTO);
	w.picture = "";
	w.result = -1;
	assert_int_not_equal(
		display_relay_open(&w.relay, w.loop, &w.address, &ops, &why),
		0);
	assert_string_equal(why.text, "no");
	display_relay_close(&w.relay);
	w.result = 0;
	assert_ok(display_relay_open(&w.relay, w.loop, &w.address, &ops, &why));
	return 0;
}

static int teardown(void **state)
{
	display_relay_close(&w.relay);
	assert_null(w.relay.server.loop);
	assert_false(ev_is_active(&w.relay.answer_is_late));
	display_relay_close(&w.relay);
	ev_loop_destroy(w.loop);
	return 0;
}

static void greet(bool is_qemu)
{
	struct rfb_greeting *g = &w.relay.server.greeting;

	g->state = RFB_GREETING_DONE;
	g->n = strlen(INIT);
	memcpy(g->bytes, INIT, g->n);
	w.relay.server.is_qemu = is_qemu;
	w.relay.server.ops->greeted(&w.relay.server);
}

static void expect_read(const char *wanted, size_t len)
{
	uint8_t bytes[256];

	assert_num(display_relay_read(&w.relay, bytes, sizeof(bytes)), len);
	assert_memory_equal(bytes, wanted, len);
}

#define EXPECT_READ(text) expect_read(text, sizeof(text) - 1)

static void say(const char *bytes, size_t len)
{
	display_relay_write(&w.relay, (const uint8_t *)bytes, len);
}

#define SAY(text) say(text, sizeof(text) - 1)

static void welcome_viewer(void)
{
	greet(true);
	SAY(WELCOMED);
	EXPECT_READ(VERSION_LINE "\1\1\0\0\0\0" INIT);
	w.readable = w.wanted = 0;
}

static void expect_end(const char *why)
{
	assert_num(w.ended, 1);
	assert_string_equal(w.why, why);
	assert_false(ev_is_active(&w.relay.answer_is_late));
	/* From now on nothing is read or sent. */
	SAY(REQUEST);
	EXPECT_READ("");
	assert_num(w.ended, 1);
}

/* --- the handshake --- */

static void viewer_is_welcomed_step_by_step(void **state)
{
	EXPECT_READ("");
	greet(false);
	assert_num(w.readable, 1);
	assert_true(ev_is_active(&w.relay.answer_is_late));
	assert_true(fabs(ev_timer_remaining(w.loop, &w.relay.answer_is_late) -
			 DISPLAY_ANSWER_S) < 1);
	EXPECT_READ(VERSION_LINE);
	EXPECT_READ("");
	SAY("RFB 003.008");
	EXPECT_READ("");
	SAY("\n");
	assert_num(w.readable, 3);
	EXPECT_READ("\1\1");
	SAY("\1");
	EXPECT_READ("\0\0\0\0");
	assert_num(w.wanted, 0);
	assert_true(ev_is_active(&w.relay.answer_is_late));
	SAY("\1");
	assert_false(ev_is_active(&w.relay.answer_is_late));
	assert_num(w.readable, 5);
	EXPECT_READ(INIT);
	assert_num(w.wanted, 1);
	assert_num(w.n_sent, 0);
}

static void picture_follows_the_welcome(void **state)
{
	welcome_viewer();
	w.picture = "picture";
	w.relay.server.ops->readable(&w.relay.server);
	assert_num(w.readable, 1);
	EXPECT_READ("picture");
	assert_num(w.wanted, 1);
	SAY(REQUEST KEY REQUEST);
	assert_num(w.n_sent, 20);
	assert_memory_equal(w.sent, REQUEST REQUEST, 20);
	assert_num(w.relay.filter.dropped, 1);
	assert_num(w.readable, 1);
	assert_num(w.ended, 0);
}

static void pointer_of_its_own_is_for_viewers_of_qemu(void **state)
{
	greet(false);
	assert_false(w.relay.filter.passes_cursor);
	greet(true);
	assert_true(w.relay.filter.passes_cursor);
}

static void viewer_has_to_finish_its_handshake(void **state)
{
	greet(true);
	SAY(VERSION_LINE);
	ev_invoke(w.loop, &w.relay.answer_is_late, EV_TIMER);
	expect_end("a viewer does not finish its handshake");
}

static void viewer_must_not_speak_first(void **state)
{
	SAY(VERSION_LINE);
	expect_end("a viewer must not speak first");
}

/* --- viewers that are wrong --- */

static const struct wrong_row {
	const char *says, *why;
	size_t len;
} wrong_rows[] = {
#define ROW(says, why)                      \
	{                                   \
		says, why, sizeof(says) - 1 \
	}
	ROW("RFB 003.003\n", "a viewer must speak RFB 3.8"),
	ROW(VERSION_LINE "\2", "a viewer must use security type 1, None"),
	ROW(WELCOMED "\xc8", "a viewer sent an unknown message, 200"),
	ROW(WELCOMED "\6\0\0\0\1\0\0\1",
	    "a viewer's ClientCutText is too long"),
#undef ROW
};

static void wrong_viewer_is_told_why(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong_rows); i++) {
		teardown(NULL);
		setup(NULL);
		greet(true);
		say(wrong_rows[i].says, wrong_rows[i].len);
		assert_num(w.readable, 1);
		expect_end(wrong_rows[i].why);
		assert_num(w.n_sent, 0);
	}
}

/* KeyEvents with a request among them: what passes does not count. */
static void what_is_dropped_is_limited_in_a_second(void **state)
{
	static char keys[4080 + 10];
	const unsigned int most = DISPLAY_DROPPED_RATE / 4080;

	for (size_t i = 0; i < 4080; i += 8)
		memcpy(keys + i, KEY, 8);
	memcpy(keys + 4080, REQUEST, 10);
	welcome_viewer();
	for (int second = 0; second < 2; second++) {
		now_s += 1;
		for (unsigned int i = 0; i < most; i++)
			say(keys, sizeof(keys));
	}
	assert_num(w.n_sent, 2 * most * 10);
	say(keys, DISPLAY_DROPPED_RATE % 4080 / 8 * 8);
	assert_num(w.ended, 0);
	SAY(KEY);
	expect_end("a viewer sends too much");
}

/* Then more passes than what came. */
static void head_that_came_before_does_not_count(void **state)
{
	static char requests[DISPLAY_WRITE_MAX];
	const size_t n = sizeof(requests) / 10;

	for (size_t i = 0; i < n; i++)
		memcpy(requests + 1 + 10 * i, REQUEST, 10);
	requests[0] = '\1';
	welcome_viewer();
	SAY("\3\0\0\0\0\0\0\1\0");
	assert_num(w.n_sent, 0);
	say(requests, 1 + 10 * n);
	assert_num(w.n_sent, 10 + 10 * n);
	assert_num(w.ended, 0);
	assert_num(w.relay.dropped.amount, strlen(WELCOMED) + 9);
}

/* --- a server that does not read --- */

static void viewer_waits_for_a_server_that_does_not_read(void **state)
{
	struct display_server *s = &w.relay.server;
	const size_t room = DISPLAY_WRITE_MAX + RFB_FILTER_HEAD;

	welcome_viewer();
	s->n_unsent = DISPLAY_UNSENT_MAX - room;
	assert_false(display_relay_is_full(&w.relay));
	s->ops->drained(s);
	assert_num(w.drained, 1);
	SAY(REQUEST);
	assert_num(w.n_sent, 10);
	s->n_unsent++;
	assert_true(display_relay_is_full(&w.relay));
	s->ops->drained(s);
	assert_num(w.drained, 1);
	SAY(REQUEST);
	assert_num(w.n_sent, 10);
	expect_end("a viewer sends more than its server reads");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(viewer_is_welcomed_step_by_step),
		T(picture_follows_the_welcome),
		T(pointer_of_its_own_is_for_viewers_of_qemu),
		T(viewer_has_to_finish_its_handshake),
		T(viewer_must_not_speak_first),
		T(wrong_viewer_is_told_why),
		T(what_is_dropped_is_limited_in_a_second),
		T(head_that_came_before_does_not_count),
		T(viewer_waits_for_a_server_that_does_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

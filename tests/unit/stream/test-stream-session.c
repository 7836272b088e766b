/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream-session.h with a client that the test plays, a keyboard without a
 * server behind it, and the test's own time and typist.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "injector/display/display-wake.h"
#include "injector/stream/stream-session.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define HELLO "{\"type\":\"hello\",\"version\":1}"
#define PRESS "{\"type\":\"key\",\"code\":\"KeyA\",\"down\":true}"
#define HELD  "{\"type\":\"held\",\"keys\":[\"KeyA\"]}"
#define TEXT  "{\"type\":\"text\",\"text\":\"hi\"}"

#define DEVICES                                                       \
	"{\"type\":\"devices\",\"devices\":[{\"label\":\"keyboard\"," \
	"\"number\":0,\"roles\":[\"keyboard\"],\"driver\":null,\"leds\":[]}]}"

static struct world {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_counters counters;
	struct stream_sessions all;
	struct displays displays;
	struct stream_rights rights;
	struct stream_session session[2];
	struct stream_device *keyboard;
	int end; /* the keyboard's */
	char sent[2][4096];
	unsigned int woken;
	double silence; /* of a client without heartbeats */
	int typist;	/* its next result */
	struct stream_text text;
	unsigned int stopped;
} w;

static double now_s;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = (time_t)now_s;
	tp->tv_nsec = (long)((now_s - floor(now_s)) * 1e9);
	return 0;
}

/* --- in place of stream-typist.h and display-wake.h --- */

void stream_typist_init(struct stream_typist *t, struct ev_loop *loop,
			const struct inject_layout_names *names,
			void (*done)(void *client))
{
	*t = (struct stream_typist){ .loop = loop, .done = done };
	strcpy(t->layouts.usual, "us");
	t->layouts.message = (char *)"layouts";
}

void stream_typist_fini(struct stream_typist *t)
{
	t->loop = NULL;
}

int stream_typist_start(struct stream_typist *t, const struct stream_text *text,
			struct fault *why)
{
	w.text = *text;
	return w.typist ? fault_errno(why, w.typist, "it is busy") : 0;
}

void stream_typist_stop(struct stream_typist *t, const void *client)
{
	w.stopped++;
}

void stream_typist_forget(struct stream_typist *t,
			  const struct stream_device *d)
{
	if (t->device == d)
		t->device = NULL;
}

void displays_wake(const struct displays *d)
{
	assert_ptr_equal(d, &w.displays);
	w.woken++;
}

/* --- the world --- */

static void on_send(struct stream_session *s, const char *text, size_t len)
{
	char *to = w.sent[s - w.session];

	assert_true(strlen(to) + len + 2 < sizeof(w.sent[0]));
	strncat(to, text, len);
	strcat(to, "\n");
}

static int on_offer(struct stream_session *s, const char *offer, char **answer,
		    struct fault *why)
{
	if (strcmp(offer, "good"))
		return fault_set(why, "offer: %s", offer);
	*answer = strdup("the answer");
	return 0;
}

static double on_silence(struct stream_session *s)
{
	return w.silence;
}

static const struct stream_session_ops plain = { .send = on_send };
static const struct stream_session_ops offers = { .send = on_send,
						  .offer = on_offer };
static const struct stream_session_ops silent = { .send = on_send,
						  .silence = on_silence };

static int setup(void **state)
{
	int pair[2];

	memset(&w, 0, sizeof(w));
	now_s = 1000;
	w.loop = ev_loop_new(EVFLAG_AUTO);
	fill_with_garbage(&w.all);
	w.all.displays = &w.displays;
	w.all.video = NULL;
	w.all.has_rtc = false;
	stream_sessions_init(&w.all, w.loop, &w.devices, &w.counters, NULL);
	w.keyboard = stream_device_new(&w.devices, "keyboard", NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(w.keyboard->v, pair[0]));
	w.end = pair[1];
	return 0;
}

static int teardown(void **state)
{
	struct stream_session *s;

	while ((s = LIST_FIRST(&w.all.list)))
		stream_session_fini(s);
	assert_num(w.counters.clients, 0);
	stream_sessions_fini(&w.all);
	assert_false(ev_is_active(&w.all.look));
	assert_false(ev_is_active(&w.all.announce));
	assert_null(w.all.typist.loop);
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (w.devices.at[i])
			stream_device_free(&w.devices, w.devices.at[i]);
	close(w.end);
	ev_loop_destroy(w.loop);
	return 0;
}

static void begin(int i, const struct stream_session_ops *ops)
{
	stream_session_init(&w.session[i], &w.all, &w.rights, ops);
}

static int take(int i, const char *text)
{
	return stream_session_take(&w.session[i], STREAM_OURS, text,
				   strlen(text));
}

static void forget_sent(void)
{
	memset(w.sent, 0, sizeof(w.sent));
}

static void greet(int i, const struct stream_session_ops *ops)
{
	begin(i, ops);
	assert_ok(take(i, HELLO));
	forget_sent();
}

/* Of client i, whose next messages are then new ones. */
static void expect_sent(int i, const char *wanted)
{
	assert_string_equal(w.sent[i], wanted);
	forget_sent();
}

static bool is_down(void)
{
	return w.keyboard->down[KEY_A];
}

/* --- messages --- */

static void client_is_greeted(void **state)
{
	begin(0, &plain);
	w.all.has_rtc = true;
	strcpy(w.displays.at[0].name, "front");
	w.displays.n = 1;
	assert_ok(take(0, HELLO));
	expect_sent(0, "{\"type\":\"hello\",\"version\":1,"
		       "\"heartbeat_ms\":500,\"read_only\":false,\"rtc\":true,"
		       "\"layout\":\"us\",\"displays\":[{\"number\":0,"
		       "\"name\":\"front\"}]}\n" DEVICES "\n");
	assert_num(w.counters.sent, 2);
	assert_num(w.counters.messages, 1);
	assert_num(w.counters.errors, 0);
}

static void first_message_is_a_hello(void **state)
{
	static const uint8_t motion[] = { 1, 0, 7, 0, 0, 0 };
	static const char wanted[] =
		"{\"type\":\"error\",\"error\":\"the first "
		"message must be a hello\"}\n";

	begin(0, &plain);
	assert_ok(take(0, PRESS));
	expect_sent(0, wanted);
	assert_ok(take(0, HELD));
	expect_sent(0, wanted);
	assert_ok(take(0, TEXT));
	expect_sent(0, wanted);
	assert_ok(stream_session_take_binary(&w.session[0], motion,
					     sizeof(motion)));
	expect_sent(0, wanted);
	assert_num(w.counters.errors, 4);
	assert_num(w.session[0].errors, 4);
	assert_false(is_down());
}

/* What Cuttlefish's client sends needs none. */
static void cuttlefishs_client_says_no_hello(void **state)
{
	static const char press[] = "{\"type\":\"keyboard\",\"event_type\":"
				    "\"keydown\",\"keycode\":\"KeyA\"}";

	begin(0, &plain);
	assert_ok(stream_session_take(&w.session[0], STREAM_CUTTLEFISH_INPUT,
				      press, strlen(press)));
	expect_sent(0, "");
}

static void malformed_messages_end_it_after_a_hundred(void **state)
{
	static const uint8_t binary[] = { 0xff };

	greet(0, &plain);
	for (int i = 0; i < STREAM_ERRORS_MAX; i++) {
		assert_ok(i % 2 ? take(0, "{}")
				: stream_session_take_binary(&w.session[0],
							     binary, 1));
		forget_sent();
	}
	assert_num(w.counters.errors, STREAM_ERRORS_MAX);
	assert_rc(take(0, "{}"), -EPROTO);
}

/* It is well-formed: a page without a mouse sends motion, too. */
static void what_is_not_possible_here_does_not_end_it(void **state)
{
	greet(0, &plain);
	for (int i = 0; i < 2 * STREAM_ERRORS_MAX; i++) {
		assert_ok(take(0, "{\"type\":\"motion\",\"x\":1,\"y\":1}"));
		expect_sent(0, "{\"type\":\"error\",\"error\":\"no device for "
			       "this\"}\n");
	}
	assert_num(w.session[0].errors, 0);
	assert_num(w.counters.errors, 2 * STREAM_ERRORS_MAX);
	assert_num(w.woken, 0);
}

/* In a second; and a new one begins. */
static void messages_have_a_rate(void **state)
{
	greet(0, &plain);
	for (int i = 1; i < STREAM_RATE; i++)
		assert_ok(take(0, HELD));
	assert_rc(take(0, HELD), -EPROTO);
	assert_num(w.counters.too_fast, 1);
	assert_num(w.counters.messages, STREAM_RATE + 1);
	now_s += 1;
	assert_ok(take(0, HELD));
	assert_true(stream_session_admit(&w.session[0],
					 STREAM_BYTES_RATE - strlen(HELD)));
	assert_false(stream_session_admit(&w.session[0], 1));
	assert_num(w.counters.too_fast, 2);
	assert_rc(stream_session_take_binary(&w.session[0], NULL, 1), -EPROTO);
}

static void error_that_is_cut_off_is_still_one(void **state)
{
	greet(0, &plain);
	assert_ok(stream_session_reject(&w.session[0], "not \xc3"));
	expect_sent(0, "{\"type\":\"error\",\"error\":\"invalid message\"}\n");
}

static void ping_is_answered_with_the_latency_since(void **state)
{
	greet(0, &plain);
	assert_ok(take(0, "{\"type\":\"ping\",\"id\":7}"));
	expect_sent(0, "{\"type\":\"pong\",\"id\":7}\n");
	now_s += 1;
	w.keyboard->latency_ns = 2500000;
	w.keyboard->latency_at = now_s;
	now_s += 1;
	assert_ok(take(0, "{\"type\":\"ping\",\"id\":8}"));
	expect_sent(0, "{\"type\":\"pong\",\"id\":8,\"guest_us\":2500}\n");
	assert_ok(take(0, "{\"type\":\"ping\",\"id\":9}"));
	expect_sent(0, "{\"type\":\"pong\",\"id\":9}\n");
}

static void offer_is_answered_where_that_is_possible(void **state)
{
	greet(0, &plain);
	assert_ok(take(0, "{\"type\":\"offer\",\"sdp\":\"good\"}"));
	expect_sent(0, "{\"type\":\"error\",\"error\":\"offer: not here\"}\n");
	assert_num(w.session[0].errors, 1);
	greet(1, &offers);
	assert_ok(take(1, "{\"type\":\"offer\",\"sdp\":\"good\"}"));
	expect_sent(1, "{\"type\":\"answer\",\"sdp\":\"the answer\"}\n");
	assert_ok(take(1, "{\"type\":\"offer\",\"sdp\":\"bad\"}"));
	expect_sent(1, "{\"type\":\"error\",\"error\":\"offer: bad\"}\n");
	assert_num(w.session[1].errors, 1);
}

static void layouts_are_told(void **state)
{
	greet(0, &plain);
	assert_ok(take(0, "{\"type\":\"layouts\"}"));
	expect_sent(0, "layouts\n");
}

/* --- texts --- */

static void text_is_typed_at_the_keyboard(void **state)
{
	greet(0, &plain);
	assert_ok(take(0, TEXT));
	assert_ptr_equal(w.text.device, w.keyboard);
	assert_ptr_equal(w.text.client, &w.session[0]);
	assert_ptr_equal(w.text.held, &w.session[0].client.hold);
	assert_string_equal(w.text.text, "hi");
	assert_false(w.text.check);
	assert_num(w.woken, 1);
	expect_sent(0, "");
	w.all.typist.done(&w.session[0]);
	expect_sent(0, "{\"type\":\"typed\"}\n");
	for (int i = 0; i < STREAM_LAYOUTS_RATE; i++)
		assert_true(w.text.layout.may_compile(w.text.layout.client));
	assert_false(w.text.layout.may_compile(w.text.layout.client));
	now_s += 1;
	assert_true(w.text.layout.may_compile(w.text.layout.client));
}

static void text_that_is_only_checked_wakes_no_display(void **state)
{
	greet(0, &plain);
	assert_ok(
		take(0, "{\"type\":\"text\",\"text\":\"hi\",\"check\":true}"));
	assert_true(w.text.check);
	assert_num(w.woken, 0);
}

static void text_that_cannot_be_typed_is_told(void **state)
{
	greet(0, &plain);
	w.typist = -EBUSY;
	assert_ok(take(0, TEXT));
	expect_sent(0, "{\"type\":\"error\",\"error\":\"it is busy\","
		       "\"for\":\"text\"}\n");
	assert_num(w.woken, 0);
	w.rights.read_only = true;
	assert_ok(take(0, TEXT));
	expect_sent(0, "{\"type\":\"error\",\"error\":\"text: no keyboard\","
		       "\"for\":\"text\"}\n");
	assert_num(w.session[0].errors, 0);
	assert_num(w.counters.errors, 2);
}

static void text_whose_keyboard_goes_is_told(void **state)
{
	for (int i = 0; i < 2; i++)
		greet(i, &plain);
	w.all.typist.client = &w.session[1];
	stream_sessions_forget(&w.all, w.keyboard);
	expect_sent(1, "");
	w.all.typist.device = w.keyboard;
	stream_sessions_forget(&w.all, w.keyboard);
	assert_null(w.all.typist.device);
	assert_string_equal(w.sent[0], "");
	expect_sent(1, "{\"type\":\"error\",\"error\":\"text: the keyboard is "
		       "gone\",\"for\":\"text\"}\n");
}

/* --- silence --- */

static void look(double at)
{
	now_s = at;
	ev_invoke(w.loop, &w.all.look, EV_TIMER);
}

static void client_that_falls_silent_holds_nothing(void **state)
{
	greet(0, &plain);
	assert_false(ev_is_active(&w.all.look));
	assert_ok(take(0, PRESS));
	assert_true(ev_is_active(&w.all.look));
	assert_true(fabs(ev_timer_remaining(w.loop, &w.all.look) - 0.25) <
		    0.001);
	look(1001.9);
	assert_true(is_down());
	assert_ok(take(0, HELD));
	assert_num(w.counters.heartbeats, 1);
	look(1003.8);
	assert_true(is_down());
	assert_num(w.counters.silent, 0);
	assert_true(ev_is_active(&w.all.look));
	look(1003.9);
	assert_false(is_down());
	assert_num(w.counters.silent, 1);
	assert_false(ev_is_active(&w.all.look));
	/* The client itself remains; its time begins with what it holds. */
	now_s = 2000;
	assert_ok(take(0, PRESS));
	look(2001.9);
	assert_true(is_down());
	/* Other messages are no heartbeat. */
	assert_ok(take(0, PRESS));
	look(2002);
	assert_false(is_down());
}

static void heartbeats_wake_no_display(void **state)
{
	greet(0, &plain);
	assert_ok(take(0, PRESS));
	assert_num(w.woken, 1);
	assert_ok(take(0, HELD));
	assert_num(w.woken, 1);
}

static void silence_is_each_clients_own(void **state)
{
	for (int i = 0; i < 2; i++)
		greet(i, &plain);
	assert_ok(take(0, PRESS));
	now_s += 1;
	assert_ok(take(1, PRESS));
	look(1002);
	assert_num(w.counters.silent, 1);
	assert_true(is_down());
	assert_true(ev_is_active(&w.all.look));
	look(1003);
	assert_num(w.counters.silent, 2);
	assert_false(is_down());
}

static void client_without_heartbeats_is_asked(void **state)
{
	static const char press[] = "{\"type\":\"keyboard\",\"event_type\":"
				    "\"keydown\",\"keycode\":\"KeyA\"}";

	begin(0, &silent);
	assert_ok(stream_session_take(&w.session[0], STREAM_CUTTLEFISH_INPUT,
				      press, strlen(press)));
	w.silence = 1.9;
	look(2000);
	assert_true(is_down());
	w.silence = 2;
	look(2000);
	assert_false(is_down());
	assert_num(w.counters.silent, 1);
}

/* Nothing could be known of one that sends neither. */
static void client_without_a_pulse_is_not_watched(void **state)
{
	static const char press[] = "{\"type\":\"keyboard\",\"event_type\":"
				    "\"keydown\",\"keycode\":\"KeyA\"}";

	begin(0, &plain);
	assert_ok(stream_session_take(&w.session[0], STREAM_CUTTLEFISH_INPUT,
				      press, strlen(press)));
	assert_false(ev_is_active(&w.all.look));
	look(2000);
	assert_true(is_down());
}

/* --- all of them --- */

static void changes_are_announced_together_to_who_was_greeted(void **state)
{
	stream_sessions_announce(&w.all);
	assert_false(ev_is_active(&w.all.announce));
	greet(0, &plain);
	begin(1, &plain);
	for (int i = 0; i < 3; i++)
		stream_sessions_announce(&w.all);
	assert_true(fabs(ev_timer_remaining(w.loop, &w.all.announce) - 0.05) <
		    0.001);
	now_s += 0.06;
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_string_equal(w.sent[1], "");
	expect_sent(0, DEVICES "\n");
	assert_false(ev_is_active(&w.all.announce));
	/* As is a device that goes, of which nobody holds anything then. */
	assert_ok(take(0, PRESS));
	stream_sessions_forget(&w.all, w.keyboard);
	assert_true(fabs(ev_timer_remaining(w.loop, &w.all.announce) - 0.05) <
		    0.001);
	assert_false(stream_hold_any(&w.session[0].client.hold));
}

static void client_that_leaves_holds_nothing(void **state)
{
	for (int i = 0; i < 2; i++)
		greet(i, &plain);
	assert_num(w.session[0].client.hold.client, 1);
	assert_num(w.session[1].client.hold.client, 2);
	assert_num(w.counters.clients, 2);
	assert_ok(take(0, PRESS));
	stream_session_fini(&w.session[0]);
	assert_false(is_down());
	assert_num(w.stopped, 1);
	assert_num(w.counters.clients, 1);
	assert_num(w.counters.clients_ever, 2);
	assert_ptr_equal(LIST_FIRST(&w.all.list), &w.session[1]);
	assert_null(LIST_NEXT(&w.session[1], link));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(client_is_greeted),
		T(first_message_is_a_hello),
		T(cuttlefishs_client_says_no_hello),
		T(malformed_messages_end_it_after_a_hundred),
		T(what_is_not_possible_here_does_not_end_it),
		T(messages_have_a_rate),
		T(error_that_is_cut_off_is_still_one),
		T(ping_is_answered_with_the_latency_since),
		T(offer_is_answered_where_that_is_possible),
		T(layouts_are_told),
		T(text_is_typed_at_the_keyboard),
		T(text_that_is_only_checked_wakes_no_display),
		T(text_that_cannot_be_typed_is_told),
		T(text_whose_keyboard_goes_is_told),
		T(client_that_falls_silent_holds_nothing),
		T(heartbeats_wake_no_display),
		T(silence_is_each_clients_own),
		T(client_without_heartbeats_is_asked),
		T(client_without_a_pulse_is_not_watched),
		T(changes_are_announced_together_to_who_was_greeted),
		T(client_that_leaves_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

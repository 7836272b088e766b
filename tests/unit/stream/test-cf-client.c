/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cf-client.h and cf-polled.h, with WebRTC that the test plays, a keyboard
 * without a server behind it, and the test's own time.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "injector/stream/cf-client.h"
#include "injector/stream/cf-polled.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-rtc.h"
#include "tests/lib/garbage.h"

#define INPUT	1
#define CONTROL FAKE_CHANNEL
#define OTHER	9

#define MESSAGE(payload) \
	"{\"message_type\":\"device_msg\",\"payload\":" payload "}"
#define ERROR(text) MESSAGE("{\"type\":\"error\",\"error\":\"" text "\"}")
#define OFFER	    MESSAGE("{\"type\":\"offer\",\"sdp\":\"v=0\"}")

#define PRESS                                                \
	"{\"type\":\"keyboard\",\"event_type\":\"keydown\"," \
	"\"keycode\":\"KeyA\"}"

static struct world {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_counters counters;
	struct stream_sessions sessions;
	struct displays displays; /* none */
	struct stream_device *keyboard;
	int end; /* the keyboard's */
	struct cf_clients all;
	struct cf_client client;
	char sent[1024];
	unsigned int failed;
	struct cf_polled polled;
	struct web_grant grant[2];
	bool no_secret;
} w;

static double now_s;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	tp->tv_sec = (time_t)now_s;
	tp->tv_nsec = (long)((now_s - floor(now_s)) * 1e9);
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	static unsigned char next;

	memset(buf, next++, len);
	errno = ENOSYS;
	return w.no_secret ? -1 : (ssize_t)len;
}

/* --- the world --- */

static void on_send(struct cf_client *c, const char *text)
{
	assert_ptr_equal(c, &w.client);
	assert_string_equal(w.sent, "");
	snprintf(w.sent, sizeof(w.sent), "%s", text);
}

static void on_failed(struct cf_client *c)
{
	assert_ptr_equal(c, &w.client);
	w.failed++;
}

static int setup(void **state)
{
	static const struct cf_client_ops ops = { on_send, on_failed };
	static const struct inject_layout_names us = { .layout = "us" };
	int pair[2];

	memset(&w, 0, sizeof(w));
	now_s = 1000;
	fake_rtc_init();
	w.loop = ev_loop_new(EVFLAG_AUTO);
	stream_sessions_init(&w.sessions, w.loop, &w.devices, &w.counters, &us);
	w.sessions.displays = &w.displays;
	w.keyboard = stream_device_new(&w.devices, "keyboard", NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(w.keyboard->v, pair[0]));
	w.end = pair[1];
	w.all.sessions = &w.sessions;
	w.all.rtc = FAKE_RTC;
	fill_with_garbage(&w.client);
	cf_client_init(&w.client, &w.all, &w.grant[0].rights, &ops);
	fill_with_garbage(&w.polled);
	cf_polled_init(&w.polled, w.loop, &w.all);
	return 0;
}

static int teardown(void **state)
{
	cf_client_fini(&w.client);
	cf_polled_fini(&w.polled);
	assert_false(ev_is_active(&w.polled.look));
	assert_num(w.counters.clients, 0);
	assert_num(fake_rtc_peers(), 0);
	assert_false(w.keyboard->down[KEY_A]);
	stream_sessions_fini(&w.sessions);
	stream_device_free(&w.devices, w.keyboard);
	close(w.end);
	ev_loop_destroy(w.loop);
	return 0;
}

/* What the client, which is not polled, has been sent. */
static void expect_sent(const char *wanted)
{
	assert_string_equal(w.sent, wanted);
	w.sent[0] = '\0';
}

static int take_text(const char *text)
{
	return cf_client_take_text(&w.client, text, strlen(text));
}

static void take(const char *text, const char *wanted)
{
	assert_ok(take_text(text));
	expect_sent(wanted);
}

static void connect_client(void)
{
	take("{\"type\":\"request-offer\"}", OFFER);
	w.client.peer->events->connected(w.client.peer);
	w.client.peer->events->opened(w.client.peer, INPUT, "input-channel");
}

static void receive(uint16_t channel, const char *text)
{
	const struct rtc_message m = { .channel = channel,
				       .data = (const uint8_t *)text,
				       .len = strlen(text) };

	w.client.peer->events->message(w.client.peer, &m);
}

static void close_channel(uint16_t channel)
{
	w.client.peer->events->channel_closed(w.client.peer, channel);
}

static bool is_down(void)
{
	return w.keyboard->down[KEY_A];
}

/* --- signalling --- */

static void client_gets_an_offer_as_often_as_it_asks(void **state)
{
	struct rtc_peer *first;

	take("{\"type\":\"request-offer\"}", OFFER);
	first = w.client.peer;
	assert_true(first->watched);
	assert_ptr_equal(fake_rtc.video, w.sessions.video);
	assert_ptr_equal(fake_rtc.rights, &w.grant[0].rights);
	fake_rtc.peer[1].used = true;
	take("{\"type\":\"request-offer\"}", OFFER);
	fake_rtc.peer[1].used = false;
	assert_num(fake_rtc_peers(), 1);
	assert_ptr_equal(w.client.peer, first);
}

static void client_without_webrtc_is_told_why(void **state)
{
	fake_rtc.new_result = -EBUSY;
	take("{\"type\":\"request-offer\"}", ERROR("Device or resource busy"));
	fake_rtc.new_result = 0;
	fake_rtc.offer = NULL;
	take("{\"type\":\"request-offer\"}", ERROR("Cannot allocate memory"));
	assert_num(fake_rtc_peers(), 0);
	w.client.rtc = NULL;
	take("{\"type\":\"request-offer\"}", ERROR("Operation not supported"));
	assert_num(w.counters.errors, 3);
}

static void answer_follows_an_offer(void **state)
{
	take("{\"type\":\"answer\",\"sdp\":\"good\"}",
	     ERROR("answer: nothing was offered"));
	take("{\"type\":\"request-offer\"}", OFFER);
	take("{\"type\":\"answer\",\"sdp\":\"bad\"}", ERROR("bad answer"));
	take("{\"type\":\"answer\",\"sdp\":\"good\"}", "");
	assert_string_equal(fake_rtc.accepted, "good");
	take("{\"type\":\"offer\",\"sdp\":\"x\"}",
	     ERROR("offer: only input is taken, no sound and no picture"));
	take("{\"type\":\"error\"}", "");
	take("{\"type\":\"ice-candidate\",\"candidate\":{\"candidate\":\"\"}}",
	     "");
}

static void signalling_is_limited(void **state)
{
	static char text[CF_MESSAGE_MAX + 2];
	json_t *message = json_object();

	memset(text, ' ', CF_MESSAGE_MAX + 1);
	memcpy(text, "{\"type\":\"error\"}", strlen("{\"type\":\"error\"}"));
	text[CF_MESSAGE_MAX] = '\0';
	take(text, "");
	text[CF_MESSAGE_MAX] = ' ';
	assert_ok(take_text(text));
	assert_string_not_equal(w.sent, "");
	for (int i = 1; i < STREAM_ERRORS_MAX; i++) {
		w.sent[0] = '\0';
		assert_ok(cf_client_take(&w.client, message));
	}
	w.sent[0] = '\0';
	assert_rc(cf_client_take(&w.client, message), -EPROTO);
	json_decref(message);
}

static void signalling_has_a_rate(void **state)
{
	json_t *message = json_object();

	json_object_set_new(message, "type", json_string("error"));
	for (int i = 0; i < STREAM_RATE; i++)
		assert_ok(cf_client_take(&w.client, message));
	assert_rc(cf_client_take(&w.client, message), -EPROTO);
	assert_rc(take_text("{}"), -EPROTO);
	assert_num(w.counters.too_fast, 2);
	now_s += 1;
	take("{\"type\":\"error\"}", "");
	assert_num(w.counters.messages, STREAM_RATE + 3);
	json_decref(message);
}

/* --- channels --- */

static void input_comes_on_the_first_input_channel(void **state)
{
	connect_client();
	w.client.peer->events->opened(w.client.peer, OTHER, "adb-channel");
	w.client.peer->events->opened(w.client.peer, OTHER, "input-channel");
	receive(OTHER, PRESS);
	assert_false(is_down());
	receive(INPUT, PRESS);
	assert_true(is_down());
	expect_sent("");
	/* What is not understood is ignored, or answered. */
	receive(OTHER, "garbage");
	expect_sent("");
	receive(INPUT, "{\"type\":\"nonsense\"}");
	assert_string_not_equal(w.sent, "");
}

static void no_channel_is_open_before_it_is(void **state)
{
	take("{\"type\":\"request-offer\"}", OFFER);
	receive(INPUT, "garbage");
	receive(CONTROL, "garbage");
	expect_sent("");
	w.client.peer->events->opened(w.client.peer, OTHER, "adb-channel");
	receive(OTHER, "garbage");
	expect_sent("");
}

static void what_is_held_is_released_with_the_input_channel(void **state)
{
	connect_client();
	receive(INPUT, PRESS);
	close_channel(OTHER);
	close_channel(CONTROL);
	assert_true(is_down());
	receive(CONTROL, "garbage");
	expect_sent("");
	close_channel(INPUT);
	assert_false(is_down());
	receive(INPUT, PRESS);
	assert_false(is_down());
	w.client.peer->events->opened(w.client.peer, OTHER, "input-channel");
	receive(OTHER, PRESS);
	assert_true(is_down());
}

static void commands_come_on_the_control_channel(void **state)
{
	connect_client();
	receive(CONTROL, PRESS);
	assert_false(is_down());
	assert_string_not_equal(w.sent, "");
}

static void client_that_sends_garbage_is_to_be_disconnected(void **state)
{
	connect_client();
	for (int i = 0; i < STREAM_ERRORS_MAX; i++) {
		receive(INPUT, "garbage");
		w.sent[0] = '\0';
	}
	assert_num(w.failed, 0);
	receive(INPUT, "garbage");
	assert_num(w.failed, 1);
}

static void connection_that_ends_holds_nothing(void **state)
{
	connect_client();
	receive(INPUT, PRESS);
	w.client.peer->events->wants_key(w.client.peer, 3);
	assert_num(fake_rtc.wanted, 1 << 3);
	w.client.peer->events->closed(w.client.peer, "why");
	assert_false(is_down());
	assert_num(fake_rtc_peers(), 0);
	/* Its channels were the connection's. */
	take("{\"type\":\"request-offer\"}", OFFER);
	receive(INPUT, PRESS);
	receive(CONTROL, "garbage");
	assert_false(is_down());
	expect_sent("");
}

static void client_that_leaves_holds_nothing(void **state)
{
	connect_client();
	receive(INPUT, PRESS);
	/* The teardown looks. */
}

static double ask_silence(void)
{
	return w.client.session.ops->silence(&w.client.session);
}

static void silence_is_that_of_the_connection(void **state)
{
	static const char probe[] = "{\"event\":\"\"}";

	assert_true(ask_silence() == STREAM_SILENCE_S);
	take("{\"type\":\"request-offer\"}", OFFER);
	fake_rtc.silence = 1.5;
	assert_true(ask_silence() == 1.5);
	assert_num(fake_rtc.n_sent, 0);
	w.client.peer->events->opened(w.client.peer, 0, "input-channel");
	w.client.peer->events->opened(w.client.peer, OTHER, "input-channel");
	assert_true(ask_silence() == 1.5);
	assert_num(fake_rtc.sent.channel, 0);
	w.client.peer->events->connected(w.client.peer);
	assert_true(ask_silence() == 1.5);
	assert_num(fake_rtc.sent.channel, 0);
	close_channel(0);
	assert_true(ask_silence() == 1.5);
	assert_num(fake_rtc.sent.channel, CONTROL);
	assert_num(fake_rtc.sent.len, strlen(probe));
	assert_memory_equal(fake_rtc.sent.data, probe, strlen(probe));
	assert_false(fake_rtc.sent.binary);
	assert_num(fake_rtc.n_sent, 3);
}

/* --- clients that poll --- */

static struct cf_polled_client *polled_new(int grant)
{
	return cf_polled_new(&w.polled, &w.grant[grant]);
}

static struct cf_polled_client *polled_find(const char *id, int grant)
{
	return cf_polled_find(&w.polled, id, &w.grant[grant]);
}

static int polled_take(struct cf_polled_client *c, const char *type)
{
	json_t *message = json_object();
	int r;

	json_object_set_new(message, "type", json_string(type));
	r = cf_polled_take(c, message);
	json_decref(message);
	return r;
}

static void expect_messages(struct cf_polled_client *c, size_t start,
			    size_t count, const char *wanted)
{
	char *text = cf_polled_messages(c, start, count);

	assert_string_equal(text, wanted);
	free(text);
}

static void look(double at)
{
	now_s = at;
	ev_invoke(w.loop, &w.polled.look, EV_TIMER);
}

static void polling_client_is_found_by_its_id_and_token(void **state)
{
	struct cf_polled_client *c[] = { polled_new(0), polled_new(0),
					 polled_new(1) };

	for (int i = 0; i < 3; i++) {
		const char *id = cf_polled_id(c[i]);

		assert_num(strlen(id), WEB_SECRET_LEN);
		assert_ptr_equal(polled_find(id, i == 2), c[i]);
		assert_null(polled_find(id, i != 2));
	}
	assert_null(polled_find("", 0));
	w.no_secret = true;
	assert_null(polled_new(0));
	assert_num(w.counters.clients, 1 + 3);
}

static void polling_client_may_ask_for_messages_again(void **state)
{
	struct cf_polled_client *c = polled_new(0);
	const char *first = ERROR("signalling: unknown type a");
	const char *second = ERROR("signalling: unknown type b");
	char text[512];

	expect_messages(c, 0, 9, "[]");
	assert_ok(polled_take(c, "a"));
	assert_ok(polled_take(c, "b"));
	assert_ok(polled_take(c, "request-offer"));
	snprintf(text, sizeof(text), "[%s,%s,%s]", first, second, OFFER);
	expect_messages(c, 0, 9, text);
	expect_messages(c, 0, 3, text);
	snprintf(text, sizeof(text), "[%s]", second);
	expect_messages(c, 1, 1, text);
	expect_messages(c, 2, SIZE_MAX, "[" OFFER "]");
	expect_messages(c, 1, 0, "[]");
	expect_messages(c, 3, 1, "[]");
}

static void polling_client_that_reads_nothing_ends(void **state)
{
	static char offer[CF_POLLED_UNREAD];
	struct cf_polled_client *c = polled_new(0);
	char *id = strdup(cf_polled_id(c));

	memset(offer, 'x', CF_POLLED_UNREAD - 2 * strlen(OFFER) + 3);
	assert_ok(polled_take(c, "request-offer"));
	fake_rtc.offer = offer;
	assert_ok(polled_take(c, "request-offer"));
	assert_non_null(polled_find(id, 0));
	assert_num(fake_rtc_peers(), 1);
	assert_num(w.counters.unread, 0);
	/* The limit is reached, and now exceeded. */
	assert_ok(polled_take(c, "a"));
	assert_num(w.counters.unread, 1);
	assert_num(fake_rtc_peers(), 0);
	assert_null(polled_find(id, 0));
	assert_ok(polled_take(c, "a"));
	assert_num(w.counters.unread, 1);
	look(now_s);
	assert_num(w.counters.clients, 1);
	free(id);
}

static void polling_client_that_sends_garbage_ends(void **state)
{
	struct cf_polled_client *c[] = { polled_new(0), polled_new(0) };
	const struct rtc_message garbage = { .channel = INPUT,
					     .data = (const uint8_t *)"x",
					     .len = 1 };
	char *id = strdup(cf_polled_id(c[1]));

	for (int i = 0; i < STREAM_ERRORS_MAX; i++)
		assert_ok(polled_take(c[0], "a"));
	assert_rc(polled_take(c[0], "a"), -EPROTO);
	assert_num(w.counters.clients, 1 + 1);
	assert_ok(polled_take(c[1], "request-offer"));
	fake_rtc.peer[0].events->opened(&fake_rtc.peer[0], INPUT,
					"input-channel");
	for (int i = 0; i < STREAM_ERRORS_MAX; i++)
		fake_rtc.peer[0].events->message(&fake_rtc.peer[0], &garbage);
	assert_non_null(polled_find(id, 0));
	fake_rtc.peer[0].events->message(&fake_rtc.peer[0], &garbage);
	assert_null(polled_find(id, 0));
	assert_num(fake_rtc_peers(), 0);
	free(id);
}

static void polling_client_that_falls_silent_is_forgotten(void **state)
{
	struct cf_polled_client *c[4];

	assert_false(ev_is_active(&w.polled.look));
	for (int i = 0; i < 4; i++)
		c[i] = polled_new(0);
	assert_true(fabs(ev_timer_remaining(w.loop, &w.polled.look) - 15) <
		    0.001);
	assert_ok(polled_take(c[0], "request-offer"));
	look(1000 + CF_POLLED_S);
	assert_num(w.counters.clients, 1 + 4);
	expect_messages(c[1], 0, 0, "[]");
	assert_ok(polled_take(c[2], "error"));
	look(1000.5 + CF_POLLED_S);
	assert_num(w.counters.clients, 1 + 3);
	assert_true(ev_is_active(&w.polled.look));
	/* Two in a row. One with a connection stays. */
	look(1000.5 + 2 * CF_POLLED_S);
	assert_num(w.counters.clients, 1 + 1);
	assert_ptr_equal(polled_find(cf_polled_id(c[0]), 0), c[0]);
	assert_true(ev_is_active(&w.polled.look));
	fake_rtc.peer[0].events->closed(&fake_rtc.peer[0], "why");
	look(now_s);
	assert_num(w.counters.clients, 1);
	assert_false(ev_is_active(&w.polled.look));
	assert_non_null(polled_new(0));
	assert_true(ev_is_active(&w.polled.look));
}

static void longest_silent_polling_client_makes_room(void **state)
{
	struct cf_polled_client *c[CF_POLLED_MAX];
	char id[WEB_SECRET_LEN + 1];

	assert_non_null(polled_new(1));
	for (int i = 0; i < CF_POLLED_MAX; i++) {
		now_s += 1;
		c[i] = polled_new(0);
	}
	assert_num(w.counters.clients, 1 + 1 + CF_POLLED_MAX);
	/* The first is not silent, the second has a connection. */
	expect_messages(c[0], 0, 0, "[]");
	assert_ok(polled_take(c[1], "request-offer"));
	strcpy(id, cf_polled_id(c[2]));
	c[2] = polled_new(0);
	assert_non_null(c[2]);
	assert_null(polled_find(id, 0));
	for (int i = 0; i < CF_POLLED_MAX; i++)
		assert_ptr_equal(polled_find(cf_polled_id(c[i]), 0), c[i]);
	/* No more when all have one. */
	for (int i = 0; i < CF_POLLED_MAX; i++)
		assert_ok(polled_take(c[i], "request-offer"));
	assert_null(polled_new(0));
	assert_non_null(polled_new(1));
	assert_num(w.counters.clients, 1 + 2 + CF_POLLED_MAX);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(client_gets_an_offer_as_often_as_it_asks),
		T(client_without_webrtc_is_told_why),
		T(answer_follows_an_offer),
		T(signalling_is_limited),
		T(signalling_has_a_rate),
		T(input_comes_on_the_first_input_channel),
		T(no_channel_is_open_before_it_is),
		T(what_is_held_is_released_with_the_input_channel),
		T(commands_come_on_the_control_channel),
		T(client_that_sends_garbage_is_to_be_disconnected),
		T(connection_that_ends_holds_nothing),
		T(client_that_leaves_holds_nothing),
		T(silence_is_that_of_the_connection),
		T(polling_client_is_found_by_its_id_and_token),
		T(polling_client_may_ask_for_messages_again),
		T(polling_client_that_reads_nothing_ends),
		T(polling_client_that_sends_garbage_ends),
		T(polling_client_that_falls_silent_is_forgotten),
		T(longest_silent_polling_client_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

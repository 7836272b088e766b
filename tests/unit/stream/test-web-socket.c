/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSockets of our clients and of Cuttlefish's, web-socket.h and
 * cf-socket.h, without a browser: libwebsockets, WebRTC and the keyboard are
 * the test.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/cf-socket.h"
#include "injector/stream/web-socket.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-lws.h"
#include "tests/lib/fake-rtc.h"

#define HELLO "{\"type\":\"hello\",\"version\":1}"
#define PRESS "{\"type\":\"key\",\"code\":\"KeyA\",\"down\":true}"
#define OFFER "{\"type\":\"offer\",\"sdp\":\"v=0\"}"
#define CF_PRESS                                             \
	"{\"type\":\"keyboard\",\"event_type\":\"keydown\"," \
	"\"keycode\":\"KeyA\"}"

static struct world {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_counters counters;
	struct stream_sessions sessions;
	struct displays displays; /* none */
	struct stream_rights rights;
	struct stream_device *keyboard;
	int end; /* the keyboard's */
	struct web_socket ours;
	struct cf_socket *cf;
} w;

static int setup(void **state)
{
	static const struct inject_layout_names us = { .layout = "us" };
	const struct web_sockets all = { &w.sessions, FAKE_RTC };
	int pair[2];

	memset(&w, 0, sizeof(w));
	memset(&fake_lws, 0, sizeof(fake_lws));
	fake_lws.final = true;
	fake_rtc_init();
	w.loop = ev_loop_new(EVFLAG_AUTO);
	stream_sessions_init(&w.sessions, w.loop, &w.devices, &w.counters, &us);
	w.sessions.displays = &w.displays;
	w.keyboard = stream_device_new(&w.devices, "keyboard", NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(w.keyboard->v, pair[0]));
	w.end = pair[1];
	web_socket_open(&w.ours, FAKE_WSI, &all, &w.rights);
	return 0;
}

static int setup_cf(void **state)
{
	static struct cf_clients all;

	setup(state);
	web_socket_close(&w.ours);
	all = (struct cf_clients){ .sessions = &w.sessions, .rtc = FAKE_RTC };
	w.cf = cf_socket_new(FAKE_WSI, &all, &w.rights);
	assert_non_null(w.cf);
	return 0;
}

static int teardown(void **state)
{
	web_socket_close(&w.ours);
	web_socket_close(&w.ours);
	cf_socket_free(w.cf);
	assert_num(w.counters.clients, 0);
	assert_num(fake_rtc_peers(), 0);
	assert_false(w.keyboard->down[KEY_A]);
	stream_sessions_fini(&w.sessions);
	stream_device_free(&w.devices, w.keyboard);
	close(w.end);
	ev_loop_destroy(w.loop);
	return 0;
}

static int receive(const char *text)
{
	const uint8_t *data = (const uint8_t *)text;

	return w.cf ? cf_socket_receive(w.cf, data, strlen(text))
		    : web_socket_receive(&w.ours, data, strlen(text));
}

static int write_one(void)
{
	memset(fake_lws.written, 0, sizeof(fake_lws.written));
	fake_lws.n_written = 0;
	return w.cf ? cf_socket_write(w.cf) : web_socket_write(&w.ours);
}

/* There is a message with it; those before it are for others to check. */
static void expect_written(const char *part)
{
	do
		assert_ok(write_one());
	while (fake_lws.n_written && !strstr(fake_lws.written, part));
	if (!strstr(fake_lws.written, part))
		fail_msg("%s has no %s", fake_lws.written, part);
}

/* It has been asked for a last callback, which ends it. */
static void expect_end(void)
{
	assert_num(write_one(), -1);
	assert_num(fake_lws.n_written, 0);
	assert_num(receive("{}"), -1);
	assert_num(w.counters.clients, 1);
}

/* --- ours --- */

static void our_client_is_answered(void **state)
{
	assert_ok(receive(HELLO));
	expect_written("\"type\":\"hello\"");
	assert_ok(receive(PRESS));
	assert_true(w.keyboard->down[KEY_A]);
	expect_written("\"type\":\"devices\"");
	assert_ok(receive(OFFER));
	expect_written("\"answer\"");
	assert_num(fake_rtc_peers(), 1);
	assert_ok(write_one());
	assert_num(fake_lws.n_written, 0);
	assert_num(w.counters.clients, 1);
	/* The teardown looks whether all is released. */
}

static void binary_message_is_no_text(void **state)
{
	assert_ok(receive(HELLO));
	expect_written("hello");
	fake_lws.binary = true;
	assert_ok(receive(PRESS));
	assert_false(w.keyboard->down[KEY_A]);
	expect_written("error");
}

static void message_comes_in_fragments(void **state)
{
	fake_lws.final = false;
	assert_ok(receive("{\"type\":\"hello\""));
	assert_ok(write_one());
	assert_num(fake_lws.n_written, 0);
	fake_lws.final = true;
	assert_ok(receive(",\"version\":1}"));
	expect_written("hello");
	assert_ok(receive(PRESS));
	assert_true(w.keyboard->down[KEY_A]);
}

static void too_long_message_ends_it(void **state)
{
	static char text[STREAM_MESSAGE_MAX + 2];

	memset(text, ' ', STREAM_MESSAGE_MAX + 1);
	assert_ok(receive(HELLO));
	assert_ok(receive(PRESS));
	fake_lws.final = false;
	assert_num(receive(text), -1);
	assert_false(w.keyboard->down[KEY_A]);
	expect_end();
}

static void send_garbage(void)
{
	for (int i = 0; i < STREAM_ERRORS_MAX; i++)
		assert_ok(receive("garbage"));
	fake_lws.wished = 0;
	assert_num(receive("garbage"), -1);
	assert_num(fake_lws.wished, 2); /* for an answer and the end */
	expect_end();
}

static void client_that_sends_garbage_is_disconnected(void **state)
{
	if (!w.cf)
		assert_ok(receive(HELLO));
	send_garbage();
}

static void garbage_by_webrtc_ends_the_websocket(void **state)
{
	struct rtc_peer *peer = fake_rtc.peer;
	const struct rtc_message garbage = { .data = (const uint8_t *)"x",
					     .len = 1 };

	if (!w.cf)
		assert_ok(receive(HELLO));
	assert_ok(receive(w.cf ? "{\"type\":\"request-offer\"}" : OFFER));
	peer->events->opened(peer, 0, w.cf ? "input-channel" : STREAM_CHANNEL);
	for (int i = 0; i <= STREAM_ERRORS_MAX; i++) {
		fake_lws.wished = 0;
		peer->events->message(peer, &garbage);
	}
	assert_num(fake_lws.wished, 2); /* for an answer and the end */
	expect_end();
}

/* Each error is an answer; none is read. */
static void client_that_does_not_read_is_disconnected(void **state)
{
	static char text[WEB_UNREAD_MAX];
	struct web_frames *f =
		w.cf ? (struct web_frames *)w.cf : &w.ours.frames;

	if (!w.cf) {
		assert_ok(receive(HELLO));
		assert_ok(receive(PRESS));
	}
	memset(text, ' ', sizeof(text));
	assert_ok(web_frames_send(f, text, WEB_UNREAD_MAX - f->n_unsent));
	assert_num(w.counters.unread, 0);
	fake_lws.wished = 0;
	receive("garbage");
	assert_num(w.counters.unread, 1);
	assert_num(fake_lws.wished, 1);
	assert_false(w.keyboard->down[KEY_A]);
	expect_end();
	assert_num(w.counters.unread, 1);
}

static void closed_one_may_be_opened_again(void **state)
{
	const struct web_sockets all = { &w.sessions, NULL };

	assert_ok(receive(HELLO));
	client_that_does_not_read_is_disconnected(state);
	web_socket_close(&w.ours);
	assert_null(w.ours.frames.wsi);
	web_socket_open(&w.ours, FAKE_WSI, &all, &w.rights);
	assert_ok(receive(HELLO));
	expect_written("hello");
	assert_ok(receive(OFFER));
	expect_written("there is no WebRTC here");
}

/* --- Cuttlefish's --- */

static void client_of_cuttlefish_is_greeted(void **state)
{
	expect_written("{\"device_info\":{");
	assert_ok(receive("{\"type\":\"request-offer\"}"));
	expect_written("\"offer\"");
	assert_num(fake_rtc_peers(), 1);
}

static void what_cuttlefishs_client_holds_is_released(void **state)
{
	struct rtc_peer *peer = fake_rtc.peer;
	const struct rtc_message press = { .data = (const uint8_t *)CF_PRESS,
					   .len = strlen(CF_PRESS) };

	assert_ok(receive("{\"type\":\"request-offer\"}"));
	peer->events->opened(peer, 0, "input-channel");
	peer->events->message(peer, &press);
	assert_true(w.keyboard->down[KEY_A]);
	send_garbage();
	assert_false(w.keyboard->down[KEY_A]);
	assert_num(fake_rtc_peers(), 0);
}

static void no_socket_may_be_freed(void **state)
{
	cf_socket_free(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
#define CF(f)                                         \
	{                                             \
		"cf_" #f, f, setup_cf, teardown, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(our_client_is_answered),
		T(binary_message_is_no_text),
		T(message_comes_in_fragments),
		T(too_long_message_ends_it),
		T(client_that_sends_garbage_is_disconnected),
		T(garbage_by_webrtc_ends_the_websocket),
		T(client_that_does_not_read_is_disconnected),
		T(closed_one_may_be_opened_again),
		CF(client_of_cuttlefish_is_greeted),
		CF(what_cuttlefishs_client_holds_is_released),
		CF(client_that_sends_garbage_is_disconnected),
		CF(garbage_by_webrtc_ends_the_websocket),
		CF(client_that_does_not_read_is_disconnected),
		T(no_socket_may_be_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

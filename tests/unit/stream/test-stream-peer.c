/* SPDX-License-Identifier: Apache-2.0 */
/* stream-peer.h, with WebRTC and a keyboard that the test plays. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/stream-peer.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-rtc.h"

#define INPUT 3
#define PRESS "{\"type\":\"key\",\"code\":\"KeyA\",\"down\":true}"

static struct world {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_counters counters;
	struct stream_sessions sessions;
	struct displays displays; /* none */
	struct stream_rights rights;
	struct stream_session session;
	struct stream_device *keyboard;
	int end; /* the keyboard's */
	struct stream_peer peer;
	unsigned int failed, sent;
} w;

/* --- the world --- */

static void on_send(struct stream_session *s, const char *text, size_t len)
{
	w.sent++;
}

static void on_failed(struct stream_peer *p)
{
	assert_ptr_equal(p, &w.peer);
	w.failed++;
}

static const struct stream_session_ops session_ops = { .send = on_send };

static int setup(void **state)
{
	static const struct inject_layout_names us = { .layout = "us" };
	static const char hello[] = "{\"type\":\"hello\",\"version\":1}";
	int pair[2];

	memset(&w, 0, sizeof(w));
	fake_rtc_init();
	w.loop = ev_loop_new(EVFLAG_AUTO);
	stream_sessions_init(&w.sessions, w.loop, &w.devices, &w.counters, &us);
	w.sessions.displays = &w.displays;
	w.keyboard = stream_device_new(&w.devices, "keyboard", NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	assert_ok(vinject_open_fd(w.keyboard->v, pair[0]));
	w.end = pair[1];
	stream_session_init(&w.session, &w.sessions, &w.rights, &session_ops);
	assert_ok(stream_session_take(&w.session, STREAM_OURS, hello,
				      strlen(hello)));
	w.sent = 0;
	stream_peer_init(&w.peer, &w.session, on_failed);
	return 0;
}

static int teardown(void **state)
{
	stream_peer_fini(&w.peer);
	stream_peer_fini(&w.peer);
	assert_num(fake_rtc_peers(), 0);
	stream_session_fini(&w.session);
	stream_sessions_fini(&w.sessions);
	stream_device_free(&w.devices, w.keyboard);
	close(w.end);
	ev_loop_destroy(w.loop);
	return 0;
}

static int answer(struct fault *why)
{
	char *text = NULL;
	const int r =
		stream_peer_answer(&w.peer, FAKE_RTC, "offer", &text, why);

	assert_int_equal(text != NULL, !r);
	free(text);
	return r;
}

static void connect_peer(void)
{
	struct fault why;

	assert_ok(answer(&why));
	assert_ptr_equal(fake_rtc.rights, &w.rights);
	w.peer.peer->events->connected(w.peer.peer);
}

static void open_channel(uint16_t channel, const char *label)
{
	w.peer.peer->events->opened(w.peer.peer, channel, label);
}

static void receive(uint16_t channel, bool binary, const char *text)
{
	const struct rtc_message m = { channel, binary, (const uint8_t *)text,
				       strlen(text) };

	w.peer.peer->events->message(w.peer.peer, &m);
}

static bool is_down(void)
{
	return w.keyboard->down[KEY_A];
}

/* --- cases --- */

static void messages_come_on_the_first_channel_of_ours(void **state)
{
	connect_peer();
	receive(0, false, PRESS);
	assert_false(is_down());
	open_channel(1, "chat");
	receive(1, false, PRESS);
	assert_false(is_down());
	open_channel(INPUT, STREAM_CHANNEL);
	open_channel(4, STREAM_CHANNEL);
	receive(4, false, PRESS);
	assert_false(is_down());
	receive(INPUT, false, PRESS);
	assert_true(is_down());
	assert_num(w.sent, 0);
	/* A text is no binary message. */
	receive(INPUT, true, PRESS);
	assert_num(w.sent, 1);
	assert_num(w.failed, 0);
}

static void channel_may_be_opened_again(void **state)
{
	connect_peer();
	open_channel(INPUT, STREAM_CHANNEL);
	w.peer.peer->events->channel_closed(w.peer.peer, 4);
	receive(INPUT, false, PRESS);
	assert_true(is_down());
	w.peer.peer->events->channel_closed(w.peer.peer, INPUT);
	receive(INPUT, false, "garbage");
	assert_num(w.sent, 0);
	w.peer.peer->events->channel_closed(w.peer.peer, INPUT);
	open_channel(4, STREAM_CHANNEL);
	receive(4, false, "garbage");
	assert_num(w.sent, 1);
}

static void client_that_sends_garbage_is_to_be_disconnected(void **state)
{
	connect_peer();
	open_channel(INPUT, STREAM_CHANNEL);
	for (int i = 0; i < STREAM_ERRORS_MAX; i++)
		receive(INPUT, i % 2, "garbage");
	assert_num(w.failed, 0);
	receive(INPUT, false, "garbage");
	assert_num(w.failed, 1);
}

static void connection_that_ends_leaves_the_session(void **state)
{
	struct rtc_peer *peer;

	connect_peer();
	open_channel(INPUT, STREAM_CHANNEL);
	peer = w.peer.peer;
	peer->events->wants_key(peer, 2);
	assert_num(fake_rtc.wanted, 1 << 2);
	receive(INPUT, false, PRESS);
	peer->events->closed(peer, "why");
	assert_null(w.peer.peer);
	assert_true(is_down());
	/* The next one has no channel yet. */
	connect_peer();
	receive(INPUT, false, "garbage");
	assert_num(w.sent, 0);
	open_channel(4, STREAM_CHANNEL);
	receive(4, false, "garbage");
	assert_num(w.sent, 1);
}

static void next_offer_ends_the_connection(void **state)
{
	connect_peer();
	connect_peer();
	assert_num(fake_rtc_peers(), 1);
}

static void offer_that_fails_is_told(void **state)
{
	struct fault why;
	char *text;

	assert_rc(stream_peer_answer(&w.peer, NULL, "offer", &text, &why),
		  -ENOTSUP);
	assert_string_equal(why.text, "offer: there is no WebRTC here");
	fake_rtc.new_result = -EBUSY;
	assert_rc(answer(&why), -EBUSY);
	assert_string_equal(why.text, "offer: Device or resource busy");
	fake_rtc.new_result = 0;
	fake_rtc.answer_result = -EINVAL;
	assert_rc(answer(&why), -EINVAL);
	assert_string_equal(why.text, "bad offer");
	fake_rtc.answer_result = -ENOMEM;
	assert_rc(answer(&why), -ENOMEM);
	assert_string_equal(why.text, "offer: Cannot allocate memory");
	assert_null(w.peer.peer);
	assert_num(fake_rtc_peers(), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(messages_come_on_the_first_channel_of_ours),
		T(channel_may_be_opened_again),
		T(client_that_sends_garbage_is_to_be_disconnected),
		T(connection_that_ends_leaves_the_session),
		T(next_offer_ends_the_connection),
		T(offer_that_fails_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

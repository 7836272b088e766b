/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-stream's data channels: offered and answered over the WebSocket. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "input/base/loop.h"
#include "tests/lib/check.h"
#include "tests/lib/rtc-client.h"
#include "tests/lib/stream-test.h"

#define PRESS(code) "{\"type\":\"key\",\"code\":\"" code "\",\"down\":true}"

static struct world {
	struct stream_test *t;
	struct ev_loop *loop;
	struct rtc_client peer;
	bool prepared;
} w;

static int setup(void **state)
{
	const char *why;

	memset(&w, 0, sizeof(w));
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	stream_setup(state);
	w.t = *state;
	stream_device(w.t, "-keyboard_fd=");
	return 0;
}

static int teardown(void **state)
{
	const int r = stream_teardown(state);

	if (w.prepared)
		rtc_client_fini(&w.peer);
	ev_loop_destroy(w.loop);
	return r;
}

static void send_offer(const char *sdp)
{
	json_t *message = json_pack("{s:s, s:s}", "type", "offer", "sdp", sdp);
	char *text = json_dumps(message, JSON_COMPACT);

	assert_non_null(text);
	web_client_send_frame(&w.t->client[0], 1, true, text, strlen(text));
	free(text);
	json_decref(message);
}

static void connect_peer(void)
{
	struct web_client *c = &w.t->client[0];
	json_t *answer;

	web_client_start(c, w.t->url[0]);
	rtc_client_prepare(&w.peer, w.loop);
	w.prepared = true;
	send_offer(rtc_client_offer(&w.peer));
	web_client_expect(c, "\"type\":\"answer\"");
	answer = json_loads(c->message, 0, NULL);
	rtc_client_take(&w.peer,
			json_string_value(json_object_get(answer, "sdp")));
	json_decref(answer);
	rtc_client_start(&w.peer);
	assert_soon(w.loop, w.peer.up);
}

static void send_on(uint16_t channel, const char *text)
{
	const struct rtc_message m = { .channel = channel,
				       .data = (const uint8_t *)text,
				       .len = strlen(text) };

	assert_ok(rtc_client_send(&w.peer, &m));
	rtc_client_run(w.loop, 20);
}

static uint16_t open_channel(const char *label)
{
	const int channel = rtc_client_open(&w.peer, label);

	assert_true(channel >= 0);
	rtc_client_run(w.loop, 20);
	return (uint16_t)channel;
}

static void channel_carries_the_messages_of_its_session(void **state)
{
	struct web_client *c = &w.t->client[0];
	uint16_t ours, other;

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	connect_peer();
	other = open_channel("chat");
	ours = open_channel("vinput.1");
	send_on(other, PRESS("KeyB"));
	send_on(ours, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	/* Errors, and the heartbeat, may take the other way. */
	send_on(ours, "{}");
	web_client_expect(c, "type is required");
	web_client_send(c, "{'type':'held'}");
	stream_expect_frame(w.t, 0, "KEY_A 0");
	send_on(ours, PRESS("KeyC"));
	stream_expect_frame(w.t, 0, "KEY_C 1");
	web_client_close(c);
	stream_expect_frame(w.t, 0, "KEY_C 0");
	stream_wait_counter(w.t, "clients", 0);
}

static void client_of_many_errors_is_disconnected(void **state)
{
	struct rtc_message bad = { .data = (const uint8_t *)"x", .len = 1 };
	uint16_t ours;

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	connect_peer();
	ours = bad.channel = open_channel("vinput.1");
	send_on(ours, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	for (int i = 0; i < 150 && !rtc_client_send(&w.peer, &bad); i++)
		rtc_client_run(w.loop, 1);
	stream_expect_frame(w.t, 0, "KEY_A 0");
	web_client_expect_end(&w.t->client[0]);
}

static void bad_offer_is_answered(void **state)
{
	struct web_client *c = &w.t->client[0];

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	web_client_start(c, w.t->url[0]);
	send_offer("");
	web_client_expect(c, "\"error\"");
	send_offer("v=0\r\n");
	web_client_expect(c, "\"error\"");
	web_client_send(c, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
}

static void offer_needs_an_address(void **state)
{
	struct web_client *c = &w.t->client[0];

	stream_start(w.t);
	web_client_start(c, w.t->url[0]);
	send_offer("v=0\r\n");
	web_client_expect(c, "there is no WebRTC here");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(channel_carries_the_messages_of_its_session),
		T(client_of_many_errors_is_disconnected),
		T(bad_offer_is_answered),
		T(offer_needs_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

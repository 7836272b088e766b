/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/rtc-cuttlefish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/process.h"

#define PAGE "/devices/guest/files/client.html"

/* In the order in which it opens them. */
static const char *const labels[] = {
	"camera-data-channel",	 "input-channel",	  "sensors-channel",
	"adb-channel",		 "bluetooth-channel",	  "location-channel",
	"kml-locations-channel", "gpx-locations-channel", "lights-channel",
};

void rtc_cuttlefish_init(struct rtc_cuttlefish *c, struct ev_loop *loop,
			 const char *url)
{
	memset(c, 0, sizeof(*c));
	c->loop = loop;
	web_client_init(&c->web, url);
	web_client_trade(&c->web);
}

void rtc_cuttlefish_fini(struct rtc_cuttlefish *c)
{
	web_client_close(&c->web);
	if (c->prepared)
		rtc_client_fini(&c->peer);
	c->prepared = false;
}

/* Return: the text with " for ', to be freed. */
static char *quoted(const char *text)
{
	char *copy = strdup(text);

	assert_non_null(copy);
	for (char *at = copy; *at; at++)
		*at = *at == '\'' ? '"' : *at;
	return copy;
}

int rtc_cuttlefish_post(struct rtc_cuttlefish *c, const char *path,
			const char *text)
{
	char *body = quoted(text);
	const int status = web_client_request(
		&c->web,
		"POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n"
		"Cookie: %s\r\nContent-Length: %zu\r\n\r\n%s",
		path, c->web.host, c->web.host, c->web.cookie, strlen(body),
		body);

	free(body);
	if (status)
		web_client_body(&c->web);
	return status;
}

int rtc_cuttlefish_get(struct rtc_cuttlefish *c, const char *path)
{
	return web_client_request(&c->web,
				  "GET %s HTTP/1.1\r\nHost: %s\r\n"
				  "Cookie: %s\r\n",
				  path, c->web.host, c->web.cookie);
}

/* --- signalling --- */

void rtc_cuttlefish_by_websocket(struct rtc_cuttlefish *c)
{
	const struct web_handshake h = { .path = "/devices/guest/connect",
					 .without_protocol = true };

	assert_num(web_client_upgrade(&c->web, &h), 101);
	assert_non_null(web_client_receive(&c->web));
	assert_non_null(strstr(c->web.message, "{\"device_info\":{"));
}

void rtc_cuttlefish_by_polling(struct rtc_cuttlefish *c)
{
	const char *id;

	assert_num(rtc_cuttlefish_post(c, "/polled_connections",
				       "{'device_id':'guest'}"),
		   200);
	assert_non_null(strstr(c->web.message, "\"device_info\":{"));
	id = strstr(c->web.message, "\"connection_id\":\"");
	assert_non_null(id);
	assert_num(sscanf(id, "\"connection_id\":\"%63[0-9a-f]\"", c->id), 1);
	c->polls = true;
}

void rtc_cuttlefish_signal(struct rtc_cuttlefish *c, const char *text)
{
	char path[160], *body;

	if (!c->polls) {
		web_client_send(&c->web, "%s", text);
		return;
	}
	snprintf(path, sizeof(path), "/polled_connections/%s/:forward", c->id);
	assert_true(asprintf(&body, "{'payload':%s}", text) > 0);
	assert_num(rtc_cuttlefish_post(c, path, body), 200);
	assert_string_equal(c->web.message, "\"ok\"");
	free(body);
}

/* Return: the next message, owned by the caller; NULL: there is none. */
static json_t *poll_message(struct rtc_cuttlefish *c)
{
	char path[160];
	json_t *all, *first;

	snprintf(path, sizeof(path),
		 "/polled_connections/%s/messages?start=%d&count=1", c->id,
		 c->taken);
	assert_num(rtc_cuttlefish_get(c, path), 200);
	all = json_loads(web_client_body(&c->web), 0, NULL);
	assert_true(json_is_array(all));
	first = json_incref(json_array_get(all, 0));
	json_decref(all);
	c->taken += first != NULL;
	return first;
}

json_t *rtc_cuttlefish_receive(struct rtc_cuttlefish *c)
{
	json_t *message = NULL, *payload;

	if (c->polls)
		for (int ms = 0; !message && ms < DEADLINE_MS; ms += 10) {
			message = poll_message(c);
			rtc_client_run(c->loop, message ? 0 : 10);
		}
	else if (web_client_receive(&c->web))
		message = json_loads(c->web.message, 0, NULL);
	assert_non_null(message);
	assert_string_equal(
		json_string_value(json_object_get(message, "message_type")),
		"device_msg");
	payload = json_incref(json_object_get(message, "payload"));
	json_decref(message);
	return payload;
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

void rtc_cuttlefish_expect_error(struct rtc_cuttlefish *c, const char *text)
{
	json_t *message = rtc_cuttlefish_receive(c);

	assert_string_equal(member(message, "type"), "error");
	if (!strstr(member(message, "error"), text))
		fail_msg("%s", member(message, "error"));
	json_decref(message);
}

/* --- WebRTC --- */

static void answer_offer(struct rtc_cuttlefish *c)
{
	json_t *offer = rtc_cuttlefish_receive(c);
	json_t *answer;
	char *text;

	assert_string_equal(member(offer, "type"), "offer");
	if (c->prepared)
		rtc_client_fini(&c->peer);
	rtc_client_init(&c->peer, c->loop, member(offer, "sdp"));
	c->prepared = true;
	json_decref(offer);
	answer = json_pack("{s:s, s:s}", "type", "answer", "sdp",
			   rtc_client_answer(&c->peer));
	text = json_dumps(answer, JSON_COMPACT);
	assert_non_null(text);
	rtc_cuttlefish_signal(c, text);
	free(text);
	json_decref(answer);
}

void rtc_cuttlefish_connect(struct rtc_cuttlefish *c)
{
	rtc_cuttlefish_signal(c, "{'type':'request-offer','ice_servers':[]}");
	answer_offer(c);
	rtc_cuttlefish_signal(
		c, "{'type':'ice-candidate','candidate':{'candidate':"
		   "'candidate:1 1 udp 1 10.0.0.1 9 typ host','sdpMid':'0',"
		   "'sdpMLineIndex':0,'usernameFragment':'x'}}");
	rtc_client_start(&c->peer);
	assert_soon(c->loop, c->peer.up);
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		const int channel = rtc_client_open(&c->peer, labels[i]);

		assert_true(channel >= 0);
		if (!strcmp(labels[i], "input-channel"))
			c->input = (uint16_t)channel;
	}
	assert_soon(c->loop, c->peer.n_opened);
	assert_num(c->peer.n_opened, 1);
	assert_string_equal(c->peer.label, "device-control");
	assert_num(c->peer.n_closed, 0);
}

void rtc_cuttlefish_send(struct rtc_cuttlefish *c, uint16_t channel,
			 const char *text)
{
	char *copy = quoted(text);
	const struct rtc_message m = { .channel = channel,
				       .data = (const uint8_t *)copy,
				       .len = strlen(copy) };

	assert_ok(rtc_client_send(&c->peer, &m));
	free(copy);
	rtc_client_run(c->loop, 20);
}

void rtc_cuttlefish_input(struct rtc_cuttlefish *c, const char *text)
{
	rtc_cuttlefish_send(c, c->input, text);
}

void rtc_cuttlefish_control(struct rtc_cuttlefish *c, const char *text)
{
	rtc_cuttlefish_send(c, c->peer.opened, text);
}

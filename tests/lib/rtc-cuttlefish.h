/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cuttlefish's web client as the streamer sees it, by WebSocket or by polling,
 * and a full WebRTC peer behind it.
 */
#ifndef VINPUT_TESTS_RTC_CUTTLEFISH_H
#define VINPUT_TESTS_RTC_CUTTLEFISH_H

#include <jansson.h>

#include "tests/lib/rtc-client.h"
#include "tests/lib/stream-test.h"

struct rtc_cuttlefish {
	struct web_client web;
	struct ev_loop *loop;
	struct rtc_client peer;
	bool prepared;	/* there is a peer */
	uint16_t input; /* its channel */
	bool polls;
	char id[64]; /* of its polled connection */
	int taken;   /* messages that it polled */
};

/* loop: borrowed. */
void rtc_cuttlefish_init(struct rtc_cuttlefish *c, struct ev_loop *loop,
			 const char *url);
void rtc_cuttlefish_fini(struct rtc_cuttlefish *c); /* idempotent */

/* POST a JSON text, ' for ". Return: the status; its body is web.message. */
int rtc_cuttlefish_post(struct rtc_cuttlefish *c, const char *path,
			const char *text);
/* GET with the cookie. Return: the status. */
int rtc_cuttlefish_get(struct rtc_cuttlefish *c, const char *path);

/* Open its way of signalling, and read the device_info: web.message. */
void rtc_cuttlefish_by_websocket(struct rtc_cuttlefish *c);
void rtc_cuttlefish_by_polling(struct rtc_cuttlefish *c);
/* Send a message of signalling, ' for ". */
void rtc_cuttlefish_signal(struct rtc_cuttlefish *c, const char *text);
/* Return: the payload of the next message, owned by the caller. */
json_t *rtc_cuttlefish_receive(struct rtc_cuttlefish *c);
/* The next message is an error with this text in it. */
void rtc_cuttlefish_expect_error(struct rtc_cuttlefish *c, const char *text);

/* Request an offer and answer it, until its nine channels are open. */
void rtc_cuttlefish_connect(struct rtc_cuttlefish *c);
/* Send on input-channel, or on device-control; ' for ". */
void rtc_cuttlefish_input(struct rtc_cuttlefish *c, const char *text);
void rtc_cuttlefish_control(struct rtc_cuttlefish *c, const char *text);
void rtc_cuttlefish_send(struct rtc_cuttlefish *c, uint16_t channel,
			 const char *text);

#endif

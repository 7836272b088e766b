/* SPDX-License-Identifier: Apache-2.0 */
/* A browser's data channel, which it offers over its WebSocket. */
#ifndef VINPUT_TESTS_RTC_WEB_H
#define VINPUT_TESTS_RTC_WEB_H

#include "tests/lib/rtc-client.h"
#include "tests/lib/web-client.h"

void rtc_web_offer(struct web_client *web, const char *sdp);
/* Prepare the client, let it offer and take the answer, and start it. */
void rtc_web_connect(struct web_client *web, struct rtc_client *c,
		     struct ev_loop *loop);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/check.h"
#include "tests/lib/rtc-web.h"

void rtc_web_offer(struct web_client *web, const char *sdp)
{
	json_t *message = json_pack("{s:s, s:s}", "type", "offer", "sdp", sdp);
	char *text = json_dumps(message, JSON_COMPACT);

	assert_non_null(text);
	web_client_send_frame(web, 1, true, text, strlen(text));
	free(text);
	json_decref(message);
}

void rtc_web_connect(struct web_client *web, struct rtc_client *c,
		     struct ev_loop *loop)
{
	json_t *answer;

	rtc_client_prepare(c, loop);
	rtc_web_offer(web, rtc_client_offer(c));
	web_client_expect(web, "\"type\":\"answer\"");
	answer = json_loads(web->message, 0, NULL);
	rtc_client_take(c, json_string_value(json_object_get(answer, "sdp")));
	json_decref(answer);
	rtc_client_start(c);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Session descriptions of ours, and what they take from those of others. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/rtc/rtc-sdp.h"
#include "tests/lib/check.h"
#include "tests/lib/sdp-text.h"

static const struct rtc_sdp_candidate candidates[] = {
	{ "192.0.2.1", 40000 },
	{ "2001:db8::1", 40000 },
};

static const struct rtc_sdp_local local = {
	.ufrag = "ourfrag1",
	.password = "ourpasswordourpassword12",
	.fingerprint = bytes_of_hex,
	.candidates = candidates,
	.n_candidates = 2,
	.session = 42,
	.sctp_port = 5000,
	.max_message = 65536,
};

#define TRANSPORT                                                        \
	"a=ice-ufrag:ourfrag1\r\na=ice-pwd:ourpasswordourpassword12\r\n" \
	"a=setup:actpass\r\na=fingerprint:sha-256 " HEX "\r\n"           \
	"a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n"    \
	"a=candidate:2 1 udp 2130706175 2001:db8::1 40000 typ host\r\n"  \
	"a=end-of-candidates\r\n"

#define HEAD_OF_OURS                                         \
	"v=0\r\no=- 42 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n" \
	"a=ice-lite\r\n"

static const char offer[] = HEAD_OF_OURS
	"a=group:BUNDLE 0\r\n"
	"m=application 40000 UDP/DTLS/SCTP webrtc-datachannel\r\n"
	"c=IN IP4 192.0.2.1\r\na=mid:0\r\n" TRANSPORT
	"a=sendrecv\r\na=sctp-port:5000\r\na=max-message-size:65536\r\n";

/* Those of tracks follow. */
static const char offered_tracks[] =
	"m=video 40000 UDP/TLS/RTP/SAVPF 96\r\n"
	"c=IN IP4 192.0.2.1\r\na=mid:1\r\n" TRANSPORT
	"a=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
	"a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
	"a=rtcp-fb:96 ccm fir\r\na=msid:display_0 display_0\r\n"
	"a=ssrc:7 cname:vinput\r\na=ssrc:7 msid:display_0 display_0\r\n"
	"a=extmap:1 " RTC_SDP_DELAY "\r\n"
	"m=video 40000 UDP/TLS/RTP/SAVPF 96\r\n"
	"c=IN IP4 192.0.2.1\r\na=mid:2\r\n" TRANSPORT
	"a=sendonly\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n"
	"a=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
	"a=rtcp-fb:96 ccm fir\r\na=msid:display_1 display_1\r\n"
	"a=ssrc:8 cname:vinput\r\na=ssrc:8 msid:display_1 display_1\r\n"
	"a=extmap:1 " RTC_SDP_DELAY "\r\n";

static struct rtc_sdp_local local_with_tracks(void)
{
	struct rtc_sdp_local with = local;

	with.n_tracks = 2;
	with.track[0] = (struct rtc_sdp_track){ "display_0", 7 };
	with.track[1] = (struct rtc_sdp_track){ "display_1", 8 };
	return with;
}

static void our_offer_has_this_form(void **state)
{
	char *text = rtc_sdp_write_offer(&local);
	struct rtc_sdp sdp;
	struct fault fault;

	assert_string_equal(text, offer);
	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, text, &fault));
	free(text);
}

static void our_answer_repeats_all_sections_and_takes_the_channel(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;
	char *text;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, firefox_offer, &fault));
	text = rtc_sdp_write_answer(&local, &sdp);
	assert_num(strncmp(text, offer, strlen(HEAD_OF_OURS)), 0);
	assert_non_null(strstr(
		text, "a=group:BUNDLE dc\r\n"
		      "m=video 0 UDP/TLS/RTP/SAVPF 120 124\r\n"
		      "c=IN IP4 0.0.0.0\r\na=mid:0\r\na=inactive\r\n"
		      "m=application 40000 UDP/DTLS/SCTP webrtc-datachannel\r\n"
		      "c=IN IP4 192.0.2.1\r\na=mid:dc\r\n"));
	assert_non_null(strstr(text, "a=setup:passive\r\n"));
	free(text);
}

static void our_answer_groups_nothing_unless_that_was_offered(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;
	char *text;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER,
			       HEAD M ICE SHA "a=setup:actpass\r\na=mid:q\r\n",
			       &fault));
	text = rtc_sdp_write_answer(&local, &sdp);
	assert_null(strstr(text, "BUNDLE"));
	assert_non_null(strstr(text, "a=mid:q\r\n"));
	free(text);
}

/* Nor can a section without a name be grouped. */
static void our_answer_names_nothing_that_has_no_name(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;
	char *text;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER,
			       HEAD "a=group:BUNDLE 0\r\n" M ICE SHA ACTIVE
				    "m=audio 9 RTP 0 8\r\n",
			       &fault));
	text = rtc_sdp_write_answer(&local, &sdp);
	assert_null(strstr(text, "BUNDLE"));
	assert_null(strstr(text, "a=mid"));
	assert_non_null(strstr(text, "\r\nm=audio 0 RTP 0 8\r\n"
				     "c=IN IP4 0.0.0.0\r\na=inactive\r\n"));
	free(text);
}

static void our_best_address_may_be_of_ipv6(void **state)
{
	struct rtc_sdp_local six = local;
	char *text;

	six.candidates++;
	six.n_candidates--;
	text = rtc_sdp_write_offer(&six);
	assert_non_null(strstr(text, "\r\nc=IN IP6 2001:db8::1\r\n"));
	free(text);
}

static enum {
	ENOUGH,
	NONE,
	TOO_LITTLE
} memory;

/* In place of libc's. */
FILE *open_memstream(char **bufloc, size_t *sizeloc)
{
	FILE *(*real)(char **, size_t *) = dlsym(RTLD_NEXT, "open_memstream");

	if (memory == ENOUGH)
		return real(bufloc, sizeloc);
	if (memory == NONE)
		return NULL;
	*bufloc = strdup("what was written so far");
	return fopen("/dev/full", "we");
}

static void short_memory_is_told(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, firefox_offer, &fault));
	for (memory = NONE; memory <= TOO_LITTLE; memory++) {
		assert_null(rtc_sdp_write_offer(&local));
		assert_null(rtc_sdp_write_answer(&local, &sdp));
	}
	memory = ENOUGH;
}

/* --- video --- */

static void our_offer_has_a_section_for_each_track(void **state)
{
	const struct rtc_sdp_local with = local_with_tracks();
	char *text = rtc_sdp_write_offer(&with), *tracks;

	assert_non_null(strstr(text, "\r\na=group:BUNDLE 0 1 2\r\n"));
	tracks = strstr(text, "m=video");
	assert_non_null(tracks);
	assert_string_equal(tracks, offered_tracks);
	free(text);
}

/* What is offered or answered, and the tracks of its sections. */
static const struct {
	enum rtc_sdp_role role;
	const char *sections;
	int track[5];
} videos[] = {
	{ RTC_SDP_OFFER, VIDEO VP8 "a=mid:v\r\na=recvonly\r\n", { 0 } },
	{ RTC_SDP_OFFER, VIDEO VP8 "a=mid:v\r\n", { 0 } },
	{ RTC_SDP_OFFER, VIDEO VP8 "a=mid:v\r\na=sendonly\r\n", { -1 } },
	{ RTC_SDP_OFFER, VIDEO VP8 "a=mid:v\r\na=inactive\r\n", { -1 } },
	{ RTC_SDP_OFFER, VIDEO VP8 "a=recvonly\r\n", { -1 } },
	{ RTC_SDP_OFFER, VIDEO "a=rtpmap:98 VP9/90000\r\na=mid:v\r\n", { -1 } },
	{ RTC_SDP_OFFER,
	  "m=video 0 UDP/TLS/RTP/SAVPF 98\r\n" VP8 "a=mid:v\r\n",
	  { -1 } },
	{ RTC_SDP_OFFER,
	  "m=video 0 UDP/TLS/RTP/SAVPF 98\r\n" VP8
	  "a=mid:v\r\na=bundle-only\r\n",
	  { 0 } },
	{ RTC_SDP_OFFER, "m=video 9 RTP/AVP 98\r\n" VP8 "a=mid:v\r\n", { -1 } },
	{ RTC_SDP_OFFER, VIDEO VP8 "a=mid:v\r\nb=inactive\r\n", { 0 } },
	{ RTC_SDP_OFFER,
	  "m=audio 9 UDP/TLS/RTP/SAVPF 98\r\n" VP8 "a=mid:a\r\n" VIDEO VP8
	  "a=mid:v\r\na=sendonly\r\n" VIDEO VP8 "a=mid:w\r\n" VIDEO VP8
	  "a=mid:x\r\n",
	  { -1, -1, 0, 1 } },
	/* The first is about our first, which the browser does not take. */
	{ RTC_SDP_ANSWER,
	  "m=video 0 UDP/TLS/RTP/SAVPF 98\r\n" VP8 "a=mid:v\r\n" VIDEO VP8
	  "a=mid:w\r\na=recvonly\r\n",
	  { -1, 1 } },
};

static void sections_take_tracks_in_their_order(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(videos); i++) {
		struct fault fault = { "" };
		struct rtc_sdp sdp;
		char text[4096];

		snprintf(text, sizeof(text), "%s%s",
			 HEAD "a=group:BUNDLE d\r\n" M ICE SHA ACTIVE,
			 videos[i].sections);
		if (rtc_sdp_read(&sdp, videos[i].role, text, &fault))
			fail_msg("%zu: %s", i, fault.text);
		for (size_t n = 1; n < sdp.n_sections; n++)
			if (sdp.section[n].track != videos[i].track[n - 1])
				fail_msg("%zu: section %zu: %d", i, n,
					 sdp.section[n].track);
	}
}

static void our_answer_takes_the_type_and_order_of_the_offer(void **state)
{
	const struct rtc_sdp_local with = local_with_tracks();
	struct rtc_sdp sdp;
	struct fault fault;
	char *text;

	assert_ok(rtc_sdp_read(
		&sdp, RTC_SDP_OFFER,
		HEAD "a=group:BUNDLE v d w\r\n" VIDEO ICE SHA VP8 ACTIVE
		     "a=mid:v\r\na=recvonly\r\n" M ICE SHA ACTIVE
		     "a=mid:d\r\n" VIDEO VP8 "a=mid:w\r\na=sendonly\r\n",
		&fault));
	text = rtc_sdp_write_answer(&with, &sdp);
	assert_non_null(strstr(text, "a=group:BUNDLE v d\r\n"
				     "m=video 40000 UDP/TLS/RTP/SAVPF 98\r\n"
				     "c=IN IP4 192.0.2.1\r\na=mid:v\r\n"));
	assert_non_null(strstr(text, "a=sendonly\r\na=rtcp-mux\r\n"
				     "a=rtpmap:98 VP8/90000\r\n"));
	assert_non_null(strstr(text, "a=msid:display_0 display_0\r\n"));
	assert_null(strstr(text, "display_1"));
	assert_null(strstr(text, "a=extmap"));
	assert_non_null(strstr(text, "m=video 0 UDP/TLS/RTP/SAVPF 97 98\r\n"));
	free(text);
}

static void type_of_vp8_is_the_first_ones(void **state)
{
	static const struct {
		const char *lines;
		uint8_t type;
	} rows[] = {
		{ "a=rtpmap:127 vp8/90000\r\na=rtpmap:1 VP8/90000\r\n", 127 },
		{ "a=rtpmap:1 VP8/90000/2\r\na=rtpmap:2 VP8/80000\r\n", 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rtc_sdp sdp;
		struct fault fault;
		char text[4096];

		snprintf(text, sizeof(text), "%s%s",
			 HEAD M ICE SHA ACTIVE VIDEO, rows[i].lines);
		assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, text, &fault));
		assert_num(sdp.section[1].vp8, rows[i].type);
	}
}

static void our_answer_takes_the_extension_of_the_offer(void **state)
{
	static const struct {
		const char *line, *answer; /* NULL: none */
	} rows[] = {
		{ "a=extmap:5 " RTC_SDP_DELAY, "a=extmap:5 " RTC_SDP_DELAY },
		{ "a=extmap:14/sendrecv " RTC_SDP_DELAY,
		  "a=extmap:14 " RTC_SDP_DELAY },
		{ "a=extmap:15 " RTC_SDP_DELAY, NULL },
		{ "a=extmap:x " RTC_SDP_DELAY, NULL },
		{ "a=extmap:5 " RTC_SDP_DELAY "2", NULL },
		{ "a=extmap:5", NULL },
	};
	const struct rtc_sdp_local with = local_with_tracks();

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rtc_sdp sdp;
		struct fault fault;
		char text[4096], *answer;

		snprintf(text, sizeof(text), "%s%s\r\n",
			 HEAD "a=group:BUNDLE d v\r\n" M ICE SHA ACTIVE
			      "a=mid:d\r\n" VIDEO VP8 "a=mid:v\r\n",
			 rows[i].line);
		assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, text, &fault));
		answer = rtc_sdp_write_answer(&with, &sdp);
		assert_non_null(answer);
		if (rows[i].answer)
			assert_non_null(strstr(answer, rows[i].answer));
		else
			assert_null(strstr(answer, "a=extmap"));
		free(answer);
	}
}

/* There is one way to the browser, on which the data channels are. */
static void video_that_is_not_bundled_is_rejected(void **state)
{
	const struct rtc_sdp_local with = local_with_tracks();
	struct rtc_sdp sdp;
	struct fault fault;
	char *text;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER,
			       HEAD M ICE SHA ACTIVE "a=mid:d\r\n" VIDEO VP8
						     "a=mid:v\r\n",
			       &fault));
	text = rtc_sdp_write_answer(&with, &sdp);
	assert_non_null(strstr(text, "m=video 0 UDP/TLS/RTP/SAVPF 97 98\r\n"));
	assert_null(strstr(text, "display_0"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_offer_has_this_form),
		cmocka_unit_test(
			our_answer_repeats_all_sections_and_takes_the_channel),
		cmocka_unit_test(
			our_answer_groups_nothing_unless_that_was_offered),
		cmocka_unit_test(our_answer_names_nothing_that_has_no_name),
		cmocka_unit_test(our_best_address_may_be_of_ipv6),
		cmocka_unit_test(short_memory_is_told),
		cmocka_unit_test(our_offer_has_a_section_for_each_track),
		cmocka_unit_test(sections_take_tracks_in_their_order),
		cmocka_unit_test(
			our_answer_takes_the_type_and_order_of_the_offer),
		cmocka_unit_test(type_of_vp8_is_the_first_ones),
		cmocka_unit_test(our_answer_takes_the_extension_of_the_offer),
		cmocka_unit_test(video_that_is_not_bundled_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Session descriptions of others; those of browsers are as browsers write them.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/rtc/rtc-sdp.h"
#include "tests/lib/check.h"
#include "tests/lib/sdp-text.h"

/* Chromium's answer to an offer with a data channel only. */
static const char chromium_answer[] = HEAD
	"a=group:BUNDLE 0\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
	"m=application 49203 UDP/DTLS/SCTP webrtc-datachannel\r\n"
	"c=IN IP4 192.0.2.7\r\na=candidate:2390157 1 udp 2113937151 "
	"0a8a2c9e-30d8.local 49203 typ host generation 0 network-cost 999\r\n"
	"a=ice-ufrag:fRAg\r\na=ice-pwd:uMsrjZwdKrXaXNDIfkm4Ds5k\r\n"
	"a=ice-options:trickle\r\n"
	"a=fingerprint:sha-256 " HEX "\r\na=setup:active\r\na=mid:0\r\n"
	"a=sctp-port:5000\r\na=max-message-size:262144\r\n";

static void chromiums_answer_is_read(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault = { "" };

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, chromium_answer, &fault));
	assert_true(rtc_text_is(sdp.ufrag, "fRAg"));
	assert_memory_equal(sdp.fingerprint, bytes_of_hex,
			    sizeof(bytes_of_hex));
	assert_num(sdp.sctp_port, 5000);
	assert_num(sdp.max_message, 262144);
	assert_num(sdp.n_sections, 1);
	assert_true(rtc_text_is(sdp.section[0].mid, "0"));
}

static void firefoxs_offer_is_read(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault = { "" };

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_OFFER, firefox_offer, &fault));
	assert_true(rtc_text_is(sdp.ufrag, "8e2b4f6a"));
	assert_memory_equal(sdp.fingerprint, bytes_of_hex,
			    sizeof(bytes_of_hex));
	assert_num(sdp.sctp_port, 5001);
	assert_num(sdp.max_message, 1073741823);
	assert_num(sdp.n_sections, 2);
	assert_num(sdp.channel, 1);
	assert_true(sdp.bundle);
}

static void what_is_missing_has_the_rfcs_default(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, HEAD M ICE SHA ACTIVE,
			       &fault));
	assert_num(sdp.sctp_port, 5000);
	assert_num(sdp.max_message, 65536);
	assert_false(sdp.section[0].mid.at);
	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD M ICE SHA ACTIVE "a=max-message-size:0\r\n",
			       &fault));
	assert_num(sdp.max_message, UINT32_MAX);
}

static void limits_are_right(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD M ICE SHA ACTIVE
			       "a=sctp-port:65535\r\n"
			       "a=max-message-size:9999999999999999999\r\n",
			       &fault));
	assert_num(sdp.sctp_port, 65535);
	assert_num(sdp.max_message, UINT32_MAX);
	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD M ICE SHA ACTIVE
			       "a=sctp-port:1\r\na=max-message-size:1\r\n",
			       &fault));
	assert_num(sdp.sctp_port, 1);
	assert_num(sdp.max_message, 1);
}

static void a_section_replaces_what_the_session_says(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(
		&sdp, RTC_SDP_ANSWER,
		HEAD
		"a=setup:passive\r\na=ice-ufrag:other\r\n" M ICE SHA ACTIVE,
		&fault));
	assert_true(rtc_text_is(sdp.ufrag, "fRAg"));
}

static void other_hashes_may_stand_beside(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD M ICE ACTIVE
			       "a=fingerprint:sha-512 00:11\r\n" SHA,
			       &fault));
}

static void names_may_have_signs(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD M "a=ice-ufrag:+R/g\r\n"
				      "a=ice-pwd:uMsrjZwd+rXaXNDIfkm4/s5k\r\n"
				      "a=mid:data-0.~\r\n" SHA ACTIVE,
			       &fault));
	assert_true(rtc_text_is(sdp.ufrag, "+R/g"));
	assert_true(rtc_text_is(sdp.section[0].mid, "data-0.~"));
}

/* A name of this many letters is taken, and of one more it is not. */
static void check_longest(const char *attribute, int longest)
{
	char text[1024];
	struct rtc_sdp sdp;
	struct fault fault;

	for (int more = 0; more < 2; more++) {
		snprintf(text, sizeof(text), "%sa=%s:%0*d\r\n%s",
			 HEAD M SHA ACTIVE, attribute, longest + more, 0, ICE);
		assert_rc(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault),
			  more ? -EINVAL : 0);
	}
}

static void names_have_a_longest_length(void **state)
{
	check_longest("mid", 64);
	check_longest("ice-ufrag", 256);
}

static void only_lines_of_the_channels_section_are_its_own(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(
		&sdp, RTC_SDP_ANSWER,
		HEAD "a=inactive\r\na=group:BUNDLE 0\r\na=group:LS 0\r\n" VIDEO
		     "a=ice-ufrag:before\r\n" M ICE SHA ACTIVE
		     "a=\r\na\r\n\r\nb=setup:passive\r\nb=sctp-port:1\r\n" M
		     "a=ice-ufrag:after\r\na=setup:passive\r\n"
		     "a=sctp-port:2\r\n" VIDEO "a=max-message-size:3",
		&fault));
	assert_num(sdp.n_sections, 4);
	assert_num(sdp.channel, 1);
	assert_true(sdp.bundle);
	assert_true(rtc_text_is(sdp.ufrag, "fRAg"));
	assert_num(sdp.sctp_port, 5000);
	assert_num(sdp.max_message, 65536);
	for (size_t i = 0; i < 4; i++)
		assert_false(sdp.section[i].sends_only);
}

static void only_a_group_of_bundles_is_one(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD "a=group:LS 0\r\n" M ICE SHA ACTIVE,
			       &fault));
	assert_false(sdp.bundle);
}

/* The last line needs no end. */
static void channel_may_be_over_tcp(void **state)
{
	struct rtc_sdp sdp;
	struct fault fault;

	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER,
			       HEAD "m=application 9 TCP/DTLS/SCTP "
				    "webrtc-datachannel\r\n" ICE SHA
				    "a=setup:active",
			       &fault));
	assert_num(sdp.channel, 0);
}

#define OTHER_SHA "a=fingerprint:sha-256 ee" HEX_31 "\r\n"
#define UPPER_SHA "a=fingerprint:SHA-256 " HEX "\r\n"

/* The first of a section, in letters of either case. */
static void section_has_one_fingerprint(void **state)
{
	static const struct {
		const char *text;
		uint8_t first;
	} rows[] = {
		{ HEAD OTHER_SHA M ICE SHA ACTIVE, 0 },
		{ HEAD SHA M ICE OTHER_SHA ACTIVE, 0xee },
		{ HEAD M ICE UPPER_SHA OTHER_SHA ACTIVE, 0 },
		{ HEAD M ICE
		  "a=fingerprint:sha-384 00\r\n" OTHER_SHA SHA ACTIVE,
		  0xee },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rtc_sdp sdp;
		struct fault fault;

		assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, rows[i].text,
				       &fault));
		assert_num(sdp.fingerprint[0], rows[i].first);
		assert_memory_equal(sdp.fingerprint + 1, bytes_of_hex + 1,
				    RTC_FINGERPRINT_LEN - 1);
	}
}

static const struct {
	enum rtc_sdp_role role;
	const char *text, *why;
} bad[] = {
	{ RTC_SDP_ANSWER, "", "line 1: must be v=0" },
	{ RTC_SDP_ANSWER, "x", "line 1: must be v=0" },
	{ RTC_SDP_ANSWER, HEAD,
	  "no data channel: there must be m=application ... UDP/DTLS/SCTP "
	  "webrtc-datachannel" },
	{ RTC_SDP_ANSWER,
	  HEAD "m=application 9 DTLS/SCTP 5000\r\n" ICE SHA ACTIVE,
	  "no data channel: there must be m=application ... UDP/DTLS/SCTP "
	  "webrtc-datachannel" },
	{ RTC_SDP_ANSWER,
	  HEAD "m=application 9 UDP/DTLS/SCTP 5000\r\n" ICE SHA ACTIVE,
	  "no data channel: there must be m=application ... UDP/DTLS/SCTP "
	  "webrtc-datachannel" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 " HEX ":00\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 " HEX "0\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 0g" HEX_31 "\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 g0" HEX_31 "\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 `0" HEX_31 "\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER,
	  HEAD M ICE "a=fingerprint:sha-256 " HEX_30 "00-00\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER,
	  HEAD "m=video 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" ICE SHA ACTIVE,
	  "no data channel: there must be m=application ... UDP/DTLS/SCTP "
	  "webrtc-datachannel" },
	{ RTC_SDP_ANSWER, HEAD M "a=max-message-size:1a\r\n",
	  "line 6: invalid a=max-message-size: must be a number" },
	{ RTC_SDP_ANSWER, HEAD "m=audio\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m=\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m= 9 X 1\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m=audio  X 1\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m=audio 9  1\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m=audio 9 X \r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD "m=audio 9 X\r\n",
	  "line 5: invalid m=: must be MEDIA PORT PROTOCOL FORMAT" },
	{ RTC_SDP_ANSWER, HEAD M SHA ACTIVE, "no a=ice-ufrag" },
	{ RTC_SDP_ANSWER, HEAD M "a=ice-ufrag:abc\r\n",
	  "line 6: invalid a=ice-ufrag: must be 4 to 256 letters, digits, + "
	  "and /" },
	{ RTC_SDP_ANSWER, HEAD M "a=ice-ufrag:ab:cd\r\n",
	  "line 6: invalid a=ice-ufrag: must be 4 to 256 letters, digits, + "
	  "and /" },
	{ RTC_SDP_ANSWER, HEAD M ICE ACTIVE, "no a=fingerprint:sha-256" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-1 00:11\r\n",
	  "no a=fingerprint:sha-256" },
	{ RTC_SDP_ANSWER, HEAD M ICE "a=fingerprint:sha-256 00:11\r\n",
	  "line 8: invalid a=fingerprint: must be 32 bytes in hex, separated "
	  "by colons" },
	{ RTC_SDP_ANSWER, HEAD M ICE SHA, "invalid a=setup: must be active" },
	{ RTC_SDP_ANSWER, HEAD M ICE SHA "a=setup:passive\r\n",
	  "invalid a=setup: must be active" },
	{ RTC_SDP_ANSWER, HEAD M ICE SHA "a=setup:actpass\r\n",
	  "invalid a=setup: must be active" },
	{ RTC_SDP_OFFER, HEAD M ICE SHA "a=setup:passive\r\n",
	  "invalid a=setup: must be actpass or active" },
	{ RTC_SDP_ANSWER, HEAD M "a=sctp-port:0\r\n",
	  "line 6: invalid a=sctp-port: must be from 1 to 65535" },
	{ RTC_SDP_ANSWER, HEAD M "a=sctp-port:65536\r\n",
	  "line 6: invalid a=sctp-port: must be from 1 to 65535" },
	{ RTC_SDP_ANSWER, HEAD M "a=sctp-port:-1\r\n",
	  "line 6: invalid a=sctp-port: must be from 1 to 65535" },
	{ RTC_SDP_ANSWER, HEAD M "a=sctp-port:50x\r\n",
	  "line 6: invalid a=sctp-port: must be from 1 to 65535" },
	{ RTC_SDP_ANSWER, HEAD M "a=max-message-size:\r\n",
	  "line 6: invalid a=max-message-size: must be a number" },
	{ RTC_SDP_ANSWER, HEAD M "a=max-message-size:99999999999999999999\r\n",
	  "line 6: invalid a=max-message-size: must be a number" },
	{ RTC_SDP_OFFER, HEAD M "m=video 9 X 1\r\na=rtpmap:128 VP8/90000\r\n",
	  "line 7: invalid a=rtpmap: must be a number up to 127" },
	{ RTC_SDP_OFFER, HEAD M "m=video 9 X 1\r\na=rtpmap:0 VP8/90000\r\n",
	  "line 7: invalid a=rtpmap: must be a number up to 127" },
	{ RTC_SDP_OFFER, HEAD M "a=mid:\r\n",
	  "line 6: invalid a=mid: must be 1 to 64 characters of a token" },
	{ RTC_SDP_OFFER, HEAD M "a=mid:a b\r\n",
	  "line 6: invalid a=mid: must be 1 to 64 characters of a token" },
	{ RTC_SDP_ANSWER,
	  HEAD
	  "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n" ICE SHA ACTIVE,
	  "the data channel is rejected: the port of its m= is 0" },
};

static void faults_say_what_and_where(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct fault fault = { "" };
		struct rtc_sdp sdp;

		assert_rc(rtc_sdp_read(&sdp, bad[i].role, bad[i].text, &fault),
			  -EINVAL);
		assert_string_equal(fault.text, bad[i].why);
	}
}

static void a_description_has_a_longest_length(void **state)
{
	static char text[RTC_SDP_MAX + 2];
	const int n =
		snprintf(text, sizeof(text), "%sa=", HEAD M ICE SHA ACTIVE);
	struct rtc_sdp sdp;
	struct fault fault;

	memset(text + n, 'a', sizeof(text) - (size_t)n - 1);
	assert_rc(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault), -EINVAL);
	assert_string_equal(fault.text, "longer than 65536 characters");
	text[RTC_SDP_MAX] = '\0';
	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault));
}

static void sections_have_a_largest_number(void **state)
{
	char text[4096] = HEAD M ICE SHA ACTIVE;
	struct rtc_sdp sdp;
	struct fault fault;

	for (int i = 1; i < RTC_SDP_SECTIONS_MAX; i++)
		strcat(text, "m=audio 9 RTP 0\r\n");
	assert_ok(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault));
	assert_num(sdp.n_sections, RTC_SDP_SECTIONS_MAX);
	strcat(text, "m=audio 9 RTP 0\r\n");
	assert_rc(rtc_sdp_read(&sdp, RTC_SDP_ANSWER, text, &fault), -EINVAL);
	assert_string_equal(fault.text, "line 33: more than 24 m= sections");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chromiums_answer_is_read),
		cmocka_unit_test(firefoxs_offer_is_read),
		cmocka_unit_test(what_is_missing_has_the_rfcs_default),
		cmocka_unit_test(limits_are_right),
		cmocka_unit_test(a_section_replaces_what_the_session_says),
		cmocka_unit_test(other_hashes_may_stand_beside),
		cmocka_unit_test(names_may_have_signs),
		cmocka_unit_test(names_have_a_longest_length),
		cmocka_unit_test(
			only_lines_of_the_channels_section_are_its_own),
		cmocka_unit_test(only_a_group_of_bundles_is_one),
		cmocka_unit_test(channel_may_be_over_tcp),
		cmocka_unit_test(section_has_one_fingerprint),
		cmocka_unit_test(faults_say_what_and_where),
		cmocka_unit_test(a_description_has_a_longest_length),
		cmocka_unit_test(sections_have_a_largest_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

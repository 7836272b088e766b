/* SPDX-License-Identifier: Apache-2.0 */
/* Session descriptions; those of browsers are as browsers write them. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/rtc/rtc-sdp.h"
#include "tests/lib/check.h"

#define HEX "00" HEX_31
#define HEX_31                                                            \
	":01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15" \
	":16:17:18:19:1A:1B:1C:1D:1E:FF"
#define HEX_30                                                            \
	"00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:" \
	"15:16:17:18:19:1A:1B:1C:1D:"
#define HEAD   "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
#define M      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
#define ICE    "a=ice-ufrag:fRAg\r\na=ice-pwd:uMsrjZwdKrXaXNDIfkm4Ds5k\r\n"
#define SHA    "a=fingerprint:sha-256 " HEX "\r\n"
#define ACTIVE "a=setup:active\r\n"

#define VIDEO "m=video 9 UDP/TLS/RTP/SAVPF 97 98\r\n"
#define VP8   "a=rtpmap:97 rtx/90000\r\na=rtpmap:98 VP8/90000\r\n"

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

/* Firefox says for the session what Chromium says for each section. */
static const char firefox_offer[] =
	"v=0\n"
	"o=mozilla...THIS_IS_SDPARTA-99.0 7310 0 IN IP4 0.0.0.0\ns=-\nt=0 0\n"
	"a=sendrecv\na=fingerprint:sha-256 " HEX "\n"
	"a=group:BUNDLE 0 dc\na=ice-options:trickle\na=msid-semantic:WMS *\n"
	"m=video 9 UDP/TLS/RTP/SAVPF 120 124\nc=IN IP4 0.0.0.0\na=recvonly\n"
	"a=ice-pwd:3d4b65ec4ba0b8aa29a4d6ba8c3c6a6b\na=ice-ufrag:videofrag\n"
	"a=mid:0\na=setup:actpass\n"
	"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\nc=IN IP4 0.0.0.0\n"
	"a=sendrecv\na=ice-pwd:3d4b65ec4ba0b8aa29a4d6ba8c3c6a6b\n"
	"a=ice-ufrag:8e2b4f6a\na=mid:dc\na=setup:actpass\na=sctp-port:5001\n"
	"a=max-message-size:1073741823\n";

static const uint8_t bytes_of_hex[RTC_FINGERPRINT_LEN] = {
	0,  1,	2,  3,	4,  5,	6,  7,	8,  9,	10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 255,
};

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

/* --- ours --- */

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

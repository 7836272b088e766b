/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of session descriptions, as browsers write them. */
#ifndef VINPUT_TESTS_SDP_TEXT_H
#define VINPUT_TESTS_SDP_TEXT_H

#include "injector/rtc/rtc-sdp.h"

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

#endif

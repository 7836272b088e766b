/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's side of video, for tests: packets are decrypted, put together and
 * decoded; it can lose some, and ask for them or for a key frame.
 *
 *	video_client_init(&v, &client);		before client's description
 *	...
 *	assert_soon(loop, v.n_pictures);
 */
#ifndef VINPUT_TESTS_VIDEO_CLIENT_H
#define VINPUT_TESTS_VIDEO_CLIENT_H

#include "injector/rtc/rtc-srtp.h"
#include "injector/video/video-picture.h"
#include "tests/lib/rtc-client.h"

#define VIDEO_CLIENT_FRAME_MAX (1 << 20)

struct video_client {
	struct rtc_client *client;
	struct rtc_srtp srtp;
	bool keyed;
	unsigned int lose; /* so many of the next packets */

	uint8_t frame[VIDEO_CLIENT_FRAME_MAX]; /* what came of it so far */
	size_t frame_len;
	bool whole; /* none of its packets is missing so far */

	/* What it saw. */
	unsigned int n_packets, n_reports, n_pictures, n_keys, n_repeated;
	unsigned int n_wrong; /* packets that are not what they have to be */
	uint32_t
		ssrc; /* of the stream; others are ignored; 0: the next is it */
	uint32_t time;
	uint16_t sequence, picture_id, lost;
	uint8_t report[256]; /* the last one, decrypted */
	size_t report_len;
	struct video_picture picture; /* the last one */
	struct vpx_codec_ctx *decoder;
};

/* v, client: filled with zeros, as far as they were not used. */
void video_client_init(struct video_client *v, struct rtc_client *client);
void video_client_fini(struct video_client *v); /* idempotent */

/* Wait for the next picture. */
void video_client_expect(struct video_client *v);
/* Whether a pixel's brightness is about that. */
bool video_client_is(const struct video_client *v, int x, int y, int bright);

/* About its stream. */
void video_client_ask_key(struct video_client *v);  /* PLI */
void video_client_ask_full(struct video_client *v); /* FIR */
void video_client_ask_lost(struct video_client *v, uint16_t sequence);
/* A packet of RTCP as it is, encrypted; or with `broken` not as it should. */
void video_client_send(struct video_client *v, const uint8_t *rtcp, size_t len,
		       bool broken);

#endif

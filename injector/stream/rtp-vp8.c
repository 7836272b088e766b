/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of a frame have about the same size, so that none of them is
 * tiny. Partitions are not told apart: a receiver puts the frame together
 * again.
 */
#include "injector/stream/rtp-vp8.h"

#define RTP_VERSION 0x80
#define RTP_MARKER  0x80 /* the frame's last packet */
#define PAYLOAD_MAX (RTP_PACKET_MAX - RTP_HEADER_LEN - RTP_VP8_DESCRIPTOR)

/* RFC 7741 §4.2 */
#define VP8_EXTENDED   0x80
#define VP8_START      0x10   /* of a partition, the first */
#define VP8_PICTURE    0x80   /* there is a picture ID ... */
#define VP8_PICTURE_15 0x8000 /* ... of 15 bits */

void rtp_vp8_begin(struct rtp_vp8 *v, struct rtc_bytes frame, uint32_t time)
{
	const size_t n = (frame.len + PAYLOAD_MAX - 1) / PAYLOAD_MAX;

	v->left = frame;
	v->share = n ? (frame.len + n - 1) / n : 0;
	v->begins = true;
	v->time = time;
}

static void vp8_write_header(const struct rtp_vp8 *v, uint8_t *packet,
			     bool ends)
{
	packet[0] = RTP_VERSION;
	packet[1] = (uint8_t)(v->payload_type | (ends ? RTP_MARKER : 0));
	rtc_put16(packet + 2, v->sequence);
	rtc_put32(packet + 4, v->time);
	rtc_put32(packet + 8, v->ssrc);
}

static void vp8_write_descriptor(const struct rtp_vp8 *v, uint8_t *at)
{
	at[0] = VP8_EXTENDED | (v->begins ? VP8_START : 0);
	at[1] = VP8_PICTURE;
	rtc_put16(at + 2, VP8_PICTURE_15 | v->picture);
}

size_t rtp_vp8_next(struct rtp_vp8 *v, uint8_t packet[RTP_PACKET_MAX])
{
	const size_t len = v->left.len < v->share ? v->left.len : v->share;

	if (!len)
		return 0;
	vp8_write_header(v, packet, len == v->left.len);
	vp8_write_descriptor(v, packet + RTP_HEADER_LEN);
	memcpy(packet + RTP_HEADER_LEN + RTP_VP8_DESCRIPTOR, v->left.at, len);
	v->left.at += len;
	v->left.len -= len;
	v->begins = false;
	v->sequence++;
	if (!v->left.len)
		v->picture = (v->picture + 1) & (VP8_PICTURE_15 - 1);
	return RTP_HEADER_LEN + RTP_VP8_DESCRIPTOR + len;
}

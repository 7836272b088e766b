/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The packets of a frame have about the same size, so that none of them is
 * tiny. Partitions are not told apart: a receiver puts the frame together
 * again.
 */
#include "injector/rtc/rtp-vp8.h"

#define RTP_VERSION  0x80
#define RTP_MARKER   0x80 /* the frame's last packet */
#define RTP_EXTENDED 0x10 /* an extension of the header follows it */

/* RFC 7741 §4.2 */
#define VP8_EXTENDED   0x80
#define VP8_START      0x10   /* of a partition, the first */
#define VP8_PICTURE    0x80   /* there is a picture ID ... */
#define VP8_PICTURE_15 0x8000 /* ... of 15 bits */

void rtp_vp8_begin(struct rtp_vp8 *v, struct rtc_bytes frame, uint32_t time)
{
	const size_t most =
		RTP_PACKET_MAX - rtp_vp8_header_len(v) - RTP_VP8_DESCRIPTOR;
	const size_t n = (frame.len + most - 1) / most;

	v->left = frame;
	v->share = n ? (frame.len + n - 1) / n : 0;
	v->begins = true;
	v->time = time;
}

/*
 * RFC 8285 §4.2: one word, which begins with the extension's number and length.
 * From none to none: a frame is shown when it is there.
 */
static void vp8_write_delay(const struct rtp_vp8 *v, uint8_t *packet)
{
	packet[0] |= RTP_EXTENDED;
	net_put32(packet + RTP_HEADER_LEN, UINT32_C(0xbede0001));
	net_put32(packet + RTP_HEADER_LEN + 4, (uint32_t)(v->delay << 4 | 2)
						       << 24);
}

static void vp8_write_header(const struct rtp_vp8 *v, uint8_t *packet,
			     bool ends)
{
	packet[0] = RTP_VERSION;
	packet[1] = (uint8_t)(v->payload_type | (ends ? RTP_MARKER : 0));
	net_put16(packet + 2, v->sequence);
	net_put32(packet + 4, v->time);
	net_put32(packet + 8, v->ssrc);
	if (v->delay)
		vp8_write_delay(v, packet);
}

static void vp8_write_descriptor(const struct rtp_vp8 *v, uint8_t *at)
{
	at[0] = VP8_EXTENDED | (v->begins ? VP8_START : 0);
	at[1] = VP8_PICTURE;
	net_put16(at + 2, VP8_PICTURE_15 | v->picture);
}

size_t rtp_vp8_next(struct rtp_vp8 *v, uint8_t packet[RTP_PACKET_MAX])
{
	const size_t len = v->left.len < v->share ? v->left.len : v->share;
	const size_t head = rtp_vp8_header_len(v);

	if (!len)
		return 0;
	vp8_write_header(v, packet, len == v->left.len);
	vp8_write_descriptor(v, packet + head);
	memcpy(packet + head + RTP_VP8_DESCRIPTOR, v->left.at, len);
	v->left.at += len;
	v->left.len -= len;
	v->begins = false;
	v->sequence++;
	if (!v->left.len)
		v->picture = (v->picture + 1) & (VP8_PICTURE_15 - 1);
	return head + RTP_VP8_DESCRIPTOR + len;
}

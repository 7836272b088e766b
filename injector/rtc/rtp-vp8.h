/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VP8 in RTP (RFC 3550 §5.1, RFC 7741): frames to packets. Pure.
 *
 *	rtp_vp8_begin(&v, frame, time);
 *	while ((len = rtp_vp8_next(&v, packet)))
 *		...
 */
#ifndef VINPUT_RTP_VP8_H
#define VINPUT_RTP_VP8_H

#include "injector/rtc/rtc-text.h"

#define RTP_HEADER_LEN	   12
#define RTP_EXTENSION_LEN  8
#define RTP_PACKET_MAX	   1184 /* with SRTP's tag still at most 1200 */
#define RTP_VP8_HZ	   90000
#define RTP_VP8_DESCRIPTOR 4

/* A stream of packets. The members before left are its owner's. */
struct rtp_vp8 {
	uint8_t payload_type;
	uint8_t delay; /* the extension of that name; 0: none */
	uint32_t ssrc;
	uint16_t sequence; /* of the next packet */
	uint16_t picture;  /* of the next frame: 15 bits */

	struct rtc_bytes left; /* of the frame */
	size_t share;	       /* bytes of it in a packet */
	bool begins;
	uint32_t time;
};

/* Return: bytes before the payload. */
static inline size_t rtp_vp8_header_len(const struct rtp_vp8 *v)
{
	return RTP_HEADER_LEN + (v->delay ? RTP_EXTENSION_LEN : 0);
}

/* frame: borrowed until rtp_vp8_next() returns 0. time: of RTP_VP8_HZ. */
void rtp_vp8_begin(struct rtp_vp8 *v, struct rtc_bytes frame, uint32_t time);
/* Return: the packet's length; 0: there are no more. */
size_t rtp_vp8_next(struct rtp_vp8 *v, uint8_t packet[RTP_PACKET_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The video tracks of one peer: frames in, encrypted packets out, each kept for
 * a while in case that the browser lost it. Loop thread only.
 */
#ifndef VINPUT_RTC_MEDIA_H
#define VINPUT_RTC_MEDIA_H

#include "injector/rtc/rtc-srtp.h"
#include "injector/rtc/rtc.h"

struct rtc_media;
struct rtc_media_track;

struct rtc_media_events {
	void (*send)(struct rtc_media *m, struct rtc_bytes datagram);
	/* As of rtc.h. */
	void (*wants_key)(struct rtc_media *m, unsigned int track);
};

struct rtc_media {
	const struct rtc_media_events *events;
	struct rtc_counters *counters; /* of all peers */

	struct rtc_media_track *track[RTC_TRACKS_MAX];
	unsigned int n_tracks;
	struct rtc_srtp srtp;
	bool started;
};

/* For all peers, before the sandbox. Return: 0 or -errno. */
int rtc_media_prepare(void);

/* Return: its number; -EMFILE, -ENOMEM, -ENOTSUP, -EINVAL: as rtc_track_add()
 */
int rtc_media_add(struct rtc_media *m, const char *id);
const char *rtc_media_id(const struct rtc_media *m, unsigned int track);
uint32_t rtc_media_ssrc(const struct rtc_media *m, unsigned int track);
/*
 * The browser takes it, as this payload type; delay: its number of the
 * extension RTC_SDP_DELAY, 0: it has none.
 */
void rtc_media_accept(struct rtc_media *m, unsigned int track,
		      uint8_t payload_type, uint8_t delay);

/* DTLS is through: what was accepted begins. */
void rtc_media_start(struct rtc_media *m, const struct rtc_srtp_keys *keys);
/* A datagram that is RTP or RTCP by its first byte. */
void rtc_media_input(struct rtc_media *m, struct rtc_bytes datagram);
/* As rtc_track_send(). */
int rtc_media_send(struct rtc_media *m, unsigned int track,
		   const struct rtc_frame *f);
void rtc_media_fini(struct rtc_media *m); /* idempotent */

#endif

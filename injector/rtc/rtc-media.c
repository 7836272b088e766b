/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A track's last packets stay in a ring as they were sent, encrypted: one that
 * was lost is sent again with the same bytes, a few times at most, so that who
 * asks for more than there is gets no more than a multiple of it.
 *
 * Reports go out with the frames, at most each second: nothing is sent, and no
 * timer runs, while there are no frames.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "injector/rtc/rtc-media.h"
#include "injector/rtc/rtc-rtcp.h"
#include "injector/rtc/rtp-vp8.h"
#include "input/base/clock.h"

#define RING	    128 /* packets; a power of two */
#define RESENT_MAX  3	/* times, of a packet */
#define REPORT_NS   INT64_C(1000000000)
#define ID_MAX	    32
#define NTP_OF_1970 UINT64_C(2208988800)

struct media_packet {
	uint16_t len; /* 0: none */
	uint16_t sequence;
	uint8_t resent;
	uint8_t data[RTP_PACKET_MAX + RTC_SRTP_TRAILER_MAX];
};

struct rtc_media_track {
	char id[ID_MAX + 1];
	struct rtp_vp8 rtp;
	bool accepted;
	uint32_t packets, octets; /* sent, as reports have them */
	int64_t reported_ns;
	struct media_packet
		*ring; /* RING of them; NULL before the first frame */
};

int rtc_media_prepare(void)
{
	return rtc_srtp_start();
}

/* RFC 3550 §5.1: what begins at random. */
static int media_begin_at_random(struct rtp_vp8 *rtp)
{
	struct {
		uint32_t ssrc;
		uint16_t sequence, picture;
	} random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return -EIO;
	rtp->ssrc = random.ssrc;
	rtp->sequence = random.sequence;
	rtp->picture = random.picture; /* the highest bit is always set */
	return 0;
}

int rtc_media_add(struct rtc_media *m, const char *id)
{
	struct rtc_media_track *t;
	int e;

	if (m->n_tracks == RTC_TRACKS_MAX)
		return -EMFILE;
	if (strlen(id) > ID_MAX)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	e = media_begin_at_random(&t->rtp);
	if (e) {
		free(t);
		return e;
	}
	snprintf(t->id, sizeof(t->id), "%s", id);
	m->track[m->n_tracks] = t;
	return (int)m->n_tracks++;
}

const char *rtc_media_id(const struct rtc_media *m, unsigned int track)
{
	return m->track[track]->id;
}

uint32_t rtc_media_ssrc(const struct rtc_media *m, unsigned int track)
{
	return m->track[track]->rtp.ssrc;
}

void rtc_media_accept(struct rtc_media *m, unsigned int track,
		      uint8_t payload_type, uint8_t delay)
{
	m->track[track]->rtp.delay = delay;
	m->track[track]->accepted = true;
	m->track[track]->rtp.payload_type = payload_type;
}

void rtc_media_start(struct rtc_media *m, const struct rtc_srtp_keys *keys)
{
	if (!m->n_tracks || m->started || rtc_srtp_init(&m->srtp, keys))
		return;
	m->started = true;
	for (unsigned int i = 0; i < m->n_tracks; i++)
		if (m->track[i]->accepted)
			m->events->wants_key(m, i);
}

void rtc_media_fini(struct rtc_media *m)
{
	for (unsigned int i = 0; i < m->n_tracks; i++) {
		free(m->track[i]->ring);
		free(m->track[i]);
	}
	m->n_tracks = 0;
	m->started = false;
	rtc_srtp_fini(&m->srtp);
}

/* --- feedback --- */

static void media_send_again(struct rtc_media *m, struct rtc_media_track *t,
			     uint16_t sequence)
{
	struct media_packet *p = t->ring ? &t->ring[sequence % RING] : NULL;

	if (!p || !p->len || p->sequence != sequence || p->resent == RESENT_MAX)
		return;
	p->resent++;
	m->counters->packets_resent++;
	m->events->send(m, (struct rtc_bytes){ p->data, p->len });
}

static void media_on_wish(void *arg, const struct rtc_rtcp_wish *w)
{
	struct rtc_media *m = arg;
	unsigned int i = 0;

	while (i < m->n_tracks && m->track[i]->rtp.ssrc != w->ssrc)
		i++;
	if (i == m->n_tracks || !m->track[i]->accepted)
		return;
	if (w->kind == RTC_RTCP_KEY_FRAME) {
		m->counters->keys_wanted++;
		m->events->wants_key(m, i);
		return;
	}
	media_send_again(m, m->track[i], w->sequence);
	for (unsigned int bit = 0; bit < 16; bit++)
		if (w->more >> bit & 1)
			media_send_again(m, m->track[i],
					 (uint16_t)(w->sequence + 1 + bit));
}

void rtc_media_input(struct rtc_media *m, struct rtc_bytes datagram)
{
	uint8_t packet[2048];
	size_t len = 0;

	if (m->started && datagram.len <= sizeof(packet)) {
		memcpy(packet, datagram.at, datagram.len);
		len = rtc_srtp_open_report(&m->srtp, packet, datagram.len);
	}
	if (!len ||
	    rtc_rtcp_read((struct rtc_bytes){ packet, len }, media_on_wish, m))
		m->counters->media_rejected++;
}

/* --- frames --- */

static uint64_t media_ntp(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return ((uint64_t)now.tv_sec + NTP_OF_1970) << 32 |
	       ((uint64_t)now.tv_nsec << 32) / 1000000000;
}

static void media_report(struct rtc_media *m, struct rtc_media_track *t,
			 uint32_t time)
{
	const struct rtc_rtcp_report report = {
		.ssrc = t->rtp.ssrc,
		.ntp = media_ntp(),
		.time = time,
		.packets = t->packets,
		.octets = t->octets,
		.cname = "vinput",
	};
	uint8_t out[RTC_RTCP_REPORT_MAX + RTC_SRTP_ROOM];
	const int64_t now = clock_ns();
	size_t len;

	if (t->reported_ns && now - t->reported_ns < REPORT_NS)
		return;
	t->reported_ns = now;
	len = rtc_rtcp_write_report(out, &report);
	len = rtc_srtp_protect_report(&m->srtp, out, len);
	if (len)
		m->events->send(m, (struct rtc_bytes){ out, len });
}

/* rtp: with room behind it. */
static void media_send_packet(struct rtc_media *m, struct rtc_media_track *t,
			      uint8_t *rtp, size_t len)
{
	const uint16_t sequence = net_get16(rtp + 2);
	struct media_packet *p = &t->ring[sequence % RING];
	const size_t sealed = rtc_srtp_protect(&m->srtp, rtp, len);

	t->packets++;
	t->octets += (uint32_t)(len - rtp_vp8_header_len(&t->rtp));
	p->len = 0;
	p->resent = 0;
	if (!sealed || sealed > sizeof(p->data))
		return;
	p->len = (uint16_t)sealed;
	p->sequence = sequence;
	memcpy(p->data, rtp, sealed);
	m->counters->packets_out++;
	m->events->send(m, (struct rtc_bytes){ p->data, p->len });
}

int rtc_media_send(struct rtc_media *m, unsigned int track,
		   const struct rtc_frame *f)
{
	struct rtc_media_track *t =
		track < m->n_tracks ? m->track[track] : NULL;
	uint8_t rtp[RTP_PACKET_MAX + RTC_SRTP_ROOM];
	size_t len;

	if (!m->started || !t || !t->accepted)
		return -ENOTCONN;
	if (!t->ring)
		t->ring = calloc(RING, sizeof(*t->ring));
	if (!t->ring)
		return -ENOMEM;
	media_report(m, t, f->time);
	rtp_vp8_begin(&t->rtp, (struct rtc_bytes){ f->data, f->len }, f->time);
	while ((len = rtp_vp8_next(&t->rtp, rtp)))
		media_send_packet(m, t, rtp, len);
	return 0;
}

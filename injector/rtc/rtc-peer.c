/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   check (STUN) ─► path: where the peer is
 *   datagram ─► DTLS ─► SCTP ─► DCEP ─► the owner's callbacks
 *   datagram ─► SRTCP ─► media ─┘		and frames ─► SRTP
 *
 * A peer is new, then described (the browser's fingerprint is known, so that
 * DTLS can begin), then connected. It ends dead, when closed() has been called.
 *
 * What comes for DTLS between check and description is kept, as far as a client
 * sends at once: it would send it again, but only after up to a second.
 *
 * Its owner may free it in a callback, from deep inside OpenSSL. So it only
 * leaves the list of peers then, and dies when the loop comes round.
 */
#include <errno.h>
#include <stdlib.h>

#include "injector/rtc/rtc-peer-state.h"
#include "injector/rtc/rtc-peer.h"
#include "input/base/clock.h"
#include "input/base/container.h"

static void peer_close(struct rtc_peer *p, const char *why)
{
	if (p->dead)
		return;
	p->dead = true;
	ev_timer_stop(p->peers->loop, &p->deadline);
	p->events->closed(p, why);
}

static void peer_set_deadline(struct rtc_peer *p, int64_t ms)
{
	ev_timer_stop(p->peers->loop, &p->deadline);
	ev_timer_set(&p->deadline, (double)ms / 1e3, 0);
	ev_timer_start(p->peers->loop, &p->deadline);
}

/* --- channels --- */

static struct rtc_peer *peer_of_channels(struct rtc_channels *c)
{
	return container_of(c, struct rtc_peer, channels);
}

/* Also when dead: the peer is to see the end. */
static void peer_on_packet(struct rtc_channels *c, struct rtc_bytes packet)
{
	rtc_dtls_write(&peer_of_channels(c)->dtls, packet);
}

static void peer_on_up(struct rtc_channels *c)
{
	struct rtc_peer *p = peer_of_channels(c);

	if (p->dead)
		return;
	p->connected = true;
	peer_set_deadline(p, p->peers->consent_ms);
	p->peers->counters.peers++;
	p->events->connected(p);
}

static void peer_on_opened(struct rtc_channels *c, uint16_t channel,
			   const char *label)
{
	struct rtc_peer *p = peer_of_channels(c);

	if (!p->dead)
		p->events->opened(p, channel, label);
}

static void peer_on_message(struct rtc_channels *c, const struct rtc_message *m)
{
	struct rtc_peer *p = peer_of_channels(c);

	if (p->dead)
		return;
	p->peers->counters.messages_in++;
	p->events->message(p, m);
}

static void peer_on_rejected(struct rtc_channels *c)
{
	peer_of_channels(c)->peers->counters.messages_rejected++;
}

static void peer_on_channel_closed(struct rtc_channels *c, uint16_t channel)
{
	struct rtc_peer *p = peer_of_channels(c);

	if (!p->dead)
		p->events->channel_closed(p, channel);
}

static void peer_on_down(struct rtc_channels *c, const char *why)
{
	peer_close(peer_of_channels(c), why);
}

static const struct rtc_channels_events peer_channels_events = {
	.send = peer_on_packet,
	.up = peer_on_up,
	.opened = peer_on_opened,
	.received = peer_on_message,
	.rejected = peer_on_rejected,
	.closed = peer_on_channel_closed,
	.down = peer_on_down,
};

static void peer_send(const struct rtc_peer *p, struct rtc_bytes datagram)
{
	const struct rtc_path_end *to = rtc_path_chosen(&p->path);

	if (to)
		rtc_socket_send(to->via, datagram, &to->address);
}

/* --- media --- */

static void peer_on_media_packet(struct rtc_media *m, struct rtc_bytes packet)
{
	peer_send(container_of(m, struct rtc_peer, media), packet);
}

static void peer_on_wants_key(struct rtc_media *m, unsigned int track)
{
	struct rtc_peer *p = container_of(m, struct rtc_peer, media);

	if (!p->dead)
		p->events->wants_key(p, track);
}

static const struct rtc_media_events peer_media_events = {
	.send = peer_on_media_packet,
	.wants_key = peer_on_wants_key,
};

static void peer_begin_media(struct rtc_peer *p)
{
	struct rtc_srtp_keys keys;

	rtc_dtls_media_keys(&p->dtls, &keys);
	rtc_media_start(&p->media, &keys);
	OPENSSL_cleanse(&keys, sizeof(keys));
}

void rtc_peer_take_media(struct rtc_peer *p, struct rtc_bytes datagram)
{
	if (!p->dead)
		rtc_media_input(&p->media, datagram);
}

/* --- DTLS --- */

static void peer_on_datagram(struct rtc_dtls *d, struct rtc_bytes datagram)
{
	peer_send(container_of(d, struct rtc_peer, dtls), datagram);
}

static void peer_on_secured(struct rtc_dtls *d)
{
	struct rtc_peer *p = container_of(d, struct rtc_peer, dtls);

	if (!p->dead && rtc_channels_init(&p->channels, p->sctp_port))
		peer_close(p, "cannot begin an SCTP association");
	if (!p->dead)
		peer_begin_media(p);
}

static void peer_on_data(struct rtc_dtls *d, struct rtc_bytes data)
{
	struct rtc_peer *p = container_of(d, struct rtc_peer, dtls);

	p->heard_ns = clock_ns();
	if (!p->dead)
		rtc_channels_input(&p->channels, data);
}

static void peer_on_dtls_closed(struct rtc_dtls *d, const char *why)
{
	struct rtc_peer *p = container_of(d, struct rtc_peer, dtls);

	if (!d->connected)
		p->peers->counters.handshakes_failed++;
	peer_close(p, why);
}

const struct rtc_dtls_events rtc_peer_dtls_events = {
	.send = peer_on_datagram,
	.connected = peer_on_secured,
	.received = peer_on_data,
	.closed = peer_on_dtls_closed,
};

static void peer_on_begin(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct rtc_peer *p = container_of(timer, struct rtc_peer, begin);

	for (unsigned int i = 0; i < p->early.n && !p->dead; i++)
		rtc_dtls_input(&p->dtls, rtc_early_at(&p->early, i));
	rtc_early_fini(&p->early);
}

void rtc_peer_take_dtls(struct rtc_peer *p, struct rtc_bytes datagram)
{
	if (p->dead)
		return;
	if (p->described)
		rtc_dtls_input(&p->dtls, datagram);
	else
		rtc_early_keep(&p->early, datagram);
}

/* --- checks --- */

static bool peer_knows(const struct rtc_peer *p,
		       const struct rtc_stun_request *req)
{
	const struct rtc_text theirs = { p->theirs, strlen(p->theirs) };

	return (!p->described || rtc_text_same(req->theirs, theirs)) &&
	       rtc_stun_verify(req, p->own.password);
}

void rtc_peer_take_check(struct rtc_peer *p, const struct rtc_stun_request *req,
			 const struct rtc_path_end *from)
{
	uint8_t out[RTC_STUN_RESPONSE_MAX];
	size_t len;

	if (p->dead || !peer_knows(p, req)) {
		p->peers->counters.stun_rejected++;
		return;
	}
	if (req->unknown) {
		len = rtc_stun_failure(out, req, RTC_STUN_UNKNOWN_ATTRIBUTE,
				       p->own.password);
	} else if (req->controlled) {
		/* RFC 8445 §7.3.1.1: who is not ICE-lite has to control. */
		len = rtc_stun_failure(out, req, RTC_STUN_ROLE_CONFLICT,
				       p->own.password);
	} else {
		rtc_path_add(&p->path, from, req->use_candidate);
		p->checked_ns = clock_ns();
		len = rtc_stun_success(out, req, &from->address.any,
				       p->own.password);
	}
	rtc_socket_send(from->via, (struct rtc_bytes){ out, len },
			&from->address);
}

static void peer_on_deadline(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct rtc_peer *p = container_of(timer, struct rtc_peer, deadline);
	const int64_t left_ms =
		p->peers->consent_ms - (clock_ns() - p->checked_ns) / 1000000;

	if (!p->connected) {
		peer_close(p, "no connection in time");
	} else if (left_ms <= 0) {
		peer_close(p, "no more checks from the peer");
	} else {
		peer_set_deadline(p, left_ms);
	}
}

/* --- what the owner sends --- */

int rtc_channel_open(struct rtc_peer *p, const char *label)
{
	const struct rtc_dcep open = { .label = { label, strlen(label) } };

	return p->dead || !p->connected
		       ? -ENOTCONN
		       : rtc_channels_open(&p->channels, &open);
}

int rtc_channel_close(struct rtc_peer *p, uint16_t channel)
{
	return p->dead ? -ENOENT : rtc_channels_close(&p->channels, channel);
}

int rtc_send(struct rtc_peer *p, const struct rtc_message *m)
{
	const int e = p->dead ? -ENOENT : rtc_channels_send(&p->channels, m);

	if (!e)
		p->peers->counters.messages_out++;
	return e;
}

int rtc_track_add(struct rtc_peer *p, const char *id)
{
	return p->described ? -EINVAL : rtc_media_add(&p->media, id);
}

int rtc_track_send(struct rtc_peer *p, unsigned int track,
		   const struct rtc_frame *f)
{
	return p->dead ? -ENOTCONN : rtc_media_send(&p->media, track, f);
}

/* --- life --- */

int rtc_peers_add(struct rtc_peer **peer, struct rtc_peers *peers,
		  const struct rtc_events *events, void *data)
{
	struct rtc_peer *p;
	int e;

	*peer = NULL;
	if (peers->n >= peers->max)
		return -EBUSY;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->peers = peers;
	p->events = events;
	p->data = data;
	p->channels.events = &peer_channels_events;
	p->channels.opens_odd = true;
	p->media.events = &peer_media_events;
	p->media.counters = &peers->counters;
	e = rtc_credentials_make(&p->own);
	if (e) {
		free(p);
		return e;
	}
	ev_timer_init(&p->begin, peer_on_begin, 0, 0);
	ev_init(&p->deadline, peer_on_deadline);
	peer_set_deadline(p, peers->connect_ms);
	LIST_INSERT_HEAD(&peers->all, p, link);
	peers->n++;
	*peer = p;
	return 0;
}

void *rtc_peer_data(const struct rtc_peer *p)
{
	return p->data;
}

double rtc_peer_silence(const struct rtc_peer *p)
{
	return (double)(clock_ns() - p->heard_ns) / 1e9;
}

void rtc_peer_free(struct rtc_peer *p)
{
	if (!p)
		return;
	p->dead = true;
	ev_timer_stop(p->peers->loop, &p->begin);
	ev_timer_stop(p->peers->loop, &p->deadline);
	LIST_REMOVE(p, link);
	p->peers->n--;
	LIST_INSERT_HEAD(&p->peers->freed, p, link);
	ev_timer_start(p->peers->loop, &p->peers->reap);
}

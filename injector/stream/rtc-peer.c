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

#include "injector/stream/rtc-channels.h"
#include "injector/stream/rtc-credentials.h"
#include "injector/stream/rtc-dtls.h"
#include "injector/stream/rtc-early.h"
#include "injector/stream/rtc-media.h"
#include "injector/stream/rtc-peer.h"
#include "input/base/clock.h"
#include "input/base/container.h"

struct rtc_peer {
	struct rtc_peers *peers;
	LIST_ENTRY(rtc_peer) link;
	const struct rtc_events *events;
	void *data;

	struct rtc_credentials own;
	char theirs[RTC_UFRAG_MAX + 1];
	bool described, connected, dead;

	struct rtc_path path;
	struct rtc_dtls dtls;
	struct rtc_channels channels;
	struct rtc_media media;
	uint16_t sctp_port;
	struct rtc_early early;
	ev_timer begin;	   /* with them, outside of the owner's call */
	ev_timer deadline; /* to be connected, then of the next check */
	int64_t checked_ns;
	int64_t heard_ns; /* when the last packet of SCTP came */
};

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

static const struct rtc_dtls_events peer_dtls_events = {
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

/* --- descriptions --- */

static struct rtc_sdp_local peer_local(const struct rtc_peer *p)
{
	const struct rtc_media *m = &p->media;
	struct rtc_sdp_local local = {
		.ufrag = p->own.ufrag,
		.password = p->own.password,
		.fingerprint = p->peers->hash,
		.candidates = p->peers->candidates,
		.n_candidates = p->peers->n_candidates,
		.sctp_port = RTC_SCTP_PORT,
		.max_message = RTC_MESSAGE_MAX,
	};

	/* Any number that others do not have; browsers want 63 bits. */
	memcpy(&local.session, p->own.ufrag, sizeof(local.session));
	local.session &= INT64_MAX;
	for (unsigned int i = 0; i < m->n_tracks; i++)
		local.track[i] = (struct rtc_sdp_track){ rtc_media_id(m, i),
							 rtc_media_ssrc(m, i) };
	local.n_tracks = m->n_tracks;
	return local;
}

/* From now on DTLS can begin. */
static int peer_describe(struct rtc_peer *p, const struct rtc_sdp *sdp,
			 struct fault *fault)
{
	p->dtls = (struct rtc_dtls){ .events = &peer_dtls_events,
				     .loop = p->peers->loop };
	memcpy(p->dtls.peer_hash, sdp->fingerprint, sizeof(p->dtls.peer_hash));
	if (rtc_dtls_init(&p->dtls, p->peers->context))
		return fault_no_memory(fault);
	memcpy(p->theirs, sdp->ufrag.at, sdp->ufrag.len);
	p->sctp_port = sdp->sctp_port;
	p->channels.message_max = sdp->max_message;
	for (size_t i = 0; i < sdp->n_sections; i++)
		if (rtc_sdp_is_track(&sdp->section[i], p->media.n_tracks))
			rtc_media_accept(
				&p->media, (unsigned int)sdp->section[i].track,
				sdp->section[i].vp8, sdp->section[i].delay);
	p->described = true;
	if (p->early.n)
		ev_timer_start(p->peers->loop, &p->begin);
	return 0;
}

char *rtc_peer_offer(struct rtc_peer *p)
{
	const struct rtc_sdp_local local = peer_local(p);

	return rtc_sdp_write_offer(&local);
}

int rtc_peer_accept(struct rtc_peer *p, const char *answer, struct fault *fault)
{
	struct rtc_sdp sdp;
	int e;

	if (p->described)
		return fault_errno(fault, -EALREADY,
				   "the peer has been described before");
	e = rtc_sdp_read(&sdp, RTC_SDP_ANSWER, answer, fault);
	return e ? e : peer_describe(p, &sdp, fault);
}

int rtc_peer_answer(struct rtc_peer *p, const char *offer, char **answer,
		    struct fault *fault)
{
	const struct rtc_sdp_local local = peer_local(p);
	struct rtc_sdp sdp;
	int e;

	*answer = NULL;
	if (p->described)
		return fault_errno(fault, -EALREADY,
				   "the peer has been described before");
	e = rtc_sdp_read(&sdp, RTC_SDP_OFFER, offer, fault);
	if (e)
		return e;
	*answer = rtc_sdp_write_answer(&local, &sdp);
	if (!*answer)
		return fault_no_memory(fault);
	e = peer_describe(p, &sdp, fault);
	if (e) {
		free(*answer);
		*answer = NULL;
	}
	return e;
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

/* --- all peers --- */

static void peers_reap(struct rtc_peers *peers)
{
	struct rtc_peer *p;

	while ((p = LIST_FIRST(&peers->freed))) {
		LIST_REMOVE(p, link);
		rtc_early_fini(&p->early);
		rtc_channels_fini(&p->channels);
		rtc_media_fini(&p->media);
		rtc_dtls_fini(&p->dtls);
		free(p);
	}
}

static void peers_on_reap(struct ev_loop *loop, ev_timer *timer, int revents)
{
	peers_reap(container_of(timer, struct rtc_peers, reap));
}

void rtc_peers_init(struct rtc_peers *peers)
{
	LIST_INIT(&peers->all);
	LIST_INIT(&peers->freed);
	ev_timer_init(&peers->reap, peers_on_reap, 0, 0);
}

void rtc_peers_fini(struct rtc_peers *peers)
{
	ev_timer_stop(peers->loop, &peers->reap);
	peers_reap(peers);
}

struct rtc_peer *rtc_peers_find(const struct rtc_peers *peers,
				struct rtc_text ufrag)
{
	struct rtc_peer *p;

	LIST_FOREACH (p, &peers->all, link)
		if (rtc_text_is(ufrag, p->own.ufrag))
			return p;
	return NULL;
}

struct rtc_peer *rtc_peers_find_end(const struct rtc_peers *peers,
				    const struct rtc_path_end *end)
{
	struct rtc_peer *p;

	LIST_FOREACH (p, &peers->all, link)
		if (rtc_path_has(&p->path, end))
			return p;
	return NULL;
}

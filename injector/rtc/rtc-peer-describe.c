/* SPDX-License-Identifier: Apache-2.0 */
/* Offers and answers: what a peer says of itself, and what it is told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/rtc/rtc-peer-state.h"
#include "injector/rtc/rtc-peer.h"

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
	p->dtls = (struct rtc_dtls){ .events = &rtc_peer_dtls_events,
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

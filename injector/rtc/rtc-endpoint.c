/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peers share the sockets. A check names its peer by the user name fragment
 * that we gave it; all else belongs to whoever was checked at its address. The
 * first byte tells what a datagram is (RFC 7983).
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "injector/rtc/rtc-certificate.h"
#include "injector/rtc/rtc-dtls.h"
#include "injector/rtc/rtc-media.h"
#include "injector/rtc/rtc-peer.h"
#include "injector/rtc/rtc-sctp.h"
#include "input/base/container.h"

struct rtc {
	struct rtc_peers peers;
	struct rtc_certificate certificate;
	struct rtc_socket socket[RTC_ADDRESSES_MAX];
	struct rtc_sdp_candidate candidate[RTC_ADDRESSES_MAX];
	bool uses_sctp;
};

static void endpoint_take_check(struct rtc *rtc, struct rtc_bytes datagram,
				const struct rtc_path_end *from)
{
	struct rtc_stun_request req;
	struct rtc_peer *p = NULL;

	if (!rtc_stun_parse(&req, datagram))
		p = rtc_peers_find(&rtc->peers, req.ours);
	if (p)
		rtc_peer_take_check(p, &req, from);
	else
		rtc->peers.counters.stun_rejected++;
}

static void endpoint_on_datagram(struct rtc_socket *s,
				 struct rtc_bytes datagram,
				 const union rtc_address *from)
{
	struct rtc *rtc = s->owner;
	const struct rtc_path_end end = { s, *from };
	const uint8_t first = datagram.at[0];
	const bool is_dtls = first >= 20 && first <= 63;
	const bool is_media = first >= 128 && first <= 191;
	struct rtc_peer *p = NULL;

	rtc->peers.counters.datagrams++;
	if (first <= 3) {
		endpoint_take_check(rtc, datagram, &end);
		return;
	}
	if (is_dtls || is_media)
		p = rtc_peers_find_end(&rtc->peers, &end);
	if (!p)
		rtc->peers.counters.unchecked++;
	else if (is_dtls)
		rtc_peer_take_dtls(p, datagram);
	else
		rtc_peer_take_media(p, datagram);
}

/* Return: 0 or -errno with the fault. */
static int endpoint_open_sockets(struct rtc *rtc,
				 const struct rtc_config *config,
				 struct fault *fault)
{
	size_t n = 0;

	for (; n < RTC_ADDRESSES_MAX && config->address[n]; n++) {
		struct rtc_socket *s = &rtc->socket[n];
		int e;

		s->received = endpoint_on_datagram;
		s->owner = rtc;
		s->loop = config->loop;
		e = rtc_socket_open(s, config->address[n], config->port, fault);
		if (e)
			return e;
		memcpy(rtc->candidate[n].address, s->address,
		       sizeof(s->address));
		rtc->candidate[n].port = s->port;
	}
	if (!n)
		return fault_set(fault, "no address: there must be at least 1");
	rtc->peers.n_candidates = n;
	return 0;
}

static int endpoint_init(struct rtc *rtc, const struct rtc_config *config,
			 struct fault *fault)
{
	int e = endpoint_open_sockets(rtc, config, fault);

	if (e)
		return e;
	if (rtc_certificate_make(&rtc->certificate))
		return fault_errno(fault, -ENOMEM, "cannot make a certificate");
	rtc->peers.context = rtc_dtls_context(&rtc->certificate);
	if (!rtc->peers.context)
		return fault_errno(fault, -ENOMEM, "cannot set up DTLS");
	e = rtc_media_prepare();
	if (e)
		return fault_errno(fault, e, "cannot set up SRTP");
	return 0;
}

int rtc_new(struct rtc **out, const struct rtc_config *config,
	    struct fault *fault)
{
	struct rtc *rtc = calloc(1, sizeof(*rtc));
	int e;

	*out = NULL;
	if (!rtc)
		return fault_no_memory(fault);
	for (size_t i = 0; i < RTC_ADDRESSES_MAX; i++)
		rtc->socket[i] = RTC_SOCKET_NULL;
	rtc->peers.loop = config->loop;
	rtc->peers.max = config->max_peers;
	rtc->peers.connect_ms = config->connect_ms;
	rtc->peers.consent_ms = config->consent_ms;
	rtc->peers.hash = rtc->certificate.hash;
	rtc->peers.candidates = rtc->candidate;
	rtc_peers_init(&rtc->peers);
	e = endpoint_init(rtc, config, fault);
	if (e) {
		rtc_free(rtc);
		return e;
	}
	*out = rtc;
	return 0;
}

void rtc_start(struct rtc *rtc)
{
	rtc_sctp_start(rtc->peers.loop);
	rtc->uses_sctp = true;
}

void rtc_free(struct rtc *rtc)
{
	if (!rtc)
		return;
	assert(!rtc->peers.n);
	rtc_peers_fini(&rtc->peers);
	if (rtc->uses_sctp)
		rtc_sctp_stop();
	SSL_CTX_free(rtc->peers.context);
	rtc_certificate_fini(&rtc->certificate);
	for (size_t i = 0; i < RTC_ADDRESSES_MAX; i++)
		rtc_socket_fini(&rtc->socket[i]);
	free(rtc);
}

const struct rtc_counters *rtc_counters(const struct rtc *rtc)
{
	return &rtc->peers.counters;
}

int rtc_peer_new(struct rtc_peer **peer, struct rtc *rtc,
		 const struct rtc_events *events, void *data)
{
	return rtc_peers_add(peer, &rtc->peers, events, data);
}

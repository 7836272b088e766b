/* SPDX-License-Identifier: Apache-2.0 */
/* All peers of an endpoint, and what they share. Loop thread only. */
#ifndef VINPUT_RTC_PEERS_H
#define VINPUT_RTC_PEERS_H

#include <openssl/ssl.h>
#include <sys/queue.h>
#include "injector/rtc/rtc-path.h"
#include "injector/rtc/rtc-sdp.h"
#include "injector/rtc/rtc.h"

LIST_HEAD(rtc_peer_list, rtc_peer);

/* What all peers share. */
struct rtc_peers {
	struct ev_loop *loop;
	SSL_CTX *context;
	const uint8_t *hash; /* of our certificate */
	const struct rtc_sdp_candidate *candidates;
	size_t n_candidates;

	unsigned int connect_ms, consent_ms;
	unsigned int max;

	struct rtc_peer_list all;
	unsigned int n;
	/* Freed by their owners, perhaps in a callback. */
	struct rtc_peer_list freed;
	ev_timer reap;
	struct rtc_counters counters;
};

/* The members before all MUST be set. */
void rtc_peers_init(struct rtc_peers *peers);
void rtc_peers_fini(struct rtc_peers *peers); /* none are left but freed ones */

/* By our user name fragment; by an address that was checked. Return: or NULL */
struct rtc_peer *rtc_peers_find(const struct rtc_peers *peers,
				struct rtc_text ufrag);
struct rtc_peer *rtc_peers_find_end(const struct rtc_peers *peers,
				    const struct rtc_path_end *end);

#endif

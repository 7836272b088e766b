/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One peer: the checks that find it, the DTLS over which it talks, and its
 * channels. What the caller sees of it is rtc.h; this is for the endpoint.
 */
#ifndef VINPUT_RTC_PEER_H
#define VINPUT_RTC_PEER_H

#include "injector/rtc/rtc-path.h"
#include "injector/rtc/rtc-peers.h"
#include "injector/rtc/rtc-stun.h"
#include "injector/rtc/rtc.h"

/* As rtc_peer_new(). */
int rtc_peers_add(struct rtc_peer **peer, struct rtc_peers *peers,
		  const struct rtc_events *events, void *data);

/* A check for this peer, not verified yet. */
void rtc_peer_take_check(struct rtc_peer *p, const struct rtc_stun_request *req,
			 const struct rtc_path_end *from);
/* From an address that was checked. */
void rtc_peer_take_dtls(struct rtc_peer *p, struct rtc_bytes datagram);
void rtc_peer_take_media(struct rtc_peer *p, struct rtc_bytes datagram);

#endif

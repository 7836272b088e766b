/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer consists of, for rtc-peer.c, rtc-peer-describe.c and rtc-peers.c.
 */
#ifndef VINPUT_RTC_PEER_STATE_H
#define VINPUT_RTC_PEER_STATE_H

#include <ev.h>
#include <sys/queue.h>
#include "injector/rtc/rtc-channels.h"
#include "injector/rtc/rtc-credentials.h"
#include "injector/rtc/rtc-dtls.h"
#include "injector/rtc/rtc-early.h"
#include "injector/rtc/rtc-media.h"
#include "injector/rtc/rtc-path.h"
#include "injector/rtc/rtc-sdp.h"
#include "injector/rtc/rtc.h"

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

/* Of rtc-peer.c, for the DTLS that begins when a peer is described. */
extern const struct rtc_dtls_events rtc_peer_dtls_events;

#endif

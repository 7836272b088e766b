/* SPDX-License-Identifier: Apache-2.0 */
/* In place of the rtc-*.c, if built with WEBRTC=no. There is never a peer. */
#include <errno.h>

#include "injector/rtc/rtc.h"

int rtc_new(struct rtc **out, const struct rtc_config *config,
	    struct fault *fault)
{
	*out = NULL;
	return fault_errno(fault, -ENOTSUP, "built without WebRTC");
}

void rtc_start(struct rtc *rtc)
{
}

void rtc_free(struct rtc *rtc)
{
}

const struct rtc_counters *rtc_counters(const struct rtc *rtc)
{
	static const struct rtc_counters none;

	return &none;
}

int rtc_peer_new(struct rtc_peer **peer, struct rtc *rtc,
		 const struct rtc_events *events, void *data)
{
	*peer = NULL;
	return -ENOTSUP;
}

void rtc_peer_free(struct rtc_peer *peer)
{
}

void *rtc_peer_data(const struct rtc_peer *peer)
{
	return NULL;
}

double rtc_peer_silence(const struct rtc_peer *peer)
{
	return 0;
}

char *rtc_peer_offer(struct rtc_peer *peer)
{
	return NULL;
}

int rtc_track_add(struct rtc_peer *peer, const char *id)
{
	return -ENOTSUP;
}

int rtc_track_send(struct rtc_peer *peer, unsigned int track,
		   const struct rtc_frame *f)
{
	return -ENOTSUP;
}

int rtc_peer_accept(struct rtc_peer *peer, const char *answer,
		    struct fault *fault)
{
	return fault_errno(fault, -ENOTSUP, "built without WebRTC");
}

int rtc_peer_answer(struct rtc_peer *peer, const char *offer, char **answer,
		    struct fault *fault)
{
	*answer = NULL;
	return fault_errno(fault, -ENOTSUP, "built without WebRTC");
}

int rtc_channel_open(struct rtc_peer *peer, const char *label)
{
	return -ENOTSUP;
}

int rtc_channel_close(struct rtc_peer *peer, uint16_t channel)
{
	return -ENOTSUP;
}

int rtc_send(struct rtc_peer *peer, const struct rtc_message *m)
{
	return -ENOTSUP;
}

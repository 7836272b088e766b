/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data channel of a session of ours: the browser's description comes, and the
 * answer goes, over the WebSocket, which remains, so that nothing is lost where
 * UDP does not pass. What the channel "vinput.1" carries are messages of the
 * session; other channels are ignored. Where the browser offers to receive
 * video, it gets the pictures of the displays. Loop thread only.
 */
#ifndef VINPUT_STREAM_PEER_H
#define VINPUT_STREAM_PEER_H

#include "injector/rtc/rtc.h"
#include "injector/stream/stream-session.h"
#include "injector/stream/stream-video.h"
#include "input/base/fault.h"

#define STREAM_CHANNEL "vinput.1"

struct stream_peer {
	struct rtc_peer *peer; /* owned; NULL: none */
	struct stream_session *session;
	uint16_t channel;
	bool open; /* channel is valid */
	struct stream_watcher watcher;
	/* The session's client MUST be disconnected: see stream_session_take().
	 */
	void (*failed)(struct stream_peer *p);
};

/* p: filled with zeros. session: borrowed. */
void stream_peer_init(struct stream_peer *p, struct stream_session *session,
		      void (*failed)(struct stream_peer *p));
void stream_peer_fini(struct stream_peer *p); /* idempotent */
/*
 * The browser offers; a connection that there was ends. rtc: NULL: there is no
 * WebRTC. answer: owned by the caller. Return: 0, or a negative errno with the
 * fault.
 */
int stream_peer_answer(struct stream_peer *p, struct rtc *rtc,
		       const char *offer, char **answer, struct fault *why);

#endif

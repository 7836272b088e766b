/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/stream/stream-peer.h"

static void on_peer_connected(struct rtc_peer *peer)
{
}

static void on_peer_opened(struct rtc_peer *peer, uint16_t channel,
			   const char *label)
{
	struct stream_peer *p = rtc_peer_data(peer);

	if (p->open || strcmp(label, STREAM_CHANNEL))
		return;
	p->open = true;
	p->channel = channel;
}

static void on_peer_message(struct rtc_peer *peer, const struct rtc_message *m)
{
	struct stream_peer *p = rtc_peer_data(peer);
	int r;

	if (!p->open || m->channel != p->channel)
		return;
	r = m->binary ? stream_session_take_binary(p->session, m->data, m->len)
		      : stream_session_take(p->session, STREAM_OURS,
					    (const char *)m->data, m->len);
	if (r)
		p->failed(p);
}

static void on_peer_channel_closed(struct rtc_peer *peer, uint16_t channel)
{
	struct stream_peer *p = rtc_peer_data(peer);

	if (p->open && channel == p->channel)
		p->open = false;
}

static void on_peer_wants_key(struct rtc_peer *peer, unsigned int track)
{
	struct stream_peer *p = rtc_peer_data(peer);

	stream_watcher_wants_key(&p->watcher, track);
}

/* The browser continues over its WebSocket. */
static void on_peer_closed(struct rtc_peer *peer, const char *why)
{
	stream_peer_fini(rtc_peer_data(peer));
}

static const struct rtc_events peer_events = {
	.connected = on_peer_connected,
	.opened = on_peer_opened,
	.message = on_peer_message,
	.channel_closed = on_peer_channel_closed,
	.wants_key = on_peer_wants_key,
	.closed = on_peer_closed,
};

void stream_peer_init(struct stream_peer *p, struct stream_session *session,
		      void (*failed)(struct stream_peer *p))
{
	*p = (struct stream_peer){ .session = session, .failed = failed };
}

void stream_peer_fini(struct stream_peer *p)
{
	stream_watcher_fini(&p->watcher);
	rtc_peer_free(p->peer);
	p->peer = NULL;
	p->open = false;
}

int stream_peer_answer(struct stream_peer *p, struct rtc *rtc,
		       const char *offer, char **answer, struct fault *why)
{
	int r;

	if (!rtc)
		return fault_errno(why, -ENOTSUP,
				   "offer: there is no WebRTC here");
	stream_peer_fini(p);
	r = rtc_peer_new(&p->peer, rtc, &peer_events, p);
	if (r)
		return fault_errno(why, r, "offer: %s", strerror(-r));
	stream_watcher_init(&p->watcher, p->session->all->video, p->peer,
			    p->session->client.rights);
	r = rtc_peer_answer(p->peer, offer, answer, why);
	if (!r)
		return 0;
	if (r != -EINVAL)
		fault_errno(why, r, "offer: %s", strerror(-r));
	stream_peer_fini(p);
	return r;
}

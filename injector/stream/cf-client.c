/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/cf-client.h"
#include "injector/stream/cf-signal.h"
#include "injector/stream/stream-parse.h"
#include "input/base/container.h"

void cf_client_hang_up(struct cf_client *c)
{
	stream_watcher_fini(&c->watcher);
	rtc_peer_free(c->peer);
	c->peer = NULL;
	c->input = c->control = -1;
	stream_client_release(&c->session.client);
}

/* --- channels --- */

static void on_connected(struct rtc_peer *peer)
{
	struct cf_client *c = rtc_peer_data(peer);

	c->control = rtc_channel_open(peer, "device-control");
}

/* Its other channels are about what is not input: adb, camera, location. */
static void on_opened(struct rtc_peer *peer, uint16_t channel,
		      const char *label)
{
	struct cf_client *c = rtc_peer_data(peer);

	if (c->input < 0 && !strcmp(label, "input-channel"))
		c->input = channel;
}

static void on_message(struct rtc_peer *peer, const struct rtc_message *m)
{
	struct cf_client *c = rtc_peer_data(peer);
	const char *text = (const char *)m->data;
	int r = 0;

	if (m->channel == c->input)
		r = stream_session_take(&c->session, STREAM_CUTTLEFISH_INPUT,
					text, m->len);
	else if (m->channel == c->control)
		r = stream_session_take(&c->session, STREAM_CUTTLEFISH_CONTROL,
					text, m->len);
	if (r)
		c->ops->failed(c);
}

static void on_channel_closed(struct rtc_peer *peer, uint16_t channel)
{
	struct cf_client *c = rtc_peer_data(peer);

	if (channel == c->control)
		c->control = -1;
	if (channel != c->input)
		return;
	c->input = -1;
	stream_client_release(&c->session.client);
}

static void on_wants_key(struct rtc_peer *peer, unsigned int track)
{
	struct cf_client *c = rtc_peer_data(peer);

	stream_watcher_wants_key(&c->watcher, track);
}

static void on_closed(struct rtc_peer *peer, const char *why)
{
	cf_client_hang_up(rtc_peer_data(peer));
}

static const struct rtc_events client_events = {
	.connected = on_connected,
	.opened = on_opened,
	.message = on_message,
	.channel_closed = on_channel_closed,
	.wants_key = on_wants_key,
	.closed = on_closed,
};

/* --- signalling --- */

static void client_send(struct cf_client *c, char *text)
{
	if (!text)
		return;
	c->ops->send(c, text);
	free(text);
}

/* A connection that there was ends. */
static int client_offer(struct cf_client *c)
{
	char *offer;
	int r;

	cf_client_hang_up(c);
	r = c->rtc ? rtc_peer_new(&c->peer, c->rtc, &client_events, c)
		   : -ENOTSUP;
	if (r)
		return stream_session_reject(&c->session, strerror(-r));
	stream_watcher_init(&c->watcher, c->session.all->video, c->peer,
			    c->session.client.rights);
	offer = rtc_peer_offer(c->peer);
	if (!offer) {
		cf_client_hang_up(c);
		return stream_session_reject(&c->session, strerror(ENOMEM));
	}
	client_send(c, cf_signal_write_description("offer", offer));
	free(offer);
	return 0;
}

static int client_accept(struct cf_client *c, const char *answer)
{
	struct fault why;

	if (!c->peer)
		return stream_session_reject(&c->session,
					     "answer: nothing was offered");
	return rtc_peer_accept(c->peer, answer, &why)
		       ? stream_session_reject(&c->session, why.text)
		       : 0;
}

static int client_take(struct cf_client *c, const json_t *message)
{
	struct cf_signal s;
	struct fault why;

	if (cf_signal_read(&s, message, &why))
		return stream_session_reject(&c->session, why.text);
	switch (s.kind) {
	case CF_REQUEST_OFFER:
		return client_offer(c);
	case CF_ANSWER:
		return client_accept(c, s.sdp);
	case CF_OFFER:
		return stream_session_reject(
			&c->session, "offer: only input is taken, no sound "
				     "and no picture");
	case CF_CANDIDATE:
	case CF_ERROR:
		break;
	}
	return 0;
}

/* Whoever polls sends a body with each request, and waits for its answer. */
int cf_client_take(struct cf_client *c, const json_t *message)
{
	return stream_session_admit(&c->session, 0) ? client_take(c, message)
						    : -EPROTO;
}

int cf_client_take_text(struct cf_client *c, const char *text, size_t len)
{
	struct fault why;
	json_t *message;
	int r;

	if (!stream_session_admit(&c->session, len))
		return -EPROTO;
	message = stream_parse(text, len, CF_MESSAGE_MAX, &why);
	if (!message)
		return stream_session_reject(&c->session, why.text);
	r = client_take(c, message);
	json_decref(message);
	return r;
}

/* --- life --- */

/*
 * What it is sent means nothing to it, but is acknowledged, if the browser
 * still runs and can be reached.
 */
static double on_session_silence(struct stream_session *s)
{
	static const char probe[] = "{\"event\":\"\"}";
	struct cf_client *c = container_of(s, struct cf_client, session);
	const int channel = c->input >= 0 ? c->input : c->control;
	const struct rtc_message m = { .channel = (uint16_t)channel,
				       .data = (const uint8_t *)probe,
				       .len = sizeof(probe) - 1 };

	if (c->peer && channel >= 0)
		rtc_send(c->peer, &m);
	return c->peer ? rtc_peer_silence(c->peer) : STREAM_SILENCE_S;
}

static void on_session_send(struct stream_session *s, const char *text,
			    size_t len)
{
	client_send(container_of(s, struct cf_client, session),
		    cf_signal_write(text));
}

static const struct stream_session_ops session_ops = {
	.send = on_session_send,
	.silence = on_session_silence,
};

void cf_client_init(struct cf_client *c, const struct cf_clients *all,
		    const struct stream_rights *rights,
		    const struct cf_client_ops *ops)
{
	*c = (struct cf_client){
		.ops = ops, .rtc = all->rtc, .input = -1, .control = -1
	};
	stream_session_init(&c->session, all->sessions, rights, &session_ops);
}

void cf_client_fini(struct cf_client *c)
{
	cf_client_hang_up(c);
	stream_session_fini(&c->session);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/rtc-world.h"

/* --- the owner --- */

void rtc_owner_free(struct rtc_owner *o)
{
	rtc_peer_free(o->peer);
	o->peer = NULL;
}

static void on_connected(struct rtc_peer *peer)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	o->n_connected++;
	if (o->frees_when_connected)
		rtc_owner_free(o);
}

static void on_opened(struct rtc_peer *peer, uint16_t channel,
		      const char *label)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	o->n_opened++;
	o->channel = channel;
	snprintf(o->label, sizeof(o->label), "%s", label);
}

static void on_message(struct rtc_peer *peer, const struct rtc_message *m)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	if (o->counts) {
		assert_num(m->len, sizeof(uint32_t));
		assert_num(net_get32(m->data), o->n_messages);
	}
	o->n_messages++;
	if (o->echoes)
		assert_ok(rtc_send(peer, m));
	if (o->frees_at_message)
		rtc_owner_free(o);
}

static void on_channel_closed(struct rtc_peer *peer, uint16_t channel)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	o->n_closed_channels++;
	o->channel = channel;
}

static void on_wants_key(struct rtc_peer *peer, unsigned int track)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	o->n_wants_key++;
	o->track = track;
}

static void on_closed(struct rtc_peer *peer, const char *why)
{
	struct rtc_owner *o = rtc_peer_data(peer);

	o->n_closed++;
	o->why = why;
	if (o->frees_when_closed)
		rtc_owner_free(o);
}

const struct rtc_events rtc_owner_events = {
	.connected = on_connected,
	.opened = on_opened,
	.message = on_message,
	.channel_closed = on_channel_closed,
	.wants_key = on_wants_key,
	.closed = on_closed,
};

/* --- the world --- */

void rtc_world_new(struct rtc_world *w, const char *address)
{
	const struct rtc_config config = {
		.loop = w->loop,
		.address = { address },
		.max_peers = RTC_WORLD_PEERS,
		.connect_ms = w->connect_ms,
		.consent_ms = w->consent_ms,
	};
	struct fault fault = { "" };

	rtc_free(w->rtc);
	if (rtc_new(&w->rtc, &config, &fault))
		fail_msg("%s", fault.text);
	rtc_start(w->rtc);
}

int rtc_world_setup(void **state)
{
	struct rtc_world *w = calloc(1, sizeof(*w));

	w->loop = ev_loop_new(EVFLAG_NOENV);
	w->client.fd = w->second.fd = -1;
	w->connect_ms = w->consent_ms = 30000;
	rtc_world_new(w, "127.0.0.1");
	*state = w;
	return 0;
}

int rtc_world_teardown(void **state)
{
	struct rtc_world *w = *state;

	if (w->client.loop)
		rtc_client_fini(&w->client);
	if (w->second.loop)
		rtc_client_fini(&w->second);
	rtc_peer_free(w->owner.peer);
	rtc_peer_free(w->other.peer);
	rtc_free(w->rtc);
	ev_loop_destroy(w->loop);
	free(w);
	return 0;
}

void rtc_world_offer(struct rtc_world *w, struct rtc_owner *o,
		     struct rtc_client *c)
{
	char *text;

	assert_ok(rtc_peer_new(&o->peer, w->rtc, &rtc_owner_events, o));
	text = rtc_peer_offer(o->peer);
	assert_non_null(text);
	rtc_client_init(c, w->loop, text);
	free(text);
}

void rtc_world_accept(struct rtc_owner *o, struct rtc_client *c)
{
	struct fault fault = { "" };

	if (rtc_peer_accept(o->peer, rtc_client_answer(c), &fault))
		fail_msg("%s", fault.text);
}

void rtc_world_connect(struct rtc_world *w, struct rtc_owner *o,
		       struct rtc_client *c)
{
	rtc_world_offer(w, o, c);
	rtc_world_accept(o, c);
	rtc_client_start(c);
	assert_soon(w->loop, c->up && o->n_connected);
	assert_num(o->n_closed, 0);
}

uint16_t rtc_world_open(struct rtc_world *w, const char *label)
{
	const int channel = rtc_client_open(&w->client, label);
	const unsigned int n = w->owner.n_opened;

	assert_true(channel >= 0);
	assert_soon(w->loop, w->owner.n_opened == n + 1);
	assert_num(w->owner.channel, channel);
	assert_string_equal(w->owner.label, label);
	return (uint16_t)channel;
}

struct rtc_message rtc_text_message(uint16_t channel, const char *text)
{
	return (struct rtc_message){ .channel = channel,
				     .data = (const uint8_t *)text,
				     .len = strlen(text) };
}

void rtc_world_assert_echo(struct rtc_world *w, uint16_t channel)
{
	const struct rtc_message m =
		rtc_text_message(channel, "{\"is\": \"it\"}");
	const unsigned int n = w->client.n_messages;

	w->owner.echoes = true;
	assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->client.n_messages == n + 1);
	assert_num(w->client.last.channel, channel);
	assert_num(w->client.last.len, m.len);
	assert_memory_equal(w->client.data, m.data, m.len);
	w->owner.echoes = false;
}

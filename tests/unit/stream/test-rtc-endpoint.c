/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The endpoint with clients that are full WebRTC peers, over loopback. Both
 * sides run in one loop.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/stream/rtc.h"
#include "tests/lib/check.h"
#include "tests/lib/random.h"
#include "tests/lib/rtc-client.h"

#define MAX_PEERS  4
#define CONNECT_MS 400
#define CONSENT_MS 300
#define QUIET_MS   100
#define BURST	   5000

/* What the owner of a peer saw, and what it is to do. */
struct owner {
	struct rtc_peer *peer;
	unsigned int n_connected, n_opened, n_messages, n_closed_channels;
	unsigned int n_closed;
	uint16_t channel; /* the last that was opened */
	char label[256];
	const char *why;
	bool echoes;
	bool counts; /* messages have to be numbers, each one more */
	bool frees_when_connected, frees_at_message, frees_when_closed;
};

struct world {
	struct ev_loop *loop;
	struct rtc *rtc;
	struct owner owner, other;
	struct rtc_client client, second;
};

/* --- the owner --- */

static void owner_free(struct owner *o)
{
	rtc_peer_free(o->peer);
	o->peer = NULL;
}

static void on_connected(struct rtc_peer *peer)
{
	struct owner *o = rtc_peer_data(peer);

	o->n_connected++;
	if (o->frees_when_connected)
		owner_free(o);
}

static void on_opened(struct rtc_peer *peer, uint16_t channel,
		      const char *label)
{
	struct owner *o = rtc_peer_data(peer);

	o->n_opened++;
	o->channel = channel;
	snprintf(o->label, sizeof(o->label), "%s", label);
}

static void on_message(struct rtc_peer *peer, const struct rtc_message *m)
{
	struct owner *o = rtc_peer_data(peer);

	if (o->counts) {
		assert_num(m->len, sizeof(uint32_t));
		assert_num(rtc_get32(m->data), o->n_messages);
	}
	o->n_messages++;
	if (o->echoes)
		assert_ok(rtc_send(peer, m));
	if (o->frees_at_message)
		owner_free(o);
}

static void on_channel_closed(struct rtc_peer *peer, uint16_t channel)
{
	struct owner *o = rtc_peer_data(peer);

	o->n_closed_channels++;
	o->channel = channel;
}

static void on_closed(struct rtc_peer *peer, const char *why)
{
	struct owner *o = rtc_peer_data(peer);

	o->n_closed++;
	o->why = why;
	if (o->frees_when_closed)
		owner_free(o);
}

static const struct rtc_events events = {
	.connected = on_connected,
	.opened = on_opened,
	.message = on_message,
	.channel_closed = on_channel_closed,
	.closed = on_closed,
};

/* --- the world --- */

static void world_new(struct world *w, const char *address)
{
	const struct rtc_config config = {
		.loop = w->loop,
		.address = { address },
		.max_peers = MAX_PEERS,
		.connect_ms = CONNECT_MS,
		.consent_ms = 30000,
	};
	struct fault fault = { "" };

	if (rtc_new(&w->rtc, &config, &fault))
		fail_msg("%s", fault.text);
}

static int world_setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->loop = ev_loop_new(EVFLAG_NOENV);
	w->client.fd = w->second.fd = -1;
	world_new(w, "127.0.0.1");
	*state = w;
	return 0;
}

static int world_teardown(void **state)
{
	struct world *w = *state;

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

/* A peer that offers, and a client that knows the offer. */
static void offer(struct world *w, struct owner *o, struct rtc_client *c)
{
	char *text;

	assert_ok(rtc_peer_new(&o->peer, w->rtc, &events, o));
	text = rtc_peer_offer(o->peer);
	assert_non_null(text);
	rtc_client_init(c, w->loop, text);
	free(text);
}

static void accept_answer(struct owner *o, struct rtc_client *c)
{
	struct fault fault = { "" };

	if (rtc_peer_accept(o->peer, rtc_client_answer(c), &fault))
		fail_msg("%s", fault.text);
}

static void connect_client(struct world *w, struct owner *o,
			   struct rtc_client *c)
{
	offer(w, o, c);
	accept_answer(o, c);
	rtc_client_start(c);
	assert_soon(w->loop, c->up && o->n_connected);
	assert_num(o->n_closed, 0);
}

static uint16_t open_channel(struct world *w, const char *label)
{
	const int channel = rtc_client_open(&w->client, label);
	const unsigned int n = w->owner.n_opened;

	assert_true(channel >= 0);
	assert_soon(w->loop, w->owner.n_opened == n + 1);
	assert_num(w->owner.channel, channel);
	assert_string_equal(w->owner.label, label);
	return (uint16_t)channel;
}

static struct rtc_message text_message(uint16_t channel, const char *text)
{
	return (struct rtc_message){ .channel = channel,
				     .data = (const uint8_t *)text,
				     .len = strlen(text) };
}

/* It works, still or at last. */
static void assert_echo(struct world *w, uint16_t channel)
{
	const struct rtc_message m = text_message(channel, "{\"is\": \"it\"}");
	const unsigned int n = w->client.n_messages;

	w->owner.echoes = true;
	assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->client.n_messages == n + 1);
	assert_num(w->client.last.channel, channel);
	assert_num(w->client.last.len, m.len);
	assert_memory_equal(w->client.data, m.data, m.len);
	w->owner.echoes = false;
}

/* --- connecting --- */

static void the_client_answers_our_offer(void **state)
{
	struct world *w = *state;

	connect_client(w, &w->owner, &w->client);
	assert_echo(w, open_channel(w, "input"));
	assert_num(rtc_counters(w->rtc)->peers, 1);
	assert_num(rtc_counters(w->rtc)->handshakes_failed, 0);
}

static void we_answer_the_clients_offer(void **state)
{
	struct world *w = *state;
	struct fault fault = { "" };
	char *answer;

	rtc_client_prepare(&w->client, w->loop);
	assert_ok(rtc_peer_new(&w->owner.peer, w->rtc, &events, &w->owner));
	assert_ok(rtc_peer_answer(w->owner.peer, rtc_client_offer(&w->client),
				  &answer, &fault));
	rtc_client_take(&w->client, answer);
	free(answer);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
	assert_echo(w, open_channel(w, "input"));
}

/* The browser's checks may be faster than its answer. */
static void the_answer_may_come_after_the_first_checks(void **state)
{
	struct world *w = *state;

	offer(w, &w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.responses);
	rtc_client_run(w->loop, 20);
	assert_num(w->owner.n_connected, 0);
	accept_answer(&w->owner, &w->client);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
}

static void ipv6_works(void **state)
{
	struct world *w = *state;
	struct rtc *v4 = w->rtc;

	world_new(w, "::1");
	connect_client(w, &w->owner, &w->client);
	assert_echo(w, open_channel(w, "input"));
	rtc_free(v4);
}

static void one_description_is_enough(void **state)
{
	struct world *w = *state;
	struct fault fault = { "" };
	char *answer;

	connect_client(w, &w->owner, &w->client);
	assert_rc(rtc_peer_accept(w->owner.peer, rtc_client_answer(&w->client),
				  &fault),
		  -EALREADY);
	assert_rc(rtc_peer_answer(w->owner.peer, rtc_client_offer(&w->client),
				  &answer, &fault),
		  -EALREADY);
	assert_null(answer);
}

static void wrong_addresses_are_rejected(void **state)
{
	static const struct {
		const char *address, *why;
	} bad[] = {
		{ NULL, "no address" },
		{ "", "invalid address" },
		{ "localhost", "invalid address localhost: must be" },
		{ "0.0.0.0", "invalid address" },
		{ "::", "invalid address" },
		{ "192.0.2.1", "192.0.2.1 port 0: Cannot assign" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct rtc_config config = {
			.loop = w->loop, .address = { bad[i].address }
		};
		struct fault fault = { "" };
		struct rtc *rtc;

		assert_true(rtc_new(&rtc, &config, &fault) < 0);
		assert_null(rtc);
		assert_non_null(strstr(fault.text, bad[i].why));
	}
}

static void the_number_of_peers_is_limited(void **state)
{
	struct world *w = *state;
	struct rtc_peer *peer[MAX_PEERS], *more;

	for (int i = 0; i < MAX_PEERS; i++)
		assert_ok(rtc_peer_new(&peer[i], w->rtc, &events, &w->owner));
	assert_rc(rtc_peer_new(&more, w->rtc, &events, &w->owner), -EBUSY);
	assert_null(more);
	rtc_peer_free(peer[0]);
	assert_ok(rtc_peer_new(&peer[0], w->rtc, &events, &w->owner));
	for (int i = 0; i < MAX_PEERS; i++)
		rtc_peer_free(peer[i]);
}

/* --- channels --- */

static void both_sides_open_channels(void **state)
{
	struct world *w = *state;
	struct rtc_message m;
	int ours;

	connect_client(w, &w->owner, &w->client);
	assert_num(open_channel(w, "input"), 0);
	assert_num(open_channel(w, "bluetooth"), 2);
	ours = rtc_channel_open(w->owner.peer, "device-control");
	assert_num(ours, 1);
	m = text_message((uint16_t)ours, "at once");
	assert_ok(rtc_send(w->owner.peer, &m));
	assert_soon(w->loop, w->client.n_messages == 1);
	assert_string_equal(w->client.label, "device-control");
	assert_num(w->client.opened, 1);
	assert_memory_equal(w->client.data, "at once", 7);
	m = text_message((uint16_t)ours, "and back");
	assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->owner.n_messages == 1);
}

static void messages_keep_their_kind_and_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000, 1200, RTC_MESSAGE_MAX };
	struct world *w = *state;
	uint8_t *data = malloc(RTC_MESSAGE_MAX);
	uint16_t channel;

	for (size_t i = 0; i < RTC_MESSAGE_MAX; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	w->owner.echoes = true;
	for (size_t i = 0; i < 2 * ARRAY_LEN(sizes); i++) {
		const struct rtc_message m = { .channel = channel,
					       .binary = i & 1,
					       .data = data,
					       .len = sizes[i / 2] };

		assert_ok(rtc_client_send(&w->client, &m));
		assert_soon(w->loop, w->client.n_messages == i + 1);
		assert_num(w->client.last.binary, m.binary);
		assert_num(w->client.last.len, m.len);
		assert_memory_equal(w->client.data, data, m.len);
	}
	free(data);
}

static void larger_messages_are_rejected(void **state)
{
	struct world *w = *state;
	uint8_t *data = calloc(1, RTC_MESSAGE_MAX + 1);
	struct rtc_message m = { .data = data, .len = RTC_MESSAGE_MAX + 1 };

	connect_client(w, &w->owner, &w->client);
	m.channel = open_channel(w, "input");
	assert_rc(rtc_send(w->owner.peer, &m), -EMSGSIZE);
	m.len = RTC_MESSAGE_MAX;
	assert_ok(rtc_send(w->owner.peer, &m));
	m.channel = 100;
	assert_rc(rtc_send(w->owner.peer, &m), -ENOENT);
	m.channel = 60000;
	assert_rc(rtc_send(w->owner.peer, &m), -ENOENT);
	free(data);
}

static void a_channel_of_the_clients_is_closed_by_the_client(void **state)
{
	struct world *w = *state;
	struct rtc_message m;
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	m = text_message(channel, "x");
	assert_ok(rtc_channels_close(&w->client.channels, channel));
	assert_soon(w->loop, w->owner.n_closed_channels == 1);
	assert_num(w->owner.channel, channel);
	assert_rc(rtc_send(w->owner.peer, &m), -ENOENT);
	/* Its number is free again, when both sides know. */
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(open_channel(w, "again"), channel);
	assert_echo(w, channel);
}

static void a_channel_is_closed_by_us(void **state)
{
	struct world *w = *state;
	struct rtc_message m;
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	m = text_message(channel, "the last");
	assert_ok(rtc_send(w->owner.peer, &m));
	assert_ok(rtc_channel_close(w->owner.peer, channel));
	assert_rc(rtc_channel_close(w->owner.peer, channel), -ENOENT);
	assert_soon(w->loop, w->client.n_closed == 1);
	assert_num(w->client.n_messages, 1);
	assert_num(w->owner.n_closed_channels, 0);
}

static void the_number_of_channels_is_limited(void **state)
{
	struct world *w = *state;
	const struct rtc_dcep more = { .label = { "more", 4 } };

	connect_client(w, &w->owner, &w->client);
	for (int i = 0; i < RTC_CHANNELS_MAX; i++)
		open_channel(w, "input");
	assert_rc(rtc_channel_open(w->owner.peer, "ours"), -EMFILE);
	w->client.channels.n_open = 0; /* it does not know the limit */
	assert_num(rtc_channels_open(&w->client.channels, &more),
		   2 * RTC_CHANNELS_MAX);
	assert_soon(w->loop, w->client.n_closed == 1);
	assert_num(w->owner.n_opened, RTC_CHANNELS_MAX);
	assert_num(rtc_counters(w->rtc)->messages_rejected, 1);
	w->client.channels.n_open = RTC_CHANNELS_MAX;
}

static void what_belongs_to_no_channel_is_counted(void **state)
{
	struct world *w = *state;
	const struct rtc_sctp_message strange[] = {
		{ .stream = 0, .protocol = 51, .data = { (void *)"x", 1 } },
		{ .stream = 255, .protocol = 53, .data = { (void *)"x", 1 } },
		{ .stream = 2, .protocol = 50, .data = { (void *)"\2", 1 } },
		{ .stream = 4, .protocol = 50, .data = { (void *)"\7", 1 } },
		{ .stream = 6, .protocol = 50, .data = { (void *)"\3", 1 } },
		/* Ours to open. */
		{ .stream = 7,
		  .protocol = 50,
		  .data = { (void *)"\3\0\0\0\0\0\0\0\0\0\0\0", 12 } },
	};

	connect_client(w, &w->owner, &w->client);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		assert_ok(rtc_sctp_send(&w->client.channels.sctp, &strange[i]));
	assert_soon(w->loop, rtc_counters(w->rtc)->messages_rejected ==
				     ARRAY_LEN(strange));
	assert_num(w->owner.n_opened + w->owner.n_messages, 0);
	assert_num(w->owner.n_closed, 0);
}

/* --- much --- */

static void send_number(struct world *w, uint16_t channel, uint32_t number,
			bool to_client)
{
	uint8_t data[4];
	const struct rtc_message m = {
		.channel = channel, .binary = true, .data = data, .len = 4
	};

	rtc_put32(data, number);
	if (to_client)
		assert_ok(rtc_send(w->owner.peer, &m));
	else
		assert_ok(rtc_client_send(&w->client, &m));
}

static void count_at_client(struct rtc_client *c, const struct rtc_message *m)
{
	assert_num(rtc_get32(m->data), c->n_messages - 1);
}

static void a_burst_arrives_whole_and_in_order(void **state)
{
	struct world *w = *state;
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	w->owner.counts = true;
	w->client.on_message = count_at_client;
	for (uint32_t i = 0; i < BURST; i++) {
		send_number(w, channel, i, true);
		send_number(w, channel, i, false);
	}
	assert_soon(w->loop, w->owner.n_messages == BURST &&
				     w->client.n_messages == BURST);
	assert_num(rtc_counters(w->rtc)->messages_in, BURST);
	assert_num(rtc_counters(w->rtc)->messages_out, BURST);
}

/* Of a peer that is gone, or stopped, or does not read. */
static void what_waits_for_a_peer_is_limited(void **state)
{
	struct world *w = *state;
	uint8_t data[1000] = { 0 };
	struct rtc_message m = { .data = data, .len = sizeof(data) };
	unsigned int n = 0;
	int e;

	connect_client(w, &w->owner, &w->client);
	m.channel = open_channel(w, "input");
	connect_client(w, &w->other, &w->second);
	w->client.deaf = true;
	while (!(e = rtc_send(w->owner.peer, &m)) && n < 10000)
		n++;
	assert_rc(e, -ENOBUFS);
	assert_true(n * sizeof(data) >= RTC_WAITING_MAX);
	assert_true(n * sizeof(data) <= 2 * RTC_WAITING_MAX);
	/* The other one does not notice. */
	assert_true(rtc_client_open(&w->second, "second") >= 0);
	assert_soon(w->loop, w->other.n_opened == 1);
	w->client.deaf = false;
	assert_soon(w->loop, w->client.n_messages == n);
	assert_echo(w, m.channel);
}

/* --- the end --- */

static void the_client_says_goodbye(void **state)
{
	struct world *w = *state;

	connect_client(w, &w->owner, &w->client);
	rtc_client_fini(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_non_null(w->owner.why);
	assert_rc(rtc_channel_open(w->owner.peer, "late"), -ENOTCONN);
}

static void the_client_sees_our_end(void **state)
{
	struct world *w = *state;

	connect_client(w, &w->owner, &w->client);
	owner_free(&w->owner);
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_closed, 0);
}

static void a_peer_may_be_freed_when_it_connects(void **state)
{
	struct world *w = *state;

	w->owner.frees_when_connected = true;
	connect_client(w, &w->owner, &w->client);
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_closed, 0);
}

static void a_peer_may_be_freed_at_a_message(void **state)
{
	struct world *w = *state;
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	w->owner.frees_at_message = true;
	for (uint32_t i = 0; i < 100; i++)
		send_number(w, channel, i, false);
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_messages, 1);
}

static void a_peer_may_be_freed_when_it_closes(void **state)
{
	struct world *w = *state;

	w->owner.frees_when_closed = true;
	connect_client(w, &w->owner, &w->client);
	rtc_client_fini(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_null(w->owner.peer);
	rtc_client_run(w->loop, QUIET_MS);
}

static void a_peer_without_checks_is_closed(void **state)
{
	struct world *w = *state;
	const struct rtc_config config = { .loop = w->loop,
					   .address = { "127.0.0.1" },
					   .max_peers = 1,
					   .connect_ms = 30000,
					   .consent_ms = CONSENT_MS };
	struct fault fault;
	struct rtc *usual = w->rtc;

	assert_ok(rtc_new(&w->rtc, &config, &fault));
	connect_client(w, &w->owner, &w->client);
	w->client.deaf = true;
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no more checks from the peer");
	rtc_free(usual);
}

/* --- the others --- */

static void a_wrong_certificate_is_rejected(void **state)
{
	struct world *w = *state;

	w->client.lies = true;
	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_non_null(strstr(w->owner.why, "certificate is not the one"));
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_connected, 0);
	assert_num(rtc_counters(w->rtc)->handshakes_failed, 1);
}

static void a_missing_certificate_is_rejected(void **state)
{
	struct world *w = *state;

	w->client.is_nobody = true;
	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_num(w->owner.n_connected, 0);
}

static void a_check_with_a_wrong_password_has_no_answer(void **state)
{
	struct world *w = *state;

	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	w->client.password = "notthepasswordofthepeer1";
	rtc_client_start(&w->client);
	assert_soon(w->loop, rtc_counters(w->rtc)->stun_rejected >= 3);
	assert_num(w->client.datagrams, 0);
}

static void a_check_for_nobody_has_no_answer(void **state)
{
	struct world *w = *state;
	struct rtc_check check = { .use_candidate = true };
	static const char *const names[] = { "AAAAAAAA:cLNt", ":cLNt", "cLNt",
					     NULL };

	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	check.password = w->client.peer_password;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		check.username = names[i];
		rtc_client_check(&w->client, &check);
	}
	assert_soon(w->loop,
		    rtc_counters(w->rtc)->stun_rejected == ARRAY_LEN(names));
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(w->client.datagrams, 0);
}

static void another_clients_name_has_no_answer(void **state)
{
	struct world *w = *state;
	char name[64];
	const struct rtc_check check = { .username = name,
					 .password = w->client.peer_password };

	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	snprintf(name, sizeof(name), "%.8s:other", w->client.username);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, rtc_counters(w->rtc)->stun_rejected == 1);
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(w->client.datagrams, 0);
}

static void a_client_that_does_not_control_is_corrected(void **state)
{
	struct world *w = *state;
	const struct rtc_check check = { .username = w->client.username,
					 .password = w->client.peer_password,
					 .controlled = true };

	w->client.only_checks = true;
	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, w->client.response == 0x0111);
}

/* --- garbage --- */

static int stranger_socket(const struct rtc_client *c)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_sys(fd);
	assert_sys(connect(fd, (const void *)&c->peer, c->peer_len));
	return fd;
}

static void send_garbage(int fd, unsigned int seed)
{
	uint8_t data[1500];
	const size_t len = 1 + seed * 37 % sizeof(data);
	struct rnd r = { .state = seed };

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)rnd_next(&r);
	if (rnd_one_in(&r, 2)) /* as DTLS */
		data[0] = (uint8_t)rnd_between(&r, 20, 25);
	(void)!send(fd, data, len, 0);
}

static void garbage_of_strangers_disturbs_nobody(void **state)
{
	struct world *w = *state;
	uint16_t channel;
	uint8_t byte;
	int fd;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	fd = stranger_socket(&w->client);
	for (unsigned int i = 0; i < 2000; i++) {
		send_garbage(fd, i);
		if (i % 50 == 0)
			assert_echo(w, channel);
	}
	(void)!send(fd, "", 0, 0);
	assert_echo(w, channel);
	assert_num(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_true(rtc_counters(w->rtc)->unchecked > 100);
	assert_num(w->owner.n_closed, 0);
	close(fd);
}

/* DTLS drops what it cannot decrypt (RFC 6347 §4.1.2.7). */
static void garbage_from_the_peers_address_disturbs_nobody(void **state)
{
	struct world *w = *state;
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	for (unsigned int i = 0; i < 2000; i++) {
		send_garbage(w->client.fd, i);
		if (i % 50 == 0)
			assert_echo(w, channel);
	}
	assert_echo(w, channel);
	assert_num(w->owner.n_closed, 0);
}

/* In place of SCTP's packets, inside of DTLS. */
static void garbage_for_sctp_disturbs_nobody_else(void **state)
{
	struct world *w = *state;
	uint8_t data[1200];

	connect_client(w, &w->owner, &w->client);
	connect_client(w, &w->other, &w->second);
	for (unsigned int i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = (uint8_t)(i * 31 + k * (i % 7));
		SSL_write(w->second.ssl, data, (int)(1 + i % sizeof(data)));
	}
	assert_echo(w, open_channel(w, "input"));
}

static void half_a_handshake_is_given_up(void **state)
{
	struct world *w = *state;

	w->client.only_hello = true;
	offer(w, &w->owner, &w->client);
	accept_answer(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no connection in time");
}

static void a_peer_that_never_comes_is_given_up(void **state)
{
	struct world *w = *state;

	offer(w, &w->owner, &w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no connection in time");
	owner_free(&w->owner);
	rtc_client_fini(&w->client);
	connect_client(w, &w->other, &w->second);
}

/* A network that changes: the browser nominates another address of its own. */
static void a_peer_may_move(void **state)
{
	struct world *w = *state;
	const struct rtc_check check = { .username = w->client.username,
					 .password = w->client.peer_password,
					 .use_candidate = true };
	uint16_t channel;

	connect_client(w, &w->owner, &w->client);
	channel = open_channel(w, "input");
	rtc_client_move(&w->client);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, w->client.response == 0x0101);
	assert_echo(w, channel);
}

#define WORLD_TEST(f) \
	cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(the_client_answers_our_offer),
		WORLD_TEST(we_answer_the_clients_offer),
		WORLD_TEST(the_answer_may_come_after_the_first_checks),
		WORLD_TEST(ipv6_works),
		WORLD_TEST(one_description_is_enough),
		WORLD_TEST(wrong_addresses_are_rejected),
		WORLD_TEST(the_number_of_peers_is_limited),
		WORLD_TEST(both_sides_open_channels),
		WORLD_TEST(messages_keep_their_kind_and_size),
		WORLD_TEST(larger_messages_are_rejected),
		WORLD_TEST(a_channel_of_the_clients_is_closed_by_the_client),
		WORLD_TEST(a_channel_is_closed_by_us),
		WORLD_TEST(the_number_of_channels_is_limited),
		WORLD_TEST(what_belongs_to_no_channel_is_counted),
		WORLD_TEST(a_burst_arrives_whole_and_in_order),
		WORLD_TEST(what_waits_for_a_peer_is_limited),
		WORLD_TEST(the_client_says_goodbye),
		WORLD_TEST(the_client_sees_our_end),
		WORLD_TEST(a_peer_may_be_freed_when_it_connects),
		WORLD_TEST(a_peer_may_be_freed_at_a_message),
		WORLD_TEST(a_peer_may_be_freed_when_it_closes),
		WORLD_TEST(a_peer_without_checks_is_closed),
		WORLD_TEST(a_wrong_certificate_is_rejected),
		WORLD_TEST(a_missing_certificate_is_rejected),
		WORLD_TEST(a_check_with_a_wrong_password_has_no_answer),
		WORLD_TEST(a_check_for_nobody_has_no_answer),
		WORLD_TEST(another_clients_name_has_no_answer),
		WORLD_TEST(a_client_that_does_not_control_is_corrected),
		WORLD_TEST(garbage_of_strangers_disturbs_nobody),
		WORLD_TEST(garbage_from_the_peers_address_disturbs_nobody),
		WORLD_TEST(garbage_for_sctp_disturbs_nobody_else),
		WORLD_TEST(half_a_handshake_is_given_up),
		WORLD_TEST(a_peer_that_never_comes_is_given_up),
		WORLD_TEST(a_peer_may_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What goes through the channels, over loopback. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "tests/lib/rtc-world.h"

#define BURST 5000

/* --- channels --- */

static void both_sides_open_channels(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_message m;
	int ours;

	rtc_world_connect(w, &w->owner, &w->client);
	assert_num(rtc_world_open(w, "input"), 0);
	assert_num(rtc_world_open(w, "bluetooth"), 2);
	ours = rtc_channel_open(w->owner.peer, "device-control");
	assert_num(ours, 1);
	m = rtc_text_message((uint16_t)ours, "at once");
	assert_ok(rtc_send(w->owner.peer, &m));
	assert_soon(w->loop, w->client.n_messages == 1);
	assert_string_equal(w->client.label, "device-control");
	assert_num(w->client.opened, 1);
	assert_memory_equal(w->client.data, "at once", 7);
	m = rtc_text_message((uint16_t)ours, "and back");
	assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->owner.n_messages == 1);
}

static void messages_keep_their_kind_and_size(void **state)
{
	static const size_t sizes[] = { 0, 1, 1000, 1200, RTC_MESSAGE_MAX };
	struct rtc_world *w = *state;
	uint8_t *data = malloc(RTC_MESSAGE_MAX);
	uint16_t channel;

	for (size_t i = 0; i < RTC_MESSAGE_MAX; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
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
	struct rtc_world *w = *state;
	uint8_t *data = calloc(1, RTC_MESSAGE_MAX + 1);
	struct rtc_message m = { .data = data, .len = RTC_MESSAGE_MAX + 1 };

	rtc_world_connect(w, &w->owner, &w->client);
	m.channel = rtc_world_open(w, "input");
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
	struct rtc_world *w = *state;
	struct rtc_message m;
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	m = rtc_text_message(channel, "x");
	assert_ok(rtc_channels_close(&w->client.channels, channel));
	assert_soon(w->loop, w->owner.n_closed_channels == 1);
	assert_num(w->owner.channel, channel);
	assert_rc(rtc_send(w->owner.peer, &m), -ENOENT);
	/* Its number is free again, as soon as both sides know. */
	assert_num(rtc_world_open(w, "again"), channel);
	rtc_world_assert_echo(w, channel);
}

static void a_channel_is_closed_by_us(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_message m;
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	m = rtc_text_message(channel, "the last");
	assert_ok(rtc_send(w->owner.peer, &m));
	assert_ok(rtc_channel_close(w->owner.peer, channel));
	assert_rc(rtc_channel_close(w->owner.peer, channel), -ENOENT);
	assert_soon(w->loop, w->client.n_closed == 1);
	assert_num(w->client.n_messages, 1);
	assert_num(w->owner.n_closed_channels, 0);
}

/* What was on its way is no mistake of the client's. */
static void what_comes_to_a_channel_that_we_closed_is_dropped(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_message m;
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	m = rtc_text_message(channel, "late");
	assert_ok(rtc_channel_close(w->owner.peer, channel));
	assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->client.n_closed == 1);
	assert_num(w->owner.n_messages, 0);
	assert_num(rtc_counters(w->rtc)->messages_rejected, 0);
	/* It can be opened again. */
	assert_num(rtc_world_open(w, "again"), channel);
	rtc_world_assert_echo(w, channel);
	assert_num(rtc_counters(w->rtc)->messages_rejected, 0);
}

static void the_number_of_channels_is_limited(void **state)
{
	struct rtc_world *w = *state;
	const struct rtc_dcep more = { .label = { "more", 4 } };

	rtc_world_connect(w, &w->owner, &w->client);
	for (int i = 0; i < RTC_CHANNELS_MAX; i++)
		rtc_world_open(w, "input");
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
	struct rtc_world *w = *state;
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

	rtc_world_connect(w, &w->owner, &w->client);
	for (size_t i = 0; i < ARRAY_LEN(strange); i++)
		assert_ok(rtc_sctp_send(&w->client.channels.sctp, &strange[i]));
	assert_soon(w->loop, rtc_counters(w->rtc)->messages_rejected ==
				     ARRAY_LEN(strange));
	assert_num(w->owner.n_opened + w->owner.n_messages, 0);
	assert_num(w->owner.n_closed, 0);
}

static void what_no_stream_can_carry_is_not_sent(void **state)
{
	struct rtc_world *w = *state;
	uint8_t *data = calloc(1, RTC_SCTP_MESSAGE_MAX + 1);
	const struct rtc_sctp_message wrong[] = {
		{ .stream = RTC_SCTP_STREAMS,
		  .protocol = 51,
		  .data = { data, 1 } },
		{ .stream = 0,
		  .protocol = 51,
		  .data = { data, RTC_SCTP_MESSAGE_MAX + 1 } },
	};

	rtc_world_connect(w, &w->owner, &w->client);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_rc(rtc_sctp_send(&w->client.channels.sctp, &wrong[i]),
			  -EINVAL);
	free(data);
}

/* --- much --- */

static void send_number(struct rtc_world *w, uint16_t channel, uint32_t number,
			bool to_client)
{
	uint8_t data[4];
	const struct rtc_message m = {
		.channel = channel, .binary = true, .data = data, .len = 4
	};

	net_put32(data, number);
	if (to_client)
		assert_ok(rtc_send(w->owner.peer, &m));
	else
		assert_ok(rtc_client_send(&w->client, &m));
}

static void count_at_client(struct rtc_client *c, const struct rtc_message *m)
{
	assert_num(net_get32(m->data), c->n_messages - 1);
}

static void a_burst_arrives_whole_and_in_order(void **state)
{
	struct rtc_world *w = *state;
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
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
	struct rtc_world *w = *state;
	uint8_t data[1000] = { 0 };
	struct rtc_message m = { .data = data, .len = sizeof(data) };
	unsigned int n = 0;
	int e;

	rtc_world_connect(w, &w->owner, &w->client);
	m.channel = rtc_world_open(w, "input");
	rtc_world_connect(w, &w->other, &w->second);
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
	rtc_world_assert_echo(w, m.channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RTC_WORLD_TEST(both_sides_open_channels),
		RTC_WORLD_TEST(messages_keep_their_kind_and_size),
		RTC_WORLD_TEST(larger_messages_are_rejected),
		RTC_WORLD_TEST(what_no_stream_can_carry_is_not_sent),
		RTC_WORLD_TEST(
			a_channel_of_the_clients_is_closed_by_the_client),
		RTC_WORLD_TEST(a_channel_is_closed_by_us),
		RTC_WORLD_TEST(
			what_comes_to_a_channel_that_we_closed_is_dropped),
		RTC_WORLD_TEST(the_number_of_channels_is_limited),
		RTC_WORLD_TEST(what_belongs_to_no_channel_is_counted),
		RTC_WORLD_TEST(a_burst_arrives_whole_and_in_order),
		RTC_WORLD_TEST(what_waits_for_a_peer_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

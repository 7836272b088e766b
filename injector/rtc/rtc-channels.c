/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A channel is closed by resetting its streams (RFC 8831 §6.7): who closes it
 * resets the one it sends on, and the other side does the same. From the first
 * reset on, either way, the channel is no longer open here.
 */
#include <errno.h>

#include "injector/rtc/rtc-channels.h"
#include "input/base/container.h"

/* RFC 8831 §8 */
enum channel_protocol {
	DCEP = 50,
	STRING = 51,
	BINARY = 53,
	/* SCTP has no empty messages: these have one byte. */
	STRING_EMPTY = 56,
	BINARY_EMPTY = 57,
};

static bool channel_is_ours(const struct rtc_channels *c, uint16_t channel)
{
	return (channel & 1) == c->opens_odd;
}

static void channel_reset(struct rtc_channels *c, uint16_t channel)
{
	if (c->channel[channel].open)
		c->n_open--;
	c->channel[channel].open = false;
	rtc_sctp_reset(&c->sctp, channel);
}

static void channel_begin(struct rtc_channels *c, uint16_t channel,
			  const struct rtc_dcep *open)
{
	c->channel[channel] = (struct rtc_channel){
		.open = true,
		.unordered = open->unordered,
		.limit = open->limit,
		.limit_value = open->limit_value,
	};
	c->n_open++;
}

static int channel_send_dcep(struct rtc_channels *c, uint16_t channel,
			     const struct rtc_dcep *d)
{
	uint8_t bytes[RTC_DCEP_MAX];
	const struct rtc_sctp_message m = {
		.stream = channel,
		.protocol = DCEP,
		.data = { bytes, rtc_dcep_write(bytes, d) },
	};

	return m.data.len ? rtc_sctp_send(&c->sctp, &m) : -EINVAL;
}

/* --- what arrives --- */

/* A message of DCEP that is wrong here ends the channel. */
static void channel_reject(struct rtc_channels *c, uint16_t channel)
{
	const bool was_open = c->channel[channel].open;

	channel_reset(c, channel);
	c->events->rejected(c);
	if (was_open)
		c->events->closed(c, channel);
}

static void channel_take_open(struct rtc_channels *c, uint16_t channel,
			      const struct rtc_dcep *open)
{
	const struct rtc_dcep ack = { .ack = true };
	char label[RTC_DCEP_LABEL_MAX + 1] = "";

	if (channel_is_ours(c, channel) || c->channel[channel].open ||
	    c->n_open == RTC_CHANNELS_MAX ||
	    channel_send_dcep(c, channel, &ack)) {
		channel_reject(c, channel);
		return;
	}
	channel_begin(c, channel, open);
	c->channel[channel].acked = true;
	memcpy(label, open->label.at, open->label.len);
	c->events->opened(c, channel, label);
}

static void channel_take_dcep(struct rtc_channels *c,
			      const struct rtc_sctp_message *m)
{
	struct rtc_channel *channel = &c->channel[m->stream];
	struct rtc_dcep d;

	if (rtc_dcep_parse(&d, m->data)) {
		channel_reject(c, m->stream);
	} else if (!d.ack) {
		channel_take_open(c, m->stream, &d);
	} else if (channel_is_ours(c, m->stream)) {
		/* It may come after the channel was closed. */
		channel->acked = channel->open;
	} else {
		c->events->rejected(c);
	}
}

static void channel_take_data(struct rtc_channels *c,
			      const struct rtc_sctp_message *m)
{
	const bool empty =
		m->protocol == STRING_EMPTY || m->protocol == BINARY_EMPTY;
	const struct rtc_message message = {
		.channel = m->stream,
		.binary = m->protocol == BINARY || m->protocol == BINARY_EMPTY,
		.data = m->data.at,
		.len = empty ? 0 : m->data.len,
	};

	if (c->channel[m->stream].closing)
		return;
	if (!c->channel[m->stream].open ||
	    (!empty && m->protocol != STRING && m->protocol != BINARY))
		c->events->rejected(c);
	else
		c->events->received(c, &message);
}

static void channels_on_message(struct rtc_sctp *s,
				const struct rtc_sctp_message *m)
{
	struct rtc_channels *c = container_of(s, struct rtc_channels, sctp);

	if (m->stream >= RTC_SCTP_STREAMS)
		c->events->rejected(c);
	else if (m->protocol == DCEP)
		channel_take_dcep(c, m);
	else
		channel_take_data(c, m);
}

static void channels_on_reset(struct rtc_sctp *s, uint16_t stream)
{
	struct rtc_channels *c = container_of(s, struct rtc_channels, sctp);

	if (stream >= RTC_SCTP_STREAMS)
		return;
	c->channel[stream].closing = false;
	if (!c->channel[stream].open)
		return;
	channel_reset(c, stream);
	c->events->closed(c, stream);
}

static void channels_on_up(struct rtc_sctp *s)
{
	struct rtc_channels *c = container_of(s, struct rtc_channels, sctp);

	c->events->up(c);
}

static void channels_on_down(struct rtc_sctp *s, const char *why)
{
	struct rtc_channels *c = container_of(s, struct rtc_channels, sctp);

	c->events->down(c, why);
}

static void channels_on_send(struct rtc_sctp *s, struct rtc_bytes packet)
{
	struct rtc_channels *c = container_of(s, struct rtc_channels, sctp);

	c->events->send(c, packet);
}

void rtc_channels_input(struct rtc_channels *c, struct rtc_bytes packet)
{
	rtc_sctp_input(&c->sctp, packet);
}

/* --- what is sent --- */

int rtc_channels_open(struct rtc_channels *c, const struct rtc_dcep *open)
{
	uint16_t channel = c->opens_odd;
	int e;

	if (!c->sctp.is_up || c->sctp.dead)
		return -ENOTCONN;
	while (channel < RTC_SCTP_STREAMS &&
	       (c->channel[channel].open || c->channel[channel].closing))
		channel += 2;
	if (channel >= RTC_SCTP_STREAMS || c->n_open == RTC_CHANNELS_MAX)
		return -EMFILE;
	e = channel_send_dcep(c, channel, open);
	if (e)
		return e;
	channel_begin(c, channel, open);
	return channel;
}

int rtc_channels_close(struct rtc_channels *c, uint16_t channel)
{
	if (channel >= RTC_SCTP_STREAMS || !c->channel[channel].open)
		return -ENOENT;
	channel_reset(c, channel);
	c->channel[channel].closing = true;
	return 0;
}

int rtc_channels_send(struct rtc_channels *c, const struct rtc_message *m)
{
	static const enum rtc_sctp_policy policies[] = {
		[RTC_DCEP_RELIABLE] = RTC_SCTP_RELIABLE,
		[RTC_DCEP_RETRANSMITS] = RTC_SCTP_RETRANSMITS,
		[RTC_DCEP_LIFETIME] = RTC_SCTP_LIFETIME,
	};
	const struct rtc_channel *channel;
	struct rtc_sctp_message out = {
		.stream = m->channel,
		.protocol = m->binary ? BINARY : STRING,
		.data = { m->data, m->len },
	};

	if (m->channel >= RTC_SCTP_STREAMS || !c->channel[m->channel].open)
		return -ENOENT;
	if (m->len > c->message_max || m->len > RTC_MESSAGE_MAX)
		return -EMSGSIZE;
	if (!m->len) {
		out.protocol = m->binary ? BINARY_EMPTY : STRING_EMPTY;
		out.data = (struct rtc_bytes){ (const uint8_t *)"", 1 };
	}
	channel = &c->channel[m->channel];
	out.unordered = channel->unordered && channel->acked;
	out.policy = policies[channel->limit];
	out.limit = channel->limit_value;
	return rtc_sctp_send(&c->sctp, &out);
}

int rtc_channels_init(struct rtc_channels *c, uint16_t port)
{
	static const struct rtc_sctp_events events = {
		.send = channels_on_send,
		.up = channels_on_up,
		.received = channels_on_message,
		.reset = channels_on_reset,
		.down = channels_on_down,
	};

	c->sctp = (struct rtc_sctp){ .events = &events,
				     .waiting_max = RTC_WAITING_MAX };
	return rtc_sctp_init(&c->sctp, port);
}

void rtc_channels_fini(struct rtc_channels *c)
{
	rtc_sctp_fini(&c->sctp);
}

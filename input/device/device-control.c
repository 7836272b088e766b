/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "input/device/device-control.h"

static bool answer(struct device *dev, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	return dev->sink.answer(dev->sink.arg, src, ev, n);
}

/* --- what is asked --- */

static void say_hello(struct device *dev, struct device_source *src)
{
	const struct vi_event hello =
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);

	answer(dev, src, &hello, 1);
}

static void send_name(struct device *dev, struct device_source *src)
{
	const char *name = dev->spec->name;
	struct vi_event ev[sizeof(dev->spec->name) / 4 + 1];
	const size_t len = strlen(name);
	size_t n = 0;

	for (size_t at = 0; at <= len; at += 4) {
		uint8_t part[4] = { 0 };
		uint32_t value;

		memcpy(part, name + at, len - at < 4 ? len - at : 4);
		memcpy(&value, part, sizeof(value));
		ev[n++] = vi_event(CONTROL_NAME, (uint16_t)at,
				   (int32_t)le32toh(value));
	}
	answer(dev, src, ev, n);
}

/* Frames before this place of the source's buffer are dropped. */
static void cancel_until(struct device *dev, struct device_source *src,
			 size_t place)
{
	const struct receipts *r = src->receipts;
	const struct vi_event ev =
		vi_event(CONTROL_CANCEL, r->has_last, (int32_t)r->last);

	src->src.cancel = place;
	answer(dev, src, &ev, 1);
}

static void set_lossless(struct receipts *r, int32_t limit_ms)
{
	r->lossless_ms = limit_ms < 0 ? -1 : limit_ms;
	r->waits_since_ms = 0;
	r->expired = false;
}

/* place: behind the event in the source's buffer. */
static void obey(struct device *dev, struct device_source *src,
		 const struct vi_event *ev, size_t place)
{
	struct receipts *r = src->receipts;

	switch (vi_type(ev)) {
	case CONTROL_HELLO: {
		const struct vi_event hello =
			vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);

		answer(dev, src, &hello, 1);
		break;
	}
	case CONTROL_LOSSLESS:
		set_lossless(r, vi_value(ev));
		break;
	case CONTROL_WATCH:
		r->watch = vi_value(ev);
		r->driver_sent = -1;
		break;
	case CONTROL_NAME:
		send_name(dev, src);
		break;
	case CONTROL_CANCEL:
		cancel_until(dev, src, place);
		break;
	}
}

static const struct vi_event *event_at(const struct device_source *src,
				       size_t place)
{
	return (const struct vi_event *)(const void *)(src->src.buf + place);
}

void device_control_received(struct device *dev, struct device_source *src,
			     size_t from)
{
	for (size_t at = from; at + sizeof(struct vi_event) <= src->src.tail;
	     at += sizeof(struct vi_event))
		if (control_is(event_at(src, at)))
			obey(dev, src, event_at(src, at),
			     at + sizeof(struct vi_event));
}

static bool is_hello(const struct vi_event *ev)
{
	return vi_type(ev) == CONTROL_HELLO && vi_code(ev) &&
	       vi_value(ev) == CONTROL_MAGIC;
}

/* Return: whether the source may ask from now on. */
static bool greet(struct device *dev, struct device_source *src)
{
	if (!dev->sink.answer)
		return false;
	src->receipts = receipts_new();
	if (!src->receipts)
		return false;
	LIST_INSERT_HEAD(&dev->askers, src, asker);
	if (src->persistent)
		persistent_source_set_asks(src->persistent);
	return true;
}

void device_control_greet(struct device *dev, struct device_source *src)
{
	if (!src->receipts && is_hello(event_at(src, src->src.head)) &&
	    greet(dev, src))
		device_control_received(dev, src, src->src.head);
}

void device_control_resume(struct device *dev, struct device_source *src)
{
	if (persistent_source_asks(src->persistent) && greet(dev, src))
		say_hello(dev, src);
}

/* --- frames --- */

/* A HELLO that was not the first event of what waited. */
static void greet_late(struct device *dev, struct device_source *src)
{
	const struct merge *m = &dev->merge;
	unsigned int i = 0;

	while (i < m->n_control && !is_hello(&m->control[i]))
		i++;
	if (i == m->n_control || !greet(dev, src))
		return;
	for (; i < m->n_control; i++)
		obey(dev, src, &m->control[i], src->src.head);
	device_control_received(dev, src, src->src.head);
}

static void ask(struct device *dev, struct device_source *src, uint32_t number,
		uint64_t position)
{
	struct receipts *r = src->receipts;
	const unsigned int before = r->n;

	r->now.no_driver |= !dev->guest;
	receipts_ask(r, number, position);
	dev->owed += r->n - before;
	dev->count.receipts++;
}

void device_control_merged(struct device *dev, struct device_source *src,
			   uint64_t position)
{
	struct merge *m = &dev->merge;

	if (!src->receipts)
		greet_late(dev, src);
	for (unsigned int i = 0; i < m->n_control; i++) {
		const struct vi_event *ev = &m->control[i];

		if (!src->receipts || vi_type(ev) >= CONTROL_COUNT)
			m->count.undeclared++;
		else if (vi_type(ev) == CONTROL_RECEIPT)
			ask(dev, src, (uint32_t)vi_value(ev), position);
	}
	m->n_control = 0;
}

void device_control_dropped(struct device_source *src,
			    const struct vi_event *ev, size_t n)
{
	size_t i = 0;

	while (i < n - 1 && control_is(&ev[i]))
		i++;
	src->receipts->now.n[CONTROL_CANCELLED] += i < n - 1;
}

bool device_control_waits(const struct device_source *src)
{
	const struct receipts *r = src->receipts;

	return r && r->lossless_ms && !r->expired && !src->gone &&
	       !src->partial && !device_control_cancelled(src);
}

void device_control_folded(struct device *dev, bool no_driver)
{
	struct device_source *src = dev->out_asker;

	if (src)
		receipts_fold_after(src->receipts, dev->count.events_out,
				    no_driver);
	dev->out_asker = NULL;
}

void device_control_end(struct device *dev, struct device_source *src)
{
	if (!src->receipts)
		return;
	dev->owed -= src->receipts->n;
	LIST_REMOVE(src, asker);
	if (dev->out_asker == src)
		dev->out_asker = NULL;
	free(src->receipts);
	src->receipts = NULL;
}

/* --- answers --- */

static void answer_one(struct device *dev, struct device_source *src)
{
	struct vi_event ev[RECEIPTS_ANSWER_MAX];
	const size_t n = receipts_answer(src->receipts, ev);
	const bool sent = answer(dev, src, ev, n);

	receipts_answered(src->receipts, sent);
	dev->owed--;
	dev->count.receipts_lost += !sent;
}

void device_answer(struct device *dev, uint64_t unreturned)
{
	const uint64_t out = dev->count.events_out;
	struct device_source *src;

	dev->unreturned = unreturned < out ? unreturned : out;
	LIST_FOREACH(src, &dev->askers, asker)
	{
		while (receipts_due(src->receipts, out - dev->unreturned))
			answer_one(dev, src);
	}
}

void device_driver_gone(struct device *dev)
{
	struct device_source *src;

	LIST_FOREACH(src, &dev->askers, asker)
	receipts_driver_gone(src->receipts, dev->count.events_out);
	dev->unreturned = 0;
}

static void send_driver(struct device *dev, struct device_source *src)
{
	const struct vi_event ev = vi_event(CONTROL_DRIVER, 0, dev->driver);

	if (src->receipts->watch &&
	    src->receipts->driver_sent != (int)dev->driver &&
	    answer(dev, src, &ev, 1))
		src->receipts->driver_sent = dev->driver;
}

void device_set_driver(struct device *dev, enum control_driver driver)
{
	struct device_source *src;

	if (driver != dev->driver) {
		dev->driver = driver;
		if (driver == CONTROL_DRIVER_NO_VMM)
			device_driver_gone(dev);
		device_answer(dev, dev->unreturned);
	}
	LIST_FOREACH(src, &dev->askers, asker)
	send_driver(dev, src);
}

/* --- limits --- */

/* Return: in how many ms the source's frames are folded, 0: now, -1: not. */
static int64_t source_limit(const struct device *dev, struct device_source *src,
			    uint64_t now_ms)
{
	struct receipts *r = src->receipts;
	uint64_t waited;

	if (!dev->view.folded)
		r->expired = false;
	if (!dev->view.folded || !src->waiting || !device_control_waits(src)) {
		r->waits_since_ms = 0;
		return -1;
	}
	if (!r->waits_since_ms)
		r->waits_since_ms = now_ms;
	if (r->lossless_ms < 0)
		return -1;
	waited = now_ms - r->waits_since_ms;
	r->expired = waited >= (uint64_t)r->lossless_ms;
	return r->expired ? 0 : r->lossless_ms - (int64_t)waited;
}

int64_t device_limits(struct device *dev, uint64_t now_ms)
{
	struct device_source *src;
	int64_t least = -1;

	LIST_FOREACH(src, &dev->askers, asker)
	{
		const int64_t left = source_limit(dev, src, now_ms);

		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "input/device/device-control.h"

#define EVENT_LEN sizeof(struct vi_event)
/* Events of receipts in one write; libvinject reads as many. */
#define ANSWERS_MAX 64

static bool answer(struct device *dev, struct device_source *src,
		   const struct vi_event *ev, size_t n)
{
	return dev->sink.answer(dev->sink.arg, src, ev, n);
}

static const struct vi_event *event_at(const struct device_source *src,
				       size_t place)
{
	return (const struct vi_event *)(const void *)(src->src.buf + place);
}

/* --- what is asked --- */

static void say_hello(struct device *dev, struct device_source *src)
{
	const struct vi_event hello =
		vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC);

	src->receipts->hello_sent = answer(dev, src, &hello, 1);
}

static void send_name(struct device *dev, struct device_source *src)
{
	const char *name = dev->spec->name;
	struct vi_event ev[(sizeof(dev->spec->name) + 3) / 4];
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

/* Only modifiers: no injector sees what another one types. */
static void send_held(struct device *dev, struct device_source *src)
{
	static const uint16_t key[CONTROL_MODIFIERS] = {
		[CONTROL_LEFT_CTRL] = KEY_LEFTCTRL,
		[CONTROL_LEFT_SHIFT] = KEY_LEFTSHIFT,
		[CONTROL_LEFT_ALT] = KEY_LEFTALT,
		[CONTROL_LEFT_META] = KEY_LEFTMETA,
		[CONTROL_RIGHT_CTRL] = KEY_RIGHTCTRL,
		[CONTROL_RIGHT_SHIFT] = KEY_RIGHTSHIFT,
		[CONTROL_RIGHT_ALT] = KEY_RIGHTALT,
		[CONTROL_RIGHT_META] = KEY_RIGHTMETA,
	};
	struct vi_event ev;
	int32_t held = 0;

	for (unsigned int i = 0; i < CONTROL_MODIFIERS; i++)
		if (merge_others_hold(&dev->merge, &src->src.held, key[i]))
			held |= 1 << i;
	ev = vi_event(CONTROL_HELD, 0, held);
	answer(dev, src, &ev, 1);
}

/* Return: where in the source's buffer the frame begins that is there. */
static size_t frame_begin(const struct device_source *src, size_t place)
{
	while (place > src->src.head &&
	       !vi_is_syn_report(event_at(src, place - EVENT_LEN)))
		place -= EVENT_LEN;
	return place;
}

static void note_receipt(const struct vi_event *ev, bool *has, uint32_t *last)
{
	if (vi_type(ev) != CONTROL_RECEIPT)
		return;
	*has = true;
	*last = (uint32_t)vi_value(ev);
}

/* Those of a frame of which a part was merged will be owed. */
static void find_partial_receipts(const struct device *dev,
				  const struct device_source *src, bool *has,
				  uint32_t *last)
{
	const struct merge *m = &dev->merge;
	size_t at = src->src.head;

	if (!src->partial)
		return;
	for (unsigned int i = 0; i < m->n_control; i++)
		note_receipt(&m->control[i], has, last);
	for (; at < src->src.tail && !vi_is_syn_report(event_at(src, at));
	     at += EVENT_LEN)
		note_receipt(event_at(src, at), has, last);
}

static bool is_on_its_way(const struct device *dev,
			  const struct device_source *src)
{
	return src == dev->out_asker &&
	       src->receipts->frame_end > dev->count.events_out;
}

/* Frames before the one at this place of the source's buffer are dropped. */
static void cancel_until(struct device *dev, struct device_source *src,
			 size_t place)
{
	bool has = src->receipts->has_last;
	uint32_t last = src->receipts->last;
	struct vi_event ev;

	src->cancel = frame_begin(src, place) - src->src.head;
	find_partial_receipts(dev, src, &has, &last);
	ev = vi_event(CONTROL_CANCEL, has, (int32_t)last);
	answer(dev, src, &ev, 1);
	/* Even if the injector disconnects before the guest takes it. */
	if (is_on_its_way(dev, src))
		dev->out_promised = src->receipts->frame_end;
}

static void set_lossless(struct receipts *r, int32_t limit_ms)
{
	r->lossless_ms = limit_ms < 0 ? -1 : limit_ms;
	r->waits_since_ms = 0;
	r->expired = false;
}

/* What is answered when it is received, and once for each of its kind. */
struct requests {
	bool hello, name, cancel, held;
	size_t cancel_place; /* of the last CANCEL in the source's buffer */
};

static void note_request(struct receipts *r, const struct vi_event *ev,
			 size_t place, struct requests *requests)
{
	switch (vi_type(ev)) {
	case CONTROL_HELLO:
		requests->hello = true;
		/* Perhaps of another that has inherited the socket. */
		set_lossless(r, 0);
		r->watch = false;
		break;
	case CONTROL_LOSSLESS:
		set_lossless(r, vi_value(ev));
		break;
	case CONTROL_WATCH:
		r->watch = vi_value(ev);
		r->driver_sent = -1;
		break;
	case CONTROL_NAME:
		requests->name = true;
		break;
	case CONTROL_CANCEL:
		requests->cancel = true;
		requests->cancel_place = place;
		break;
	case CONTROL_HELD:
		requests->held = true;
		break;
	}
}

/* Act on the control events from this place of the source's buffer on. */
static void act_from(struct device *dev, struct device_source *src, size_t from)
{
	struct requests requests = { 0 };

	for (size_t at = from; at + EVENT_LEN <= src->src.tail; at += EVENT_LEN)
		if (control_is(event_at(src, at)))
			note_request(src->receipts, event_at(src, at), at,
				     &requests);
	if (requests.hello)
		say_hello(dev, src);
	if (requests.name)
		send_name(dev, src);
	if (requests.cancel)
		cancel_until(dev, src, requests.cancel_place);
	if (requests.held)
		send_held(dev, src);
}

void device_control_received(struct device *dev, struct device_source *src,
			     size_t n)
{
	const size_t from = src->src.tail - n;

	act_from(dev, src, from - from % EVENT_LEN);
}

static bool asks_for_ring(const struct vi_event *ev)
{
	return vi_type(ev) == CONTROL_RING && vi_code(ev) == CONTROL_RING_ASK &&
	       vi_value(ev) == CONTROL_MAGIC;
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

void device_control_greet(struct device *dev, struct device_source *src,
			  const struct vi_event *first)
{
	if (dev->sink.ask_ring && asks_for_ring(first))
		dev->sink.ask_ring(dev->sink.arg, src);
	if (!src->receipts && is_hello(first) && greet(dev, src))
		act_from(dev, src,
			 (size_t)((const uint8_t *)first - src->src.buf));
}

void device_control_resume(struct device *dev, struct device_source *src)
{
	if (persistent_source_asks(src->persistent) && greet(dev, src))
		say_hello(dev, src);
}

/* --- frames --- */

static void ask(struct device *dev, struct device_source *src, uint32_t number)
{
	struct receipts *r = src->receipts;

	r->now.no_driver |= !dev->guest;
	dev->count.receipts++;
	if (receipts_ask(r, number))
		dev->owed++;
	else
		dev->count.receipts_lost++;
}

static bool is_known(const struct device *dev, const struct device_source *src,
		     uint16_t type)
{
	if (type == CONTROL_RING)
		return dev->sink.ask_ring;
	return src->receipts && (type < CONTROL_COUNT || type == CONTROL_HELD);
}

static void refuse(struct merge *m, struct device_source *src,
		   const struct vi_event *ev)
{
	m->count.undeclared++;
	if (src->receipts)
		receipts_note_undeclared(src->receipts, 1, ev);
}

/* A receipt is about all of its frame, also what stands behind it. */
void device_control_merged(struct device *dev, struct device_source *src,
			   const struct vi_event *first)
{
	struct merge *m = &dev->merge;

	/* It came after others, so nobody has looked at it. */
	device_control_greet(dev, src, first);
	for (unsigned int i = 0; i < m->n_control; i++)
		if (!is_known(dev, src, vi_type(&m->control[i])))
			refuse(m, src, &m->control[i]);
	for (unsigned int i = 0; src->receipts && i < m->n_control; i++)
		if (vi_type(&m->control[i]) == CONTROL_RECEIPT)
			ask(dev, src, (uint32_t)vi_value(&m->control[i]));
	m->n_control = 0;
}

void device_control_dropped(struct device_source *src,
			    const struct vi_event *ev, size_t n)
{
	size_t i = 0;

	while (i < n - 1 && control_is(&ev[i]))
		i++;
	receipts_note(src->receipts, CONTROL_CANCELLED, i < n - 1);
}

/* A part of a frame cannot wait: others' frames would have to, too. */
static bool is_patient(const struct device_source *src)
{
	const struct receipts *r = src->receipts;

	return r && r->lossless_ms && !r->expired && !src->gone &&
	       !src->partial;
}

bool device_control_waits(const struct device_source *src)
{
	return is_patient(src) && !device_control_cancelled(src);
}

bool device_control_keeps_out(const struct device *dev)
{
	const struct device_source *src = dev->out_asker;

	if (dev->out_promised > dev->count.events_out)
		return true;
	return src && is_on_its_way(dev, src) && is_patient(src);
}

void device_control_folded(struct device *dev, bool no_driver)
{
	struct device_source *src = dev->out_asker;

	if (src)
		receipts_fold_after(src->receipts, dev->count.events_out,
				    no_driver);
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

/*
 * In one write: a socket has room for a few hundred of those, however short.
 */
static void answer_some(struct device *dev, struct device_source *src)
{
	struct receipts *r = src->receipts;
	struct vi_event ev[ANSWERS_MAX];
	unsigned int answers = 0;
	size_t n = 0;
	bool sent;

	while (n <= ANSWERS_MAX - RECEIPTS_ANSWER_MAX &&
	       receipts_due(r, answers, dev->taken))
		n += receipts_answer(r, answers++, &ev[n]);
	sent = answer(dev, src, ev, n);
	receipts_answered(r, answers, sent);
	dev->owed -= answers;
	if (!sent)
		dev->count.receipts_lost += answers;
}

void device_answer_stopped(struct device *dev)
{
	struct device_source *src;

	LIST_FOREACH (src, &dev->askers, asker) {
		while (receipts_due(src->receipts, 0, dev->taken))
			answer_some(dev, src);
	}
}

void device_answer(struct device *dev, uint64_t unreturned)
{
	const uint64_t out = dev->count.events_out;

	if (unreturned < out && out - unreturned > dev->taken)
		dev->taken = out - unreturned;
	device_answer_stopped(dev);
}

void device_driver_gone(struct device *dev)
{
	struct device_source *src;

	LIST_FOREACH (src, &dev->askers, asker) {
		receipts_driver_gone(src->receipts, dev->taken,
				     dev->count.events_out);
	}
	dev->out_promised = 0;
	dev->taken = dev->count.events_out;
}

void device_control_other_driver(struct device *dev)
{
	struct device_source *src;

	LIST_FOREACH (src, &dev->askers, asker) {
		src->receipts->now.no_driver |=
			src->waiting && src->receipts->frame_end;
		src->receipts->driver_sent = -1;
	}
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
	const bool changed = driver != dev->driver;
	struct device_source *src;

	dev->driver = driver;
	if (changed && driver == CONTROL_DRIVER_NO_VMM)
		device_driver_gone(dev);
	if (changed && driver != CONTROL_DRIVER_RUNNING)
		device_answer_stopped(dev);
	LIST_FOREACH (src, &dev->askers, asker) {
		/* Its socket may have had no space then. */
		if (!src->receipts->hello_sent)
			say_hello(dev, src);
		send_driver(dev, src);
	}
}

/* --- limits --- */

static bool may_be_folded(const struct device *dev,
			  const struct device_source *src)
{
	return (src->waiting && device_control_waits(src)) ||
	       (is_on_its_way(dev, src) && is_patient(src));
}

/* Return: in how many ms the source's frames are folded, 0: now, -1: not. */
static int64_t source_limit(const struct device *dev, struct device_source *src,
			    uint64_t now_ms)
{
	struct receipts *r = src->receipts;
	uint64_t waited;

	if (!dev->view.folded)
		r->expired = false;
	if (!dev->view.folded || !may_be_folded(dev, src)) {
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

	LIST_FOREACH (src, &dev->askers, asker) {
		const int64_t left = source_limit(dev, src, now_ms);

		if (left >= 0 && (least < 0 || left < least))
			least = left;
	}
	return least;
}

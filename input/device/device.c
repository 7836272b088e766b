/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   sources ─► waiting (round robin) ─► merge ─► view.out ─► sink
 *
 * A source is in `waiting` while it has a whole frame, or is gone and has
 * something to release. Taking one frame of each in turn keeps the order fair:
 * a key of one source waits for at most one frame of each other.
 */
#include <errno.h>
#include <stdlib.h>

#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/device/device-control.h"
#include "input/device/device-ledger.h"
#include "input/device/device-merge.h"
#include "input/device/device.h"

struct device *device_new(const struct spec *spec,
			  const struct device_sink *sink)
{
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->spec = spec;
	dev->sink = *sink;
	TAILQ_INIT(&dev->waiting);
	LIST_INIT(&dev->askers);
	dev->merge.control = dev->control;
	merge_init(&dev->merge, spec);
	guest_view_init(&dev->view, spec);
	return dev;
}

void device_free(struct device *dev)
{
	free(dev);
}

/* All but src->src, which is large and initialised by itself. */
static void begin_source(struct device_source *src)
{
	src->persistent = NULL;
	src->waiting = src->gone = src->partial = false;
	src->cancel = 0;
	src->receipts = NULL;
}

int device_attach(struct device *dev, struct device_source *src, bool packets)
{
	begin_source(src);
	return source_init(&src->src, packets);
}

WARM int device_received(struct device *dev, struct device_source *src,
			 size_t n)
{
	const struct vi_event *ev;
	int r = source_received(&src->src, n);
	uint64_t waits = src->src.tail - src->src.head;

	if (src->persistent)
		persistent_source_commit(src->persistent);
	if (waits > dev->count.queue_longest)
		dev->count.queue_longest = waits;
	if (src->receipts)
		device_control_received(dev, src, r ? 0 : n);
	if (source_frame(&src->src, &ev)) {
		if (control_is(ev))
			device_control_greet(dev, src, ev);
		device_wait_in_line(dev, src);
	}
	return r;
}

void device_attach_persistent(struct device *dev, struct device_source *src,
			      bool packets, unsigned int i)
{
	const struct vi_event *ev;
	size_t n;

	begin_source(src);
	src->persistent = &dev->persistent->source[i];
	n = persistent_source_start(dev->persistent, src->persistent, &src->src,
				    packets, dev->converted);
	device_ledger_resume(dev, src->persistent, n);
	if (dev->ledger.awaits)
		persistent_source_commit(src->persistent);
	else if (dev->ledger.undecided)
		persistent_source_skip(dev->persistent, src->persistent);
	else
		persistent_source_settle(dev->persistent, src->persistent);
	device_control_resume(dev, src);
	if (source_frame(&src->src, &ev))
		device_wait_in_line(dev, src);
}

void device_set_persistent(struct device *dev, struct persistent *persistent)
{
	dev->persistent = persistent;
	device_ledger_load(dev);
}

void device_detach(struct device *dev, struct device_source *src)
{
	src->gone = true;
	device_wait_in_line(dev, src);
}

void device_abandon(struct device *dev, struct device_source *src)
{
	device_control_end(dev, src);
	source_fini(&src->src);
}

static void fold_out(struct device *dev, bool keep)
{
	if (!keep && !dev->view.done)
		device_control_folded(dev, !dev->guest);
	dev->merge.avoid_slots = guest_view_fold(&dev->view, keep);
}

/* From now on no injector waits for the guest unless it asked for that. */
static void device_fold(struct device *dev)
{
	if (!dev->view.folded)
		fold_out(dev, device_control_keeps_out(dev));
}

/* The frame that was kept on its way waits no longer. */
static void fold_kept(struct device *dev)
{
	if (guest_view_left(&dev->view) && !dev->view.done &&
	    !device_control_keeps_out(dev))
		fold_out(dev, false);
}

/* Not inline: a state is large, and so is the stack that once had one. */
static __attribute__((noinline)) void unfold_contacts(struct device *dev)
{
	struct state between;
	bool lifts = merge_lifts_first(&dev->merge, &dev->view.state, &between);

	/* The resync frame selects slots itself. */
	dev->merge.now.slot = -1;
	guest_view_unfold(&dev->view, lifts ? &between : NULL, &dev->merge.now);
}

static void device_unfold(struct device *dev)
{
	if (dev->merge.mt)
		unfold_contacts(dev);
	else
		guest_view_unfold(&dev->view, NULL, &dev->merge.now);
	dev->merge.avoid_slots = 0;
	dev->ledger.keeps = false;
	if (guest_view_left(&dev->view))
		dev->count.resyncs++;
}

void device_suspect_all(struct device *dev)
{
	guest_view_suspect_all(&dev->view);
}

/* Return: whether nothing is left on its way. */
static bool deliver_out(struct device *dev)
{
	struct guest_view *view = &dev->view;
	size_t left;

	while ((left = guest_view_left(view))) {
		const size_t n = dev->sink.put(dev->sink.arg,
					       guest_view_next(view), left);

		guest_view_delivered(view, n);
		dev->count.events_out += n;
		if (n < left)
			return false;
		dev->count.frames_out++;
	}
	return true;
}

/* Return: the first in line of which a frame can be folded, NULL: none. */
static struct device_source *next_to_fold(const struct device *dev)
{
	struct device_source *src = TAILQ_FIRST(&dev->waiting);

	while (src && device_control_waits(src))
		src = TAILQ_NEXT(src, link);
	return src;
}

/* Merge everything that may be folded without delivering it. */
static void absorb_all(struct device *dev)
{
	while (device_merge_next(dev, next_to_fold(dev), &dev->unseen)) {
		guest_view_absorb(&dev->view, &dev->unseen);
		dev->count.folded++;
	}
}

/*
 * At the end of a batch. While the previous process' driver may come back, the
 * file is what that process left.
 */
static void device_save(struct device *dev)
{
	if (dev->persistent && !dev->ledger.awaits && !dev->ledger.closed)
		device_ledger_save(dev);
}

WARM void device_commit(struct device *dev)
{
	struct persistent *p = dev->persistent;

	if (dev->ledger.awaits || dev->ledger.closed)
		return;
	for (unsigned int i = 0; p && i < p->n; i++)
		if (p->source[i].src)
			persistent_source_shown(p, &p->source[i]);
}

/* Outside a batch: nothing is left to publish. */
static void save_now(struct device *dev)
{
	device_save(dev);
	device_commit(dev);
}

/* Another driver than that of the previous process. */
static void forget_driver(struct device *dev)
{
	if (!dev->ledger.undecided)
		return;
	device_ledger_drop(dev);
	if (dev->overflow == DEVICE_FOLD)
		absorb_all(dev);
}

void device_driver_started(struct device *dev)
{
	forget_driver(dev);
	dev->guest = dev->had_driver = true;
	device_driver_gone(dev);
	device_control_other_driver(dev);
	guest_view_restart(&dev->view);
	dev->merge.avoid_slots = 0;
}

void device_note_driver(struct device *dev)
{
	if (dev->persistent && dev->guest && !dev->ledger.last.runs)
		save_now(dev);
}

bool device_driver_returned(struct device *dev, uint32_t at, bool used)
{
	if (!device_ledger_returned(dev, at, used))
		return false;
	dev->guest = dev->had_driver = true;
	device_driver_gone(dev);
	device_control_other_driver(dev);
	dev->merge.avoid_slots = 0;
	save_now(dev);
	return true;
}

void device_driver_resumed(struct device *dev)
{
	device_ledger_drop(dev);
	dev->guest = dev->had_driver = true;
}

void device_driver_stopped(struct device *dev)
{
	dev->guest = false;
	if (dev->overflow == DEVICE_FOLD)
		device_fold(dev);
	save_now(dev);
}

void device_leave(struct device *dev)
{
	dev->ledger.closed = true;
}

bool device_awaits(const struct device *dev)
{
	return dev->ledger.awaits;
}

bool device_keeps(const struct device *dev)
{
	return dev->ledger.keeps;
}

void device_stalled(struct device *dev)
{
	if (dev->overflow != DEVICE_FOLD)
		return;
	device_ledger_assume(dev);
	if (dev->view.folded)
		return;
	dev->count.stalls++;
	device_fold(dev);
	save_now(dev);
}

static bool pump_sources(struct device *dev)
{
	struct guest_view *view = &dev->view;
	struct device_source *src;

	for (;;) {
		if (dev->guest && !deliver_out(dev))
			break;
		if (view->folded) {
			if (dev->guest && dev->sink.ready(dev->sink.arg)) {
				device_unfold(dev);
				continue;
			}
			break;
		}
		src = TAILQ_FIRST(&dev->waiting);
		if (!dev->guest || !src)
			return false;
		if (!device_pass_waiting(dev, src))
			device_merge_next(dev, src, &view->out);
	}
	if (view->folded && dev->overflow == DEVICE_FOLD &&
	    !dev->ledger.keeps) {
		fold_kept(dev);
		absorb_all(dev);
	}
	return true;
}

WARM bool device_pump(struct device *dev)
{
	bool left;

	device_note_driver(dev);
	left = pump_sources(dev);
	device_save(dev);
	return left;
}

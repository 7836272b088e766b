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

#include "input/device/device.h"

struct device *device_new(const struct spec *spec,
			  const struct device_sink *sink)
{
	/* Most of it are buffers: pages that calloc() leaves untouched. */
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->spec = spec;
	dev->sink = *sink;
	dev->overflow = DEVICE_FOLD;
	TAILQ_INIT(&dev->waiting);
	merge_init(&dev->merge, spec);
	guest_view_init(&dev->view, spec);
	return dev;
}

void device_free(struct device *dev)
{
	free(dev);
}

int device_attach(struct device *dev, struct device_source *src, bool packets)
{
	src->waiting = false;
	src->gone = false;
	src->persistent = NULL;
	return source_init(&src->src, packets);
}

static void wait_in_line(struct device *dev, struct device_source *src)
{
	if (src->waiting)
		return;
	src->waiting = true;
	TAILQ_INSERT_TAIL(&dev->waiting, src, link);
}

int device_received(struct device *dev, struct device_source *src, size_t n)
{
	const struct vi_event *ev;
	int r = source_received(&src->src, n);
	uint64_t waits = src->src.tail - src->src.head;

	if (src->persistent)
		persistent_source_commit(src->persistent);
	if (waits > dev->count.queue_longest)
		dev->count.queue_longest = waits;
	if (source_frame(&src->src, &ev))
		wait_in_line(dev, src);
	return r;
}

/*
 * What a process before us left behind is merged before any guest is there. Who
 * moved an axis last, and whose contact is the oldest, is not known any more;
 * where the axes were is.
 */
static void take_up(struct device *dev, struct merge_source *held, size_t n)
{
	if (n)
		merge_frame(&dev->merge, held, dev->view.out.ev, n,
			    &dev->unseen);
	dev->view.out.n = 0;
	persistent_state_load(dev->persistent, dev->spec, &dev->merge.now);
}

void device_attach_persistent(struct device *dev, struct device_source *src,
			      bool packets, unsigned int i)
{
	const struct vi_event *ev;
	size_t n;

	src->waiting = false;
	src->gone = false;
	src->persistent = &dev->persistent->source[i];
	n = persistent_source_start(src->persistent, &src->src, packets,
				    dev->view.out.ev);
	take_up(dev, &src->src.held, n);
	persistent_source_save(src->persistent, spec_slots(dev->spec));
	persistent_source_commit(src->persistent);
	if (source_frame(&src->src, &ev))
		wait_in_line(dev, src);
}

void device_keep(struct device *dev, struct persistent *persistent)
{
	dev->persistent = persistent;
	merge_know_mt_axes(&dev->merge, persistent_mt_axes(persistent));
	persistent_state_load(persistent, dev->spec, &dev->merge.now);
}

void device_detach(struct device *dev, struct device_source *src)
{
	src->gone = true;
	wait_in_line(dev, src);
}

/* The guest has the frame that stayed in the file, or will not get it. */
static void keep_back_no_more(struct device *dev)
{
	if (dev->telling)
		dev->telling->src->behind = 0;
	dev->telling = NULL;
}

/* Nobody waits any more, not even for the space of a frame that is begun. */
static void fold(struct device *dev)
{
	if (dev->view.folded)
		return;
	dev->merge.avoid_slots = guest_view_fold(&dev->view);
	keep_back_no_more(dev);
}

static void unfold(struct device *dev)
{
	/* The stream's slot is the resync frame's: not what was merged last. */
	dev->merge.now.slot = -1;
	guest_view_unfold(&dev->view, &dev->merge.now);
	dev->merge.avoid_slots = 0;
	if (guest_view_left(&dev->view))
		dev->count.resyncs++;
}

void device_suspect_all(struct device *dev)
{
	guest_view_suspect_all(&dev->view);
}

void device_driver_started(struct device *dev)
{
	dev->guest = dev->had_driver = true;
	guest_view_restart(&dev->view);
	dev->merge.avoid_slots = 0;
}

void device_driver_resumed(struct device *dev)
{
	dev->guest = dev->had_driver = true;
}

void device_driver_stopped(struct device *dev)
{
	dev->guest = false;
	if (dev->overflow == DEVICE_FOLD)
		fold(dev);
}

void device_stalled(struct device *dev)
{
	if (dev->overflow != DEVICE_FOLD || dev->view.folded)
		return;
	dev->count.stalls++;
	fold(dev);
}

/* Keep a frame of n events, which is taken to be told, until the guest has it.
 */
static void keep_back(struct device *dev, struct persistent_source *ps,
		      size_t n)
{
	ps->slot_behind = ps->src->held.slot;
	ps->src->behind = n * sizeof(struct vi_event);
	dev->telling = ps;
}

/*
 * Merge the next waiting source's next frame, or the release of one that is
 * gone, into *out. Return: false if no source waits.
 */
static bool merge_next(struct device *dev, struct frame *out)
{
	struct device_source *src = TAILQ_FIRST(&dev->waiting);
	const struct vi_event *ev;
	size_t n;

	if (!src)
		return false;
	TAILQ_REMOVE(&dev->waiting, src, link);
	src->waiting = false;
	n = source_frame(&src->src, &ev);
	if (n) {
		dev->count.frames_in++;
		dev->count.events_in += n;
		src->src.behind = 0;
		if (src->persistent && out == &dev->view.out)
			keep_back(dev, src->persistent, n);
		merge_frame(&dev->merge, &src->src.held, ev, n, out);
		source_consume(&src->src, n);
		if (src->persistent)
			src->persistent->changed = true;
		if (src->gone || source_frame(&src->src, &ev))
			wait_in_line(dev, src);
		return true;
	}
	merge_release(&dev->merge, &src->src.held, out);
	dev->count.releases += out->n != 0;
	source_fini(&src->src);
	if (src->persistent)
		persistent_source_end(src->persistent);
	dev->sink.released(dev->sink.arg, src);
	return true;
}

/* Return: whether all of the frame on its way could be delivered. */
static bool deliver(struct device *dev)
{
	struct guest_view *view = &dev->view;
	size_t left = guest_view_left(view);
	size_t n = 0;

	if (left) {
		n = dev->sink.put(dev->sink.arg, guest_view_next(view), left);
		guest_view_delivered(view, n);
		dev->count.events_out += n;
		dev->count.frames_out += n == left;
	}
	if (n == left)
		keep_back_no_more(dev);
	return n == left;
}

/* Everything that waits goes into the state, and the guest sees none of it. */
static void swallow_all(struct device *dev)
{
	while (merge_next(dev, &dev->unseen)) {
		guest_view_swallow(&dev->view, &dev->unseen);
		dev->count.folded++;
	}
}

static bool pump(struct device *dev)
{
	struct guest_view *view = &dev->view;

	for (;;) {
		if (dev->guest && !deliver(dev))
			break;
		if (view->folded) {
			if (dev->guest && dev->sink.ready(dev->sink.arg)) {
				unfold(dev);
				continue;
			}
			break;
		}
		if (!dev->guest || !merge_next(dev, &view->out))
			return false;
	}
	if (view->folded && dev->overflow == DEVICE_FOLD)
		swallow_all(dev);
	return true;
}

static void save(struct device *dev)
{
	struct persistent *p = dev->persistent;

	persistent_state_save(p, &dev->merge);
	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			persistent_source_save(&p->source[i],
					       spec_slots(dev->spec));
}

bool device_pump(struct device *dev)
{
	bool left = pump(dev);

	if (dev->persistent)
		save(dev);
	return left;
}

void device_commit(struct device *dev)
{
	struct persistent *p = dev->persistent;

	if (!guest_view_left(&dev->view))
		keep_back_no_more(dev);
	for (unsigned int i = 0; p && i < p->n; i++)
		if (p->source[i].src)
			persistent_source_commit(&p->source[i]);
}

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
#include "input/device/device.h"

struct device *device_new(const struct spec *spec,
			  const struct device_sink *sink)
{
	/* Most of it are buffers, whose pages cost nothing until used. */
	struct device *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return NULL;
	dev->spec = spec;
	dev->sink = *sink;
	TAILQ_INIT(&dev->waiting);
	LIST_INIT(&dev->askers);
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

static void wait_in_line(struct device *dev, struct device_source *src)
{
	if (src->waiting)
		return;
	src->waiting = true;
	TAILQ_INSERT_TAIL(&dev->waiting, src, link);
}

HOT int device_received(struct device *dev, struct device_source *src, size_t n)
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
		wait_in_line(dev, src);
	}
	return r;
}

/*
 * Merge what the previous process left, before there is a guest. Which source
 * moved an axis last and which contact is the oldest is lost; the values of the
 * axes are not.
 */
static void resume_held(struct device *dev, struct merge_source *held, size_t n)
{
	if (n)
		merge_again(&dev->merge, held, dev->view.out.ev, n,
			    &dev->unseen);
	dev->view.out.n = 0;
	persistent_state_load(dev->persistent, dev->spec, &dev->merge.now);
}

void device_attach_persistent(struct device *dev, struct device_source *src,
			      bool packets, unsigned int i)
{
	const struct vi_event *ev;
	size_t n;

	begin_source(src);
	src->persistent = &dev->persistent->source[i];
	n = persistent_source_start(dev->persistent, src->persistent, &src->src,
				    packets, dev->view.out.ev);
	resume_held(dev, &src->src.held, n);
	persistent_source_save(src->persistent, spec_slots(dev->spec));
	persistent_source_commit(src->persistent);
	device_control_resume(dev, src);
	if (source_frame(&src->src, &ev))
		wait_in_line(dev, src);
}

void device_set_persistent(struct device *dev, struct persistent *persistent)
{
	dev->persistent = persistent;
	persistent_merge_load(persistent, &dev->merge);
	persistent_state_load(persistent, dev->spec, &dev->merge.now);
	device_ledger_load(dev);
}

void device_detach(struct device *dev, struct device_source *src)
{
	src->gone = true;
	wait_in_line(dev, src);
}

void device_abandon(struct device *dev, struct device_source *src)
{
	device_control_end(dev, src);
	source_fini(&src->src);
}

/* The guest has all of the retained frame, or will not get the rest. */
static void stop_retaining(struct device *dev)
{
	if (dev->retained)
		dev->retained->src->behind = 0;
	dev->retained = NULL;
}

static void fold_out(struct device *dev, bool keep)
{
	if (!keep && !dev->view.done)
		device_control_folded(dev, !dev->guest);
	dev->merge.avoid_slots = guest_view_fold(&dev->view, keep);
	if (!keep)
		stop_retaining(dev);
}

/*
 * From now on no injector waits for the guest unless it asked for that, not
 * even for the space that a retained frame takes up.
 */
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

static void device_unfold(struct device *dev)
{
	struct state between;
	bool lifts = merge_lifts_first(&dev->merge, &dev->view.state, &between);

	/* The resync frame selects slots itself. */
	dev->merge.now.slot = -1;
	guest_view_unfold(&dev->view, lifts ? &between : NULL, &dev->merge.now);
	dev->merge.avoid_slots = 0;
	if (guest_view_left(&dev->view))
		dev->count.resyncs++;
}

void device_suspect_all(struct device *dev)
{
	guest_view_suspect_all(&dev->view);
}

/* Keep n events that were merged in the source's buffer: not delivered yet. */
static void retain_events(struct device *dev, struct persistent_source *ps,
			  size_t n, int slot)
{
	ps->slot_behind = slot;
	ps->src->behind = n * sizeof(struct vi_event);
	dev->retained = ps;
}

/* A source that is gone has no more frames. */
static void release_source(struct device *dev, struct device_source *src,
			   struct frame *out)
{
	merge_release(&dev->merge, &src->src.held, out);
	dev->count.releases += out->n != 0;
	source_fini(&src->src);
	if (src->persistent && src->persistent == dev->retained)
		stop_retaining(dev);
	if (src->persistent)
		persistent_source_end(src->persistent);
	device_control_end(dev, src);
	dev->sink.released(dev->sink.arg, src);
}

/*
 * Give a frame's contacts slots (type-a.h). What the source holds says which it
 * had, so that they survive this process with it.
 * Return: the number of events in dev->converted.
 */
static size_t give_slots(struct device *dev, const struct merge_source *held,
			 const struct vi_event *ev, size_t n)
{
	struct type_a *ta = &dev->type_a;

	ta->slots = spec_slots(dev->spec);
	ta->first_id = TYPE_A_OWN_IDS;
	for (unsigned int slot = 0; slot < ta->slots; slot++) {
		const struct state_contact *c = &held->contact[slot];

		ta->contact[slot] = (struct type_a_contact){
			.id = c->id,
			.x = c->axis[ABS_MT_POSITION_X - STATE_MT_FIRST],
			.y = c->axis[ABS_MT_POSITION_Y - STATE_MT_FIRST],
		};
	}
	return type_a_convert(ta, ev, n, dev->converted);
}

/*
 * As merge_frame(). The rest of a converted frame stays in dev->converted. The
 * slots of such a frame are ours: the one that the source has selected stays.
 */
static size_t merge_converted(struct device *dev, struct source *src,
			      const struct vi_event *ev, size_t n,
			      struct frame *out)
{
	const int selected = src->held.slot;

	if (!dev->converted_n) {
		dev->converted_n = give_slots(dev, &src->held, ev, n);
		dev->converted_at = 0;
	}
	src->held.slot = dev->converted_slot;
	dev->converted_at += merge_frame(
		&dev->merge, &src->held, dev->converted + dev->converted_at,
		dev->converted_n - dev->converted_at, out);
	dev->converted_slot = src->held.slot;
	src->held.slot = selected;
	if (dev->converted_at < dev->converted_n)
		return 0;
	dev->converted_n = 0;
	return n;
}

static size_t merge_events(struct device *dev, struct device_source *src,
			   const struct vi_event *ev, size_t n,
			   struct frame *out)
{
	return src->src.type_a && dev->merge.mt
		       ? merge_converted(dev, &src->src, ev, n, out)
		       : merge_frame(&dev->merge, &src->src.held, ev, n, out);
}

/* What the merge has counted of a source that asks. */
static void note_counted(struct receipts *r,
			 const struct merge_counters *before,
			 const struct merge *m)
{
	const struct merge_counters *now = &m->count;

	receipts_note_undeclared(r, now->undeclared - before->undeclared,
				 &m->undeclared);
	receipts_note(r, CONTROL_CLAMPED, now->clamped - before->clamped);
	receipts_note(r, CONTROL_DROPPED,
		      now->bad_slot - before->bad_slot + now->no_slot -
			      before->no_slot);
}

/* A frame, or a part of it, of a source that asks was merged into *out. */
static void note_asker(struct device *dev, struct device_source *src,
		       const struct merge_counters *before,
		       const struct frame *out)
{
	struct receipts *r = src->receipts;
	uint64_t position = dev->count.events_out;

	note_counted(r, before, &dev->merge);
	if (out == &dev->view.out) {
		position += guest_view_left(&dev->view);
		dev->out_asker = src;
	} else if (out->n) {
		receipts_note(r, CONTROL_FOLDED, 1);
		r->now.no_driver |= !dev->guest;
	}
	receipts_merged(r, position);
}

/*
 * The frame of a source that asks: as merge_source_frame() without it. Return:
 * the number of events that were merged or dropped.
 */
static __attribute__((noinline, cold)) size_t merge_asker(
	struct device *dev, struct device_source *src,
	const struct vi_event *ev, size_t n, struct frame *out)
{
	const struct merge_counters before = dev->merge.count;
	size_t done = n;

	if (device_control_cancelled(src)) {
		device_control_dropped(src, ev, n);
		out->n = 0;
	} else {
		done = merge_events(dev, src, ev, n, out);
		src->partial = done < n;
		note_asker(dev, src, &before, out);
	}
	device_control_passed(src, done);
	return done;
}

/* Merge the source's next frame, of n events, or the first part of it. */
static void merge_source_frame(struct device *dev, struct device_source *src,
			       const struct vi_event *ev, size_t n,
			       struct frame *out)
{
	const int slot = src->src.held.slot;
	const size_t done = src->receipts ? merge_asker(dev, src, ev, n, out)
					  : merge_events(dev, src, ev, n, out);

	dev->count.events_in += done;
	/* One that is being converted stays, as one of type A. */
	if (done)
		source_consume(&src->src, done);
	src->src.behind = 0;
	if (src->persistent) {
		src->persistent->changed = true;
		if (src->persistent->unsure)
			device_ledger_again(dev, src->persistent, ev, done);
		if (out == &dev->view.out)
			retain_events(dev, src->persistent, done, slot);
	}
	if (done < n) {
		src->waiting = true;
		TAILQ_INSERT_HEAD(&dev->waiting, src, link);
		return;
	}
	dev->count.frames_in++;
	if (dev->merge.n_control)
		device_control_merged(dev, src, ev);
	if (src->gone || source_frame(&src->src, &ev))
		wait_in_line(dev, src);
}

/*
 * Merge the waiting source's next frame, or the release of one that is gone,
 * into *out. Return: false if there is no source.
 */
static HOT bool merge_next(struct device *dev, struct device_source *src,
			   struct frame *out)
{
	const struct vi_event *ev;
	size_t n;

	if (!src)
		return false;
	TAILQ_REMOVE(&dev->waiting, src, link);
	src->waiting = false;
	n = source_frame(&src->src, &ev);
	if (n)
		merge_source_frame(dev, src, ev, n, out);
	else
		release_source(dev, src, out);
	return true;
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
	stop_retaining(dev);
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
	while (merge_next(dev, next_to_fold(dev), &dev->unseen)) {
		guest_view_absorb(&dev->view, &dev->unseen);
		dev->count.folded++;
	}
}

/* Merge, without delivering it, what the guest was shown by a predecessor. */
static void absorb_unsure(struct device *dev)
{
	for (unsigned int i = 0; i < dev->persistent->n; i++) {
		struct persistent_source *ps = &dev->persistent->source[i];

		while (ps->src && ps->unsure) {
			struct device_source *src = container_of(
				ps->src, struct device_source, src);

			if (!src->waiting ||
			    !merge_next(dev, src, &dev->unseen))
				break;
			guest_view_absorb(&dev->view, &dev->unseen);
		}
	}
}

/*
 * At the end of a batch. While the previous process' driver may come back, the
 * file is what that process left.
 */
static void device_save(struct device *dev)
{
	struct persistent *p = dev->persistent;

	if (!p || dev->ledger.awaits || dev->ledger.closed)
		return;
	persistent_state_save(p, &dev->merge);
	for (unsigned int i = 0; i < p->n; i++)
		if (p->source[i].src)
			persistent_source_save(&p->source[i],
					       spec_slots(dev->spec));
	device_ledger_save(dev);
}

HOT void device_commit(struct device *dev)
{
	struct persistent *p = dev->persistent;

	if (!guest_view_left(&dev->view))
		stop_retaining(dev);
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

bool device_driver_returned(struct device *dev, uint32_t at)
{
	bool shown;

	if (!device_ledger_knows(dev, at, &shown))
		return false;
	if (shown)
		absorb_unsure(dev);
	device_ledger_settle(dev, shown);
	dev->guest = dev->had_driver = true;
	device_driver_gone(dev);
	device_control_other_driver(dev);
	dev->merge.avoid_slots = 0;
	/* Before the sources are committed. */
	dev->ledger.ring = true;
	dev->ledger.at = at;
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

void device_stalled(struct device *dev)
{
	if (dev->overflow != DEVICE_FOLD)
		return;
	dev->ledger.awaits = false;
	if (dev->view.folded)
		return;
	dev->count.stalls++;
	device_fold(dev);
	save_now(dev);
}

static bool pump_sources(struct device *dev)
{
	struct guest_view *view = &dev->view;

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
		if (!dev->guest ||
		    !merge_next(dev, TAILQ_FIRST(&dev->waiting), &view->out))
			return false;
	}
	if (view->folded && dev->overflow == DEVICE_FOLD &&
	    !dev->ledger.awaits) {
		fold_kept(dev);
		absorb_all(dev);
	}
	return true;
}

/*
 * Return: the length of the first frame; 0 if it is not whole, or has events
 * that are not merged one by one: requests, and contacts without slots.
 */
static inline size_t plain_frame(const struct vi_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint16_t type = vi_type(&ev[i]);

		if (type >= CONTROL_FIRST)
			return 0;
		if (type == EV_SYN)
			return vi_code(&ev[i]) == SYN_REPORT ? i + 1 : 0;
	}
	return 0;
}

/* Return: how many of its events are merged. */
static inline size_t pass_frame(struct device *dev, struct device_source *src,
				const struct vi_event *ev, size_t n)
{
	const size_t done =
		merge_frame(&dev->merge, &src->src.held, ev, n, &dev->view.out);

	dev->count.events_in += done;
	dev->count.frames_in += done == n;
	return done;
}

/*
 * As deliver_out(). show: let the guest have it, and only then note that it
 * does. Return: whether nothing is left.
 */
static inline bool pass_out(struct device *dev, bool show)
{
	struct guest_view *view = &dev->view;
	const size_t left = guest_view_left(view);
	size_t n = 0;

	if (left)
		n = dev->sink.put(dev->sink.arg, guest_view_next(view), left);
	if (show || n < left)
		dev->sink.show(dev->sink.arg);
	if (!left)
		return true;
	guest_view_delivered(view, n);
	dev->count.events_out += n;
	dev->count.frames_out += n == left;
	return n == left && !guest_view_left(view);
}

HOT size_t device_pass(struct device *dev, struct device_source *src,
		       const struct vi_event *ev, size_t n)
{
	size_t at = 0, len = plain_frame(ev, n);
	bool good = true;

	if (n * sizeof(*ev) > dev->count.queue_longest)
		dev->count.queue_longest = n * sizeof(*ev);
	while (good && len) {
		const size_t done = pass_frame(dev, src, &ev[at], len);

		at += done;
		good = done == len;
		len = good ? plain_frame(&ev[at], n - at) : 0;
		good &= pass_out(dev, !len);
	}
	return at;
}

HOT bool device_pump(struct device *dev)
{
	bool left;

	if (dev->persistent && dev->guest && !dev->ledger.runs)
		save_now(dev);
	left = pump_sources(dev);
	device_save(dev);
	return left;
}

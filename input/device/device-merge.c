/* SPDX-License-Identifier: Apache-2.0 */
#include "input/base/hot.h"
#include "input/device/device-control.h"
#include "input/device/device-ledger.h"
#include "input/device/device-merge.h"

void device_wait_in_line(struct device *dev, struct device_source *src)
{
	if (src->waiting)
		return;
	src->waiting = true;
	TAILQ_INSERT_TAIL(&dev->waiting, src, link);
}

/* A source that is gone has no more frames. */
static void release_source(struct device *dev, struct device_source *src,
			   struct frame *out)
{
	merge_release(&dev->merge, &src->src.held, out);
	dev->count.releases += out->n != 0;
	source_fini(&src->src);
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
	const size_t done = src->receipts ? merge_asker(dev, src, ev, n, out)
					  : merge_events(dev, src, ev, n, out);

	dev->count.events_in += done;
	/* One that is being converted stays, as one of type A. */
	if (done)
		source_consume(&src->src, done);
	if (src->persistent)
		persistent_source_changed(src->persistent);
	if (done < n) {
		src->waiting = true;
		TAILQ_INSERT_HEAD(&dev->waiting, src, link);
		return;
	}
	dev->count.frames_in++;
	if (dev->merge.n_control)
		device_control_merged(dev, src, ev);
	if (src->gone || source_frame(&src->src, &ev))
		device_wait_in_line(dev, src);
}

WARM bool device_merge_next(struct device *dev, struct device_source *src,
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

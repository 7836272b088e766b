/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest has been sent, and the one frame on its way to it.
 *
 *	merged frame ─► out ──done──► delivered ─► state (the guest's)
 *	    │ folded: only its motion is added up, in rel; its keys, axes and
 *	    ▼         contacts are in merge.now anyway
 *	merge.now − state + rel ─► the resync frame ─► out
 *
 * While the guest has no buffers, frames are folded; when it has some again, it
 * gets the difference in a resync frame, or in two where a contact follows
 * another in its slot. A frame of which a part has been
 * delivered is always completed first. Pure.
 */
#ifndef VINPUT_GUEST_VIEW_H
#define VINPUT_GUEST_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/frame.h"
#include "input/device/state.h"
#include "input/spec/spec.h"

/*
 * Sums of motion saturate here. A value has 32 bits, so more would take
 * hundreds of frames to deliver.
 */
#define GUEST_VIEW_MOTION_MAX (INT64_C(1) << 40)

struct guest_view {
	int64_t rel[REL_CNT];	 /* motion that is in no frame yet */
	struct state state;	 /* including what was delivered of out */
	const struct spec *spec; /* borrowed */
	enum state_belief belief;
	bool folded;
	bool resync;	  /* out is a resync frame */
	bool cut;	  /* the guest may have a frame without its end */
	bool cut_contact; /* ... that put down or lifted a contact */
	size_t done;	  /* events of out that were delivered */
	bool moves;	  /* some of rel is to follow out, in its own frames */
	struct frame out; /* or, to resync, several: what is sent as one */
};

static inline int64_t guest_view_limit(int64_t sum)
{
	return sum > GUEST_VIEW_MOTION_MAX    ? GUEST_VIEW_MOTION_MAX
	       : sum < -GUEST_VIEW_MOTION_MAX ? -GUEST_VIEW_MOTION_MAX
					      : sum;
}

/* Folded: there is no driver, and the guest may know nothing. */
void guest_view_init(struct guest_view *view, const struct spec *spec);

/* Return: how many events of the frame on its way are not delivered yet. */
static inline size_t guest_view_left(const struct guest_view *view)
{
	return view->out.n - view->done;
}

static inline const struct vi_event *guest_view_next(
	const struct guest_view *view)
{
	return &view->out.ev[view->done];
}

/* All of the frame on its way was delivered: for guest_view_delivered(). */
void guest_view_ended(struct guest_view *view);
/*
 * The next n events were delivered. After the last one, motion that did not fit
 * into 32 bits is the next frame on its way.
 */
static inline void guest_view_delivered(struct guest_view *view, size_t n)
{
	const struct vi_event *ev = guest_view_next(view);

	state_apply_all(&view->state, ev, n);
	view->done += n;
	if (view->done == view->out.n)
		guest_view_ended(view);
}

/*
 * The guest has the beginning of a frame, and n events of it are left, fewer
 * than FRAME_OUT_MAX, which were written to view->out.ev[1] and the following;
 * nothing is on its way.
 * Return: NULL; or what is wrong with them, as in "it has ...".
 */
const char *guest_view_set_rest(struct guest_view *view, size_t n);

/*
 * Stop delivering: drop the frame on its way unless a part was delivered, or it
 * is to be kept.
 * Return: the slots in which the guest has a contact, for merge.avoid_slots.
 */
uint64_t guest_view_fold(struct guest_view *view, bool keep);

/* While folded: keep the motion of a frame that is not delivered. */
void guest_view_absorb(struct guest_view *view, const struct frame *frame);

/*
 * Resume delivering; nothing is on its way. Puts the resync frame into out,
 * which stays empty if the guest is up to date. between: see
 * merge_lifts_first(), NULL for none; out then has two frames, of which the
 * first leads there.
 */
void guest_view_unfold(struct guest_view *view, const struct state *between,
		       const struct state *now);

/*
 * It is unknown what the guest believes: any state that the device can have.
 * The next resync frame then has every key, switch and slot.
 */
void guest_view_suspect_all(struct guest_view *view);

/*
 * The guest's driver has started again and may have forgotten everything. The
 * frame on its way and undelivered motion are dropped.
 */
void guest_view_restart(struct guest_view *view);

/*
 * The driver is about to start and will find another device. The guest's state
 * stays as far as the new spec has it.
 */
void guest_view_change_spec(struct guest_view *view, const struct spec *spec);

#endif

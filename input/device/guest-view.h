/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the guest has been told, and the one frame that is on its way to it.
 *
 *          merged frame ─► out ──done──► delivered ─► state (the guest's)
 *              │ folded: only its motion is kept, in rel; its keys, axes and
 *              ▼         contacts are in merge.now anyway
 *   merge.now − state + rel ─► the resync frame ─► out
 *
 * While the guest takes nothing, frames are folded; when it takes again it is
 * told the difference in one resync frame. A frame that the guest has seen the
 * beginning of is always finished first. Pure.
 */
#ifndef VINPUT_GUEST_VIEW_H
#define VINPUT_GUEST_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/frame.h"
#include "input/spec/spec.h"
#include "input/device/state.h"

struct guest_view {
	const struct spec *spec; /* borrowed */
	struct state state;	 /* with what of `out` was delivered */
	enum state_belief belief;
	bool folded;
	bool resync;	      /* out is a resync frame */
	bool cut;	      /* the guest's frame may lack its end */
	size_t done;	      /* events of out that were delivered */
	int64_t rel[REL_CNT]; /* motion not told, while folded */
	struct frame out;
};

/* Folded, and believing that the guest knows nothing: no driver is there. */
void guest_view_init(struct guest_view *view, const struct spec *spec);

/* Return: events of the frame on its way that are to be delivered next. */
static inline size_t guest_view_left(const struct guest_view *view)
{
	return view->out.n - view->done;
}

static inline const struct vi_event *guest_view_next(
	const struct guest_view *view)
{
	return &view->out.ev[view->done];
}

/* The next n events were delivered. */
void guest_view_delivered(struct guest_view *view, size_t n);

/*
 * Stop telling: drop the frame on its way if the guest has seen nothing of it.
 * Return: the slots in which the guest believes a contact, for
 * merge.avoid_slots.
 */
uint64_t guest_view_fold(struct guest_view *view);

/* While folded: of a frame that is not told only its motion is kept. */
void guest_view_swallow(struct guest_view *view, const struct frame *frame);

/*
 * Go on telling; nothing is on its way. Puts the resync frame into `out`,
 * which stays empty when the guest knows all there is.
 */
void guest_view_unfold(struct guest_view *view, const struct state *now);

/*
 * What the guest believes cannot be known: it may be anything that the device
 * can say. The next resync frame then says every key, switch and slot.
 */
void guest_view_suspect_all(struct guest_view *view);

/*
 * The guest's driver has started anew: it may have forgotten everything. What
 * was on its way and motion not told are dropped.
 */
void guest_view_restart(struct guest_view *view);

/*
 * The driver is about to start and find another device. What of the guest's
 * state this one has, too, is not forgotten.
 */
void guest_view_change_spec(struct guest_view *view, const struct spec *spec);

#endif

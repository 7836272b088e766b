/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several sources, one device. Takes whole frames of each source and makes the
 * one frame that the guest is to see of it:
 *
 * - events that the spec does not declare are dropped, values clamped
 *   (frame.h);
 * - a key is down while any source holds it: a press while another source
 *   holds the key and a release while another still does are swallowed; what
 *   only repeats the source's own last word passes. Autorepeat (2) of a key
 *   that the source does not hold is a press;
 * - each source has its own slots and tracking IDs. They are mapped to the
 *   device's slots, lowest free one first, and to small tracking IDs unique
 *   among live contacts. A contact beyond the device's slots is dropped with
 *   all its events; it is not let in when a slot gets free. A new tracking ID
 *   on a live slot lifts the old contact first. After a slot out of range the
 *   source's MT events are dropped until it selects a good one;
 * - a contact begins with the axes that its slot has in its source, as it would
 *   if that source were alone: what the source does not say again is added at
 *   the end of the frame, so a source's filter of unchanged values does no harm
 *   when its contact comes to be in another slot;
 * - once a source sent an MT event, its BTN_TOUCH and BTN_TOOL_FINGER..
 *   QUINTTAP are not taken from it but computed: BTN_TOUCH is down while any
 *   contact is, BTN_TOOL_x says how many there are, each only if the spec
 *   declares it. ABS_X, ABS_Y and ABS_PRESSURE follow the oldest contact,
 *   unless its source sends ABS_X or ABS_Y itself: then that source's go.
 *
 * A frame that comes out empty is not told to the guest. Pure.
 */
#ifndef VINPUT_MERGE_H
#define VINPUT_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "input/device/frame.h"
#include "input/spec/spec.h"
#include "input/device/state.h"

/*
 * What one source holds. Embedded in struct source; struct merge points to it
 * from its first merge_frame() to merge_release().
 */
struct merge_source {
	LIST_ENTRY(merge_source) link;
	bool attached; /* in merge.sources */
	bool mt;       /* has sent an MT event */
	bool sends_xy; /* sends ABS_X or ABS_Y itself */
	int slot;      /* its selected slot, -1 after one out of range */
	int8_t slot_of[SPEC_SLOTS_MAX]; /* its slot → the device's, -1: none */
	uint8_t key[KEY_CNT / 8];
	uint64_t abs_known; /* axes it has moved */
	int32_t abs[ABS_CNT];
	/* By its slots, its IDs. Here axes outlive a contact, as in a kernel */
	struct state_contact contact[SPEC_SLOTS_MAX];
};

struct merge_counters {
	uint64_t undeclared; /* events dropped: not in the spec */
	uint64_t clamped;    /* values changed */
	uint64_t bad_slot;   /* events dropped: slot out of range */
	uint64_t no_slot;    /* contacts dropped: all slots taken */
	uint64_t no_contact; /* MT events put by: no contact in the slot */
	uint64_t empty;	     /* frames that came out empty */
};

struct merge {
	const struct spec *spec; /* borrowed */
	struct state now;	 /* what all the sources said: the truth */
	LIST_HEAD(merge_sources, merge_source) sources;
	uint16_t holders[KEY_CNT]; /* how many sources hold the key */
	struct merge_source *axis_owner[ABS_CNT]; /* who moved it last */

	/* Contacts (merge-touch.c). */
	uint64_t live; /* the device's slots with a contact */
	struct merge_source *slot_owner[SPEC_SLOTS_MAX];
	uint64_t slot_age[SPEC_SLOTS_MAX]; /* smaller is older */
	uint64_t next_age;
	uint16_t next_id;
	uint16_t mt_axes;   /* bits of state_contact.axis that were ever sent */
	uint8_t touch_keys; /* bits of touch_key[] that the contacts hold */
	uint64_t fresh; /* the source's slots with a new contact this frame */
	bool touched;	/* this frame changes contacts */
	/*
	 * Device slots not to give to a new contact while another is free:
	 * those in which the guest still believes an older contact, so that a
	 * resync frame need not lift and put down in one slot. Set by
	 * guest-view.h while frames are folded, else 0.
	 */
	uint64_t avoid_slots;
	struct merge_counters count;
};

void merge_init(struct merge *m, const struct spec *spec);
void merge_source_init(struct merge_source *src);

/* These MT axes were sent before, to another process; bits of mt_axes. */
void merge_know_mt_axes(struct merge *m, uint16_t axes);

/*
 * Merge one whole frame (n events, the last a SYN_REPORT, at most
 * FRAME_EVENTS_MAX before it) of a source. Applies it to m->now and sets *out
 * to what the guest is to see, with SYN_REPORT; out->n is 0 if nothing is left.
 * The first MT event of a frame is preceded by ABS_MT_SLOT if the stream's slot
 * (m->now.slot) is another or not known.
 */
void merge_frame(struct merge *m, struct merge_source *src,
		 const struct vi_event *ev, size_t n, struct frame *out);

/*
 * A source is gone: release what only it held, in one frame (*out, as above):
 * contacts lifted, keys up, axes with a rest back to it or to where another
 * source holds them. The source is as after merge_source_init().
 */
void merge_release(struct merge *m, struct merge_source *src,
		   struct frame *out);

#endif

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

#include <stddef.h>
#include <stdint.h>
#include "input/device/frame.h"
#include "input/device/merge-held.h"
#include "input/spec/spec.h"

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

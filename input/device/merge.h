/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges several sources into one device. For each whole frame of a source it
 * makes the frame that the guest gets:
 *
 * - Events that the spec does not declare are dropped, values clamped: frame.h.
 * - A key is down while any source holds it: a press while another source holds
 *   the key, and a release while another still does, are swallowed; repeating
 *   the source's own last value passes. An autorepeat (2) of a key that the
 *   source does not hold is a press.
 * - Each source has its own slots and tracking IDs. They are mapped to the
 *   device's slots, lowest free one first, and to small tracking IDs that are
 *   unique among live contacts. A contact beyond the device's slots is dropped
 *   with all its events, also when a slot becomes free later. A new tracking ID
 *   on a live slot lifts the old contact first. After a slot out of range the
 *   source's MT events are dropped until it selects a valid one.
 * - In one frame to the guest a slot's tracking ID changes once: programs drop
 *   a contact that is put down in the frame that lifts another one in its slot,
 *   or that lifts it again. A frame that requires more is delivered as several.
 *   Where such a part leaves no contact, the source's BTN_TOUCH and BTN_TOOL_*
 *   are up until the rest is merged: they are about the contact to come.
 * - A contact begins with the axes that its slot has in its source, as if that
 *   source were alone: those that the source does not send again are added at
 *   the end of the frame. So a source may filter unchanged values although its
 *   contact is now in another slot.
 * - BTN_TOUCH and BTN_TOOL_FINGER to QUINTTAP of a source that sends MT events
 *   follow the contacts, each only if the spec declares it: BTN_TOUCH is down
 *   while a contact touches, that is reports no ABS_MT_DISTANCE, BTN_TOOL_x
 *   tells how many contacts there are. But a source
 *   that presses them itself is believed, since fingers can hover, and there
 *   can be more than slots: BTN_TOUCH from its first press of that or of a
 *   BTN_TOOL_x, all BTN_TOOL_x from its first press of one. That is so while
 *   no other source has contacts. A source that sends no BTN_TOOL_x and
 *   releases BTN_TOUCH with one of several contacts means only that one:
 *   BTN_TOUCH follows its contacts until it presses it again.
 * - ABS_X, ABS_Y and ABS_PRESSURE follow the oldest contact, unless
 *   its source sends ABS_X or ABS_Y itself: then those pass.
 *
 * With spec->exact, the frames of a source that is the only one so far pass as
 * they are: its contacts keep their slots and, unless that would be ambiguous,
 * their tracking IDs, an ID may replace or lift another within a frame, and
 * BTN_TOUCH, BTN_TOOL_x, ABS_X, ABS_Y and ABS_PRESSURE are only what it sends.
 * Only axes that a contact's slot has from before it are added.
 *
 * An empty result is not sent to the guest. Pure.
 */
#ifndef VINPUT_MERGE_H
#define VINPUT_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/frame.h"
#include "input/device/merge-held.h"
#include "input/spec/spec.h"

/* m->control is left as it is. */
void merge_init(struct merge *m, const struct spec *spec);
void merge_source_init(struct merge_source *src);
/* The same, but keep what merge_held_frame() does not say: for merge_again().
 */
void merge_source_again(struct merge_source *src);

/* These MT axes (bits of mt_axes) were sent before, to another process. */
void merge_know_mt_axes(struct merge *m, uint16_t axes);

/*
 * The guest is another, which has seen this, and tracking IDs before this one:
 * contacts get IDs that it has not.
 */
void merge_continue_ids(struct merge *m, uint16_t next,
			const struct state *seen);

/*
 * Merge one whole frame of a source: n events, of which the last is SYN_REPORT,
 * with at most FRAME_EVENTS_MAX (and TYPE_A_EXTRA) before it. Applies it to
 * m->now and sets *out to what the guest gets, with SYN_REPORT; out->n is 0 if
 * nothing is left. The first MT event is preceded by ABS_MT_SLOT if the
 * stream's slot (m->now.slot) is another or unknown.
 * Return: how many of the events were merged. If that is less than n, the rest
 * is for another frame to the guest, and MUST be merged before anything else.
 */
size_t merge_frame(struct merge *m, struct merge_source *src,
		   const struct vi_event *ev, size_t n, struct frame *out);
/*
 * The same behind the frames that *out has. Of a device without slots a frame
 * does not become longer than it was.
 */
size_t merge_frame_behind(struct merge *m, struct merge_source *src,
			  const struct vi_event *ev, size_t n,
			  struct frame *out);

/*
 * The same with what merge_held_frame() wrote, which is one frame. Contacts are
 * put where m->was says, if that is not NULL and they can be.
 */
void merge_again(struct merge *m, struct merge_source *src,
		 const struct vi_event *ev, size_t n, struct frame *out);

/*
 * A source is gone: release in one frame (*out, as above) what only it held:
 * contacts lifted, keys up, axes with a rest set to it, or to where another
 * source holds them. The source is then as after merge_source_init().
 */
void merge_release(struct merge *m, struct merge_source *src,
		   struct frame *out);

/*
 * A guest that has seen this is about to be sent the difference to m->now. If
 * that puts contacts down in slots of others, those MUST be lifted in a frame
 * before: sets *between to the state after that frame.
 * Return: whether there is such a slot.
 */
bool merge_lifts_first(const struct merge *m, const struct state *seen,
		       struct state *between);

#endif

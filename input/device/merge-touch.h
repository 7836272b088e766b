/* SPDX-License-Identifier: Apache-2.0 */
/* The contacts' part of merge.h, for merge.c only. */
#ifndef VINPUT_MERGE_TOUCH_H
#define VINPUT_MERGE_TOUCH_H

#include "input/device/merge-held.h"

/*
 * A key of a source, of which the device has contacts. Return: whether it is a
 * touch key of an MT source, which is settled at the end of the frame, or was
 * passed on as it is.
 */
bool merge_touch_key(struct merge *m, struct merge_source *src, uint16_t code,
		     bool down, struct frame *out);

/*
 * Return: whether this axis follows the contacts, so that the source's value is
 * only recorded.
 */
bool merge_touch_drives(const struct merge *m, const struct merge_source *src,
			uint16_t code);

/*
 * An MT event of the source, judged and clamped. Return: whether it was merged;
 * if not, the frame to the guest MUST end before it.
 */
bool merge_touch_event(struct merge *m, struct merge_source *src, uint16_t code,
		       int32_t value, struct frame *out);

/* Lift all contacts of the source and release its touch keys. */
void merge_touch_leave(struct merge *m, struct merge_source *src,
		       struct frame *out);

/*
 * End a frame of this source: complete its new contacts, then update the touch
 * keys and ABS_X, ABS_Y, ABS_PRESSURE.
 */
void merge_touch_settle(struct merge *m, struct merge_source *src,
			struct frame *out);

/*
 * Set the state's touch keys to what merge_touch_settle() would if only the
 * state's contacts were left; one that another source holds stays.
 */
void merge_touch_keys(const struct merge *m, struct state *st);

/* merge_continue_ids() */
void merge_touch_continue_ids(struct merge *m, uint16_t next,
			      const struct state *seen);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What single-touch programs read, kept equal to the contacts: touch keys,
 * ABS_X, ABS_Y and ABS_PRESSURE. For merge.c and merge-touch.c only.
 */
#ifndef VINPUT_MERGE_SETTLE_H
#define VINPUT_MERGE_SETTLE_H

#include "input/device/merge-held.h"

/*
 * A key of a source, of which the device has contacts. Return: whether it is a
 * touch key of an MT source, which is settled at the end of the frame, or was
 * passed on as it is.
 */
bool merge_touch_key(struct merge *m, struct merge_source *src, uint16_t code,
		     bool down, struct frame *out);

/*
 * The source has sent its first MT event: its touch keys are settled with the
 * contacts. Often BTN_TOUCH came before the contact in this very frame.
 */
void merge_touch_keys_join(struct merge *m, struct merge_source *src);
/* The source leaves: release its touch keys. */
void merge_touch_keys_leave(struct merge *m, struct merge_source *src);

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

#endif

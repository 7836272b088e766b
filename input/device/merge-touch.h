/* SPDX-License-Identifier: Apache-2.0 */
/* The contacts' part of merge.h, for merge.c only. */
#ifndef VINPUT_MERGE_TOUCH_H
#define VINPUT_MERGE_TOUCH_H

#include "input/device/merge-held.h"

/*
 * Return: whether this axis follows the contacts, so that the source's value is
 * only recorded.
 */
bool merge_touch_drives(const struct merge *m, const struct merge_source *src,
			uint16_t code);

/*
 * A declared MT event of the source, and those that follow of contacts that
 * move. SYN_REPORT ends them.
 * Return: how many were merged; if none, the frame to the guest MUST end
 * before it.
 */
size_t merge_touch(struct merge *m, struct merge_source *src,
		   const struct vi_event *ev, struct frame *out);

/* Lift all contacts of the source and release its touch keys. */
void merge_touch_leave(struct merge *m, struct merge_source *src,
		       struct frame *out);

/* merge_continue_ids() */
void merge_touch_continue_ids(struct merge *m, uint16_t next,
			      const struct state *seen);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A contact of the merged device, for merge-touch.c and merge-settle.c only. */
#ifndef VINPUT_MERGE_CONTACT_H
#define VINPUT_MERGE_CONTACT_H

#include "input/device/merge-held.h"

static inline uint64_t merge_bit(int n)
{
	return (uint64_t)1 << n;
}

/* Return: whether the frames of the only source pass as they are. */
static inline bool merge_is_exact(const struct merge *m)
{
	const struct merge_source *src = LIST_FIRST(&m->sources);

	return m->spec->exact && src && !LIST_NEXT(src, link);
}

/* Return: the device's slot of the oldest contact, -1 if there is none. */
static inline int merge_oldest(const struct merge *m)
{
	int best = -1;

	for (uint64_t left = m->live; left; left &= left - 1) {
		const int slot = __builtin_ctzll(left);

		if (best < 0 || m->slot_age[slot] < m->slot_age[best])
			best = slot;
	}
	return best;
}

static inline void merge_select(struct merge *m, int slot, struct frame *out)
{
	if (m->now.slot == slot)
		return;
	m->now.slot = slot;
	frame_add(out, EV_ABS, ABS_MT_SLOT, slot);
}

static inline void merge_emit_mt(struct merge *m, int slot, uint16_t code,
				 int32_t value, struct frame *out)
{
	struct state_contact *c = &m->now.contact[slot];
	const unsigned int axis = code - STATE_MT_FIRST;

	merge_select(m, slot, out);
	if (code == ABS_MT_TRACKING_ID) {
		*c = (struct state_contact){ .id = value };
		m->changed |= merge_bit(slot);
		m->touch_keys_due = true;
	} else {
		c->axis[axis] = value;
		c->known |= (uint16_t)(1u << axis);
	}
	frame_add(out, EV_ABS, code, value);
	m->touched = true;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "input/device/merge-held.h"

/* Keys, axes, and of each slot ABS_MT_SLOT, the ID and the other MT axes. */
_Static_assert(KEY_CNT + ABS_CNT + SPEC_SLOTS_MAX * (1 + STATE_MT_AXES) + 1 <=
		       FRAME_EVENTS_MAX,
	       "what a source can hold fits in a frame of a source");

static void add_abs(struct vi_event *ev, size_t *n, uint16_t code,
		    int32_t value)
{
	ev[(*n)++] = vi_event(EV_ABS, code, value);
}

static void add_contact(const struct state_contact *c, int slot,
			struct vi_event *ev, size_t *n)
{
	if (c->id < 0 && !c->known)
		return;
	add_abs(ev, n, ABS_MT_SLOT, slot);
	if (c->id >= 0)
		add_abs(ev, n, ABS_MT_TRACKING_ID, c->id);
	for (uint16_t i = 0; i < STATE_MT_AXES; i++)
		if (c->known >> i & 1 &&
		    i + STATE_MT_FIRST != ABS_MT_TRACKING_ID)
			add_abs(ev, n, (uint16_t)(STATE_MT_FIRST + i),
				c->axis[i]);
}

size_t merge_held_frame(const struct merge_source *held, struct vi_event *ev)
{
	size_t n = 0;

	for (uint16_t code = 0; code < KEY_CNT; code++)
		if (bit_test(held->key, code))
			ev[n++] = vi_event(EV_KEY, code, 1);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (held->abs_known >> code & 1)
			add_abs(ev, &n, code, held->abs[code]);
	if (held->mt) {
		for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++)
			add_contact(&held->contact[slot], slot, ev, &n);
		add_abs(ev, &n, ABS_MT_SLOT, held->slot);
	}
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	return n;
}

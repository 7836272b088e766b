/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replaces the spec under the sources: what each source holds is merged again,
 * as one frame, against the new spec. Which source moved an axis last and which
 * contact is the oldest is lost.
 */
#include <string.h>

#include "input/device/device.h"

/* What is a contact in one of the specs and an axis in the other is lost. */
static void forget_mt_codes(struct merge_source *held)
{
	for (uint16_t code = ABS_MT_SLOT; code <= ABS_MT_TOOL_Y; code++)
		held->abs_known &= ~((uint64_t)1 << code);
	held->mt = false;
}

static void merge_held(struct device *dev, struct merge_source *held)
{
	const size_t n = merge_held_frame(held, dev->view.out.ev);

	merge_source_again(held);
	merge_again(&dev->merge, held, dev->view.out.ev, n, &dev->unseen);
}

/*
 * Switches and axes without a rest belong to no source. One that is as the
 * former spec started with it, and that no source has set, is for the new spec
 * to say.
 */
static void carry_switches(struct merge *m, const struct state *old,
			   const struct spec *was)
{
	for (uint16_t code = 0; code < SW_CNT; code++) {
		const bool on = bit_test(old->sw, code);

		if (spec_has(m->spec, EV_SW, code) &&
		    (bit_test(m->sw_said, code) ||
		     on != bit_test(was->initial_sw, code)))
			bit_assign(m->now.sw, code, on);
	}
}

static void carry_axes(struct merge *m, const struct state *old,
		       const struct spec *was)
{
	const struct spec *spec = m->spec;

	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *abs = &was->abs[code];
		const bool initial =
			abs->has_initial && abs->initial == old->abs[code];

		if (!(old->abs_known >> code & 1) || spec_is_mt(spec, code) ||
		    !spec_has(spec, EV_ABS, code) || spec->abs[code].has_rest ||
		    (initial && !(m->abs_said >> code & 1)))
			continue;
		m->now.abs[code] = frame_clamp(spec, code, old->abs[code]);
		m->now.abs_known |= (uint64_t)1 << code;
	}
}

void device_change_spec(struct device *dev, const struct spec *spec)
{
	struct merge *m = &dev->merge;
	const struct spec *was = dev->spec;
	const struct state old = m->now;
	const struct merge_counters count = m->count;
	const uint16_t next_id = m->next_id;
	const uint64_t abs_said = m->abs_said;
	/* A frame that was given slots is merged anew, with its control events.
	 */
	const unsigned int n_control = dev->converted_n ? 0 : m->n_control;
	uint8_t sw_said[sizeof(m->sw_said)];
	const bool was_mt = spec_slots(was), is_mt = spec_slots(spec);
	struct merge_source *held = LIST_FIRST(&m->sources), *next;

	dev->spec = spec;
	guest_view_change_spec(&dev->view, spec);
	memcpy(sw_said, m->sw_said, sizeof(sw_said));
	merge_init(m, spec);
	m->n_control = n_control;
	m->next_id = next_id;
	m->abs_said = abs_said;
	memcpy(m->sw_said, sw_said, sizeof(sw_said));
	dev->converted_n = 0;
	if (dev->persistent)
		persistent_changed(dev->persistent);
	for (; held; held = next) {
		next = LIST_NEXT(held, link);
		if (was_mt != is_mt)
			forget_mt_codes(held);
		merge_held(dev, held);
	}
	carry_switches(m, &old, was);
	carry_axes(m, &old, was);
	m->count = count;
}

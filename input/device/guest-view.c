/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "input/device/guest-view.h"

void told_init(struct told *t, const struct spec *spec)
{
	t->spec = spec;
	state_init(&t->state, spec);
	t->belief = STATE_FORGOTTEN_PERHAPS;
	t->folded = true;
	t->resync = false;
	t->cut = false;
	t->done = 0;
	t->out.n = 0;
	memset(t->rel, 0, sizeof(t->rel));
}

static void drop(struct told *t)
{
	t->out.n = 0;
	t->done = 0;
	t->resync = false;
}

void told_delivered(struct told *t, size_t n)
{
	const struct vi_event *ev = told_next(t);

	/* Its end will be seen before anything else. */
	if (t->resync && n)
		t->belief = STATE_CERTAIN;
	for (size_t i = 0; i < n; i++)
		state_apply(&t->state, &ev[i]);
	t->done += n;
	if (t->done < t->out.n)
		return;
	t->cut = false;
	drop(t);
}

void told_swallow(struct told *t, const struct frame *frame)
{
	for (size_t i = 0; i < frame->n; i++) {
		const struct vi_event *ev = &frame->ev[i];

		if (vi_type(ev) == EV_REL)
			t->rel[vi_code(ev)] += vi_value(ev);
	}
}

/*
 * Return: the slots in which the guest believes a contact once the frame on
 * its way has arrived.
 */
static uint64_t believed_slots(const struct told *t)
{
	uint64_t slots = 0;
	int slot = t->state.slot;

	for (unsigned int i = 0; i < spec_slots(t->spec); i++)
		if (t->state.contact[i].id >= 0)
			slots |= (uint64_t)1 << i;
	for (size_t i = t->done; i < t->out.n; i++) {
		const struct vi_event *ev = &t->out.ev[i];

		if (vi_type(ev) != EV_ABS)
			continue;
		if (vi_code(ev) == ABS_MT_SLOT)
			slot = vi_value(ev);
		else if (vi_code(ev) == ABS_MT_TRACKING_ID && slot >= 0 &&
			 vi_value(ev) >= 0)
			slots |= (uint64_t)1 << slot;
	}
	return slots;
}

uint64_t told_fold(struct told *t)
{
	t->folded = true;
	if (!t->done) {
		told_swallow(t, &t->out);
		drop(t);
	}
	return believed_slots(t);
}

static int32_t clamp32(int64_t v)
{
	return v > INT32_MAX   ? INT32_MAX
	       : v < INT32_MIN ? INT32_MIN
			       : (int32_t)v;
}

static void add_motion(struct told *t)
{
	for (uint16_t code = 0; code < REL_CNT; code++) {
		if (t->rel[code])
			frame_add(&t->out, EV_REL, code, clamp32(t->rel[code]));
		t->rel[code] = 0;
	}
}

/* The guest's kernel repeats keys itself; this sets its clock. */
static void add_repeat(struct told *t)
{
	if (t->belief == STATE_CERTAIN || !t->spec->has_repeat)
		return;
	frame_add(&t->out, EV_REP, REP_DELAY,
		  (int32_t)t->spec->repeat_delay_ms);
	frame_add(&t->out, EV_REP, REP_PERIOD,
		  (int32_t)t->spec->repeat_period_ms);
}

void told_unfold(struct told *t, const struct state *now)
{
	t->folded = false;
	add_repeat(t);
	state_diff(t->spec, &t->state, t->belief, now, &t->out);
	add_motion(t);
	if (!t->out.n && !t->cut) {
		t->belief = STATE_CERTAIN;
		return;
	}
	frame_add(&t->out, EV_SYN, SYN_REPORT, 0);
	t->resync = true;
}

void told_restart(struct told *t)
{
	t->belief = STATE_FORGOTTEN_PERHAPS;
	t->folded = true;
	t->cut |= t->done;
	drop(t);
	memset(t->rel, 0, sizeof(t->rel));
}

void told_suspect_all(struct told *t)
{
	const struct spec *spec = t->spec;

	t->belief = STATE_FORGOTTEN_PERHAPS;
	t->cut = true;
	memcpy(t->state.key, spec->bits[EV_KEY], sizeof(t->state.key));
	memcpy(t->state.sw, spec->bits[EV_SW], sizeof(t->state.sw));
	t->state.abs_known = 0;
	for (unsigned int i = 0; i < spec_slots(spec); i++)
		t->state.contact[i].id = INT32_MAX; /* nobody's: merge.h */
}

static void keep_common(uint8_t *bits, const uint8_t *spec_bits, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bits[i] &= spec_bits[i];
}

void told_change_spec(struct told *t, const struct spec *spec)
{
	struct state *st = &t->state;

	told_restart(t);
	t->spec = spec;
	keep_common(st->key, spec->bits[EV_KEY], sizeof(st->key));
	keep_common(st->sw, spec->bits[EV_SW], sizeof(st->sw));
	/* Axes that differ are said in any case, the others' are not looked at.
	 */
	st->abs_known = 0;
	st->slot = -1;
	for (unsigned int i = spec_slots(spec); i < SPEC_SLOTS_MAX; i++)
		st->contact[i] = (struct state_contact){ .id = -1 };
}

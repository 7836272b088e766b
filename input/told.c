/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "told.h"

void told_init(struct told *t, const struct spec *spec)
{
	t->spec = spec;
	state_init(&t->state, spec);
	t->belief = STATE_FORGOTTEN_PERHAPS;
	t->folded = true;
	t->resync = false;
	t->done = 0;
	t->out.n = 0;
	memset(t->rel, 0, sizeof(t->rel));
}

/* The guest sees this frame now, and will see its end before anything else. */
static void begun(struct told *t)
{
	for (size_t i = 0; i < t->out.n; i++)
		state_apply(&t->state, &t->out.ev[i]);
	if (t->resync)
		t->belief = STATE_CERTAIN;
}

void told_delivered(struct told *t, size_t n)
{
	if (!t->done && n)
		begun(t);
	t->done += n;
	if (t->done == t->out.n) {
		t->done = 0;
		t->out.n = 0;
		t->resync = false;
	}
}

void told_swallow(struct told *t, const struct frame *frame)
{
	for (size_t i = 0; i < frame->n; i++) {
		const struct vi_event *ev = &frame->ev[i];

		if (vi_type(ev) == EV_REL)
			t->rel[vi_code(ev)] += vi_value(ev);
	}
}

static void drop(struct told *t)
{
	t->out.n = 0;
	t->done = 0;
	t->resync = false;
}

uint64_t told_fold(struct told *t)
{
	uint64_t slots = 0;

	t->folded = true;
	if (!t->done) {
		told_swallow(t, &t->out);
		drop(t);
	}
	for (unsigned int i = 0; i < spec_slots(t->spec); i++)
		if (t->state.contact[i].id >= 0)
			slots |= (uint64_t)1 << i;
	return slots;
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
	if (!t->out.n) {
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
	drop(t);
	memset(t->rel, 0, sizeof(t->rel));
}

void told_suspect_all(struct told *t)
{
	const struct spec *spec = t->spec;

	t->belief = STATE_FORGOTTEN_PERHAPS;
	memcpy(t->state.key, spec->bits[EV_KEY], sizeof(t->state.key));
	memcpy(t->state.sw, spec->bits[EV_SW], sizeof(t->state.sw));
	for (unsigned int i = 0; i < spec_slots(spec); i++)
		t->state.contact[i].id = 0;
}

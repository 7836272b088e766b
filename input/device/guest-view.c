/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <string.h>

#include "input/base/hot.h"
#include "input/device/guest-view.h"

static void guest_view_drop(struct guest_view *view)
{
	view->out.n = 0;
	view->done = 0;
	view->resync = false;
}

void guest_view_init(struct guest_view *view, const struct spec *spec)
{
	view->spec = spec;
	state_init(&view->state, spec);
	view->belief = STATE_FORGOTTEN_PERHAPS;
	view->folded = true;
	view->cut = view->cut_contact = false;
	view->moves = false;
	guest_view_drop(view);
	memset(view->rel, 0, sizeof(view->rel));
}

static int32_t clamp32(int64_t v)
{
	return v > INT32_MAX   ? INT32_MAX
	       : v < INT32_MIN ? INT32_MIN
			       : (int32_t)v;
}

/* As much as fits into one event of each axis. */
static void guest_view_add_motion(struct guest_view *view)
{
	view->moves = false;
	for (uint16_t code = 0; code < REL_CNT; code++) {
		const int32_t step = clamp32(view->rel[code]);

		if (step)
			frame_add(&view->out, EV_REL, code, step);
		view->rel[code] -= step;
		view->moves |= view->rel[code] != 0;
	}
}

HOT void guest_view_ended(struct guest_view *view)
{
	if (view->resync)
		view->belief = STATE_CERTAIN;
	view->cut = view->cut_contact = false;
	guest_view_drop(view);
	if (view->moves) {
		guest_view_add_motion(view);
		frame_add(&view->out, EV_SYN, SYN_REPORT, 0);
	}
}

static bool is_declared(const struct spec *spec, const struct vi_event *ev)
{
	int32_t value;
	const enum frame_verdict verdict = frame_check(spec, ev, &value);

	/* The server's own, in a resync frame. */
	if (vi_type(ev) == EV_REP)
		return spec_has(spec, EV_REP, vi_code(ev));
	return verdict == FRAME_PASS || verdict == FRAME_CLAMPED;
}

const char *guest_view_set_rest(struct guest_view *view, size_t n)
{
	struct vi_event *ev = view->out.ev;

	/* It may have been any event that the device has. */
	ev[0] = vi_event(
		EV_ABS, spec_slots(view->spec) ? ABS_MT_TRACKING_ID : ABS_X, 0);
	for (size_t i = 1; i <= n; i++)
		if (!is_declared(view->spec, &ev[i]))
			return "has an event that the device lacks";
	if (!vi_is_syn_report(&ev[n]))
		return "has a frame without an end";
	view->done = 1;
	view->out.n = n + 1;
	return NULL;
}

void guest_view_absorb(struct guest_view *view, const struct frame *frame)
{
	for (size_t i = 0; i < frame->n; i++) {
		const struct vi_event *ev = &frame->ev[i];

		int64_t *sum = &view->rel[vi_code(ev) % REL_CNT];

		if (vi_type(ev) == EV_REL)
			*sum = guest_view_limit(*sum + vi_value(ev));
	}
}

/*
 * Return: the slots in which the guest has a contact when the frame on its way
 * has been delivered.
 */
static uint64_t believed_slots(const struct guest_view *view)
{
	uint64_t slots = 0;
	int slot = view->state.slot;

	for (unsigned int i = 0; i < spec_slots(view->spec); i++)
		if (view->state.contact[i].id >= 0)
			slots |= (uint64_t)1 << i;
	for (size_t i = view->done; i < view->out.n; i++) {
		const struct vi_event *ev = &view->out.ev[i];

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

uint64_t guest_view_fold(struct guest_view *view, bool keep)
{
	view->folded = true;
	view->moves = false;
	if (!view->done && !keep) {
		guest_view_absorb(view, &view->out);
		guest_view_drop(view);
	}
	return believed_slots(view);
}

/* The guest's kernel repeats keys itself, at this rate. */
static void add_repeat(struct guest_view *view)
{
	if (view->belief == STATE_CERTAIN || !view->spec->has_repeat)
		return;
	frame_add(&view->out, EV_REP, REP_DELAY,
		  (int32_t)view->spec->repeat_delay_ms);
	frame_add(&view->out, EV_REP, REP_PERIOD,
		  (int32_t)view->spec->repeat_period_ms);
}

static void add_end(struct guest_view *view)
{
	frame_add(&view->out, EV_SYN, SYN_REPORT, 0);
}

/* Return: whether a frame was added in front of the last one. */
static bool add_first_frames(struct guest_view *view,
			     const struct state *between)
{
	/* A slot's contact changes once in a frame, see merge.h. */
	if (view->cut_contact)
		add_end(view);
	if (between) {
		state_diff(view->spec, &view->state, STATE_CERTAIN, between,
			   &view->out);
		add_end(view);
	}
	return view->out.n;
}

void guest_view_unfold(struct guest_view *view, const struct state *between,
		       const struct state *now)
{
	const bool ended = add_first_frames(view, between);
	const size_t first = view->out.n;

	view->folded = false;
	add_repeat(view);
	state_diff(view->spec, between ? between : &view->state, view->belief,
		   now, &view->out);
	guest_view_add_motion(view);
	if (view->out.n > first || (view->cut && !ended))
		add_end(view);
	view->resync = view->out.n;
	if (!view->out.n)
		view->belief = STATE_CERTAIN;
}

static void note_cut(struct guest_view *view)
{
	for (size_t i = 0; i < view->done; i++) {
		const struct vi_event *ev = &view->out.ev[i];

		view->cut = !vi_is_syn_report(ev);
		view->cut_contact &= view->cut;
		view->cut_contact |= vi_type(ev) == EV_ABS &&
				     vi_code(ev) == ABS_MT_TRACKING_ID;
	}
}

void guest_view_restart(struct guest_view *view)
{
	view->belief = STATE_FORGOTTEN_PERHAPS;
	view->folded = true;
	note_cut(view);
	guest_view_drop(view);
	memset(view->rel, 0, sizeof(view->rel));
}

void guest_view_suspect_all(struct guest_view *view)
{
	const struct spec *spec = view->spec;

	view->belief = STATE_FORGOTTEN_PERHAPS;
	view->cut = true;
	view->cut_contact = spec_slots(spec);
	memcpy(view->state.key, spec->bits[EV_KEY], sizeof(view->state.key));
	memcpy(view->state.sw, spec->bits[EV_SW], sizeof(view->state.sw));
	view->state.abs_known = 0;
	for (unsigned int i = 0; i < spec_slots(spec); i++)
		view->state.contact[i].id =
			INT32_MAX; /* never a live one: merge.h */
}

static void keep_common(uint8_t *bits, const uint8_t *spec_bits, size_t len)
{
	for (size_t i = 0; i < len; i++)
		bits[i] &= spec_bits[i];
}

void guest_view_change_spec(struct guest_view *view, const struct spec *spec)
{
	struct state *st = &view->state;

	guest_view_restart(view);
	view->spec = spec;
	keep_common(st->key, spec->bits[EV_KEY], sizeof(st->key));
	keep_common(st->sw, spec->bits[EV_SW], sizeof(st->sw));
	/* Unknown axes are always sent. */
	st->abs_known = 0;
	st->slot = -1;
	st->plain = !spec_slots(spec);
	for (unsigned int i = spec_slots(spec); i < SPEC_SLOTS_MAX; i++)
		st->contact[i] = (struct state_contact){ .id = -1 };
}

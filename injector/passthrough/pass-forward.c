/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "injector/passthrough/pass-forward.h"
#include "input/base/hot.h"

/* The kernel's own repeat. Any other value but 0 is a press. */
#define KEY_REPEATED 2

/* The next frame lists the contacts that there still are. */
static void forget_touches(struct pass_forward *f)
{
	const int32_t next_id = f->touches.next_id;

	if (!f->type_a)
		return;
	type_a_init(&f->touches, spec_slots(f->spec));
	f->touches.next_id = next_id;
}

void pass_forward_init(struct pass_forward *f)
{
	forget_touches(f);
	f->on = f->dropped = f->repeated = false;
	f->frame.n = f->out.n = 0;
	state_init(&f->sent, f->spec);
}

/* Return: whether there was space, or nothing to send. */
static bool send_out(struct pass_forward *f)
{
	bool sent = true;

	if (f->out.n) {
		frame_add(&f->out, EV_SYN, SYN_REPORT, 0);
		sent = f->sink.send(f->sink.arg, f->out.ev, f->out.n);
	}
	f->out.n = 0;
	return sent;
}

/*
 * A contact cannot follow another one in its slot within a frame.
 * Return: whether there is such a slot. *lifted: sent, without those contacts.
 */
static bool lifts_first(const struct state *sent, const struct state *now,
			struct state *lifted)
{
	bool any = false;

	*lifted = *sent;
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++) {
		struct state_contact *c = &lifted->contact[i];

		if (c->id < 0 || now->contact[i].id < 0 ||
		    c->id == now->contact[i].id)
			continue;
		*c = (struct state_contact){ .id = -1 };
		any = true;
	}
	return any;
}

/* See lifts_first(). Return: whether there was space. */
static bool lift_first(struct pass_forward *f, const struct state *now)
{
	static struct state lifted;

	if (!lifts_first(&f->sent, now, &lifted))
		return true;
	state_diff(f->spec, &f->sent, STATE_CERTAIN, &lifted, &f->out);
	if (!send_out(f))
		return false;
	f->sent = lifted;
	f->sent.slot = -1;
	return true;
}

/* Return: as much of a sum as an event can carry. */
static int32_t event_of_sum(int64_t sum)
{
	if (sum > INT32_MAX)
		return INT32_MAX;
	return sum < INT32_MIN ? INT32_MIN : (int32_t)sum;
}

/* Return: whether there was space. */
static bool send_with_sums(struct pass_forward *f)
{
	for (uint16_t code = 0; code < REL_CNT; code++)
		if (f->rel[code])
			frame_add(&f->out, EV_REL, code,
				  event_of_sum(f->rel[code]));
	if (!send_out(f))
		return false;
	for (uint16_t code = 0; code < REL_CNT; code++)
		f->rel[code] -= event_of_sum(f->rel[code]);
	return true;
}

static bool has_sums(const struct pass_forward *f)
{
	for (uint16_t code = 0; code < REL_CNT; code++)
		if (f->rel[code])
			return true;
	return false;
}

/*
 * Send what leads the guest to a state, and motion. Without space for it the
 * guest's state stays known, and f->dropped is set.
 */
static void lead_to(struct pass_forward *f, const struct state *now)
{
	f->dropped = !lift_first(f, now);
	if (f->dropped)
		return;
	state_diff(f->spec, &f->sent, STATE_CERTAIN, now, &f->out);
	f->dropped = !send_with_sums(f);
	if (f->dropped)
		return;
	f->sent = *now;
	while (!f->dropped && has_sums(f))
		f->dropped = !send_with_sums(f);
}

/* A tool or touch is a part of the position, whoever saw it begin. */
static bool is_part_of_position(unsigned int key)
{
	return key >= BTN_DIGI && key < BTN_WHEEL;
}

static bool is_kept(const struct pass_forward *f, unsigned int key)
{
	return f->kept && key < KEY_CNT && bit_test(f->kept, key);
}

static void keep_key(const struct pass_forward *f, uint16_t key, bool down)
{
	if (f->keep)
		f->keep(f->keep_arg, key, down);
}

/* keys: those that are down. The kept ones are taken out. NULL: none is down.
 */
static void keep_keys(const struct pass_forward *f, uint8_t *keys)
{
	for (uint16_t key = 0; f->kept && key < KEY_CNT; key++) {
		if (!is_kept(f, key))
			continue;
		keep_key(f, key, keys && bit_test(keys, key));
		if (keys)
			bit_clear(keys, key);
	}
}

void pass_forward_start(struct pass_forward *f, const struct state *now,
			const uint8_t others[KEY_CNT / 8])
{
	static struct state mine;

	pass_forward_init(f);
	memset(f->rel, 0, sizeof(f->rel));
	f->on = true;
	memset(f->others, 0, sizeof(f->others));
	mine = *now;
	for (unsigned int key = 0; key < KEY_CNT; key++)
		if (bit_test(others, key) && !is_part_of_position(key)) {
			bit_set(f->others, key);
			bit_clear(mine.key, key);
		}
	keep_keys(f, mine.key);
	lead_to(f, &mine);
}

void pass_forward_stop(struct pass_forward *f)
{
	static struct state rest;

	if (!f->on)
		return;
	rest = f->sent;
	memset(rest.key, 0, sizeof(rest.key));
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		rest.contact[i] = (struct state_contact){ .id = -1 };
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (spec_has(f->spec, EV_ABS, code) &&
		    f->spec->abs[code].has_rest && !spec_is_mt(f->spec, code))
			rest.abs[code] = f->spec->abs[code].rest;
	lead_to(f, &rest);
	if (f->dropped) {
		f->sink.make_space(f->sink.arg);
		lead_to(f, &rest);
	}
	keep_keys(f, NULL);
	f->on = false;
}

void pass_forward_resync(struct pass_forward *f, const struct state *now)
{
	static struct state mine;

	if (!f->on)
		return;
	forget_touches(f);
	mine = *now;
	for (size_t i = 0; i < sizeof(f->others); i++) {
		f->others[i] &= now->key[i];
		mine.key[i] &= (uint8_t)~f->others[i];
	}
	keep_keys(f, mine.key);
	lead_to(f, &mine);
}

/* Return: whether a key's event is for the guest. */
static bool takes_key(struct pass_forward *f, const struct input_event *ev)
{
	const bool others = ev->code < KEY_CNT && bit_test(f->others, ev->code);

	if (ev->value == KEY_REPEATED) {
		f->repeated = true;
		return false;
	}
	if (others)
		bit_assign(f->others, ev->code, ev->value);
	if (others || !is_kept(f, ev->code))
		return !others;
	keep_key(f, ev->code, ev->value);
	f->repeated = true;
	return false;
}

static bool takes(struct pass_forward *f, const struct input_event *ev)
{
	switch (ev->type) {
	case EV_KEY:
		return takes_key(f, ev);
	case EV_REL:
	case EV_ABS:
	case EV_MSC:
	case EV_SW:
		return true;
	}
	return ev->type == EV_SYN && ev->code == SYN_MT_REPORT && f->type_a;
}

/* The scan code that came with a repeat. */
static bool is_repeat_only(const struct pass_forward *f)
{
	for (size_t i = 0; i < f->frame.n; i++)
		if (vi_type(&f->frame.ev[i]) != EV_MSC)
			return false;
	return f->repeated;
}

static void add_motion(struct pass_forward *f, uint16_t code, int32_t value)
{
	if (code < REL_CNT)
		f->rel[code] += value;
}

/* What the unfinished frame has of motion is kept as well. */
static void note_drop(struct pass_forward *f)
{
	for (size_t i = 0; i < f->frame.n; i++)
		if (vi_type(&f->frame.ev[i]) == EV_REL)
			add_motion(f, vi_code(&f->frame.ev[i]),
				   vi_value(&f->frame.ev[i]));
	f->frame.n = 0;
	f->dropped = true;
}

static void send_frame(struct pass_forward *f, const struct vi_event *ev,
		       size_t n)
{
	if (n < 2)
		return;
	if (f->sink.send(f->sink.arg, ev, n))
		for (size_t i = 0; i < n; i++)
			state_apply(&f->sent, &ev[i]);
	else
		note_drop(f);
}

static void end_frame(struct pass_forward *f)
{
	struct frame *frame = &f->frame;
	size_t n;

	if (frame->n && !is_repeat_only(f)) {
		frame_add(frame, EV_SYN, SYN_REPORT, 0);
		if (f->type_a) {
			n = type_a_convert(&f->touches, frame->ev, frame->n,
					   f->out.ev);
			send_frame(f, f->out.ev, n);
		} else {
			send_frame(f, frame->ev, frame->n);
		}
	}
	frame->n = 0;
	f->repeated = false;
}

/* Of what follows a loss only motion counts. */
static void forward_behind_drop(struct pass_forward *f,
				const struct input_event *ev)
{
	if (ev->type == EV_REL)
		add_motion(f, ev->code, ev->value);
}

static size_t longest_frame(const struct pass_forward *f)
{
	return f->type_a ? FRAME_EVENTS_MAX - TYPE_A_EXTRA : FRAME_EVENTS_MAX;
}

static void forward_event(struct pass_forward *f, const struct input_event *ev)
{
	if (ev->type == EV_SYN && ev->code == SYN_DROPPED)
		note_drop(f);
	else if (f->dropped)
		forward_behind_drop(f, ev);
	else if (ev->type == EV_SYN && ev->code == SYN_REPORT)
		end_frame(f);
	else if (takes(f, ev))
		frame_add(&f->frame, ev->type, ev->code,
			  ev->type == EV_KEY ? !!ev->value : ev->value);
	/* Endless: as if the rest were lost. */
	if (f->frame.n == longest_frame(f))
		note_drop(f);
}

void pass_forward_events(struct pass_forward *f, const struct input_event *ev,
			 size_t n)
{
	for (size_t i = 0; f->on && i < n; i++)
		forward_event(f, &ev[i]);
}

static bool is_report(const struct input_event *ev)
{
	return ev->type == EV_SYN && ev->code == SYN_REPORT;
}

/* Return: whether an event of a frame passes as it is. */
static bool is_plain(const struct pass_forward *f, const struct input_event *ev)
{
	switch (ev->type) {
	case EV_KEY:
		return ev->code < KEY_CNT && !(ev->value & ~1) &&
		       !bit_test(f->others, ev->code) && !is_kept(f, ev->code);
	case EV_REL:
	case EV_ABS:
	case EV_MSC:
	case EV_SW:
		return true;
	}
	return false;
}

HOT bool pass_forward_plain(const struct pass_forward *f,
			    const struct input_event *ev, size_t n,
			    struct vi_event *out)
{
	bool empty = true; /* the frame so far */

	if (!f->on || f->dropped || f->repeated || f->frame.n || f->type_a)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (is_report(&ev[i]) ? empty : !is_plain(f, &ev[i]))
			return false;
		empty = is_report(&ev[i]);
		out[i] = vi_event(ev[i].type, ev[i].code, ev[i].value);
	}
	return n && empty;
}

HOT void pass_forward_sent(struct pass_forward *f, const struct vi_event *ev,
			   size_t n)
{
	state_apply_all(&f->sent, ev, n);
}

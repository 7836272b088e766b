/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The length of a merged frame: an ABS_MT_SLOT of the source makes no event by
 * itself, and at most one later; any other event at most one, but a tracking ID
 * that lifts a contact ends the frame or makes two. So n events make at most
 * 2n, and once per frame TAIL_MAX more: the first SLOT, a SLOT for each slot to
 * be avoided that a contact moves out of, the missing axes of each contact, the
 * touch keys, the three axes that follow a contact, and SYN_REPORT.
 */
#include <assert.h>
#include <string.h>

#include "input/base/hot.h"
#include "input/device/control.h"
#include "input/device/merge-settle.h"
#include "input/device/merge-touch.h"
#include "input/device/merge.h"
#include "input/device/type-a.h"

#define TAIL_MAX \
	(1 + SPEC_SLOTS_MAX + SPEC_SLOTS_MAX * (1 + STATE_MT_AXES) + 6 + 3 + 1)
/* A source that is gone: SLOT and -1 for each slot, keys, axes, the tail. */
#define RELEASE_MAX (2 * SPEC_SLOTS_MAX + KEY_CNT + ABS_CNT + TAIL_MAX)

_Static_assert(2 * (FRAME_EVENTS_MAX + TYPE_A_EXTRA) + TAIL_MAX <=
		       FRAME_OUT_MAX,
	       "a merged frame fits");
_Static_assert(RELEASE_MAX <= FRAME_OUT_MAX, "a releasing frame fits");

/* Return: whether no bit is set from this one on. */
static bool none_from(const uint8_t *bits, unsigned int first)
{
	uint8_t any = bits[first / 8] >> first % 8;

	for (unsigned int i = first / 8 + 1; i < SPEC_CODES / 8; i++)
		any |= bits[i];
	return !any;
}

/* The spec reader rejects other codes; the tables here rely on it. */
static void assert_codes_fit(const struct spec *spec)
{
	assert(none_from(spec->bits[EV_KEY], KEY_CNT));
	assert(none_from(spec->bits[EV_ABS], ABS_CNT));
	assert(none_from(spec->bits[EV_SW], SW_CNT));
	assert(spec_slots(spec) <= SPEC_SLOTS_MAX);
}

void merge_init(struct merge *m, const struct spec *spec)
{
	assert_codes_fit(spec);
	memset(m, 0, offsetof(struct merge, control));
	m->spec = spec;
	m->mt = spec_slots(spec);
	LIST_INIT(&m->sources);
	state_init(&m->now, spec);
}

void merge_source_init(struct merge_source *src)
{
	memset(src, 0, sizeof(*src));
	memset(src->slot_of, -1, sizeof(src->slot_of));
	memset(src->left, -1, sizeof(src->left));
	for (unsigned int i = 0; i < SPEC_SLOTS_MAX; i++)
		src->contact[i].id = -1;
}

void merge_source_again(struct merge_source *src)
{
	const uint8_t says = src->says;
	const bool midway = src->midway;

	merge_source_init(src);
	src->says = says;
	src->midway = midway;
}

/* The bits may be anything: axes that the device lacks are ignored. */
void merge_know_mt_axes(struct merge *m, uint16_t axes)
{
	for (unsigned int axis = 0; axis < STATE_MT_AXES; axis++)
		if (axis != ABS_MT_TRACKING_ID - STATE_MT_FIRST &&
		    axes >> axis & 1 &&
		    spec_has(m->spec, EV_ABS,
			     (uint16_t)(STATE_MT_FIRST + axis)))
			m->mt_axes |= (uint16_t)(1u << axis);
}

/*
 * A declared key, whose event for the guest goes to *to, if there is one.
 * Return: where the next event goes.
 */
static inline struct vi_event *merge_one_key(struct merge *m,
					     struct merge_source *src,
					     const struct vi_event *ev,
					     struct vi_event *to)
{
	const uint16_t code = vi_code(ev);
	const uint8_t bit = (uint8_t)(1u << (code % 8));
	const bool held = src->key[code / 8] & bit;
	int32_t value = vi_value(ev);

	if (!held)
		m->holders[code] += value != 0;
	else if (!value)
		m->holders[code]--;
	if (held != !!value)
		src->key[code / 8] ^= bit;
	if (value ? !held && m->holders[code] > 1 : m->holders[code])
		return to;
	value = held && value == 2 ? 2 : value != 0;
	bit_assign(m->now.key, code, value);
	*to = vi_event(EV_KEY, code, value);
	return to + 1;
}

static HOT void merge_add_key(struct merge *m, struct merge_source *src,
			      const struct vi_event *ev, struct frame *out)
{
	out->n =
		(size_t)(merge_one_key(m, src, ev, &out->ev[out->n]) - out->ev);
}

static void merge_key(struct merge *m, struct merge_source *src,
		      const struct vi_event *ev, struct frame *out)
{
	const uint16_t code = vi_code(ev);

	if (m->mt && merge_touch_key(m, src, code, vi_value(ev), out))
		return;
	merge_add_key(m, src, ev, out);
}

static void merge_abs(struct merge *m, struct merge_source *src, uint16_t code,
		      int32_t value, struct frame *out)
{
	src->abs[code] = value;
	src->abs_known |= (uint64_t)1 << code;
	if (code == ABS_X || code == ABS_Y)
		src->sends_xy = true;
	if (merge_touch_drives(m, src, code))
		return;
	m->axis_owner[code] = src;
	merge_emit_abs(m, code, value, out);
}

static void merge_refuse(struct merge *m, const struct vi_event *ev)
{
	if (control_is(ev) && m->n_control < FRAME_EVENTS_MAX) {
		m->control[m->n_control++] = *ev;
		return;
	}
	m->undeclared = *ev;
	m->count.undeclared++;
}

static inline bool is_declared_key(const struct merge *m,
				   const struct vi_event *ev)
{
	return vi_type(ev) == EV_KEY && spec_has(m->spec, EV_KEY, vi_code(ev));
}

/*
 * Merge the declared keys at the beginning, of a device without slots. Return:
 * their number.
 */
static inline size_t merge_keys(struct merge *m, struct merge_source *src,
				const struct vi_event *ev, struct frame *out)
{
	struct vi_event *to = &out->ev[out->n];
	size_t i;

	for (i = 0; is_declared_key(m, &ev[i]); i++)
		to = merge_one_key(m, src, &ev[i], to);
	out->n = (size_t)(to - out->ev);
	return i;
}

/*
 * An event, or several of a contact that moves. Return: how many were merged;
 * if none, the frame to the guest MUST end before it.
 */
static size_t merge_next(struct merge *m, struct merge_source *src,
			 const struct vi_event *ev, struct frame *out)
{
	const uint16_t code = vi_code(ev);

	if (!frame_declares(m->spec, ev)) {
		merge_refuse(m, ev);
		return 1;
	}
	switch (vi_type(ev)) {
	case EV_KEY:
		merge_key(m, src, ev, out);
		return 1;
	case EV_ABS:
		if (merge_is_mt(m, code))
			return merge_touch(m, src, ev, out);
		merge_abs(m, src, code, merge_admit(m, ev), out);
		return 1;
	case EV_SW:
		bit_assign(m->now.sw, code, vi_value(ev));
		bit_set(m->sw_said, code);
		break;
	}
	out->ev[out->n++] = *ev;
	return 1;
}

/* first: where the frame begins in *out. */
static void merge_end(struct merge *m, struct merge_source *src,
		      struct frame *out, size_t first)
{
	if (m->touched)
		merge_touch_settle(m, src, out);
	if (out->n > first)
		frame_add(out, EV_SYN, SYN_REPORT, 0);
}

/* Its touch keys count again. Only a frame that lifts a contact has a rest. */
static void merge_rest(struct merge *m, struct merge_source *src)
{
	if (m->merges_again)
		return;
	m->touched = m->touch_keys_due = true;
	m->lifted = true;
	src->midway = false;
}

HOT size_t merge_frame_behind(struct merge *m, struct merge_source *src,
			      const struct vi_event *ev, size_t n,
			      struct frame *out)
{
	const size_t first = out->n;
	size_t done = 0, taken = 1;

	assert(n && n <= FRAME_EVENTS_MAX + 1 + TYPE_A_EXTRA);
	m->lifted = false;
	if (src->midway)
		merge_rest(m, src);
	if (!src->attached) {
		LIST_INSERT_HEAD(&m->sources, src, link);
		src->attached = true;
	}
	if (!m->mt)
		done = merge_keys(m, src, ev, out);
	while (done < n - 1 && taken) {
		taken = merge_next(m, src, &ev[done], out);
		done += taken;
	}
	if (!taken)
		src->midway = true;
	else
		done = n;
	merge_end(m, src, out, first);
	if (out->n == first)
		m->count.empty++;
	return done;
}

size_t merge_frame(struct merge *m, struct merge_source *src,
		   const struct vi_event *ev, size_t n, struct frame *out)
{
	out->n = 0;
	return merge_frame_behind(m, src, ev, n, out);
}

void merge_again(struct merge *m, struct merge_source *src,
		 const struct vi_event *ev, size_t n, struct frame *out)
{
	m->merges_again = m->touch_keys_due = true;
	merge_frame(m, src, ev, n, out);
	m->merges_again = false;
}

static void release_keys(struct merge *m, struct merge_source *src,
			 struct frame *out)
{
	for (size_t i = 0; i < sizeof(src->key); i++)
		while (src->key[i]) {
			const int bit = __builtin_ctz(src->key[i]);
			const struct vi_event up = vi_event(
				EV_KEY, (uint16_t)(8 * i + (size_t)bit), 0);

			merge_add_key(m, src, &up, out);
		}
}

/* Return: another source that holds the axis off its rest, or NULL. */
static struct merge_source *axis_heir(const struct merge *m,
				      const struct merge_source *gone,
				      uint16_t code)
{
	struct merge_source *src;

	LIST_FOREACH (src, &m->sources, link)
		if (src != gone && src->abs_known >> code & 1 &&
		    src->abs[code] != m->spec->abs[code].rest)
			return src;
	return NULL;
}

static void release_axes(struct merge *m, struct merge_source *src,
			 struct frame *out)
{
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *abs = &m->spec->abs[code];
		struct merge_source *heir;
		int32_t value;

		if (m->axis_owner[code] != src)
			continue;
		m->axis_owner[code] = NULL;
		if (!abs->has_rest)
			continue;
		heir = axis_heir(m, src, code);
		m->axis_owner[code] = heir;
		value = heir ? heir->abs[code] : abs->rest;
		if (value != m->now.abs[code])
			merge_emit_abs(m, code, value, out);
	}
}

void merge_release(struct merge *m, struct merge_source *src, struct frame *out)
{
	out->n = 0;
	if (!src->attached)
		return;
	merge_touch_leave(m, src, out);
	release_keys(m, src, out);
	release_axes(m, src, out);
	LIST_REMOVE(src, link);
	merge_end(m, src, out, 0);
	merge_source_init(src);
}

bool merge_lifts_first(const struct merge *m, const struct state *seen,
		       struct state *between)
{
	bool replaced = false;

	*between = *seen;
	between->slot = -1;
	for (unsigned int slot = 0; slot < spec_slots(m->spec); slot++) {
		const int32_t id = seen->contact[slot].id;
		const int32_t now = m->now.contact[slot].id;

		if (id < 0 || id == now)
			continue;
		between->contact[slot] = (struct state_contact){ .id = -1 };
		replaced |= now >= 0;
	}
	if (replaced)
		merge_touch_keys(m, between);
	return replaced;
}

void merge_continue_ids(struct merge *m, uint16_t next,
			const struct state *seen)
{
	merge_touch_continue_ids(m, next, seen);
}

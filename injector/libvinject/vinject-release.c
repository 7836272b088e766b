/* SPDX-License-Identifier: Apache-2.0 */
/* Releasing everything that a handle holds, or that its device can hold. */
#include <string.h>

#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject.h"

static size_t count_bits(const uint8_t *bits, size_t n_bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_bytes; i++)
		n += (size_t)__builtin_popcount(bits[i]);
	return n;
}

/* An upper bound of the events that vinject_release_all() adds. */
static size_t count_held(const struct vinject_state *st)
{
	size_t n = count_bits(st->key, sizeof(st->key)) + ABS_CNT;

	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		n += st->slots[i].id >= 0 ? 2 : 0;
	return n;
}

static void release_contacts(struct vinject *v)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		v->contact[i].down = false;
		if (v->draft.slots[i].id < 0)
			continue;
		vinject_add(v, EV_ABS, ABS_MT_SLOT, (int32_t)i);
		vinject_add(v, EV_ABS, ABS_MT_TRACKING_ID, -1);
	}
}

static void release_axis(struct vinject *v, uint16_t code)
{
	if (v->draft.abs[code])
		vinject_add(v, EV_ABS, code, 0);
}

int vinject_release_all(struct vinject *v)
{
	int r = vinject_room(v, count_held(&v->draft));

	if (r)
		return r;
	release_contacts(v);
	if (v->pen)
		release_axis(v, ABS_PRESSURE);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (v->pad_axes >> code & 1)
			release_axis(v, code);
	for (uint16_t code = 0; code < KEY_CNT; code++)
		if (vinject_state_key(&v->draft, code))
			vinject_add(v, EV_KEY, code, 0);
	v->pen = 0;
	v->pad = 0;
	return 0;
}

void vinject_withdraw(struct vinject *v)
{
	const uint64_t rest = v->pad_axes | (uint64_t)1 << ABS_PRESSURE;

	v->n = 0;
	v->pen = 0;
	v->pad = 0;
	memset(v->contact, 0, sizeof(v->contact));
	memset(v->wheel_part, 0, sizeof(v->wheel_part));
	vinject_state_withdraw(&v->sent, &v->now, rest);
	v->draft = v->now;
	v->behind = true;
}

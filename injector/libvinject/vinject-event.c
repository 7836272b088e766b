/* SPDX-License-Identifier: Apache-2.0 */
/* The events of any device, keys and switches. */
#include <errno.h>

#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject.h"

/*
 * ABS_MT_ codes are axes like others in a device that numbers dozens of them
 * through. As libevdev does, tell it by the code before ABS_MT_SLOT, unless
 * vinject_touch_slots() has told.
 */
static void event_find_plain(struct vinject *v, uint16_t code)
{
	if (code < ABS_MT_SLOT - 1 || code > ABS_MT_TOOL_Y ||
	    (code >= ABS_MT_SLOT && v->slots))
		return;
	vinject_set_plain(v, true);
}

/* Return: whether the state can hold it, and a kernel knows its type. */
static bool is_valid_event(const struct vinject *v, uint16_t type,
			   uint16_t code, int32_t value)
{
	switch (type) {
	case EV_KEY:
		return code < KEY_CNT;
	case EV_REL:
		return code < REL_CNT;
	case EV_ABS:
		return code < ABS_CNT &&
		       (code != ABS_MT_SLOT || v->draft.plain ||
			(value >= 0 && value < VINJECT_SLOTS_MAX));
	case EV_SW:
		return code < SW_CNT;
	}
	return type != EV_SYN && type < EV_CNT;
}

int vinject_event(struct vinject *v, uint16_t type, uint16_t code,
		  int32_t value)
{
	int r;

	if (type == EV_SYN && code == SYN_REPORT)
		return vinject_frame(v);
	if (type == EV_ABS)
		event_find_plain(v, code);
	if (!is_valid_event(v, type, code, value))
		return -EINVAL;
	r = vinject_room(v, 1);
	if (!r)
		vinject_add(v, type, code, value);
	return r;
}

int vinject_key(struct vinject *v, uint16_t code, bool down)
{
	return vinject_event(v, EV_KEY, code, down);
}

int vinject_switch(struct vinject *v, uint16_t code, bool on)
{
	return vinject_event(v, EV_SW, code, on);
}

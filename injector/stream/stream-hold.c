/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>

#include "injector/stream/stream-hold.h"

#define PRESSED	      0.5 /* of a pad's button that is not a trigger */
#define PEN_BUTTONS   3
#define LEFT_TRIGGER  6
#define RIGHT_TRIGGER 7

void stream_hold_init(struct stream_hold *h, uint32_t client)
{
	*h = (struct stream_hold){ .client = client };
}

bool stream_hold_any(const struct stream_hold *h)
{
	bool pads = false;

	for (unsigned int i = 0; i < STREAM_PADS_MAX; i++)
		pads |= h->pad[i].device != NULL;
	return h->n_keys || h->n_contacts || h->pen || pads;
}

void stream_hold_touch(struct stream_hold *h, const struct stream_device *d)
{
	h->unfinished |= UINT64_C(1) << d->number;
}

void stream_hold_finish(struct stream_hold *h,
			const struct stream_devices *devices)
{
	for (unsigned int i = 0; h->unfinished; i++) {
		if (h->unfinished & 1 && devices->at[i])
			stream_device_frame(devices->at[i]);
		h->unfinished >>= 1;
	}
}

/* --- keys and buttons --- */

/* Return: its place, or n_keys. */
static unsigned int hold_find_key(const struct stream_hold *h,
				  const struct stream_device *d, uint16_t code)
{
	unsigned int i = 0;

	while (i < h->n_keys &&
	       (h->key[i].device != d || h->key[i].code != code))
		i++;
	return i;
}

bool stream_hold_has_key(const struct stream_hold *h,
			 const struct stream_device *d, uint16_t code)
{
	return hold_find_key(h, d, code) < h->n_keys;
}

int stream_hold_key(struct stream_hold *h, struct stream_device *d,
		    uint16_t code, bool down)
{
	const unsigned int i = hold_find_key(h, d, code);

	if ((i < h->n_keys) == down)
		return 0;
	if (i == STREAM_KEYS_MAX)
		return -ENOSPC;
	if (down)
		h->key[h->n_keys++] = (struct stream_held_key){ d, code };
	else
		h->key[i] = h->key[--h->n_keys];
	stream_device_press(d, code, down);
	stream_hold_touch(h, d);
	return 0;
}

/* --- contacts --- */

/*
 * Devices of our server derive BTN_TOUCH from their contacts. One that is known
 * by its label alone, as from Cuttlefish's launcher, may be another server's.
 */
static void hold_count_touch(struct stream_device *d, bool down)
{
	if (!d->has_spec)
		stream_device_press(d, BTN_TOUCH, down);
}

/* Return: its place, or n_contacts. */
static unsigned int hold_find_contact(const struct stream_hold *h,
				      const struct stream_device *d, int32_t id)
{
	unsigned int i = 0;

	while (i < h->n_contacts &&
	       (h->contact[i].device != d || h->contact[i].id != id))
		i++;
	return i;
}

int64_t stream_hold_contact_id(const struct stream_hold *h, int32_t id)
{
	return (int64_t)((uint64_t)h->client << 32 | (uint32_t)id);
}

int stream_hold_contact(struct stream_hold *h, struct stream_device *d,
			int32_t id, const int32_t at[2])
{
	const unsigned int i = hold_find_contact(h, d, id);

	if (i == STREAM_CONTACTS_MAX)
		return -ENOSPC;
	if (vinject_touch_down(d->v, stream_hold_contact_id(h, id), at[0],
			       at[1])) {
		d->dropped++;
		return -ENOSPC;
	}
	h->contact[i] = (struct stream_held_contact){ d, id, { at[0], at[1] } };
	if (i == h->n_contacts) {
		h->n_contacts++;
		hold_count_touch(d, true);
	}
	stream_hold_touch(h, d);
	return 0;
}

void stream_hold_lift(struct stream_hold *h, struct stream_device *d,
		      int32_t id)
{
	const unsigned int i = hold_find_contact(h, d, id);

	if (i == h->n_contacts)
		return;
	h->contact[i] = h->contact[--h->n_contacts];
	vinject_touch_up(d->v, stream_hold_contact_id(h, id));
	hold_count_touch(d, false);
	stream_hold_touch(h, d);
}

/* --- the pen --- */

void stream_hold_pen(struct stream_hold *h, struct stream_device *d,
		     enum vinject_pen tool, uint8_t buttons)
{
	if (h->pen != d)
		stream_hold_pen_away(h);
	h->pen = d;
	vinject_pen_in(d->v, tool);
	for (unsigned int i = 0; i < PEN_BUTTONS; i++)
		if ((buttons ^ h->pen_buttons) >> i & 1)
			vinject_pen_button(d->v, i, buttons >> i & 1);
	h->pen_buttons = buttons;
	stream_hold_touch(h, d);
}

void stream_hold_pen_away(struct stream_hold *h)
{
	if (!h->pen)
		return;
	vinject_pen_out(h->pen->v);
	stream_hold_touch(h, h->pen);
	h->pen = NULL;
	h->pen_buttons = 0;
}

/* --- pads --- */

static const uint16_t pad_axes[STREAM_PAD_AXES] = { ABS_X, ABS_Y, ABS_RX,
						    ABS_RY };

void stream_hold_pad_open(struct stream_hold *h, struct stream_pad *pad,
			  struct stream_device *d)
{
	if (pad->device == d)
		return;
	stream_hold_pad_gone(h, pad);
	pad->device = d;
	for (unsigned int i = 0; i < STREAM_PAD_AXES; i++)
		pad->axis[i] = stream_device_rest(d, pad_axes[i]);
}

static void hold_pad_trigger(struct stream_hold *h, struct stream_pad *pad,
			     enum vinject_side side, double value)
{
	const uint16_t code = side == VINJECT_LEFT ? ABS_Z : ABS_RZ;
	struct stream_device *d = pad->device;
	const int32_t units = stream_device_scales(d, code)
				      ? stream_device_scale(d, code, value)
				      : (int32_t)lrint(value * 255);

	if (pad->trigger[side] == units)
		return;
	pad->trigger[side] = units;
	vinject_pad_trigger(d->v, side, units);
	stream_hold_touch(h, d);
}

void stream_hold_pad_button(struct stream_hold *h, struct stream_pad *pad,
			    unsigned int button, double value)
{
	const uint32_t bit = UINT32_C(1) << button;
	const bool down = value >= PRESSED;

	if (button == LEFT_TRIGGER || button == RIGHT_TRIGGER) {
		hold_pad_trigger(h, pad,
				 button == LEFT_TRIGGER ? VINJECT_LEFT
							: VINJECT_RIGHT,
				 value);
		return;
	}
	if (!(pad->buttons & bit) == !down)
		return;
	pad->buttons ^= bit;
	vinject_pad_button(pad->device->v, button, down);
	stream_hold_touch(h, pad->device);
}

void stream_hold_pad_axis(struct stream_hold *h, struct stream_pad *pad,
			  unsigned int axis, double value)
{
	const uint16_t code = pad_axes[axis];
	struct stream_device *d = pad->device;
	const int32_t units =
		!value ? stream_device_rest(d, code)
		: stream_device_scales(d, code)
			? stream_device_scale(d, code, (value + 1) / 2)
			: (int32_t)lrint(value * 32767);

	if (pad->axis[axis] == units)
		return;
	pad->axis[axis] = units;
	vinject_event(d->v, EV_ABS, code, units);
	stream_hold_touch(h, d);
}

void stream_hold_pad_event(struct stream_hold *h, struct stream_pad *pad,
			   uint16_t code, int32_t value)
{
	pad->events |= UINT32_C(1) << code;
	vinject_event(pad->device->v, EV_ABS, code, value);
	stream_hold_touch(h, pad->device);
}

void stream_hold_pad_gone(struct stream_hold *h, struct stream_pad *pad)
{
	if (!pad->device)
		return;
	for (unsigned int i = 0; i < VINJECT_PAD_BUTTONS; i++)
		stream_hold_pad_button(h, pad, i, 0);
	for (unsigned int i = 0; i < STREAM_PAD_AXES; i++)
		stream_hold_pad_axis(h, pad, i, 0);
	for (uint16_t code = 0; code < 32; code++)
		if (pad->events >> code & 1)
			stream_hold_pad_event(
				h, pad, code,
				stream_device_rest(pad->device, code));
	*pad = (struct stream_pad){ 0 };
}

/* --- all of it --- */

void stream_hold_release_all(struct stream_hold *h)
{
	while (h->n_keys)
		stream_hold_key(h, h->key[0].device, h->key[0].code, false);
	while (h->n_contacts)
		stream_hold_lift(h, h->contact[0].device, h->contact[0].id);
	stream_hold_pen_away(h);
	for (unsigned int i = 0; i < STREAM_PADS_MAX; i++)
		stream_hold_pad_gone(h, &h->pad[i]);
}

void stream_hold_forget(struct stream_hold *h, const struct stream_device *d)
{
	for (unsigned int i = h->n_keys; i--;)
		if (h->key[i].device == d)
			h->key[i] = h->key[--h->n_keys];
	for (unsigned int i = h->n_contacts; i--;)
		if (h->contact[i].device == d)
			h->contact[i] = h->contact[--h->n_contacts];
	if (h->pen == d) {
		h->pen = NULL;
		h->pen_buttons = 0;
	}
	for (unsigned int i = 0; i < STREAM_PADS_MAX; i++)
		if (h->pad[i].device == d)
			h->pad[i] = (struct stream_pad){ 0 };
}

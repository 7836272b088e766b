/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/input-event-codes.h>
#include <stdio.h>

#include "injector/stream/stream-target.h"

/* Whose action it is. */
struct target_of {
	const struct stream_devices *devices;
	const struct stream_rights *rights;
};

static bool target_may_use(const struct target_of *c,
			   const struct stream_device *d)
{
	return stream_rights_include(c->rights, d->label);
}

/* Return: the nth device with the role that the client may use; or NULL. */
static struct stream_device *target_find_role(const struct target_of *c,
					      enum stream_role role, int nth)
{
	struct stream_device *d;

	for (int i = 0; (d = stream_device_by_role(c->devices, role, i)); i++)
		if (target_may_use(c, d) && !nth--)
			return d;
	return NULL;
}

/* The usual device of a key: a keyboard that has it, or the first one. */
static struct stream_device *target_find_keyboard(const struct target_of *c,
						  uint16_t key)
{
	struct stream_device *d;

	for (int i = 0; (d = target_find_role(c, STREAM_KEYBOARD, i)); i++)
		if (stream_device_has(d, EV_KEY, key))
			return d;
	return target_find_role(c, STREAM_KEYBOARD, 0);
}

static struct stream_device *target_find_usual(const struct target_of *c,
					       const struct stream_action *a)
{
	struct stream_device *d = NULL;

	switch (a->kind) {
	case STREAM_KEY:
		return target_find_keyboard(c, a->code);
	case STREAM_BUTTON:
	case STREAM_WHEEL:
		d = target_find_role(c, STREAM_MOUSE, 0);
		return d ? d : target_find_role(c, STREAM_TABLET, 0);
	case STREAM_MOTION:
		return target_find_role(c, STREAM_MOUSE, 0);
	case STREAM_TURN:
		return target_find_role(c, STREAM_ROTARY, 0);
	case STREAM_POSITION:
		return target_find_role(c, STREAM_TABLET, 0);
	case STREAM_TOUCH:
		return target_find_role(c, STREAM_SURFACE, 0);
	case STREAM_PEN:
		return target_find_role(c, STREAM_STYLUS, 0);
	case STREAM_PAD_BUTTON:
	case STREAM_PAD_AXIS:
	case STREAM_PAD_EVENT:
	case STREAM_PAD_GONE:
		return target_find_role(c, STREAM_GAMEPAD, a->id);
	case STREAM_SWITCH:
		return target_find_role(c, STREAM_SWITCHES, 0);
	case STREAM_HELLO:
	case STREAM_TEXT:
	case STREAM_LAYOUTS:
	case STREAM_OFFER:
	case STREAM_ROTATE:
	case STREAM_PING:
		break;
	}
	return NULL;
}

/* display_N: the touchscreen of a display of Cuttlefish's. */
static struct stream_device *target_find_label(const struct target_of *c,
					       const struct stream_action *a)
{
	int display, len = 0;

	if (a->cuttlefish &&
	    sscanf(a->label, "display_%2d%n", &display, &len) == 1 &&
	    !a->label[len])
		return stream_device_by_display(c->devices, display);
	return stream_device_by_label(c->devices, a->label);
}

/* Return: the device that an action is for, or NULL. */
struct stream_device *stream_target(const struct stream_devices *devices,
				    const struct stream_rights *rights,
				    const struct stream_action *a)
{
	const struct target_of *c = &(struct target_of){ devices, rights };
	struct stream_device *d;

	if (!a->label[0] && a->number < 0)
		return target_find_usual(c, a);
	if (a->label[0])
		d = target_find_label(c, a);
	else
		d = a->number < STREAM_DEVICES_MAX ? c->devices->at[a->number]
						   : NULL;
	return d && target_may_use(c, d) ? d : NULL;
}

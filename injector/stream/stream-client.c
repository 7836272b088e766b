/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-client.h"
#include "injector/stream/stream-display.h"
#include "injector/stream/stream-target.h"

static const uint16_t buttons[] = { BTN_LEFT, BTN_MIDDLE, BTN_RIGHT, BTN_SIDE,
				    BTN_EXTRA };
#define N_BUTTONS (sizeof(buttons) / sizeof(buttons[0]))

void stream_client_init(struct stream_client *c, struct stream_devices *devices,
			const struct stream_rights *rights, uint32_t number)
{
	*c = (struct stream_client){ .devices = devices, .rights = rights };
	stream_hold_init(&c->hold, number);
}

static struct stream_device *client_find(const struct stream_client *c,
					 const struct stream_action *a)
{
	return stream_target(c->devices, c->rights, a);
}

struct stream_device *stream_client_keyboard(const struct stream_client *c,
					     const struct stream_action *a)
{
	struct stream_action key = *a;

	key.kind = STREAM_KEY;
	key.code = KEY_A;
	return c->rights->read_only ? NULL : client_find(c, &key);
}

uint64_t stream_client_latency(struct stream_client *c, double since)
{
	uint64_t longest = 0;

	/* It would be when others type. */
	if (c->rights->read_only)
		return 0;
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		struct stream_device *d = c->devices->at[i];

		if (!d || !stream_rights_include(c->rights, d->label))
			continue;
		d->wants_receipt = true;
		if (d->latency_at > since && d->latency_ns > longest)
			longest = d->latency_ns;
	}
	return longest;
}

/* --- actions --- */

/* From the picture as it is shown, turned clockwise, to the device's. */
static void client_turn_vector(const struct stream_client *c, double *x,
			       double *y)
{
	const double was_x = *x, was_y = *y;

	switch (c->degrees) {
	case 90:
		*x = was_y, *y = -was_x;
		break;
	case 180:
		*x = -was_x, *y = -was_y;
		break;
	case 270:
		*x = -was_y, *y = was_x;
		break;
	}
}

/* The device's units, from a position in 0..1, or in pixels of its display. */
static void client_place(const struct stream_client *c,
			 const struct stream_device *d,
			 const struct stream_action *a, int32_t at[2])
{
	const bool mt = stream_device_has(d, EV_ABS, ABS_MT_POSITION_X);
	double x = a->x - 0.5, y = a->y - 0.5;

	if (a->cuttlefish) {
		stream_display_to_units(d, (double[]){ a->x, a->y }, at);
		return;
	}
	client_turn_vector(c, &x, &y);
	at[0] = stream_device_scale(d, mt ? ABS_MT_POSITION_X : ABS_X, x + 0.5);
	at[1] = stream_device_scale(d, mt ? ABS_MT_POSITION_Y : ABS_Y, y + 0.5);
}

static int client_check_place(const struct stream_device *d,
			      const struct stream_action *a, struct fault *why)
{
	if (a->cuttlefish || stream_device_scales(d, ABS_X) ||
	    stream_device_scales(d, ABS_MT_POSITION_X))
		return 0;
	return fault_set(why, "%s: its range of positions is not known",
			 d->label);
}

static int client_key(struct stream_client *c, struct stream_device *d,
		      const struct stream_action *a, struct fault *why)
{
	if (a->repeat)
		return 0;
	if (stream_hold_key(&c->hold, d, a->code, a->down))
		return fault_set(why, "more than %d keys held",
				 STREAM_KEYS_MAX);
	return 0;
}

/*
 * After each mouseMove, Cuttlefish's client says that the left button is down
 * if any is (mouse.js). That is not so if only another one is.
 */
static bool client_is_false_button(const struct stream_client *c,
				   const struct stream_device *d,
				   const struct stream_action *a)
{
	bool other = false;

	for (size_t i = 1; i < N_BUTTONS; i++)
		other |= stream_hold_has_key(&c->hold, d, buttons[i]);
	return c->cuttlefish_moved && !a->code && a->down && other;
}

static int client_button(struct stream_client *c, struct stream_device *d,
			 const struct stream_action *a, struct fault *why)
{
	struct stream_action key = *a;

	if (client_is_false_button(c, d, a))
		return 0;
	key.code = buttons[a->code];
	return client_key(c, d, &key, why);
}

static void client_motion(struct stream_client *c, struct stream_device *d,
			  const struct stream_action *a)
{
	double x = a->x, y = a->y, whole_x, whole_y;

	client_turn_vector(c, &x, &y);
	c->part_x = modf(c->part_x + x, &whole_x);
	c->part_y = modf(c->part_y + y, &whole_y);
	vinject_motion(d->v, (int32_t)whole_x, (int32_t)whole_y);
	stream_hold_touch(&c->hold, d);
}

static void client_contact_axes(const struct stream_client *c,
				const struct stream_device *d,
				const struct stream_action *a)
{
	const int64_t id = stream_hold_contact_id(&c->hold, a->id);
	const struct spec_abs *x = &d->spec.abs[ABS_MT_POSITION_X];
	const double width = (double)x->max - x->min;

	if (a->given & STREAM_HAS_PRESSURE &&
	    stream_device_scales(d, ABS_MT_PRESSURE))
		vinject_touch_pressure(
			d->v, id,
			stream_device_scale(d, ABS_MT_PRESSURE, a->pressure));
	if (!(a->given & STREAM_HAS_SIZE))
		return;
	if (stream_device_has(d, EV_ABS, ABS_MT_TOUCH_MAJOR))
		vinject_touch_axis(d->v, id, ABS_MT_TOUCH_MAJOR,
				   (int32_t)lrint(a->major * width));
	if (stream_device_has(d, EV_ABS, ABS_MT_TOUCH_MINOR))
		vinject_touch_axis(d->v, id, ABS_MT_TOUCH_MINOR,
				   (int32_t)lrint(a->minor * width));
}

static int client_touch(struct stream_client *c, struct stream_device *d,
			const struct stream_action *a, struct fault *why)
{
	int32_t at[2];

	if (!a->down) {
		stream_hold_lift(&c->hold, d, a->id);
		return 0;
	}
	if (client_check_place(d, a, why))
		return -EINVAL;
	client_place(c, d, a, at);
	if (stream_hold_contact(&c->hold, d, a->id, at))
		return fault_set(why, "%s: no slot for another contact",
				 d->label);
	client_contact_axes(c, d, a);
	return 0;
}

static int client_position(struct stream_client *c, struct stream_device *d,
			   const struct stream_action *a, struct fault *why)
{
	int32_t at[2];

	if (client_check_place(d, a, why))
		return -EINVAL;
	client_place(c, d, a, at);
	vinject_position(d->v, at[0], at[1]);
	stream_device_point(d, at);
	stream_hold_touch(&c->hold, d);
	return 0;
}

static int client_pen(struct stream_client *c, struct stream_device *d,
		      const struct stream_action *a, struct fault *why)
{
	double tilt_x = a->tilt_x, tilt_y = a->tilt_y;
	int32_t at[2];

	if (!a->down) {
		stream_hold_pen_away(&c->hold);
		return 0;
	}
	if (client_check_place(d, a, why))
		return -EINVAL;
	stream_hold_pen(&c->hold, d, a->eraser ? VINJECT_ERASER : VINJECT_PEN,
			a->buttons);
	client_place(c, d, a, at);
	vinject_pen_move(d->v, at[0], at[1]);
	vinject_pen_pressure(d->v,
			     stream_device_scale(d, ABS_PRESSURE, a->pressure));
	if (!(a->given & STREAM_HAS_TILT))
		return 0;
	client_turn_vector(c, &tilt_x, &tilt_y);
	vinject_pen_tilt(d->v, (int32_t)tilt_x, (int32_t)tilt_y);
	return 0;
}

/*
 * The buttons of Cuttlefish's gamepad, whose directions are keys; for one like
 * ours, which has a hat, they are those of the standard gamepad.
 */
static int client_cuttlefish_pad(struct stream_client *c,
				 struct stream_device *d,
				 const struct stream_action *a,
				 struct fault *why)
{
	static const uint16_t codes[VINJECT_PAD_BUTTONS] = {
		BTN_SOUTH,  BTN_EAST,	BTN_WEST, BTN_NORTH,  BTN_TL,
		BTN_TR,	    BTN_TL2,	BTN_TR2,  BTN_SELECT, BTN_START,
		BTN_THUMBL, BTN_THUMBR, KEY_UP,	  KEY_DOWN,   KEY_LEFT,
		KEY_RIGHT,  BTN_MODE,
	};
	struct stream_action key = *a;

	key.code = codes[a->code];
	key.down = a->x > 0;
	return client_key(c, d, &key, why);
}

static int client_pad(struct stream_client *c, struct stream_device *d,
		      const struct stream_action *a, struct fault *why)
{
	struct stream_pad *pad = &c->hold.pad[a->id];

	if (a->kind == STREAM_PAD_GONE) {
		stream_hold_pad_gone(&c->hold, pad);
		return 0;
	}
	if (a->kind == STREAM_PAD_BUTTON && a->cuttlefish &&
	    !stream_device_has(d, EV_ABS, ABS_HAT0X))
		return client_cuttlefish_pad(c, d, a, why);
	stream_hold_pad_open(&c->hold, pad, d);
	if (a->kind == STREAM_PAD_BUTTON)
		stream_hold_pad_button(&c->hold, pad, a->code, a->x);
	else if (a->kind == STREAM_PAD_AXIS)
		stream_hold_pad_axis(&c->hold, pad, a->code, a->x);
	else
		stream_hold_pad_event(&c->hold, pad, a->code, (int32_t)a->x);
	return 0;
}

static int client_act(struct stream_client *c, struct stream_device *d,
		      const struct stream_action *a, struct fault *why)
{
	switch (a->kind) {
	case STREAM_KEY:
		return client_key(c, d, a, why);
	case STREAM_BUTTON:
		return client_button(c, d, a, why);
	case STREAM_MOTION:
		client_motion(c, d, a);
		return 0;
	case STREAM_WHEEL:
	case STREAM_TURN:
		vinject_wheel(d->v, (int32_t)a->y, (int32_t)a->x);
		stream_hold_touch(&c->hold, d);
		return 0;
	case STREAM_POSITION:
		return client_position(c, d, a, why);
	case STREAM_TOUCH:
		return client_touch(c, d, a, why);
	case STREAM_PEN:
		return client_pen(c, d, a, why);
	case STREAM_PAD_BUTTON:
	case STREAM_PAD_AXIS:
	case STREAM_PAD_EVENT:
	case STREAM_PAD_GONE:
		return client_pad(c, d, a, why);
	case STREAM_SWITCH:
		vinject_switch(d->v, a->code, a->down);
		stream_hold_touch(&c->hold, d);
		return 0;
	case STREAM_HELLO:
	case STREAM_TEXT:
	case STREAM_LAYOUTS:
	case STREAM_OFFER:
	case STREAM_ROTATE:
	case STREAM_PING:
		break;
	}
	return 0;
}

static int client_find_and_act(struct stream_client *c,
			       const struct stream_action *a, struct fault *why)
{
	struct stream_device *d;
	int r;

	/* Once more. */
	if (a->kind == STREAM_HELLO)
		return 0;
	if (a->kind == STREAM_ROTATE) {
		c->degrees = a->code;
		return 0;
	}
	d = client_find(c, a);
	if (!d)
		return a->label[0] ? fault_set(why, "no device %s", a->label)
				   : fault_set(why, "no device for this");
	r = client_act(c, d, a, why);
	c->cuttlefish_moved = a->cuttlefish && a->kind == STREAM_MOTION;
	return r;
}

/* --- the heartbeat --- */

static bool client_lists_key(const struct stream_client *c,
			     const struct stream_message *m,
			     const struct stream_held_key *key)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct stream_action *a = &m->action[i];

		if (a->kind == STREAM_KEY && a->code == key->code)
			return true;
		if (a->kind == STREAM_BUTTON && a->code < N_BUTTONS &&
		    buttons[a->code] == key->code &&
		    client_find(c, a) == key->device)
			return true;
	}
	return false;
}

static bool client_lists_contact(const struct stream_client *c,
				 const struct stream_message *m,
				 const struct stream_held_contact *contact)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->action[i].kind == STREAM_TOUCH &&
		    m->action[i].id == contact->id &&
		    client_find(c, &m->action[i]) == contact->device)
			return true;
	return false;
}

static bool client_lists(const struct stream_message *m, enum stream_kind kind,
			 int32_t id)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->action[i].kind == kind && m->action[i].id == id)
			return true;
	return false;
}

static void client_compare(struct stream_client *c,
			   const struct stream_message *m)
{
	struct stream_hold *h = &c->hold;

	for (unsigned int i = h->n_keys; i--;)
		if (!client_lists_key(c, m, &h->key[i]))
			stream_hold_key(h, h->key[i].device, h->key[i].code,
					false);
	for (unsigned int i = h->n_contacts; i--;)
		if (!client_lists_contact(c, m, &h->contact[i]))
			stream_hold_lift(h, h->contact[i].device,
					 h->contact[i].id);
	if (!client_lists(m, STREAM_PEN, 0))
		stream_hold_pen_away(h);
	for (int32_t i = 0; i < STREAM_PADS_MAX; i++)
		if (!client_lists(m, STREAM_PAD_GONE, i))
			stream_hold_pad_gone(h, &h->pad[i]);
}

int stream_client_take(struct stream_client *c, const struct stream_message *m,
		       struct fault *why)
{
	struct fault other;
	int r = 0;

	if (c->rights->read_only && !m->is_held && m->n)
		return m->action[0].kind == STREAM_HELLO
			       ? 0
			       : fault_set(why, "this client may only look");
	if (m->is_held)
		client_compare(c, m);
	for (size_t i = 0; !m->is_held && i < m->n; i++)
		if (client_find_and_act(c, &m->action[i], r ? &other : why))
			r = -EINVAL;
	stream_hold_finish(&c->hold, c->devices);
	return r;
}

void stream_client_release(struct stream_client *c)
{
	stream_hold_release_all(&c->hold);
	stream_hold_finish(&c->hold, c->devices);
}

void stream_client_forget(struct stream_client *c,
			  const struct stream_device *d)
{
	stream_hold_forget(&c->hold, d);
}

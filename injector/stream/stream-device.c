/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/stream-device.h"
#include "input/base/clock.h"

unsigned int stream_roles_of_spec(const struct spec *spec)
{
	const bool buttons = spec_has(spec, EV_KEY, BTN_LEFT);
	const bool stylus = spec_has(spec, EV_KEY, BTN_TOOL_PEN);
	const bool pad = spec_has(spec, EV_KEY, BTN_SOUTH);
	const bool touch = spec_has(spec, EV_KEY, BTN_TOUCH);
	const bool moves = spec_has(spec, EV_REL, REL_X);
	const bool turns = spec_has(spec, EV_REL, REL_WHEEL) ||
			   spec_has(spec, EV_REL, REL_DIAL);
	unsigned int roles = 0;

	if (spec_has(spec, EV_KEY, KEY_A) || spec_has(spec, EV_KEY, KEY_POWER))
		roles |= STREAM_KEYBOARD;
	if (buttons && (moves || turns))
		roles |= STREAM_MOUSE;
	if (turns && !buttons && !moves)
		roles |= STREAM_ROTARY;
	if (stylus)
		roles |= STREAM_STYLUS;
	else if (pad)
		roles |= STREAM_GAMEPAD;
	else if (spec_slots(spec) || touch)
		roles |= STREAM_SURFACE;
	else if (buttons && spec_has(spec, EV_ABS, ABS_X))
		roles |= STREAM_TABLET;
	for (unsigned int i = 0; i < SPEC_BITMAP_LEN; i++)
		if (spec->bits[EV_SW][i])
			roles |= STREAM_SWITCHES;
	return roles;
}

/* Those that Cuttlefish has. */
unsigned int stream_roles_of_label(const char *label)
{
	static const struct {
		const char *label;
		enum stream_role role;
	} rows[] = {
		{ "keyboard", STREAM_KEYBOARD }, { "mouse", STREAM_MOUSE },
		{ "gamepad", STREAM_GAMEPAD },	 { "rotary", STREAM_ROTARY },
		{ "switches", STREAM_SWITCHES },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(label, rows[i].label))
			return rows[i].role;
	return strncmp(label, "touch_", 6) ? 0 : STREAM_SURFACE;
}

/* Return: a free number; -1: none. */
static int device_free_number(const struct stream_devices *list)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (!list->at[i])
			return i;
	return -1;
}

bool stream_devices_full(const struct stream_devices *list)
{
	return device_free_number(list) < 0;
}

/* --- displays --- */

struct stream_device *stream_device_by_display(
	const struct stream_devices *list, int display)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (list->at[i] && display >= 0 &&
		    list->at[i]->display == display)
			return list->at[i];
	return NULL;
}

/* Return: the number in "touch_3", which is one of a display; -1: none. */
static int device_label_display(const char *label)
{
	int number, len = 0;

	if (sscanf(label, "touch_%2d%n", &number, &len) != 1 || label[len])
		return -1;
	return number >= 0 && number < STREAM_DISPLAYS_MAX ? number : -1;
}

/*
 * touch_3 is display 3, as in Cuttlefish; touchscreens with other labels get
 * what is free. It stays the same for the device's life.
 */
static int device_choose_display(const struct stream_devices *list,
				 const struct stream_device *d)
{
	int display = device_label_display(d->label);

	if (!(d->roles & STREAM_SURFACE) ||
	    (d->has_spec && bit_test(d->spec.props, INPUT_PROP_POINTER)))
		return -1;
	if (display >= 0 && !stream_device_by_display(list, display))
		return display;
	for (display = 0; display < STREAM_DISPLAYS_MAX; display++)
		if (!stream_device_by_display(list, display))
			return display;
	return -1;
}

struct stream_device *stream_device_new(struct stream_devices *list,
					const char *label,
					const struct spec *spec)
{
	const int number = device_free_number(list);
	struct stream_device *d = number < 0 ? NULL : calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->v = vinject_new();
	if (!d->v) {
		free(d);
		return NULL;
	}
	strncpy(d->label, label, sizeof(d->label) - 1);
	d->number = (uint8_t)number;
	d->roles = spec ? stream_roles_of_spec(spec)
			: stream_roles_of_label(label);
	if (spec) {
		d->has_spec = true;
		d->spec = *spec;
		vinject_touch_slots(d->v, spec_slots(spec));
	}
	d->display = device_choose_display(list, d);
	list->at[number] = d;
	return d;
}

void stream_device_free(struct stream_devices *list, struct stream_device *d)
{
	list->at[d->number] = NULL;
	vinject_free(d->v);
	free(d);
}

struct stream_device *stream_device_by_label(const struct stream_devices *list,
					     const char *label)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (list->at[i] && !strcmp(list->at[i]->label, label))
			return list->at[i];
	return NULL;
}

struct stream_device *stream_device_by_role(const struct stream_devices *list,
					    enum stream_role role, int nth)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (list->at[i] && list->at[i]->roles & role && !nth--)
			return list->at[i];
	return NULL;
}

bool stream_device_has(const struct stream_device *d, uint16_t type,
		       uint16_t code)
{
	return d->has_spec && spec_has(&d->spec, type, code);
}

bool stream_device_scales(const struct stream_device *d, uint16_t code)
{
	return stream_device_has(d, EV_ABS, code) &&
	       d->spec.abs[code].max > d->spec.abs[code].min;
}

int32_t stream_device_scale(const struct stream_device *d, uint16_t code,
			    double fraction)
{
	const struct spec_abs *abs = &d->spec.abs[code];

	if (!stream_device_scales(d, code))
		return 0;
	return (int32_t)lrint(abs->min +
			      fraction * ((double)abs->max - abs->min));
}

/* Return: the number of positions along an axis; 0: not known. */
static uint32_t device_extent(const struct stream_device *d, uint16_t mt,
			      uint16_t code)
{
	const uint16_t axis = stream_device_scales(d, mt) ? mt : code;
	const struct spec_abs *abs = &d->spec.abs[axis];

	return stream_device_scales(d, axis)
		       ? (uint32_t)abs->max - (uint32_t)abs->min + 1
		       : 0;
}

bool stream_device_size(const struct stream_device *d, struct stream_size *size)
{
	size->width = device_extent(d, ABS_MT_POSITION_X, ABS_X);
	size->height = device_extent(d, ABS_MT_POSITION_Y, ABS_Y);
	return size->width && size->height && !(d->roles & STREAM_GAMEPAD);
}

void stream_device_set_picture(struct stream_device *d, uint16_t width,
			       uint16_t height)
{
	d->picture_width = width;
	d->picture_height = height;
}

void stream_device_point(struct stream_device *d, const int32_t at[2])
{
	for (uint16_t i = 0; i < 2; i++) {
		const struct spec_abs *axis = &d->spec.abs[ABS_X + i];

		if (axis->max <= axis->min)
			return;
		d->pointer[i] = ((double)at[i] - axis->min) /
				((double)axis->max - axis->min);
	}
	d->pointer_at = clock_s();
}

int32_t stream_device_rest(const struct stream_device *d, uint16_t code)
{
	return d->has_spec && d->spec.abs[code].has_rest
		       ? d->spec.abs[code].rest
		       : 0;
}

void stream_device_press(struct stream_device *d, uint16_t code, bool down)
{
	uint16_t *count = &d->down[code];

	if (down ? (*count)++ == 0 : --*count == 0)
		vinject_key(d->v, code, down);
}

/* One at a time: a guest that takes nothing owes it for long. */
void stream_device_frame(struct stream_device *d)
{
	if (d->wants_receipt && !vinject_owed(d->v) &&
	    !vinject_ask_receipt(d->v, NULL))
		d->wants_receipt = false;
	vinject_frame(d->v);
}

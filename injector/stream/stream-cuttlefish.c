/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Cuttlefish's web client sends on its channels input-channel and
 * device-control (frontend/webrtc/libdevice/data_channels.cpp). Members that we
 * do not know are no error: its versions differ. Commands that are not about
 * input, such as camera_settings, are read as nothing.
 */
#include <linux/input-event-codes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-cuttlefish.h"

#define COUNTS_MAX   32767
#define PIXELS_MAX   12000 /* 100 notches */
#define POSITION_MAX 65535
#define CONTACTS_MAX 32
#define BUTTON_MAX   4
#define PAD_BUTTONS  17

static struct stream_action *cf_add(struct stream_message *m,
				    enum stream_kind kind,
				    struct stream_fields *f)
{
	struct stream_action *a = stream_action_add(m, kind, f);

	if (a)
		a->cuttlefish = true;
	return a;
}

static void cf_mouse_move(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_MOTION, f);

	if (!a)
		return;
	a->x = stream_field_number(f, "x", -COUNTS_MAX, COUNTS_MAX);
	a->y = stream_field_number(f, "y", -COUNTS_MAX, COUNTS_MAX);
}

static void cf_mouse_button(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_BUTTON, f);

	if (!a)
		return;
	a->code = (uint16_t)stream_field_int(f, "button", 0, BUTTON_MAX);
	a->down = stream_field_flag(f, "down");
}

/* Pixels of DOM, where down is positive; a notch has 120 in Chromium. */
static double cf_pixels(struct stream_fields *f)
{
	return -trunc(
		stream_field_number(f, "pixels", -PIXELS_MAX, PIXELS_MAX));
}

static void cf_mouse_wheel(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_WHEEL, f);

	if (a)
		a->y = cf_pixels(f);
}

static void cf_wheel(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_TURN, f);

	if (a)
		a->y = cf_pixels(f);
}

/* The button of its keyboard dialog has a code that DOM does not have. */
static const char *cf_key_code(const char *code)
{
	return strcmp(code, "CtrlLeft") ? code : "ControlLeft";
}

static void cf_keyboard(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_KEY, f);
	const char *type;

	if (!a)
		return;
	type = stream_field_string(f, "event_type");
	a->down = !strcmp(type, "keydown");
	if (!a->down && strcmp(type, "keyup"))
		stream_fields_fail(f, "event_type: must be keydown or keyup");
	a->code = stream_action_key(
		f, cf_key_code(stream_field_string(f, "keycode")));
	if (!a->code)
		stream_fields_fail(f, "Linux has no such key");
}

static void cf_gamepad_key(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_PAD_BUTTON, f);

	if (!a)
		return;
	a->code = (uint16_t)stream_field_int(f, "button", 0, PAD_BUTTONS - 1);
	a->x = stream_field_flag(f, "down");
}

static void cf_gamepad_motion(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_PAD_EVENT, f);

	if (!a)
		return;
	a->code = (uint16_t)stream_field_int(f, "button", ABS_X, ABS_HAT3Y);
	a->x = stream_field_int(f, "value", -32768, 32768);
}

/* A touchscreen's is display_0, a touchpad's the device's own. */
static void cf_take_label(struct stream_action *a, struct stream_fields *f)
{
	const char *label = stream_field_string(f, "device_label");

	if (snprintf(a->label, sizeof(a->label), "%s", label) >=
	    (int)sizeof(a->label))
		stream_fields_fail(f, "device_label: no such device");
}

static void cf_multi_touch(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action like = { .kind = STREAM_TOUCH,
				      .number = -1,
				      .cuttlefish = true,
				      .given = STREAM_HAS_POSITION };
	const json_t *id = stream_field_array(f, "id", CONTACTS_MAX);
	const json_t *x = stream_field_array(f, "x", CONTACTS_MAX);
	const json_t *y = stream_field_array(f, "y", CONTACTS_MAX);

	cf_take_label(&like, f);
	like.down = stream_field_flag(f, "down");
	if (json_array_size(x) != json_array_size(id) ||
	    json_array_size(y) != json_array_size(id))
		stream_fields_fail(f, "id, x and y: must have one length");
	for (size_t i = 0; !f->failed && i < json_array_size(id); i++) {
		struct stream_action *a = &m->action[m->n++];

		*a = like;
		a->id = (int32_t)stream_value_number(
			f, json_array_get(id, i), "id", INT32_MIN, INT32_MAX);
		/* A finger that leaves the picture is outside of it. */
		a->x = stream_value_number(f, json_array_get(x, i), "x",
					   -POSITION_MAX, POSITION_MAX);
		a->y = stream_value_number(f, json_array_get(y, i), "y",
					   -POSITION_MAX, POSITION_MAX);
	}
}

static const struct {
	const char *type;
	void (*read)(struct stream_message *m, struct stream_fields *f);
} input_rows[] = {
	{ "mouseMove", cf_mouse_move },
	{ "mouseButton", cf_mouse_button },
	{ "mouseWheel", cf_mouse_wheel },
	{ "wheel", cf_wheel },
	{ "keyboard", cf_keyboard },
	{ "multi-touch", cf_multi_touch },
	{ "gamepadKey", cf_gamepad_key },
	{ "gamepadMotion", cf_gamepad_motion },
};

int stream_cuttlefish_read_input(struct stream_message *m, const json_t *object,
				 struct fault *why)
{
	struct stream_fields f;
	const char *type;

	stream_fields_begin(&f, object, "input-channel", why);
	type = stream_field_string(&f, "type");
	for (size_t i = 0; i < sizeof(input_rows) / sizeof(input_rows[0]); i++)
		if (!strcmp(type, input_rows[i].type)) {
			snprintf(f.where, sizeof(f.where), "%s: ", type);
			input_rows[i].read(m, &f);
			return stream_fields_end_open(&f);
		}
	stream_fields_fail(&f, "unknown type %.40s", type);
	return stream_fields_end_open(&f);
}

/* --- device-control --- */

static const struct {
	const char *command;
	uint16_t key;
} control_keys[] = {
	{ "power", KEY_POWER },		  { "back", KEY_BACK },
	{ "home", KEY_HOMEPAGE },	  { "menu", KEY_MENU },
	{ "volumedown", KEY_VOLUMEDOWN }, { "volumeup", KEY_VOLUMEUP },
};

static void control_button(struct stream_message *m, struct stream_fields *f,
			   uint16_t key)
{
	struct stream_action *a = cf_add(m, STREAM_KEY, f);
	const char *state = stream_field_string(f, "button_state");

	if (!a)
		return;
	a->code = key;
	a->down = !strcmp(state, "down");
	if (!a->down && strcmp(state, "up"))
		stream_fields_fail(f, "button_state: must be down or up");
}

/* SW_LID is on when the lid is closed. */
static void control_lid(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = cf_add(m, STREAM_SWITCH, f);

	if (!a)
		return;
	a->code = SW_LID;
	a->down = !stream_field_flag(f, "lid_switch_open");
}

int stream_cuttlefish_read_control(struct stream_message *m,
				   const json_t *object, struct fault *why)
{
	struct stream_fields f;
	const char *command;

	stream_fields_begin(&f, object, "device-control", why);
	command = stream_field_string(&f, "command");
	for (size_t i = 0; i < sizeof(control_keys) / sizeof(control_keys[0]);
	     i++)
		if (!strcmp(command, control_keys[i].command))
			control_button(m, &f, control_keys[i].key);
	if (!strcmp(command, "device_state") &&
	    stream_field_given(&f, "lid_switch_open"))
		control_lid(m, &f);
	return stream_fields_end_open(&f);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/stream-ours.h"
#include "input/base/near.h"
#include "input/spec/spec-names.h"

#define COUNTS_MAX   32767
#define NOTCHES_MAX  100
#define NOTCH	     120
#define HELD_MAX     STREAM_ACTIONS_MAX
#define CONTACTS_MAX 32
#define BUTTON_MAX   4
#define PAD_BUTTONS  17
#define PAD_AXES     4

/* Return: a new action, for the device that the message names; or NULL. */
static struct stream_action *ours_add(struct stream_message *m,
				      enum stream_kind kind,
				      struct stream_fields *f)
{
	struct stream_action *a = stream_action_add(m, kind, f);
	const char *label;

	if (!a || !stream_field_given(f, "device"))
		return a;
	label = stream_field_string(f, "device");
	if (strlen(label) < sizeof(a->label))
		strcpy(a->label, label);
	else
		stream_fields_fail(f, "device: longer than %zu bytes",
				   sizeof(a->label) - 1);
	return a;
}

static void ours_hello(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_HELLO, f);

	if (a)
		a->code = (uint16_t)stream_field_int(f, "version", 1, 65535);
}

static void ours_key(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_KEY, f);

	if (!a)
		return;
	a->down = stream_field_flag(f, "down");
	if (stream_field_given(f, "repeat"))
		a->repeat = stream_field_flag(f, "repeat");
	a->code = stream_action_key(f, stream_field_string(f, "code"));
	if (!a->code)
		stream_fields_fail(f, "Linux has no such key");
}

static void ours_button(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_BUTTON, f);

	if (!a)
		return;
	a->code = (uint16_t)stream_field_int(f, "button", 0, BUTTON_MAX);
	a->down = stream_field_flag(f, "down");
}

static void ours_motion(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_MOTION, f);

	if (!a)
		return;
	a->x = stream_field_number(f, "x", -COUNTS_MAX, COUNTS_MAX);
	a->y = stream_field_number(f, "y", -COUNTS_MAX, COUNTS_MAX);
}

/* As in DOM, down is positive; in the kernel, up is. */
static void ours_wheel(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_WHEEL, f);
	const int32_t max = NOTCHES_MAX * NOTCH;

	if (!a)
		return;
	a->x = stream_field_int(f, "x", -max, max);
	a->y = -stream_field_int(f, "y", -max, max);
}

static void ours_turn(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_TURN, f);
	const int32_t max = NOTCHES_MAX * NOTCH;

	if (a)
		a->y = -stream_field_int(f, "y", -max, max);
}

static void ours_take_position(struct stream_action *a, struct stream_fields *f)
{
	a->x = stream_field_number(f, "x", 0, 1);
	a->y = stream_field_number(f, "y", 0, 1);
	a->given |= STREAM_HAS_POSITION;
}

static void ours_position(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_POSITION, f);

	if (a)
		ours_take_position(a, f);
}

static void ours_take_contact(struct stream_action *a, struct stream_fields *f)
{
	a->id = stream_field_int(f, "id", INT32_MIN, INT32_MAX);
	a->down = stream_field_flag(f, "down");
	if (a->down || stream_field_given(f, "x") || stream_field_given(f, "y"))
		ours_take_position(a, f);
	if (stream_field_given(f, "pressure")) {
		a->pressure = stream_field_number(f, "pressure", 0, 1);
		a->given |= STREAM_HAS_PRESSURE;
	}
	if (stream_field_given(f, "major") || stream_field_given(f, "minor")) {
		a->major = stream_field_number(f, "major", 0, 1);
		a->minor = stream_field_number(f, "minor", 0, 1);
		a->given |= STREAM_HAS_SIZE;
	}
}

static void ours_touch(struct stream_message *m, struct stream_fields *f)
{
	const struct stream_action *first = ours_add(m, STREAM_TOUCH, f);
	const json_t *contacts =
		stream_field_array(f, "contacts", CONTACTS_MAX);
	struct stream_action like;

	if (!first)
		return;
	like = *first;
	m->n = 0;
	for (size_t i = 0; i < json_array_size(contacts); i++) {
		struct stream_action *a = &m->action[m->n++];
		struct stream_fields each;

		*a = like;
		stream_fields_element(&each, f, json_array_get(contacts, i),
				      "contacts", i);
		ours_take_contact(a, &each);
		stream_fields_element_end(&each, f);
	}
}

static void ours_take_pen(struct stream_action *a, struct stream_fields *f)
{
	ours_take_position(a, f);
	a->pressure = stream_field_number(f, "pressure", 0, 1);
	a->given |= STREAM_HAS_PRESSURE;
	if (stream_field_given(f, "tiltX") || stream_field_given(f, "tiltY")) {
		a->tilt_x = stream_field_number(f, "tiltX", -90, 90);
		a->tilt_y = stream_field_number(f, "tiltY", -90, 90);
		a->given |= STREAM_HAS_TILT;
	}
	if (stream_field_given(f, "buttons"))
		a->buttons = (uint8_t)stream_field_int(f, "buttons", 0, 7);
	if (stream_field_given(f, "eraser"))
		a->eraser = stream_field_flag(f, "eraser");
}

static void ours_pen(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_PEN, f);

	if (!a)
		return;
	a->down = stream_field_flag(f, "near");
	if (a->down)
		ours_take_pen(a, f);
}

static void ours_add_pad(struct stream_message *m, struct stream_fields *f,
			 const struct stream_action *like, const json_t *values)
{
	const bool is_button = like->kind == STREAM_PAD_BUTTON;

	for (size_t i = 0; i < json_array_size(values); i++) {
		struct stream_action *a = &m->action[m->n++];

		*a = *like;
		a->code = (uint16_t)i;
		a->x = stream_value_number(f, json_array_get(values, i),
					   is_button ? "buttons" : "axes",
					   is_button ? 0 : -1, 1);
	}
}

/* The whole state of a pad, so that no message depends on another. */
static void ours_pad(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_PAD_GONE, f);
	struct stream_action like;
	const json_t *buttons, *axes;

	if (!a)
		return;
	a->id = stream_field_int(f, "pad", 0, STREAM_PADS_MAX - 1);
	if (stream_field_given(f, "gone")) {
		if (!stream_field_flag(f, "gone"))
			stream_fields_fail(f, "gone: must be true");
		return;
	}
	like = *a;
	m->n = 0;
	buttons = stream_field_array(f, "buttons", PAD_BUTTONS);
	axes = stream_field_array(f, "axes", PAD_AXES);
	like.kind = STREAM_PAD_BUTTON;
	ours_add_pad(m, f, &like, buttons);
	like.kind = STREAM_PAD_AXIS;
	ours_add_pad(m, f, &like, axes);
}

/* name: "lid", as SW_LID. */
static void ours_switch(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_SWITCH, f);
	char name[40] = "";
	int code;

	if (!a)
		return;
	a->down = stream_field_flag(f, "on");
	snprintf(name, sizeof(name), "SW_%s", stream_field_string(f, "name"));
	for (char *c = name; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	code = names_to_code(EV_SW, name);
	if (code < 0)
		stream_fields_fail(f, "no such switch; lid is one");
	else
		a->code = (uint16_t)code;
}

/* size: of to, with the NUL. */
static void ours_take_text(char *to, struct stream_fields *f, const char *name,
			   size_t size)
{
	const char *text = stream_field_string(f, name);

	if (strlen(text) < size)
		strcpy(to, text);
	else
		stream_fields_fail(f, "%s: longer than %zu bytes", name,
				   size - 1);
}

static void ours_text(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_TEXT, f);

	if (!a)
		return;
	a->down = !stream_field_given(f, "check") ||
		  !stream_field_flag(f, "check");
	ours_take_text(m->text, f, "text", STREAM_TEXT_SIZE);
	m->layout[0] = '\0';
	if (stream_field_given(f, "layout"))
		ours_take_text(m->layout, f, "layout", sizeof(m->layout));
}

static void ours_layouts(struct stream_message *m, struct stream_fields *f)
{
	stream_action_add(m, STREAM_LAYOUTS, f);
}

static void ours_offer(struct stream_message *m, struct stream_fields *f)
{
	stream_action_add(m, STREAM_OFFER, f);
	ours_take_text(m->text, f, "sdp", sizeof(m->text));
}

static void ours_rotate(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = ours_add(m, STREAM_ROTATE, f);

	if (!a)
		return;
	a->code = (uint16_t)stream_field_int(f, "degrees", 0, 270);
	if (a->code % 90)
		stream_fields_fail(f, "degrees: must be 0, 90, 180 or 270");
}

static void ours_ping(struct stream_message *m, struct stream_fields *f)
{
	struct stream_action *a = stream_action_add(m, STREAM_PING, f);

	if (a)
		a->id = stream_field_int(f, "id", 0, INT32_MAX);
}

/* --- the heartbeat --- */

static void ours_held_keys(struct stream_message *m, struct stream_fields *f)
{
	const json_t *keys = stream_field_array(f, "keys", HELD_MAX);

	for (size_t i = 0; i < json_array_size(keys); i++) {
		const char *code = json_string_value(json_array_get(keys, i));
		struct stream_action *a = stream_action_add(m, STREAM_KEY, f);

		if (!code)
			stream_fields_fail(f, "keys: must be strings");
		if (a && code)
			a->code = stream_action_key(f, code);
	}
}

/* A member of an object {"LABEL": [number, ...]}. */
static void ours_held_of(struct stream_message *m, struct stream_fields *f,
			 const struct stream_action *like, const json_t *values)
{
	if (!json_is_array(values))
		stream_fields_fail(f, "devices must have arrays");
	for (size_t i = 0; i < json_array_size(values); i++) {
		struct stream_action *a = stream_action_add(m, like->kind, f);
		const double number =
			stream_value_number(f, json_array_get(values, i),
					    "held", INT32_MIN, INT32_MAX);

		if (!a)
			return;
		*a = *like;
		a->id = (int32_t)number;
		a->code = (uint16_t)a->id;
	}
}

static void ours_held_by_device(struct stream_message *m,
				struct stream_fields *f, const char *name,
				enum stream_kind kind)
{
	struct stream_action like = { .kind = kind, .number = -1 };
	const char *label;
	json_t *values;

	/* jansson's macros do not take what is const. */
	json_object_foreach((json_t *)stream_field_object(f, name), label,
			    values)
	{
		if (strlen(label) >= sizeof(like.label)) {
			stream_fields_fail(f, "%s: no such device", name);
			return;
		}
		strcpy(like.label, label);
		ours_held_of(m, f, &like, values);
	}
}

static void ours_held_pads(struct stream_message *m, struct stream_fields *f)
{
	const struct stream_action like = { .kind = STREAM_PAD_GONE,
					    .number = -1 };

	ours_held_of(m, f, &like, stream_field_array(f, "pads", HELD_MAX));
}

static void ours_held_pen(struct stream_message *m, struct stream_fields *f)
{
	if (stream_field_flag(f, "pen"))
		stream_action_add(m, STREAM_PEN, f);
}

static void ours_held(struct stream_message *m, struct stream_fields *f)
{
	m->is_held = true;
	if (stream_field_given(f, "keys"))
		ours_held_keys(m, f);
	if (stream_field_given(f, "buttons"))
		ours_held_by_device(m, f, "buttons", STREAM_BUTTON);
	if (stream_field_given(f, "contacts"))
		ours_held_by_device(m, f, "contacts", STREAM_TOUCH);
	if (stream_field_given(f, "pen"))
		ours_held_pen(m, f);
	if (stream_field_given(f, "pads"))
		ours_held_pads(m, f);
}

static const struct {
	const char *type;
	void (*read)(struct stream_message *m, struct stream_fields *f);
} rows[] = {
	{ "hello", ours_hello },       { "key", ours_key },
	{ "button", ours_button },     { "motion", ours_motion },
	{ "wheel", ours_wheel },       { "turn", ours_turn },
	{ "position", ours_position }, { "touch", ours_touch },
	{ "pen", ours_pen },	       { "pad", ours_pad },
	{ "switch", ours_switch },     { "text", ours_text },
	{ "rotate", ours_rotate },     { "held", ours_held },
	{ "offer", ours_offer },       { "ping", ours_ping },
	{ "layouts", ours_layouts },
};

int stream_ours_read(struct stream_message *m, const json_t *object,
		     struct fault *why)
{
	struct stream_fields f;
	struct near near;
	const char *type;

	stream_fields_begin(&f, object, "message", why);
	type = stream_field_string(&f, "type");
	near_init(&near, type);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		near_try(&near, rows[i].type);
		if (strcmp(type, rows[i].type))
			continue;
		snprintf(f.where, sizeof(f.where), "%s: ", type);
		rows[i].read(m, &f);
		return stream_fields_end(&f);
	}
	stream_fields_fail(&f, "unknown type %.40s%s", type,
			   fault_hint(near.best));
	return stream_fields_end_open(&f);
}

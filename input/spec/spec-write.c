/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-names.h"
#include "input/spec/spec-rest.h"
#include "input/spec/spec-write.h"

/* A name that the reader accepts: KEY_MAX, too, is the name of a code. */
static const char *name_to_read(const char *name)
{
	return name && !names_is_limit(name) ? name : NULL;
}

static json_t *word_or_number(const char *name, unsigned int code)
{
	return name_to_read(name) ? json_string(name) : json_integer(code);
}

static json_t *codes_json(const struct spec *spec, unsigned int type)
{
	json_t *codes = json_array();

	for (unsigned int code = 0; code < SPEC_CODES; code++)
		if (bit_test(spec->bits[type], code))
			json_array_append_new(
				codes,
				word_or_number(names_code(type, code), code));
	return codes;
}

static json_t *events_json(const struct spec *spec)
{
	json_t *events = json_object();

	for (unsigned int type = EV_SYN + 1; type < EV_CNT; type++) {
		json_t *codes = codes_json(spec, type);

		if (type == EV_ABS || !json_array_size(codes) ||
		    (type == EV_REP && spec->has_repeat))
			json_decref(codes);
		else
			json_object_set_new(events, names_type(type), codes);
	}
	return events;
}

static void set_number(json_t *object, const char *key, int64_t value)
{
	if (value)
		json_object_set_new(object, key, json_integer(value));
}

/* guessed: the axis as it would be without "rest". */
static json_t *axis_json(const struct spec_abs *abs,
			 const struct spec_abs *guessed)
{
	json_t *axis = json_pack("{s:i,s:i}", "min", abs->min, "max", abs->max);

	set_number(axis, "fuzz", abs->fuzz);
	set_number(axis, "flat", abs->flat);
	set_number(axis, "res", abs->res);
	if (abs->has_rest)
		json_object_set_new(axis, "rest", json_integer(abs->rest));
	else if (guessed->has_rest)
		json_object_set_new(axis, "rest", json_null());
	if (abs->unclamped)
		json_object_set_new(axis, "clamp", json_false());
	return axis;
}

static json_t *axes_json(const struct spec *spec)
{
	json_t *axes = json_object();
	struct spec guessed = *spec;

	spec_rest_defaults(&guessed, 0);
	for (unsigned int code = 0; code < ABS_CNT; code++) {
		const char *name = name_to_read(names_code(EV_ABS, code));
		char number[8];

		if (!spec_has(spec, EV_ABS, (uint16_t)code))
			continue;
		snprintf(number, sizeof(number), "%u", code);
		json_object_set_new(
			axes, name ? name : number,
			axis_json(&spec->abs[code], &guessed.abs[code]));
	}
	return axes;
}

/* The name that spec-initial.c finds the switch or axis by, or a number. */
static void set_initial(json_t *initial, unsigned int type, unsigned int code,
			json_t *value)
{
	const char *name = name_to_read(names_code(type, code));
	char number[8];

	snprintf(number, sizeof(number), "%u", code);
	json_object_set_new(initial, name ? name : number, value);
}

static json_t *initial_json(const struct spec *spec)
{
	json_t *initial = json_object();

	for (unsigned int code = 0; code < SW_CNT; code++)
		if (bit_test(spec->initial_sw, code))
			set_initial(initial, EV_SW, code, json_true());
	for (unsigned int code = 0; code < ABS_CNT; code++)
		if (spec->abs[code].has_initial)
			set_initial(initial, EV_ABS, code,
				    json_integer(spec->abs[code].initial));
	return initial;
}

static json_t *props_json(const struct spec *spec)
{
	json_t *props = json_array();

	for (unsigned int prop = 0; prop < SPEC_CODES; prop++)
		if (bit_test(spec->props, prop))
			json_array_append_new(
				props, word_or_number(names_prop(prop), prop));
	return props;
}

static json_t *ids_json(const struct spec *spec)
{
	const char *bus = names_bus(spec->ids.bustype);

	return json_pack("{s:o,s:i,s:i,s:i}", "bustype",
			 word_or_number(bus, spec->ids.bustype), "vendor",
			 spec->ids.vendor, "product", spec->ids.product,
			 "version", spec->ids.version);
}

static json_t *spec_json(const struct spec *spec)
{
	json_t *root = json_pack("{s:s}", "name", spec->name);
	json_t *initial = initial_json(spec);

	if (spec->serial[0])
		json_object_set_new(root, "serial_name",
				    json_string(spec->serial));
	json_object_set_new(root, "ids", ids_json(spec));
	json_object_set_new(root, "properties", props_json(spec));
	json_object_set_new(root, "events", events_json(spec));
	json_object_set_new(root, "axes", axes_json(spec));
	if (json_object_size(initial))
		json_object_set(root, "initial", initial);
	json_decref(initial);
	if (spec->has_repeat)
		json_object_set_new(
			root, "repeat",
			json_pack("{s:I,s:I}", "delay",
				  (json_int_t)spec->repeat_delay_ms, "period",
				  (json_int_t)spec->repeat_period_ms));
	if (spec->exact)
		json_object_set_new(root, "exact", json_true());
	return root;
}

/* Whether the reader may take this for a placeholder, as in "100%ALU%". */
static bool begins_hole(const char *at)
{
	return at[0] == '%' && at[1] >= 'A' && at[1] <= 'Z';
}

/* Write each such % of a name as \u0025. Frees text. Return: NULL: no memory.
 */
static char *escape_holes(char *text)
{
	const size_t len = strlen(text);
	size_t n = 0;
	char *out, *end;

	for (size_t i = 0; i < len; i++)
		n += begins_hole(&text[i]);
	if (!n)
		return text;
	end = out = malloc(len + n * strlen("u0025") + 1);
	for (size_t i = 0; out && i <= len; i++)
		if (begins_hole(&text[i]))
			end = stpcpy(end, "\\u0025");
		else
			*end++ = text[i];
	free(text);
	return out;
}

char *spec_write(const struct spec *spec)
{
	json_t *root = spec_json(spec);
	char *text = json_dumps(root, JSON_INDENT(2));

	json_decref(root);
	return text ? escape_holes(text) : NULL;
}

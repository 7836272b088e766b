/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/plan/launch-item.h"
#include "injector/plan/launch-options-device.h"
#include "input/base/device-word.h"
#include "input/base/fault.h"

bool launch_options_is_utf8(const char *text, size_t n)
{
	json_t *json = json_stringn(text, n);

	json_decref(json);
	return json;
}

int launch_options_refuse_errno(struct cmdline *c, int error)
{
	return cmdline_refuse(c->why, "%s", strerror(error));
}

/* json: taken, may be NULL. */
static int options_add_device(struct cmdline *c, json_t *json)
{
	if (json_array_append_new(launch_options_of(c)->devices, json))
		return launch_options_refuse_errno(c, ENOMEM);
	return 0;
}

int launch_take_kind(struct cmdline *c, char *value)
{
	return options_add_device(c,
				  json_pack("{s:s}", "type", c->taken->name));
}

/* Digits only, from 1 to LAUNCH_SIZE_MAX. Return: past them, or NULL. */
static const char *options_read_dimension(const char *text, int *out)
{
	char *end;
	long n;

	if (!isdigit((unsigned char)*text))
		return NULL;
	n = strtol(text, &end, 10);
	if (n < 1 || n > LAUNCH_SIZE_MAX)
		return NULL;
	*out = (int)n;
	return end;
}

int launch_take_sized(struct cmdline *c, char *value)
{
	int width = 0, height = 0;
	const char *rest = options_read_dimension(value, &width);

	if (rest && *rest == 'x')
		rest = options_read_dimension(rest + 1, &height);
	if (!rest || *rest || !height)
		return cmdline_refuse_value(c, value,
					    "must be WIDTHxHEIGHT, each from 1 "
					    "to %d, such as 1080x2400",
					    LAUNCH_SIZE_MAX);
	return options_add_device(c, json_pack("{s:s, s:i, s:i}", "type",
					       c->taken->name, "width", width,
					       "height", height));
}

/* vinput-stream looks closer. A size has no colon. */
int launch_take_display(struct cmdline *c, char *value)
{
	if (!strchr(value, ':'))
		return launch_take_sized(c, value);
	launch_argv_add(&launch_options_of(c)->screens, "%s", value);
	return 0;
}

/* @FILE. Return: the spec; NULL with the error filled in. */
static json_t *options_read_spec_file(const char *path, json_error_t *error)
{
	FILE *file = fopen(path, "re");
	json_t *spec = NULL;

	if (!file)
		snprintf(error->text, sizeof(error->text), "%s",
			 strerror(errno));
	else
		spec = json_loadf(file, JSON_REJECT_DUPLICATES, error);
	if (file)
		fclose(file);
	return spec;
}

static json_t *options_read_stdin(struct cmdline *c, json_error_t *error)
{
	launch_options_of(c)->stdin_taken = true;
	return json_loadf(stdin, JSON_REJECT_DUPLICATES, error);
}

/* A line of 0: it is not about a place in the spec. */
static int options_refuse_spec(struct cmdline *c, const char *text,
			       const json_error_t *error)
{
	const char *what = *text == '@' ? text + 1 : "the spec";
	char place[32] = "";

	if (error->line > 0)
		snprintf(place, sizeof(place), ":%d:%d", error->line,
			 error->column);
	return cmdline_refuse(c->why, "--%s: %.60s%s: %.120s", c->taken->name,
			      what, place, error->text);
}

/*
 * A name or a path; or, as JSON from here on, the spec itself: "{...}", from a
 * file for "@FILE", from stdin for "-".
 */
static int options_read_spec(struct cmdline *c, const char *text, json_t **spec)
{
	json_error_t error = { .text = "not UTF-8" };

	*spec = NULL;
	if (!strcmp(text, "-") && launch_options_of(c)->stdin_taken)
		return cmdline_refuse(c->why,
				      "--%s: standard input is already in use",
				      c->taken->name);
	if (!strcmp(text, "-"))
		*spec = options_read_stdin(c, &error);
	else if (*text == '@')
		*spec = options_read_spec_file(text + 1, &error);
	else if (*text == '{')
		*spec = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	else
		*spec = json_string(text);
	if (!*spec)
		return options_refuse_spec(c, text, &error);
	return 0;
}

int launch_take_device(struct cmdline *c, char *value)
{
	const char *eq = strchr(value, '=');
	json_t *spec;

	if (!eq || eq == value || !eq[1])
		return cmdline_refuse_value(c, value, "must be LABEL=SPEC");
	if (!launch_options_is_utf8(value, (size_t)(eq - value)))
		return cmdline_refuse_value(c, value, "LABEL must be UTF-8");
	if (options_read_spec(c, eq + 1, &spec))
		return -EINVAL;
	return options_add_device(c, json_pack("{s:s%, s:o}", "label", value,
					       (size_t)(eq - value), "spec",
					       spec));
}

int launch_take_passthrough(struct cmdline *c, char *value)
{
	const size_t n = device_word_cut(value);
	json_t *json;

	if (!n)
		return cmdline_refuse_value(c, value, "must be DEV[=LABEL]");
	if (!launch_options_is_utf8(value, strlen(value)))
		return cmdline_refuse_value(c, value, "must be UTF-8");
	json = json_pack("{s:s%}", "passthrough", value, n);
	if (json && value[n])
		json_object_set_new(json, "label", json_string(value + n + 1));
	return options_add_device(c, json);
}

int launch_take_spec(struct cmdline *c, char *value)
{
	struct launch_options *o = launch_options_of(c);

	json_decref(o->spec);
	o->spec = NULL;
	return options_read_spec(c, value, &o->spec);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/plan/launch-item.h"
#include "injector/plan/launch-members.h"
#include "injector/plan/launch-passthrough.h"
#include "injector/plan/launch-tunable.h"
#include "input/base/device-word.h"
#include "input/base/fault.h"
#include "input/base/near.h"

const struct launch_kind launch_kinds[] = {
	{ "keyboard", "keyboard", "keyboard", false, false },
	{ "mouse", "mouse", "mouse", false, false },
	{ "display", "multi-touchscreen", "touch_", true, true },
	{ "touchpad", "multi-touchpad", "touch_", true, true },
	{ "gamepad", "gamepad", "gamepad", false, false },
	{ "rotary", "rotary", "rotary", false, false },
	{ "switches", "switches", "switches", false, false },
	{ "tablet", "tablet", "tablet", false, false },
	{ "pen", "pen", "pen", true, false },
	{ "media-remote", "media-remote", "media_remote", false, false },
	{ 0 },
};

/* They mean something else in the directory, the logs or the commands. */
static const char *const reserved[] = { "control", "launcher", "log",
					"streamer", NULL };

const struct launch_kind *launch_kind_find(const char *name)
{
	for (const struct launch_kind *k = launch_kinds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

/* --- its members --- */

static int item_take_string(const struct launch_reader *r, const json_t *value,
			    const char **out)
{
	const char *text = json_string_value(value);

	if (!text || !*text)
		return launch_fault(r->fault, r->at,
				    "%s must be a string that is not empty",
				    r->key);
	if (strlen(text) > LAUNCH_STRING_MAX)
		return launch_fault(r->fault, r->at,
				    "%s must have at most %d bytes", r->key,
				    LAUNCH_STRING_MAX);
	*out = text;
	return 0;
}

static int item_take_type(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;
	const char *text = NULL;
	struct near near;

	if (item_take_string(r, value, &text))
		return -EINVAL;
	item->kind = launch_kind_find(text);
	if (item->kind)
		return 0;
	near_init(&near, text);
	for (const struct launch_kind *k = launch_kinds; k->name; k++)
		near_try(&near, k->name);
	return launch_fault(r->fault, r->at, "unknown device type %.40s%s",
			    text, fault_hint(near.best));
}

static int item_take_label(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;
	const char *text = NULL;

	if (item_take_string(r, value, &text))
		return -EINVAL;
	if (!launch_label_is_valid(text))
		return launch_fault(r->fault, r->at,
				    "invalid label %.80s: must be at most %d "
				    "letters, digits, _ and -",
				    text, LAUNCH_LABEL_MAX);
	for (size_t i = 0; reserved[i]; i++)
		if (!strcmp(text, reserved[i]))
			return launch_fault(r->fault, r->at,
					    "the label %s is reserved", text);
	strcpy(item->label, text);
	return 0;
}

static int item_take_spec(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;

	if (json_is_object(value)) {
		item->inline_spec = value;
		return 0;
	}
	if (json_is_string(value) && *json_string_value(value))
		return item_take_string(r, value, &item->spec);
	return launch_fault(r->fault, r->at,
			    "spec must be a string that is not empty, or an "
			    "object");
}

static int item_take_passthrough(const struct launch_reader *r,
				 const json_t *value)
{
	struct launch_item *item = r->into;

	return item_take_string(r, value, &item->passthrough);
}

/* Only checked: launch_passthrough_args() reads it from the JSON. */
static int item_take_pass_option(const struct launch_reader *r,
				 const json_t *value)
{
	if (launch_passthrough_is_valid(r->key, value))
		return 0;
	return launch_fault(r->fault, r->at, "%s must be %s", r->key,
			    launch_passthrough_must(r->key));
}

static int item_take_name(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;

	return item_take_string(r, value, &item->name);
}

static int item_take_serial(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;

	return item_take_string(r, value, &item->serial);
}

static int item_take_size(const struct launch_reader *r, const json_t *value,
			  unsigned int *out)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 1 || n > LAUNCH_SIZE_MAX)
		return launch_fault(r->fault, r->at,
				    "%s must be a number from 1 to %d", r->key,
				    LAUNCH_SIZE_MAX);
	*out = (unsigned int)n;
	return 0;
}

static int item_take_width(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;

	return item_take_size(r, value, &item->width);
}

static int item_take_height(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;

	return item_take_size(r, value, &item->height);
}

static int item_check_setting(const struct launch_reader *r, const char *name,
			      const json_t *to)
{
	const struct json_path *at = JSON_MEMBER(r->at, name);
	const char *text = json_string_value(to);

	if (!*name || strchr(name, '=') || !(text || json_is_integer(to)))
		return launch_fault(r->fault, at,
				    "%.40s must be a placeholder's name, with "
				    "a string or an integer",
				    name);
	if (strlen(name) + (text ? strlen(text) : 0) > LAUNCH_STRING_MAX)
		return launch_fault(r->fault, at,
				    "%.40s and its value must have at most %d "
				    "bytes",
				    name, LAUNCH_STRING_MAX);
	return 0;
}

static int item_take_set(const struct launch_reader *r, const json_t *value)
{
	struct launch_item *item = r->into;
	const char *name;
	json_t *to;

	if (!json_is_object(value))
		return launch_fault(r->fault, r->at,
				    "set must be an object of placeholders");
	json_object_foreach((json_t *)value, name, to)
	{
		if (item_check_setting(r, name, to))
			return -EINVAL;
	}
	item->set = value;
	return 0;
}

/* Only checked: launch_tunable_args() reads it from the JSON. */
static int item_take_tunable(const struct launch_reader *r, const json_t *value)
{
	const struct launch_tunable *t = launch_tunable_find(r->key);
	char must[64];

	if (launch_tunable_is_valid(t, value))
		return 0;
	launch_tunable_must(t, must);
	return launch_fault(r->fault, r->at, "%s must be %s", r->key, must);
}

static const struct launch_member item_members[] = {
	{ "type", item_take_type },
	{ "spec", item_take_spec },
	{ "passthrough", item_take_passthrough },
	{ "grab", item_take_pass_option },
	{ "start", item_take_pass_option },
	{ "toggle", item_take_pass_option },
	{ "exit", item_take_pass_option },
	{ "label", item_take_label },
	{ "name", item_take_name },
	{ "serial", item_take_serial },
	{ "width", item_take_width },
	{ "height", item_take_height },
	{ "set", item_take_set },
	{ "overflow", item_take_tunable },
	{ "stall_ms", item_take_tunable },
	{ "busy_poll", item_take_tunable },
	{ "shared_memory", item_take_tunable },
	{ "iommu", item_take_tunable },
	{ "inband", item_take_tunable },
	{ "postcopy", item_take_tunable },
	{ "vfio_user", item_take_tunable },
	{ "$comment", launch_members_ignore },
	{ 0 },
};

/* --- all of it --- */

/* What goes with a device of the host, and with others. */
static int item_check_passthrough(const struct launch_item *item,
				  const json_t *json,
				  const struct json_path *at,
				  struct launch_fault *f)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)json, key, value)
	{
		if (!item->passthrough && launch_passthrough_has(key))
			return launch_fault(f, JSON_MEMBER(at, key),
					    "%s goes with passthrough", key);
	}
	if (item->passthrough && (item->name || item->serial || item->set))
		return launch_fault(f, at,
				    "name, serial and set do not go with "
				    "passthrough");
	return 0;
}

/* One that is a valid label of a device. */
static int item_label_passthrough(struct launch_item *item,
				  const struct json_path *at,
				  struct launch_fault *f)
{
	json_t *label;
	const struct launch_reader r = {
		.into = item, .at = at, .fault = f, .key = "label"
	};
	int rc;

	device_word_label(item->passthrough, item->label);
	label = json_string(item->label);
	rc = item_take_label(&r, label);
	json_decref(label);
	return rc;
}

static int item_check(const struct launch_item *item,
		      const struct json_path *at, struct launch_fault *f)
{
	const struct launch_kind *kind = item->kind;
	const int n = (kind != NULL) + (item->spec || item->inline_spec) +
		      (item->passthrough != NULL);

	if (n != 1)
		return launch_fault(f, at,
				    "a device must have a type, a spec or "
				    "passthrough%s",
				    n ? ", not two of them" : "");
	if (!kind && !*item->label)
		return launch_fault(f, at,
				    "a device with a spec needs a label");
	if (kind && kind->sized && (!item->width || !item->height))
		return launch_fault(f, at, "a %s needs a width and a height",
				    kind->name);
	if ((item->width || item->height) && (!kind || !kind->sized))
		return launch_fault(f, at,
				    "width and height go with a display, a "
				    "touchpad or a pen");
	return 0;
}

int launch_item_read(struct launch_item *item, json_t *json,
		     const struct json_path *at, struct launch_fault *f)
{
	const struct launch_reader r = { .into = item, .at = at, .fault = f };
	int rc;

	*item = (struct launch_item){ .json = NULL };
	if (!json_is_object(json))
		return launch_fault(f, at, "a device must be an object");
	rc = launch_members_read(item_members, json, &r);
	if (!rc && item->passthrough && !*item->label)
		rc = item_label_passthrough(item, at, f);
	if (!rc)
		rc = item_check(item, at, f);
	if (!rc)
		rc = item_check_passthrough(item, json, at, f);
	if (!rc)
		item->json = json_incref(json);
	return rc;
}

void launch_item_fini(struct launch_item *item)
{
	json_decref(item->json);
	item->json = NULL;
}

/* --- its server --- */

static void item_spec_args(const struct launch_item *item,
			   struct launch_argv *args)
{
	const struct launch_kind *kind = item->kind;
	const char *name;
	json_t *to;

	if (!item->inline_spec)
		launch_argv_add(args, "--spec=%s",
				kind ? kind->spec : item->spec);
	if (kind && kind->sized) {
		launch_argv_add(args, "--set=WIDTH=%u", item->width);
		launch_argv_add(args, "--set=HEIGHT=%u", item->height);
	}
	if (kind && kind->numbered && !json_object_get(item->set, "INDEX"))
		launch_argv_add(args, "--set=INDEX=%u", item->number);
	json_object_foreach((json_t *)item->set, name, to)
	{
		if (json_is_string(to))
			launch_argv_add(args, "--set=%s=%s", name,
					json_string_value(to));
		else
			launch_argv_add(args, "--set=%s=%" JSON_INTEGER_FORMAT,
					name, json_integer_value(to));
	}
	if (item->name)
		launch_argv_add(args, "--name=%s", item->name);
	if (item->serial)
		launch_argv_add(args, "--serial=%s", item->serial);
}

void launch_item_args(const struct launch_item *item, struct launch_argv *args)
{
	if (!item->passthrough)
		item_spec_args(item, args);
	launch_tunable_args(item->json, args);
	if (item->passthrough)
		launch_passthrough_args(item->json, args);
}

const char *launch_item_what(const struct launch_item *item)
{
	if (item->inline_spec)
		return "inline";
	if (item->passthrough)
		return "passthrough";
	return item->kind ? item->kind->name : item->spec;
}

bool launch_item_can_reload(const struct launch_item *item)
{
	return !item->passthrough;
}

bool launch_item_has_iommu(const struct launch_item *item)
{
	return json_is_true(json_object_get(item->json, "iommu"));
}

bool launch_item_has_vfio_user(const struct launch_item *item)
{
	return json_is_true(json_object_get(item->json, "vfio_user"));
}

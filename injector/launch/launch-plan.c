/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device is read member by member through a table: each row knows its key
 * and how to take its value. What needs several members, or several devices,
 * is checked afterwards: that there is one of type and spec, that what has a
 * size got one, and that no two labels are the same.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "input/base/near.h"
#include "injector/launch/launch-plan.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

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

/* Names that stand for something else in the launcher's folder or orders. */
static const char *const reserved[] = { "control", "launcher", "log",
					"streamer" };

const struct launch_kind *launch_kind_of(const char *name)
{
	for (const struct launch_kind *k = launch_kinds; k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

/* From an offset to a line and a column, both from 1. */
static void locate(struct launch_fault *f, size_t offset)
{
	f->line = 1;
	f->column = 1;
	for (size_t i = 0; i < offset && i < f->json_len; i++) {
		f->column++;
		if (f->json[i] == '\n') {
			f->line++;
			f->column = 1;
		}
	}
}

int launch_fault(struct launch_fault *f, const struct json_path *at,
		 const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	f->line = f->column = 0;
	if (f->json && at)
		locate(f, json_where(f->json, f->json_len, at));
	return -EINVAL;
}

/* --- members of a device --- */

struct reader {
	struct launch_item *item;
	struct launch_fault *fault;
	const struct json_path *at; /* of the member that is read */
};

typedef int take(struct reader *r, const char *key, const json_t *value);

/* Return: the string, or NULL with the fault filled in. */
static const char *string_of(struct reader *r, const char *key,
			     const json_t *value)
{
	const char *text = json_string_value(value);

	if (text && *text)
		return text;
	launch_fault(r->fault, r->at,
		     "%s must be a string with something in it", key);
	return NULL;
}

static int take_string(struct reader *r, const char *key, const json_t *value,
		       const char **out)
{
	*out = string_of(r, key, value);
	return *out ? 0 : -EINVAL;
}

static int take_type(struct reader *r, const char *key, const json_t *value)
{
	const char *text = string_of(r, key, value);
	const char *words[COUNT(launch_kinds)], *near;

	if (!text)
		return -EINVAL;
	r->item->kind = launch_kind_of(text);
	if (r->item->kind)
		return 0;
	for (size_t i = 0; i < COUNT(launch_kinds); i++)
		words[i] = launch_kinds[i].name;
	near = near_word(words, text);
	return launch_fault(r->fault, r->at, "%.40s is no type of device%s%s%s",
			    text, near ? "; did you mean " : "",
			    near ? near : "", near ? "?" : "");
}

static int take_label(struct reader *r, const char *key, const json_t *value)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789_-";
	const char *text = string_of(r, key, value);

	if (!text)
		return -EINVAL;
	if (strlen(text) > LAUNCH_LABEL_MAX || text[strspn(text, letters)] ||
	    text[0] == '-')
		return launch_fault(r->fault, r->at,
				    "%.80s is no label: at most %d letters, "
				    "digits, _ and -",
				    text, LAUNCH_LABEL_MAX);
	for (size_t i = 0; i < COUNT(reserved); i++)
		if (!strcmp(text, reserved[i]))
			return launch_fault(r->fault, r->at,
					    "the label %s has a meaning of "
					    "its own",
					    text);
	strcpy(r->item->label, text);
	return 0;
}

static int take_spec(struct reader *r, const char *key, const json_t *value)
{
	return take_string(r, key, value, &r->item->spec);
}

static int take_name(struct reader *r, const char *key, const json_t *value)
{
	return take_string(r, key, value, &r->item->name);
}

static int take_serial(struct reader *r, const char *key, const json_t *value)
{
	return take_string(r, key, value, &r->item->serial);
}

static int take_overflow(struct reader *r, const char *key, const json_t *value)
{
	const char *text = string_of(r, key, value);

	if (!text)
		return -EINVAL;
	if (strcmp(text, "fold") && strcmp(text, "block"))
		return launch_fault(r->fault, r->at,
				    "overflow %.40s: not fold or block", text);
	r->item->overflow = text;
	return 0;
}

static int take_iommu(struct reader *r, const char *key, const json_t *value)
{
	if (!json_is_boolean(value))
		return launch_fault(r->fault, r->at,
				    "iommu must be true or false");
	r->item->iommu = json_is_true(value);
	return 0;
}

static int take_size(struct reader *r, const char *key, const json_t *value)
{
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 1 || n > LAUNCH_SIZE_MAX)
		return launch_fault(r->fault, r->at,
				    "%s must be a number from 1 to %d", key,
				    LAUNCH_SIZE_MAX);
	if (!strcmp(key, "width"))
		r->item->width = (unsigned int)n;
	else
		r->item->height = (unsigned int)n;
	return 0;
}

static int take_set(struct reader *r, const char *key, const json_t *value)
{
	const struct json_path *at = r->at;
	const char *name;
	json_t *to;

	if (!json_is_object(value))
		return launch_fault(r->fault, at,
				    "set must be an object of placeholders");
	json_object_foreach((json_t *)value, name, to)
	{
		if (*name && !strchr(name, '=') &&
		    (json_is_string(to) || json_is_integer(to)))
			continue;
		return launch_fault(r->fault, JSON_MEMBER(at, name),
				    "%.40s must be a placeholder's name, with "
				    "a string or an integer",
				    name);
	}
	r->item->set = value;
	return 0;
}

static int take_comment(struct reader *r, const char *key, const json_t *value)
{
	return 0;
}

static const struct member {
	const char *key;
	take *take;
} members[] = {
	{ "type", take_type },	       { "spec", take_spec },
	{ "label", take_label },       { "name", take_name },
	{ "serial", take_serial },     { "width", take_size },
	{ "height", take_size },       { "set", take_set },
	{ "overflow", take_overflow }, { "iommu", take_iommu },
	{ "$comment", take_comment },
};

static int unknown_member(struct launch_fault *f, const struct json_path *at,
			  const char *key)
{
	const char *words[COUNT(members) + 1] = { NULL }, *near;

	for (size_t i = 0; i < COUNT(members); i++)
		words[i] = members[i].key;
	near = near_word(words, key);
	return launch_fault(f, JSON_KEY(at, key), "unknown key %.40s%s%s%s",
			    key, near ? "; did you mean " : "",
			    near ? near : "", near ? "?" : "");
}

static int take_member(struct launch_item *item, const struct json_path *at,
		       const char *key, const json_t *value,
		       struct launch_fault *f)
{
	struct json_path path = *JSON_MEMBER(at, key);
	struct reader r = { .item = item, .fault = f, .at = &path };

	for (size_t i = 0; i < COUNT(members); i++)
		if (!strcmp(members[i].key, key))
			return members[i].take(&r, key, value);
	return unknown_member(f, at, key);
}

/* --- a device, and all of them --- */

static int check_item(const struct launch_item *item,
		      const struct json_path *at, struct launch_fault *f)
{
	const struct launch_kind *kind = item->kind;

	if (!kind == !item->spec)
		return launch_fault(f, at, "a device has a type or a spec%s",
				    kind ? ", not both" : "");
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

static int read_item(struct launch_item *item, json_t *json,
		     const struct json_path *at, struct launch_fault *f)
{
	const char *key;
	json_t *value;

	*item = (struct launch_item){ .json = NULL };
	if (!json_is_object(json))
		return launch_fault(f, at, "a device must be an object");
	json_object_foreach(json, key, value)
	{
		int rc = take_member(item, at, key, value, f);

		if (rc)
			return rc;
	}
	return check_item(item, at, f);
}

/* The place of a device, or NULL for one that is not from the file. */
static const struct json_path *place(const struct launch_fault *f, size_t i,
				     const struct json_path *at)
{
	return i < f->n_located ? at : NULL;
}

int launch_plan_read(struct launch_plan *plan, const json_t *devices,
		     const struct json_path *at, struct launch_fault *f)
{
	plan->n = 0;
	if (!json_is_array(devices))
		return launch_fault(f, at, "devices must be an array");
	if (json_array_size(devices) > LAUNCH_DEVICES_MAX)
		return launch_fault(f, at, "more than %d devices",
				    LAUNCH_DEVICES_MAX);
	for (size_t i = 0; i < json_array_size(devices); i++) {
		struct launch_item *item = &plan->item[i];
		json_t *json = json_array_get(devices, i);
		struct json_path elem = *JSON_ELEMENT(at, i);
		int rc = read_item(item, json, place(f, i, &elem), f);

		if (rc)
			return rc;
		item->json = json_incref(json);
		plan->n = i + 1;
	}
	return 0;
}

void launch_plan_fini(struct launch_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		json_decref(plan->item[i].json);
	plan->n = 0;
}

/* --- labels --- */

/* Return: the device of that label among the first n, or NULL. */
static const struct launch_item *with_label(const struct launch_plan *plan,
					    size_t n, const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(plan->item[i].label, label))
			return &plan->item[i];
	return NULL;
}

struct labels {
	struct launch_plan *plan;
	launch_taken *taken;
	void *arg;
};

static bool is_taken(const struct labels *l, const char *label)
{
	return with_label(l->plan, l->plan->n, label) ||
	       (l->taken && l->taken(l->arg, label));
}

/* touch_0, touch_1, ...: all of one kind, in their order. */
static void number(const struct labels *l, const char *kind)
{
	const struct launch_kind *k = launch_kind_of(kind);
	char label[LAUNCH_LABEL_MAX + 1];
	unsigned int n = 0;

	for (size_t i = 0; i < l->plan->n; i++) {
		struct launch_item *item = &l->plan->item[i];

		if (item->kind != k || *item->label)
			continue;
		do
			snprintf(label, sizeof(label), "%s%u", k->label, n++);
		while (is_taken(l, label));
		strcpy(item->label, label);
		item->number = n - 1;
	}
}

static int check_label(const struct labels *l, size_t i,
		       const struct json_path *at, struct launch_fault *f)
{
	const struct launch_item *item = &l->plan->item[i];

	if (with_label(l->plan, i, item->label))
		return launch_fault(f, at,
				    "two devices are named %s; give one "
				    "another label",
				    item->label);
	if (l->taken && l->taken(l->arg, item->label))
		return launch_fault(f, at, "there is a device %s already",
				    item->label);
	return 0;
}

int launch_plan_label(struct launch_plan *plan, const struct json_path *at,
		      launch_taken *taken, void *arg, struct launch_fault *f)
{
	struct labels l = { plan, taken, arg };

	for (size_t i = 0; i < plan->n; i++) {
		struct launch_item *item = &plan->item[i];

		if (!*item->label && !item->kind->numbered)
			strcpy(item->label, item->kind->label);
	}
	number(&l, "display");
	number(&l, "touchpad");
	for (size_t i = 0; i < plan->n; i++) {
		struct json_path elem = *JSON_ELEMENT(at, i);
		struct json_path label = *JSON_MEMBER(&elem, "label");
		int rc = check_label(&l, i, place(f, i, &label), f);

		if (rc)
			return rc;
	}
	return 0;
}

/* --- what becomes of a device --- */

void launch_item_args(const struct launch_item *item, struct launch_argv *args)
{
	const struct launch_kind *kind = item->kind;
	const char *name;
	json_t *to;

	launch_argv_add(args, "--spec=%s", kind ? kind->spec : item->spec);
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
	if (item->overflow)
		launch_argv_add(args, "--overflow=%s", item->overflow);
	if (item->iommu)
		launch_argv_add(args, "--iommu");
}

const char *launch_item_what(const struct launch_item *item)
{
	return item->kind ? item->kind->name : item->spec;
}

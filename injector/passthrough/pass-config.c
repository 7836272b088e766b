/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/passthrough/pass-config.h"
#include "input/base/fault.h"
#include "input/base/fd.h"
#include "input/base/near.h"
#include "input/spec/json-where.h"

#define NAME_MAX_LEN 40

struct reader {
	struct pass_config *cfg;
	const char *path;
	struct cmdline *c;
	int (*add)(struct cmdline *c, const struct pass_config_device *d);
};

/* --- errors --- */

/* Put the place before what c->why says. Return: -EINVAL. */
static int config_locate(const struct reader *r, const struct json_path *at)
{
	const struct pass_config *cfg = r->cfg;
	const size_t offset = json_where(cfg->text, cfg->len, at);
	size_t line = 1, start = 0;
	char what[256];

	for (size_t i = 0; i < offset && i < cfg->len; i++)
		if (cfg->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	snprintf(what, sizeof(what), "%s", r->c->why);
	return cmdline_refuse(r->c->why, "%.80s:%zu:%zu: %.150s", r->path, line,
			      offset - start + 1, what);
}

#define config_fault(r, at, ...) \
	(cmdline_refuse((r)->c->why, __VA_ARGS__), config_locate(r, at))

/* --- options --- */

bool pass_config_excludes(const char *name)
{
	static const char *const names[] = {
		"list",	  "print-spec", "to",	    "spec",	"no-grab",
		"fd",	  "inject-fd",	"state-fd", "ready-fd", "spec-fd",
		"config", "help",	"version"
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* "stall_ms" is --stall-ms. Return: the option's ID, or 0. */
static int config_option(const struct reader *r, const char *key,
			 struct near *near)
{
	char name[NAME_MAX_LEN];

	snprintf(name, sizeof(name), "%s", key);
	for (char *c = name; *c; c++)
		*c = *c == '_' ? '-' : *c;
	near_init(near, name);
	for (int id = 1; id < r->c->n_ids; id++) {
		const char *option = r->c->rows[id].name;

		if (pass_config_excludes(option))
			continue;
		if (!strcmp(option, name) && !strchr(key, '-'))
			return id;
		near_try(near, option);
	}
	return 0;
}

static int config_take(const struct reader *r, int id, const char *value,
		       const struct json_path *at)
{
	struct cmdline *c = r->c;

	c->taken = &c->rows[id];
	c->given[id] = value;
	/* No handler changes it. */
	return c->taken->take(c, (char *)value) ? config_locate(r, at) : 0;
}

/* Return: the number as text, which the file owns; or NULL. */
static const char *config_number(const struct reader *r, const json_t *value)
{
	json_t *text = json_sprintf("%" JSON_INTEGER_FORMAT,
				    json_integer_value(value));

	return json_array_append_new(r->cfg->values, text)
		       ? NULL
		       : json_string_value(text);
}

static int config_take_text(const struct reader *r, int id, const json_t *value,
			    const struct json_path *at)
{
	const char *text = json_is_integer(value) ? config_number(r, value)
						  : json_string_value(value);
	const struct cmdline_option *row = &r->c->rows[id];

	if (!text)
		return config_fault(r, at,
				    "must be a string or a number: %s for --%s",
				    row->value, row->name);
	return config_take(r, id, text, at);
}

/* An array is an option that is repeated. */
static int config_take_option(const struct reader *r, int id,
			      const json_t *value, const struct json_path *at)
{
	size_t i;
	json_t *each;
	int rc;

	if (!r->c->rows[id].value && !json_is_boolean(value))
		return config_fault(r, at, "must be true or false");
	if (!r->c->rows[id].value)
		return json_is_true(value) ? config_take(r, id, "", at) : 0;
	if (!json_is_array(value))
		return config_take_text(r, id, value, at);
	json_array_foreach(value, i, each)
	{
		rc = config_take_text(r, id, each, JSON_ELEMENT(at, i));
		if (rc)
			return rc;
	}
	return 0;
}

/* --grab knows no "none": that is --no-grab. */
static int config_take_grab(const struct reader *r, const char *text,
			    const struct json_path *at)
{
	const bool none = text && !strcmp(text, "none");
	int id = 1;

	while (strcmp(r->c->rows[id].name, none ? "no-grab" : "grab"))
		id++;
	if (!text)
		return config_fault(r, at, "must be wait, now or none");
	return config_take(r, id, none ? "" : text, at);
}

/* --- devices --- */

static const char **device_member(struct pass_config_device *d, const char *key)
{
	const struct {
		const char *key, **member;
	} members[] = {
		{ "device", &d->device }, { "label", &d->label },
		{ "to", &d->to },	  { "spec", &d->spec },
		{ "grab", &d->grab },	  { "on_unplug", &d->on_unplug },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (!strcmp(members[i].key, key))
			return members[i].member;
	return NULL;
}

static int config_read_device(const struct reader *r, const json_t *device,
			      const struct json_path *at)
{
	struct pass_config_device d = { NULL };
	const char *key;
	json_t *value;

	if (!json_is_object(device))
		return config_fault(r, at, "a device must be an object");
	json_object_foreach((json_t *)device, key, value)
	{
		const char **member = device_member(&d, key);

		if (!strcmp(key, "$comment"))
			continue;
		if (!member)
			return config_fault(r, JSON_KEY(at, key),
					    "unknown key %.40s of a device",
					    key);
		*member = json_string_value(value);
		if (!*member || !**member)
			return config_fault(r, JSON_MEMBER(at, key),
					    "must be a string that is not "
					    "empty");
	}
	if (!d.device)
		return config_fault(r, at, "a device needs \"device\"");
	return r->add(r->c, &d) ? config_locate(r, at) : 0;
}

static int config_read_devices(const struct reader *r, const json_t *devices,
			       const struct json_path *at)
{
	size_t i;
	json_t *device;
	int rc;

	if (!json_is_array(devices))
		return config_fault(r, at, "devices must be an array");
	json_array_foreach(devices, i, device)
	{
		rc = config_read_device(r, device, JSON_ELEMENT(at, i));
		if (rc)
			return rc;
	}
	return 0;
}

/* --- all of it --- */

/* near: an option. */
static int config_unknown(const struct reader *r, const char *key,
			  const char *near)
{
	char name[NAME_MAX_LEN] = "";

	if (near)
		snprintf(name, sizeof(name), "%s", near);
	for (char *c = name; *c; c++)
		*c = *c == '-' ? '_' : *c;
	return config_fault(r, JSON_KEY(NULL, key), "unknown key %.40s%s", key,
			    fault_hint(near ? name : NULL));
}

static int config_read_member(const struct reader *r, const char *key,
			      const json_t *value)
{
	const struct json_path at = *JSON_MEMBER(NULL, key);
	struct near near;
	int id;

	if (!strcmp(key, "$schema") || !strcmp(key, "$comment"))
		return 0;
	if (!strcmp(key, "devices"))
		return config_read_devices(r, value, &at);
	if (!strcmp(key, "grab"))
		return config_take_grab(r, json_string_value(value), &at);
	id = config_option(r, key, &near);
	if (!id)
		return config_unknown(r, key, near.best);
	return config_take_option(r, id, value, &at);
}

static int config_read_text(struct pass_config *cfg, int fd)
{
	cfg->text = malloc(PASS_CONFIG_MAX + 1);
	if (!cfg->text)
		return -ENOMEM;
	while (cfg->len <= PASS_CONFIG_MAX) {
		ssize_t n = read(fd, cfg->text + cfg->len,
				 PASS_CONFIG_MAX + 1 - cfg->len);

		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		cfg->len += (size_t)n;
	}
	return -EFBIG;
}

static int config_parse(const struct reader *r)
{
	struct pass_config *cfg = r->cfg;
	json_error_t error;
	const char *key;
	json_t *value;
	int rc;

	cfg->json =
		json_loadb(cfg->text, cfg->len, JSON_REJECT_DUPLICATES, &error);
	cfg->values = json_array();
	if (!cfg->json)
		return cmdline_refuse(r->c->why, "%.80s:%d:%d: %.120s", r->path,
				      error.line, error.column, error.text);
	if (!json_is_object(cfg->json))
		return config_fault(r, NULL, "must be an object");
	json_object_foreach(cfg->json, key, value)
	{
		rc = config_read_member(r, key, value);
		if (rc)
			return rc;
	}
	return 0;
}

int pass_config_read(struct pass_config *cfg, const char *path,
		     struct cmdline *c,
		     int (*add)(struct cmdline *c,
				const struct pass_config_device *d))
{
	const struct reader r = { cfg, path, c, add };
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc = fd < 0 ? -errno : config_read_text(cfg, fd);

	if (rc == -EFBIG)
		return cmdline_refuse(c->why,
				      "--config=%.100s: longer than %d "
				      "KiB",
				      path, PASS_CONFIG_MAX / 1024);
	return rc ? cmdline_refuse(c->why, "--config=%.100s: %s", path,
				   strerror(-rc))
		  : config_parse(&r);
}

void pass_config_fini(struct pass_config *cfg)
{
	json_decref(cfg->json);
	json_decref(cfg->values);
	free(cfg->text);
	*cfg = (struct pass_config){ 0 };
}

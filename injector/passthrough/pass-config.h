/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --config: a JSON file with devices and options. A member of the whole is the
 * option of its name, with "_" for "-", as if it stood in place of --config; so
 * a new option needs a line in passthrough.schema.json only. What belongs to
 * one device is a member of its object in "devices".
 */
#ifndef VINPUT_PASS_CONFIG_H
#define VINPUT_PASS_CONFIG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/base/cmdline.h"

#define PASS_CONFIG_MAX (256 * 1024) /* bytes */

struct pass_config {
	char *text; /* owned, as all here */
	size_t len;
	json_t *json;
	json_t *values; /* of numbers, as texts */
};

/* Borrowed from the file; NULL: not given. */
struct pass_config_device {
	const char *device, *label, *to, *spec, *grab, *on_unplug;
};

/*
 * For the handler of --config. add: one for each device, as a handler of an
 * option. Return: 0, or -EINVAL with c->why: "FILE:3:5: ...". What the handlers
 * got lasts until pass_config_fini(), which is due in any case.
 */
int pass_config_read(struct pass_config *cfg, const char *path,
		     struct cmdline *c,
		     int (*add)(struct cmdline *c,
				const struct pass_config_device *d));
/* Return: whether an option is none of a file's, or belongs to a device there.
 */
bool pass_config_excludes(const char *name);
void pass_config_fini(struct pass_config *cfg); /* idempotent; may be all 0 */

#endif

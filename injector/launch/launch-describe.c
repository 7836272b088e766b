/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/launch/launch-describe.h"
#include "input/spec/spec-file.h"
#include "input/spec/spec-sets.h"
#include "input/spec/spec-write.h"

/* What the options of a server say of its spec; strings are borrowed. */
struct described {
	char *path;
	struct spec_set set[SPEC_SETS_MAX];
	size_t n_sets;
};

/* Return: the value if text is --NAME=VALUE, or NULL. */
static char *described_value(char *text, const char *option)
{
	const size_t len = strlen(option);

	return strncmp(text, option, len) ? NULL : text + len;
}

static void described_take(struct described *d, char *arg)
{
	char *value = described_value(arg, "--set=");
	char *equals = value ? strchr(value, '=') : NULL;

	if (equals && d->n_sets < SPEC_SETS_MAX) {
		*equals = '\0';
		d->set[d->n_sets++] = (struct spec_set){ value, equals + 1 };
	}
	value = described_value(arg, "--spec=");
	if (value)
		d->path = value;
}

/* What the server of a device of the host has written, if it knows it by now.
 */
static json_t *describe_host(const struct launch_device *dev)
{
	return lseek(dev->spec.fd, 0, SEEK_SET) < 0
		       ? NULL
		       : json_loadfd(dev->spec.fd, JSON_DISABLE_EOF_CHECK,
				     NULL);
}

/* Return: the spec in our form, to be freed; NULL: it cannot be read. */
static char *describe_spec(const struct launch_device *dev)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	struct described d = { .path = NULL };
	struct spec *spec = malloc(sizeof(*spec));
	char *text = NULL;

	launch_item_args(&dev->item, &args);
	if (dev->spec.fd >= 0)
		launch_argv_add(&args, "--spec=" LAUNCH_SPEC_FORMAT,
				dev->spec.fd);
	for (size_t i = 0; i < args.n; i++)
		described_take(&d, args.v[i]);
	if (spec && d.path && !launch_argv_check(&args) &&
	    !spec_file_load(spec, d.path, d.set, d.n_sets))
		text = spec_write(spec);
	free(spec);
	launch_argv_fini(&args);
	return text;
}

json_t *launch_describe(const struct launch_device *dev)
{
	char *text = dev->item.passthrough ? NULL : describe_spec(dev);
	json_t *spec = text		       ? json_loads(text, 0, NULL)
		       : dev->item.passthrough ? describe_host(dev)
					       : NULL;

	free(text);
	return json_pack("{s:s, s:o}", "label", dev->item.label, "spec",
			 spec ? spec : json_null());
}

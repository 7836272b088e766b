/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include <string.h>
#include "injector/launch/launch-guest.h"

static bool guest_state_is(const json_t *dev, const char *name)
{
	const char *state = json_string_value(json_object_get(dev, "state"));

	return state && !strcmp(state, name);
}

/* Return: why no driver has this device; NULL: one has. */
static const char *guest_missing(const json_t *dev)
{
	const json_t *vmm = json_object_get(dev, "vmm");

	if (guest_state_is(dev, "failed"))
		return "has failed";
	if (!guest_state_is(dev, "ready"))
		return "is not ready";
	if (!json_is_boolean(vmm))
		return "does not answer";
	if (!json_is_true(vmm))
		return "has no VMM";
	if (!json_is_true(json_object_get(dev, "driver")))
		return "has no driver";
	return NULL;
}

enum launch_guest launch_guest_check(const json_t *list)
{
	enum launch_guest worst = LAUNCH_GUEST_COMPLETE;
	size_t i;
	json_t *dev;

	json_array_foreach(json_object_get(list, "devices"), i, dev)
	{
		enum launch_guest is = LAUNCH_GUEST_COMPLETE;

		if (!json_object_get(dev, "driver"))
			is = LAUNCH_GUEST_UNKNOWN;
		else if (guest_state_is(dev, "failed"))
			is = LAUNCH_GUEST_FAILED;
		else if (guest_missing(dev))
			is = LAUNCH_GUEST_MISSING;
		if (is > worst)
			worst = is;
	}
	return worst;
}

void launch_guest_print_missing(const json_t *list, FILE *to)
{
	const char *separator = "";
	size_t i;
	json_t *dev;

	json_array_foreach(json_object_get(list, "devices"), i, dev)
	{
		const char *label =
			json_string_value(json_object_get(dev, "label"));
		const char *missing = guest_missing(dev);

		if (!label || !missing)
			continue;
		fprintf(to, "%s%s %s", separator, label, missing);
		separator = ", ";
	}
}

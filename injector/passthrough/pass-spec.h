/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the host as a spec of ours. Pure: libevdev's device need not have
 * a node.
 */
#ifndef VINPUT_PASS_SPEC_H
#define VINPUT_PASS_SPEC_H

#include <libevdev/libevdev.h>
#include <stddef.h>
#include "input/base/fault.h"
#include "input/spec/spec.h"

#define PASS_NOTES_MAX 16

/* What of the device a guest cannot be shown: one line each. */
struct pass_notes {
	char line[PASS_NOTES_MAX][160];
	size_t n;
};

/*
 * Axes are not clamped: a guest is to see what the host would. Sticks and
 * pressure return to rest as they do for any spec.
 * Return: 0; -EINVAL if no guest can have such a device, as for contacts
 * without slots; -ENOMEM.
 */
int pass_spec_from(struct spec *spec, const struct libevdev *dev,
		   struct pass_notes *notes, struct fault *why);

#endif

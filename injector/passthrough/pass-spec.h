/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the host as a spec of ours. Pure: libevdev's device need not have
 * a node.
 */
#ifndef VINPUT_PASS_SPEC_H
#define VINPUT_PASS_SPEC_H

#include <libevdev/libevdev.h>
#include <stdbool.h>
#include <stddef.h>
#include "input/base/fault.h"
#include "input/spec/spec.h"

#define PASS_NOTES_MAX 16

/* What of the device a guest cannot be shown: one line each. */
struct pass_notes {
	char line[PASS_NOTES_MAX][160];
	size_t n;
};

/* Its contacts have no slots: multi-touch protocol A, type-a.h. */
bool pass_spec_is_type_a(const struct libevdev *dev);

/*
 * Axes are not clamped: a guest is to see what the host would. Sticks and
 * pressure return to rest as they do for any spec. Contacts without slots get
 * some. What spec_write() makes of it spec_read() accepts.
 * Return: 0; -EINVAL if no guest can have such a device, as for one with too
 * many slots.
 */
int pass_spec_from(struct spec *spec, const struct libevdev *dev,
		   struct pass_notes *notes, struct fault *why);

/*
 * What the guest gets as uniq: serial, "none" for nothing, or the device's own
 * with "keep" or NULL. It MUST be a valid one: spec_set_serial().
 */
void pass_spec_set_serial(struct spec *spec, const char *serial);

#endif

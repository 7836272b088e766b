/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What no guest can make anything of, whoever describes the device: a spec's
 * text or a node of the host. Pure.
 */
#ifndef VINPUT_SPEC_CHECK_H
#define VINPUT_SPEC_CHECK_H

#include "input/spec/spec.h"

struct spec_flaw {
	const char *member; /* of the axis: "min", "max", "rest"; or NULL */
	char text[256];
};

/* The values of one axis. Return: whether they are wrong. */
bool spec_check_range(const struct spec_abs *abs, struct spec_flaw *flaw);

/*
 * An axis of contacts among the device's other axes; code is declared.
 * Return: whether it is wrong.
 */
bool spec_check_contacts(const struct spec *spec, uint16_t code,
			 struct spec_flaw *flaw);

/* Return: whether the device has no events at all. */
bool spec_declares_nothing(const struct spec *spec);

/*
 * All of that, for a device that is not read from a text. Its names and the
 * codes of each type are its maker's to check. Return: whether something is
 * wrong; flaw->text says of what.
 */
bool spec_check(const struct spec *spec, struct spec_flaw *flaw);

#endif

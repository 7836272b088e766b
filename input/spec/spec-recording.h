/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that a recording describes before its events: evemu's N:, I:, P:,
 * B: and A: lines, the first device of "libinput record", and what evtest
 * prints. The text MAY begin with a later device of libinput's list. Pure.
 */
#ifndef VINPUT_SPEC_RECORDING_H
#define VINPUT_SPEC_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include "input/spec/spec-template.h"
#include "input/spec/spec.h"

/* Return: whether the text is such a recording rather than JSON. */
bool spec_recording_is(const char *text, size_t len);

/*
 * Read the description, without checking the device: initial values may be of
 * anything that the recording names.
 * Return: 0, SPEC_E_INVALID with the fault.
 */
int spec_recording_read(struct spec *out, const char *text, size_t len,
			struct template_fault *fault);

#endif

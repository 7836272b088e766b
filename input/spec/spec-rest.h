/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The values to which axes return if the spec does not say: the sticks and
 * triggers of a joystick to where their springs bring them, pressure to none.
 * Pure.
 */
#ifndef VINPUT_SPEC_REST_H
#define VINPUT_SPEC_REST_H

#include "input/spec/spec.h"

/*
 * Set the rest of axes that should have one and do not. none: bits of ABS_
 * codes that get none.
 */
void spec_rest_defaults(struct spec *spec, uint64_t none);

#endif

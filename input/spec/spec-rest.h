/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where axes go when whoever moved them leaves, if the spec does not say: the
 * sticks and triggers of a joystick to where a spring brings them, a pressure
 * to none. Pure.
 */
#ifndef VINPUT_SPEC_REST_H
#define VINPUT_SPEC_REST_H

#include "input/spec/spec.h"

/* Give a rest to the axes that should have one and have none yet. */
void spec_rest_defaults(struct spec *spec);

#endif

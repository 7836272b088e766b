/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the spec reader: "axes" and "axis_info". Return values as in
 * spec-reader.h.
 */
#ifndef VINPUT_SPEC_AXES_H
#define VINPUT_SPEC_AXES_H

#include "input/spec/spec-reader.h"

/* axes: "axes" of our form, "axis_info" of the peers', or NULL. */
int axes_read(struct spec_reader *r, const json_t *axes);

/* After the events: check axes against codes and each other. */
int axes_check(struct spec_reader *r, const json_t *axes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the spec reader: "axes" and "axis_info". Return values as in
 * spec-reader.h.
 */
#ifndef VINPUT_SPEC_AXES_H
#define VINPUT_SPEC_AXES_H

#include "input/spec/spec-reader.h"

/* axes: "axes" of our form, "axis_info" of the peers'; NULL if there is none.
 */
int axes_read(struct spec_reader *r, const json_t *axes);

/* After the events: do the axes fit the codes and one another? */
int axes_check(struct spec_reader *r, const json_t *axes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the spec reader: switches and axes as the device starts. Return
 * values as in spec-reader.h.
 */
#ifndef VINPUT_SPEC_INITIAL_H
#define VINPUT_SPEC_INITIAL_H

#include "input/spec/spec-reader.h"

/* initial: "initial" of either form. After all else, rests included. */
int initial_read(struct spec_reader *r, const json_t *initial);

/*
 * Of the values that a recording gives, keep those that initial_read() would
 * accept and that are not 0, as any device starts.
 */
void initial_settle(struct spec *spec);

#endif

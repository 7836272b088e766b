/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the spec reader: "events" and "properties" of both forms. Return
 * values as in spec-reader.h.
 */
#ifndef VINPUT_SPEC_EVENTS_H
#define VINPUT_SPEC_EVENTS_H

#include "input/spec/spec-reader.h"

/* After the axes: in the peers' form an ABS code needs its range. */
int events_read(struct spec_reader *r, const json_t *events);
int props_read(struct spec_reader *r, const json_t *props);

#endif

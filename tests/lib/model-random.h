/* SPDX-License-Identifier: Apache-2.0 */
/* Random devices, and random events of their sources, for input-model.h. */
#ifndef VINPUT_TESTS_MODEL_RANDOM_H
#define VINPUT_TESTS_MODEL_RANDOM_H

#include <stdio.h>
#include "input/spec/spec-read.h"
#include "tests/lib/input-model.h"
#include "tests/lib/random.h"

/* A device with some of everything; name, serial and ids are empty. */
void model_random_device(struct rnd *rnd, struct spec *spec);
/* Write it as a file that the spec reader accepts. */
void model_random_write(const struct spec *spec, FILE *file);
/*
 * A random device with more events (in event-text.h's form), written to a spec
 * file and read back from there as the server will.
 */
void model_random_spec_file(struct rnd *rnd, const char *more, const char *path,
			    struct spec *spec, spec_diag_fn *diag);
/* One event of a source, without SYN_REPORT; some are nonsense. */
struct vi_event model_random_event(struct rnd *rnd, const struct spec *spec,
				   int who);
/*
 * The events of a frame, without SYN_REPORT, of a sender that numbers its
 * contacts by slots, or (without) lists them all with their positions, as many
 * as MODEL_SLOTS. Return: the number of events.
 */
#define MODEL_FRAME_MAX 40
size_t model_random_frame(struct rnd *rnd, const struct spec *spec, bool slots,
			  struct vi_event ev[MODEL_FRAME_MAX]);

#endif

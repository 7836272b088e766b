/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shipped specs that --via=libinput gives guests, read at the start: a
 * device that comes later finds the program without access to files.
 */
#ifndef VINPUT_PASS_SHIPPED_H
#define VINPUT_PASS_SHIPPED_H

#include "injector/passthrough/pass-tuning.h"
#include "input/spec/spec.h"

#define PASS_SHIPPED 3

struct pass_shipped {
	struct spec spec[PASS_SHIPPED];
};

/* Return: 0; -EINVAL after logging why. */
int pass_shipped_load(struct pass_shipped *s, const struct pass_tuning *t);
/* kind: as pass_libinput_kind()'s. */
const struct spec *pass_shipped_find(const struct pass_shipped *s,
				     const char *kind);

#endif

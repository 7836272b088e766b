/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device a driver sees and which one is served, when the spec is read
 * again while a driver knows the device of the old one. Loop thread only.
 */
#ifndef VINPUT_SPEC_CHANGE_H
#define VINPUT_SPEC_CHANGE_H

#include <stdbool.h>
#include "input/spec/spec.h"

/* Return: 0; else it has logged what is wrong. */
typedef int spec_read_fn(struct spec *spec, const void *arg);

struct spec_change {
	const struct spec *now;	 /* of the device; borrowed, or own */
	struct spec *own, *next; /* NULL: none */
	struct spec *was;	 /* the one before own, until it settles */
	bool seen;		 /* a driver has seen next, and may start */
	spec_read_fn *read;	 /* NULL: the spec is not read again */
	const void *arg;
};

void spec_change_init(struct spec_change *c, const struct spec *now);
void spec_change_fini(struct spec_change *c);

void spec_change_set_reader(struct spec_change *c, spec_read_fn *read,
			    const void *arg);

/*
 * Read the spec again.
 * Return: 1: it has changed; 0: it is the same, or has no reader; -EINVAL or
 * -ENOMEM: nothing is changed.
 */
int spec_change_read(struct spec_change *c);

/*
 * A driver reads the configuration space. runs: one of its queues does. Return:
 * the spec that it sees.
 */
const struct spec *spec_change_look(struct spec_change *c, bool runs);
/* It resets the device. It may read again before it starts, or not. */
void spec_change_reset(struct spec_change *c);
/*
 * It starts. Return: the new spec, if it has seen one; else NULL. The device
 * still has the one before, and MUST be given this before it settles.
 */
const struct spec *spec_change_start(struct spec_change *c);
void spec_change_settle(struct spec_change *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device is shown and which one is served, when the spec is read again
 * while a driver knows the one before. Reading is the caller's. Loop thread
 * only.
 */
#ifndef VINPUT_SPEC_CHANGE_H
#define VINPUT_SPEC_CHANGE_H

#include <stdbool.h>
#include "input/spec/spec.h"

/* Return: 0; else it has logged what is wrong. */
typedef int spec_read_fn(struct spec *spec, const void *arg);

struct spec_change {
	const struct spec *now;	 /* the device; borrowed, or own */
	struct spec *own, *next; /* NULL: none */
	bool seen;		 /* a driver that is to start has seen next */
	spec_read_fn *read;	 /* NULL: it is not read again */
	const void *arg;
};

void spec_change_init(struct spec_change *c, const struct spec *now);
void spec_change_fini(struct spec_change *c);

void spec_change_set_reader(struct spec_change *c, spec_read_fn *read,
			    const void *arg);

/*
 * Read the spec again.
 * Return: 1 if it is another one, 0 if it is the same, or not to be read;
 * -EINVAL or -ENOMEM: it stays as it was.
 */
int spec_change_read(struct spec_change *c);

/* A driver looks at the configuration space. Return: what it is to see. */
const struct spec *spec_change_look(struct spec_change *c, bool runs);
/* It is reset, and looks again before it starts, or goes on with what is. */
void spec_change_reset(struct spec_change *c);
/* It starts. Return: the device that it has seen if this is another one. */
const struct spec *spec_change_start(struct spec_change *c);

#endif

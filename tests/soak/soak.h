/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The players of a soak: front-ends with their guests, and injectors, good and
 * bad. Each is a process that plays until it is killed, so that it may vanish
 * in the middle of anything. They cannot fail the test: not what they see
 * counts, but what they leave behind.
 */
#ifndef VINPUT_TESTS_SOAK_H
#define VINPUT_TESTS_SOAK_H

#include <stddef.h>
#include "input/spec/spec.h"
#include "tests/lib/random.h"

struct actor {
	struct rnd rnd;
	const char *socket, *inject_path; /* borrowed, as is the spec */
	int inject_type;
	const struct spec *spec;
};

struct role {
	const char *name;
	/* Called again and again. */
	void (*play)(struct actor *a);
};

extern const struct role soak_frontends[];
extern const size_t soak_n_frontends;
extern const struct role soak_injectors[];
extern const size_t soak_n_injectors;

/* Wait at most this long; others use the machine, too. */
void soak_pause(struct actor *a, unsigned int ms);

#endif

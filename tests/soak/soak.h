/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who plays against the server in a soak: front-ends with their guests, and
 * injectors, good and bad. Each is a process of its own that goes on until it
 * is killed, so that it may vanish in the middle of anything. Nothing in them
 * can fail a test: what they meet is not looked at, what they leave behind is.
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

/* At most so long; the machine is not ours alone. */
void soak_pause(struct actor *a, unsigned int ms);

#endif

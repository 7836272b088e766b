/* SPDX-License-Identifier: Apache-2.0 */
/* A rig whose injector is vinput-inject, by the server's --inject-path. */
#ifndef VINPUT_TESTS_INJECT_RIG_H
#define VINPUT_TESTS_INJECT_RIG_H

#include "tests/lib/rig.h"

/* The shipped one; that of the other tests has only a few keys. */
#define KEYBOARD "../../../specs/keyboard"

struct both {
	struct rig *rig;
	struct process inject;
};

/* *state is a struct both. */
int both_setup(void **state);
int both_teardown(void **state);

/* Add words, split as in a shell, to the arguments of a vinput-inject. */
void inject_add_words(struct process *p, const char *line);
/* Start it with the words of this line. */
void both_start(struct both *b, const char *line);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a spec's placeholders, as several programs' --set gives them.
 */
#ifndef VINPUT_SPEC_SETS_H
#define VINPUT_SPEC_SETS_H

#include <stddef.h>
#include "input/base/cmdline.h"
#include "input/spec/spec-template.h"

#define SPEC_SETS_MAX 64

struct spec_sets {
	struct spec_set set[SPEC_SETS_MAX];
	size_t n;
};

/*
 * For the option's handler. value: NAME=VALUE, which is cut in two and
 * borrowed. Return: 0, or -EINVAL with c->why.
 */
int spec_sets_take(struct spec_sets *s, struct cmdline *c, char *value);

#endif

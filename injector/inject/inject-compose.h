/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters that a layout lacks, typed with its dead keys and Multi_key: the
 * compose table of a locale, inverted. Sequences have up to three strokes.
 */
#ifndef VINPUT_INJECT_COMPOSE_H
#define VINPUT_INJECT_COMPOSE_H

#include "injector/inject/inject-layout.h"

#define INJECT_COMPOSE_MAX 3

struct inject_compose;

/*
 * layout: borrowed. locale: such as "de_DE.UTF-8"; NULL: the environment's.
 * Return: 0, -ENOENT: it has no table, -ENOMEM.
 */
int inject_compose_new(struct inject_compose **out,
		       const struct inject_layout *layout, const char *locale,
		       struct fault *f);
void inject_compose_free(struct inject_compose *c); /* NULL is fine */

/* Return: the number of strokes, 0: no sequence makes this character. */
size_t inject_compose_find(const struct inject_compose *c, uint32_t ch,
			   struct inject_stroke out[INJECT_COMPOSE_MAX]);

#endif

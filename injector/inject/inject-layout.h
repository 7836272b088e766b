/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keyboard layout, inverted: which keys type a character. The first
 * group of an XKB keymap is searched with each set of shifts that it has keys
 * for. Of several strokes for a character, the one on the most common key wins,
 * then the one with the fewest shifts. A stroke that only works while Num Lock
 * is off is the last resort (in neo that is all letters); one that only works
 * while it is on is never used.
 */
#ifndef VINPUT_INJECT_LAYOUT_H
#define VINPUT_INJECT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"

/* Shift, AltGr (the third level), the fifth level, Mode_switch */
#define INJECT_SHIFTS 4

/* A key pressed while shifts are held. */
struct inject_stroke {
	uint16_t key;	/* KEY_* */
	uint8_t shifts; /* bit i: inject_layout.shift[i] */
};

struct inject_symbol {
	uint32_t keysym;
	uint32_t ch;	   /* UTF-32, 0: a dead key or Multi_key */
	bool num_lock_off; /* works only while Num Lock is off */
	struct inject_stroke stroke;
};

struct inject_layout {
	uint16_t shift[INJECT_SHIFTS]; /* KEY_*, 0: none */
	struct inject_symbol *symbol;  /* one for each keysym, owned */
	size_t n, room;
};

/* As in setxkbmap(1); NULL: XKB_DEFAULT_* of the environment, or us. */
struct inject_layout_names {
	const char *model, *layout, *variant, *options;
};

/* Return: 0, -EINVAL: no such layout, -ENOMEM. */
int inject_layout_new(struct inject_layout **out,
		      const struct inject_layout_names *names, struct fault *f);
void inject_layout_free(struct inject_layout *layout); /* NULL is fine */

/* ch: UTF-32. Return: the symbol that types it, or NULL. */
const struct inject_symbol *inject_layout_find(
	const struct inject_layout *layout, uint32_t ch);

#endif

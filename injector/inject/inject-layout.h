/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keyboard layout, turned round: which keys make a character. The
 * first group of an XKB keymap is looked through with each set of shifts that
 * it has keys for; a character's stroke is the one on the most ordinary key,
 * then that with the fewest shifts. What only works while Num Lock is off is
 * the last resort (in neo these are all letters); while it is on, no resort.
 */
#ifndef VINPUT_INJECT_LAYOUT_H
#define VINPUT_INJECT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"

/* Shift, AltGr (the third level), the fifth level, Mode_switch */
#define INJECT_SHIFTS 4

/* A key that is pressed while shifts are held. */
struct inject_stroke {
	uint16_t key;	/* KEY_* */
	uint8_t shifts; /* bit i: inject_layout.shift[i] */
};

struct inject_symbol {
	uint32_t keysym;
	uint32_t ch;	   /* UTF-32, 0: a dead key or Multi_key */
	bool num_lock_off; /* not when it is on */
	struct inject_stroke stroke;
};

struct inject_layout {
	uint16_t shift[INJECT_SHIFTS]; /* KEY_*, 0: the layout has none */
	struct inject_symbol *symbol;  /* one for each keysym, owned */
	size_t n, room;
};

/* As in setxkbmap(1); NULL: what XKB_DEFAULT_* in the environment says, us. */
struct inject_layout_names {
	const char *model, *layout, *variant, *options;
};

/* Return: 0, -EINVAL: there is no such layout, -ENOMEM. */
int inject_layout_new(struct inject_layout **out,
		      const struct inject_layout_names *names, struct fault *f);
void inject_layout_free(struct inject_layout *layout); /* NULL is fine */

/* Return: the symbol that types a character, NULL if there is none. */
const struct inject_symbol *inject_layout_find(
	const struct inject_layout *layout, uint32_t ch);

#endif

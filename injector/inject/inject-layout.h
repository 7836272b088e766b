/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keyboard layout, inverted: which keys type a character. All
 * groups that the guest can switch to are searched, in each level of the
 * keyboard. Of several keys for a character, the most common one wins, then the
 * one with the fewest keys before it. A key that only works while Num Lock is
 * off is the last resort (in neo that is all letters); one that only works
 * while it is on is never used.
 */
#ifndef VINPUT_INJECT_LAYOUT_H
#define VINPUT_INJECT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/inject/inject-levels.h"
#include "input/base/fault.h"

struct inject_symbol {
	uint32_t keysym;
	uint32_t ch;	   /* UTF-32, 0: a dead key, Multi_key, Return, ... */
	uint16_t key;	   /* KEY_* */
	uint16_t level;	   /* index into inject_layout.levels */
	bool num_lock_off; /* works only while Num Lock is off */
};

struct inject_layout {
	struct xkb_keymap *keymap; /* owned */
	struct inject_levels levels;
	/* One for each keysym of each group, ordered by group and ch; owned. */
	struct inject_symbol *symbol;
	size_t n, room;
};

/* As in setxkbmap(1); NULL: XKB_DEFAULT_* of the environment, or us. */
struct inject_layout_names {
	const char *model, *layout, *variant, *options;
	/* Borrowed: finds the files; NULL: a new one, which looks for them. */
	struct xkb_context *context;
};

/* Return: 0, -EINVAL: no such layout, -ENOMEM. */
int inject_layout_new(struct inject_layout **out,
		      const struct inject_layout_names *names, struct fault *f);
void inject_layout_free(struct inject_layout *layout); /* NULL is fine */

static inline unsigned int inject_layout_group(
	const struct inject_layout *layout, const struct inject_symbol *s)
{
	return layout->levels.level[s->level].group;
}

/* ch: UTF-32. Return: the symbol of a group that types it, or NULL. */
const struct inject_symbol *inject_layout_find(
	const struct inject_layout *layout, unsigned int group, uint32_t ch);
/* Return: the symbol of a group that is this keysym, or NULL. */
const struct inject_symbol *inject_layout_find_keysym(
	const struct inject_layout *layout, unsigned int group,
	uint32_t keysym);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The states of a keyboard in which keys type other characters, and how to
 * reach them: Shift held; AltGr and then Shift held, which may differ from
 * Shift and then AltGr; a latch tapped; another group, such as a Cyrillic one,
 * locked by Alt+Shift. They are found by trying keys in a model of the keymap.
 */
#ifndef VINPUT_INJECT_LEVELS_H
#define VINPUT_INJECT_LEVELS_H

#include <stddef.h>
#include "injector/inject/inject-model.h"

#define INJECT_GROUPS_MAX 4
#define INJECT_LEVELS_MAX 512

struct inject_level {
	struct inject_way way; /* from its group's rest */
	struct inject_xkb xkb;
	uint8_t group; /* the locked one */
	bool types;    /* no Control, Alt or Super is held */
	/* Releasing the keys, the last one first, leads back. */
	bool steady;
	/*
	 * Bit i: op i of the way is a key such as ISO_Level5_Shift, which
	 * libxkbcommon before 1.7 takes for a character that cancels a compose
	 * sequence.
	 */
	uint8_t cancels;
};

/* From one level to another. */
struct inject_path {
	uint16_t op[2 * INJECT_WAY_MAX]; /* see struct inject_way */
	unsigned int n;
	bool cancels; /* a compose sequence, see struct inject_level */
};

struct inject_levels {
	struct inject_level *level; /* owned */
	size_t n;
	unsigned int groups;	     /* of the keymap */
	int rest[INJECT_GROUPS_MAX]; /* levels without keys; -1: unreachable */
	/* From one group's rest to another's; n is 0: there is no way. */
	struct inject_way to[INJECT_GROUPS_MAX][INJECT_GROUPS_MAX];
	uint16_t shift, control, alt; /* KEY_*, 0: none */
	/* What switches the locks on and off; n is 0: nothing does. */
	struct inject_way caps_lock, num_lock;
};

/* Return: 0 or -ENOMEM. */
int inject_levels_init(struct inject_levels *levels, struct xkb_keymap *keymap);
void inject_levels_fini(struct inject_levels *levels);

/*
 * Whether the kernel knows a key; keymaps also have keys of X that it does not
 * know. keycode: as in X.
 */
bool inject_levels_is_key(uint32_t keycode);

/* from, to: indices of levels of one group. Nothing is latched in from. */
struct inject_path inject_levels_path(const struct inject_levels *levels,
				      size_t from, size_t to);

/* Bring a model that is at rest in the first group to a group's rest. */
void inject_levels_go(const struct inject_levels *levels,
		      struct inject_model *m, unsigned int group);

/*
 * Return: the group to switch to next on the way to a group, from itself; -1:
 * there is no way.
 */
int inject_levels_next_group(const struct inject_levels *levels,
			     unsigned int from, unsigned int to);

/* Return: real modifiers that one with this name stands for. */
uint32_t inject_levels_mask(struct xkb_keymap *keymap, const char *name);

#endif

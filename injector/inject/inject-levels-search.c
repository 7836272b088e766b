/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A breadth-first search through the model: of the ways that lead to a state
 * the shortest is kept. Ways that lock a modifier end the search there; ways
 * that lock another group, once all keys are released, begin one of that group.
 *
 * All levels are reached from a group's rest, in the order in which they were
 * tried here, because that order matters: Shift, AltGr and AltGr, Shift are
 * different states where Shift changes what AltGr's key is.
 */
#include <errno.h>
#include <stdlib.h>
#include "injector/inject/inject-levels.h"

#define CANDIDATES_MAX 64
/* Beyond it are keys that many keyboards lack, also to switch groups. */
#define CANDIDATE_LAST KEY_COMPOSE
/* Keys held at the same time. */
#define HELD_MAX 3

struct search {
	struct inject_levels *levels;
	struct xkb_keymap *keymap;
	uint16_t key[CANDIDATES_MAX]; /* those that may change the state */
	size_t n_keys;
	unsigned int group; /* that is being searched */
	uint32_t shift, control, alt, no_text, caps, num;
};

/* --- keys that may change the state --- */

static bool is_modifier(uint32_t sym)
{
	return (sym >= XKB_KEY_Shift_L && sym <= XKB_KEY_Hyper_R) ||
	       (sym >= XKB_KEY_ISO_Lock && sym <= XKB_KEY_ISO_Level5_Lock) ||
	       sym == XKB_KEY_Mode_switch || sym == XKB_KEY_Num_Lock;
}

/* See struct inject_level. */
static bool is_modifier_everywhere(uint32_t sym)
{
	return is_modifier(sym) && !(sym > XKB_KEY_ISO_Last_Group_Lock &&
				     sym <= XKB_KEY_ISO_Level5_Lock);
}

static bool has_modifier(struct xkb_keymap *keymap, xkb_keycode_t key)
{
	const xkb_layout_index_t groups =
		xkb_keymap_num_layouts_for_key(keymap, key);

	for (xkb_layout_index_t g = 0; g < groups; g++) {
		const xkb_level_index_t levels =
			xkb_keymap_num_levels_for_key(keymap, key, g);

		for (xkb_level_index_t l = 0; l < levels; l++) {
			const xkb_keysym_t *syms;
			int n = xkb_keymap_key_get_syms_by_level(keymap, key, g,
								 l, &syms);

			for (int i = 0; i < n; i++)
				if (is_modifier(syms[i]))
					return true;
		}
	}
	return false;
}

static bool changes_state(struct xkb_keymap *keymap, uint16_t key)
{
	struct inject_model m;
	struct inject_xkb x;

	inject_model_init(&m, keymap);
	inject_model_op(&m, key);
	x = inject_model_xkb(&m);
	inject_model_fini(&m);
	return !inject_xkb_is_rest(&x) || x.locked_group;
}

static void search_collect_key(struct xkb_keymap *keymap, xkb_keycode_t keycode,
			       void *arg)
{
	struct search *s = arg;
	const uint16_t key = (uint16_t)(keycode - INJECT_X_OFFSET);

	if (s->n_keys < CANDIDATES_MAX && inject_levels_is_key(keycode) &&
	    key <= CANDIDATE_LAST &&
	    (has_modifier(keymap, keycode) || changes_state(keymap, key)))
		s->key[s->n_keys++] = key;
}

/* --- states --- */

/* Return: the state after a way, and after its keys' release. */
static struct inject_xkb state_after(const struct search *s,
				     const struct inject_way *way,
				     struct inject_xkb *released)
{
	struct inject_model m;
	struct inject_xkb xkb;

	inject_model_init(&m, s->keymap);
	inject_levels_go(s->levels, &m, s->group);
	inject_model_way(&m, way);
	xkb = inject_model_xkb(&m);
	inject_model_leave(&m, way);
	*released = inject_model_xkb(&m);
	inject_model_fini(&m);
	return xkb;
}

static uint32_t keysym_after(const struct search *s,
			     const struct inject_way *way, uint16_t key)
{
	struct inject_model m;
	uint32_t sym;

	inject_model_init(&m, s->keymap);
	inject_levels_go(s->levels, &m, s->group);
	inject_model_way(&m, way);
	sym = inject_model_keysym(&m, key);
	inject_model_fini(&m);
	return sym;
}

/* Add what releases its keys, so that nothing is down at the end. */
static bool close_way(struct inject_way *way)
{
	uint16_t key[INJECT_WAY_MAX];
	unsigned int n = inject_way_held(way, key);

	if (way->n + n > INJECT_WAY_MAX)
		return false;
	while (n)
		way->op[way->n++] = key[--n] | INJECT_WAY_UP;
	return true;
}

static void keep_way(struct inject_way *to, struct inject_way way)
{
	if (!to->n && close_way(&way))
		*to = way;
}

/* Return: whether a way switches a lock or a group, and is no level. */
static bool keep_switch(struct search *s, const struct inject_way *way,
			const struct inject_xkb *x, struct inject_xkb released)
{
	struct inject_levels *levels = s->levels;
	const uint32_t locked = released.locked;
	const uint32_t group = released.locked_group;

	released.locked = 0;
	if (!inject_xkb_is_rest(&released))
		return x->locked || x->locked_group != s->group;
	if (locked == s->caps && s->caps && group == s->group)
		keep_way(&levels->caps_lock, *way);
	if (locked == s->num && s->num && group == s->group)
		keep_way(&levels->num_lock, *way);
	if (!locked && group != s->group && group < INJECT_GROUPS_MAX)
		keep_way(&levels->to[s->group][group], *way);
	return locked || x->locked || group != s->group ||
	       x->locked_group != s->group;
}

static bool is_known(const struct search *s, const struct inject_xkb *x)
{
	for (size_t i = 0; i < s->levels->n; i++)
		if (s->levels->level[i].group == s->group &&
		    inject_xkb_equal(&s->levels->level[i].xkb, x))
			return true;
	return false;
}

/* The keys that are one modifier and nothing else. */
static void keep_modifier(struct search *s, const struct inject_level *level)
{
	const uint32_t mods = level->xkb.base;
	struct inject_levels *levels = s->levels;

	if (level->way.n != 1 || level->group || !level->steady || !mods)
		return;
	if (mods == s->shift)
		levels->shift = level->way.op[0];
	if (mods == s->control)
		levels->control = level->way.op[0];
	if (mods == s->alt)
		levels->alt = level->way.op[0];
}

static void add_level(struct search *s, const struct inject_level *level)
{
	struct inject_levels *levels = s->levels;

	if (levels->n == INJECT_LEVELS_MAX)
		return;
	levels->level[levels->n] = *level;
	levels->level[levels->n].types = !(level->xkb.base & s->no_text);
	keep_modifier(s, level);
	levels->n++;
}

/* What else is known of a level: how it was reached from another by a press. */
static void level_describe(const struct search *s,
			   const struct inject_level *from,
			   struct inject_level *new, uint32_t keysym)
{
	struct inject_way undo = new->way;
	struct inject_xkb released, undone;

	if (undo.n == INJECT_WAY_MAX)
		return;
	undo.op[undo.n] = undo.op[undo.n - 1] | INJECT_WAY_UP;
	undo.n++;
	undone = state_after(s, &undo, &released);
	if (from->steady)
		new->steady = inject_xkb_equal(&undone, &from->xkb);
	if (!is_modifier_everywhere(keysym))
		new->cancels |= (uint8_t)(1u << (new->way.n - 1));
}

/* Try what one more op does in a level. */
static void try_op(struct search *s, const struct inject_level *from,
		   uint16_t op)
{
	const bool press = !(op & INJECT_WAY_UP);
	const uint32_t keysym =
		press ? keysym_after(s, &from->way, op) : XKB_KEY_NoSymbol;
	struct inject_level new = { .way = from->way,
				    .group = (uint8_t)s->group,
				    .cancels = from->cancels };
	struct inject_xkb released;

	/* A key that also types something is no way to a level. */
	if (new.way.n == INJECT_WAY_MAX ||
	    (keysym != XKB_KEY_NoSymbol && !is_modifier(keysym)))
		return;
	new.way.op[new.way.n++] = op;
	new.xkb = state_after(s, &new.way, &released);
	if (inject_xkb_equal(&new.xkb, &from->xkb) ||
	    keep_switch(s, &new.way, &new.xkb, released) ||
	    is_known(s, &new.xkb))
		return;
	if (press)
		level_describe(s, from, &new, keysym);
	add_level(s, &new);
}

/* Press one key more, and release each that is held: it may be a latch. */
static void search_level(struct search *s, size_t i)
{
	const struct inject_level from = s->levels->level[i];
	uint16_t held[INJECT_WAY_MAX];
	const unsigned int n = inject_way_held(&from.way, held);

	for (size_t k = 0; n < HELD_MAX && k < s->n_keys; k++)
		try_op(s, &from, s->key[k]);
	for (unsigned int k = 0; k < n; k++)
		try_op(s, &from, held[k] | INJECT_WAY_UP);
}

static void search_group(struct search *s)
{
	size_t i = s->levels->n;
	struct inject_xkb released;
	struct inject_level rest = { .group = (uint8_t)s->group,
				     .steady = true };

	if (i == INJECT_LEVELS_MAX)
		return;
	rest.xkb = state_after(s, &rest.way, &released);
	s->levels->rest[s->group] = (int)i;
	for (add_level(s, &rest); i < s->levels->n; i++)
		search_level(s, i);
}

/* What does not switch a lock off again is of no use. */
static void check_lock(const struct search *s, struct inject_way *way)
{
	struct inject_model m;
	struct inject_xkb x;

	inject_model_init(&m, s->keymap);
	inject_model_way(&m, way);
	inject_model_way(&m, way);
	x = inject_model_xkb(&m);
	inject_model_fini(&m);
	if (!inject_xkb_is_rest(&x) || x.locked_group)
		way->n = 0;
}

/* A group that cannot be left again is as bad as one that is unreachable. */
static void forget_dead_ends(struct inject_levels *levels)
{
	for (unsigned int g = 1; g < INJECT_GROUPS_MAX; g++)
		if (inject_levels_next_group(levels, g, 0) < 0)
			levels->rest[g] = -1;
}

int inject_levels_init(struct inject_levels *levels, struct xkb_keymap *keymap)
{
	struct search s = {
		.levels = levels,
		.keymap = keymap,
		.shift = inject_levels_mask(keymap, XKB_MOD_NAME_SHIFT),
		.control = inject_levels_mask(keymap, XKB_MOD_NAME_CTRL),
		.alt = inject_levels_mask(keymap, "Alt"),
		.caps = inject_levels_mask(keymap, XKB_MOD_NAME_CAPS),
		.num = inject_levels_mask(keymap, "NumLock"),
	};

	s.no_text = s.control | s.alt | inject_levels_mask(keymap, "Meta") |
		    inject_levels_mask(keymap, "Super");
	*levels = (struct inject_levels){ .groups = xkb_keymap_num_layouts(
						  keymap),
					  .rest = { -1, -1, -1, -1 } };
	levels->level = calloc(INJECT_LEVELS_MAX, sizeof(*levels->level));
	if (!levels->level)
		return -ENOMEM;
	xkb_keymap_key_for_each(keymap, search_collect_key, &s);
	/* A group that is found is searched in a later round. */
	for (unsigned int round = 0; round < INJECT_GROUPS_MAX; round++)
		for (s.group = 0; s.group < INJECT_GROUPS_MAX; s.group++)
			if (levels->rest[s.group] < 0 &&
			    inject_levels_next_group(levels, 0, s.group) >= 0)
				search_group(&s);
	forget_dead_ends(levels);
	check_lock(&s, &levels->caps_lock);
	check_lock(&s, &levels->num_lock);
	return 0;
}

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
#include <string.h>
#include "injector/inject/inject-levels.h"
#include "input/spec/spec-names.h"

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

bool inject_levels_is_key(uint32_t keycode)
{
	const char *name;

	if (keycode < INJECT_X_OFFSET || keycode - INJECT_X_OFFSET > KEY_MAX)
		return false;
	name = names_code(EV_KEY, keycode - INJECT_X_OFFSET);
	return name && strncmp(name, "KEY_", 4) == 0;
}

/* Locking a virtual modifier shows the real ones that it stands for. */
uint32_t inject_levels_mask(struct xkb_keymap *keymap, const char *name)
{
	xkb_mod_index_t mod = xkb_keymap_mod_get_index(keymap, name);
	struct xkb_state *state = xkb_state_new(keymap);
	xkb_mod_mask_t mask = 0;

	if (state && mod != XKB_MOD_INVALID) {
		xkb_state_update_mask(state, 0, 0, (xkb_mod_mask_t)1 << mod, 0,
				      0, 0);
		mask = xkb_state_serialize_mods(state, XKB_STATE_MODS_LOCKED);
	}
	xkb_state_unref(state);
	/* Of libxkbcommon, virtual ones follow the eight real ones. */
	return mask & 0xff;
}

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

void inject_levels_go(const struct inject_levels *levels,
		      struct inject_model *m, unsigned int group)
{
	unsigned int at = 0;

	while (at != group) {
		int next = inject_levels_next_group(levels, at, group);

		if (next < 0)
			return;
		inject_model_way(m, &levels->to[at][next]);
		at = (unsigned int)next;
	}
}

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
	new->steady = from->steady &&inject_xkb_equal(&undone, &from->xkb);
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

	rest.xkb = state_after(s, &rest.way, &released);
	s->levels->rest[s->group] = (int)i;
	for (add_level(s, &rest); i < s->levels->n; i++)
		search_level(s, i);
}

int inject_levels_next_group(const struct inject_levels *levels,
			     unsigned int from, unsigned int to)
{
	unsigned int first[INJECT_GROUPS_MAX], queue[INJECT_GROUPS_MAX];
	bool seen[INJECT_GROUPS_MAX] = { false };
	size_t n = 0;

	seen[from] = true;
	queue[n++] = from;
	for (size_t i = 0; i < n && !seen[to]; i++)
		for (unsigned int g = 0; g < INJECT_GROUPS_MAX; g++) {
			if (seen[g] || !levels->to[queue[i]][g].n)
				continue;
			seen[g] = true;
			first[g] = queue[i] == from ? g : first[queue[i]];
			queue[n++] = g;
		}
	if (!seen[to])
		return -1;
	return (int)(from == to ? from : first[to]);
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

/* The ops that both ways begin with, and that need not be undone. */
static unsigned int common_ops(const struct inject_level *a,
			       const struct inject_level *b)
{
	unsigned int n = 0;

	while (a->steady && n < a->way.n && n < b->way.n &&
	       a->way.op[n] == b->way.op[n])
		n++;
	return n;
}

struct inject_path inject_levels_path(const struct inject_levels *levels,
				      size_t from, size_t to)
{
	const struct inject_level *a = &levels->level[from],
				  *b = &levels->level[to];
	struct inject_path path = { .n = 0 };
	uint16_t held[INJECT_WAY_MAX];
	unsigned int n = inject_way_held(&a->way, held);
	unsigned int common;

	if (from == to && a->steady)
		return path;
	common = common_ops(a, b);
	while (n > common)
		path.op[path.n++] = held[--n] | INJECT_WAY_UP;
	for (unsigned int i = common; i < b->way.n; i++)
		path.op[path.n++] = b->way.op[i];
	path.cancels = b->cancels >> common;
	return path;
}

void inject_levels_fini(struct inject_levels *levels)
{
	free(levels->level);
	levels->level = NULL;
	levels->n = 0;
}

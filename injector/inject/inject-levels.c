/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-levels.h"
#include "input/spec/spec-names.h"

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
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-layout.h"

/* What a layout is built from: a level at a time, Num Lock off and on. */
struct builder {
	struct inject_layout *layout;
	uint32_t num_lock; /* its modifiers, 0: none */
	uint16_t level;
	struct xkb_state *state, *state_num;
	bool no_memory;
};

static void layout_log_nothing(struct xkb_context *context,
			       enum xkb_log_level level, const char *format,
			       va_list args)
{
}

/* Return: 0: on every keyboard, 1: on many, 2: the keypad and beyond. */
static int remoteness(uint16_t key)
{
	if (key < KEY_KPASTERISK || key == KEY_SPACE || key == KEY_CAPSLOCK)
		return 0;
	return key == KEY_102ND || key == KEY_RO || key == KEY_YEN ? 1 : 2;
}

static bool is_better(const struct inject_layout *layout,
		      const struct inject_symbol *a,
		      const struct inject_symbol *b)
{
	const int far = remoteness(a->key) - remoteness(b->key);
	const int more = layout->levels.level[a->level].way.n -
			 layout->levels.level[b->level].way.n;

	if (a->num_lock_off != b->num_lock_off)
		return b->num_lock_off;
	if (far || more)
		return far ? far < 0 : more < 0;
	return a->key < b->key;
}

/* Return: the keysym's symbol in this group, added if it is new; or NULL. */
static struct inject_symbol *symbol_for(struct inject_layout *layout,
					const struct inject_symbol *like)
{
	const unsigned int group = inject_layout_group(layout, like);

	for (size_t i = 0; i < layout->n; i++)
		if (layout->symbol[i].keysym == like->keysym &&
		    inject_layout_group(layout, &layout->symbol[i]) == group)
			return &layout->symbol[i];
	if (layout->n == layout->room) {
		size_t room = layout->room ? 2 * layout->room : 512;
		struct inject_symbol *grown =
			realloc(layout->symbol, room * sizeof(*grown));

		if (!grown)
			return NULL;
		layout->symbol = grown;
		layout->room = room;
	}
	layout->symbol[layout->n] = *like;
	return &layout->symbol[layout->n++];
}

/* Return: the keysym of a key; 0: none, or several. */
static uint32_t keysym_of(struct xkb_keymap *keymap, struct xkb_state *state,
			  xkb_keycode_t key)
{
	const xkb_layout_index_t group = xkb_state_key_get_layout(state, key);
	const xkb_keysym_t *syms;
	xkb_level_index_t level;

	if (group == XKB_LAYOUT_INVALID)
		return XKB_KEY_NoSymbol;
	level = xkb_state_key_get_level(state, key, group);
	if (level == XKB_LEVEL_INVALID ||
	    xkb_keymap_key_get_syms_by_level(keymap, key, group, level,
					     &syms) != 1)
		return XKB_KEY_NoSymbol;
	return syms[0];
}

static bool is_held(const struct inject_level *level, uint16_t key)
{
	uint16_t held[INJECT_WAY_MAX];
	unsigned int n = inject_way_held(&level->way, held);

	while (n && held[n - 1] != key)
		n--;
	return n;
}

/* Whether the keyboard is at rest again after a key in a level. */
static bool comes_back(const struct inject_layout *layout,
		       const struct inject_symbol *s)
{
	const struct inject_level *level = &layout->levels.level[s->level];
	struct inject_model m;
	struct inject_xkb x;

	inject_model_init(&m, layout->keymap);
	inject_levels_go(&layout->levels, &m, level->group);
	inject_model_way(&m, &level->way);
	inject_model_op(&m, s->key);
	inject_model_op(&m, s->key | INJECT_WAY_UP);
	inject_model_leave(&m, &level->way);
	x = inject_model_xkb(&m);
	inject_model_fini(&m);
	return inject_xkb_is_rest(&x);
}

static void try_key(struct xkb_keymap *keymap, xkb_keycode_t keycode, void *arg)
{
	struct builder *b = arg;
	struct inject_symbol new = {
		.key = (uint16_t)(keycode - INJECT_X_OFFSET), .level = b->level
	};
	const struct inject_level *level = &b->layout->levels.level[b->level];
	struct inject_symbol *symbol;

	if (!inject_levels_is_key(keycode) || is_held(level, new.key))
		return;
	new.keysym = keysym_of(keymap, b->state, keycode);
	if (new.keysym == XKB_KEY_NoSymbol)
		return;
	new.num_lock_off =
		new.keysym != keysym_of(keymap, b->state_num, keycode);
	new.ch = xkb_keysym_to_utf32(new.keysym);
	if (!level->steady && !comes_back(b->layout, &new))
		return;
	symbol = symbol_for(b->layout, &new);
	if (!symbol)
		b->no_memory = true;
	else if (is_better(b->layout, &new, symbol))
		*symbol = new;
}

static struct xkb_state *state_of(struct xkb_keymap *keymap,
				  const struct inject_xkb *x, uint32_t lock)
{
	struct xkb_state *state = xkb_state_new(keymap);

	if (state)
		xkb_state_update_mask(state, x->base, x->latched,
				      x->locked | lock, x->base_group,
				      x->latched_group, x->locked_group);
	return state;
}

static void try_level(struct builder *b, uint16_t level)
{
	struct xkb_keymap *keymap = b->layout->keymap;
	const struct inject_xkb *x = &b->layout->levels.level[level].xkb;

	b->level = level;
	b->state = state_of(keymap, x, 0);
	b->state_num = state_of(keymap, x, b->num_lock);
	if (b->state && b->state_num)
		xkb_keymap_key_for_each(keymap, try_key, b);
	else
		b->no_memory = true;
	xkb_state_unref(b->state);
	xkb_state_unref(b->state_num);
}

static int compare_symbols(const void *left, const void *right, void *arg)
{
	const struct inject_layout *layout = arg;
	const struct inject_symbol *a = left, *b = right;
	const unsigned int group_a = inject_layout_group(layout, a);
	const unsigned int group_b = inject_layout_group(layout, b);

	if (group_a != group_b)
		return group_a < group_b ? -1 : 1;
	if (a->ch != b->ch)
		return a->ch < b->ch ? -1 : 1;
	if (is_better(layout, a, b) != is_better(layout, b, a))
		return is_better(layout, a, b) ? -1 : 1;
	return a->keysym < b->keysym ? -1 : 1;
}

static int layout_build(struct inject_layout *layout)
{
	struct builder b = { .layout = layout,
			     .num_lock = inject_levels_mask(layout->keymap,
							    "NumLock") };

	if (inject_levels_init(&layout->levels, layout->keymap))
		return -ENOMEM;
	for (size_t i = 0; i < layout->levels.n; i++)
		if (layout->levels.level[i].types &&
		    layout->levels.rest[layout->levels.level[i].group] >= 0)
			try_level(&b, (uint16_t)i);
	if (b.no_memory)
		return -ENOMEM;
	qsort_r(layout->symbol, layout->n, sizeof(*layout->symbol),
		compare_symbols, layout);
	return 0;
}

static int layout_unknown(const struct inject_layout_names *n, struct fault *f)
{
	const char *layout = n->layout ? n->layout : "(default)";

	return fault_set(f, "unknown keyboard layout %.60s%s%.60s%s", layout,
			 n->variant ? " with the variant " : "",
			 n->variant ? n->variant : "",
			 n->model || n->options ? " and this model and options"
						: "");
}

static struct xkb_keymap *layout_compile(
	const struct inject_layout_names *names)
{
	const struct xkb_rule_names rules = { .model = names->model,
					      .layout = names->layout,
					      .variant = names->variant,
					      .options = names->options };
	struct xkb_context *context =
		names->context ? xkb_context_ref(names->context)
			       : xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap = NULL;

	if (context) {
		xkb_context_set_log_fn(context, layout_log_nothing);
		keymap = xkb_keymap_new_from_names(context, &rules,
						   XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	xkb_context_unref(context);
	return keymap;
}

int inject_layout_new(struct inject_layout **out,
		      const struct inject_layout_names *names, struct fault *f)
{
	struct inject_layout *layout = calloc(1, sizeof(*layout));

	*out = NULL;
	if (!layout)
		return fault_no_memory(f);
	layout->keymap = layout_compile(names);
	if (!layout->keymap) {
		inject_layout_free(layout);
		return layout_unknown(names, f);
	}
	if (layout_build(layout)) {
		inject_layout_free(layout);
		return fault_no_memory(f);
	}
	*out = layout;
	return 0;
}

void inject_layout_free(struct inject_layout *layout)
{
	if (!layout)
		return;
	inject_levels_fini(&layout->levels);
	xkb_keymap_unref(layout->keymap);
	free(layout->symbol);
	free(layout);
}

/* Return: the first of a group that has this character, or one above it. */
static size_t first_of(const struct inject_layout *layout, unsigned int group,
		       uint32_t ch)
{
	size_t from = 0, to = layout->n;

	while (from < to) {
		const size_t mid = from + (to - from) / 2;
		const struct inject_symbol *s = &layout->symbol[mid];
		const unsigned int of = inject_layout_group(layout, s);

		if (of < group || (of == group && s->ch < ch))
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

const struct inject_symbol *inject_layout_find(
	const struct inject_layout *layout, unsigned int group, uint32_t ch)
{
	const size_t i = ch ? first_of(layout, group, ch) : layout->n;
	const struct inject_symbol *s = &layout->symbol[i];

	return i < layout->n && s->ch == ch &&
			       inject_layout_group(layout, s) == group
		       ? s
		       : NULL;
}

const struct inject_symbol *inject_layout_find_keysym(
	const struct inject_layout *layout, unsigned int group, uint32_t keysym)
{
	for (size_t i = first_of(layout, group, 0); i < layout->n; i++) {
		const struct inject_symbol *s = &layout->symbol[i];

		if (inject_layout_group(layout, s) != group)
			break;
		if (s->keysym == keysym)
			return s;
	}
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon.h>
#include "injector/inject/inject-layout.h"
#include "input/spec/spec-names.h"

/* An X keycode is the kernel's plus this. */
#define X_OFFSET 8

/* What a layout is built from. */
struct builder {
	struct inject_layout *layout;
	struct xkb_keymap *keymap;
	xkb_mod_mask_t num_lock;     /* 0: none */
	uint8_t shifts;		     /* held in both states */
	struct xkb_state *state;     /* with Num Lock off */
	struct xkb_state *state_num; /* with Num Lock on */
};

static void layout_log_nothing(struct xkb_context *context,
			       enum xkb_log_level level, const char *format,
			       va_list args)
{
}

static const char *const shift_keysyms[INJECT_SHIFTS][2] = {
	{ "Shift_L", "Shift_R" },
	{ "ISO_Level3_Shift", NULL },
	{ "ISO_Level5_Shift", NULL },
	{ "Mode_switch", NULL },
};

/* Keymaps also have keys of X that the kernel does not know. */
static bool is_key(xkb_keycode_t keycode)
{
	const char *name;

	if (keycode < X_OFFSET || keycode - X_OFFSET > KEY_MAX)
		return false;
	name = names_code(EV_KEY, keycode - X_OFFSET);
	return name && strncmp(name, "KEY_", 4) == 0;
}

/* Return: the keysym of a key at a level; 0: none, or several. */
static xkb_keysym_t keysym_at(struct xkb_keymap *keymap, xkb_keycode_t key,
			      xkb_level_index_t level)
{
	const xkb_keysym_t *syms;

	if (xkb_keymap_key_get_syms_by_level(keymap, key, 0, level, &syms) != 1)
		return XKB_KEY_NoSymbol;
	return syms[0];
}

static bool is_shift(xkb_keysym_t sym, int which)
{
	for (int i = 0; i < 2 && shift_keysyms[which][i]; i++)
		if (sym == xkb_keysym_from_name(shift_keysyms[which][i],
						XKB_KEYSYM_NO_FLAGS))
			return true;
	return false;
}

/* Take the first key of each kind of shift. */
static void find_shift(struct xkb_keymap *keymap, xkb_keycode_t key, void *arg)
{
	struct inject_layout *layout = arg;
	xkb_keysym_t sym;

	if (!is_key(key))
		return;
	sym = keysym_at(keymap, key, 0);
	for (int i = 0; i < INJECT_SHIFTS; i++)
		if (!layout->shift[i] && is_shift(sym, i))
			layout->shift[i] = (uint16_t)(key - X_OFFSET);
}

/* Return: 0: on every keyboard, 1: on many, 2: the keypad and beyond. */
static int remoteness(uint16_t key)
{
	if (key < KEY_KPASTERISK || key == KEY_SPACE || key == KEY_CAPSLOCK)
		return 0;
	return key == KEY_102ND || key == KEY_RO || key == KEY_YEN ? 1 : 2;
}

static bool is_better(const struct inject_symbol *a,
		      const struct inject_symbol *b)
{
	int far = remoteness(a->stroke.key) - remoteness(b->stroke.key);
	int more = __builtin_popcount(a->stroke.shifts) -
		   __builtin_popcount(b->stroke.shifts);

	if (a->num_lock_off != b->num_lock_off)
		return b->num_lock_off;
	if (far || more)
		return far ? far < 0 : more < 0;
	return a->stroke.key < b->stroke.key;
}

static bool is_wanted(xkb_keysym_t sym, uint32_t ch)
{
	return ch || sym == XKB_KEY_Multi_key ||
	       (sym >= XKB_KEY_dead_grave && sym <= XKB_KEY_dead_greek);
}

/* Return: the keysym's symbol, added if it is new; NULL: no memory. */
static struct inject_symbol *symbol_for(struct inject_layout *layout,
					xkb_keysym_t sym)
{
	for (size_t i = 0; i < layout->n; i++)
		if (layout->symbol[i].keysym == sym)
			return &layout->symbol[i];
	if (layout->n == layout->room) {
		size_t room = layout->room ? 2 * layout->room : 256;
		struct inject_symbol *grown =
			realloc(layout->symbol, room * sizeof(*grown));

		if (!grown)
			return NULL;
		layout->symbol = grown;
		layout->room = room;
	}
	layout->symbol[layout->n] = (struct inject_symbol){ .keysym = sym };
	return &layout->symbol[layout->n++];
}

static void try_key(struct xkb_keymap *keymap, xkb_keycode_t key, void *arg)
{
	struct builder *b = arg;
	struct inject_symbol new = { .stroke = { (uint16_t)(key - X_OFFSET),
						 b->shifts } };
	struct inject_symbol *symbol;
	xkb_level_index_t level;

	if (!is_key(key))
		return;
	level = xkb_state_key_get_level(b->state, key, 0);
	if (level == XKB_LEVEL_INVALID)
		return;
	new.num_lock_off =
		level != xkb_state_key_get_level(b->state_num, key, 0);
	new.keysym = keysym_at(keymap, key, level);
	new.ch = xkb_keysym_to_utf32(new.keysym);
	if (!is_wanted(new.keysym, new.ch))
		return;
	symbol = symbol_for(b->layout, new.keysym);
	if (symbol && (!symbol->stroke.key || is_better(&new, symbol)))
		*symbol = new;
}

/* Try all keys with these shifts held. */
static void try_shifts(struct builder *b, uint8_t shifts)
{
	b->shifts = shifts;
	b->state = xkb_state_new(b->keymap);
	b->state_num = xkb_state_new(b->keymap);
	if (b->state && b->state_num) {
		for (int i = 0; i < INJECT_SHIFTS; i++)
			if (shifts >> i & 1)
				xkb_state_update_key(b->state,
						     b->layout->shift[i] +
							     X_OFFSET,
						     XKB_KEY_DOWN);
		xkb_state_update_mask(
			b->state_num,
			xkb_state_serialize_mods(b->state,
						 XKB_STATE_MODS_DEPRESSED),
			0, b->num_lock, 0, 0, 0);
		xkb_keymap_key_for_each(b->keymap, try_key, b);
	}
	xkb_state_unref(b->state);
	xkb_state_unref(b->state_num);
}

static bool has_shifts(const struct inject_layout *layout, uint8_t shifts)
{
	for (int i = 0; i < INJECT_SHIFTS; i++)
		if (shifts >> i & 1 && !layout->shift[i])
			return false;
	return true;
}

static void layout_build(struct inject_layout *layout,
			 struct xkb_keymap *keymap)
{
	struct builder b = { .layout = layout, .keymap = keymap };
	xkb_mod_index_t num = xkb_keymap_mod_get_index(keymap, "NumLock");
	struct xkb_state *state = xkb_state_new(keymap);

	/* Locking a virtual modifier shows the real ones that it stands for. */
	if (state && num != XKB_MOD_INVALID) {
		xkb_state_update_mask(state, 0, 0, (xkb_mod_mask_t)1 << num, 0,
				      0, 0);
		b.num_lock =
			xkb_state_serialize_mods(state, XKB_STATE_MODS_LOCKED);
	}
	xkb_state_unref(state);
	xkb_keymap_key_for_each(keymap, find_shift, layout);
	for (uint8_t shifts = 0; shifts < 1 << INJECT_SHIFTS; shifts++)
		if (has_shifts(layout, shifts))
			try_shifts(&b, shifts);
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

int inject_layout_new(struct inject_layout **out,
		      const struct inject_layout_names *names, struct fault *f)
{
	const struct xkb_rule_names rules = { .model = names->model,
					      .layout = names->layout,
					      .variant = names->variant,
					      .options = names->options };
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_keymap *keymap = NULL;

	*out = NULL;
	if (context) {
		xkb_context_set_log_fn(context, layout_log_nothing);
		keymap = xkb_keymap_new_from_names(context, &rules,
						   XKB_KEYMAP_COMPILE_NO_FLAGS);
	}
	xkb_context_unref(context);
	if (!keymap)
		return layout_unknown(names, f);
	*out = calloc(1, sizeof(**out));
	if (*out)
		layout_build(*out, keymap);
	xkb_keymap_unref(keymap);
	return *out ? 0 : fault_no_memory(f);
}

void inject_layout_free(struct inject_layout *layout)
{
	if (!layout)
		return;
	free(layout->symbol);
	free(layout);
}

const struct inject_symbol *inject_layout_find(
	const struct inject_layout *layout, uint32_t ch)
{
	const struct inject_symbol *best = NULL;

	for (size_t i = 0; ch && i < layout->n; i++) {
		const struct inject_symbol *s = &layout->symbol[i];

		if (s->ch == ch && (!best || is_better(s, best)))
			best = s;
	}
	return best;
}

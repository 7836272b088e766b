/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/inject/inject-model.h"

void inject_model_init(struct inject_model *m, struct xkb_keymap *keymap)
{
	*m = (struct inject_model){ .keymap = keymap,
				    .state = xkb_state_new(keymap) };
}

void inject_model_fini(struct inject_model *m)
{
	xkb_state_unref(m->state);
}

bool inject_model_is_down(const struct inject_model *m, uint16_t key)
{
	return m->down[key / 8] >> key % 8 & 1;
}

uint32_t inject_model_keysym(const struct inject_model *m, uint16_t key)
{
	return m->state ? xkb_state_key_get_one_sym(m->state,
						    key + INJECT_X_OFFSET)
			: XKB_KEY_NoSymbol;
}

bool inject_model_is_shortcut(const struct inject_model *m)
{
	static const char *const names[] = { XKB_MOD_NAME_CTRL,
					     XKB_MOD_NAME_ALT,
					     XKB_MOD_NAME_LOGO };

	for (size_t i = 0; m->state && i < sizeof(names) / sizeof(*names); i++)
		if (xkb_state_mod_name_is_active(m->state, names[i],
						 XKB_STATE_MODS_EFFECTIVE) > 0)
			return true;
	return false;
}

void inject_model_op(struct inject_model *m, uint16_t op)
{
	const uint16_t key = op & (INJECT_WAY_UP - 1);
	const bool down = !(op & INJECT_WAY_UP);

	if (!m->state || inject_model_is_down(m, key) == down)
		return;
	m->down[key / 8] ^= (uint8_t)(1u << key % 8);
	xkb_state_update_key(m->state, key + INJECT_X_OFFSET,
			     down ? XKB_KEY_DOWN : XKB_KEY_UP);
}

void inject_model_way(struct inject_model *m, const struct inject_way *way)
{
	for (unsigned int i = 0; i < way->n; i++)
		inject_model_op(m, way->op[i]);
}

void inject_model_leave(struct inject_model *m, const struct inject_way *way)
{
	uint16_t key[INJECT_WAY_MAX];
	unsigned int n = inject_way_held(way, key);

	while (n)
		inject_model_op(m, key[--n] | INJECT_WAY_UP);
}

struct inject_xkb inject_model_xkb(const struct inject_model *m)
{
	struct xkb_state *s = m->state;

	if (!s)
		return (struct inject_xkb){ 0 };
	return (struct inject_xkb){
		xkb_state_serialize_mods(s, XKB_STATE_MODS_DEPRESSED),
		xkb_state_serialize_mods(s, XKB_STATE_MODS_LATCHED),
		xkb_state_serialize_mods(s, XKB_STATE_MODS_LOCKED),
		xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_DEPRESSED),
		xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_LATCHED),
		xkb_state_serialize_layout(s, XKB_STATE_LAYOUT_LOCKED),
	};
}

bool inject_xkb_equal(const struct inject_xkb *a, const struct inject_xkb *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool inject_xkb_is_rest(const struct inject_xkb *x)
{
	return !(x->base | x->latched | x->locked | x->base_group |
		 x->latched_group);
}

unsigned int inject_way_held(const struct inject_way *way,
			     uint16_t key[INJECT_WAY_MAX])
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < way->n; i++) {
		unsigned int at = 0;

		if (!(way->op[i] & INJECT_WAY_UP)) {
			key[n++] = way->op[i];
			continue;
		}
		while (at < n && (key[at] | INJECT_WAY_UP) != way->op[i])
			at++;
		if (at == n)
			continue;
		n--;
		memmove(&key[at], &key[at + 1], (n - at) * sizeof(*key));
	}
	return n;
}

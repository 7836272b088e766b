/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon-compose.h>
#include <xkbcommon/xkbcommon.h>
#include "tests/lib/xkb-guest.h"

#define X_OFFSET 8

struct xkb_guest {
	struct xkb_context *context;
	struct xkb_keymap *keymap;
	struct xkb_state *state;
	struct xkb_compose_state *compose; /* NULL: it composes nothing */
	char *text;
	size_t len, room;
	unsigned int down;
};

static void guest_log_nothing(struct xkb_context *context,
			      enum xkb_log_level level, const char *format,
			      va_list args)
{
}

static bool guest_read_table(struct xkb_guest *g, const char *locale)
{
	struct xkb_compose_table *table = xkb_compose_table_new_from_locale(
		g->context, locale, XKB_COMPOSE_COMPILE_NO_FLAGS);

	if (table)
		g->compose = xkb_compose_state_new(table,
						   XKB_COMPOSE_STATE_NO_FLAGS);
	xkb_compose_table_unref(table);
	return g->compose;
}

struct xkb_guest *xkb_guest_new(const struct xkb_guest_layout *layout)
{
	const struct xkb_rule_names names = { .layout = layout->layout,
					      .variant = layout->variant,
					      .options = layout->options };
	struct xkb_guest *g = calloc(1, sizeof(*g));

	if (!g)
		abort();
	g->context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	xkb_context_set_log_fn(g->context, guest_log_nothing);
	g->keymap = xkb_keymap_new_from_names(g->context, &names,
					      XKB_KEYMAP_COMPILE_NO_FLAGS);
	if (g->keymap)
		g->state = xkb_state_new(g->keymap);
	if (g->state &&
	    (!layout->locale || guest_read_table(g, layout->locale)))
		return g;
	xkb_guest_free(g);
	return NULL;
}

void xkb_guest_free(struct xkb_guest *g)
{
	if (!g)
		return;
	xkb_compose_state_unref(g->compose);
	xkb_state_unref(g->state);
	xkb_keymap_unref(g->keymap);
	xkb_context_unref(g->context);
	free(g->text);
	free(g);
}

static void guest_add(struct xkb_guest *g, const char *text)
{
	const size_t len = strlen(text);

	if (g->len + len + 1 > g->room) {
		g->room = 2 * (g->len + len + 1);
		g->text = realloc(g->text, g->room);
		if (!g->text)
			abort();
	}
	memcpy(g->text + g->len, text, len + 1);
	g->len += len;
}

/* What a text field gets when a key is pressed. */
static void guest_type(struct xkb_guest *g, xkb_keycode_t key)
{
	enum xkb_compose_status status = XKB_COMPOSE_NOTHING;
	char text[64] = "";

	if (g->compose) {
		if (xkb_compose_state_feed(
			    g->compose,
			    xkb_state_key_get_one_sym(g->state, key)) ==
		    XKB_COMPOSE_FEED_IGNORED)
			return;
		status = xkb_compose_state_get_status(g->compose);
	}
	switch (status) {
	case XKB_COMPOSE_NOTHING:
		xkb_state_key_get_utf8(g->state, key, text, sizeof(text));
		break;
	case XKB_COMPOSE_COMPOSED:
		xkb_compose_state_get_utf8(g->compose, text, sizeof(text));
		break;
	case XKB_COMPOSE_COMPOSING:
	case XKB_COMPOSE_CANCELLED:
		break;
	}
	guest_add(g, text);
}

void xkb_guest_key(struct xkb_guest *g, uint16_t key, bool down)
{
	if (down)
		guest_type(g, key + X_OFFSET);
	g->down += down ? 1 : -1u;
	xkb_state_update_key(g->state, key + X_OFFSET,
			     down ? XKB_KEY_DOWN : XKB_KEY_UP);
}

void xkb_guest_lock(struct xkb_guest *g, const char *modifier)
{
	const xkb_mod_index_t mod =
		xkb_keymap_mod_get_index(g->keymap, modifier);

	if (mod != XKB_MOD_INVALID)
		xkb_state_update_mask(g->state, 0, 0, (xkb_mod_mask_t)1 << mod,
				      0, 0, 0);
}

const char *xkb_guest_text(const struct xkb_guest *g)
{
	return g->text ? g->text : "";
}

void xkb_guest_clear(struct xkb_guest *g)
{
	g->len = 0;
	if (g->text)
		g->text[0] = '\0';
	if (g->compose)
		xkb_compose_state_reset(g->compose);
}

bool xkb_guest_rests(const struct xkb_guest *g)
{
	return !g->down &&
	       !xkb_state_serialize_mods(g->state, XKB_STATE_MODS_DEPRESSED) &&
	       !xkb_state_serialize_mods(g->state, XKB_STATE_MODS_LATCHED) &&
	       !xkb_state_serialize_layout(g->state, XKB_STATE_LAYOUT_LOCKED);
}

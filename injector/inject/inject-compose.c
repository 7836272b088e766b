/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libxkbcommon tells what a sequence of keysyms makes, not which sequences
 * there are. So all that the layout can type are tried: a few beginnings (its
 * dead keys) times some hundred symbols, again for what goes on after those.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon-compose.h>
#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-utf8.h"

struct way {
	uint32_t ch;
	uint8_t n, shifts; /* strokes, and shifts in all of them */
	uint16_t symbol[INJECT_COMPOSE_MAX];
};

struct inject_compose {
	const struct inject_layout *layout;
	struct xkb_compose_state *state;
	struct way *way;
	size_t n, room;
};

static void be_quiet(struct xkb_context *context, enum xkb_log_level level,
		     const char *format, va_list args)
{
}

/* Return: the one character that was composed, else 0. */
static uint32_t composed(struct xkb_compose_state *state)
{
	char text[64];
	int len = xkb_compose_state_get_utf8(state, text, sizeof(text));
	const char *at = text;
	uint32_t ch;

	if (len <= 0 || len >= (int)sizeof(text))
		return 0;
	ch = inject_utf8_next(&at, text + len);
	return at == text + len && ch != INJECT_UTF8_BAD ? ch : 0;
}

static struct way *place_for(struct inject_compose *c, uint32_t ch)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->way[i].ch == ch)
			return &c->way[i];
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct way *grown = realloc(c->way, room * sizeof(*grown));

		if (!grown)
			return NULL;
		c->way = grown;
		c->room = room;
	}
	c->way[c->n] = (struct way){ .ch = ch };
	return &c->way[c->n++];
}

static void keep(struct inject_compose *c, struct way *way)
{
	struct way *old;

	way->ch = composed(c->state);
	way->shifts = 0;
	for (int i = 0; i < way->n; i++)
		way->shifts += (uint8_t)__builtin_popcount(
			c->layout->symbol[way->symbol[i]].stroke.shifts);
	old = way->ch ? place_for(c, way->ch) : NULL;
	if (old && (!old->n || way->n < old->n ||
		    (way->n == old->n && way->shifts < old->shifts)))
		*old = *way;
}

/* Type the way anew. Return: where that leads to. */
static enum xkb_compose_status feed(struct inject_compose *c,
				    const struct way *way)
{
	xkb_compose_state_reset(c->state);
	for (int i = 0; i < way->n; i++)
		xkb_compose_state_feed(
			c->state, c->layout->symbol[way->symbol[i]].keysym);
	return xkb_compose_state_get_status(c->state);
}

/* All that goes on from here. */
static void explore(struct inject_compose *c, const struct way *from)
{
	struct way way = *from;

	way.n++;
	for (size_t i = 0; i < c->layout->n; i++) {
		way.symbol[way.n - 1] = (uint16_t)i;
		switch (feed(c, &way)) {
		case XKB_COMPOSE_COMPOSED:
			keep(c, &way);
			break;
		case XKB_COMPOSE_COMPOSING:
			if (way.n < INJECT_COMPOSE_MAX)
				explore(c, &way);
			break;
		case XKB_COMPOSE_NOTHING:
		case XKB_COMPOSE_CANCELLED:
			break;
		}
	}
}

/* As setlocale() finds it; nobody means that no character be composed. */
static const char *locale_of_environment(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcmp(value, "C") && strcmp(value, "POSIX") &&
					       strcmp(value, "C.UTF-8")
				       ? value
				       : "en_US.UTF-8";
	}
	return "en_US.UTF-8";
}

static struct xkb_compose_state *read_table(const char *locale)
{
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);
	struct xkb_compose_table *table = NULL;
	struct xkb_compose_state *state = NULL;

	if (context) {
		xkb_context_set_log_fn(context, be_quiet);
		table = xkb_compose_table_new_from_locale(
			context, locale, XKB_COMPOSE_COMPILE_NO_FLAGS);
	}
	if (table)
		state = xkb_compose_state_new(table,
					      XKB_COMPOSE_STATE_NO_FLAGS);
	xkb_compose_table_unref(table);
	xkb_context_unref(context);
	return state;
}

int inject_compose_new(struct inject_compose **out,
		       const struct inject_layout *layout, const char *locale,
		       struct fault *f)
{
	struct inject_compose *c = calloc(1, sizeof(*c));

	*out = NULL;
	if (!c)
		return fault_no_memory(f);
	if (!locale)
		locale = locale_of_environment();
	c->layout = layout;
	c->state = read_table(locale);
	if (!c->state) {
		free(c);
		return fault_errno(f, -ENOENT,
				   "there is no compose table for the "
				   "locale %.60s; X's are in Debian's "
				   "libx11-data",
				   locale);
	}
	explore(c, &(struct way){ 0 });
	*out = c;
	return 0;
}

void inject_compose_free(struct inject_compose *c)
{
	if (!c)
		return;
	xkb_compose_state_unref(c->state);
	free(c->way);
	free(c);
}

size_t inject_compose_find(const struct inject_compose *c, uint32_t ch,
			   struct inject_stroke out[INJECT_COMPOSE_MAX])
{
	for (size_t i = 0; i < c->n; i++) {
		const struct way *way = &c->way[i];

		if (way->ch != ch)
			continue;
		for (int j = 0; j < way->n; j++)
			out[j] = c->layout->symbol[way->symbol[j]].stroke;
		return way->n;
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libxkbcommon says what a sequence of keysyms composes, but does not list the
 * sequences. So all that the layout can type are tried: few symbols (its dead
 * keys) start one, some hundred can follow, and few of those need a third.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xkbcommon/xkbcommon-compose.h>
#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-utf8.h"

struct sequence {
	uint32_t ch;
	uint8_t n, shifts; /* strokes; shifts in all of them */
	uint16_t symbol[INJECT_COMPOSE_MAX];
};

struct inject_compose {
	const struct inject_layout *layout;
	struct xkb_compose_state *state;
	struct sequence *seq;
	size_t n, room;
};

static void compose_log_nothing(struct xkb_context *context,
				enum xkb_log_level level, const char *format,
				va_list args)
{
}

/* Return: the composed character, 0: not exactly one. */
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

static struct sequence *sequence_for(struct inject_compose *c, uint32_t ch)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->seq[i].ch == ch)
			return &c->seq[i];
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 256;
		struct sequence *grown = realloc(c->seq, room * sizeof(*grown));

		if (!grown)
			return NULL;
		c->seq = grown;
		c->room = room;
	}
	c->seq[c->n] = (struct sequence){ .ch = ch };
	return &c->seq[c->n++];
}

static void keep_if_better(struct inject_compose *c, struct sequence *seq)
{
	struct sequence *old;

	seq->ch = composed(c->state);
	seq->shifts = 0;
	for (int i = 0; i < seq->n; i++)
		seq->shifts += (uint8_t)__builtin_popcount(
			c->layout->symbol[seq->symbol[i]].stroke.shifts);
	old = seq->ch ? sequence_for(c, seq->ch) : NULL;
	if (old && (!old->n || seq->n < old->n ||
		    (seq->n == old->n && seq->shifts < old->shifts)))
		*old = *seq;
}

/* Type the sequence from the start. */
static enum xkb_compose_status feed(struct inject_compose *c,
				    const struct sequence *seq)
{
	xkb_compose_state_reset(c->state);
	for (int i = 0; i < seq->n; i++)
		xkb_compose_state_feed(
			c->state, c->layout->symbol[seq->symbol[i]].keysym);
	return xkb_compose_state_get_status(c->state);
}

/* Try all sequences that begin with this one. */
static void explore(struct inject_compose *c, const struct sequence *from)
{
	struct sequence seq = *from;

	seq.n++;
	for (size_t i = 0; i < c->layout->n; i++) {
		seq.symbol[seq.n - 1] = (uint16_t)i;
		switch (feed(c, &seq)) {
		case XKB_COMPOSE_COMPOSED:
			keep_if_better(c, &seq);
			break;
		case XKB_COMPOSE_COMPOSING:
			if (seq.n < INJECT_COMPOSE_MAX)
				explore(c, &seq);
			break;
		case XKB_COMPOSE_NOTHING:
		case XKB_COMPOSE_CANCELLED:
			break;
		}
	}
}

/* As setlocale(3) does, but not C, which composes nothing. */
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
		xkb_context_set_log_fn(context, compose_log_nothing);
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
				   "no compose table for the locale %.60s; "
				   "Debian has X11's in libx11-data",
				   locale);
	}
	explore(c, &(struct sequence){ 0 });
	*out = c;
	return 0;
}

void inject_compose_free(struct inject_compose *c)
{
	if (!c)
		return;
	xkb_compose_state_unref(c->state);
	free(c->seq);
	free(c);
}

size_t inject_compose_find(const struct inject_compose *c, uint32_t ch,
			   struct inject_stroke out[INJECT_COMPOSE_MAX])
{
	for (size_t i = 0; i < c->n; i++) {
		const struct sequence *seq = &c->seq[i];

		if (seq->ch != ch)
			continue;
		for (int j = 0; j < seq->n; j++)
			out[j] = c->layout->symbol[seq->symbol[j]].stroke;
		return seq->n;
	}
	return 0;
}

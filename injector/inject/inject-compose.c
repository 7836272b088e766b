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

struct inject_compose {
	const struct inject_layout *layout;
	struct xkb_compose_state *state;
	/* Found when the first one is looked for; by group and character. */
	struct inject_sequence *seq;
	size_t n, room;
	bool explored;
};

static void compose_log_nothing(struct xkb_context *context,
				enum xkb_log_level level, const char *format,
				va_list args)
{
}

/* --- all sequences --- */

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

static bool may_be_in_sequence(const struct inject_symbol *s)
{
	return s->ch || s->keysym == XKB_KEY_Multi_key ||
	       (s->keysym >= XKB_KEY_dead_grave &&
		s->keysym < XKB_KEY_First_Virtual_Screen);
}

static unsigned int sequence_group(const struct inject_compose *c,
				   const struct inject_sequence *seq)
{
	return inject_layout_group(c->layout,
				   &c->layout->symbol[seq->symbol[0]]);
}

static void sequence_measure(const struct inject_compose *c,
			     struct inject_sequence *seq)
{
	const struct inject_levels *levels = &c->layout->levels;
	size_t before = 0;

	for (unsigned int i = 0; i < seq->n; i++) {
		size_t level = c->layout->symbol[seq->symbol[i]].level;

		seq->ops += levels->level[level].way.n;
		if (i && inject_levels_path(levels, before, level).cancels)
			seq->cancels = true;
		before = level;
	}
}

static void compose_keep(struct inject_compose *c,
			 const struct inject_sequence *seq)
{
	if (c->n == c->room) {
		size_t room = c->room ? 2 * c->room : 1024;
		struct inject_sequence *grown =
			realloc(c->seq, room * sizeof(*grown));

		if (!grown)
			return;
		c->seq = grown;
		c->room = room;
	}
	c->seq[c->n] = *seq;
	c->seq[c->n].ch = composed(c->state);
	if (!c->seq[c->n].ch)
		return;
	sequence_measure(c, &c->seq[c->n]);
	c->n++;
}

/* Type the sequence from the start. */
static enum xkb_compose_status compose_try(struct inject_compose *c,
					   const struct inject_sequence *seq)
{
	xkb_compose_state_reset(c->state);
	for (unsigned int i = 0; i < seq->n; i++)
		xkb_compose_state_feed(
			c->state, c->layout->symbol[seq->symbol[i]].keysym);
	return xkb_compose_state_get_status(c->state);
}

/* Try all sequences of a group that begin with this one. */
static void explore(struct inject_compose *c, unsigned int group,
		    const struct inject_sequence *from)
{
	struct inject_sequence seq = *from;

	seq.n++;
	for (size_t i = 0; i < c->layout->n; i++) {
		const struct inject_symbol *s = &c->layout->symbol[i];
		enum xkb_compose_status status;

		if (inject_layout_group(c->layout, s) != group ||
		    !may_be_in_sequence(s))
			continue;
		seq.symbol[seq.n - 1] = (uint16_t)i;
		status = compose_try(c, &seq);
		if (status == XKB_COMPOSE_COMPOSED)
			compose_keep(c, &seq);
		else if (status == XKB_COMPOSE_COMPOSING &&
			 seq.n < INJECT_COMPOSE_MAX)
			explore(c, group, &seq);
	}
}

static int compare_sequences(const void *left, const void *right, void *arg)
{
	const struct inject_compose *c = arg;
	const struct inject_sequence *a = left, *b = right;
	const unsigned int group_a = sequence_group(c, a);
	const unsigned int group_b = sequence_group(c, b);

	if (group_a != group_b)
		return group_a < group_b ? -1 : 1;
	if (a->ch != b->ch)
		return a->ch < b->ch ? -1 : 1;
	if (a->cancels != b->cancels)
		return a->cancels ? 1 : -1;
	if (a->n != b->n)
		return a->n - b->n;
	if (a->ops != b->ops)
		return a->ops - b->ops;
	return memcmp(a->symbol, b->symbol, a->n * sizeof(*a->symbol));
}

static void compose_explore(struct inject_compose *c)
{
	if (c->explored)
		return;
	c->explored = true;
	for (unsigned int g = 0; g < INJECT_GROUPS_MAX; g++)
		explore(c, g, &(struct inject_sequence){ .n = 0 });
	xkb_compose_state_reset(c->state);
	if (c->n) /* qsort_r() takes no NULL */
		qsort_r(c->seq, c->n, sizeof(*c->seq), compare_sequences, c);
}

const struct inject_sequence *inject_compose_find(struct inject_compose *c,
						  unsigned int group,
						  uint32_t ch)
{
	size_t from = 0, to;

	compose_explore(c);
	for (to = c->n; from < to;) {
		const size_t mid = from + (to - from) / 2;
		const struct inject_sequence *s = &c->seq[mid];
		const unsigned int of = sequence_group(c, s);

		if (of < group || (of == group && s->ch < ch))
			from = mid + 1;
		else
			to = mid;
	}
	return from < c->n && c->seq[from].ch == ch &&
			       sequence_group(c, &c->seq[from]) == group
		       ? &c->seq[from]
		       : NULL;
}

/* --- the table --- */

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

/* --- as the guest composes --- */

void inject_compose_reset(struct inject_compose *c)
{
	xkb_compose_state_reset(c->state);
}

uint32_t inject_compose_feed(struct inject_compose *c, uint32_t keysym)
{
	enum xkb_compose_status status;
	uint32_t ch;

	if (xkb_compose_state_feed(c->state, keysym) ==
	    XKB_COMPOSE_FEED_IGNORED)
		return 0;
	status = xkb_compose_state_get_status(c->state);
	if (status == XKB_COMPOSE_NOTHING)
		return xkb_keysym_to_utf32(keysym);
	if (status == XKB_COMPOSE_COMPOSING)
		return 0;
	ch = status == XKB_COMPOSE_COMPOSED ? composed(c->state) : 0;
	return ch ? ch : INJECT_COMPOSE_BAD;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-normal.h"
#include "injector/inject/inject-typing.h"
#include "injector/inject/inject-utf8.h"

/* The number of characters that a fault names. */
#define NAMED_MAX 12
#define NAME_LEN  24

struct missing {
	uint32_t ch[NAMED_MAX];
	size_t n; /* each once */
	bool more;
	/* Among them one whose sequence some guests would cancel. */
	bool cancels;
};

/* How a character is typed: by one of these, or by its number. */
struct way_to_type {
	const struct inject_symbol *symbol;
	const struct inject_sequence *sequence;
};

static void missing_add(struct missing *m, uint32_t ch)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->ch[i] == ch)
			return;
	if (m->n < NAMED_MAX)
		m->ch[m->n++] = ch;
	else
		m->more = true;
}

static void name_char(char name[NAME_LEN], uint32_t ch)
{
	char text[INJECT_UTF8_LEN] = "";

	/* A number alone is shown where ch would garble the line. */
	if (ch > 0x20 && (ch < 0x7f || ch > 0xa0))
		inject_utf8_write(text, ch);
	snprintf(name, NAME_LEN, "%s%sU+%04X%s", text, *text ? " (" : "", ch,
		 *text ? ")" : "");
}

static const char *missing_hint(const struct inject_typing *t,
				const struct missing *m)
{
	unsigned int groups = 0;

	for (unsigned int g = 0; g < INJECT_GROUPS_MAX; g++)
		groups += t->layout->levels.rest[g] >= 0;
	if (m->cancels)
		return ", or has the fifth level within a compose sequence, "
		       "which libxkbcommon before 1.7 cancels; try --unicode";
	if (groups < t->layout->levels.groups)
		return "; for all of its groups, name what switches them in "
		       "the guest, such as "
		       "--xkb-options=grp:alt_shift_toggle";
	if (t->unicode)
		return ", also those that --unicode needs";
	return t->compose ? ", and no sequence of its keys composes them; "
			    "try --unicode"
			  : "; try --compose, which uses dead keys, or "
			    "--unicode";
}

/* Return: -EINVAL */
static int missing_fault(const struct inject_typing *t, const struct missing *m,
			 struct fault *f)
{
	char names[NAMED_MAX * (NAME_LEN + 2)] = "";
	size_t len = 0;

	for (size_t i = 0; i < m->n; i++) {
		char name[NAME_LEN];

		name_char(name, m->ch[i]);
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s", i ? ", " : "", name);
	}
	return fault_set(f, "the layout lacks %s%s%s", names,
			 m->more ? " and others" : "", missing_hint(t, m));
}

/* Return: the i-th group to try, that which is on first. */
static unsigned int group_to_try(const struct inject_typing *t, unsigned int i)
{
	const unsigned int at = inject_strokes_group(&t->strokes);

	if (!i)
		return at;
	return i <= at ? i - 1 : i;
}

/* Return: whether there is one other than by the character's number. */
static bool find_way(const struct inject_typing *t, uint32_t ch,
		     struct way_to_type *way)
{
	*way = (struct way_to_type){ NULL, NULL };
	for (unsigned int i = 0; !way->symbol && i < INJECT_GROUPS_MAX; i++)
		way->symbol =
			inject_layout_find(t->layout, group_to_try(t, i), ch);
	if (way->symbol)
		return true;
	for (unsigned int i = 0; t->compose && i < INJECT_GROUPS_MAX; i++) {
		const struct inject_sequence *s =
			inject_compose_find(t->compose, group_to_try(t, i), ch);

		if (s && (!way->sequence || way->sequence->cancels))
			way->sequence = s;
	}
	return way->sequence && !way->sequence->cancels;
}

static void type_sequence(struct inject_typing *t,
			  const struct inject_sequence *seq)
{
	for (unsigned int i = 0; i < seq->n; i++)
		inject_strokes_symbol(&t->strokes,
				      &t->layout->symbol[seq->symbol[i]],
				      i + 1 == seq->n ? seq->ch : 0);
}

static void type_char(struct inject_typing *t, uint32_t ch,
		      struct missing *missing)
{
	struct way_to_type way;

	if (find_way(t, ch, &way)) {
		if (way.symbol)
			inject_strokes_symbol(&t->strokes, way.symbol, ch);
		else
			type_sequence(t, way.sequence);
	} else if (!inject_unicode_type(&t->strokes, t->unicode, ch)) {
		missing_add(missing, ch);
		missing->cancels |= way.sequence != NULL;
	}
}

/* Whether keys or sequences of them type all characters. */
static bool can_type(const struct inject_typing *t, const uint32_t *ch,
		     size_t n)
{
	struct way_to_type way;

	for (size_t i = 0; i < n; i++)
		if (!find_way(t, ch[i], &way))
			return false;
	return n;
}

/* In the first of its forms that has keys, else in the shortest. */
static void type_cluster(struct inject_typing *t,
			 const struct inject_cluster *cluster,
			 struct missing *missing)
{
	uint32_t ch[INJECT_CLUSTER_MAX];
	size_t n = inject_normal_form(cluster, INJECT_FORM_GIVEN, ch);

	for (unsigned int i = 1; !can_type(t, ch, n) && i < INJECT_FORMS; i++)
		n = inject_normal_form(cluster, (enum inject_form)i, ch);
	if (!can_type(t, ch, n))
		n = inject_normal_form(cluster, INJECT_FORM_COMPOSED, ch);
	if (!n)
		n = inject_normal_form(cluster, INJECT_FORM_GIVEN, ch);
	for (size_t i = 0; i < n; i++)
		type_char(t, ch[i], missing);
}

void inject_typing_init(struct inject_typing *t,
			const struct inject_layout *layout,
			struct inject_compose *compose,
			enum inject_unicode unicode)
{
	*t = (struct inject_typing){ .layout = layout,
				     .compose = compose,
				     .unicode = unicode };
	inject_strokes_init(&t->strokes, layout);
}

/* Return: what follows the cluster at a place of a text. */
static const char *type_next(struct inject_typing *t, const char *at,
			     const char *end, struct missing *missing)
{
	struct inject_cluster cluster;

	if (*at == '\n' || *at == '\r') {
		type_char(t, '\r', missing);
		return at + (*at == '\r' && at + 1 < end && at[1] == '\n') + 1;
	}
	cluster = inject_normal_next(at, end);
	type_cluster(t, &cluster, missing);
	return at + cluster.len;
}

int inject_typing_add(struct inject_typing *t, const char *text, size_t len,
		      struct fault *f)
{
	const char *at = text, *end = text + len;
	struct missing missing = { .n = 0 };

	while (at < end) {
		const char *next = at;

		if (inject_utf8_next(&next, end) == INJECT_UTF8_BAD)
			return fault_set(f, "byte %zu of the text is not UTF-8",
					 (size_t)(at - text) + 1);
		at = type_next(t, at, end, &missing);
	}
	inject_strokes_rest(&t->strokes);
	if (t->strokes.no_memory)
		return fault_no_memory(f);
	if (missing.n)
		return missing_fault(t, &missing, f);
	return inject_typing_check(t, &(struct inject_start){ 0 }, f);
}

int inject_typing_check(const struct inject_typing *t,
			const struct inject_start *start, struct fault *f)
{
	char name[NAME_LEN];
	uint32_t wrong;

	if (inject_strokes_check(&t->strokes, t->compose, start, &wrong))
		return 0;
	name_char(name, wrong);
	return fault_set(f, "%s would arrive as another character", name);
}

void inject_typing_fini(struct inject_typing *t)
{
	inject_strokes_fini(&t->strokes);
}

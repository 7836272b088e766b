/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "injector/inject/inject-strokes.h"

void inject_strokes_init(struct inject_strokes *s,
			 const struct inject_layout *layout)
{
	*s = (struct inject_strokes){ .layout = layout,
				      .level = (size_t)layout->levels.rest[0] };
}

void inject_strokes_fini(struct inject_strokes *s)
{
	free(s->step);
	free(s->due);
}

/* Return: the array with room for one more; NULL: no memory. */
static void *strokes_grow(void *array, size_t n, size_t *room, size_t size)
{
	const size_t more = *room ? 2 * *room : 256;
	void *grown;

	if (n < *room)
		return array;
	grown = realloc(array, more * size);
	if (grown)
		*room = more;
	return grown;
}

static void add_step(struct inject_strokes *s, struct inject_step new)
{
	struct inject_step *step =
		strokes_grow(s->step, s->n, &s->room, sizeof(*step));

	if (!step) {
		s->no_memory = true;
		return;
	}
	s->step = step;
	s->step[s->n++] = new;
}

static void add_due(struct inject_strokes *s, struct inject_due new)
{
	struct inject_due *due =
		strokes_grow(s->due, s->n_due, &s->room_due, sizeof(*due));

	if (!due) {
		s->no_memory = true;
		return;
	}
	s->due = due;
	s->due[s->n_due++] = new;
}

static void add_op(struct inject_strokes *s, uint16_t op)
{
	add_step(s, (struct inject_step){ .key = op & (INJECT_WAY_UP - 1),
					  .down = !(op & INJECT_WAY_UP) });
}

static void add_stroke(struct inject_strokes *s, uint16_t key,
		       struct inject_due due)
{
	add_step(s, (struct inject_step){ key, true, true, due.ch });
	add_step(s, (struct inject_step){ key, false, true, 0 });
	add_due(s, due);
}

static void go_to_level(struct inject_strokes *s, size_t level)
{
	const struct inject_path path =
		inject_levels_path(&s->layout->levels, s->level, level);

	for (unsigned int i = 0; i < path.n; i++)
		add_op(s, path.op[i]);
	s->level = level;
}

static void go_to_rest(struct inject_strokes *s)
{
	const struct inject_levels *levels = &s->layout->levels;

	go_to_level(s, (size_t)levels->rest[inject_strokes_group(s)]);
}

static void go_to_group(struct inject_strokes *s, unsigned int group)
{
	const struct inject_levels *levels = &s->layout->levels;

	while (inject_strokes_group(s) != group) {
		const unsigned int at = inject_strokes_group(s);
		const unsigned int next =
			(unsigned int)inject_levels_next_group(levels, at,
							       group);
		const struct inject_way *way = &levels->to[at][next];

		go_to_rest(s);
		for (unsigned int i = 0; i < way->n; i++)
			add_op(s, way->op[i]);
		s->level = (size_t)levels->rest[next];
	}
}

unsigned int inject_strokes_group(const struct inject_strokes *s)
{
	return s->layout->levels.level[s->level].group;
}

void inject_strokes_symbol(struct inject_strokes *s,
			   const struct inject_symbol *symbol, uint32_t ch)
{
	go_to_group(s, inject_layout_group(s->layout, symbol));
	go_to_level(s, symbol->level);
	add_stroke(s, symbol->key, (struct inject_due){ symbol->keysym, ch });
	/* A latch is spent. */
	if (!s->layout->levels.level[s->level].steady)
		go_to_rest(s);
}

void inject_strokes_rest(struct inject_strokes *s)
{
	go_to_group(s, 0);
	go_to_rest(s);
}

/* --- chords --- */

/* The key of a character that is typed without others, or 0. */
static uint16_t plain_key(const struct inject_strokes *s, unsigned int group,
			  uint32_t ch)
{
	const struct inject_levels *levels = &s->layout->levels;
	const struct inject_symbol *symbol =
		inject_layout_find(s->layout, group, ch);

	if (!symbol || (int)symbol->level != levels->rest[group])
		return 0;
	return symbol->key;
}

/* Keys struck with others held; the hands rest before and afterwards. */
static void add_chord(struct inject_strokes *s, const struct inject_way *held,
		      const uint16_t *key, size_t n)
{
	const struct inject_due unchecked = { 0, 0 };

	go_to_rest(s);
	for (unsigned int i = 0; i < held->n; i++)
		add_op(s, held->op[i]);
	for (size_t i = 0; i < n; i++)
		add_stroke(s, key[i], unchecked);
	for (unsigned int i = held->n; i;)
		add_op(s, held->op[--i] | INJECT_WAY_UP);
}

bool inject_strokes_chord(struct inject_strokes *s, unsigned int hold,
			  uint32_t ch)
{
	const struct inject_levels *levels = &s->layout->levels;
	const uint16_t held[] = { levels->control, levels->shift, levels->alt };
	struct inject_way way = { .n = 0 };

	for (unsigned int i = 0; i < 3; i++)
		if (hold >> i & 1)
			way.op[way.n++] = held[i];
	for (unsigned int i = 0; i < way.n; i++)
		if (!way.op[i])
			return false;
	for (unsigned int g = 0; g < INJECT_GROUPS_MAX; g++) {
		const uint16_t key = plain_key(s, g, ch);

		if (!key)
			continue;
		go_to_group(s, g);
		add_chord(s, &way, &key, 1);
		return true;
	}
	return false;
}

bool inject_strokes_alt(struct inject_strokes *s, const uint16_t *key, size_t n)
{
	const struct inject_way way = { .op = { s->layout->levels.alt },
					.n = 1 };

	if (way.op[0])
		add_chord(s, &way, key, n);
	return way.op[0];
}

void inject_strokes_enter(struct inject_strokes *s, size_t since, uint32_t ch,
			  enum inject_completion by)
{
	size_t at = s->n;

	for (size_t i = since; i < s->n; i++)
		s->step[i].ch = 0;
	while (by == INJECT_BY_KEY && at > since + 1 &&
	       !(s->step[at - 1].timed && s->step[at - 1].down))
		at--;
	if (at > since)
		s->step[at - 1].ch = ch;
}

/* --- checking --- */

static void begin_model(const struct inject_strokes *s, struct inject_model *m,
			const struct inject_start *start)
{
	inject_model_init(m, s->layout->keymap);
	if (start->caps_lock)
		inject_model_way(m, &s->layout->levels.caps_lock);
	if (start->num_lock)
		inject_model_way(m, &s->layout->levels.num_lock);
	for (size_t i = 0; i < start->n_held; i++)
		inject_model_op(m, start->held[i]);
}

/* Return: whether a key that was pressed yields what is due. */
static bool yields(struct inject_compose *compose, uint32_t keysym,
		   const struct inject_due *due)
{
	uint32_t ch;

	if (!due->keysym)
		return true;
	ch = compose ? inject_compose_feed(compose, keysym) : due->ch;
	return keysym == due->keysym && ch == due->ch;
}

static bool types_nothing(struct inject_compose *compose, uint32_t keysym)
{
	if (compose)
		inject_compose_feed(compose, keysym);
	return !xkb_keysym_to_utf32(keysym);
}

/*
 * Return: the first step that does not do what is due, or the number of steps;
 * what follows the last stroke types nothing.
 */
static size_t find_wrong_step(const struct inject_strokes *s,
			      struct inject_compose *compose,
			      struct inject_model *m)
{
	size_t at = 0;

	if (inject_model_is_shortcut(m))
		return 0;
	for (size_t i = 0; at < s->n_due; i++) {
		const struct inject_step *step = &s->step[i];
		const uint32_t keysym = inject_model_keysym(m, step->key);
		bool ok = true;

		if (step->down && inject_model_is_down(m, step->key))
			ok = false;
		else if (step->down && step->timed)
			ok = yields(compose, keysym, &s->due[at++]);
		else if (step->down)
			ok = types_nothing(compose, keysym);
		if (!ok)
			return i;
		inject_model_op(m, step->down ? step->key
					      : step->key | INJECT_WAY_UP);
	}
	return s->n;
}

bool inject_strokes_check(const struct inject_strokes *s,
			  struct inject_compose *compose,
			  const struct inject_start *start, uint32_t *wrong)
{
	struct inject_model m;
	size_t i;

	if (compose)
		inject_compose_reset(compose);
	begin_model(s, &m, start);
	i = find_wrong_step(s, compose, &m);
	inject_model_fini(&m);
	if (i == s->n)
		return true;
	/* A sequence is named by what it enters. */
	while (i + 1 < s->n && !s->step[i].ch)
		i++;
	*wrong = s->step[i].ch;
	return false;
}

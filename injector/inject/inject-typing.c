/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-typing.h"
#include "injector/inject/inject-utf8.h"

/* The number of characters that a fault names. */
#define NAMED_MAX 12

struct missing {
	uint32_t ch[NAMED_MAX];
	size_t n; /* each once */
	bool more;
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

static int add_stroke(struct inject_typing *t,
		      const struct inject_stroke *stroke)
{
	if (t->n == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		struct inject_stroke *grown =
			realloc(t->stroke, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		t->stroke = grown;
		t->room = room;
	}
	t->stroke[t->n++] = *stroke;
	return 0;
}

/* Return: 0, -ENOENT: it cannot be typed, -ENOMEM. */
static int add_char(struct inject_typing *t, uint32_t ch)
{
	const struct inject_symbol *symbol = inject_layout_find(t->layout, ch);
	struct inject_stroke stroke[INJECT_COMPOSE_MAX];
	size_t n = 0;
	int r = 0;

	if (symbol)
		return add_stroke(t, &symbol->stroke);
	if (t->compose)
		n = inject_compose_find(t->compose, ch, stroke);
	for (size_t i = 0; !r && i < n; i++)
		r = add_stroke(t, &stroke[i]);
	return n ? r : -ENOENT;
}

/* Return: -EINVAL */
static int missing_fault(const struct missing *m, bool composed,
			 struct fault *f)
{
	char names[NAMED_MAX * 24] = "";
	size_t len = 0;

	for (size_t i = 0; i < m->n; i++) {
		char text[INJECT_UTF8_LEN] = "";

		/* A number alone is shown where ch would garble the line. */
		if (m->ch[i] > 0x20 && (m->ch[i] < 0x7f || m->ch[i] > 0xa0))
			inject_utf8_write(text, m->ch[i]);
		len += (size_t)snprintf(names + len, sizeof(names) - len,
					"%s%s%sU+%04X%s", i ? ", " : "", text,
					*text ? " (" : "", (unsigned)m->ch[i],
					*text ? ")" : "");
	}
	return fault_set(f, "the layout lacks %s%s%s", names,
			 m->more ? " and others" : "",
			 composed ? ", and no sequence of its keys "
				    "composes them"
				  : "; try --compose, which uses dead keys");
}

/* Take a character; CR for any end of a line. */
static uint32_t next_char(const char **at, const char *end)
{
	uint32_t ch = inject_utf8_next(at, end);

	if (ch == '\r' && *at < end && **at == '\n')
		++*at;
	return ch == '\n' ? '\r' : ch;
}

void inject_typing_init(struct inject_typing *t,
			const struct inject_layout *layout,
			const struct inject_compose *compose)
{
	*t = (struct inject_typing){ .layout = layout, .compose = compose };
}

int inject_typing_add(struct inject_typing *t, const char *text, size_t len,
		      struct fault *f)
{
	const char *at = text, *end = text + len;
	struct missing missing = { .n = 0 };
	int r = 0;

	while (at < end) {
		uint32_t ch = next_char(&at, end);

		if (ch == INJECT_UTF8_BAD)
			return fault_set(f, "byte %zu of the text is not UTF-8",
					 (size_t)(at - text) + 1);
		r = add_char(t, ch);
		if (r == -ENOENT)
			missing_add(&missing, ch);
		else if (r)
			return fault_no_memory(f);
	}
	return missing.n ? missing_fault(&missing, t->compose, f) : 0;
}

void inject_typing_fini(struct inject_typing *t)
{
	free(t->stroke);
	t->stroke = NULL;
	t->n = t->room = 0;
}

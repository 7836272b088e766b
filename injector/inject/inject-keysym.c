/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/inject/inject-keysym.h"
#include "injector/inject/inject-utf8.h"

void inject_keysyms_fini(struct inject_keysyms *k)
{
	inject_layout_free(k->layout);
	k->layout = NULL;
}

static const struct inject_symbol *find_name(const struct inject_layout *layout,
					     const char *name,
					     enum xkb_keysym_flags flags)
{
	const uint32_t keysym = xkb_keysym_from_name(name, flags);

	if (keysym == XKB_KEY_NoSymbol)
		return NULL;
	return inject_layout_find_keysym(layout, 0, keysym);
}

/* A name that is one character is that character. */
static const struct inject_symbol *find_char(const struct inject_layout *layout,
					     const char *name)
{
	const char *at = name, *end = name + strlen(name);
	const uint32_t ch = at < end ? inject_utf8_next(&at, end) : 0;

	return ch && ch != INJECT_UTF8_BAD && at == end
		       ? inject_layout_find(layout, 0, ch)
		       : NULL;
}

int inject_keysym_keys(struct inject_keysyms *k, const char *name,
		       uint16_t key[INJECT_WAY_MAX + 1], struct fault *f)
{
	const struct inject_symbol *symbol;
	const struct inject_level *level;
	int r = k->layout ? 0 : inject_layout_new(&k->layout, k->names, f);

	if (r)
		return r;
	symbol = find_char(k->layout, name);
	if (!symbol)
		symbol = find_name(k->layout, name, XKB_KEYSYM_NO_FLAGS);
	if (!symbol)
		symbol =
			find_name(k->layout, name, XKB_KEYSYM_CASE_INSENSITIVE);
	if (!symbol)
		return -ENOENT;
	level = &k->layout->levels.level[symbol->level];
	/* A latch cannot be held with others. */
	if (!level->steady)
		return -ENOENT;
	memcpy(key, level->way.op, level->way.n * sizeof(*key));
	key[level->way.n] = symbol->key;
	return level->way.n + 1;
}

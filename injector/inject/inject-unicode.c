/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include "injector/inject/inject-unicode.h"
#include "input/base/near.h"

/* The highest character that Windows' keypad enters. */
#define ALT_PLUS_MAX 0xffff

static const char *const names[] = { "ctrl-shift-u", "alt-x", "alt-plus",
				     NULL };

int inject_unicode_read(enum inject_unicode *method, const char *word,
			struct fault *f)
{
	for (unsigned int i = 0; names[i]; i++)
		if (strcmp(names[i], word) == 0) {
			*method = (enum inject_unicode)(i + 1);
			return 0;
		}
	return fault_set(f,
			 "--unicode=%.40s: must be ctrl-shift-u, alt-x or "
			 "alt-plus%s",
			 word, fault_hint(near_word(names, word)));
}

/* ASCII, in the group that is on if it can be. */
static bool unicode_text(struct inject_strokes *s, const char *text)
{
	for (; *text; text++) {
		const unsigned int at = inject_strokes_group(s);
		const uint32_t ch = (unsigned char)*text;
		const struct inject_symbol *symbol =
			inject_layout_find(s->layout, at, ch);

		for (unsigned int g = 0; !symbol && g < INJECT_GROUPS_MAX; g++)
			symbol = inject_layout_find(s->layout, g, ch);
		if (!symbol)
			return false;
		inject_strokes_symbol(s, symbol, ch);
	}
	return true;
}

/* The key of a hexadecimal digit; those of 0..9 are on the keypad. */
static uint16_t digit_key(const struct inject_layout *layout, char digit)
{
	static const uint16_t keypad[] = { KEY_KP0, KEY_KP1, KEY_KP2, KEY_KP3,
					   KEY_KP4, KEY_KP5, KEY_KP6, KEY_KP7,
					   KEY_KP8, KEY_KP9 };
	const struct inject_symbol *symbol;

	if (digit <= '9')
		return keypad[digit - '0'];
	symbol = inject_layout_find(layout, 0, (unsigned char)digit);
	return symbol ? symbol->key : 0;
}

static bool unicode_alt_plus(struct inject_strokes *s, const char *hex)
{
	uint16_t key[9] = { KEY_KPPLUS };
	size_t n = 1;

	for (; *hex; hex++) {
		key[n] = digit_key(s->layout, *hex);
		if (!key[n++])
			return false;
	}
	inject_strokes_rest(s);
	return inject_strokes_alt(s, key, n);
}

static bool unicode_strike(struct inject_strokes *s, enum inject_unicode method,
			   uint32_t ch)
{
	const unsigned int control_shift =
		INJECT_HOLD_CONTROL | INJECT_HOLD_SHIFT;
	char hex[9];

	snprintf(hex, sizeof(hex), "%x", ch);
	switch (method) {
	case INJECT_UNICODE_NONE:
		break;
	case INJECT_UNICODE_CTRL_SHIFT_U:
		return inject_strokes_chord(s, control_shift, 'u') &&
		       unicode_text(s, hex) && unicode_text(s, " ");
	case INJECT_UNICODE_ALT_X:
		/* Without U+ it would take digits that precede it, too. */
		return unicode_text(s, "U+") && unicode_text(s, hex) &&
		       inject_strokes_chord(s, INJECT_HOLD_ALT, 'x');
	case INJECT_UNICODE_ALT_PLUS:
		return ch <= ALT_PLUS_MAX && unicode_alt_plus(s, hex);
	}
	return false;
}

bool inject_unicode_type(struct inject_strokes *s, enum inject_unicode method,
			 uint32_t ch)
{
	const size_t since = s->n;

	if (!unicode_strike(s, method, ch))
		return false;
	inject_strokes_enter(s, since, ch,
			     method == INJECT_UNICODE_ALT_PLUS ? INJECT_BY_STEP
							       : INJECT_BY_KEY);
	return true;
}

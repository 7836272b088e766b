/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-typing.h in all layouts of XKB's rules: what a guest makes of the
 * strokes is the text.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/inject/inject-typing.h"
#include "injector/inject/inject-utf8.h"
#include "tests/lib/check.h"
#include "tests/lib/xkb-guest.h"

#define RULES "/usr/share/X11/xkb/rules/evdev.lst"

/* A text in a layout, typed at a guest that has it, too. */
struct typist {
	struct xkb_guest_layout of;
	struct inject_layout *layout;
	struct inject_compose *compose;
	struct xkb_guest *guest;
};

static bool typist_open(struct typist *t, const struct xkb_guest_layout *of)
{
	const struct inject_layout_names names = { .layout = of->layout,
						   .variant = of->variant,
						   .options = of->options };
	struct fault fault;

	*t = (struct typist){ .of = *of, .guest = xkb_guest_new(of) };
	if (!t->guest)
		return false;
	if (inject_layout_new(&t->layout, &names, &fault))
		fail_msg("%s", fault.text);
	if (of->locale &&
	    inject_compose_new(&t->compose, t->layout, of->locale, &fault))
		fail_msg("%s", fault.text);
	return true;
}

static void typist_close(struct typist *t)
{
	inject_compose_free(t->compose);
	inject_layout_free(t->layout);
	xkb_guest_free(t->guest);
}

static void play(struct xkb_guest *g, const struct inject_strokes *s)
{
	for (size_t i = 0; i < s->n; i++)
		xkb_guest_key(g, s->step[i].key, s->step[i].down);
}

/* Return: whether the guest got the text, and rests; if not, why. */
static bool arrives(struct typist *t, const char *text, char why[256])
{
	struct inject_typing typing;
	struct fault fault;
	bool ok;

	inject_typing_init(&typing, t->layout, t->compose, INJECT_UNICODE_NONE);
	xkb_guest_clear(t->guest);
	if (inject_typing_add(&typing, text, strlen(text), &fault)) {
		snprintf(why, 256, "%.255s", fault.text);
		inject_typing_fini(&typing);
		return false;
	}
	play(t->guest, &typing.strokes);
	ok = !strcmp(xkb_guest_text(t->guest), text);
	if (!ok)
		snprintf(why, 256, "%.120s instead of %.120s",
			 xkb_guest_text(t->guest), text);
	else if (!xkb_guest_rests(t->guest))
		snprintf(why, 256, "the keyboard does not rest");
	ok = ok && xkb_guest_rests(t->guest);
	inject_typing_fini(&typing);
	return ok;
}

static const char ascii[] =
	" !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
	"abcdefghijklmnopqrstuvwxyz{|}~";

#define EN "en_US.UTF-8"

/* In each, text that a single wrong modifier would change. */
static const struct {
	struct xkb_guest_layout of;
	const char *text;
} texts[] = {
	{ { .layout = "us" }, ascii },
	{ { .layout = "gb" }, ascii },
	{ { .layout = "jp" }, ascii },
	{ { .layout = "de", .variant = "nodeadkeys" }, ascii },
	{ { .layout = "us", .variant = "dvorak" }, ascii },
	{ { .layout = "de", .locale = EN }, ascii },
	{ { .layout = "fr", .locale = EN }, ascii },
	{ { .layout = "cz", .locale = EN }, ascii },
	{ { .layout = "fr", .variant = "bepo", .locale = EN }, ascii },
	{ { .layout = "us", .variant = "intl", .locale = EN }, ascii },
	/* Shift, AltGr is another level than AltGr, Shift. */
	{ { .layout = "de", .variant = "T3" }, "\u00b3\u00a4\u2014" },
	{ { .layout = "de", .variant = "T3" },
	  "a\u20ac\u00b2\u00a3\u00e6\u00c6\u2013x\u00bdX" },
	{ { .layout = "de", .variant = "neo" },
	  "H\u00e4 {[\u2200\u03b1\u03a9\u222b]} 5\u00b2" },
	{ { .layout = "de", .variant = "bone" }, "Xy {\u03b1\u0394}" },
	{ { .layout = "fr", .variant = "bepo" },
	  "\u00c9t\u00e9 \u00ab\u00a0\u0153\u00a0\u00bb \u20ac" },
	{ { .layout = "ca", .variant = "multix" },
	  "\u00e9\u00c9 \u0153\u0152 \u00e6 \u00a9" },
	{ { .layout = "ch", .variant = "fr" }, "\u00e9\u00e0\u00e8\u20ac@" },
	{ { .layout = "cz" }, "\u017e\u0161\u010d\u011b" },
	{ { .layout = "gr" }, "\u03b1\u03b2\u0393 ;" },
	{ { .layout = "ru" }, "\u041f\u0440\u0438\u0432\u0435\u0442, \u0451!" },
	{ { .layout = "il" }, "\u05e9\u05dc\u05d5\u05dd" },
	{ { .layout = "tr" }, "\u0131\u0130i\u011f" },
	/* Groups, by all kinds of switches. */
	{ { .layout = "us,ru", .options = "grp:alt_shift_toggle" },
	  "Good \u0434\u0435\u043d\u044c, \u041e\u043b\u044f!" },
	{ { .layout = "us,ru", .options = "grp:ctrl_shift_toggle" },
	  "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:win_space_toggle" },
	  "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:caps_toggle" },
	  "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:shifts_toggle" },
	  "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:toggle" }, "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:switch" }, "A\u042fa\u044f" },
	{ { .layout = "us,ru", .options = "grp:shift_caps_switch" },
	  "A\u042fa\u044f" },
	{ { .layout = "us,ru,gr", .options = "grp:alt_shift_toggle" },
	  "\u03bb\u044fa\u03bb a\u044f" },
	{ { .layout = "us,ru",
	    .options = "grp:alt_shift_toggle,compose:ralt",
	    .locale = EN },
	  "\u00e9\u044f\u2014" },
	/* A modifier is a key that is none in the first group. */
	{ { .layout = "us,fr",
	    .variant = ",dvorak",
	    .options = "grp:alt_shift_toggle" },
	  "a\u00ab\u00b5b" },
	/* Compose sequences of four symbols, and through higher levels. */
	{ { .layout = "us", .options = "compose:ralt", .locale = EN },
	  "x\u2014y\u2013z\u2026\u00c5" },
	{ { .layout = "de", .variant = "neo", .locale = EN },
	  "\u1f78\u01d8\u1e69" },
	{ { .layout = "de", .locale = EN }, "\u00e9\u00ca\u00f4\u00e0" },
};

static void every_text_arrives(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct xkb_guest_layout *of = &texts[i].of;
		struct typist t;
		char why[256];

		if (!typist_open(&t, of))
			fail_msg("no layout %s %s", of->layout,
				 of->variant ? of->variant : "");
		if (!arrives(&t, texts[i].text, why))
			fail_msg("%zu: %s %s %s: %s", i, of->layout,
				 of->variant ? of->variant : "",
				 of->options ? of->options : "", why);
		typist_close(&t);
	}
}

/* --- all that a layout has --- */

/* Each character twice, and then in reverse: all changes of levels. */
static char *all_of(const struct inject_layout *layout)
{
	char *text = calloc(3 * layout->n + 1, INJECT_UTF8_LEN);
	char *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < 3 * layout->n; i++) {
		const size_t j =
			i < 2 * layout->n ? i / 2 : 3 * layout->n - 1 - i;
		const struct inject_symbol *s = &layout->symbol[j];

		/* Those of editing keys, and what keys without a unit type. */
		if (s->ch < 0x20 || s->ch == 0x7f)
			continue;
		inject_utf8_write(at, s->ch);
		at += strlen(at);
	}
	return text;
}

static void name_difference(const char *want, const char *got, char why[256])
{
	size_t at = 0;

	while (want[at] && want[at] == got[at])
		at++;
	while (at && (want[at] & 0xc0) == 0x80)
		at--;
	snprintf(why, 256, "%.12s instead of %.12s", got + at, want + at);
}

/* Characters as they are, so that no equivalent form is typed instead. */
static bool arrives_char_by_char(struct typist *t, const char *text,
				 char why[256])
{
	const char *at = text, *end = text + strlen(text);
	struct inject_strokes s;
	bool ok;

	inject_strokes_init(&s, t->layout);
	while (at < end) {
		const uint32_t ch = inject_utf8_next(&at, end);

		inject_strokes_symbol(&s, inject_layout_find(t->layout, 0, ch),
				      ch);
	}
	inject_strokes_rest(&s);
	xkb_guest_clear(t->guest);
	play(t->guest, &s);
	ok = !strcmp(xkb_guest_text(t->guest), text) &&
	     xkb_guest_rests(t->guest);
	if (!ok)
		name_difference(text, xkb_guest_text(t->guest), why);
	inject_strokes_fini(&s);
	return ok;
}

/* Return: the number of characters of the layout. */
static size_t all_characters_arrive(const struct xkb_guest_layout *of,
				    const char *locked, char why[256])
{
	struct typist t;
	size_t n;

	*why = '\0';
	if (!typist_open(&t, of))
		fail_msg("no layout %s", of->layout);
	if (locked)
		xkb_guest_lock(t.guest, locked);
	n = t.layout->n;
	char *text = all_of(t.layout);
	arrives_char_by_char(&t, text, why);
	free(text);
	typist_close(&t);
	return n;
}

static void every_character_of_a_layout_arrives_num_lock_or_not(void **state)
{
	static const struct xkb_guest_layout of[] = {
		{ .layout = "us" },
		{ .layout = "de" },
		{ .layout = "de", .variant = "T3" },
		{ .layout = "fr", .variant = "bepo" },
		{ .layout = "gb" },
		{ .layout = "jp" },
		{ .layout = "ch", .variant = "fr" },
		{ .layout = "us", .variant = "dvorak" },
		{ .layout = "gr" },
		{ .layout = "br" },
		{ .layout = "cz" },
		{ .layout = "us", .variant = "intl" },
		{ .layout = "ru" },
		{ .layout = "se" },
		{ .layout = "ca", .variant = "multix" },
		{ .layout = "vn" },
	};

	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		static const char *const locks[] = { NULL, "NumLock" };

		for (size_t j = 0; j < 2; j++) {
			char why[256];
			size_t n = all_characters_arrive(&of[i], locks[j], why);

			if (n <= 100 || *why)
				fail_msg("%s: %zu: %s", of[i].layout, n, why);
		}
	}
}

/* Its letters are others when Num Lock is on. */
static void neo_is_typed_while_num_lock_is_off(void **state)
{
	const struct xkb_guest_layout neo = { .layout = "de",
					      .variant = "neo" };
	char why[256];

	assert_true(all_characters_arrive(&neo, NULL, why) > 300);
	assert_string_equal(why, "");
	all_characters_arrive(&neo, "NumLock", why);
	assert_string_not_equal(why, "");
}

static void assert_taps(const struct inject_way *way, uint16_t key)
{
	assert_num(way->n, 2);
	assert_num(way->op[0], key);
	assert_num(way->op[1], key | INJECT_WAY_UP);
}

static void locks_are_switched_by_their_keys(void **state)
{
	const struct xkb_guest_layout of[] = {
		{ .layout = "us" },
		{ .layout = "us,ru", .options = "grp:alt_shift_toggle" },
	};

	for (size_t i = 0; i < ARRAY_LEN(of); i++) {
		struct typist t;

		assert_true(typist_open(&t, &of[i]));
		assert_taps(&t.layout->levels.num_lock, KEY_NUMLOCK);
		assert_taps(&t.layout->levels.caps_lock, KEY_CAPSLOCK);
		typist_close(&t);
	}
}

/* --- all that is composed --- */

/* Latin, Greek, Cyrillic, and what is made of them with accents. */
static const uint32_t ranges[][2] = {
	{ 0xa0, 0x52f },
	{ 0x1e00, 0x1fff },
	{ 0x2010, 0x22ff },
};

/* Return: how many characters can be typed; all of them MUST arrive. */
static size_t composed_characters_arrive(struct typist *t)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		for (uint32_t ch = ranges[i][0]; ch <= ranges[i][1]; ch++) {
			char text[INJECT_UTF8_LEN], why[256];
			const struct inject_sequence *seq =
				inject_compose_find(t->compose, 0, ch);

			if (!seq || seq->cancels ||
			    inject_layout_find(t->layout, 0, ch))
				continue;
			inject_utf8_write(text, ch);
			if (!arrives(t, text, why))
				fail_msg("%s %s: U+%04X: %s", t->of.layout,
					 t->of.variant ? t->of.variant : "", ch,
					 why);
			n++;
		}
	return n;
}

static void every_composed_character_arrives(void **state)
{
	static const struct {
		struct xkb_guest_layout of;
		size_t least;
	} rows[] = {
		{ { .layout = "us", .options = "compose:ralt", .locale = EN },
		  400 },
		{ { .layout = "us", .variant = "intl", .locale = EN }, 90 },
		{ { .layout = "de", .locale = EN }, 50 },
		{ { .layout = "de", .variant = "neo", .locale = EN }, 700 },
		{ { .layout = "fr", .variant = "bepo", .locale = EN }, 400 },
		{ { .layout = "gr", .variant = "polytonic", .locale = EN },
		  200 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct typist t;
		size_t n;

		assert_true(typist_open(&t, &rows[i].of));
		n = composed_characters_arrive(&t);
		if (n < rows[i].least)
			fail_msg("%zu: only %zu", i, n);
		typist_close(&t);
	}
}

/* --- all layouts --- */

struct sweep {
	size_t layouts, exact, ascii;
};

/* Return: whether the line names a layout: "  T3   de: German (T3)". */
static bool read_row(const char *line, bool variants, char name[2][64])
{
	name[1][0] = '\0';
	if (!variants)
		return sscanf(line, " %63s", name[0]) == 1;
	return sscanf(line, " %63s %63[^:]:", name[1], name[0]) == 2;
}

static void sweep_one(struct sweep *s, char name[2][64])
{
	const struct xkb_guest_layout of = { .layout = name[0],
					     .variant = *name[1] ? name[1]
								 : NULL };
	char why[256];
	struct typist t;

	if (!typist_open(&t, &of)) {
		print_message("%s %s: does not compile\n", name[0], name[1]);
		return;
	}
	s->layouts++;
	if (inject_layout_find(t.layout, 0, 'a'))
		s->ascii += arrives(&t, "aZ09 .,-", why);
	typist_close(&t);
	all_characters_arrive(&of, NULL, why);
	s->exact += !*why;
	if (*why)
		print_message("%s %s: %s\n", name[0], name[1], why);
}

static void all_layouts_of_the_rules_are_exact(void **state)
{
	FILE *rules = fopen(RULES, "r");
	char line[256], section[32] = "", name[2][64];
	struct sweep s = { 0 };

	assert_non_null(rules);
	while (fgets(line, sizeof(line), rules)) {
		const bool variants = !strcmp(section, "variant");

		if (*line == '!')
			sscanf(line, "! %31s", section);
		else if ((variants || !strcmp(section, "layout")) &&
			 read_row(line, variants, name) &&
			 strcmp(name[0], "custom"))
			sweep_one(&s, name);
	}
	fclose(rules);
	print_message("%zu layouts: %zu exact, %zu with Latin letters\n",
		      s.layouts, s.exact, s.ascii);
	assert_num(s.exact, s.layouts);
}

static void unknown_layouts_are_rejected(void **state)
{
	static const struct inject_layout_names bad[] = {
		{ .layout = "xyzzy" },
		{ .layout = "de", .variant = "nodaedkeys" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct inject_layout *layout;
		struct fault fault;

		assert_rc(inject_layout_new(&layout, &bad[i], &fault), -EINVAL);
		assert_null(layout);
		assert_non_null(strstr(fault.text, "unknown keyboard layout"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_layouts_are_rejected),
		cmocka_unit_test(every_text_arrives),
		cmocka_unit_test(
			every_character_of_a_layout_arrives_num_lock_or_not),
		cmocka_unit_test(neo_is_typed_while_num_lock_is_off),
		cmocka_unit_test(locks_are_switched_by_their_keys),
		cmocka_unit_test(every_composed_character_arrives),
		cmocka_unit_test(all_layouts_of_the_rules_are_exact),
	};

	/* The last one takes long. */
	const char *which = getenv("VINPUT_LAYOUTS");
	const bool all = which && !strcmp(which, "all");

	/* The machine's own layout must not matter. */
	unsetenv("XKB_DEFAULT_LAYOUT");
	unsetenv("XKB_DEFAULT_VARIANT");
	unsetenv("XKB_DEFAULT_OPTIONS");
	return _cmocka_run_group_tests("layouts", tests,
				       ARRAY_LEN(tests) - !all, NULL, NULL);
}

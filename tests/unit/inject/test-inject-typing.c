/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-layout.h, inject-compose.h, inject-typing.h: text to strokes, in
 * several layouts. What was found is also typed into libxkbcommon itself.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/input-event-codes.h>
#include <xkbcommon/xkbcommon-compose.h>
#include "injector/inject/inject-typing.h"
#include "injector/inject/inject-utf8.h"
#include "input/spec/spec-names.h"
#include "tests/lib/check.h"

static struct inject_layout *layout_of(const char *name, const char *variant)
{
	const struct inject_layout_names names = { .layout = name,
						   .variant = variant };
	struct inject_layout *layout;
	struct fault fault;

	if (inject_layout_new(&layout, &names, &fault))
		fail_msg("%s", fault.text);
	return layout;
}

/* "S+KEY_A" with S, G, 5, M for the shifts. */
static void write_stroke(char *out, const struct inject_stroke *s)
{
	for (int i = 0; i < INJECT_SHIFTS; i++)
		if (s->shifts >> i & 1)
			out += sprintf(out, "%c+", "SG5M"[i]);
	sprintf(out, "%s ", names_code(EV_KEY, s->key) + strlen("KEY_"));
}

/* Return: to be freed. */
static char *write_strokes(const struct inject_typing *t)
{
	char *text = calloc(t->n + 1, 48), *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < t->n; i++) {
		write_stroke(at, &t->stroke[i]);
		at += strlen(at);
	}
	if (at > text)
		at[-1] = '\0';
	return text;
}

struct typed {
	const char *layout, *variant;
	const char *text, *strokes;
};

static void assert_typed(const struct typed *want,
			 const struct inject_layout *layout,
			 const struct inject_compose *compose)
{
	struct inject_typing t;
	struct fault fault;

	inject_typing_init(&t, layout, compose);
	if (inject_typing_add(&t, want->text, strlen(want->text), &fault))
		fail_msg("%s: %s", want->text, fault.text);
	char *got = write_strokes(&t);
	assert_string_equal(got, want->strokes);
	free(got);
	inject_typing_fini(&t);
}

static const struct typed plain[] = {
	{ "us", NULL, "az09", "A Z 0 9" },
	{ "us", NULL, "Hi!", "S+H I S+1" },
	{ "us", NULL, "-_=+[]{}",
	  "MINUS S+MINUS EQUAL S+EQUAL LEFTBRACE "
	  "RIGHTBRACE S+LEFTBRACE S+RIGHTBRACE" },
	{ "us", NULL, "<>|~()", "S+COMMA S+DOT S+BACKSLASH S+GRAVE S+9 S+0" },
	{ "us", NULL, "5/*.", "5 SLASH S+8 DOT" },
	{ "us", NULL, "\t \n\033\b", "TAB SPACE ENTER ESC BACKSPACE" },
	{ "us", NULL, "a\r\nb\rc\n\n", "A ENTER B ENTER C ENTER ENTER" },
	{ "us", NULL, "", "" },
	{ "de", NULL, "zyZ", "Y Z S+Y" },
	{ "de", NULL, "Gr\u00fc\u00dfe", "S+G R LEFTBRACE MINUS E" },
	{ "de", NULL, "@\u20ac{}[]\\~|",
	  "G+Q G+E G+7 G+0 G+8 G+9 G+MINUS "
	  "G+RIGHTBRACE G+102ND" },
	{ "de", NULL, "<>/", "102ND S+102ND S+7" },
	{ "de", "nodeadkeys", "^`", "GRAVE S+EQUAL" },
	{ "fr", NULL, "1&\u00e9Q", "S+1 1 2 S+A" },
	{ "ru", NULL, "\u043f\u0420", "G S+H" },
};

static void text_becomes_the_keys_that_type_it(void **state)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		struct inject_layout *layout =
			layout_of(plain[i].layout, plain[i].variant);

		assert_typed(&plain[i], layout, NULL);
		inject_layout_free(layout);
	}
}

static const struct typed composed[] = {
	{ "de", NULL, "\u00e9\u00c2^", "EQUAL E GRAVE S+A GRAVE GRAVE" },
	{ "us", "intl", "\u00e3\u00e9", "S+GRAVE A G+E" },
};

static void dead_keys_compose_what_a_layout_lacks(void **state)
{
	for (size_t i = 0; i < sizeof(composed) / sizeof(composed[0]); i++) {
		struct inject_layout *layout =
			layout_of(composed[i].layout, composed[i].variant);
		struct inject_compose *compose;
		struct fault fault;

		if (inject_compose_new(&compose, layout, "en_US.UTF-8",
				       &fault)) {
			inject_layout_free(layout);
			skip_because("%s", fault.text);
		}
		assert_typed(&composed[i], layout, compose);
		inject_compose_free(compose);
		inject_layout_free(layout);
	}
}

static void assert_lacks(const char *layout_name, const char *text, size_t len,
			 const char *want)
{
	struct inject_layout *layout = layout_of(layout_name, NULL);
	struct inject_typing t;
	struct fault fault;

	inject_typing_init(&t, layout, NULL);
	assert_rc(inject_typing_add(&t, text, len, &fault), -EINVAL);
	assert_string_equal(fault.text, want);
	inject_typing_fini(&t);
	inject_layout_free(layout);
}

static void characters_that_a_layout_lacks_are_named(void **state)
{
	assert_lacks("us", "a\u00fcb\u0436\u00fc\a", 9,
		     "the layout lacks \u00fc (U+00FC), \u0436 (U+0436), "
		     "U+0007; try --compose, which uses dead keys");
	assert_lacks("de", "\u00e9", 2,
		     "the layout lacks \u00e9 (U+00E9); try --compose, "
		     "which uses dead keys");
	assert_lacks(
		"us", "\0", 1,
		"the layout lacks U+0000; try --compose, which uses dead keys");
}

static void many_characters_that_are_lacking_are_not_all_named(void **state)
{
	char text[4 * 26 + 1] = "";
	struct inject_layout *layout = layout_of("us", NULL);
	struct inject_typing t;
	struct fault fault;

	for (uint32_t i = 0; i < 26; i++)
		inject_utf8_write(text + strlen(text), 0x1f600 + i);
	inject_typing_init(&t, layout, NULL);
	assert_rc(inject_typing_add(&t, text, strlen(text), &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "U+1F600), "));
	assert_non_null(
		strstr(fault.text, "(U+1F60B) and others; try --compose"));
	inject_typing_fini(&t);
	inject_layout_free(layout);
}

static void text_that_is_not_utf8_is_rejected(void **state)
{
	static const char *const bad[] = {
		"a\x80",	 "a\xc3",	  "a\xc0\x80",
		"a\xe0\x80\x80", "a\xed\xa0\x80", "a\xf4\x90\x80\x80",
		"a\xff",	 "a\xe2\x82z",	  "a\xf0\x80\x80\x80",
	};
	struct inject_layout *layout = layout_of("us", NULL);

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct inject_typing t;
		struct fault fault;

		inject_typing_init(&t, layout, NULL);
		assert_rc(inject_typing_add(&t, bad[i], strlen(bad[i]), &fault),
			  -EINVAL);
		assert_string_equal(fault.text,
				    "byte 2 of the text is not UTF-8");
		inject_typing_fini(&t);
	}
	inject_layout_free(layout);
}

static void utf8_goes_there_and_back(void **state)
{
	static const uint32_t chars[] = { 1,	   0x7f,    0x80,   0x7ff,
					  0x800,   0xd7ff,  0xe000, 0xffff,
					  0x10000, 0x10ffff };

	for (size_t i = 0; i < sizeof(chars) / sizeof(chars[0]); i++) {
		char text[INJECT_UTF8_LEN];
		const char *at = text;

		inject_utf8_write(text, chars[i]);
		assert_num(inject_utf8_next(&at, text + strlen(text)),
			   chars[i]);
		assert_ptr_equal(at, text + strlen(text));
	}
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

/* What libxkbcommon makes of a stroke when Num Lock is on or off. */
static uint32_t type_it(struct xkb_keymap *keymap,
			const struct inject_layout *layout,
			const struct inject_stroke *s, const char *locked)
{
	struct xkb_state *state = xkb_state_new(keymap);
	uint32_t ch;

	assert_non_null(state);
	if (locked) {
		xkb_mod_index_t mod = xkb_keymap_mod_get_index(keymap, locked);

		assert_true(mod != XKB_MOD_INVALID);
		xkb_state_update_mask(state, 0, 0, 1u << mod, 0, 0, 0);
	}
	for (int i = 0; i < INJECT_SHIFTS; i++)
		if (s->shifts >> i & 1)
			xkb_state_update_key(state, layout->shift[i] + 8u,
					     XKB_KEY_DOWN);
	ch = xkb_state_key_get_utf32(state, s->key + 8u);
	xkb_state_unref(state);
	return ch;
}

/* Its letters are others when Num Lock is on. */
static const char neo[] = "neo";

static void every_stroke_types_its_character_whatever_num_lock_is(void **state)
{
	static const char *const names[][2] = {
		{ "us", NULL },	  { "de", NULL }, { "de", neo },
		{ "fr", "bepo" }, { "gb", NULL }, { "us", "dvorak" },
		{ "jp", NULL },	  { "ch", "fr" }, { "gr", NULL },
		{ "br", NULL },
	};
	struct xkb_context *context = xkb_context_new(XKB_CONTEXT_NO_FLAGS);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct xkb_rule_names rules = { .layout = names[i][0],
						      .variant = names[i][1] };
		struct xkb_keymap *keymap = xkb_keymap_new_from_names(
			context, &rules, XKB_KEYMAP_COMPILE_NO_FLAGS);
		struct inject_layout *layout =
			layout_of(names[i][0], names[i][1]);

		assert_non_null(keymap);
		if (layout->n <= 60)
			fail_msg("%s: only %zu", names[i][0], layout->n);
		for (size_t j = 0; j < layout->n; j++) {
			const struct inject_symbol *s = &layout->symbol[j];

			if (!s->ch)
				continue;
			if (inject_layout_find(layout, s->ch)->num_lock_off)
				assert_ptr_equal(names[i][1], neo);
			assert_num(type_it(keymap, layout, &s->stroke, NULL),
				   s->ch);
			if (s->num_lock_off)
				continue;
			assert_num(
				type_it(keymap, layout, &s->stroke, "NumLock"),
				s->ch);
		}
		inject_layout_free(layout);
		xkb_keymap_unref(keymap);
	}
	xkb_context_unref(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_the_keys_that_type_it),
		cmocka_unit_test(dead_keys_compose_what_a_layout_lacks),
		cmocka_unit_test(characters_that_a_layout_lacks_are_named),
		cmocka_unit_test(
			many_characters_that_are_lacking_are_not_all_named),
		cmocka_unit_test(text_that_is_not_utf8_is_rejected),
		cmocka_unit_test(utf8_goes_there_and_back),
		cmocka_unit_test(unknown_layouts_are_rejected),
		cmocka_unit_test(
			every_stroke_types_its_character_whatever_num_lock_is),
	};

	/* The machine's own layout must not matter. */
	unsetenv("XKB_DEFAULT_LAYOUT");
	unsetenv("XKB_DEFAULT_VARIANT");
	unsetenv("XKB_DEFAULT_OPTIONS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

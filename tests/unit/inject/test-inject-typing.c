/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inject-layout.h, inject-compose.h, inject-typing.h: text to strokes, in
 * several layouts. test-inject-layouts.c types what is found into libxkbcommon.
 */
#include <errno.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xkbcommon/xkbcommon-compose.h>
#include "injector/inject/inject-typing.h"
#include "injector/inject/inject-unicode.h"
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

/* Return: "+LEFTSHIFT H -LEFTSHIFT I": to be freed. */
static char *write_strokes(const struct inject_strokes *s)
{
	char *text = calloc(s->n + 1, 48), *at = text;

	assert_non_null(text);
	for (size_t i = 0; i < s->n; i++) {
		const struct inject_step *step = &s->step[i];
		const char *sign = step->timed ? "" : step->down ? "+" : "-";

		if (!step->timed || step->down)
			at += sprintf(at, "%s%s ", sign,
				      names_code(EV_KEY, step->key) +
					      strlen("KEY_"));
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
			 struct inject_compose *compose)
{
	const size_t len = strlen(want->text);
	char *text = malloc(len); /* sanitizers see a read past it */
	struct inject_typing t;
	struct fault fault;

	assert_non_null(text);
	memcpy(text, want->text, len);
	inject_typing_init(&t, layout, compose, INJECT_UNICODE_NONE);
	if (inject_typing_add(&t, text, len, &fault))
		fail_msg("%s: %s", want->text, fault.text);
	char *got = write_strokes(&t.strokes);
	assert_string_equal(got, want->strokes);
	free(got);
	free(text);
	inject_typing_fini(&t);
}

static const struct typed plain[] = {
	{ "us", NULL, "az09", "A Z 0 9" },
	{ "us", NULL, "Hi!",
	  "+LEFTSHIFT H -LEFTSHIFT I +LEFTSHIFT 1 -LEFTSHIFT" },
	{ "us", NULL, "-_=+[]{}",
	  "MINUS +LEFTSHIFT MINUS -LEFTSHIFT EQUAL +LEFTSHIFT EQUAL -LEFTSHIFT "
	  "LEFTBRACE RIGHTBRACE +LEFTSHIFT LEFTBRACE RIGHTBRACE -LEFTSHIFT" },
	{ "us", NULL, "<>|~()",
	  "+LEFTSHIFT COMMA DOT BACKSLASH GRAVE 9 0 -LEFTSHIFT" },
	{ "us", NULL, "5/*.", "5 SLASH +LEFTSHIFT 8 -LEFTSHIFT DOT" },
	{ "us", NULL, "\t \n\033\b", "TAB SPACE ENTER ESC BACKSPACE" },
	{ "us", NULL, "a\r\nb\rc\n\n", "A ENTER B ENTER C ENTER ENTER" },
	{ "us", NULL, "a\r", "A ENTER" },
	{ "us", NULL, "", "" },
	{ "de", NULL, "zyZ", "Y Z +LEFTSHIFT Y -LEFTSHIFT" },
	{ "de", NULL, "Gr\u00fc\u00dfe",
	  "+LEFTSHIFT G -LEFTSHIFT R LEFTBRACE MINUS E" },
	{ "de", NULL, "@\u20ac{}[]\\~|",
	  "+RIGHTALT Q E 7 0 8 9 MINUS RIGHTBRACE 102ND -RIGHTALT" },
	{ "de", NULL, "<>/", "102ND +LEFTSHIFT 102ND 7 -LEFTSHIFT" },
	{ "de", "nodeadkeys", "^`", "GRAVE +LEFTSHIFT EQUAL -LEFTSHIFT" },
	{ "fr", NULL, "1&\u00e9Q",
	  "+LEFTSHIFT 1 -LEFTSHIFT 1 2 +LEFTSHIFT A -LEFTSHIFT" },
	{ "ru", NULL, "\u043f\u0420", "G +LEFTSHIFT H -LEFTSHIFT" },
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
	{ "de", NULL, "\u00e9\u00c2^",
	  "EQUAL E GRAVE +LEFTSHIFT A -LEFTSHIFT GRAVE GRAVE" },
	{ "us", "intl", "\u00e3\u00e9",
	  "+LEFTSHIFT GRAVE -LEFTSHIFT A +RIGHTALT E -RIGHTALT" },
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

#define PT "pt_BR.UTF-8"
#define EN "en_US.UTF-8"

/* A dead acute and c make a c with an acute in the one, a cedilla in others. */
static bool composes_c_with_acute(const struct inject_layout *layout)
{
	struct inject_compose *compose;
	struct inject_typing t;
	struct fault fault;
	int r;

	assert_ok(inject_compose_new(&compose, layout, NULL, &fault));
	inject_typing_init(&t, layout, compose, INJECT_UNICODE_NONE);
	r = inject_typing_add(&t, "\u0107", strlen("\u0107"), &fault);
	inject_typing_fini(&t);
	inject_compose_free(compose);
	return !r;
}

/* The first that is set and not empty; what composes nothing is English. */
static void the_locale_is_the_environments(void **state)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	static const struct {
		const char *value[3];
		bool english;
	} rows[] = {
		{ { EN, PT, PT }, true },
		{ { PT, EN, EN }, false },
		{ { NULL, EN, PT }, true },
		{ { "", PT, EN }, false },
		{ { NULL, NULL, PT }, false },
		{ { "", "", EN }, true },
		{ { "C", PT, PT }, true },
		{ { NULL, "POSIX", PT }, true },
		{ { "C.UTF-8", PT, PT }, true },
		{ { NULL, NULL, NULL }, true },
	};
	struct inject_layout *layout = layout_of("us", "intl");
	struct inject_compose *compose;
	struct fault fault;

	if (inject_compose_new(&compose, layout, PT, &fault)) {
		inject_layout_free(layout);
		skip_because("%s", fault.text);
	}
	inject_compose_free(compose);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int j = 0; j < 3; j++)
			if (rows[i].value[j])
				setenv(names[j], rows[i].value[j], 1);
			else
				unsetenv(names[j]);
		assert_num(composes_c_with_acute(layout), rows[i].english);
	}
	inject_layout_free(layout);
}

/* Texts that need more than a layout's keys. */
static const struct special {
	const char *layout, *variant, *options;
	bool compose;
	enum inject_unicode unicode;
	const char *text, *strokes;
} specials[] = {
	/* The order in which these are pressed makes the level. */
	{ .layout = "de",
	  .variant = "T3",
	  .text = "\u00b3\u00a4",
	  .strokes = "+RIGHTALT 3 -RIGHTALT "
		     "+LEFTSHIFT +RIGHTALT 2 -RIGHTALT -LEFTSHIFT" },
	{ .layout = "us,ru",
	  .options = "grp:alt_shift_toggle",
	  .text = "a \u044f b",
	  .strokes = "A SPACE +LEFTSHIFT +LEFTALT -LEFTALT -LEFTSHIFT "
		     "Z SPACE +LEFTSHIFT +LEFTALT -LEFTALT -LEFTSHIFT B" },
	/* What follows stays in the group, and the first one is restored. */
	{ .layout = "us,ru",
	  .options = "grp:caps_toggle",
	  .text = "\u044f 1",
	  .strokes = "+CAPSLOCK -CAPSLOCK Z SPACE 1 +CAPSLOCK -CAPSLOCK" },
	/* The last key that many keyboards have. */
	{ .layout = "us,ru",
	  .options = "grp:menu_toggle",
	  .text = "\u044f",
	  .strokes = "+COMPOSE -COMPOSE Z +COMPOSE -COMPOSE" },
	{ .layout = "us",
	  .options = "compose:ralt",
	  .compose = true,
	  .text = "\u2014",
	  .strokes = "RIGHTALT MINUS MINUS MINUS" },
	/* Combining characters, in the form that the layout has. */
	{ .layout = "us",
	  .variant = "intl",
	  .text = "e\u0301",
	  .strokes = "+RIGHTALT E -RIGHTALT" },
	{ .layout = "us",
	  .options = "compose:ralt",
	  .compose = true,
	  .text = "c\u0327c",
	  .strokes = "RIGHTALT COMMA C C" },
	/* Of several sequences, that with the fewest keys: Y needs Shift. */
	{ .layout = "us",
	  .options = "compose:ralt",
	  .compose = true,
	  .text = "\u00a5",
	  .strokes = "RIGHTALT MINUS Y" },
	/* Sequences of another group. */
	{ .layout = "ru,us",
	  .variant = ",intl",
	  .options = "grp:caps_toggle",
	  .compose = true,
	  .text = "\u1ebd",
	  .strokes = "+CAPSLOCK -CAPSLOCK +LEFTSHIFT GRAVE -LEFTSHIFT E "
		     "+CAPSLOCK -CAPSLOCK" },
	{ .layout = "cm",
	  .variant = "qwerty",
	  .text = "\u00e9e\u0301",
	  .strokes = "E LEFTBRACE E LEFTBRACE" },
	/* Characters by their numbers. */
	{ .layout = "us",
	  .unicode = INJECT_UNICODE_CTRL_SHIFT_U,
	  .text = "\U0001f600",
	  .strokes = "+LEFTCTRL +LEFTSHIFT U -LEFTSHIFT -LEFTCTRL "
		     "1 F 6 0 0 SPACE" },
	{ .layout = "us",
	  .unicode = INJECT_UNICODE_ALT_X,
	  .text = "a\u00fc",
	  .strokes =
		  "A +LEFTSHIFT U EQUAL -LEFTSHIFT F C +LEFTALT X -LEFTALT" },
	{ .layout = "fr",
	  .unicode = INJECT_UNICODE_ALT_PLUS,
	  .text = "\u0107a",
	  .strokes = "+LEFTALT KPPLUS KP1 KP0 KP7 -LEFTALT Q" },
	{ .layout = "us",
	  .unicode = INJECT_UNICODE_ALT_PLUS,
	  .text = "A\u0109\uffff",
	  .strokes = "+LEFTSHIFT A -LEFTSHIFT "
		     "+LEFTALT KPPLUS KP1 KP0 KP9 -LEFTALT "
		     "+LEFTALT KPPLUS F F F F -LEFTALT" },
	{ .layout = "ru,us",
	  .options = "grp:caps_toggle",
	  .unicode = INJECT_UNICODE_ALT_PLUS,
	  .text = "a\u0107",
	  .strokes = "+CAPSLOCK -CAPSLOCK A +CAPSLOCK -CAPSLOCK "
		     "+LEFTALT KPPLUS KP1 KP0 KP7 -LEFTALT" },
	/* The keys of Latin letters are in another group. */
	{ .layout = "ru,us",
	  .options = "grp:caps_toggle",
	  .unicode = INJECT_UNICODE_CTRL_SHIFT_U,
	  .text = "\u00fc",
	  .strokes = "+CAPSLOCK -CAPSLOCK +LEFTCTRL +LEFTSHIFT U "
		     "-LEFTSHIFT -LEFTCTRL F C SPACE +CAPSLOCK -CAPSLOCK" },
	/* A key is better, and a sequence of them. */
	{ .layout = "de",
	  .compose = true,
	  .unicode = INJECT_UNICODE_ALT_X,
	  .text = "\u00fc\u00e9",
	  .strokes = "LEFTBRACE EQUAL E" },
};

static void type_special(const struct special *as, struct inject_typing *t,
			 struct fault *f)
{
	const struct inject_layout_names names = { .layout = as->layout,
						   .variant = as->variant,
						   .options = as->options };
	struct inject_compose *compose = NULL;
	struct inject_layout *layout;

	assert_ok(inject_layout_new(&layout, &names, f));
	if (as->compose)
		assert_ok(
			inject_compose_new(&compose, layout, "en_US.UTF-8", f));
	inject_typing_init(t, layout, compose, as->unicode);
	if (inject_typing_add(t, as->text, strlen(as->text), f))
		t->strokes.n = 0;
	inject_compose_free(compose);
	inject_layout_free(layout);
}

static void other_ways_are_found(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(specials); i++) {
		struct inject_typing t;
		struct fault fault = { "" };

		type_special(&specials[i], &t, &fault);
		char *got = write_strokes(&t.strokes);
		if (strcmp(got, specials[i].strokes) != 0)
			fail_msg("%s: %s not %s %s", specials[i].text, got,
				 specials[i].strokes, fault.text);
		free(got);
		inject_typing_fini(&t);
	}
}

static const struct special refused[] = {
	{ .layout = "us,ru",
	  .text = "\u044f",
	  .strokes = "such as --xkb-options=grp:alt_shift_toggle" },
	/* Greek_OMEGA is in the fifth level, in the middle of the sequence. */
	{ .layout = "de",
	  .variant = "neo",
	  .compose = true,
	  .text = "\u1f6e",
	  .strokes = "the fifth level within a compose sequence" },
	{ .layout = "de",
	  .variant = "neo",
	  .compose = true,
	  .text = "\u1f6e\U0001f600",
	  .strokes = "the fifth level within a compose sequence" },
	{ .layout = "ru",
	  .unicode = INJECT_UNICODE_ALT_PLUS,
	  .text = "\u00fc",
	  .strokes = "also those that --unicode needs" },
	{ .layout = "ru",
	  .unicode = INJECT_UNICODE_ALT_X,
	  .text = "\u00fc",
	  .strokes = "also those that --unicode needs" },
	/* It has U, but no digits. */
	{ .layout = "vn",
	  .unicode = INJECT_UNICODE_CTRL_SHIFT_U,
	  .text = "\u0416",
	  .strokes = "also those that --unicode needs" },
	{ .layout = "us",
	  .unicode = INJECT_UNICODE_ALT_PLUS,
	  .text = "\U0001f600",
	  .strokes = "the layout lacks" },
	{ .layout = "us",
	  .compose = true,
	  .text = "x\u0301",
	  .strokes = "(U+0301), and no sequence" },
};

static void what_cannot_be_typed_is_explained(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct inject_typing t;
		struct fault fault = { "" };

		type_special(&refused[i], &t, &fault);
		if (t.strokes.n || !strstr(fault.text, refused[i].strokes))
			fail_msg("%s: %s", refused[i].text, fault.text);
		inject_typing_fini(&t);
	}
}

static const struct completion {
	enum inject_unicode unicode;
	const char *text;
	const char *steps; /* that complete a character, and which */
} completions[] = {
	{ INJECT_UNICODE_NONE, "aB c", "+A=a +B=B +SPACE=  +C=c" },
	{ INJECT_UNICODE_CTRL_SHIFT_U,
	  "a\xc3\xbc"
	  "b",
	  "+A=a +SPACE=\xc3\xbc +B=b" },
	{ INJECT_UNICODE_ALT_X, "\xc3\xbc!", "+X=\xc3\xbc +1=!" },
	{ INJECT_UNICODE_ALT_PLUS, "\xc3\xbc!", "-LEFTALT=\xc3\xbc +1=!" },
};

static void the_step_that_completes_a_character_is_known(void **state)
{
	struct inject_layout *layout = layout_of("us", NULL);

	for (size_t i = 0; i < sizeof(completions) / sizeof(*completions);
	     i++) {
		const struct completion *want = &completions[i];
		char got[256] = "", *at = got, ch[INJECT_UTF8_LEN];
		struct inject_typing t;
		struct fault fault;

		inject_typing_init(&t, layout, NULL, want->unicode);
		assert_ok(inject_typing_add(&t, want->text, strlen(want->text),
					    &fault));
		for (size_t k = 0; k < t.strokes.n; k++) {
			const struct inject_step *step = &t.strokes.step[k];

			if (!step->ch)
				continue;
			inject_utf8_write(ch, step->ch);
			at += sprintf(at, "%s%c%s=%s", at > got ? " " : "",
				      step->down ? '+' : '-',
				      names_code(EV_KEY, step->key) +
					      strlen("KEY_"),
				      ch);
		}
		assert_string_equal(got, want->steps);
		inject_typing_fini(&t);
	}
	inject_layout_free(layout);
}

/* A check that fails in the middle of a sequence leaves nothing behind. */
static void a_check_begins_without_an_unfinished_sequence(void **state)
{
	struct inject_layout *layout = layout_of("de", NULL);
	const uint16_t e = KEY_E;
	const struct inject_start held = { .held = &e, .n_held = 1 };
	const struct inject_start nothing = { 0 };
	struct inject_compose *compose;
	struct inject_typing t;
	struct fault fault;

	assert_ok(inject_compose_new(&compose, layout, EN, &fault));
	inject_typing_init(&t, layout, compose, INJECT_UNICODE_NONE);
	assert_ok(inject_typing_add(&t, "\u00e9", 2, &fault));
	assert_rc(inject_typing_check(&t, &held, &fault), -EINVAL);
	assert_string_equal(
		fault.text,
		"\u00e9 (U+00E9) would arrive as another character");
	assert_ok(inject_typing_check(&t, &nothing, &fault));
	inject_typing_fini(&t);
	inject_compose_free(compose);
	inject_layout_free(layout);
}

#define UE "\u00fc (U+00FC)"

/* A number alone is shown where a character would garble the line. */
static void characters_are_named_as_they_can_be_shown(void **state)
{
	static const struct {
		const char *text, *name;
		enum inject_unicode unicode;
	} rows[] = { { " ", "U+0020" },
		     { "!", "! (U+0021)" },
		     { "~", "~ (U+007E)" },
		     { "\x7f", "U+007F" },
		     /* Not the digits of its number. */
		     { "\u00fc", UE, INJECT_UNICODE_CTRL_SHIFT_U },
		     { "\u00fc", UE, INJECT_UNICODE_ALT_PLUS } };
	struct inject_layout *layout = layout_of("us", NULL);
	const uint16_t ctrl = KEY_LEFTCTRL;
	const struct inject_start held = { .held = &ctrl, .n_held = 1 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inject_typing t;
		struct fault fault;
		char due[80];

		snprintf(due, sizeof(due),
			 "%s would arrive as another character", rows[i].name);
		inject_typing_init(&t, layout, NULL, rows[i].unicode);
		assert_ok(inject_typing_add(&t, rows[i].text,
					    strlen(rows[i].text), &fault));
		assert_rc(inject_typing_check(&t, &held, &fault), -EINVAL);
		assert_string_equal(fault.text, due);
		inject_typing_fini(&t);
	}
	inject_layout_free(layout);
}

static void assert_lacks(const char *layout_name, const char *text, size_t len,
			 const char *want)
{
	struct inject_layout *layout = layout_of(layout_name, NULL);
	struct inject_typing t;
	struct fault fault;

	inject_typing_init(&t, layout, NULL, INJECT_UNICODE_NONE);
	assert_rc(inject_typing_add(&t, text, len, &fault), -EINVAL);
	assert_string_equal(fault.text, want);
	inject_typing_fini(&t);
	inject_layout_free(layout);
}

static void characters_that_a_layout_lacks_are_named(void **state)
{
	assert_lacks(
		"us", "a\u00fcb\u0436\u00fc\a", 9,
		"the layout lacks \u00fc (U+00FC), \u0436 (U+0436), "
		"U+0007; try --compose, which uses dead keys, or --unicode");
	assert_lacks("de", "\u00e9", 2,
		     "the layout lacks \u00e9 (U+00E9); try --compose, "
		     "which uses dead keys, or --unicode");
	assert_lacks("us", "\u00a0\u00a1\u00a0", 6,
		     "the layout lacks U+00A0, \u00a1 (U+00A1); try "
		     "--compose, which uses dead keys, or --unicode");
	assert_lacks("us", "\0", 1,
		     "the layout lacks U+0000; try --compose, which uses dead "
		     "keys, or --unicode");
}

static void ways_to_type_numbers_have_names(void **state)
{
	static const char *const names[] = { "ctrl-shift-u", "alt-x",
					     "alt-plus" };
	static const enum inject_unicode is[] = { INJECT_UNICODE_CTRL_SHIFT_U,
						  INJECT_UNICODE_ALT_X,
						  INJECT_UNICODE_ALT_PLUS };
	enum inject_unicode method;
	struct fault fault;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_ok(inject_unicode_read(&method, names[i], &fault));
		assert_num(method, is[i]);
	}
	assert_rc(inject_unicode_read(&method, "alt-y", &fault), -EINVAL);
	assert_string_equal(fault.text,
			    "--unicode=alt-y: must be ctrl-shift-u, alt-x or "
			    "alt-plus; did you mean alt-x?");
}

static void many_characters_that_are_lacking_are_not_all_named(void **state)
{
	char text[4 * 26 + 1] = "";
	struct inject_layout *layout = layout_of("us", NULL);
	struct inject_typing t;
	struct fault fault;

	for (uint32_t i = 0; i < 26; i++)
		inject_utf8_write(text + strlen(text), 0x1f600 + i);
	inject_typing_init(&t, layout, NULL, INJECT_UNICODE_NONE);
	assert_rc(inject_typing_add(&t, text, strlen(text), &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "U+1F600), "));
	assert_non_null(
		strstr(fault.text, "(U+1F60B) and others; try --compose"));
	inject_typing_fini(&t);
	inject_layout_free(layout);
}

static void text_that_is_not_utf8_is_rejected(void **state)
{
	struct inject_layout *layout = layout_of("us", NULL);
	struct inject_typing t;
	struct fault fault;

	inject_typing_init(&t, layout, NULL, INJECT_UNICODE_NONE);
	assert_rc(inject_typing_add(&t, "a\x80", 2, &fault), -EINVAL);
	assert_string_equal(fault.text, "byte 2 of the text is not UTF-8");
	inject_typing_fini(&t);
	inject_layout_free(layout);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_the_keys_that_type_it),
		cmocka_unit_test(dead_keys_compose_what_a_layout_lacks),
		cmocka_unit_test(the_locale_is_the_environments),
		cmocka_unit_test(other_ways_are_found),
		cmocka_unit_test(what_cannot_be_typed_is_explained),
		cmocka_unit_test(the_step_that_completes_a_character_is_known),
		cmocka_unit_test(a_check_begins_without_an_unfinished_sequence),
		cmocka_unit_test(characters_are_named_as_they_can_be_shown),
		cmocka_unit_test(characters_that_a_layout_lacks_are_named),
		cmocka_unit_test(
			many_characters_that_are_lacking_are_not_all_named),
		cmocka_unit_test(ways_to_type_numbers_have_names),
		cmocka_unit_test(text_that_is_not_utf8_is_rejected),
	};

	/* The machine's own layout must not matter. */
	unsetenv("XKB_DEFAULT_LAYOUT");
	unsetenv("XKB_DEFAULT_VARIANT");
	unsetenv("XKB_DEFAULT_OPTIONS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}

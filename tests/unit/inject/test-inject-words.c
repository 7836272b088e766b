/* SPDX-License-Identifier: Apache-2.0 */
/* inject-words.h, event-word.h, inject-keys.h: what users write. */
#include <errno.h>
#include <string.h>
#include "injector/inject/inject-keys.h"
#include "injector/inject/inject-value.h"
#include "injector/inject/inject-words.h"
#include "injector/libvinject/vinject.h"
#include "injector/recording/event-word.h"
#include "tests/lib/check.h"

/* Words are written with | between. */
static const struct {
	const char *line, *words;
} lines[] = {
	{ "", "" },
	{ "  \t \n", "" },
	{ "# nothing", "" },
	{ "key a\n", "key|a|" },
	{ "  tap\t1  2 # here", "tap|1|2|" },
	{ "type a#b", "type|a#b|" },
	{ "type 'a b' \"c d\"", "type|a b|c d|" },
	{ "type 'it'\\''s'", "type|it's|" },
	{ "type \"a\\\"b\\\\c\\d\"", "type|a\"b\\c\\d|" },
	{ "type a\\ b '' \"\"", "type|a b|||" },
	{ "type '#' \\#", "type|#|#|" },
	{ "type 'a\\'", "type|a\\|" },
};

static void lines_are_split_as_a_shell_does_it(void **state)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct inject_words words;
		struct fault fault;
		char got[128] = "";

		assert_ok(inject_words_split(&words, lines[i].line, &fault));
		for (size_t j = 0; j < words.n; j++) {
			strcat(got, words.word[j]);
			strcat(got, "|");
		}
		assert_string_equal(got, lines[i].words);
		inject_words_fini(&words);
	}
}

static void unterminated_quotes_are_rejected(void **state)
{
	static const struct {
		const char *line, *why;
	} bad[] = {
		{ "type 'a b", "unterminated '" },
		{ "type \"a", "unterminated \"" },
		{ "a \\", "missing character after \\" },
		{ "\"a\\\"", "unterminated \"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct inject_words words;
		struct fault fault;

		assert_rc(inject_words_split(&words, bad[i].line, &fault),
			  -EINVAL);
		assert_string_equal(fault.text, bad[i].why);
		inject_words_fini(&words);
	}
}

static const struct {
	const char *word;
	uint16_t key[4];
} combos[] = {
	{ "a", { KEY_A } },
	{ "A", { KEY_A } },
	{ "0", { KEY_0 } },
	{ "f12", { KEY_F12 } },
	{ "ctrl+alt+t", { KEY_LEFTCTRL, KEY_LEFTALT, KEY_T } },
	{ "Shift+KEY_TAB", { KEY_LEFTSHIFT, KEY_TAB } },
	{ "altgr+/", { KEY_RIGHTALT, KEY_SLASH } },
	{ "super", { KEY_LEFTMETA } },
	{ "ctrl+-", { KEY_LEFTCTRL, KEY_MINUS } },
	{ "key_volumeup", { KEY_VOLUMEUP } },
	{ "leftctrl+Return", { KEY_LEFTCTRL, KEY_ENTER } },
	{ "BTN_LEFT", { BTN_LEFT } },
	/* XKB's names, where there is no other with that name. */
	{ "Control_L", { KEY_LEFTCTRL } },
	{ "Super_R+Page_Up", { KEY_RIGHTMETA, KEY_PAGEUP } },
	{ "XF86AudioMute", { KEY_MUTE } },
	{ "xf86audiomute", { KEY_MUTE } },
	{ "ctrl+plus", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_EQUAL } },
	{ "ctrl+shift+exclam", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_1 } },
	{ "ctrl+?", { KEY_LEFTCTRL, KEY_LEFTSHIFT, KEY_SLASH } },
	{ "bracketleft", { KEY_LEFTBRACE } },
};
static struct inject_keysyms keysyms = {
	.names = &(const struct inject_layout_names){ .layout = "us" },
};

static void keys_have_common_names(void **state)
{
	for (size_t i = 0; i < sizeof(combos) / sizeof(combos[0]); i++) {
		struct inject_combo combo;
		struct fault fault;
		size_t n = 0;

		if (inject_combo_read(&combo, combos[i].word, &keysyms, &fault))
			fail_msg("%s: %s", combos[i].word, fault.text);
		while (n < 4 && combos[i].key[n])
			n++;
		assert_num(combo.n, n);
		for (size_t j = 0; j < n; j++)
			assert_num(combo.key[j], combos[i].key[j]);
	}
}

static void with_a_layout_its_names_come_first(void **state)
{
	static const struct inject_layout_names de = { .layout = "de" };
	struct inject_keysyms german = { .names = &de, .preferred = true };
	static const struct {
		const char *word;
		uint16_t key[2];
	} words[] = {
		{ "ctrl+z", { KEY_LEFTCTRL, KEY_Y } },
		{ "ctrl+\xc3\xbc", { KEY_LEFTCTRL, KEY_LEFTBRACE } },
		{ "alt+f4", { KEY_LEFTALT, KEY_F4 } },
		{ "alt+KEY_Z", { KEY_LEFTALT, KEY_Z } },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct inject_combo combo;
		struct fault fault;

		assert_ok(inject_combo_read(&combo, words[i].word, &german,
					    &fault));
		assert_num(combo.n, 2);
		assert_num(combo.key[0], words[i].key[0]);
		assert_num(combo.key[1], words[i].key[1]);
	}
	inject_keysyms_fini(&german);
}

static const struct {
	const char *word, *why;
} bad_combos[] = {
	{ "", "missing key before or after +" },
	{ "ctrl+", "missing key before or after +" },
	{ "+a", "missing key before or after +" },
	{ "ctrl++a", "missing key before or after +" },
	{ "ctlr+a", "unknown key ctlr; did you mean ctrl?" },
	{ "entre", "unknown key entre; did you mean KEY_ENTER?" },
	{ "escpae", "unknown key escpae; did you mean escape?" },
	{ "KEY_ENTRE", "unknown key KEY_ENTRE; did you mean KEY_ENTER?" },
	{ "rosebud", "unknown key rosebud" },
	/* Buttons have their whole names here. */
	{ "thumb", "unknown key thumb" },
	{ "\xc3\xbc", "unknown key \xc3\xbc" },
	{ "a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q",
	  "more than 16 keys at the same time" },
};

static void unknown_keys_are_reported_with_the_nearest_name(void **state)
{
	for (size_t i = 0; i < sizeof(bad_combos) / sizeof(bad_combos[0]);
	     i++) {
		struct inject_combo combo;
		struct fault fault;

		assert_rc(inject_combo_read(&combo, bad_combos[i].word,
					    &keysyms, &fault),
			  -EINVAL);
		assert_string_equal(fault.text, bad_combos[i].why);
	}
}

/* The kernel has a name for it, and so have we. */
static void the_key_0_is_one(void **state)
{
	static const struct inject_layout_names de = { .layout = "de" };
	struct inject_keysyms german = { .names = &de, .preferred = true };
	struct inject_combo combo;
	struct fault fault;

	assert_ok(inject_combo_read(&combo, "KEY_RESERVED", &keysyms, &fault));
	assert_num(combo.n, 1);
	assert_num(combo.key[0], KEY_RESERVED);
	assert_ok(inject_combo_read(&combo, "KEY_RESERVED", &german, &fault));
	assert_num(combo.key[0], KEY_RESERVED);
	inject_keysyms_fini(&german);
	inject_keysyms_fini(&german);
}

static void long_names_are_cut(void **state)
{
	struct inject_combo combo;
	struct fault fault;
	char word[61], why[128];

	memset(word, 'x', sizeof(word));
	word[60] = '\0';
	assert_rc(inject_combo_read(&combo, word, &keysyms, &fault), -EINVAL);
	snprintf(why, sizeof(why), "unknown key %.48s", word);
	assert_string_equal(fault.text, why);
}

static void buttons_go_by_number_and_name(void **state)
{
	struct fault fault;
	uint16_t code;
	unsigned int button;

	assert_ok(inject_button_read(&code, "0", &fault));
	assert_num(code, BTN_LEFT);
	assert_ok(inject_button_read(&code, "1", &fault));
	assert_num(code, BTN_MIDDLE);
	assert_ok(inject_button_read(&code, "forward", &fault));
	assert_num(code, BTN_EXTRA);
	assert_ok(inject_button_read(&code, "BTN_TASK", &fault));
	assert_num(code, BTN_TASK);
	assert_rc(inject_button_read(&code, "midle", &fault), -EINVAL);
	assert_string_equal(fault.text,
			    "unknown button midle; did you mean middle?");
	assert_rc(inject_button_read(&code, "BTN_TAKS", &fault), -EINVAL);
	assert_string_equal(fault.text,
			    "unknown button BTN_TAKS; did you mean BTN_TASK?");
	assert_ok(inject_pad_button_read(&button, "Y", &fault));
	assert_num(button, 3);
	assert_ok(inject_pad_button_read(&button, "16", &fault));
	assert_num(button, 16);
	assert_rc(inject_pad_button_read(&button, "17", &fault), -EINVAL);
}

static void switches_go_by_name(void **state)
{
	struct fault fault;
	uint16_t code;

	assert_ok(inject_switch_read(&code, "lid", &fault));
	assert_num(code, SW_LID);
	assert_ok(inject_switch_read(&code, "SW_tablet_mode", &fault));
	assert_num(code, SW_TABLET_MODE);
	assert_rc(inject_switch_read(&code, "tablet", &fault), -EINVAL);
}

static void events_go_there_and_back(void **state)
{
	static const char *const words[] = { "KEY_A=1",	 "ABS_X=-2147483648",
					     "1:84=1",	 "MSC_SCAN=2147483647",
					     "SW_LID=0", "BTN_SOUTH=1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct fault fault;
		struct vi_event ev;
		char text[EVENT_WORD_SIZE];

		if (event_word_read(&ev, words[i], &fault))
			fail_msg("%s: %s", words[i], fault.text);
		event_word_write(text, &ev);
		assert_string_equal(text, words[i]);
	}
}

#define NAME_48 "KEY_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void events_have_other_forms(void **state)
{
	static const struct {
		const char *word, *written;
	} words[] = {
		{ "0:0=0", "SYN_REPORT=0" },
		{ "ev_key:30=1", "KEY_A=1" },
		{ "1:0x1e=0x1", "KEY_A=1" },
		{ "+1:+30=+1", "KEY_A=1" },
		{ "5:16=1", "SW_MACHINE_COVER=1" },
		{ "key_a=-1", "KEY_A=-1" },
		{ "20:0=250", "20:0=250" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct fault fault;
		struct vi_event ev;
		char text[EVENT_WORD_SIZE];

		/* Of something else. */
		errno = ERANGE;
		if (event_word_read(&ev, words[i].word, &fault))
			fail_msg("%s: %s", words[i].word, fault.text);
		event_word_write(text, &ev);
		assert_string_equal(text, words[i].written);
	}
}

static const struct {
	const char *word, *why;
} bad_events[] = {
	{ "KEY_A", "invalid event KEY_A: must be NAME=VALUE" },
	{ "=1", "invalid event =1: must be NAME=VALUE" },
	{ NAME_48 "=1",
	  "unknown event KEY_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" },
	{ NAME_48 "A=1",
	  "invalid event KEY_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA: "
	  "must be NAME=VALUE" },
	{ "KEY_AA=1", "unknown event KEY_AA; did you mean KEY_A?" },
	{ "ABS_XX=1", "unknown event ABS_XX; did you mean ABS_X?" },
	{ "A=1", "unknown event A" },
	{ "KEY_A=", "KEY_A=: the value must be a 32-bit integer" },
	{ "KEY_A=x", "KEY_A=x: the value must be a 32-bit integer" },
	{ "KEY_A=1x", "KEY_A=1x: the value must be a 32-bit integer" },
	{ "KEY_A= 1", "KEY_A= 1: the value must be a 32-bit integer" },
	{ "KEY_A=2147483648",
	  "KEY_A=2147483648: the value must be a 32-bit integer" },
	{ "KEY_A=-2147483649",
	  "KEY_A=-2147483649: the value must be a 32-bit integer" },
	{ "KEY_A=99999999999999999999",
	  "KEY_A=99999999999999999999: the value must be a 32-bit integer" },
	{ "EV_KEX:1=1", "unknown event type EV_KEX; did you mean EV_KEY?" },
	{ "31:0=1", "unknown event type 31" },
	{ "32:0=1", "unknown event type 32" },
	{ "30:0=1", "unknown event type 30" },
	{ ":0=1", "unknown event type " },
	{ "1:768=1", "1:768: the code must be a number from 0 to 767" },
	{ "1:-1=1", "1:-1: the code must be a number from 0 to 767" },
	{ "1:=1", "1:: the code must be a number from 0 to 767" },
	{ "2:16=1", "unknown EV_REL code 16: must be from 0 to 15" },
	{ "2:15=1", "right" },
};

static void wrong_events_are_explained(void **state)
{
	for (size_t i = 0; i < sizeof(bad_events) / sizeof(bad_events[0]);
	     i++) {
		struct fault fault = { "right" };
		struct vi_event ev;

		event_word_read(&ev, bad_events[i].word, &fault);
		assert_string_equal(fault.text, bad_events[i].why);
	}
}

static void slots_have_a_limit(void **state)
{
	const int32_t last = VINJECT_SLOTS_MAX - 1;
	const struct vi_event right[] = {
		vi_event(EV_ABS, ABS_MT_SLOT, 0),
		vi_event(EV_ABS, ABS_MT_SLOT, last),
		vi_event(EV_ABS, ABS_MT_SLOT - 1, -1),
		vi_event(EV_MSC, ABS_MT_SLOT, -1),
	};
	struct vi_event wrong = vi_event(EV_ABS, ABS_MT_SLOT, last + 1);
	struct fault fault;

	for (size_t i = 0; i < ARRAY_LEN(right); i++)
		assert_ok(event_word_check_slot(&right[i], &fault));
	assert_rc(event_word_check_slot(&wrong, &fault), -EINVAL);
	assert_string_equal(fault.text,
			    "invalid ABS_MT_SLOT 64: must be from 0 to 63");
	wrong = vi_event(EV_ABS, ABS_MT_SLOT, -1);
	assert_rc(event_word_check_slot(&wrong, &fault), -EINVAL);
}

/* With and without their prefix, up to the longest. */
static void names_have_a_prefix_or_not(void **state)
{
	char name[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	assert_num(event_word_code(EV_KEY, "KEY_", "a"), KEY_A);
	assert_num(event_word_code(EV_KEY, "KEY_", "key_A"), KEY_A);
	assert_num(event_word_code(EV_KEY, "KEY_", "zz"), -1);
	/* Nothing is written beyond its end. */
	for (size_t n = sizeof(name) - 1; n; n--) {
		name[n] = '\0';
		assert_num(event_word_code(EV_KEY, "KEY_", name),
			   n == 1 ? KEY_A : -1);
	}
}

/* libevdev treats the limits of types as codes. */
static void a_limit_is_written_as_a_number(void **state)
{
	const struct vi_event ev = vi_event(EV_KEY, KEY_MAX, 1);
	char text[EVENT_WORD_SIZE];

	event_word_write(text, &ev);
	assert_string_equal(text, "1:767=1");
}

static const struct {
	const char *word;
	int64_t ns; /* -1: it is none */
} times[] = {
	{ "0", 0 },
	{ "0s", 0 },
	{ "250", 250000000 },
	{ "1.5s", 1500000000 },
	{ "2ms", 2000000 },
	{ "0.0000006", 1 },
	{ "10000000s", 10000000 * INT64_C(1000000000) },
	{ "10000001s", -1 },
	{ "-1ms", -1 },
	{ "inf", -1 },
	{ "nan", -1 },
	{ "", -1 },
	{ "s", -1 },
	{ "1m", -1 },
	{ "1 ms", -1 },
};

static void times_have_a_unit_and_a_limit(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct fault fault;
		int64_t ns = -1;

		inject_value_time(&ns, "--hold", times[i].word, &fault);
		if (ns != times[i].ns)
			fail_msg("%s: %lld ns", times[i].word, (long long)ns);
	}
}

static void values_have_limits(void **state)
{
	static const struct inject_value as = { "--n", -1, 2 };
	struct inject_size size;
	struct fault fault;
	double number;

	assert_ok(inject_value_number(&number, &as, "-1", &fault));
	assert_ok(inject_value_number(&number, &as, "2", &fault));
	assert_rc(inject_value_number(&number, &as, "2.1", &fault), -EINVAL);
	assert_rc(inject_value_number(&number, &as, "-1.1", &fault), -EINVAL);
	assert_string_equal(fault.text, "--n must be from -1 to 2, not -1.1");
	assert_rc(inject_value_number(&number, &as, "1x", &fault), -EINVAL);
	assert_string_equal(fault.text, "--n must be a number, not 1x");
	assert_ok(inject_value_size(&size, "1x999999999"));
	assert_num(size.width, 1);
	assert_num(size.height, 999999999);
	assert_rc(inject_value_size(&size, "1x1000000000"), -EINVAL);
	assert_rc(inject_value_size(&size, "0x1"), -EINVAL);
	assert_rc(inject_value_size(&size, "1x0"), -EINVAL);
	assert_rc(inject_value_size(&size, "1x+1"), -EINVAL);
	assert_rc(inject_value_size(&size, "1x1x"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_split_as_a_shell_does_it),
		cmocka_unit_test(unterminated_quotes_are_rejected),
		cmocka_unit_test(keys_have_common_names),
		cmocka_unit_test(with_a_layout_its_names_come_first),
		cmocka_unit_test(
			unknown_keys_are_reported_with_the_nearest_name),
		cmocka_unit_test(the_key_0_is_one),
		cmocka_unit_test(long_names_are_cut),
		cmocka_unit_test(times_have_a_unit_and_a_limit),
		cmocka_unit_test(values_have_limits),
		cmocka_unit_test(buttons_go_by_number_and_name),
		cmocka_unit_test(switches_go_by_name),
		cmocka_unit_test(events_go_there_and_back),
		cmocka_unit_test(events_have_other_forms),
		cmocka_unit_test(wrong_events_are_explained),
		cmocka_unit_test(slots_have_a_limit),
		cmocka_unit_test(names_have_a_prefix_or_not),
		cmocka_unit_test(a_limit_is_written_as_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A command line of vinput-monitor, and what becomes of it. */
#include "tests/lib/check.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include "injector/monitor/monitor-options.h"
#include "tests/lib/garbage.h"
#include "tests/lib/words.h"

#define ARGS_MAX 80

static struct monitor_options o;
static char why[256];

/* Options and sockets, with a space behind each. */
static int parse(const char *text)
{
	/* The options have pointers to them. */
	static char words[4096], name[] = "vinput-monitor";
	static char *argv[ARGS_MAX + 2] = { name };
	int argc;

	snprintf(words, sizeof(words), "%s", text);
	argc = 1 + words_split(words, argv + 1);
	optind = 0;
	fill_with_garbage(&o);
	why[0] = '\0';
	return monitor_options_parse(&o, argc, argv, why);
}

static void without_options_all_has_its_default(void **state)
{
	assert_ok(parse("a b"));
	assert_num(o.action, MONITOR_RUN);
	assert_num(o.n_sockets, 2);
	assert_string_equal(o.sockets[0], "a");
	assert_string_equal(o.sockets[1], "b");
	assert_num(o.frames, 0);
	assert_num(o.timeout_ms, -1);
	assert_num(o.ring_size, 64);
	assert_null(o.record);
	assert_false(o.json || o.packed || o.wait || o.touch || o.uinput ||
		     o.locks);
	assert_num(o.n_leds, 0);
}

static void each_option_sets_its_own(void **state)
{
	assert_ok(parse(
		"--count=1 --timeout=2.5 --ring-size=32768 --record=f a"));
	assert_num(o.frames, 1);
	assert_num(o.timeout_ms, 2500);
	assert_num(o.ring_size, 32768);
	assert_string_equal(o.record, "f");
	assert_ok(parse("--json --wait a"));
	assert_true(o.json && o.wait && !o.touch && !o.uinput && !o.locks);
	assert_ok(parse("--touch --uinput a"));
	assert_true(o.touch && o.uinput && !o.json && !o.wait && !o.locks);
	assert_ok(parse("--locks --packed --ring-size=3 a"));
	assert_true(o.locks && o.packed && !o.uinput);
	assert_num(o.ring_size, 3);
	assert_ok(
		parse("--led=CAPSL=on --led=LED_NUML=off --led=COMPOSE=on a"));
	assert_num(o.n_leds, 3);
	assert_num(o.led[0].code, LED_CAPSL);
	assert_true(o.led[0].on);
	assert_num(o.led[1].code, LED_NUML);
	assert_false(o.led[1].on);
	assert_ok(parse("--count=90 --ring-size=1 a"));
	assert_num(o.frames, 90);
	assert_num(o.ring_size, 1);
	assert_ok(parse("--help"));
	assert_num(o.action, MONITOR_HELP);
	assert_ok(parse("--version"));
	assert_num(o.action, MONITOR_VERSION);
	assert_ok(parse("--timeout=0.0006 a")); /* rounded, not cut */
	assert_num(o.timeout_ms, 1);
}

static const struct wrong_row {
	const char *args, *why;
} wrong_rows[] = {
	{ "", "SOCKET is required; see --help" },
	{ "--count=0 a", "--count=0: must be a number from 1" },
	{ "--count=-1 a", "--count=-1: must be a number from 1" },
	{ "--count=1x a", "--count=1x: must be a number from 1" },
	{ "--count=/ a", "--count=/: must be a number from 1" },
	{ "--count=: a", "--count=:: must be a number from 1" },
	{ "--count=99999999999999999999 a",
	  "--count=99999999999999999999: must be a number from 1" },
	{ "--ring-size=0 a", "--ring-size=0: must be from 1 to 32768" },
	{ "--ring-size=32769 a", "--ring-size=32769: must be from 1 to 32768" },
	{ "--ring-size=48 a",
	  "--ring-size=48: must be a power of two, unless --packed is given" },
	{ "--led=CAPSL a", "--led=CAPSL: must be NAME=on or NAME=off" },
	{ "--led=CAPSL=of a", "--led=CAPSL=of: must be NAME=on or NAME=off" },
	{ "--led=CAPS=on a", "--led=CAPS=on: no such LED; CAPSL is one" },
	{ "--led=CAPSLOCK_NUMLOCK=on a",
	  "--led=CAPSLOCK_NUMLOCK=on: no such LED; CAPSL is one" },
	{ "--led=AVERYLONGNAMEXX=on a",
	  "--led=AVERYLONGNAMEXX=on: no such LED; CAPSL is one" },
	{ "--led=AVERYLONGNAMEXXX=on a",
	  "--led=AVERYLONGNAMEXXX=on: no such LED; CAPSL is one" },
	{ "--touch --json a", "--touch and --json exclude each other" },
	{ "--record=f a b", "--record requires a single SOCKET" },
};

static void what_is_wrong_is_said(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(wrong_rows); i++) {
		assert_rc(parse(wrong_rows[i].args), -EINVAL);
		assert_string_equal(why, wrong_rows[i].why);
	}
}

static void so_many_sockets_and_leds_fit(void **state)
{
	char text[2048] = "";

	for (int i = 0; i < MONITOR_DEVICES_MAX; i++)
		strcat(text, "a ");
	assert_ok(parse(text));
	assert_num(o.n_sockets, MONITOR_DEVICES_MAX);
	strcat(text, "a ");
	assert_rc(parse(text), -EINVAL);
	assert_string_equal(why, "65 SOCKETs: at most 64 can be monitored");
	text[0] = '\0';
	for (int i = 0; i < LED_CNT; i++)
		strcat(text, "--led=CAPSL=on ");
	strcat(text, "a ");
	assert_ok(parse(text));
	assert_num(o.n_leds, LED_CNT);
	strcat(text, "--led=CAPSL=on ");
	assert_rc(parse(text), -EINVAL);
	assert_string_equal(why, "--led=CAPSL=on: more than 16 LEDs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_all_has_its_default),
		cmocka_unit_test(each_option_sets_its_own),
		cmocka_unit_test(what_is_wrong_is_said),
		cmocka_unit_test(so_many_sockets_and_leds_fit),
	};

	return cmocka_run_group_tests_name("monitor-options", tests, NULL,
					   NULL);
}

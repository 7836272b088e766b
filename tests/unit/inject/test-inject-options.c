/* SPDX-License-Identifier: Apache-2.0 */
/* inject-options.h: what options mean, and the lines of --help. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-options.h"
#include "tests/lib/check.h"

static struct inject_options opt;

/* Parse one option and a command. */
static void parse(const char *option)
{
	char first[80], command[] = "release";
	char *argv[] = { (char *)"vinput-inject", first, command, NULL };
	struct fault fault = { "" };

	snprintf(first, sizeof(first), "%s", option);
	if (inject_options_parse(&opt, 3, argv, &fault))
		fail_msg("%s: %s", option, fault.text);
	assert_num(opt.n_words, 1);
	assert_string_equal(opt.word[0], "release");
}

static void times_are_rounded_up_to_milliseconds(void **state)
{
	static const struct {
		const char *value;
		int ms;
	} rows[] = { { "0", 0 },
		     { "1ms", 1 },
		     { "1.5s", 1500 },
		     { "0.1ms", 1 },
		     { "1.001ms", 2 },
		     { "2147483.647s", INT_MAX },
		     { "2147484s", INT_MAX },
		     { "forever", -1 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char option[80];

		snprintf(option, sizeof(option), "--wait=%s", rows[i].value);
		parse(option);
		assert_num(opt.wait_ms, rows[i].ms);
		assert_num(opt.timeout_ms, 2000);
		assert_num(opt.guest_timeout_ms, 10000);
		assert_num(opt.wait_guest_ms, 0);
		snprintf(option, sizeof(option), "--timeout=%s", rows[i].value);
		parse(option);
		assert_num(opt.timeout_ms, rows[i].ms);
		assert_num(opt.guest_timeout_ms, rows[i].ms);
		assert_num(opt.wait_ms, 0);
		snprintf(option, sizeof(option), "--wait-guest=%s",
			 rows[i].value);
		parse(option);
		assert_num(opt.wait_guest_ms, rows[i].ms);
	}
	parse("--wait-guest");
	assert_num(opt.wait_guest_ms, -1);
}

static void a_screen_ends_one_before_its_size(void **state)
{
	const struct inject_value *axis = opt.screen.axis;

	parse("--lenient");
	assert_false(opt.screen.known);
	parse("--size=100x50");
	assert_true(opt.screen.known);
	assert_string_equal(axis[0].what, "x");
	assert_string_equal(axis[1].what, "y");
	assert_true(axis[0].min == 0 && axis[0].max == 99);
	assert_true(axis[1].min == 0 && axis[1].max == 49);
}

static void measuring_may_have_a_file(void **state)
{
	parse("--lenient");
	assert_false(opt.measure);
	parse("--measure");
	assert_true(opt.measure);
	assert_null(opt.times);
	parse("--measure=a");
	assert_true(opt.measure);
	assert_string_equal(opt.times, "a");
}

/* --- help --- */

#define WIDTH 79

/* Return: what it prints, to be freed. */
static char *read_help(void)
{
	FILE *file = tmpfile();
	const int out = dup(STDOUT_FILENO);
	char *text = calloc(1, 0x10000);

	assert_non_null(file);
	assert_non_null(text);
	fflush(stdout);
	assert_sys(dup2(fileno(file), STDOUT_FILENO));
	inject_options_help();
	fflush(stdout);
	assert_sys(dup2(out, STDOUT_FILENO));
	close(out);
	rewind(file);
	assert_true(fread(text, 1, 0xffff, file) > 0);
	fclose(file);
	return text;
}

/* Return: what follows a command's lines, after having compared these. */
static const char *check_usage(const char *at, const struct inject_verb *verb)
{
	char words[1024];
	size_t column = 0;

	snprintf(words, sizeof(words), " %s%s%s", verb->name,
		 *verb->usage ? " " : "", verb->usage);
	for (const char *word = words; word;) {
		const char *next = strchr(word + 1, ' ');
		const size_t len = next ? (size_t)(next - word) : strlen(word);

		if (!column) {
			assert_num(*at++, ' ');
		} else if (column + len > WIDTH) {
			assert_memory_equal(at, "\n     ", 6);
			at += 6;
			column = 5;
		}
		assert_memory_equal(at, word, len);
		at += len;
		column += len + !column;
		word = next;
	}
	assert_num(*at, '\n');
	return at + 1;
}

static void help_names_each_command_in_lines_of_80_columns(void **state)
{
	char *text = read_help();
	const char *at = strstr(text, "\nTIME is 250ms or 1.5s. Commands:\n");

	assert_non_null(at);
	at = strchr(at + 1, '\n') + 1;
	for (size_t i = 0; inject_verbs[i]; i++)
		at = check_usage(at, inject_verbs[i]);
	assert_string_equal(at, "\nSee vinput-inject(1).\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_rounded_up_to_milliseconds),
		cmocka_unit_test(a_screen_ends_one_before_its_size),
		cmocka_unit_test(measuring_may_have_a_file),
		cmocka_unit_test(
			help_names_each_command_in_lines_of_80_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

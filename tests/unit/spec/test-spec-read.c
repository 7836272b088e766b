/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spec-read.h. Most of it is in tests/data/spec: each good/X.json and
 * bad/X.json with X.want, what the reader has to say of it and, of a good one,
 * the device as spec_print() shows it; values of placeholders are in X.set.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/spec-print.h"
#include "input/spec/spec-read.h"
#include "tests/lib/brink.h"

#define DIR	 "tests/data/spec/"
#define SETS_MAX 8

static char *read_file(const char *path, size_t *len)
{
	char *text = malloc(SPEC_TEXT_MAX);
	FILE *in = fopen(path, "r");

	if (!in)
		fail_msg("%s: cannot be opened", path);
	assert_non_null(text);
	*len = fread(text, 1, SPEC_TEXT_MAX - 1, in);
	text[*len] = '\0';
	fclose(in);
	return text;
}

static char *with_suffix(char out[256], const char *path, const char *suffix)
{
	snprintf(out, 256, "%.*s%s", (int)(strrchr(path, '.') - path), path,
		 suffix);
	return out;
}

/* Lines "--set NAME=VALUE", which stay in *text. */
static size_t read_sets(const char *path, char **text,
			struct spec_set sets[SETS_MAX])
{
	char name[256], *line, *save, *equals;
	size_t n = 0, len;
	FILE *in = fopen(with_suffix(name, path, ".set"), "r");

	*text = NULL;
	if (!in)
		return 0;
	fclose(in);
	*text = read_file(name, &len);
	for (line = strtok_r(*text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		equals = strchr(line, '=');
		*equals = '\0';
		assert_true(n < SETS_MAX);
		sets[n].name = line + strlen("--set ");
		sets[n++].value = equals + 1;
	}
	return n;
}

static void print_diag(void *arg, const struct spec_diag *diag)
{
	fprintf(arg, "%u:%u: %s: %s\n", diag->line, diag->column,
		diag->severity == SPEC_ERROR ? "error" : "warning", diag->text);
}

/* Return: what the reader says, then the device. */
static char *read_and_print(const char *path, int *rc)
{
	struct spec_set sets[SETS_MAX];
	size_t len, out_len, n_sets;
	char *set_text, *text = read_file(path, &len), *out;
	FILE *stream = open_memstream(&out, &out_len);
	struct spec spec;

	assert_non_null(stream);
	n_sets = read_sets(path, &set_text, sets);
	*rc = spec_read(&spec,
			&(struct spec_text){ text_at_brink(text, len), len,
					     sets, n_sets },
			print_diag, stream);
	if (*rc == 0) {
		spec_print(stream, &spec);
		spec_print_rules(stream, &spec);
	}
	fclose(stream);
	free(set_text);
	free(text);
	return out;
}

static void file_reads_as_wanted(void **state)
{
	const char *path = *state;
	char name[256], *want, *got;
	size_t len;
	int rc;

	got = read_and_print(path, &rc);
	want = read_file(with_suffix(name, path, ".want"), &len);
	assert_string_equal(got, want);
	assert_int_equal(rc, strstr(path, "/good/") ? 0 : SPEC_E_INVALID);
	free(want);
	free(got);
}

/* What the diagnostics of one reading were. */
struct noted {
	unsigned int warnings, errors;
	unsigned int line, column; /* of the last */
	char text[600];
};

static void note_diag(void *arg, const struct spec_diag *diag)
{
	struct noted *noted = arg;

	if (diag->severity == SPEC_ERROR)
		noted->errors++;
	else
		noted->warnings++;
	noted->line = diag->line;
	noted->column = diag->column;
	snprintf(noted->text, sizeof(noted->text), "%s", diag->text);
}

static struct noted refuse(const char *text, size_t len)
{
	struct noted noted = { 0 };
	struct spec spec;

	text = text_at_brink(text, len);
	assert_int_equal(spec_read(&spec,
				   &(struct spec_text){ text, len, NULL, 0 },
				   note_diag, &noted),
			 SPEC_E_INVALID);
	assert_int_equal(noted.errors, 1);
	return noted;
}

#define A_30 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define REST "\"events\": {\"EV_SW\": [0]}}"

/* Texts that are not worth a file. */
static const struct {
	const char *text, *says;
} lines[] = {
	{ "}", "1:1: bad JSON: '[' or '{' expected near '}'" },
	{ " ]", "1:2: bad JSON: '[' or '{' expected near ']'" },
	{ "x0", "1:1: bad JSON: '[' or '{' expected near 'x'" },
	{ "x", "1:1: bad JSON: '[' or '{' expected near 'x'" },
	{ "nonsense", "1:1: bad JSON: '[' or '{' expected near 'nonsense'" },
	{ A_30 A_30 A_30 A_30 A_30 A_30,
	  "1:181: bad JSON: '[' or '{' expected" },
	{ "{\"a\": " A_30 A_30 A_30, "1:97: bad JSON: invalid token" },
	{ "{\"a\": 0x10}", "1:8: bad JSON: '}' expected near 'x'; JSON has no "
			   "hexadecimal numbers" },
	{ "{\"a\": 1, \t\r\n }", "2:2: bad JSON: string or '}' expected near "
				 "'}'; remove the comma before it" },
	{ "[1 ,]", "1:5: bad JSON: unexpected token near ']'; remove the comma "
		   "before it" },
	{ "{\"name\": \"" A_30 "aaaaaaaaa\\u0001\", " REST,
	  "1:10: name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa?\" contains a "
	  "control character" },
	{ "{\"name\": \"" A_30 "aaaaaaaaaa\\u0001\", " REST,
	  "1:10: name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\" "
	  "contains a control character" },
	{ "{\"name\": \"x\", \"repeat\": {\"delay\": 1, \"period\": 2, "
	  "\"rate\": 3}, " REST,
	  "1:51: repeat: unknown key \"rate\"; valid keys: delay, period" },
	{ "{\"name\": \"x\", \"axes\": {\"ABS_X\": {\"max\": 1}}}",
	  "1:33: axes.ABS_X: \"min\" is missing" },
	/* A column is a character. */
	{ "{\"name\": \"\xc3\xa9\", \"nam\": 1}",
	  "1:15: unknown key \"nam\"; did you mean \"name\"?" },
};

#define AXES(...) "{\"name\": \"x\", \"axes\": {" __VA_ARGS__ "}}"
#define PLAIN_SLOT(max)                  \
	AXES("\"46..47\": {\"min\": 0, " \
	     "\"max\": " max "}")

static void each_text_has_one_error(void **state)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		const struct noted noted =
			refuse(lines[i].text, strlen(lines[i].text));
		char says[700];

		snprintf(says, sizeof(says), "%u:%u: %s", noted.line,
			 noted.column, noted.text);
		assert_string_equal(says, lines[i].says);
	}
}

static void read_well(struct spec *spec, const char *text)
{
	struct noted noted = { 0 };

	assert_int_equal(
		spec_read(spec,
			  &(struct spec_text){ text, strlen(text), NULL, 0 },
			  note_diag, &noted),
		0);
	assert_int_equal(noted.warnings + noted.errors, 0);
}

/* Diagnostics of a text that is read all the same: none, or one. */
static const char *warning(const char *text)
{
	static struct noted noted;
	struct spec spec;

	noted = (struct noted){ 0 };
	assert_int_equal(
		spec_read(&spec,
			  &(struct spec_text){ text, strlen(text), NULL, 0 },
			  note_diag, &noted),
		0);
	assert_int_equal(noted.errors, 0);
	assert_true(noted.warnings <= 1);
	return noted.text;
}

static void an_axis_in_place_of_slots_may_have_1023(void **state)
{
	assert_string_equal(warning(PLAIN_SLOT("1023")), "");
	assert_string_equal(
		warning(PLAIN_SLOT("1024")),
		"axes.46..47: Linux makes slots of axis 47 (ABS_MT_SLOT), and "
		"does not accept a device with more than 1024");
}

/* Nobody takes it for a device whose contacts lack slots. */
static void axes_numbered_through_need_no_slots(void **state)
{
	assert_string_equal(warning(AXES("\"46\": {\"min\": 0, \"max\": 1}, "
					 "\"53\": {\"min\": 0, \"max\": 1}")),
			    "");
}

static void a_key_is_shown_as_it_is_written(void **state)
{
	static const char shown[] = "\x7e\xc2\x80\xdf\xbf\xe0\xa0\x80"
				    "\xef\xbf\xbf\xf0\x90\x80\x80"
				    "\xf4\x8f\xbf\xbf";
	char text[100], says[100];
	struct noted noted;

	snprintf(text, sizeof(text), "{\"%s\\u001f\\u007f\": 1}", shown);
	snprintf(says, sizeof(says), "unknown key \"%s??\"", shown);
	noted = refuse(text, strlen(text));
	assert_int_equal(strncmp(noted.text, says, strlen(says)), 0);
}

static void repeat_declares_both_of_its_codes(void **state)
{
	struct spec spec;

	read_well(&spec, "{\"name\": \"x\", \"repeat\": {\"delay\": 1, "
			 "\"period\": 2147483647}, " REST);
	assert_true(spec.has_repeat);
	assert_int_equal(spec.repeat_delay_ms, 1);
	assert_int_equal(spec.repeat_period_ms, INT32_MAX);
	assert_true(spec_has(&spec, EV_REP, REP_DELAY));
	assert_true(spec_has(&spec, EV_REP, REP_PERIOD));
}

static void an_axis_may_rest_at_its_ends(void **state)
{
	struct spec spec;

	read_well(&spec,
		  AXES("\"ABS_X\": {\"min\": 1, \"max\": 9, \"rest\": 1}, "
		       "\"ABS_Y\": {\"min\": 1, \"max\": 9, \"rest\": 9}"));
	assert_int_equal(spec.abs[ABS_X].rest, 1);
	assert_int_equal(spec.abs[ABS_Y].rest, 9);
}

static void ids_are_words_or_numbers(void **state)
{
	struct spec spec;

	read_well(&spec, "{\"name\": \"x\", \"ids\": {\"bustype\": \"0\", "
			 "\"vendor\": \"65535\", \"product\": \"0xffff\", "
			 "\"version\": 65535}, " REST);
	assert_int_equal(spec.ids.bustype, 0);
	assert_int_equal(spec.ids.vendor, 65535);
	assert_int_equal(spec.ids.product, 65535);
	assert_int_equal(spec.ids.version, 65535);
}

static void over_1_mib_is_refused(void **state)
{
	char *text = calloc(1, SPEC_TEXT_MAX + 1);
	struct noted noted;

	assert_non_null(text);
	noted = refuse(text, SPEC_TEXT_MAX + 1);
	assert_string_equal(noted.text, "the spec is longer than 1 MiB");
	assert_int_equal(noted.line, 0);
	free(text);
}

static void nesting_bomb_is_refused(void **state)
{
	char *text = malloc(SPEC_TEXT_MAX);
	struct noted noted;

	assert_non_null(text);
	memset(text, '[', SPEC_TEXT_MAX);
	noted = refuse(text, SPEC_TEXT_MAX);
	assert_int_equal(noted.column, 9);
	for (size_t i = 0; i + 5 <= SPEC_TEXT_MAX; i += 5)
		memcpy(text + i, "{\"\":\n", 5);
	noted = refuse(text, SPEC_TEXT_MAX);
	assert_int_equal(noted.line, 9);
	free(text);
}

static void brackets_in_strings_are_no_nesting(void **state)
{
	static const char text[] = "{\"name\": \"[[[[[[[[[[\\\"[[{{{{{\", "
				   "\"events\": {\"EV_SW\": [0]}}";
	struct noted noted = { 0 };
	struct spec spec;

	assert_int_equal(
		spec_read(&spec,
			  &(struct spec_text){ text, strlen(text), NULL, 0 },
			  note_diag, &noted),
		0);
	assert_int_equal(noted.warnings + noted.errors, 0);
}

static void text_needs_no_nul(void **state)
{
	static const char text[] = "{\"name\": \"x\", \"events\": {\"EV_SW\": "
				   "[0]}}garbage";
	struct noted noted = { 0 };
	struct spec spec;

	assert_int_equal(spec_read(&spec,
				   &(struct spec_text){ text, strlen(text) - 7,
							NULL, 0 },
				   note_diag, &noted),
			 0);
	assert_string_equal(spec.name, "x");
}

static void long_diagnostic_is_cut_between_characters(void **state)
{
	char text[4096] = "{\"name\": \"x\", \"", *p = text + strlen(text);
	struct noted noted;

	for (int i = 0; i < 1500; i++)
		p = stpcpy(p, "\xc3\xa9");
	strcpy(p, "\": 1}");
	noted = refuse(text, strlen(text));
	assert_non_null(strstr(noted.text, "unknown key \"\xc3\xa9\xc3\xa9"));
	assert_true(strlen(noted.text) < 600);
}

/* Return: whether s is UTF-8 without control characters. */
static int is_clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return 0;
	return 1;
}

/* Change, cut out or double some bytes; always the same ones. */
static size_t mutate(char *text, size_t len, uint32_t *seed)
{
	static const char bytes[] = "{}[]\",:%\\u0-9eE\"AB_\xff\x80 \n";

	for (int i = 0; i < 3 && len > 0; i++) {
		size_t at, n;

		*seed = *seed * 1664525u + 1013904223u;
		at = (*seed >> 8) % len;
		n = (*seed >> 4) % 9 % (len - at);
		switch (*seed >> 30) {
		case 0:
			memmove(text + at, text + at + n, len - at - n);
			len -= n;
			break;
		case 1:
			memmove(text + at + n, text + at, len - at);
			len += n;
			break;
		default:
			text[at] = bytes[(*seed >> 12) % (sizeof(bytes) - 1)];
		}
	}
	return len;
}

/* Any text is read or refused with one error that has a place in it. */
static void broken_text_is_read_or_refused(void **state)
{
	const char *path = *state;
	size_t len, mutant_len;
	char *text = read_file(path, &len);
	char *mutant = malloc(len + 64);
	uint32_t seed = 1;

	assert_non_null(mutant);
	for (int i = 0; i < 200; i++) {
		struct noted noted = { 0 };
		struct spec spec;
		int rc;

		memcpy(mutant, text, len);
		mutant_len = mutate(mutant, len, &seed);
		rc = spec_read(
			&spec,
			&(struct spec_text){ text_at_brink(mutant, mutant_len),
					     mutant_len, NULL, 0 },
			note_diag, &noted);
		assert_int_equal(noted.errors, rc == SPEC_E_INVALID);
		assert_true(rc == 0 || rc == SPEC_E_INVALID);
		assert_true(is_clean(noted.text));
		assert_true(rc == 0 || noted.line > 0);
		assert_true(noted.column <= mutant_len + 1);
	}
	free(mutant);
	free(text);
}

static void set_name_takes_63_bytes(void **state)
{
	char name[65];
	struct spec spec = { .name = "old" };
	const char *why = NULL;

	memset(name, 'x', 64);
	name[64] = '\0';
	assert_int_equal(spec_set_name(&spec, name, &why), SPEC_E_INVALID);
	assert_string_equal(why, "is longer than 63 bytes");
	assert_string_equal(spec.name, "old");
	name[63] = '\0';
	assert_int_equal(spec_set_name(&spec, name, &why), 0);
	assert_string_equal(spec.name, name);
}

static void set_name_refuses_what_a_spec_may_not_have(void **state)
{
	static const char *const bad[][2] = {
		{ "", "must not be empty" },
		{ "a\tb", "contains a control character" },
		{ "\xff", "is not UTF-8" },
		{ "\xed\xa0\x80", "is not UTF-8" }, /* a surrogate */
	};
	struct spec spec = { .name = "old" };
	const char *why;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(spec_set_name(&spec, bad[i][0], &why),
				 SPEC_E_INVALID);
		assert_string_equal(why, bad[i][1]);
	}
	assert_string_equal(spec.name, "old");
}

static void set_serial_may_be_empty(void **state)
{
	struct spec spec = { .serial = "old" };
	const char *why;

	assert_int_equal(spec_set_serial(&spec, "", &why), 0);
	assert_string_equal(spec.serial, "");
}

/* One test a file, named after it. */
static void file_tests(const glob_t *files, CMUnitTestFunction fn,
		       struct CMUnitTest *tests)
{
	for (size_t i = 0; i < files->gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = files->gl_pathv[i] + strlen(DIR),
			.test_func = fn,
			.initial_state = files->gl_pathv[i],
		};
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_has_one_error),
		cmocka_unit_test(an_axis_in_place_of_slots_may_have_1023),
		cmocka_unit_test(axes_numbered_through_need_no_slots),
		cmocka_unit_test(a_key_is_shown_as_it_is_written),
		cmocka_unit_test(repeat_declares_both_of_its_codes),
		cmocka_unit_test(an_axis_may_rest_at_its_ends),
		cmocka_unit_test(ids_are_words_or_numbers),
		cmocka_unit_test(over_1_mib_is_refused),
		cmocka_unit_test(nesting_bomb_is_refused),
		cmocka_unit_test(brackets_in_strings_are_no_nesting),
		cmocka_unit_test(text_needs_no_nul),
		cmocka_unit_test(long_diagnostic_is_cut_between_characters),
		cmocka_unit_test(set_name_takes_63_bytes),
		cmocka_unit_test(set_name_refuses_what_a_spec_may_not_have),
		cmocka_unit_test(set_serial_may_be_empty),
	};
	struct CMUnitTest *of_files;
	glob_t files, good;
	int failed;

	if (glob(DIR "bad/*.json", 0, NULL, &files) ||
	    glob(DIR "good/*.json", GLOB_APPEND, NULL, &files) ||
	    glob(DIR "good/*.json", 0, NULL, &good)) {
		fprintf(stderr, DIR ": no files, run this from the top\n");
		return 1;
	}
	of_files = calloc(files.gl_pathc, sizeof(*of_files));
	file_tests(&files, file_reads_as_wanted, of_files);
	failed = _cmocka_run_group_tests("files", of_files, files.gl_pathc,
					 NULL, NULL);
	file_tests(&good, broken_text_is_read_or_refused, of_files);
	failed += _cmocka_run_group_tests("broken files", of_files,
					  good.gl_pathc, NULL, NULL);
	free(of_files);
	globfree(&good);
	globfree(&files);
	return failed + cmocka_run_group_tests(tests, NULL, NULL);
}

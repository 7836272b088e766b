/* SPDX-License-Identifier: Apache-2.0 */
/* spec-template.h: placeholders and the way back from their values. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/spec/spec-template.h"
#include "tests/lib/brink.h"
#include "tests/lib/check.h"

static const struct spec_set sets[] = {
	{ "A", "one" },
	{ "B_2", "" },
};

static struct template t;
static const char *filled; /* the text that is filled in */

static int fill(const char *text, const struct spec_set *set, size_t n_sets,
		struct template_fault *fault)
{
	const size_t len = strlen(text);
	const struct spec_text given = { filled = text_at_brink(text, len), len,
					 set, n_sets };

	return template_fill(&t, &given, fault);
}

/* Each set must have a placeholder, so both are put in front. */
static void assert_fills(const char *text, const char *want)
{
	struct template_fault fault;
	char all[256] = "%A%%B_2%";

	strcat(all, text);
	assert_int_equal(fill(all, sets, 2, &fault), 0);
	assert_memory_equal(t.text, "one", 3);
	assert_string_equal(t.text + 3, want);
	assert_int_equal(t.len, 3 + strlen(want));
	template_fini(&t);
}

static void placeholders_are_filled_in(void **state)
{
	assert_fills("<%A%>", "<one>");
	assert_fills("%A%%A%%B_2%.", "oneone.");
	assert_fills("%A=default%", "one");
	assert_fills("%C-1=10% %C-9=3% %C-1=0%", "9 -6 -1");
	assert_fills("%C-1=ten% %C-1=% %C-1=12345678901%", "ten  12345678901");
	assert_fills("%C-0% %C-10% %C-% %C-1", "%C-0% %C-10% %C-% %C-1");
	assert_fills("%C=default%%C=%", "default");
	assert_fills("%C=a {b}=c%", "a {b}=c");
	assert_fills("%AZ09_=a%%ZA90=b%", "ab");
	assert_fills("%C-1=1234567890%", "1234567889");
}

static void other_per_cent_signs_stay(void **state)
{
	static const char *const plain[] = {
		"100%",	  "50% A%", "%%",	   "%a%",  "%1A%",
		"%_A%",	  "%A B%",  "%A",	   "%A=x", "%A=x\n%",
		"%A=\"%", "%=x%",   "%A\xc3\xa9%", "5%%",
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_fills(plain[i], plain[i]);
	assert_fills("%%A%", "%one");
	assert_fills("%A%A%", "oneA%");
}

static void fault(const char *text, const struct spec_set *set, size_t n_sets,
		  const char *want, const char *at)
{
	struct template_fault f;

	assert_int_equal(fill(text, set, n_sets, &f), SPEC_E_INVALID);
	assert_string_equal(f.text, want);
	assert_ptr_equal(f.at, at ? filled + (strstr(text, at) - text) : NULL);
	template_fini(&t);
}

static void unfilled_placeholder_is_a_fault_at_its_place(void **state)
{
	fault("x %A=1% %WIDTH% %HEIGHT%", NULL, 0,
	      "placeholder %WIDTH% has no value: use --set WIDTH=VALUE",
	      "%WIDTH%");
	fault("%A=1% %A%", NULL, 0,
	      "placeholder %A% has no value: use --set A=VALUE", "%A%");
}

static void set_without_placeholder_names_those_there_are(void **state)
{
	const struct spec_set set = { "WDTH", "1" };

	fault("%WIDTH% %HEIGHT=1% %WIDTH%", &set, 1,
	      "--set WDTH: no such placeholder; the spec has WIDTH, HEIGHT",
	      NULL);
	fault("%A%", (const struct spec_set[]){ { "A", "1" }, { "B", "1" } }, 2,
	      "--set B: no such placeholder; the spec has A", NULL);
	fault("", &set, 1, "--set WDTH: no such placeholder; the spec has none",
	      NULL);
}

static void list_of_placeholders_is_cut(void **state)
{
	const struct spec_set set = { "X", "1" };
	struct template_fault f;
	char text[64 * 64], *p = text;

	for (int i = 0; i < 64; i++)
		p += sprintf(p, "%%A_LONG_NAME_FOR_A_PLACEHOLDER_%d=%%", i);
	assert_int_equal(fill(text, &set, 1, &f), SPEC_E_INVALID);
	assert_num(strlen(f.text), sizeof(f.text) - 1);
	template_fini(&t);
}

static void last_set_of_a_name_counts(void **state)
{
	const struct spec_set twice[] = { { "A", "1" }, { "A", "22" } };
	struct template_fault f;

	assert_int_equal(fill("%A%", twice, 2, &f), 0);
	assert_string_equal(t.text, "22");
	template_fini(&t);
}

static void filled_text_over_1_mib_is_a_fault(void **state)
{
	static char value[SPEC_TEXT_MAX / 2];
	const struct spec_set set = { "A", value };
	struct template_fault f;

	memset(value, 'x', sizeof(value) - 1);
	assert_int_equal(fill("%A%%A%", &set, 1, &f), 0);
	template_fini(&t);
	assert_int_equal(fill("%A%%A%%A%", &set, 1, &f), SPEC_E_INVALID);
	assert_string_equal(f.text, "with placeholders replaced the spec is "
				    "longer than 1048576 bytes");
	assert_null(f.at);
	template_fini(&t);
}

/* The last placeholder's value begins where the text must end. */
static void filled_text_of_1_mib_is_none(void **state)
{
	char *value = calloc(1, SPEC_TEXT_MAX + 2);
	const struct spec_set set = { "A", value };
	const struct template_hole *hole;
	struct template_fault f;

	assert_non_null(value);
	memset(value, 'x', SPEC_TEXT_MAX);
	assert_ok(fill("%A%%B=%", &set, 1, &f));
	assert_num(t.len, SPEC_TEXT_MAX);
	template_origin(&t, SPEC_TEXT_MAX - 1, &hole);
	assert_ptr_equal(hole, &t.holes[0]);
	template_fini(&t);
	value[SPEC_TEXT_MAX] = 'x';
	assert_num(fill("%A%%B=%", &set, 1, &f), SPEC_E_INVALID);
	template_fini(&t);
	free(value);
}

static void bytes_of_values_come_from_their_placeholder(void **state)
{
	/* filled: ab one cd, then an empty value, ef */
	static const char text[] = "ab%A%cd%B_2%ef";
	static const struct {
		size_t at, from;
		const char *hole;
	} want[] = {
		{ 0, 0, NULL },	 { 1, 1, NULL },  { 2, 2, "A" },
		{ 4, 2, "A" },	 { 5, 5, NULL },  { 6, 6, NULL },
		{ 7, 12, NULL }, { 8, 13, NULL }, { 9, 14, NULL },
	};
	const struct template_hole *hole;
	struct template_fault f;

	assert_int_equal(fill(text, sets, 2, &f), 0);
	assert_string_equal(t.text, "abonecdef");
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_ptr_equal(template_origin(&t, want[i].at, &hole),
				 filled + want[i].from);
		assert_int_equal(hole != NULL, want[i].hole != NULL);
	}
	template_fini(&t);
	template_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(placeholders_are_filled_in),
		cmocka_unit_test(other_per_cent_signs_stay),
		cmocka_unit_test(unfilled_placeholder_is_a_fault_at_its_place),
		cmocka_unit_test(set_without_placeholder_names_those_there_are),
		cmocka_unit_test(list_of_placeholders_is_cut),
		cmocka_unit_test(last_set_of_a_name_counts),
		cmocka_unit_test(filled_text_over_1_mib_is_a_fault),
		cmocka_unit_test(filled_text_of_1_mib_is_none),
		cmocka_unit_test(bytes_of_values_come_from_their_placeholder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

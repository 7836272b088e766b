/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make-shipped.c: what it writes of tests/data/spec/good, since those of specs/
 * leave many members of a spec as they are. This is linked with a table of
 * these in place of the program's.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "input/spec/spec-read.h"
#include "input/spec/spec-shipped.h"
#include "tests/lib/spec-equal.h"

static char text[65536];

static size_t read_text(const char *path)
{
	FILE *in = fopen(path, "r");
	size_t len;

	if (!in)
		fail_msg("%s: cannot be opened; run this from the top", path);
	len = fread(text, 1, sizeof(text), in);
	assert_true(len < sizeof(text));
	fclose(in);
	return len;
}

static void count_diag(void *arg, const struct spec_diag *diag)
{
	(*(unsigned int *)arg)++;
}

/* Return: whether it is known, which is what is read without a word. */
static bool is_known_as_it_is_read(const char *path)
{
	const size_t len = read_text(path);
	const struct spec *known = spec_shipped_find(text, len);
	unsigned int n_diags = 0;
	struct spec spec;
	const int rc = spec_read(&spec, &(struct spec_text){ text, len },
				 count_diag, &n_diags);

	if ((rc || n_diags) != !known)
		fail_msg("%s: %s", path, known ? "known" : "unknown");
	if (known)
		spec_expect_equal(known, &spec);
	return known;
}

static void a_spec_is_written_as_it_is_read(void **state)
{
	size_t n_known = 0;
	glob_t files;

	assert_int_equal(glob("tests/data/spec/good/*.json", 0, NULL, &files),
			 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		n_known += is_known_as_it_is_read(files.gl_pathv[i]);
	/* Others need --set, or are warned of. */
	assert_in_range(n_known, 1, files.gl_pathc - 2);
	globfree(&files);
}

static void a_spec_of_every_member_is_among_them(void **state)
{
	assert_true(
		is_known_as_it_is_read("tests/data/spec/good/constant.json"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_is_written_as_it_is_read),
		cmocka_unit_test(a_spec_of_every_member_is_among_them),
	};

	return cmocka_run_group_tests_name("make-shipped", tests, NULL, NULL);
}

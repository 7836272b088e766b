/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "input/base/cmdline.h"
#include "input/base/container.h"
#include "tests/lib/check.h"

struct parser {
	struct cmdline line;
	const char *wait, *dir;
};

static int take_wait(struct cmdline *c, char *value)
{
	container_of(c, struct parser, line)->wait = value;
	return 0;
}

static int take_dir(struct cmdline *c, char *value)
{
	container_of(c, struct parser, line)->dir = value;
	return 0;
}

static int take_help(struct cmdline *c, char *value)
{
	return 1;
}

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "wait", "[TIME]", "wait", take_wait },
	{ "dir", "DIR", "directory", take_dir },
	{ "help", NULL, "print this and exit", take_help },
};

static const struct {
	const char *word[4];
	const char *wait, *dir;
	const char *why; /* NULL: it is valid */
} cases[] = {
	{ { "--wait=1s" }, "1s", NULL, NULL },
	{ { "--wait" }, "", NULL, NULL },
	/* What follows without a '=' is not its value. */
	{ { "--wait", "1s" }, "", NULL, NULL },
	{ { "--dir=x", "--wait" }, "", "x", NULL },
	{ { "--dir", "x" }, NULL, "x", NULL },
	{ { "--dir" }, NULL, NULL, "--dir needs a value" },
	{ { "--wiat" },
	  NULL,
	  NULL,
	  "unknown option --wiat; did you mean --wait?" },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void a_value_may_be_optional(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[256] = "", words[4][32] = { "program" };
		char *argv[5] = { words[0] };
		struct parser p = { .line = { .rows = rows,
					      .n_ids = 4,
					      .argc = 1,
					      .argv = argv,
					      .stop_at_word = true,
					      .why = why } };

		for (; cases[i].word[p.line.argc - 1]; p.line.argc++) {
			argv[p.line.argc] = words[p.line.argc];
			strcpy(words[p.line.argc],
			       cases[i].word[p.line.argc - 1]);
		}
		cmdline_start(&p.line);
		assert_num(cmdline_take(&p.line), cases[i].why ? -EINVAL : 0);
		assert_string_equal(why, cases[i].why ? cases[i].why : "");
		if (cases[i].why)
			continue;
		if (!same(p.wait, cases[i].wait) || !same(p.dir, cases[i].dir))
			fail_msg("case %zu: %s, %s", i, p.wait, p.dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_be_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

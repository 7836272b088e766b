/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
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

static const struct cmdline_option wordy[] = {
	{ 0 },
	{ "wait", "[TIME]", "wait", take_wait },
	{ "dir", "DIRECTORY-OF-19-LTR", "one space", take_dir },
	{ "dir", "DIRECTORY-OF-20-LTRS", "two spaces", take_dir },
	{ "help", NULL,
	  "print this, which is long enough that it does not fit into the rest "
	  "of one line, and exit",
	  take_help },
};

static void help_has_two_columns(void **state)
{
	const int out = dup(STDOUT_FILENO), to = memfd_create("help", 0);
	char text[1024] = "";

	assert_sys(out);
	assert_sys(to);
	fflush(stdout);
	assert_sys(dup2(to, STDOUT_FILENO));
	cmdline_help(wordy, ARRAY_LEN(wordy), 28);
	fflush(stdout);
	assert_sys(dup2(out, STDOUT_FILENO));
	close(out);
	assert_sys(pread(to, text, sizeof(text) - 1, 0));
	close(to);
	assert_string_equal(
		text, "  --wait[=TIME]             wait\n"
		      "  --dir=DIRECTORY-OF-19-LTR one space\n"
		      "  --dir=DIRECTORY-OF-20-LTRS  two spaces\n"
		      "  --help, -h                "
		      "print this, which is long enough that it does not\n"
		      "                            "
		      "fit into the rest of one line, and exit\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_be_optional),
		cmocka_unit_test(help_has_two_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

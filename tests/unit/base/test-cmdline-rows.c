/* SPDX-License-Identifier: Apache-2.0 */
/* Rows whose value goes to a member of the options. */
#include <errno.h>
#include <string.h>
#include "input/base/cmdline-value.h"
#include "tests/lib/check.h"

enum mode {
	RUN,
	CHECK,
	HELP
};

struct options {
	const char *dir;
	bool all;
	enum mode mode;
	int fd;
	enum log_level level;
	double seconds;
};

static const struct cmdline_option rows[] = {
	{ 0 },
	{ "dir", "DIR", "directory", CMDLINE_TEXT(struct options, dir) },
	{ "all", NULL, "all", CMDLINE_FLAG(struct options, all) },
	{ "check", NULL, "check", CMDLINE_ENUM(struct options, mode, CHECK) },
	{ "fd", "N", "fd", CMDLINE_FD(struct options, fd) },
	{ "ready-fd", "N", "fd", CMDLINE_READY_FD(struct options, fd) },
	{ "level", "LEVEL", "level", CMDLINE_LEVEL(struct options, level) },
	{ "time", "SECONDS", "time",
	  CMDLINE_SECONDS(struct options, seconds, 60) },
	{ "help", NULL, "print this and exit",
	  CMDLINE_LAST(struct options, mode, HELP) },
};

/* Return: as cmdline_take(), of the program's name and these words. */
static int take(struct options *o, const char *const *word, char why[256])
{
	static char words[6][32] = { "program" }; /* the options point there */
	char *argv[7] = { words[0] };
	struct cmdline line = { .rows = rows,
				.n_ids = ARRAY_LEN(rows),
				.argc = 1,
				.argv = argv,
				.stop_at_word = true,
				.why = why,
				.options = o };

	for (; word[line.argc - 1]; line.argc++) {
		argv[line.argc] = words[line.argc];
		strcpy(words[line.argc], word[line.argc - 1]);
	}
	cmdline_start(&line);
	return cmdline_take(&line);
}

static void rows_set_members(void **state)
{
	const char *const word[] = { "--dir=x",	      "--all",	    "--check",
				     "--level=debug", "--time=1.5", NULL };
	struct options o = { 0 };
	char why[256];

	assert_num(take(&o, word, why), 0);
	assert_string_equal(o.dir, "x");
	assert_true(o.all);
	assert_num(o.mode, CHECK);
	assert_num(o.level, LOG_DEBUG);
	assert_true(o.seconds == 1.5);
}

static void last_row_ends_the_options(void **state)
{
	const char *const word[] = { "--help", "--all", "--wrong", NULL };
	struct options o = { 0 };
	char why[256];

	assert_num(take(&o, word, why), 1);
	assert_num(o.mode, HELP);
	assert_false(o.all);
}

static void fds_are_checked(void **state)
{
	static const struct {
		const char *word[2], *why;
		int fd;
	} fds[] = {
		{ { "--fd=0" }, NULL, 0 },
		{ { "--ready-fd=1" }, NULL, 1 },
		{ { "--fd=99" }, "--fd=99: no such fd was inherited", 0 },
		{ { "--ready-fd=2" },
		  "--ready-fd=2: must not be standard error, which is "
		  "the log's",
		  0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		struct options o = { .fd = -1 };
		char why[256] = "";

		assert_num(take(&o, fds[i].word, why),
			   fds[i].why ? -EINVAL : 0);
		if (fds[i].why)
			assert_string_equal(why, fds[i].why);
		else
			assert_num(o.fd, fds[i].fd);
	}
}

static void seconds_have_the_limit_of_their_row(void **state)
{
	const char *const most[] = { "--time=60", NULL };
	const char *const more[] = { "--time=60.5", NULL };
	struct options o = { 0 };
	char why[256];

	assert_num(take(&o, most, why), 0);
	assert_true(o.seconds == 60);
	assert_num(take(&o, more, why), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_set_members),
		cmocka_unit_test(last_row_ends_the_options),
		cmocka_unit_test(fds_are_checked),
		cmocka_unit_test(seconds_have_the_limit_of_their_row),
	};

	return cmocka_run_group_tests_name("cmdline-rows", tests, NULL, NULL);
}

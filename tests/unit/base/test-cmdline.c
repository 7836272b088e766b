/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "input/base/cmdline-value.h"
#include "input/base/container.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

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
	{ "to", "PLACE", "a place", take_dir },
	{ "beyond", NULL, "the row after the last one", take_help },
};

#define N_IDS	 ((int)ARRAY_LEN(rows) - 1)
#define CHARS_39 "--a23456789b123456789c123456789d1234567"

static const struct {
	const char *word[5];
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
	{ { "--dri=x" },
	  NULL,
	  NULL,
	  "unknown option --dri; did you mean --dir?" },
	{ { "--dir=x", "--nothing", "x" },
	  NULL,
	  NULL,
	  "unknown option --nothing; see --help" },
	{ { "--beyond" }, NULL, NULL, "unknown option --beyond; see --help" },
	{ { "--help=x" }, NULL, NULL, "--help takes no value" },
	{ { "--dir=x", "--to" }, NULL, NULL, "--to needs a value" },
	/* One letter is no mistyped word; more are. */
	{ { "-t" }, NULL, NULL, "unknown option -t; see --help" },
	{ { "-t", "--dir=x" }, NULL, NULL, "unknown option -t; see --help" },
	{ { "-to" }, NULL, NULL, "unknown option -to; did you mean --to?" },
	{ { "--wait", "-wx", "x" },
	  NULL,
	  NULL,
	  "unknown option -wx; see --help" },
	{ { "--dir", "t", "-to", "x" },
	  NULL,
	  NULL,
	  "unknown option -to; did you mean --to?" },
	/* The first of the two bytes of a letter. */
	{ { "--dir", "t", "-é", "x" },
	  NULL,
	  NULL,
	  "unknown option -é; see --help" },
	{ { "-4" }, NULL, NULL, "unknown option -4; see --help" },
	{ { CHARS_39 }, NULL, NULL, "unknown option " CHARS_39 "; see --help" },
	{ { CHARS_39 "x" },
	  NULL,
	  NULL,
	  "unknown option " CHARS_39 "; see --help" },
	{ { CHARS_39 "xy" },
	  NULL,
	  NULL,
	  "unknown option " CHARS_39 "; see --help" },
};

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Return: a line of these words, which is parsed. */
static struct parser *parse(char why[256], char **argv)
{
	static struct parser p;

	memset(&p.line, GARBAGE, sizeof(p.line));
	p.wait = p.dir = NULL;
	p.line.rows = rows;
	p.line.n_ids = N_IDS;
	p.line.argv = argv;
	for (p.line.argc = 0; argv[p.line.argc];)
		p.line.argc++;
	p.line.stop_at_word = true;
	p.line.why = why;
	opterr = 1;
	cmdline_start(&p.line);
	assert_num(opterr, 0);
	return &p;
}

static void a_value_may_be_optional(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char why[256] = "", words[ARRAY_LEN(cases[i].word)][48];
		char *argv[ARRAY_LEN(words) + 2] = { (char[]){ "program" } };

		for (size_t n = 0; cases[i].word[n]; n++)
			argv[n + 1] = strcpy(words[n], cases[i].word[n]);
		struct parser *p = parse(why, argv);
		assert_num(cmdline_take(&p->line), cases[i].why ? -EINVAL : 0);
		assert_string_equal(why, cases[i].why ? cases[i].why : "");
		if (cases[i].why)
			continue;
		if (!same(p->wait, cases[i].wait) ||
		    !same(p->dir, cases[i].dir))
			fail_msg("case %zu: %s, %s", i, p->wait, p->dir);
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
	{ "fit", NULL, "so long that it just fits into the rest of one line",
	  take_help },
	{ "three-and-of-a-long-name", NULL,
	  "a text that is so long that it does not even fit into two lines, "
	  "since it is even longer than one is of any use",
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
		      "fit into the rest of one line, and exit\n"
		      "  --fit                     "
		      "so long that it just fits into the rest of one line\n"
		      "  --three-and-of-a-long-name  "
		      "a text that is so long that it does not even fit\n"
		      "                            "
		      "into two lines, since it is even longer than one is\n"
		      "                            of any use\n");
}

static void given_is_what_was_given_last(void **state)
{
	char why[256], *words[] = { (char[]){ "program" },
				    (char[]){ "--dir=x" },
				    (char[]){ "--dir=y" },
				    (char[]){ "--wait" },
				    (char[]){ "word" },
				    (char[]){ "--to=z" },
				    NULL };
	struct parser *p = parse(why, words);

	assert_ok(cmdline_take(&p->line));
	assert_num(optind, 4);
	assert_string_equal(cmdline_given(&p->line, "dir"), "y");
	assert_string_equal(cmdline_given(&p->line, "wait"), "");
	assert_null(cmdline_given(&p->line, "to"));
	assert_null(cmdline_given(&p->line, "help"));
}

static void options_may_follow_words(void **state)
{
	char why[256], *words[] = { (char[]){ "program" }, (char[]){ "word" },
				    (char[]){ "--dir=x" }, NULL };
	struct parser *p = parse(why, words);

	p->line.stop_at_word = false;
	assert_ok(cmdline_take(&p->line));
	assert_string_equal(cmdline_given(&p->line, "dir"), "x");
	assert_num(optind, 2);
}

static void h_is_help_and_ends_the_options(void **state)
{
	char why[256], *words[] = { (char[]){ "program" }, (char[]){ "-hx" },
				    (char[]){ "--nothing" }, NULL };
	struct parser *p = parse(why, words);

	assert_num(cmdline_take(&p->line), 1);
	assert_string_equal(cmdline_given(&p->line, "help"), "");
	assert_string_equal(p->line.taken->name, "help");
}

static void what_follows_h_is_shown_with_it(void **state)
{
	char why[256],
		*words[] = { (char[]){ "program" }, (char[]){ "-hx" }, NULL };
	struct parser *p = parse(why, words);

	assert_num(cmdline_take(&p->line), 1);
	assert_rc(cmdline_next(&p->line), -ENOENT);
	assert_string_equal(p->line.culprit, "-hx");
}

/* --- values --- */

static struct cmdline value_line(char why[256])
{
	*why = '\0';
	return (struct cmdline){ .why = why, .taken = &rows[2] };
}

static void a_number_has_limits(void **state)
{
	static const struct {
		const char *text;
		int is;
	} numbers[] = {
		{ "1", -EINVAL }, { "2", 2 },	    { "3", 3 },
		{ "4", 4 },	  { "5", -EINVAL }, { "x", -EINVAL },
	};
	char why[256];
	struct cmdline c = value_line(why);

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		assert_rc(cmdline_value_number(&c, numbers[i].text, 2, 4),
			  numbers[i].is);
	assert_string_equal(why, "--dir=x: must be a number from 2 to 4");
}

static void what_a_value_must_be_is_said(void **state)
{
	static const char *const words[] = { "one", "two", NULL };
	enum log_level level;
	double seconds;
	char why[256];
	struct cmdline c = value_line(why);
	mode_t mode;
	uid_t uid;
	gid_t gid;

	assert_rc(cmdline_value_word(&c, "three", words, "one or two"),
		  -EINVAL);
	assert_string_equal(why, "--dir=three: must be one or two");
	assert_rc(cmdline_value_seconds(&c, "1s", 9, &seconds), -EINVAL);
	assert_string_equal(why, "--dir=1s: must be seconds, such as 2.5");
	assert_rc(cmdline_value_mode(&c, "1000", &mode), -EINVAL);
	assert_string_equal(why,
			    "--dir=1000: must be an octal mode, such as 0660");
	assert_rc(cmdline_value_level(&c, "all", &level), -EINVAL);
	assert_string_equal(why, "--dir=all: must be off, error, warning, "
				 "info, debug or trace");
	assert_rc(cmdline_value_user(&c, "no:one", &uid, &gid), -EINVAL);
	assert_string_equal(why, "--dir=no:one: no such user");
	assert_rc(cmdline_value_group(&c, "no:one", &gid), -EINVAL);
	assert_string_equal(why, "--dir=no:one: no such group");
}

static void a_value_is_read(void **state)
{
	static const char *const words[] = { "one", "two", NULL };
	enum log_level level;
	double seconds;
	char why[256];
	struct cmdline c = value_line(why);
	mode_t mode;
	uid_t uid;
	gid_t gid;

	assert_num(cmdline_value_word(&c, "one", words, ""), 0);
	assert_num(cmdline_value_word(&c, "two", words, ""), 1);
	assert_ok(cmdline_value_seconds(&c, "2.5", 9, &seconds));
	assert_true(seconds == 2.5);
	assert_ok(cmdline_value_mode(&c, "0", &mode));
	assert_num(mode, 0);
	assert_ok(cmdline_value_mode(&c, "777", &mode));
	assert_num(mode, 0777);
	assert_ok(cmdline_value_level(&c, "debug", &level));
	assert_num(level, LOG_DEBUG);
	assert_ok(cmdline_value_user(&c, "4242", &uid, &gid));
	assert_num(uid, 4242);
	assert_ok(cmdline_value_group(&c, "4242", &gid));
	assert_num(gid, 4242);
	assert_string_equal(why, "");
}

static void an_fd_must_be_open(void **state)
{
	char why[256];
	struct cmdline c = value_line(why);
	int fd;

	assert_ok(cmdline_value_fd(&c, "0", &fd));
	assert_num(fd, 0);
	assert_ok(cmdline_value_ready_fd(&c, "1", &fd));
	assert_num(fd, 1);
	assert_string_equal(why, "");
	assert_rc(cmdline_value_fd(&c, "1000", &fd), -EINVAL);
	assert_string_equal(why, "--dir=1000: no such fd was inherited");
	assert_rc(cmdline_value_ready_fd(&c, "-1", &fd), -EINVAL);
	assert_string_equal(why,
			    "--dir=-1: must be a number from 0 to 2147483647");
	assert_rc(cmdline_value_ready_fd(&c, "2", &fd), -EINVAL);
	assert_string_equal(why, "--dir=2: must not be standard error, which "
				 "is the log's");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_may_be_optional),
		cmocka_unit_test(help_has_two_columns),
		cmocka_unit_test(given_is_what_was_given_last),
		cmocka_unit_test(options_may_follow_words),
		cmocka_unit_test(h_is_help_and_ends_the_options),
		cmocka_unit_test(what_follows_h_is_shown_with_it),
		cmocka_unit_test(a_number_has_limits),
		cmocka_unit_test(what_a_value_must_be_is_said),
		cmocka_unit_test(a_value_is_read),
		cmocka_unit_test(an_fd_must_be_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

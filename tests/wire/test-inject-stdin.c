/* SPDX-License-Identifier: Apache-2.0 */
/* What vinput-inject reads from its standard input: commands, and text. */
#include <fcntl.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/inject-once.h"

static void standard_input_has_a_name_in_errors(void **state)
{
	static const struct {
		const char *line;
		int status;
	} rows[] = { { "--dry-run play -", 2 },
		     { "--dry-run -", 2 },
		     { "record -", 1 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const int folder = open("/", O_RDONLY | O_CLOEXEC);
		struct process p;

		assert_sys(folder);
		process_init(&p, "vinput-inject");
		process_capture(&p);
		p.in = folder;
		inject_add_words(&p, rows[i].line);
		process_start(&p);
		close(folder);
		assert_num(process_wait(&p), rows[i].status);
		assert_string_equal(p.err.text,
				    "vinput-inject: standard input: Is a "
				    "directory\n");
		process_fini(&p);
	}
}

static void commands_are_read_from_stdin_line_by_line(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -",
				 "# first\n"
				 "key a --hold=10\n"
				 "\n"
				 "type 'b c' --delay=0 then sleep 1s\n"
				 "@mouse move 1 2\n"
				 "move 3 4"),
		   0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.010000 KEY_A=0\n"
				 "0.010000 KEY_B=1\n0.010000 KEY_B=0\n"
				 "0.010000 KEY_SPACE=1\n0.010000 KEY_SPACE=0\n"
				 "0.010000 KEY_C=1\n0.010000 KEY_C=0\n"
				 "# mouse\n"
				 "1.010000 REL_X=1 REL_Y=2\n"
				 "1.010000 REL_X=3 REL_Y=4\n");
	process_fini(&p);
}

static void a_bad_line_ends_it_after_the_lines_before(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -",
				 "key a --hold=0\nkye b\nkey c\n"),
		   2);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n");
	assert_string_equal(p.err.text,
			    "vinput-inject: line 2: unknown command "
			    "kye; did you mean key?\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "type 'a\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: line 1: unterminated '\n");
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run -", "paste\n"), 2);
	assert_string_equal(p.err.text,
			    "vinput-inject: line 1: paste: standard "
			    "input is already in use\n");
	process_fini(&p);
}

#define BOM "\xef\xbb\xbf"

static void a_byte_order_mark_on_stdin_is_skipped(void **state)
{
	static const char due[] = HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n";
	struct process p;

	assert_num(run_with_text(&p, "--dry-run -", BOM "key a --hold=0\n"), 0);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
	assert_num(run_with_text(&p, "--dry-run paste --delay=0", BOM "a"), 0);
	assert_string_equal(process_stdout(&p), due);
	process_fini(&p);
	/* Elsewhere it is a character like any other. */
	assert_num(run_with_text(&p, "--dry-run -", "\n" BOM "key a\n"), 2);
	process_fini(&p);
}

static void stdin_is_pasted(void **state)
{
	struct process p;

	assert_num(run_with_text(&p, "--dry-run paste --delay=0", "a\r\nb"), 0);
	assert_string_equal(process_stdout(&p),
			    HEAD "0.000000 KEY_A=1\n0.000000 KEY_A=0\n"
				 "0.000000 KEY_ENTER=1\n0.000000 KEY_ENTER=0\n"
				 "0.000000 KEY_B=1\n0.000000 KEY_B=0\n");
	process_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(standard_input_has_a_name_in_errors),
		cmocka_unit_test(commands_are_read_from_stdin_line_by_line),
		cmocka_unit_test(a_bad_line_ends_it_after_the_lines_before),
		cmocka_unit_test(a_byte_order_mark_on_stdin_is_skipped),
		cmocka_unit_test(stdin_is_pasted),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

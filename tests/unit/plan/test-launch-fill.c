/* SPDX-License-Identifier: Apache-2.0 */
/* launch-fill.h: placeholders in the streamer's words, and its environment. */
#include <errno.h>
#include <string.h>
#include "injector/plan/launch-fill.h"
#include "tests/lib/args-text.h"

#define LABEL_32 "abcdefghijklmnopqrstuvwxyz012345"

static const struct launch_fds fds = {
	.label = { "touch_10", "touch_2", "keyboard", "a-b", "touch_x",
		   "letter7", LABEL_32 },
	.fd = { 10, 2, 5, 6, 9, 7, 11 },
	.n = 7,
};

struct fill {
	const char *name, *word;
	const char *filled; /* or why not */
};

static const struct fill fills[] = {
	{ "fd_is_filled_in", "--k={keyboard_fd}", "--k=5" },
	{ "two_fds_in_a_word_are_filled_in", "{keyboard_fd}{a-b_fd}", "56" },
	{ "touch_fds_come_by_their_numbers", "{touch_fds}", "2,10" },
	{ "touch_fd_of_one_is_filled_in", "{touch_2_fd},", "2," },
	{ "folder_is_filled_in", "{dir}/x", "/d/x" },
	{ "json_stays", "{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 1}}" },
	{ "other_names_in_braces_stay", "{x} {fd} {} {", "{x} {fd} {} {" },
	{ "names_like_ours_stay", "{dirx} {abc} {_fd} {touch_fdx}",
	  "{dirx} {abc} {_fd} {touch_fdx}" },
	{ "fd_of_a_long_label_is_filled_in", "{" LABEL_32 "_fd}", "11" },
	{ "fd_of_a_long_mistyped_label_is_refused", "{" LABEL_32 "6_fd}",
	  "{" LABEL_32 "6_fd}: no such device; did you mean {" LABEL_32
	  "_fd}?" },
	{ "fds_of_a_label_are_refused", "{keyboard_fds}",
	  "{keyboard_fds}: no such device" },
	{ "fd_in_other_braces_is_filled_in", "{{keyboard_fd}}", "{5}" },
	{ "shell_variable_stays", "${HOME} ${#a}", "${HOME} ${#a}" },
	{ "fd_of_no_device_is_refused", "{mouse_fd}",
	  "{mouse_fd}: no such device" },
	{ "fd_of_a_mistyped_label_is_refused", "--k={keybord_fd}",
	  "{keybord_fd}: no such device; did you mean {keyboard_fd}?" },
	{ "fds_of_no_kind_is_refused", "{mouse_fds}",
	  "{mouse_fds}: no such device" },
	{ "fd_of_a_beginning_is_refused", "{key_fd}",
	  "{key_fd}: no such device; did you mean {keyboard_fd}?" },
};

static void is_filled(void **state)
{
	const struct fill *fill = *state;
	char word[80], *argv[] = { word, NULL }, why[256];
	struct launch_argv out = LAUNCH_ARGV_NULL;
	int r;

	strcpy(word, fill->word);
	r = launch_fill_args(&out, argv, &fds, "/d", why);
	assert_rc(r, strstr(fill->filled, ": no such device") ? -EINVAL : 0);
	assert_string_equal(r ? why : out.v[0], fill->filled);
	launch_argv_fini(&out);
}

static void touch_fds_of_one_number_come_in_the_order_given(void **state)
{
	static const struct launch_fds same = {
		.label = { "touch_3", "touch_02", "touch_2", "touch_002",
			   "touch_1" },
		.fd = { 3, 20, 21, 22, 1 },
		.n = 5,
	};
	char *argv[] = { (char *)"{touch_fds}", NULL }, why[256];
	struct launch_argv out = LAUNCH_ARGV_NULL;

	assert_ok(launch_fill_args(&out, argv, &same, "/d", why));
	expect_args(&out, "1,20,21,22,3");
	launch_argv_fini(&out);
}

static void each_word_is_filled(void **state)
{
	char *argv[] = { (char *)"{dir}", (char *)"-k", (char *)"{a-b_fd}",
			 NULL };
	struct launch_argv out = LAUNCH_ARGV_NULL;
	char why[256];

	assert_ok(launch_fill_args(&out, argv, &fds, "/d", why));
	expect_args(&out, "/d -k 6");
	launch_argv_fini(&out);
}

static void environment_names_all_fds_and_the_folder(void **state)
{
	struct launch_argv env = LAUNCH_ARGV_NULL;

	assert_ok(launch_fill_env(&env, &fds, "/d"));
	expect_args(&env, "VINPUT_FDS=touch_10=10,touch_2=2,keyboard=5,a-b=6,"
			  "touch_x=9,letter7=7," LABEL_32 "=11 VINPUT_DIR=/d");
	launch_argv_fini(&env);
}

#define N_FILLS ARRAY_LEN(fills)

static const struct CMUnitTest others[] = {
	cmocka_unit_test(touch_fds_of_one_number_come_in_the_order_given),
	cmocka_unit_test(each_word_is_filled),
	cmocka_unit_test(environment_names_all_fds_and_the_folder),
};

int main(void)
{
	struct CMUnitTest tests[N_FILLS + ARRAY_LEN(others)];

	for (size_t i = 0; i < N_FILLS; i++)
		tests[i] = (struct CMUnitTest){ fills[i].name, is_filled, NULL,
						NULL, (void *)&fills[i] };
	memcpy(tests + N_FILLS, others, sizeof(others));
	return cmocka_run_group_tests_name("launch-fill", tests, NULL, NULL);
}

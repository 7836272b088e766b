/* SPDX-License-Identifier: Apache-2.0 */
/* launch-file.h: what a launch file sets, where it is wrong, and its paths. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/plan/launch-file.h"
#include "injector/plan/launch-tunable.h"
#include "tests/lib/cases.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN], path[TEMP_DIR_LEN + 8];
static struct launch_file file;
static struct launch_fault fault;

static int setup(void **state)
{
	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/f.json", dir);
	fault = (struct launch_fault){ .text = "" };
	return 0;
}

static int teardown(void **state)
{
	launch_file_fini(&file);
	launch_file_fini(&file);
	return temp_dir_remove(dir);
}

static int read_text(const char *text)
{
	file_write(path, "%s", text);
	return launch_file_read(&file, path, &fault);
}

static void a_file_may_come_in_parts(void **state)
{
	static const char text[] = "{\"restart\": \"no\"}";
	int status, fd;
	pid_t pid;

	assert_sys(mkfifo(path, 0600));
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		fd = open(path, O_WRONLY);
		for (size_t i = 0; i < sizeof(text) - 1; i++) {
			(void)!write(fd, text + i, 1);
			/* Until it was read. */
			for (int n = 1; n; usleep(100))
				ioctl(fd, FIONREAD, &n);
		}
		_exit(0);
	}
	assert_ok(launch_file_read(&file, path, &fault));
	assert_true(file.has_restart);
	assert_num(file.len, sizeof(text) - 1);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
}

static const struct wrong {
	const char *name, *text;
	size_t line, column;
	const char *why;
} wrongs[] = {
	{ "no_json_is_located", "{\n\"devices\": x}", 2, 12,
	  "invalid token near 'x'" },
	{ "empty_file_is_located", "", 1, 1,
	  "'[' or '{' expected near end of file" },
	{ "array_is_no_file", "\n []", 2, 2,
	  "a launch file must be an object" },
	{ "unknown_key_is_located", "{\"a\": 1}", 1, 2, "unknown key a" },
	{ "devices_must_be_an_array", "{\"devices\": 5}", 1, 13,
	  "devices must be an array" },
	{ "streamer_must_be_an_array", "{\"streamer\": \"a\"}", 1, 14,
	  "streamer must be an array of strings" },
	{ "streamer_must_have_words", "{\"streamer\": []}", 1, 14,
	  "streamer must be an array of strings" },
	{ "streamers_words_are_strings", "{\"streamer\": [\"a\", 5, \"b\"]}", 1,
	  20, "streamer must be an array of strings" },
	{ "restart_must_be_a_policy", "{\"restart\": \"x\"}", 1, 13,
	  "restart must be " LAUNCH_RESTART_MUST },
	{ "restart_must_be_a_string", "{\"restart\": true}", 1, 13,
	  "restart must be " LAUNCH_RESTART_MUST },
};

static void file_is_refused(void **state)
{
	const struct wrong *w = *state;

	assert_rc(read_text(w->text), -EINVAL);
	assert_string_equal(fault.text, w->why);
	assert_num(fault.line, w->line);
	assert_num(fault.column, w->column);
}

static int setup_row(void **state)
{
	void *row = *state;
	const int r = setup(state);

	*state = row;
	return r;
}

/* Options that are numbers. */
static void a_tunable_is_from_its_least_to_its_greatest(void **state)
{
	for (const struct launch_tunable *t = launch_tunables; t->option; t++) {
		const int n[] = { t->min - 1, t->min, t->max, t->max + 1 };

		if (t->kind != LAUNCH_NUMBER || t->max == INT_MAX)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(n); i++) {
			const bool is_good = i == 1 || i == 2;
			char text[16];
			json_t *read, *value = json_integer(n[i]);

			snprintf(text, sizeof(text), "%d", n[i]);
			read = launch_tunable_read(t, text);
			if (!read == is_good ||
			    launch_tunable_is_valid(t, value) != is_good)
				fail_msg("--%s=%d", t->option, n[i]);
			json_decref(read);
			json_decref(value);
		}
	}
}

static void an_empty_object_sets_nothing(void **state)
{
	assert_ok(read_text("{}"));
	assert_null(file.devices);
	assert_null(file.streamer);
	assert_false(file.has_restart);
}

static void all_that_it_may_set_is_set(void **state)
{
	assert_ok(read_text("{\"$schema\": 1, \"$comment\": [],"
			    "\"restart\": \"always:3/5\","
			    "\"streamer\": [\"s\", \"a\"],"
			    "\"devices\": [{\"type\": \"mouse\"}]}"));
	assert_true(file.has_restart);
	assert_num(file.restart.mode, LAUNCH_RESTART_ALWAYS);
	assert_num(file.restart.limit, 3);
	assert_num(json_array_size(file.streamer), 2);
	assert_num(json_array_size(file.devices), 1);
}

static void a_file_that_is_none_is_an_error(void **state)
{
	assert_rc(launch_file_read(&file, path, &fault), -ENOENT);
	assert_rc(launch_file_read(&file, dir, &fault), -EISDIR);
}

/* 1 MiB is read, and a byte more is too long. */
static void a_file_may_be_that_long(void **state)
{
	char *text = malloc(LAUNCH_FILE_MAX + 2);

	assert_non_null(text);
	memset(text, ' ', LAUNCH_FILE_MAX + 1);
	memcpy(text, "{}", 2);
	text[LAUNCH_FILE_MAX] = '\0';
	assert_ok(read_text(text));
	launch_file_fini(&file);
	text[LAUNCH_FILE_MAX] = ' ';
	text[LAUNCH_FILE_MAX + 1] = '\0';
	assert_rc(read_text(text), -EFBIG);
	free(text);
}

/* --- paths --- */

static const struct place {
	const char *key, *value, *placed; /* NULL: as it is */
} places[] = {
	{ "spec", "keyboard", NULL },
	{ "spec", "/a/b.json", NULL },
	{ "spec", "b.json", "DIR/b.json" },
	{ "spec", "a/b", "DIR/a/b" },
	{ "spec", "./b", "DIR/./b" },
	{ "spec", ".b", "DIR/.b" },
	{ "passthrough", "event5", NULL },
	{ "passthrough", "type=mouse", NULL },
	{ "passthrough", "/dev/x", NULL },
	{ "passthrough", "by-id/x", "DIR/by-id/x" },
	{ "name", "a/b", NULL },
};

static void relative_paths_are_beside_the_file(void **state)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		json_array_append_new(devices, json_pack("{s:s}", places[i].key,
							 places[i].value));
	assert_ok(launch_file_place_specs(devices, "DIR"));
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct place *p = &places[i];

		assert_string_equal(
			json_string_value(json_object_get(
				json_array_get(devices, i), p->key)),
			p->placed ? p->placed : p->value);
	}
	json_decref(devices);
}

static void a_folder_that_is_not_utf8_has_no_relative_paths(void **state)
{
	json_t *relative =
		json_pack("[{s:s}, {s:s}]", "spec", "/a", "spec", "b.json");
	json_t *node = json_pack("[{s:s}]", "passthrough", "by-id/x");
	json_t *other = json_pack("[{s:s}]", "spec", "keyboard");

	assert_rc(launch_file_place_specs(relative, "\xff"), -EILSEQ);
	assert_rc(launch_file_place_specs(node, "\xff"), -EILSEQ);
	assert_ok(launch_file_place_specs(other, "\xff"));
	json_decref(relative);
	json_decref(node);
	json_decref(other);
}

static void a_files_own_folder_is_meant(void **state)
{
	char expected[TEMP_DIR_LEN + 20];

	assert_ok(read_text("{\"devices\": [{\"spec\": \"x.json\"},"
			    "{\"spec\": {}}, {\"spec\": \"y.json\"}]}"));
	for (size_t i = 0; i < 3; i += 2) {
		snprintf(expected, sizeof(expected), "%s/%c.json", dir,
			 i ? 'y' : 'x');
		assert_string_equal(
			json_string_value(json_object_get(
				json_array_get(file.devices, i), "spec")),
			expected);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest plain[] = {
	T(a_tunable_is_from_its_least_to_its_greatest),
	T(an_empty_object_sets_nothing),
	T(all_that_it_may_set_is_set),
	T(a_file_that_is_none_is_an_error),
	T(a_file_may_be_that_long),
	T(a_file_may_come_in_parts),
	T(relative_paths_are_beside_the_file),
	T(a_folder_that_is_not_utf8_has_no_relative_paths),
	T(a_files_own_folder_is_meant),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(wrongs)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), wrongs,
	      cmocka_unit_test_setup_teardown(file_is_refused, setup_row,
					      teardown));
	return cmocka_run_group_tests_name("launch-file", tests, NULL, NULL);
}

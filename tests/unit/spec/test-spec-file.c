/* SPDX-License-Identifier: Apache-2.0 */
/* spec-file.h: which file a name stands for, and what is said of it. */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/spec/spec-file.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/temp-dir.h"

#define A_SPEC "{\"name\": \"A\", \"events\": {\"EV_SW\": [0]}}"

static struct world {
	char dir[TEMP_DIR_LEN];
	/* What /proc/self/exe leads to; NULL: it cannot be read. */
	const char *exe;
	size_t read_at_once, read;
	unsigned int interruptions, failures;
} w;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t readlink(const char *path, char *to, size_t size)
{
	const size_t len = w.exe ? strlen(w.exe) : 0;

	if (strcmp(path, "/proc/self/exe"))
		return syscall(SYS_readlink, path, to, size);
	/* It is not ended by a NUL. */
	memset(to, 'x', size);
	if (!w.exe) {
		errno = EACCES;
		return -1;
	}
	memcpy(to, w.exe, len < size ? len : size);
	return (ssize_t)(len < size ? len : size);
}

/* Files in parts, and with signals in between; not /dev/urandom. */
ssize_t read(int fd, void *to, size_t size)
{
	struct stat st;
	ssize_t n;

	if (!w.read_at_once || fstat(fd, &st) || !S_ISREG(st.st_mode))
		return syscall(SYS_read, fd, to, size);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	if (w.interruptions && w.interruptions--) {
		errno = EINTR;
		return -1;
	}
	if (w.failures && w.failures--) {
		errno = EIO;
		return -1;
	}
	/* There is room for all that is asked for. */
	memset(to, 0, size);
	n = syscall(SYS_read, fd, to,
		    size < w.read_at_once ? size : w.read_at_once);
	w.read += n > 0 ? (size_t)n : 0;
	return n;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static char *in_dir(char path[PATH_MAX], const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", w.dir, name);
	return path;
}

static void write_in_dir(const char *name, const char *text)
{
	char path[PATH_MAX];

	file_write(in_dir(path, name), "%s", text);
}

static int setup(void **state)
{
	w = (struct world){ 0 };
	temp_dir_make(w.dir);
	assert_sys(chdir(w.dir));
	assert_sys(mkdir("specs", 0700));
	write_in_dir("specs/b.json", A_SPEC);
	log_lines_take();
	return 0;
}

static int teardown(void **state)
{
	log_lines_release();
	assert_sys(chdir("/"));
	return temp_dir_remove(w.dir);
}

/* Where the specs are that were installed, with a slash. */
static void installed(char dir[SPEC_FILE_PATH_MAX])
{
	w.exe = NULL;
	assert_false(spec_file_find("no-such", dir));
	strrchr(dir, '/')[1] = '\0';
}

/* --- which file --- */

static void in_a_build_tree_the_specs_are_those_of_the_tree(void **state)
{
	char exe[PATH_MAX], path[SPEC_FILE_PATH_MAX], want[PATH_MAX];

	w.exe = in_dir(exe, "build/release/vhost-user-input");
	assert_true(spec_file_find("b", path));
	assert_string_equal(path, in_dir(want, "specs/b.json"));
	assert_false(spec_file_find("c", path));
	assert_string_equal(path, in_dir(want, "specs/c.json"));
}

static void elsewhere_they_are_those_that_were_installed(void **state)
{
	static const char *const rows[] = {
		"",
		"vhost-user-input",
		"/vhost-user-input",
		"build/vhost-user-input",
		"/build/vhost-user-input",
		"DIR/built/release/vhost-user-input",
		"DIR/build/vhost-user-input",
		"DIR/specs/build/release/vhost-user-input", /* without specs */
	};
	char exe[PATH_MAX], path[SPEC_FILE_PATH_MAX];
	char want[SPEC_FILE_PATH_MAX];

	installed(want);
	strcat(want, "b.json");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* In between, those of the tree. */
		w.exe = in_dir(exe, "build/release/vhost-user-input");
		assert_true(spec_file_find("b", path));
		w.exe = strncmp(rows[i], "DIR/", 4) ? rows[i]
						    : in_dir(exe, rows[i] + 4);
		spec_file_find("b", path);
		assert_string_equal(path, want);
	}
}

static void what_looks_like_a_path_is_one(void **state)
{
	static const char *const rows[] = { "/no/such", "./b", "b.json",
					    ".json" };
	char path[SPEC_FILE_PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(spec_file_find(rows[i], path));
		assert_string_equal(path, rows[i]);
	}
}

static void a_bare_name_is_a_file_or_one_of_the_specs(void **state)
{
	char exe[PATH_MAX], path[SPEC_FILE_PATH_MAX], want[PATH_MAX];

	w.exe = in_dir(exe, "build/release/vhost-user-input");
	write_in_dir("json", A_SPEC);
	assert_true(spec_file_find("json", path));
	assert_string_equal(path, "json");
	/* A directory is no file. */
	assert_sys(mkdir("b", 0700));
	assert_true(spec_file_find("b", path));
	assert_string_equal(path, in_dir(want, "specs/b.json"));
}

/* --- what is said --- */

static int load(const char *name)
{
	struct spec spec;

	return spec_file_load(&spec, name, NULL, 0);
}

static void expect_no_such(const char *says)
{
	char line[PATH_MAX + 700];

	assert_rc(load("a"), -ENOENT);
	snprintf(line, sizeof(line), "--spec=a: no such spec in %s/specs; %s\n",
		 w.dir, says);
	assert_logged(line);
}

static void of_a_name_that_none_has_all_are_listed(void **state)
{
	static const char *const others[] = { "specs/c.schema.json",
					      "specs/json", "specs/e.json5",
					      "specs/f.txt" };
	char exe[PATH_MAX];

	w.exe = in_dir(exe, "build/release/vhost-user-input");
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		write_in_dir(others[i], A_SPEC);
	expect_no_such("available: b");
	write_in_dir("specs/d.json", A_SPEC);
	write_in_dir("specs/x.y.json", A_SPEC);
	expect_no_such("available: b, d, x.y");
	assert_sys(unlink("specs/b.json"));
	assert_sys(unlink("specs/d.json"));
	assert_sys(unlink("specs/x.y.json"));
	expect_no_such("available: none");
}

static void a_list_that_is_too_long_is_cut(void **state)
{
	char exe[PATH_MAX], name[64], says[600] = "available: b";

	w.exe = in_dir(exe, "build/release/vhost-user-input");
	for (int i = 100; i < 200; i++) {
		snprintf(name, sizeof(name), "specs/spec-%d.json", i);
		write_in_dir(name, A_SPEC);
		snprintf(name, sizeof(name), ", spec-%d", i);
		strncat(says, name, sizeof(says) - strlen(says) - 1);
	}
	expect_no_such(says);
}

static void specs_that_cannot_be_listed_are_told(void **state)
{
	char line[PATH_MAX], dir[SPEC_FILE_PATH_MAX];

	installed(dir);
	if (!access(dir, F_OK))
		skip_because("vinput is installed here");
	dir[strlen(dir) - 1] = '\0';
	assert_rc(load("a"), -ENOENT);
	snprintf(line, sizeof(line),
		 "--spec=a: no such spec in %.200s; the folder cannot be read: "
		 "No such file or directory\n",
		 dir);
	assert_logged(line);
}

static void a_file_that_cannot_be_read_is_told(void **state)
{
	assert_rc(load("./none.json"), -ENOENT);
	assert_logged("./none.json: cannot read the spec: "
		      "No such file or directory\n");
	assert_rc(load("./specs"), -EISDIR);
	assert_logged("./specs: cannot read the spec: Is a directory\n");
	w.read_at_once = 1;
	w.failures = 1;
	assert_rc(load("specs/b.json"), -EIO);
	assert_logged("specs/b.json: cannot read the spec: "
		      "Input/output error\n");
}

static void a_file_is_read_in_parts(void **state)
{
	w.read_at_once = 7;
	w.interruptions = 2;
	assert_ok(load("specs/b.json"));
	assert_num(w.read, strlen(A_SPEC));
	assert_num(w.interruptions, 0);
	assert_logged("");
}

static void a_file_may_have_1_mib(void **state)
{
	char *text = malloc(SPEC_TEXT_MAX + 10);

	assert_non_null(text);
	memset(text, ' ', SPEC_TEXT_MAX + 9);
	text[SPEC_TEXT_MAX + 9] = '\0';
	memcpy(text, A_SPEC, strlen(A_SPEC));
	w.read_at_once = SIZE_MAX;
	write_in_dir("long.json", text);
	assert_rc(load("long.json"), SPEC_E_INVALID);
	assert_logged("long.json: error: the spec is longer than 1 MiB\n");
	/* No more is read than shows that. */
	assert_num(w.read, SPEC_TEXT_MAX + 1);
	text[SPEC_TEXT_MAX] = '\0';
	write_in_dir("long.json", text);
	assert_ok(load("long.json"));
	free(text);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
	write_in_dir("bad.json", "{\"name\": \"A\",\n \"event\": {}}");
	assert_rc(load("bad.json"), SPEC_E_INVALID);
	assert_logged("bad.json:2:2: error: unknown key \"event\"; "
		      "did you mean \"events\"?\n");
}

static const struct spec *know_a(const char *text, size_t len)
{
	static const struct spec a = { .name = "known" };

	return len == strlen(A_SPEC) && !memcmp(text, A_SPEC, len) ? &a : NULL;
}

static void a_known_text_is_not_parsed(void **state)
{
	const struct spec_sets none = { .n = 0 };
	const struct spec_sets one = { .set = { { "X", "1" } }, .n = 1 };
	struct spec room;

	memset(&room, 0xff, sizeof(room));
	assert_ptr_equal(spec_file_get(&room, "specs/b.json", &none, know_a),
			 know_a(A_SPEC, strlen(A_SPEC)));
	assert_num((uint8_t)room.name[0], 0xff);
	write_in_dir("other.json", A_SPEC " ");
	assert_ptr_equal(spec_file_get(&room, "other.json", &none, know_a),
			 &room);
	assert_string_equal(room.name, "A");
	assert_logged("");
	/* --set is for a placeholder. */
	assert_null(spec_file_get(&room, "specs/b.json", &one, know_a));
	assert_logged("specs/b.json: error: --set X: no such placeholder; the "
		      "spec has none\n");
	assert_null(spec_file_get(&room, "none.json", &none, know_a));
	assert_logged("none.json: cannot read the spec: "
		      "No such file or directory\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(in_a_build_tree_the_specs_are_those_of_the_tree),
		T(elsewhere_they_are_those_that_were_installed),
		T(what_looks_like_a_path_is_one),
		T(a_bare_name_is_a_file_or_one_of_the_specs),
		T(of_a_name_that_none_has_all_are_listed),
		T(a_list_that_is_too_long_is_cut),
		T(specs_that_cannot_be_listed_are_told),
		T(a_file_that_cannot_be_read_is_told),
		T(a_file_is_read_in_parts),
		T(a_file_may_have_1_mib),
		T(what_is_wrong_is_told_with_its_place),
		T(a_known_text_is_not_parsed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

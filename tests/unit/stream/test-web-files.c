/* SPDX-License-Identifier: Apache-2.0 */
/* Which files of a directory are served: web-files.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "injector/stream/web-files.h"
#include "tests/lib/cases.h"
#include "tests/lib/temp-dir.h"

static struct world {
	char dir[TEMP_DIR_LEN];
	char root[TEMP_DIR_LEN + 8]; /* what is served */
	char other[TEMP_DIR_LEN + 8];
	struct web_files files;
	struct fault why;
} w;

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	temp_dir_make(w.dir);
	snprintf(w.root, sizeof(w.root), "%s/root", w.dir);
	snprintf(w.other, sizeof(w.other), "%s/root2", w.dir);
	assert_sys(mkdir(w.root, 0700));
	assert_sys(mkdir(w.other, 0700));
	return 0;
}

static int teardown(void **state)
{
	web_files_fini(&w.files);
	return temp_dir_remove(w.dir);
}

/* Return: the path of a file below the root; valid until the next call. */
static const char *in_root(const char *name)
{
	static char path[300];

	snprintf(path, sizeof(path), "%s/%s", w.root, name);
	return path;
}

static void make_folder(const char *name)
{
	assert_sys(mkdir(in_root(name), 0700));
}

static void make_link(const char *name, const char *to)
{
	assert_sys(symlink(to, in_root(name)));
}

static void add(void)
{
	if (web_files_add(&w.files, w.root, &w.why))
		fail_msg("%s", w.why.text);
}

static void expect_file(const char *path, const char *text)
{
	const struct web_stored *file = web_files_find(&w.files, path);

	assert_non_null(file);
	assert_num(file->len, strlen(text));
	assert_memory_equal(file->bytes, text, file->len);
}

static void files_are_found_by_their_paths(void **state)
{
	make_folder("js");
	make_folder("js/lib");
	make_folder("empty");
	file_write(in_root("client.html"), "page");
	file_write(in_root("js/app.js"), "app");
	file_write(in_root("js/lib/a b.js"), "ab");
	file_write(in_root("zero.css"), "%s", "");
	add();
	expect_file("client.html", "page");
	expect_file("js/app.js", "app");
	expect_file("js/lib/a b.js", "ab");
	expect_file("zero.css", "");
	assert_num(w.files.n, 4);
	assert_null(web_files_find(&w.files, "js"));
	assert_null(web_files_find(&w.files, "js/"));
	assert_null(web_files_find(&w.files, "js//app.js"));
	assert_null(web_files_find(&w.files, "./client.html"));
	assert_null(web_files_find(&w.files, "js/../client.html"));
	assert_null(web_files_find(&w.files, "app.js"));
	assert_null(web_files_find(&w.files, ""));
}

static void hidden_files_are_left_out(void **state)
{
	make_folder(".git");
	make_folder("js");
	make_folder("js/.cache");
	file_write(in_root(".htpasswd"), "x");
	file_write(in_root(".git/config"), "x");
	file_write(in_root("js/.cache/x"), "x");
	file_write(in_root("a.b"), "x");
	make_link("shown", ".htpasswd");
	make_link("config", ".git/config");
	add();
	assert_num(w.files.n, 1);
	expect_file("a.b", "x");
}

static void links_out_of_the_directory_are_left_out(void **state)
{
	char other[TEMP_DIR_LEN + 16];

	snprintf(other, sizeof(other), "%s/secret", w.dir);
	file_write(other, "x");
	snprintf(other, sizeof(other), "%s/secret", w.other);
	file_write(other, "x");
	file_write(in_root("page"), "page");
	make_folder("js");
	make_link("js/up", "../page");
	snprintf(other, sizeof(other), "%s/page", w.root);
	make_link("absolute", other);
	make_link("twice", "js/up");
	make_link("out", "../secret");
	make_link("next", "../root2/secret"); /* its name begins like ours */
	make_link("passwd", "/etc/passwd");
	make_link("folder", "..");
	make_link("inner", "js");
	make_link("loop", "loop");
	make_link("nowhere", "missing");
	make_link("memory", "/proc/self/mem");
	add();
	expect_file("js/up", "page");
	expect_file("absolute", "page");
	expect_file("twice", "page");
	assert_num(w.files.n, 4);
}

static void only_files_are_read(void **state)
{
	assert_sys(mkfifo(in_root("fifo"), 0600));
	file_write(in_root("page"), "page");
	add();
	assert_num(w.files.n, 1);
}

/* The directory itself may be reached by a link. */
static void directory_may_be_a_link(void **state)
{
	char link[TEMP_DIR_LEN + 16];

	file_write(in_root("page"), "page");
	snprintf(link, sizeof(link), "%s/link", w.dir);
	assert_sys(symlink("root", link));
	assert_ok(web_files_add(&w.files, link, &w.why));
	expect_file("page", "page");
}

static void first_directory_wins(void **state)
{
	char path[TEMP_DIR_LEN + 16];

	file_write(in_root("a"), "first");
	snprintf(path, sizeof(path), "%s/a", w.other);
	file_write(path, "second");
	snprintf(path, sizeof(path), "%s/b", w.other);
	file_write(path, "second");
	add();
	assert_ok(web_files_add(&w.files, w.other, &w.why));
	expect_file("a", "first");
	expect_file("b", "second");
}

static void too_much_is_rejected(void **state)
{
	file_write(in_root("big"), "x");
	assert_sys(truncate(in_root("big"), WEB_FILES_BYTES_MAX));
	add();
	web_files_fini(&w.files);
	file_write(in_root("one"), "x");
	assert_rc(web_files_add(&w.files, w.root, &w.why), -EINVAL);
	assert_non_null(strstr(w.why.text, "more than 1000 files or 32 MiB"));
	web_files_fini(&w.files);
	assert_sys(truncate(in_root("big"), 0));
	for (int i = 0; i < WEB_FILES_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "f%d", i);
		file_write(in_root(name), "x");
	}
	assert_rc(web_files_add(&w.files, w.root, &w.why), -EINVAL);
}

static void directory_that_is_missing_is_a_fault(void **state)
{
	assert_rc(web_files_add(&w.files, in_root("no"), &w.why), -ENOENT);
	assert_non_null(strstr(w.why.text, "/no: No such file"));
}

static void types_are_those_of_the_names(void **state)
{
	assert_string_equal(web_files_type("client.html"),
			    "text/html; charset=utf-8");
	assert_string_equal(web_files_type("js/app.JS"),
			    "text/javascript; charset=utf-8");
	assert_string_equal(web_files_type("x.svg"), "image/svg+xml");
	assert_string_equal(web_files_type("js"), "application/octet-stream");
	assert_string_equal(web_files_type(".js"), "application/octet-stream");
	assert_string_equal(web_files_type("x.html.exe"),
			    "application/octet-stream");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(files_are_found_by_their_paths),
		T(hidden_files_are_left_out),
		T(links_out_of_the_directory_are_left_out),
		T(only_files_are_read),
		T(directory_may_be_a_link),
		T(first_directory_wins),
		T(too_much_is_rejected),
		T(directory_that_is_missing_is_a_fault),
		T(types_are_those_of_the_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

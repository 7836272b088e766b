/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox-paths.h: what each version of Landlock is asked for. The kernel is
 * the test's, as no machine has all versions.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "input/base/log.h"
#include "input/sandbox/sandbox-paths.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

static struct {
	long version;
	int calls, fails_at; /* from 1; 0: none does */
	char asked[1024];    /* "create SIZE FS NET SCOPE", "path ..." */
} kernel;
static char dir[TEMP_DIR_LEN];

static void note(const char *fmt, ...)
{
	const size_t len = strlen(kernel.asked);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(kernel.asked + len, sizeof(kernel.asked) - len, fmt, ap);
	va_end(ap);
}

static int create_ruleset(const void *set, size_t size)
{
	uint64_t has[3] = { 0 };

	assert_true(size <= sizeof(has));
	memcpy(has, set, size);
	note("create %zu %llx %llx %llx\n", size, (unsigned long long)has[0],
	     (unsigned long long)has[1], (unsigned long long)has[2]);
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void note_folder(const void *rule)
{
	char link[32], path[256] = "";
	uint64_t allowed;
	int32_t fd;

	memcpy(&allowed, rule, sizeof(allowed));
	memcpy(&fd, (const char *)rule + sizeof(allowed), sizeof(fd));
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	assert_sys(readlink(link, path, sizeof(path) - 1));
	note("path %s %llx\n", path + strlen(dir) + 1,
	     (unsigned long long)allowed);
}

long syscall(long sysno, ...)
{
	long arg[4];
	va_list ap;

	va_start(ap, sysno);
	for (size_t i = 0; i < ARRAY_LEN(arg); i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (sysno == SYS_landlock_create_ruleset && !arg[0]) {
		assert_num(arg[2], 1);
		return kernel.version;
	}
	if (++kernel.calls == kernel.fails_at) {
		errno = EPERM;
		return -1;
	}
	switch (sysno) {
	case SYS_landlock_create_ruleset:
		assert_num(arg[2], 0);
		return create_ruleset((const void *)arg[0], (size_t)arg[1]);
	case SYS_landlock_add_rule:
		if (arg[1] == 1)
			note_folder((const void *)arg[2]);
		else
			note("port %llx %llu\n",
			     ((const unsigned long long *)arg[2])[0],
			     ((const unsigned long long *)arg[2])[1]);
		return 0;
	}
	assert_num(sysno, SYS_landlock_restrict_self);
	note("restrict\n");
	return 0;
}

static int setup(void **state)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.version = 4;
	temp_dir_make(dir);
	return 0;
}

static int teardown(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void each_version_is_asked_for_what_it_knows(void **state)
{
	static const char *const due[] = {
		"",
		"create 8 1fff 0 0\nrestrict\n",
		"create 8 3fff 0 0\nrestrict\n",
		"create 8 7fff 0 0\nrestrict\n",
		"create 16 7fff 3 0\nport 2 1\nrestrict\n",
		"create 16 ffff 3 0\nport 2 1\nrestrict\n",
		"create 24 ffff 3 3\nport 2 1\nrestrict\n",
		"create 24 ffff 3 3\nport 2 1\nrestrict\n",
	};
	const struct sandbox_paths paths = { .ports = { 1 } };

	for (size_t i = 0; i < ARRAY_LEN(due); i++) {
		kernel.asked[0] = '\0';
		kernel.version = (long)i;
		assert_ok(sandbox_restrict_paths(&paths));
		assert_string_equal(kernel.asked, due[i]);
	}
}

static void a_process_may_signal_others_if_it_has_to(void **state)
{
	const struct sandbox_paths paths = { .signals = true };

	kernel.version = 6;
	assert_ok(sandbox_restrict_paths(&paths));
	assert_string_equal(kernel.asked, "create 24 ffff 3 1\nrestrict\n");
}

static void without_landlock_all_is_well(void **state)
{
	kernel.version = -1;
	assert_ok(sandbox_restrict_paths(&(struct sandbox_paths){ 0 }));
	assert_string_equal(kernel.asked, "");
}

static const char *in_dir(const char *name)
{
	static char path[8][64];
	static unsigned int n;

	snprintf(path[n %= 8], sizeof(path[0]), "%s/%s", dir, name);
	return path[n++];
}

static struct sandbox_paths some_paths(void)
{
	struct sandbox_paths paths = { 0 };

	assert_sys(mkdir(in_dir("a"), 0700));
	assert_sys(mkdir(in_dir("b"), 0700));
	assert_sys(mkdir(in_dir("c"), 0700));
	file_write(in_dir("a/spec"), "text");
	assert_sys(symlink("../a/spec", in_dir("b/link")));
	paths.read[0] = in_dir("b/link");
	paths.read[SANDBOX_PATHS_MAX - 1] = in_dir("c/none");
	paths.removed[1] = in_dir("a/socket");
	paths.folders[2] = in_dir("b");
	paths.listed[3] = in_dir("c");
	paths.folders[4] = in_dir("nowhere");
	paths.ports[0] = 80;
	paths.ports[SANDBOX_PORTS_MAX - 1] = 443;
	return paths;
}

/* Of a link its own folder and the file's. */
static void each_path_is_allowed_what_it_is_for(void **state)
{
	const struct sandbox_paths paths = some_paths();

	assert_ok(sandbox_restrict_paths(&paths));
	assert_string_equal(kernel.asked, "create 16 7fff 3 0\n"
					  "path a 20\n"
					  "path b c\n"
					  "path a c\n"
					  "path b c\n"
					  "path c 8\n"
					  "path c c\n"
					  "port 2 80\n"
					  "port 2 443\n"
					  "restrict\n");
}

static void a_folder_of_several_files_is_allowed_once(void **state)
{
	struct sandbox_paths paths = { 0 };

	assert_sys(mkdir(in_dir("a"), 0700));
	assert_sys(mkdir(in_dir("a/b"), 0700));
	paths.removed[0] = in_dir("a/one");
	paths.removed[2] = in_dir("a/other");
	paths.removed[3] = in_dir("a/b/third");
	paths.removed[4] = in_dir("a/b/fourth");
	assert_ok(sandbox_restrict_paths(&paths));
	assert_string_equal(kernel.asked, "create 16 7fff 3 0\n"
					  "path a 20\n"
					  "path a/b 20\n"
					  "restrict\n");
}

/* A bare name is one of the working directory. */
static void names_without_a_folder_are_beside_each_other(void **state)
{
	const struct sandbox_paths paths = { .removed = { "one", "other",
							  "./third" } };

	assert_sys(chdir(dir));
	assert_sys(mkdir("a", 0700));
	assert_sys(chdir("a"));
	assert_ok(sandbox_restrict_paths(&paths));
	assert_sys(chdir("/"));
	assert_string_equal(kernel.asked, "create 16 7fff 3 0\n"
					  "path a 20\n"
					  "path a 20\n"
					  "restrict\n");
}

static void whatever_fails_is_an_error(void **state)
{
	const struct sandbox_paths paths = some_paths();
	const int calls = 10;

	log_set_level(LOG_OFF);
	for (int at = 1; at <= calls; at++) {
		kernel.calls = 0;
		kernel.asked[0] = '\0';
		kernel.fails_at = at;
		assert_rc(sandbox_restrict_paths(&paths), -EPERM);
		assert_num(kernel.calls, at);
	}
	kernel.calls = 0;
	kernel.fails_at = calls + 1;
	assert_ok(sandbox_restrict_paths(&paths));
}

static void a_path_that_is_too_long_is_no_rule(void **state)
{
	static char path[2 * 4096];
	const struct sandbox_paths paths = { .removed = { path } };

	memset(path, '/', sizeof(path) - 1);
	assert_ok(sandbox_restrict_paths(&paths));
	assert_string_equal(kernel.asked, "create 16 7fff 3 0\nrestrict\n");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_version_is_asked_for_what_it_knows),
		T(a_process_may_signal_others_if_it_has_to),
		T(without_landlock_all_is_well),
		T(each_path_is_allowed_what_it_is_for),
		T(a_folder_of_several_files_is_allowed_once),
		T(names_without_a_folder_are_beside_each_other),
		T(whatever_fails_is_an_error),
		T(a_path_that_is_too_long_is_no_rule),
	};

	return cmocka_run_group_tests_name("sandbox-paths", tests, NULL, NULL);
}

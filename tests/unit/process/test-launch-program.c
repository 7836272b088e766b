/* SPDX-License-Identifier: Apache-2.0 */
/* launch-program.h: beside our program, if it can be executed there. */
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "injector/process/launch-program.h"
#include "tests/lib/check.h"

#define CANARY 'c'

static char self[PATH_MAX + 8]; /* our program; "": it is not known */
static bool is_there;		/* what is looked for, beside it */
static char path[PATH_MAX + 1];

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t readlink(const char *name, char *to, size_t size)
{
	const size_t len = strlen(self);

	/* The count of open fds looks at others. */
	if (strcmp(name, "/proc/self/exe"))
		return syscall(SYS_readlink, name, to, size);
	if (!len)
		return -1;
	memcpy(to, self, len < size ? len : size);
	return (ssize_t)(len < size ? len : size);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int access(const char *name, int mode)
{
	assert_num(mode, X_OK);
	return is_there ? 0 : -1;
}

static int setup(void **state)
{
	memset(path, CANARY, sizeof(path));
	is_there = true;
	return 0;
}

/* Nothing was written past the end. */
static int teardown(void **state)
{
	return path[PATH_MAX] == CANARY ? 0 : -1;
}

static void what_stands_beside_our_program_is_taken(void **state)
{
	strcpy(self, "/usr/local/bin/vinput-launch");
	launch_program_find(path, "vinput-hold");
	assert_string_equal(path, "/usr/local/bin/vinput-hold");
}

static void what_does_not_is_looked_for_in_path(void **state)
{
	strcpy(self, "/usr/local/bin/vinput-launch");
	is_there = false;
	launch_program_find(path, "vinput-hold");
	assert_string_equal(path, "vinput-hold");
}

static void so_it_is_if_ours_is_not_known(void **state)
{
	*self = '\0';
	launch_program_find(path, "vinput-hold");
	assert_string_equal(path, "vinput-hold");
}

/* The folder of a path that has this many bytes with "/hold". */
static void stand_in_folder(size_t len)
{
	memset(self, 'x', sizeof(self));
	self[0] = '/';
	strcpy(self + len - strlen("/hold"), "/x");
}

static void a_path_that_has_room_is_taken(void **state)
{
	stand_in_folder(PATH_MAX - 1);
	launch_program_find(path, "hold");
	assert_num(strlen(path), PATH_MAX - 1);
	memset(path, CANARY, sizeof(path));
	stand_in_folder(PATH_MAX);
	launch_program_find(path, "hold");
	assert_string_equal(path, "hold");
}

static void our_own_path_is_not_longer_than_there_is_room_for(void **state)
{
	memset(self, 'x', sizeof(self) - 1);
	self[sizeof(self) - 1] = '\0';
	launch_program_find(path, "hold");
	assert_string_equal(path, "hold");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_stands_beside_our_program_is_taken),
		T(what_does_not_is_looked_for_in_path),
		T(so_it_is_if_ours_is_not_known),
		T(a_path_that_has_room_is_taken),
		T(our_own_path_is_not_longer_than_there_is_room_for),
	};

	return cmocka_run_group_tests_name("launch-program", tests, NULL, NULL);
}

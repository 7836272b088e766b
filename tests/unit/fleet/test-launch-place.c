/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-place.h: whose the directory is, and what of it is removed. Waiting
 * takes no time here: poll() only counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/fleet/launch-place.h"
#include "injector/process/launch-child.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

#define LABEL_32 "abcdefghijklmnopqrstuvwxyz012345"

static char dir[TEMP_DIR_LEN];
static struct launch_place place;
static char why[LAUNCH_WHY_MAX];
static int polls, waited_ms;
static int free_at; /* the poll() at which what is waited for has ended */
static int holder;  /* what then is closed */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	assert_num(n, 0);
	polls++;
	waited_ms += ms;
	if (polls == free_at)
		close(holder);
	return 0;
}

static int setup(void **state)
{
	temp_dir_make(dir);
	polls = waited_ms = free_at = 0;
	/* With 0 for an fd that leaving must not close. */
	memset(&place, 0, sizeof(place));
	*why = '\0';
	return 0;
}

static int teardown(void **state)
{
	return temp_dir_remove(dir);
}

static const char *path_of(const char *name)
{
	static char path[TEMP_DIR_LEN + 80];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static bool exists(const char *name)
{
	struct stat st;

	return !lstat(path_of(name), &st);
}

/* --- the lock --- */

static void a_folder_that_is_made_is_removed_if_it_is_empty(void **state)
{
	char sub[TEMP_DIR_LEN + 80];
	struct stat st;

	strcpy(sub, path_of("sub"));
	assert_ok(launch_place_take(&place, sub, why));
	assert_sys(stat(sub, &st));
	assert_num(st.st_mode & 0777, 0700);
	assert_num(fcntl(place.fd, F_GETFD), FD_CLOEXEC);
	launch_place_leave(&place);
	assert_false(exists("sub"));
	assert_num(place.fd, -1);
	assert_ok(launch_place_take(&place, sub, why));
	file_write(path_of("sub/log"), "x");
	launch_place_leave(&place);
	assert_true(exists("sub/log"));
}

static void a_folder_that_exists_stays(void **state)
{
	char sub[TEMP_DIR_LEN + 80], real[PATH_MAX];

	strcpy(sub, path_of("sub/../sub"));
	assert_sys(mkdir(path_of("sub"), 0755));
	assert_non_null(realpath(path_of("sub"), real));
	assert_ok(launch_place_take(&place, sub, why));
	assert_string_equal(place.dir, sub);
	assert_string_equal(place.absolute, real);
	launch_place_leave(&place);
	assert_true(exists("sub"));
	assert_num(polls, 0);
}

static void expect_refused(const char *sub, const char *start, const char *end)
{
	char expected[LAUNCH_WHY_MAX];

	assert_num(launch_place_take(&place, sub, why), -1);
	snprintf(expected, sizeof(expected), "%s%.300s%s", start, sub, end);
	assert_string_equal(why, expected);
	launch_place_leave(&place);
}

static void a_folder_that_cannot_be_used_is_refused(void **state)
{
	char sub[TEMP_DIR_LEN + 80];

	strcpy(sub, path_of("a/b"));
	expect_refused(sub, "cannot make ", ": No such file or directory");
	file_write(path_of("file"), "x");
	strcpy(sub, path_of("file"));
	expect_refused(sub, "cannot use ", ": Not a directory");
	assert_true(exists("file"));
}

static void hold_lock(void)
{
	holder = open(dir, O_RDONLY | O_CLOEXEC);
	assert_sys(holder);
	assert_sys(flock(holder, LOCK_EX));
}

/* Run what writes to stderr. Return: that, to be freed. */
static char *heard_of_take(int rc)
{
	FILE *const was = stderr;
	char *text = NULL;
	size_t len;

	stderr = open_memstream(&text, &len);
	const int r = launch_place_take(&place, dir, why);
	fclose(stderr);
	stderr = was;
	assert_num(r, rc);
	launch_place_leave(&place);
	return text;
}

static void a_folder_in_use_is_waited_for(void **state)
{
	char expected[LAUNCH_WHY_MAX], *said;

	hold_lock();
	said = heard_of_take(-1);
	assert_num(waited_ms, 2000);
	snprintf(expected, sizeof(expected),
		 "vinput-launch: %s is in use; waiting 2 s for its launcher to "
		 "end\n",
		 dir);
	assert_string_equal(said, expected);
	snprintf(expected, sizeof(expected),
		 "%s is in use by another vinput-launch", dir);
	assert_string_equal(why, expected);
	free(said);
	close(holder);
}

static void a_launcher_that_dies_soon_is_not_mentioned(void **state)
{
	char *said;

	hold_lock();
	free_at = 20; /* after 200 ms */
	said = heard_of_take(0);
	assert_string_equal(said, "");
	assert_num(polls, 20);
	free(said);
}

static void a_launcher_that_dies_late_is(void **state)
{
	char *said;

	hold_lock();
	free_at = 21;
	said = heard_of_take(0);
	assert_true(*said);
	assert_num(polls, 21);
	free(said);
}

/* --- what was left --- */

/* Return: an fd that listens there. */
static int listen_at(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, path_of(name));
	assert_sys(fd);
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(fd, 1));
	return fd;
}

static const char *const ours[] = {
	"kbd.sock", "kbd.inject", "kbd.stats",		"kbd.server",
	"holder",   "_.sock",	  (LABEL_32 ".inject"),
};
static const char *const others[] = {
	"kbd.other",	     ".sock",	 "a b.sock", "-a.sock",
	"kbdsock",	     "x.sock.1", "holder.x", "sock",
	(LABEL_32 "6.sock"), "kbd.",	 "control",
};

static void leave_all(bool control)
{
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		close(listen_at(ours[i]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (control || strcmp(others[i], "control"))
			close(listen_at(others[i]));
}

static void sockets_of_devices_are_removed_and_no_others(void **state)
{
	assert_ok(launch_place_take(&place, dir, why));
	leave_all(true);
	file_write(path_of("mouse.sock"), "no socket");
	assert_num(launch_place_clean(&place), ARRAY_LEN(ours));
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		assert_false(exists(ours[i]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!exists(others[i]))
			fail_msg("%s was removed", others[i]);
	assert_true(exists("mouse.sock"));
	assert_num(polls, 0);
	launch_place_leave(&place);
}

static void what_a_launcher_left_that_ended_in_order_is_not_ours(void **state)
{
	assert_ok(launch_place_take(&place, dir, why));
	leave_all(false);
	assert_num(launch_place_clean(&place), 0);
	assert_true(exists("kbd.sock"));
	file_write(path_of("control"), "no socket");
	assert_num(launch_place_clean(&place), 0);
	assert_true(exists("kbd.sock"));
	launch_place_leave(&place);
}

static void a_socket_in_use_is_waited_for_and_stays(void **state)
{
	assert_ok(launch_place_take(&place, dir, why));
	close(listen_at("control"));
	close(listen_at("a.sock"));
	const int fd = listen_at("kbd.sock");
	close(listen_at("z.sock"));
	assert_num(launch_place_clean(&place), 2);
	assert_num(waited_ms, 2000);
	assert_true(exists("kbd.sock"));
	close(fd);
	launch_place_leave(&place);
}

static void a_socket_is_removed_once_its_process_has_died(void **state)
{
	assert_ok(launch_place_take(&place, dir, why));
	close(listen_at("control"));
	close(listen_at("a.sock"));
	holder = listen_at("kbd.sock");
	free_at = 3;
	assert_num(launch_place_clean(&place), 2);
	assert_num(polls, 3);
	assert_false(exists("kbd.sock"));
	launch_place_leave(&place);
}

static void a_folder_that_has_gone_has_nothing(void **state)
{
	char sub[TEMP_DIR_LEN + 80], moved[TEMP_DIR_LEN + 80];

	strcpy(sub, path_of("sub"));
	strcpy(moved, path_of("moved"));
	assert_ok(launch_place_take(&place, sub, why));
	close(listen_at("sub/control"));
	assert_sys(rename(sub, moved));
	assert_num(launch_place_clean(&place), 0);
	launch_place_leave(&place);
}

static void a_path_that_is_too_long_is_left_alone(void **state)
{
	char padded[PATH_MAX];

	assert_ok(launch_place_take(&place, dir, why));
	close(listen_at("control"));
	close(listen_at("a.sock"));
	memset(padded, '/', sizeof(padded));
	memcpy(padded, dir, strlen(dir));
	padded[PATH_MAX - strlen("/a.sock")] = '\0';
	place.dir = padded;
	assert_num(launch_place_clean(&place), 0);
	assert_true(exists("a.sock"));
	launch_place_leave(&place);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_folder_that_is_made_is_removed_if_it_is_empty),
		T(a_folder_that_exists_stays),
		T(a_folder_that_cannot_be_used_is_refused),
		T(a_folder_in_use_is_waited_for),
		T(a_launcher_that_dies_soon_is_not_mentioned),
		T(a_launcher_that_dies_late_is),
		T(sockets_of_devices_are_removed_and_no_others),
		T(what_a_launcher_left_that_ended_in_order_is_not_ours),
		T(a_socket_in_use_is_waited_for_and_stays),
		T(a_socket_is_removed_once_its_process_has_died),
		T(a_folder_that_has_gone_has_nothing),
		T(a_path_that_is_too_long_is_left_alone),
	};

	return cmocka_run_group_tests_name("launch-place", tests, NULL, NULL);
}

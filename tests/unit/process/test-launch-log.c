/* SPDX-License-Identifier: Apache-2.0 */
/* launch-log.h and launch-lines.h: whole lines, to files and to stderr. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "injector/process/launch-log.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

#define STAMP	  "2001-09-09T01:46:40.007Z"
#define STAMP_LEN 24

static char dir[TEMP_DIR_LEN], read_back[16384];
static struct launch_log log_;
static struct launch_log_file file;
static int err[2]; /* a pipe in place of stderr */

/* The time of day stands still. */
/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ 1000000000, 7999999 };
	return 0;
}

static int setup(void **state)
{
	temp_dir_make(dir);
	assert_sys(pipe2(err, O_CLOEXEC | O_NONBLOCK));
	log_ = LAUNCH_LOG_NULL;
	log_.err = err[1];
	log_.level = LOG_INFO;
	log_.own.label = "launcher";
	file = (struct launch_log_file){ .label = "kbd", .fd = -1 };
	return 0;
}

static int teardown(void **state)
{
	launch_log_close(&file);
	launch_log_close(&file);
	launch_log_fini(&log_);
	close(err[0]);
	close(err[1]);
	return temp_dir_remove(dir);
}

static const char *path_of(const char *name)
{
	static char path[TEMP_DIR_LEN + 40];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void expect_file(const char *name, const char *text)
{
	const int fd = open(path_of(name), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_sys(fd);
	n = read(fd, read_back, sizeof(read_back) - 1);
	close(fd);
	assert_sys(n);
	read_back[n] = '\0';
	assert_string_equal(read_back, text);
}

static void expect_no_file(const char *name)
{
	assert_num(access(path_of(name), F_OK), -1);
}

static void expect_stderr(const char *text)
{
	const ssize_t n = read(err[0], read_back, sizeof(read_back) - 1);

	read_back[n > 0 ? n : 0] = '\0';
	assert_string_equal(read_back, text);
}

static void open_file(void)
{
	log_.dir = dir;
	assert_ok(launch_log_open(&log_, "kbd", &file));
}

/* --- stderr --- */

static void without_a_file_a_line_has_its_label(void **state)
{
	fill_with_garbage(&file);
	assert_ok(launch_log_open(&log_, "kbd", &file));
	assert_num(file.fd, -1);
	launch_log_put(&log_, &file, "one");
	launch_log_line(&log_, LOG_INFO, "%d", 2);
	expect_stderr(STAMP " kbd: one\n" STAMP " launcher: 2\n");
}

static void lines_below_the_level_are_left_out(void **state)
{
	launch_log_line(&log_, LOG_DEBUG, "no");
	log_.level = LOG_DEBUG;
	launch_log_line(&log_, LOG_DEBUG, "yes");
	expect_stderr(STAMP " launcher: yes\n");
}

static void why_a_launcher_ends_has_no_time(void **state)
{
	launch_log_fatal(&log_, "no devices");
	expect_stderr("vinput-launch: no devices\n");
}

static void a_line_has_printable_characters_only(void **state)
{
	launch_log_put(&log_, &file, "\x01\x1f \x7e\x7f\xc3\xbc");
	expect_stderr(STAMP " kbd: ?? \x7e?\xc3\xbc\n");
}

static void fill_stderr(void)
{
	static const char filler[4096];

	while (write(err[1], filler, sizeof(filler)) > 0)
		continue;
}

static void drain_stderr(void)
{
	while (read(err[0], read_back, sizeof(read_back)) > 0)
		continue;
}

static void lost_lines_are_counted_and_reported_once(void **state)
{
	for (int times = 0; times < 2; times++) {
		fill_stderr();
		for (int i = 0; i < 3; i++)
			launch_log_put(&log_, &file, "lost");
		drain_stderr();
		launch_log_put(&log_, &file, "kept");
		launch_log_put(&log_, &file, "next");
		expect_stderr(STAMP " launcher: 3 log lines lost: nobody read "
				    "them\n" STAMP " kbd: kept\n" STAMP
				    " kbd: next\n");
	}
}

/* There is nobody who could read how many. */
static void lines_for_a_closed_stderr_are_not_counted(void **state)
{
	const int was = log_.err;

	log_.err = -1;
	launch_log_put(&log_, &file, "gone");
	log_.err = was;
	launch_log_put(&log_, &file, "kept");
	expect_stderr(STAMP " kbd: kept\n");
}

/* --- files --- */

static void a_file_has_the_time_before_each_line(void **state)
{
	struct stat st;

	open_file();
	launch_log_put(&log_, &file, "one");
	launch_log_put(&log_, &file, "two");
	expect_file("kbd.log", STAMP " one\n" STAMP " two\n");
	expect_stderr("");
	assert_sys(stat(path_of("kbd.log"), &st));
	assert_num(st.st_mode & 0777, 0600);
	assert_num(fcntl(file.fd, F_GETFD), FD_CLOEXEC);
}

static void what_a_file_has_stays(void **state)
{
	file_write(path_of("kbd.log"), "before\n");
	open_file();
	assert_num(file.size, 7);
	launch_log_put(&log_, &file, "one");
	expect_file("kbd.log", "before\n" STAMP " one\n");
	assert_num(file.size, 7 + STAMP_LEN + 5);
}

/* What it opens in place of stderr is meant for the whole process. */
static void init_log(int rc)
{
	const int ours = log_.err;

	assert_rc(launch_log_init(&log_), rc);
	if (log_.err != STDERR_FILENO)
		close(log_.err);
	log_.err = ours;
}

static void the_launchers_folder_and_file_are_made(void **state)
{
	char sub[TEMP_DIR_LEN + 8];
	struct stat st;

	snprintf(sub, sizeof(sub), "%s/log", dir);
	log_.dir = sub;
	for (int i = 0; i < 2; i++) {
		init_log(0);
		launch_log_line(&log_, LOG_INFO, "up");
		launch_log_fini(&log_);
	}
	expect_file("log/launcher.log", STAMP " up\n" STAMP " up\n");
	assert_sys(stat(sub, &st));
	assert_num(st.st_mode & 0777, 0700);
	snprintf(sub, sizeof(sub), "%s/a/b", dir);
	init_log(-ENOENT);
}

static void without_a_folder_none_is_opened(void **state)
{
	log_.dir = NULL;
	init_log(0);
	assert_num(log_.own.fd, -1);
	assert_string_equal(log_.own.label, "launcher");
}

static void a_file_that_cannot_be_opened_is_an_error(void **state)
{
	log_.dir = "/no/such/folder";
	fill_with_garbage(&file);
	assert_rc(launch_log_open(&log_, "kbd", &file), -ENOENT);
	assert_num(file.fd, -1);
}

/* Our folder's name with so many slashes that "/kbd.log" gives this length. */
static const char *folder_of(size_t len)
{
	static char path[5000];

	memset(path, '/', sizeof(path));
	memcpy(path, dir, strlen(dir));
	path[len - strlen("/kbd.log")] = '\0';
	return path;
}

static void a_name_that_is_too_long_is_an_error(void **state)
{
	log_.dir = folder_of(4096);
	assert_rc(launch_log_open(&log_, "kbd", &file), -ENAMETOOLONG);
	assert_num(file.fd, -1);
	log_.dir = folder_of(4095);
	assert_ok(launch_log_open(&log_, "kbd", &file));
}

static void the_longest_name_can_be_that_of_the_one_before(void **state)
{
	log_.max = 1;
	log_.dir = folder_of(4095 - strlen(".1"));
	assert_ok(launch_log_open(&log_, "kbd", &file));
	launch_log_put(&log_, &file, "one");
	launch_log_put(&log_, &file, "two");
	expect_file("kbd.log.1", STAMP " one\n");
	expect_file("kbd.log", STAMP " two\n");
}

static void neither_links_nor_fifos_are_followed(void **state)
{
	log_.dir = dir;
	assert_sys(symlink("/dev/null", path_of("kbd.log")));
	assert_rc(launch_log_open(&log_, "kbd", &file), -ELOOP);
	assert_sys(mkfifo(path_of("fifo.log"), 0600));
	assert_rc(launch_log_open(&log_, "fifo", &file), -ENXIO);
}

static void a_moved_file_is_opened_by_its_name_again(void **state)
{
	char moved[TEMP_DIR_LEN + 40];

	open_file();
	launch_log_put(&log_, &file, "one");
	strcpy(moved, path_of("moved"));
	assert_sys(rename(path_of("kbd.log"), moved));
	assert_ok(launch_log_reopen(&log_, &file));
	launch_log_put(&log_, &file, "two");
	expect_file("moved", STAMP " one\n");
	expect_file("kbd.log", STAMP " two\n");
}

static void one_that_cannot_be_opened_again_is_kept(void **state)
{
	open_file();
	log_.dir = "/no/such/folder";
	assert_rc(launch_log_reopen(&log_, &file), -ENOENT);
	launch_log_put(&log_, &file, "one");
	expect_file("kbd.log", STAMP " one\n");
}

/* --- their size --- */

#define LINE(text) STAMP " " text "\n"
#define LINE_LEN   (STAMP_LEN + 5) /* of three letters */

static void a_file_past_its_size_becomes_the_one_before(void **state)
{
	log_.max = 2 * LINE_LEN;
	open_file();
	launch_log_put(&log_, &file, "one");
	launch_log_put(&log_, &file, "two");
	expect_file("kbd.log", LINE("one") LINE("two"));
	expect_no_file("kbd.log.1");
	launch_log_put(&log_, &file, "six");
	expect_file("kbd.log.1", LINE("one") LINE("two"));
	expect_file("kbd.log", LINE("six"));
	launch_log_put(&log_, &file, "ten");
	launch_log_put(&log_, &file, "end");
	expect_file("kbd.log.1", LINE("six") LINE("ten"));
	expect_file("kbd.log", LINE("end"));
}

static void a_line_that_is_longer_stands_alone(void **state)
{
	log_.max = 1;
	open_file();
	launch_log_put(&log_, &file, "one");
	expect_no_file("kbd.log.1");
	launch_log_put(&log_, &file, "two");
	expect_file("kbd.log.1", LINE("one"));
	expect_file("kbd.log", LINE("two"));
}

static void without_a_limit_a_file_only_grows(void **state)
{
	log_.max = 0;
	open_file();
	launch_log_put(&log_, &file, "one");
	launch_log_put(&log_, &file, "two");
	expect_file("kbd.log", LINE("one") LINE("two"));
}

/* Somebody has moved it: what is there now is not the one before. */
static void a_file_that_was_moved_is_not_moved_again(void **state)
{
	char moved[TEMP_DIR_LEN + 40];

	log_.max = LINE_LEN;
	open_file();
	launch_log_put(&log_, &file, "one");
	strcpy(moved, path_of("moved"));
	assert_sys(rename(path_of("kbd.log"), moved));
	file_write(path_of("kbd.log"), "other\n");
	launch_log_put(&log_, &file, "two");
	expect_no_file("kbd.log.1");
	expect_file("kbd.log", "other\n" LINE("two"));
}

/* A folder stands where the one before would; it is not tried each time. */
static void a_file_that_cannot_be_moved_is_written_on(void **state)
{
	log_.max = LINE_LEN;
	open_file();
	assert_sys(mkdir(path_of("kbd.log.1"), 0700));
	launch_log_put(&log_, &file, "one");
	launch_log_put(&log_, &file, "two");
	assert_num(file.size, LINE_LEN);
	expect_file("kbd.log", LINE("one") LINE("two"));
}

/* --- long lines --- */

/* With its time and label, and without the newline. */
#define LONGEST (32 + 64 + LAUNCH_LINE_MAX - 2)

/* Return: the longest line, or one that has this many bytes more or less. */
static char *line_of(const char *start, int more)
{
	static char line[LONGEST + 8];
	const size_t len = (size_t)(LONGEST + more);

	memset(line, 'x', len);
	memcpy(line, start, strlen(start));
	strcpy(line + len, "\n");
	return line;
}

static void a_line_that_is_too_long_is_cut(void **state)
{
	for (int more = -1; more <= 1; more++) {
		char text[LONGEST + 8];

		open_file();
		assert_sys(ftruncate(file.fd, 0));
		strcpy(text, line_of("", more - STAMP_LEN - 1));
		*strchr(text, '\n') = '\0';
		launch_log_put(&log_, &file, text);
		expect_file("kbd.log", line_of(STAMP " ", more < 0 ? -1 : 0));
		launch_log_close(&file);
		launch_log_put(&log_, &file, text);
		expect_stderr(line_of(STAMP " kbd: ", 0));
	}
}

static void a_long_line_follows_the_report_of_others(void **state)
{
	char expected[2 * LONGEST];

	log_.lost = 1;
	launch_log_put(&log_, &file, line_of("", 0));
	snprintf(expected, sizeof(expected),
		 STAMP " launcher: 1 log lines lost: nobody read them\n%s",
		 line_of(STAMP " kbd: ", 0));
	expect_stderr(expected);
}

static void a_long_reason_is_whole(void **state)
{
	char text[LAUNCH_LINE_MAX], expected[LAUNCH_LINE_MAX + 32];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	launch_log_fatal(&log_, text);
	snprintf(expected, sizeof(expected), "vinput-launch: %s\n", text);
	expect_stderr(expected);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(without_a_file_a_line_has_its_label),
		T(lines_below_the_level_are_left_out),
		T(why_a_launcher_ends_has_no_time),
		T(a_line_has_printable_characters_only),
		T(lost_lines_are_counted_and_reported_once),
		T(lines_for_a_closed_stderr_are_not_counted),
		T(a_file_has_the_time_before_each_line),
		T(what_a_file_has_stays),
		T(the_launchers_folder_and_file_are_made),
		T(without_a_folder_none_is_opened),
		T(a_file_that_cannot_be_opened_is_an_error),
		T(a_name_that_is_too_long_is_an_error),
		T(the_longest_name_can_be_that_of_the_one_before),
		T(neither_links_nor_fifos_are_followed),
		T(a_moved_file_is_opened_by_its_name_again),
		T(one_that_cannot_be_opened_again_is_kept),
		T(a_file_past_its_size_becomes_the_one_before),
		T(a_line_that_is_longer_stands_alone),
		T(without_a_limit_a_file_only_grows),
		T(a_file_that_was_moved_is_not_moved_again),
		T(a_file_that_cannot_be_moved_is_written_on),
		T(a_line_that_is_too_long_is_cut),
		T(a_long_line_follows_the_report_of_others),
		T(a_long_reason_is_whole),
	};

	return cmocka_run_group_tests_name("launch-log", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* log.h: each line, byte by byte, and what becomes of those without a reader.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "input/base/log.h"
#include "input/base/outlet.h"
#include "tests/lib/check.h"

#define OUTLET_FD 77
#define LINE_MAX  1984 /* with its newline */

/* --- an outlet and a clock of the test's own --- */

static struct {
	char text[4 * LINE_MAX];
	size_t len;
	ssize_t takes; /* bytes of the next write; -1: none, with error */
	int error;
	int fd;
} out;
static time_t now_s;
static char program[] = "test";

int outlet_open(int fd)
{
	assert_num(fd, STDERR_FILENO);
	return OUTLET_FD;
}

ssize_t outlet_write(int fd, const void *data, size_t len)
{
	const ssize_t n = out.takes < (ssize_t)len ? out.takes : (ssize_t)len;

	out.fd = fd;
	errno = out.error;
	if (n < 0)
		return n;
	assert_true(out.len + (size_t)n < sizeof(out.text));
	memcpy(out.text + out.len, data, (size_t)n);
	out.len += (size_t)n;
	out.text[out.len] = '\0';
	return n;
}

int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	*tp = (struct timespec){ .tv_sec = now_s };
	return 0;
}

static void outlet_takes(ssize_t n, int error)
{
	out.takes = n;
	out.error = error;
}

static int setup(void **state)
{
	memset(&out, 0, sizeof(out));
	outlet_takes(sizeof(out.text), 0);
	now_s = 1000;
	program_invocation_short_name = program;
	log_set_level(LOG_INFO);
	log_open();
	return 0;
}

static void expect_log(const char *text)
{
	assert_string_equal(out.text, text);
	out.len = 0;
	out.text[0] = '\0';
}

static void say(const char *text)
{
	log_line(LOG_ERROR, CULPRIT_NONE, "%s", text);
}

/* --- lines --- */

static void a_line_names_the_program_and_the_culprit(void **state)
{
	for (int c = CULPRIT_NONE; c <= CULPRIT_BUG; c++)
		log_line(LOG_ERROR, (enum log_culprit)c, "text %d", c);
	expect_log("test: text 0\n"
		   "test: frontend: text 1\n"
		   "test: guest: text 2\n"
		   "test: injector: text 3\n"
		   "test: host: text 4\n"
		   "test: bug: text 5\n");
	assert_num(out.fd, OUTLET_FD);
}

static void lines_up_to_the_level_are_written(void **state)
{
	char want[24];

	for (int level = LOG_OFF; level <= LOG_TRACE; level++) {
		log_set_level((enum log_level)level);
		assert_num(log_enabled(LOG_ERROR), level >= LOG_ERROR);
		assert_num(log_enabled(LOG_TRACE), level >= LOG_TRACE);
		for (int l = LOG_ERROR; l <= LOG_TRACE; l++) {
			log_line((enum log_level)l, CULPRIT_NONE, "%d", l);
			snprintf(want, sizeof(want), "test: %d\n", l);
			expect_log(l <= level ? want : "");
		}
	}
}

static void levels_have_names_of_any_case(void **state)
{
	static const char *const names[] = { "off",  "error", "warning",
					     "info", "DEBUG", "Trace" };
	enum log_level level;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		assert_ok(log_level_from_name(names[i], &level));
		assert_num(level, i);
	}
	assert_rc(log_level_from_name("warn", &level), -EINVAL);
	assert_rc(log_level_from_name("", &level), -EINVAL);
}

static void control_characters_are_replaced(void **state)
{
	say("\1 \n \x1f \x20 ~ \x7f \x80 \xff");
	expect_log("test: ? ? ?   ~ ? \x80 \xff\n");
}

static void a_line_has_a_longest_length(void **state)
{
	char text[LINE_MAX + 1];
	const int most = LINE_MAX - (int)strlen("test: \n");

	memset(text, 'x', sizeof(text));
	for (int len = most - 1; len <= most + 2; len++) {
		out.len = 0;
		log_line(LOG_ERROR, CULPRIT_NONE, "%.*s", len, text);
		assert_num(out.len,
			   LINE_MAX - most + (len < most ? len : most));
		assert_num(out.text[out.len - 1], '\n');
		assert_num(out.text[out.len - 2], 'x');
	}
}

static void a_program_may_have_a_long_name(void **state)
{
	static char name[] = "a-name-of-32-characters-and-more-", text[4000];
	static const char head[] =
		"a-name-of-32-characters-and-more: injector: x";

	program_invocation_short_name = name;
	memset(text, 'x', sizeof(text) - 1);
	log_line(LOG_ERROR, CULPRIT_INJECTOR, "%s", text);
	assert_num(out.len, LINE_MAX);
	assert_memory_equal(out.text, head, strlen(head));
}

/* --- limits --- */

static void say_limited(struct log_limit *limit, int times)
{
	while (times--)
		log_limited(limit, LOG_WARNING, CULPRIT_GUEST, "often");
}

static void expect_often(int times, const char *last)
{
	char want[sizeof(out.text)] = "";

	while (times--)
		strcat(want, "test: guest: often\n");
	strcat(want, last);
	expect_log(want);
}

static void a_burst_is_limited_and_the_rest_is_counted(void **state)
{
	struct log_limit limit = { 0 };

	say_limited(&limit, LOG_BURST);
	expect_often(LOG_BURST, "");
	now_s += LOG_INTERVAL_S - 1;
	say_limited(&limit, 3);
	expect_often(0, "");
	now_s++;
	say_limited(&limit, 1);
	expect_often(0, "test: guest: often (3 such lines suppressed)\n");
	say_limited(&limit, LOG_BURST);
	expect_often(LOG_BURST - 1, "");
	now_s += LOG_INTERVAL_S;
	say_limited(&limit, 1);
	expect_often(0, "test: guest: often (1 such lines suppressed)\n");
}

static void the_longest_line_has_room_for_what_was_suppressed(void **state)
{
	struct log_limit limit = { .since = 1, .suppressed = 4000000000u };
	static const char last[] = "x (4000000000 such lines suppressed)\n";

	log_limited(&limit, LOG_ERROR, CULPRIT_NONE, "%02000d%s", 0, "x");
	assert_num(out.len, LINE_MAX - 1 + strlen(last) - 1);
	assert_string_equal(out.text + LINE_MAX - 1, last + 1);
}

static void lines_below_the_level_use_up_no_burst(void **state)
{
	struct log_limit limit = { 0 };

	log_set_level(LOG_ERROR);
	say_limited(&limit, LOG_BURST);
	log_set_level(LOG_WARNING);
	say_limited(&limit, LOG_BURST);
	expect_often(LOG_BURST, "");
}

/* --- lines without a reader --- */

static void lines_that_are_lost_are_counted(void **state)
{
	outlet_takes(-1, EAGAIN);
	say("1");
	say("2");
	outlet_takes(sizeof(out.text), 0);
	say("3");
	say("4");
	expect_log("test: host: 2 log lines lost: nobody read them\n"
		   "test: 3\n"
		   "test: 4\n");
}

static void the_rest_of_a_line_in_part_is_not_taken_for_another(void **state)
{
	outlet_takes(0, 0);
	say("1");
	outlet_takes(sizeof(out.text), 0);
	say("2");
	outlet_takes(3, 0);
	say("3");
	outlet_takes(-1, EAGAIN);
	say("4");
	outlet_takes(sizeof(out.text), 0);
	say("5");
	expect_log("test: host: 1 log lines lost: nobody read them\n"
		   "test: 2\n"
		   "tes\n"
		   "test: host: 2 log lines lost: nobody read them\n"
		   "test: 5\n");
}

static void lines_lost_at_the_end_are_reported_once(void **state)
{
	outlet_takes(3, 0);
	say("1");
	outlet_takes(-1, EAGAIN);
	say("2");
	outlet_takes(sizeof(out.text), 0);
	say("3");
	outlet_takes(-1, EAGAIN);
	say("4");
	expect_log("tes\n"
		   "test: host: 2 log lines lost: nobody read them\n"
		   "test: 3\n");
	outlet_takes(sizeof(out.text), 0);
	log_close();
	expect_log("test: host: 1 log lines lost: nobody read them\n");
	log_close();
	expect_log("");
}

static void without_an_outlet_nothing_is_counted(void **state)
{
	outlet_takes(-1, EPIPE);
	say("1");
	outlet_takes(sizeof(out.text), 0);
	say("2");
	expect_log("test: 2\n");
}

/* --- the last error --- */

static void the_last_error_is_kept_at_any_level(void **state)
{
	char text[8] = "before";

	log_keep_error(text, sizeof(text));
	assert_string_equal(text, "");
	log_set_level(LOG_OFF);
	say("first");
	say("b\nd and long");
	log_line(LOG_WARNING, CULPRIT_NONE, "none");
	assert_string_equal(text, "b?d and");
	log_keep_error(NULL, 0);
	say("later");
	assert_string_equal(text, "b?d and");
	expect_log("");
}

#define T(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_line_names_the_program_and_the_culprit),
		T(lines_up_to_the_level_are_written),
		T(levels_have_names_of_any_case),
		T(control_characters_are_replaced),
		T(a_line_has_a_longest_length),
		T(a_program_may_have_a_long_name),
		T(a_burst_is_limited_and_the_rest_is_counted),
		T(the_longest_line_has_room_for_what_was_suppressed),
		T(lines_below_the_level_use_up_no_burst),
		T(lines_that_are_lost_are_counted),
		T(the_rest_of_a_line_in_part_is_not_taken_for_another),
		T(lines_lost_at_the_end_are_reported_once),
		T(without_an_outlet_nothing_is_counted),
		T(the_last_error_is_kept_at_any_level),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

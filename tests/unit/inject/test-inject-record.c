/* SPDX-License-Identifier: Apache-2.0 */
/* record: a node of the test's, its events, and what ends it. */
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "injector/inject/inject-commands.h"
#include "injector/inject/inject-words.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

/* What a read of the node returns; the last one's result is returned for good.
 */
struct next {
	int r;
	struct input_event ev;
};

static const struct next *node;
static unsigned int flags_seen; /* of reads, each is a bit */
static int clock_wanted;
static int open_error;
static char dir[TEMP_DIR_LEN];
static int what_is_raised, raised; /* where no more events follow */
static volatile sig_atomic_t handled;

static void on_signal(int signal)
{
	handled++;
}

/* --- in place of libevdev --- */

int libevdev_new_from_fd(int fd, struct libevdev **dev)
{
	*dev = NULL;
	if (open_error)
		return open_error;
	*dev = libevdev_new();
	libevdev_set_name(*dev, "Keys");
	return 0;
}

int libevdev_set_clock_id(struct libevdev *dev, int clockid)
{
	clock_wanted = clockid;
	return 0;
}

int libevdev_next_event(struct libevdev *dev, unsigned int flags,
			struct input_event *ev)
{
	const struct next *at = node;

	if (at->r == -EAGAIN && flags == LIBEVDEV_READ_FLAG_NORMAL) {
		if (raised++)
			return -ENODEV;
		raise(what_is_raised);
	}
	flags_seen |= flags;
	*ev = at->ev;
	if (at->r >= 0 || flags == LIBEVDEV_READ_FLAG_SYNC)
		node++;
	return at->r;
}

/* --- */

/* Run it with files of the test's folder. Return: as it does. */
static int record(const char *options, struct fault *f)
{
	struct inject_context ctx = { .line = 0 };
	struct inject_commands list;
	static struct inject_run run;
	struct inject_words words;
	const char *to = NULL;
	char line[200];
	int r;

	snprintf(line, sizeof(line), "record %s/node --output=%s/out %s", dir,
		 dir, options);
	assert_ok(inject_words_split(&words, line, f));
	assert_ok(inject_commands_read(&list, words.word, &ctx, f));
	inject_run_init(&run, INJECT_MODE_REAL, NULL);
	r = inject_commands_run(&list, &run, &to);
	*f = run.fault;
	inject_run_fini(&run);
	inject_commands_fini(&list);
	inject_words_fini(&words);
	return r;
}

static void assert_recorded(const char *text)
{
	char path[TEMP_DIR_LEN + 8], got[512] = "";
	FILE *out;

	snprintf(path, sizeof(path), "%s/out", dir);
	out = fopen(path, "re");
	assert_non_null(out);
	got[fread(got, 1, sizeof(got) - 1, out)] = '\0';
	fclose(out);
	assert_string_equal(got, text);
}

static int setup(void **state)
{
	char path[TEMP_DIR_LEN + 8];
	int fd;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/node", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_sys(fd);
	close(fd);
	open_error = 0;
	clock_wanted = -1;
	flags_seen = 0;
	return 0;
}

static int teardown(void **state)
{
	return temp_dir_remove(dir);
}

#define EV(s, us, type, code, value)                 \
	{                                            \
		LIBEVDEV_READ_STATUS_SUCCESS,        \
		{                                    \
			{ s, us }, type, code, value \
		}                                    \
	}
#define GONE                              \
	{                                 \
		-ENODEV,                  \
		{                         \
			{ 0, 0 }, 0, 0, 0 \
		}                         \
	}
#define NOTHING                           \
	{                                 \
		-EAGAIN,                  \
		{                         \
			{ 0, 0 }, 0, 0, 0 \
		}                         \
	}

static const struct next two_frames[] = {
	EV(5, 100, EV_KEY, KEY_A, 1), EV(5, 100, EV_SYN, SYN_REPORT, 0),
	EV(6, 200, EV_KEY, KEY_A, 0), EV(6, 200, EV_SYN, SYN_REPORT, 0),
	EV(7, 0, EV_KEY, KEY_B, 1),   GONE,
};

#define HEAD "# vinput recording 1\n# Keys\n"

static void times_are_from_the_first_event_on(void **state)
{
	struct fault fault;

	node = two_frames;
	assert_ok(record("", &fault));
	assert_recorded(HEAD "0.000000 KEY_A=1\n1.000100 KEY_A=0\n"
			     "1.999900 KEY_B=1\n");
	assert_num(clock_wanted, CLOCK_MONOTONIC);
}

static void a_number_of_frames_is_enough(void **state)
{
	struct fault fault;

	node = two_frames;
	assert_ok(record("--count=1", &fault));
	assert_recorded(HEAD "0.000000 KEY_A=1\n");
	node = two_frames;
	assert_ok(record("--count=2", &fault));
	assert_recorded(HEAD "0.000000 KEY_A=1\n1.000100 KEY_A=0\n");
}

static void a_signal_ends_it(void **state)
{
	static const struct next begun[] = { EV(5, 0, EV_KEY, KEY_A, 1),
					     EV(5, 0, EV_SYN, SYN_REPORT, 0),
					     NOTHING };
	static const int signals[] = { SIGINT, SIGTERM };

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct fault fault;

		node = begun;
		what_is_raised = signals[i];
		raised = handled = 0;
		signal(signals[i], on_signal);
		assert_ok(record("", &fault));
		signal(signals[i], SIG_DFL);
		assert_recorded(HEAD "0.000000 KEY_A=1\n");
		/* Only then it takes effect. */
		assert_num(handled, 1);
		assert_num(raised, 1);
	}
}

/* The kernel drops events of who reads too slowly, and tells what is so. */
static void what_makes_up_for_dropped_events_is_recorded(void **state)
{
	static const struct next dropped[] = {
		EV(5, 0, EV_KEY, KEY_A, 1),
		EV(5, 0, EV_SYN, SYN_REPORT, 0),
		{ LIBEVDEV_READ_STATUS_SYNC,
		  { { 6, 0 }, EV_SYN, SYN_DROPPED, 0 } },
		{ LIBEVDEV_READ_STATUS_SYNC, { { 6, 0 }, EV_KEY, KEY_A, 0 } },
		{ LIBEVDEV_READ_STATUS_SYNC,
		  { { 6, 0 }, EV_SYN, SYN_REPORT, 0 } },
		NOTHING,
		EV(7, 0, EV_KEY, KEY_B, 1),
		EV(7, 0, EV_SYN, SYN_MT_REPORT, 0),
		EV(7, 0, EV_SYN, SYN_REPORT, 0),
		GONE,
	};
	struct fault fault;

	node = dropped;
	assert_ok(record("", &fault));
	assert_recorded(HEAD "0.000000 KEY_A=1\n1.000000 KEY_A=0\n"
			     "2.000000 KEY_B=1 SYN_MT_REPORT=0\n");
	assert_num(flags_seen,
		   LIBEVDEV_READ_FLAG_NORMAL | LIBEVDEV_READ_FLAG_SYNC);
}

static void what_fails_is_named(void **state)
{
	static const struct {
		int open, next;
		const char *why;
	} rows[] = { { -ENOTTY, 0, "/node is not an evdev device" },
		     { -EINVAL, 0, "/node is not an evdev device" },
		     { -EACCES, 0, "/node: Permission denied" },
		     { 0, -EIO, "the recording: Input/output error" },
		     { 0, -EPERM, "/node: Operation not permitted" } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct next failing = { .r = rows[i].next };
		struct fault fault;
		int r;

		node = &failing;
		open_error = rows[i].open;
		r = record("", &fault);
		node = NULL;
		assert_num(r, open_error ? open_error : failing.r);
		if (!strstr(fault.text, rows[i].why))
			fail_msg("%s, not %s", fault.text, rows[i].why);
	}
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(times_are_from_the_first_event_on),
		T(a_number_of_frames_is_enough),
		T(a_signal_ends_it),
		T(what_makes_up_for_dropped_events_is_recorded),
		T(what_fails_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* notify.h: what a service manager and the reader of --ready-fd are sent. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/base/notify.h"
#include "tests/lib/check.h"
#include "tests/lib/clock.h"
#include "tests/lib/ends.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

struct world {
	struct notify n;
	char dir[TEMP_DIR_LEN];
	struct sockaddr_un addr;
	int manager;
};

/* A path of this length in bytes; '@' begins an abstract name. */
static void be_manager(struct world *w, char first, size_t len)
{
	char path[sizeof(w->addr.sun_path) + 1] = "";

	snprintf(path, sizeof(path), "%s/", w->dir);
	memset(path + strlen(path), 'x', len - strlen(path));
	*path = first;
	setenv("NOTIFY_SOCKET", path, 1);
	if (first == '@')
		*path = '\0';
	w->addr.sun_family = AF_UNIX;
	memcpy(w->addr.sun_path, path, len);
	w->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_sys(w->manager);
	assert_sys(bind(
		w->manager, (struct sockaddr *)&w->addr,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)));
}

static int setup(void **state)
{
	static struct world w;

	memset(&w, 0, sizeof(w));
	fill_with_garbage(&w.n);
	temp_dir_make(w.dir);
	unsetenv("NOTIFY_SOCKET");
	w.manager = -1;
	*state = &w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	notify_close(&w->n);
	notify_close(&w->n);
	if (w->manager >= 0)
		close(w->manager);
	temp_dir_remove(w->dir);
	return 0;
}

static const char *received(const struct world *w)
{
	static char text[4096];
	ssize_t n = recv(w->manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void a_manager_is_told_of_each_step(void **state)
{
	struct world *w = *state;
	const double start = clock_ms();
	int64_t usec;
	int end = 0;

	be_manager(w, '/', 60);
	notify_open(&w->n, -1);
	assert_string_equal(received(w), "");
	assert_ok(notify_ready(&w->n));
	assert_string_equal(received(w), "READY=1");
	notify_reloading(&w->n);
	sscanf(received(w), "RELOADING=1\nMONOTONIC_USEC=%" SCNd64 "%n", &usec,
	       &end);
	assert_true(end);
	assert_true((double)usec >= start * 1000 - 1);
	assert_true((double)usec <= clock_ms() * 1000 + 1);
	notify_reloaded(&w->n, NULL);
	assert_string_equal(received(w), "READY=1\nSTATUS=");
	notify_reloaded(&w->n, "bad line");
	assert_string_equal(received(w), "READY=1\nERRNO=22\nSTATUS=bad line");
	notify_stopping(&w->n);
	assert_string_equal(received(w), "STOPPING=1");
}

static void a_manager_may_have_any_name(void **state)
{
	static const size_t len[] = {
		60, sizeof(((struct world *)0)->addr.sun_path)
	};
	struct world *w = *state;

	for (size_t i = 0; i < 2 * ARRAY_LEN(len); i++) {
		be_manager(w, i & 1 ? '@' : '/', len[i / 2]);
		notify_open(&w->n, -1);
		notify_stopping(&w->n);
		assert_string_equal(received(w), "STOPPING=1");
		notify_close(&w->n);
		close(w->manager);
		w->manager = -1;
	}
}

static void a_manager_that_cannot_be_reached_is_ignored(void **state)
{
	char long_path[sizeof(((struct sockaddr_un *)0)->sun_path) + 2];
	const char *const paths[] = { "", "/nonexistent/socket", long_path };
	struct world *w = *state;

	memset(long_path, '@', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		setenv("NOTIFY_SOCKET", paths[i], 1);
		notify_open(&w->n, -1);
		assert_num(w->n.manager_fd, -1);
		assert_ok(notify_ready(&w->n));
	}
}

static void a_manager_that_has_left_is_ignored(void **state)
{
	struct world *w = *state;

	be_manager(w, '/', 60);
	notify_open(&w->n, -1);
	close(w->manager);
	w->manager = -1;
	assert_ok(notify_ready(&w->n));
}

/* While it reads its configuration, a device serves. */
static void a_manager_that_does_not_read_is_not_waited_for(void **state)
{
	struct world *w = *state;

	be_manager(w, '/', 60);
	notify_open(&w->n, -1);
	alarm(10);
	for (int i = 0; i < 1000; i++) {
		notify_reloading(&w->n);
		notify_reloaded(&w->n, NULL);
	}
	alarm(0);
}

static void the_reader_gets_a_newline_and_the_end(void **state)
{
	struct world *w = *state;
	char got[4];
	int end[2];

	ends_of_pipe(end);
	fcntl(end[1], F_SETFD, 0);
	notify_open(&w->n, end[1]);
	assert_num(w->n.manager_fd, -1);
	assert_num(fcntl(w->n.ready_fd, F_GETFD), FD_CLOEXEC);
	assert_ok(notify_ready(&w->n));
	assert_num(w->n.ready_fd, -1);
	assert_num(read(end[0], got, sizeof(got)), 1);
	assert_num(got[0], '\n');
	assert_num(read(end[0], got, sizeof(got)), 0);
	/* Once. */
	assert_ok(notify_ready(&w->n));
	close(end[0]);
}

static void without_being_ready_there_is_no_newline(void **state)
{
	struct world *w = *state;
	char got[4];
	int end[2];

	ends_of_pipe(end);
	notify_open(&w->n, end[1]);
	notify_close(&w->n);
	assert_num(read(end[0], got, sizeof(got)), 0);
	close(end[0]);
}

static void a_reader_that_has_left_is_an_error(void **state)
{
	struct world *w = *state;
	int end[2];

	signal(SIGPIPE, SIG_IGN);
	ends_of_pipe(end);
	close(end[0]);
	notify_open(&w->n, end[1]);
	assert_rc(notify_ready(&w->n), -EPIPE);
	assert_num(w->n.ready_fd, -1);
	signal(SIGPIPE, SIG_DFL);
}

/* Return: 0 in the child, once the reader may look. */
static int ready_at(struct world *w, int fd, int to)
{
	struct stat null, there;

	dup2(to, fd);
	if (fd < STDERR_FILENO)
		close(STDERR_FILENO); /* a number that is free */
	notify_open(&w->n, fd);
	if (fd > STDERR_FILENO ? w->n.ready_fd != fd
			       : w->n.ready_fd <= STDERR_FILENO)
		return 1;
	if (fcntl(w->n.ready_fd, F_GETFD) != FD_CLOEXEC)
		return 2;
	if (fd <= STDERR_FILENO &&
	    (stat("/dev/null", &null) || fstat(fd, &there) ||
	     null.st_rdev != there.st_rdev ||
	     (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR))
		return 3;
	return notify_ready(&w->n) ? 4 : 0;
}

static void a_standard_stream_stays_open(void **state)
{
	struct world *w = *state;
	int end[2], status;
	char got[8];

	for (int fd = 0; fd <= 3; fd++) {
		ends_of_pipe(end);
		const pid_t pid = fork();

		assert_sys(pid);
		if (!pid)
			_exit(ready_at(w, fd, end[1]));
		close(end[1]);
		assert_num(waitpid(pid, &status, 0), pid);
		assert_num(status, 0);
		assert_num(read(end[0], got, sizeof(got)), 1);
		close(end[0]);
	}
	notify_open(&w->n, -1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_manager_is_told_of_each_step),
		T(a_manager_may_have_any_name),
		T(a_manager_that_cannot_be_reached_is_ignored),
		T(a_manager_that_has_left_is_ignored),
		T(a_manager_that_does_not_read_is_not_waited_for),
		T(the_reader_gets_a_newline_and_the_end),
		T(without_being_ready_there_is_no_newline),
		T(a_reader_that_has_left_is_an_error),
		T(a_standard_stream_stays_open),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}

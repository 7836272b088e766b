/* SPDX-License-Identifier: Apache-2.0 */
/* pass-opener.h; a file of the test stands for a node. */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-opener.h"
#include "injector/passthrough/pass-permit.h"
#include "tests/lib/check.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN], node[64];
/* Without sysfs; what is permitted is permitted by its path. */
static const struct pass_host host = { .sys = "/nonexistent",
				       .dev = "/nonexistent" };
static int ioctl_error;
/* What open() says of this path, and with which flags it was called. */
static const char refused[] = "/refused";
static int open_error[2], open_flags[2], opened;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	if (strcmp(path, refused) != 0)
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600);
	open_flags[opened] = flags;
	errno = open_error[opened++];
	return errno ? -1 : STDIN_FILENO;
}

int ioctl(int fd, unsigned long request, ...)
{
	assert_true(request == EVIOCGID);
	errno = ioctl_error;
	return errno ? -1 : 0;
}

static int setup(void **state)
{
	temp_dir_make(dir);
	snprintf(node, sizeof(node), "%s/node", dir);
	file_write(node, "-");
	ioctl_error = 0;
	return 0;
}

static int teardown(void **state)
{
	pass_opener_stop();
	return temp_dir_remove(dir);
}

#define RDWR   (O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
#define RDONLY (O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

static void without_permission_to_write_it_is_read(void **state)
{
	static const struct {
		int error[2], rc, opened;
		bool writable;
	} rows[] = {
		{ { 0 }, 0, 1, true },
		{ { EACCES }, 0, 2, false },
		{ { EPERM }, 0, 2, false },
		{ { EROFS }, 0, 2, false },
		{ { EACCES, ENODEV }, -ENODEV, 2, false },
		{ { EBUSY }, -EBUSY, 1, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool writable = !rows[i].writable;

		memcpy(open_error, rows[i].error, sizeof(open_error));
		opened = 0;
		assert_rc(pass_opener_open(refused, &writable), rows[i].rc);
		assert_num(writable, rows[i].writable);
		assert_num(opened, rows[i].opened);
		assert_num(open_flags[0], RDWR);
		if (opened == 2)
			assert_num(open_flags[1], RDONLY);
	}
}

static void start(struct pass_permit *permit)
{
	assert_ok(pass_opener_start(permit, SANDBOX_LOG));
}

static void the_opener_opens_what_is_permitted(void **state)
{
	const char *const words[] = { node, "/nonexistent/node" };
	struct pass_permit permit = { .host = &host,
				      .words = words,
				      .n_words = 2 };
	char name[300];
	bool writable = false;
	int fd;

	start(&permit);
	for (int i = 0; i < 2; i++) {
		fd = pass_opener_open(node, &writable);
		assert_sys(fd);
		assert_true(writable);
		assert_num(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
			   O_RDWR | O_NONBLOCK);
		assert_num(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
	assert_rc(pass_opener_open("/dev/null", &writable), -EPERM);
	assert_rc(pass_opener_open(words[1], &writable), -ENOENT);
	memset(name, 'n', sizeof(name));
	name[256] = '\0';
	assert_rc(pass_opener_open(name, &writable), -ENAMETOOLONG);
	name[255] = '\0';
	assert_rc(pass_opener_open(name, &writable), -EPERM);
	pass_opener_stop();
	pass_opener_stop();
	fd = pass_opener_open("/dev/null", &writable);
	assert_sys(fd);
	close(fd);
}

static void without_space_for_a_node_there_is_none(void **state)
{
	const char *const words[] = { node };
	struct pass_permit permit = { .host = &host,
				      .words = words,
				      .n_words = 1 };
	struct rlimit limit, few;
	bool writable = false;
	int next, rc;

	start(&permit);
	next = dup(STDIN_FILENO);
	assert_sys(next);
	close(next);
	assert_sys(getrlimit(RLIMIT_NOFILE, &limit));
	few = limit;
	few.rlim_cur = (rlim_t)next;
	assert_sys(setrlimit(RLIMIT_NOFILE, &few));
	rc = pass_opener_open(node, &writable);
	assert_sys(setrlimit(RLIMIT_NOFILE, &limit));
	assert_rc(rc, -EPIPE);
	assert_false(writable);
}

static void what_is_no_node_is_not_opened(void **state)
{
	static const struct {
		int error, rc;
	} rows[] = { { ENOTTY, -ENOTTY }, { EINVAL, -ENOTTY }, { ENODEV, 0 } };
	const char *const words[] = { node };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pass_permit permit = { .host = &host,
					      .words = words,
					      .n_words = 1 };
		bool writable;
		int fd;

		ioctl_error = rows[i].error;
		start(&permit);
		fd = pass_opener_open(node, &writable);
		assert_num(fd < 0 ? fd : 0, rows[i].rc);
		if (fd >= 0)
			close(fd);
		pass_opener_stop();
	}
}

static void who_has_it_open_is_told_where_it_is_permitted(void **state)
{
	const char *const words[] = { node };
	struct pass_permit permit = { .host = &host,
				      .words = words,
				      .n_words = 1 };
	char text[64];

	start(&permit);
	for (int i = 0; i < 2; i++) {
		memset(text, '#', sizeof(text));
		pass_opener_holders(i ? node : "/dev/null", text, sizeof(text));
		assert_string_equal(text, "");
	}
}

/* The other side notices when this process closes them. */
static void the_children_do_not_hold_its_fds(void **state)
{
	struct pass_permit permit = { .host = &host, .on_switch = "true" };
	int before[2], fds[2], after[2];

	assert_sys(pipe(before));
	assert_sys(pipe(fds));
	/* Higher than the socket of a child, and lower. */
	assert_sys(after[1] = fcntl(fds[1], F_DUPFD, 100));
	after[0] = fds[0];
	close(fds[1]);
	start(&permit);
	for (int i = 0; i < 2; i++) {
		const int *ends = i ? after : before;
		struct pollfd end = { .fd = ends[0] };

		close(ends[1]);
		assert_num(poll(&end, 1, 10000), 1);
		close(ends[0]);
	}
}

/* FIFO: what the command writes. */
static void expect_switched(int fifo, const char *text)
{
	char got[64] = "";

	for (size_t len = 0; len < strlen(text); len++) {
		struct pollfd end = { .fd = fifo, .events = POLLIN };

		assert_num(poll(&end, 1, 10000), 1);
		assert_num(read(fifo, got + len, 1), 1);
	}
	assert_true(memcmp(got, text, strlen(text)) == 0);
}

/* Return: what waitpid() says when no child runs. */
static int wait_for_children(void)
{
	int r;

	while (!(r = waitpid(-1, NULL, WNOHANG)))
		poll(NULL, 0, 1);
	return r;
}

static void the_command_is_run_for_what_is_switched_to(void **state)
{
	const char *const targets[] = { "/run/vm1", "/run/vm2" };
	char path[64], command[128];
	struct pass_permit permit = { .host = &host,
				      .targets = targets,
				      .n_targets = 2,
				      .on_switch = command };
	int fifo;

	snprintf(path, sizeof(path), "%s/fifo", dir);
	snprintf(command, sizeof(command), "echo $VINPUT_TARGET >%s", path);
	assert_sys(mkfifo(path, 0600));
	fifo = open(path, O_RDWR | O_NONBLOCK);
	assert_sys(fifo);
	start(&permit);
	pass_opener_switch(command, "/run/vm3");
	pass_opener_switch(command, "/run/vm2");
	expect_switched(fifo, "/run/vm2\n");
	pass_opener_switch(command, "host");
	expect_switched(fifo, "host\n");
	/* Without a child, whatever is said. */
	pass_opener_stop();
	pass_opener_switch(command, "/run/vm3");
	expect_switched(fifo, "/run/vm3\n");
	/* Nothing is left of it. */
	assert_num(wait_for_children(), -1);
	assert_num(errno, ECHILD);
	signal(SIGCHLD, SIG_DFL);
	close(fifo);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(without_permission_to_write_it_is_read),
		T(the_opener_opens_what_is_permitted),
		T(without_space_for_a_node_there_is_none),
		T(what_is_no_node_is_not_opened),
		T(who_has_it_open_is_told_where_it_is_permitted),
		T(the_children_do_not_hold_its_fds),
		T(the_command_is_run_for_what_is_switched_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

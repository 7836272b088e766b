/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the launcher, as a child of the test, which is the launcher. Time
 * passes when the test says so. It takes the place of functions of libc, so it
 * is not in the library: one file of a test includes it.
 */
#ifndef VINPUT_TESTS_CLIENT_WORLD_H
#define VINPUT_TESTS_CLIENT_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "injector/launch/launch-client.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define LIST(devices) "{\"ok\":true,\"devices\":[" devices "]}\n"
#define WITH_DRIVER                                          \
	"{\"label\":\"a\",\"state\":\"ready\",\"vmm\":true," \
	"\"driver\":true}"
#define NO_DRIVER                                            \
	"{\"label\":\"b\",\"state\":\"ready\",\"vmm\":true," \
	"\"driver\":false}"
#define FAILED                                                \
	"{\"label\":\"f\",\"state\":\"failed\",\"vmm\":null," \
	"\"driver\":null}"

static char dir[TEMP_DIR_LEN];
static struct launch_options o;
static json_t *devices;	  /* of --control add */
static int listen_fd, fd; /* the launcher's */
static int out, err;	  /* the client's stdout and stderr */
static pid_t client;

/* The client's, shared with the test, which alone moves it. */
static struct clock {
	_Atomic int64_t ns;
	_Atomic unsigned int looks; /* at it */
	_Atomic int poll_ms;	    /* of the last poll() */
	_Atomic int recv_error;	    /* of the next recv(); 0: none */
} * the_clock;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	const int64_t ns = the_clock->ns;

	*t = (struct timespec){ ns / 1000000000, ns % 1000000000 };
	the_clock->looks++;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	the_clock->poll_ms = ms;
	return (int)syscall(SYS_poll, p, n, ms);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recv(int from, void *to, size_t len, int flags)
{
	if (!the_clock->recv_error)
		return syscall(SYS_recvfrom, from, to, len, flags, NULL, NULL);
	errno = the_clock->recv_error;
	the_clock->recv_error = 0;
	return -1;
}

static inline void pass_s(double seconds)
{
	the_clock->ns += (int64_t)(seconds * 1e9);
}

static inline void launcher_listens(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control", dir);
	listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(listen_fd);
	assert_sys(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listen_fd, 8));
}

static inline int setup(void **state)
{
	temp_dir_make(dir);
	o = (struct launch_options){ .dir = dir, .timeout_s = -1 };
	devices = NULL;
	client = 0;
	fd = listen_fd = -1;
	out = memfd_create("out", MFD_CLOEXEC);
	err = memfd_create("err", MFD_CLOEXEC);
	return 0;
}

static inline int teardown(void **state)
{
	if (client)
		waitpid(client, NULL, 0);
	close(fd);
	close(listen_fd);
	close(out);
	close(err);
	json_decref(devices);
	json_decref(o.spec);
	return temp_dir_remove(dir);
}

/* --- the client --- */

static inline int control(void)
{
	const struct launch_command_row *row = launch_client_command(&o);

	return row ? launch_client_control(&o, row, devices) : 2;
}

static inline int wait_for_it(void)
{
	return launch_client_wait(&o);
}

static inline void start(int (*run)(void))
{
	fflush(NULL);
	client = fork();
	assert_sys(client);
	if (client)
		return;
	alarm(DEADLINE_MS / 1000);
	dup2(out, STDOUT_FILENO);
	dup2(err, STDERR_FILENO);
	exit(run());
}

static inline void expect_text(int from, const char *text)
{
	char is[4096];
	const ssize_t n = pread(from, is, sizeof(is) - 1, 0);

	assert_sys(n);
	is[n] = '\0';
	assert_string_equal(is, text);
}

/* It returns this status; complaint: what follows "vinput-launch: DIR: ". */
static inline void expect_end(int status, const char *printed,
			      const char *complaint)
{
	char expected[1024] = "";
	int is;

	assert_num(waitpid(client, &is, 0), client);
	client = 0;
	if (complaint)
		snprintf(expected, sizeof(expected), "vinput-launch: %s: %s\n",
			 o.dir, complaint);
	assert_num(is, status << 8);
	expect_text(err, expected);
	expect_text(out, printed);
}

/* --- the launcher --- */

static inline void client_comes(void)
{
	struct pollfd p = { .fd = listen_fd, .events = POLLIN };

	close(fd);
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
}

/* Return: the next line that the client sends, to be freed. */
static inline char *hear(void)
{
	char *line = malloc(LAUNCH_REQUEST_MAX + 1);
	size_t len = 0;

	assert_non_null(line);
	do {
		assert_true(len < LAUNCH_REQUEST_MAX);
		assert_num(read(fd, line + len, 1), 1);
	} while (line[len++] != '\n');
	line[len] = '\0';
	return line;
}

static inline void answers(const char *text)
{
	assert_num(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static inline void serves(const char *request, const char *answer)
{
	char *line = hear();

	assert_string_equal(line, request);
	free(line);
	answers(answer);
}

#define WAIT "{\"command\":\"wait\"}\n"
#define ASK  "{\"command\":\"list\"}\n"
#define OK   "{\"ok\":true}\n"
#define BUSY "{\"ok\":false,\"busy\":true,\"error\":\"at most 16\"}\n"

/* For main(), before all else. Return: 0 or -1. */
static inline int client_world_open(void)
{
	the_clock = mmap(NULL, sizeof(*the_clock), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return the_clock == MAP_FAILED ? -1 : 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A unit test has closed at its end what it has opened, or it fails: so a
 * close() that is missing in a module is seen. Linked into every unit test (see
 * the Makefile).
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define FDS 1024

void open_fds_count(void);

static pid_t test;
static int open_at_start;

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < FDS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void print_fds(void)
{
	char name[32], what[128];

	for (int fd = 0; fd < FDS; fd++) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		const ssize_t n = readlink(name, what, sizeof(what));

		if (n > 0)
			fprintf(stderr, "%d: %.*s\n", fd, (int)n, what);
	}
}

__attribute__((constructor)) void open_fds_count(void)
{
	test = getpid();
	open_at_start = open_fds();
}

__attribute__((destructor)) static void open_fds_compare(void)
{
	const int n = open_fds();

	/* Children of a test end in their own way. */
	if (getpid() != test || n == open_at_start)
		return;
	/* Not as cmocka does: no case is to blame, or to run again. */
	fprintf(stderr, "%d fds were open at the start, %d at the end:\n",
		open_at_start, n);
	print_fds();
	_exit(1);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/log-lines.h"

static int stderr_fd = -1, lines_fd = -1;

/* A line is a message. */
void log_lines_take(void)
{
	int fds[2];

	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds));
	stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	assert_sys(stderr_fd);
	lines_fd = fds[0];
	assert_sys(dup2(fds[1], STDERR_FILENO));
	close(fds[1]);
}

/* What a failed assertion has said follows. */
void log_lines_release(void)
{
	char line[4096];
	ssize_t n;

	assert_sys(dup2(stderr_fd, STDERR_FILENO));
	close(stderr_fd);
	while ((n = recv(lines_fd, line, sizeof(line), MSG_DONTWAIT)) > 0)
		fprintf(stderr, "%.*s", (int)n, line);
	close(lines_fd);
}

void assert_logged(const char *lines)
{
	char got[4096] = "", line[2200];
	ssize_t n;

	while ((n = recv(lines_fd, line, sizeof(line) - 1, MSG_DONTWAIT)) > 0) {
		line[n] = '\0';
		strncat(got, strstr(line, ": ") + 2,
			sizeof(got) - strlen(got) - 1);
	}
	assert_string_equal(got, lines);
}

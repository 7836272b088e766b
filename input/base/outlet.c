/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/base/outlet.h"

int outlet_open(int fd)
{
	char path[32];
	struct stat st;
	int own;

	/* Not a file, whose position would be another. */
	if (fstat(fd, &st) < 0 || (!S_ISFIFO(st.st_mode) && !isatty(fd)))
		return fd;
	/* Who shares it does not wait either. */
	if (S_ISFIFO(st.st_mode) && fcntl(fd, F_GETFL) & O_NONBLOCK)
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return own < 0 ? fd : own;
}

ssize_t outlet_write(int fd, const void *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	ssize_t n = send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n >= 0 || errno != ENOTSOCK)
		return n;
	/* A pipe that is writable has room for PIPE_BUF bytes. */
	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT)
		return write(fd, data, len);
	errno = EAGAIN;
	return -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owning file descriptors. `_cleanup_close_ int fd` closes at the end of its
 * scope what steal_fd() has not taken out of it.
 */
#ifndef VINPUT_FD_H
#define VINPUT_FD_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whether a Unix socket takes fds. Not in the headers of older systems. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/*
 * Close an fd, perhaps a peer's: a socket with SO_LINGER would keep us waiting
 * for what it has still to send. errno stays as it is.
 * Return: -1, so that a closed fd can be marked in the same line.
 */
static inline int close_fd(int fd)
{
	static const struct linger off;
	const int saved = errno;

	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &off, sizeof(off));
		close(fd);
	}
	errno = saved;
	return -1;
}

static inline void close_fdp(int *fd)
{
	*fd = close_fd(*fd);
}

#define _cleanup_close_ __attribute__((cleanup(close_fdp)))

static inline int steal_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/*
 * Open what is closed of fds 0 to 2: else the next fd that is opened would be
 * taken for one of these streams.
 */
static inline void fd_fill_standard(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	close_fd(fd);
}

/* Return: 0 or -errno. The flag is the file description's: others see it. */
static inline int fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Return: 0 or -errno; -EBADF if the number is not open at all. */
static inline int fd_set_cloexec(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

/* Return: the value of an int option of SOL_SOCKET, or -errno (-ENOTSOCK). */
static inline int fd_sockopt(int fd, int option)
{
	int value;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len) < 0)
		return -errno;
	return value;
}

/*
 * Give a Unix socket that has no name one of the kernel's making, by which its
 * other end can be told (vu-socket.c). One that has a name keeps it.
 */
static inline void fd_name_socket(int fd)
{
	const struct sockaddr addr = { .sa_family = AF_UNIX };

	(void)bind(fd, &addr, sizeof(addr.sa_family));
}

#endif

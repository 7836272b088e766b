/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything else stands on input/base: helpers around the kernel and libc that
 * know nothing of input devices or virtio. It includes no other folder of ours.
 *
 * This file: owning file descriptors. `_cleanup_close_ int fd` closes fd at the
 * end of its scope unless steal_fd() took it.
 */
#ifndef VINPUT_FD_H
#define VINPUT_FD_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whether a Unix socket accepts fds; not in older headers. */
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif

/*
 * Close an fd that may be a peer's: with SO_LINGER set on a socket, close()
 * would block until its data is sent. Preserves errno.
 * Return: -1, so that `fd = close_fd(fd)` marks it closed.
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
 * Open /dev/null in place of those of fds 0 to 2 that are closed: the next fd
 * opened would otherwise be taken for a standard stream. Children inherit them.
 */
static inline void fd_fill_standard(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", O_RDWR);
}

/* Return: 0 or -errno. All who share the file description see the flag. */
static inline int fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0 && flags & O_NONBLOCK)
		return 0;
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

/* Return: 0 or -errno; -EBADF if no such fd is open. */
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
 * Whose process the other end of a Unix socket was when it connected, listened
 * or made the pair; pid is 0 in another PID namespace. Return: 0 or -errno,
 * *peer is 0 then.
 */
static inline int fd_peer(int fd, struct ucred *peer)
{
	socklen_t len = sizeof(*peer);

	*peer = (struct ucred){ 0 };
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &len) < 0)
		return -errno;
	return 0;
}

/*
 * Let the kernel name a Unix socket that has no name, so that its other end can
 * be identified (vu-socket.c). A name that it has is kept.
 */
static inline void fd_name_socket(int fd)
{
	const struct sockaddr addr = { .sa_family = AF_UNIX };

	(void)bind(fd, &addr, sizeof(addr.sa_family));
}

/* Let this process have as many fds as it may. Return: its limit before. */
static inline struct rlimit fd_raise_limit(void)
{
	struct rlimit before, most;

	getrlimit(RLIMIT_NOFILE, &before);
	most = before;
	most.rlim_cur = most.rlim_max;
	setrlimit(RLIMIT_NOFILE, &most);
	return before;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes with file descriptors over a Unix socket. Never blocks. */
#ifndef VINPUT_FD_PASS_H
#define VINPUT_FD_PASS_H

#include <sys/types.h>
#include <sys/uio.h>

/* As many fds as the kernel takes at once (SCM_MAX_FD). */
#define FD_PASS_MAX 253

/*
 * Read at most len bytes, and all fds that come with them: there is room for
 * each that can arrive, since the kernel would close the others, and wait for
 * sockets that linger (close_fd()).
 * fds: then the caller's, *n of them. Return: bytes read; 0: none now;
 * -ECONNRESET: the peer has disconnected; -errno.
 */
ssize_t fd_pass_recv(int socket, void *to, size_t len, int fds[FD_PASS_MAX],
		     unsigned int *n);
/* fds: borrowed, sent with the first byte. Return: as sendmsg(), errno set. */
ssize_t fd_pass_send(int socket, const struct iovec *from, const int *fds,
		     unsigned int n);

#endif

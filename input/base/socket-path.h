/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening Unix socket at a path: made so that nobody whom its mode does not
 * allow can ever connect, and removed again if it is still ours.
 */
#ifndef VINPUT_SOCKET_PATH_H
#define VINPUT_SOCKET_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct socket_path {
	const char *path; /* borrowed; NULL: none was made */
	int fd;		  /* owned, -1: none */
	dev_t dev;
	ino_t ino;
};

#define SOCKET_PATH_NULL ((struct socket_path){ .fd = -1 })

struct socket_access {
	mode_t mode; /* of the socket file */
	gid_t group; /* (gid_t)-1: leave it */
};

/*
 * Bind and listen. A socket file that nobody listens on is replaced.
 * type: SOCK_STREAM or SOCK_SEQPACKET.
 * Return: 0; -ENAMETOOLONG; -EADDRINUSE: somebody listens there; -EEXIST: it
 * is there and no socket; another -errno. Nothing is left behind then.
 */
int socket_path_listen(struct socket_path *sp, const char *path, int type,
		       const struct socket_access *access);
void socket_path_fini(struct socket_path *sp); /* idempotent */

/* What an error of socket_path_listen() means, in words. */
const char *socket_path_strerror(int error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A listening Unix socket at a path. A peer that its mode excludes cannot
 * connect at any time, and the file is removed at the end if it is still ours.
 */
#ifndef VINPUT_SOCKET_PATH_H
#define VINPUT_SOCKET_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct socket_path {
	const char *path; /* borrowed; NULL: no socket */
	int fd;		  /* owned, -1: none */
	dev_t dev;
	ino_t ino;
};

#define SOCKET_PATH_NULL ((struct socket_path){ .fd = -1 })

struct socket_access {
	mode_t mode; /* of the socket file */
	gid_t group; /* (gid_t)-1: leave it as it is */
};

/*
 * Bind and listen. A socket file that no process has open is replaced. One in
 * use is waited for, for 2 s: its process may be dying.
 * type: SOCK_STREAM or SOCK_SEQPACKET.
 * Return: 0; -ENAMETOOLONG; -EADDRINUSE: another process has it;
 * -EEXIST: a file of another kind; or another -errno. No file is left behind on
 * an error.
 */
int socket_path_listen(struct socket_path *sp, const char *path, int type,
		       const struct socket_access *access);
/*
 * Another process has made it, and has left it: fd, which is taken, listens at
 * path. Return: 0 or -errno.
 */
int socket_path_inherit(struct socket_path *sp, const char *path, int fd);
void socket_path_fini(struct socket_path *sp); /* idempotent */

/*
 * Remove the socket file at path if no process has it open. Return: 0: the path
 * is free; -EADDRINUSE, -EEXIST or another -errno, as above.
 */
int socket_path_remove_stale(const char *path);

/* A message for an error of socket_path_listen(). */
const char *socket_path_strerror(int error);

#endif

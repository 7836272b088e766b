/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "input/base/clock.h"
#include "input/base/fd.h"
#include "input/base/notify.h"

#define NOTIFY_TEXT_MAX 2048

/* Return: a connected socket, -1: there is no manager. */
static int connect_to_manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	_cleanup_close_ int fd = -1;

	if (!len || len > sizeof(addr.sun_path))
		return -1;
	memcpy(addr.sun_path, path, len);
	if (path[0] == '@') /* an abstract name */
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&addr,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)))
		return -1;
	return steal_fd(&fd);
}

/*
 * The number of a standard stream stays taken: else the next fd that is opened
 * would be written to in its place.
 */
static int move_from_standard(int fd)
{
	_cleanup_close_ int null = -1;
	int moved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, fd);
	return moved;
}

void notify_open(struct notify *n, int ready_fd)
{
	n->manager_fd = connect_to_manager();
	n->ready_fd = move_from_standard(ready_fd);
	if (n->ready_fd >= 0)
		fd_set_cloexec(n->ready_fd);
}

/* A manager that has ended is ignored. flags: MSG_DONTWAIT or 0. */
static void tell_manager(struct notify *n, const char *text, int flags)
{
	if (n->manager_fd >= 0)
		(void)!send(n->manager_fd, text, strlen(text),
			    MSG_NOSIGNAL | flags);
}

int notify_ready(struct notify *n)
{
	int r = 0;

	tell_manager(n, "READY=1", 0);
	if (n->ready_fd >= 0 && write(n->ready_fd, "\n", 1) != 1)
		r = -errno;
	n->ready_fd = close_fd(n->ready_fd);
	return r;
}

/*
 * The time tells the manager which of its requests this answers. One that does
 * not read MUST NOT hold the process up.
 */
void notify_reloading(struct notify *n)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
		 clock_ns() / 1000);
	tell_manager(n, text, MSG_DONTWAIT);
}

void notify_reloaded(struct notify *n, const char *error)
{
	char text[NOTIFY_TEXT_MAX];

	if (error)
		snprintf(text, sizeof(text), "READY=1\nERRNO=%d\nSTATUS=%s",
			 EINVAL, error);
	else
		snprintf(text, sizeof(text), "READY=1\nSTATUS=");
	tell_manager(n, text, MSG_DONTWAIT);
}

void notify_stopping(struct notify *n)
{
	tell_manager(n, "STOPPING=1", 0);
}

void notify_close(struct notify *n)
{
	n->manager_fd = close_fd(n->manager_fd);
	n->ready_fd = close_fd(n->ready_fd);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "input/base/fd-place.h"
#include "input/base/fd.h"

/* Those that have not been placed yet may be where another one is to be. */
static int fd_make_way(struct fd_place *places, size_t n, int number)
{
	for (size_t i = 0; i < n; i++) {
		if (places[i].fd != number)
			continue;
		/* The old one is replaced by what is placed there. */
		places[i].fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
		if (places[i].fd < 0)
			return -errno;
	}
	return 0;
}

static int fd_move(struct fd_place *p)
{
	if (p->fd == p->number)
		return fcntl(p->fd, F_SETFD, 0) < 0 ? -errno : 0;
	if (dup2(p->fd, p->number) < 0)
		return -errno;
	close_fd(p->fd);
	p->fd = p->number;
	return 0;
}

int fd_place(struct fd_place *places, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && !r; i++) {
		if (places[i].number < 0)
			continue;
		if (places[i].fd != places[i].number)
			r = fd_make_way(places, n, places[i].number);
		if (!r)
			r = fd_move(&places[i]);
	}
	return r;
}

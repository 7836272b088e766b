/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <unistd.h>
#include "injector/process/launch-places.h"
#include "input/base/fd.h"

void launch_places_open(struct launch_places *p)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	p->n = p->used = 0;
	while (fd >= 0 && p->n < LAUNCH_PLACES) {
		p->fd[p->n++] = fd;
		fd = p->n < LAUNCH_PLACES
			     ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
			     : -1;
	}
}

void launch_places_close(struct launch_places *p)
{
	while (p->n)
		close_fd(p->fd[--p->n]);
}

int launch_places_put(struct launch_places *p, size_t place, int fd)
{
	if (fd < 0)
		return 0;
	if (p->n < LAUNCH_PLACES)
		return -EMFILE;
	if (place >= p->used)
		p->used = place + 1;
	return dup3(fd, p->fd[place], O_CLOEXEC) < 0 ? -errno : 0;
}

/* None stays free, for somebody else's fd. */
void launch_places_clear(struct launch_places *p)
{
	while (p->used)
		dup3(p->fd[LAUNCH_PLACE_SPARE], p->fd[--p->used], O_CLOEXEC);
}

int launch_keep_add(struct launch_keep *k, int fd)
{
	const size_t place = LAUNCH_PLACE_KEEP + k->n;

	assert(k->n < LAUNCH_KEEP_MAX);
	k->fd[k->n++] = fd;
	return place < k->places->n ? k->places->fd[place] : -1;
}

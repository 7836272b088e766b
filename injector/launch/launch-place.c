/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "input/base/fd.h"
#include "injector/launch/launch-child.h"
#include "injector/launch/launch-place.h"

int launch_place_take(struct launch_place *p, const char *dir, char *why)
{
	p->dir = dir;
	p->fd = -1;
	p->made = !mkdir(dir, 0700);
	if (!p->made && errno != EEXIST) {
		snprintf(why, LAUNCH_WHY_MAX, "cannot make %.300s: %s", dir,
			 strerror(errno));
		return -1;
	}
	p->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0 || !realpath(dir, p->absolute)) {
		snprintf(why, LAUNCH_WHY_MAX, "cannot use %.300s: %s", dir,
			 strerror(errno));
		return -1;
	}
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0) {
		snprintf(why, LAUNCH_WHY_MAX,
			 "%.300s is in use by another vinput-launch", dir);
		return -1;
	}
	return 0;
}

void launch_place_leave(struct launch_place *p)
{
	/* Anything in it that we did not make, such as logs, stays. */
	if (p->made)
		rmdir(p->dir);
	p->fd = close_fd(p->fd);
}

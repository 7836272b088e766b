/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "injector/process/launch-life.h"
#include "input/base/fd.h"

/* Nothing is ever written: the only event is the end of its other side. */
static int life_arm(const struct launch_life *life)
{
	if (fcntl(life->process_fd, F_SETSIG, SIGTERM) < 0 ||
	    fcntl(life->process_fd, F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

int launch_life_open(struct launch_life *life)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	life->process_fd = fd[0];
	life->held_fd = fd[1];
	return life_arm(life);
}

/* With a file description of its own: a signal goes to one process only. */
int launch_life_share(struct launch_life *life, const struct launch_life *of)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", of->held_fd);
	life->process_fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return life->process_fd < 0 ? -errno : life_arm(life);
}

/* The other launcher's process_fd is bound to its process. */
int launch_life_inherit(struct launch_life *life, int held_fd)
{
	launch_life_close(life);
	life->held_fd = held_fd;
	return launch_life_share(life, life);
}

void launch_life_bind(const struct launch_life *life, pid_t pid)
{
	if (pid > 0)
		fcntl(life->process_fd, F_SETOWN, pid);
}

void launch_life_close(struct launch_life *life)
{
	life->held_fd = close_fd(life->held_fd);
	life->process_fd = close_fd(life->process_fd);
}

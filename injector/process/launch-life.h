/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipe by which a device's process ends with those who could end it: the
 * launcher and the holder have its one end, the process has the other. When
 * both of them have been killed, the kernel sends the process SIGTERM; it need
 * not know of the pipe. See fcntl(2), F_SETSIG.
 */
#ifndef VINPUT_LAUNCH_LIFE_H
#define VINPUT_LAUNCH_LIFE_H

#include <sys/types.h>

struct launch_life {
	int held_fd;	/* owned; of those who keep the process, or -1 */
	int process_fd; /* owned; to be inherited by the process, or -1 */
};

#define LAUNCH_LIFE_NULL ((struct launch_life){ -1, -1 })

/* Return: 0 or -errno. */
int launch_life_open(struct launch_life *life);
/* The pipe of another launcher. held_fd: taken. Return: 0 or -errno. */
int launch_life_inherit(struct launch_life *life, int held_fd);
/*
 * For another process that MUST end together with the owner of `of`. life: none
 * yet; it does not keep either. Return: 0 or -errno.
 */
int launch_life_share(struct launch_life *life, const struct launch_life *of);
/* The process that is to end: it has inherited process_fd. */
void launch_life_bind(const struct launch_life *life, pid_t pid);
void launch_life_close(struct launch_life *life); /* idempotent */

#endif

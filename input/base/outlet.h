/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to an fd that others may share and that nobody may read, such as
 * stderr, without ever waiting. O_NONBLOCK is a flag of the file description,
 * so to set it would surprise those who share it.
 */
#ifndef VINPUT_OUTLET_H
#define VINPUT_OUTLET_H

#include <sys/types.h>

/*
 * Open what fd is once more, with O_NONBLOCK, if that is a pipe without it or a
 * terminal, and possible. Before the sandbox. Return: an fd for outlet_write(),
 * which lasts until the process ends; fd itself if there is no other.
 */
int outlet_open(int fd);

/*
 * At most PIPE_BUF bytes, all or none; to a terminal perhaps less. Others that
 * write to the same pipe at the same time can make it wait if fd was not opened
 * by outlet_open(). Return: as write(); -1 with EAGAIN: there is no room.
 */
ssize_t outlet_write(int fd, const void *data, size_t len);

#endif

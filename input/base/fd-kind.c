/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/base/fd-kind.h"

bool fd_is_event_fd(int fd)
{
	static const char kind[] = "anon_inode:[eventfd]";
	char path[32], is[sizeof(kind)];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return readlink(path, is, sizeof(is)) == sizeof(kind) - 1 &&
	       !memcmp(is, kind, sizeof(kind) - 1);
}

/* No other file system has seals. */
bool fd_is_memory(int fd)
{
	return fcntl(fd, F_GET_SEALS) >= 0;
}

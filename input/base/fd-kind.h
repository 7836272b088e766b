/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of file a peer's fd is. None of these asks its file system, which
 * may be the peer's own (FUSE) and could let us wait for ever.
 */
#ifndef VINPUT_FD_KIND_H
#define VINPUT_FD_KIND_H

#include <stdbool.h>

bool fd_is_event_fd(int fd);
/* Return: whether it is a file of tmpfs, as memfds are, or of hugetlbfs. */
bool fd_is_memory(int fd);

#endif

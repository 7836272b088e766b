/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory of the sockets, which belongs to one launcher at a time. Used
 * before there is a loop: these functions may block.
 */
#ifndef VINPUT_LAUNCH_PLACE_H
#define VINPUT_LAUNCH_PLACE_H

#include <limits.h>
#include <stdbool.h>

/* In the directory: where the next launcher finds the holder. */
#define LAUNCH_HOLDER_SOCKET "holder"

struct launch_place {
	const char *dir; /* borrowed */
	char absolute[PATH_MAX];
	int fd;	   /* owned, -1: none; holds the lock */
	bool made; /* by us */
};

/*
 * Make the directory if necessary, and lock it, which may take 2 s.
 * Return: 0 or -1 with why (LAUNCH_WHY_MAX bytes). In either case
 * launch_place_leave() MUST be called.
 */
int launch_place_take(struct launch_place *p, const char *dir, char *why);
/*
 * If the launcher before us was killed, remove its devices' sockets, whatever
 * their labels, but none that a process has open. May wait 2 s for those of
 * processes that are dying. Return: how many were removed.
 */
unsigned int launch_place_clean(const struct launch_place *p);
/* Remove it if we have made it and it is empty. */
void launch_place_leave(struct launch_place *p);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Low fds that the launcher reserves for what a child inherits. A launcher of
 * many devices has thousands of fds: to copy them for a child, and to close
 * them there, would take more time than all else that starts it; and tables by
 * fd are short in a child whose fds are low. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_PLACES_H
#define VINPUT_LAUNCH_PLACES_H

#include <stddef.h>

#define LAUNCH_KEEP_MAX 8

enum {
	LAUNCH_PLACE_OUT,
	LAUNCH_PLACE_KEEP, /* the first of those that the child keeps */
	LAUNCH_PLACE_SPARE = LAUNCH_PLACE_KEEP + LAUNCH_KEEP_MAX,
	LAUNCH_PLACES,
};

struct launch_places {
	int fd[LAUNCH_PLACES]; /* owned, from low to high; of /dev/null */
	size_t n;	       /* of those: fewer if there are no more */
	size_t used;	       /* of those, while a child is made */
};

void launch_places_open(struct launch_places *p);
void launch_places_close(struct launch_places *p); /* idempotent */
/* Put a copy of fd there; -1: nothing. Return: 0 or -errno. */
int launch_places_put(struct launch_places *p, size_t place, int fd);
/* Take out what was put anywhere. */
void launch_places_clear(struct launch_places *p);

/* The fds that a child is to keep. */
struct launch_keep {
	struct launch_places *places; /* borrowed */
	int fd[LAUNCH_KEEP_MAX];      /* borrowed */
	size_t n;
};

/*
 * At most LAUNCH_KEEP_MAX. Return: its number in the child; -1: there is none,
 * and the child cannot be made.
 */
int launch_keep_add(struct launch_keep *k, int fd);

#endif

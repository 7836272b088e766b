/* SPDX-License-Identifier: Apache-2.0 */
/* Giving fds the numbers that a program has been told. */
#ifndef VINPUT_FD_PLACE_H
#define VINPUT_FD_PLACE_H

#include <stddef.h>

struct fd_place {
	int fd;	    /* owned; afterwards at its number */
	int number; /* that it is to have; -1: any */
};

/*
 * Move each fd to its number, where it stays open on exec; those with any
 * number close on exec. Two MUST NOT have the same number, and what else is
 * open at one is closed. Return: 0 or -errno.
 */
int fd_place(struct fd_place *places, size_t n);

#endif

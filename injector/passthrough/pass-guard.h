/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restores the host's LEDs if this process dies without doing it: a small child
 * process gets each node whose LEDs are the guest's, with what the host had,
 * and writes that back when its socket ends. A grab ends by itself, LEDs do
 * not. Loop thread only.
 */
#ifndef VINPUT_PASS_GUARD_H
#define VINPUT_PASS_GUARD_H

#include <stdint.h>
#include <sys/types.h>

#define PASS_GUARD_NODES 128

struct pass_guard {
	int fd; /* owned; -1: there is none */
	pid_t pid;
};

#define PASS_GUARD_NULL ((struct pass_guard){ .fd = -1 })

/*
 * Before guest memory is mapped, which the child would keep.
 * Return: 0; -errno: nothing will be restored.
 */
int pass_guard_start(struct pass_guard *g);
/* Nothing is restored any more. Idempotent. */
void pass_guard_stop(struct pass_guard *g);

/*
 * From now on restore these LEDs of the node: bits of LED_ codes that it has,
 * and that are on. number: below PASS_GUARD_NODES, the caller's.
 */
void pass_guard_hold(struct pass_guard *g, unsigned int number, int node,
		     uint32_t has, uint32_t on);
void pass_guard_release(struct pass_guard *g, unsigned int number);

#endif

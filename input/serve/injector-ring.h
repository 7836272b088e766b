/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injection ring (input/injection/ring-layout.h) as the server has it: the
 * memory, mapped, and the event fd by which its producer kicks. Loop thread
 * only.
 */
#ifndef VINPUT_INJECTOR_RING_H
#define VINPUT_INJECTOR_RING_H

#include <stdbool.h>
#include <stddef.h>
#include "input/injection/ring-consumer.h"

struct injector_ring {
	struct ring_consumer c;
	int event_fd; /* owned */
	void *ours, *theirs;
	size_t theirs_len;
	bool begun;	    /* what the socket had before it was read */
	unsigned int empty; /* kicks in a row without events */
};

/*
 * memory (borrowed) and event_fd (taken on success) are anything that an
 * injector has sent. Return: the ring, or NULL with *why, a static text.
 */
struct injector_ring *injector_ring_new(int memory, int event_fd,
					const char **why);
void injector_ring_free(struct injector_ring *ring); /* NULL: nothing */

/*
 * Copy at most max events to out; *n: how many. *tell: whether the producer
 * waits for RING SPACE on its socket; one that waits otherwise has been woken.
 * Return: as ring_consumer_take().
 */
int injector_ring_take(struct injector_ring *ring, void *out, size_t max,
		       size_t *n, bool *tell);

/*
 * After a kick: let the event fd be no longer readable. Return: 0; -EINTR: it
 * was made to block.
 */
int injector_ring_drain(struct injector_ring *ring);

/* A kick came without events. Return: whether that happens too often. */
bool injector_ring_is_abused(struct injector_ring *ring);

#endif

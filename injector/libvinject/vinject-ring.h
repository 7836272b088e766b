/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injector's end of a ring in shared memory (ring-layout.h): the memory,
 * and the event fd by which the server is kicked. Knows no connection.
 */
#ifndef VINJECT_RING_H
#define VINJECT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/injection/ring-layout.h"

/* Many usual frames; a longer one goes through it in parts. */
#define VINJECT_RING_SIZE 2048

struct vinject_ring {
	void *memory; /* NULL: there is no ring */
	int fd, event_fd;
	struct ring_consumer_part *theirs;
	struct ring_producer_part *ours;
	struct vi_event *events;
	uint32_t put;
};

/* Return: 0 or -errno. */
int vinject_ring_open(struct vinject_ring *r);
void vinject_ring_close(struct vinject_ring *r); /* idempotent */

/* Return: how many of the n events there was space for. */
size_t vinject_ring_put(struct vinject_ring *r, const struct vi_event *ev,
			size_t n);

/* Return: whether it has taken all. */
bool vinject_ring_is_empty(const struct vinject_ring *r);

/*
 * Be told when half of it is free. tell: RING_TELL_...; 0: no more. Return:
 * whether it is now.
 */
bool vinject_ring_want_space(struct vinject_ring *r, uint32_t tell);
/* Wait until it may be, for at most a few milliseconds. */
void vinject_ring_wait(struct vinject_ring *r);

#endif

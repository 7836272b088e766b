/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's half of a packed eventq (virtio 1.3 §2.8), in the memory and
 * with the eventfds of a struct fe_ring: its three areas are the descriptor
 * ring and the two event suppression structures.
 */
#ifndef VINPUT_BENCH_PACKED_RING_H
#define VINPUT_BENCH_PACKED_RING_H

#include "injector/frontend-ring.h"

struct packed_ring {
	struct fe_ring *ring; /* borrowed */
	const struct fe_memory *mem;
	uint16_t avail, used; /* slots that come next */
	bool avail_wrap, used_wrap;
	uint16_t posted; /* since the last kick was thought of */
};

/* What SET_VRING_BASE says of a ring that begins: slot 0, wrap counter 1. */
#define PACKED_RING_BASE 0x8000

void packed_ring_init(struct packed_ring *p, struct fe_ring *ring,
		      const struct fe_memory *mem);
/* Post buffer id; the device may use it at once. */
void packed_ring_post(struct packed_ring *p, uint16_t id);
/* Return: whether the device asks to be kicked for what was posted. */
bool packed_ring_wants_kick(struct packed_ring *p);
/* As fe_ring_take(). */
int packed_ring_take(struct packed_ring *p, struct vring_used_elem *elem);

#endif

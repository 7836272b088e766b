/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's side of a virtqueue, and what a ring layout, split or packed
 * (virtio 1.3 §2.7, §2.8), has to implement. Programs use frontend-ring.h.
 *
 * A ring owns its three areas and one 8-byte buffer per descriptor, all in the
 * guest memory. In both layouts a buffer is described by desc[]:
 *
 *	split	desc[i] ──► buf[i]	avail: heads made available
 *					used:  heads returned
 *	packed	desc[i] ──► buf[i]	slot:  copies of desc[i] with the ID i,
 *					made available, and returned with it
 */
#ifndef VINPUT_FRONTEND_RING_LAYOUT_H
#define VINPUT_FRONTEND_RING_LAYOUT_H

#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/frontend/frontend-memory.h"
#include "input/device/event.h"

enum fe_layout {
	FE_SPLIT,
	FE_PACKED,
};

struct fe_ring {
	enum fe_layout layout;
	uint16_t num;
	bool event_idx;		 /* VIRTIO_F_EVENT_IDX was negotiated */
	struct vring_desc *desc; /* packed: private to the driver */
	struct vi_event *buf;
	uint16_t posted;     /* entries or slots since the last wants_kick() */
	int kick, call, err; /* eventfds, owned */
	/* For SET_VRING_ADDR: descriptor, driver and device area. */
	void *desc_area, *driver_area, *device_area;

	/* Split. */
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t avail_idx; /* entries put into avail, published or not */
	uint16_t used_idx;  /* entries taken from used */

	/* Packed. */
	struct vring_packed_desc *slot;
	struct vring_packed_desc_event *driver, *device;
	uint16_t *taken_by; /* slots that a buffer ID occupies, 0: none */
	uint16_t n_free;    /* slots */
	struct fe_ring_at {
		uint16_t slot;
		bool wrap;   /* the wrap counter there */
	} avail_at, used_at; /* the driver's next to post, to take */
	/* The first unpublished slot, and the flags that will publish it. */
	bool hides;
	uint16_t hidden, hidden_flags;
};

/* One layout; frontend-ring.h documents the functions of the same names. */
struct fe_ring_ops {
	size_t (*bytes)(uint32_t num);
	/* Allocate the areas. Return: whether mem had room. */
	bool (*alloc)(struct fe_ring *ring, struct fe_memory *mem);
	void (*reset)(struct fe_ring *ring);
	void (*set_entry)(void *table, uint16_t i,
			  const struct vring_desc *desc);
	void (*post)(struct fe_ring *ring, uint16_t head);
	void (*publish)(struct fe_ring *ring);
	/* Whether the device wants a kick for the last `posted`. */
	bool (*wants_kick)(const struct fe_ring *ring, uint16_t posted);
	/* Enable the call for the next used buffer. */
	void (*arm)(struct fe_ring *ring);
	bool (*is_used)(const struct fe_ring *ring);
	/* Take the next used buffer, which exists. Return: 0 or FE_E_RING. */
	int (*take)(struct fe_ring *ring, struct vring_used_elem *elem);
	uint16_t (*n_used)(const struct fe_ring *ring);
	uint16_t (*n_posted)(const struct fe_ring *ring);
	uint32_t (*base_after)(const struct fe_ring *ring, uint32_t n);
	uint32_t (*base)(const struct fe_ring *ring);
};

#endif

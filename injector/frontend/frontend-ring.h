/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's half of a virtqueue, split or packed (virtio 1.3 §2.7, §2.8), in
 * memory that is shared with the device: guest memory is one memfd, handed out
 * from its front, and each ring owns its three areas and one 8-byte buffer per
 * descriptor. Buffers are made of desc[] in either layout:
 *
 *	split	desc[i] ──► buf[i]	avail: heads for the device
 *					used:  heads given back
 *	packed	desc[i] ──► buf[i]	slot:  copies of desc[i] with the id i
 *					for the device, and ids given back
 *
 * What is posted becomes visible by fe_ring_publish(), once for many. Memory
 * and rings are open: a test that plays a hostile driver writes into desc and
 * the areas itself. Not thread-safe.
 */
#ifndef VINPUT_FRONTEND_RING_H
#define VINPUT_FRONTEND_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_ring.h>
#include "input/device/event.h"

/* Away from 0, and neither a multiple nor a neighbour of the other. */
#define FE_GUEST_BASE UINT64_C(0x40000000)
#define FE_USER_BASE  UINT64_C(0x7d0000000000)

struct fe_memory {
	int fd;	       /* memfd, owned */
	uint8_t *base; /* where it is mapped here */
	size_t size;
	size_t taken;	     /* bytes handed out by fe_memory_alloc() */
	uint64_t guest_addr; /* guest-physical address of base */
	/* Front-end virtual address of base: a made-up one, so that a device
	 * that mixes it up with another is found out. */
	uint64_t user_addr;
};

int fe_memory_init(struct fe_memory *mem, size_t size);
void fe_memory_fini(struct fe_memory *mem);
/* Return: zeroed memory, NULL when there is no more. */
void *fe_memory_alloc(struct fe_memory *mem, size_t size, size_t align);
uint64_t fe_guest_addr(const struct fe_memory *mem, const void *p);
uint64_t fe_user_addr(const struct fe_memory *mem, const void *p);

#define FE_RING_MAX 32768

enum fe_layout {
	FE_SPLIT,
	FE_PACKED,
};

struct fe_ring {
	enum fe_layout layout;
	uint16_t num;
	bool event_idx;
	struct vring_desc *desc; /* packed: the driver's own, see above */
	struct vi_event *buf;
	uint16_t posted; /* entries, slots: since a kick was last thought of */
	int kick, call, err; /* eventfds, owned */
	/* What SET_VRING_ADDR tells: descriptor, driver and device area. */
	void *desc_area, *driver_area, *device_area;

	/* Split. */
	struct vring_avail *avail;
	struct vring_used *used;
	uint16_t avail_idx; /* entries put into avail, published or not */
	uint16_t used_idx;  /* entries taken from used */

	/* Packed. */
	struct vring_packed_desc *slot;
	struct vring_packed_desc_event *driver, *device;
	uint16_t *taken_by; /* slots that the buffer of an id takes, 0: none */
	uint16_t n_free;    /* slots */
	struct fe_ring_at {
		uint16_t slot;
		bool wrap;   /* the wrap counter there */
	} avail_at, used_at; /* the driver's next to post, to take */
	/* The first that is not published yet; its flags are still to come. */
	bool hides;
	uint16_t hidden, hidden_flags;
};

/* Bytes of memory that a ring of num descriptors takes, in any layout. */
size_t fe_ring_bytes(uint32_t num);
/* Return: 0, -ENOMEM, or what eventfd() said. */
int fe_ring_init(struct fe_ring *ring, struct fe_memory *mem, uint16_t num,
		 enum fe_layout layout);
void fe_ring_fini(struct fe_ring *ring); /* idempotent */
/* As a driver that starts: all areas empty, as if just made. */
void fe_ring_reset(struct fe_ring *ring);

/* Make desc[i] one 8-byte buffer; flags: VRING_DESC_F_WRITE or 0. */
void fe_ring_set_buffer(struct fe_ring *ring, const struct fe_memory *mem,
			uint16_t i, uint16_t flags);
/* Write entry i of an indirect table; the next one is its next. */
void fe_ring_set_entry(const struct fe_ring *ring, void *table, uint16_t i,
		       const struct vring_desc *desc);
void fe_ring_post(struct fe_ring *ring, uint16_t head); /* not published */
void fe_ring_publish(struct fe_ring *ring);
/* Return: whether the device asks to be kicked for what was published. */
bool fe_ring_wants_kick(struct fe_ring *ring);
void fe_ring_kick(struct fe_ring *ring);
void fe_ring_publish_and_kick(struct fe_ring *ring); /* if it asks for it */

/*
 * Take the next used element.
 * Return: 0 and *elem (host byte order), FE_E_EMPTY if there is none (and the
 * device will call for the next), FE_E_RING if the device gave back more than
 * it got, or a head that it did not get.
 */
#define FE_E_RING  5
#define FE_E_EMPTY 6
int fe_ring_take(struct fe_ring *ring, struct vring_used_elem *elem);
/* Return: how many there are to take. */
uint16_t fe_ring_n_used(const struct fe_ring *ring);
/* Return: how many entries, slots were posted and not taken again. */
uint16_t fe_ring_n_posted(const struct fe_ring *ring);

/* Positions as SET_VRING_BASE and GET_VRING_BASE have them. */
/* Where the device is when n descriptors of a ring that began were used. */
uint32_t fe_ring_base_after(const struct fe_ring *ring, uint32_t n);
/* Where the driver is: what it posts next, and, if packed, takes next. */
uint32_t fe_ring_base(const struct fe_ring *ring);

#endif

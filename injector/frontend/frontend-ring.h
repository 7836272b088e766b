/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver's side of a virtqueue, split or packed (virtio 1.3 §2.7, §2.8).
 * The driver posts buffers, publishes them (many at once), kicks the device if
 * it wants that, and takes what the device has used.
 *
 * The ring is open: a test that plays a hostile driver writes to desc and the
 * areas itself. Not thread-safe.
 */
#ifndef VINPUT_FRONTEND_RING_H
#define VINPUT_FRONTEND_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/frontend/frontend-memory.h"
#include "injector/frontend/frontend-ring-layout.h"

/* Descriptors (virtio 1.3 §2.7, §2.8.10.1). */
#define FE_RING_MAX 32768

/* Bytes of memory that a ring of num descriptors takes, in any layout. */
size_t fe_ring_bytes(uint32_t num);

/*
 * Allocate a ring of num descriptors from mem, which MUST outlive it.
 * Return: 0, -ENOMEM or another negative errno; fe_ring_fini() is due in all
 * cases.
 */
int fe_ring_init(struct fe_ring *ring, struct fe_memory *mem, uint16_t num,
		 enum fe_layout layout);
void fe_ring_fini(struct fe_ring *ring); /* idempotent */
/* Empty all areas, as a driver does when it starts. */
void fe_ring_reset(struct fe_ring *ring);

/* Make desc[i] one 8-byte buffer; flags: VRING_DESC_F_WRITE or 0. */
void fe_ring_set_buffer(struct fe_ring *ring, const struct fe_memory *mem,
			uint16_t i, uint16_t flags);
/* Write entry i of an indirect table; the entries form one chain. */
void fe_ring_set_entry(const struct fe_ring *ring, void *table, uint16_t i,
		       const struct vring_desc *desc);
/* Post the chain at desc[head]; the device sees it after a publish. */
void fe_ring_post(struct fe_ring *ring, uint16_t head);
void fe_ring_publish(struct fe_ring *ring);
/* Return: whether the device wants a kick for what was published. */
bool fe_ring_wants_kick(struct fe_ring *ring);
void fe_ring_kick(struct fe_ring *ring);
void fe_ring_publish_and_kick(struct fe_ring *ring); /* if it is wanted */

/*
 * Take the next used buffer.
 * Return: 0 and *elem in host byte order; FE_E_EMPTY: there is none, and the
 * call for the next one is enabled; FE_E_RING: the device returned more
 * buffers than it had, or one that it did not have.
 */
int fe_ring_take(struct fe_ring *ring, struct vring_used_elem *elem);
/* Return: how many used buffers can be taken. */
uint16_t fe_ring_n_used(const struct fe_ring *ring);
/* Return: how many entries or slots are posted and not taken yet. */
uint16_t fe_ring_n_posted(const struct fe_ring *ring);

/* Ring positions in the form of SET_VRING_BASE and GET_VRING_BASE. */
/* Return: the device's after it used n descriptors of a new ring. */
uint32_t fe_ring_base_after(const struct fe_ring *ring, uint32_t n);
/* Return: the driver's: the next to post and, if packed, the next to take. */
uint32_t fe_ring_base(const struct fe_ring *ring);

#endif

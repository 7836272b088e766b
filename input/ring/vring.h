/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of one virtqueue, split or packed (virtio 1.3 §2.7, §2.8).
 * Knows rings and guest memory and nothing of what travels in them. Pure; loop
 * thread only.
 *
 * Buffers are used in the order in which they were made available and none is
 * kept: between calls everything taken has been given back, so a ring has one
 * position only, which stands in guest memory and can always be gone on from:
 * used->idx, or the offset of the packed device event suppression. What
 * vring_write() and vring_read() use becomes visible to the driver with the
 * next vring_publish(), all at once.
 */
#ifndef VINPUT_VRING_H
#define VINPUT_VRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/ring/vring-types.h"

/* Words for an error. */
const char *vring_strerror(int error);

/* Return: whether num is a legal size; that of a packed ring is any number. */
bool vring_num_valid(uint32_t num, bool packed);
/* Return: whether the three addresses have the alignment of §2.7, §2.8. */
bool vring_addrs_aligned(const struct vring_addrs *addrs, bool packed);

/*
 * Find the rings in guest memory; the position in them stays as it is. Call it
 * again when memory regions came or went.
 * Return: 0, or as guest_mem_ring() (the ring is then unmapped).
 */
int vring_map(struct vring *vr, struct guest_mem *mem,
	      const struct vring_addrs *addrs);
void vring_unmap(struct vring *vr);
/* Return: whether the ring has any of the bytes first .. last. */
bool vring_touches(const struct vring *vr, const struct vring_addrs *addrs,
		   uint64_t first, uint64_t last);

/*
 * Begin, or go on (the ring is mapped): where the ring says that the device
 * was, whatever base is given. Only a packed ring that no device has seen yet
 * begins at base. Asks for no kicks.
 * Return: 0 or VRING_E_HEAD: base is no position in this ring.
 */
int vring_resume(struct vring *vr, uint32_t base);
/* Return: the position, as SET_VRING_BASE and GET_VRING_BASE have it. */
uint32_t vring_position(const struct vring *vr);
/* Return: whether the ring, which is mapped, has been used before. */
bool vring_has_history(const struct vring *vr);

/*
 * Is there a buffer to be taken? Not while the ring waits.
 * Return: VRING_READY, 0, VRING_E_AVAIL, or VRING_E_MISS: the ring is not
 * mapped.
 */
int vring_ready(struct vring *vr);

/*
 * Use the next buffer (there must be one, see vring_ready()): write len bytes
 * into its writable part, which may be longer.
 * Return: 0 or VRING_E_*.
 */
int vring_write(struct vring *vr, const void *data, uint32_t len);
/*
 * The same for each of n items of len bytes, a buffer each, as long as there
 * are buffers. Return: as above; *done: how many items were written.
 */
int vring_write_each(struct vring *vr, const void *items, uint32_t len,
		     size_t n, size_t *done);
/*
 * Use the next buffer (there must be one): read at most len bytes of its
 * readable part, which may be longer; *got says how many. Used length is 0.
 * Return: 0 or VRING_E_*.
 */
int vring_read(struct vring *vr, void *data, uint32_t len, uint32_t *got);

/*
 * Show the driver what was used since the last call.
 * Return: whether it wants a notification for it.
 */
bool vring_publish(struct vring *vr);

/*
 * Ask the driver to kick (or not to) when it makes buffers available. After
 * asking, look at vring_ready() once more: it may just have done so. A ring
 * that waits, or is not mapped, is left as it is.
 */
void vring_ask_kicks(struct vring *vr, bool ask);

#endif

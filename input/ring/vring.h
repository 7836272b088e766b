/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of one virtqueue, split or packed (virtio 1.3 §2.7, §2.8),
 * and the first file to read here. Knows guest memory and rings, and nothing
 * of what is transferred in them. Pure; loop thread only.
 *
 *   vring.c                        which layout, chains, copying
 *   vring-split.c, vring-packed.c  the two layouts
 *   vring-walk.h, vring-types.h    what they share
 *   guest-map.c                    maps regions, survives their loss
 *   guest-mem.c                    regions: every access is checked
 *   iotlb.c                        addresses behind an IOMMU
 *   guest-addr.h                   address types
 *
 * Buffers are used in the order in which they were made available, and none is
 * kept: between calls every buffer taken has been used. So a ring has a single
 * position, which stands in guest memory and from which any device can resume:
 * used->idx, or the offset of the packed device event suppression. What
 * vring_write() and vring_read() use becomes visible to the driver all at once,
 * with the next vring_publish():
 *
 *   driver: available ─► vring_ready() ─► vring_write_each() ─► vring_publish()
 *                            ▲                                    │ notify?
 *                            └── kick ◄── vring_ask_kicks() ◄─────┘
 */
#ifndef VINPUT_VRING_H
#define VINPUT_VRING_H

#include <stddef.h>
#include "input/ring/vring-types.h"

/* Return: the text for a VRING_E_*. */
const char *vring_strerror(int error);

/* Return: whether num is a legal ring size; a packed ring may have any. */
bool vring_num_valid(uint32_t num, bool packed);
/* Return: whether the three addresses are aligned as §2.7, §2.8 require. */
bool vring_addrs_aligned(const struct vring_addrs *addrs, bool packed);

/*
 * Find the ring in guest memory; its position is unchanged. MUST be called
 * again when memory regions were added or removed. Return: 0, or as
 * guest_mem_ring() (the ring is then unmapped).
 */
int vring_map(struct vring *vr, struct guest_mem *mem,
	      const struct vring_addrs *addrs);
void vring_unmap(struct vring *vr);
/* Return: whether the ring has any of the bytes first .. last. */
bool vring_touches(const struct vring *vr, const struct vring_addrs *addrs,
		   uint64_t first, uint64_t last);

/*
 * Start or resume a mapped ring at the position that it holds itself, whatever
 * the base. Only a packed ring that no device has used yet starts at base.
 * Kicks are suppressed.
 * Return: 0 or VRING_E_HEAD: base is past the end of the ring.
 */
int vring_resume(struct vring *vr, uint32_t base);
/* Return: the position in the form of SET_VRING_BASE and GET_VRING_BASE. */
uint32_t vring_position(const struct vring *vr);
/* Return: whether the ring has been used before; true if it is not mapped. */
bool vring_has_history(const struct vring *vr);
/* Return: whether a mapped ring's first descriptor is as in a new file. */
bool vring_is_blank(const struct vring *vr);

/*
 * Return: VRING_READY: a buffer is available; 0: none is, or the ring waits;
 * VRING_E_AVAIL; VRING_E_MISS: the ring is not mapped.
 */
int vring_ready(struct vring *vr);

/*
 * Return: how many buffers are available at least, 0 if that is not known
 * without looking at each: of a packed ring with chains, or behind an IOMMU.
 */
uint16_t vring_room(struct vring *vr);

/*
 * Use the next buffer (there MUST be one, see vring_ready()): write len bytes
 * into its writable part, which may be longer.
 * Return: 0 or VRING_E_*.
 */
int vring_write(struct vring *vr, const void *data, uint32_t len);
/*
 * For vring_write_each(): the usual way; and any other one, from *done on.
 * Return: how many items were written; 0 or VRING_E_*.
 */
size_t vring_write_plain(struct vring *vr, const void *items, uint32_t len,
			 size_t n);
int vring_write_rest(struct vring *vr, const void *items, uint32_t len,
		     size_t n, size_t *done);
/*
 * Write each of n items of len bytes into a buffer of its own, as long as
 * buffers are available.
 * Return: 0 or VRING_E_*; *done: how many items were written in either case.
 */
static inline int vring_write_each(struct vring *vr, const void *items,
				   uint32_t len, size_t n, size_t *done)
{
	*done = vring_write_plain(vr, items, len, n);
	return *done == n ? 0 : vring_write_rest(vr, items, len, n, done);
}
/*
 * Use the next buffer (there MUST be one): read at most len bytes of its
 * readable part, which may be longer, *got of them. The used length is 0.
 * Return: 0 or VRING_E_*.
 */
int vring_read(struct vring *vr, void *data, uint32_t len, uint32_t *got);

/*
 * Show the driver what was used since the last call.
 * Return: whether it wants a notification.
 */
bool vring_publish(struct vring *vr);

/*
 * Enable or suppress kicks for buffers that become available. After enabling,
 * vring_ready() MUST be called once more: the driver may just have added some.
 * No effect on a ring that waits or is not mapped.
 */
void vring_ask_kicks(struct vring *vr, bool ask);
/*
 * Enable kicks, also while buffers are available: the driver kicks when it
 * makes the next one available. vring_unreturned() MUST be called once more.
 */
void vring_ask_returns(struct vring *vr);

/*
 * A driver that has processed a buffer makes it available again, so it has
 * processed all when as many are available as ever were. That number is learnt
 * when the first buffer is used, and with each call: if the driver held some
 * then, it MUST be called once while it holds none. Nothing may be unpublished.
 * Return: how many used buffers (of a packed ring: slots) the driver has not
 * made available again.
 */
uint32_t vring_unreturned(struct vring *vr);
/* The driver is a new one, of which nothing is known. */
void vring_forget_pool(struct vring *vr);

#endif

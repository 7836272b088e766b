/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/virtio_ring.h>
#include <string.h>

#include "input/vfio/driver-ring.h"

_Static_assert(sizeof(struct vring_desc) * DRIVER_RING_BUFFERS <=
		       DRIVER_RING_AVAIL - DRIVER_RING_DESC,
	       "the parts of a ring do not overlap");

static struct vring_desc *desc_of(const struct driver_ring *r)
{
	return (void *)(r->at + DRIVER_RING_DESC);
}

static struct vring_avail *avail_of(const struct driver_ring *r)
{
	return (void *)(r->at + DRIVER_RING_AVAIL);
}

static struct vring_used *used_of(const struct driver_ring *r)
{
	return (void *)(r->at + DRIVER_RING_USED);
}

void driver_ring_init(struct driver_ring *r, uint8_t *at, uint64_t bus,
		      uint16_t num)
{
	*r = (struct driver_ring){ .at = at, .bus = bus, .num = num };
	memset(at, 0, DRIVER_RING_LEN);
}

int driver_ring_free(const struct driver_ring *r)
{
	for (int i = 0; i < r->num; i++)
		if (!(r->out >> i & 1))
			return i;
	return -1;
}

bool driver_ring_post(struct driver_ring *r, unsigned int buffer, uint32_t len)
{
	struct vring_avail *avail = avail_of(r);

	desc_of(r)[buffer] = (struct vring_desc){
		.addr = r->bus + DRIVER_RING_DATA + buffer * DRIVER_RING_BUFFER,
		.len = len,
		.flags = r->writable ? VRING_DESC_F_WRITE : 0,
	};
	avail->ring[r->available % r->num] = (uint16_t)buffer;
	r->out |= UINT32_C(1) << buffer;
	r->available++;
	/* The entry before the index: the device may read at once. */
	__atomic_store_n(&avail->idx, r->available, __ATOMIC_RELEASE);
	/* The index before the flag, which the device clears first (§2.7.13).
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !(__atomic_load_n(&used_of(r)->flags, __ATOMIC_RELAXED) &
		 VRING_USED_F_NO_NOTIFY);
}

int driver_ring_take(struct driver_ring *r, unsigned int *buffer, uint32_t *len)
{
	struct vring_used *used = used_of(r);
	const uint16_t end = __atomic_load_n(&used->idx, __ATOMIC_ACQUIRE);
	const struct vring_used_elem *from = &used->ring[r->used % r->num];
	/* Once: the device may change it. */
	const uint32_t id = __atomic_load_n(&from->id, __ATOMIC_RELAXED);
	const uint32_t written = __atomic_load_n(&from->len, __ATOMIC_RELAXED);

	if (end == r->used)
		return 0;
	if ((uint16_t)(end - r->used) > r->num || id >= r->num ||
	    !(r->out >> id & 1) || written > DRIVER_RING_BUFFER)
		return DRIVER_RING_E_USED;
	r->used++;
	r->out &= ~(UINT32_C(1) << id);
	*buffer = id;
	*len = written;
	return 1;
}

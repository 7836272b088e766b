/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ring is in memory of which vvu_guest knows only what was used: whatever
 * misses an address is repeated, as often as a chain can have descriptors and
 * tables.
 */
#include "injector/vvu/vvu-queue.h"
#include "input/ring/vring.h"
#include "input/vhost-user/vhost-user-wire.h"

#define TRIES (2 * VRING_CHAIN_MAX)

void vvu_queue_start(struct vvu_queue *q, struct vvu_guest *guest,
		     const struct virtio_pci_queue *from, uint64_t features)
{
	*q = (struct vvu_queue){ .guest = guest };
	q->runs = from->enabled;
	q->vring.num = from->size;
	q->vring.packed = vu_feature_in(features, VIRTIO_F_RING_PACKED);
	q->vring.event_idx = vu_feature_in(features, VIRTIO_F_EVENT_IDX);
	q->vring.indirect = vu_feature_in(features, VIRTIO_F_INDIRECT_DESC);
	q->addrs = (struct vring_addrs){ { from->desc },
					 { from->driver },
					 { from->device } };
}

void vvu_queue_stop(struct vvu_queue *q)
{
	q->runs = false;
}

static enum vvu_queue_result queue_break(struct vvu_queue *q, const char *why)
{
	vvu_queue_stop(q);
	q->why = why;
	return VVU_QUEUE_BROKEN;
}

/* Return: 0 or VRING_E_*: the ring is not in memory that is mapped. */
static int queue_map(struct vvu_queue *q)
{
	unsigned int tries = 0;
	int r;

	if (q->vring.desc && q->changes == q->guest->changes)
		return 0;
	if (!vring_addrs_aligned(&q->addrs, q->vring.packed))
		return VRING_E_OUTSIDE;
	do {
		q->changes = q->guest->changes;
		r = vring_map(&q->vring, &q->guest->mem, &q->addrs);
	} while (r == GUEST_MEM_E_MISS && ++tries < TRIES &&
		 vvu_guest_find(q->guest));
	if (r)
		return r == GUEST_MEM_E_PIECES ? VRING_E_PIECES
					       : VRING_E_OUTSIDE;
	if (!q->resumed)
		r = vring_resume(&q->vring, 0);
	q->resumed = true;
	return r;
}

enum vvu_queue_result vvu_queue_ready(struct vvu_queue *q)
{
	int r;

	if (!q->runs)
		return VVU_QUEUE_EMPTY;
	r = queue_map(q);
	if (!r)
		r = vring_ready(&q->vring);
	if (!r) {
		vring_ask_kicks(&q->vring, true);
		r = vring_ready(&q->vring);
	}
	if (r > VRING_READY)
		return queue_break(q, vring_strerror(r));
	return r ? VVU_QUEUE_READY : VVU_QUEUE_EMPTY;
}

/*
 * After an attempt at a buffer. *tries: how many there were.
 * Return: whether it is to be repeated; *result if not.
 */
static bool queue_again(struct vvu_queue *q, int r, unsigned int *tries,
			enum vvu_queue_result *result)
{
	*result = VVU_QUEUE_DONE;
	if (!r)
		return false;
	if (r == VRING_E_MISS && ++*tries < TRIES && vvu_guest_find(q->guest)) {
		*result = vvu_queue_ready(q);
		return *result == VVU_QUEUE_READY;
	}
	*result = queue_break(
		q, vring_strerror(r == VRING_E_MISS ? VRING_E_OUTSIDE : r));
	return false;
}

enum vvu_queue_result vvu_queue_read(struct vvu_queue *q, void *to,
				     uint32_t size, uint32_t *len)
{
	enum vvu_queue_result result = vvu_queue_ready(q);
	unsigned int tries = 0;
	int r;

	if (result != VVU_QUEUE_READY)
		return result;
	do
		r = vring_read(&q->vring, to, size, len);
	while (queue_again(q, r, &tries, &result));
	return result;
}

enum vvu_queue_result vvu_queue_write(struct vvu_queue *q, const void *from,
				      uint32_t len)
{
	enum vvu_queue_result result = vvu_queue_ready(q);
	unsigned int tries = 0;
	int r;

	if (result != VVU_QUEUE_READY)
		return result;
	do
		r = vring_write(&q->vring, from, len);
	while (queue_again(q, r, &tries, &result));
	return result;
}

/* Memory may have been mapped anew since a buffer was used. */
bool vvu_queue_publish(struct vvu_queue *q)
{
	return q->runs && q->vring.desc && !queue_map(q) &&
	       vring_publish(&q->vring);
}

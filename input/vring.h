/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of one split virtqueue (virtio 1.3 §2.7). Knows rings and
 * guest memory and nothing of what travels in them. Pure; loop thread only.
 *
 * Buffers are used in the order in which they were made available and none is
 * kept: between calls everything taken has been given back, so the ring can
 * always be resumed at used->idx. What vring_write() and vring_read() use
 * becomes visible to the driver with the next vring_publish().
 */
#ifndef VINPUT_VRING_H
#define VINPUT_VRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "guest-mem.h"

#define VRING_NUM_MAX 32768 /* virtio 1.3 §2.7 */

/* struct virtq_desc, virtio 1.3 §2.7.5 */
struct vring_desc {
	uint64_t addr_le; /* guest-physical */
	uint32_t len_le;
	uint16_t flags_le;
	uint16_t next_le;
};

#define VRING_DESC_F_NEXT     1
#define VRING_DESC_F_WRITE    2
#define VRING_DESC_F_INDIRECT 4

struct vring_used_elem {
	uint32_t id_le;
	uint32_t len_le;
};

/* avail and used: flags, idx, ring[num], then used_event or avail_event. */
struct vring_avail {
	uint16_t flags_le;
	uint16_t idx_le;
	uint16_t ring_le[];
};

struct vring_used {
	uint16_t flags_le;
	uint16_t idx_le;
	struct vring_used_elem ring[];
};

#define VRING_AVAIL_F_NO_INTERRUPT 1
#define VRING_USED_F_NO_NOTIFY	   1

struct vring_addrs {
	struct uva desc, avail, used;
};

struct vring {
	struct guest_mem *mem; /* borrowed */
	uint16_t num;	       /* a power of two, 1..VRING_NUM_MAX */
	bool event_idx;	       /* VIRTIO_F_EVENT_IDX was acked */
	bool indirect;	       /* VIRTIO_F_INDIRECT_DESC was acked */
	bool kicks;	       /* the driver is asked for kicks */

	struct vring_desc *desc; /* NULL: not mapped */
	struct vring_avail *avail;
	struct vring_used *used;

	uint16_t next_avail; /* next entry of avail to take */
	uint16_t seen_avail; /* avail->idx when last looked at */
	uint16_t next_used;  /* next entry of used to fill */
	uint16_t published;  /* used->idx as the driver sees it */
};

/*
 * What a driver can do wrong. The ring is broken then: nothing more may be
 * done with it but vring_unmap().
 */
enum vring_error {
	VRING_E_AVAIL = 1, /* avail->idx jumped by more than num */
	VRING_E_HEAD,	   /* a descriptor index past the table */
	VRING_E_LOOP,	   /* a chain longer than its table */
	VRING_E_INDIRECT,  /* not negotiated, nested, or of a wrong length */
	VRING_E_OUTSIDE,   /* a descriptor or table outside guest memory */
	VRING_E_SHORT, /* not enough writable bytes for what is to be told */
};

/* Words for an error. */
const char *vring_strerror(int error);

/* Return: whether num is a legal size of a split ring. */
bool vring_num_valid(uint32_t num);
/* Return: whether the three addresses have the alignment of §2.7. */
bool vring_addrs_aligned(const struct vring_addrs *addrs);

/*
 * Find the rings in guest memory; the position in them stays as it is. Call it
 * again when memory regions came or went.
 * Return: 0 or GUEST_MEM_E_OUTSIDE (the ring is then unmapped).
 */
int vring_map(struct vring *vr, struct guest_mem *mem,
	      const struct vring_addrs *addrs);
void vring_unmap(struct vring *vr);

/* Begin, or go on, at used->idx (the ring is mapped). Asks for no kicks. */
void vring_resume(struct vring *vr);

/*
 * Number of buffers that can be taken now.
 * Return: the number, or -VRING_E_AVAIL.
 */
int vring_avail(struct vring *vr);

/*
 * Use the next buffer (there must be one, see vring_avail()): write len bytes
 * into its writable part, which may be longer.
 * Return: 0 or VRING_E_*.
 */
int vring_write(struct vring *vr, const void *data, uint32_t len);
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
 * asking, look at vring_avail() once more: it may just have done so.
 */
void vring_ask_kicks(struct vring *vr, bool ask);

#endif

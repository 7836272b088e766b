/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtqueue as both of its layouts have it: what vring.h offers and what
 * vring-split.c and vring-packed.c are built on. Users include vring.h, and
 * read only what it says they may.
 */
#ifndef VINPUT_VRING_TYPES_H
#define VINPUT_VRING_TYPES_H

#include <stdbool.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"

#define VRING_NUM_MAX 32768 /* virtio 1.3 §2.7, §2.8.10.1 */
/*
 * Descriptors of a chain that are looked at: as many as in QEMU and in Linux'
 * vhost. A table of 4 GiB that leads nowhere would keep us busy for seconds.
 */
#define VRING_CHAIN_MAX 1024

struct vring_addrs {
	struct uva desc;
	struct uva avail; /* packed: the driver event suppression structure */
	struct uva used;  /* packed: the device event suppression structure */
};

struct vring {
	struct guest_mem *mem; /* borrowed */
	uint16_t num;
	bool packed;	/* VIRTIO_F_RING_PACKED was acked */
	bool event_idx; /* VIRTIO_F_EVENT_IDX was acked */
	bool indirect;	/* VIRTIO_F_INDIRECT_DESC was acked */
	bool kicks;	/* the driver is asked for kicks */
	/*
	 * Split: where the used ring lies in the guest, if its writes are to
	 * be logged: guest_mem_log(). Those to a packed one always are.
	 */
	bool log;
	struct gpa log_base;

	/* Layouts: vring-split.c, vring-packed.c. desc is NULL: not mapped. */
	void *desc, *avail, *used;
	bool waits; /* set after VRING_E_MISS: the IOMMU has been asked */

	uint16_t next;	     /* position: split: free-running; packed: < num */
	uint16_t published;  /* where `next` was at the last vring_publish() */
	uint16_t seen_avail; /* split: avail->idx when last looked at */
	bool wrap;	     /* packed: the wrap counter at `next` */
	bool noted;	     /* packed: the ring has been used before */
	uint16_t n_used;     /* packed: slots used since the last publish */
	uint16_t
		first_flags; /* packed: of the first of them, not written yet */
};

/* vring_ready(): there is a buffer. */
#define VRING_READY 1

/*
 * What a driver can do wrong. The ring is broken then: nothing more may be
 * done with it but vring_unmap(). Only VRING_E_MISS is no error: nothing was
 * used, and when the IOMMU has been asked for mem->miss it can be done again.
 */
enum vring_error {
	VRING_E_AVAIL = 2, /* avail->idx jumped by more than num; 1: READY */
	VRING_E_HEAD,	   /* a descriptor index past the table */
	VRING_E_LOOP,	   /* a chain longer than its table, or too long */
	VRING_E_INDIRECT,  /* not negotiated, nested, or of a wrong length */
	VRING_E_OUTSIDE,   /* a descriptor or table outside guest memory */
	VRING_E_SHORT,	/* not enough writable bytes for what is to be told */
	VRING_E_MISS,	/* a ring, descriptor or table that is not known yet */
	VRING_E_ACCESS, /* ... to which the IOMMU gives no access */
	VRING_E_PIECES, /* a ring that lies in several pieces */
};

#endif

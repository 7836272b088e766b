/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtqueue as both layouts have it. Users include vring.h; the layouts,
 * which vring.h stands on, include this.
 */
#ifndef VINPUT_VRING_TYPES_H
#define VINPUT_VRING_TYPES_H

#include <stdbool.h>
#include <stdint.h>
#include "input/ring/guest-mem.h"

#define VRING_NUM_MAX 32768 /* virtio 1.3 §2.7, §2.8.10.1 */
/*
 * Descriptors of one chain, as in QEMU and in Linux' vhost. Without a limit, an
 * indirect table of 4 GiB would keep us busy for seconds.
 */
#define VRING_CHAIN_MAX 1024

struct vring_addrs {
	struct uva desc;
	struct uva avail; /* packed: the driver event suppression structure */
	struct uva used;  /* packed: the device event suppression structure */
};

struct vring {
	/* Set before vring_map() and vring_resume(). */
	uint16_t num;
	bool packed;	/* VIRTIO_F_RING_PACKED was acked */
	bool event_idx; /* VIRTIO_F_EVENT_IDX was acked */
	bool indirect;	/* VIRTIO_F_INDIRECT_DESC was acked */
	/*
	 * Split: log the writes to the used ring, which lies at log_base in
	 * the guest. Those to a packed ring are always logged.
	 */
	bool log;
	struct gpa log_base;

	/* Set by users after VRING_E_MISS, while the IOMMU is asked. */
	bool waits;

	/* The rest belongs to vring.c and the layouts. */
	struct guest_mem *mem;	   /* borrowed */
	void *desc, *avail, *used; /* desc NULL: not mapped */
	bool kicks;		   /* the driver is asked to kick */
	uint16_t next;	     /* position: split: free-running; packed: < num */
	uint16_t published;  /* `next` at the last vring_publish() */
	uint16_t seen_avail; /* split: avail->idx as last read */
	uint16_t pool;	     /* the most buffers (packed: slots) available */
	uint16_t ahead;	     /* packed: slots from `next` known available */
	bool wrap;	     /* packed: the wrap counter at `next` */
	bool chains;	     /* packed: ahead of `next` there was one */
	bool noted;	     /* packed: the ring has been used before */
	/* Packed: since the last publish; the flags are not written yet. */
	uint16_t n_used;      /* slots used */
	uint16_t first_flags; /* of the first of them */
};

/* vring_ready(): a buffer is available. */
#define VRING_READY 1

/*
 * How a driver breaks its ring. After one of these nothing but vring_unmap()
 * MAY be called. The exception is VRING_E_MISS: nothing was used, and the call
 * can be repeated when the IOMMU has answered for mem->miss.
 */
enum vring_error {
	VRING_E_AVAIL = 2, /* avail->idx jumped by more than num */
	VRING_E_HEAD,	   /* a descriptor index past the table */
	VRING_E_LOOP,	  /* a chain longer than its table, or than the limit */
	VRING_E_INDIRECT, /* not negotiated, nested, or of a wrong length */
	VRING_E_OUTSIDE,  /* a descriptor or table outside guest memory */
	VRING_E_SHORT,	  /* fewer writable bytes than an item has */
	VRING_E_MISS,	  /* the IOMMU must be asked for an address */
	VRING_E_ACCESS,	  /* the IOMMU denies access */
	VRING_E_PIECES,	  /* a ring that is not contiguous */
};

#endif

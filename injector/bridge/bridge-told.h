/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a back-end has been told, and what it should be told: for bridge-sync.h,
 * which explains it, and its parts.
 */
#ifndef VINPUT_BRIDGE_TOLD_H
#define VINPUT_BRIDGE_TOLD_H

#include "injector/vfio-user/vfu-dma.h"
#include "injector/virtio-pci/virtio-pci.h"
#include "input/vhost-user/vu-message.h"

#define BRIDGE_QUEUES	   2
#define BRIDGE_CONFIG_LEN  136 /* of an input device (virtio 1.3 §5.8.4) */
#define BRIDGE_REGIONS_MAX 64
#define BRIDGE_MISSES_MAX  8

/*
 * The features that work through the PCI transport as it is: others, such as
 * NOTIFICATION_DATA or RING_RESET, need registers that it lacks.
 */
#define BRIDGE_FEATURES                              \
	((UINT64_C(1) << VIRTIO_F_INDIRECT_DESC) |   \
	 (UINT64_C(1) << VIRTIO_F_EVENT_IDX) |       \
	 (UINT64_C(1) << VIRTIO_F_VERSION_1) |       \
	 (UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM) | \
	 (UINT64_C(1) << VIRTIO_F_RING_PACKED) |     \
	 (UINT64_C(1) << VIRTIO_F_IN_ORDER))

#define BRIDGE_NOT_SHARED                                              \
	"the guest's memory is not shared: give QEMU -object "         \
	"memory-backend-memfd,id=mem,size=SIZE,share=on and -machine " \
	"memory-backend=mem"

struct bridge_queue {
	uint8_t step;	/* how far it was started; 0: it does not run */
	bool call_told; /* it has the fd that it should have */
	bool has_base;	/* it was stopped, at base, and its driver runs */
	uint32_t base;
};

struct bridge_region {
	struct vu_mem_region at;
	int fd; /* borrowed of vfu_dma; meaningless once it is unmapped */
};

struct bridge_sync {
	const struct virtio_pci *pci;
	struct vfu_dma *dma;
	int kick[BRIDGE_QUEUES]; /* the event fds, borrowed */
	/* Return: the event fd that interrupts for a vector, or -1. */
	int (*vector_fd)(void *arg, unsigned int vector);
	void *arg;

	/* Of the back-end. */
	uint8_t greeting; /* how far the negotiation is */
	uint64_t offered, protocol;
	uint64_t slots;	   /* how many regions of memory it takes */
	uint64_t features; /* it was told; 0: none */
	bool dirty;	   /* it was told of a driver that is gone */
	struct bridge_queue queue[BRIDGE_QUEUES];
	struct bridge_region region[BRIDGE_REGIONS_MAX];
	unsigned int n_regions;
	bool unconfirmed; /* it does not ack, and may still be at work */

	/* What the owner wants. */
	bool wants_config; /* read it into config */
	uint8_t config[BRIDGE_CONFIG_LEN];
	uint8_t select[2]; /* select and subsel, as the driver has them */
	bool tells_select;
	bool invalidates; /* the maps of this range are gone */
	uint64_t invalid_first, invalid_last;
	unsigned int n_misses;
	uint64_t miss[BRIDGE_MISSES_MAX];

	uint32_t asked;	       /* the request without an answer, or 0 */
	unsigned int stopping; /* GET_VRING_BASE: of this queue */
	const char *why;       /* of BRIDGE_NEXT_FAIL, and of BRIDGE_E_* */
	char text[48];	       /* why, if it is made here */
};

enum bridge_next {
	BRIDGE_NEXT_SEND, /* *msg, whose fds are borrowed */
	BRIDGE_NEXT_WAIT, /* for bridge_sync_answer() */
	BRIDGE_NEXT_DONE, /* it is up to date */
	BRIDGE_NEXT_FAIL, /* the device cannot work: s->why */
};

/* Return: whether maps are updates of the back-end's IOTLB. */
static inline bool bridge_translates(const struct bridge_sync *s)
{
	return vu_feature_in(s->features, VIRTIO_F_ACCESS_PLATFORM);
}

/* A request without fds; its payload is the caller's to fill. */
static inline void bridge_sync_make(struct vu_message *msg, uint32_t request,
				    uint32_t size)
{
	msg->hdr = (struct vu_header){ request, VU_FLAG_VERSION_1, size };
	msg->n_fds = 0;
	msg->reply_fd = -1;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of a virtio-vhost-user device (input/vvu/vvu-layout.h): sessions
 * with the sibling's VMM, and their messages. Knows no event loop and no log;
 * loop thread only.
 *
 *	messages ◄─ receive ─ rxq ◄─┐
 *	         ── send ───► txq ──┴─► device ◄─► sibling's VMM
 */
#ifndef VINPUT_VVU_DRIVER_H
#define VINPUT_VVU_DRIVER_H

#include "input/base/fault.h"
#include "input/vfio/driver-ring.h"
#include "input/vfio/virtio-driver.h"
#include "input/vhost-user/vu-message.h"
#include "input/vvu/vvu-layout.h"

/* Vectors of MSI-X: messages and changes, then the kicks of each queue. */
#define VVU_DRIVER_CONTROL 0
#define VVU_DRIVER_KICK(i) (1 + (i))

/* Memory that is shared with the device. */
#define VVU_DRIVER_MEMORY_LEN (VVU_QUEUES * (size_t)DRIVER_RING_LEN)

struct vvu_driver {
	struct virtio_driver virtio;
	enum vvu_id id;
	unsigned int n_queues; /* of the sibling's device */
	bool translated;       /* an IOMMU is between the device and memory */
	struct vvu_window window;
	uint8_t *at; /* VVU_DRIVER_MEMORY_LEN bytes, borrowed */
	uint64_t bus;
	struct driver_ring ring[VVU_QUEUES];
	const char *why; /* after VVU_DRIVER_BROKEN */
};

/* Return: whether these IDs are such a device's; *id which lineage's. */
bool vvu_driver_knows(uint16_t vendor, uint16_t device, enum vvu_id *id);

/*
 * Find what the device has. The members id, n_queues and translated are set.
 * Return: 0, or a negative errno with *why.
 */
int vvu_driver_find(struct vvu_driver *d, const struct pci_port *port,
		    struct fault *why);
/*
 * Reset the device, which ends its session, and let the next one begin. The
 * members at and bus are set, and the vectors are enabled.
 * Return: 0, or a negative errno with *why.
 */
int vvu_driver_start(struct vvu_driver *d, struct fault *why);

/*
 * at: the doorbell of a queue; its value is the queue's index.
 * Return: whether there is one.
 */
bool vvu_driver_doorbell(const struct vvu_driver *d, uint16_t queue,
			 struct pci_at *at);

/*
 * All return a negative errno if the device cannot be reached, or one of these.
 * After the last two vvu_driver_start() is due.
 */
enum {
	VVU_DRIVER_OK,	    /* no message waits; it was sent; nothing has
			       changed */
	VVU_DRIVER_MESSAGE, /* *msg is one */
	VVU_DRIVER_FULL,    /* not sent: all buffers are in use */
	VVU_DRIVER_ENDED,   /* the sibling has disconnected */
	VVU_DRIVER_BROKEN,  /* the device broke its contract: d->why */
};

/* The next message: header and payload. Its other members are not touched. */
int vvu_driver_receive(struct vvu_driver *d, struct vu_message *msg);
int vvu_driver_send(struct vvu_driver *d, const struct vu_message *msg);
/* What the device's registers say of the session. */
int vvu_driver_look(struct vvu_driver *d);

#endif

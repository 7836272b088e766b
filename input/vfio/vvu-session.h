/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver of a virtio-vhost-user device (input/vvu/vvu-layout.h): sessions
 * with the sibling's VMM, and their messages. Knows no event loop and no log;
 * loop thread only.
 *
 *	messages ◄─ receive ─ rxq ◄─┐
 *	         ── send ───► txq ──┴─► device ◄─► sibling's VMM
 */
#ifndef VINPUT_VVU_SESSION_H
#define VINPUT_VVU_SESSION_H

#include "input/base/fault.h"
#include "input/vfio/driver-ring.h"
#include "input/vfio/virtio-driver.h"
#include "input/vhost-user/vu-message.h"
#include "input/vvu/vvu-layout.h"

/* Vectors of MSI-X: messages and changes, then the kicks of each queue. */
#define VVU_SESSION_CONTROL 0
#define VVU_SESSION_KICK(i) (1 + (i))

/* Memory that is shared with the device. */
#define VVU_SESSION_MEMORY_LEN (VVU_QUEUES * (size_t)DRIVER_RING_LEN)

struct vvu_session {
	struct virtio_driver virtio;
	enum vvu_id id;
	bool translated; /* an IOMMU is between the device and memory */
	struct vvu_window window;
	uint8_t *at; /* VVU_SESSION_MEMORY_LEN bytes, borrowed */
	uint64_t bus;
	struct driver_ring ring[VVU_QUEUES];
	const char *why; /* after VVU_SESSION_BROKEN */
};

/* Return: whether these IDs are such a device's; *id which lineage's. */
bool vvu_session_knows(uint16_t vendor, uint16_t device, enum vvu_id *id);

/*
 * Find what the device has. The members id and translated are set.
 * Return: 0, or a negative errno with *why.
 */
int vvu_session_find(struct vvu_session *d, const struct pci_port *port,
		     struct fault *why);
/*
 * Reset the device, which ends its session, and let the next one begin. The
 * members at and bus are set, and the vectors are enabled.
 * Return: 0, or a negative errno with *why.
 */
int vvu_session_start(struct vvu_session *d, struct fault *why);

/*
 * at: the doorbell of a queue; its value is the queue's index.
 * Return: whether there is one.
 */
bool vvu_session_doorbell(const struct vvu_session *d, uint16_t queue,
			  struct pci_at *at);

/*
 * All return a negative errno if the device cannot be reached, or one of these.
 * After the last two vvu_session_start() is due.
 */
enum {
	VVU_SESSION_OK,	     /* no message waits; it was sent; nothing has
				changed */
	VVU_SESSION_MESSAGE, /* *msg is one */
	VVU_SESSION_FULL,    /* not sent: all buffers are in use */
	VVU_SESSION_ENDED,   /* the sibling has disconnected */
	VVU_SESSION_BROKEN,  /* the device broke its contract: d->why */
};

/* The next message: header and payload. Its other members are not touched. */
int vvu_session_receive(struct vvu_session *d, struct vu_message *msg);
int vvu_session_send(struct vvu_session *d, const struct vu_message *msg);
/* What the device's registers say of the session. */
int vvu_session_look(struct vvu_session *d);

#endif

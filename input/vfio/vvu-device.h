/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio-vhost-user device that is open, with its driver and all that it
 * signals or is signalled by. What needs privileges, or a path, is done when it
 * is opened. Loop thread only.
 */
#ifndef VINPUT_VVU_DEVICE_H
#define VINPUT_VVU_DEVICE_H

#include "input/vfio/vfio-device.h"
#include "input/vfio/vvu-session.h"

#define VVU_DEVICE_QUEUES 2 /* of the sibling's device */

struct vvu_device {
	struct vfio_device vfio;
	struct vvu_session session;
	/* Event fds, owned; -1: none. */
	int control_fd;			/* messages, or another state */
	int kick_fd[VVU_DEVICE_QUEUES]; /* by the sibling's driver */
	int call_fd[VVU_DEVICE_QUEUES]; /* rings a doorbell */
};

/* A device that is closed. */
void vvu_device_init(struct vvu_device *d);
/*
 * Open the device at a PCI address, ready for vvu_session_start().
 * vvu_device_close() MUST be called also after a failure.
 * Return: 0, or -errno with *why.
 */
int vvu_device_open(struct vvu_device *d, const char *address,
		    struct fault *why);
/* Reset the device, which disconnects the sibling. Idempotent. */
void vvu_device_close(struct vvu_device *d);

#endif

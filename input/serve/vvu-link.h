/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end behind a virtio-vhost-user device (--vfio): the sibling's VMM,
 * whose messages this takes out of the device's queues, and gives to the
 * back-end's connection with the fds that do not pass a device:
 *
 *	device ◄─ vvu_session ─► socketpair ─► frontend_link
 *	       kicks: MSI-X, an eventfd each
 *	       calls: an eventfd each, for which the kernel rings a doorbell
 *	       memory: parts of a BAR
 *	                         socketpair ─► its back-end channel
 *
 * So the back-end knows nothing of devices, and an event passes nothing but
 * memory and an eventfd. Whoever ends a session, the device is reset when the
 * back-end has done with its memory, and the next session begins. Loop thread
 * only.
 */
#ifndef VINPUT_VVU_LINK_H
#define VINPUT_VVU_LINK_H

#include <ev.h>
#include "input/base/log.h"
#include "input/serve/frontend-link.h"
#include "input/vfio/vvu-device.h"
#include "input/vhost-user/vu-socket.h"

#define VVU_LINK_WAYS 2 /* enum vvu_way */

/* Our end of a socketpair. */
struct vvu_link_end {
	struct vu_socket socket; /* fd -1: there is none */
	ev_io io;
	bool full;  /* it takes no more at the moment, ... */
	bool later; /* ... because of fds: vvu_link.later */
	bool waits; /* socket.in has a message, for which txq has no room */
};

struct vvu_link {
	struct ev_loop *loop;
	struct frontend_link *link; /* borrowed */
	const char *address;	    /* of the device, borrowed; NULL: none */
	struct vvu_device device;
	ev_io control_io;
	struct vvu_link_end end[VVU_LINK_WAYS];
	bool running; /* the device has been started */
	bool failing; /* it could not be, which was logged */
	ev_timer retry;
	ev_timer later;	      /* pass fds that could not be in flight */
	unsigned int n_later; /* times in a row */
	struct log_limit limit;
};

/* Return: NULL: there is no memory. */
struct vvu_link *vvu_link_new(struct ev_loop *loop, struct frontend_link *link);
/*
 * Open the device at an address, borrowed, with all that needs privileges. An
 * error is logged. Return: 0 or -errno.
 */
int vvu_link_open(struct vvu_link *l, const char *address);
/* Serve its sibling. Return: as above. */
int vvu_link_start(struct vvu_link *l);
/* Reset the device, which disconnects the sibling. NULL is fine. */
void vvu_link_free(struct vvu_link *l);

#endif

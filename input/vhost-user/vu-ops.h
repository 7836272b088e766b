/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device behind the back-end, as the back-end calls it. Of the back-end an
 * op MAY call vu_backend_break(), vu_backend_notify(), vu_backend_miss() and
 * what only reads it, and MUST NOT call anything else.
 */
#ifndef VINPUT_VU_OPS_H
#define VINPUT_VU_OPS_H

#include <stdbool.h>
#include <stdint.h>
#include "input/vhost-user/vhost-user-wire.h"

struct vu_ops {
	/* resumed: the driver is the one that the queue stopped with. */
	void (*queue_started)(void *arg, unsigned int queue, bool resumed);
	/* The ring MUST NOT be touched: its memory may be unmapped already. */
	void (*queue_stopped)(void *arg, unsigned int queue);
	/*
	 * The kick_fd of a running queue was replaced, or removed (-1). The
	 * old one is closed after this call.
	 */
	void (*queue_kick_fd)(void *arg, unsigned int queue);
	/*
	 * A running queue was kicked by a message: its buffers MUST be looked
	 * at before this returns, since the ack says that they have been.
	 */
	void (*queue_kicked)(void *arg, unsigned int queue);
	/* A running queue that waited for the IOMMU may have buffers. */
	void (*queue_look)(void *arg, unsigned int queue);
	/*
	 * A queue cannot start or continue, for a VRING_E_*: the device calls
	 * vu_backend_break(), or ends the session soon.
	 */
	void (*queue_failed)(void *arg, unsigned int queue, int error);
	/* SET_CONFIG, GET_CONFIG: offset and len are inside config_len. */
	void (*config_write)(void *arg, uint32_t offset, const uint8_t *data,
			     uint32_t len);
	void (*config_read)(void *arg, uint32_t offset, uint8_t *data,
			    uint32_t len);
	/* The whole device is reset; its queues have stopped. */
	void (*reset)(void *arg);
	/*
	 * SET_DEVICE_STATE_FD: begin to write the state into fd, or to read it;
	 * fd is taken. CHECK_DEVICE_STATE: the transfer is over.
	 * Return: whether it succeeded.
	 */
	bool (*state_transfer)(void *arg, const struct vu_device_state *what,
			       int fd);
	bool (*state_check)(void *arg);
};

#endif

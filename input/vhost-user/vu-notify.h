/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the back-end wakes the other side: by the event fds that the front-end
 * gave, or by a message on the back-end channel where it gave none.
 *
 * With INBAND_NOTIFICATIONS, messages replace the event fds that the front-end
 * does not set: VRING_KICK on its socket, VRING_CALL and VRING_ERR on the
 * back-end channel. A VRING_KICK starts a queue, too. SET_VRING_KICK with the
 * no-fd bit means that the queue is polled, as without that feature; it may be
 * kicked by messages as well.
 */
#ifndef VINPUT_VU_NOTIFY_H
#define VINPUT_VU_NOTIFY_H

#include "input/vhost-user/vu-handler.h"

/* Notify the driver of a running queue. */
void vu_notify_driver(struct vu_backend *be, struct vu_queue *q);
/* Notify the front-end that the queue is broken. */
void vu_notify_broken(struct vu_backend *be, struct vu_queue *q);
/* Notify the front-end that pages were logged, if it gave an fd for that. */
void vu_notify_logged(struct vu_backend *be);
/* Notify the driver that the configuration space has changed. */
void vu_notify_config(struct vu_backend *be);

/*
 * Replace *fd by the first fd of the message: an event fd to poll or to signal,
 * made non-blocking. *fd is untouched if that fails.
 * Return: 0 or VU_E_VIOLATION.
 */
int vu_notify_take_fd(struct vu_backend *be, struct vu_message *msg, int *fd);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers of messages, and how they fail.
 *
 * A handler gets a message that passed its rule, and the queue that it is about
 * (NULL if it is about none). It makes the change, and stops a queue whose fds
 * it closes. vu_queue_settle() then starts and stops all others, once per
 * message, before the front-end gets its answer.
 */
#ifndef VINPUT_VU_HANDLER_H
#define VINPUT_VU_HANDLER_H

#include "input/vhost-user/vu-session.h"

/*
 * Handle a message.
 * Return: 0; VU_E_VIOLATION, by vu_fail(); -errno, by vu_host_fail();
 * VU_HAS_REPLY: *msg is the reply, whatever the table of messages says.
 */
#define VU_HAS_REPLY   1
#define VU_E_VIOLATION 2
typedef int vu_handler(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q);

/* What to do if memory is not shared, to be appended to what is wrong. */
#define VU_SHARE ": the VMM must share the guest's memory (QEMU: share=on)"

/* Set be->why to what is wrong with the message. Return: VU_E_VIOLATION. */
int vu_fail(struct vu_backend *be, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Set be->why to what the host could not do. Return: error, a -errno. */
int vu_host_fail(struct vu_backend *be, int error, const char *what);

#endif

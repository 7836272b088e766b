/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of written pages (vhost-user: "Migration"). Writes are logged while
 * F_LOG_ALL is acked and there is a log; those to a queue's ring if its
 * SET_VRING_ADDR says so.
 */
#ifndef VINPUT_VU_LOG_H
#define VINPUT_VU_LOG_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_set_log_base, vu_set_log_fd;

/* F_LOG_ALL may have been acked, or dropped. */
void vu_log_update(struct vu_backend *be);
/* The front-end has gone: unmap and close. */
void vu_log_drop(struct vu_backend *be);

#endif

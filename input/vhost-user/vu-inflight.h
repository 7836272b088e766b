/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The region in which a back-end notes which buffers it has taken and not used
 * yet: here always empty, see vu-inflight.c.
 */
#ifndef VINPUT_VU_INFLIGHT_H
#define VINPUT_VU_INFLIGHT_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_get_inflight_fd, vu_set_inflight_fd;

#endif

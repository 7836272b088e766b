/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages about the device as a whole: owner, reset, status, configuration
 * space, saved state, back-end channel.
 */
#ifndef VINPUT_VU_DEVICE_H
#define VINPUT_VU_DEVICE_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_set_owner, vu_reset_owner, vu_reset_device;
vu_handler vu_get_queue_num;
vu_handler vu_get_config, vu_set_config;
vu_handler vu_set_status, vu_get_status;
vu_handler vu_set_device_state_fd, vu_check_device_state;
vu_handler vu_set_backend_req_fd;

#endif

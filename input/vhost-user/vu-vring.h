/* SPDX-License-Identifier: Apache-2.0 */
/* Messages about one queue: SET_VRING_*, GET_VRING_BASE, VRING_KICK. */
#ifndef VINPUT_VU_VRING_H
#define VINPUT_VU_VRING_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_set_vring_num, vu_set_vring_addr, vu_set_vring_base;
vu_handler vu_get_vring_base, vu_set_vring_enable;
vu_handler vu_set_vring_kick, vu_set_vring_call, vu_set_vring_err;
vu_handler vu_vring_kick;

#endif

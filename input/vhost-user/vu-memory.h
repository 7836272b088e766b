/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory that the front-end shares, whole (SET_MEM_TABLE) or region by
 * region. Rings run on while regions come and go: their positions stay, only
 * the pointers are found anew.
 */
#ifndef VINPUT_VU_MEMORY_H
#define VINPUT_VU_MEMORY_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_set_mem_table, vu_add_mem_reg, vu_rem_mem_reg;
vu_handler vu_get_max_mem_slots;

#endif

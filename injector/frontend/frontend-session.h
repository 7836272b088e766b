/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VMM does with a device: negotiate features, share the guest's memory,
 * start and stop the queues.
 */
#ifndef VINPUT_FRONTEND_SESSION_H
#define VINPUT_FRONTEND_SESSION_H

#include <stdint.h>
#include "injector/frontend/frontend-message.h"
#include "injector/frontend/frontend.h"

/* SET_OWNER, offered features, protocol features; not yet SET_FEATURES. */
int fe_negotiate(struct frontend *fe);
int fe_set_features(struct frontend *fe);

/* ADD_MEM_REG, or SET_MEM_TABLE if the device does not support that. */
int fe_share_memory(struct frontend *fe);

/* SET_VRING_ADDR of a ring, without flags. */
struct fe_msg fe_msg_vring_addr(const struct frontend *fe, unsigned int index);
int fe_set_vring_addr(struct frontend *fe, unsigned int index);

/*
 * NUM, BASE, ADDR, ERR, CALL, KICK and, where it is due, ENABLE. base: as
 * fe_ring_base_after() returns it.
 */
int fe_start_queue(struct frontend *fe, unsigned int index, uint32_t base);
/* The same for a new ring. */
int fe_begin_queue(struct frontend *fe, unsigned int index);
/* GET_VRING_BASE; *base: the device's position. */
int fe_stop_queue(struct frontend *fe, unsigned int index, uint32_t *base);

/* SET_FEATURES, memory, both queues as new rings; or stop both queues. */
int fe_start(struct frontend *fe);
int fe_stop(struct frontend *fe);

#endif

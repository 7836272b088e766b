/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the back-end: what its files share. A handler gets a message that
 * passed its rule, and the queue it is about (NULL if none). It returns 0;
 * VU_E_VIOLATION by way of vu_fail(); -errno by way of vu_host_fail(); or
 * VU_HAS_REPLY if it has made *msg a reply, whatever the table says.
 */
#ifndef VINPUT_VU_HANDLERS_H
#define VINPUT_VU_HANDLERS_H

#include "input/vhost-user/vu-backend.h"

typedef int vu_handler(struct vu_backend *be, struct vu_message *msg,
		       struct vu_queue *q);

/* Say in be->why what is wrong. Return: VU_E_VIOLATION. */
int vu_fail(struct vu_backend *be, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static inline unsigned int vu_queue_index(const struct vu_backend *be,
					  const struct vu_queue *q)
{
	return (unsigned int)(q - be->queue);
}

/* Say what the host could not do, and why. Return: error, a negative errno. */
int vu_host_fail(struct vu_backend *be, int error, const char *what);

/* vu-device.c */
vu_handler vu_set_owner, vu_reset_owner, vu_reset_device;
vu_handler vu_get_config, vu_set_config, vu_set_status, vu_get_status;
vu_handler vu_set_device_state_fd, vu_check_device_state;
/* A queue broke: the driver is told, if the front-end does not do that. */
void vu_status_needs_reset(struct vu_backend *be);

/* vu-notify.c */
vu_handler vu_set_vring_kick, vu_set_vring_call, vu_set_vring_err;
vu_handler vu_vring_kick, vu_set_log_fd, vu_set_backend_req_fd;

/* vu-queue.c */
vu_handler vu_set_vring_num, vu_set_vring_addr, vu_set_vring_base;
vu_handler vu_get_vring_base, vu_set_vring_enable;

/* A running queue stops; it can be started again. */
void vu_queue_stop(struct vu_backend *be, struct vu_queue *q);
/* It is reset: not started, nothing known of it but its size and enabling. */
void vu_queue_reset(struct vu_backend *be, struct vu_queue *q);
void vu_queue_reset_all(struct vu_backend *be);
void vu_queue_set_started(struct vu_backend *be, struct vu_queue *q,
			  bool started);
/* Start what is to run. Return: 0 or VU_E_VIOLATION. */
int vu_queue_update(struct vu_backend *be, struct vu_queue *q);

/* vu-memory.c */
vu_handler vu_set_mem_table, vu_add_mem_reg, vu_rem_mem_reg;
vu_handler vu_get_max_mem_slots, vu_set_log_base;
/* vu-postcopy.c */
vu_handler vu_postcopy_advise, vu_postcopy_listen, vu_postcopy_end;
/* While listening, memory changes: pause all queues until it is acked. */
void vu_postcopy_hold(struct vu_backend *be);
/* The ack is there. Return: 0 or VU_E_VIOLATION. */
int vu_postcopy_acked(struct vu_backend *be);
/* The front-end has gone; its memory is unmapped already. */
void vu_postcopy_drop(struct vu_backend *be);

/* vu-inflight.c */
vu_handler vu_get_inflight_fd, vu_set_inflight_fd;

/* vu-iotlb.c */
vu_handler vu_iotlb_msg;

/* ACCESS_PLATFORM is acked, or not. Return: as a handler. */
int vu_iotlb_use(struct vu_backend *be, bool on);
/* vring_map() gave this error: the queue waits, or fails. */
void vu_iotlb_no_ring(struct vu_backend *be, struct vu_queue *q, int error);
/* What follows is about a device behind an IOMMU only: mem.iotlb is there. */
/* The ring is not to be used any more until it is found anew. */
void vu_iotlb_lose_ring(struct vu_backend *be, struct vu_queue *q);
/* The shared memory is another one. */
void vu_iotlb_forget(struct vu_backend *be);
/* There is a new channel. */
void vu_iotlb_ask_again(struct vu_backend *be);

/* Log or not, as features and log memory have it. */
void vu_log_update(struct vu_backend *be);
void vu_log_drop(struct vu_backend *be);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device behind the guest's IOMMU: the addresses of rings and buffers are
 * requested when they are needed. vu-iotlb.c has the theory of operation.
 */
#ifndef VINPUT_VU_IOTLB_H
#define VINPUT_VU_IOTLB_H

#include "input/vhost-user/vu-handler.h"

vu_handler vu_iotlb_msg;

/* Translate, or stop to: ACCESS_PLATFORM. Return: as a handler. */
int vu_iotlb_use(struct vu_backend *be, bool on);

/*
 * vring_map() failed with this error, behind an IOMMU: the queue waits for the
 * address, which is requested, or queue_failed() is called.
 */
void vu_iotlb_no_ring(struct vu_backend *be, struct vu_queue *q, int error);
/* As vu_backend_miss(). */
void vu_iotlb_miss(struct vu_backend *be, struct vu_queue *q);
/* As vu_backend_answered(). */
void vu_iotlb_answered(struct vu_backend *be, const struct vu_answer *answer);
/* The channel was replaced: repeat the requests that are not answered. */
void vu_iotlb_ask_again(struct vu_backend *be);

#endif

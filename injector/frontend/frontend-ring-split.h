/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a split ring (virtio 1.3 §2.7), for frontend-ring.c only. */
#ifndef VINPUT_FRONTEND_RING_SPLIT_H
#define VINPUT_FRONTEND_RING_SPLIT_H

#include "injector/frontend/frontend-ring-layout.h"

extern const struct fe_ring_ops fe_ring_split;

#endif

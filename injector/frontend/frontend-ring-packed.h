/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a packed ring (virtio 1.3 §2.8), for frontend-ring.c only. */
#ifndef VINPUT_FRONTEND_RING_PACKED_H
#define VINPUT_FRONTEND_RING_PACKED_H

#include "injector/frontend/frontend-ring-layout.h"

extern const struct fe_ring_ops fe_ring_packed;

#endif

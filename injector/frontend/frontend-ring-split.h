/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VINPUT_FRONTEND_RING_SPLIT_H
#define VINPUT_FRONTEND_RING_SPLIT_H

#include "injector/frontend/frontend-ring-layout.h"

extern const struct fe_ring_ops fe_ring_split;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The queues' part of bridge-sync.h: for bridge-sync.c only. */
#ifndef VINPUT_BRIDGE_START_H
#define VINPUT_BRIDGE_START_H

#include "injector/bridge/bridge-told.h"

/*
 * A VMM may unmap the memory for a moment. Return: whether the ring is mapped
 * now, shared or not.
 */
bool bridge_start_is_mapped(struct bridge_sync *s, unsigned int i);

/* Tell of a queue that should run, and of its vector's event fd. */
enum bridge_next bridge_start_queue(struct bridge_sync *s, unsigned int i,
				    struct vu_message *msg);

#endif

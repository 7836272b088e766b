/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether the guest's memory is what its file has. A VMM can map a file for
 * itself alone (QEMU: memory-backend-memfd,share=off) and still pass it: the
 * back-end would then read what nobody writes. Loop thread only.
 */
#ifndef VINPUT_BRIDGE_SHARED_H
#define VINPUT_BRIDGE_SHARED_H

#include "injector/bridge/bridge-told.h"

/*
 * To be called when a driver that has started a queue first notifies it: it has
 * made a buffer available then. Return: whether that is in the file, or cannot
 * be found out.
 */
bool bridge_shared_has_buffer(struct bridge_sync *s, unsigned int queue);

#endif

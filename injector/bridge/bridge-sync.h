/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a back-end has been told, and from that the next message to it: one that
 * brings it nearer to what the driver and the VMM have made of the device.
 *
 *	virtio_pci: features, queues, status ─┐
 *	vfu_dma: memory                       ├─► bridge_sync_next() ─► message
 *	what the owner wants of it            ┘          ▲                 │
 *	                                       bridge_sync_answer() ◄──────┘
 *
 * A driver that may use the platform's addresses (ACCESS_PLATFORM) and a
 * back-end that can translate them share each file of memory once, and maps
 * are updates of the back-end's IOTLB, on request. Without, each map is a
 * region of memory. Pure: fds are numbers here. Loop thread only.
 */
#ifndef VINPUT_BRIDGE_SYNC_H
#define VINPUT_BRIDGE_SYNC_H

#include "injector/bridge/bridge-memory.h"
#include "injector/bridge/bridge-told.h"

/*
 * Begin with a back-end that knows nothing yet. The members above "Of the
 * back-end" stay, and what the driver has selected.
 */
void bridge_sync_begin(struct bridge_sync *s);
/* Return: whether the negotiation is done. */
bool bridge_sync_greeted(const struct bridge_sync *s);
/* SET_BACKEND_REQ_FD comes without its fd. */
enum bridge_next bridge_sync_next(struct bridge_sync *s,
				  struct vu_message *msg);

#define BRIDGE_E_ANSWER	 1 /* to what was not asked, or of another size */
#define BRIDGE_E_REFUSED 2 /* it refused what the driver wants */
/* Return: 0 or BRIDGE_E_*, with s->why. */
int bridge_sync_answer(struct bridge_sync *s, const struct vu_message *answer);

/* The driver has written to the configuration. */
void bridge_sync_written(struct bridge_sync *s, size_t offset,
			 const uint8_t *from, size_t len);
/* Vectors of queues, or their event fds, have changed. */
void bridge_sync_vectors_changed(struct bridge_sync *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtio-vhost-user (VVU): a virtio PCI device through which a guest, the
 * *device VM*, is the back-end of another VM's VMM, the *sibling*. What the
 * device (vinput-vvu-proxy) and its driver (vhost-user-input --vfio) agree on.
 *
 *	sibling's vhost-user socket  ◄─► rxq, txq	messages
 *	the fds of SET_VRING_KICK     ─► MSI-X		"notifications"
 *	the fds of SET_VRING_CALL    ◄── writes		"doorbells"
 *	the fds of SET_MEM_TABLE     ◄─► a BAR		"shared memory"
 *
 * The specification was never merged ("Virtio Vhost-user Device", of 2018).
 * Two lineages of devices have been published; they differ in the virtio ID, in
 * the BARs, which capabilities name, and in where a region of memory lies:
 *
 *	ID 61, 1af4:107d: crosvm until 2023, and vinput-vvu-proxy. Notifications
 *	and doorbells in BAR 2, shared memory in BAR 4. Regions are *packed*:
 *	each begins where the one before it ends.
 *	ID 42, 1af4:106a: a fork of QEMU. All in BAR 2. Regions are *whole*
 *	files: each is mapped from its file's beginning, where the one before
 *	it ends, so it begins mmap_offset after that.
 *
 * The rule that tells them apart is the virtio ID, and nothing else. Pure.
 */
#ifndef VINPUT_VVU_LAYOUT_H
#define VINPUT_VVU_LAYOUT_H

#include <stddef.h>
#include <stdint.h>
#include "input/vhost-user/vhost-user-wire.h"

#define VVU_PCI_VENDOR 0x1af4
/* A virtio device's PCI device ID (virtio 1.3 §4.1.2.1). */
#define VVU_PCI_DEVICE(virtio_id) (0x1040 + (virtio_id))

enum vvu_id {
	VVU_ID_WHOLE = 42,
	VVU_ID_PACKED = 61,
};

enum vvu_queue_index {
	VVU_RXQ = 0, /* to the driver */
	VVU_TXQ = 1, /* by the driver */
	VVU_QUEUES = 2,
};

/*
 * --- device configuration ---
 *
 * A session begins when the driver has set BACKEND_UP and a sibling has
 * connected: the device sets FRONTEND_UP (crosvm's does not), and interrupts
 * for it as for any change of the configuration. When the sibling disconnects,
 * or breaks the protocol, the device uses one buffer of rxq with a length of 0,
 * behind all of its messages, clears both bits, and interrupts. The next
 * session begins when the driver sets BACKEND_UP again, for which it MUST be
 * done with the last one. Clearing BACKEND_UP, or a reset of the device, ends a
 * session at once: the sibling is disconnected.
 */
struct vvu_config {
	uint32_t status;	   /* bits of enum vvu_status */
	uint32_t max_vhost_queues; /* of the sibling's device */
	uint8_t uuid[16];
};

enum vvu_status {
	VVU_BACKEND_UP = 1 << 0,  /* by the driver */
	VVU_FRONTEND_UP = 1 << 1, /* by the device */
};

/* --- capabilities (virtio 1.3 §4.1.4), and what they name --- */

enum vvu_cap_type {
	VVU_CAP_DOORBELL = 6, /* a struct vvu_doorbell_cap */
	VVU_CAP_NOTIFICATION = 7,
	VVU_CAP_SHARED_MEMORY = 8, /* its length says nothing */
};

struct vvu_cap {
	uint8_t id, next, len, type;
	uint8_t bar, number, padding[2];
	uint32_t offset, length;
};

struct vvu_doorbell_cap {
	struct vvu_cap cap;
	uint32_t multiplier;
};

/*
 * Doorbells: a write of any value, of 2 or 4 bytes, at queue * multiplier is a
 * call to the sibling's driver.
 * Return: the offset in what the capability names.
 */
static inline uint64_t vvu_doorbell(unsigned int queue, uint32_t multiplier)
{
	return (uint64_t)queue * multiplier;
}

/*
 * Notifications: two registers of 16 bits. A driver writes the queue's index,
 * and then the MSI-X vector that its kicks interrupt for, VVU_NO_VECTOR for
 * none; a device without that vector reads back as VVU_NO_VECTOR. Crosvm's
 * device takes vectors over when BACKEND_UP is set: write them before.
 */
enum vvu_notification {
	VVU_NOTIFY_SELECT = 0,
	VVU_NOTIFY_VECTOR = 2,
};

#define VVU_NO_VECTOR 0xffff

/* Where a device of ID 61 has them. */
enum {
	VVU_IO_BAR = 2,
	VVU_DOORBELLS = 0, /* offset in that BAR */
	VVU_DOORBELLS_LEN = 0x2000,
	VVU_DOORBELL_MULTIPLIER = 4,
	VVU_NOTIFICATIONS = 0x2000, /* offset in that BAR */
	VVU_NOTIFICATIONS_LEN = 0x1000,
	VVU_IO_BAR_LEN = 0x4000,
	VVU_MEMORY_BAR = 4,
};

/*
 * --- messages ---
 *
 * A buffer has one vhost-user message: header and payload, without fds, as the
 * sibling's VMM sent it or is to receive it. The back-end channel
 * (SET_BACKEND_REQ_FD) shares the queues. A device passes on SET_VRING_KICK and
 * SET_VRING_CALL with VU_VRING_NOFD clear if there is an fd, so that there are
 * notifications or a doorbell; a driver MUST NOT expect fds with any message.
 */
#define VVU_MESSAGE_MAX (sizeof(struct vu_header) + VU_PAYLOAD_MAX)

enum vvu_way {
	VVU_SOCKET,  /* the sibling's connection */
	VVU_CHANNEL, /* its back-end channel */
};

/* Whom a message of txq goes to: replies to the one, requests to the other. */
static inline enum vvu_way vvu_tx_way(const struct vu_header *hdr)
{
	return hdr->flags & VU_FLAG_REPLY ? VVU_SOCKET : VVU_CHANNEL;
}

/* Who a message of rxq is by. */
static inline enum vvu_way vvu_rx_way(const struct vu_header *hdr)
{
	return hdr->flags & VU_FLAG_REPLY ? VVU_CHANNEL : VVU_SOCKET;
}

/* Return: NULL, or why these len bytes are not one message, or none (0). */
const char *vvu_message_check(const void *bytes, size_t len);

/*
 * --- shared memory ---
 *
 * A device MAY change the order of the regions of SET_MEM_TABLE, and add some
 * that the sibling's driver never names, to fill what lies between others: a
 * driver takes the table as it is.
 *
 * offset: where the shared memory begins in its BAR. bar_len: the BAR's size.
 * at: where each region of the table begins in the BAR.
 */
struct vvu_window {
	uint64_t offset, bar_len;
};

#define VVU_E_REGIONS 1 /* too many regions, or an empty one */
#define VVU_E_ROOM    2 /* a region ends past the BAR, or past 2^64 */
/* Return: 0 or VVU_E_*. */
int vvu_place_regions(enum vvu_id id, const struct vvu_window *window,
		      const struct vu_mem_table *table,
		      uint64_t at[VU_MEM_TABLE_MAX]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session ends with a reset of the device, whoever ended it: so nothing of it
 * is left in the queues when the next one begins.
 *
 * All buffers of rxq are the device's but while a message is copied out of one.
 * A buffer of txq is the device's from vvu_session_send() until it was used,
 * which is found out when the next one is sent.
 */
#include <errno.h>
#include <string.h>
#include <sys/param.h>

#include "input/vfio/vvu-session.h"

#define BIT(n) (UINT64_C(1) << (n))

/* Queues of an input device. */
#define QUEUES_NEEDED 2

_Static_assert(VVU_MESSAGE_MAX <= DRIVER_RING_BUFFER,
	       "a buffer has room for a message");

bool vvu_session_knows(uint16_t vendor, uint16_t device, enum vvu_id *id)
{
	if (vendor != VVU_PCI_VENDOR)
		return false;
	*id = device - VVU_PCI_DEVICE(0);
	return *id == VVU_ID_PACKED || *id == VVU_ID_WHOLE;
}

/* --- finding --- */

static int vvu_session_fail(int r, struct fault *why)
{
	switch (r) {
	case VIRTIO_DRIVER_E_CAPS:
		return fault_errno(why, -EPROTO,
				   "it lacks the capabilities of a virtio 1 "
				   "device");
	case VIRTIO_DRIVER_E_RESET:
		return fault_errno(why, -EPROTO, "it does not reset");
	case VIRTIO_DRIVER_E_FEATURES:
		return fault_errno(why, -EPROTO, "it rejects the features");
	case VIRTIO_DRIVER_E_QUEUE:
		return fault_errno(why, -EPROTO,
				   "it does not let its queues be set up");
	}
	return fault_errno(why, r, "it cannot be reached: %s", strerror(-r));
}

static int read_config(struct vvu_session *d, size_t offset, uint32_t *value)
{
	const struct pci_at at = { .offset = offset, .len = sizeof(*value) };

	return virtio_driver_read(&d->virtio, VIRTIO_CAP_DEVICE, &at, value);
}

/*
 * A device that does not offer ACCESS_PLATFORM uses physical addresses (virtio
 * 1.3 §6). Deviation: crosvm's, of the other lineage, never offers it.
 */
static uint64_t features_needed(const struct vvu_session *d)
{
	return BIT(VIRTIO_F_VERSION_1) |
	       (d->translated && d->id == VVU_ID_WHOLE
			? BIT(VIRTIO_F_ACCESS_PLATFORM)
			: 0);
}

static int vvu_session_negotiate(struct vvu_session *d, struct fault *why)
{
	const uint64_t needed = features_needed(d);
	int r = virtio_driver_reset(&d->virtio);

	if (!r)
		r = virtio_driver_negotiate(
			&d->virtio, needed | BIT(VIRTIO_F_ACCESS_PLATFORM),
			needed);
	if (r == VIRTIO_DRIVER_E_FEATURES &&
	    needed & ~d->virtio.features & BIT(VIRTIO_F_ACCESS_PLATFORM))
		return fault_errno(why, -EPROTO,
				   "it would bypass the IOMMU: QEMU's option "
				   "of the device is iommu_platform=on");
	return r ? vvu_session_fail(r, why) : 0;
}

static int find_parts(struct vvu_session *d, struct fault *why)
{
	const struct virtio_part *part = d->virtio.caps.part;
	const struct virtio_part *memory = &part[VVU_CAP_SHARED_MEMORY];

	if (!part[VVU_CAP_DOORBELL].there ||
	    !part[VVU_CAP_NOTIFICATION].there || !memory->there)
		return fault_errno(why, -EPROTO,
				   "it has no doorbells, notifications or "
				   "shared memory");
	d->window.offset = memory->offset;
	d->window.bar_len = d->virtio.port->size[memory->bar];
	return 0;
}

int vvu_session_find(struct vvu_session *d, const struct pci_port *port,
		     struct fault *why)
{
	uint32_t queues = 0;
	int r = virtio_driver_find(&d->virtio, port);

	if (r)
		return vvu_session_fail(r, why);
	r = find_parts(d, why);
	if (r)
		return r;
	r = read_config(d, offsetof(struct vvu_config, max_vhost_queues),
			&queues);
	if (r)
		return vvu_session_fail(r, why);
	if (queues < QUEUES_NEEDED)
		return fault_errno(why, -EPROTO,
				   "it is made for %u queues: at least %d "
				   "needed",
				   queues, QUEUES_NEEDED);
	return 0;
}

bool vvu_session_doorbell(const struct vvu_session *d, uint16_t queue,
			  struct pci_at *at)
{
	const struct virtio_part *part = &d->virtio.caps.part[VVU_CAP_DOORBELL];
	const uint64_t offset = vvu_doorbell(queue, part->multiplier);

	*at = (struct pci_at){ part->bar, part->offset + offset,
			       sizeof(queue) };
	return offset + sizeof(queue) <= part->len;
}

/* --- starting --- */

static int start_queue(struct vvu_session *d, uint16_t i)
{
	struct driver_ring *ring = &d->ring[i];
	const uint64_t offset = i * (uint64_t)DRIVER_RING_LEN;
	uint16_t size = 0;
	int r = virtio_driver_queue_size(&d->virtio, i, &size);

	if (r)
		return r;
	if (!size || size & (size - 1))
		return VIRTIO_DRIVER_E_QUEUE;
	size = MIN(size, DRIVER_RING_BUFFERS);
	driver_ring_init(ring, d->at + offset, d->bus + offset, size);
	ring->writable = i == VVU_RXQ;
	return virtio_driver_set_queue(
		&d->virtio, &(struct virtio_driver_queue){
				    .index = i,
				    .size = size,
				    .vector = VVU_SESSION_CONTROL,
				    .desc = ring->bus + DRIVER_RING_DESC,
				    .avail = ring->bus + DRIVER_RING_AVAIL,
				    .used = ring->bus + DRIVER_RING_USED,
			    });
}

static int write_notification(struct vvu_session *d, uint64_t offset,
			      uint16_t value)
{
	const struct pci_at at = { .offset = offset, .len = sizeof(value) };

	return virtio_driver_write(&d->virtio, VVU_CAP_NOTIFICATION, &at,
				   &value);
}

static int set_kick_vector(struct vvu_session *d, uint16_t queue)
{
	const uint16_t vector = VVU_SESSION_KICK(queue);
	const struct pci_at at = { .offset = VVU_NOTIFY_VECTOR,
				   .len = sizeof(vector) };
	uint16_t is = VVU_NO_VECTOR;
	int r = write_notification(d, VVU_NOTIFY_SELECT, queue);

	if (!r)
		r = write_notification(d, VVU_NOTIFY_VECTOR, vector);
	if (!r)
		r = virtio_driver_read(&d->virtio, VVU_CAP_NOTIFICATION, &at,
				       &is);
	return !r && is != vector ? VIRTIO_DRIVER_E_QUEUE : r;
}

static int set_up(struct vvu_session *d)
{
	int r = virtio_driver_set_config_vector(&d->virtio,
						VVU_SESSION_CONTROL);

	for (uint16_t i = 0; i < VVU_QUEUES && !r; i++)
		r = start_queue(d, i);
	for (uint16_t i = 0; i < QUEUES_NEEDED && !r; i++)
		r = set_kick_vector(d, i);
	return r ? r : virtio_driver_start(&d->virtio);
}

static int begin_session(struct vvu_session *d)
{
	const struct pci_at at = {
		.offset = offsetof(struct vvu_config, status),
		.len = sizeof(uint32_t),
	};
	const uint32_t up = VVU_BACKEND_UP;
	struct driver_ring *rx = &d->ring[VVU_RXQ];
	int r;

	for (unsigned int i = 0; i < rx->num; i++)
		driver_ring_post(rx, i, DRIVER_RING_BUFFER);
	r = virtio_driver_kick(&d->virtio, VVU_RXQ);
	return r ? r
		 : virtio_driver_write(&d->virtio, VIRTIO_CAP_DEVICE, &at, &up);
}

int vvu_session_start(struct vvu_session *d, struct fault *why)
{
	int r = vvu_session_negotiate(d, why);

	if (r)
		return r;
	r = set_up(d);
	if (!r)
		r = begin_session(d);
	return r ? vvu_session_fail(r, why) : 0;
}

/* --- messages --- */

static int vvu_session_break(struct vvu_session *d, const char *why)
{
	d->why = why;
	return VVU_SESSION_BROKEN;
}

/* The buffer is the device's again, and it may write to it at once. */
static int give_back(struct vvu_session *d, unsigned int buffer)
{
	if (!driver_ring_post(&d->ring[VVU_RXQ], buffer, DRIVER_RING_BUFFER))
		return 0;
	return virtio_driver_kick(&d->virtio, VVU_RXQ);
}

int vvu_session_receive(struct vvu_session *d, struct vu_message *msg)
{
	uint8_t bytes[VVU_MESSAGE_MAX];
	unsigned int buffer;
	const char *wrong;
	uint32_t len;
	int r = driver_ring_take(&d->ring[VVU_RXQ], &buffer, &len);

	if (r == DRIVER_RING_E_USED)
		return vvu_session_break(d, "invalid entry in the used ring of "
					    "rxq");
	if (!r)
		return VVU_SESSION_OK;
	if (len > sizeof(bytes))
		return vvu_session_break(d, "a message is too long");
	/* Once: the device may still change it. */
	memcpy(bytes, driver_ring_data(&d->ring[VVU_RXQ], buffer), len);
	r = give_back(d, buffer);
	if (r)
		return r;
	wrong = vvu_message_check(bytes, len);
	if (wrong)
		return vvu_session_break(d, wrong);
	if (!len)
		return VVU_SESSION_ENDED;
	vu_message_unpack(msg, bytes);
	return VVU_SESSION_MESSAGE;
}

/* Take back what the device has sent. */
static int reap(struct vvu_session *d)
{
	unsigned int buffer;
	uint32_t len;
	int r;

	do
		r = driver_ring_take(&d->ring[VVU_TXQ], &buffer, &len);
	while (r == 1);
	return r ? vvu_session_break(d, "invalid entry in the used ring of txq")
		 : VVU_SESSION_OK;
}

int vvu_session_send(struct vvu_session *d, const struct vu_message *msg)
{
	struct driver_ring *tx = &d->ring[VVU_TXQ];
	int r = reap(d);
	int buffer = driver_ring_free(tx);
	size_t len;

	if (r)
		return r;
	if (buffer < 0)
		return VVU_SESSION_FULL;
	len = vu_message_pack(msg, driver_ring_data(tx, (unsigned int)buffer));
	if (!driver_ring_post(tx, (unsigned int)buffer, (uint32_t)len))
		return VVU_SESSION_OK;
	return virtio_driver_kick(&d->virtio, VVU_TXQ);
}

int vvu_session_look(struct vvu_session *d)
{
	uint32_t up = 0;
	uint8_t status = 0;
	int r = read_config(d, offsetof(struct vvu_config, status), &up);

	if (!r)
		r = virtio_driver_status(&d->virtio, &status);
	if (r)
		return r;
	if (status & VIRTIO_STATUS_NEEDS_RESET)
		return vvu_session_break(d, "it needs a reset");
	return up & VVU_BACKEND_UP ? VVU_SESSION_OK : VVU_SESSION_ENDED;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>

#include "input/base/fd.h"
#include "input/vfio/vvu-device.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static int find_place(struct vvu_device *d, const char *address,
		      struct vfio_place *place, struct fault *why)
{
	int r = vfio_find(place, address, why);

	if (r)
		return r;
	if (!vvu_session_knows(place->vendor, place->device, &d->session.id))
		return fault_set(why,
				 "%04x:%04x is not a virtio-vhost-user device, "
				 "which has %04x:%04x or %04x:%04x",
				 place->vendor, place->device, VVU_PCI_VENDOR,
				 VVU_PCI_DEVICE(VVU_ID_PACKED), VVU_PCI_VENDOR,
				 VVU_PCI_DEVICE(VVU_ID_WHOLE));
	return vfio_find_group(place, why);
}

static int open_events(struct vvu_device *d, struct fault *why)
{
	int *const fds[] = { &d->control_fd, &d->kick_fd[0], &d->kick_fd[1],
			     &d->call_fd[0], &d->call_fd[1] };

	for (size_t i = 0; i < COUNT(fds); i++) {
		*fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (*fds[i] < 0)
			return fault_errno(why, -errno, "no event fd: %s",
					   strerror(errno));
	}
	return 0;
}

static int ring_doorbell(struct vvu_device *d, uint16_t queue,
			 struct fault *why)
{
	struct pci_at at;

	if (!vvu_session_doorbell(&d->session, queue, &at))
		return fault_errno(why, -EPROTO,
				   "it has no doorbell for queue %u", queue);
	return vfio_device_ring(&d->vfio, &at, queue, d->call_fd[queue], why);
}

static int connect_events(struct vvu_device *d, struct fault *why)
{
	const int vectors[] = {
		[VVU_SESSION_CONTROL] = d->control_fd,
		[VVU_SESSION_KICK(0)] = d->kick_fd[0],
		[VVU_SESSION_KICK(1)] = d->kick_fd[1],
	};
	int r = vfio_device_interrupts(&d->vfio, vectors, COUNT(vectors), why);

	for (uint16_t i = 0; i < VVU_DEVICE_QUEUES && !r; i++)
		r = ring_doorbell(d, i, why);
	return r;
}

void vvu_device_init(struct vvu_device *d)
{
	*d = (struct vvu_device){ .control_fd = -1 };
	vfio_device_init(&d->vfio);
	for (unsigned int i = 0; i < VVU_DEVICE_QUEUES; i++)
		d->kick_fd[i] = d->call_fd[i] = -1;
}

int vvu_device_open(struct vvu_device *d, const char *address,
		    struct fault *why)
{
	struct vfio_place place;
	int r = find_place(d, address, &place, why);

	if (!r)
		r = vfio_device_open(&d->vfio, &place, why);
	if (r)
		return r;
	d->session.translated = !d->vfio.no_iommu;
	r = vvu_session_find(&d->session, &d->vfio.port, why);
	if (!r)
		r = vfio_device_share(&d->vfio, VVU_SESSION_MEMORY_LEN, why);
	if (!r)
		r = open_events(d, why);
	if (r)
		return r;
	d->session.at = d->vfio.dma.at;
	d->session.bus = d->vfio.dma.bus;
	return connect_events(d, why);
}

void vvu_device_close(struct vvu_device *d)
{
	if (d->vfio.dma.at)
		virtio_driver_reset(&d->session.virtio);
	vfio_device_close(&d->vfio);
	d->control_fd = close_fd(d->control_fd);
	for (unsigned int i = 0; i < VVU_DEVICE_QUEUES; i++) {
		d->kick_fd[i] = close_fd(d->kick_fd[i]);
		d->call_fd[i] = close_fd(d->call_fd[i]);
	}
}

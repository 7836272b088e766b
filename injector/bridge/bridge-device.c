/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include "injector/bridge/bridge-device.h"
#include "injector/bridge/bridge-shared.h"
#include "input/base/container.h"

/* QEMU gives up on a request after 5 s (x-msg-timeout). */
#define DEADLINE_S 3

#define VIRTIO_ID_INPUT 18
#define PCI_INPUT_OTHER 0x098000

static const struct virtio_pci_kind kind = {
	.virtio_id = VIRTIO_ID_INPUT,
	.class_code = PCI_INPUT_OTHER,
	.n_queues = BRIDGE_QUEUES,
	.n_vectors = BRIDGE_QUEUES + 1,
	.config_len = BRIDGE_CONFIG_LEN,
};

/* --- requests that wait --- */

static void device_wait(struct bridge_device *d)
{
	ev_now_update(d->loop);
	ev_timer_set(&d->deadline, DEADLINE_S, 0);
	ev_timer_start(d->loop, &d->deadline);
}

static void device_answer(struct bridge_device *d, int error)
{
	ev_timer_stop(d->loop, &d->deadline);
	if (d->read.at.len)
		virtio_pci_read(&d->pci, &d->read.at, d->read.to);
	d->read.at.len = 0;
	vfu_server_done(&d->server, error);
}

/*
 * A driver always has to use the platform's addresses, whatever they are. Until
 * a back-end has answered, the device offers what it last did.
 */
static void device_offer(struct bridge_device *d)
{
	if (!d->pci.status && bridge_sync_greeted(&d->backend.sync))
		d->pci.offered = (d->backend.sync.offered & BRIDGE_FEATURES) |
				 UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM;
}

/* Return: 0 or VFU_LATER. */
static int device_update(struct bridge_device *d)
{
	if (bridge_backend_update(&d->backend)) {
		device_offer(d);
		return 0;
	}
	device_wait(d);
	return VFU_LATER;
}

/* A session with the back-end, if there is none. Return: 0 or errno. */
static int device_attach(struct bridge_device *d)
{
	if (bridge_backend_attached(&d->backend))
		return 0;
	d->config_known = false;
	return -bridge_backend_attach(&d->backend);
}

/* --- the back-end's side --- */

static void on_settled(void *arg)
{
	struct bridge_device *d = arg;

	device_offer(d);
	if (d->read.at.len) {
		memcpy(d->pci.config, d->backend.sync.config,
		       BRIDGE_CONFIG_LEN);
		d->config_known = true;
	}
	device_answer(d, 0);
}

static void on_config_changed(void *arg)
{
	struct bridge_device *d = arg;

	d->config_known = false;
	virtio_pci_config_changed(&d->pci);
	vfu_server_signal(&d->server, d->pci.config_vector);
}

/* The driver is told, and may reset the device. */
static void device_break(struct bridge_device *d)
{
	if (!(d->pci.status & VIRTIO_STATUS_DRIVER_OK))
		return;
	virtio_pci_needs_reset(&d->pci);
	vfu_server_signal(&d->server, d->pci.config_vector);
}

static void on_lost(void *arg, const char *why)
{
	struct bridge_device *d = arg;
	const bool runs = d->pci.status & VIRTIO_STATUS_DRIVER_OK;

	log_limited(&d->limit, LOG_ERROR, CULPRIT_HOST, "%s%s",
		    runs ? "the device stops until its driver resets it: " : "",
		    why);
	device_break(d);
	device_answer(d, d->server.negotiated ? 0 : EIO);
}

static void on_deadline(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct bridge_device *d =
		container_of(timer, struct bridge_device, deadline);

	bridge_backend_detach(&d->backend);
	on_lost(d, "the back-end does not answer");
}

static const struct bridge_backend_ops backend_ops = {
	.settled = on_settled,
	.config_changed = on_config_changed,
	.lost = on_lost,
};

static int device_vector_fd(void *arg, unsigned int vector)
{
	const struct vfu_irqs *irqs =
		&((struct bridge_device *)arg)->server.irqs;

	return vector < irqs->n ? irqs->fd[vector] : -1;
}

/* --- the client's side --- */

static void device_power_on(struct bridge_device *d)
{
	virtio_pci_reset(&d->pci);
	memset(d->notified, 0, sizeof(d->notified));
}

static int on_connected(void *arg)
{
	struct bridge_device *d = arg;
	int r;

	device_power_on(d);
	r = device_attach(d);
	return r ? r : device_update(d);
}

static void on_disconnected(void *arg)
{
	struct bridge_device *d = arg;

	ev_timer_stop(d->loop, &d->deadline);
	d->read.at.len = 0;
	bridge_backend_detach(&d->backend);
	virtio_pci_reset(&d->pci);
}

static const struct vfu_region *on_region(void *arg, uint32_t index)
{
	static struct vfu_region region;
	struct bridge_device *d = arg;

	region = (struct vfu_region){
		.size = virtio_pci_region_size(&d->pci, index),
		.flags = VFU_REGION_READABLE | VFU_REGION_WRITEABLE,
		.fd = -1,
	};
	return region.size ? &region : NULL;
}

static struct virtio_pci_access access_of(const struct vfu_access *at)
{
	return (struct virtio_pci_access){ at->region, at->offset, at->count };
}

static int on_read(void *arg, const struct vfu_access *at, void *to)
{
	struct bridge_device *d = arg;
	const struct virtio_pci_access access = access_of(at);
	int r;

	if (d->config_known || !virtio_pci_reads_config(&d->pci, &access)) {
		virtio_pci_read(&d->pci, &access, to);
		return 0;
	}
	r = device_attach(d);
	if (r)
		return r;
	d->backend.sync.wants_config = true;
	d->read.at = access;
	d->read.to = to;
	return device_update(d);
}

/* A driver resets first, and reads then what is offered. */
static int device_status(struct bridge_device *d)
{
	if (!d->pci.status)
		memset(d->notified, 0, sizeof(d->notified));
	return device_attach(d);
}

static void device_notify(struct bridge_device *d, unsigned int queue)
{
	if (!(d->pci.status & VIRTIO_STATUS_DRIVER_OK))
		return;
	bridge_backend_kick(&d->backend, queue);
	if (!d->notified[queue] &&
	    !bridge_shared_has_buffer(&d->backend.sync, queue)) {
		bridge_backend_detach(&d->backend);
		on_lost(d, BRIDGE_NOT_SHARED);
	}
	d->notified[queue] = true;
}

static int on_write(void *arg, const struct vfu_access *at, const void *from)
{
	struct bridge_device *d = arg;
	const struct virtio_pci_access access = access_of(at);
	struct virtio_pci_event event;
	int r = 0;

	virtio_pci_write(&d->pci, &access, from, &event);
	switch (event.what) {
	case VIRTIO_PCI_NOTHING:
		return 0;
	case VIRTIO_PCI_NOTIFY:
		device_notify(d, event.queue);
		return 0;
	case VIRTIO_PCI_STATUS:
		r = device_status(d);
		break;
	case VIRTIO_PCI_VECTOR:
		bridge_sync_vectors_changed(&d->backend.sync);
		break;
	case VIRTIO_PCI_WRITTEN:
		r = device_attach(d);
		d->config_known = false;
		bridge_sync_written(&d->backend.sync, event.offset, event.from,
				    event.len);
		break;
	}
	return r ? r : device_update(d);
}

static int on_reset(void *arg)
{
	struct bridge_device *d = arg;
	int r;

	device_power_on(d);
	r = device_attach(d);
	return r ? r : device_update(d);
}

static int on_mapped(void *arg, uint64_t addr)
{
	return device_update(arg);
}

static int on_unmapped(void *arg, uint64_t first, uint64_t last)
{
	struct bridge_device *d = arg;

	bridge_memory_unmapped(&d->backend.sync, first, last);
	return device_update(d);
}

static int on_irqs_changed(void *arg)
{
	struct bridge_device *d = arg;

	bridge_sync_vectors_changed(&d->backend.sync);
	return device_update(d);
}

static const struct vfu_ops ops = {
	.connected = on_connected,
	.disconnected = on_disconnected,
	.region = on_region,
	.read = on_read,
	.write = on_write,
	.reset = on_reset,
	.mapped = on_mapped,
	.unmapped = on_unmapped,
	.irqs_changed = on_irqs_changed,
};

/* --- life --- */

int bridge_device_init(struct bridge_device *d, struct ev_loop *loop,
		       const char *to, uint16_t queue_max)
{
	int r;

	*d = (struct bridge_device){ .loop = loop };
	vfu_server_init(&d->server, loop, &ops, d);
	virtio_pci_init(&d->pci, &kind, queue_max);
	ev_init(&d->deadline, on_deadline);
	r = bridge_backend_init(&d->backend, loop, to);
	d->backend.ops = &backend_ops;
	d->backend.arg = d;
	d->backend.sync.pci = &d->pci;
	d->backend.sync.dma = &d->server.dma;
	d->backend.sync.vector_fd = device_vector_fd;
	d->backend.sync.arg = d;
	return r;
}

int bridge_device_start(struct bridge_device *d, int fd)
{
	return vfu_server_start(&d->server, fd, kind.n_vectors);
}

void bridge_device_fini(struct bridge_device *d)
{
	vfu_server_fini(&d->server);
	bridge_backend_fini(&d->backend);
}

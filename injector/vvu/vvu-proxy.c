/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All work is done by proxy_pump(): messages of the driver to the sibling,
 * those of the sibling to the driver, then what the sibling's end asks for. It
 * is called when something has changed, and does at most PUMP_MAX messages
 * before others have a turn.
 */
#include <string.h>
#include "injector/vvu/vvu-proxy.h"
#include "input/base/container.h"
#include "input/ring/guest-map.h"

#define PUMP_MAX VVU_QUEUE_MAX

/* --- interrupts --- */

static void proxy_interrupt(struct vvu_proxy *p, unsigned int queue)
{
	if (vvu_queue_publish(&p->queue[queue]))
		vfu_server_signal(&p->server, p->pci.pci.queue[queue].vector);
}

static void proxy_set_status(struct vvu_proxy *p, uint32_t status)
{
	vvu_pci_set_status(&p->pci, status);
	virtio_pci_config_changed(&p->pci.pci);
	vfu_server_signal(&p->server, p->pci.pci.config_vector);
}

/* --- ends --- */

/* Siblings are accepted while there is a driver for one. */
static void proxy_listen(struct vvu_proxy *p)
{
	const bool wanted = p->runs && !p->owes_end &&
			    !vvu_sibling_is_open(&p->sibling) &&
			    vvu_pci_status(&p->pci) & VVU_BACKEND_UP;

	/* After a failure it waits for its time, and listens all the same. */
	if (wanted != p->listener.paused)
		return;
	if (wanted)
		listener_resume(&p->listener);
	else
		listener_pause(&p->listener);
}

static void proxy_close_sibling(struct vvu_proxy *p)
{
	vvu_sibling_close(&p->sibling);
	p->has_message = false;
}

/* By the sibling, or for it: the driver learns it behind its messages. */
static void proxy_lose_sibling(struct vvu_proxy *p, const char *why)
{
	log_limited(&p->limit, LOG_INFO, CULPRIT_FRONTEND,
		    "the sibling's session has ended: %s", why);
	proxy_close_sibling(p);
	p->owes_end = true;
	proxy_set_status(p, 0);
	/* What the driver still sends has nowhere to go, but is taken. */
	ev_timer_start(p->loop, &p->more);
}

/* The driver has ended, or never began. */
static void proxy_stop(struct vvu_proxy *p)
{
	p->runs = p->owes_end = false;
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		vvu_queue_stop(&p->queue[i]);
	proxy_close_sibling(p);
	proxy_listen(p);
}

/* The driver has broken the device, and may reset it. */
static void proxy_break(struct vvu_proxy *p, const char *why)
{
	log_limited(&p->guest_limit, LOG_WARNING, CULPRIT_GUEST,
		    "the device stops until its driver resets it: %s", why);
	proxy_stop(p);
	virtio_pci_needs_reset(&p->pci.pci);
	proxy_set_status(p, 0);
}

/* --- messages --- */

/* Return: whether there may be another one. */
static bool proxy_read_tx(struct vvu_proxy *p)
{
	struct vvu_queue *q = &p->queue[VVU_TXQ];
	uint8_t bytes[VVU_MESSAGE_MAX + 1];
	const char *why;
	uint32_t len;

	switch (vvu_queue_read(q, bytes, sizeof(bytes), &len)) {
	case VVU_QUEUE_DONE:
		break;
	case VVU_QUEUE_BROKEN:
		proxy_break(p, q->why);
		return false;
	case VVU_QUEUE_EMPTY:
	case VVU_QUEUE_READY:
		return false;
	}
	why = vvu_message_check(bytes, len);
	if (why) {
		proxy_break(p, why);
		return false;
	}
	if (!len)
		return true;
	p->tx = (struct vu_message){ .reply_fd = -1 };
	vu_message_unpack(&p->tx, bytes);
	p->has_message = true;
	return true;
}

/* A driver's message. Return: whether there may be another one. */
static bool proxy_send(struct vvu_proxy *p)
{
	if (!p->has_message && !proxy_read_tx(p))
		return false;
	if (!p->has_message)
		return true;
	if (!vvu_sibling_has_room(&p->sibling, &p->tx))
		return false;
	vvu_sibling_send(&p->sibling, &p->tx);
	p->has_message = false;
	return true;
}

/* Return: whether it was written. */
static bool proxy_write_rx(struct vvu_proxy *p, const void *from, size_t len)
{
	struct vvu_queue *q = &p->queue[VVU_RXQ];

	switch (vvu_queue_write(q, from, (uint32_t)len)) {
	case VVU_QUEUE_DONE:
		return true;
	case VVU_QUEUE_BROKEN:
		proxy_break(p, q->why);
		break;
	case VVU_QUEUE_EMPTY:
	case VVU_QUEUE_READY:
		break;
	}
	return false;
}

static bool proxy_rx_is_ready(struct vvu_proxy *p)
{
	struct vvu_queue *q = &p->queue[VVU_RXQ];
	const enum vvu_queue_result result = vvu_queue_ready(q);

	if (result == VVU_QUEUE_BROKEN)
		proxy_break(p, q->why);
	return result == VVU_QUEUE_READY;
}

/* A sibling's message. Return: whether there may be another one. */
static bool proxy_deliver(struct vvu_proxy *p)
{
	struct hold_link *link = vvu_sibling_waiting(&p->sibling);
	uint8_t bytes[VVU_MESSAGE_MAX];
	const char *why;

	if (!link || !proxy_rx_is_ready(p))
		return false;
	why = vvu_sibling_take(&p->sibling, link);
	if (why) {
		proxy_lose_sibling(p, why);
		return false;
	}
	if (!proxy_write_rx(p, bytes, vu_message_pack(&link->socket.in, bytes)))
		return false;
	hold_link_next(link);
	return true;
}

static void proxy_deliver_end(struct vvu_proxy *p)
{
	if (p->owes_end && proxy_write_rx(p, "", 0))
		p->owes_end = false;
}

/* Memory was truncated by one of the two VMMs. */
static void proxy_check_memory(struct vvu_proxy *p)
{
	const char *lost = guest_map_lost();

	if (!lost)
		return;
	vvu_guest_clear(&p->guest);
	if (vvu_memory_is_short(&p->sibling.memory))
		proxy_lose_sibling(p, lost);
	else
		proxy_break(p, lost);
}

static void proxy_pump(struct vvu_proxy *p)
{
	unsigned int left = PUMP_MAX;
	bool more = p->runs;
	const char *lost;

	while (more && left--) {
		more = proxy_send(p);
		more |= proxy_deliver(p);
		more &= p->runs;
	}
	proxy_check_memory(p);
	lost = vvu_sibling_lost(&p->sibling);
	if (lost)
		proxy_lose_sibling(p, lost);
	if (p->runs)
		proxy_deliver_end(p);
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		proxy_interrupt(p, i);
	hold_link_settle(&p->sibling.link);
	hold_link_settle(&p->sibling.channel);
	proxy_listen(p);
	if (more)
		ev_timer_start(p->loop, &p->more);
}

static void on_more(struct ev_loop *loop, ev_timer *timer, int events)
{
	proxy_pump(container_of(timer, struct vvu_proxy, more));
}

/* --- the sibling's side --- */

static void on_sibling(void *arg, int fd)
{
	struct vvu_proxy *p = arg;

	p->sessions++;
	vvu_sibling_open(&p->sibling, fd);
	proxy_listen(p);
	proxy_set_status(p, VVU_BACKEND_UP | VVU_FRONTEND_UP);
}

static void on_sibling_waits(void *arg)
{
	struct vvu_proxy *p = arg;

	log_limited(&p->waiting_limit, LOG_INFO, CULPRIT_FRONTEND,
		    vvu_sibling_is_open(&p->sibling)
			    ? "another sibling waits: a device serves one at "
			      "a time"
			    : "a sibling waits until the device VM has a "
			      "back-end for it");
}

static void on_sibling_changed(void *arg)
{
	proxy_pump(arg);
}

static void on_kicked(void *arg, unsigned int queue)
{
	struct vvu_proxy *p = arg;

	vfu_server_signal(&p->server, p->pci.vector[queue]);
}

static const struct vvu_sibling_ops sibling_ops = {
	.changed = on_sibling_changed,
	.kicked = on_kicked,
};

/* --- the device VM's side --- */

static struct virtio_pci_access access_of(const struct vfu_access *at)
{
	return (struct virtio_pci_access){ at->region, at->offset, at->count };
}

static int on_connected(void *arg)
{
	struct vvu_proxy *p = arg;

	vvu_pci_reset(&p->pci);
	return 0;
}

static void on_disconnected(void *arg)
{
	struct vvu_proxy *p = arg;

	proxy_stop(p);
	vvu_guest_clear(&p->guest);
	vvu_pci_reset(&p->pci);
}

static const struct vfu_region *on_region(void *arg, uint32_t index)
{
	static struct vfu_region region;
	struct vvu_proxy *p = arg;
	const struct vvu_memory *memory = &p->sibling.memory;

	region = (struct vfu_region){
		.size = vvu_pci_region_size(&p->pci, index),
		.flags = VFU_REGION_READABLE | VFU_REGION_WRITEABLE,
		.fd = -1,
	};
	if (index == VVU_MEMORY_BAR && memory->shape.direct_len) {
		region.flags |= VFU_REGION_MMAP;
		region.fd = memory->file;
		region.n_areas = 1;
		region.area[0] = (struct vfu_area){
			.size = memory->shape.direct_len,
		};
	}
	return region.size ? &region : NULL;
}

static int on_read(void *arg, const struct vfu_access *at, void *to)
{
	struct vvu_proxy *p = arg;
	const struct virtio_pci_access access = access_of(at);

	if (at->region == VVU_IO_BAR)
		vvu_pci_read_io(&p->pci, &access, to);
	else if (at->region == VVU_MEMORY_BAR)
		vvu_memory_read(&p->sibling.memory, at->offset, to, at->count);
	else
		virtio_pci_read(&p->pci.pci, &access, to);
	if (guest_map_any_lost())
		proxy_pump(p);
	return 0;
}

/* DRIVER_OK comes once, after the queues are set up (virtio 1.3 §3.1.1). */
static void proxy_status_written(struct vvu_proxy *p)
{
	struct virtio_pci *pci = &p->pci.pci;

	if (!pci->status) {
		proxy_stop(p);
		vvu_pci_driver_reset(&p->pci);
		return;
	}
	if (p->runs || !(pci->status & VIRTIO_STATUS_DRIVER_OK) ||
	    pci->status & VIRTIO_STATUS_NEEDS_RESET)
		return;
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		vvu_queue_start(&p->queue[i], &p->guest, &pci->queue[i],
				pci->accepted);
	p->runs = true;
}

static void proxy_config_written(struct vvu_proxy *p,
				 const struct virtio_pci_event *event)
{
	const uint32_t before = vvu_pci_status(&p->pci);
	const uint32_t wanted = vvu_pci_written_status(&p->pci, event);

	if (wanted & VVU_BACKEND_UP) {
		vvu_pci_set_status(&p->pci, before | VVU_BACKEND_UP);
		return;
	}
	vvu_pci_set_status(&p->pci, 0);
	proxy_close_sibling(p);
}

static void proxy_written(struct vvu_proxy *p,
			  const struct virtio_pci_event *event)
{
	switch (event->what) {
	case VIRTIO_PCI_STATUS:
		proxy_status_written(p);
		break;
	case VIRTIO_PCI_WRITTEN:
		proxy_config_written(p, event);
		break;
	case VIRTIO_PCI_NOTHING:
	case VIRTIO_PCI_NOTIFY:
	case VIRTIO_PCI_VECTOR:
		break;
	}
}

static void proxy_write_io(struct vvu_proxy *p,
			   const struct virtio_pci_access *at, const void *from)
{
	const int queue = vvu_pci_write_io(&p->pci, at, from);

	if (queue >= 0)
		vvu_sibling_call(&p->sibling, (unsigned int)queue);
}

static int on_write(void *arg, const struct vfu_access *at, const void *from)
{
	struct vvu_proxy *p = arg;
	const struct virtio_pci_access access = access_of(at);
	struct virtio_pci_event event;

	if (at->region == VVU_MEMORY_BAR) {
		vvu_memory_write(&p->sibling.memory, at->offset, from,
				 at->count);
		if (!guest_map_any_lost())
			return 0;
	} else if (at->region == VVU_IO_BAR) {
		proxy_write_io(p, &access, from);
		return 0;
	} else {
		virtio_pci_write(&p->pci.pci, &access, from, &event);
		proxy_written(p, &event);
	}
	proxy_pump(p);
	return 0;
}

static int on_reset(void *arg)
{
	struct vvu_proxy *p = arg;

	proxy_stop(p);
	vvu_pci_reset(&p->pci);
	return 0;
}

static int on_mapped(void *arg, uint64_t addr)
{
	return 0;
}

static int on_unmapped(void *arg, uint64_t first, uint64_t last)
{
	struct vvu_proxy *p = arg;

	vvu_guest_unmapped(&p->guest, first, last);
	return 0;
}

static int on_irqs_changed(void *arg)
{
	return 0;
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

int vvu_proxy_init(struct vvu_proxy *p, struct ev_loop *loop, uint64_t bar_len,
		   int file)
{
	int r;

	*p = (struct vvu_proxy){ .loop = loop };
	vfu_server_init(&p->server, loop, &ops, p);
	vvu_pci_init(&p->pci, bar_len);
	vvu_sibling_init(&p->sibling, loop, &sibling_ops, p);
	listener_init(&p->listener, loop, "a sibling", on_sibling, p);
	p->listener.waits = on_sibling_waits;
	ev_init(&p->more, on_more);
	r = guest_map_init();
	if (!r)
		r = vvu_memory_init(&p->sibling.memory, bar_len, file);
	return r ? r : vvu_guest_init(&p->guest, &p->server.dma);
}

int vvu_proxy_start(struct vvu_proxy *p, const struct vvu_sockets *fds)
{
	int r = listener_start(&p->listener, fds->sibling);

	if (r)
		return r;
	listener_pause(&p->listener);
	return vfu_server_start(&p->server, fds->client, VVU_VECTORS);
}

void vvu_proxy_fini(struct vvu_proxy *p)
{
	vfu_server_fini(&p->server);
	proxy_stop(p);
	listener_fini(&p->listener);
	ev_timer_stop(p->loop, &p->more);
	vvu_guest_fini(&p->guest);
}

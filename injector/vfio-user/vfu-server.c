/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include "injector/vfio-user/vfu-server.h"
#include "input/base/container.h"
#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

/* The next client waits meanwhile. */
#define VERSION_S 10

static void server_drop_fd(void *arg, int fd)
{
	close_fd(fd);
}

/* --- life of a connection --- */

static void server_watch(struct vfu_server *s, int events)
{
	if (ev_is_active(&s->io) && s->io.events == events)
		return;
	ev_io_stop(s->loop, &s->io);
	if (!events)
		return;
	ev_io_set(&s->io, s->socket.fd, events);
	ev_io_start(s->loop, &s->io);
}

static void server_disconnect(struct vfu_server *s)
{
	if (s->socket.fd < 0)
		return;
	server_watch(s, 0);
	ev_timer_stop(s->loop, &s->patience);
	s->ops->disconnected(s->arg);
	s->waits = s->negotiated = false;
	vfu_socket_fini(&s->socket);
	vfu_dma_fini(&s->dma);
	vfu_irqs_fini(&s->irqs);
	listener_resume(&s->listener);
}

static void server_reject(struct vfu_server *s, enum log_culprit culprit,
			  const char *why)
{
	log_limited(&s->limit, LOG_WARNING, culprit,
		    "%s; closing the connection", why);
	server_disconnect(s);
}

static void on_client(void *arg, int fd)
{
	struct vfu_server *s = arg;

	listener_pause(&s->listener);
	vfu_socket_init(&s->socket, fd);
	server_watch(s, EV_READ);
	ev_timer_again(s->loop, &s->patience);
}

/* An answer to VERSION has a limit of its own: the device's. */
static void on_patience(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct vfu_server *s = container_of(timer, struct vfu_server, patience);

	if (!s->waits)
		server_reject(s, CULPRIT_FRONTEND,
			      "the client does not negotiate a version");
}

static void on_client_waits(void *arg)
{
	struct vfu_server *s = arg;
	char name[32];

	log_limited(&s->waiting_limit, LOG_WARNING, CULPRIT_FRONTEND,
		    "another client waits: a device serves one at a time, and "
		    "one%s is connected",
		    listener_peer_name(s->socket.fd, name));
}

/* --- what all devices answer alike --- */

static int handle_version(struct vfu_server *s, struct vfu_message *msg)
{
	int r = vfu_version_read(msg, &s->caps);

	return r ? r : s->ops->connected(s->arg);
}

static int handle_device_info(struct vfu_server *s, struct vfu_message *msg)
{
	msg->p.device = (struct vfu_device_info){
		.argsz = sizeof(msg->p.device),
		.flags = VFU_DEVICE_PCI | VFU_DEVICE_RESETS,
		.n_regions = VFU_PCI_REGIONS,
		.n_irqs = VFU_PCI_IRQS,
	};
	return 0;
}

static size_t add_areas(const struct vfu_region *region,
			struct vfu_message *msg)
{
	const struct vfu_sparse_mmap cap = {
		.id = VFU_CAP_SPARSE_MMAP,
		.version = 1,
		.n_areas = region->n_areas,
	};
	uint8_t *at = msg->p.bytes + sizeof(msg->p.region);

	memcpy(at, &cap, sizeof(cap));
	memcpy(at + sizeof(cap), region->area,
	       region->n_areas * sizeof(*region->area));
	return sizeof(cap) + region->n_areas * sizeof(*region->area);
}

/*
 * A client asks first with room for the structure, which MUST tell where the
 * capabilities will be: QEMU checks that also when they do not fit.
 */
static int handle_region_info(struct vfu_server *s, struct vfu_message *msg)
{
	static const struct vfu_region none = { 0 };
	const uint32_t index = msg->p.region.index;
	const struct vfu_region *region = &none;
	struct vfu_region_info info = { .argsz = sizeof(info), .index = index };

	if (index >= VFU_PCI_REGIONS)
		return EINVAL;
	if (s->ops->region(s->arg, index))
		region = s->ops->region(s->arg, index);
	info.flags = region->flags;
	info.size = region->size;
	if (region->n_areas) {
		info.flags |= VFU_REGION_CAPS;
		info.cap_offset = sizeof(info);
		info.argsz += add_areas(region, msg);
	}
	msg->hdr.size =
		msg->p.region.argsz < info.argsz ? sizeof(info) : info.argsz;
	msg->p.region = info;
	return 0;
}

static int handle_irq_info(struct vfu_server *s, struct vfu_message *msg)
{
	const uint32_t index = msg->p.irq.index;

	if (index >= VFU_PCI_IRQS)
		return EINVAL;
	msg->p.irq = (struct vfu_irq_info){
		.argsz = sizeof(msg->p.irq),
		.flags = VFU_IRQ_EVENTFD | VFU_IRQ_NORESIZE,
		.index = index,
		.count = vfu_irqs_count(&s->irqs, index),
	};
	return 0;
}

static int handle_set_irqs(struct vfu_server *s, struct vfu_message *msg)
{
	uint64_t fire;
	int r = 0;

	/* Another file could let write() wait; our own socket never end. */
	for (unsigned int i = 0; i < msg->n_fds; i++)
		if (!fd_is_event_fd(msg->fds[i]))
			return EINVAL;
	r = vfu_irqs_set(&s->irqs, msg, &fire);
	for (unsigned int i = 0; !r && i < s->irqs.n; i++)
		if (fire >> i & 1)
			vfu_server_signal(s, i);
	return r ? r : s->ops->irqs_changed(s->arg);
}

/*
 * Of another file's system, which may be the client's, a call could wait: what
 * else a client maps stays unshared.
 */
static int take_memory(struct vfu_message *msg, struct vfu_file_id *id)
{
	struct stat st;
	int fd = msg->n_fds ? msg->fds[0] : -1;

	if (!fd_is_memory(fd) || fstat(fd, &st) < 0)
		return -1;
	*id = (struct vfu_file_id){ .dev = st.st_dev,
				    .ino = st.st_ino,
				    .size = (uint64_t)st.st_size };
	msg->n_fds = 0;
	return fd;
}

static int handle_map(struct vfu_server *s, struct vfu_message *msg)
{
	const struct vfu_map map = { .addr = msg->p.map.addr,
				     .size = msg->p.map.size,
				     .offset = msg->p.map.offset,
				     .access = msg->p.map.flags };
	struct vfu_file_id id = { 0 };
	int fd = take_memory(msg, &id);
	int r = vfu_dma_map(&s->dma, &map, fd, &id);

	return r ? r : s->ops->mapped(s->arg, map.addr);
}

static int handle_unmap(struct vfu_server *s, struct vfu_message *msg)
{
	const struct vfu_dma_unmap *unmap = &msg->p.unmap;
	int r;

	if (unmap->flags & VFU_UNMAP_DIRTY)
		return ENOTSUP;
	if (unmap->flags & VFU_UNMAP_ALL) {
		vfu_dma_unmap_all(&s->dma);
		return s->ops->unmapped(s->arg, 0, UINT64_MAX);
	}
	r = vfu_dma_unmap(&s->dma, unmap->addr, unmap->size);
	return r ? r
		 : s->ops->unmapped(s->arg, unmap->addr,
				    unmap->addr + (unmap->size - 1));
}

static int handle_access(struct vfu_server *s, struct vfu_message *msg)
{
	const struct vfu_access *at = &msg->p.access;
	const struct vfu_region *region = s->ops->region(s->arg, at->region);
	const bool writes = msg->hdr.command == VFU_REGION_WRITE;
	uint8_t *data = msg->p.bytes + sizeof(*at);

	if (!region || !at->count || at->offset >= region->size ||
	    at->count > region->size - at->offset ||
	    !(region->flags &
	      (writes ? VFU_REGION_WRITEABLE : VFU_REGION_READABLE)))
		return EINVAL;
	if (writes)
		return s->ops->write(s->arg, at, data);
	memset(data, 0, at->count);
	return s->ops->read(s->arg, at, data);
}

static int handle_reset(struct vfu_server *s, struct vfu_message *msg)
{
	return s->ops->reset(s->arg);
}

typedef int handle_fn(struct vfu_server *s, struct vfu_message *msg);

static handle_fn *const handlers[] = {
	[VFU_VERSION] = handle_version,
	[VFU_DMA_MAP] = handle_map,
	[VFU_DMA_UNMAP] = handle_unmap,
	[VFU_DEVICE_GET_INFO] = handle_device_info,
	[VFU_DEVICE_GET_REGION_INFO] = handle_region_info,
	[VFU_DEVICE_GET_IRQ_INFO] = handle_irq_info,
	[VFU_DEVICE_SET_IRQS] = handle_set_irqs,
	[VFU_REGION_READ] = handle_access,
	[VFU_REGION_WRITE] = handle_access,
	[VFU_DEVICE_RESET] = handle_reset,
};

/* --- requests and replies --- */

/* Return: the length of the reply's payload. */
static size_t reply_len(const struct vfu_message *msg)
{
	switch (msg->hdr.command) {
	case VFU_DMA_UNMAP:
		return sizeof(msg->p.unmap);
	case VFU_DEVICE_GET_INFO:
		return sizeof(msg->p.device);
	case VFU_DEVICE_GET_REGION_INFO:
		return msg->hdr.size; /* see handle_region_info() */
	case VFU_DEVICE_GET_IRQ_INFO:
		return sizeof(msg->p.irq);
	case VFU_REGION_READ:
		return sizeof(msg->p.access) + msg->p.access.count;
	case VFU_REGION_WRITE:
		return sizeof(msg->p.access);
	}
	return 0;
}

/* Return: the fd of the reply, borrowed, or -1. */
static int reply_fd(struct vfu_server *s, const struct vfu_message *msg)
{
	if (msg->hdr.flags & VFU_FLAG_ERROR ||
	    msg->hdr.command != VFU_DEVICE_GET_REGION_INFO ||
	    !(msg->p.region.flags & VFU_REGION_MMAP))
		return -1;
	return s->ops->region(s->arg, msg->p.region.index)->fd;
}

static void server_sent(struct vfu_server *s, int r)
{
	if (r < 0)
		server_reject(s, CULPRIT_HOST, strerror(-r));
	else
		server_watch(s, r ? EV_WRITE : EV_READ);
}

static void server_answer(struct vfu_server *s, int error)
{
	struct vfu_message *msg = &s->socket.msg;

	if (msg->hdr.command == VFU_VERSION && !error) {
		s->negotiated = true;
		ev_timer_stop(s->loop, &s->patience);
	}
	vfu_socket_close_fds(&s->socket);
	if (msg->hdr.flags & VFU_FLAG_NO_REPLY) {
		server_watch(s, EV_READ);
		return;
	}
	if (error)
		vfu_message_refuse(msg, error);
	else if (msg->hdr.command == VFU_VERSION)
		vfu_version_reply(msg);
	else
		vfu_message_reply(msg, reply_len(msg));
	server_sent(s, vfu_socket_send(&s->socket, reply_fd(s, msg)));
}

/* A client may ask what it can do without: that is no fault. */
static void server_refused(struct vfu_server *s, unsigned int command,
			   int error)
{
	const char *name = vfu_command_name(command);

	log_limited(&s->limit, error == ENOTSUP ? LOG_DEBUG : LOG_INFO,
		    CULPRIT_FRONTEND, "%s is refused: %s",
		    name ? name : "an unknown command", strerror(error));
}

static void server_handle(struct vfu_server *s)
{
	struct vfu_message *msg = &s->socket.msg;
	int r = vfu_message_check(msg, s->negotiated);

	if (r == EPROTO) {
		server_reject(s, CULPRIT_FRONTEND,
			      "VERSION must be the first message, and come "
			      "once");
		return;
	}
	if (!r)
		r = handlers[msg->hdr.command](s, msg);
	if (r == VFU_LATER) {
		s->waits = true;
		server_watch(s, 0);
		return;
	}
	if (r)
		server_refused(s, msg->hdr.command, r);
	server_answer(s, r);
}

static void on_client_io(struct ev_loop *loop, ev_io *io, int events)
{
	struct vfu_server *s = container_of(io, struct vfu_server, io);
	const char *why;
	int r;

	if (events & EV_WRITE) {
		server_sent(s, vfu_socket_flush(&s->socket));
		return;
	}
	r = vfu_socket_recv(&s->socket, &why);
	if (r > 0)
		server_handle(s);
	else if (r == -ECONNRESET)
		server_disconnect(s);
	else if (r == -EPROTO)
		server_reject(s, CULPRIT_FRONTEND, why);
	else if (r < 0)
		server_reject(s, CULPRIT_HOST, strerror(-r));
}

void vfu_server_done(struct vfu_server *s, int error)
{
	if (!s->waits)
		return;
	s->waits = false;
	server_answer(s, error);
}

void vfu_server_signal(struct vfu_server *s, unsigned int vector)
{
	static const uint64_t one = 1;
	int fd = vector < s->irqs.n ? s->irqs.fd[vector] : -1;

	if (fd < 0)
		return;
	/* A counter that is full was not looked at either. */
	watchdog_touch();
	if (write(fd, &one, sizeof(one)) < 0)
		log_limited(&s->limit, LOG_DEBUG, CULPRIT_FRONTEND,
			    "the event fd of vector %u: %s", vector,
			    strerror(errno));
	watchdog_rest();
}

void vfu_server_init(struct vfu_server *s, struct ev_loop *loop,
		     const struct vfu_ops *ops, void *arg)
{
	*s = (struct vfu_server){ .loop = loop, .ops = ops, .arg = arg };
	listener_init(&s->listener, loop, "a vfio-user client", on_client, s);
	s->listener.waits = on_client_waits;
	vfu_socket_init(&s->socket, -1);
	vfu_dma_init(&s->dma, server_drop_fd, s);
	vfu_irqs_init(&s->irqs, 0, server_drop_fd, s);
	ev_init(&s->io, on_client_io);
	ev_timer_init(&s->patience, on_patience, 0, VERSION_S);
}

int vfu_server_start(struct vfu_server *s, int fd, unsigned int n_vectors)
{
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return -ENOTSUP;
	s->irqs.n = n_vectors;
	return listener_start(&s->listener, fd);
}

void vfu_server_fini(struct vfu_server *s)
{
	listener_fini(&s->listener);
	server_disconnect(s);
	listener_fini(&s->listener);
}

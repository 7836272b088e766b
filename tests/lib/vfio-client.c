/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/vfio-client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/virtio-pci/virtio-pci.h"
#include "input/base/fd-pass.h"
#include "input/base/fd.h"

#define ACKNOWLEDGE 1
#define DRIVER	    2
#define DRIVER_OK   4
#define FEATURES_OK 8

/* Offsets into BAR 0. */
enum {
	OFFERED_SELECT = 0,
	OFFERED = 4,
	ACCEPTED_SELECT = 8,
	ACCEPTED = 12,
	CONFIG_VECTOR = 16,
	STATUS = 20,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_VECTOR = 26,
	QUEUE_ENABLE = 28,
	QUEUE_DESC = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
	NOTIFY = 0x3000,
};

void vfio_client_at(struct vfio_client *c, struct rig *rig, const char *socket)
{
	*c = (struct vfio_client){ .rig = rig, .fd = -1, .reply_fd = -1 };
	snprintf(c->socket, sizeof(c->socket), "%s", socket);
}

void vfio_client_start(struct vfio_client *c, struct rig *rig,
		       const char *option)
{
	char socket[sizeof(c->socket)];

	snprintf(socket, sizeof(socket), "%s/vfio", rig->dir);
	vfio_client_at(c, rig, socket);
	process_init(&c->bridge, "vinput-vfio-user");
	process_arg(&c->bridge, "--vfio-user=%s", c->socket);
	process_arg(&c->bridge, "--to=%s", rig->socket);
	if (option)
		process_arg(&c->bridge, "%s", option);
	process_start_ready(&c->bridge);
}

void vfio_client_end(struct vfio_client *c)
{
	vfio_client_disconnect(c);
	if (c->bridge.pid)
		assert_num(process_terminate(&c->bridge), 0);
	process_fini(&c->bridge);
}

/* --- messages --- */

void vfio_client_connect(struct vfio_client *c)
{
	vfio_client_disconnect(c);
	c->fd = rig_unix_connect(c->socket, SOCK_STREAM);
	if (c->rig)
		c->rig->fe.fd = fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
}

static void renew_frontend(struct frontend *fe)
{
	const uint64_t features = fe->want_features;

	fe_fini(fe);
	fe_init(fe);
	fe->want_features = features;
	fe->timeout_ms = DEADLINE_MS;
}

void vfio_client_disconnect(struct vfio_client *c)
{
	if (c->rig)
		renew_frontend(&c->rig->fe);
	c->fd = close_fd(c->fd);
	c->reply_fd = close_fd(c->reply_fd);
}

/* Of the fds of a reply the last one stays. */
static void take_fds(struct vfio_client *c, const int *fds, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		close_fd(c->reply_fd);
		c->reply_fd = fds[i];
	}
}

/* Return: whether all of it came. */
static bool receive(struct vfio_client *c, void *to, size_t len)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };
	size_t got = 0;

	while (got < len) {
		int fds[FD_PASS_MAX];
		unsigned int n_fds;
		ssize_t n;

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		n = fd_pass_recv(c->fd, (uint8_t *)to + got, len - got, fds,
				 &n_fds);
		if (n < 0)
			return false;
		take_fds(c, fds, n_fds);
		got += (size_t)n;
	}
	return true;
}

void vfio_client_send(struct vfio_client *c, const void *bytes, size_t len)
{
	assert_num(send(c->fd, bytes, len, MSG_NOSIGNAL), len);
}

void vfio_client_expect_end(struct vfio_client *c)
{
	uint8_t byte;

	assert_false(receive(c, &byte, 1));
}

int vfio_client_ask(struct vfio_client *c, uint16_t command, size_t len,
		    const int *fds, unsigned int n)
{
	const struct vfu_header hdr = { ++c->id, command,
					(uint32_t)(sizeof(hdr) + len), 0, 0 };
	const struct iovec iov = { &c->msg, sizeof(hdr) + len };

	c->reply_fd = close_fd(c->reply_fd);
	c->msg.hdr = hdr;
	if (fd_pass_send(c->fd, &iov, fds, n) != (ssize_t)iov.iov_len ||
	    !receive(c, &c->msg.hdr, sizeof(hdr)))
		return ECONNRESET;
	assert_num(c->msg.hdr.id, hdr.id);
	assert_num(c->msg.hdr.command, command);
	assert_num(c->msg.hdr.flags & VFU_TYPE_MASK, VFU_TYPE_REPLY);
	assert_true(receive(c, &c->msg.p, vfu_message_len(&c->msg)));
	if (!(c->msg.hdr.flags & VFU_FLAG_ERROR))
		return 0;
	assert_num(vfu_message_len(&c->msg), 0);
	return (int)c->msg.hdr.error;
}

void vfio_client_negotiate(struct vfio_client *c)
{
	static const char json[] = "{\"capabilities\":{\"max_msg_fds\":8,"
				   "\"max_data_xfer_size\":1048576}}";

	vfio_client_connect(c);
	c->msg.p.version = (struct vfu_version){ 0, 0 };
	memcpy(c->msg.p.bytes + sizeof(c->msg.p.version), json, sizeof(json));
	assert_num(vfio_client_ask(c, VFU_VERSION,
				   sizeof(c->msg.p.version) + sizeof(json),
				   NULL, 0),
		   0);
}

uint64_t vfio_client_read(struct vfio_client *c, uint32_t region,
			  uint64_t offset, uint32_t count)
{
	uint64_t value = 0;

	c->msg.p.access = (struct vfu_access){ offset, region, count };
	assert_num(vfio_client_ask(c, VFU_REGION_READ, sizeof(c->msg.p.access),
				   NULL, 0),
		   0);
	memcpy(&value, c->msg.p.bytes + sizeof(c->msg.p.access), count);
	return value;
}

void vfio_client_write(struct vfio_client *c, uint32_t region, uint64_t offset,
		       uint32_t count, uint64_t value)
{
	c->msg.p.access = (struct vfu_access){ offset, region, count };
	memcpy(c->msg.p.bytes + sizeof(c->msg.p.access), &value, count);
	assert_num(vfio_client_ask(c, VFU_REGION_WRITE,
				   sizeof(c->msg.p.access) + count, NULL, 0),
		   0);
}

int vfio_client_map(struct vfio_client *c, uint64_t addr, uint64_t size,
		    uint64_t offset, int fd)
{
	c->msg.p.map = (struct vfu_dma_map){
		.argsz = sizeof(c->msg.p.map),
		.flags = VFU_DMA_READABLE | VFU_DMA_WRITEABLE,
		.offset = offset,
		.addr = addr,
		.size = size,
	};
	return vfio_client_ask(c, VFU_DMA_MAP, sizeof(c->msg.p.map), &fd,
			       fd >= 0);
}

int vfio_client_unmap(struct vfio_client *c, uint64_t addr, uint64_t size)
{
	c->msg.p.unmap = (struct vfu_dma_unmap){
		.argsz = sizeof(c->msg.p.unmap), .addr = addr, .size = size
	};
	return vfio_client_ask(c, VFU_DMA_UNMAP, sizeof(c->msg.p.unmap), NULL,
			       0);
}

void vfio_client_set_irqs(struct vfio_client *c, int config)
{
	const int fds[] = { config, c->rig->fe.ring[0].call,
			    c->rig->fe.ring[1].call };

	vfio_client_set_vectors(c, 0, fds, 3);
}

void vfio_client_set_vectors(struct vfio_client *c, uint32_t first,
			     const int *fds, uint32_t n)
{
	c->msg.p.set = (struct vfu_irq_set){ sizeof(c->msg.p.set),
					     VFU_SET_DATA_EVENTFD |
						     VFU_SET_ACTION_TRIGGER,
					     VFU_PCI_MSIX, first, n };
	assert_num(vfio_client_ask(c, VFU_DEVICE_SET_IRQS, sizeof(c->msg.p.set),
				   fds, n),
		   0);
}

/* --- the driver --- */

static uint64_t bar(struct vfio_client *c, uint64_t offset, uint32_t count)
{
	return vfio_client_read(c, VIRTIO_PCI_BAR, offset, count);
}

static void set_bar(struct vfio_client *c, uint64_t offset, uint32_t count,
		    uint64_t value)
{
	vfio_client_write(c, VIRTIO_PCI_BAR, offset, count, value);
}

void vfio_client_negotiate_features(struct vfio_client *c, uint64_t want)
{
	set_bar(c, STATUS, 1, 0);
	set_bar(c, STATUS, 1, ACKNOWLEDGE | DRIVER);
	c->offered = 0;
	for (uint32_t i = 0; i < 2; i++) {
		set_bar(c, OFFERED_SELECT, 4, i);
		c->offered |= bar(c, OFFERED, 4) << (32 * i);
	}
	c->features =
		c->offered & (want | UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM);
	for (uint32_t i = 0; i < 2; i++) {
		set_bar(c, ACCEPTED_SELECT, 4, i);
		set_bar(c, ACCEPTED, 4, c->features >> (32 * i));
	}
	set_bar(c, STATUS, 1, ACKNOWLEDGE | DRIVER | FEATURES_OK);
	assert_num(bar(c, STATUS, 1), ACKNOWLEDGE | DRIVER | FEATURES_OK);
}

void vfio_client_probe(struct vfio_client *c)
{
	struct frontend *fe = &c->rig->fe;

	vfio_client_negotiate_features(c, fe->want_features);
	fe->features = c->features;
}

void vfio_client_make_rings(struct vfio_client *c, uint16_t num)
{
	struct frontend *fe = &c->rig->fe;

	assert_ok(fe_make_rings(fe, num));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe->ring[i].event_idx =
			fe_has(fe->features, VIRTIO_F_EVENT_IDX);
	fe_post_buffers(fe, RIG_BUFFERS);
}

void vfio_client_renew_rings(struct vfio_client *c, uint16_t num)
{
	struct frontend *fe = &c->rig->fe;

	for (unsigned int i = 0; i < FE_QUEUES; i++)
		fe_ring_fini(&fe->ring[i]);
	fe_memory_fini(&fe->mem);
	vfio_client_make_rings(c, num);
}

void vfio_client_start_queue(struct vfio_client *c, unsigned int i,
			     const struct fe_ring *ring,
			     const struct fe_memory *mem)
{
	set_bar(c, QUEUE_SELECT, 2, i);
	set_bar(c, QUEUE_SIZE, 2, ring->num);
	assert_num(bar(c, QUEUE_SIZE, 2), ring->num);
	set_bar(c, QUEUE_VECTOR, 2, i + 1);
	set_bar(c, QUEUE_DESC, 8, fe_guest_addr(mem, ring->desc_area));
	set_bar(c, QUEUE_DRIVER, 8, fe_guest_addr(mem, ring->driver_area));
	set_bar(c, QUEUE_DEVICE, 8, fe_guest_addr(mem, ring->device_area));
	set_bar(c, QUEUE_ENABLE, 2, 1);
}

void vfio_client_driver_ok(struct vfio_client *c)
{
	set_bar(c, CONFIG_VECTOR, 2, 0);
	set_bar(c, STATUS, 1, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
}

void vfio_client_start_queues(struct vfio_client *c)
{
	const struct frontend *fe = &c->rig->fe;

	for (unsigned int i = 0; i < FE_QUEUES; i++)
		vfio_client_start_queue(c, i, &fe->ring[i], &fe->mem);
	vfio_client_driver_ok(c);
}

void vfio_client_run(struct vfio_client *c, uint16_t num)
{
	struct fe_memory *mem = &c->rig->fe.mem;

	vfio_client_negotiate(c);
	vfio_client_probe(c);
	vfio_client_make_rings(c, num);
	assert_num(vfio_client_map(c, mem->guest_addr, mem->size, 0, mem->fd),
		   0);
	vfio_client_set_irqs(c, c->rig->fe.ring[0].call);
	vfio_client_start_queues(c);
}

void vfio_client_reset(struct vfio_client *c)
{
	set_bar(c, STATUS, 1, 0);
	assert_num(bar(c, STATUS, 1), 0);
}

void vfio_client_kick(struct vfio_client *c, unsigned int queue)
{
	set_bar(c, NOTIFY + 4 * queue, 2, queue);
}

void vfio_client_send_status(struct vfio_client *c, const struct vi_event *ev)
{
	struct frontend *fe = &c->rig->fe;
	struct fe_ring *ring = &fe->ring[FE_STATUSQ];
	struct vring_used_elem elem;
	int rc;

	fe_ring_set_buffer(ring, &fe->mem, 0, 0);
	ring->buf[0] = *ev;
	fe_ring_post(ring, 0);
	fe_ring_publish(ring);
	vfio_client_kick(c, FE_STATUSQ);
	while ((rc = fe_ring_take(ring, &elem)) == FE_E_EMPTY)
		assert_ok(fe_wait_call(fe, FE_STATUSQ, DEADLINE_MS));
	assert_ok(rc);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/vvu-world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/frontend/frontend-driver.h"
#include "tests/lib/clock.h"

#define SIBLING_LEN  (1 << 20)
#define DRIVER_LEN   (1 << 17)
#define FIRST_VECTOR (1 + VVU_QUEUES) /* of the sibling's queues */
#define CONFIG	     0x2000
#define DRIVER_WANTS \
	(UINT64_C(1) << VIRTIO_F_VERSION_1 | UINT64_C(1) << VIRTIO_F_EVENT_IDX)

/* --- life --- */

/* The proxy is given a name for the file, as for that of --memory. */
static void make_sibling_memory(struct vvu_world *w)
{
	assert_ok(fe_memory_init(&w->mem, SIBLING_LEN));
	snprintf(w->file, sizeof(w->file), "/proc/%d/fd/%d", (int)getpid(),
		 w->mem.fd);
}

int vvu_setup(void **state)
{
	struct vvu_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	*state = w;
	temp_dir_make(w->dir);
	snprintf(w->vhost, sizeof(w->vhost), "%s/vhost", w->dir);
	w->driver.vfio.fd = w->driver.vfio.reply_fd = -1;
	w->driver.want = DRIVER_WANTS | (rig_is_packed() ? FE_PACKED_RINGS : 0);
	snprintf(w->driver.vfio.socket, sizeof(w->driver.vfio.socket),
		 "%s/vfio", w->dir);
	w->driver.mem.fd = -1;
	for (unsigned int i = 0; i < VVU_VECTORS; i++) {
		w->driver.vector[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		assert_sys(w->driver.vector[i]);
	}
	fe_init(&w->sibling);
	w->sibling.timeout_ms = DEADLINE_MS;
	make_sibling_memory(w);
	process_init(&w->proxy, "vinput-vvu-proxy");
	return 0;
}

static void forget_rings(struct vvu_driver *d)
{
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		if (d->mem.fd >= 0)
			fe_ring_fini(&d->ring[i]);
	if (d->mem.fd >= 0)
		fe_memory_fini(&d->mem);
	d->mem.fd = -1;
}

int vvu_teardown(void **state)
{
	struct vvu_world *w = *state;
	int status;

	vvu_driver_end(w);
	fe_fini(&w->sibling);
	fe_memory_fini(&w->mem);
	for (unsigned int i = 0; i < VVU_VECTORS; i++)
		close(w->driver.vector[i]);
	status = w->proxy.pid ? process_terminate(&w->proxy) : 0;
	process_fini(&w->proxy);
	temp_dir_remove(w->dir);
	free(w);
	assert_num(status, 0);
	return 0;
}

void vvu_start(struct vvu_world *w, const char *option)
{
	process_arg(&w->proxy, "--vfio-user=%s", w->driver.vfio.socket);
	process_arg(&w->proxy, "--socket-path=%s", w->vhost);
	if (option)
		process_arg(&w->proxy, "%s", option);
	process_start_ready(&w->proxy);
}

/* --- the driver's queues --- */

static void make_queue(struct vvu_driver *d, unsigned int i)
{
	struct fe_ring *ring = &d->ring[i];

	assert_ok(fe_ring_init(ring, &d->mem, VVU_BUFFERS,
			       d->vfio.features & FE_PACKED_RINGS ? FE_PACKED
								  : FE_SPLIT));
	ring->event_idx = fe_has(d->vfio.features, VIRTIO_F_EVENT_IDX);
	d->buf[i] = fe_memory_alloc(&d->mem, VVU_BUFFERS * VVU_MESSAGE_MAX, 8);
	assert_non_null(d->buf[i]);
}

static uint8_t *buffer(const struct vvu_driver *d, unsigned int queue,
		       unsigned int i)
{
	return d->buf[queue] + i * VVU_MESSAGE_MAX;
}

static void post(struct vvu_driver *d, unsigned int queue, uint16_t i,
		 size_t len)
{
	struct fe_ring *ring = &d->ring[queue];

	fe_ring_set_buffer(ring, &d->mem, i,
			   queue == VVU_RXQ ? VRING_DESC_F_WRITE : 0);
	ring->desc[i].addr = fe_guest_addr(&d->mem, buffer(d, queue, i));
	ring->desc[i].len = (uint32_t)len;
	fe_ring_post(ring, i);
	fe_ring_publish(ring);
}

static void kick(struct vvu_driver *d, unsigned int queue)
{
	if (fe_ring_wants_kick(&d->ring[queue]))
		vfio_client_kick(&d->vfio, queue);
}

/* Make the buffers of rxq available, and kick. */
static void post_all(struct vvu_driver *d)
{
	for (uint16_t i = 0; i < VVU_BUFFERS; i++)
		post(d, VVU_RXQ, i, VVU_MESSAGE_MAX);
	kick(d, VVU_RXQ);
}

/* --- the driver --- */

static void start(struct vvu_driver *d)
{
	vfio_client_negotiate_features(&d->vfio, d->want);
	assert_ok(fe_memory_init(&d->mem, DRIVER_LEN));
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		make_queue(d, i);
	assert_num(vfio_client_map(&d->vfio, d->mem.guest_addr, d->mem.size, 0,
				   d->mem.fd),
		   0);
	vfio_client_set_vectors(&d->vfio, 0, d->vector, 8);
	vfio_client_set_vectors(&d->vfio, 8, d->vector + 8, 8);
	vfio_client_set_vectors(&d->vfio, 16, d->vector + 16, VVU_VECTORS - 16);
	for (unsigned int i = 0; i < VVU_QUEUES; i++)
		vfio_client_start_queue(&d->vfio, i, &d->ring[i], &d->mem);
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++) {
		vfio_client_write(&d->vfio, VVU_IO_BAR,
				  VVU_NOTIFICATIONS + VVU_NOTIFY_SELECT, 2, i);
		vfio_client_write(&d->vfio, VVU_IO_BAR,
				  VVU_NOTIFICATIONS + VVU_NOTIFY_VECTOR, 2,
				  FIRST_VECTOR + i);
	}
	vfio_client_driver_ok(&d->vfio);
}

void vvu_driver_run(struct vvu_world *w)
{
	vfio_client_negotiate(&w->driver.vfio);
	start(&w->driver);
	post_all(&w->driver);
}

void vvu_driver_end(struct vvu_world *w)
{
	struct vvu_driver *d = &w->driver;

	vfio_client_disconnect(&d->vfio);
	if (d->direct)
		munmap(d->direct, d->direct_len);
	d->direct = NULL;
	forget_rings(d);
}

void vvu_driver_restart(struct vvu_world *w)
{
	struct vvu_driver *d = &w->driver;

	vfio_client_reset(&d->vfio);
	assert_num(vfio_client_unmap(&d->vfio, d->mem.guest_addr, d->mem.size),
		   0);
	forget_rings(d);
	start(d);
	post_all(&w->driver);
}

uint32_t vvu_driver_status(struct vvu_world *w)
{
	return (uint32_t)vfio_client_read(&w->driver.vfio, VIRTIO_PCI_BAR,
					  CONFIG, 4);
}

void vvu_driver_set_status(struct vvu_world *w, uint32_t status)
{
	vfio_client_write(&w->driver.vfio, VIRTIO_PCI_BAR, CONFIG, 4, status);
}

void vvu_begin(struct vvu_world *w)
{
	const double until = clock_ms() + DEADLINE_MS;

	vvu_driver_set_status(w, VVU_BACKEND_UP);
	vvu_sibling_connect(w);
	while (!(vvu_driver_status(w) & VVU_FRONTEND_UP)) {
		assert_true(clock_ms() < until);
		poll(NULL, 0, 1);
	}
}

void vvu_serve(struct vvu_world *w, const char *option)
{
	vvu_start(w, option);
	vvu_driver_run(w);
	vvu_begin(w);
}

void vvu_expect_works(struct vvu_world *w)
{
	assert_num(vvu_ask(w, VU_GET_FEATURES, 1), 1);
}

/* Return: whether the interrupt came. */
static bool wait_vector(struct vvu_driver *d, unsigned int vector,
			int timeout_ms)
{
	struct pollfd p = { d->vector[vector], POLLIN, 0 };
	uint64_t count;

	return poll(&p, 1, timeout_ms) == 1 &&
	       read(p.fd, &count, sizeof(count)) == sizeof(count);
}

void vvu_driver_expect_vector(struct vvu_world *w, unsigned int vector)
{
	assert_true(wait_vector(&w->driver, vector, DEADLINE_MS));
}

/* Return: whether a used buffer came. */
static bool try_take(struct vvu_driver *d, unsigned int queue, int timeout_ms,
		     struct vring_used_elem *elem)
{
	int rc;

	while ((rc = fe_ring_take(&d->ring[queue], elem)) == FE_E_EMPTY)
		if (!wait_vector(d, 1 + queue, timeout_ms))
			return false;
	assert_ok(rc);
	return true;
}

static struct vring_used_elem take(struct vvu_driver *d, unsigned int queue)
{
	struct vring_used_elem elem;

	assert_true(try_take(d, queue, DEADLINE_MS, &elem));
	return elem;
}

/* Await a message, or its end: request 0. */
static struct fe_msg receive(struct vvu_driver *d)
{
	const struct vring_used_elem elem = take(d, VVU_RXQ);
	const uint8_t *from = buffer(d, VVU_RXQ, elem.id);
	struct fe_msg msg = { 0 };

	assert_null(vvu_message_check(from, elem.len));
	if (elem.len) {
		memcpy(&msg.hdr, from, sizeof(msg.hdr));
		memcpy(msg.bytes, from + sizeof(msg.hdr), msg.hdr.size);
	}
	post(d, VVU_RXQ, (uint16_t)elem.id, VVU_MESSAGE_MAX);
	kick(d, VVU_RXQ);
	return msg;
}

struct fe_msg vvu_driver_expect(struct vvu_world *w, uint32_t request)
{
	const struct fe_msg msg = receive(&w->driver);

	assert_num(msg.hdr.request, request);
	return msg;
}

void vvu_driver_expect_end(struct vvu_world *w)
{
	vvu_driver_expect(w, 0);
}

void vvu_driver_expect_nothing(struct vvu_world *w)
{
	assert_num(fe_ring_n_used(&w->driver.ring[VVU_RXQ]), 0);
}

void vvu_driver_offer(struct vvu_world *w, const void *bytes, size_t len)
{
	struct vvu_driver *d = &w->driver;

	memcpy(buffer(d, VVU_TXQ, 0), bytes, len);
	post(d, VVU_TXQ, 0, len);
}

void vvu_driver_put(struct vvu_world *w, const void *bytes, size_t len)
{
	vvu_driver_offer(w, bytes, len);
	kick(&w->driver, VVU_TXQ);
}

void vvu_driver_send(struct vvu_world *w, const void *bytes, size_t len)
{
	vvu_driver_put(w, bytes, len);
	vvu_driver_take_sent(w);
}

/* Return: its length on the wire. */
static size_t flatten(const struct fe_msg *msg, uint8_t to[VVU_MESSAGE_MAX])
{
	memcpy(to, &msg->hdr, sizeof(msg->hdr));
	memcpy(to + sizeof(msg->hdr), msg->bytes, msg->hdr.size);
	return sizeof(msg->hdr) + msg->hdr.size;
}

void vvu_driver_send_msg(struct vvu_world *w, const struct fe_msg *msg)
{
	uint8_t bytes[VVU_MESSAGE_MAX];
	const size_t len = flatten(msg, bytes);

	vvu_driver_send(w, bytes, len);
}

bool vvu_driver_try_send(struct vvu_world *w, const struct fe_msg *msg,
			 int timeout_ms)
{
	struct vvu_driver *d = &w->driver;
	struct vring_used_elem elem;
	uint8_t bytes[VVU_MESSAGE_MAX];
	const size_t len = flatten(msg, bytes);

	vvu_driver_put(w, bytes, len);
	return try_take(d, VVU_TXQ, timeout_ms, &elem);
}

void vvu_driver_take_sent(struct vvu_world *w)
{
	take(&w->driver, VVU_TXQ);
}

void vvu_driver_answer(struct vvu_world *w, uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg_u64(request, value);

	msg.hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	vvu_driver_send_msg(w, &msg);
}

uint64_t vvu_driver_read(struct vvu_world *w, uint64_t at, uint32_t len)
{
	return vfio_client_read(&w->driver.vfio, VVU_MEMORY_BAR, at, len);
}

void vvu_driver_write(struct vvu_world *w, uint64_t at, uint32_t len,
		      uint64_t value)
{
	vfio_client_write(&w->driver.vfio, VVU_MEMORY_BAR, at, len, value);
}

bool vvu_driver_map(struct vvu_world *w)
{
	struct vfio_client *c = &w->driver.vfio;
	struct vvu_driver *d = &w->driver;
	struct vfu_area area;

	c->msg.p.region = (struct vfu_region_info){ .argsz = 256,
						    .index = VVU_MEMORY_BAR };
	assert_num(vfio_client_ask(c, VFU_DEVICE_GET_REGION_INFO,
				   sizeof(c->msg.p.region), NULL, 0),
		   0);
	if (!(c->msg.p.region.flags & VFU_REGION_MMAP))
		return false;
	memcpy(&area,
	       c->msg.p.bytes + sizeof(c->msg.p.region) +
		       sizeof(struct vfu_sparse_mmap),
	       sizeof(area));
	assert_num(area.offset, 0);
	d->direct_len = area.size;
	d->direct = mmap(NULL, d->direct_len, PROT_READ | PROT_WRITE,
			 MAP_SHARED, c->reply_fd, 0);
	assert_true(d->direct != MAP_FAILED);
	return true;
}

/* --- the sibling --- */

void vvu_sibling_connect(struct vvu_world *w)
{
	fe_fini(&w->sibling);
	fe_init(&w->sibling);
	w->sibling.timeout_ms = DEADLINE_MS;
	assert_ok(fe_connect(&w->sibling, w->vhost));
}

void vvu_sibling_send_msg(struct vvu_world *w, const struct fe_msg *msg)
{
	assert_ok(fe_send(&w->sibling, msg));
}

struct fe_msg vvu_pass(struct vvu_world *w, const struct fe_msg *msg)
{
	vvu_sibling_send_msg(w, msg);
	return vvu_driver_expect(w, msg->hdr.request);
}

uint64_t vvu_ask(struct vvu_world *w, uint32_t request, uint64_t value)
{
	const struct fe_msg question = fe_msg(request);
	struct fe_msg answer;

	vvu_pass(w, &question);
	vvu_driver_answer(w, request, value);
	assert_ok(fe_recv(&w->sibling, &answer));
	assert_num(answer.hdr.request, request);
	return answer.u64;
}

struct fe_msg vvu_table(const struct vvu_world *w, uint32_t n, uint64_t size)
{
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	msg.table.n_regions = n;
	msg.hdr.size = (uint32_t)(offsetof(struct vu_mem_table, regions) +
				  n * sizeof(msg.table.regions[0]));
	for (uint32_t i = 0; i < n; i++) {
		msg.table.regions[i] = (struct vu_mem_region){
			.guest_addr = w->mem.guest_addr + i * size,
			.user_addr = w->mem.user_addr + i * size,
			.size = size,
			.mmap_offset = i * size,
		};
		msg.fd[i] = w->mem.fd;
	}
	msg.n_fds = n;
	return msg;
}

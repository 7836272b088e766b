/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A front-end that sends any message with any fds, between turns of a device
 * that puts events into its eventq and empties its statusq. It shares two real
 * memory files, which it writes and truncates as it likes. When it breaks the
 * protocol, the next one connects.
 *
 * A valid session is one byte per message: the driver's memory begins with two
 * rings and their buffers, and the first value of each field is a valid one.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/serve/eventq.h"
#include "input/serve/statusq.h"
#include "input/spec/config-space.h"
#include "input/vhost-user/vu-backend.h"
#include "input/vhost-user/vu-features.h"

#define BIG   UINT64_C(0x10000)
#define SMALL 0x1000
#define GPA   UINT64_C(0x100000)
#define UVA   UINT64_C(0x7f0000000000)

enum kind {
	FD_EVENT,
	FD_BIG,
	FD_SMALL,
	FD_SOCKET,
	FD_PIPE,
	FD_DIRECTORY,
	FD_NULL,
	FD_ZERO,
	FD_KINDS,
};

static int fds[FD_KINDS];
static int channel_end; /* the front-end's, of FD_SOCKET */
static uint8_t *ram;	/* FD_BIG as the driver sees it */
static uint8_t image[BIG];

struct world {
	struct choices in;
	struct vu_backend be;
	bool runs[VU_QUEUES_MAX];
	uint8_t config[sizeof(struct config_space)];
};

static void queue_started(void *arg, unsigned int i, bool resumed)
{
	struct world *w = arg;

	must(i < VU_QUEUES_MAX && !w->runs[i] && w->be.queue[i].running);
	w->runs[i] = true;
}

static void queue_stopped(void *arg, unsigned int i)
{
	struct world *w = arg;

	must(i < VU_QUEUES_MAX && w->runs[i]);
	w->runs[i] = false;
}

static void queue_kick_fd(void *arg, unsigned int i)
{
	struct world *w = arg;

	must(i < VU_QUEUES_MAX && w->runs[i]);
}

static void queue_failed(void *arg, unsigned int i, int error)
{
	struct world *w = arg;

	must(i < VU_QUEUES_MAX && !w->be.queue[i].ring.waits);
	must(error == VRING_E_ACCESS || error == VRING_E_OUTSIDE ||
	     error == VRING_E_PIECES);
	vu_backend_break(&w->be, i);
}

static void config_write(void *arg, uint32_t offset, const uint8_t *data,
			 uint32_t len)
{
	struct world *w = arg;

	must(len && offset + (uint64_t)len <= sizeof(w->config));
	memcpy(w->config + offset, data, len);
}

static void config_read(void *arg, uint32_t offset, uint8_t *data, uint32_t len)
{
	struct world *w = arg;

	must(len && offset + (uint64_t)len <= sizeof(w->config));
	memcpy(data, w->config + offset, len);
}

static void reset(void *arg)
{
	struct world *w = arg;

	must(!w->runs[0] && !w->runs[1]);
}

static bool state_transfer(void *arg, const struct vu_device_state *what,
			   int fd)
{
	must(fd >= 0);
	close(fd);
	return what->direction;
}

static bool state_check(void *arg)
{
	return true;
}

static const struct vu_ops ops = {
	.queue_started = queue_started,
	.queue_stopped = queue_stopped,
	.queue_kick_fd = queue_kick_fd,
	.queue_kicked = queue_kick_fd,
	.queue_look = queue_kick_fd,
	.queue_failed = queue_failed,
	.config_write = config_write,
	.config_read = config_read,
	.reset = reset,
	.state_transfer = state_transfer,
	.state_check = state_check,
};

/* --- the driver --- */

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

/* Ring i: 16 descriptors, all made available, at i * 0x1000. */
static void draw_ring(unsigned int i)
{
	struct desc *desc = (struct desc *)(void *)(image + i * 0x1000);
	uint16_t *avail = (uint16_t *)(void *)(image + i * 0x1000 + 0x400);

	for (uint16_t n = 0; n < 16; n++) {
		desc[n] = (struct desc){ GPA + 0x8000 + i * 0x100 + n * 8U, 8,
					 i ? 0 : 2, 0 };
		avail[2 + n] = n;
	}
	avail[1] = 16;
}

static void open_fds(void)
{
	int pair[2];

	fds[FD_EVENT] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fds[FD_BIG] = memfd_create("big", MFD_CLOEXEC);
	fds[FD_SMALL] = memfd_create("small", MFD_CLOEXEC);
	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	fds[FD_SOCKET] = pair[0];
	channel_end = pair[1];
	must(!pipe2(pair, O_CLOEXEC));
	fds[FD_PIPE] = pair[1];
	fds[FD_DIRECTORY] = open("/", O_RDONLY | O_CLOEXEC);
	fds[FD_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fds[FD_ZERO] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	must(!ftruncate(fds[FD_BIG], BIG));
	must(!fallocate(fds[FD_SMALL], 0, 0, SMALL));
	ram = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_SHARED, fds[FD_BIG],
		   0);
	must(ram != MAP_FAILED);
	draw_ring(0);
	draw_ring(1);
	must(!guest_map_init());
}

/* No page is missing: nothing would fill one that is waited for. */
static void truncate_big(struct world *w)
{
	off_t size = (off_t)(take8(&w->in) * 0x1000 % BIG);

	must(!ftruncate(fds[FD_BIG], size));
	must(!size || !fallocate(fds[FD_BIG], 0, 0, size));
}

static void poke(struct world *w)
{
	uint8_t bytes[32];
	uint16_t at = take16(&w->in);
	size_t len = take8(&w->in) % sizeof(bytes);

	take(&w->in, bytes, len);
	/*
	 * Where the file was truncated, this fails, and the process survives.
	 */
	if (pwrite(fds[FD_BIG], bytes, at + len > BIG ? BIG - at : len, at) < 0)
		return;
}

/* --- the back-end channel --- */

static void drain(int fd)
{
	uint8_t bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* The front-end reads everything, and sends anything, usually an answer. */
static void answer(struct world *w)
{
	struct vu_channel *c = &w->be.channel;
	struct vu_answer got;
	uint8_t bytes[64] = { 0 };
	struct vu_header hdr = { VU_BACKEND_VRING_CALL,
				 VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 8 };
	size_t len = sizeof(hdr) + hdr.size;
	int r;

	memcpy(bytes, &hdr, sizeof(hdr));
	bytes[0] ^= take8(&w->in);
	if (take8(&w->in) & 1) {
		len = take8(&w->in) % sizeof(bytes);
		take(&w->in, bytes, len);
	}
	drain(channel_end);
	/* Without a channel nobody reads, and it may be full. */
	must(send(channel_end, bytes, len, MSG_DONTWAIT) == (ssize_t)len ||
	     errno == EAGAIN);
	vu_channel_flush(c);
	do {
		r = c->socket.fd < 0 ? 0 : vu_channel_receive(c, &got);
		if (r == 1)
			vu_backend_answered(&w->be, &got);
	} while (r == 1);
	if (r == VU_CHANNEL_E_ANSWER)
		vu_backend_disconnect(&w->be);
}

/* --- the messages --- */

static uint64_t around(struct world *w, uint64_t good)
{
	uint8_t how = take8(&w->in);

	switch (how) {
	case 0xff:
		return take64(&w->in);
	case 0xfe:
		return good - take16(&w->in);
	default:
		return good + how * 8U;
	}
}

static void fill_region(struct world *w, struct vu_mem_region *region)
{
	region->guest_addr = around(w, GPA);
	region->size = around(w, BIG);
	region->user_addr = around(w, UVA);
	region->mmap_offset = around(w, 0);
}

static void fill_ring(struct world *w, struct vu_vring_addr *addr)
{
	uint64_t base = UVA + addr->index * 0x1000;

	addr->flags = take8(&w->in) & 3;
	addr->desc_user = around(w, base);
	addr->avail_user = around(w, base + 0x400);
	addr->used_user = around(w, base + 0x800);
	addr->log_guest = around(w, GPA);
}

/* Of descriptors, or of the rings; an update unless other bytes follow. */
static void fill_iotlb(struct world *w, struct vu_iotlb *iotlb)
{
	uint8_t how = take8(&w->in);

	iotlb->iova = around(w, how & 1 ? UVA : GPA);
	iotlb->size = around(w, BIG);
	iotlb->uaddr = around(w, UVA);
	iotlb->access = (how >> 1 & 7) ^ (GUEST_READ | GUEST_WRITE);
	iotlb->type = VU_IOTLB_TYPE_UPDATE ^ (how >> 4);
}

/* The request's usual payload; otherwise any bytes. */
static void fill(struct world *w, struct vu_message *msg, uint8_t queue)
{
	const struct vu_rule *rule = vu_backend_rule(msg->hdr.request);

	msg->hdr.size = rule ? rule->size_min : take8(&w->in);
	if (!rule)
		return;
	switch (msg->hdr.request) {
	case VU_SET_MEM_TABLE:
		msg->p.mem_table.n_regions = take8(&w->in) % 10;
		msg->hdr.size += msg->p.mem_table.n_regions % 9 * 32;
		for (unsigned int i = 0; i < VU_MEM_TABLE_MAX; i++)
			fill_region(w, &msg->p.mem_table.regions[i]);
		return;
	case VU_ADD_MEM_REG:
		msg->hdr.size = sizeof(msg->p.single);
		fill_region(w, &msg->p.single.region);
		if (msg->p.single.region.mmap_offset == 8)
			msg->hdr.size = sizeof(msg->p.u64); /* a postcopy ack */
		return;
	case VU_REM_MEM_REG:
		fill_region(w, &msg->p.single.region);
		return;
	case VU_SET_VRING_ADDR:
		msg->p.addr.index = queue;
		fill_ring(w, &msg->p.addr);
		return;
	case VU_SET_VRING_NUM:
		msg->p.state = (struct vu_vring_state){ queue, 16 };
		msg->p.state.num = (uint32_t)around(w, 16);
		return;
	case VU_IOTLB_MSG:
		fill_iotlb(w, &msg->p.iotlb);
		return;
	case VU_VRING_KICK:
		msg->p.state = (struct vu_vring_state){ queue, take8(&w->in) };
		return;
	case VU_SET_VRING_ENABLE:
		msg->p.state = (struct vu_vring_state){ queue, 1 };
		msg->p.state.num ^= take8(&w->in);
		return;
	case VU_SET_FEATURES:
		/* Without an IOMMU, unless chosen otherwise. */
		msg->p.u64 = vu_features_offered(&w->be) ^
			     UINT64_C(1) << VIRTIO_F_ACCESS_PLATFORM ^
			     around(w, 0) << 25;
		return;
	case VU_SET_PROTOCOL_FEATURES:
		msg->p.u64 =
			vu_features_protocol_offered(&w->be) ^ around(w, 0);
		return;
	case VU_SET_VRING_KICK:
	case VU_SET_VRING_CALL:
	case VU_SET_VRING_ERR:
		msg->p.u64 = queue | around(w, 0);
		return;
	case VU_GET_CONFIG:
	case VU_SET_CONFIG:
		msg->p.config.offset = take8(&w->in);
		msg->p.config.size = take8(&w->in);
		msg->hdr.size += msg->p.config.size;
		break;
	case VU_SET_LOG_BASE:
		msg->p.log.size = around(w, BIG);
		msg->p.log.offset = around(w, 0);
		return;
	case VU_GET_INFLIGHT_FD:
	case VU_SET_INFLIGHT_FD:
		msg->p.inflight.size = around(w, 0);
		msg->p.inflight.offset = around(w, 0);
		msg->p.inflight.n_queues = take8(&w->in);
		msg->p.inflight.queue_size = take16(&w->in);
		return;
	case VU_SET_VRING_BASE:
	case VU_GET_VRING_BASE:
		msg->p.state.index = queue;
		msg->p.state.num = take32(&w->in);
		return;
	}
	take(&w->in, msg->p.bytes + rule->size_min,
	     msg->hdr.size - rule->size_min);
}

/* The first kind of fd is the request's usual one. */
static enum kind usual_kind(uint32_t request)
{
	switch (request) {
	case VU_SET_MEM_TABLE:
	case VU_ADD_MEM_REG:
	case VU_SET_LOG_BASE:
		return FD_BIG;
	case VU_SET_BACKEND_REQ_FD:
		return FD_SOCKET;
	default:
		return FD_EVENT;
	}
}

static void attach_fds(struct world *w, struct vu_message *msg, unsigned int n)
{
	for (unsigned int i = 0; i < n && i < VU_FDS_MAX; i++) {
		unsigned int kind = usual_kind(msg->hdr.request);

		kind = (kind + (n > 1 ? take8(&w->in) : 0)) % FD_KINDS;
		if (kind == FD_ZERO && w->be.postcopy.listening)
			kind = FD_SMALL; /* all pages of it are missing */
		msg->fds[i] = dup(fds[kind]);
		must(msg->fds[i] >= 0);
		msg->n_fds++;
	}
}

static void check_reply(const struct vu_message *msg, uint32_t request)
{
	must(msg->hdr.flags == (VU_FLAG_VERSION_1 | VU_FLAG_REPLY));
	must(msg->hdr.request == request);
	must(msg->hdr.size <= VU_PAYLOAD_MAX);
}

/* No pointer may lead to what was invalidated. */
static void check_invalidated(const struct world *w, const struct vu_iotlb *msg)
{
	uint64_t last = msg->iova + (msg->size - 1);

	if (msg->type != VU_IOTLB_TYPE_INVALIDATE || last < msg->iova)
		return;
	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++) {
		const struct vu_queue *q = &w->be.queue[i];

		must(!q->ring.desc ||
		     !vring_touches(&q->ring, &q->addrs, msg->iova, last));
	}
}

/*
 * how: bits 0-2: fds, 3: other queue, 4: NEED_REPLY, 5: another size, 6: other
 * flags, 7: other fds than usual.
 */
static void send_message(struct world *w, uint8_t request)
{
	uint8_t how = take8(&w->in);
	struct vu_iotlb iotlb;
	struct vu_message msg = { .hdr = { request, VU_FLAG_VERSION_1, 0 },
				  .reply_fd = -1 };
	int r;

	fill(w, &msg, how & 8 ? take8(&w->in) : 0);
	if (how & 0x10)
		msg.hdr.flags |= VU_FLAG_NEED_REPLY;
	if (how & 0x20)
		msg.hdr.size += take16(&w->in);
	if (how & 0x40)
		msg.hdr.flags ^= take32(&w->in);
	if (vu_header_check(&msg.hdr, vu_backend_rule(request))) {
		vu_backend_disconnect(&w->be);
		return;
	}
	must(msg.hdr.size <= VU_PAYLOAD_MAX);
	attach_fds(w, &msg, (how & 7) + (how & 0x80 ? 2 : 0));
	iotlb = msg.p.iotlb;
	r = vu_backend_handle(&w->be, &msg);
	if (request == VU_IOTLB_MSG && r == VU_HAS_REPLY)
		check_invalidated(w, &iotlb);
	must(!msg.n_fds);
	close_fd(vu_message_steal_reply_fd(&msg));
	if (r == VU_HAS_REPLY || msg.hdr.flags & VU_FLAG_REPLY)
		check_reply(&msg, request);
	if (r == VU_E_VIOLATION) {
		must(w->be.why[0]);
		vu_backend_disconnect(&w->be);
	}
}

/* --- the device --- */

static void on_status(void *arg, const struct vi_event *ev, size_t n)
{
	must(n <= STATUSQ_EVENTS_MAX);
}

static void serve(struct world *w, unsigned int i)
{
	static const struct vi_event ev[3];
	struct vring *ring = &w->be.queue[i].ring;
	size_t taken;
	int r;

	must(w->runs[i] == w->be.queue[i].running);
	if (!w->runs[i])
		return;
	r = i ? statusq_take(ring, on_status, NULL)
	      : eventq_put(ring, ev, 3, &taken);
	if (vring_publish(ring))
		vu_backend_notify(&w->be, i);
	if (r == VRING_E_MISS)
		vu_backend_miss(&w->be, i);
	else if (r)
		vu_backend_break(&w->be, i);
	else
		vring_ask_kicks(ring, true);
}

static void turn(struct world *w)
{
	serve(w, 0);
	serve(w, 1);
	if (guest_map_lost())
		vu_backend_disconnect(&w->be);
}

static void step(struct world *w)
{
	uint8_t op = take8(&w->in);

	switch (op) {
	case 0x80:
		turn(w);
		break;
	case 0x81:
		poke(w);
		break;
	case 0x82:
		truncate_big(w);
		break;
	case 0x83:
		vu_backend_disconnect(&w->be);
		break;
	case 0x84:
		answer(w);
		break;
	case 0x85:
		vu_backend_config_changed(&w->be);
		break;
	default:
		send_message(w, op & 0x3f);
	}
}

static int lowest_free_fd(void)
{
	int fd = dup(fds[FD_EVENT]);

	must(fd >= 0);
	close(fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world w;
	int free_fd;

	if (!ram)
		open_fds();
	free_fd = lowest_free_fd();
	must(!ftruncate(fds[FD_BIG], BIG));
	memcpy(ram, image, BIG);
	drain(channel_end);
	drain(fds[FD_SOCKET]);
	w.in = (struct choices){ data, size };
	vu_backend_init(&w.be, &ops, &w, VU_QUEUES_MAX, sizeof(w.config));
	w.be.offers_inband = true;
	(void)vu_backend_offer_postcopy(&w.be); /* not on every host */
	w.be.offers_iommu = true;
	while (w.in.left)
		step(&w);
	turn(&w);
	vu_backend_disconnect(&w.be);
	must(!w.runs[0] && !w.runs[1] && !w.be.mem.n);
	must(lowest_free_fd() == free_fd);
	return 0;
}

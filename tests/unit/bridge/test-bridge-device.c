/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the bridge between a client and a back-end that are the test's:
 * the server's operations are called, and what the device has to say comes out
 * of functions in place of the server's and the holder's.
 *
 *	ops->... ─► bridge_device ─► serve_backend()	answers, unless mute
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/bridge/bridge-device.h"
#include "injector/vfio-user/vfu-wire.h"
#include "input/base/fd-pass.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-watchdog.h"
#include "tests/lib/garbage.h"

#define BIT(n)	 (UINT64_C(1) << (n))
#define P(name)	 BIT(VU_PROTOCOL_F_##name)
#define STATUS	 20
#define CONFIG	 0x2000
#define FEATURES (BIT(VIRTIO_F_VERSION_1) | BIT(VU_F_PROTOCOL_FEATURES))
#define NOTIFY	 0x3000
#define PAGE	 4096
#define REQUESTS 64

static struct ev_loop *the_loop;
static struct bridge_device bridge;
static const struct vfu_ops *ops;
static int backend, channel; /* the back-end's ends; -1: none */
static bool mute;
static uint8_t config_byte;
static unsigned int dones, signals[3], asked[REQUESTS];
static int done_error;
static uint8_t got[8]; /* what was read */

/* --- in place of the server --- */

static void drop(void *arg, int fd)
{
	close(fd);
}

void vfu_server_init(struct vfu_server *s, struct ev_loop *l,
		     const struct vfu_ops *o, void *arg)
{
	*s = (struct vfu_server){ .loop = l, .arg = arg };
	ops = o;
	vfu_dma_init(&s->dma, drop, NULL);
	vfu_irqs_init(&s->irqs, 3, drop, NULL);
}

int vfu_server_start(struct vfu_server *s, int fd, unsigned int n_vectors)
{
	assert_num(n_vectors, 3);
	return -fd;
}

void vfu_server_fini(struct vfu_server *s)
{
	vfu_dma_fini(&s->dma);
	vfu_irqs_fini(&s->irqs);
}

void vfu_server_done(struct vfu_server *s, int error)
{
	dones++;
	done_error = error;
}

void vfu_server_signal(struct vfu_server *s, unsigned int vector)
{
	if (vector < 3)
		signals[vector]++;
}

/* --- in place of the holder --- */

void hold_device_init(struct hold_device *d, struct ev_loop *loop,
		      const char *name, const char *to)
{
	memset(d, 0, sizeof(*d));
	assert_string_equal(to, "back-end");
}

void hold_device_serve(struct hold_device *d, int fd)
{
	assert_true(d->give_up_s > 1e6);
	backend = fd;
}

void hold_device_fini(struct hold_device *d)
{
	backend = close_fd(backend);
	channel = close_fd(channel);
}

static uint64_t answer_of(uint32_t request)
{
	switch (request) {
	case VU_GET_FEATURES:
		return FEATURES;
	case VU_GET_PROTOCOL_FEATURES:
		return P(REPLY_ACK) | P(CONFIG) | P(BACKEND_REQ) |
		       P(CONFIGURE_MEM_SLOTS) | P(RESET_DEVICE);
	case VU_GET_MAX_MEM_SLOTS:
		return 8;
	}
	return 0;
}

static void answer(struct vu_message *msg)
{
	const bool config = msg->hdr.request == VU_GET_CONFIG;

	msg->hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	if (config)
		memset(msg->p.bytes + sizeof(struct vu_config), config_byte,
		       BRIDGE_CONFIG_LEN);
	else if (msg->hdr.request != VU_GET_VRING_BASE)
		msg->p.u64 = answer_of(msg->hdr.request);
	if (!config)
		msg->hdr.size = sizeof(msg->p.u64);
	assert_sys(send(backend, &msg->hdr, sizeof(msg->hdr), MSG_NOSIGNAL));
	assert_sys(send(backend, &msg->p, msg->hdr.size, MSG_NOSIGNAL));
}

static bool is_asked(const struct vu_header *hdr)
{
	switch (hdr->request) {
	case VU_GET_FEATURES:
	case VU_GET_PROTOCOL_FEATURES:
	case VU_GET_MAX_MEM_SLOTS:
	case VU_GET_VRING_BASE:
	case VU_GET_CONFIG:
		return true;
	}
	return hdr->flags & VU_FLAG_NEED_REPLY;
}

/* Return: whether there was a message. */
static bool serve_backend(void)
{
	struct vu_message msg = { 0 };
	int fds[FD_PASS_MAX];
	unsigned int n;

	if (backend < 0 || mute ||
	    recv(backend, &msg.hdr, 1, MSG_PEEK | MSG_DONTWAIT) != 1)
		return false;
	assert_num(fd_pass_recv(backend, &msg.hdr, sizeof(msg.hdr), fds, &n),
		   sizeof(msg.hdr));
	if (msg.hdr.size)
		assert_num(recv(backend, &msg.p, msg.hdr.size, MSG_WAITALL),
			   msg.hdr.size);
	if (msg.hdr.request < REQUESTS)
		asked[msg.hdr.request]++;
	if (msg.hdr.request == VU_SET_BACKEND_REQ_FD) {
		assert_num(n, 1);
		channel = fds[--n];
	}
	while (n)
		close(fds[--n]);
	if (is_asked(&msg.hdr))
		answer(&msg);
	return true;
}

static void turn(void)
{
	for (int i = 0; i < 200; i++) {
		ev_run(the_loop, EVRUN_NOWAIT);
		serve_backend();
	}
}

/* --- the client --- */

static int setup(void **state)
{
	the_loop = ev_loop_new(EVFLAG_AUTO);
	backend = channel = -1;
	mute = false;
	dones = 0;
	config_byte = 'c';
	memset(signals, 0, sizeof(signals));
	memset(asked, 0, sizeof(asked));
	fill_with_garbage(&bridge);
	assert_ok(bridge_device_init(&bridge, the_loop, "back-end", 64));
	return 0;
}

static int teardown(void **state)
{
	ops->disconnected(&bridge);
	bridge_device_fini(&bridge);
	bridge_device_fini(&bridge);
	assert_num(bridge.backend.kick[0], -1);
	assert_num(bridge.backend.kick[1], -1);
	assert_num(ev_run(the_loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(the_loop);
	return 0;
}

/* The request that waits is answered with this. */
static void expect_done(int error)
{
	const unsigned int before = dones;

	turn();
	assert_num(dones, before + 1);
	assert_num(done_error, error);
	assert_false(ev_is_active(&bridge.deadline));
}

#define LATER(request)                                       \
	do {                                                 \
		assert_num((request), VFU_LATER);            \
		assert_true(ev_is_active(&bridge.deadline)); \
		expect_done(0);                              \
	} while (0)

static void connect_client(void)
{
	LATER(ops->connected(&bridge));
	bridge.server.negotiated = true;
}

static int set(uint64_t offset, uint32_t len, uint64_t value)
{
	static uint64_t from;

	from = value;
	return ops->write(&bridge, &(struct vfu_access){ offset, 0, len },
			  &from);
}

static int get(uint64_t offset, uint32_t len)
{
	memset(got, 0, sizeof(got));
	return ops->read(&bridge, &(struct vfu_access){ offset, 0, len }, got);
}

/* Memory with rings that nobody has written to. */
static void map_memory(void)
{
	const struct vfu_map map = { .addr = 0,
				     .size = 16 * PAGE,
				     .access = VFU_DMA_READABLE |
					       VFU_DMA_WRITEABLE };
	const struct vfu_file_id id = { 1, 1, 16 * PAGE };
	int fd = memfd_create("ram", MFD_CLOEXEC);

	assert_sys(ftruncate(fd, 16 * PAGE));
	assert_num(vfu_dma_map(&bridge.server.dma, &map, fd, &id), 0);
	assert_num(ops->mapped(&bridge, 0), 0);
}

/* A driver whose queues run. */
static void run_driver(void)
{
	connect_client();
	map_memory();
	bridge.pci.accepted = BIT(VIRTIO_F_VERSION_1);
	bridge.pci.config_vector = 0;
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++)
		bridge.pci.queue[i] = (struct virtio_pci_queue){
			.size = 64,
			.vector = (uint16_t)(1 + i),
			.enabled = true,
			.desc = (1 + 3 * i) * PAGE,
			.driver = (2 + 3 * i) * PAGE,
			.device = (3 + 3 * i) * PAGE,
		};
	LATER(set(STATUS, 1,
		  VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_DRIVER_OK));
	assert_num(asked[VU_SET_VRING_KICK], 2);
	assert_num(asked[VU_ADD_MEM_REG], 1);
}

static bool needs_reset(void)
{
	return bridge.pci.status & VIRTIO_STATUS_NEEDS_RESET;
}

/* --- requests that wait for the back-end --- */

static void a_client_is_accepted_when_the_back_end_has_answered(void **state)
{
	assert_num(bridge.pci.offered, 0);
	connect_client();
	assert_true(bridge.pci.offered ==
		    (BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM)));
	/* The session lasts: nothing is to be waited for. */
	assert_num(ops->reset(&bridge), 0);
	assert_num(asked[VU_SET_OWNER], 1);
}

static void a_back_end_that_does_not_answer_has_a_limit(void **state)
{
	mute = true;
	assert_num(ops->connected(&bridge), VFU_LATER);
	ev_feed_event(the_loop, &bridge.deadline, EV_TIMER);
	expect_done(EIO);
	assert_false(bridge_backend_attached(&bridge.backend));
	/* After VERSION no request is refused for that. */
	bridge.server.negotiated = true;
	assert_num(ops->reset(&bridge), VFU_LATER);
	ev_feed_event(the_loop, &bridge.deadline, EV_TIMER);
	expect_done(0);
	assert_num(bridge.pci.offered, 0);
	mute = false;
	LATER(ops->reset(&bridge));
	assert_true(bridge.pci.offered != 0);
}

static void a_request_that_waits_goes_with_its_client(void **state)
{
	connect_client();
	mute = true;
	assert_num(get(CONFIG, 4), VFU_LATER);
	ops->disconnected(&bridge);
	assert_false(ev_is_active(&bridge.deadline));
	assert_num(bridge.read.at.len, 0);
	assert_num(backend, -1);
	mute = false;
	turn();
	assert_num(dones, 1);
}

/* --- configuration --- */

static void configuration_is_read_once(void **state)
{
	connect_client();
	LATER(get(CONFIG, 4));
	assert_memory_equal(got, "cccc\0", 5);
	assert_num(get(CONFIG + 135, 1), 0);
	assert_num(got[0], 'c');
	assert_num(asked[VU_GET_CONFIG], 1);
	/* What else is read needs no back-end. */
	assert_num(get(STATUS, 1), 0);
	assert_num(got[0], 0);
	/* What is selected changes it. */
	config_byte = 'd';
	LATER(set(CONFIG, 1, 3));
	assert_num(asked[VU_SET_CONFIG], 1);
	LATER(get(CONFIG, 4));
	assert_memory_equal(got, "dddd", 4);
	assert_num(asked[VU_GET_CONFIG], 2);
}

static void a_changed_configuration_is_told_and_read_again(void **state)
{
	struct vu_header hdr = { VU_BACKEND_CONFIG_CHANGE_MSG,
				 VU_FLAG_VERSION_1, 0 };
	struct {
		struct vu_header hdr;
		uint64_t value;
	} __attribute__((packed)) reply;

	run_driver();
	LATER(get(CONFIG, 4));
	assert_num(send(channel, &hdr, sizeof(hdr), 0), sizeof(hdr));
	turn();
	assert_num(signals[0], 1);
	assert_num(bridge.pci.generation, 1);
	assert_num(recv(channel, &reply, sizeof(reply), MSG_DONTWAIT), -1);
	LATER(get(CONFIG, 4));
	/* It may ask for an answer. */
	hdr.flags |= VU_FLAG_NEED_REPLY;
	assert_num(send(channel, &hdr, sizeof(hdr), 0), sizeof(hdr));
	turn();
	assert_num(signals[0], 2);
	assert_num(recv(channel, &reply, sizeof(reply), MSG_DONTWAIT),
		   sizeof(reply));
	assert_num(reply.hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
	assert_num(reply.hdr.flags, VU_FLAG_VERSION_1 | VU_FLAG_REPLY);
	assert_num(reply.hdr.size, 8);
	assert_num(reply.value, 0);
	/* A channel that ends leaves the session. */
	channel = close_fd(channel);
	turn();
	assert_false(hold_link_is_open(&bridge.backend.channel));
	assert_true(bridge_backend_attached(&bridge.backend));
	assert_false(needs_reset());
}

static void wait_until_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_num(poll(&p, 1, 10000), 1);
}

/* fd: -1: none. Return: whether it was answered with 0. */
static bool ask_on_channel(struct vu_message *msg, int fd)
{
	const struct iovec hdr = { &msg->hdr, sizeof(msg->hdr) };
	struct vu_message reply = { .p.u64 = 1 };
	int fds[FD_PASS_MAX];
	unsigned int n = 0;

	msg->hdr.flags |= VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY;
	assert_num(fd_pass_send(channel, &hdr, &fd, fd >= 0), hdr.iov_len);
	assert_num(send(channel, &msg->p, msg->hdr.size, 0), msg->hdr.size);
	turn();
	wait_until_readable(channel);
	fd_pass_recv(channel, &reply.hdr, sizeof(reply.hdr), fds, &n);
	return !n && recv(channel, &reply.p, 9, MSG_DONTWAIT) == 8 &&
	       !reply.p.u64;
}

static void a_miss_is_noted_until_it_is_mapped(void **state)
{
	struct vu_message msg = { .hdr = { VU_BACKEND_IOTLB_MSG, 0,
					   VU_IOTLB_LEN } };
	int ends[2];

	run_driver();
	LATER(get(CONFIG, 4));
	dones = 0;
	assert_sys(pipe(ends));
	msg.p.iotlb.iova = UINT64_C(1) << 50;
	for (int type = VU_IOTLB_TYPE_INVALIDATE; type; type--) {
		msg.p.iotlb.type = (uint8_t)type;
		assert_true(ask_on_channel(&msg, ends[1]));
	}
	assert_num(bridge.backend.sync.n_misses, 1);
	assert_true(bridge.backend.sync.miss[0] == UINT64_C(1) << 50);
	/* What looks like one in another message, of any size. */
	msg.hdr.request = VU_BACKEND_CONFIG_CHANGE_MSG;
	msg.hdr.size = VU_PAYLOAD_MAX;
	assert_true(ask_on_channel(&msg, -1));
	assert_num(bridge.backend.sync.n_misses, 1);
	assert_num(signals[0], 1);
	/* No request of the client's was waiting, and no fd is kept. */
	assert_num(dones, 0);
	close(ends[1]);
	wait_until_readable(ends[0]);
	assert_num(read(ends[0], &msg, 1), 0);
	close(ends[0]);
	/* An answer to nothing ends the channel. */
	msg.hdr.flags |= VU_FLAG_REPLY;
	ask_on_channel(&msg, -1);
	assert_false(hold_link_is_open(&bridge.backend.channel));
	assert_true(bridge_backend_attached(&bridge.backend));
}

/* --- the driver --- */

static void a_lost_back_end_is_told_to_a_driver_that_runs(void **state)
{
	run_driver();
	LATER(get(CONFIG, 4));
	backend = close_fd(backend);
	turn();
	assert_true(needs_reset());
	assert_num(signals[0], 1);
	assert_false(bridge_backend_attached(&bridge.backend));
	/* Its reset begins another session. */
	LATER(set(STATUS, 1, 0));
	assert_false(needs_reset());
	assert_true(bridge_backend_attached(&bridge.backend));
	/* Which may have another configuration. */
	LATER(get(CONFIG, 4));
}

static void before_it_runs_it_is_told_nothing(void **state)
{
	connect_client();
	backend = close_fd(backend);
	turn();
	assert_false(needs_reset());
	assert_num(signals[0], 0);
}

static void kicks_are_those_of_a_driver_that_runs(void **state)
{
	eventfd_t count;

	connect_client();
	assert_num(set(NOTIFY, 2, 0), 0);
	assert_num(eventfd_read(bridge.backend.kick[0], &count), -1);
	ops->disconnected(&bridge);
	run_driver();
	touches = rests = 0;
	/* Its memory is what we have: a buffer is available. */
	for (unsigned int i = 0; i < BRIDGE_QUEUES; i++) {
		const uint16_t idx = 1;

		assert_num(pwrite(bridge.server.dma.file[0].fd, &idx, 2,
				  (2 + 3 * i) * PAGE + 2),
			   2);
		assert_num(set(NOTIFY + 4 * i, 2, i), 0);
		assert_sys(eventfd_read(bridge.backend.kick[i], &count));
		assert_num(count, 1);
	}
	/* Each kick, and each look at memory, which may block. */
	assert_num(rests, 2 * BRIDGE_QUEUES);
	assert_false(needs_reset());
}

static void memory_without_the_drivers_buffers_is_not_shared(void **state)
{
	run_driver();
	assert_num(set(NOTIFY, 2, 0), 0);
	assert_true(needs_reset());
	assert_num(signals[0], 1);
	assert_false(bridge_backend_attached(&bridge.backend));
	/* The first notification of each driver tells. */
	LATER(set(STATUS, 1, 0));
	assert_false(bridge.notified[0]);
}

static void what_is_unmapped_is_told_before_it_is_answered(void **state)
{
	run_driver();
	assert_num(vfu_dma_unmap(&bridge.server.dma, 0, 16 * PAGE), 0);
	LATER(ops->unmapped(&bridge, 0, 16 * PAGE - 1));
	assert_num(asked[VU_GET_VRING_BASE], 2);
	assert_num(asked[VU_REM_MEM_REG], 1);
}

static void other_event_fds_are_told(void **state)
{
	const unsigned int calls = 2; /* when it started */

	run_driver();
	assert_num(asked[VU_SET_VRING_CALL], calls);
	LATER(ops->irqs_changed(&bridge));
	assert_num(asked[VU_SET_VRING_CALL], calls + 2);
	LATER(set(16, 2, 1)); /* the configuration's vector */
	assert_num(asked[VU_SET_VRING_CALL], calls + 4);
}

static void power_on_forgets_the_driver(void **state)
{
	run_driver();
	bridge.notified[0] = true;
	LATER(ops->reset(&bridge));
	assert_num(bridge.pci.status, 0);
	assert_false(bridge.notified[0]);
	assert_num(asked[VU_RESET_DEVICE], 1);
}

static void regions_are_those_of_a_virtio_device(void **state)
{
	const struct vfu_region *region = ops->region(&bridge, 0);

	assert_num(region->size, 0x4000);
	assert_num(region->flags, VFU_REGION_READABLE | VFU_REGION_WRITEABLE);
	assert_num(region->fd, -1);
	assert_num(region->n_areas, 0);
	assert_num(ops->region(&bridge, 1)->size, 0x1000);
	assert_num(ops->region(&bridge, 7)->size, 256);
	assert_null(ops->region(&bridge, 2));
	assert_rc(bridge_device_start(&bridge, 5), -5);
}

static void without_fds_there_is_no_device(void **state)
{
	struct rlimit before, none;
	struct bridge_device other;
	int r, connected;

	assert_sys(getrlimit(RLIMIT_NOFILE, &before));
	none = (struct rlimit){ 0, before.rlim_max };
	assert_sys(setrlimit(RLIMIT_NOFILE, &none));
	fill_with_garbage(&other);
	r = bridge_device_init(&other, the_loop, "back-end", 64);
	connected = ops->connected(&bridge);
	assert_sys(setrlimit(RLIMIT_NOFILE, &before));
	assert_rc(r, -EMFILE);
	assert_num(connected, EMFILE);
	bridge_device_fini(&other);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_client_is_accepted_when_the_back_end_has_answered),
		test(a_back_end_that_does_not_answer_has_a_limit),
		test(a_request_that_waits_goes_with_its_client),
		test(configuration_is_read_once),
		test(a_changed_configuration_is_told_and_read_again),
		test(a_miss_is_noted_until_it_is_mapped),
		test(a_lost_back_end_is_told_to_a_driver_that_runs),
		test(before_it_runs_it_is_told_nothing),
		test(kicks_are_those_of_a_driver_that_runs),
		test(memory_without_the_drivers_buffers_is_not_shared),
		test(what_is_unmapped_is_told_before_it_is_answered),
		test(other_event_fds_are_told),
		test(power_on_forgets_the_driver),
		test(regions_are_those_of_a_virtio_device),
		test(without_fds_there_is_no_device),
	};

	return cmocka_run_group_tests_name("bridge-device", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vvu-proxy with a device VM, or a sibling, that breaks the rules: it
 * alone is affected, and the next connection is served.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/usage.h"
#include "tests/lib/vvu-world.h"

#define PAGE	      4096
#define STATUS	      20
#define NEEDS_RESET   0x40
#define FLOOD_MS      400
#define KICKED_QUEUES 2 /* as many as a device of ours has */
#define ALL_QUEUES    16
#define KICKS_MAX     64 /* in KICKS_MS, of all queues together */
#define KICKS_MS      2

/* The sibling is disconnected, the driver learns it, and the next is served. */
static void expect_next_sibling(struct vvu_world *w)
{
	struct fe_msg msg;

	assert_rc(fe_recv(&w->sibling, &msg), FE_E_CLOSED);
	vvu_driver_expect_end(w);
	vvu_begin(w);
	vvu_expect_works(w);
}

static void expect_broken(struct vvu_world *w)
{
	struct fe_msg msg;

	assert_rc(fe_recv(&w->sibling, &msg), FE_E_CLOSED);
	assert_num(
		vfio_client_read(&w->driver.vfio, VIRTIO_PCI_BAR, STATUS, 1) &
			NEEDS_RESET,
		NEEDS_RESET);
	process_expect_log(&w->proxy, "guest: the device stops");
}

/* The driver has to reset the device, and can. */
static void expect_reset_helps(struct vvu_world *w)
{
	expect_broken(w);
	vvu_driver_set_status(w, VVU_BACKEND_UP);
	vvu_driver_restart(w);
	vvu_begin(w);
	vvu_expect_works(w);
}

/* --- the sibling --- */

static void invalid_requests_end_the_session(void **state)
{
	static const struct {
		uint32_t request, size;
		uint64_t u64;
		unsigned int n_fds;
	} rows[] = {
		{ VU_SET_OWNER, 0, 0, 1 },
		{ VU_SET_LOG_FD, 0, 0, 1 },
		{ VU_SET_INFLIGHT_FD, 8, 0, 1 },
		{ VU_ADD_MEM_REG, 40, 0, 1 },
		{ VU_SET_VRING_KICK, 8, 0, 0 },
		{ VU_SET_VRING_KICK, 8, VU_VRING_NOFD, 1 },
		{ VU_SET_VRING_KICK, 8, 0, 2 },
		{ VU_SET_VRING_KICK, 4, 0, 1 },
		{ VU_SET_VRING_CALL, 8, VVU_VHOST_QUEUES, 1 },
		{ VU_SET_VRING_CALL, 8, 255, 1 },
		{ VU_SET_VRING_ERR, 8, 77, 1 },
		{ VU_SET_MEM_TABLE, 8, 9, 8 },
		{ VU_SET_MEM_TABLE, 8, UINT32_MAX, 1 },
		{ VU_SET_MEM_TABLE, 8, 1, 1 },
		{ VU_SET_MEM_TABLE, 40, 1, 0 },
		{ VU_SET_MEM_TABLE, 40, 1, 2 },
		{ VU_SET_MEM_TABLE, 40, 1, 1 }, /* empty */
		{ VU_SET_MEM_TABLE, 4, 1, 1 },
		{ VU_SET_BACKEND_REQ_FD, 0, 0, 0 },
		{ VU_SET_BACKEND_REQ_FD, 0, 0, 2 },
	};
	struct vvu_world *w = *state;
	int fd = eventfd(0, EFD_CLOEXEC);

	vvu_serve(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fe_msg msg = fe_msg_u64(rows[i].request, rows[i].u64);

		msg.hdr.size = rows[i].size;
		msg.n_fds = rows[i].n_fds;
		for (unsigned int j = 0; j < msg.n_fds; j++)
			msg.fd[j] = msg.hdr.request == VU_SET_MEM_TABLE
					    ? w->mem.fd
					    : fd;
		vvu_sibling_send_msg(w, &msg);
		expect_next_sibling(w);
	}
	close(fd);
}

static void invalid_headers_end_the_session(void **state)
{
	static const struct vu_header rows[] = {
		{ VU_GET_FEATURES, 0, 0 },
		{ VU_GET_FEATURES, 2, 0 },
		{ VU_GET_FEATURES, VU_FLAG_VERSION_1 | VU_FLAG_REPLY, 0 },
		{ VU_GET_FEATURES, VU_FLAG_VERSION_1, VU_PAYLOAD_MAX + 1 },
		{ VU_GET_FEATURES, VU_FLAG_VERSION_1, UINT32_MAX },
	};
	struct vvu_world *w = *state;

	vvu_serve(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_num(send(w->sibling.fd, &rows[i], sizeof(rows[i]),
				MSG_NOSIGNAL),
			   sizeof(rows[i]));
		expect_next_sibling(w);
	}
}

/* Fds that are not what they should be would let the proxy wait. */
static void fds_of_a_wrong_kind_end_the_session(void **state)
{
	static const uint32_t requests[] = { VU_SET_VRING_KICK,
					     VU_SET_VRING_CALL,
					     VU_SET_MEM_TABLE,
					     VU_SET_BACKEND_REQ_FD };
	struct vvu_world *w = *state;
	int pipes[2];

	vvu_serve(w, NULL);
	assert_sys(pipe2(pipes, O_CLOEXEC));
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		struct fe_msg msg = fe_msg_u64(requests[i], 0);

		if (requests[i] == VU_SET_MEM_TABLE)
			msg = vvu_table(w, 1, PAGE);
		msg.fd[0] = pipes[1];
		msg.n_fds = 1;
		vvu_sibling_send_msg(w, &msg);
		expect_next_sibling(w);
	}
	close(pipes[0]);
	close(pipes[1]);
}

static void a_region_past_its_file_ends_the_session(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg = vvu_table(w, 1, PAGE);

	vvu_serve(w, NULL);
	msg.table.regions[0].mmap_offset = w->mem.size;
	vvu_sibling_send_msg(w, &msg);
	expect_next_sibling(w);
	msg.table.regions[0].mmap_offset = UINT64_MAX - PAGE;
	vvu_sibling_send_msg(w, &msg);
	expect_next_sibling(w);
}

static void a_sibling_that_truncates_its_memory_is_disconnected(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = vvu_table(w, 1, PAGE);
	int before = w->mem.fd;

	vvu_serve(w, NULL);
	w->mem.fd = memfd_create("sibling", MFD_CLOEXEC);
	assert_sys(ftruncate(w->mem.fd, PAGE));
	for (int i = 0; i < 2; i++) {
		struct fe_msg table = msg;

		table.fd[0] = w->mem.fd;
		assert_sys(ftruncate(w->mem.fd, PAGE));
		vvu_pass(w, &table);
		assert_sys(ftruncate(w->mem.fd, 0));
		/* Is used before all memory is forgotten, published after. */
		vvu_driver_offer(w, "", 0);
		if (i)
			vvu_driver_write(w, 0, 4, 1);
		else
			vvu_driver_read(w, 0, 4);
		vvu_driver_take_sent(w);
		expect_next_sibling(w);
	}
	close(w->mem.fd);
	w->mem.fd = before;
}

/* Its event fds are full, and it lets them block. */
static void event_fds_that_block_do_not_stop_the_proxy(void **state)
{
	struct vvu_world *w = *state;
	const uint64_t full = UINT64_MAX - 1;
	int fd = eventfd(0, EFD_CLOEXEC);
	const struct fe_msg call = fe_msg_vring_fd(VU_SET_VRING_CALL, 0, fd);
	const struct fe_msg kick = fe_msg_vring_fd(VU_SET_VRING_KICK, 0, fd);

	vvu_serve(w, NULL);
	vvu_pass(w, &call);
	assert_num(write(fd, &full, sizeof(full)), sizeof(full));
	assert_sys(fcntl(fd, F_SETFL, 0));
	vfio_client_write(&w->driver.vfio, VVU_IO_BAR, 0, 4, 0);
	vvu_pass(w, &kick);
	vvu_driver_expect_vector(w, 1 + VVU_QUEUES);
	vvu_expect_works(w);
	close(fd);
}

/* A semaphore has one kick for each read, and 2^64 - 2 of them. */
static void kicks_without_end_do_not_keep_the_proxy_busy(void **state)
{
	struct vvu_world *w = *state;
	const uint64_t full = UINT64_MAX - 1;
	int fd = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK);
	int64_t cpu;

	vvu_serve(w, NULL);
	assert_sys(fd);
	assert_num(write(fd, &full, sizeof(full)), sizeof(full));
	for (unsigned int i = 0; i < KICKED_QUEUES; i++) {
		const struct fe_msg kick =
			fe_msg_vring_fd(VU_SET_VRING_KICK, i, fd);

		vvu_pass(w, &kick);
	}
	cpu = usage_cpu_ns(w->proxy.pid);
	poll(NULL, 0, FLOOD_MS);
	cpu = usage_cpu_ns(w->proxy.pid) - cpu;
	assert_true(cpu < FLOOD_MS / 2 * INT64_C(1000000));
	vvu_driver_expect_vector(w, 1 + VVU_QUEUES);
	vvu_expect_works(w);
	close(fd);
}

/* Return: what is left of a semaphore's count. */
static uint64_t semaphore_left(int fd)
{
	char path[48], line[128];
	uint64_t count = UINT64_MAX;
	FILE *info;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	info = fopen(path, "re");
	assert_non_null(info);
	while (fgets(line, sizeof(line), info))
		sscanf(line, "eventfd-count: %" SCNx64, &count);
	fclose(info);
	return count;
}

/* Return: the kicks of all queues that were taken; each has one, or 0. */
static uint64_t kicks_taken(const int *fd, uint64_t full)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < ALL_QUEUES; i++) {
		const uint64_t taken = full - semaphore_left(fd[i]);

		if (!taken)
			return 0;
		sum += taken;
	}
	return sum;
}

/* The clock is read last: what was taken took at least that long. */
static void kicks_of_all_queues_share_a_budget(void **state)
{
	struct vvu_world *w = *state;
	const uint64_t full = UINT64_MAX - 1;
	uint64_t taken = 0;
	double begin;
	int fd[ALL_QUEUES];

	vvu_serve(w, NULL);
	begin = clock_ms();
	for (unsigned int i = 0; i < ALL_QUEUES; i++) {
		fd[i] = eventfd(0, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK);
		assert_sys(fd[i]);
		assert_num(write(fd[i], &full, sizeof(full)), sizeof(full));
		const struct fe_msg kick =
			fe_msg_vring_fd(VU_SET_VRING_KICK, i, fd[i]);

		vvu_pass(w, &kick);
	}
	for (int ms = 0; taken < 20 * KICKS_MAX; ms++) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 1);
		taken = kicks_taken(fd, full);
	}
	assert_true((double)taken <=
		    KICKS_MAX * ((clock_ms() - begin) / KICKS_MS + 2));
	vvu_expect_works(w);
	for (unsigned int i = 0; i < ALL_QUEUES; i++)
		close(fd[i]);
}

/* It reads nothing: its answers wait, and the device VM does not. */
static void a_sibling_that_does_not_read_stops_only_itself(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg answer = fe_msg_u64(VU_GET_FEATURES, 1);
	struct vvu_driver *d = &w->driver;

	vvu_serve(w, NULL);
	answer.hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
	answer.hdr.size = VU_PAYLOAD_MAX;
	while (vvu_driver_try_send(w, &answer, 200))
		;
	assert_num(vvu_driver_status(w), VVU_BACKEND_UP | VVU_FRONTEND_UP);
	vvu_sibling_connect(w);
	vvu_driver_expect_end(w);
	vvu_driver_take_sent(w);
	vvu_driver_set_status(w, VVU_BACKEND_UP);
	vvu_expect_works(w);
	assert_true(d->vfio.fd >= 0);
}

/* --- the device VM --- */

static void messages_that_are_none_stop_the_device(void **state)
{
	static const struct {
		struct vu_header hdr;
		size_t len;
	} rows[] = {
		{ { VU_GET_FEATURES, 5, 8 }, 11 },
		{ { VU_GET_FEATURES, 5, 8 }, 19 },
		{ { VU_GET_FEATURES, 5, 8 }, 21 },
		{ { VU_GET_FEATURES, 4, 8 }, 20 },
		{ { VU_GET_FEATURES, 5, UINT32_MAX }, 20 },
		{ { VU_GET_FEATURES, 5, VU_PAYLOAD_MAX }, 20 },
	};
	struct vvu_world *w = *state;

	vvu_serve(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t bytes[32] = { 0 };

		memcpy(bytes, &rows[i].hdr, sizeof(rows[i].hdr));
		vvu_driver_put(w, bytes, rows[i].len);
		expect_reset_helps(w);
	}
}

static void an_empty_message_is_none(void **state)
{
	struct vvu_world *w = *state;

	vvu_serve(w, NULL);
	vvu_driver_send(w, "", 0);
	vvu_expect_works(w);
}

static void broken_queues_stop_the_device(void **state)
{
	struct vvu_world *w = *state;
	struct vvu_driver *d = &w->driver;
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);

	vvu_serve(w, NULL);
	/* A buffer outside of memory, and one that is too small. */
	for (int i = 0; i < 2; i++) {
		struct fe_ring *ring = &d->ring[VVU_RXQ];

		for (uint16_t j = 0; j < VVU_BUFFERS; j++)
			if (i)
				ring->desc[j].len = 8;
			else
				ring->desc[j].addr = 1;
		for (uint16_t j = 0; j < VVU_BUFFERS && rig_is_packed(); j++)
			if (i)
				ring->slot[j].len = 8;
			else
				ring->slot[j].addr = 1;
		vvu_sibling_send_msg(w, &msg);
		expect_reset_helps(w);
	}
	/* Rings in memory that is taken away. */
	assert_num(vfio_client_unmap(&d->vfio, d->mem.guest_addr, d->mem.size),
		   0);
	vvu_sibling_send_msg(w, &msg);
	expect_broken(w);
	assert_num(vfio_client_map(&d->vfio, d->mem.guest_addr, d->mem.size, 0,
				   d->mem.fd),
		   0);
	vvu_driver_restart(w);
	vvu_begin(w);
	vvu_expect_works(w);
}

static void a_device_vm_that_truncates_its_memory_is_stopped(void **state)
{
	struct vvu_world *w = *state;
	struct vvu_driver *d = &w->driver;
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);

	vvu_serve(w, NULL);
	vvu_expect_works(w);
	assert_sys(ftruncate(d->mem.fd, 0));
	vvu_sibling_send_msg(w, &msg);
	expect_broken(w);
	assert_sys(ftruncate(d->mem.fd, (off_t)d->mem.size));
	vvu_driver_restart(w);
	vvu_begin(w);
	vvu_expect_works(w);
}

/*
 * A buffer in the new part has the file mapped anew, at another address, while
 * a buffer of the other queue has been used.
 */
static void a_device_vm_whose_memory_grows_is_served(void **state)
{
	struct vvu_world *w = *state;
	struct vvu_driver *d = &w->driver;
	struct fe_ring *ring = &d->ring[VVU_TXQ];
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);
	const struct vu_header answer = { VU_GET_FEATURES, 5, 0 };
	struct fe_msg got;

	vvu_serve(w, NULL);
	vvu_expect_works(w);
	assert_sys(ftruncate(d->mem.fd, 2 * (off_t)d->mem.size));
	assert_num(
		pwrite(d->mem.fd, &answer, sizeof(answer), (off_t)d->mem.size),
		sizeof(answer));
	assert_num(vfio_client_map(&d->vfio, d->mem.guest_addr + d->mem.size,
				   d->mem.size, d->mem.size, d->mem.fd),
		   0);
	vvu_driver_offer(w, "", 0);
	fe_ring_set_buffer(ring, &d->mem, 1, 0);
	ring->desc[1].addr = d->mem.guest_addr + d->mem.size;
	ring->desc[1].len = sizeof(answer);
	fe_ring_post(ring, 1);
	fe_ring_publish(ring);
	vvu_sibling_send_msg(w, &msg);
	vvu_driver_expect(w, VU_SET_OWNER);
	vvu_driver_take_sent(w);
	vvu_driver_take_sent(w);
	assert_ok(fe_recv(&w->sibling, &got));
	assert_num(got.hdr.request, VU_GET_FEATURES);
	vvu_expect_works(w);
}

static void queues_without_memory_stop_the_device(void **state)
{
	struct vvu_world *w = *state;
	struct vvu_driver *d = &w->driver;

	vvu_serve(w, NULL);
	/* As QEMU's, without share=on. */
	assert_num(vfio_client_unmap(&d->vfio, d->mem.guest_addr, d->mem.size),
		   0);
	assert_num(vfio_client_map(&d->vfio, d->mem.guest_addr, d->mem.size, 0,
				   -1),
		   0);
	vfio_client_kick(&d->vfio, VVU_TXQ);
	expect_broken(w);
}

static void registers_take_any_access(void **state)
{
	static const struct vfu_access rows[] = {
		{ 0, VVU_IO_BAR, 1 },
		{ 1, VVU_IO_BAR, 8 },
		{ VVU_NOTIFICATIONS - 4, VVU_IO_BAR, 8 },
		{ VVU_NOTIFICATIONS, VVU_IO_BAR, 1 },
		{ VVU_NOTIFICATIONS, VVU_IO_BAR, 2 },
		{ VVU_NOTIFICATIONS + 2, VVU_IO_BAR, 2 },
		{ VVU_NOTIFICATIONS + 2, VVU_IO_BAR, 8 },
		{ VVU_IO_BAR_LEN - 1, VVU_IO_BAR, 1 },
		{ VVU_IO_BAR_LEN - 8, VVU_IO_BAR, 8 },
		{ 0, VVU_MEMORY_BAR, 8 },
		{ (UINT64_C(32) << 30) - 8, VVU_MEMORY_BAR, 8 },
	};
	struct vvu_world *w = *state;
	struct vfio_client *c = &w->driver.vfio;

	vvu_serve(w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct vfu_access *at = &rows[i];

		vfio_client_read(c, at->region, at->offset, at->count);
		vfio_client_write(c, at->region, at->offset, at->count,
				  UINT64_MAX);
		vfio_client_read(c, at->region, at->offset, at->count);
	}
	c->msg.p.access =
		(struct vfu_access){ UINT64_C(32) << 30, VVU_MEMORY_BAR, 1 };
	assert_num(vfio_client_ask(c, VFU_REGION_READ, 16, NULL, 0), EINVAL);
	vvu_expect_works(w);
}

#define test(f) cmocka_unit_test_setup_teardown(f, vvu_setup, vvu_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(invalid_requests_end_the_session),
		test(invalid_headers_end_the_session),
		test(fds_of_a_wrong_kind_end_the_session),
		test(a_region_past_its_file_ends_the_session),
		test(a_sibling_that_truncates_its_memory_is_disconnected),
		test(event_fds_that_block_do_not_stop_the_proxy),
		test(kicks_without_end_do_not_keep_the_proxy_busy),
		test(kicks_of_all_queues_share_a_budget),
		test(a_sibling_that_does_not_read_stops_only_itself),
		test(messages_that_are_none_stop_the_device),
		test(an_empty_message_is_none),
		test(broken_queues_stop_the_device),
		test(a_device_vm_that_truncates_its_memory_is_stopped),
		test(a_device_vm_whose_memory_grows_is_served),
		test(queues_without_memory_stop_the_device),
		test(registers_take_any_access),
	};

	return cmocka_run_group_tests_name("vvu-hostile", tests, NULL, NULL);
}

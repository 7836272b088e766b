/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client's requests, one by one, to a server whose device is this test's.
 * That no fd is left open is checked at the end of every unit test.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/vfio-user/vfu-server.h"
#include "input/base/fd-pass.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define VECTORS 3

static struct vfu_server server;
static struct ev_loop *loop;
static int listening, client;
static struct vfu_message msg; /* the client's, then the reply */
static uint32_t next_flags;    /* of the next message */

#define ANY_LEN SIZE_MAX

/* --- the device --- */

static int result; /* of each call */
static char called[64];
static uint64_t first, last; /* of the latest one, whatever they are */
static struct vfu_region bar = {
	.size = 0x100,
	.flags = VFU_REGION_READABLE | VFU_REGION_WRITEABLE,
};
static struct vfu_region memory = {
	.size = 0x2000,
	.flags = VFU_REGION_READABLE | VFU_REGION_MMAP,
	.n_areas = 2,
	.area = { { 0, 0x1000 }, { 0x1000, 0x1000 } },
};

static struct vfu_region large = {
	.size = VFU_DATA_MAX,
	.flags = VFU_REGION_READABLE,
};

static int note(const char *what, uint64_t a, uint64_t b)
{
	snprintf(called, sizeof(called), "%s", what);
	first = a;
	last = b;
	return result;
}

static int on_connected(void *arg)
{
	return note("connected", 0, 0);
}

static void on_disconnected(void *arg)
{
	note("disconnected", 0, 0);
}

static const struct vfu_region *on_region(void *arg, uint32_t index)
{
	return index == VFU_PCI_BAR0 ? &bar
	       : index == 2	     ? &memory
	       : index == 3	     ? &large
				     : NULL;
}

static int on_read(void *arg, const struct vfu_access *at, void *to)
{
	uint8_t *byte = to;

	for (uint32_t i = 0; i < at->count; i++)
		if (byte[i])
			return EIO; /* what was in the memory must not show */
	byte[0] = 'r';
	return note("read", at->offset, at->count);
}

static int on_write(void *arg, const struct vfu_access *at, const void *from)
{
	assert_memory_equal(from, "wwww", at->count);
	return note("write", at->offset, at->count);
}

static int on_reset(void *arg)
{
	return note("reset", 0, 0);
}

static int on_mapped(void *arg, uint64_t addr)
{
	return note("mapped", addr, 0);
}

static int on_unmapped(void *arg, uint64_t from, uint64_t to)
{
	return note("unmapped", from, to);
}

static int on_irqs(void *arg)
{
	return note("irqs", 0, 0);
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
	.irqs_changed = on_irqs,
};

/* --- the client --- */

static int connect_client(void)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(getsockname(listening, (struct sockaddr *)&addr, &len));
	assert_sys(connect(fd, (struct sockaddr *)&addr, len));
	return fd;
}

static void run(void)
{
	for (int i = 0; i < 8; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void send_command(uint16_t command, size_t len, const int *fds,
			 unsigned int n)
{
	struct iovec iov = { &msg, sizeof(msg.hdr) + len };

	msg.hdr.id = 77;
	msg.hdr.command = command;
	msg.hdr.size = (uint32_t)iov.iov_len;
	msg.hdr.flags = next_flags;
	next_flags = 0;
	assert_num(fd_pass_send(client, &iov, fds, n), iov.iov_len);
	called[0] = '\0';
	run();
}

/* Return: the reply's errno, -1: none; 1000: the connection has ended. */
static int reply(size_t len)
{
	int fds[FD_PASS_MAX];
	unsigned int n;
	ssize_t got = fd_pass_recv(client, &msg, sizeof(msg), fds, &n);

	if (got <= 0)
		return got ? 1000 : -1;
	msg.n_fds = n;
	if (n)
		memcpy(msg.fds, fds, n * sizeof(int));
	assert_num(msg.hdr.id, 77);
	assert_num(msg.hdr.flags & VFU_TYPE_MASK, VFU_TYPE_REPLY);
	assert_num(msg.hdr.size, got);
	if (msg.hdr.flags & VFU_FLAG_ERROR)
		return (int)msg.hdr.error;
	if (len != ANY_LEN)
		assert_num(got, sizeof(msg.hdr) + len);
	return 0;
}

#define ask(command, member, n_fds, fds, reply_len, ...)          \
	(msg.p.member = (typeof(msg.p.member))__VA_ARGS__,        \
	 send_command(command, sizeof(msg.p.member), fds, n_fds), \
	 reply(reply_len))

static int version(uint16_t major)
{
	msg.p.version = (struct vfu_version){ major, VFU_MINOR };
	send_command(VFU_VERSION, sizeof(msg.p.version), NULL, 0);
	return reply(ANY_LEN);
}

static int reset(void)
{
	send_command(VFU_DEVICE_RESET, 0, NULL, 0);
	return reply(0);
}

static int set_irqs(uint32_t flags, unsigned int n, const int *fds)
{
	return ask(VFU_DEVICE_SET_IRQS, set,
		   flags & VFU_SET_DATA_EVENTFD ? n : 0, fds, 0,
		   { .argsz = sizeof(msg.p.set),
		     .flags = flags | VFU_SET_ACTION_TRIGGER,
		     .index = VFU_PCI_MSIX,
		     .count = n });
}

static int map(uint64_t addr, int fd)
{
	return ask(VFU_DMA_MAP, map, fd >= 0, &fd, 0,
		   { .argsz = 32,
		     .flags = VFU_DMA_READABLE,
		     .offset = 4096,
		     .addr = addr,
		     .size = 4096 });
}

static int set_up(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	result = 0;
	called[0] = '\0';
	memset(&msg, 0, sizeof(msg));
	memory.fd = memfd_create("bar", MFD_CLOEXEC);
	listening =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "vfu-server-%d",
		 getpid());
	assert_sys(bind(listening, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listening, 4));
	loop = ev_loop_new(EVFLAG_AUTO);
	fill_with_garbage(&server);
	vfu_server_init(&server, loop, &ops, NULL);
	assert_ok(vfu_server_start(&server, listening, VECTORS));
	client = connect_client();
	run();
	return 0;
}

static int set_up_negotiated(void **state)
{
	set_up(state);
	assert_num(version(0), 0);
	return 0;
}

static int tear_down(void **state)
{
	vfu_server_fini(&server);
	vfu_server_fini(&server);
	/* Nothing is left in the loop. */
	assert_num(ev_run(loop, EVRUN_NOWAIT), 0);
	ev_loop_destroy(loop);
	close(memory.fd);
	close(client);
	close(listening);
	return 0;
}

/* --- connections --- */

static void the_version_comes_first_and_once(void **state)
{
	assert_num(reset(), 1000);
	assert_string_equal(called, "disconnected");
	close(client);
	client = connect_client();
	run();
	assert_num(version(0), 0);
	assert_num(reset(), 0);
	assert_string_equal(called, "reset");
	assert_num(version(0), 1000);
}

static void a_version_that_is_refused_can_be_tried_again(void **state)
{
	result = ENODEV;
	assert_num(version(0), ENODEV);
	assert_false(server.negotiated);
	assert_true(ev_is_active(&server.patience));
	result = 0;
	assert_num(version(0), 0);
	assert_true(server.negotiated);
	assert_false(ev_is_active(&server.patience));
}

static void a_client_of_another_version_is_refused(void **state)
{
	assert_num(version(1), EPROTO);
	assert_false(server.negotiated);
}

static void one_that_says_nothing_gives_way(void **state)
{
	ev_feed_event(loop, &server.patience, EV_TIMER);
	run();
	assert_num(reply(0), 1000);
	assert_string_equal(called, "disconnected");
}

static void one_whose_version_is_being_answered_does_not(void **state)
{
	result = VFU_LATER;
	assert_num(version(0), -1);
	ev_feed_event(loop, &server.patience, EV_TIMER);
	run();
	assert_num(reply(0), -1);
	vfu_server_done(&server, 0);
	assert_true(server.negotiated);
	assert_num(reply(ANY_LEN), 0);
}

static void the_next_client_waits_until_the_first_has_gone(void **state)
{
	int next = connect_client();

	run();
	assert_num(reset(), 0);
	close(client);
	client = next;
	run();
	assert_string_equal(called, "disconnected");
	assert_num(version(0), 0);
	assert_string_equal(called, "connected");
}

static void what_a_client_shared_goes_with_it(void **state)
{
	int memory_fd = memfd_create("ram", MFD_CLOEXEC);
	int event_fd = eventfd(0, EFD_NONBLOCK);

	assert_ok(ftruncate(memory_fd, 8192));
	assert_num(map(0x10000, memory_fd), 0);
	assert_num(set_irqs(VFU_SET_DATA_EVENTFD, 1, &event_fd), 0);
	close(memory_fd);
	close(event_fd);
	close(client);
	client = connect_client();
	run();
	assert_num(server.dma.n, 0);
	assert_num(server.irqs.fd[0], -1);
	assert_num(version(0), 0);
}

static void a_message_comes_in_any_pieces(void **state)
{
	const struct iovec whole = { &msg, sizeof(msg.hdr) + 32 };

	assert_ok(ftruncate(memory.fd, 4096));
	msg = (struct vfu_message){
		.hdr = { 77, VFU_DMA_MAP, (uint32_t)whole.iov_len, 0, 0 },
		.p.map = { 32, VFU_DMA_READABLE, 0, 0x10000, 4096 },
	};
	for (size_t i = 0; i < whole.iov_len; i++) {
		const struct iovec byte = { (uint8_t *)&msg + i, 1 };

		assert_num(reply(0), -1);
		assert_num(fd_pass_send(client, &byte, &memory.fd, i == 20), 1);
		run();
	}
	assert_num(reply(0), 0);
	assert_string_equal(called, "mapped");
	assert_non_null(vfu_dma_find(&server.dma, 0x10000)->file);
}

/* A reply that does not fit is sent when the client has read. */
static void replies_wait_until_they_are_read(void **state)
{
	const int least = 1;
	uint8_t bytes[sizeof(msg.hdr) + 16 + VFU_DATA_MAX];

	assert_sys(setsockopt(server.socket.fd, SOL_SOCKET, SO_SNDBUF, &least,
			      sizeof(least)));
	for (int i = 0; i < 4; i++) {
		msg.p.access = (struct vfu_access){ 0, 3, VFU_DATA_MAX };
		send_command(VFU_REGION_READ, 16, NULL, 0);
	}
	assert_num(server.io.events & EV_WRITE, EV_WRITE);
	for (int i = 0; i < 4; i++) {
		for (size_t got = 0; got < sizeof(bytes); run()) {
			ssize_t n = recv(client, bytes + got,
					 sizeof(bytes) - got, 0);

			assert_true(n > 0);
			got += (size_t)n;
		}
		assert_num(bytes[0], 77);
		assert_num(bytes[sizeof(msg.hdr) + 16], 'r');
	}
	assert_num(reply(0), -1);
}

static void a_client_that_does_not_read_may_go(void **state)
{
	const int least = 1;

	assert_sys(setsockopt(server.socket.fd, SOL_SOCKET, SO_SNDBUF, &least,
			      sizeof(least)));
	for (int i = 0; i < 4; i++) {
		msg.p.access = (struct vfu_access){ 0, 3, VFU_DATA_MAX };
		send_command(VFU_REGION_READ, 16, NULL, 0);
	}
	close(client);
	client = connect_client();
	run();
	assert_string_equal(called, "disconnected");
	assert_num(version(0), 0);
}

static void an_invalid_header_ends_the_connection(void **state)
{
	next_flags = VFU_TYPE_REPLY;
	send_command(VFU_DEVICE_RESET, 0, NULL, 0);
	assert_num(reply(0), 1000);
}

/* --- requests --- */

static void the_device_is_described(void **state)
{
	assert_num(ask(VFU_DEVICE_GET_INFO, device, 0, NULL,
		       sizeof(msg.p.device), { .argsz = 16 }),
		   0);
	assert_num(msg.p.device.argsz, 16);
	assert_num(msg.p.device.flags, VFU_DEVICE_PCI | VFU_DEVICE_RESETS);
	assert_num(msg.p.device.n_regions, 9);
	assert_num(msg.p.device.n_irqs, 5);
}

static int region_info(uint32_t index, uint32_t argsz, size_t len)
{
	return ask(VFU_DEVICE_GET_REGION_INFO, region, 0, NULL, len,
		   { .argsz = argsz, .index = index });
}

static void regions_are_described(void **state)
{
	assert_num(region_info(0, 32, 32), 0);
	assert_num(msg.p.region.argsz, 32);
	assert_num(msg.p.region.index, 0);
	assert_num(msg.p.region.size, 0x100);
	assert_num(msg.p.region.flags, bar.flags);
	assert_num(msg.p.region.cap_offset, 0);
	assert_num(msg.n_fds, 0);
	assert_num(region_info(1, 32, 32), 0);
	assert_num(msg.p.region.size, 0);
	assert_num(region_info(VFU_PCI_REGIONS - 1, 32, 32), 0);
	assert_num(region_info(VFU_PCI_REGIONS, 32, 32), EINVAL);
}

static void areas_of_a_region_are_listed_where_there_is_room(void **state)
{
	const uint32_t all = 32 + 16 + 2 * 16;
	struct vfu_sparse_mmap cap;
	struct vfu_area area[2];

	assert_num(region_info(2, all - 1, 32), 0);
	assert_num(msg.p.region.argsz, all);
	assert_num(msg.p.region.cap_offset, 32);
	assert_num(msg.n_fds, 1);
	close(msg.fds[0]);
	assert_num(region_info(2, all, all), 0);
	assert_num(msg.p.region.argsz, all);
	assert_num(msg.p.region.flags, memory.flags | VFU_REGION_CAPS);
	memcpy(&cap, msg.p.bytes + 32, sizeof(cap));
	memcpy(area, msg.p.bytes + 48, sizeof(area));
	assert_num(cap.id, VFU_CAP_SPARSE_MMAP);
	assert_num(cap.version, 1);
	assert_num(cap.next, 0);
	assert_num(cap.n_areas, 2);
	assert_memory_equal(area, memory.area, sizeof(area));
	assert_num(msg.n_fds, 1);
	close(msg.fds[0]);
}

static void interrupts_are_described(void **state)
{
	for (uint32_t i = 0; i < VFU_PCI_IRQS; i++) {
		assert_num(ask(VFU_DEVICE_GET_IRQ_INFO, irq, 0, NULL,
			       sizeof(msg.p.irq), { .argsz = 16, .index = i }),
			   0);
		assert_num(msg.p.irq.argsz, 16);
		assert_num(msg.p.irq.index, i);
		assert_num(msg.p.irq.flags, VFU_IRQ_EVENTFD | VFU_IRQ_NORESIZE);
		assert_num(msg.p.irq.count, i == VFU_PCI_MSIX ? VECTORS : 0);
	}
	assert_num(ask(VFU_DEVICE_GET_IRQ_INFO, irq, 0, NULL, 16,
		       { .argsz = 16, .index = VFU_PCI_IRQS }),
		   EINVAL);
}

static void vectors_are_signalled(void **state)
{
	int fd[VECTORS] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK),
			    eventfd(0, EFD_NONBLOCK) };
	uint64_t count[VECTORS] = { 0 };

	vfu_server_signal(&server, 0); /* nobody wants it */
	assert_num(set_irqs(VFU_SET_DATA_EVENTFD, 2, fd), 0);
	assert_string_equal(called, "irqs");
	vfu_server_signal(&server, 1);
	vfu_server_signal(&server, 2);
	vfu_server_signal(&server, VECTORS);
	assert_num(read(fd[0], &count[0], 8), -1);
	assert_num(read(fd[1], &count[1], 8), 8);
	assert_num(count[1], 1);
	/* The client fires them itself. */
	assert_num(set_irqs(VFU_SET_DATA_NONE, 2, NULL), 0);
	assert_num(read(fd[0], &count[0], 8), 8);
	assert_num(read(fd[1], &count[1], 8), 8);
	assert_num(set_irqs(VFU_SET_DATA_NONE, 1, NULL), 0);
	assert_num(read(fd[1], &count[1], 8), -1);
	for (int i = 0; i < VECTORS; i++)
		close(fd[i]);
}

static void only_event_fds_are_taken(void **state)
{
	const int fd[] = { eventfd(0, EFD_NONBLOCK), client };

	assert_num(set_irqs(VFU_SET_DATA_EVENTFD, 2, fd), EINVAL);
	assert_string_equal(called, "");
	result = ENOMEM;
	assert_num(set_irqs(VFU_SET_DATA_EVENTFD, 1, fd), ENOMEM);
	close(fd[0]);
}

static int unmap(uint64_t addr, uint64_t size, uint32_t flags)
{
	return ask(VFU_DMA_UNMAP, unmap, 0, NULL, sizeof(msg.p.unmap),
		   { .argsz = 24, .flags = flags, .addr = addr, .size = size });
}

static void memory_is_mapped_and_unmapped(void **state)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);
	struct vfu_map *m;

	assert_ok(ftruncate(fd, 8192));
	assert_num(map(0x10000, fd), 0);
	assert_string_equal(called, "mapped");
	assert_num(first, 0x10000);
	m = vfu_dma_find(&server.dma, 0x10fff);
	assert_non_null(m);
	assert_num(m->offset, 4096);
	assert_num(m->access, VFU_DMA_READABLE);
	assert_num(m->file->id.size, 8192);
	assert_sys(fcntl(m->file->fd, F_GETFD));
	assert_num(map(0x10000, fd), EEXIST);
	/* What is no memory stays unshared. */
	assert_num(map(0x20000, client), 0);
	assert_null(vfu_dma_find(&server.dma, 0x20000)->file);
	assert_num(map(0x30000, -1), 0);
	assert_num(unmap(0x10000, 4096, VFU_UNMAP_DIRTY), ENOTSUP);
	assert_num(unmap(0x10000, 4096, 0), 0);
	assert_string_equal(called, "unmapped");
	assert_num(first, 0x10000);
	assert_num(last, 0x10fff);
	assert_null(vfu_dma_find(&server.dma, 0x10000));
	assert_num(unmap(0, 0, VFU_UNMAP_ALL), 0);
	assert_num(first, 0);
	assert_true(last == UINT64_MAX);
	assert_null(vfu_dma_find(&server.dma, 0x30000));
	close(fd);
}

static const struct access_row {
	uint16_t command;
	uint32_t region;
	uint64_t offset;
	uint32_t count;
	int result;
} access_rows[] = {
	{ VFU_REGION_READ, 0, 0, 4, 0 },
	{ VFU_REGION_READ, 0, 0xfc, 4, 0 },
	{ VFU_REGION_READ, 0, 0xfd, 4, EINVAL },
	{ VFU_REGION_READ, 0, 0x100, 1, EINVAL },
	{ VFU_REGION_READ, 0, 0x101, 1, EINVAL },
	{ VFU_REGION_READ, 0, 0, 0, EINVAL },
	{ VFU_REGION_READ, 1, 0, 4, EINVAL },
	{ VFU_REGION_WRITE, 0, 0x80, 4, 0 },
	{ VFU_REGION_READ, 2, 0, 4, 0 },
	{ VFU_REGION_WRITE, 2, 0, 4, EINVAL },
};

static void accesses_are_within_a_region_and_allowed(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(access_rows); i++) {
		const struct access_row *row = &access_rows[i];
		const bool writes = row->command == VFU_REGION_WRITE;
		const size_t head = sizeof(msg.p.access);

		msg.p.access = (struct vfu_access){ row->offset, row->region,
						    row->count };
		memset(msg.p.bytes + head, 'w', 8);
		send_command(row->command, head + (writes ? row->count : 0),
			     NULL, 0);
		assert_num(reply(head + (writes ? 0 : row->count)),
			   row->result);
		assert_string_equal(called, row->result ? ""
					    : writes	? "write"
							: "read");
		if (row->result)
			continue;
		assert_num(first, row->offset);
		assert_num(last, row->count);
		if (!writes)
			assert_memory_equal(msg.p.bytes + head, "r\0\0\0", 4);
	}
}

static void a_request_that_waits_is_answered_once(void **state)
{
	vfu_server_done(&server, 0); /* nothing waits */
	assert_num(reply(0), -1);
	result = VFU_LATER;
	assert_num(reset(), -1);
	assert_false(ev_is_active(&server.io)); /* nor is the next one read */
	vfu_server_done(&server, EBUSY);
	assert_num(reply(0), EBUSY);
	vfu_server_done(&server, 0);
	assert_num(reply(0), -1);
	result = 0;
	assert_num(reset(), 0);
}

static void nothing_waits_when_the_client_has_gone(void **state)
{
	result = VFU_LATER;
	assert_num(reset(), -1);
	vfu_server_fini(&server);
	vfu_server_done(&server, 0);
	assert_false(server.waits);
	assert_num(reply(0), 1000);
}

static void no_reply_means_none(void **state)
{
	next_flags = VFU_FLAG_NO_REPLY;
	send_command(VFU_DEVICE_RESET, 0, NULL, 0);
	assert_string_equal(called, "reset");
	assert_num(reply(0), -1);
	assert_num(reset(), 0);
}

static void an_unknown_command_is_refused(void **state)
{
	send_command(VFU_DIRTY_PAGES, 8, NULL, 0);
	assert_num(reply(0), ENOTSUP);
	assert_num(reset(), 0);
}

int main(void)
{
#define T(f)	 cmocka_unit_test_setup_teardown(f, set_up_negotiated, tear_down)
#define FIRST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		FIRST(the_version_comes_first_and_once),
		FIRST(a_version_that_is_refused_can_be_tried_again),
		FIRST(a_client_of_another_version_is_refused),
		FIRST(one_that_says_nothing_gives_way),
		FIRST(one_whose_version_is_being_answered_does_not),
		T(the_next_client_waits_until_the_first_has_gone),
		T(what_a_client_shared_goes_with_it),
		T(a_message_comes_in_any_pieces),
		T(replies_wait_until_they_are_read),
		T(a_client_that_does_not_read_may_go),
		T(an_invalid_header_ends_the_connection),
		T(the_device_is_described),
		T(regions_are_described),
		T(areas_of_a_region_are_listed_where_there_is_room),
		T(interrupts_are_described),
		T(vectors_are_signalled),
		T(only_event_fds_are_taken),
		T(memory_is_mapped_and_unmapped),
		T(accesses_are_within_a_region_and_allowed),
		T(a_request_that_waits_is_answered_once),
		T(nothing_waits_when_the_client_has_gone),
		T(no_reply_means_none),
		T(an_unknown_command_is_refused),
	};

	return cmocka_run_group_tests_name("vfu-server", tests, NULL, NULL);
}

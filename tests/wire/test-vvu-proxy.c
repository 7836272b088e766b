/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vvu-proxy between a device VM and a sibling's VMM: messages, kicks,
 * calls and memory get from one to the other, and ends are told.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/stats.h"
#include "tests/lib/vvu-world.h"

#define PAGE 4096
#define GIB  (UINT64_C(1) << 30)
/* Half 0 of the BAR with half 1 behind it. */
#define HALF(w, i) ((i)*16 * GIB)

static void serve_directly(struct vvu_world *w)
{
	char option[80];

	snprintf(option, sizeof(option), "--memory=%s", w->file);
	vvu_serve(w, option);
}

/* The proxy writes its counters; this one has a value. */
static void expect_count(struct vvu_world *w, const char *name, uint64_t value)
{
	char text[64];

	snprintf(text, sizeof(text), " %s=%llu ", name,
		 (unsigned long long)value);
	assert_sys(kill(w->proxy.pid, SIGUSR1));
	process_expect_log(&w->proxy, text);
}

/* --- the device --- */

static void it_is_a_vvu_device(void **state)
{
	struct vvu_world *w = *state;
	struct vfio_client *c = &w->driver.vfio;

	vvu_start(w, NULL);
	vfio_client_negotiate(c);
	assert_num(vfio_client_read(c, VIRTIO_PCI_CONFIG_SPACE, 0, 4),
		   0x107d1af4);
	assert_num(vfio_client_read(c, VIRTIO_PCI_BAR, 0x2004, 4),
		   VVU_VHOST_QUEUES);
	assert_num(vvu_driver_status(w), 0);
	assert_false(vvu_driver_map(w));
}

/* --- messages --- */

static void messages_go_both_ways(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg = fe_msg_state(VU_SET_VRING_NUM, 1, 64);
	struct fe_msg got;

	vvu_serve(w, NULL);
	for (int i = 0; i < 3 * VVU_BUFFERS; i++) {
		got = vvu_pass(w, &msg);
		assert_num(got.state.index, 1);
		assert_num(got.state.num, 64);
		assert_num(vvu_ask(w, VU_GET_QUEUE_NUM, 2), 2);
	}
	assert_num(vvu_driver_status(w), VVU_BACKEND_UP | VVU_FRONTEND_UP);
	vvu_driver_expect_nothing(w);
}

static void messages_wait_for_buffers(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);

	vvu_serve(w, NULL);
	for (int i = 0; i < 2 * VVU_BUFFERS; i++)
		vvu_sibling_send_msg(w, &msg);
	for (int i = 0; i < 2 * VVU_BUFFERS; i++)
		vvu_driver_expect(w, VU_SET_OWNER);
	vvu_expect_works(w);
}

static void features_that_need_other_fds_are_hidden(void **state)
{
	struct vvu_world *w = *state;

	vvu_serve(w, NULL);
	assert_num(vvu_ask(w, VU_GET_FEATURES,
			   UINT64_C(1) << VU_F_LOG_ALL |
				   UINT64_C(1) << VIRTIO_F_VERSION_1),
		   UINT64_C(1) << VIRTIO_F_VERSION_1);
	assert_num(vvu_ask(w, VU_GET_PROTOCOL_FEATURES, UINT64_MAX),
		   1 << VU_PROTOCOL_F_MQ | 1 << VU_PROTOCOL_F_REPLY_ACK |
			   1 << VU_PROTOCOL_F_BACKEND_REQ |
			   1 << VU_PROTOCOL_F_CONFIG |
			   1 << VU_PROTOCOL_F_RESET_DEVICE |
			   1 << VU_PROTOCOL_F_INBAND_NOTIFICATIONS |
			   1 << VU_PROTOCOL_F_STATUS);
}

static void the_channel_shares_the_queues(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg set = fe_msg(VU_SET_BACKEND_REQ_FD);
	struct fe_msg change = fe_msg(VU_BACKEND_CONFIG_CHANGE_MSG);
	struct fe_msg answer = fe_msg_u64(VU_BACKEND_CONFIG_CHANGE_MSG, 0);
	struct frontend channel;
	int fds[2];

	vvu_serve(w, NULL);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	fe_init(&channel);
	channel.timeout_ms = DEADLINE_MS;
	fe_attach(&channel, fds[0]);
	set.fd[0] = fds[1];
	set.n_fds = 1;
	vvu_pass(w, &set);
	close(fds[1]);
	for (int i = 0; i < 3; i++) {
		struct fe_msg got;

		change.hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_NEED_REPLY;
		vvu_driver_send_msg(w, &change);
		assert_ok(fe_recv(&channel, &got));
		assert_num(got.hdr.request, VU_BACKEND_CONFIG_CHANGE_MSG);
		assert_num(got.hdr.flags, change.hdr.flags);
		answer.hdr.flags = VU_FLAG_VERSION_1 | VU_FLAG_REPLY;
		assert_ok(fe_send(&channel, &answer));
		got = vvu_driver_expect(w, VU_BACKEND_CONFIG_CHANGE_MSG);
		assert_num(got.hdr.flags, answer.hdr.flags);
	}
	/* Its end is not the session's. */
	fe_fini(&channel);
	vvu_driver_send_msg(w, &change);
	vvu_expect_works(w);
}

/* --- kicks and calls --- */

static void kicks_interrupt_and_doorbells_call(void **state)
{
	struct vvu_world *w = *state;
	struct vfio_client *c = &w->driver.vfio;
	const uint64_t one = 1;
	int kick = eventfd(0, EFD_CLOEXEC);
	int call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct fe_msg msg;
	uint64_t count;

	vvu_serve(w, NULL);
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i += 5) {
		msg = fe_msg_vring_fd(VU_SET_VRING_KICK, i, kick);
		assert_num(vvu_pass(w, &msg).u64, i);
		msg = fe_msg_vring_fd(VU_SET_VRING_CALL, i, call);
		assert_num(vvu_pass(w, &msg).u64, i);
		assert_num(write(kick, &one, sizeof(one)), sizeof(one));
		vvu_driver_expect_vector(w, 1 + VVU_QUEUES + i);
		vfio_client_write(c, VVU_IO_BAR,
				  vvu_doorbell(i, VVU_DOORBELL_MULTIPLIER), 4,
				  0);
		assert_num(read(call, &count, sizeof(count)), sizeof(count));
		assert_num(count, 1);
		/* None any more. */
		msg = fe_msg_vring_fd(VU_SET_VRING_KICK, i, -1);
		vvu_pass(w, &msg);
	}
	/* Nobody is called for what does not exist. */
	vfio_client_write(c, VVU_IO_BAR, 4 * VVU_VHOST_QUEUES, 4, 0);
	vfio_client_write(c, VVU_IO_BAR, VVU_DOORBELLS_LEN - 4, 4, 0);
	assert_num(read(call, &count, sizeof(count)), -1);
	vvu_expect_works(w);
	close(kick);
	close(call);
}

static void the_driver_is_told_of_no_error_fd(void **state)
{
	struct vvu_world *w = *state;
	int err = eventfd(0, EFD_CLOEXEC);
	const struct fe_msg msg = fe_msg_vring_fd(VU_SET_VRING_ERR, 1, err);

	vvu_serve(w, NULL);
	assert_num(vvu_pass(w, &msg).u64, 1 | VU_VRING_NOFD);
	close(err);
}

/* --- memory --- */

static void memory_is_accessed_by_messages(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = vvu_table(w, 3, 4 * PAGE);
	struct fe_msg got;

	vvu_serve(w, NULL);
	got = vvu_pass(w, &msg);
	assert_num(got.table.n_regions, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_num(got.table.regions[i].guest_addr,
			   msg.table.regions[i].guest_addr);
	for (uint32_t len = 1; len <= 8; len *= 2) {
		uint64_t *shared = (uint64_t *)(w->mem.base + 5 * PAGE);

		*shared = 0;
		vvu_driver_write(w, 5 * PAGE, len,
				 UINT64_C(0x8899aabbccddeeff));
		assert_true(*shared == UINT64_C(0x8899aabbccddeeff)
						       << (64 - 8 * len) >>
					       (64 - 8 * len));
		assert_true(vvu_driver_read(w, 5 * PAGE, len) == *shared);
	}
	expect_count(w, "regions_by_messages", 3);
	expect_count(w, "regions_direct", 0);
	expect_count(w, "reads", 4);
	expect_count(w, "writes", 4);
}

/* As vhost-user-input has them: one line of JSON for each connection. */
static void counters_are_served(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = vvu_table(w, 1, PAGE);
	char path[64], option[80], text[STATS_TEXT_MAX];

	snprintf(path, sizeof(path), "%s/stats", w->dir);
	snprintf(option, sizeof(option), "--stats-path=%s", path);
	vvu_serve(w, option);
	stats_read_at(path, text);
	assert_string_equal(text, "{\"siblings\":1,\"regions_direct\":0,"
				  "\"regions_by_messages\":0,\"reads\":0,"
				  "\"writes\":0,\"outside\":0}\n");
	vvu_pass(w, &msg);
	vvu_driver_read(w, 0, 8);
	stats_read_at(path, text);
	assert_num(stats_in(text, "regions_by_messages"), 1);
	assert_num(stats_in(text, "reads"), 1);
	vvu_expect_works(w);
}

static void memory_that_is_not_shared_reads_as_ones(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = vvu_table(w, 1, PAGE);

	vvu_serve(w, NULL);
	assert_true(vvu_driver_read(w, 0, 8) == UINT64_MAX);
	vvu_pass(w, &msg);
	w->mem.base[PAGE] = 1;
	assert_num(vvu_driver_read(w, PAGE - 1, 1), 0);
	assert_num(vvu_driver_read(w, PAGE - 1, 2), 0xffff);
	vvu_driver_write(w, PAGE, 1, 2);
	assert_num(w->mem.base[PAGE], 1);
	expect_count(w, "reads", 3);
	assert_sys(kill(w->proxy.pid, SIGUSR1));
	process_expect_log(&w->proxy, "counters: siblings=1 regions_direct=");
	process_expect_log(&w->proxy, " outside=3");
}

static void the_table_before_stays_until_the_driver_has_answered(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg one = vvu_table(w, 1, PAGE);
	struct fe_msg other = vvu_table(w, 1, PAGE);

	vvu_serve(w, NULL);
	other.table.regions[0].mmap_offset = PAGE;
	w->mem.base[0] = 1;
	w->mem.base[PAGE] = 2;
	vvu_pass(w, &one);
	vvu_pass(w, &other);
	assert_num(vvu_driver_read(w, HALF(w, 0), 1), 1);
	assert_num(vvu_driver_read(w, HALF(w, 1), 1), 2);
	vvu_expect_works(w);
	assert_num(vvu_driver_read(w, HALF(w, 0), 1), 0xff);
	assert_num(vvu_driver_read(w, HALF(w, 1), 1), 2);
}

static void the_file_of_the_memory_is_mapped(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg = vvu_table(w, 2, 4 * PAGE);
	struct fe_msg got;
	uint64_t at[VU_MEM_TABLE_MAX];
	const struct vvu_window window = { 0, 32 * GIB };

	serve_directly(w);
	assert_true(vvu_driver_map(w));
	assert_num(w->driver.direct_len, w->mem.size);
	/* As a PC has it: with a hole, and the upper part first. */
	msg.table.regions[0].mmap_offset = 8 * PAGE;
	msg.table.regions[1].mmap_offset = PAGE;
	got = vvu_pass(w, &msg);
	assert_num(vvu_place_regions(VVU_ID_PACKED, &window, &got.table, at),
		   0);
	for (uint32_t i = 0; i < got.table.n_regions; i++) {
		const struct vu_mem_region *r = &got.table.regions[i];

		for (uint32_t j = 0; j < 2; j++)
			if (r->guest_addr == msg.table.regions[j].guest_addr)
				assert_num(at[i],
					   msg.table.regions[j].mmap_offset);
	}
	w->mem.base[9 * PAGE] = 77;
	assert_num(w->driver.direct[9 * PAGE], 77);
	w->driver.direct[PAGE] = 78;
	assert_num(w->mem.base[PAGE], 78);
	expect_count(w, "regions_direct", 2);
	expect_count(w, "regions_by_messages", 0);
	expect_count(w, "reads", 0);
}

static void another_file_is_accessed_by_messages(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg = vvu_table(w, 2, 4 * PAGE);
	struct fe_msg got;
	uint64_t at[VU_MEM_TABLE_MAX];
	const struct vvu_window window = { 0, 32 * GIB };
	int other = memfd_create("other", MFD_CLOEXEC);

	assert_sys(ftruncate(other, 8 * PAGE));
	assert_num(pwrite(other, "x", 1, 4 * PAGE), 1);
	msg.fd[1] = other;
	serve_directly(w);
	got = vvu_pass(w, &msg);
	assert_num(vvu_place_regions(VVU_ID_PACKED, &window, &got.table, at),
		   0);
	for (uint32_t i = 0; i < got.table.n_regions; i++)
		if (got.table.regions[i].guest_addr ==
		    msg.table.regions[1].guest_addr)
			assert_num(vvu_driver_read(w, at[i], 1), 'x');
	expect_count(w, "regions_direct", 1);
	expect_count(w, "regions_by_messages", 1);
	expect_count(w, "reads", 1);
	close(other);
}

static void more_memory_than_there_is_room_for_names_the_option(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg = vvu_table(w, 1, 4 * PAGE);

	vvu_start(w, "--bar-size=1");
	vvu_driver_run(w);
	vvu_begin(w);
	assert_sys(ftruncate(w->mem.fd, (off_t)GIB));
	msg.table.regions[0].size = GIB;
	vvu_sibling_send_msg(w, &msg);
	process_expect_log(&w->proxy, "--bar-size");
	vvu_driver_expect_end(w);
}

/* As QEMU does with the BAR itself. */
static void maps_without_a_file_are_accepted(void **state)
{
	struct vvu_world *w = *state;

	vvu_serve(w, NULL);
	assert_num(vfio_client_map(&w->driver.vfio, 64 * GIB, 32 * GIB, 0, -1),
		   0);
	vvu_expect_works(w);
	assert_num(vfio_client_unmap(&w->driver.vfio, 64 * GIB, 32 * GIB), 0);
	vvu_expect_works(w);
}

/* Behind an IOMMU. */
static void pages_of_the_queues_come_and_go(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_memory *mem = &w->driver.mem;

	vvu_serve(w, NULL);
	assert_num(
		vfio_client_unmap(&w->driver.vfio, mem->guest_addr, mem->size),
		0);
	for (uint64_t at = 0; at < mem->size; at += PAGE)
		assert_num(vfio_client_map(&w->driver.vfio,
					   mem->guest_addr + at, PAGE, at,
					   mem->fd),
			   0);
	vvu_expect_works(w);
	for (uint64_t i = 0; i < 1000; i++) {
		const uint64_t addr = 4 * GIB + i * PAGE;

		assert_num(vfio_client_map(&w->driver.vfio, addr, PAGE, 0,
					   mem->fd),
			   0);
		assert_num(vfio_client_unmap(&w->driver.vfio, addr, PAGE), 0);
		if (i % 100 == 0)
			vvu_expect_works(w);
	}
}

/* --- lives --- */

static void a_sibling_waits_for_the_driver(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);

	vvu_start(w, NULL);
	vvu_sibling_connect(w);
	vvu_sibling_send_msg(w, &msg);
	process_expect_log(&w->proxy, "a sibling waits");
	vvu_driver_run(w);
	assert_num(vvu_driver_status(w), 0);
	vvu_driver_set_status(w, VVU_BACKEND_UP);
	vvu_driver_expect(w, VU_SET_OWNER);
	vvu_expect_works(w);
}

static void the_end_of_a_sibling_comes_behind_its_messages(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg msg = fe_msg(VU_SET_OWNER);
	const struct fe_msg table = vvu_table(w, 1, PAGE);

	vvu_serve(w, NULL);
	vvu_driver_expect_vector(w, 0);
	for (int i = 0; i < 3; i++) {
		vvu_pass(w, &table);
		for (int n = 0; n < 2 * VVU_BUFFERS; n++)
			vvu_sibling_send_msg(w, &msg);
		fe_fini(&w->sibling);
		for (int n = 0; n < 2 * VVU_BUFFERS; n++)
			vvu_driver_expect(w, VU_SET_OWNER);
		vvu_driver_expect_end(w);
		vvu_driver_expect_vector(w, 0);
		assert_num(vvu_driver_status(w), 0);
		/* Its memory is taken back. */
		assert_true(vvu_driver_read(w, HALF(w, 0), 8) == UINT64_MAX);
		assert_true(vvu_driver_read(w, HALF(w, 1), 8) == UINT64_MAX);
		/* An answer that comes too late is the next one's no more. */
		vvu_driver_answer(w, VU_GET_FEATURES, 5);
		vvu_begin(w);
		vvu_expect_works(w);
		vvu_driver_expect_vector(w, 0);
	}
}

static void a_driver_that_resets_ends_the_session(void **state)
{
	struct vvu_world *w = *state;
	const struct fe_msg table = vvu_table(w, 1, PAGE);

	vvu_serve(w, NULL);
	for (int i = 0; i < 3; i++) {
		struct fe_msg msg;

		vvu_pass(w, &table);
		vvu_driver_restart(w);
		assert_rc(fe_recv(&w->sibling, &msg), FE_E_CLOSED);
		assert_num(vvu_driver_status(w), 0);
		assert_true(vvu_driver_read(w, HALF(w, 0), 8) == UINT64_MAX);
		vvu_begin(w);
		vvu_expect_works(w);
	}
}

static void a_driver_that_steps_down_ends_the_session(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg;

	vvu_serve(w, NULL);
	for (int i = 0; i < 3; i++) {
		vvu_expect_works(w);
		vvu_driver_set_status(w, 0);
		assert_rc(fe_recv(&w->sibling, &msg), FE_E_CLOSED);
		vvu_driver_expect_nothing(w);
		vvu_begin(w);
	}
	vvu_expect_works(w);
}

static void a_vmm_that_goes_or_resets_ends_the_session(void **state)
{
	struct vvu_world *w = *state;
	struct fe_msg msg;

	vvu_serve(w, NULL);
	for (int i = 0; i < 4; i++) {
		vvu_expect_works(w);
		if (i % 2)
			assert_num(vfio_client_ask(&w->driver.vfio,
						   VFU_DEVICE_RESET, 0, NULL,
						   0),
				   0);
		vvu_driver_end(w);
		assert_rc(fe_recv(&w->sibling, &msg), FE_E_CLOSED);
		vvu_driver_run(w);
		vvu_begin(w);
	}
	vvu_expect_works(w);
}

#define test(f) cmocka_unit_test_setup_teardown(f, vvu_setup, vvu_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(it_is_a_vvu_device),
		test(messages_go_both_ways),
		test(messages_wait_for_buffers),
		test(features_that_need_other_fds_are_hidden),
		test(the_channel_shares_the_queues),
		test(kicks_interrupt_and_doorbells_call),
		test(the_driver_is_told_of_no_error_fd),
		test(memory_is_accessed_by_messages),
		test(counters_are_served),
		test(memory_that_is_not_shared_reads_as_ones),
		test(the_table_before_stays_until_the_driver_has_answered),
		test(the_file_of_the_memory_is_mapped),
		test(another_file_is_accessed_by_messages),
		test(more_memory_than_there_is_room_for_names_the_option),
		test(maps_without_a_file_are_accepted),
		test(pages_of_the_queues_come_and_go),
		test(a_sibling_waits_for_the_driver),
		test(the_end_of_a_sibling_comes_behind_its_messages),
		test(a_driver_that_resets_ends_the_session),
		test(a_driver_that_steps_down_ends_the_session),
		test(a_vmm_that_goes_or_resets_ends_the_session),
	};

	return cmocka_run_group_tests_name("vvu-proxy", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest memory: tables and single regions, mmap offsets, regions that are added
 * and removed while rings run, what is rejected, and files that shrink under
 * the server.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/rig.h"

#define PAGE 4096
#define FAR  UINT64_C(0x9000000000)

/* A region beside the one that holds the rings. */
static struct vu_mem_region region_at(uint64_t at, uint64_t size)
{
	return (struct vu_mem_region){ .guest_addr = at,
				       .size = size,
				       .user_addr = FAR + at };
}

static struct fe_msg single(uint32_t request, struct vu_mem_region region,
			    int fd)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(msg.region);
	msg.region.region = region;
	msg.fd[0] = fd;
	msg.n_fds = fd >= 0;
	return msg;
}

static int make_memfd(off_t size)
{
	int fd = memfd_create("region", MFD_CLOEXEC);

	assert_sys(fd);
	assert_sys(ftruncate(fd, size));
	return fd;
}

static void type_a_and_b(struct rig *rig)
{
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), SYN, KEY(KEY_A, 0),
	       KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_B, 1), SYN, KEY(KEY_A, 0),
	       KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void set_mem_table_shares_memory(void **state)
{
	struct rig *rig = *state;

	rig->fe.mem_table = true;
	rig_run(rig, "keyboard", 16);
	type_a_and_b(rig);
}

static void add_mem_reg_shares_memory(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	type_a_and_b(rig);
}

/*
 * The rings' memory begins inside the file, and the given message shares it
 * with the offset.
 */
static void with_offset(struct rig *rig, uint64_t offset, uint32_t request)
{
	struct frontend *fe = &rig->fe;
	struct fe_msg msg;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	int fd = make_memfd((off_t)(offset + fe->mem.size));
	assert_num(pwrite(fd, fe->mem.base, fe->mem.size, (off_t)offset),
		   (long long)fe->mem.size);
	/* Any offset that is a multiple of the page size works here. */
	assert_ptr_equal(mmap(fe->mem.base, fe->mem.size,
			      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
			      fd, (off_t)offset),
			 fe->mem.base);
	struct vu_mem_region region = { fe->mem.guest_addr, fe->mem.size,
					fe->mem.user_addr, offset };
	if (request == VU_ADD_MEM_REG) {
		msg = single(request, region, fd);
	} else {
		msg = fe_msg(VU_SET_MEM_TABLE);
		msg.hdr.size = 8 + sizeof(region);
		msg.table.n_regions = 1;
		msg.table.regions[0] = region;
		msg.fd[0] = fd;
		msg.n_fds = 1;
	}
	assert_ok(fe_set_features(fe));
	assert_ok(fe_request(fe, &msg));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(fe, i));
	close(fd);
	type_a_and_b(rig);
}

static void add_mem_reg_heeds_the_mmap_offset(void **state)
{
	with_offset(*state, 16 * PAGE, VU_ADD_MEM_REG);
}

static void set_mem_table_heeds_the_mmap_offset(void **state)
{
	with_offset(*state, 16 * PAGE, VU_SET_MEM_TABLE);
}

/* Offsets need not be multiples of the page size. */
static void an_offset_inside_of_a_page_is_heeded(void **state)
{
	struct rig *rig = *state;
	struct frontend *fe = &rig->fe;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(fe));
	assert_ok(fe_memory_init(&fe->mem, 4 * PAGE));
	assert_non_null(fe_memory_alloc(&fe->mem, 512, 16)); /* not shared */
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_make_ring(fe, i, 16));
	fe_post_buffers(fe, 16);
	struct vu_mem_region region = { fe->mem.guest_addr + 512,
					fe->mem.size - 512,
					fe->mem.user_addr + 512, 512 };
	struct fe_msg msg = single(VU_ADD_MEM_REG, region, fe->mem.fd);
	assert_ok(fe_set_features(fe));
	assert_ok(fe_request(fe, &msg));
	for (unsigned int i = 0; i < FE_QUEUES; i++)
		assert_ok(fe_begin_queue(fe, i));
	type_a_and_b(rig);
}

/* QEMU: the table grows when a device is plugged in, rings still running. */
static void set_mem_table_while_rings_run_keeps_them(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);
	int other = make_memfd(PAGE);

	rig->fe.mem_table = true;
	rig_run(rig, "keyboard", 16);
	type_a_and_b(rig);
	msg.hdr.size = 8 + 2 * sizeof(struct vu_mem_region);
	msg.table.n_regions = 2;
	msg.table.regions[0] = region_at(0, PAGE);
	msg.table.regions[1] =
		(struct vu_mem_region){ rig->fe.mem.guest_addr,
					rig->fe.mem.size, rig->fe.mem.user_addr,
					0 };
	msg.fd[0] = other;
	msg.fd[1] = rig->fe.mem.fd;
	msg.n_fds = 2;
	assert_ok(fe_request(&rig->fe, &msg));
	close(other);
	type_a_and_b(rig);
}

static void set_mem_table_takes_8_regions(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	msg.hdr.size = sizeof(msg.table);
	msg.table.n_regions = 8;
	for (unsigned int i = 0; i < 8; i++) {
		msg.table.regions[i] = region_at(i * PAGE, PAGE);
		msg.fd[i] = rig->fe.mem.fd;
	}
	msg.n_fds = 8;
	assert_ok(fe_request(&rig->fe, &msg));
}

static void regions_come_and_go_while_rings_run(void **state)
{
	struct rig *rig = *state;
	int fd = make_memfd(32 * PAGE);

	rig_run(rig, "keyboard", 16);
	for (uint64_t i = 0; i < 31; i++) {
		struct vu_mem_region r = region_at(i * PAGE, PAGE);
		struct fe_msg add = single(VU_ADD_MEM_REG, r, fd);

		r.mmap_offset = i * PAGE;
		assert_ok(fe_request(&rig->fe, &add));
		inject(rig, KEY(KEY_A, (i + 1) % 2), SYN);
		expect(rig, KEY(KEY_A, (i + 1) % 2), SYN);
	}
	for (uint64_t i = 0; i < 31; i++) {
		struct fe_msg rem =
			single(VU_REM_MEM_REG, region_at(i * PAGE, PAGE), -1);

		assert_ok(fe_request(&rig->fe, &rem));
		inject(rig, KEY(KEY_B, (i + 1) % 2), SYN);
		expect(rig, KEY(KEY_B, (i + 1) % 2), SYN);
	}
	close(fd);
	rig_expect_nothing(rig);
}

/* A buffer may be in a region that was added after the rings had started. */
static void a_buffer_in_a_new_region_is_written(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	int fd = make_memfd(PAGE);
	struct vi_event ev;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	assert_ok(fe_start(&rig->fe));
	struct fe_msg add =
		single(VU_ADD_MEM_REG, region_at(8 * PAGE, PAGE), fd);
	assert_ok(fe_request(&rig->fe, &add));
	for (uint16_t i = 0; i < 2; i++) {
		ring->desc[i] = (struct vring_desc){
			.addr = 8 * PAGE + i * 8,
			.len = 8,
			.flags = VRING_DESC_F_WRITE,
		};
		fe_ring_post(ring, i);
	}
	fe_ring_publish_and_kick(ring);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_num(pread(fd, &ev, sizeof(ev), 0), sizeof(ev));
	assert_num(vi_code(&ev), KEY_A);
	close(fd);
}

/* Adjacent in the guest, apart here: as RAM below and above 4 GiB can be. */
static void a_buffer_across_two_regions_is_written(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	int fd[2] = { make_memfd(PAGE), make_memfd(PAGE) };
	uint8_t bytes[8];

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	for (uint64_t i = 0; i < 2; i++) {
		struct fe_msg add = single(VU_ADD_MEM_REG,
					   region_at(i * PAGE, PAGE), fd[i]);

		add.region.region.user_addr = FAR + i * 16 * PAGE;
		assert_ok(fe_request(&rig->fe, &add));
	}
	assert_ok(fe_start(&rig->fe));
	ring->desc[0] = (struct vring_desc){ .addr = PAGE - 3,
					     .len = 8,
					     .flags = VRING_DESC_F_WRITE };
	fe_ring_set_buffer(ring, &rig->fe.mem, 1, VRING_DESC_F_WRITE);
	fe_ring_post(ring, 0);
	fe_ring_post(ring, 1);
	fe_ring_publish_and_kick(ring);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 2);
	assert_num(pread(fd[0], bytes, 3, PAGE - 3), 3);
	assert_num(pread(fd[1], bytes + 3, 5, 0), 5);
	const struct vi_event ev = KEY(KEY_A, 1);
	assert_memory_equal(bytes, &ev, sizeof(ev));
	close(fd[0]);
	close(fd[1]);
}

/* One rule each; the fd is a memfd of 4 pages unless noted. */
struct bad_region {
	const char *name;
	struct vu_mem_region region;
	int (*open)(void);
};

static int open_dir(void)
{
	return open("/", O_RDONLY | O_CLOEXEC);
}

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int open_pipe(void)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	close(fd[1]);
	return fd[0];
}

static int open_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int open_read_only(void)
{
	return open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

#define RINGS_GUEST FE_GUEST_BASE
#define RINGS_USER  FE_USER_BASE

static const struct bad_region bad_regions[] = {
	{ "region_of_0_bytes_is_rejected", { 0, 0, FAR, 0 }, NULL },
	{ "region_larger_than_its_file_is_rejected",
	  { 0, 5 * PAGE, FAR, 0 },
	  NULL },
	{ "region_past_the_end_of_its_file_is_rejected",
	  { 0, 2 * PAGE, FAR, 3 * PAGE },
	  NULL },
	{ "region_whose_offset_wraps_is_rejected",
	  { 0, 4 * PAGE, FAR, UINT64_MAX - PAGE + 1 },
	  NULL },
	{ "region_whose_guest_address_wraps_is_rejected",
	  { UINT64_MAX - PAGE + 1, 2 * PAGE, FAR, 0 },
	  NULL },
	{ "region_whose_user_address_wraps_is_rejected",
	  { 0, 2 * PAGE, UINT64_MAX - PAGE + 1, 0 },
	  NULL },
	{ "region_of_2_63_bytes_is_rejected",
	  { 0, UINT64_C(1) << 63, FAR, 0 },
	  NULL },
	{ "region_that_overlaps_guest_addresses_is_rejected",
	  { RINGS_GUEST, PAGE, FAR, 0 },
	  NULL },
	{ "region_that_overlaps_user_addresses_is_rejected",
	  { 0, PAGE, RINGS_USER, 0 },
	  NULL },
	{ "region_of_a_directory_is_rejected", { 0, PAGE, FAR, 0 }, open_dir },
	{ "region_of_a_null_device_is_rejected",
	  { 0, PAGE, FAR, 0 },
	  open_null },
	{ "region_of_a_pipe_is_rejected", { 0, PAGE, FAR, 0 }, open_pipe },
	{ "region_of_a_socket_is_rejected", { 0, PAGE, FAR, 0 }, open_socket },
	{ "region_of_a_read_only_file_is_rejected",
	  { 0, PAGE, FAR, 0 },
	  open_read_only },
};

static void add_mem_reg_rejects(void **state)
{
	struct rig *rig = *state;
	const struct bad_region *row = rig->row;
	int fd = row->open ? row->open() : make_memfd(4 * PAGE);

	assert_sys(fd);
	rig_run(rig, "keyboard", 16);
	struct fe_msg msg = single(VU_ADD_MEM_REG, row->region, fd);
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	close(fd);
	rig_expect_violation(rig, "ADD_MEM_REG: ");
	rig_expect_serves(rig);
}

static void more_regions_than_slots_are_rejected(void **state)
{
	struct rig *rig = *state;
	struct fe_msg slots = fe_msg(VU_GET_MAX_MEM_SLOTS);
	int fd = make_memfd(PAGE), rc = 0;
	uint64_t n = 0;

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_query(&rig->fe, &slots, 8));
	for (; n < slots.u64 + 1 && !rc; n++) {
		struct fe_msg add =
			single(VU_ADD_MEM_REG, region_at(n * PAGE, PAGE), fd);

		rc = fe_request(&rig->fe, &add);
	}
	close(fd);
	assert_rc(rc, FE_E_REFUSED);
	assert_num(n, (long long)slots.u64 + 1);
	rig_expect_violation(rig, "ADD_MEM_REG: ");
	rig_expect_serves(rig);
}

static void rem_mem_reg_rejects_an_unknown_region(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg =
		single(VU_REM_MEM_REG, region_at(16 * PAGE, PAGE), -1);

	rig_run(rig, "keyboard", 16);
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	rig_expect_violation(rig, "REM_MEM_REG: ");
	rig_expect_serves(rig);
}

static void rem_mem_reg_under_a_running_ring_is_rejected(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	struct vu_mem_region rings = { rig->fe.mem.guest_addr, rig->fe.mem.size,
				       rig->fe.mem.user_addr, 0 };
	struct fe_msg msg = single(VU_REM_MEM_REG, rings, -1);
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	rig_expect_violation(rig, "REM_MEM_REG: ");
	rig_expect_serves(rig);
}

static void set_mem_table_of_9_regions_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	msg.hdr.size = sizeof(msg.table);
	msg.table.n_regions = 9;
	assert_ok(fe_send(&rig->fe, &msg));
	rig_expect_violation(rig, "SET_MEM_TABLE: ");
	rig_expect_serves(rig);
}

static void set_mem_table_without_the_rings_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct fe_msg msg = fe_msg(VU_SET_MEM_TABLE);

	rig_run(rig, "keyboard", 16);
	msg.hdr.size = 8;
	assert_rc(fe_request(&rig->fe, &msg), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_MEM_TABLE: ");
	rig_expect_serves(rig);
}

static void queue_whose_memory_was_never_shared_is_rejected(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	assert_ok(fe_set_features(&rig->fe));
	assert_rc(fe_begin_queue(&rig->fe, 0), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_");
	rig_expect_serves(rig);
}

/* The size of the descriptor table counts, not only its start. */
static void ring_over_the_end_of_memory_is_rejected(void **state)
{
	struct rig *rig = *state;
	struct fe_memory *mem = &rig->fe.mem;

	rig_serve(rig, "keyboard");
	rig_prepare(rig, 16);
	rig->fe.ring[0].desc_area = mem->base + mem->size - 240;
	assert_ok(fe_set_features(&rig->fe));
	assert_ok(fe_share_memory(&rig->fe));
	assert_rc(fe_begin_queue(&rig->fe, 0), FE_E_REFUSED);
	rig_expect_violation(rig, "SET_VRING_");
	rig_expect_serves(rig);
}

/* Every access is a SIGBUS then. The session ends, the process does not. */
static void memory_truncated_under_the_server_ends_the_session(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	assert_sys(ftruncate(rig->fe.mem.fd, 0));
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_violation(rig, "");
	inject(rig, KEY(KEY_A, 0), SYN);
	rig_wait_read(rig->inject[0]);
	rig_expect_serves(rig);
}

static void memory_truncated_before_a_kick_ends_the_session(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", 16);
	assert_sys(ftruncate(rig->fe.mem.fd, 0));
	fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
	rig_expect_violation(rig, "");
	rig_expect_serves(rig);
}

/* Only the buffers' page is missing. */
static void truncated_buffers_end_the_session(void **state)
{
	struct rig *rig = *state;
	struct fe_ring *ring = &rig->fe.ring[FE_EVENTQ];
	int fd = make_memfd(PAGE);

	rig_serve(rig, "keyboard");
	rig_connect(rig);
	assert_ok(fe_negotiate(&rig->fe));
	assert_ok(fe_make_rings(&rig->fe, 16));
	assert_ok(fe_start(&rig->fe));
	struct fe_msg add = single(VU_ADD_MEM_REG, region_at(0, PAGE), fd);
	assert_ok(fe_request(&rig->fe, &add));
	for (uint16_t i = 0; i < 2; i++) {
		ring->desc[i] = (struct vring_desc){
			.addr = i * 8, .len = 8, .flags = VRING_DESC_F_WRITE
		};
		fe_ring_post(ring, i);
	}
	fe_ring_publish_and_kick(ring);
	assert_sys(ftruncate(fd, 0));
	close(fd);
	inject(rig, KEY(KEY_A, 1), SYN);
	rig_expect_violation(rig, "");
	rig_run(rig, NULL, 16);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

static const struct CMUnitTest plain[] = {
	T(set_mem_table_shares_memory),
	T(add_mem_reg_shares_memory),
	T(add_mem_reg_heeds_the_mmap_offset),
	T(set_mem_table_heeds_the_mmap_offset),
	T(an_offset_inside_of_a_page_is_heeded),
	T(set_mem_table_while_rings_run_keeps_them),
	T(set_mem_table_takes_8_regions),
	T(regions_come_and_go_while_rings_run),
	T(a_buffer_in_a_new_region_is_written),
	T(a_buffer_across_two_regions_is_written),
	T(more_regions_than_slots_are_rejected),
	T(rem_mem_reg_rejects_an_unknown_region),
	T(rem_mem_reg_under_a_running_ring_is_rejected),
	T(set_mem_table_of_9_regions_is_rejected),
	T(set_mem_table_without_the_rings_is_rejected),
	T(queue_whose_memory_was_never_shared_is_rejected),
	T(ring_over_the_end_of_memory_is_rejected),
	T(memory_truncated_under_the_server_ends_the_session),
	T(memory_truncated_before_a_kick_ends_the_session),
	T(truncated_buffers_end_the_session),
};

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(bad_regions)];

	memcpy(tests, plain, sizeof(plain));
	CASES(tests + ARRAY_LEN(plain), bad_regions, T(add_mem_reg_rejects));
	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}

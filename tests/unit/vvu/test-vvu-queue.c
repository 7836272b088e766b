/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A queue of a VVU device in the memory of its VM, of which the device finds
 * what it needs when it needs it. The driver is made of plain stores into files
 * that it maps at addresses of its choice:
 *
 *	RING	descriptors, available, used	DATA	buffers
 */
#include <endian.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "injector/vfio-user/vfu-wire.h"
#include "injector/vvu/vvu-queue.h"
#include "input/ring/vring.h"
#include "input/vhost-user/vhost-user-wire.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define PAGE	  4096
#define NUM	  4
#define RING	  UINT64_C(0x100000)
#define AVAIL	  (RING + 0x100)
#define USED	  (RING + 0x200)
#define DATA	  UINT64_C(0x900000)
#define RW	  (VFU_DMA_READABLE | VFU_DMA_WRITEABLE)
#define BIT(name) (UINT64_C(1) << (name))

struct desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

static struct vfu_dma dma;
static struct vvu_guest guest;
static struct vvu_queue q;
static uint8_t *memory[2]; /* the ring's page; two pages of data */
static int file[2];

static void drop(void *arg, int fd)
{
	close(fd);
}

/* Map a page of file i. */
static void map(unsigned int i, uint64_t addr, uint64_t offset, uint32_t access)
{
	const struct vfu_map m = {
		.addr = addr, .size = PAGE, .offset = offset, .access = access
	};
	const struct vfu_file_id id = { 1, i, 2 * PAGE };

	assert_num(vfu_dma_map(&dma, &m, dup(file[i]), &id), 0);
}

static void unmap(uint64_t addr)
{
	assert_num(vfu_dma_unmap(&dma, addr, PAGE), 0);
	vvu_guest_unmapped(&guest, addr, addr + PAGE - 1);
}

static void start(uint64_t features, bool enabled)
{
	const struct virtio_pci_queue from = { .size = NUM,
					       .enabled = enabled,
					       .desc = RING,
					       .driver = AVAIL,
					       .device = USED };

	fill_with_garbage(&q);
	vvu_queue_start(&q, &guest, &from, features);
}

static int setup(void **state)
{
	vfu_dma_init(&dma, drop, NULL);
	fill_with_garbage(&guest);
	assert_ok(vvu_guest_init(&guest, &dma));
	for (unsigned int i = 0; i < 2; i++) {
		file[i] = memfd_create("guest", MFD_CLOEXEC);
		assert_sys(ftruncate(file[i], 2 * PAGE));
		memory[i] = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
				 MAP_SHARED, file[i], 0);
		assert_true(memory[i] != MAP_FAILED);
	}
	map(0, RING, 0, RW);
	map(1, DATA, 0, RW);
	start(0, true);
	return 0;
}

static int teardown(void **state)
{
	vvu_guest_fini(&guest);
	vvu_guest_fini(&guest);
	vfu_dma_fini(&dma);
	for (unsigned int i = 0; i < 2; i++) {
		munmap(memory[i], 2 * PAGE);
		close(file[i]);
	}
	return 0;
}

static uint16_t *word(uint64_t at)
{
	return (uint16_t *)(void *)(memory[0] + (at - RING));
}

static void offer(uint64_t addr, uint32_t len, uint16_t flags)
{
	const uint16_t idx = le16toh(*word(AVAIL + 2)), i = idx % NUM;
	const struct desc desc = { htole64(addr), htole32(len), htole16(flags),
				   0 };

	memcpy(memory[0] + i * sizeof(desc), &desc, sizeof(desc));
	*word(AVAIL + 4 + 2 * (uint64_t)i) = htole16(i);
	*word(AVAIL + 2) = htole16(idx + 1);
}

static uint16_t used(void)
{
	return le16toh(*word(USED + 2));
}

#define WRITE 2 /* VRING_DESC_F_WRITE */

static void expect_written(const char *text)
{
	assert_num(vvu_queue_write(&q, text, 8), VVU_QUEUE_DONE);
}

static void expect_broken(enum vvu_queue_result result, int error)
{
	assert_num(result, VVU_QUEUE_BROKEN);
	assert_string_equal(q.why, vring_strerror(error));
	/* Until it is started anew. */
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_EMPTY);
	assert_false(vvu_queue_publish(&q));
}

static void a_queue_that_is_not_enabled_rests(void **state)
{
	offer(DATA, 8, WRITE);
	start(0, false);
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_EMPTY);
	assert_num(vvu_queue_write(&q, "12345678", 8), VVU_QUEUE_EMPTY);
	assert_false(vvu_queue_publish(&q));
}

static void buffers_are_written_and_shown(void **state)
{
	offer(DATA + 8, 8, WRITE);
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_READY);
	assert_num(le16toh(*word(USED)), 1); /* VRING_USED_F_NO_NOTIFY */
	expect_written("12345678");
	assert_memory_equal(memory[1] + 8, "12345678", 8);
	assert_num(used(), 0);
	assert_true(vvu_queue_publish(&q));
	assert_num(used(), 1);
	assert_false(vvu_queue_publish(&q));
	assert_num(vvu_queue_write(&q, "12345678", 8), VVU_QUEUE_EMPTY);
}

static void buffers_are_read(void **state)
{
	char got[16] = "................";
	uint32_t len;

	memcpy(memory[1], "abcdefgh", 8);
	offer(DATA, 8, 0);
	assert_num(vvu_queue_read(&q, got, 6, &len), VVU_QUEUE_DONE);
	assert_num(len, 6);
	assert_memory_equal(got, "abcdef..", 8);
	assert_num(vvu_queue_read(&q, got, 6, &len), VVU_QUEUE_EMPTY);
}

static void a_driver_notifies_when_there_is_none(void **state)
{
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_EMPTY);
	assert_num(le16toh(*word(USED)), 0);
	offer(DATA, 8, WRITE);
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_READY);
}

static void the_layout_is_the_one_that_was_accepted(void **state)
{
	static const struct {
		uint64_t feature;
		bool packed, event_idx, indirect;
	} rows[] = {
		{ 0, false, false, false },
		{ BIT(VIRTIO_F_RING_PACKED), true, false, false },
		{ BIT(VIRTIO_F_EVENT_IDX), false, true, false },
		{ BIT(VIRTIO_F_INDIRECT_DESC), false, false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(rows[i].feature, true);
		assert_num(q.vring.packed, rows[i].packed);
		assert_num(q.vring.event_idx, rows[i].event_idx);
		assert_num(q.vring.indirect, rows[i].indirect);
		assert_num(q.vring.num, NUM);
	}
}

static void a_packed_ring_begins_at_its_start(void **state)
{
	const struct {
		uint64_t addr;
		uint32_t len;
		uint16_t id, flags;
	} slot = { htole64(DATA), htole32(8), 0, htole16(WRITE | 1 << 7) };

	start(BIT(VIRTIO_F_RING_PACKED), true);
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_EMPTY);
	memcpy(memory[0], &slot, sizeof(slot));
	expect_written("12345678");
	assert_memory_equal(memory[1], "12345678", 8);
	assert_true(vvu_queue_publish(&q));
}

static void a_ring_that_is_misaligned_breaks_the_queue(void **state)
{
	for (int i = 0; i < 3; i++) {
		struct virtio_pci_queue from = { .size = NUM,
						 .enabled = true,
						 .desc = RING,
						 .driver = AVAIL,
						 .device = USED };

		*(i == 0   ? &from.desc
		  : i == 1 ? &from.driver
			   : &from.device) += i == 0 ? 8 : 1;
		vvu_queue_start(&q, &guest, &from, 0);
		expect_broken(vvu_queue_ready(&q), VRING_E_OUTSIDE);
	}
}

static void a_ring_that_is_not_mapped_breaks_the_queue(void **state)
{
	unmap(RING);
	expect_broken(vvu_queue_ready(&q), VRING_E_OUTSIDE);
	map(0, RING, 0, VFU_DMA_READABLE);
	start(0, true);
	expect_broken(vvu_queue_ready(&q), VRING_E_OUTSIDE);
}

static void a_buffer_that_is_not_mapped_breaks_the_queue(void **state)
{
	char got[8];
	uint32_t len;

	offer(DATA + PAGE - 4, 8, WRITE);
	expect_broken(vvu_queue_write(&q, "12345678", 8), VRING_E_OUTSIDE);
	start(0, true);
	*word(AVAIL + 2) = 0;
	offer(DATA + PAGE, 8, 0);
	expect_broken(vvu_queue_read(&q, got, 8, &len), VRING_E_OUTSIDE);
}

static void a_buffer_that_is_too_short_breaks_the_queue(void **state)
{
	offer(DATA, 7, WRITE);
	expect_broken(vvu_queue_write(&q, "12345678", 8), VRING_E_SHORT);
}

static void an_index_that_jumps_breaks_the_queue(void **state)
{
	*word(AVAIL + 2) = htole16(NUM + 1);
	expect_broken(vvu_queue_ready(&q), VRING_E_AVAIL);
}

/* Of two files, in the order in which they are mapped. */
static void a_buffer_lies_in_any_pages(void **state)
{
	map(0, DATA + PAGE, PAGE, RW);
	offer(DATA + PAGE - 4, 8, WRITE);
	expect_written("abcdefgh");
	assert_memory_equal(memory[1] + PAGE - 4, "abcd", 4);
	assert_memory_equal(memory[0] + PAGE, "efgh", 4);
}

static void what_may_only_be_read_is_not_written(void **state)
{
	char got[8];
	uint32_t len;

	unmap(DATA);
	map(1, DATA, 0, VFU_DMA_READABLE);
	offer(DATA, 8, 0);
	assert_num(vvu_queue_read(&q, got, 8, &len), VVU_QUEUE_DONE);
	offer(DATA, 8, WRITE);
	expect_broken(vvu_queue_write(&q, "12345678", 8), VRING_E_OUTSIDE);
}

static void the_position_remains_where_memory_is_mapped_anew(void **state)
{
	offer(DATA, 8, WRITE);
	offer(DATA, 8, WRITE);
	expect_written("first___");
	unmap(DATA);
	unmap(RING);
	map(1, DATA, PAGE, RW);
	map(0, RING, 0, RW);
	/* What was used before is shown in it. */
	assert_true(vvu_queue_publish(&q));
	assert_num(used(), 1);
	expect_written("second__");
	assert_memory_equal(memory[1], "first___", 8);
	assert_memory_equal(memory[1] + PAGE, "second__", 8);
	assert_true(vvu_queue_publish(&q));
	assert_num(used(), 2);
}

static void a_ring_whose_memory_is_gone_shows_nothing(void **state)
{
	offer(DATA, 8, WRITE);
	expect_written("12345678");
	unmap(RING);
	assert_false(vvu_queue_publish(&q));
	expect_broken(vvu_queue_ready(&q), VRING_E_OUTSIDE);
}

static void a_queue_that_stopped_rests(void **state)
{
	offer(DATA, 8, WRITE);
	expect_written("12345678");
	vvu_queue_stop(&q);
	vvu_queue_stop(&q);
	assert_false(vvu_queue_publish(&q));
	assert_num(vvu_queue_ready(&q), VVU_QUEUE_EMPTY);
	assert_num(used(), 0);
}

/* --- its guest --- */

static void memory_is_forgotten_with_its_file(void **state)
{
	offer(DATA, 8, WRITE);
	expect_written("12345678");
	assert_num(guest.mem.n, 2);
	unmap(DATA);
	assert_num(guest.mem.n, 1);
	unmap(RING);
	assert_num(guest.mem.n, 0);
}

static void all_memory_is_found_again_when_it_is_used(void **state)
{
	const unsigned int before = guest.changes;

	offer(DATA, 8, WRITE);
	offer(DATA, 8, WRITE);
	expect_written("first___");
	vvu_guest_clear(&guest);
	assert_num(guest.mem.n, 0);
	assert_true(guest.changes != before);
	expect_written("second__");
	assert_memory_equal(memory[1], "second__", 8);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_queue_that_is_not_enabled_rests),
		test(buffers_are_written_and_shown),
		test(buffers_are_read),
		test(a_driver_notifies_when_there_is_none),
		test(the_layout_is_the_one_that_was_accepted),
		test(a_packed_ring_begins_at_its_start),
		test(a_ring_that_is_misaligned_breaks_the_queue),
		test(a_ring_that_is_not_mapped_breaks_the_queue),
		test(a_buffer_that_is_not_mapped_breaks_the_queue),
		test(a_buffer_that_is_too_short_breaks_the_queue),
		test(an_index_that_jumps_breaks_the_queue),
		test(a_buffer_lies_in_any_pages),
		test(what_may_only_be_read_is_not_written),
		test(the_position_remains_where_memory_is_mapped_anew),
		test(a_ring_whose_memory_is_gone_shows_nothing),
		test(a_queue_that_stopped_rests),
		test(memory_is_forgotten_with_its_file),
		test(all_memory_is_found_again_when_it_is_used),
	};

	return cmocka_run_group_tests_name("vvu-queue", tests, NULL, NULL);
}

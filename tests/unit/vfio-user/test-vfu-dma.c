/* SPDX-License-Identifier: Apache-2.0 */
/* What a client maps and unmaps; fds are numbers here. */
#include <errno.h>
#include <string.h>
#include "injector/vfio-user/vfu-dma.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define PAGE	4096
#define FDS_MAX 80
#define CYCLES	10000
#define RAM	((struct vfu_file_id){ 1, 100, 1024 * PAGE })
#define OTHER	((struct vfu_file_id){ 1, 101, 16 * PAGE })

static struct vfu_dma d;
static bool is_open[FDS_MAX];
static int drops;

static void drop(void *arg, int fd)
{
	assert_true(is_open[fd]);
	is_open[fd] = false;
	drops++;
}

static int setup(void **state)
{
	memset(is_open, 0, sizeof(is_open));
	drops = 0;
	fill_with_garbage(&d);
	vfu_dma_init(&d, drop, NULL);
	return 0;
}

static int teardown(void **state)
{
	vfu_dma_fini(&d);
	for (int i = 0; i < FDS_MAX; i++)
		if (is_open[i])
			return -1;
	return 0;
}

static int new_fd(void)
{
	for (int i = 0; i < FDS_MAX; i++)
		if (!is_open[i]) {
			is_open[i] = true;
			return i;
		}
	fail_msg("no fd is free");
	return -1;
}

static int map(uint64_t addr, uint64_t size, uint64_t offset,
	       struct vfu_file_id id)
{
	const struct vfu_map m = { .addr = addr,
				   .size = size,
				   .offset = offset };

	return vfu_dma_map(&d, &m, new_fd(), &id);
}

static int map_unshared(uint64_t addr, uint64_t size)
{
	const struct vfu_map m = { .addr = addr, .size = size };

	return vfu_dma_map(&d, &m, -1, NULL);
}

static void a_map_is_found_by_each_of_its_addresses(void **state)
{
	assert_num(map(2 * PAGE, PAGE, 7 * PAGE, RAM), 0);
	assert_null(vfu_dma_find(&d, 2 * PAGE - 1));
	assert_non_null(vfu_dma_find(&d, 2 * PAGE));
	assert_num(vfu_dma_find(&d, 3 * PAGE - 1)->offset, 7 * PAGE);
	assert_null(vfu_dma_find(&d, 3 * PAGE));
}

static void maps_may_touch_and_not_overlap(void **state)
{
	assert_num(map(2 * PAGE, 2 * PAGE, 0, RAM), 0);
	assert_num(map(0, 2 * PAGE, 0, RAM), 0);
	assert_num(map(4 * PAGE, PAGE, 0, RAM), 0);
	assert_num(map(0, PAGE, 0, RAM), EEXIST);
	assert_num(map(3 * PAGE, PAGE, 0, RAM), EEXIST);
	assert_num(map(PAGE, 8 * PAGE, 0, RAM), EEXIST);
	assert_num(d.n, 3);
}

static void a_map_ends_within_its_file(void **state)
{
	assert_num(map(0, 16 * PAGE, 0, OTHER), 0);
	assert_num(map(1 << 20, 16 * PAGE, 1, OTHER), EINVAL);
	assert_num(map(1 << 20, PAGE, UINT64_MAX, OTHER), EINVAL);
}

static void a_map_ends_within_64_bits(void **state)
{
	assert_num(map_unshared(-(uint64_t)PAGE, PAGE), 0);
	assert_num(map_unshared(-(uint64_t)2 * PAGE, 3 * PAGE), EINVAL);
	assert_num(map_unshared(0, 0), EINVAL);
	assert_non_null(vfu_dma_find(&d, UINT64_MAX));
}

static void a_file_is_kept_once(void **state)
{
	assert_num(map(0, PAGE, 0, RAM), 0);
	assert_num(map(PAGE, PAGE, PAGE, RAM), 0);
	assert_num(drops, 1);
	assert_ptr_equal(d.map[0].file, d.map[1].file);
	assert_num(map(2 * PAGE, PAGE, 0, OTHER), 0);
	assert_true(d.map[2].file != d.map[0].file);
	assert_num(vfu_dma_unmap(&d, 0, PAGE), 0);
	assert_num(drops, 1);
	assert_num(vfu_dma_unmap(&d, PAGE, PAGE), 0);
	assert_num(drops, 2);
}

static void memory_without_a_file_is_mapped_too(void **state)
{
	assert_num(map_unshared(0, PAGE), 0);
	assert_null(vfu_dma_find(&d, 0)->file);
	assert_num(map(0, PAGE, 0, RAM), EEXIST);
}

static void what_lies_in_a_range_is_unmapped(void **state)
{
	for (uint64_t i = 0; i < 4; i++)
		assert_num(map(2 * i * PAGE, PAGE, 0, RAM), 0);
	assert_num(vfu_dma_unmap(&d, PAGE, 4 * PAGE), 0);
	assert_num(d.n, 2);
	assert_non_null(vfu_dma_find(&d, 0));
	assert_null(vfu_dma_find(&d, 2 * PAGE));
	assert_null(vfu_dma_find(&d, 4 * PAGE));
	assert_non_null(vfu_dma_find(&d, 6 * PAGE));
	/* All of 64 bits, in the halves that a size can say. */
	assert_num(vfu_dma_unmap(&d, 0, UINT64_C(1) << 63), 0);
	assert_num(vfu_dma_unmap(&d, UINT64_C(1) << 63, UINT64_C(1) << 63), 0);
	assert_num(d.n, 0);
}

static void a_part_of_a_map_is_not_unmapped(void **state)
{
	assert_num(map(2 * PAGE, 2 * PAGE, 0, RAM), 0);
	assert_num(vfu_dma_unmap(&d, 3 * PAGE, PAGE), EINVAL);
	assert_num(vfu_dma_unmap(&d, 0, 3 * PAGE), EINVAL);
	assert_num(vfu_dma_unmap(&d, 0, 0), EINVAL);
	assert_num(vfu_dma_unmap(&d, PAGE, UINT64_MAX), EINVAL);
	assert_num(d.n, 1);
}

static void pages_of_a_file_come_and_go_for_ever(void **state)
{
	assert_num(map(0, PAGE, 0, RAM), 0);
	for (uint64_t i = 1; i <= CYCLES; i++) {
		assert_num(map(i * PAGE, PAGE, i % 1024 * PAGE, RAM), 0);
		assert_num(vfu_dma_unmap(&d, i * PAGE, PAGE), 0);
	}
	assert_num(d.n, 1);
	assert_num(drops, CYCLES);
}

static void maps_stay_sorted_in_whatever_order_they_come(void **state)
{
	for (uint64_t i = 0; i < 1000; i++)
		assert_num(map_unshared(i * 7919 % 1000 * PAGE, PAGE), 0);
	for (size_t i = 0; i < d.n; i++)
		assert_num(d.map[i].addr, i * PAGE);
	assert_num(vfu_dma_from(&d, 500 * PAGE + 1)->addr, 500 * PAGE);
	assert_null(vfu_dma_from(&d, 1000 * PAGE));
}

static void more_files_than_there_is_room_for_are_refused(void **state)
{
	struct vfu_file_id id = { .dev = 2, .size = PAGE };

	for (id.ino = 0; id.ino < VFU_DMA_FILES_MAX; id.ino++)
		assert_num(map(id.ino * PAGE, PAGE, 0, id), 0);
	assert_num(map(id.ino * PAGE, PAGE, 0, id), ENOSPC);
	id.ino--;
	assert_num(map(100 * PAGE, PAGE, 0, id), 0);
	vfu_dma_unmap_all(&d);
	assert_num(drops, VFU_DMA_FILES_MAX + 2);
}

static void more_maps_than_there_may_be_are_refused(void **state)
{
	const uint64_t end = (uint64_t)VFU_DMA_MAPS_MAX * PAGE;

	for (uint64_t addr = 0; addr < end; addr += PAGE)
		assert_num(map_unshared(addr, PAGE), 0);
	assert_num(map_unshared(end, PAGE), ENOSPC);
	assert_num(map(end, PAGE, 0, RAM), ENOSPC);
	assert_num(drops, 1);
	assert_num(vfu_dma_unmap(&d, 0, PAGE), 0);
	assert_num(map_unshared(end, PAGE), 0);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(a_map_is_found_by_each_of_its_addresses),
		test(maps_may_touch_and_not_overlap),
		test(a_map_ends_within_its_file),
		test(a_map_ends_within_64_bits),
		test(a_file_is_kept_once),
		test(memory_without_a_file_is_mapped_too),
		test(what_lies_in_a_range_is_unmapped),
		test(a_part_of_a_map_is_not_unmapped),
		test(pages_of_a_file_come_and_go_for_ever),
		test(maps_stay_sorted_in_whatever_order_they_come),
		test(more_files_than_there_is_room_for_are_refused),
		test(more_maps_than_there_may_be_are_refused),
	};

	return cmocka_run_group_tests_name("vfu-dma", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sibling's memory in BAR 4: what is taken of a table, and what an access
 * by message reads and writes. Regions are pages of memory files, filled with
 * their numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/vvu/vvu-memory.h"
#include "tests/lib/array.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"

#define PAGE  4096
#define BAR   (64 * PAGE)
#define TABLE offsetof(struct vu_mem_table, regions)

static struct vvu_memory m;
static struct vu_message msg;
static int file; /* that of --memory: 2 pages and a half */

static int memory(size_t len)
{
	int fd = memfd_create("sibling", MFD_CLOEXEC);

	assert_sys(fd);
	assert_sys(ftruncate(fd, (off_t)len));
	return fd;
}

static int setup(void **state)
{
	file = memory(2 * PAGE + PAGE / 2);
	fill_with_garbage(&m);
	assert_ok(vvu_memory_init(&m, BAR, file));
	msg = (struct vu_message){ .hdr.request = VU_SET_MEM_TABLE };
	return 0;
}

static int teardown(void **state)
{
	vvu_memory_clear(&m);
	vvu_memory_clear(&m);
	vu_message_close_fds(&msg);
	close(file);
	return 0;
}

/* A page at this offset of fd, which is taken, begins with a byte. */
static void add(int fd, uint64_t offset, char first)
{
	struct vu_mem_table *table = &msg.p.mem_table;
	const uint64_t n = table->n_regions++;

	assert_num(pwrite(fd, &first, 1, (off_t)offset), 1);
	table->regions[n] = (struct vu_mem_region){ .guest_addr = n << 32,
						    .size = PAGE,
						    .mmap_offset = offset };
	msg.fds[msg.n_fds++] = fd;
}

static void begin_table(void)
{
	vu_message_close_fds(&msg);
	msg = (struct vu_message){ .hdr.request = VU_SET_MEM_TABLE };
}

/* A table of one region that is not of the file. */
static void take_one(char first)
{
	begin_table();
	add(memory(PAGE), 0, first);
	assert_null(vvu_memory_take(&m, &msg));
}

/* Return: where the first region of the last table lies. */
static uint64_t place(void)
{
	return m.now.piece[0].at;
}

static uint64_t get(uint64_t at, size_t len)
{
	uint64_t value = 0;

	vvu_memory_read(&m, at, &value, len);
	return value;
}

static void whole_pages_of_the_file_are_direct(void **state)
{
	assert_num(m.shape.direct_len, 2 * PAGE);
	assert_num(m.shape.len, BAR);
	assert_ok(vvu_memory_init(&m, BAR, -1));
	assert_num(m.shape.direct_len, 0);
	assert_rc(vvu_memory_init(&m, BAR, 999), -EBADF);
}

static void a_region_of_the_file_lies_where_it_is_in_it(void **state)
{
	add(dup(file), PAGE, 'a');
	add(memory(2 * PAGE), PAGE, 'b');
	assert_null(vvu_memory_take(&m, &msg));
	assert_num(m.counts.direct, 1);
	assert_num(m.counts.by_messages, 1);
	assert_num(place(), PAGE);
	assert_num(get(PAGE, 1), 'a');
	assert_true(m.now.piece[1].at >= 2 * PAGE);
	assert_num(get(m.now.piece[1].at, 1), 'b');
	assert_num(msg.n_fds, 2);
	assert_num(msg.fds[0], -1);
	assert_num(msg.hdr.size, TABLE + msg.p.mem_table.n_regions *
						 sizeof(struct vu_mem_region));
}

static void without_the_file_nothing_is_direct(void **state)
{
	assert_ok(vvu_memory_init(&m, BAR, -1));
	add(dup(file), 0, 'a');
	assert_null(vvu_memory_take(&m, &msg));
	assert_num(m.counts.direct, 0);
	assert_num(m.counts.by_messages, 1);
}

static void what_is_accessed_is_within_a_region(void **state)
{
	const uint64_t all_ones = UINT64_MAX;

	take_one('a');
	vvu_memory_write(&m, place() + PAGE - 8, "12345678", 8);
	assert_memory_equal(m.now.piece[0].local + PAGE - 8, "12345678", 8);
	assert_num(get(place() + PAGE - 1, 1), '8');
	assert_num(m.counts.reads, 1);
	assert_num(m.counts.writes, 1);
	assert_num(m.counts.outside, 0);
	/* What is partly or wholly outside reads as ones. */
	assert_true(get(place() + PAGE - 7, 8) == all_ones);
	assert_num(get(place() + PAGE, 1), 0xff);
	assert_num(get(place() - 1, 2), 0xffff);
	vvu_memory_write(&m, place() + PAGE - 7, "xxxxxxxx", 8);
	assert_num(m.counts.outside, 4);
	assert_memory_equal(m.now.piece[0].local + PAGE - 8, "12345678", 8);
}

static void any_width_is_read_and_written(void **state)
{
	uint8_t want[16], got[16];

	take_one('a');
	for (size_t at = 0; at < 4; at++)
		for (size_t len = 1; len <= 16; len++) {
			memset(want, (int)(16 * at + len), sizeof(want));
			memset(m.now.piece[0].local, 0, 64);
			memset(got, 0, sizeof(got));
			vvu_memory_write(&m, place() + at, want, len);
			vvu_memory_read(&m, place() + at, got, len);
			assert_memory_equal(got, want, len);
			assert_num(get(place() + at + len, 1), 0);
		}
}

static void the_table_before_remains_until_it_settles(void **state)
{
	uint64_t first, second;

	take_one('a');
	first = place();
	take_one('b');
	second = place();
	assert_true(first != second);
	assert_num(get(first, 1), 'a');
	assert_num(get(second, 1), 'b');
	vvu_memory_settle(&m);
	assert_num(get(first, 1), 0xff);
	assert_num(get(second, 1), 'b');
	/* The halves take turns, from the first one on. */
	for (int i = 0; i < 100; i++) {
		take_one('c');
		assert_num(place(), i % 2 ? second : first);
	}
	take_one('d');
	vvu_memory_clear(&m);
	assert_num(get(first, 1), 0xff);
	take_one('e');
	assert_num(place(), first);
}

static void a_file_that_was_truncated_is_noticed(void **state)
{
	int fd[2];

	for (int i = 0; i < 2; i++) {
		fd[i] = memory(2 * PAGE);
		begin_table();
		add(dup(fd[i]), PAGE, 'a');
		assert_null(vvu_memory_take(&m, &msg));
	}
	assert_false(vvu_memory_is_short(&m));
	/* Of the table before, and of this one. */
	for (int i = 0; i < 2; i++) {
		assert_sys(ftruncate(fd[i], 2 * PAGE - 1));
		assert_true(vvu_memory_is_short(&m));
		assert_sys(ftruncate(fd[i], 2 * PAGE));
		assert_false(vvu_memory_is_short(&m));
		close(fd[i]);
	}
}

static void expect_refused(const char *why)
{
	const char *got = vvu_memory_take(&m, &msg);

	assert_non_null(got);
	assert_string_equal(got, why);
}

static void a_table_that_cannot_be_shown_is_refused(void **state)
{
	int pair[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	add(memory(PAGE), 0, 'a');
	add(memory(PAGE), 0, 'b');
	close(msg.fds[1]);
	msg.fds[1] = pair[0];
	expect_refused("SET_MEM_TABLE: an fd is not of memory that can be "
		       "shared (memory-backend-memfd, or a file in /dev/shm or "
		       "hugetlbfs)");
	close(pair[1]);
	begin_table();
	add(memory(PAGE), 0, 'a');
	msg.p.mem_table.regions[0].size = 0;
	expect_refused("SET_MEM_TABLE: an empty region, or one past 2^64");
	begin_table();
	for (int i = 0; i < VU_MEM_TABLE_MAX; i++)
		add(memory(PAGE), 0, 'a');
	expect_refused("SET_MEM_TABLE: more regions than can be shown: at "
		       "most 7");
	begin_table();
	add(memory(PAGE), 0, 'a');
	msg.p.mem_table.regions[0].size = BAR;
	expect_refused("SET_MEM_TABLE: more memory by messages than half of "
		       "what --memory leaves of --bar-size, which has to be "
		       "larger");
	begin_table();
	add(memory(PAGE), 0, 'a');
	msg.p.mem_table.regions[0].size = 2 * PAGE;
	expect_refused("past the end of its file");
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(whole_pages_of_the_file_are_direct),
		test(a_region_of_the_file_lies_where_it_is_in_it),
		test(without_the_file_nothing_is_direct),
		test(what_is_accessed_is_within_a_region),
		test(any_width_is_read_and_written),
		test(the_table_before_remains_until_it_settles),
		test(a_file_that_was_truncated_is_noticed),
		test(a_table_that_cannot_be_shown_is_refused),
	};

	return cmocka_run_group_tests_name("vvu-memory", tests, NULL, NULL);
}

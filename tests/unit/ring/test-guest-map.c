/* SPDX-License-Identifier: Apache-2.0 */
/* guest-map.h: what can be mapped, and what is wrong with what cannot. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/ring/guest-map.h"
#include "tests/lib/check.h"

#define PAGE 4096

static int memory(off_t size)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);

	assert_sys(fd);
	assert_sys(ftruncate(fd, size));
	return fd;
}

static int map_once(int fd, uint64_t size, uint64_t offset)
{
	uint8_t *local = NULL;
	int r = guest_map_shared(fd, size, offset, &local);

	guest_unmap_shared(local);
	return r;
}

static void a_file_is_mapped_up_to_its_end(void **state)
{
	int fd = memory(2 * PAGE);

	assert_ok(map_once(fd, 2 * PAGE, 0));
	assert_ok(map_once(fd, PAGE, PAGE));
	assert_ok(map_once(fd, 100, 2 * PAGE - 100));
	assert_num(map_once(fd, 2 * PAGE + 1, 0), GUEST_MAP_E_SHORT);
	assert_num(map_once(fd, 101, 2 * PAGE - 100), GUEST_MAP_E_SHORT);
	close(fd);
}

static bool is_mapped(const uint8_t *at)
{
	unsigned char page;
	void *start = (void *)((uintptr_t)at & ~(uintptr_t)(PAGE - 1));

	return !mincore(start, 1, &page);
}

static void a_part_of_a_file_is_mapped_where_it_begins(void **state)
{
	static const uint64_t offsets[] = { 0, 100, PAGE, PAGE + 100 };
	int fd = memory(3 * PAGE);

	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		uint8_t *local = NULL;

		assert_num(pwrite(fd, "begin", 5, (off_t)offsets[i]), 5);
		assert_num(pwrite(fd, "end", 3, (off_t)offsets[i] + PAGE - 3),
			   3);
		assert_ok(guest_map_shared(fd, PAGE, offsets[i], &local));
		assert_memory_equal(local, "begin", 5);
		assert_memory_equal(local + PAGE - 3, "end", 3);
		guest_unmap_shared(local);
		assert_false(is_mapped(local));
		assert_false(is_mapped(local + PAGE - 1));
	}
	guest_unmap_shared(NULL);
	close(fd);
}

/* One for each region, and two logs. */
static void there_is_a_limit_of_maps(void **state)
{
	uint8_t *local[GUEST_REGIONS_MAX + 2], *more;
	int fd = memory(PAGE);

	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		assert_ok(guest_map_shared(fd, PAGE, 0, &local[i]));
	assert_rc(guest_map_shared(fd, PAGE, 0, &more), GUEST_MEM_E_FULL);
	for (size_t i = ARRAY_LEN(local); i--;) {
		guest_unmap_shared(local[i]);
		assert_false(is_mapped(local[i]));
	}
	assert_ok(map_once(fd, PAGE, 0));
	close(fd);
}

static void a_truncated_file_reads_as_zeros_where_it_was_mapped(void **state)
{
	struct guest_mem mem = { 0 };
	int fd[3];

	assert_ok(guest_map_init());
	for (uint64_t i = 0; i < 3; i++) {
		const struct guest_region region = {
			{ i * PAGE }, { (i + 9) * PAGE }, PAGE, NULL
		};

		fd[i] = memory(PAGE);
		assert_num(pwrite(fd[i], "x", 1, PAGE - 1), 1);
		assert_ok(guest_map_add(&mem, region, fd[i], 0));
	}
	assert_sys(ftruncate(fd[1], 0));
	errno = 123;
	assert_num(*(volatile uint8_t *)(mem.region[1].local + PAGE - 1), 0);
	assert_num(errno, 123);
	assert_string_equal(guest_map_lost(),
			    "the memory it shared was truncated");
	assert_num(mem.region[0].local[PAGE - 1], 'x');
	assert_num(mem.region[2].local[PAGE - 1], 'x');
	guest_map_clear(&mem);
	assert_null(guest_map_lost());
	for (int i = 0; i < 3; i++)
		close(fd[i]);
}

static void other_memory_that_is_lost_ends_the_process(void **state)
{
	int fd = memory(PAGE), status;
	uint8_t *other = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	pid_t child;

	assert_true(other != MAP_FAILED);
	assert_ok(guest_map_init());
	assert_sys(ftruncate(fd, 0));
	child = fork();
	assert_sys(child);
	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		_exit(*(volatile uint8_t *)other);
	}
	assert_num(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_num(WTERMSIG(status), SIGBUS);
	munmap(other, PAGE);
	close(fd);
}

static void errors_have_texts(void **state)
{
	static const struct {
		int error;
		const char *text;
	} rows[] = {
		{ -ENOMEM, "Cannot allocate memory" },
		{ GUEST_MEM_E_OUTSIDE, "no such region" },
		{ GUEST_MEM_E_OVERLAP, "overlaps another region" },
		{ GUEST_MEM_E_WRAPS,
		  "empty, or past the end of the address space" },
		{ GUEST_MEM_E_FULL, "all memory slots are in use" },
		{ GUEST_MAP_E_SHORT, "past the end of its file" },
		{ GUEST_MAP_E_KIND, "its fd is not memory that can be mapped" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(guest_map_strerror(rows[i].error),
				    rows[i].text);
}

static void what_is_no_memory_is_named(void **state)
{
	int pipe_fd[2], fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_sys(fd);
	assert_sys(pipe(pipe_fd));
	assert_num(map_once(fd, PAGE, 0), GUEST_MAP_E_KIND);
	assert_num(map_once(pipe_fd[0], PAGE, 0), GUEST_MAP_E_KIND);
	close(fd);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_sys(fd);
	assert_num(map_once(fd, PAGE, 0), GUEST_MAP_E_KIND);
	close(fd);
	assert_rc(map_once(-1, PAGE, 0), -EBADF);
}

/* That is no fault of the front-end's fd. */
static void too_much_memory_is_an_error_of_ours(void **state)
{
	int fd = memory((off_t)1 << 50);

	assert_rc(map_once(fd, (uint64_t)1 << 50, 0), -ENOMEM);
	close(fd);
}

/* VFIO's file has no type: what is mapped of it is for the kernel to say. */
static void what_a_device_shows_is_mapped_whatever_its_size(void **state)
{
	struct guest_mem mem = { .of_device = true };
	const struct guest_region region = { { 0 }, { 0 }, PAGE, NULL };
	int fd = memory(PAGE);

	assert_ok(guest_map_init());
	assert_ok(guest_map_add(&mem, region, fd, PAGE));
	assert_null(guest_map_lost());
	/* It is gone: as truncated memory of a front-end. */
	*(volatile uint8_t *)mem.region[0].local = 1;
	assert_non_null(guest_map_lost());
	guest_map_clear(&mem);
	assert_null(guest_map_lost());
	mem.of_device = false;
	assert_num(guest_map_add(&mem, region, fd, PAGE), GUEST_MAP_E_SHORT);
	close(fd);
}

static void what_a_device_cannot_show_is_an_error(void **state)
{
	struct guest_mem mem = { .of_device = true };
	const struct guest_region region = { { 0 }, { 0 }, PAGE, NULL };
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_sys(fd);
	assert_num(guest_map_add(&mem, region, fd, 0), GUEST_MAP_E_KIND);
	assert_num(guest_map_add(&mem, region, fd, UINT64_MAX - 1),
		   GUEST_MEM_E_WRAPS);
	assert_num(mem.n, 0);
	close(fd);
}

/* Return: a userfaultfd; -1: the kernel has none for us. */
static int userfaultfd(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	int fd = (int)syscall(SYS_userfaultfd,
			      O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

	if (fd >= 0 && ioctl(fd, UFFDIO_API, &api) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void every_region_is_watched(void **state)
{
	struct guest_mem mem = { 0 };
	int uffd = userfaultfd(), fd = memory(3 * PAGE);

	if (uffd < 0) {
		close(fd);
		skip_because("no userfaultfd");
	}
	for (uint64_t i = 0; i < 3; i++)
		assert_ok(guest_map_add(
			&mem,
			(struct guest_region){ { i * 2 * PAGE },
					       { (i + 9) * 2 * PAGE },
					       PAGE,
					       NULL },
			fd, i * PAGE));
	assert_ok(guest_map_watch(&mem, uffd));
	for (unsigned int i = 0; i < 3; i++) {
		const struct uffdio_range page = {
			(uintptr_t)mem.region[i].local, PAGE
		};
		struct uffdio_zeropage fill = { .range = page };

		/* Only what is registered is filled. */
		assert_sys(ioctl(uffd, UFFDIO_ZEROPAGE, &fill));
	}
	/* And zeros come in place of what is watched still. */
	mem.region[0].local[0] = mem.region[1].local[0] = 'x';
	guest_map_unwatch(&mem, uffd);
	guest_map_give_up();
	assert_null(guest_map_lost());
	assert_num(mem.region[0].local[0], 'x');
	mem.n = 1;
	assert_ok(guest_map_watch(&mem, uffd));
	mem.n = 3;
	errno = 123;
	guest_map_give_up();
	assert_num(errno, 123);
	assert_string_equal(guest_map_lost(),
			    "a page of the memory it shared did not arrive");
	assert_num(mem.region[0].local[0], 0);
	assert_num(mem.region[1].local[0], 'x');
	/* What came in its place is not watched. */
	mem.region[0].local[0] = 'y';
	guest_map_give_up();
	assert_num(mem.region[0].local[0], 'y');
	guest_map_clear(&mem);
	close(uffd);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_mapped_up_to_its_end),
		cmocka_unit_test(a_part_of_a_file_is_mapped_where_it_begins),
		cmocka_unit_test(there_is_a_limit_of_maps),
		cmocka_unit_test(
			a_truncated_file_reads_as_zeros_where_it_was_mapped),
		cmocka_unit_test(other_memory_that_is_lost_ends_the_process),
		cmocka_unit_test(errors_have_texts),
		cmocka_unit_test(what_is_no_memory_is_named),
		cmocka_unit_test(too_much_memory_is_an_error_of_ours),
		cmocka_unit_test(
			what_a_device_shows_is_mapped_whatever_its_size),
		cmocka_unit_test(what_a_device_cannot_show_is_an_error),
		cmocka_unit_test(every_region_is_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

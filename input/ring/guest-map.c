/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mapping starts at a page (or huge page) boundary, a region need not: the
 * mapping encloses the region. The signal handler reads `maps`; the loop thread
 * changes it only while it accesses no guest memory, so the two never race.
 */
#include <errno.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/base/hot.h"
#include "input/ring/guest-map.h"

struct map {
	uint8_t *base; /* NULL: this entry is free */
	size_t len;
	const uint8_t *local; /* first byte of the region */
	bool watched;	      /* registered with a userfaultfd */
};

/* All regions, a log, and its successor while both are mapped. */
#define MAPS (GUEST_REGIONS_MAX + 2)

static struct map maps[MAPS];
HOT_DATA volatile sig_atomic_t guest_map_loss;

enum {
	LOST_TRUNCATED = 1,
	LOST_MISSING,
};

/* Return: whether it succeeded. Runs in signal handlers. */
static bool put_zeros(struct map *map, int why)
{
	guest_map_loss = why;
	map->watched = false;
	return mmap(map->base, map->len, PROT_READ | PROT_WRITE,
		    MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		    0) != MAP_FAILED;
}

static void on_sigbus(int sig, siginfo_t *info, void *context)
{
	const uint8_t *at = info->si_addr;
	int saved = errno;

	for (unsigned int i = 0; i < MAPS; i++) {
		struct map *map = &maps[i];

		if (!map->base || at < map->base || at >= map->base + map->len)
			continue;
		if (!put_zeros(map, LOST_TRUNCATED))
			break;
		errno = saved;
		return;
	}
	/* Not guest memory: die as without a handler. */
	signal(SIGBUS, SIG_DFL);
	raise(SIGBUS);
}

int guest_map_init(void)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus,
				.sa_flags = SA_SIGINFO | SA_NODEFER };

	return sigaction(SIGBUS, &sa, NULL) < 0 ? -errno : 0;
}

/* Bytes of a file; align: what their mapping has to be aligned to. */
struct range {
	int fd;
	uint64_t offset, size, end, align;
};

static int range_of(struct range *range, int fd, uint64_t size, uint64_t offset)
{
	*range = (struct range){ .fd = fd, .offset = offset, .size = size };
	range->align = (uint64_t)sysconf(_SC_PAGESIZE);
	if (!size || __builtin_add_overflow(offset, size, &range->end) ||
	    range->end > INT64_MAX)
		return GUEST_MEM_E_WRAPS;
	return 0;
}

/* Devices (DAX) have no size that can be checked. */
static int check_fd(struct range *range)
{
	struct stat st;

	if (fstat(range->fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return GUEST_MAP_E_KIND;
	if ((uint64_t)st.st_size < range->end)
		return GUEST_MAP_E_SHORT;
	/* hugetlbfs: offset and length MUST be multiples of the huge page. */
	if ((uint64_t)st.st_blksize > range->align &&
	    !(st.st_blksize & (st.st_blksize - 1)))
		range->align = (uint64_t)st.st_blksize;
	return 0;
}

static struct map *free_map(void)
{
	for (unsigned int i = 0; i < MAPS; i++)
		if (!maps[i].base)
			return &maps[i];
	return NULL;
}

static int map_range(const struct range *range, uint8_t **local)
{
	struct map *map = free_map();
	const uint64_t start = range->offset & ~(range->align - 1);
	size_t len;

	if (!map)
		return GUEST_MEM_E_FULL;
	if (__builtin_add_overflow(range->end - start, range->align - 1, &len))
		return GUEST_MEM_E_WRAPS;
	len &= ~(size_t)(range->align - 1);
	void *base = mmap(NULL, len, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_NORESERVE, range->fd, (off_t)start);
	if (base == MAP_FAILED)
		return errno == ENODEV || errno == EACCES ? GUEST_MAP_E_KIND
							  : -errno;
	*local = (uint8_t *)base + (range->offset - start);
	*map = (struct map){ base, len, *local, false };
	return 0;
}

int guest_map_shared(int fd, uint64_t size, uint64_t offset, uint8_t **local)
{
	struct range range;
	int r = range_of(&range, fd, size, offset);

	if (!r)
		r = check_fd(&range);
	return r ? r : map_range(&range, local);
}

/* VFIO's file has no type and no size; a part that it lacks is not mapped. */
static int map_device(int fd, uint64_t size, uint64_t offset, uint8_t **local)
{
	struct range range;
	int r = range_of(&range, fd, size, offset);

	return r ? r : map_range(&range, local);
}

void guest_unmap_shared(uint8_t *local)
{
	for (unsigned int i = 0; local && i < MAPS; i++)
		if (maps[i].base && maps[i].local == local) {
			uint8_t *base = maps[i].base;

			/* First: a signal may arrive in between. */
			maps[i].base = NULL;
			munmap(base, maps[i].len);
			return;
		}
}

int guest_map_add(struct guest_mem *mem, struct guest_region region, int fd,
		  uint64_t offset)
{
	int r = guest_mem_check(mem, &region);

	if (!r)
		r = mem->of_device
			    ? map_device(fd, region.size, offset, &region.local)
			    : guest_map_shared(fd, region.size, offset,
					       &region.local);
	if (!r)
		guest_mem_add(mem, &region);
	return r;
}

int guest_map_remove(struct guest_mem *mem, struct guest_region region)
{
	int r = guest_mem_remove(mem, &region);

	if (!r)
		guest_unmap_shared(region.local);
	return r;
}

void guest_map_clear(struct guest_mem *mem)
{
	for (unsigned int i = 0; i < mem->n; i++)
		guest_unmap_shared(mem->region[i].local);
	mem->n = 0;
	mem->last = 0;
	guest_map_loss = 0;
}

static struct map *map_of(const struct guest_region *region)
{
	for (unsigned int i = 0; i < MAPS; i++)
		if (maps[i].base && maps[i].local == region->local)
			return &maps[i];
	return NULL;
}

int guest_map_watch(const struct guest_mem *mem, int uffd)
{
	for (unsigned int i = 0; i < mem->n; i++) {
		struct map *map = map_of(&mem->region[i]);
		struct uffdio_register reg = {
			.range = { (uintptr_t)map->base, map->len },
			.mode = UFFDIO_REGISTER_MODE_MISSING,
		};

		if (ioctl(uffd, UFFDIO_REGISTER, &reg) < 0)
			return -errno;
		map->watched = true;
	}
	return 0;
}

void guest_map_unwatch(const struct guest_mem *mem, int uffd)
{
	for (unsigned int i = 0; i < mem->n; i++) {
		struct map *map = map_of(&mem->region[i]);
		struct uffdio_range range = { (uintptr_t)map->base, map->len };

		if (map->watched)
			ioctl(uffd, UFFDIO_UNREGISTER, &range);
		map->watched = false;
	}
}

void guest_map_give_up(void)
{
	int saved = errno;

	for (unsigned int i = 0; i < MAPS; i++)
		if (maps[i].base && maps[i].watched)
			put_zeros(&maps[i], LOST_MISSING);
	errno = saved;
}

const char *guest_map_lost(void)
{
	switch (guest_map_loss) {
	case LOST_TRUNCATED:
		return "the memory it shared was truncated";
	case LOST_MISSING:
		return "a page of the memory it shared did not arrive";
	}
	return NULL;
}

const char *guest_map_strerror(int error)
{
	if (error < 0)
		return strerror(-error);
	switch (error) {
	case GUEST_MEM_E_OUTSIDE:
		return "no such region";
	case GUEST_MEM_E_OVERLAP:
		return "overlaps another region";
	case GUEST_MEM_E_WRAPS:
		return "empty, or past the end of the address space";
	case GUEST_MEM_E_FULL:
		return "all memory slots are in use";
	case GUEST_MAP_E_SHORT:
		return "past the end of its file";
	case GUEST_MAP_E_KIND:
		return "its fd is not memory that can be mapped";
	}
	return "unknown error";
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory has to be such that nobody can take it away, or we would die by
 * SIGBUS: a memory file of ordinary pages that are sealed against shrinking.
 * The event fd has to be one: other files can let poll() wait. What can be
 * wrong with an event fd is that its producer made it block, or that it counts
 * down from 2^64 - 2 one by one.
 */
#include <errno.h>
#include <linux/futex.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "input/base/hot.h"
#include "input/serve/injector-ring.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)
/* One can be late: what it was for was taken with an earlier one. */
#define EMPTY_KICKS_MAX 64

/* In this order, so that no call waits for a file system of the peer's. */
static const char *check_memory(int fd, uint32_t *size)
{
	const int seals = fcntl(fd, F_GET_SEALS);
	struct statfs fs;
	struct stat st;

	if (seals < 0)
		return "its memory is not a memory file";
	if ((seals & SEALS) != SEALS)
		return "its memory file lacks F_SEAL_SHRINK, F_SEAL_GROW or "
		       "F_SEAL_SEAL";
	if (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return "its memory file is sealed against writing";
	/* Huge pages can be missing when they are needed. */
	if (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC)
		return "its memory file has huge pages";
	*size = fstat(fd, &st) < 0 ? 0 : ring_size_of((uint64_t)st.st_size);
	return *size ? NULL : "its memory file has an invalid length";
}

static int map_parts(struct injector_ring *ring, int memory, uint32_t size)
{
	ring->theirs_len = RING_FILE_LEN(size) - RING_PRODUCER;
	ring->ours =
		mmap(NULL, sizeof(struct ring_consumer_part),
		     PROT_READ | PROT_WRITE, MAP_SHARED, memory, RING_CONSUMER);
	if (ring->ours == MAP_FAILED)
		return -errno;
	ring->theirs = mmap(NULL, ring->theirs_len, PROT_READ, MAP_SHARED,
			    memory, RING_PRODUCER);
	if (ring->theirs == MAP_FAILED)
		return -errno;
	ring_consumer_init(&ring->c, ring->ours, ring->theirs, size);
	return 0;
}

static struct injector_ring *ring_new_of(int memory, int event_fd,
					 uint32_t size)
{
	struct injector_ring *ring = calloc(1, sizeof(*ring));

	if (!ring)
		return NULL;
	ring->ours = ring->theirs = MAP_FAILED;
	ring->event_fd = -1;
	if (fd_set_nonblock(event_fd) || map_parts(ring, memory, size)) {
		injector_ring_free(ring);
		return NULL;
	}
	ring->event_fd = event_fd;
	return ring;
}

struct injector_ring *injector_ring_new(int memory, int event_fd,
					const char **why)
{
	struct injector_ring *ring;
	uint32_t size;

	*why = check_memory(memory, &size);
	if (!*why && !fd_is_event_fd(event_fd))
		*why = "its second fd is not an eventfd";
	if (*why)
		return NULL;
	ring = ring_new_of(memory, event_fd, size);
	if (!ring)
		*why = strerror(errno);
	return ring;
}

void injector_ring_free(struct injector_ring *ring)
{
	if (!ring)
		return;
	if (ring->ours != MAP_FAILED)
		munmap(ring->ours, sizeof(struct ring_consumer_part));
	if (ring->theirs != MAP_FAILED)
		munmap(ring->theirs, ring->theirs_len);
	close_fd(ring->event_fd);
	free(ring);
}

WARM int injector_ring_take(struct injector_ring *ring, void *out, size_t max,
			    size_t *n, bool *tell)
{
	const uint32_t from = ring->c.taken;
	const int r = ring_consumer_take(&ring->c, out, max, n);
	const unsigned int tells = *n ? ring_consumer_tells(&ring->c, from) : 0;

	if (tells & RING_TELL_FUTEX)
		syscall(SYS_futex, &ring->c.ours->taken, FUTEX_WAKE, INT32_MAX,
			NULL, NULL, 0);
	*tell = tells & RING_TELL_SOCKET;
	if (*n)
		ring->empty = 0;
	return r;
}

int injector_ring_drain(struct injector_ring *ring)
{
	uint64_t count;

	if (read(ring->event_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		return -EINTR;
	return 0;
}

bool injector_ring_is_abused(struct injector_ring *ring)
{
	return ++ring->empty > EMPTY_KICKS_MAX;
}

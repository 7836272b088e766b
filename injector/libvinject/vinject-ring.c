/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing that the server writes there is trusted: a wrong `taken` lets events
 * be lost that are its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "injector/libvinject/vinject-ring.h"

#define SIZE	VINJECT_RING_SIZE
#define LEN	RING_FILE_LEN(SIZE)
#define WAIT_NS 5000000

static int ring_map(struct vinject_ring *r)
{
	uint8_t *at =
		mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	r->memory = at;
	r->theirs = (void *)(at + RING_CONSUMER);
	r->ours = (void *)(at + RING_PRODUCER);
	r->events = (void *)(at + RING_EVENTS);
	return 0;
}

int vinject_ring_open(struct vinject_ring *r)
{
	int error;

	*r = (struct vinject_ring){ .fd = -1, .event_fd = -1 };
	r->fd = memfd_create("vinject", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	r->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->fd >= 0 && r->event_fd >= 0 && !ftruncate(r->fd, LEN) &&
	    !fcntl(r->fd, F_ADD_SEALS,
		   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) &&
	    !ring_map(r))
		return 0;
	error = -errno;
	vinject_ring_close(r);
	return error;
}

void vinject_ring_close(struct vinject_ring *r)
{
	if (r->memory)
		munmap(r->memory, LEN);
	r->memory = NULL;
	if (r->fd >= 0)
		close(r->fd);
	if (r->event_fd >= 0)
		close(r->event_fd);
	r->fd = r->event_fd = -1;
}

static uint32_t read_taken(const struct vinject_ring *r)
{
	return __atomic_load_n(&r->theirs->taken, __ATOMIC_SEQ_CST);
}

static void ring_kick(const struct vinject_ring *r)
{
	const uint64_t one = 1;

	/* If it is full, the server is awake. */
	if (write(r->event_fd, &one, sizeof(one)) < 0)
		return;
}

size_t vinject_ring_put(struct vinject_ring *r, const struct vi_event *ev,
			size_t n)
{
	const uint32_t from = r->put, waits = from - read_taken(r);
	const uint32_t space = waits < SIZE ? SIZE - waits : 0;
	const uint32_t at = from & (SIZE - 1);
	size_t first = SIZE - at;

	if (n > space)
		n = space;
	if (first > n)
		first = n;
	memcpy(r->events + at, ev, first * sizeof(*ev));
	memcpy(r->events, ev + first, (n - first) * sizeof(*ev));
	r->put += (uint32_t)n;
	/* Not before the events: the server may read them at once. */
	__atomic_store_n(&r->ours->put, r->put, __ATOMIC_SEQ_CST);
	if (ring_has_passed(
		    __atomic_load_n(&r->theirs->kick_at, __ATOMIC_SEQ_CST),
		    from, r->put))
		ring_kick(r);
	return n;
}

bool vinject_ring_is_empty(const struct vinject_ring *r)
{
	return read_taken(r) == r->put;
}

bool vinject_ring_want_space(struct vinject_ring *r, uint32_t tell)
{
	__atomic_store_n(&r->ours->tell, tell, __ATOMIC_RELAXED);
	__atomic_store_n(&r->ours->space_at, r->put - SIZE / 2 - 1,
			 __ATOMIC_SEQ_CST);
	return r->put - read_taken(r) <= SIZE / 2;
}

void vinject_ring_wait(struct vinject_ring *r)
{
	const struct timespec most = { .tv_nsec = WAIT_NS };
	const uint32_t taken = read_taken(r);

	if (!vinject_ring_want_space(r, RING_TELL_FUTEX))
		syscall(SYS_futex, &r->theirs->taken, FUTEX_WAIT, taken, &most,
			NULL, 0);
}

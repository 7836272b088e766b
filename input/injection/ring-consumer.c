/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store and a load that MUST NOT change places (ring-layout.h: a full fence)
 * are both sequentially consistent, which thread sanitizers know better than
 * fences.
 */
#include <string.h>

#include "input/base/hot.h"
#include "input/injection/ring-consumer.h"

#define EVENT_LEN sizeof(struct vi_event)

uint32_t ring_size_of(uint64_t file_len)
{
	uint32_t size = RING_SIZE_MIN;

	while (size < RING_SIZE_MAX && RING_FILE_LEN(size) < file_len)
		size *= 2;
	return RING_FILE_LEN(size) == file_len ? size : 0;
}

void ring_consumer_init(struct ring_consumer *c, void *ours,
			const void *theirs_and_events, uint32_t size)
{
	const uint8_t *theirs = theirs_and_events;

	*c = (struct ring_consumer){ .ours = ours, .size = size };
	c->theirs = (const void *)theirs;
	c->events = (const void *)(theirs + (RING_EVENTS - RING_PRODUCER));
	__atomic_store_n(&c->ours->taken, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&c->ours->kick_at, 0, __ATOMIC_RELAXED);
}

static uint32_t read_put(const struct ring_consumer *c)
{
	return __atomic_load_n(&c->theirs->put, __ATOMIC_SEQ_CST);
}

bool ring_consumer_has_begun(const struct ring_consumer *c)
{
	return c->taken || read_put(c);
}

/* The events may go around the end of the ring. */
static void copy_events(const struct ring_consumer *c, uint8_t *out, uint32_t n)
{
	const uint32_t at = c->taken & (c->size - 1);
	const uint32_t first = n < c->size - at ? n : c->size - at;

	memcpy(out, c->events + at, first * EVENT_LEN);
	memcpy(out + first * EVENT_LEN, c->events, (n - first) * EVENT_LEN);
}

WARM int ring_consumer_take(struct ring_consumer *c, void *out, size_t max,
			    size_t *n)
{
	const uint32_t waits = (c->has_end ? c->end : read_put(c)) - c->taken;
	const uint32_t taken = waits < max ? waits : (uint32_t)max;

	*n = 0;
	if (waits > c->size)
		return RING_E_INDEX;
	copy_events(c, out, taken);
	c->taken += taken;
	/* The producer overwrites them once it sees this. */
	__atomic_store_n(&c->ours->taken, c->taken, __ATOMIC_SEQ_CST);
	*n = taken;
	return 0;
}

WARM unsigned int ring_consumer_tells(const struct ring_consumer *c,
				      uint32_t from)
{
	const uint32_t at =
		__atomic_load_n(&c->theirs->space_at, __ATOMIC_SEQ_CST);

	if (!ring_has_passed(at, from, c->taken))
		return 0;
	return __atomic_load_n(&c->theirs->tell, __ATOMIC_RELAXED) &
	       (RING_TELL_FUTEX | RING_TELL_SOCKET);
}

WARM bool ring_consumer_has_more(const struct ring_consumer *c)
{
	return read_put(c) != c->taken;
}

WARM bool ring_consumer_rest(struct ring_consumer *c)
{
	__atomic_store_n(&c->ours->kick_at, c->taken, __ATOMIC_SEQ_CST);
	return !ring_consumer_has_more(c);
}

void ring_consumer_close(struct ring_consumer *c)
{
	c->end = read_put(c);
	c->has_end = true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's end of an injection ring (ring-layout.h). Pure: knows the memory
 * only. The producer may write anything there at any time: each index is read
 * once and checked, each event is copied once, and what the consumer has
 * written is never read back.
 */
#ifndef VINPUT_RING_CONSUMER_H
#define VINPUT_RING_CONSUMER_H

#include "input/injection/ring-layout.h"

struct ring_consumer {
	/* Borrowed. */
	struct ring_consumer_part *ours;
	const struct ring_producer_part *theirs;
	const struct vi_event *events;

	uint32_t size;
	uint32_t taken;
	uint32_t end; /* nothing from here on is taken, if it has one */
	bool has_end;
};

/* What is in the memory is not trusted either: it begins with event 0. */
void ring_consumer_init(struct ring_consumer *c, void *ours,
			const void *theirs_and_events, uint32_t size);

/* Return: the size of a file of this length; 0: it is not a ring's. */
uint32_t ring_size_of(uint64_t file_len);

/* Return: whether the producer has put anything, ever. */
bool ring_consumer_has_begun(const struct ring_consumer *c);

/*
 * Copy at most max events to out, which need not be aligned. *n: how many.
 * Return: 0; RING_E_INDEX: put is more than size ahead of what was taken.
 */
#define RING_E_INDEX 1
int ring_consumer_take(struct ring_consumer *c, void *out, size_t max,
		       size_t *n);

/*
 * Return: RING_TELL_... of a producer that waits for space and now has it, to
 * be called after ring_consumer_take(). from: c->taken before it.
 */
unsigned int ring_consumer_tells(const struct ring_consumer *c, uint32_t from);

/* Return: whether there is something to take. */
bool ring_consumer_has_more(const struct ring_consumer *c);

/*
 * Be kicked for the next event. Return: whether there is none yet, and the
 * consumer can sleep.
 */
bool ring_consumer_rest(struct ring_consumer *c);

/*
 * Take what is there now, and nothing that is put later: see
 * ring_consumer_is_over().
 */
void ring_consumer_close(struct ring_consumer *c);

static inline bool ring_consumer_is_over(const struct ring_consumer *c)
{
	return c->has_end && c->taken == c->end;
}

#endif

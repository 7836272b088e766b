/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The injection ring: a memory file that an injector shares with the server
 * (RING in input/device/control.h), through which it sends its events instead
 * of through its socket. One producer, the injector, and one consumer, the
 * server.
 *
 *	RING_CONSUMER  struct ring_consumer_part: only the server writes it
 *	RING_PRODUCER  struct ring_producer_part: only the injector writes it
 *	RING_EVENTS    size events; size is a power of two
 *
 * Each part begins at a multiple of any page's size, so that the server maps
 * for writing only what it writes; what is between them takes no memory. The
 * file has RING_FILE_LEN(size) bytes, and F_SEAL_SHRINK, F_SEAL_GROW and
 * F_SEAL_SEAL are set. All is 0 at first.
 *
 * Indices count events, modulo 2^32, in the machine's byte order; event i is at
 * place i % size. The events themselves are as in the socket, cut anywhere.
 *
 *	producer				consumer
 *	wait until put - taken + n <= size
 *	write n events				n = put (acquire) - taken
 *	put += n (release)			copy n events
 *	full fence				taken += n (release)
 *	if put has passed kick_at:		full fence
 *	    write the event fd			if taken has passed space_at:
 *						    tell the producer
 *
 * To sleep, each says first when it is to be woken, and looks once more:
 *
 *	space_at = taken + ...			kick_at = taken
 *	full fence				full fence
 *	look at taken				look at put
 *
 * An index has passed i when the event i is among those between its former
 * value and the new one. Who does not sleep leaves kick_at or space_at alone.
 */
#ifndef VINPUT_RING_LAYOUT_H
#define VINPUT_RING_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"

struct ring_consumer_part {
	uint32_t taken;
	uint32_t kick_at;
};

/* Where space_at is told; neither: it means nothing. */
#define RING_TELL_FUTEX	 1u /* who waits for taken to change (futex(2)) */
#define RING_TELL_SOCKET 2u /* by an event, CONTROL_RING_SPACE */

struct ring_producer_part {
	uint32_t put;
	uint32_t space_at;
	uint32_t tell; /* RING_TELL_... */
};

#define RING_CONSUMER	    0
#define RING_PRODUCER	    0x10000
#define RING_EVENTS	    0x20000
#define RING_SIZE_MIN	    64
#define RING_SIZE_MAX	    16384
#define RING_FILE_LEN(size) (RING_EVENTS + (size) * sizeof(struct vi_event))

_Static_assert(sizeof(struct ring_consumer_part) == 8, "as documented");
_Static_assert(sizeof(struct ring_producer_part) == 12, "as documented");

/* Return: whether an index that went from one value to another has passed i. */
static inline bool ring_has_passed(uint32_t i, uint32_t from, uint32_t to)
{
	return (uint32_t)(to - i - 1) < (uint32_t)(to - from);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injector's byte stream, cut anywhere, joined to whole frames. Pure: the
 * caller reads bytes into source_space() and takes frames with source_frame().
 * The buffer holds both unfinished frames and those that the guest does not
 * have yet: when it has no space the caller stops reading, and the injector
 * feels back-pressure.
 */
#ifndef VINPUT_SOURCE_H
#define VINPUT_SOURCE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"
#include "input/device/frame.h"
#include "input/device/merge.h"

/*
 * A SOCK_SEQPACKET packet is read whole or cut off, so there MUST be space for
 * the largest. With three times that, there is, unless a whole frame waits
 * (source.c).
 */
#define SOURCE_PACKET_MAX (FRAME_EVENTS_MAX * sizeof(struct vi_event))
#define SOURCE_BUF_LEN	  (3 * SOURCE_PACKET_MAX + sizeof(struct vi_event))

struct source {
	bool packets;	/* message boundaries matter: SOCK_SEQPACKET */
	uint8_t *buf;	/* SOURCE_BUF_LEN bytes, aligned for events */
	bool owns_buf;	/* malloced */
	size_t head;	/* first byte not consumed, a multiple of 8 */
	size_t tail;	/* past the last byte received */
	size_t scanned; /* no SYN_REPORT between head and here */
	bool type_a;	/* SYN_MT_REPORT was seen since head */
	size_t whole;	/* past a SYN_REPORT, maybe not the last one */
	struct merge_source held; /* see merge.h */
};

/* Return: 0 or -ENOMEM. */
int source_init(struct source *src, bool packets);
/* The same in a borrowed buffer. */
void source_init_in(struct source *src, uint8_t *buf, bool packets);
void source_fini(struct source *src); /* idempotent */

/*
 * Resume with bytes head..tail of the buffer, which may be anything; held
 * stays. Return: as source_received(), and SOURCE_E_FRAME for an impossible
 * position.
 */
int source_resume(struct source *src, size_t head, size_t tail);

/*
 * Where the next bytes are to be read to. May move what waits to the front.
 * Return: the place, *len bytes long. *len is 0 if there is no space (with
 * packets: for the largest packet), and then a whole frame waits.
 */
void *source_space(struct source *src, size_t *len);

/*
 * n bytes were read to source_space().
 * Return: 0; SOURCE_E_PACKET: with packets, n is not a multiple of 8, the
 * packet is dropped; SOURCE_E_FRAME: more than FRAME_EVENTS_MAX events without
 * SYN_REPORT, they and what follows are dropped. After an error the whole
 * frames before it can still be taken.
 */
#define SOURCE_E_PACKET 1
#define SOURCE_E_FRAME	2
int source_received(struct source *src, size_t n);

/*
 * The next whole frame, valid until source_space() is called next.
 * Return: its number of events with SYN_REPORT, 0 if there is none yet.
 */
size_t source_frame(struct source *src, const struct vi_event **ev);

/* n_events events of it are done with. Inline: it is called for each frame. */
static inline void source_consume(struct source *src, size_t n_events)
{
	src->head += n_events * sizeof(struct vi_event);
	src->type_a = false;
	assert(src->head <= src->tail);
	if (src->scanned < src->head)
		src->scanned = src->head;
	if (src->whole < src->head)
		src->whole = src->head;
}

/* Return: the number of bytes of an unfinished frame. */
size_t source_unfinished(const struct source *src);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One injector's byte stream, cut anywhere, put together to whole frames.
 * Pure: the caller reads bytes from wherever into source_space() and takes
 * frames out with source_frame(). The buffer is both the reassembly buffer and
 * the queue of what the guest has not taken yet: when it has no space the
 * caller stops reading, and the injector feels it.
 */
#ifndef VINPUT_SOURCE_H
#define VINPUT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/device/event.h"
#include "input/device/frame.h"
#include "input/device/merge.h"

/*
 * A SOCK_SEQPACKET packet is read whole or it is cut, so there must be space
 * for one of the largest kind. Three of them leave that space behind whatever
 * waits, unless a whole frame waits (source.c).
 */
#define SOURCE_PACKET_MAX (FRAME_EVENTS_MAX * sizeof(struct vi_event))
#define SOURCE_BUF_LEN	  (3 * SOURCE_PACKET_MAX + sizeof(struct vi_event))

struct source {
	struct merge_source held; /* what it holds down, for merge.h */
	bool packets;		  /* message boundaries count: SOCK_SEQPACKET */
	uint8_t *buf;		  /* SOURCE_BUF_LEN bytes, aligned for events */
	bool owns_buf;		  /* it is ours to free */
	size_t head;		  /* first byte not consumed, a multiple of 8 */
	size_t behind;		  /* bytes before head that stay for now */
	size_t tail;		  /* past the last byte received */
	size_t scanned;		  /* no SYN_REPORT between head and here */
	size_t whole; /* past a SYN_REPORT, maybe not the last one */
};

/* Return: 0 or -ENOMEM. */
int source_init(struct source *src, bool packets);
/* The same in a buffer of the caller's, borrowed. */
void source_init_in(struct source *src, uint8_t *buf, bool packets);
void source_fini(struct source *src); /* idempotent */

/*
 * Go on with bytes head..tail of the buffer, of which nothing else is known;
 * held is as it is. Return: as source_received(); SOURCE_E_FRAME also for what
 * cannot be.
 */
int source_resume(struct source *src, size_t head, size_t tail);

/*
 * Where the next bytes may be read to. Moves what waits to the front when that
 * is due. Return: the place, *len bytes long; *len is 0 when nothing can be
 * read now (with packets: when a largest packet would not fit), and then a
 * whole frame waits.
 */
void *source_space(struct source *src, size_t *len);

/*
 * Tell that n bytes were read to source_space().
 * Return: 0; SOURCE_E_PACKET: with packets, n is no multiple of 8, the packet
 * is dropped; SOURCE_E_FRAME: more than FRAME_EVENTS_MAX events without
 * SYN_REPORT, they and what followed them are dropped.
 * After an error the whole frames before it can still be taken.
 */
#define SOURCE_E_PACKET 1
#define SOURCE_E_FRAME	2
int source_received(struct source *src, size_t n);

/*
 * The next whole frame, valid until source_space() is called next.
 * Return: its number of events with SYN_REPORT, 0 if there is none yet.
 */
size_t source_frame(struct source *src, const struct vi_event **ev);
void source_consume(struct source *src, size_t n_events);

/* Return: bytes that no whole frame claims: an unfinished frame's. */
size_t source_unfinished(const struct source *src);

#endif

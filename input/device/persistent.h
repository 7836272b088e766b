/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the process: a memory file (--state-fd) with the bytes that
 * inherited injectors sent and that were not merged yet, what these injectors
 * hold, the device's switches and axes, and what the guest has been sent. A
 * launcher passes the same file and the same injection fds to the process that
 * replaces a crashed one, which continues from there. Pure: the file is memory
 * here; persistent-format.h has its layout, persistent-ledger.h the guest's
 * part.
 *
 * Only this program writes the file, but a process of it can be killed between
 * any two instructions. Therefore:
 *
 * - There are two of everything that a batch of frames changes: the ledgers,
 *   and in each source's place what it holds and how far it was read. A batch
 *   writes the inactive ones, and makes all of them active by one store, before
 *   it is published. A successor compares the eventq's position with both, and
 *   continues with those that the guest has.
 * - Otherwise, if the guest's driver is another, or none has been served, a
 *   source's position is the last one that was stored after a batch. Frames
 *   from there on may be taken again, which leads to the same state, with two
 *   exceptions: motion, which no driver waits for then; and contacts without
 *   slots (type-a.h), unless the source sends all its contacts so, each with
 *   its position, and no more than there are slots.
 * - A frame without slots that is sent as several to the guest is taken again
 *   until all of it was merged, so its motion may be doubled.
 * - Bytes that are being read are counted by the kernel.
 *
 * A successor checks what it finds, and discards what is invalid.
 */
#ifndef VINPUT_PERSISTENT_H
#define VINPUT_PERSISTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "input/device/merge-held.h"
#include "input/device/persistent-format.h"
#include "input/device/source.h"

/* A source of this process that has a place in the file. */
struct persistent_source {
	struct persistent_place *place;
	/*
	 * Which socket it has: to be set before it starts. What the injector at
	 * another one has left is not this one's.
	 */
	uint32_t socket;
	struct source *src; /* borrowed; NULL: none */
	uint8_t stale;	    /* bits: held[] of the file that lack changes */
	uint8_t ledger;	    /* the one that `head` agrees with */
	size_t head;	    /* as in the file: where the next process starts */
	/* Bytes from there that the last batch of the previous one took, ... */
	size_t unsure;
	int unsure_slot; /* ... and the slot that is selected behind them */
	struct iovec iov;
	struct merge_slots was; /* of the previous process, once started */
};

struct persistent {
	struct persistent_head *head; /* the file, borrowed */
	unsigned int n;
	struct persistent_source source[];
};

/* Return: how many bytes a file with n places has. */
size_t persistent_len(unsigned int n);

/*
 * Check whether a file can be resumed. size: of the file; head MUST have
 * persistent_len(0) bytes in any case.
 * Return: NULL; or why not, as in "the file <why>".
 */
const char *persistent_refuse(const struct persistent_head *head, size_t size);
/*
 * One that can be resumed is to have n places: the caller sees to its size, and
 * fills new ones with 0.
 */
void persistent_set_places(struct persistent_head *head, unsigned int n);
/*
 * Format a new file: persistent_len(n) bytes, all 0. The device of this spec
 * starts with it.
 */
void persistent_begin(struct persistent_head *head, unsigned int n,
		      const struct spec *spec);

/* For a file that is formatted. Return: on the heap, or NULL. */
struct persistent *persistent_new(struct persistent_head *head, unsigned int n);
void persistent_free(struct persistent *p);

/*
 * Initialise src in its place, with what the active ledger has or empty.
 * Return: 0 if nothing was left; else the number of events of a frame with what
 * the source held, written to ev (FRAME_EVENTS_MAX + 1 of them). It MUST be
 * merged, with ps->was. Then the source MUST be committed.
 */
size_t persistent_source_start(const struct persistent *p,
			       struct persistent_source *ps, struct source *src,
			       bool packets, struct vi_event *ev);
/*
 * After persistent_ledger_roll_back(): what the source holds by the ledger that
 * is active now, as above. It MUST hold nothing.
 */
size_t persistent_source_again(const struct persistent *p,
			       struct persistent_source *ps,
			       struct vi_event *ev);
/*
 * The unsure bytes count as taken, as the active ledger says, or as not taken:
 * from now on the source agrees with that ledger.
 */
void persistent_source_skip(const struct persistent *p,
			    struct persistent_source *ps);
void persistent_source_settle(const struct persistent *p,
			      struct persistent_source *ps);
/* Whether the injector has said HELLO (control.h), also to a predecessor. */
bool persistent_source_asks(const struct persistent_source *ps);
void persistent_source_set_asks(struct persistent_source *ps);
/* The source has been released: free its place. */
void persistent_source_end(struct persistent_source *ps);

/* What the source holds has changed. */
static inline void persistent_source_changed(struct persistent_source *ps)
{
	ps->stale = 3;
}

void persistent_changed(struct persistent *p); /* ... of all sources */

/* For a ledger: write what the source holds, and how far it was read. */
void persistent_source_save(struct persistent_source *ps, const struct merge *m,
			    uint8_t ledger);
/* What was taken from the source has been delivered. */
void persistent_source_commit(struct persistent_source *ps);
/*
 * Up to len bytes are about to be read to `to`, the source's space. Return: the
 * argument for recvmmsg(). source_received() and a commit MUST follow.
 */
struct mmsghdr *persistent_source_reading(struct persistent_source *ps,
					  void *to, size_t len);

#endif

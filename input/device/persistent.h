/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the process: a memory file (--state-fd) with the bytes that
 * inherited injectors sent and that are not delivered yet, what these injectors
 * hold, and the device's switches and axes. A launcher passes the same file and
 * the same injection fds to the process that replaces a crashed one, which
 * resumes from there. Pure: the file is memory here; persistent-format.h has
 * its layout.
 *
 * Only this program writes the file, but a process of it can be killed between
 * any two instructions. Therefore:
 *
 * - The position of a source is one word, stored after what was taken from the
 *   source has been delivered. If the process was killed before that, its
 *   successor takes those frames again, which leads to the same state, with
 *   three exceptions. Relative motion: the ledger has it. Contacts without
 * slots (type-a.h): only if the source sends all its contacts so, each with its
 * position, and no more than there are slots. And what a source meant that
 * released BTN_TOUCH with one of several contacts (merge.h).
 * - What a source holds is written to the inactive one of two copies, which
 *   then becomes the active one, before the guest can see the frames that led
 *   to it. So a key that was released is not pressed again when those frames
 *   are taken again.
 * - The ledger says, by the position of the eventq, which motion the guest has
 *   been shown. It is written before that position is, so a successor that
 *   finds the ring knows which of the frames that it takes again were shown.
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
#include "input/device/state.h"

/* A source of this process that has a place in the file. */
struct persistent_source {
	struct persistent_place *place;
	struct source *src; /* borrowed; NULL: none */
	int slot_behind;    /* the one selected where src->behind begins */
	bool changed;	    /* what it holds, since the last save */
	uint8_t ledger;	    /* the one that `head` agrees with */
	size_t head;	    /* as in the file: where the next process starts */
	/* Bytes from there that the previous process may have shown. */
	size_t unsure;
	struct iovec iov;
};

/* What the guest has of the motion. */
struct persistent_ledger_entry {
	bool ring; /* `at` is valid: a driver has been served */
	bool runs; /* it is running */
	uint32_t at;
	/*
	 * Motion that the guest does not have when its eventq is at `at`, and
	 * that is not in bytes that are kept; negative: that it has already,
	 * of a frame that is kept.
	 */
	int64_t owed[REL_CNT];
};

struct persistent {
	struct persistent_head *head; /* the file, borrowed */
	unsigned int n;
	struct persistent_source source[];
};

/* Return: how many bytes a file with n places has. */
size_t persistent_len(unsigned int n);

/*
 * Check whether a file can be resumed with n places. size: of the file; head
 * MUST have persistent_len(n) bytes in any case.
 * Return: NULL; or why not, as in "the file <why>".
 */
const char *persistent_refuse(const struct persistent_head *head, size_t size,
			      unsigned int n);
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
 * Initialise src in its place, with what the previous process left or empty.
 * Return: 0 if nothing was left; else the number of events of a frame with what
 * the source held, written to ev (FRAME_EVENTS_MAX + 1 of them). It MUST be
 * merged, and the source saved. Then the source MUST be committed.
 */
size_t persistent_source_start(const struct persistent *p,
			       struct persistent_source *ps, struct source *src,
			       bool packets, struct vi_event *ev);
/* Whether the injector has said HELLO (control.h), also to a predecessor. */
bool persistent_source_asks(const struct persistent_source *ps);
void persistent_source_set_asks(struct persistent_source *ps);
/* The source has been released: free its place. */
void persistent_source_end(struct persistent_source *ps);

/* Write what the source holds, if it changed. slots: the device has. */
void persistent_source_save(struct persistent_source *ps, unsigned int slots);
/* What was taken from the source has been delivered, except src->behind. */
void persistent_source_commit(struct persistent_source *ps);
/*
 * Up to len bytes are about to be read to `to`, the source's space. Return: the
 * argument for recvmmsg(). source_received() and a commit MUST follow.
 */
struct mmsghdr *persistent_source_reading(struct persistent_source *ps,
					  void *to, size_t len);

/*
 * Write the ledger: MUST follow the saves of the sources, and precede the
 * publishing of what was put into the eventq. All sources MUST be committed
 * with persistent_source_shown() after it.
 */
void persistent_ledger_save(struct persistent *p,
			    const struct persistent_ledger_entry *now);
/* As persistent_source_commit(), after the publishing. */
void persistent_source_shown(const struct persistent *p,
			     struct persistent_source *ps);
/*
 * What the previous process left. last: if the eventq is there, and then the
 * unsure bytes of the sources were shown; before: otherwise.
 */
void persistent_ledger_load(const struct persistent *p,
			    struct persistent_ledger_entry *last,
			    struct persistent_ledger_entry *before);

/*
 * Load switches and axes, except axes with a rest: those are held by sources,
 * which are resumed or gone.
 */
void persistent_state_load(const struct persistent *p, const struct spec *spec,
			   struct state *now);
/* Load what else merge.h knows of what was sent before. */
void persistent_merge_load(const struct persistent *p, struct merge *m);
/* Write m->now's switches and axes, and what persistent_merge_load() loads. */
void persistent_state_save(struct persistent *p, const struct merge *m);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the process: a memory file (--state-fd) with the bytes that
 * inherited injectors sent and that the guest does not have yet, what they
 * hold, and the device's switches and axes. A launcher hands the same file and
 * the same injection fds to the process that follows a crashed one, which
 * resumes as if nothing had happened. Pure: the file is memory here, and
 * persistent-format.h says what is where.
 *
 * The file is written by us only, but by a process that was killed between any
 * two instructions. So
 * - where a source stands is one word, stored when what was taken of the source
 *   has been delivered: the successor of a process that was killed before takes
 *   those frames once more, which leads to the same state;
 * - what a source holds is written to the one of two copies that does not
 *   count, and then made the one that counts, before the guest can see the
 *   frames that led to it: what was let go is not pressed again when they are
 *   taken once more;
 * - bytes that are being read are counted by the kernel.
 * What is found is checked, and discarded where it makes no sense.
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
	bool changed;	    /* what it holds, since that was written */
	struct iovec iov;
};

struct persistent {
	struct persistent_head *head; /* the file, borrowed */
	unsigned int n;
	struct persistent_source source[];
};

/* Return: how many bytes a file with n places has. */
size_t persistent_len(unsigned int n);

/*
 * Whether a process before us left a file of size bytes with n places; of more
 * or less, head shows persistent_len(n) bytes all the same.
 * Return: NULL; or why not, as in "the file <why>".
 */
const char *persistent_refuse(const struct persistent_head *head, size_t size,
			      unsigned int n);
/* Begin a file in persistent_len(n) bytes that are 0. */
void persistent_begin(struct persistent_head *head, unsigned int n);

/* Return: on the heap, for a file that was begun; or NULL. */
struct persistent *persistent_new(struct persistent_head *head, unsigned int n);
void persistent_free(struct persistent *p);

/*
 * Set src up, in its place: with what the place has left, or empty. Return: 0:
 * nothing was left; else the number of events of a frame, written to ev
 * (FRAME_EVENTS_MAX + 1 of them), that says what the source held: it MUST be
 * merged, and the source saved and committed.
 */
size_t persistent_source_start(struct persistent_source *ps, struct source *src,
			       bool packets, struct vi_event *ev);
/* The source was released, and its place is free. */
void persistent_source_end(struct persistent_source *ps);

/* Write what a source of a device with this many slots holds, if it changed. */
void persistent_source_save(struct persistent_source *ps, unsigned int slots);
/* What was taken of the source, but what is behind, has been delivered. */
void persistent_source_commit(struct persistent_source *ps);
/*
 * len bytes are about to be read to `to`, the source's space. Return: what to
 * hand to recvmmsg(); then the source MUST be told, and committed.
 */
struct mmsghdr *persistent_source_reading(struct persistent_source *ps,
					  void *to, size_t len);

/*
 * Switches and axes as they were left, but not axes with a rest: who moved
 * those says so again, or is gone.
 */
void persistent_state_load(const struct persistent *p, const struct spec *spec,
			   struct state *now);
/* The MT axes that were sent before, for merge_know_mt_axes(). */
uint16_t persistent_mt_axes(const struct persistent *p);
/* Write m->now's switches and axes, and m->mt_axes. */
void persistent_state_save(struct persistent *p, const struct merge *m);

#endif

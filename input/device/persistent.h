/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outlives the process: a memory file (--state-fd) in which the sources of
 * inherited injectors live, with the bytes that they sent and that nobody has
 * taken yet, and beside them the switches and axes. A launcher hands the same
 * file and the same injection fds to the process that follows a crashed one,
 * which goes on as if nothing had happened.
 *
 * The file is written only by us, but by a process that died in the middle of
 * something. So where a source stands is one word, written at once when what
 * was taken of it has been delivered: a process that dies before has its
 * successor take those frames once more, which leads to the same state. What is
 * found is checked, and thrown away when it makes no sense.
 */
#ifndef VINPUT_PERSISTENT_H
#define VINPUT_PERSISTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include "input/device/source.h"
#include "input/device/state.h"

enum persistent_use {
	PERSISTENT_FREE,
	PERSISTENT_USED,  /* a source lives here */
	PERSISTENT_SAVED, /* and what it holds is in `saved`, not in src.held */
};

struct persistent_source {
	uint32_t used;	  /* enum persistent_use */
	uint32_t read_at; /* src.tail when `read` began */
	uint64_t pos; /* src.head and .tail, and the slot selected at head */
	int32_t slot_behind; /* the one selected where src.behind begins */
	/*
	 * Bytes that are being read: the kernel sets msg_len in the same system
	 * call in which it takes them from the socket.
	 */
	struct mmsghdr read;
	struct iovec iov;
	struct source src; /* only `held` is believed */
	struct merge_source saved;
	_Alignas(8) uint8_t buf[SOURCE_BUF_LEN];
};

struct persistent {
	uint64_t magic;	  /* also says how it is laid out */
	uint32_t n;	  /* sources */
	uint16_t mt_axes; /* merge.mt_axes */
	uint8_t sw[(SW_CNT + 7) / 8];
	uint64_t abs_known;
	int32_t abs[ABS_CNT];
	struct persistent_source source[];
};

/*
 * Map the memory file, borrowed, with room for n sources; it is made anew
 * unless it has that room already. Return: 0 or -errno.
 */
int persistent_open(struct persistent **persistent, int fd, unsigned int n);
void persistent_close(struct persistent *persistent); /* NULL is fine */

/*
 * Set a source up in its place i. Return: true if one lived there and goes on;
 * then ev (FRAME_EVENTS_MAX + 1 of them) gets a frame of *n events that says
 * what it held, to be merged and then committed.
 */
bool persistent_source_start(struct persistent *persistent, unsigned int i,
			     bool packets, struct vi_event *ev, size_t *n);

/* What was taken of the source, but what is behind, has been delivered. */
void persistent_source_commit(struct persistent_source *ks);
/*
 * len bytes are about to be read to `to`, the source's space. Return: what to
 * hand to recvmmsg(); then the source is to be told, and committed.
 */
struct mmsghdr *persistent_source_reading(struct persistent_source *ks,
					  void *to, size_t len);

/*
 * Switches and axes as they were left, but not axes with a rest: who moved
 * those says so again, or is gone.
 */
void persistent_state_load(const struct persistent *persistent,
			   const struct spec *spec, struct state *now);
void persistent_state_save(struct persistent *persistent,
			   const struct state *now);

#endif

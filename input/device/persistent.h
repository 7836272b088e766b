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

enum kept_use {
	KEPT_FREE,
	KEPT_USED,  /* a source lives here */
	KEPT_SAVED, /* and what it holds is in `saved`, not in src.held */
};

struct kept_source {
	uint32_t used;	  /* enum kept_use */
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

struct kept {
	uint64_t magic;	  /* also says how it is laid out */
	uint32_t n;	  /* sources */
	uint16_t mt_axes; /* merge.mt_axes */
	uint8_t sw[(SW_CNT + 7) / 8];
	uint64_t abs_known;
	int32_t abs[ABS_CNT];
	struct kept_source source[];
};

/*
 * Map the memory file, borrowed, with room for n sources; it is made anew
 * unless it has that room already. Return: 0 or -errno.
 */
int kept_open(struct kept **kept, int fd, unsigned int n);
void kept_close(struct kept *kept); /* NULL is fine */

/*
 * Set a source up in its place i. Return: true if one lived there and goes on;
 * then ev (FRAME_EVENTS_MAX + 1 of them) gets a frame of *n events that says
 * what it held, to be merged and then committed.
 */
bool kept_source_start(struct kept *kept, unsigned int i, bool packets,
		       struct vi_event *ev, size_t *n);

/*
 * Write the frame that says what a source holds to ev (FRAME_EVENTS_MAX + 1 of
 * them). Return: its number of events.
 */
size_t kept_say_held(const struct merge_source *held, struct vi_event *ev);

/* What was taken of the source, but what is behind, has been delivered. */
void kept_source_commit(struct kept_source *ks);
/*
 * len bytes are about to be read to `to`, the source's space. Return: what to
 * hand to recvmmsg(); then the source is to be told, and committed.
 */
struct mmsghdr *kept_source_reading(struct kept_source *ks, void *to,
				    size_t len);

/*
 * Switches and axes as they were left, but not axes with a rest: who moved
 * those says so again, or is gone.
 */
void kept_state_load(const struct kept *kept, const struct spec *spec,
		     struct state *now);
void kept_state_save(struct kept *kept, const struct state *now);

#endif

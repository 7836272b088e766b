/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sibling's memory as the device VM accesses it, in BAR 4: directly, where
 * it is the file of which the device VM's VMM has mapped all from the start;
 * else by messages, of which each is an access here. Loop thread only.
 */
#ifndef VINPUT_VVU_MEMORY_H
#define VINPUT_VVU_MEMORY_H

#include <sys/types.h>
#include "injector/vvu/vvu-plan.h"
#include "input/vhost-user/vu-message.h"

/* A region of a table. */
struct vvu_piece {
	uint64_t at, size; /* in BAR 4 */
	uint64_t offset;   /* in its file */
	uint8_t *local;
	int fd; /* owned */
};

/* The regions of a table. */
struct vvu_pieces {
	unsigned int n;
	struct vvu_piece piece[VU_MEM_TABLE_MAX];
};

struct vvu_counts {
	uint64_t direct, by_messages; /* regions that the sibling shared */
	uint64_t reads, writes;	      /* by messages */
	uint64_t outside;	      /* ... of what is not shared */
};

struct vvu_memory {
	struct vvu_shape shape;
	int file; /* borrowed; -1: nothing is direct */
	dev_t dev;
	ino_t ino;
	unsigned int half; /* of the plan, for the next table */
	/* The table's, and the one's before it until that is forgotten. */
	struct vvu_pieces now, before;
	struct vvu_counts counts; /* since the program started */
};

#define VVU_MEMORY_PAGE 4096

/*
 * bar_len: of BAR 4. file: borrowed, at most half as long; -1: nothing is
 * direct. Return: 0 or -errno.
 */
int vvu_memory_init(struct vvu_memory *m, uint64_t bar_len, int file);
/* Forget all regions. Idempotent. */
void vvu_memory_clear(struct vvu_memory *m);

/*
 * Take what a SET_MEM_TABLE has, checked by vvu_request_check(), whose fds are
 * taken; and make of it the one for the driver. What the table before had
 * remains accessible until vvu_memory_settle().
 * Return: NULL, or why it cannot be.
 */
const char *vvu_memory_take(struct vvu_memory *m, struct vu_message *msg);
/*
 * Forget the table before. At the driver's next answer, whatever that answers:
 * it need not have read the last table.
 */
void vvu_memory_settle(struct vvu_memory *m);

/*
 * An access of len bytes by message. What is not shared reads as ones, and is
 * not written.
 */
void vvu_memory_read(struct vvu_memory *m, uint64_t at, void *to, size_t len);
void vvu_memory_write(struct vvu_memory *m, uint64_t at, const void *from,
		      size_t len);

/* Return: whether a file is shorter than what the sibling shared of it. */
bool vvu_memory_is_short(const struct vvu_memory *m);

#endif

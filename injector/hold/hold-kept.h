/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept of a session. Filled by hold-rows.c, said again by
 * hold-replay.c; hold-session.h is what others use.
 */
#ifndef VINPUT_HOLD_KEPT_H
#define VINPUT_HOLD_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/vhost-user/vu-message.h"

#define HOLD_QUEUES_MAX	 8
#define HOLD_REGIONS_MAX 64
/* Of the configuration space: select and subsel can be written. */
#define HOLD_CONFIG_MAX 2

struct hold_ops {
	/* A kept fd is not needed any more. */
	void (*drop)(void *arg, int fd);
	/*
	 * Read guest memory at an offset into the file of a region.
	 * Return: whether all of it was read.
	 */
	bool (*read)(void *arg, int fd, uint64_t offset, void *to, size_t len);
};

/* The last SET_VRING_KICK, CALL or ERR. */
struct hold_vring_fd {
	bool said;
	uint64_t u64;
	int fd; /* owned, -1: the no-fd bit is set */
};

struct hold_queue {
	bool has_num, has_addr, has_base, has_enable;
	bool inband; /* VRING_KICK came: it started the queue */
	uint32_t num, base, enable;
	struct vu_vring_addr addr;
	struct hold_vring_fd kick, call, err;
};

struct hold_region {
	struct vu_mem_region at;
	int fd;		 /* owned */
	bool from_table; /* SET_MEM_TABLE, not ADD_MEM_REG */
};

/* A message with one fd whose last form is kept. */
struct hold_file {
	int fd; /* owned, -1: not said */
	union {
		struct vu_log log;
		struct vu_inflight inflight;
	};
	uint32_t size; /* of the payload */
};

enum hold_transfer {
	HOLD_TRANSFER_NONE,
	HOLD_TRANSFER_RUNS, /* of a snapshot: SET_DEVICE_STATE_FD */
	HOLD_TRANSFER_LOST, /* its back-end died */
};

struct hold_session {
	const struct hold_ops *ops;
	void *arg;
	bool said_any; /* there is something to be said once more */
	bool has_features, has_protocol, has_owner, has_channel;
	uint64_t features, protocol, status;
	struct hold_region *region; /* owned; n_regions, or more */
	unsigned int n_regions;
	bool has_table; /* SET_MEM_TABLE, perhaps without regions */
	struct hold_queue queue[HOLD_QUEUES_MAX];
	struct hold_file log, log_call, inflight;
	struct {
		uint32_t flags;
		bool written[HOLD_CONFIG_MAX];
		uint8_t value[HOLD_CONFIG_MAX];
	} config;
	enum hold_transfer transfer;
	bool postcopy, listening;
	const char *unknown; /* why no back-end can continue this; NULL: none */
	bool has_asked;
	struct vu_message asked; /* with its fds, owned */
};

/* Return: whether the messages have started the queue. */
static inline bool hold_queue_runs(const struct hold_queue *q)
{
	return q->kick.said || q->inband;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transfers the device's snapshot to the front-end or from it, through a pipe,
 * while no queue runs (vhost-user: "Migrating back-end state"). Never blocks,
 * however slow the other end is. Loop thread only; no callbacks.
 */
#ifndef VINPUT_SNAPSHOT_TRANSFER_H
#define VINPUT_SNAPSHOT_TRANSFER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/base/log.h"
#include "input/device/device.h"
#include "input/spec/config-space.h"

enum snapshot_transfer_step {
	SNAPSHOT_TRANSFER_NONE,
	SNAPSHOT_TRANSFER_SAVES,
	SNAPSHOT_TRANSFER_LOADS,
	SNAPSHOT_TRANSFER_DONE,
	SNAPSHOT_TRANSFER_FAILED,
};

struct snapshot_transfer {
	struct ev_loop *loop;
	struct device *dev;	     /* borrowed */
	struct config_space *config; /* borrowed: what the driver selected */
	enum snapshot_transfer_step step;
	bool loaded;  /* the next driver start is a resume */
	int fd;	      /* owned while it saves or loads, else -1 */
	uint8_t *buf; /* SNAPSHOT_MAX + 1 bytes, for as long as fd is open */
	size_t len;   /* bytes in buf */
	size_t done;  /* of them written, when it saves */
	ev_io io;
	struct log_limit limit;
};

void snapshot_transfer_init(struct snapshot_transfer *t, struct ev_loop *loop,
			    struct device *dev, struct config_space *config);

/*
 * Begin, and cancel the transfer before. fd is taken, also on failure.
 * Return: NULL, or what is wrong.
 */
const char *snapshot_transfer_save(struct snapshot_transfer *t, int fd);
const char *snapshot_transfer_load(struct snapshot_transfer *t, int fd);

/*
 * The front-end says that it has read all, or written all and closed its side.
 * Return: whether the last transfer succeeded.
 */
bool snapshot_transfer_check(struct snapshot_transfer *t);

/* A queue starts: save the state of now; load if all has arrived, or fail. */
void snapshot_transfer_finish(struct snapshot_transfer *t);

/*
 * A driver starts. Return: whether it is the one of the snapshot that was
 * loaded; only once after a load.
 */
bool snapshot_transfer_resumes(struct snapshot_transfer *t);

/* Cancel a transfer, without a line in the log. Idempotent. */
void snapshot_transfer_cancel(struct snapshot_transfer *t);

#endif

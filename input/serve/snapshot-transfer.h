/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the device's state to the front-end or from it, through a pipe, while
 * no queue runs (vhost-user: "Migrating back-end state"). Nothing waits for
 * the other end: not for a slow one and not for one that never comes. Loop
 * thread only; no callbacks.
 */
#ifndef VINPUT_SNAPSHOT_TRANSFER_H
#define VINPUT_SNAPSHOT_TRANSFER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "input/spec/config-space.h"
#include "input/device/device.h"
#include "input/base/log.h"

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
	uint8_t *buf; /* SNAPSHOT_MAX + 1 bytes, as long as fd is there */
	size_t len;   /* bytes in buf */
	size_t done;  /* of them written, when it saves */
	ev_io io;
	struct log_limit limit;
};

void snapshot_transfer_init(struct snapshot_transfer *t, struct ev_loop *loop,
			    struct device *dev, struct config_space *config);

/*
 * Begin; what was going on is cancelled. fd is taken, also on failure.
 * Return: NULL, or in words what is wrong.
 */
const char *snapshot_transfer_save(struct snapshot_transfer *t, int fd);
const char *snapshot_transfer_load(struct snapshot_transfer *t, int fd);

/*
 * The front-end has read all, or has written all and ended its side.
 * Return: whether the last transfer went well.
 */
bool snapshot_transfer_check(struct snapshot_transfer *t);

/* A queue starts: save what is now, load what has come by now or nothing. */
void snapshot_transfer_finish(struct snapshot_transfer *t);

/*
 * The driver starts.
 * Return: whether it is one that the state that was loaded knows of; once.
 */
bool snapshot_transfer_resumes(struct snapshot_transfer *t);

/* Stop what is going on, without a word. Idempotent. */
void snapshot_transfer_cancel(struct snapshot_transfer *t);

#endif

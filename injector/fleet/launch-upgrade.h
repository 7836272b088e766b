/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The process that is to replace a device's: it is started beside the old one,
 * checks all that it can without what the old one has, says what it offers
 * (--standby-fd), and waits. Only then the old one is ended.
 *
 *	           it waits              the old one has ended       ready
 *	STARTING ──────────► PREPARED ───────────────────────► HANDED ───► DONE
 *	    │ it ends, or is late │
 *	    └────────► FAILING ◄──┘ ───► FAILED   the old one serves on
 *
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_UPGRADE_H
#define VINPUT_LAUNCH_UPGRADE_H

#include <stdbool.h>
#include <stdint.h>
#include "injector/process/launch-child.h"

enum launch_upgrade_state {
	LAUNCH_UPGRADE_NONE,
	LAUNCH_UPGRADE_STARTING,
	LAUNCH_UPGRADE_PREPARED,
	LAUNCH_UPGRADE_HANDED,
	LAUNCH_UPGRADE_DONE,
	LAUNCH_UPGRADE_FAILING, /* it is killed, but still there */
	LAUNCH_UPGRADE_FAILED,	/* why */
};

struct launch_upgrade {
	const struct launch_setup *setup;
	const char *name; /* of the device, for the log, borrowed */
	enum launch_upgrade_state state;
	struct launch_process process; /* pid 0: none, or handed over */
	struct launch_lines lines;
	int ready_fd;	/* owned; -1: none */
	int standby_fd; /* owned; -1: none */
	ev_io io;	/* of standby_fd */
	struct launch_timer timer;
	uint64_t features, protocol; /* what the VMM uses */
	char last[LAUNCH_WHY_MAX];   /* the last line that it has logged */
	char why[LAUNCH_WHY_MAX];
	/* It is prepared: the old process is to be ended. */
	void (*prepared)(void *arg);
	void *arg;
};

/* The ends for the new process, owned by the caller. */
struct launch_upgrade_fds {
	int said, ready, standby;
};

/* The members prepared and arg are the caller's. */
void launch_upgrade_init(struct launch_upgrade *u,
			 const struct launch_setup *setup, const char *name);
/*
 * Make the pipes of a process; the caller then starts u->process, and calls
 * launch_upgrade_started(). Return: 0 or -errno.
 */
int launch_upgrade_begin(struct launch_upgrade *u,
			 struct launch_upgrade_fds *fds);
/* r: 0, or -errno: it could not be started. */
void launch_upgrade_started(struct launch_upgrade *u, int r);
/*
 * The old process has ended: the prepared one becomes *p, whose pipes are the
 * caller's. It waits for launch_upgrade_go(), and ends if there is none because
 * the launcher has died.
 */
void launch_upgrade_hand_over(struct launch_upgrade *u,
			      struct launch_process *p, int *lines_fd,
			      int *ready_fd);
/* Let it begin. */
void launch_upgrade_go(struct launch_upgrade *u);
/* It is ready, after HANDED. */
void launch_upgrade_done(struct launch_upgrade *u);
/* Give it up, unless it was handed over. Its process is killed. */
__attribute__((format(printf, 2, 3))) void launch_upgrade_fail(
	struct launch_upgrade *u, const char *fmt, ...);
/* There MUST NOT be a process. */
void launch_upgrade_fini(struct launch_upgrade *u);

static inline bool launch_upgrade_runs(const struct launch_upgrade *u)
{
	return u->state == LAUNCH_UPGRADE_STARTING ||
	       u->state == LAUNCH_UPGRADE_PREPARED ||
	       u->state == LAUNCH_UPGRADE_HANDED ||
	       u->state == LAUNCH_UPGRADE_FAILING;
}

#endif

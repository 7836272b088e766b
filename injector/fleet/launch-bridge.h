/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bridge of a device with "vfio_user": a vinput-vfio-user(1), where VMMs
 * with vfio-user connect, in front of the socket of all other VMMs. A VMM loses
 * the device with it, so that it is never replaced, only restarted if it dies.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_BRIDGE_H
#define VINPUT_LAUNCH_BRIDGE_H

#include "injector/fleet/launch-endpoints.h"
#include "injector/process/launch-child.h"
#include "injector/process/launch-last.h"
#include "injector/process/launch-ready.h"

struct launch_bridge {
	const struct launch_endpoints *ep; /* of its device, borrowed */
	char name[sizeof("the bridge of ") + LAUNCH_LABEL_MAX];
	struct launch_child child;
	struct launch_life life;
	struct launch_lines lines;
	struct launch_ready ready;
	struct launch_last last; /* in its device's log */
	/* Another process is the bridge, or none: update the holder. */
	void (*replaced)(void *arg);
	void *arg;
};

/*
 * Stopped. label: its device's; the members ep, last.file, replaced and arg are
 * the caller's to set. Return: NULL: out of memory.
 */
struct launch_bridge *launch_bridge_new(const struct launch_setup *setup,
					const char *label);
/* It MUST NOT have a process. b may be NULL, as in all that follows. */
void launch_bridge_free(struct launch_bridge *b);

/* That of a launcher that has ended, if it still runs. pidfd: taken. */
void launch_bridge_inherit(struct launch_bridge *b, int pidfd);
/*
 * Start it if it is stopped or has failed. It becomes LAUNCH_STARTING, or
 * LAUNCH_FAILED with child.why; if it is being ended, LAUNCH_WAITING.
 */
void launch_bridge_start(struct launch_bridge *b);
/* It becomes LAUNCH_STOPPED. */
void launch_bridge_end(struct launch_bridge *b);
/* SIGKILL. */
void launch_bridge_kill(struct launch_bridge *b);
/* The launcher exits at once: end it unless it was taken over. */
void launch_bridge_give_back(struct launch_bridge *b);
/* Return: whether it has a process. */
bool launch_bridge_runs(const struct launch_bridge *b);
/* Return: the process that is to outlive the launcher, or NULL. */
const struct launch_process *launch_bridge_kept(const struct launch_bridge *b);
/* Return: whether VMMs can connect, as far as this depends on it. */
bool launch_bridge_is_up(const struct launch_bridge *b);

#endif

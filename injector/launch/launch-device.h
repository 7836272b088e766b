/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device: a vhost-user-input process, supervised, and what outlives it.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_DEVICE_H
#define VINPUT_LAUNCH_DEVICE_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>
#include "injector/launch/launch-child.h"
#include "injector/launch/launch-endpoints.h"
#include "injector/launch/launch-plan.h"
#include "injector/launch/launch-reload.h"
#include "injector/launch/launch-spec-file.h"
#include "injector/launch/launch-upgrade.h"
#include "injector/launch/launch-watchdog.h"

struct launch_device {
	TAILQ_ENTRY(launch_device) link; /* the owner's */
	struct launch_item item;
	struct launch_child child;
	struct launch_endpoints endpoints;
	/* Its inline spec, or what its server writes; fd: -1: neither. */
	struct launch_spec_file spec;
	struct launch_log_file log;
	struct launch_lines lines;
	char last[LAUNCH_WHY_MAX]; /* the last line of this process, or "" */
	bool last_held;		   /* it is not in the log */
	int ready_fd;		   /* owned; -1: not awaited */
	ev_io ready;
	struct launch_watchdog watchdog;
	struct launch_reload reload;
	struct launch_upgrade upgrade;
	bool reload_later; /* once it is ready */
	bool removing;	   /* the owner's: to be freed when it has ended */
	bool taken_over;   /* from a launcher that has ended, ... */
	bool may_replace;  /* ... and its old server may be ended */
};

TAILQ_HEAD(launch_device_list, launch_device);

/*
 * Make its sockets, or take over those of setup->inherited; item is copied,
 * with a reference to its JSON. with_streamer: make a socketpair too. Return:
 * the device, stopped; NULL with why (LAUNCH_WHY_MAX bytes).
 */
struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why);
/* All others come up: if this one was taken over, its old server may end. */
void launch_device_replace(struct launch_device *dev);
/*
 * The process is about to exit: leave the device to the next launcher if it was
 * taken over, and end it if not.
 */
void launch_device_give_back(struct launch_device *dev);
/* It MUST NOT have a process. Removes its sockets. */
void launch_device_free(struct launch_device *dev);

/*
 * It becomes LAUNCH_STARTING, or LAUNCH_FAILED with child.why. An inherited
 * server is upgraded; that of a device of the host is ended first:
 * LAUNCH_WAITING.
 */
void launch_device_start(struct launch_device *dev);
/* The holder has been started: let it hold this device, if that listens. */
void launch_device_hold(struct launch_device *dev);
/*
 * Give it another inline spec, for the next time that it is read. spec: gets
 * another reference. Return: 0 or -errno: it has the one from before.
 */
int launch_device_set_spec(struct launch_device *dev, json_t *spec);
/* A line of its server: "the spec:5:2: ..." for an inline one. */
void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX]);
/*
 * Replace its process by one of the program as it is now, when that is ready:
 * dev->upgrade says what becomes of it. Not for a device of the host.
 */
void launch_device_upgrade(struct launch_device *dev);
/* End it, and what is to replace it; it becomes LAUNCH_STOPPED. */
void launch_device_end(struct launch_device *dev);
/* Return: whether it has any process. */
bool launch_device_runs(const struct launch_device *dev);
/* Let it read its spec again, now or when it is ready. */
void launch_device_reload(struct launch_device *dev);
/* Open its log file by its name once more, if it has one. */
void launch_device_reopen_log(struct launch_device *dev);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fleet: the devices of one launcher, its streamer, and the phase they are
 * all in. How the parts of the launcher use each other:
 *
 *	vinput-launch ──► launch-cmdline, launch-file, launch-plan
 *	  │        └────► launch-client ──────┐ (--control, --wait)
 *	  ▼                                   ▼
 *	launch-run ─────► launch-control ─► launch-command
 *	  phases,           the socket        list, add, ...
 *	  signals           and clients
 *	  │                   │                 │
 *	  └───────────────────┴────────┬────────┘
 *	                               ▼
 *	                          launch-fleet
 *	                               │
 *	                launch-device, launch-streamer
 *	                               │
 *	                  launch-bridge, launch-holder, launch-template
 *	                               │
 *	                          launch-child ──► launch-process
 *
 * Nothing below launch-run decides what follows from a change. A change of a
 * state, of the phase or of the list of devices sets a flag; before the loop
 * sleeps, settle() is called, once for all changes, and again until it causes
 * none. So no callback of a child frees what its caller still uses. Loop thread
 * only.
 */
#ifndef VINPUT_LAUNCH_FLEET_H
#define VINPUT_LAUNCH_FLEET_H

#include <ev.h>
#include "injector/fleet/launch-device.h"
#include "injector/fleet/launch-holder.h"
#include "injector/fleet/launch-streamer.h"
#include "injector/fleet/launch-template.h"

enum launch_phase {
	LAUNCH_COMING_UP,
	LAUNCH_UP,
	LAUNCH_ENDING_STREAMER,
	LAUNCH_ENDING_DEVICES,
	LAUNCH_ENDING_ORPHANS, /* processes that the streamer left behind */
	LAUNCH_LEAVING,	       /* the devices go on; ends the streamer */
};

struct launch_fleet {
	struct ev_loop *loop;
	struct launch_children children;
	struct launch_log log;
	struct launch_setup setup;
	struct launch_device_list devices;
	struct launch_streamer streamer;
	struct launch_holder holder;
	struct launch_template template;
	enum launch_phase phase; /* set by launch_fleet_enter() only */
	bool changed;
	bool leaves; /* asked for: LAUNCH_LEAVING follows */
	ev_prepare prepare;
	void (*settle)(void *arg);
	void *arg;
};

/* The caller then fills in the rest of setup. */
void launch_fleet_init(struct launch_fleet *f, struct ev_loop *loop,
		       void (*settle)(void *arg), void *arg);
/* There MUST NOT be a process. */
void launch_fleet_fini(struct launch_fleet *f);

/* Enter a phase; settle() follows. */
void launch_fleet_enter(struct launch_fleet *f, enum launch_phase phase);
bool launch_fleet_is_ending(const struct launch_fleet *f);

size_t launch_fleet_count(const struct launch_fleet *f);
/* Return: the device of that label, or NULL. */
struct launch_device *launch_fleet_find(const struct launch_fleet *f,
					const char *label);
/*
 * Make all of the plan's devices, stopped, or none of them. with_streamer: with
 * socketpairs. Return: 0 or -1 with why (LAUNCH_WHY_MAX bytes).
 */
int launch_fleet_add(struct launch_fleet *f, const struct launch_plan *plan,
		     bool with_streamer, char *why);
/* End it; launch_fleet_sweep() frees it when its process has ended. */
void launch_fleet_remove(struct launch_fleet *f, struct launch_device *dev);
void launch_fleet_sweep(struct launch_fleet *f);

/* Start the holder, if there is one, and the devices, up to the first that
 * cannot be started. */
void launch_fleet_start(struct launch_fleet *f);
void launch_fleet_end_devices(struct launch_fleet *f);
/* Replace the processes of all devices that are ready: launch-upgrade.h. */
void launch_fleet_upgrade(struct launch_fleet *f);
/* Let all devices read their specs again. */
void launch_fleet_reload(struct launch_fleet *f);
/* Return: a device that runs and has not answered a request yet, or NULL. */
const struct launch_device *launch_fleet_unanswered(
	const struct launch_fleet *f, int64_t request_us);
/* Return: a device whose reload after a request has failed, or NULL. */
const struct launch_device *launch_fleet_unreloaded(
	const struct launch_fleet *f, int64_t request_us);
/* Open all log files by their names once more. */
void launch_fleet_reopen_logs(struct launch_fleet *f);
/* SIGKILL for all processes. */
void launch_fleet_kill(struct launch_fleet *f);
/* Return: whether any device has a process. */
bool launch_fleet_runs(const struct launch_fleet *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One device, for the files that serve it; launch-device.h is for others. */
#ifndef VINPUT_LAUNCH_DEVICE_STATE_H
#define VINPUT_LAUNCH_DEVICE_STATE_H

#include <ev.h>
#include <stdbool.h>
#include <sys/queue.h>
#include "injector/fleet/launch-bridge.h"
#include "injector/fleet/launch-endpoints.h"
#include "injector/fleet/launch-reload.h"
#include "injector/fleet/launch-spec-file.h"
#include "injector/fleet/launch-upgrade.h"
#include "injector/plan/launch-plan.h"
#include "injector/process/launch-child.h"
#include "injector/process/launch-last.h"
#include "injector/process/launch-ready.h"
#include "injector/process/launch-watchdog.h"

struct launch_device {
	TAILQ_ENTRY(launch_device) link; /* the owner's */
	struct launch_item item;
	struct launch_child child;
	struct launch_endpoints endpoints;
	/* Its inline spec, or what its server writes; fd: -1: neither. */
	struct launch_spec_file spec;
	struct launch_log_file log;
	struct launch_lines lines;
	struct launch_last last;
	struct launch_ready ready;
	struct launch_bridge *bridge; /* owned; NULL: none */
	/* Owned: a pidfd of one taken over that is not to stay, or -1. */
	int old_bridge;
	struct launch_watchdog watchdog;
	struct launch_reload reload;
	struct launch_upgrade upgrade;
	bool reload_later; /* once it is ready */
	bool removing;	   /* the owner's: to be freed when it has ended */
	bool taken_over;   /* from a launcher that has ended, ... */
	bool may_replace;  /* ... and its old server may be ended */
};

TAILQ_HEAD(launch_device_list, launch_device);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The launcher: all devices, the streamer, the control socket, from the first
 * process to the last. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_RUN_H
#define VINPUT_LAUNCH_RUN_H

#include <ev.h>
#include "injector/launch/launch-control.h"
#include "injector/launch/launch-device.h"
#include "injector/launch/launch-options.h"
#include "injector/launch/launch-streamer.h"

enum launch_phase {
	LAUNCH_COMING_UP,
	LAUNCH_UP,
	LAUNCH_ENDING_STREAMER,
	LAUNCH_ENDING_DEVICES,
	LAUNCH_ENDING_ORPHANS, /* what the streamer left behind */
};

struct launcher {
	struct ev_loop *loop;
	struct launch_children children;
	struct launch_log log;
	struct launch_setup setup;
	struct launch_device_list devices;
	struct launch_streamer streamer;
	struct launch_control control;
	enum launch_phase phase;
	int status;    /* to exit with */
	int ready_fd;  /* owned, -1: none */
	bool step_due; /* some state is another one */
	ev_prepare step;
	ev_signal signals[3];
	ev_timer orphans;
};

/*
 * Launch, and run until all has ended. streamer: NULL, or its command line.
 * Return: an exit status; what was wrong is told.
 */
int launcher_run(const struct launch_options *o, const struct launch_plan *plan,
		 const struct launch_restart *restart, char *const *streamer);

/* For the control socket. Return: NULL if there is none. */
struct launch_device *launcher_device(const struct launcher *l,
				      const char *label);
/* All of the plan's, or none. Return: 0 or -1 with why (LAUNCH_WHY_MAX). */
int launcher_add(struct launcher *l, const struct launch_plan *plan,
		 bool with_streamer, char *why);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streamer: the program behind "--" that injects events into the devices.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_STREAMER_H
#define VINPUT_LAUNCH_STREAMER_H

#include <ev.h>
#include "injector/launch/launch-device.h"

struct launch_streamer {
	const struct launch_setup *setup;
	const struct launch_device_list *devices; /* borrowed */
	char *const *argv; /* borrowed; NULL: there is no streamer */
	enum launch_state state;
	struct launch_process process;
	struct launch_history history;
	double since; /* when it was started */
	bool ending, again;
	ev_timer timer; /* WAITING: start */
	ev_timer kill;	/* after SIGTERM */
	char why[LAUNCH_WHY_MAX];
};

void launch_streamer_init(struct launch_streamer *st,
			  const struct launch_setup *setup,
			  const struct launch_device_list *devices,
			  char *const *argv);
void launch_streamer_fini(struct launch_streamer *st); /* idempotent */

/*
 * It becomes LAUNCH_READY, or LAUNCH_FAILED and why tells. The first time it
 * gets the devices' socketpairs, later connections to their injection sockets.
 */
void launch_streamer_start(struct launch_streamer *st);
/* SIGTERM, after a while SIGKILL. */
void launch_streamer_end(struct launch_streamer *st);
void launch_streamer_kill(struct launch_streamer *st);
void launch_streamer_restart(struct launch_streamer *st);

#endif

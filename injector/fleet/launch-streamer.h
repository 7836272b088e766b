/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streamer: the program behind "--" that injects events into the devices.
 * Loop thread only.
 */
#ifndef VINPUT_LAUNCH_STREAMER_H
#define VINPUT_LAUNCH_STREAMER_H

#include <ev.h>
#include "injector/fleet/launch-device.h"

struct launch_streamer {
	const struct launch_device_list *devices; /* borrowed */
	char *const *argv; /* borrowed; NULL: there is no streamer */
	struct launch_child child;
	double since; /* clock_s() at its start */
};

void launch_streamer_init(struct launch_streamer *st,
			  const struct launch_setup *setup,
			  const struct launch_device_list *devices,
			  char *const *argv);

/*
 * It becomes LAUNCH_READY, or LAUNCH_FAILED with child.why. The first time it
 * gets the devices' socketpairs, later connections to their injection sockets.
 */
void launch_streamer_start(struct launch_streamer *st);

#endif

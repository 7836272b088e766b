/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports that input devices of the host may have come or changed: by udev,
 * when it has set up a device, and by the folder of the nodes, for hosts and
 * containers without udev, and since the permission to open a node may come
 * later. Sleeps otherwise. Loop thread only.
 */
#ifndef VINPUT_PASS_MONITOR_H
#define VINPUT_PASS_MONITOR_H

#include <ev.h>
#include "injector/passthrough/pass-entry.h"

struct pass_monitor {
	struct ev_loop *loop;
	const struct pass_host *host; /* borrowed */
	/* MAY be called for nothing. */
	void (*changed)(void *arg);
	/* Nothing has changed for some seconds, or it does not end. */
	void (*settled)(void *arg);
	void *arg;

	struct udev *udev; /* NULL: none */
	struct udev_monitor *monitor;
	int inotify_fd;
	int above; /* the watch of the folder above, while there is no folder */
	ev_io udev_io, inotify_io;
	ev_timer settled_timer;
	double settled_by; /* while that is active; of clock_s() */
};

/*
 * The members above the blank line are set. Return: 0; -errno: nothing will be
 * reported.
 */
int pass_monitor_start(struct pass_monitor *m);
void pass_monitor_fini(struct pass_monitor *m); /* after a start */

/*
 * Which seat a node belongs to, as udev has it: "seat0" if nothing else is
 * known. Return: 0; -EAGAIN: udev has not set it up yet.
 */
int pass_monitor_seat(const struct pass_monitor *m, const char *node,
		      char seat[64]);

#endif

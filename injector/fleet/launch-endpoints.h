/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device keeps while its processes come and go, so that neither the VMM
 * nor the streamer notices a restart:
 *
 *	LABEL.sock         the VMM connects here: one that reconnects waits for
 *	                   the next process instead of being refused
 *	another one        with a holder, which has LABEL.sock: servers listen
 *	                   here, at a file that has no name any more
 *	a socketpair       to the streamer, whose end stays connected; events
 *	                   that were not read yet stay in it
 *	a persistent file  in which the server keeps what is held (--state-fd)
 *	a pipe             that ends the server once nobody has its other end
 *
 * LABEL.inject and LABEL.stats belong to each process, LABEL.vfio to a bridge's
 * (launch-bridge.h). When the device is down
 * for good, its sockets are closed, so that nobody waits for it forever. Loop
 * thread only.
 */
#ifndef VINPUT_LAUNCH_ENDPOINTS_H
#define VINPUT_LAUNCH_ENDPOINTS_H

#include <stdbool.h>
#include "injector/fleet/launch-inherit.h"
#include "injector/process/launch-life.h"
#include "input/base/socket-path.h"

struct launch_endpoints {
	/* Owned. */
	char *frontend_path, *inject_path, *stats_path, *server_path;
	char *vfio_path;
	struct socket_path frontend; /* fd -1 while the device is down */
	int server_fd;	    /* owned; listening for the holder, or -1 */
	int server_path_fd; /* owned; O_PATH, of its file, or -1 */
	int inject_fd;	 /* owned; the device's end of the socketpair, or -1 */
	int streamer_fd; /* owned; the other end, until the streamer has it */
	int state_fd;	 /* owned */
	struct launch_life life;
};

#define LAUNCH_ENDPOINTS_NULL                                     \
	((struct launch_endpoints){ .frontend = SOCKET_PATH_NULL, \
				    .server_fd = -1,              \
				    .server_path_fd = -1,         \
				    .inject_fd = -1,              \
				    .streamer_fd = -1,            \
				    .state_fd = -1,               \
				    .life = LAUNCH_LIFE_NULL })

/*
 * Make all that a device keeps, in dir; with_streamer: the socketpair too.
 * Return: 0, or -errno with why (LAUNCH_WHY_MAX bytes).
 */
int launch_endpoints_open(struct launch_endpoints *ep, const char *dir,
			  const char *label, bool with_streamer, char *why);
/*
 * Take over those of another launcher's device; what is made anew is closed.
 * Return: 0, or -errno with why.
 */
int launch_endpoints_inherit(struct launch_endpoints *ep,
			     struct launch_inherited *in, char *why);
/* Listen for the VMM unless it does already. Return: as above. */
int launch_endpoints_listen(struct launch_endpoints *ep,
			    const struct socket_access *access, char *why);
/* The same for a holder. */
int launch_endpoints_listen_held(struct launch_endpoints *ep, char *why);
/* Remove the sockets of a process that was killed. */
void launch_endpoints_sweep(const struct launch_endpoints *ep);
/* The device is down: close its sockets. Idempotent. */
void launch_endpoints_close(struct launch_endpoints *ep);
void launch_endpoints_fini(struct launch_endpoints *ep); /* idempotent */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket and its clients: each line is a request, each gets one
 * line for an answer. A client's requests are carried out one after the other:
 * while one is pending, or its answer does not fit into the socket, nothing
 * more is read from it. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_CONTROL_H
#define VINPUT_LAUNCH_CONTROL_H

#include <sys/queue.h>
#include "injector/launch/launch-fleet.h"
#include "input/base/listener.h"
#include "input/base/socket-path.h"

#define LAUNCH_CLIENTS_MAX 16
#define LAUNCH_REQUEST_MAX (256 * 1024) /* bytes of a line */

struct control_client;

struct launch_control {
	struct launch_fleet *fleet; /* NULL: not started */
	char *path;		    /* owned */
	struct socket_path socket;
	struct listener listener;
	TAILQ_HEAD(control_client_list, control_client) clients;
	unsigned int n;
	bool was_full; /* since the last client that was refused */
};

/* Listen at DIR/control. Return: 0; -1 with why (LAUNCH_WHY_MAX bytes). */
int launch_control_start(struct launch_control *c, struct launch_fleet *f,
			 char *why);
/* Something in the fleet has changed: answer what can be answered now. */
void launch_control_settle(struct launch_control *c);
/* Disconnect everybody. Idempotent; c may be all zero. */
void launch_control_fini(struct launch_control *c);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket and its clients: each line is a request, each gets one
 * line for an answer. A client's requests are carried out one after the other:
 * while one is pending, or its answer does not fit into the socket, nothing
 * more is read from it. Loop thread only.
 *
 * How another program does it: connect a SOCK_STREAM socket to DIR/control,
 * send one object in JSON and a newline, and read up to a newline. A device is
 * added with its spec in the request, so the launcher reads no file of the
 * client's:
 *
 *	{"command": "add", "devices": [{"label": "kbd", "spec": {...}}]}
 *	{"ok":true,"added":["kbd"]}
 *	{"ok":false,"error":"kbd: the spec:1:12: error: ..."}
 *
 * The answer comes when the device is ready: DIR/kbd.sock and DIR/kbd.inject
 * exist. A device of the launch file has the same members. With "spec": "TEXT"
 * the launcher's servers look for a spec of that name, or open the file if it
 * has a slash. A line MUST NOT be longer than LAUNCH_REQUEST_MAX - 1 bytes with
 * its newline; one that is gets an error, and the client is disconnected.
 */
#ifndef VINPUT_LAUNCH_CONTROL_H
#define VINPUT_LAUNCH_CONTROL_H

#include <sys/queue.h>
#include "injector/fleet/launch-fleet.h"
#include "injector/launch/launch-command.h"
#include "input/base/listener.h"
#include "input/base/socket-path.h"

#define LAUNCH_CLIENTS_MAX 16

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

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: each line is an order, a JSON object; each gets one line
 * for an answer, when it is done. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_CONTROL_H
#define VINPUT_LAUNCH_CONTROL_H

#include <ev.h>
#include <sys/queue.h>
#include "input/base/listener.h"
#include "input/base/socket-path.h"

#define LAUNCH_CLIENTS_MAX 16
#define LAUNCH_ORDER_MAX   (256 * 1024) /* bytes of a line */

struct launcher;
struct launch_client;

struct launch_control {
	struct launcher *launcher;
	char *path; /* owned */
	struct socket_path socket;
	struct listener listener;
	TAILQ_HEAD(launch_client_list, launch_client) clients;
	unsigned int n;
};

/* Listen at DIR/control. Return: 0; -1 with why (LAUNCH_WHY_MAX bytes). */
int launch_control_start(struct launch_control *c, struct launcher *l,
			 char *why);
/* Some state is another one: answer what can be answered now. */
void launch_control_step(struct launch_control *c);
/* Answers nobody any more. Idempotent; c may be all zero. */
void launch_control_fini(struct launch_control *c);

#endif

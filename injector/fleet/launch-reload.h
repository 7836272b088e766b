/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a device's server says what came of SIGHUP: it notifies us as a service
 * manager (sd_notify(3)), at a datagram socket that each device has for itself,
 * since few messages fit into one. The socket's name is abstract: there is no
 * file, but every process can send to it, so the sender is checked. Loop thread
 * only.
 */
#ifndef VINPUT_LAUNCH_RELOAD_H
#define VINPUT_LAUNCH_RELOAD_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include "injector/process/launch-process.h"

#define LAUNCH_RELOAD_WHY_MAX 512
/* In this time a server MUST have read its spec again. */
#define LAUNCH_RELOAD_S 5.0

struct launch_reload {
	struct ev_loop *loop;
	const struct launch_process *server; /* borrowed */
	int fd;				     /* owned; -1: not open */
	ev_io io;
	char env[64];	  /* NOTIFY_SOCKET=... */
	int64_t begun_us; /* the one under way; 0: none */
	int64_t done_us;  /* when the last one that has ended had begun */
	char why[LAUNCH_RELOAD_WHY_MAX]; /* it failed; "": it did not */
	void (*reported)(void *arg);
	void *arg;
};

/* reported: one has ended. */
void launch_reload_init(struct launch_reload *r, struct ev_loop *loop,
			const struct launch_process *server,
			void (*reported)(void *arg), void *arg);
/* Before the server is started, with r->env. Return: 0 or -errno. */
int launch_reload_open(struct launch_reload *r);
void launch_reload_close(struct launch_reload *r); /* idempotent */

/* Return: the time of a request that is made now. */
int64_t launch_reload_request(void);
/* Return: whether a reload that began after the request has ended. */
bool launch_reload_answers(const struct launch_reload *r, int64_t request_us);

#endif

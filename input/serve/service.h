/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server with what its options ask for: sockets, injectors, the persistent
 * file, counters, reports of readiness and reloads. A program opens it,
 * confines itself, starts it and runs the loop. Errors are logged. Loop thread
 * only.
 */
#ifndef VINPUT_SERVICE_H
#define VINPUT_SERVICE_H

#include "input/base/notify.h"
#include "input/base/socket-path.h"
#include "input/serve/server.h"
#include "input/serve/service-options.h"

struct service {
	struct server server; /* beside what is HOT_DATA, if this is static */
	const struct service_options *o; /* borrowed */
	/* The socket files, removed at the end whether the start failed or not.
	 */
	struct socket_path frontend, injectors, stats;
	int status_fd; /* where a source at stdin gets its status; -1: none */
	struct persistent *persistent;
	struct notify notify;
	spec_read_fn *read_spec; /* on SIGHUP; NULL: never */
	const void *read_spec_arg;
	char reload_error[1024]; /* of the last time that the spec was read */
};

/*
 * Close stdin and stdout where no option is for them: others may wait until
 * nobody has them. Their numbers are free then: afterwards nothing MUST be
 * written to stdout.
 */
void service_leave_stdio(const struct service_options *o);
/* service_fini() MUST be called then. */
void service_init(struct service *sv, const struct service_options *o);
/* All that has a path. Return: 0 or -errno, as below. */
int service_open(struct service *sv, struct ev_loop *loop,
		 const struct spec *spec);
/* Serve, after the sandbox was entered. */
int service_start(struct service *sv);
/* Report that it serves, to be followed by ev_run(); and that it ends. */
void service_ready(struct service *sv);
void service_stopping(struct service *sv);
void service_fini(struct service *sv); /* idempotent */

#endif

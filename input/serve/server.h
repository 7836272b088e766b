/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device server: the device between its front-end and its injectors, in
 * one event loop. Loop thread only.
 */
#ifndef VINPUT_SERVER_H
#define VINPUT_SERVER_H

#include <ev.h>
#include "input/device/device.h"
#include "input/serve/frontend-link.h"
#include "input/serve/injectors.h"
#include "input/serve/pump.h"
#include "input/serve/session.h"
#include "input/serve/signals.h"
#include "input/serve/stats.h"
#include "input/spec/spec.h"

struct server {
	struct ev_loop *loop;
	struct device *dev;
	struct pump pump;
	struct session session;
	struct frontend_link link;
	struct injectors injectors;
	struct stats stats;
	struct signals signals;
};

/*
 * server_fini() MUST be called also after a failure. Return: 0 or -errno.
 */
int server_init(struct server *s, struct ev_loop *loop,
		const struct spec *spec);
void server_fini(struct server *s); /* idempotent */

/* What becomes of what the guest does not take, and after how long. */
void server_set_overflow(struct server *s, enum device_overflow overflow,
			 unsigned int stall_ms);

/* vu_backend_offer_postcopy(). */
int server_offer_postcopy(struct server *s);

/*
 * Serve the front-end on fd, until server_fini(): listening (borrowed) or
 * connected (taken), found out here. Return: 0 or -errno (-ENOTSOCK, -EINVAL:
 * neither).
 */
int server_serve(struct server *s, int fd);

#endif

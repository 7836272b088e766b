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
	unsigned int n_inherited; /* injectors; their places if persistent */
};

/*
 * server_fini() MUST be called also after a failure. Return: 0 or -errno.
 */
int server_init(struct server *s, struct ev_loop *loop,
		const struct spec *spec);
void server_fini(struct server *s); /* idempotent */

/* --- options: before server_serve() --- */

/* What becomes of what the guest does not take, and after how long. */
void server_set_overflow(struct server *s, enum device_overflow overflow,
			 unsigned int stall_ms);
/* How the spec is read again on SIGHUP. Not called: it is not read again. */
void server_set_spec_reader(struct server *s, spec_read_fn *read,
			    const void *arg);
/* Offer these to the front-end. The last one: vu_backend_offer_postcopy(). */
void server_offer_iommu(struct server *s);
void server_offer_inband(struct server *s);
int server_offer_postcopy(struct server *s);

/* --- what is served: until server_fini() --- */

/*
 * Keep what the injectors of server_add_injector() hold in a persistent file,
 * borrowed, and continue with what is in it. Before the first of them.
 */
void server_keep(struct server *s, struct persistent *persistent);
/* An inherited injector: as injectors_add(). */
int server_add_injector(struct server *s, int fd, int status_fd);
/* As injectors_listen(). */
int server_listen_injectors(struct server *s, int fd,
			    const struct peer_allow *allow);
/* As stats_listen(). */
int server_listen_stats(struct server *s, int fd);
/*
 * The front-end on fd: listening (borrowed) or connected (taken), found out
 * here. Return: 0 or -errno (-ENOTSOCK, -EINVAL: neither).
 */
int server_serve(struct server *s, int fd);

#endif

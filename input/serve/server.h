/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device server: a device between its front-end and its injectors, in one
 * event loop. This is the first file to read of input/serve/, the only folder
 * in which rings (ring/, vhost-user/) and events (device/, spec/) meet.
 *
 *   injection                                                  guest memory
 *   sockets ──► injectors ──► device ──────► pump ──► eventq ──► buffers
 *               ▲                            ▲  │ ▲
 *               └────── LEDs, sounds ────────┼──┘ └── statusq ◄── buffers
 *                                            │
 *   vhost-user                   queues ─────┤
 *   socket ───► frontend-link ──► session ───┼──► config space, spec-change,
 *   device ───► (back-end)                   │    snapshot-transfer
 *   kick fds ──► kicks ──────────────────────┘
 *
 * A watcher that is called never moves an event itself. Injectors read bytes
 * into their sources, messages start and stop queues, a kick says that there
 * are buffers: each only notes that the pump has something to do. When the loop
 * has called all of its watchers, the pump runs once: it merges what waits,
 * fills the eventq's buffers, shows them to the driver at once and notifies it
 * at most once. So a burst costs one notification, and the order in which fds
 * become ready does not matter.
 *
 * The session knows what the driver knows. A driver that starts is sent the
 * state; one that resumes, or is the one of a snapshot, is sent what has
 * changed since; one that was reset and has read the configuration space again
 * gets the device of the spec that was read last (SIGHUP).
 *
 * Nothing that a peer sends ends the process: a front-end's violation ends its
 * connection (frontend-link), a guest's stops the queue (pump), an injector's
 * disconnects it (injectors). The process ends with SIGTERM or SIGINT (signals)
 * or with the front-end if its socket came connected. stats shows what the
 * parts have counted. Loop thread only.
 */
#ifndef VINPUT_SERVER_H
#define VINPUT_SERVER_H

#include <ev.h>
#include "input/base/stats.h"
#include "input/device/device.h"
#include "input/serve/frontend-link.h"
#include "input/serve/injectors.h"
#include "input/serve/pump.h"
#include "input/serve/session.h"
#include "input/serve/signals.h"
#include "input/serve/vvu-link.h"
#include "input/spec/spec.h"

struct server {
	struct ev_loop *loop;
	struct device *dev;
	/* What a frame uses of these is close together. */
	struct pump pump;
	struct injectors injectors;
	struct frontend_link link;
	struct session session;
	struct vvu_link *vvu; /* owned; NULL: no device is open */
	struct stats stats;
	struct signals signals;
	void (*reloaded)(void *arg, int r); /* or NULL */
	void *reloaded_arg;
	unsigned int n_inherited; /* injectors; their places if persistent */
};

/*
 * server_fini() MUST be called also after a failure. Return: 0 or -errno.
 */
int server_init(struct server *s, struct ev_loop *loop,
		const struct spec *spec);
void server_fini(struct server *s); /* idempotent */

/* --- options: before server_serve() --- */

/* What happens to frames that the guest does not take, and after how long. */
void server_set_overflow(struct server *s, enum device_overflow overflow,
			 unsigned int stall_ms);
/* Injectors send all their events through their sockets. */
void server_refuse_rings(struct server *s);
/*
 * How the spec is read again, on SIGHUP or by server_reload(). By default it is
 * not.
 */
void server_set_spec_reader(struct server *s, spec_read_fn *read,
			    const void *arg);
/* Call this after SIGHUP. r: session_reload()'s. */
void server_report_reloads(struct server *s, void (*reloaded)(void *arg, int r),
			   void *arg);
/* Offer these to the front-end; postcopy: as vu_backend_offer_postcopy(). */
void server_offer_iommu(struct server *s);
void server_offer_inband(struct server *s);
int server_offer_postcopy(struct server *s);
/* Offer nothing that does not pass a device: for server_open_device(). */
void server_expect_device(struct server *s);

/* What is offered to the front-end, except postcopy's. */
void server_offers(struct server *s, uint64_t *features, uint64_t *protocol);

/* --- what is served: until server_fini() --- */

/* The spec has changed: let the next driver have the device of the new one. */
void server_reload(struct server *s);
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
 * The front-end on fd, a stream socket: listening (borrowed) or connected
 * (taken), whichever it is. Return: 0 or -errno (-ENOTSOCK, -EINVAL: another
 * type).
 */
int server_serve(struct server *s, int fd);
/*
 * The front-end behind a virtio-vhost-user device, instead: as vvu_link_open()
 * and vvu_link_start().
 */
int server_open_device(struct server *s, const char *address);
int server_serve_device(struct server *s);

#endif

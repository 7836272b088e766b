/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device server: the device between its front-end and its injectors, in
 * one event loop. Loop thread only.
 */
#ifndef VINPUT_SERVER_H
#define VINPUT_SERVER_H

#include <ev.h>
#include <stdbool.h>
#include "input/spec/config-space.h"
#include "input/device/device.h"
#include "input/serve/frontend-link.h"
#include "input/serve/injectors.h"
#include "input/serve/kicks.h"
#include "input/base/log.h"
#include "input/spec/spec.h"
#include "input/serve/spec-change.h"
#include "input/serve/snapshot-transfer.h"
#include "input/serve/stats.h"

struct server {
	struct ev_loop *loop;
	struct spec_change spec;
	struct device *dev;
	struct config_space config; /* as selected by the driver */
	struct snapshot_transfer transfer;
	struct frontend_link frontend;
	struct injectors injectors;
	struct stats stats;

	bool pump_due;	  /* something happened: pump before the loop sleeps */
	bool statusq_due; /* ... and look at the statusq then, too */
	int eventq_error; /* VRING_E_* found while pumping, 0: none */
	uint64_t told;	  /* dev->count.events_out at the last pump */
	double stall_s;
	ev_idle again; /* keeps the loop from sleeping: there is more to do */
	ev_timer stall;
	struct kicks kicks;
	ev_signal sigterm, sigint, sighup;
	struct log_limit guest_limit;
	uint64_t ring_violations;
};

/* Return: 0 or -errno. */
int server_init(struct server *s, struct ev_loop *loop,
		const struct spec *spec);
void server_fini(struct server *s);

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

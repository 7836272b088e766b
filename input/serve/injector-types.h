/* SPDX-License-Identifier: Apache-2.0 */
/* The injectors of a server, for the files that serve them: see injectors.h. */
#ifndef VINPUT_INJECTOR_TYPES_H
#define VINPUT_INJECTOR_TYPES_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include "input/base/listener.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/device/device.h"
#include "input/device/event.h"
#include "input/serve/led-state.h"
#include "input/serve/peer-allow.h"

/* Connected at a time; further connections are refused. */
#define INJECTORS_MAX 64
/* Of these, how many can have a ring. */
#define INJECTOR_RINGS_MAX 16

/* Where an injector is on its way to a ring. */
enum injector_offer {
	OFFER_UNASKED,
	OFFER_AWAITED, /* it may offer one */
	OFFER_SETTLED, /* it has, or may not */
};

struct injector_ring;

struct injector {
	struct injectors *owner;
	int fd;	       /* owned; what is read */
	int status_fd; /* borrowed, or the same as fd; -1: none */
	bool socket;
	bool may_be_vmm; /* it has not sent enough to tell */
	bool reset;	 /* by its peer: what was sent before is still read */
	bool paused;	 /* in owner->paused: not read before there is space */
	bool accepted;	 /* a connection, which ends with this process */
	struct loop_shortcut shortcut; /* beside io */
	enum injector_offer offer;
	struct injector_ring *ring; /* owned; NULL: none */
	struct loop_shortcut ring_shortcut;
	struct device_source source; /* what a frame uses of it is first */
	ev_io io, ring_io;
	TAILQ_ENTRY(injector) link, paused_link;
};

/* A source within the process (local-source.h). NULL: there is none. */
struct injectors_local {
	void (*status)(void *arg, const struct vi_event *ev, size_t n);
	/* As injectors_resume(). Return: whether it is not paused any more. */
	bool (*resume)(void *arg);
	void *arg;
};

struct injectors {
	/* What each frame uses is together, so that it is on one page. */
	struct device *dev; /* borrowed */
	/* As pump_pass(). NULL, and after injectors_init(): no shortcuts. */
	size_t (*pass)(void *arg, struct device_source *src,
		       const struct vi_event *ev, size_t n, bool *quiet);
	void (*changed)(void *arg); /* the device has something to pump */
	void *arg;
	bool quiet;	 /* as pass() has set it */
	bool any_paused; /* one of these, or the local source */

	struct ev_loop *loop;
	TAILQ_HEAD(injector_list, injector) list;
	TAILQ_HEAD(injector_paused, injector) paused;
	unsigned int n;
	struct listener listener;
	const struct peer_allow *allow; /* borrowed; of connections */
	struct log_limit refused_limit, denied_limit, dropped_limit;
	uint64_t total, refused, denied, dropped, unfinished, status_events;
	struct led_state leds;
	bool no_rings; /* the setting */
	unsigned int n_rings;
	uint64_t rings_total, rings_refused;
	struct injectors_local local;
};

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moves events from the device to the eventq, and LEDs and sounds from the
 * statusq to the injectors. Watchers only note that there is something to move
 * (pump_soon(), pump_look()); the pump runs once for all of them, when the loop
 * has called them and before it sleeps. One in a process, with the watchdog
 * over it. Loop thread only.
 */
#ifndef VINPUT_PUMP_H
#define VINPUT_PUMP_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>
#include "input/base/log.h"
#include "input/device/device.h"
#include "input/serve/counters.h"
#include "input/serve/frontend-link.h"
#include "input/serve/injectors.h"

/* The queues, virtio 1.3 §5.8.2. */
enum {
	EVENTQ,
	STATUSQ,
};

struct pump {
	/* Borrowed. */
	struct ev_loop *loop;
	struct device *dev;
	struct injectors *injectors;
	struct frontend_link *link;

	struct vu_backend *be;		   /* borrowed: the link's */
	struct vring *ring[VU_QUEUES_MAX]; /* borrowed; NULL: does not run */
	bool due;			   /* run before the loop sleeps */
	bool waits;			   /* for buffers of the eventq */
	bool statusq_due;   /* ... and look at the statusq, too */
	int eventq_error;   /* VRING_E_* met by the sink, 0: none */
	size_t taken;	    /* by the eventq, when the sink put some last */
	uint64_t delivered; /* dev->count.events_out at the last run */
	double stall_s;
	ev_idle again; /* keeps the loop from sleeping: there is more to do */
	ev_timer stall;
	ev_timer limit; /* of injectors whose frames wait */
	struct log_limit guest_limit;
	uint64_t ring_violations;
};

/* The device's sink. The pump need not be initialised before its device. */
struct device_sink pump_sink(struct pump *p);

/* The members above the blank line are set, all others are 0. */
void pump_init(struct pump *p);
/* Have the watchdog over what it does. Return: 0 or -errno. */
int pump_watch(struct pump *p);
void pump_fini(struct pump *p); /* idempotent */

/* Fill in what the device and the pump have counted. */
void pump_count(const struct pump *p, struct counters *c);

/* How long to wait for a guest that takes nothing (DEVICE_FOLD). */
void pump_set_stall(struct pump *p, unsigned int stall_ms);

/* Callbacks, with a struct pump: */
/*
 * As device_pass(), and let the guest have them, outside the loop's round: see
 * loop_shortcut. device_can_pass() holds. *quiet: the loop can sleep. If not,
 * it MUST run a round next.
 */
size_t pump_pass(void *pump, struct device_source *src,
		 const struct vi_event *ev, size_t n, bool *quiet);
/* Something happened that may let events move. */
void pump_soon(void *pump);
/*
 * This queue may have buffers. Each run looks at the eventq; at the statusq,
 * which is cold memory of the guest, only after this.
 */
void pump_look(void *pump, unsigned int queue);

/* A queue runs, with this ring, until pump_queue_stopped(). */
void pump_queue_started(struct pump *p, unsigned int queue, struct vring *ring);
void pump_queue_stopped(struct pump *p, unsigned int queue);
/*
 * The ring of a running queue returned a VRING_E_*. If the guest broke it, the
 * queue stops and the session continues; on VRING_E_MISS the front-end's IOMMU
 * is asked.
 */
void pump_queue_failed(struct pump *p, unsigned int queue, int error);
/* Serve this queue now, before the next message is handled. */
void pump_queue_now(struct pump *p, unsigned int queue);

static inline const char *pump_queue_name(unsigned int queue)
{
	return queue == EVENTQ ? "eventq" : "statusq";
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kicks of the eventq are enabled only while an event waits for a buffer: a
 * kick is an exit of the VM.
 */
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/base/watchdog.h"
#include "input/device/device-control.h"
#include "input/ring/guest-map.h"
#include "input/ring/vring.h"
#include "input/serve/eventq.h"
#include "input/serve/pump.h"
#include "input/serve/statusq.h"

/* How long a front-end's event fd can block us, if it is made to block. */
#define BLOCKED_MS 2000
/* After so many times that, a missing page is given up (postcopy). */
#define PAGE_PERIODS 5

/* At least how long to keep frames for the driver of the last process. */
#define AWAIT_S 1.0

/* Whose signal handler page_is_late() is. */
static const struct pump *watched;

WARM void pump_soon(void *pump)
{
	struct pump *p = pump;

	p->due = true;
}

void pump_look(void *pump, unsigned int queue)
{
	struct pump *p = pump;

	p->statusq_due |= queue == STATUSQ;
	pump_soon(p);
}

void pump_queue_failed(struct pump *p, unsigned int queue, int error)
{
	if (error == VRING_E_MISS) {
		vu_backend_miss(p->be, queue);
		return;
	}
	/* Its memory was taken away: not the guest's fault. */
	if (guest_map_any_lost())
		return;
	log_limited(&p->guest_limit, LOG_WARNING, CULPRIT_GUEST,
		    "%s: %s; queue stopped", pump_queue_name(queue),
		    vring_strerror(error));
	p->ring_violations++;
	vu_backend_break(p->be, queue);
}

/* --- the device's sink: the eventq --- */

static HOT size_t sink_put(void *arg, const struct vi_event *ev, size_t n)
{
	struct pump *p = arg;

	if (p->eventq_error)
		return 0;
	p->eventq_error = eventq_put(p->ring[EVENTQ], ev, n, &p->taken);
	return p->taken;
}

static size_t sink_room(void *arg)
{
	const struct pump *p = arg;

	return p->eventq_error ? 0 : vring_room(p->ring[EVENTQ]);
}

static bool sink_ready(void *arg)
{
	struct pump *p = arg;
	int ready = vring_ready(p->ring[EVENTQ]);

	if (ready && ready != VRING_READY)
		p->eventq_error = ready;
	return ready == VRING_READY && !p->eventq_error;
}

static bool sink_position(void *arg, uint32_t *at)
{
	const struct pump *p = arg;

	if (p->ring[EVENTQ])
		*at = vring_position(p->ring[EVENTQ]);
	return p->ring[EVENTQ];
}

static HOT void sink_show(void *arg)
{
	struct pump *p = arg;

	if (vring_publish(p->ring[EVENTQ]))
		vu_backend_notify(p->be, EVENTQ);
}

static void sink_released(void *arg, struct device_source *source)
{
	injectors_released(source);
}

static bool sink_answer(void *arg, struct device_source *source,
			const struct vi_event *ev, size_t n)
{
	return injectors_answer(source, ev, n);
}

static void sink_ask_ring(void *arg, struct device_source *source)
{
	injectors_asked_for_ring(source);
}

struct device_sink pump_sink(struct pump *p)
{
	return (struct device_sink){ .put = sink_put,
				     .show = sink_show,
				     .room = sink_room,
				     .ready = sink_ready,
				     .position = sink_position,
				     .released = sink_released,
				     .answer = sink_answer,
				     .ask_ring = sink_ask_ring,
				     .arg = p };
}

/* --- one run --- */

/* For as long as it may take until a front-end has initialised us again. */
static double stall_wait_s(const struct pump *p)
{
	return device_awaits(p->dev) && p->stall_s < AWAIT_S ? AWAIT_S
							     : p->stall_s;
}

/*
 * If the guest has taken nothing since the last run, wait, then fold. The wait
 * ends when it has taken everything, and begins anew when its driver is back.
 */
static void watch_for_stall(struct pump *p, bool waits)
{
	const double wait_s = stall_wait_s(p);
	bool progress = p->delivered != p->dev->count.events_out ||
			p->stall.repeat > wait_s;

	p->delivered = p->dev->count.events_out;
	if (!waits || (p->dev->view.folded && !device_keeps(p->dev))) {
		ev_timer_stop(p->loop, &p->stall);
	} else if (progress || !ev_is_active(&p->stall)) {
		p->stall.repeat = wait_s;
		ev_timer_again(p->loop, &p->stall);
	}
}

static void on_stall(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pump *p = container_of(timer, struct pump, stall);

	device_stalled(p->dev);
	pump_soon(p);
}

/* --- injectors that ask for receipts --- */

/* Not inline: it would slow down the usual case. */
#define RARE __attribute__((noinline, cold))

static bool are_askers(const struct pump *p)
{
	return !LIST_EMPTY(&p->dev->askers);
}

static void answer_returned(struct pump *p, struct vring *ring)
{
	if (ring)
		device_answer(p->dev, vring_unreturned(ring));
	else
		device_answer_stopped(p->dev);
}

/*
 * Only if a receipt remains owed, enable the driver's kicks for what it
 * returns, and look again: it may have returned something before.
 */
static RARE void answer_receipts(struct pump *p, struct vring *ring)
{
	answer_returned(p, ring);
	if (!p->dev->owed || !ring)
		return;
	vring_ask_returns(ring);
	answer_returned(p, ring);
	/*
	 * Of a split ring this has moved the index for which the driver kicks,
	 * maybe past buffers that became available since serve_eventq().
	 */
	if (p->waits && vring_ready(ring))
		pump_soon(p);
}

/* Fold the frames that have waited for as long as their injector wanted. */
static void watch_limits(struct pump *p)
{
	const int64_t left_ms =
		device_limits(p->dev, (uint64_t)clock_ns() / 1000000);

	ev_timer_stop(p->loop, &p->limit);
	if (!left_ms)
		pump_soon(p);
	if (left_ms <= 0)
		return;
	p->limit.repeat = (double)left_ms / 1000;
	ev_timer_again(p->loop, &p->limit);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int events)
{
	pump_soon(container_of(timer, struct pump, limit));
}

static RARE void serve_askers(struct pump *p)
{
	const bool vmm = frontend_link_connected(p->link);

	device_set_driver(p->dev, p->dev->guest ? CONTROL_DRIVER_RUNNING
				  : vmm		? CONTROL_DRIVER_NONE
						: CONTROL_DRIVER_NO_VMM);
	if (p->dev->owed)
		answer_receipts(p, p->ring[EVENTQ]);
	watch_limits(p);
}

/* What the driver has been shown need not be kept any more. */
static WARM void publish_eventq(struct pump *p)
{
	struct vring *ring = p->ring[EVENTQ];
	bool call = ring && vring_publish(ring);

	device_commit(p->dev);
	if (call)
		vu_backend_notify(p->be, EVENTQ);
}

static WARM void serve_eventq(struct pump *p)
{
	/* Before the driver holds some of them: learn how many there are. */
	if (are_askers(p) && p->ring[EVENTQ])
		vring_unreturned(p->ring[EVENTQ]);
	bool waits = device_pump(p->dev);
	int error = p->eventq_error;

	publish_eventq(p);
	p->eventq_error = 0;
	if (error && p->ring[EVENTQ])
		pump_queue_failed(p, EVENTQ, error);
	p->waits = waits;
	if (p->ring[EVENTQ]) {
		vring_ask_kicks(p->ring[EVENTQ], waits);
		/*
		 * Buffers may have become available before kicks were enabled.
		 * Not before the sockets were read: a flood from one MUST NOT
		 * delay a key from another while the guest keeps up with it.
		 */
		if (waits && vring_ready(p->ring[EVENTQ]))
			pump_soon(p);
	}
	watch_for_stall(p, waits && p->dev->overflow == DEVICE_FOLD &&
				   (p->ring[EVENTQ] || device_awaits(p->dev)));
}

static void take_status(void *arg, const struct vi_event *ev, size_t n)
{
	struct pump *p = arg;

	injectors_status(p->injectors, ev, n);
}

static void serve_statusq(struct pump *p)
{
	struct vring *ring = p->ring[STATUSQ];
	int error;

	p->statusq_due = false;
	if (!ring)
		return;
	error = statusq_take(ring, take_status, p);
	if (vring_publish(ring))
		vu_backend_notify(p->be, STATUSQ);
	if (error) {
		pump_queue_failed(p, STATUSQ, error);
		return;
	}
	vring_ask_kicks(ring, true);
	if (vring_ready(ring))
		pump_look(p, STATUSQ);
}

static WARM void pump_run(struct pump *p)
{
	p->due = false;
	serve_eventq(p);
	if (p->statusq_due)
		serve_statusq(p);
	injectors_resume(p->injectors);
	if (are_askers(p))
		serve_askers(p);
	if (vu_backend_logged(p->be))
		vu_backend_tell_logged(p->be);
	if (guest_map_any_lost())
		frontend_link_drop(p->link, guest_map_lost());
	if (vu_backend_blocked(p->be))
		frontend_link_drop(p->link, "an event fd blocks");
	/* There is more to do: let the loop poll its fds, but not sleep. */
	if (p->due)
		ev_idle_start(p->loop, &p->again);
	else
		ev_idle_stop(p->loop, &p->again);
}

/* Return: whether there is something to do that is not usual for events. */
static bool has_other_work(const struct pump *p)
{
	return p->statusq_due || p->eventq_error || p->injectors->any_paused ||
	       vu_backend_logged(p->be) || guest_map_any_lost() ||
	       vu_backend_blocked(p->be);
}

/* Timers are left to pump_run(): the loop's clock stands still here. */
HOT size_t pump_pass(void *pump, struct device_source *src,
		     const struct vi_event *ev, size_t n, bool *quiet)
{
	struct pump *p = pump;
	size_t done;

	watchdog_touch();
	done = device_pass(p->dev, src, ev, n);
	watchdog_rest();
	*quiet = done == n && !guest_view_left(&p->dev->view) &&
		 !has_other_work(p);
	p->due = !*quiet;
	return done;
}

/*
 * Instead of a prepare watcher, which would run right before the loop sleeps:
 * later, and at the cost of more of the loop's bookkeeping.
 */
static WARM void invoke_pending_and_pump(struct ev_loop *loop)
{
	struct pump *p = ev_userdata(loop);

	if (ev_pending_count(loop))
		watchdog_touch();
	ev_invoke_pending(loop);
	if (p->due)
		pump_run(p);
	watchdog_rest();
}

static void on_again(struct ev_loop *loop, ev_idle *idle, int events)
{
}

/* --- queues --- */

/* Not by the next run: the ack of a kick says that the queue was looked at. */
void pump_queue_now(struct pump *p, unsigned int queue)
{
	if (queue == STATUSQ)
		serve_statusq(p);
	else
		serve_eventq(p);
	pump_soon(p);
}

void pump_queue_started(struct pump *p, unsigned int queue, struct vring *ring)
{
	p->ring[queue] = ring;
	pump_look(p, queue);
}

void pump_queue_stopped(struct pump *p, unsigned int queue)
{
	/* What the driver has returned by now it has taken. */
	if (queue == EVENTQ && are_askers(p))
		answer_returned(p, p->ring[EVENTQ]);
	p->ring[queue] = NULL;
	pump_soon(p);
}

void pump_count(const struct pump *p, struct counters *c)
{
	const struct device_counters *dev = &p->dev->count;
	const struct merge_counters *merge = &p->dev->merge.count;

	c->driver = p->dev->guest;
	c->frames_in = dev->frames_in;
	c->events_in = dev->events_in;
	c->frames_out = dev->frames_out;
	c->events_out = dev->events_out;
	c->frames_folded = dev->folded;
	c->frames_empty = merge->empty;
	c->undeclared = merge->undeclared;
	c->clamped = merge->clamped;
	c->bad_slot = merge->bad_slot;
	c->no_slot = merge->no_slot;
	c->no_contact = merge->no_contact;
	c->resyncs = dev->resyncs;
	c->stalls = dev->stalls;
	c->releases = dev->releases;
	c->queue_longest = dev->queue_longest;
	c->receipts = dev->receipts;
	c->receipts_lost = dev->receipts_lost;
	c->ring_violations = p->ring_violations;
}

/* --- life --- */

/*
 * Only a front-end that is still connected can bring the missing page. Called
 * from a signal handler.
 */
static void page_is_late(unsigned int periods)
{
	if (periods >= PAGE_PERIODS || frontend_link_has_hung_up(watched->link))
		guest_map_give_up();
}

void pump_init(struct pump *p)
{
	ev_set_userdata(p->loop, p);
	ev_set_invoke_pending_cb(p->loop, invoke_pending_and_pump);
	ev_idle_init(&p->again, on_again);
	ev_init(&p->stall, on_stall);
	ev_init(&p->limit, on_limit);
	p->be = frontend_link_backend(p->link);
}

int pump_watch(struct pump *p)
{
	watched = p;
	return watchdog_init(BLOCKED_MS, page_is_late);
}

void pump_fini(struct pump *p)
{
	ev_set_invoke_pending_cb(p->loop, ev_invoke_pending);
	ev_idle_stop(p->loop, &p->again);
	ev_timer_stop(p->loop, &p->stall);
	ev_timer_stop(p->loop, &p->limit);
	watchdog_fini();
}

void pump_set_stall(struct pump *p, unsigned int stall_ms)
{
	p->stall_s = stall_ms / 1000.0;
}

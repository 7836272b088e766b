/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callbacks only note what happened; the work is done once for all of them in
 * the pump, which runs when the loop has called them:
 *
 *   injector readable ─► bytes into its source ─┐
 *   eventq kicked ─────► (buffers are there)   ─┼─► pump: sources ─► eventq,
 *   front-end message ─► queue started ...     ─┘   one publish, one notify
 *   statusq kicked ────────────────────────────────► statusq ─► injectors
 *
 * The guest is asked for kicks of the eventq only while something waits for
 * buffers: a kick is an exit of the VM.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "input/serve/eventq.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/ring/guest-map.h"
#include "input/serve/server.h"
#include "input/serve/statusq.h"
#include "input/base/watchdog.h"

enum {
	EVENTQ,
	STATUSQ,
};

/* What a front-end's event fd may keep us waiting, if it is made to block. */
#define BLOCKED_MS 2000
/* So many times that is a page of the guest waited for (postcopy). */
#define PAGE_PERIODS 5

static struct vu_queue *queue(struct server *s, unsigned int i)
{
	return &s->frontend.backend.queue[i];
}

static void pump_soon(void *arg)
{
	struct server *s = arg;

	s->pump_due = true;
}

/*
 * There may be something in this queue. The pump always looks at the eventq;
 * the statusq is cold memory of the guest, left alone until it is kicked.
 */
static void look_at(void *arg, unsigned int i)
{
	struct server *s = arg;

	s->statusq_due |= i == STATUSQ;
	pump_soon(s);
}

/*
 * The guest broke its ring: that queue stops, the session goes on. Or the ring
 * cannot go on before the IOMMU has been asked.
 */
static void queue_failed(void *arg, unsigned int i, int error)
{
	struct server *s = arg;

	if (error == VRING_E_MISS) {
		vu_backend_miss(&s->frontend.backend, i);
		return;
	}
	/* Not the guest's doing: its memory went away, see pump(). */
	if (guest_map_lost())
		return;
	log_limited(&s->guest_limit, LOG_WARNING, LOG_GUEST,
		    "%s: %s; the queue is stopped",
		    i == EVENTQ ? "eventq" : "statusq", vring_strerror(error));
	s->ring_violations++;
	vu_backend_break(&s->frontend.backend, i);
}

/* --- the device's sink: the eventq --- */

static size_t sink_put(void *arg, const struct vi_event *ev, size_t n)
{
	struct server *s = arg;
	size_t taken;

	if (s->eventq_error)
		return 0;
	s->eventq_error = eventq_put(&queue(s, EVENTQ)->ring, ev, n, &taken);
	return taken;
}

static bool sink_ready(void *arg)
{
	struct server *s = arg;
	int ready = vring_ready(&queue(s, EVENTQ)->ring);

	if (ready && ready != VRING_READY)
		s->eventq_error = ready;
	return ready == VRING_READY && !s->eventq_error;
}

static void sink_released(void *arg, struct device_source *source)
{
	injectors_released(source);
}

/* --- the pump --- */

/*
 * The guest has taken nothing since the last look: wait for it for stall_s,
 * then fold. With everything taken the wait is over.
 */
static void watch_for_stall(struct server *s, bool waits)
{
	bool progress = s->told != s->dev->count.events_out;

	s->told = s->dev->count.events_out;
	if (!waits || s->dev->view.folded) {
		ev_timer_stop(s->loop, &s->stall);
	} else if (progress || !ev_is_active(&s->stall)) {
		s->stall.repeat = s->stall_s;
		ev_timer_again(s->loop, &s->stall);
	}
}

static void on_stall(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct server *s = container_of(timer, struct server, stall);

	ev_timer_stop(loop, timer);
	device_stalled(s->dev);
	pump_soon(s);
}

/* Show the driver what was put; it need not be kept any more. */
static void publish_eventq(struct server *s)
{
	struct vu_queue *q = queue(s, EVENTQ);
	bool call = q->running && vring_publish(&q->ring);

	device_commit(s->dev);
	if (call)
		vu_backend_notify(&s->frontend.backend, EVENTQ);
}

static void serve_eventq(struct server *s)
{
	struct vu_queue *q = queue(s, EVENTQ);
	bool waits = device_pump(s->dev);
	int error = s->eventq_error;

	publish_eventq(s);
	s->eventq_error = 0;
	if (error && q->running)
		queue_failed(s, EVENTQ, error);
	if (q->running) {
		vring_ask_kicks(&q->ring, waits);
		/*
		 * Buffers may have come just before we asked for the kick. But
		 * first to the sockets: a flood from one must not hold up a key
		 * from another for as long as the guest keeps pace with it.
		 */
		if (waits && vring_ready(&q->ring))
			pump_soon(s);
	}
	watch_for_stall(s,
			waits && q->running && s->dev->overflow == DEVICE_FOLD);
}

static void take_status(void *arg, const struct vi_event *ev, size_t n)
{
	struct server *s = arg;

	injectors_status(&s->injectors, ev, n);
}

static void serve_statusq(struct server *s)
{
	struct vu_queue *q = queue(s, STATUSQ);

	s->statusq_due = false;
	if (!q->running)
		return;
	int error = statusq_take(&q->ring, take_status, s);
	if (vring_publish(&q->ring))
		vu_backend_notify(&s->frontend.backend, STATUSQ);
	if (error) {
		queue_failed(s, STATUSQ, error);
		return;
	}
	vring_ask_kicks(&q->ring, true);
	if (vring_ready(&q->ring))
		look_at(s, STATUSQ);
}

static void pump(struct server *s)
{
	s->pump_due = false;
	serve_eventq(s);
	if (s->statusq_due)
		serve_statusq(s);
	injectors_resume(&s->injectors);
	if (s->frontend.backend.mem.logged)
		vu_backend_tell_logged(&s->frontend.backend);
	if (guest_map_lost())
		frontend_link_drop(&s->frontend, guest_map_lost());
	if (s->frontend.backend.blocked)
		frontend_link_drop(&s->frontend, "its event fds block");
	/* More to do, but the others' events come first: do not sleep. */
	if (s->pump_due)
		ev_idle_start(s->loop, &s->again);
	else
		ev_idle_stop(s->loop, &s->again);
}

/*
 * Instead of a prepare watcher, which would run when the loop is about to go to
 * sleep: later, and by another round of the loop's book-keeping.
 */
static void invoke_pending_and_pump(struct ev_loop *loop)
{
	struct server *s = ev_userdata(loop);

	if (ev_pending_count(loop))
		watchdog_touch();
	ev_invoke_pending(loop);
	if (s->pump_due)
		pump(s);
	watchdog_rest();
}

static void on_again(struct ev_loop *loop, ev_idle *idle, int events)
{
}

/* --- queues --- */

static void kicked(void *arg, unsigned int i)
{
	look_at(arg, i);
}

static void queue_kick_fd(void *arg, unsigned int i)
{
	struct server *s = arg;

	kicks_watch(&s->kicks, i);
}

/* Not by the pump: what was there is looked at before this is acked. */
static void queue_kicked(void *arg, unsigned int i)
{
	struct server *s = arg;

	if (i == STATUSQ)
		serve_statusq(s);
	else
		serve_eventq(s);
	pump_soon(s);
}

/*
 * The first driver of this process that has used buffers before was served by
 * another process, of which we know nothing but what it saved.
 */
static void driver_started(struct server *s, bool resumed)
{
	bool knows = snapshot_transfer_resumes(&s->transfer) || resumed;
	const struct spec *spec = knows ? NULL : spec_change_start(&s->spec);

	if (spec)
		device_change_spec(s->dev, spec);
	if (!s->dev->had_driver && !knows &&
	    vring_has_history(&queue(s, EVENTQ)->ring))
		device_suspect_all(s->dev);
	if (knows)
		device_driver_resumed(s->dev);
	else
		device_driver_started(s->dev);
}

static void queue_started(void *arg, unsigned int i, bool resumed)
{
	struct server *s = arg;

	log_line(LOG_DEBUG, LOG_GUEST, "%s %s, %u entries",
		 i == EVENTQ ? "eventq" : "statusq",
		 resumed ? "goes on" : "starts", queue(s, i)->ring.num);
	queue_kick_fd(s, i);
	snapshot_transfer_finish(&s->transfer);
	if (i == EVENTQ)
		driver_started(s, resumed);
	look_at(s, i);
}

static void queue_stopped(void *arg, unsigned int i)
{
	struct server *s = arg;

	kicks_stop(&s->kicks, i);
	if (i == EVENTQ) {
		device_driver_stopped(s->dev);
		ev_timer_stop(s->loop, &s->stall);
	}
	pump_soon(s);
}

/* --- the configuration space --- */

static bool any_queue_runs(struct server *s)
{
	bool runs = false;

	for (unsigned int i = 0; i < VU_QUEUES_MAX; i++)
		runs |= queue(s, i)->running;
	return runs;
}

/*
 * Only select and subsel can be written; a VMM that always writes the whole
 * space brings its stale copy of the rest along.
 */
static void config_write(void *arg, uint32_t offset, const uint8_t *data,
			 uint32_t len)
{
	struct server *s = arg;
	uint8_t select = s->config.select, subsel = s->config.subsel;

	if (offset == 0)
		select = data[0];
	if (offset <= 1 && offset + len > 1)
		subsel = data[1 - offset];
	if (offset > 1)
		return;
	config_space_fill(&s->config,
			  spec_change_look(&s->spec, any_queue_runs(s)), select,
			  subsel);
}

static void config_read(void *arg, uint32_t offset, uint8_t *data, uint32_t len)
{
	struct server *s = arg;

	memcpy(data, (const uint8_t *)&s->config + offset, len);
}

static void reset(void *arg)
{
	struct server *s = arg;

	snapshot_transfer_cancel(&s->transfer);
	spec_change_reset(&s->spec);
	config_space_fill(&s->config, s->spec.now, CONFIG_UNSET, 0);
}

/* --- the device's state --- */

static const char *transfer(struct server *s,
			    const struct vu_device_state *what, int fd)
{
	_cleanup_close_ int taken = fd;

	if (what->phase != VU_PHASE_STOPPED)
		return "unknown phase";
	if (any_queue_runs(s))
		return "a queue runs";
	switch (what->direction) {
	case VU_STATE_SAVE:
		return snapshot_transfer_save(&s->transfer, steal_fd(&taken));
	case VU_STATE_LOAD:
		return snapshot_transfer_load(&s->transfer, steal_fd(&taken));
	}
	return "unknown direction";
}

static bool begin_transfer(void *arg, const struct vu_device_state *what,
			   int fd)
{
	struct server *s = arg;
	const char *wrong = transfer(s, what, fd);

	if (wrong)
		log_limited(&s->transfer.limit, LOG_WARNING, LOG_FRONTEND,
			    "SET_DEVICE_STATE_FD: %s", wrong);
	return !wrong;
}

static bool check_transfer(void *arg)
{
	struct server *s = arg;

	return snapshot_transfer_check(&s->transfer);
}

static const struct vu_ops ops = {
	.queue_started = queue_started,
	.queue_stopped = queue_stopped,
	.queue_kick_fd = queue_kick_fd,
	.queue_look = look_at,
	.queue_failed = queue_failed,
	.queue_kicked = queue_kicked,
	.config_write = config_write,
	.config_read = config_read,
	.reset = reset,
	.state_transfer = begin_transfer,
	.state_check = check_transfer,
};

/* --- counters --- */

static void gather(void *arg, struct counters *c)
{
	const struct server *s = arg;
	const struct device_counters *dev = &s->dev->count;
	const struct merge_counters *merge = &s->dev->merge.count;
	const struct injectors *inj = &s->injectors;

	*c = (struct counters){
		.sources = inj->n,
		.sources_total = inj->total,
		.sources_refused = inj->refused,
		.sources_denied = inj->denied,
		.sources_dropped = inj->dropped,
		.frames_in = dev->frames_in,
		.events_in = dev->events_in,
		.frames_out = dev->frames_out,
		.events_out = dev->events_out,
		.frames_folded = dev->folded,
		.frames_empty = merge->empty,
		.undeclared = merge->undeclared,
		.clamped = merge->clamped,
		.bad_slot = merge->bad_slot,
		.no_slot = merge->no_slot,
		.no_contact = merge->no_contact,
		.unfinished = inj->unfinished,
		.resyncs = dev->resyncs,
		.stalls = dev->stalls,
		.releases = dev->releases,
		.queue_longest = dev->queue_longest,
		.status_events = inj->status_events,
		.frontends = s->frontend.connections,
		.frontend_violations = s->frontend.violations,
		.ring_violations = s->ring_violations,
	};
}

/* --- life --- */

static void on_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

/* Whose signal handlers these are. */
static const struct server *serving;

/* The front-end is there to bring the page that we wait for, or is not. */
static void page_is_late(unsigned int periods)
{
	struct pollfd p = { .fd = serving->frontend.socket.fd,
			    .events = POLLRDHUP };
	int saved = errno;

	if (periods >= PAGE_PERIODS || poll(&p, 1, 0) > 0)
		guest_map_give_up();
	errno = saved;
}

/* As libev's, but the loop may be waiting for a page that never comes. */
static void end_soon(int sig)
{
	if (watchdog_busy())
		guest_map_give_up();
	ev_feed_signal(sig);
}

static void on_sighup(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct server *s = container_of(sig, struct server, sighup);
	int r = spec_change_read(&s->spec);

	if (r < 0) {
		log_line(LOG_ERROR, LOG_NOBODY,
			 "SIGHUP: the device stays as it was");
	} else if (r) {
		log_line(LOG_INFO, LOG_NOBODY,
			 "SIGHUP: another device for the next driver");
		vu_backend_config_changed(&s->frontend.backend);
	}
}

static void frontend_left(void *arg)
{
	struct server *s = arg;

	ev_break(s->loop, EVBREAK_ALL);
}

static void watch_signals(struct server *s)
{
	struct sigaction end = { .sa_handler = end_soon,
				 .sa_flags = SA_RESTART };

	ev_signal_init(&s->sigterm, on_signal, SIGTERM);
	ev_signal_start(s->loop, &s->sigterm);
	ev_signal_init(&s->sigint, on_signal, SIGINT);
	ev_signal_start(s->loop, &s->sigint);
	ev_signal_init(&s->sighup, on_sighup, SIGHUP);
	ev_signal_start(s->loop, &s->sighup);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
}

static void init_watchers(struct server *s)
{
	ev_set_userdata(s->loop, s);
	ev_set_invoke_pending_cb(s->loop, invoke_pending_and_pump);
	ev_idle_init(&s->again, on_again);
	ev_init(&s->stall, on_stall);
	watch_signals(s);
}

int server_init(struct server *s, struct ev_loop *loop, const struct spec *spec)
{
	const struct device_sink sink = { .put = sink_put,
					  .ready = sink_ready,
					  .released = sink_released,
					  .arg = s };
	int r;

	memset(s, 0, sizeof(*s));
	s->loop = loop;
	spec_change_init(&s->spec, spec);
	s->dev = device_new(spec, &sink);
	if (!s->dev)
		return -ENOMEM;
	config_space_fill(&s->config, spec, CONFIG_UNSET, 0);
	snapshot_transfer_init(&s->transfer, loop, s->dev, &s->config);
	init_watchers(s);
	injectors_init(&s->injectors, loop, s->dev, pump_soon, s);
	stats_init(&s->stats, loop, gather, s);
	frontend_link_init(&s->frontend, loop, &ops, s, sizeof(s->config));
	kicks_init(&s->kicks, loop, &s->frontend.backend, kicked, s);
	r = guest_map_init();
	serving = s;
	return r ? r : watchdog_init(BLOCKED_MS, page_is_late);
}

void server_fini(struct server *s)
{
	frontend_link_fini(&s->frontend);
	injectors_fini(&s->injectors);
	stats_fini(&s->stats);
	ev_set_invoke_pending_cb(s->loop, ev_invoke_pending);
	ev_idle_stop(s->loop, &s->again);
	ev_timer_stop(s->loop, &s->stall);
	kicks_fini(&s->kicks);
	ev_signal_stop(s->loop, &s->sigterm);
	ev_signal_stop(s->loop, &s->sigint);
	ev_signal_stop(s->loop, &s->sighup);
	device_free(s->dev);
	spec_change_fini(&s->spec);
	watchdog_fini();
}

void server_set_overflow(struct server *s, enum device_overflow overflow,
			 unsigned int stall_ms)
{
	s->dev->overflow = overflow;
	s->stall_s = stall_ms / 1000.0;
}

int server_offer_postcopy(struct server *s)
{
	return vu_backend_offer_postcopy(&s->frontend.backend);
}

int server_serve(struct server *s, int fd)
{
	int listening = fd_sockopt(fd, SO_ACCEPTCONN);
	int type = fd_sockopt(fd, SO_TYPE);

	if (listening < 0)
		return listening;
	if (type != SOCK_STREAM)
		return -EINVAL;
	return frontend_link_start(&s->frontend, fd, listening, frontend_left);
}

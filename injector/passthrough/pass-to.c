/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject never waits for the guest here: what does not fit into the socket
 * it folds, relative motion added up, and after a restart of the server it
 * sends what is held. A server that gives receipts keeps frames for a guest
 * that takes none; but not for one that has no driver yet, which would be sent
 * old keys.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "injector/libvinject/vinject.h"
#include "injector/passthrough/pass-to.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/base/loop.h"

/* So long the last frame may take at the end; others are not to wait for it. */
#define DRAIN_MS 1000
/* A server that gives receipts answers at once. */
#define SETTLE_MS      500
#define SETTLE_STEP_MS 10
/* So long frames wait for a guest, as with --socket-path. */
#define KEEP_MS LOOP_TIMER_MAX_MS

struct pass_to {
	struct pass_outlet outlet;
	struct vinject *v;
	bool asked; /* and answered */
	bool connected;
	void (*changed)(void *arg, bool connected); /* NULL: nobody watches */
	void *changed_arg;
	ev_io io;
};

static bool to_send(void *arg, const struct vi_event *ev, size_t n)
{
	struct pass_to *to = arg;

	for (size_t i = 0; i + 1 < n; i++)
		vinject_event(to->v, vi_type(&ev[i]), vi_code(&ev[i]),
			      vi_value(&ev[i]));
	vinject_frame(to->v);
	return true;
}

static void take_status(void *arg, uint16_t type, uint16_t code, int32_t value)
{
	struct pass_to *to = arg;
	const struct vi_event ev = vi_event(type, code, value);

	pass_outlet_status(&to->outlet, &ev, 1);
}

static void take_driver(void *arg, enum vinject_driver state)
{
	struct pass_to *to = arg;

	vinject_lossless(to->v, state == VINJECT_DRIVER_RUNNING ? KEEP_MS : 0);
}

/* Only a server that gives receipts answers. */
static void to_ask(struct pass_to *to)
{
	if (to->asked || vinject_hello(to->v, 0))
		return;
	to->asked = true;
	vinject_watch_driver(to->v, take_driver, to);
}

static void on_to_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct pass_to *to = container_of(io, struct pass_to, io);

	vinject_dispatch(to->v);
	to_ask(to);
	if (to->connected == vinject_connected(to->v))
		return;
	to->connected = !to->connected;
	if (to->changed)
		to->changed(to->changed_arg, to->connected);
}

void pass_to_watch(struct pass_outlet *o,
		   void (*changed)(void *arg, bool connected), void *arg)
{
	struct pass_to *to = container_of(o, struct pass_to, outlet);

	to->changed = changed;
	to->changed_arg = arg;
}

/*
 * Frames that are sent before the server has said what it can do, and what its
 * guest does, are folded if that guest stalls. While devices are passed on,
 * nothing waits.
 */
static void to_settle(struct pass_to *to)
{
	struct pollfd fd = { .fd = vinject_fd(to->v), .events = POLLIN };
	struct ev_loop *loop = to->outlet.device->loop;

	for (int i = 0; i < SETTLE_MS / SETTLE_STEP_MS && !ev_depth(loop) &&
			vinject_driver(to->v) == VINJECT_DRIVER_UNKNOWN;
	     i++) {
		poll(&fd, 1, SETTLE_STEP_MS);
		vinject_dispatch(to->v);
		to_ask(to);
	}
}

static void to_free(struct pass_outlet *o)
{
	struct pass_to *to = container_of(o, struct pass_to, outlet);

	ev_io_stop(o->device->loop, &to->io);
	if (to->v)
		vinject_drain(to->v, ev_depth(o->device->loop) ? 0 : DRAIN_MS);
	vinject_free(to->v);
	free(to);
}

static int to_open(struct pass_to *to, const char *address)
{
	int r;

	to->v = vinject_new();
	if (!to->v) {
		r = -errno;
		log_line(LOG_ERROR, CULPRIT_HOST, "--to=%s: %s", address,
			 strerror(-r));
		return r;
	}
	vinject_set_reconnect(to->v, true);
	vinject_set_status(to->v, take_status, to);
	r = vinject_open(to->v, address);
	if (r) {
		log_line(LOG_ERROR, CULPRIT_HOST, "--to=%s: %s", address,
			 vinject_error(to->v));
		return r;
	}
	to->connected = true;
	to_ask(to);
	to_settle(to);
	vinject_touch_slots(to->v, spec_slots(to->outlet.device->spec));
	return 0;
}

struct pass_outlet *pass_to_new(struct pass_device *d, const char *address)
{
	struct pass_to *to = calloc(1, sizeof(*to));

	if (!to) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(ENOMEM));
		return NULL;
	}
	to->outlet.sink = (struct pass_sink){ .send = to_send, .arg = to };
	to->outlet.free = to_free;
	to->outlet.device = d;
	to->outlet.guest = "the guest";
	ev_init(&to->io, on_to_readable);
	if (to_open(to, address)) {
		to_free(&to->outlet);
		return NULL;
	}
	ev_io_set(&to->io, vinject_fd(to->v), EV_READ);
	ev_io_start(d->loop, &to->io);
	return &to->outlet;
}

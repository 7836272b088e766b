/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/passthrough/pass-device-chords.h"
#include "injector/passthrough/pass-device.h"
#include "injector/passthrough/pass-opener.h"
#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/spec/spec-names.h"

#define READ_MAX   64 /* events */
#define READS_MAX  64 /* in a row */
#define COMPLAIN_S 3.0
#define AGAIN_S	   1.0

/* --- LEDs --- */

static void show_guest_leds(struct pass_device *d)
{
	const struct led_state *leds = &d->outlet->leds;
	int r = pass_node_set_leds(&d->node, leds->known, leds->on);

	if (r)
		log_line(LOG_DEBUG, CULPRIT_HOST, "%s: LEDs: %s", d->path,
			 strerror(-r));
}

/* They are to be restored. */
static void note_host_leds(struct pass_device *d)
{
	uint32_t has = 0;

	pass_node_leds(&d->node, &d->host_leds);
	for (uint16_t led = 0; d->node.writable && led < LED_CNT; led++)
		has |= (uint32_t)spec_has(&d->node.spec, EV_LED, led) << led;
	pass_guard_hold(d->guard, d->number, d->node.fd, has, d->host_leds);
}

void pass_outlet_status(struct pass_outlet *o, const struct vi_event *ev,
			size_t n)
{
	const struct led_state before = o->leds;
	struct pass_device *d = o->device;

	led_state_note(&o->leds, ev, n);
	if (d->outlet == o && d->forward.on &&
	    (before.known != o->leds.known || before.on != o->leds.on))
		show_guest_leds(d);
}

static bool serve_shortcut(struct loop_shortcut *s);
static void via_send(void *arg, const struct input_event *ev, size_t n);

/* --- taking --- */

static void say_busy(const struct pass_device *d)
{
	char holders[256];

	pass_opener_holders(d->path, holders, sizeof(holders));
	log_line(LOG_WARNING, CULPRIT_HOST,
		 "%s: another process has grabbed it; trying again. Open in: "
		 "%s",
		 d->path, holders[0] ? holders : "none that this user can see");
}

/* Only one of us reads the node. */
static void read_node(struct pass_device *d, bool on)
{
	pass_node_wait(&d->node, false);
	if (!on) {
		ev_io_stop(d->loop, &d->io);
		loop_shortcut_stop(&d->shortcut);
		return;
	}
	ev_io_set(&d->io, d->node.fd, EV_READ);
	ev_io_start(d->loop, &d->io);
	d->shortcut = (struct loop_shortcut){ .fd = d->node.fd,
					      .serve = serve_shortcut,
					      .can_wait = true };
	loop_shortcut_start(&d->shortcut);
}

/* Let libinput read the node. Return: 0 or -errno. */
static int start_via(struct pass_device *d)
{
	const struct pass_libinput_node node = { .fd = d->node.fd,
						 .path = d->path,
						 .tuning = d->tuning,
						 .spec = d->spec,
						 .send = via_send,
						 .arg = d };
	struct fault why;
	int r = d->via ? 0 : pass_libinput_new(&d->via, &node, &why);

	if (r) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", why.text);
		return r;
	}
	read_node(d, false);
	ev_io_set(&d->via_io, pass_libinput_fd(d->via), EV_READ);
	ev_io_start(d->loop, &d->via_io);
	return 0;
}

static void stop_via(struct pass_device *d)
{
	if (!d->via)
		return;
	ev_io_stop(d->loop, &d->via_io);
	pass_libinput_free(d->via);
	d->via = NULL;
	read_node(d, true);
}

/* What the guest's device is to be in. Return: 0 or -errno. */
static int device_state(struct pass_device *d, struct state *now)
{
	if (!d->via)
		return pass_node_state(&d->node, now);
	*now = *pass_libinput_state(d->via);
	return 0;
}

/* Return: 0 or -errno. */
static int taken(struct pass_device *d, const uint8_t down[KEY_CNT / 8])
{
	static struct state now;
	int r = d->tuning ? start_via(d) : 0;

	if (r)
		return r;
	r = device_state(d, &now);
	if (r) {
		log_line(LOG_WARNING, CULPRIT_HOST, "%s: its state: %s",
			 d->path, strerror(-r));
		state_init(&now, &d->node.spec);
	}
	ev_timer_stop(d->loop, &d->complain);
	d->busy = false;
	note_host_leds(d);
	pass_forward_start(&d->forward, &now, down);
	show_guest_leds(d);
	log_line(LOG_INFO, CULPRIT_NONE, "%s: \"%s\" goes to %s", d->path,
		 d->node.spec.name, d->outlet->guest);
	return 0;
}

static void pass_device_end(struct pass_device *d, int error)
{
	pass_device_stop(d);
	d->owner->ended(d, error);
}

static void wait_for_keys(struct pass_device *d)
{
	d->busy = false;
	if (!ev_is_active(&d->complain))
		ev_timer_again(d->loop, &d->complain);
}

static void wait_for_other(struct pass_device *d)
{
	if (!d->busy)
		say_busy(d);
	d->busy = true;
	ev_timer_again(d->loop, &d->again);
}

/* Return: 0, also if it has to wait; or -errno. */
static int try_to_take(struct pass_device *d)
{
	uint8_t down[KEY_CNT / 8];
	int r = pass_grab_take(&d->node, d->grab, down);

	if (!r)
		r = taken(d, down);
	else if (r == -EAGAIN)
		wait_for_keys(d);
	else if (r == -EBUSY)
		wait_for_other(d);
	return r == -EAGAIN || r == -EBUSY ? 0 : r;
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pass_device *d = container_of(timer, struct pass_device, again);

	int r;

	ev_timer_stop(loop, timer);
	r = try_to_take(d);
	if (r)
		pass_device_end(d, r);
}

/* Said only here, and only because the user has to let it go. */
static void on_complain(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct pass_device *d =
		container_of(timer, struct pass_device, complain);
	uint8_t down[KEY_CNT / 8];
	const char *name;
	int key;

	ev_timer_stop(loop, timer);
	if (d->busy || pass_node_keys(&d->node, down))
		return;
	key = pass_grab_first(down);
	name = key < 0 ? NULL : names_code(EV_KEY, (unsigned int)key);
	if (key >= 0)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: waiting until %s is released; --grab=now does "
			 "not wait",
			 d->path, name ? name : "a key without a name");
}

/* --- giving it to the host, and back --- */

/* Release what the guest has of it. */
static void take_from_guest(struct pass_device *d)
{
	ev_timer_stop(d->loop, &d->again);
	ev_timer_stop(d->loop, &d->complain);
	d->busy = false;
	if (!d->forward.on)
		return;
	pass_forward_stop(&d->forward);
	stop_via(d);
	pass_node_set_leds(&d->node, (1u << LED_CNT) - 1, d->host_leds);
	pass_guard_release(d->guard, d->number);
}

/*
 * The host is to see no release, and no repeat, of a key that it has not seen
 * come down: it stays grabbed until all keys are up.
 */
static int try_to_leave(struct pass_device *d)
{
	uint8_t down[KEY_CNT / 8];
	int r = 0;

	if (d->grab == PASS_GRAB_WAIT && d->node.grabbed) {
		r = pass_node_keys(&d->node, down);
		if (r || pass_grab_first(down) >= 0)
			return r;
	}
	if (d->node.grabbed)
		r = pass_node_grab(&d->node, false);
	pass_device_mask(d);
	if (d->outlet)
		log_line(LOG_INFO, CULPRIT_NONE, "%s: \"%s\" goes to the host",
			 d->path, d->node.spec.name);
	return r;
}

/* Return: 0 or -errno. */
static int take_or_leave(struct pass_device *d)
{
	if (!d->to_guest)
		return d->node.grabbed ? try_to_leave(d) : 0;
	return d->forward.on || d->busy ? 0 : try_to_take(d);
}

void pass_device_give(struct pass_device *d, bool to_guest)
{
	int r;

	take_from_guest(d);
	d->to_guest = to_guest && d->outlet;
	if (d->outlet)
		d->forward.sink = d->outlet->sink;
	if (d->to_guest)
		pass_device_mask(d);
	r = d->to_guest ? try_to_take(d) : try_to_leave(d);
	if (r)
		pass_device_end(d, r);
}

/* --- events --- */

/* Return: 0 or -errno. */
static int drain(struct pass_device *d)
{
	struct input_event ev[READ_MAX];

	pass_node_wait(&d->node, false);
	for (int i = 0; i < READS_MAX; i++) {
		int n = pass_node_read(&d->node, ev, READ_MAX);

		if (n < 0)
			return n;
		pass_forward_events(&d->forward, ev, (size_t)n);
		if (d->chords)
			pass_device_watch(d, ev, (size_t)n);
		if (n < READ_MAX)
			return 0;
	}
	/* There is more, and a loop_shortcut would not say so again. */
	ev_feed_event(d->loop, &d->io, EV_READ);
	return 0;
}

/* What the kernel had no space for is found out from the node's state. */
static int resync(struct pass_device *d)
{
	static struct state now;
	int r = device_state(d, &now);

	if (r)
		return r;
	pass_forward_resync(&d->forward, &now);
	pass_device_sync_chords(d, now.key);
	return 0;
}

static void serve_node(struct pass_device *d)
{
	int r = drain(d);

	if (!r && d->forward.dropped)
		r = resync(d);
	else if (!r && !d->forward.on)
		r = pass_device_look(d);
	if (!r && !d->played)
		r = take_or_leave(d);
	if (r)
		pass_device_end(d, r);
	else if (d->played)
		pass_device_report(d);
}

/* libinput's events, of which it has made a frame. */
static void via_send(void *arg, const struct input_event *ev, size_t n)
{
	struct pass_device *d = arg;

	pass_forward_events(&d->forward, ev, n);
	if (d->chords)
		pass_device_watch(d, ev, n);
}

static void serve_via(struct pass_device *d)
{
	int r = pass_libinput_dispatch(d->via);

	if (!r && d->forward.dropped)
		r = resync(d);
	if (r)
		pass_device_end(d, r);
	else if (d->played)
		pass_device_report(d);
}

static void on_via_readable(struct ev_loop *loop, ev_io *io, int events)
{
	serve_via(container_of(io, struct pass_device, via_io));
}

static void on_node_readable(struct ev_loop *loop, ev_io *io, int events)
{
	serve_node(container_of(io, struct pass_device, io));
}

/*
 * Let the guest have them before anything else is done. Return: whether it has,
 * and the loop can sleep.
 */
static bool pass_plain(struct pass_device *d, const struct input_event *ev,
		       const struct vi_event *plain, size_t n)
{
	const struct pass_sink *sink = &d->forward.sink;
	bool quiet;

	if (!sink->pass(sink->arg, plain, n, &quiet)) {
		pass_forward_events(&d->forward, ev, n);
		return false;
	}
	pass_forward_sent(&d->forward, plain, n);
	return quiet;
}

/* Return: whether nothing is left to the watcher. */
static bool pass_events(struct pass_device *d, const struct input_event *ev,
			size_t n)
{
	struct vi_event plain[READ_MAX];
	const bool pass = d->forward.sink.pass;
	bool quiet = !pass;

	if (pass && pass_forward_plain(&d->forward, ev, n, plain))
		quiet = pass_plain(d, ev, plain, n);
	else
		pass_forward_events(&d->forward, ev, n);
	if (d->chords)
		pass_device_watch(d, ev, n);
	return quiet && n < READ_MAX && d->forward.on && !d->forward.dropped &&
	       !d->played;
}

/* What is not usual is left to the watcher. */
static HOT bool serve_shortcut(struct loop_shortcut *s)
{
	struct pass_device *d = container_of(s, struct pass_device, shortcut);
	struct input_event ev[READ_MAX];
	const bool wait = loop_waits();
	int n;

	pass_node_wait(&d->node, wait);
	n = pass_node_read(&d->node, ev, READ_MAX);
	if (n > 0)
		return pass_events(d, ev, (size_t)n);
	if (!n && wait)
		s->can_wait = errno == EINTR;
	return !n && wait;
}

void pass_outlet_resume(struct pass_outlet *o)
{
	struct pass_device *d = o->device;

	if (d->outlet != o || !d->forward.on || !d->forward.dropped)
		return;
	if (d->via)
		serve_via(d);
	else
		serve_node(d);
}

/* --- life --- */

void pass_device_init(struct pass_device *d)
{
	d->node = PASS_NODE_NULL;
	ev_init(&d->io, on_node_readable);
	/* Before the guest and injectors: the kernel keeps some frames only. */
	ev_set_priority(&d->io, EV_MAXPRI);
	ev_init(&d->via_io, on_via_readable);
	ev_set_priority(&d->via_io, EV_MAXPRI);
	d->via = NULL;
	ev_init(&d->again, on_again);
	ev_init(&d->complain, on_complain);
	d->again.repeat = AGAIN_S;
	d->complain.repeat = COMPLAIN_S;
	d->forward.on = d->busy = false;
}

int pass_device_open(struct pass_device *d, struct fault *why)
{
	int r = pass_node_open(&d->node, d->path, why);

	if (!r && d->node.own) {
		pass_node_close(&d->node);
		return fault_set(why,
				 "%s: \"%s\" shows what a guest is sent, and "
				 "passing it on would make a loop",
				 d->path, d->node.spec.name);
	}
	if (!r)
		pass_spec_set_serial(&d->node.spec, d->serial);
	return r;
}

void pass_device_start(struct pass_device *d, bool to_guest)
{
	d->forward.spec = d->spec;
	d->forward.kept = d->keep ? d->keep->keys : NULL;
	/* What is not grabbed the host gets anyway. */
	d->forward.keep = d->grab == PASS_GRAB_NONE ? NULL : pass_keep_key;
	d->forward.keep_arg = d->keep;
	d->forward.type_a = d->node.type_a && !d->tuning;
	pass_forward_init(&d->forward);
	d->played = 0;
	pass_device_note_chords(d);
	read_node(d, true);
	pass_device_give(d, to_guest);
}

void pass_device_stop(struct pass_device *d)
{
	take_from_guest(d);
	read_node(d, false);
	if (d->node.grabbed)
		pass_node_grab(&d->node, false);
}

void pass_device_close(struct pass_device *d)
{
	if (d->node.fd >= 0)
		pass_device_stop(d);
	/* The guard may still have it. */
	loop_forget(d->node.fd);
	pass_node_close(&d->node);
}

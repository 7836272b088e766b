/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-chords.h"
#include "injector/passthrough/pass-control.h"
#include "injector/passthrough/pass-group.h"
#include "injector/passthrough/pass-member.h"
#include "injector/passthrough/pass-monitor.h"
#include "injector/passthrough/pass-opener.h"
#include "injector/passthrough/pass-privileges.h"
#include "injector/passthrough/pass-seat.h"
#include "injector/passthrough/pass-ways.h"
#include "input/base/device-word.h"
#include "input/base/log.h"
#include "input/base/loop-signal.h"
#include "input/base/loop.h"
#include "input/base/notify.h"
#include "input/base/watchdog.h"

/* More than any host has. */
#define MEMBERS_MAX PASS_GUARD_NODES
#define WATCHDOG_MS 1000

struct pass_group {
	const struct pass_options *o;
	struct ev_loop *loop;
	struct pass_members members;
	size_t n;
	struct pass_guard guard;
	struct pass_keep keep;
	struct pass_shipped shipped;
	struct pass_monitor monitor;
	struct notify notify; /* without a service, which has its own */
	bool to_guest;	      /* a guest is to have them */
	unsigned int guest;
	bool ended;
	int error; /* why, if it was not by a chord */
	struct loop_signal signal[3];
};

static void group_end(struct pass_group *g, int error)
{
	if (!g->ended)
		g->error = error;
	g->ended = true;
	ev_break(g->loop, EVBREAK_ALL);
}

/* --- who has them --- */

static void group_route(struct pass_group *g, bool to_guest, unsigned int guest)
{
	struct pass_member *m;

	g->to_guest = to_guest;
	g->guest = guest;
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_give(m, to_guest, guest);
	if (g->o->on_switch)
		pass_opener_switch(g->o->on_switch,
				   to_guest ? pass_ways_guest(g->o, guest)
					    : "host");
}

static void group_played(struct pass_member *m, enum pass_command command)
{
	struct pass_group *g = m->arg;

	switch (command) {
	case PASS_TOGGLE:
		group_route(g, !g->to_guest, g->guest);
		break;
	case PASS_NEXT:
		group_route(g, true,
			    (g->guest + 1) % (unsigned int)g->o->n_dirs);
		break;
	case PASS_EXIT:
		group_end(g, 0);
		break;
	}
}

/* --- what its devices report --- */

static void group_came(struct pass_member *m)
{
	if (m->o->action == PASS_DIR)
		pass_ways_open(m, 0);
}

static void group_left(struct pass_member *m)
{
	if (m->on_unplug == PASS_STAY)
		return;
	pass_ways_close(m);
	m->untold = true;
}

/* One of many is not missed. */
static void group_refused(struct pass_member *m)
{
	if (m->plug.word)
		group_end(m->arg, -EIO);
}

/* A device that was not named must not end the others. */
static void group_ended(struct pass_member *m, int error)
{
	if (!m->plug.word) {
		m->running = false;
		pass_ways_close(m);
		return;
	}
	group_end(m->arg, error);
}

/* --- its members --- */

static bool has_label(const struct pass_group *g, const char *label)
{
	const struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		if (!strcmp(m->label, label))
			return true;
	return false;
}

/* device: DEV, or a name. */
static void take_label(const struct pass_group *g, struct pass_member *m,
		       const char *device)
{
	char label[DEVICE_WORD_LABEL_MAX + 1], plain[DEVICE_WORD_LABEL_MAX + 1];

	device_word_label(device, plain);
	strcpy(label, plain);
	for (unsigned int i = 2; has_label(g, label); i++)
		snprintf(label, sizeof(label), "%.*s_%u",
			 DEVICE_WORD_LABEL_MAX - 4, plain, i);
	strcpy(m->label, label);
}

/* word: as pass_member_init()'s. Return: NULL after logging why. */
static struct pass_member *add_member(struct pass_group *g, const char *word)
{
	struct pass_member *m =
		g->n < MEMBERS_MAX ? calloc(1, sizeof(*m)) : NULL;

	if (!m) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no space for more devices");
		return NULL;
	}
	m->o = g->o;
	m->grab = g->o->grab;
	m->has_grab = g->o->has_grab;
	m->on_unplug = g->o->on_unplug;
	m->shipped = &g->shipped;
	m->keep = g->o->has_keep ? &g->keep : NULL;
	m->guard = &g->guard;
	m->number = (unsigned int)g->n;
	m->came = group_came;
	m->left = group_left;
	m->changed = pass_ways_changed;
	m->refused = group_refused;
	m->played = group_played;
	m->ended = group_ended;
	m->arg = g;
	m->to_guest = g->to_guest;
	m->guest = g->guest;
	pass_member_init(m, g->loop, word);
	TAILQ_INSERT_TAIL(&g->members, m, link);
	g->n++;
	return m;
}

/* Return: whether another member has this device. */
static bool is_taken(const struct pass_group *g, const struct pass_entry *e,
		     const struct pass_member *except)
{
	const struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		if (m != except && m->plug.known &&
		    m->plug.id.entry.instance == e->instance &&
		    !strcmp(m->plug.id.entry.node, e->node))
			return true;
	return false;
}

/* The i-th DEV. Return: 0; -errno after logging why. */
static int open_device(struct pass_group *g, size_t i)
{
	const struct pass_options *o = g->o;
	struct pass_member *m = add_member(g, o->device[i]);
	int r;

	if (!m)
		return -ENOMEM;
	if (o->label[i])
		snprintf(m->label, sizeof(m->label), "%s", o->label[i]);
	else
		take_label(g, m, o->device[i]);
	m->grab = pass_options_grab(o, i);
	m->has_grab = pass_options_has_grab(o, i);
	m->on_unplug = pass_options_unplug(o, i);
	r = pass_member_open(m, o->spec[i]);
	if (!r && m->plug.known && is_taken(g, &m->plug.id.entry, m)) {
		log_line(LOG_ERROR, CULPRIT_NONE, "%s is named twice",
			 m->plug.path);
		return -EINVAL;
	}
	return r ? r : pass_ways_open(m, i);
}

static int open_devices(struct pass_group *g)
{
	int r = 0;

	for (size_t i = 0; !r && i < g->o->n_devices; i++)
		r = open_device(g, i);
	return r ? r : pass_chords_check(g->o, &g->members);
}

/* --- --all --- */

static void add_found(struct pass_group *g, const struct pass_entry *e,
		      const struct pass_seen *seen)
{
	struct pass_member *m = add_member(g, NULL);

	if (!m)
		return;
	take_label(g, m, e->name);
	pass_plug_pin(&m->plug, e);
	pass_plug_look(&m->plug, seen);
	m->untold = true;
	m->running = true;
	pass_member_look(m, seen);
}

/* Return: whether it is to be added, as far as it is known what it is. */
static bool is_new(const struct pass_group *g, const struct pass_entry *e)
{
	return g->o->all && !is_taken(g, e, NULL) &&
	       pass_seat_has(&g->monitor, g->o->seat, e);
}

/* One of ours that was moved may still seem to be where it was. */
static bool may_have_moved(const struct pass_group *g,
			   const struct pass_entry *e)
{
	const struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		if (m->present && m->plug.known &&
		    pass_identity_may_be(&m->plug.id, e))
			return true;
	return false;
}

static void look_for_members(struct pass_group *g, const struct pass_seen *seen)
{
	struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		pass_member_look(m, seen);
}

/*
 * Devices may have come. All look at once, since reading what a host has takes
 * about as long as a fast mouse may wait.
 */
static void group_look(void *arg)
{
	struct pass_group *g = arg;
	struct pass_seen seen;

	if (pass_seen_read(&seen, &pass_this_host))
		return;
	look_for_members(g, &seen);
	for (size_t i = 0; i < seen.n; i++)
		if (is_new(g, &seen.entry[i]) &&
		    !may_have_moved(g, &seen.entry[i]))
			add_found(g, &seen.entry[i], &seen);
	pass_seen_fini(&seen);
}

/* These have been there for a while: what looks like another one is one. */
static void group_compare(void *arg)
{
	struct pass_group *g = arg;
	struct pass_member *m;
	struct pass_seen seen;

	if (pass_seen_read(&seen, &pass_this_host))
		return;
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_compare(m, &seen);
	look_for_members(g, &seen);
	for (size_t i = 0; i < seen.n; i++)
		if (is_new(g, &seen.entry[i]))
			add_found(g, &seen.entry[i], &seen);
	pass_seen_fini(&seen);
}

/* --- running --- */

static void on_group_signal(struct loop_signal *sig)
{
	ev_break(sig->loop, EVBREAK_ALL);
}

static void watch_signals(struct pass_group *g)
{
	static const int number[] = { SIGTERM, SIGINT, SIGHUP };

	for (int i = 0; i < 3; i++) {
		g->signal[i].number = number[i];
		g->signal[i].come = on_group_signal;
		loop_signal_start(&g->signal[i], g->loop);
	}
}

/* A server has its own. This one has no rounds to watch: see loop-signal.h. */
static int start_watchdog(const struct pass_group *g)
{
	int r = g->o->action == PASS_SERVE ? 0
					   : watchdog_init(WATCHDOG_MS, NULL);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "no timer: %s", strerror(-r));
	return r;
}

static void stop_watchdog(const struct pass_group *g)
{
	if (g->o->action != PASS_SERVE)
		watchdog_fini();
}

/* Without it a device is still found when it is back at once. */
static void watch_devices(struct pass_group *g)
{
	int r;

	g->monitor = (struct pass_monitor){ .loop = g->loop,
					    .host = &pass_this_host,
					    .changed = group_look,
					    .settled = group_compare,
					    .arg = g };
	r = pass_monitor_start(&g->monitor);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "cannot see which devices are plugged in: %s",
			 strerror(-r));
}

static void group_ready(struct pass_group *g)
{
	int r = g->o->action == PASS_SERVE ? 0 : notify_ready(&g->notify);

	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd=%d: %s",
			 g->o->service.ready_fd, strerror(-r));
}

/* With --all a keyboard may come later. */
static bool has_leds(const struct pass_group *g)
{
	const struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		for (uint16_t led = 0; led < LED_CNT; led++)
			if (spec_has(&m->spec, EV_LED, led))
				return true;
	return g->o->all;
}

static void watch_leds(struct pass_group *g)
{
	int r = pass_guard_start(&g->guard);

	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "LEDs will not be restored if this process is killed: "
			 "%s",
			 strerror(-r));
}

static void group_loop(struct pass_group *g)
{
	struct pass_member *m;

	pass_chords_say(g->o, &g->members);
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_start(m);
	if (g->o->all)
		group_compare(g);
	group_ready(g);
	if (!g->ended)
		ev_run(g->loop, 0);
	stop_watchdog(g);
	notify_stopping(&g->notify);
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_stop(m);
}

static void group_fini(struct pass_group *g)
{
	struct pass_member *m;

	while ((m = TAILQ_FIRST(&g->members))) {
		TAILQ_REMOVE(&g->members, m, link);
		pass_member_stop(m);
		pass_ways_close(m);
		pass_member_fini(m);
		free(m);
	}
	pass_guard_stop(&g->guard);
	pass_keep_close(&g->keep);
	pass_monitor_fini(&g->monitor);
	notify_close(&g->notify);
	for (int i = 0; i < 3; i++)
		loop_signal_stop(&g->signal[i]);
}

/* Return: 0; -errno after logging which does not exist. */
static int check_launchers(const struct pass_options *o)
{
	for (size_t i = 0; i < o->n_dirs; i++) {
		int r = pass_control_check(o->dir[i]);

		if (!r)
			continue;
		log_line(LOG_ERROR, CULPRIT_HOST, "%s: no launcher: %s",
			 o->dir[i], strerror(-r));
		return r;
	}
	return 0;
}

/* Return: 0; -errno after logging why. */
static int open_keep(struct pass_group *g)
{
	int r = 0;

	memcpy(g->keep.keys, g->o->keep, sizeof(g->keep.keys));
	if (g->o->grab != PASS_GRAB_NONE)
		r = pass_keep_open(&g->keep);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "--keep: /dev/uinput: %s%s",
			 strerror(-r), pass_keep_hint(-r));
	return r;
}

static int open_all(struct pass_group *g)
{
	int r = start_watchdog(g);

	if (!r)
		r = check_launchers(g->o);
	if (!r && g->o->has_keep)
		r = open_keep(g);
	if (!r && g->o->via_libinput)
		r = pass_shipped_load(&g->shipped, &g->o->tuning);
	if (!r)
		r = open_devices(g);
	if (r)
		return r;
	if (g->o->action != PASS_SERVE)
		notify_open(&g->notify, g->o->service.ready_fd);
	if (has_leds(g))
		watch_leds(g);
	watch_devices(g);
	return 0;
}

int pass_group_run(const struct pass_options *o)
{
	static struct pass_group g;
	const char *no_loop;
	int r;

	/* All else is 0; to write that would take memory. */
	g.o = o;
	g.guard = PASS_GUARD_NULL;
	g.keep.fd = -1;
	g.notify = NOTIFY_NULL;
	g.to_guest = !o->start_with_host;
	TAILQ_INIT(&g.members);
	g.loop = loop_new(&no_loop);
	if (!g.loop) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no event loop: %s", no_loop);
		return -EIO;
	}
	watch_signals(&g);
	r = open_all(&g);
	if (!r)
		r = pass_privileges_drop(o, &g.members);
	if (!r)
		group_loop(&g);
	group_fini(&g);
	pass_opener_stop();
	return r ? r : g.error;
}

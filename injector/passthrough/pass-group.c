/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "injector/passthrough/pass-group.h"
#include "injector/passthrough/pass-member.h"
#include "injector/passthrough/pass-monitor.h"
#include "injector/passthrough/pass-serve.h"
#include "injector/passthrough/pass-to.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/base/notify.h"
#include "input/spec/spec-names.h"

struct pass_group {
	const struct pass_options *o;
	struct ev_loop *loop;
	TAILQ_HEAD(, pass_member) members;
	struct pass_monitor monitor;
	struct notify notify; /* without a service, which has its own */
	bool to_guest;	      /* the guest is to have them */
	bool ended;
	int error; /* why, if it was not by a chord */
	ev_signal signal[3];
};

/* --- what its devices report --- */

static void group_end(struct pass_group *g, int error)
{
	if (!g->ended)
		g->error = error;
	g->ended = true;
	ev_break(g->loop, EVBREAK_ALL);
}

static void group_ended(struct pass_member *m, int error)
{
	group_end(m->arg, error);
}

static void group_toggle(struct pass_group *g)
{
	struct pass_member *m;

	g->to_guest = !g->to_guest;
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_give(m, g->to_guest);
}

static void group_played(struct pass_member *m, enum pass_command command)
{
	struct pass_group *g = m->arg;

	switch (command) {
	case PASS_TOGGLE:
		group_toggle(g);
		break;
	case PASS_EXIT:
		group_end(g, 0);
		break;
	}
}

static void group_look(void *arg)
{
	struct pass_group *g = arg;
	struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		pass_member_look(m);
}

/* --- chords --- */

static bool can_play(const struct pass_group *g, int command)
{
	const struct pass_member *m;

	if (!g->o->chord[command].n)
		return false;
	TAILQ_FOREACH (m, &g->members, link)
		if (pass_member_lacks(m, &g->o->chord[command]) < 0)
			return true;
	return false;
}

static void refuse_chord(const struct pass_group *g, int command)
{
	static const char *const option[PASS_COMMANDS] = { "toggle", "exit" };
	const struct pass_member *m = TAILQ_FIRST(&g->members);
	const int key = pass_member_lacks(m, &g->o->chord[command]);
	const char *name = names_code(EV_KEY, (unsigned int)key);

	if (g->o->n_devices == 1)
		log_line(LOG_ERROR, CULPRIT_NONE, "--%s: \"%s\" has no %s",
			 option[command], m->spec.name, name);
	else
		log_line(LOG_ERROR, CULPRIT_NONE,
			 "--%s=%s: no device has all of these keys",
			 option[command], g->o->chord_text[command]);
}

/* Chords that are asked for MUST be possible. */
static int check_chords(const struct pass_group *g)
{
	for (int c = 0; c < PASS_COMMANDS; c++) {
		if (!g->o->chord_text[c] || !g->o->chord[c].n || can_play(g, c))
			continue;
		refuse_chord(g, c);
		return -EINVAL;
	}
	return 0;
}

/* A grabbed keyboard is no use to the host: say how to get it back. */
static void say_chords(const struct pass_group *g)
{
	static const char *const what[PASS_COMMANDS] = {
		"gives the devices to the host and back", "ends the program"
	};

	for (int c = 0; c < PASS_COMMANDS; c++)
		if (can_play(g, c))
			log_line(LOG_INFO, CULPRIT_NONE, "%s %s",
				 g->o->chord_text[c] ? g->o->chord_text[c]
						     : PASS_USUAL_EXIT,
				 what[c]);
}

/* --- opening --- */

/* Return: 0; or -errno after logging it. */
static int add_member(struct pass_group *g, size_t i)
{
	struct pass_member *m = calloc(1, sizeof(*m));

	if (!m) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	m->o = g->o;
	m->grab = pass_options_grab(g->o, i);
	m->on_unplug = pass_options_unplug(g->o, i);
	m->played = group_played;
	m->ended = group_ended;
	m->arg = g;
	pass_member_init(m, g->loop, g->o->device[i]);
	TAILQ_INSERT_TAIL(&g->members, m, link);
	return pass_member_open(m, g->o->spec[i]);
}

static int open_members(struct pass_group *g)
{
	int r = 0;

	for (size_t i = 0; !r && i < g->o->n_devices; i++)
		r = add_member(g, i);
	return r ? r : check_chords(g);
}

static int open_outlets(struct pass_group *g)
{
	const struct pass_options *o = g->o;
	struct pass_member *m;
	size_t i = 0;

	TAILQ_FOREACH (m, &g->members, link) {
		struct pass_device *d = &m->device;

		d->outlet = o->action == PASS_TO
				    ? pass_to_new(d, o->to[i])
				    : pass_serve_new(d, &o->service);
		if (!d->outlet)
			return -EIO;
		i++;
	}
	return 0;
}

/* --- running --- */

static void on_group_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	ev_break(loop, EVBREAK_ALL);
}

static void watch_signals(struct pass_group *g)
{
	static const int number[] = { SIGTERM, SIGINT, SIGHUP };

	for (int i = 0; i < 3; i++) {
		ev_signal_init(&g->signal[i], on_group_signal, number[i]);
		ev_signal_start(g->loop, &g->signal[i]);
	}
}

/* Without it a device is still found when it is back at once. */
static void watch_devices(struct pass_group *g)
{
	int r;

	g->monitor = (struct pass_monitor){ .loop = g->loop,
					    .host = &pass_this_host,
					    .changed = group_look,
					    .arg = g };
	r = pass_monitor_start(&g->monitor);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "cannot see which devices are plugged in: %s",
			 strerror(-r));
}

static void group_ready(struct pass_group *g)
{
	const int fd = g->o->service.ready_fd;
	int r;

	if (g->o->action == PASS_SERVE)
		return;
	notify_open(&g->notify, fd);
	r = notify_ready(&g->notify);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd=%d: %s", fd,
			 strerror(-r));
}

static void group_loop(struct pass_group *g)
{
	struct pass_member *m;

	say_chords(g);
	g->to_guest = !g->o->start_with_host;
	watch_devices(g);
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_start(m, g->to_guest);
	group_ready(g);
	if (!g->ended)
		ev_run(g->loop, 0);
	notify_stopping(&g->notify);
	TAILQ_FOREACH (m, &g->members, link)
		pass_member_stop(m);
}

static void group_fini(struct pass_group *g)
{
	struct pass_member *m;

	while ((m = TAILQ_FIRST(&g->members))) {
		TAILQ_REMOVE(&g->members, m, link);
		if (m->device.outlet)
			m->device.outlet->free(m->device.outlet);
		pass_member_fini(m);
		free(m);
	}
	pass_monitor_fini(&g->monitor);
	notify_close(&g->notify);
	for (int i = 0; i < 3; i++)
		ev_signal_stop(g->loop, &g->signal[i]);
}

int pass_group_run(const struct pass_options *o)
{
	struct pass_group g = { .o = o, .notify = NOTIFY_NULL };
	const char *no_loop;
	int r;

	TAILQ_INIT(&g.members);
	g.loop = loop_of_process(&no_loop);
	if (!g.loop) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no event loop: %s", no_loop);
		return -EIO;
	}
	watch_signals(&g);
	r = open_members(&g);
	if (!r)
		r = open_outlets(&g);
	if (!r)
		group_loop(&g);
	group_fini(&g);
	return r ? r : g.error;
}

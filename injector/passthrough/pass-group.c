/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-group.h"
#include "injector/passthrough/pass-serve.h"
#include "injector/passthrough/pass-to.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/spec/spec-names.h"

struct pass_member {
	TAILQ_ENTRY(pass_member) link;
	struct pass_group *group;
	struct pass_device device;
	char path[PASS_PATH_MAX];
};

struct pass_group {
	const struct pass_options *o;
	struct ev_loop *loop;
	TAILQ_HEAD(, pass_member) members;
	bool to_guest; /* the guest is to have them */
	bool ended;
	int error; /* why, if it was not by a chord */
	ev_signal signal[3];
};

static struct pass_group *group_of(struct pass_device *d)
{
	return container_of(d, struct pass_member, device)->group;
}

/* --- what its devices report --- */

static void group_end(struct pass_group *g, int error)
{
	if (!g->ended)
		g->error = error;
	g->ended = true;
	ev_break(g->loop, EVBREAK_ALL);
}

static void group_ended(struct pass_device *d, int error)
{
	group_end(group_of(d), error);
}

static void group_toggle(struct pass_group *g)
{
	struct pass_member *m;

	g->to_guest = !g->to_guest;
	TAILQ_FOREACH (m, &g->members, link)
		pass_device_give(&m->device, g->to_guest);
}

static void group_played(struct pass_device *d, enum pass_command command)
{
	struct pass_group *g = group_of(d);

	switch (command) {
	case PASS_TOGGLE:
		group_toggle(g);
		break;
	case PASS_EXIT:
		group_end(g, 0);
		break;
	}
}

static const struct pass_owner owner = { .played = group_played,
					 .ended = group_ended };

/* --- chords --- */

/* Return: the first key of the chord that the device lacks; -1: none. */
static int lacks_key(const struct pass_device *d, const struct pass_chord *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!spec_has(&d->node.spec, EV_KEY, c->key[i]))
			return c->key[i];
	return -1;
}

/* A device has those chords that can be played on it. */
static void take_chords(struct pass_device *d, const struct pass_options *o)
{
	for (int c = 0; c < PASS_COMMANDS; c++)
		if (lacks_key(d, &o->chord[c]) < 0)
			d->chord[c] = o->chord[c];
}

static bool can_play(const struct pass_group *g, int command)
{
	const struct pass_member *m;

	TAILQ_FOREACH (m, &g->members, link)
		if (m->device.chord[command].n)
			return true;
	return false;
}

static void refuse_chord(const struct pass_group *g, int command)
{
	static const char *const option[PASS_COMMANDS] = { "toggle", "exit" };
	const struct pass_member *m = TAILQ_FIRST(&g->members);
	const int key = lacks_key(&m->device, &g->o->chord[command]);
	const char *name = names_code(EV_KEY, (unsigned int)key);

	if (g->o->n_devices == 1)
		log_line(LOG_ERROR, CULPRIT_NONE, "--%s: \"%s\" has no %s",
			 option[command], m->device.node.spec.name, name);
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

static void warn_about(const struct pass_device *d)
{
	for (size_t i = 0; i < d->node.notes.n; i++)
		log_line(LOG_WARNING, CULPRIT_HOST, "%s: %s", d->path,
			 d->node.notes.line[i]);
	if (!d->node.writable)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: no permission to write: its LEDs stay as they "
			 "are",
			 d->path);
}

static int open_member(struct pass_member *m, const char *word,
		       struct fault *why)
{
	struct pass_device *d = &m->device;
	int r = pass_find(&pass_this_host, word, m->path, why);

	d->loop = m->group->loop;
	d->path = m->path;
	d->grab = m->group->o->grab;
	d->serial = m->group->o->serial;
	d->owner = &owner;
	if (!r)
		r = pass_device_open(d, why);
	if (r)
		return r;
	warn_about(d);
	take_chords(d, m->group->o);
	return 0;
}

/* Return: 0; or -errno after logging it. */
static int add_member(struct pass_group *g, const char *word)
{
	struct pass_member *m = calloc(1, sizeof(*m));
	struct fault why;
	int r;

	if (!m) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	m->group = g;
	m->device.node = PASS_NODE_NULL;
	TAILQ_INSERT_TAIL(&g->members, m, link);
	r = open_member(m, word, &why);
	if (r)
		log_line(LOG_ERROR, CULPRIT_NONE, "%s", why.text);
	return r;
}

static int open_members(struct pass_group *g)
{
	int r = 0;

	for (size_t i = 0; !r && i < g->o->n_devices; i++)
		r = add_member(g, g->o->device[i]);
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

static void group_loop(struct pass_group *g)
{
	struct pass_member *m;

	say_chords(g);
	g->to_guest = !g->o->start_with_host;
	TAILQ_FOREACH (m, &g->members, link)
		pass_device_start(&m->device, g->to_guest);
	if (!g->ended)
		ev_run(g->loop, 0);
	TAILQ_FOREACH (m, &g->members, link)
		pass_device_stop(&m->device);
}

static void group_fini(struct pass_group *g)
{
	struct pass_member *m;

	while ((m = TAILQ_FIRST(&g->members))) {
		TAILQ_REMOVE(&g->members, m, link);
		if (m->device.outlet)
			m->device.outlet->free(m->device.outlet);
		pass_device_close(&m->device);
		free(m);
	}
	for (int i = 0; i < 3; i++)
		ev_signal_stop(g->loop, &g->signal[i]);
}

int pass_group_run(const struct pass_options *o)
{
	struct pass_group g = { .o = o };
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

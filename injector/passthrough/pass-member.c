/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/passthrough/pass-member.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/spec/spec-file.h"

/* A node that refuses is tried again after 20, 40, ... 640 ms. */
#define FIRST_TRY_S 0.02
#define TRIES_MAX   6
/* A device that was there for so long did not flutter: tried at once. */
#define STABLE_S 1.0

static struct pass_member *member_of(struct pass_device *d)
{
	return container_of(d, struct pass_member, device);
}

static void member_played(struct pass_device *d, enum pass_command command)
{
	member_of(d)->played(member_of(d), command);
}

/* --- what it is --- */

int pass_member_lacks(const struct pass_member *m, const struct pass_chord *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!spec_has(&m->spec, EV_KEY, c->key[i]))
			return c->key[i];
	return -1;
}

/* A device has those chords that can be played on it. */
static void take_chords(struct pass_member *m)
{
	for (int c = 0; c < PASS_COMMANDS; c++) {
		const struct pass_chord *chord = &m->o->chord[c];

		m->device.chord[c] = pass_member_lacks(m, chord) < 0
					     ? *chord
					     : (struct pass_chord){ 0 };
	}
}

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

static bool same_axes(const struct spec *a, const struct spec *b)
{
	for (uint16_t code = 0; code < ABS_CNT; code++) {
		const struct spec_abs *x = &a->abs[code], *y = &b->abs[code];

		if (spec_has(a, EV_ABS, code) &&
		    (x->min != y->min || x->max != y->max ||
		     x->fuzz != y->fuzz || x->flat != y->flat ||
		     x->res != y->res))
			return false;
	}
	return true;
}

/* Return: what differs; NULL: nothing that a guest would notice. */
static const char *difference(const struct spec *a, const struct spec *b)
{
	if (memcmp(a->bits, b->bits, sizeof(a->bits)) ||
	    memcmp(a->props, b->props, sizeof(a->props)))
		return "events";
	return same_axes(a, b) ? NULL : "ranges of axes";
}

/* What a file says of it stays. */
static bool tell_guests(struct pass_member *m)
{
	const struct spec before = m->spec;

	if (m->from_file)
		return false;
	m->spec = m->device.node.spec;
	if (m->changed(m))
		return true;
	m->spec = before;
	return false;
}

/* A guest reads what a device is when it finds it. */
static void compare_spec(struct pass_member *m)
{
	const char *what = difference(&m->spec, &m->device.node.spec);

	if (what)
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "%s: \"%s\" has other %s than the guest was told%s",
			 m->plug.path, m->device.node.spec.name, what,
			 tell_guests(m) ? "; its next driver finds them" : "");
}

/* --- finding and opening it --- */

/* Its node was found. */
static int open_found(struct pass_member *m, struct fault *why)
{
	int r = pass_device_open(&m->device, why);

	if (!r && pass_plug_confirm(&m->plug)) {
		pass_device_close(&m->device);
		return fault_errno(why, -ENODEV, "%s: unplugged", m->plug.path);
	}
	return r;
}

/* The lid, a power button: the host has to see them. */
static bool is_the_hosts(const struct pass_member *m)
{
	return m->plug.known && !(m->plug.id.entry.kinds & ~PASS_SWITCH);
}

static void choose_grab(struct pass_member *m)
{
	m->device.grab = m->grab;
	if (m->has_grab || !is_the_hosts(m))
		return;
	m->device.grab = PASS_GRAB_NONE;
	log_line(LOG_INFO, CULPRIT_NONE, "%s: the host keeps \"%s\" as well",
		 m->plug.path, m->spec.name);
}

/* Its own, or what libinput makes of them. */
static void choose_events(struct pass_member *m)
{
	m->device.tuning =
		m->o->via_libinput && pass_libinput_kind(&m->device.node.spec)
			? &m->o->tuning
			: NULL;
}

/*
 * The spec of what libinput makes of the device; of one that it makes no
 * pointer or touches of, the device's own.
 */
static void learn_kind(struct pass_member *m)
{
	const char *kind = pass_libinput_kind(&m->device.node.spec);

	m->spec = m->device.node.spec;
	if (!m->o->via_libinput)
		return;
	if (!kind) {
		log_line(LOG_INFO, CULPRIT_NONE,
			 "%s: not a mouse, touchpad or touchscreen: it is "
			 "passed on without libinput",
			 m->plug.path);
		return;
	}
	m->spec = *pass_shipped_find(m->shipped, kind);
	pass_spec_set_serial(&m->spec, m->o->serial);
}

static void become_present(struct pass_member *m)
{
	choose_events(m);
	if (m->untold)
		learn_kind(m);
	else if (!m->device.tuning)
		compare_spec(m);
	m->untold = false;
	m->came(m);
	ev_timer_stop(m->device.loop, &m->again);
	m->present = true;
	m->said.text[0] = '\0';
	m->present_at_s = clock_s();
	take_chords(m);
	choose_grab(m);
	m->device.outlet = m->outlet[m->guest];
	pass_device_start(&m->device, m->to_guest);
}

/* Once. */
static void say_why(struct pass_member *m, const struct fault *why)
{
	if (why->text[0] && strcmp(why->text, m->said.text))
		log_line(LOG_WARNING, CULPRIT_HOST, "%s", why->text);
	m->said = *why;
}

static void try_later(struct pass_member *m)
{
	if (m->tries < TRIES_MAX)
		m->tries++;
	m->again.repeat = FIRST_TRY_S * (1u << (m->tries - 1));
	ev_timer_again(m->device.loop, &m->again);
}

/* A path that does not exist yet is found, but cannot be opened. */
static bool is_awaited(const struct pass_member *m, int error)
{
	return !m->plug.known && (error == -ENODEV || error == -ENOENT);
}

/* seen: NULL to look now. */
static void member_try(struct pass_member *m, const struct pass_seen *seen)
{
	struct fault why;
	int r = pass_plug_find(&m->plug, seen, &why);
	const bool found = !r;

	if (!r)
		r = open_found(m, &why);
	if (!r) {
		become_present(m);
	} else if (is_awaited(m, r)) {
		return;
	} else if (found && m->tries < TRIES_MAX) {
		try_later(m);
	} else {
		say_why(m, &why);
	}
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	ev_timer_stop(loop, timer);
	member_try(container_of(timer, struct pass_member, again), NULL);
}

void pass_member_compare(struct pass_member *m, const struct pass_seen *seen)
{
	const bool told_by_place = m->plug.id.by_place;

	if (!m->present)
		return;
	pass_plug_look(&m->plug, seen);
	if (m->plug.id.by_place && !told_by_place)
		log_line(LOG_INFO, CULPRIT_NONE,
			 "%s: there is another \"%s\": this one is the one at "
			 "%s",
			 m->plug.path, m->plug.id.entry.name,
			 m->plug.id.entry.phys);
}

void pass_member_look(struct pass_member *m, const struct pass_seen *seen)
{
	if (!m->running || m->present)
		return;
	m->tries = 0;
	ev_timer_stop(m->device.loop, &m->again);
	member_try(m, seen);
}

/* --- losing it --- */

static void wait_for_return(struct pass_member *m)
{
	const bool stable = clock_s() - m->present_at_s >= STABLE_S;

	log_line(LOG_WARNING, CULPRIT_HOST,
		 "%s: \"%s\" was unplugged, or access was revoked; waiting "
		 "until it is back",
		 m->plug.path, m->spec.name);
	if (stable)
		m->tries = 0;
	try_later(m);
}

static void member_ended(struct pass_device *d, int error)
{
	struct pass_member *m = member_of(d);
	const bool can_return =
		error == -ENODEV && m->plug.known &&
		(m->on_unplug == PASS_STAY || m->o->action == PASS_DIR);

	pass_device_close(d);
	m->present = false;
	if (can_return) {
		wait_for_return(m);
		m->left(m);
		return;
	}
	log_line(LOG_ERROR, CULPRIT_HOST, "%s: %s", m->plug.path,
		 error == -ENODEV ? "unplugged, or access was revoked"
				  : strerror(-error));
	m->ended(m, error);
}

/* --- life --- */

static const struct pass_owner owner = { .played = member_played,
					 .ended = member_ended };

void pass_member_init(struct pass_member *m, struct ev_loop *loop,
		      const char *word)
{
	struct pass_device *d = &m->device;

	m->plug.host = &pass_this_host;
	m->plug.word = word;
	pass_plug_init(&m->plug);
	d->loop = loop;
	d->path = m->plug.path;
	d->keep = m->keep;
	d->guard = m->guard;
	d->number = m->number;
	d->serial = m->o->serial;
	d->owner = &owner;
	d->spec = &m->spec;
	pass_device_init(d);
	ev_init(&m->again, on_again);
}

static int learn_from_device(struct pass_member *m)
{
	struct fault why;
	int r = pass_plug_find(&m->plug, NULL, &why);

	if (!r)
		r = open_found(m, &why);
	if (r) {
		log_line(LOG_ERROR, CULPRIT_NONE, "%s", why.text);
		return r;
	}
	warn_about(&m->device);
	learn_kind(m);
	return 0;
}

int pass_member_open(struct pass_member *m, const char *spec_path)
{
	m->from_file = spec_path;
	if (!spec_path)
		return learn_from_device(m);
	return spec_file_load(&m->spec, spec_path, NULL, 0) ? -EINVAL : 0;
}

void pass_member_start(struct pass_member *m)
{
	m->running = true;
	if (m->device.node.fd >= 0) {
		become_present(m);
		return;
	}
	log_line(LOG_INFO, CULPRIT_NONE, "waiting for %s", m->plug.word);
	member_try(m, NULL);
}

static void use_outlet(struct pass_member *m)
{
	m->device.outlet = m->outlet[m->guest];
	if (m->present)
		pass_device_give(&m->device, m->to_guest);
}

void pass_member_give(struct pass_member *m, bool to_guest, unsigned int guest)
{
	m->to_guest = to_guest;
	m->guest = guest;
	use_outlet(m);
}

void pass_member_set_outlet(struct pass_member *m, unsigned int guest,
			    struct pass_outlet *outlet)
{
	m->outlet[guest] = outlet;
	if (guest == m->guest)
		use_outlet(m);
}

void pass_member_stop(struct pass_member *m)
{
	m->running = false;
	ev_timer_stop(m->device.loop, &m->again);
	if (m->present)
		pass_device_stop(&m->device);
	m->present = false;
}

void pass_member_fini(struct pass_member *m)
{
	pass_member_stop(m);
	pass_device_close(&m->device);
}

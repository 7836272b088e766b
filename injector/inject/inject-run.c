/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/inject/inject-run.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/base/clock.h"
#include "input/spec/spec-names.h"

void inject_run_init(struct inject_run *run, enum inject_mode mode, FILE *out)
{
	*run = (struct inject_run){ .mode = mode };
	if (mode == INJECT_MODE_REAL)
		run->due_ns = clock_ns();
	run->out = out;
}

void inject_run_fini(struct inject_run *run)
{
	for (size_t i = 0; i < run->n_devices; i++) {
		struct inject_device *d = &run->device[i];

		vinject_free(d->v);
		if (d->other_end >= 0)
			close(d->other_end);
		free(d->name);
	}
	run->n_devices = 0;
}

/* --- devices --- */

static bool is_label(const char *name)
{
	return !strpbrk(name, "/:");
}

static int open_real(struct inject_run *run, struct inject_device *d)
{
	int r;

	vinject_set_wait(d->v, run->wait_ms);
	vinject_set_timeout(d->v, run->timeout_ms);
	if (run->dir && is_label(d->name))
		r = vinject_open_label(d->v, d->name, run->dir);
	else
		r = vinject_open(d->v, d->name);
	if (!r)
		return 0;
	return fault_errno(&run->fault, r, "%s", vinject_error(d->v));
}

static int open_pair(struct inject_run *run, struct inject_device *d)
{
	int ends[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return fault_errno(&run->fault, -errno, "%s", strerror(errno));
	d->other_end = ends[1];
	r = vinject_open_fd(d->v, ends[0]);
	return r ? fault_errno(&run->fault, r, "%s", vinject_error(d->v)) : 0;
}

static int open_device(struct inject_run *run, const char *name)
{
	struct inject_device *d = &run->device[run->n_devices];
	int r;

	if (run->n_devices == INJECT_DEVICES_MAX)
		return fault_errno(&run->fault, -EMFILE, "more than %d devices",
				   INJECT_DEVICES_MAX);
	*d = (struct inject_device){ .name = strdup(name), .other_end = -1 };
	d->v = d->name ? vinject_new() : NULL;
	if (!d->v) {
		free(d->name);
		return fault_no_memory(&run->fault);
	}
	run->n_devices++;
	if (run->spec && !spec_slots(run->spec))
		vinject_touch_slots(d->v, 0);
	r = run->mode == INJECT_MODE_REAL ? open_real(run, d)
					  : open_pair(run, d);
	if (!r)
		run->to = d;
	return r;
}

int inject_run_to(struct inject_run *run, const char *name)
{
	for (size_t i = 0; i < run->n_devices; i++)
		if (strcmp(run->device[i].name, name) == 0) {
			run->to = &run->device[i];
			return 0;
		}
	return open_device(run, name);
}

/* --- without devices --- */

/* A server drops what the spec does not declare, and clamps values. */
static int check_against_spec(struct inject_run *run, const struct vi_event *ev)
{
	const struct spec *spec = run->spec;
	const uint16_t type = vi_type(ev), code = vi_code(ev);
	const int32_t value = vi_value(ev);
	const char *name = names_code(type, code);

	/* These accompany other events; not every device has them. */
	if (type == EV_SYN || type == EV_MSC || type == EV_LED ||
	    (type == EV_REL &&
	     (code == REL_WHEEL_HI_RES || code == REL_HWHEEL_HI_RES)))
		return 0;
	if (!spec_has(spec, type, code))
		return fault_set(&run->fault, "the device has no %s",
				 name ? name : "such event");
	if (type != EV_ABS || !spec_clamps(spec, code) ||
	    (code == ABS_MT_TRACKING_ID && spec_slots(spec)) ||
	    (value >= spec->abs[code].min && value <= spec->abs[code].max))
		return 0;
	return fault_set(&run->fault,
			 "%s %d is outside the device's range %d..%d",
			 name ? name : "an axis", value, spec->abs[code].min,
			 spec->abs[code].max);
}

static void run_record_event(struct inject_run *run, const struct vi_event *ev)
{
	if (!run->recorded) {
		recording_write_begin(&run->writer, run->out, NULL);
		/* Times count from the start of the run. */
		run->writer.begun = true;
	}
	if (run->recorded != run->to && run->n_devices > 1)
		fprintf(run->writer.out, "# %s\n", run->to->name);
	run->recorded = run->to;
	recording_write(&run->writer, run->due_ns / 1000, ev);
}

/* Take back the frame that libvinject has just sent. */
static int take_frame(struct inject_run *run)
{
	struct vi_event ev[256];
	ssize_t len;
	int r = 0;

	while (!r && (len = recv(run->to->other_end, ev, sizeof(ev),
				 MSG_DONTWAIT)) > 0)
		for (size_t i = 0; !r && i < (size_t)len / sizeof(*ev); i++) {
			if (run->mode == INJECT_MODE_DRY)
				run_record_event(run, &ev[i]);
			else if (run->spec)
				r = check_against_spec(run, &ev[i]);
		}
	return r;
}

/* --- frames and time --- */

int inject_run_check(struct inject_run *run, int r)
{
	const char *name = run->to->name;

	if (r >= 0)
		return 0;
	switch (-r) {
	case EPIPE:
		return fault_errno(&run->fault, r, "%s: %s", name,
				   vinject_error(run->to->v));
	case ENOSPC:
		return fault_errno(
			&run->fault, r,
			"%s: more contacts than the device has slots", name);
	case EMSGSIZE:
		return fault_errno(&run->fault, r,
				   "%s: more than %d events in a frame", name,
				   VINJECT_FRAME_MAX);
	}
	return fault_errno(&run->fault, r, "%s: %s", name, strerror(-r));
}

int inject_run_frame(struct inject_run *run)
{
	int r = vinject_frame(run->to->v);

	if (r > 0)
		return fault_errno(&run->fault, -ETIMEDOUT,
				   "%s: the device read nothing for %d ms",
				   run->to->name, run->timeout_ms);
	if (r < 0)
		return inject_run_check(run, r);
	return run->mode == INJECT_MODE_REAL ? 0 : take_frame(run);
}

int inject_run_event(struct inject_run *run, const struct vi_event *ev)
{
	if (vi_is_syn_report(ev))
		return inject_run_frame(run);
	return inject_run_check(run, vinject_event(run->to->v, vi_type(ev),
						   vi_code(ev), vi_value(ev)));
}

int inject_run_release(struct inject_run *run)
{
	int r = inject_run_check(run, vinject_release_all(run->to->v));

	return r ? r : inject_run_frame(run);
}

int inject_run_key(struct inject_run *run, uint16_t key, bool down)
{
	int r = inject_run_check(run, vinject_key(run->to->v, key, down));

	return r ? r : inject_run_frame(run);
}

/* Read what the devices sent, and notice that one has disconnected. */
static int dispatch_devices(struct inject_run *run)
{
	for (size_t i = 0; i < run->n_devices; i++)
		if (vinject_dispatch(run->device[i].v) == -EPIPE) {
			run->to = &run->device[i];
			return inject_run_check(run, -EPIPE);
		}
	return 0;
}

/*
 * A server sends the LEDs that are lit to a new injector before it reads what
 * that one sent: here an empty frame, which changes nothing.
 */
int inject_run_learn_leds(struct inject_run *run)
{
	struct inject_device *d = run->to;
	int r;

	if (run->mode != INJECT_MODE_REAL)
		return 0;
	if (d->leds_known)
		return dispatch_devices(run);
	d->leds_known = true;
	vinject_add(d->v, EV_SYN, SYN_REPORT, 0);
	r = inject_run_frame(run);
	if (r)
		return r;
	r = vinject_drain(d->v, run->timeout_ms);
	if (r != -ETIMEDOUT && inject_run_check(run, r))
		return r;
	return dispatch_devices(run);
}

bool inject_run_holds(const struct inject_run *run, uint16_t key)
{
	return vinject_state_key(&run->to->v->draft, key);
}

int inject_run_until(struct inject_run *run, int64_t due_ns)
{
	struct pollfd p[INJECT_DEVICES_MAX];
	int64_t left;
	int r = 0;

	run->due_ns = due_ns;
	if (run->mode != INJECT_MODE_REAL)
		return 0;
	for (size_t i = 0; i < run->n_devices; i++)
		p[i] = (struct pollfd){ .fd = vinject_fd(run->device[i].v),
					.events = POLLIN };
	while (!r && (left = due_ns - clock_ns()) > 0) {
		struct timespec ts = { left / 1000000000, left % 1000000000 };

		if (ppoll(p, run->n_devices, &ts, NULL) > 0)
			r = dispatch_devices(run);
	}
	return r;
}

int inject_run_sleep(struct inject_run *run, int64_t ns)
{
	return inject_run_until(run, run->due_ns + ns);
}

void inject_run_catch_up(struct inject_run *run)
{
	int64_t now = clock_ns();

	if (run->mode == INJECT_MODE_REAL && run->due_ns < now)
		run->due_ns = now;
}

int inject_run_drain(struct inject_run *run)
{
	int r = 0;

	for (size_t i = 0; !r && i < run->n_devices; i++) {
		run->to = &run->device[i];
		if (run->mode != INJECT_MODE_REAL)
			continue;
		r = vinject_drain(run->to->v, run->timeout_ms);
		if (r == -ETIMEDOUT)
			return fault_errno(&run->fault, r,
					   "%s: the device did not read "
					   "everything within %d ms",
					   run->to->name, run->timeout_ms);
		r = inject_run_check(run, r);
	}
	return r;
}

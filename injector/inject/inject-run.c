/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/inject/inject-report.h"
#include "injector/inject/inject-run.h"
#include "injector/libvinject/vinject-handle.h"
#include "input/base/clock.h"
#include "input/spec/spec-names.h"

/* How long a server may take to answer. */
#define HELD_MS 500

void inject_run_init(struct inject_run *run, enum inject_mode mode, FILE *out)
{
	*run = (struct inject_run){ .mode = mode };
	if (mode == INJECT_MODE_REAL)
		run->due_ns = clock_ns();
	run->out = out;
}

void inject_run_fini(struct inject_run *run)
{
	for (size_t i = 0; i < run->n_devices; i++)
		inject_device_close(&run->device[i]);
	run->n_devices = 0;
}

/* --- devices --- */

static int open_device(struct inject_run *run, const char *name)
{
	struct inject_device *d = &run->device[run->n_devices];
	int r;

	if (run->n_devices == INJECT_DEVICES_MAX)
		return fault_errno(&run->fault, -EMFILE, "more than %d devices",
				   INJECT_DEVICES_MAX);
	if (run->mode == INJECT_MODE_REAL)
		r = inject_device_open(d, name, &run->place, &run->rules,
				       &run->fault);
	else
		r = inject_device_open_pair(d, name, &run->fault);
	if (r)
		return r;
	if (run->spec && !spec_slots(run->spec))
		vinject_touch_slots(d->v, 0);
	run->n_devices++;
	run->to = d;
	return 0;
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

int inject_run_need_guest(struct inject_run *run)
{
	struct inject_device *d = run->to;
	const int r = inject_receipt_need_guest(&d->receipt);

	if (r == -ETIMEDOUT || r == -ENODEV)
		return inject_report_no_guest(&d->receipt, d->name, r,
					      &run->fault);
	return inject_run_check(run, r);
}

void inject_run_begin(struct inject_run *run)
{
	for (size_t i = 0; i < run->n_devices; i++)
		inject_receipt_command(&run->device[i].receipt);
}

/* --- without devices --- */

/* A server drops what the spec does not declare, and clamps values. */
static int check_against_spec(struct inject_run *run, const struct vi_event *ev)
{
	const struct spec *spec = run->spec;
	const uint16_t type = vi_type(ev), code = vi_code(ev);
	const int32_t value = vi_value(ev);
	const char *name = names_code(type, code);

	if (type == EV_SYN || type == EV_LED ||
	    inject_event_is_optional(type, code))
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
	return r < 0 ? inject_device_check(run->to, r, &run->fault) : 0;
}

/* Read what a device sent, and notice that it failed or its guest did. */
static int look_after_device(struct inject_run *run, struct inject_device *d)
{
	if (vinject_dispatch(d->v) == -EPIPE)
		return inject_device_check(d, -EPIPE, &run->fault);
	return inject_report_check(&d->receipt, d->name, &run->fault);
}

static int look_after_devices(struct inject_run *run)
{
	int r = 0;

	for (size_t i = 0; !r && i < run->n_devices; i++)
		r = look_after_device(run, &run->device[i]);
	return r;
}

/* Wait for what devices send, until a time at the latest. */
static int wait_for_devices(struct inject_run *run, int64_t until_ns)
{
	struct pollfd p[INJECT_DEVICES_MAX];
	int64_t left;

	for (size_t i = 0; i < run->n_devices; i++) {
		const struct inject_device *d = &run->device[i];
		const int64_t deadline =
			inject_receipt_deadline_ns(&d->receipt);

		p[i] = (struct pollfd){ .fd = vinject_fd(d->v),
					.events = POLLIN };
		if (deadline < until_ns)
			until_ns = deadline;
	}
	left = until_ns - clock_ns();
	if (left < 0)
		left = 0;
	struct timespec ts = { left / 1000000000, left % 1000000000 };
	ppoll(p, run->n_devices, &ts, NULL);
	return look_after_devices(run);
}

/* What was to be sent meanwhile keeps its distances. */
static int wait_for_room(struct inject_run *run)
{
	const struct inject_receipt *x = &run->to->receipt;
	int64_t late;
	int r = 0;

	if (inject_receipt_has_room(x))
		return 0;
	while (!r && !inject_receipt_has_room(x))
		r = wait_for_devices(run, INT64_MAX);
	late = clock_ns() - run->due_ns;
	if (late > run->late_ns)
		run->late_ns = late;
	return r;
}

static int send_frame(struct inject_run *run)
{
	int r = vinject_frame(run->to->v);

	if (r > 0)
		return fault_errno(&run->fault, -ETIMEDOUT,
				   "%s: the device read nothing for %d ms",
				   run->to->name, run->rules.read_ms);
	return inject_run_check(run, r);
}

int inject_run_frame(struct inject_run *run)
{
	int r = 0;

	if (!run->to->v->n)
		return send_frame(run);
	if (run->mode == INJECT_MODE_REAL)
		r = wait_for_room(run);
	if (!r)
		r = inject_run_check(run,
				     inject_receipt_ask(&run->to->receipt));
	if (!r)
		r = send_frame(run);
	if (r || run->mode == INJECT_MODE_REAL)
		return r;
	return take_frame(run);
}

/* The last frame was too full to ask for a receipt. */
static int ask_belatedly(struct inject_run *run, struct inject_device *d)
{
	int r;

	if (!d->receipt.unasked)
		return 0;
	run->to = d;
	r = inject_run_check(run, inject_receipt_ask(&d->receipt));
	return r ? r : send_frame(run);
}

int inject_run_settle(struct inject_run *run)
{
	struct inject_device *to = run->to;
	int r = 0;

	for (size_t i = 0; !r && i < run->n_devices; i++) {
		struct inject_device *d = &run->device[i];

		r = ask_belatedly(run, d);
		while (!r && inject_receipt_owed(&d->receipt))
			r = wait_for_devices(run, INT64_MAX);
		if (!r)
			r = inject_report_check(&d->receipt, d->name,
						&run->fault);
	}
	run->to = to;
	return r;
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
		return look_after_devices(run);
	d->leds_known = true;
	vinject_add(d->v, EV_SYN, SYN_REPORT, 0);
	r = inject_run_frame(run);
	if (r)
		return r;
	r = vinject_drain(d->v, run->rules.read_ms);
	if (r != -ETIMEDOUT && inject_run_check(run, r))
		return r;
	return look_after_devices(run);
}

bool inject_run_holds(const struct inject_run *run, uint16_t key)
{
	return vinject_state_key(&run->to->v->draft, key);
}

int inject_run_held_by_others(struct inject_run *run, unsigned int *held)
{
	struct inject_device *d = run->to;
	int r;

	*held = 0;
	if (run->mode != INJECT_MODE_REAL || !d->receipt.on)
		return 0;
	r = vinject_held_by_others(d->v, held, HELD_MS);
	if (r != -ETIMEDOUT && inject_run_check(run, r))
		return r;
	return look_after_devices(run);
}

int inject_run_until(struct inject_run *run, int64_t due_ns)
{
	int r = 0;

	run->due_ns = due_ns;
	if (run->mode != INJECT_MODE_REAL)
		return 0;
	while (!r && clock_ns() < due_ns + run->late_ns)
		r = wait_for_devices(run, due_ns + run->late_ns);
	return r;
}

int inject_run_sleep(struct inject_run *run, int64_t ns)
{
	return inject_run_until(run, run->due_ns + ns);
}

void inject_run_catch_up(struct inject_run *run)
{
	const int64_t now = clock_ns();

	if (run->mode != INJECT_MODE_REAL)
		return;
	run->due_ns += run->late_ns;
	run->late_ns = 0;
	if (run->due_ns < now)
		run->due_ns = now;
}

static int drain_device(struct inject_run *run, const struct inject_device *d)
{
	const int r = vinject_drain(d->v, run->rules.read_ms);

	if (r == -ETIMEDOUT)
		return fault_errno(&run->fault, r,
				   "%s: the device did not read everything "
				   "within %d ms",
				   d->name, run->rules.read_ms);
	return inject_device_check(d, r, &run->fault);
}

int inject_run_drain(struct inject_run *run)
{
	int r = 0;

	if (run->mode != INJECT_MODE_REAL)
		return 0;
	for (size_t i = 0; !r && i < run->n_devices; i++)
		if (!run->device[i].receipt.on)
			r = drain_device(run, &run->device[i]);
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "injector/frontend/frontend-config.h"
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-session.h"
#include "injector/monitor/monitor-device.h"

/* "keyboard" for "/run/vm/keyboard.sock". Return: to be freed, or NULL. */
static char *label_of(const char *socket)
{
	const char *slash = strrchr(socket, '/');
	char *label = strdup(slash ? slash + 1 : socket);
	char *dot = label ? strrchr(label, '.') : NULL;

	if (dot && dot > label)
		*dot = '\0';
	return label;
}

void monitor_device_init(struct monitor_device *d,
			 const struct monitor_options *opt, const char *socket)
{
	memset(d, 0, sizeof(*d));
	d->opt = opt;
	d->socket = socket;
	d->label = opt->n_sockets > 1 ? label_of(socket) : NULL;
	d->print = (struct monitor_print){ stdout, opt->json, d->label };
	fe_init(&d->fe);
	monitor_touch_init(&d->touch);
}

void monitor_device_fini(struct monitor_device *d)
{
	monitor_device_end_record(d);
	monitor_uinput_free(d->uinput);
	d->uinput = NULL;
	fe_fini(&d->fe);
	free(d->label);
	d->label = NULL;
	d->running = false;
}

int monitor_device_record(struct monitor_device *d, const char *path)
{
	FILE *out = fopen(path, "we");

	if (!out)
		return -errno;
	recording_write_begin(&d->record, out, d->spec.name);
	return 0;
}

int monitor_device_end_record(struct monitor_device *d)
{
	FILE *out = d->record.out;

	d->record.out = NULL;
	if (!out)
		return 0;
	int failed = ferror(out);
	return fclose(out) || failed ? -EIO : 0;
}

int monitor_device_connect(struct monitor_device *d)
{
	return fe_connect(&d->fe, d->socket);
}

int monitor_device_ask(struct monitor_device *d)
{
	const struct fe_msg ask = fe_msg(VU_GET_FEATURES);

	return fe_send(&d->fe, &ask);
}

int monitor_device_take_answer(struct monitor_device *d)
{
	struct fe_msg answer;
	int rc = fe_recv(&d->fe, &answer);

	if (rc)
		return rc;
	return answer.hdr.request == VU_GET_FEATURES ? 0 : FE_E_REPLY;
}

int monitor_device_negotiate(struct monitor_device *d)
{
	int rc;

	if (d->opt->packed)
		d->fe.want_features |= FE_PACKED_RINGS;
	rc = fe_negotiate(&d->fe);
	if (!rc && d->opt->packed && !(d->fe.features & FE_PACKED_RINGS))
		rc = FE_E_LAYOUT;
	return rc;
}

static int start_driver(struct monitor_device *d)
{
	int rc = fe_make_rings(&d->fe, d->opt->ring_size);

	if (rc)
		return rc;
	/* Buffers first: the device may have state to report at once. */
	fe_post_buffers(&d->fe, FE_BUFFERS_MAX);
	rc = fe_start(&d->fe);
	if (rc)
		return rc;
	fe_ring_kick(&d->fe.ring[FE_EVENTQ]);
	d->running = true;
	return 0;
}

int monitor_device_start(struct monitor_device *d)
{
	int rc = fe_read_spec(&d->fe, &d->spec);

	if (rc)
		return rc == FE_E_REFUSED ? FE_E_DEVICE : rc;
	if (d->opt->uinput)
		rc = d->uinput_error = monitor_uinput_new(&d->uinput, &d->spec,
							  MONITOR_UINPUT_PHYS);
	if (!rc)
		rc = start_driver(d);
	/* Only now: whatever is injected after this line is printed too. */
	if (!rc)
		monitor_print_device(&d->print, &d->spec);
	return rc;
}

void monitor_device_stop(struct monitor_device *d)
{
	if (d->running)
		fe_stop(&d->fe);
}

static int send_led(struct monitor_device *d, uint16_t led, bool on)
{
	const struct vi_event ev = vi_event(EV_LED, led, on);

	d->leds = (d->leds & ~(UINT32_C(1) << led)) | (uint32_t)on << led;
	return fe_send_status(&d->fe, &ev);
}

int monitor_device_set_leds(struct monitor_device *d)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < d->opt->n_leds; i++) {
		const uint16_t led = d->opt->led[i].code;

		if (!spec_has(&d->spec, EV_LED, led))
			return FE_E_REFUSED;
		rc = send_led(d, led, d->opt->led[i].on);
	}
	return rc;
}

/* As a guest's console does, when one of these keys is pressed. */
static int follow_lock(struct monitor_device *d, const struct vi_event *ev)
{
	static const struct {
		uint16_t key, led;
	} lock[] = { { KEY_CAPSLOCK, LED_CAPSL },
		     { KEY_NUMLOCK, LED_NUML },
		     { KEY_SCROLLLOCK, LED_SCROLLL } };

	if (vi_type(ev) != EV_KEY || vi_value(ev) != 1)
		return 0;
	for (size_t i = 0; i < sizeof(lock) / sizeof(lock[0]); i++)
		if (lock[i].key == vi_code(ev) &&
		    spec_has(&d->spec, EV_LED, lock[i].led))
			return send_led(d, lock[i].led,
					!(d->leds >> lock[i].led & 1));
	return 0;
}

static int show_event(struct monitor_device *d, const struct timespec *when,
		      const struct vi_event *ev)
{
	bool end = vi_is_syn_report(ev);

	if (d->record.out)
		recording_write(&d->record,
				when->tv_sec * INT64_C(1000000) +
					when->tv_nsec / 1000,
				ev);
	monitor_touch_event(&d->touch, ev);
	if (!d->opt->touch)
		monitor_print_event(&d->print, when, ev);
	else if (end)
		monitor_print_touch(&d->print, &d->touch);
	if (d->uinput)
		return monitor_uinput_write(d->uinput, ev);
	return d->opt->locks ? follow_lock(d, ev) : 0;
}

int monitor_device_take(struct monitor_device *d, uint64_t *frames_left)
{
	struct fe_ring *ring = &d->fe.ring[FE_EVENTQ];
	struct timespec now;
	struct vi_event ev;
	bool enough = false;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	while (!rc && !enough) {
		rc = fe_recycle_event(&d->fe, &ev);
		if (!rc)
			rc = show_event(d, &now, &ev);
		if (!rc && vi_is_syn_report(&ev) && *frames_left)
			enough = !--*frames_left;
	}
	if (ring->posted)
		fe_ring_publish_and_kick(ring);
	fflush(d->print.out);
	return rc == FE_E_EMPTY ? 0 : rc;
}

int monitor_device_status(struct monitor_device *d)
{
	struct vi_event ev;
	int rc = 0;

	while (!rc && monitor_uinput_read(d->uinput, &ev))
		rc = fe_send_status(&d->fe, &ev);
	return rc;
}

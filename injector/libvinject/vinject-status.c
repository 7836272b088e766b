/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What arrives: status events, LEDs and sounds, from the guest; control events
 * from the server; and what else is due.
 */
#include <errno.h>
#include <string.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject-share.h"
#include "injector/libvinject/vinject-status.h"
#include "injector/libvinject/vinject.h"

/* Reads per call, so that a guest's flood cannot keep the caller busy. */
#define READS_MAX 16

void vinject_set_status(struct vinject *v, vinject_status_fn status, void *arg)
{
	v->status = status;
	v->status_arg = arg;
}

bool vinject_led(const struct vinject *v, uint16_t led)
{
	return led < LED_CNT && v->leds[led / 8] >> led % 8 & 1;
}

static void status_take(struct vinject *v, const struct vi_event *ev)
{
	const uint16_t code = vi_code(ev);

	if (vi_type(ev) == CONTROL_RING) {
		vinject_share_take(v, ev);
		return;
	}
	if (control_is(ev)) {
		vinject_control_take(&v->control, ev);
		return;
	}
	if (vi_type(ev) == EV_LED && code < LED_CNT) {
		const uint8_t bit = (uint8_t)(1u << code % 8);

		v->leds[code / 8] &= (uint8_t)~bit;
		if (vi_value(ev))
			v->leds[code / 8] |= bit;
	}
	if (v->status)
		v->status(v->status_arg, vi_type(ev), code, vi_value(ev));
}

/*
 * A callback may have lost the connection and made another.
 * Return: whether it is still the one that the bytes came from.
 */
static bool status_take_bytes(struct vinject *v, const uint8_t *bytes,
			      size_t len)
{
	const unsigned int connection = v->connection;

	for (size_t i = 0; i < len; i++) {
		struct vi_event ev;

		v->in[v->in_len++] = bytes[i];
		if (v->in_len < sizeof(v->in))
			continue;
		memcpy(&ev, v->in, sizeof(ev));
		v->in_len = 0;
		status_take(v, &ev);
		if (v->connection != connection)
			return false;
	}
	return true;
}

static int status_read(struct vinject *v)
{
	uint8_t bytes[64 * sizeof(struct vi_event)];
	ssize_t n;

	for (int i = 0; i < READS_MAX && vinject_connected(v); i++) {
		n = vinject_link_recv(&v->link, bytes, sizeof(bytes));
		if (n == -EPIPE)
			return vinject_lost(v);
		if (n < 0 || !status_take_bytes(v, bytes, (size_t)n))
			break;
	}
	return 0;
}

int vinject_dispatch(struct vinject *v)
{
	int r;

	if (v->dispatching)
		return -EBUSY;
	v->dispatching = true;
	r = status_read(v);
	if (r != -EPIPE)
		r = vinject_push(v);
	vinject_share_step(v);
	/* The connection may have ended just now, or in a vinject_frame(). */
	vinject_control_settle(&v->control);
	v->dispatching = false;
	vinject_arm(v);
	return r == -EPIPE ? r : (int)vinject_pending(v);
}

int vinject_dispatch_until(struct vinject *v, vinject_done_fn done,
			   uint32_t what, int64_t until_ms)
{
	for (;;) {
		const int r = vinject_dispatch(v);

		if (done(v, what))
			return 0;
		if (r < 0)
			return r;
		if (vinject_link_wait_due(&v->link, until_ms))
			return -ETIMEDOUT;
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handle: its life, its settings, the events of any device, and what comes
 * back from it. How frames get out is in vinject-frame.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/libvinject/vinject-handle.h"

/* So that a guest which floods us gets us no further than this at a time. */
#define READS_MAX 16

const char *vinject_version(void)
{
	return VERSION;
}

struct vinject *vinject_new(void)
{
	struct vinject *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->slots = VINJECT_SLOTS_MAX;
	if (vinject_link_init(&v->link)) {
		vinject_free(v);
		return NULL;
	}
	return v;
}

void vinject_free(struct vinject *v)
{
	if (!v)
		return;
	vinject_link_fini(&v->link);
	free(v);
}

const char *vinject_error(const struct vinject *v)
{
	return v->error.text;
}

void vinject_set_wait(struct vinject *v, int ms)
{
	v->wait_ms = ms;
}

void vinject_set_timeout(struct vinject *v, int ms)
{
	v->timeout_ms = ms;
}

void vinject_set_reconnect(struct vinject *v, bool on)
{
	v->reconnect = on;
}

void vinject_set_status(struct vinject *v, vinject_status_fn status, void *arg)
{
	v->status = status;
	v->status_arg = arg;
}

bool vinject_connected(const struct vinject *v)
{
	return v->link.state == VINJECT_LINK_UP;
}

int vinject_fd(const struct vinject *v)
{
	return v->link.epoll;
}

bool vinject_led(const struct vinject *v, uint16_t led)
{
	return led < LED_CNT && v->leds[led / 8] >> led % 8 & 1;
}

/* --- status --- */

static void take_status(struct vinject *v, const struct vi_event *ev)
{
	const uint16_t code = vi_code(ev);

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
 * A callback may have lost the connection and found another. Return: whether it
 * is still the one that the bytes came by.
 */
static bool take_bytes(struct vinject *v, const uint8_t *bytes, size_t len)
{
	const unsigned int connection = v->connection;

	for (size_t i = 0; i < len; i++) {
		struct vi_event ev;

		v->in[v->in_len++] = bytes[i];
		if (v->in_len < sizeof(v->in))
			continue;
		memcpy(&ev, v->in, sizeof(ev));
		v->in_len = 0;
		take_status(v, &ev);
		if (v->connection != connection)
			return false;
	}
	return true;
}

static int read_status(struct vinject *v)
{
	uint8_t bytes[64 * sizeof(struct vi_event)];
	ssize_t n;

	for (int i = 0; i < READS_MAX && vinject_connected(v); i++) {
		n = vinject_link_recv(&v->link, bytes, sizeof(bytes));
		if (n == -EPIPE)
			return vinject_lost(v);
		if (n < 0 || !take_bytes(v, bytes, (size_t)n))
			break;
	}
	return 0;
}

int vinject_dispatch(struct vinject *v)
{
	int r = read_status(v);

	if (r != -EPIPE)
		r = vinject_push(v);
	vinject_arm(v);
	return r == -EPIPE ? r : (int)vinject_pending(v);
}

/* --- events --- */

/* Return: whether the state has room for it, and a kernel a name. */
static bool is_valid(uint16_t type, uint16_t code, int32_t value)
{
	switch (type) {
	case EV_KEY:
		return code < KEY_CNT;
	case EV_REL:
		return code < REL_CNT;
	case EV_ABS:
		return code < ABS_CNT &&
		       (code != ABS_MT_SLOT ||
			(value >= 0 && value < VINJECT_SLOTS_MAX));
	case EV_SW:
		return code < SW_CNT;
	}
	return type != EV_SYN && type < EV_CNT;
}

int vinject_event(struct vinject *v, uint16_t type, uint16_t code,
		  int32_t value)
{
	int r;

	if (type == EV_SYN && code == SYN_REPORT)
		return vinject_frame(v);
	if (!is_valid(type, code, value))
		return -EINVAL;
	r = vinject_room(v, 1);
	if (!r)
		vinject_add(v, type, code, value);
	return r;
}

int vinject_key(struct vinject *v, uint16_t code, bool down)
{
	return vinject_event(v, EV_KEY, code, down);
}

int vinject_switch(struct vinject *v, uint16_t code, bool on)
{
	return vinject_event(v, EV_SW, code, on);
}

/* --- release --- */

static size_t count_bits(const uint8_t *bits, size_t n_bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_bytes; i++)
		n += (size_t)__builtin_popcount(bits[i]);
	return n;
}

/* An upper bound of what release_all() adds. */
static size_t held(const struct vinject_state *st)
{
	size_t n = count_bits(st->key, sizeof(st->key)) + ABS_CNT;

	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++)
		n += st->slots[i].id >= 0 ? 2 : 0;
	return n;
}

static void lift_all(struct vinject *v)
{
	for (unsigned int i = 0; i < VINJECT_SLOTS_MAX; i++) {
		v->contact[i].down = false;
		if (v->said.slots[i].id < 0)
			continue;
		vinject_add(v, EV_ABS, ABS_MT_SLOT, (int32_t)i);
		vinject_add(v, EV_ABS, ABS_MT_TRACKING_ID, -1);
	}
}

static void to_rest(struct vinject *v, uint16_t code)
{
	if (v->said.abs[code])
		vinject_add(v, EV_ABS, code, 0);
}

int vinject_release_all(struct vinject *v)
{
	int r = vinject_room(v, held(&v->said));

	if (r)
		return r;
	lift_all(v);
	if (v->pen)
		to_rest(v, ABS_PRESSURE);
	for (uint16_t code = 0; code < ABS_CNT; code++)
		if (v->pad_axes >> code & 1)
			to_rest(v, code);
	for (uint16_t code = 0; code < KEY_CNT; code++)
		if (vinject_state_key(&v->said, code))
			vinject_add(v, EV_KEY, code, 0);
	v->pen = 0;
	v->pad = 0;
	return 0;
}

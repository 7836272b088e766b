/* SPDX-License-Identifier: Apache-2.0 */
/* A handle's life and settings, and its unfinished frame. */
#include <errno.h>
#include <stdlib.h>

#include "injector/libvinject/vinject-handle.h"

const char *vinject_version(void)
{
	return VERSION;
}

struct vinject *vinject_new(void)
{
	struct vinject *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return NULL;
	v->slots = VINJECT_SLOTS_MAX;
	vinject_control_init(&v->control);
	r = vinject_link_init(&v->link);
	if (r) {
		vinject_free(v);
		errno = -r;
		return NULL;
	}
	return v;
}

/* If there is space; and it MUST NOT end up inside a partly sent frame. */
static void handle_leave(struct vinject *v)
{
	struct vi_event ev[VINJECT_REQUESTS_MAX + 1];
	size_t n = vinject_control_leave(&v->control, ev);

	if (!n || v->out_len || !vinject_connected(v))
		return;
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	vinject_link_send(&v->link, ev, n * sizeof(*ev));
}

void vinject_free(struct vinject *v)
{
	if (!v)
		return;
	handle_leave(v);
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

bool vinject_connected(const struct vinject *v)
{
	return v->link.state == VINJECT_LINK_UP;
}

int vinject_fd(const struct vinject *v)
{
	return v->link.epoll_fd;
}

int vinject_room(const struct vinject *v, size_t n)
{
	if (!v->opened)
		return -EPIPE;
	return n <= VINJECT_FRAME_MAX - v->n ? 0 : -EMSGSIZE;
}

void vinject_add(struct vinject *v, uint16_t type, uint16_t code, int32_t value)
{
	v->frame[v->n] = vi_event(type, code, value);
	vinject_state_apply(&v->draft, &v->frame[v->n]);
	v->n++;
}

int vinject_need_hello(const struct vinject *v)
{
	if (!v->opened)
		return -EPIPE;
	return v->control.known ? 0 : -EOPNOTSUPP;
}

int vinject_need_hello_to_wait(const struct vinject *v)
{
	return v->dispatching ? -EBUSY : vinject_need_hello(v);
}

void vinject_set_plain(struct vinject *v, bool plain)
{
	vinject_state_set_plain(&v->draft, plain);
	vinject_state_set_plain(&v->now, plain);
	vinject_state_set_plain(&v->sent, plain);
}

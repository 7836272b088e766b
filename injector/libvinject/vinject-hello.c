/* SPDX-License-Identifier: Apache-2.0 */
/* What a handle asks of a server that knows control events. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "injector/libvinject/vinject-frame.h"
#include "injector/libvinject/vinject-handle.h"
#include "injector/libvinject/vinject-share.h"
#include "injector/libvinject/vinject-status.h"

/* More than a socket's buffer holds. */
#define DISPATCHES_MAX 1000

static bool hello_is_answered(const struct vinject *v, uint32_t what)
{
	(void)what;
	return v->control.heard;
}

/*
 * Read what arrived before HELLO was said: a HELLO to an earlier user of the
 * socket would be taken for the answer.
 */
static int hello_read_older(struct vinject *v)
{
	struct pollfd p = { .events = POLLIN };
	int r, i = 0;

	do {
		r = vinject_dispatch(v);
		p.fd = v->link.fd;
	} while (r >= 0 && ++i < DISPATCHES_MAX && poll(&p, 1, 0) > 0);
	return r;
}

int vinject_hello(struct vinject *v, int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	struct vinject_control *c = &v->control;
	int r;

	if (!v->opened)
		return -EPIPE;
	if (!c->said) {
		r = hello_read_older(v);
		if (r < 0)
			return r;
		c->said = true;
		vinject_control_request(c, CONTROL_HELLO);
	}
	r = vinject_dispatch_until(v, hello_is_answered, 0, until_ms);
	return r == -ETIMEDOUT ? -EOPNOTSUPP : r;
}

int vinject_lossless(struct vinject *v, int ms)
{
	const int r = vinject_need_hello(v);

	if (r)
		return r;
	if (ms < -1)
		return -EINVAL;
	v->control.lossless_ms = ms;
	return vinject_request(v, CONTROL_LOSSLESS);
}

static bool name_is_answered(const struct vinject *v, uint32_t what)
{
	(void)what;
	return v->control.name_asked == VINJECT_ANSWERED;
}

static int name_copy(const struct vinject_control *c, char *name, size_t len)
{
	const size_t n = strnlen(c->name, VINJECT_NAME_MAX);

	if (len)
		snprintf(name, len, "%.*s", (int)n, c->name);
	return n < len ? 0 : -ERANGE;
}

int vinject_name(struct vinject *v, char *name, size_t len, int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	struct vinject_control *c = &v->control;
	int r = vinject_need_hello_to_wait(v);

	if (r)
		return r;
	if (c->name_asked == VINJECT_IDLE) {
		memset(c->name, 0, sizeof(c->name));
		c->name_asked = VINJECT_ASKED;
		vinject_control_request(c, CONTROL_NAME);
	}
	r = vinject_dispatch_until(v, name_is_answered, 0, until_ms);
	if (r)
		return r;
	c->name_asked = VINJECT_IDLE;
	return name_copy(c, name, len);
}

static bool held_is_answered(const struct vinject *v, uint32_t what)
{
	(void)what;
	return v->control.held_asked == VINJECT_ANSWERED;
}

int vinject_held_by_others(struct vinject *v, unsigned int *held,
			   int timeout_ms)
{
	const int64_t until_ms = vinject_clock_until(timeout_ms);
	struct vinject_control *c = &v->control;
	int r = vinject_need_hello_to_wait(v);

	if (r)
		return r;
	if (c->held_asked == VINJECT_IDLE) {
		c->held_asked = VINJECT_ASKED;
		vinject_control_request(c, CONTROL_HELD);
	}
	r = vinject_dispatch_until(v, held_is_answered, 0, until_ms);
	if (r)
		return r;
	c->held_asked = VINJECT_IDLE;
	*held = c->held;
	return 0;
}

static bool share_is_settled(const struct vinject *v, uint32_t what)
{
	(void)what;
	return !vinject_share_is_due(v);
}

int vinject_share_memory(struct vinject *v, int timeout_ms)
{
	/* A server that is older never answers. */
	const int64_t until_ms = vinject_clock_until(
		timeout_ms < 0 ? VINJECT_SHARE_ANSWER_MS : timeout_ms);
	int r;

	if (!v->opened)
		return -EPIPE;
	if (v->dispatching)
		return -EBUSY;
	vinject_share_want(v);
	r = vinject_dispatch_until(v, share_is_settled, 0, until_ms);
	if (r && r != -ETIMEDOUT)
		return r;
	return vinject_shares_memory(v) ? 0 : -EOPNOTSUPP;
}

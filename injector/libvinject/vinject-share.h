/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a handle comes to send through shared memory, for the other files of the
 * library.
 */
#ifndef VINJECT_SHARE_H
#define VINJECT_SHARE_H

#include "injector/libvinject/vinject-handle.h"

/* An answer takes microseconds, unless the server is stopped. */
#define VINJECT_SHARE_ANSWER_MS 2000

/* A new connection is established. */
void vinject_share_came_up(struct vinject *v);
/* Take one of the server's RING events. */
void vinject_share_take(struct vinject *v, const struct vi_event *ev);

/* Whether there is something to do when a frame has been sent. */
static inline bool vinject_share_is_due(const struct vinject *v)
{
	return v->share.state < VINJECT_SHARE_SETTLED;
}

/* A frame has been sent, and nothing is left of it. */
void vinject_share_sent(struct vinject *v);
/* Ask now, or as soon as possible. */
void vinject_share_want(struct vinject *v);
/* Send what is due, if there is space. */
void vinject_share_step(struct vinject *v);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handle's connection as it comes and goes, and what is pending for it; for
 * the other files of the library. vinject.h has the rest of vinject-frame.c.
 */
#ifndef VINJECT_FRAME_H
#define VINJECT_FRAME_H

#include "injector/libvinject/vinject-handle.h"

/* A new connection is established: its device knows nothing yet. */
void vinject_came_up(struct vinject *v);
/* The connection is lost. Return: -EAGAIN: it will be retried; -EPIPE. */
int vinject_lost(struct vinject *v);
/*
 * Send n events, which end with a SYN_REPORT, after all that is pending; wait
 * until then. until_ms: see vinject_clock_until(). Return: 0: the device has
 * them, or will get the rest; -EAGAIN: none was sent; -EPIPE.
 */
int vinject_send(struct vinject *v, const struct vi_event *ev, size_t n,
		 int64_t until_ms);
/* Send what is pending. Return: 0: nothing is left; -EAGAIN, -EPIPE. */
int vinject_push(struct vinject *v);
/* Let it be sent now if there is space, or later. Return: 0, -EPIPE. */
int vinject_request(struct vinject *v, uint16_t type);
/* Make the fd readable when there is space for what is pending. */
void vinject_arm(struct vinject *v);

#endif

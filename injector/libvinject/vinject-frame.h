/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A handle's connection as it comes and goes, and what waits to be sent over
 * it. The public side of this file's .c is in vinject.h.
 */
#ifndef VINJECT_FRAME_H
#define VINJECT_FRAME_H

#include "injector/libvinject/vinject-handle.h"

/* The connection is there: the device knows nothing. */
void vinject_came_up(struct vinject *v);
/*
 * It is not there any more. Return: -EAGAIN if it will be tried again, -EPIPE.
 */
int vinject_lost(struct vinject *v);
/* Send what waits. Return: 0: all is told; -EAGAIN, -EPIPE. */
int vinject_push(struct vinject *v);
/* Have the fd tell when there is room for what waits. */
void vinject_arm(struct vinject *v);

#endif

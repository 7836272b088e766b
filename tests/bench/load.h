/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The load of a subject, and the guest's driver that takes it. The frames have
 * two events (a source presses its key or releases it), seven (two fingers
 * move), or three (a mouse does). The driver is like Linux's: it posts each
 * buffer again, kicks at most once per batch, and enables notifications only
 * when it has taken everything.
 */
#ifndef VINPUT_BENCH_LOAD_H
#define VINPUT_BENCH_LOAD_H

#include "tests/bench/backend.h"

#define LOAD_FRAME_EVENTS 2 /* LOAD_KEYS */
#define LOAD_FRAMES_MAX	  4096

#define LOAD_E_LOST 100 /* frames are missing, or the back-end has exited */

/* How long the guest waits before it takes a frame for lost. */
extern int load_patience_ms;

/* Write n frames of a source at once. Return: 0 or -errno. */
int load_inject(struct backend *be, unsigned int source, unsigned int n);

/* Take n frames. Return: 0, LOAD_E_LOST (see be->lost), FE_E_RING. */
int load_take(struct backend *be, unsigned int n);

/*
 * One frame, there and back. Return: as load_take(); *ns: from before write()
 * until the notification.
 */
int load_frame(struct backend *be, unsigned int source, int64_t *ns);

/*
 * Wait until the driver is notified, and take what there is. *ns: when poll()
 * returned. Return: 0, LOAD_E_LOST: not notified in time, or FE_E_RING.
 */
int load_await(struct backend *be, int64_t *ns, int timeout_ms);

/* n frames at once, there and back. Return: as load_take(). */
int load_burst(struct backend *be, unsigned int n);

/* Take what there is: a device may have events for a driver that starts. */
void load_drain(struct backend *be);

#endif

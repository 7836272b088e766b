/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A source of events within the server's process, beside the injectors: for a
 * program that has the server's engine and reads a device itself. Its frames go
 * into the device without a socket. It never waits: without space a frame is
 * refused. Loop thread only.
 */
#ifndef VINPUT_LOCAL_SOURCE_H
#define VINPUT_LOCAL_SOURCE_H

#include "input/serve/server.h"

struct local_source {
	/* Status events of the guest. */
	void (*status)(void *arg, const struct vi_event *ev, size_t n);
	/* There may be space for a frame that was refused. */
	void (*resumed)(void *arg);
	void *arg;

	struct server *server; /* borrowed; NULL: not started */
	bool refused;	       /* since the last resumed() */
	struct device_source source;
};

/*
 * The members above the blank line are set. Once in a server, before
 * server_serve(). Return: 0 or -ENOMEM.
 */
int local_source_start(struct local_source *ls, struct server *s);
/* Before server_fini(). What it holds is not released. Idempotent. */
void local_source_fini(struct local_source *ls);

/*
 * A whole frame: SYN_REPORT last, at most FRAME_EVENTS_MAX events.
 * Return: whether there was space for it.
 */
bool local_source_send(struct local_source *ls, const struct vi_event *ev,
		       size_t n);
/* Make space: what waits for the guest becomes a state. */
void local_source_fold(struct local_source *ls);
/*
 * The same for some whole frames, which the guest gets at once if nothing
 * waits, outside the loop's round: as pump_pass().
 */
bool local_source_pass(struct local_source *ls, const struct vi_event *ev,
		       size_t n, bool *quiet);
/* Let the guest have now, as far as it has buffers, what was sent. */
void local_source_flush(struct local_source *ls);

#endif

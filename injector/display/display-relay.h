/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One viewer of a display: a connection to its VNC server, which sees of what
 * the viewer sends only what rfb-filter.h lets through. The handshake is made
 * here, so that the version of the server does not matter to a viewer.
 *
 *	VNC server ──► display_relay_read() ──► viewer
 *		   ◄── rfb-filter ◄── display_relay_write()
 *
 * Nothing is kept for a viewer that does not read: then the server is not read
 * either. Loop thread only.
 */
#ifndef VINPUT_DISPLAY_RELAY_H
#define VINPUT_DISPLAY_RELAY_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/display/display-server.h"
#include "injector/rfb/rfb-filter.h"
#include "input/base/rate.h"

#define DISPLAY_WRITE_MAX    4096      /* of one display_relay_write() */
#define DISPLAY_DROPPED_RATE (1 << 18) /* bytes in a second; more end it */
#define DISPLAY_ANSWER_S     10.0 /* in which a viewer has to, after its server */

struct display_relay;

struct display_relay_ops {
	/* display_relay_read() would return bytes. Once before each call. */
	void (*readable)(struct display_relay *r);
	/* The server takes bytes again, after display_relay_is_full(). */
	void (*drained)(struct display_relay *r);
	/* It is over, and why: for people. It MUST be closed, soon. */
	void (*ended)(struct display_relay *r, const char *why);
};

struct display_relay {
	struct display_server server;
	const struct display_relay_ops *ops;
	ev_timer answer_is_late;
	size_t n_welcome; /* bytes of the handshake that the viewer has */
	struct rfb_filter filter;
	struct rate dropped; /* bytes */
};

/*
 * Connect. r: filled with zeros; loop, address, ops: borrowed.
 * Return: 0, or a negative errno with the fault, for people.
 */
int display_relay_open(struct display_relay *r, struct ev_loop *loop,
		       const struct display_address *address,
		       const struct display_relay_ops *ops, struct fault *why);
void display_relay_close(struct display_relay *r); /* idempotent */

/* Return: bytes for the viewer, 0: none now. */
size_t display_relay_read(struct display_relay *r, uint8_t *to, size_t size);
/*
 * Bytes of the viewer, at most DISPLAY_WRITE_MAX. While
 * display_relay_is_full() none may come, or it is over. It MAY call ended().
 */
void display_relay_write(struct display_relay *r, const uint8_t *data,
			 size_t len);
bool display_relay_is_full(const struct display_relay *r);

#endif

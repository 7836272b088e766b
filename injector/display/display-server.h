/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection to a display's VNC server, which it greets. What follows the
 * greeting is its owner's. For a server that does not read at most
 * DISPLAY_UNSENT_MAX bytes are kept. Loop thread only.
 */
#ifndef VINPUT_DISPLAY_SERVER_H
#define VINPUT_DISPLAY_SERVER_H

#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/display/display-address.h"
#include "injector/rfb/rfb-greeting.h"
#include "input/base/fault.h"

#define DISPLAY_UNSENT_MAX 16384
#define DISPLAY_GREET_S	   5.0 /* in which the server has to greet */

struct display_server;

struct display_server_ops {
	/* Once: s->greeting is done. */
	void (*greeted)(struct display_server *s);
	/* There is something to read. Once for each display_server_want(). */
	void (*readable)(struct display_server *s);
	/* Some of s->unsent was sent after a delay. */
	void (*drained)(struct display_server *s);
	/* It is over, and why: for people. It MUST be closed, soon. */
	void (*ended)(struct display_server *s, const char *why);
};

struct display_server {
	struct ev_loop *loop; /* NULL: not open */
	const struct display_server_ops *ops;
	const struct display_address *address;
	size_t n_tried; /* of its places */
	int fd;
	ev_io readable, writable;
	ev_timer greeting_is_late;
	struct rfb_greeting greeting;
	uint8_t unsent[DISPLAY_UNSENT_MAX];
	size_t n_unsent;
	bool is_qemu; /* see display-wake.h */
	bool ended;
};

/*
 * Connect. s: filled with zeros; loop, address, ops: borrowed.
 * Return: 0, or a negative errno with the fault, for people.
 */
int display_server_open(struct display_server *s, struct ev_loop *loop,
			const struct display_address *address,
			const struct display_server_ops *ops,
			struct fault *why);
void display_server_close(struct display_server *s); /* idempotent */
/* End it: ended() is called, unless it was. */
__attribute__((format(printf, 2, 3))) void display_server_end(
	struct display_server *s, const char *fmt, ...);

/* After greeted(). */
void display_server_want(struct display_server *s);
/* Return: how many bytes came; 0: none, and it MAY have ended. */
size_t display_server_read(struct display_server *s, uint8_t *to, size_t size);
/* There MUST be room for them in s->unsent. It MAY call ended(). */
void display_server_send(struct display_server *s, const uint8_t *bytes,
			 size_t len);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The screen of a display's VNC server, decoded here, for as long as it is
 * open. While there is no server, it is looked for again and again. The server
 * is asked for a change only when what came before was taken, so that nothing
 * is decoded that nobody sees. It gets no input of any kind. Loop thread only.
 */
#ifndef VINPUT_DISPLAY_SCREEN_H
#define VINPUT_DISPLAY_SCREEN_H

#include "injector/display/display-server.h"
#include "injector/rfb/rfb-client.h"

#define DISPLAY_RETRY_S	  1.0 /* until a server is looked for again */
#define DISPLAY_READ_SIZE 65536

struct display_screen;

enum display_screen_state {
	DISPLAY_SCREEN_AWAITED, /* the server has not shown anything yet */
	DISPLAY_SCREEN_SHOWN,
	DISPLAY_SCREEN_RESIZED, /* nothing of the new size is there yet */
	DISPLAY_SCREEN_ABSENT,	/* s->why: for people */
};

struct display_screen_ops {
	/* Of the state, or of what is shown. It MUST NOT close the screen. */
	void (*changed)(struct display_screen *s);
};

struct display_screen {
	struct ev_loop *loop; /* NULL: not open */
	const struct display_screen_ops *ops;
	const struct display_address *address;
	enum display_screen_state state;
	char why[256];
	struct display_server server;
	struct rfb_client client; /* of it, its screen and its cursor */
	uint8_t bytes[DISPLAY_READ_SIZE];
	size_t at, n;	/* of them, those that were not taken yet */
	ev_timer again; /* take more of them; or look for the server */
};

/* s: filled with zeros; loop, address, ops: borrowed. changed() MAY be called.
 */
void display_screen_open(struct display_screen *s, struct ev_loop *loop,
			 const struct display_address *address,
			 const struct display_screen_ops *ops);
void display_screen_close(struct display_screen *s); /* idempotent */
/* What is shown was taken: ask for the next change. */
void display_screen_ask(struct display_screen *s);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A WebSocket at /display/N, protocol "vinput.display.1": RFB in binary
 * messages, for a viewer that only looks. When there is no picture the
 * WebSocket ends with a reason for people. Loop thread only.
 */
#ifndef VINPUT_WEB_DISPLAY_H
#define VINPUT_WEB_DISPLAY_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "injector/display/display-relay.h"
#include "injector/stream/stream-rights.h"
#include "injector/stream/stream-session.h"

#define WEB_DISPLAY_PROTOCOL "vinput.display.1"
#define WEB_DISPLAY_REASON   123  /* RFC 6455 §5.5 */
#define WEB_DISPLAY_END	     4000 /* status of that end */
#define WEB_VIEWERS_MAX	     64	  /* of all displays */

/* What all of them have; borrowed. */
struct web_displays {
	struct ev_loop *loop;
	const struct displays *displays;
	struct stream_counters *counters;
};

/* It is made by libwebsockets, filled with zeros. */
struct web_display {
	struct lws *wsi; /* NULL: not open */
	struct web_displays *all;
	struct display_relay relay;
	bool failed;
	char why[WEB_DISPLAY_REASON + 1];
};

/* Return: the display at "/display/N" if these rights are about it, or NULL. */
const struct display_address *web_display_find(
	const struct web_displays *all, const char *path,
	const struct stream_rights *rights);

void web_display_open(struct web_display *d, struct lws *wsi,
		      struct web_displays *all,
		      const struct display_address *address);
void web_display_close(struct web_display *d); /* idempotent */

/* Return, both: 0; -1: it is to be disconnected. */
int web_display_receive(struct web_display *d, const uint8_t *data, size_t len);
int web_display_write(struct web_display *d);

#endif

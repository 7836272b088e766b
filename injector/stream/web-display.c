/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message is what one read of the server gave, so that nothing is kept here:
 * the next read is when libwebsockets has sent it.
 */
#include <stdio.h>
#include <string.h>

#include "injector/stream/web-display.h"
#include "input/base/container.h"
#include "input/base/log.h"

#define PATH	 "/display/"
#define READ_MAX 16384

const struct display_address *web_display_find(
	const struct web_displays *all, const char *path,
	const struct stream_rights *rights)
{
	const size_t len = strlen(PATH);
	const struct display_address *a;
	size_t i;

	if (strncmp(path, PATH, len))
		return NULL;
	/* One digit is enough for DISPLAYS_MAX; what is none is too large. */
	i = (size_t)path[len] - '0';
	if (i >= all->displays->n || path[len + 1])
		return NULL;
	a = &all->displays->at[i];
	return stream_rights_show(rights, a->name) ? a : NULL;
}

/* The reason has to be UTF-8; a path may not be. */
static void display_fail(struct web_display *d, const char *why)
{
	d->failed = true;
	snprintf(d->why, sizeof(d->why), "%s", why);
	for (char *at = d->why; *at; at++)
		if (*at < ' ' || *at > '~')
			*at = '?';
	lws_callback_on_writable(d->wsi);
}

static void on_relay_readable(struct display_relay *r)
{
	lws_callback_on_writable(
		container_of(r, struct web_display, relay)->wsi);
}

static void on_relay_drained(struct display_relay *r)
{
	lws_rx_flow_control(container_of(r, struct web_display, relay)->wsi, 1);
}

static void on_relay_ended(struct display_relay *r, const char *why)
{
	static struct log_limit limit;
	struct web_display *d = container_of(r, struct web_display, relay);

	log_limited(&limit, LOG_WARNING, CULPRIT_NONE, "display %s: %s",
		    r->server.address->name, why);
	display_fail(d, why);
}

static const struct display_relay_ops relay_ops = {
	.readable = on_relay_readable,
	.drained = on_relay_drained,
	.ended = on_relay_ended,
};

void web_display_open(struct web_display *d, struct lws *wsi,
		      struct web_displays *all,
		      const struct display_address *address)
{
	struct fault why;

	*d = (struct web_display){ .wsi = wsi, .all = all };
	all->counters->viewers++;
	if (all->counters->viewers > WEB_VIEWERS_MAX)
		display_fail(d, "too many viewers");
	else if (display_relay_open(&d->relay, all->loop, address, &relay_ops,
				    &why))
		display_fail(d, why.text);
}

void web_display_close(struct web_display *d)
{
	if (!d->wsi)
		return;
	d->all->counters->viewers--;
	d->all->counters->viewers_dropped += d->relay.filter.dropped;
	display_relay_close(&d->relay);
	d->wsi = NULL;
}

int web_display_receive(struct web_display *d, const uint8_t *data, size_t len)
{
	if (d->failed)
		return 0; /* the reason is on its way */
	if (!lws_frame_is_binary(d->wsi) || len > DISPLAY_WRITE_MAX)
		return -1;
	display_relay_write(&d->relay, data, len);
	if (!d->failed && display_relay_is_full(&d->relay))
		lws_rx_flow_control(d->wsi, 0);
	return 0;
}

int web_display_write(struct web_display *d)
{
	uint8_t bytes[LWS_PRE + READ_MAX];
	size_t n;

	n = d->failed
		    ? 0
		    : display_relay_read(&d->relay, bytes + LWS_PRE, READ_MAX);
	if (d->failed) {
		lws_close_reason(d->wsi, WEB_DISPLAY_END, (uint8_t *)d->why,
				 strlen(d->why));
		return -1;
	}
	if (!n)
		return 0;
	return lws_write(d->wsi, bytes + LWS_PRE, n, LWS_WRITE_BINARY) < 0 ? -1
									   : 0;
}

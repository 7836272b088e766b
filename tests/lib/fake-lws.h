/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines what libwebsockets does for a WebSocket, in place of its own: what is
 * asked of it is noted. A unit test includes this once, and begins with
 * memset(&fake_lws, 0, sizeof(fake_lws)).
 */
#ifndef VINPUT_TESTS_FAKE_LWS_H
#define VINPUT_TESTS_FAKE_LWS_H

#include <libwebsockets.h>
#include <string.h>

#include "tests/lib/check.h"

#define FAKE_WSI ((struct lws *)&fake_lws)

static struct fake_lws {
	unsigned int wished; /* to write */
	bool fails;	     /* to write */
	char written[1024];  /* the beginning */
	size_t n_written;
	enum lws_write_protocol protocol; /* of the last one */
	/* Of what comes. */
	bool final, binary, stopped;
	size_t remaining;
	/* Of the close. */
	int status;
	char reason[124];
} fake_lws;

/* NOLINTBEGIN(misc-definitions-in-headers) */

int lws_callback_on_writable(struct lws *wsi)
{
	assert_ptr_equal(wsi, FAKE_WSI);
	fake_lws.wished++;
	return 1;
}

int lws_write(struct lws *wsi, unsigned char *buf, size_t len,
	      enum lws_write_protocol protocol)
{
	const size_t room = sizeof(fake_lws.written) - 1 - fake_lws.n_written;
	const size_t n = len < room ? len : room;

	assert_ptr_equal(wsi, FAKE_WSI);
	memset(buf - LWS_PRE, 0, LWS_PRE); /* it may write there */
	memcpy(fake_lws.written + fake_lws.n_written, buf, n);
	fake_lws.n_written += n;
	fake_lws.protocol = protocol;
	return fake_lws.fails ? -1 : (int)len;
}

int lws_rx_flow_control(struct lws *wsi, int enable)
{
	assert_ptr_equal(wsi, FAKE_WSI);
	fake_lws.stopped = !enable;
	return 0;
}

int lws_is_final_fragment(struct lws *wsi)
{
	return fake_lws.final;
}

size_t lws_remaining_packet_payload(struct lws *wsi)
{
	return fake_lws.remaining;
}

int lws_frame_is_binary(struct lws *wsi)
{
	return fake_lws.binary;
}

void lws_close_reason(struct lws *wsi, enum lws_close_status status,
		      unsigned char *buf, size_t len)
{
	assert_true(len < sizeof(fake_lws.reason));
	fake_lws.status = status;
	if (len)
		memcpy(fake_lws.reason, buf, len);
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif

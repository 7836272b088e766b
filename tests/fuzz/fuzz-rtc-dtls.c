/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Datagrams to a DTLS server that waits for its client: each is a length and
 * bytes. Nothing gets through the handshake, and what the server says are
 * datagrams of a size that passes everywhere.
 */
#include "injector/rtc/rtc-dtls.h"
#include "tests/fuzz/fuzz.h"

#define UDP_PAYLOAD_MAX 1232 /* of IPv6's minimum */

static void on_send(struct rtc_dtls *d, struct rtc_bytes datagram)
{
	must(datagram.len && datagram.len <= UDP_PAYLOAD_MAX);
}

static void on_connected(struct rtc_dtls *d)
{
	must(!"connected");
}

static void on_received(struct rtc_dtls *d, struct rtc_bytes data)
{
	must(!"received");
}

static void on_closed(struct rtc_dtls *d, const char *why)
{
	must(d->dead && why[0]);
}

static const struct rtc_dtls_events events = {
	.send = on_send,
	.connected = on_connected,
	.received = on_received,
	.closed = on_closed,
};

static SSL_CTX *context(void)
{
	static struct rtc_certificate certificate;
	static SSL_CTX *context;

	if (!context) {
		must(!rtc_certificate_make(&certificate));
		context = rtc_dtls_context(&certificate);
		must(context);
	}
	return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtc_dtls d = { .events = &events,
			      .loop = ev_default_loop(EVFLAG_NOENV) };
	struct choices in = { data, size };

	must(!rtc_dtls_init(&d, context()));
	while (in.left && !d.dead) {
		const size_t len = take16(&in) % RTC_DTLS_DATAGRAM_MAX;
		uint8_t *datagram = malloc(len ? len : 1);

		must(datagram);
		take(&in, datagram, len);
		rtc_dtls_input(&d, (struct rtc_bytes){ datagram, len });
		free(datagram);
	}
	rtc_dtls_fini(&d);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DTLS server of one peer (RFC 6347, 8827): datagrams in and out, and what
 * they carry. The peer is the one whose certificate has the hash that it is
 * given; nobody else gets through the handshake.
 *
 * Loop thread only. rtc_dtls_fini() MUST NOT be called from its callbacks.
 */
#ifndef VINPUT_RTC_DTLS_H
#define VINPUT_RTC_DTLS_H

#include <ev.h>
#include <openssl/ssl.h>
#include "injector/rtc/rtc-certificate.h"
#include "injector/rtc/rtc-srtp.h"
#include "injector/rtc/rtc-text.h"

#define RTC_DTLS_DATAGRAM_MAX 2048 /* that we take */

struct rtc_dtls;

struct rtc_dtls_events {
	void (*send)(struct rtc_dtls *d, struct rtc_bytes datagram);
	void (*connected)(struct rtc_dtls *d);
	void (*received)(struct rtc_dtls *d, struct rtc_bytes data);
	/* Once; then it is dead: only rtc_dtls_fini() is useful. */
	void (*closed)(struct rtc_dtls *d, const char *why);
};

struct rtc_dtls {
	const struct rtc_dtls_events *events;
	struct ev_loop *loop;
	SSL *ssl;
	uint8_t peer_hash[RTC_CERTIFICATE_HASH_LEN];
	struct rtc_bytes in; /* the datagram that OpenSSL reads */
	ev_timer timer;	     /* until a flight is sent again */
	bool connected, dead, stranger;
};

#define RTC_DTLS_NULL ((struct rtc_dtls){ 0 })

/* For all peers. Return: NULL: no memory. */
SSL_CTX *rtc_dtls_context(const struct rtc_certificate *own);

/* The members peer_hash, events and loop MUST be set. Return: 0 or -ENOMEM. */
int rtc_dtls_init(struct rtc_dtls *d, SSL_CTX *context);
/* Says goodbye if connected. Idempotent. */
void rtc_dtls_fini(struct rtc_dtls *d);

void rtc_dtls_input(struct rtc_dtls *d, struct rtc_bytes datagram);
/* The keys of media; profile RTC_SRTP_NONE: none were agreed on. */
void rtc_dtls_media_keys(const struct rtc_dtls *d, struct rtc_srtp_keys *keys);
/* One datagram. Return: 0, -ENOTCONN, or -EIO. */
int rtc_dtls_write(struct rtc_dtls *d, struct rtc_bytes data);

#endif

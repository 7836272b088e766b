/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A browser's side of data channels, for tests: a full ICE agent as far as the
 * peer notices, OpenSSL's DTLS client, and the project's SCTP and DCEP the
 * other way round. It can be made to lie and to stop halfway.
 *
 *	rtc_client_init(&c, loop, offer);
 *	answer = rtc_client_answer(&c);
 *	rtc_client_start(&c);
 *	assert_soon(loop, c.up);
 */
#ifndef VINPUT_TESTS_RTC_CLIENT_H
#define VINPUT_TESTS_RTC_CLIENT_H

#include <ev.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include "injector/rtc/rtc-certificate.h"
#include "injector/rtc/rtc-channels.h"
#include "tests/lib/rtc-check.h"

#define RTC_CLIENT_SDP_MAX 4096
#define RTC_CLIENT_VP8	   97 /* the payload type */
#define RTC_CLIENT_DELAY   5  /* the number of RTC_SDP_DELAY */

struct rtc_client {
	/* What it does wrong; before rtc_client_start(). */
	bool lies;	      /* its fingerprint is another's */
	bool is_nobody;	      /* no certificate */
	bool only_checks;     /* no DTLS */
	bool only_hello;      /* stops after its first flight */
	const char *password; /* of its checks; the peer's if not changed */
	const char *srtp_profiles; /* NULL: the one that all have */
	unsigned int n_videos;	   /* sections in which it takes video */
	uint16_t sctp_port;	   /* in its description; 0: the usual one */
	unsigned int loses;	   /* datagrams of DTLS that do not arrive */
	/* Changes an SCTP packet of its own, before DTLS. */
	void (*mangle)(struct rtc_client *c, uint8_t *packet, size_t len);

	struct ev_loop *loop;
	int fd;
	ev_io io;
	ev_timer timer; /* checks and flights that are sent again */
	struct sockaddr_storage peer;
	socklen_t peer_len;
	char username[320], peer_password[64], peer_fingerprint[160];
	struct rtc_certificate certificate;
	SSL_CTX *context;
	SSL *ssl;
	struct rtc_channels channels;
	bool deaf; /* drops what comes, as a network that is gone */

	/* What it saw. */
	uint16_t response; /* to the last check: a STUN type, 0: none */
	unsigned int responses, datagrams;
	uint16_t sctp_to; /* the port to which SCTP came last */
	bool secured, up;
	bool failed; /* DTLS or SCTP ended */
	unsigned int n_opened, n_closed, n_messages;
	uint16_t opened;
	char label[RTC_DCEP_LABEL_MAX + 1];
	struct rtc_message last; /* its data is in `data` */
	uint8_t data[RTC_MESSAGE_MAX];
	/* Called for each datagram of media, if set. */
	void (*on_media)(struct rtc_client *c, struct rtc_bytes packet);
	/* Called for each message, if set. */
	void (*on_message)(struct rtc_client *c, const struct rtc_message *m);
	void *user;
};

/* description: the peer's offer or answer; its first candidate is used. */
void rtc_client_init(struct rtc_client *c, struct ev_loop *loop,
		     const char *description);
/* For an offer of the client's, which comes before the peer's description. */
void rtc_client_prepare(struct rtc_client *c, struct ev_loop *loop);
void rtc_client_take(struct rtc_client *c, const char *description);
void rtc_client_fini(struct rtc_client *c);

/* As Chromium writes them. Return: valid until the next call. */
const char *rtc_client_answer(struct rtc_client *c);
const char *rtc_client_offer(struct rtc_client *c);

void rtc_client_start(struct rtc_client *c);
/* To another port of its own, as when the network changes. */
void rtc_client_move(struct rtc_client *c);
void rtc_client_check(struct rtc_client *c, const struct rtc_check *check);

int rtc_client_open(struct rtc_client *c, const char *label);
int rtc_client_send(struct rtc_client *c, const struct rtc_message *m);

/* Let the loop run for this long. */
void rtc_client_run(struct ev_loop *loop, unsigned int ms);

/* Let the loop run until it holds, for DEADLINE_MS at most. */
#define RTC_CLIENT_DEADLINE_MS 10000
#define assert_soon(loop, what)                                                \
	do {                                                                   \
		bool is_ = (what);                                             \
		for (int left_ = RTC_CLIENT_DEADLINE_MS; left_ > 0 && !is_;    \
		     left_--) {                                                \
			rtc_client_run(loop, 1);                               \
			is_ = (what);                                          \
		}                                                              \
		if (!is_)                                                      \
			fail_msg("%s:%d: not in time: %s", __FILE__, __LINE__, \
				 #what);                                       \
	} while (0)

#endif

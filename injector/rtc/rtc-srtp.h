/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encryption of one peer's media (RFC 3711, 7714), with the keys that its
 * DTLS handshake gave (RFC 5764): packets out, and feedback in. The only file
 * that uses libsrtp2.
 */
#ifndef VINPUT_RTC_SRTP_H
#define VINPUT_RTC_SRTP_H

#include "injector/rtc/rtc-text.h"

#define RTC_SRTP_KEY_MAX 30 /* key and salt */
/* libsrtp2 wants so much room behind a packet, but uses up to 20 bytes. */
#define RTC_SRTP_ROOM	     148
#define RTC_SRTP_TRAILER_MAX 20
#define RTC_SRTP_SENDERS_MAX 8 /* whose feedback is taken, by SSRC */

struct srtp_ctx_t_;

/* What DTLS agreed on. key: of what we send, and of what the peer sends. */
struct rtc_srtp_keys {
	enum rtc_srtp_profile {
		RTC_SRTP_NONE,
		RTC_SRTP_AES128_SHA1_80,
		RTC_SRTP_AEAD_AES128,
	} profile;
	uint8_t own[RTC_SRTP_KEY_MAX], theirs[RTC_SRTP_KEY_MAX];
};

struct rtc_srtp {
	struct srtp_ctx_t_ *out, *in;
	uint32_t sender[RTC_SRTP_SENDERS_MAX]; /* that were authentic */
	unsigned int n_senders;
};

#define RTC_SRTP_NULL ((struct rtc_srtp){ 0 })

/* Before the sandbox; MAY be called again. Return: 0 or -EIO. */
int rtc_srtp_start(void);

/* Return: 0; -ENOTSUP: no profile; -ENOMEM. */
int rtc_srtp_init(struct rtc_srtp *s, const struct rtc_srtp_keys *keys);
void rtc_srtp_fini(struct rtc_srtp *s); /* idempotent */

/*
 * In place; there MUST be room for RTC_SRTP_ROOM bytes more.
 * Return: the length; 0: failed.
 */
size_t rtc_srtp_protect(struct rtc_srtp *s, uint8_t *rtp, size_t len);
size_t rtc_srtp_protect_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len);
/* In place. Return: the length; 0: not authentic, or a replay. */
size_t rtc_srtp_open_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len);

#endif

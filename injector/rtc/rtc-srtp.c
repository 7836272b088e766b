/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <srtp2/srtp.h>

#include "injector/rtc/rtc-srtp.h"

/* As many frames back as a NACK can be about. */
#define WINDOW 1024

_Static_assert(RTC_SRTP_ROOM >= SRTP_MAX_TRAILER_LEN + 4,
	       "there is room for what libsrtp2 adds");

static int srtp_open(struct srtp_ctx_t_ **out, enum rtc_srtp_profile profile,
		     const uint8_t *key, srtp_ssrc_type_t whose)
{
	const srtp_profile_t number = profile == RTC_SRTP_AEAD_AES128
					      ? srtp_profile_aead_aes_128_gcm
					      : srtp_profile_aes128_cm_sha1_80;
	uint8_t copy[RTC_SRTP_KEY_MAX];
	srtp_policy_t policy = { .ssrc.type = whose,
				 .key = copy,
				 .window_size = WINDOW };

	memcpy(copy, key, sizeof(copy));
	if (srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, number) ||
	    srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp,
							 number) ||
	    srtp_create(out, &policy))
		return -ENOMEM;
	return 0;
}

/*
 * Debian's libsrtp2 uses NSS, which it loads for its first session and unloads
 * after the last. In a sandbox that is impossible, so one remains.
 */
int rtc_srtp_start(void)
{
	static const uint8_t key[RTC_SRTP_KEY_MAX];
	static struct srtp_ctx_t_ *kept; /* for the life of the process */

	if (!kept && !srtp_init())
		srtp_open(&kept, RTC_SRTP_AES128_SHA1_80, key,
			  ssrc_any_outbound);
	return kept ? 0 : -EIO;
}

int rtc_srtp_init(struct rtc_srtp *s, const struct rtc_srtp_keys *keys)
{
	int e;

	*s = RTC_SRTP_NULL;
	if (keys->profile == RTC_SRTP_NONE)
		return -ENOTSUP;
	e = srtp_open(&s->out, keys->profile, keys->own, ssrc_any_outbound);
	if (!e)
		e = srtp_open(&s->in, keys->profile, keys->theirs,
			      ssrc_any_inbound);
	if (e)
		rtc_srtp_fini(s);
	return e;
}

void rtc_srtp_fini(struct rtc_srtp *s)
{
	if (s->out)
		srtp_dealloc(s->out);
	if (s->in)
		srtp_dealloc(s->in);
	*s = RTC_SRTP_NULL;
}

size_t rtc_srtp_protect(struct rtc_srtp *s, uint8_t *rtp, size_t len)
{
	int n = (int)len;

	return srtp_protect(s->out, rtp, &n) ? 0 : (size_t)n;
}

size_t rtc_srtp_protect_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len)
{
	int n = (int)len;

	return srtp_protect_rtcp(s->out, rtcp, &n) ? 0 : (size_t)n;
}

static bool srtp_knows(const struct rtc_srtp *s, uint32_t ssrc)
{
	for (unsigned int i = 0; i < s->n_senders; i++)
		if (s->sender[i] == ssrc)
			return true;
	return false;
}

/* libsrtp2 keeps state of each sender, and would of any number. */
size_t rtc_srtp_open_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len)
{
	uint32_t ssrc;
	int n = (int)len;
	bool known;

	if (len < 8)
		return 0;
	ssrc = net_get32(rtcp + 4);
	known = srtp_knows(s, ssrc);
	if ((!known && s->n_senders == RTC_SRTP_SENDERS_MAX) ||
	    srtp_unprotect_rtcp(s->in, rtcp, &n))
		return 0;
	if (!known)
		s->sender[s->n_senders++] = ssrc;
	return (size_t)n;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key and a certificate that it signed itself, made anew by each process.
 * Nobody certifies it: the session description carries its hash.
 */
#ifndef VINPUT_RTC_CERTIFICATE_H
#define VINPUT_RTC_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdint.h>

#define RTC_CERTIFICATE_HASH_LEN 32 /* SHA-256 */

struct rtc_certificate {
	EVP_PKEY *key;
	X509 *x509;
	uint8_t hash[RTC_CERTIFICATE_HASH_LEN];
};

#define RTC_CERTIFICATE_NULL ((struct rtc_certificate){ 0 })

/* Return: 0 or -ENOMEM, which is what OpenSSL can fail with here. */
int rtc_certificate_make(struct rtc_certificate *c);
void rtc_certificate_fini(struct rtc_certificate *c); /* idempotent */

/* Return: 0 or -EINVAL. */
int rtc_certificate_hash(uint8_t hash[RTC_CERTIFICATE_HASH_LEN],
			 const X509 *x509);

#endif

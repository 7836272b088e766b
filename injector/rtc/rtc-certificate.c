/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <openssl/ec.h>
#include <stdbool.h>

#include "injector/rtc/rtc-certificate.h"

/* Nobody looks at the dates, so that they need not be renewed. */
#define BEFORE_S (-24L * 60 * 60)
#define AFTER_S	 (10L * 365 * 24 * 60 * 60)

int rtc_certificate_hash(uint8_t hash[RTC_CERTIFICATE_HASH_LEN],
			 const X509 *x509)
{
	unsigned int len = 0;

	return X509_digest(x509, EVP_sha256(), hash, &len) &&
			       len == RTC_CERTIFICATE_HASH_LEN
		       ? 0
		       : -EINVAL;
}

static bool certificate_fill(const struct rtc_certificate *c)
{
	X509_NAME *name = X509_get_subject_name(c->x509);

	return X509_set_version(c->x509, X509_VERSION_3) &&
	       ASN1_INTEGER_set(X509_get_serialNumber(c->x509), 1) &&
	       X509_gmtime_adj(X509_getm_notBefore(c->x509), BEFORE_S) &&
	       X509_gmtime_adj(X509_getm_notAfter(c->x509), AFTER_S) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"WebRTC", -1,
					  -1, 0) &&
	       X509_set_issuer_name(c->x509, name) &&
	       X509_set_pubkey(c->x509, c->key) &&
	       X509_sign(c->x509, c->key, EVP_sha256());
}

int rtc_certificate_make(struct rtc_certificate *c)
{
	*c = RTC_CERTIFICATE_NULL;
	c->key = EVP_EC_gen("P-256");
	c->x509 = X509_new();
	if (c->key && c->x509 && certificate_fill(c) &&
	    !rtc_certificate_hash(c->hash, c->x509))
		return 0;
	rtc_certificate_fini(c);
	return -ENOMEM;
}

void rtc_certificate_fini(struct rtc_certificate *c)
{
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	*c = RTC_CERTIFICATE_NULL;
}

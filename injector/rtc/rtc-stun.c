/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attribute is its type, its length, and its value padded to 4 bytes. The
 * length in the header counts what follows the header, and both MESSAGE-
 * INTEGRITY and FINGERPRINT are computed as if they were the last attribute, so
 * with a header that says so.
 */
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "injector/rtc/rtc-stun.h"

#define HEADER_LEN	20
#define COOKIE		UINT32_C(0x2112a442)
#define FINGERPRINT_XOR UINT32_C(0x5354554e)
#define HMAC_LEN	20

#define INTEGRITY_LEN	(4 + HMAC_LEN)
#define FINGERPRINT_LEN (4 + 4)

/* RFC 8489 §18.2, RFC 8445 §16.1 */
enum stun_type {
	BINDING_REQUEST = 0x0001,
	BINDING_SUCCESS = 0x0101,
	BINDING_FAILURE = 0x0111,
};

enum stun_attribute {
	USERNAME = 0x0006,
	MESSAGE_INTEGRITY = 0x0008,
	ERROR_CODE = 0x0009,
	UNKNOWN_ATTRIBUTES = 0x000a,
	XOR_MAPPED_ADDRESS = 0x0020,
	PRIORITY = 0x0024,
	USE_CANDIDATE = 0x0025,
	OPTIONAL = 0x8000, /* from here on: ignored if not known */
	FINGERPRINT = 0x8028,
	ICE_CONTROLLED = 0x8029,
};

/* ISO 3309, as in zip files. */
static uint32_t stun_crc(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (; len; len--, p++) {
		crc ^= *p;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
	}
	return ~crc;
}

/* Over the first len bytes, with a header that counts up to `end`. */
static bool stun_hmac(uint8_t mac[HMAC_LEN], struct rtc_bytes message,
		      size_t end, const char *password)
{
	uint8_t copy[RTC_STUN_MAX];

	memcpy(copy, message.at, message.len);
	net_put16(copy + 2, (uint16_t)(end - HEADER_LEN));
	return HMAC(EVP_sha1(), password, (int)strlen(password), copy,
		    message.len, mac, NULL);
}

/* --- requests --- */

/* RFC 8445 §7.2.2: the user name is OURS:THEIRS, seen from who answers. */
static int stun_read_username(struct rtc_stun_request *req, const uint8_t *at,
			      size_t len)
{
	const uint8_t *colon = memchr(at, ':', len);

	if (req->ours.at)
		return 0;
	if (!colon)
		return RTC_STUN_E_USERNAME;
	req->ours = (struct rtc_text){ (const char *)at, (size_t)(colon - at) };
	req->theirs = (struct rtc_text){ (const char *)colon + 1,
					 len - req->ours.len - 1 };
	return 0;
}

static int stun_read_fingerprint(const struct rtc_stun_request *req, size_t at,
				 size_t len)
{
	const uint8_t *data = req->datagram.at;

	if (len != 4 || at + FINGERPRINT_LEN != req->datagram.len ||
	    net_get32(data + at + 4) != (stun_crc(data, at) ^ FINGERPRINT_XOR))
		return RTC_STUN_E_FINGERPRINT;
	return 0;
}

/* at: where the attribute begins in the datagram. Return: 0 or an error. */
static int stun_read_attribute(struct rtc_stun_request *req, size_t at,
			       size_t len)
{
	const uint8_t *data = req->datagram.at + at;
	const uint16_t type = net_get16(data);

	switch (type) {
	case USERNAME:
		return stun_read_username(req, data + 4, len);
	case MESSAGE_INTEGRITY:
		req->integrity_at = at;
		return len == HMAC_LEN ? 0 : RTC_STUN_E_INTEGRITY;
	case USE_CANDIDATE:
		req->use_candidate = true;
		return 0;
	case ICE_CONTROLLED:
		req->controlled = true;
		return 0;
	case PRIORITY:
		return len == 4 ? 0 : RTC_STUN_E_ATTRIBUTE;
	default:
		if (type < OPTIONAL && !req->unknown)
			req->unknown = type;
		return 0;
	}
}

static int stun_read_header(struct rtc_stun_request *req,
			    struct rtc_bytes datagram)
{
	const uint8_t *p = datagram.at;

	*req = (struct rtc_stun_request){ .datagram = datagram };
	if (datagram.len < HEADER_LEN || datagram.len > RTC_STUN_MAX ||
	    datagram.len % 4 || net_get32(p + 4) != COOKIE ||
	    net_get16(p + 2) != datagram.len - HEADER_LEN)
		return RTC_STUN_E_HEADER;
	if (net_get16(p) != BINDING_REQUEST)
		return RTC_STUN_E_TYPE;
	memcpy(req->transaction, p + 8, sizeof(req->transaction));
	return 0;
}

/*
 * After MESSAGE-INTEGRITY only FINGERPRINT counts (RFC 8489 §14.5): the rest is
 * not protected.
 */
int rtc_stun_parse(struct rtc_stun_request *req, struct rtc_bytes datagram)
{
	size_t at, len, end = datagram.len;
	bool sealed = false;
	int e = stun_read_header(req, datagram);

	/* Multiples of 4, both: there is space for a type and a length. */
	for (at = HEADER_LEN; !e && at < end; at += 4 + ((len + 3) & ~3UL)) {
		len = net_get16(datagram.at + at + 2);
		if (((len + 3) & ~3UL) > end - at - 4)
			return RTC_STUN_E_ATTRIBUTE;
		if (net_get16(datagram.at + at) == FINGERPRINT) {
			sealed = true;
			e = stun_read_fingerprint(req, at, len);
		} else if (!req->integrity_at) {
			e = stun_read_attribute(req, at, len);
		}
	}
	if (e)
		return e;
	if (!sealed)
		return RTC_STUN_E_FINGERPRINT;
	if (!req->integrity_at)
		return RTC_STUN_E_INTEGRITY;
	return req->ours.at ? 0 : RTC_STUN_E_USERNAME;
}

bool rtc_stun_verify(const struct rtc_stun_request *req, const char *password)
{
	const struct rtc_bytes covered = { req->datagram.at,
					   req->integrity_at };
	uint8_t mac[HMAC_LEN];

	return stun_hmac(mac, covered, req->integrity_at + INTEGRITY_LEN,
			 password) &&
	       !CRYPTO_memcmp(mac, req->datagram.at + req->integrity_at + 4,
			      HMAC_LEN);
}

/* --- responses --- */

static size_t stun_put_header(uint8_t *out, enum stun_type type,
			      const struct rtc_stun_request *req)
{
	net_put16(out, type);
	net_put32(out + 4, COOKIE);
	memcpy(out + 8, req->transaction, sizeof(req->transaction));
	return HEADER_LEN;
}

static size_t stun_put(uint8_t *out, size_t at, enum stun_attribute type,
		       struct rtc_bytes value)
{
	const size_t padded = (value.len + 3) & ~3UL;

	net_put16(out + at, type);
	net_put16(out + at + 2, (uint16_t)value.len);
	memset(out + at + 4, 0, padded);
	memcpy(out + at + 4, value.at, value.len);
	return at + 4 + padded;
}

/* RFC 8489 §14.2: hidden from routers that rewrite what looks like addresses */
static size_t stun_put_address(uint8_t *out, size_t at,
			       const struct sockaddr *from)
{
	const struct sockaddr_in *v4 = (const void *)from;
	const struct sockaddr_in6 *v6 = (const void *)from;
	const bool six = from->sa_family == AF_INET6;
	const size_t len = six ? 16 : 4;
	uint8_t value[20] = { 0, six ? 2 : 1 };

	net_put16(value + 2,
		  ntohs(six ? v6->sin6_port : v4->sin_port) ^ COOKIE >> 16);
	memcpy(value + 4,
	       six ? (const void *)&v6->sin6_addr : (const void *)&v4->sin_addr,
	       len);
	/* The cookie, and for the rest of IPv6 the transaction behind it. */
	for (size_t i = 0; i < len; i++)
		value[4 + i] ^= out[4 + i];
	return stun_put(out, at, XOR_MAPPED_ADDRESS,
			(struct rtc_bytes){ value, 4 + len });
}

size_t rtc_stun_seal(uint8_t *out, size_t at, const char *password)
{
	uint8_t mac[HMAC_LEN] = { 0 }, crc[4];

	stun_hmac(mac, (struct rtc_bytes){ out, at }, at + INTEGRITY_LEN,
		  password);
	at = stun_put(out, at, MESSAGE_INTEGRITY,
		      (struct rtc_bytes){ mac, sizeof(mac) });
	net_put16(out + 2, (uint16_t)(at + FINGERPRINT_LEN - HEADER_LEN));
	net_put32(crc, stun_crc(out, at) ^ FINGERPRINT_XOR);
	return stun_put(out, at, FINGERPRINT,
			(struct rtc_bytes){ crc, sizeof(crc) });
}

size_t rtc_stun_success(uint8_t out[RTC_STUN_RESPONSE_MAX],
			const struct rtc_stun_request *req,
			const struct sockaddr *from, const char *password)
{
	size_t at = stun_put_header(out, BINDING_SUCCESS, req);

	at = stun_put_address(out, at, from);
	return rtc_stun_seal(out, at, password);
}

size_t rtc_stun_failure(uint8_t out[RTC_STUN_RESPONSE_MAX],
			const struct rtc_stun_request *req,
			enum rtc_stun_code code, const char *password)
{
	const uint8_t value[4] = { 0, 0, (uint8_t)(code / 100),
				   (uint8_t)(code % 100) };
	size_t at = stun_put_header(out, BINDING_FAILURE, req);
	uint8_t type[2];

	at = stun_put(out, at, ERROR_CODE,
		      (struct rtc_bytes){ value, sizeof(value) });
	if (code == RTC_STUN_UNKNOWN_ATTRIBUTE) {
		net_put16(type, req->unknown);
		at = stun_put(out, at, UNKNOWN_ATTRIBUTES,
			      (struct rtc_bytes){ type, sizeof(type) });
	}
	return rtc_stun_seal(out, at, password);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL reads and writes through a BIO of ours, in which a read takes the one
 * datagram that just arrived, and a write is a datagram. After each datagram
 * OpenSSL is asked what it says and when it wants to send its flight again.
 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "injector/rtc/rtc-dtls.h"

/* Datagrams of a handshake: IPv6's minimum of 1280, less IP and UDP. */
#define DTLS_MTU 1200

/* RFC 5764, 7714; RFC 8827 §6.5 demands the second. */
#define DTLS_SRTP_PROFILES "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80"
#define DTLS_SRTP_LABEL	   "EXTRACTOR-dtls_srtp"
#define DTLS_SRTP_KEY	   16

/* --- the BIO --- */

static int bio_read(BIO *bio, char *to, int max)
{
	struct rtc_dtls *d = BIO_get_data(bio);
	size_t len = d->in.len;

	BIO_clear_retry_flags(bio);
	if (!d->in.at) {
		BIO_set_retry_read(bio);
		return -1;
	}
	if (len > (size_t)max)
		len = (size_t)max; /* as recv() cuts off a datagram */
	memcpy(to, d->in.at, len);
	d->in = (struct rtc_bytes){ 0 };
	return (int)len;
}

/* A datagram that cannot be sent is lost: DTLS and SCTP send it again. */
static int bio_write(BIO *bio, const char *from, int len)
{
	struct rtc_dtls *d = BIO_get_data(bio);

	d->events->send(
		d, (struct rtc_bytes){ (const uint8_t *)from, (size_t)len });
	return len;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
	switch (command) {
	case BIO_CTRL_FLUSH:
		return 1;
	case BIO_CTRL_DGRAM_QUERY_MTU:
	case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
		return DTLS_MTU;
	default:
		return 0;
	}
}

static BIO_METHOD *bio_method(void)
{
	static BIO_METHOD *method; /* for the life of the process */

	if (method)
		return method;
	method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "vinput datagrams");
	if (!method)
		return NULL;
	BIO_meth_set_read(method, bio_read);
	BIO_meth_set_write(method, bio_write);
	BIO_meth_set_ctrl(method, bio_ctrl);
	return method;
}

/* --- the peer's certificate --- */

/* In place of OpenSSL's check of chains, names and dates. */
static int dtls_verify(X509_STORE_CTX *store, void *unused)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct rtc_dtls *d = SSL_get_app_data(ssl);
	const X509 *theirs = X509_STORE_CTX_get0_cert(store);
	uint8_t hash[RTC_CERTIFICATE_HASH_LEN];

	if (theirs && !rtc_certificate_hash(hash, theirs) &&
	    !CRYPTO_memcmp(hash, d->peer_hash, sizeof(hash)))
		return 1;
	d->stranger = true;
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* RFC 8827 §6.5: DTLS 1.2 at least, with forward secrecy and an AEAD. */
SSL_CTX *rtc_dtls_context(const struct rtc_certificate *own)
{
	SSL_CTX *ctx = SSL_CTX_new(DTLS_server_method());

	if (ctx && SSL_CTX_set_min_proto_version(ctx, DTLS1_2_VERSION) &&
	    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") &&
	    SSL_CTX_use_certificate(ctx, own->x509) &&
	    SSL_CTX_use_PrivateKey(ctx, own->key)) {
		SSL_CTX_set_verify(
			ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
			NULL);
		SSL_CTX_set_cert_verify_callback(ctx, dtls_verify, NULL);
		SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET |
						 SSL_OP_NO_QUERY_MTU |
						 SSL_OP_NO_RENEGOTIATION);
		/* Who has no media does not ask for it. Returns 0 if right. */
		if (!SSL_CTX_set_tlsext_use_srtp(ctx, DTLS_SRTP_PROFILES))
			return ctx;
	}
	SSL_CTX_free(ctx);
	return NULL;
}

/* --- the peer --- */

static void dtls_close(struct rtc_dtls *d, const char *why)
{
	if (d->dead)
		return;
	d->dead = true;
	d->events->closed(d, why);
}

static void dtls_set_timer(struct rtc_dtls *d)
{
	struct timeval left;

	ev_timer_stop(d->loop, &d->timer);
	if (d->dead || !DTLSv1_get_timeout(d->ssl, &left))
		return;
	ev_timer_set(&d->timer,
		     (double)left.tv_sec + (double)left.tv_usec / 1e6, 0);
	ev_timer_start(d->loop, &d->timer);
}

/* result: of a call that did not succeed. Close, unless it only waits. */
static void dtls_check(struct rtc_dtls *d, int result)
{
	switch (SSL_get_error(d->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		break;
	case SSL_ERROR_ZERO_RETURN:
		dtls_close(d, "the peer closed the connection");
		break;
	default:
		dtls_close(d, d->stranger ? "the peer's certificate is not the "
					    "one of its description"
			      : d->connected ? "DTLS failed"
					     : "the DTLS handshake failed");
	}
}

static void dtls_shake_hands(struct rtc_dtls *d)
{
	const int result = SSL_accept(d->ssl);

	if (result != 1) {
		dtls_check(d, result);
		return;
	}
	d->connected = true;
	d->events->connected(d);
}

static void dtls_read(struct rtc_dtls *d)
{
	uint8_t data[RTC_DTLS_DATAGRAM_MAX];
	int len;

	while (!d->dead) {
		len = SSL_read(d->ssl, data, sizeof(data));
		if (len <= 0) {
			dtls_check(d, len);
			return;
		}
		d->events->received(d, (struct rtc_bytes){ data, (size_t)len });
	}
}

void rtc_dtls_input(struct rtc_dtls *d, struct rtc_bytes datagram)
{
	if (d->dead)
		return;
	ERR_clear_error();
	d->in = datagram;
	if (!d->connected)
		dtls_shake_hands(d);
	if (d->connected)
		dtls_read(d);
	d->in = (struct rtc_bytes){ 0 };
	ERR_clear_error();
	dtls_set_timer(d);
}

int rtc_dtls_write(struct rtc_dtls *d, struct rtc_bytes data)
{
	int result;

	if (!d->connected || d->dead)
		return -ENOTCONN;
	result = SSL_write(d->ssl, data.at, (int)data.len);
	ERR_clear_error();
	return result > 0 ? 0 : -EIO;
}

static enum rtc_srtp_profile dtls_srtp_profile(const struct rtc_dtls *d)
{
	const SRTP_PROTECTION_PROFILE *p =
		d->connected ? SSL_get_selected_srtp_profile(d->ssl) : NULL;

	if (!p)
		return RTC_SRTP_NONE;
	return p->id == SRTP_AEAD_AES_128_GCM ? RTC_SRTP_AEAD_AES128
					      : RTC_SRTP_AES128_SHA1_80;
}

/* RFC 5764 §4.2: the client's key, the server's, their salts. */
void rtc_dtls_media_keys(const struct rtc_dtls *d, struct rtc_srtp_keys *keys)
{
	uint8_t all[2 * RTC_SRTP_KEY_MAX];
	const uint8_t *salts = all + 2 * DTLS_SRTP_KEY;
	size_t salt;

	keys->profile = dtls_srtp_profile(d);
	if (keys->profile == RTC_SRTP_NONE)
		return;
	salt = keys->profile == RTC_SRTP_AEAD_AES128 ? 12 : 14;
	if (SSL_export_keying_material(d->ssl, all, 2 * (DTLS_SRTP_KEY + salt),
				       DTLS_SRTP_LABEL, strlen(DTLS_SRTP_LABEL),
				       NULL, 0, 0) != 1) {
		keys->profile = RTC_SRTP_NONE;
		return;
	}
	memcpy(keys->theirs, all, DTLS_SRTP_KEY);
	memcpy(keys->own, all + DTLS_SRTP_KEY, DTLS_SRTP_KEY);
	memcpy(keys->theirs + DTLS_SRTP_KEY, salts, salt);
	memcpy(keys->own + DTLS_SRTP_KEY, salts + salt, salt);
	OPENSSL_cleanse(all, sizeof(all));
}

static void dtls_on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct rtc_dtls *d = timer->data;

	if (DTLSv1_handle_timeout(d->ssl) < 0)
		dtls_close(d, "the DTLS handshake failed");
	ERR_clear_error();
	dtls_set_timer(d);
}

int rtc_dtls_init(struct rtc_dtls *d, SSL_CTX *context)
{
	BIO *bio = bio_method() ? BIO_new(bio_method()) : NULL;

	d->ssl = SSL_new(context);
	if (!bio || !d->ssl) {
		BIO_free(bio);
		SSL_free(d->ssl);
		d->ssl = NULL;
		return -ENOMEM;
	}
	BIO_set_data(bio, d);
	SSL_set_bio(d->ssl, bio, bio);
	SSL_set_app_data(d->ssl, d);
	SSL_set_mtu(d->ssl, DTLS_MTU);
	ev_timer_init(&d->timer, dtls_on_timer, 0, 0);
	d->timer.data = d;
	return 0;
}

void rtc_dtls_fini(struct rtc_dtls *d)
{
	if (!d->ssl)
		return;
	ev_timer_stop(d->loop, &d->timer);
	if (!d->dead) /* in a handshake it says nothing */
		SSL_shutdown(d->ssl);
	ERR_clear_error();
	SSL_free(d->ssl);
	*d = RTC_DTLS_NULL;
}

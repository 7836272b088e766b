/* SPDX-License-Identifier: Apache-2.0 */
/* rtc-dtls.h beside a client of OpenSSL's; no network, and OpenSSL's clock is
 * ours. */
#include <errno.h>
#include <math.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/time.h>

#include "injector/rtc/rtc-certificate.h"
#include "injector/rtc/rtc-dtls.h"
#include "tests/lib/check.h"

#define ALERT_BAD_CERTIFICATE 42

static struct world {
	struct ev_loop *loop;
	struct rtc_certificate own, theirs;
	SSL_CTX *context, *client_context;
	struct rtc_dtls dtls;
	SSL *client;
	unsigned int sent, connected, closed;
	size_t sent_bytes;
	const char *why;
	char received[16];
} w;

static time_t now_s;
static suseconds_t now_us;

/* In place of libc's, for OpenSSL. */
int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	*tv = (struct timeval){ .tv_sec = now_s, .tv_usec = now_us };
	return 0;
}

static void on_send(struct rtc_dtls *d, struct rtc_bytes datagram)
{
	w.sent++;
	w.sent_bytes += datagram.len;
	BIO_write(SSL_get_rbio(w.client), datagram.at, (int)datagram.len);
}

static void on_connected(struct rtc_dtls *d)
{
	w.connected++;
}

static void on_received(struct rtc_dtls *d, struct rtc_bytes data)
{
	assert_true(data.len > 0 && data.len < sizeof(w.received));
	memcpy(w.received, data.at, data.len);
	w.received[data.len] = '\0';
}

static void on_closed(struct rtc_dtls *d, const char *why)
{
	w.closed++;
	w.why = why;
}

static int any_certificate(X509_STORE_CTX *store, void *unused)
{
	return 1;
}

static void begin(void)
{
	static const struct rtc_dtls_events events = { on_send, on_connected,
						       on_received, on_closed };

	w.dtls = RTC_DTLS_NULL;
	w.dtls.events = &events;
	w.dtls.loop = w.loop;
	assert_ok(rtc_certificate_hash(w.dtls.peer_hash, w.theirs.x509));
	assert_ok(rtc_dtls_init(&w.dtls, w.context));
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	now_s = 1000;
	now_us = 0;
	w.loop = ev_loop_new(EVFLAG_AUTO);
	assert_ok(rtc_certificate_make(&w.own));
	assert_ok(rtc_certificate_make(&w.theirs));
	w.context = rtc_dtls_context(&w.own);
	assert_non_null(w.context);
	w.client_context = SSL_CTX_new(DTLS_client_method());
	SSL_CTX_set_verify(w.client_context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(w.client_context, any_certificate,
					 NULL);
	SSL_CTX_use_certificate(w.client_context, w.theirs.x509);
	SSL_CTX_use_PrivateKey(w.client_context, w.theirs.key);
	w.client = SSL_new(w.client_context);
	SSL_set_bio(w.client, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(w.client);
	begin();
	return 0;
}

static int teardown(void **state)
{
	rtc_dtls_fini(&w.dtls);
	rtc_dtls_fini(&w.dtls);
	assert_num(ERR_peek_error(), 0);
	/* No timer is left, or it would not return, or call nothing. */
	ev_run(w.loop, 0);
	SSL_free(w.client);
	SSL_CTX_free(w.client_context);
	SSL_CTX_free(w.context);
	rtc_certificate_fini(&w.own);
	rtc_certificate_fini(&w.theirs);
	ev_loop_destroy(w.loop);
	return 0;
}

/*
 * What the client has sent arrives, in one datagram. OpenSSL is also used for
 * the page: what was wrong there is not our fault, nor the other way round.
 */
static void arrive(void)
{
	uint8_t datagram[8192];
	const int len =
		BIO_read(SSL_get_wbio(w.client), datagram, sizeof(datagram));

	if (len <= 0)
		return;
	ERR_raise(ERR_LIB_USER, 1);
	rtc_dtls_input(&w.dtls, (struct rtc_bytes){ datagram, (size_t)len });
	assert_num(ERR_peek_error(), 0);
}

static void shake_hands(void)
{
	for (int i = 0; i < 4; i++) {
		ERR_clear_error();
		SSL_do_handshake(w.client);
		arrive();
	}
}

static void connect_client(void)
{
	shake_hands();
	assert_num(w.connected, 1);
	assert_num(w.closed, 0);
	assert_true(SSL_is_init_finished(w.client));
}

static struct rtc_bytes bytes(const char *text)
{
	return (struct rtc_bytes){ (const uint8_t *)text, strlen(text) };
}

static void data_goes_both_ways(void **state)
{
	char data[16] = "";
	unsigned int id_len;

	assert_rc(rtc_dtls_write(&w.dtls, bytes("x")), -ENOTCONN);
	connect_client();
	assert_false(ev_is_active(&w.dtls.timer));
	SSL_write(w.client, "hello", 5);
	SSL_write(w.client, "again", 5);
	arrive();
	assert_string_equal(w.received, "again");
	assert_ok(rtc_dtls_write(&w.dtls, bytes("answer")));
	assert_num(SSL_read(w.client, data, sizeof(data)), 6);
	assert_string_equal(data, "answer");
	/* Sessions are not resumed. */
	SSL_SESSION_get_id(SSL_get_session(w.client), &id_len);
	assert_num(id_len, 0);
}

static void keys_are_not_negotiated_again(void **state)
{
	connect_client();
	w.sent_bytes = 0;
	SSL_renegotiate(w.client);
	SSL_do_handshake(w.client);
	arrive();
	/* An alert, no flight. */
	assert_true(w.sent_bytes > 0 && w.sent_bytes < 100);
	assert_num(w.closed, 0);
	ERR_clear_error();
}

static void what_is_too_long_is_not_sent(void **state)
{
	static const uint8_t data[20000];

	connect_client();
	assert_rc(rtc_dtls_write(&w.dtls,
				 (struct rtc_bytes){ data, sizeof(data) }),
		  -EIO);
	assert_num(ERR_peek_error(), 0);
	assert_ok(rtc_dtls_write(&w.dtls, bytes("x")));
}

static void client_that_leaves_is_noticed_once(void **state)
{
	connect_client();
	w.sent = 0;
	SSL_shutdown(w.client);
	arrive();
	assert_num(w.closed, 1);
	assert_string_equal(w.why, "the peer closed the connection");
	assert_rc(rtc_dtls_write(&w.dtls, bytes("x")), -ENOTCONN);
	rtc_dtls_input(&w.dtls, bytes("x"));
	assert_num(w.closed, 1);
	rtc_dtls_fini(&w.dtls);
	assert_num(w.sent, 0);
}

static void client_sees_that_it_is_closed(void **state)
{
	char data[16];

	connect_client();
	w.sent = 0;
	rtc_dtls_fini(&w.dtls);
	assert_num(w.sent, 1);
	assert_num(SSL_read(w.client, data, sizeof(data)), 0);
	assert_num(SSL_get_shutdown(w.client), SSL_RECEIVED_SHUTDOWN);
}

static void stranger_is_told_that_its_certificate_is_rejected(void **state)
{
	memset(w.dtls.peer_hash, 0, sizeof(w.dtls.peer_hash));
	for (int i = 0; i < 2; i++) {
		SSL_do_handshake(w.client);
		arrive();
	}
	assert_num(w.connected, 0);
	assert_string_equal(w.why, "the peer's certificate is not the one of "
				   "its description");
	assert_num(w.closed, 1);
	ERR_clear_error();
	assert_true(SSL_do_handshake(w.client) <= 0);
	assert_num(ERR_GET_REASON(ERR_peek_error()),
		   SSL_AD_REASON_OFFSET + ALERT_BAD_CERTIFICATE);
	ERR_clear_error();
}

static void what_is_no_record_is_ignored(void **state)
{
	rtc_dtls_input(&w.dtls, bytes("garbage"));
	assert_num(w.closed, 0);
	assert_num(w.sent, 0);
	connect_client();
}

static void what_is_no_hello_ends_it(void **state)
{
	const uint8_t record[64] = { 22, 254, 253, [12] = 51, [13] = 99 };

	rtc_dtls_input(&w.dtls, (struct rtc_bytes){ record, sizeof(record) });
	assert_num(w.closed, 1);
	assert_string_equal(w.why, "the DTLS handshake failed");
	w.sent = 0;
	rtc_dtls_fini(&w.dtls);
	assert_num(w.sent, 0);
}

/* Up to the flight that the client does not answer. */
static void begin_handshake(void)
{
	SSL_do_handshake(w.client);
	arrive();
}

static void flight_is_sent_again_when_it_is_time(void **state)
{
	unsigned int sent;

	begin_handshake();
	sent = w.sent;
	assert_true(w.sent > 0);
	assert_true(ev_is_active(&w.dtls.timer));
	now_us = 250000;
	ev_invoke(w.loop, &w.dtls.timer, EV_TIMER);
	assert_true(fabs(ev_timer_remaining(w.loop, &w.dtls.timer) - 0.75) <
		    0.001);
	assert_num(w.sent, sent);
	assert_num(w.closed, 0);
	now_s += 1;
	ev_invoke(w.loop, &w.dtls.timer, EV_TIMER);
	assert_true(w.sent > sent);
	assert_num(w.closed, 0);
	assert_true(ev_is_active(&w.dtls.timer));
	for (int i = 0; i < 50 && !w.closed; i++) {
		now_s += 60;
		ev_invoke(w.loop, &w.dtls.timer, EV_TIMER);
	}
	assert_string_equal(w.why, "the DTLS handshake failed");
	assert_num(ERR_peek_error(), 0);
	assert_false(ev_is_active(&w.dtls.timer));
}

static void nothing_is_left_of_half_a_handshake(void **state)
{
	begin_handshake();
	w.sent = 0;
	rtc_dtls_fini(&w.dtls);
	assert_num(w.sent, 0);
}

static void without_memory_there_is_no_connection(void **state)
{
	struct rtc_dtls d = RTC_DTLS_NULL;

	assert_rc(rtc_dtls_init(&d, NULL), -ENOMEM);
	assert_null(d.ssl);
	rtc_dtls_fini(&d);
	ERR_clear_error();
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(data_goes_both_ways),
		T(keys_are_not_negotiated_again),
		T(what_is_too_long_is_not_sent),
		T(client_that_leaves_is_noticed_once),
		T(client_sees_that_it_is_closed),
		T(stranger_is_told_that_its_certificate_is_rejected),
		T(what_is_no_record_is_ignored),
		T(what_is_no_hello_ends_it),
		T(flight_is_sent_again_when_it_is_time),
		T(nothing_is_left_of_half_a_handshake),
		T(without_memory_there_is_no_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

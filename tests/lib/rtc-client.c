/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "injector/rtc/rtc-sdp.h"
#include "input/base/container.h"
#include "tests/lib/check.h"
#include "tests/lib/clock.h"
#include "tests/lib/rtc-client.h"

#define OWN_UFRAG    "cLNt"
#define OWN_PASSWORD "uMsrjZwdKrXaXNDIfkm4Ds5k"
#define RETRY_S	     0.05

/* --- descriptions --- */

/* The value of the first line that begins so, up to a space or its end. */
static void read_value(char *to, size_t size, const char *text,
		       const char *begin)
{
	const char *at = strstr(text, begin);
	size_t len;

	assert_non_null(at);
	at += strlen(begin);
	len = strcspn(at, "\r\n");
	assert_true(len < size);
	memcpy(to, at, len);
	to[len] = 0;
}

static void read_candidate(struct rtc_client *c, const char *text)
{
	char line[200], address[INET6_ADDRSTRLEN];
	struct sockaddr_in *v4 = (void *)&c->peer;
	struct sockaddr_in6 *v6 = (void *)&c->peer;
	unsigned int port;

	read_value(line, sizeof(line), text, "a=candidate:");
	assert_num(
		sscanf(line, "%*s 1 udp %*u %45s %u typ host", address, &port),
		2);
	if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		c->peer_len = sizeof(*v4);
	} else {
		assert_num(inet_pton(AF_INET6, address, &v6->sin6_addr), 1);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons((uint16_t)port);
		c->peer_len = sizeof(*v6);
	}
}

/* How it would receive video: VP8 among others. Their mids are 1, 2, ... */
static void describe_videos(const struct rtc_client *c, FILE *out)
{
	for (unsigned int i = 1; i <= c->n_videos; i++)
		fprintf(out,
			"m=video 9 UDP/TLS/RTP/SAVPF 98 %d 99\r\n"
			"c=IN IP4 0.0.0.0\r\na=mid:%u\r\na=recvonly\r\n"
			"a=rtcp-mux\r\na=rtpmap:98 H264/90000\r\n"
			"a=rtpmap:%d VP8/90000\r\na=rtpmap:99 rtx/90000\r\n"
			"a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
			"a=extmap:%d " RTC_SDP_DELAY "\r\n",
			RTC_CLIENT_VP8, i, RTC_CLIENT_VP8, RTC_CLIENT_DELAY);
}

static const char *describe(struct rtc_client *c, const char *setup)
{
	static char text[RTC_CLIENT_SDP_MAX];
	char hex[3 * RTC_CERTIFICATE_HASH_LEN + 1];
	FILE *out = fmemopen(text, sizeof(text), "w");

	for (int i = 0; i < RTC_CERTIFICATE_HASH_LEN; i++)
		snprintf(hex + 3 * i, 4,
			 "%02X:", c->certificate.hash[i] ^ (c->lies && !i));
	hex[sizeof(hex) - 2] = 0;
	assert_non_null(out);
	fprintf(out, "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
		     "a=group:BUNDLE 0");
	for (unsigned int i = 1; i <= c->n_videos; i++)
		fprintf(out, " %u", i);
	fprintf(out,
		"\r\na=extmap-allow-mixed\r\n"
		"a=msid-semantic: WMS\r\n"
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
		"c=IN IP4 0.0.0.0\r\na=ice-ufrag:" OWN_UFRAG "\r\n"
		"a=ice-pwd:" OWN_PASSWORD "\r\na=ice-options:trickle\r\n"
		"a=fingerprint:sha-256 %s\r\na=setup:%s\r\na=mid:0\r\n"
		"a=sctp-port:%u\r\na=max-message-size:262144\r\n",
		hex, setup,
		(unsigned int)(c->sctp_port ? c->sctp_port : RTC_SCTP_PORT));
	describe_videos(c, out);
	assert_ok(fclose(out));
	return text;
}

const char *rtc_client_answer(struct rtc_client *c)
{
	return describe(c, "active");
}

const char *rtc_client_offer(struct rtc_client *c)
{
	return describe(c, "actpass");
}

/* --- channels --- */

static struct rtc_client *client_of(struct rtc_channels *channels)
{
	return container_of(channels, struct rtc_client, channels);
}

static void on_packet(struct rtc_channels *channels, struct rtc_bytes packet)
{
	struct rtc_client *c = client_of(channels);
	uint8_t copy[2048]; /* no assertion here: usrsctp holds its locks */

	if (packet.len > sizeof(copy))
		return;
	memcpy(copy, packet.at, packet.len);
	if (c->mangle)
		c->mangle(c, copy, packet.len);
	ERR_clear_error();
	if (!c->failed)
		SSL_write(c->ssl, copy, (int)packet.len);
}

static void on_up(struct rtc_channels *channels)
{
	client_of(channels)->up = true;
}

static void on_opened(struct rtc_channels *channels, uint16_t channel,
		      const char *label)
{
	struct rtc_client *c = client_of(channels);

	c->n_opened++;
	c->opened = channel;
	snprintf(c->label, sizeof(c->label), "%s", label);
}

static void on_message(struct rtc_channels *channels,
		       const struct rtc_message *m)
{
	struct rtc_client *c = client_of(channels);

	c->n_messages++;
	c->last = *m;
	if (m->len)
		memcpy(c->data, m->data, m->len);
	c->last.data = c->data;
	if (c->on_message)
		c->on_message(c, m);
}

static void on_rejected(struct rtc_channels *channels)
{
	if (!client_of(channels)->mangle)
		fail_msg("the client was sent what it does not understand");
}

static void on_channel_closed(struct rtc_channels *channels, uint16_t channel)
{
	client_of(channels)->n_closed++;
}

static void on_down(struct rtc_channels *channels, const char *why)
{
	client_of(channels)->failed = true;
}

static const struct rtc_channels_events channels_events = {
	.send = on_packet,
	.up = on_up,
	.opened = on_opened,
	.received = on_message,
	.rejected = on_rejected,
	.closed = on_channel_closed,
	.down = on_down,
};

int rtc_client_open(struct rtc_client *c, const char *label)
{
	const struct rtc_dcep open = { .label = { label, strlen(label) } };

	return rtc_channels_open(&c->channels, &open);
}

int rtc_client_send(struct rtc_client *c, const struct rtc_message *m)
{
	return rtc_channels_send(&c->channels, m);
}

/* --- DTLS --- */

/* The peer's certificate has to be the one that it described. */
static void check_peer(struct rtc_client *c)
{
	X509 *x509 = SSL_get1_peer_certificate(c->ssl);
	uint8_t hash[RTC_CERTIFICATE_HASH_LEN];
	char hex[3 * RTC_CERTIFICATE_HASH_LEN + 1];

	assert_non_null(x509);
	assert_ok(rtc_certificate_hash(hash, x509));
	X509_free(x509);
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(hex + 3 * i, 4, "%02X:", hash[i]);
	hex[sizeof(hex) - 2] = 0;
	assert_string_equal(hex, c->peer_fingerprint);
}

static void note_error(struct rtc_client *c, int result)
{
	const int error = SSL_get_error(c->ssl, result);

	if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
		c->failed = true;
	ERR_clear_error();
}

static void shake_hands(struct rtc_client *c)
{
	const int result = SSL_connect(c->ssl);

	if (result != 1) {
		note_error(c, result);
		return;
	}
	check_peer(c);
	c->secured = true;
	assert_ok(rtc_channels_init(&c->channels, RTC_SCTP_PORT));
}

static void take_dtls(struct rtc_client *c, struct rtc_bytes datagram)
{
	uint8_t data[2048];
	int len = 0;

	if (!c->ssl || c->failed || c->only_hello)
		return;
	if (c->loses) {
		c->loses--;
		return;
	}
	ERR_clear_error();
	BIO_write(SSL_get_rbio(c->ssl), datagram.at, (int)datagram.len);
	if (!c->secured)
		shake_hands(c);
	while (c->secured && !c->failed &&
	       (len = SSL_read(c->ssl, data, sizeof(data))) > 0) {
		c->sctp_to = (uint16_t)(data[2] << 8 | data[3]);
		rtc_channels_input(&c->channels,
				   (struct rtc_bytes){ data, (size_t)len });
	}
	if (c->secured && !c->failed)
		note_error(c, len);
}

/* Datagrams out by OpenSSL's own BIO; in by memory, for STUN is among them. */
static void begin_dtls(struct rtc_client *c)
{
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new_dgram(c->fd, 0);

	BIO_set_mem_eof_return(in, -1);
	BIO_ctrl(out, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &c->peer);
	c->ssl = SSL_new(c->context);
	assert_non_null(c->ssl);
	SSL_set_bio(c->ssl, in, out);
	SSL_set_options(c->ssl, SSL_OP_NO_QUERY_MTU);
	SSL_set_mtu(c->ssl, 1200);
	shake_hands(c);
}

static int any_certificate(X509_STORE_CTX *store, void *unused)
{
	return 1;
}

static void make_context(struct rtc_client *c)
{
	c->context = SSL_CTX_new(DTLS_client_method());
	assert_non_null(c->context);
	SSL_CTX_set_verify(c->context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(c->context, any_certificate, NULL);
	if (c->n_videos)
		assert_ok(SSL_CTX_set_tlsext_use_srtp(
			c->context, c->srtp_profiles
					    ? c->srtp_profiles
					    : "SRTP_AES128_CM_SHA1_80"));
	if (c->is_nobody)
		return;
	SSL_CTX_use_certificate(c->context, c->certificate.x509);
	SSL_CTX_use_PrivateKey(c->context, c->certificate.key);
}

/* --- checks --- */

void rtc_client_check(struct rtc_client *c, const struct rtc_check *check)
{
	uint8_t out[RTC_CHECK_MAX];
	const size_t len = rtc_check_write(out, check, 1);

	c->response = 0;
	(void)!send(c->fd, out, len, 0);
}

static void check_as_usual(struct rtc_client *c)
{
	const struct rtc_check check = {
		.username = c->username,
		.password = c->password ? c->password : c->peer_password,
		.use_candidate = true,
	};

	rtc_client_check(c, &check);
}

static void take_stun(struct rtc_client *c, struct rtc_bytes datagram)
{
	c->response = rtc_check_read(datagram, 1, c->peer_password);
	assert_true(c->response);
	c->responses++;
	if (c->response == 0x0101 && !c->ssl && !c->only_checks)
		begin_dtls(c);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct rtc_client *c = container_of(io, struct rtc_client, io);
	uint8_t data[2048];
	ssize_t n;

	while ((n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		const struct rtc_bytes datagram = { data, (size_t)n };

		c->datagrams++;
		if (c->deaf)
			continue;
		if (data[0] <= 3)
			take_stun(c, datagram);
		else if (data[0] >= 128 && c->on_media)
			c->on_media(c, datagram);
		else
			take_dtls(c, datagram);
	}
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
	struct rtc_client *c = container_of(timer, struct rtc_client, timer);

	if (c->deaf)
		return;
	if (!c->ssl)
		check_as_usual(c);
	else if (!c->secured && !c->failed && !c->only_hello)
		DTLSv1_handle_timeout(c->ssl);
	ERR_clear_error();
}

/* --- life --- */

/*
 * SIGALRM ends a case that takes longer. An assertion that fails in a callback
 * of usrsctp's leaves its locks held, and the teardown would wait for ever.
 */
#define CASE_S 120

void rtc_client_prepare(struct rtc_client *c, struct ev_loop *loop)
{
	alarm(CASE_S);
	c->loop = loop;
	c->fd = -1;
	c->channels.events = &channels_events;
	c->channels.message_max = RTC_MESSAGE_MAX;
	assert_ok(rtc_certificate_make(&c->certificate));
	rtc_sctp_start(loop);
}

static void open_socket(struct rtc_client *c)
{
	c->fd = socket(c->peer.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_sys(c->fd);
	assert_sys(connect(c->fd, (void *)&c->peer, c->peer_len));
	ev_io_init(&c->io, on_readable, c->fd, EV_READ);
	ev_io_start(c->loop, &c->io);
}

void rtc_client_move(struct rtc_client *c)
{
	const int before = c->fd;

	ev_io_stop(c->loop, &c->io);
	open_socket(c);
	close(before);
	BIO_set_fd(SSL_get_wbio(c->ssl), c->fd, 0);
	BIO_ctrl(SSL_get_wbio(c->ssl), BIO_CTRL_DGRAM_SET_CONNECTED, 0,
		 &c->peer);
}

void rtc_client_take(struct rtc_client *c, const char *description)
{
	char ufrag[64];

	read_value(ufrag, sizeof(ufrag), description, "a=ice-ufrag:");
	read_value(c->peer_password, sizeof(c->peer_password), description,
		   "a=ice-pwd:");
	read_value(c->peer_fingerprint, sizeof(c->peer_fingerprint),
		   description, "a=fingerprint:sha-256 ");
	read_candidate(c, description);
	snprintf(c->username, sizeof(c->username), "%s:" OWN_UFRAG, ufrag);
	open_socket(c);
	ev_timer_init(&c->timer, on_timer, RETRY_S, RETRY_S);
}

void rtc_client_init(struct rtc_client *c, struct ev_loop *loop,
		     const char *description)
{
	rtc_client_prepare(c, loop);
	rtc_client_take(c, description);
}

void rtc_client_start(struct rtc_client *c)
{
	make_context(c);
	check_as_usual(c);
	ev_timer_start(c->loop, &c->timer);
}

/* Says goodbye, unless it is deaf, and dumb then, too. */
void rtc_client_fini(struct rtc_client *c)
{
	c->failed |= c->deaf;
	rtc_channels_fini(&c->channels);
	if (c->ssl && c->secured && !c->failed)
		SSL_shutdown(c->ssl);
	ERR_clear_error();
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	rtc_certificate_fini(&c->certificate);
	if (c->fd >= 0) {
		ev_io_stop(c->loop, &c->io);
		ev_timer_stop(c->loop, &c->timer);
		close(c->fd);
	}
	rtc_sctp_stop();
	*c = (struct rtc_client){ .fd = -1 };
}

static void on_wake(struct ev_loop *loop, ev_timer *timer, int revents)
{
}

void rtc_client_run(struct ev_loop *loop, unsigned int ms)
{
	const double end = clock_ms() + ms;
	ev_timer wake;

	ev_timer_init(&wake, on_wake, ms / 1e3, ms / 1e3);
	ev_timer_start(loop, &wake);
	do
		ev_run(loop, EVRUN_ONCE);
	while (clock_ms() < end);
	ev_timer_stop(loop, &wake);
}

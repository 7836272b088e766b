/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of vinput-stream needs OpenSSL in its tests: data channels, which are
 * offered and answered over the WebSocket, and pages served with TLS.
 */
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/base/loop.h"
#include "input/sandbox/sandbox.h"
#include "tests/lib/check.h"
#include "tests/lib/rtc-web.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/walls.h"

/* The loop's, usrsctp's, and that which encodes. */
#ifdef HAVE_VIDEO
#define THREADS 3
#else
#define THREADS 2
#endif

#define PRESS(code) "{\"type\":\"key\",\"code\":\"" code "\",\"down\":true}"

static struct world {
	struct stream_test *t;
	struct ev_loop *loop;
	struct rtc_client peer;
	bool prepared;
} w;

static int setup(void **state)
{
	const char *why;

	memset(&w, 0, sizeof(w));
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	stream_setup(state);
	w.t = *state;
	stream_device(w.t, "-keyboard_fd=");
	return 0;
}

static int teardown(void **state)
{
	const int r = stream_teardown(state);

	if (w.prepared)
		rtc_client_fini(&w.peer);
	ev_loop_destroy(w.loop);
	return r;
}

static void connect_peer(void)
{
	web_client_start(&w.t->client[0], w.t->url[0]);
	w.prepared = true;
	rtc_web_connect(&w.t->client[0], &w.peer, w.loop);
	assert_soon(w.loop, w.peer.up);
}

static void send_on(uint16_t channel, const char *text)
{
	const struct rtc_message m = { .channel = channel,
				       .data = (const uint8_t *)text,
				       .len = strlen(text) };

	assert_ok(rtc_client_send(&w.peer, &m));
	rtc_client_run(w.loop, 20);
}

static uint16_t open_channel(const char *label)
{
	const int channel = rtc_client_open(&w.peer, label);

	assert_true(channel >= 0);
	rtc_client_run(w.loop, 20);
	return (uint16_t)channel;
}

static void channel_carries_the_messages_of_its_session(void **state)
{
	struct web_client *c = &w.t->client[0];
	uint16_t ours, other;

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	connect_peer();
	other = open_channel("chat");
	ours = open_channel("vinput.1");
	send_on(other, PRESS("KeyB"));
	send_on(ours, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	/* Errors, and the heartbeat, may take the other way. */
	send_on(ours, "{}");
	web_client_expect(c, "type is required");
	web_client_send(c, "{'type':'held'}");
	stream_expect_frame(w.t, 0, "KEY_A 0");
	send_on(ours, PRESS("KeyC"));
	stream_expect_frame(w.t, 0, "KEY_C 1");
	web_client_close(c);
	stream_expect_frame(w.t, 0, "KEY_C 0");
	stream_wait_counter(w.t, "clients", 0);
}

static void client_of_many_errors_is_disconnected(void **state)
{
	struct rtc_message bad = { .data = (const uint8_t *)"x", .len = 1 };
	uint16_t ours;

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	connect_peer();
	ours = bad.channel = open_channel("vinput.1");
	send_on(ours, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	for (int i = 0; i < 150 && !rtc_client_send(&w.peer, &bad); i++)
		rtc_client_run(w.loop, 1);
	stream_expect_frame(w.t, 0, "KEY_A 0");
	web_client_expect_end(&w.t->client[0]);
}

/* Capabilities, Landlock and more are each thread's own. */
static void all_threads_are_confined(void **state)
{
	if (SANDBOX_DEFAULT == SANDBOX_OFF)
		skip_because("sanitizers do not work in the sandbox");
	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	walls_expect_threads_confined(w.t->p.pid, THREADS);
	connect_peer();
	walls_expect_threads_confined(w.t->p.pid, THREADS);
}

static void bad_offer_is_answered(void **state)
{
	struct web_client *c = &w.t->client[0];

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	web_client_start(c, w.t->url[0]);
	rtc_web_offer(c, "");
	web_client_expect(c, "\"error\"");
	rtc_web_offer(c, "v=0\r\n");
	web_client_expect(c, "\"error\"");
	web_client_send(c, PRESS("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
}

static void offer_needs_an_address(void **state)
{
	struct web_client *c = &w.t->client[0];

	stream_start(w.t);
	web_client_start(c, w.t->url[0]);
	rtc_web_offer(c, "v=0\r\n");
	web_client_expect(c, "there is no WebRTC here");
}

/* --- TLS --- */

/* A certificate and its key, as files. */
static void write_certificate(struct rtc_certificate *made)
{
	char path[80];
	FILE *file;

	assert_ok(rtc_certificate_make(made));
	snprintf(path, sizeof(path), "%s/cert.pem", w.t->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_num(PEM_write_X509(file, made->x509), 1);
	fclose(file);
	process_arg(&w.t->p, "--cert=%s", path);
	snprintf(path, sizeof(path), "%s/key.pem", w.t->dir);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_num(PEM_write_PrivateKey(file, made->key, NULL, NULL, 0, NULL,
					NULL),
		   1);
	fclose(file);
	process_arg(&w.t->p, "--key=%s", path);
}

/* Send a request, as it is. Return: the reply, valid until the next call. */
static const char *ask_with_tls(const char *host, const char *request)
{
	static char reply[8192];
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	BIO *bio = BIO_new_ssl_connect(context);
	int n, len = 0;

	reply[0] = '\0';
	BIO_set_conn_hostname(bio, host);
	assert_num(BIO_do_connect(bio), 1);
	assert_num(BIO_puts(bio, request), (int)strlen(request));
	while (!strstr(reply, "\r\n\r\n")) {
		n = BIO_read(bio, reply + len, (int)sizeof(reply) - 1 - len);
		assert_true(n > 0);
		len += n;
		reply[len] = '\0';
	}
	BIO_free_all(bio);
	SSL_CTX_free(context);
	return reply;
}

static void pages_are_served_with_tls(void **state)
{
	struct rtc_certificate made;
	char host[64], token[160], request[512], cookie[160];
	const char *reply;

	write_certificate(&made);
	stream_start(w.t);
	assert_num(sscanf(w.t->url[0], "https://%63[^/]/?token=%159s", host,
			  token),
		   2);
	snprintf(request, sizeof(request),
		 "GET /?token=%s HTTP/1.1\r\nHost: %s\r\n\r\n", token, host);
	reply = ask_with_tls(host, request);
	assert_non_null(strstr(reply, "HTTP/1.1 200"));
	assert_non_null(strstr(reply, "; Secure"));
	assert_num(sscanf(strstr(reply, "set-cookie: "), "set-cookie: %159[^;]",
			  cookie),
		   1);
	snprintf(request, sizeof(request),
		 "GET / HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\n\r\n", host,
		 cookie);
	assert_non_null(strstr(ask_with_tls(host, request), "HTTP/1.1 200"));
	rtc_certificate_fini(&made);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(channel_carries_the_messages_of_its_session),
		T(client_of_many_errors_is_disconnected),
		T(all_threads_are_confined),
		T(bad_offer_is_answered),
		T(offer_needs_an_address),
		T(pages_are_served_with_tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

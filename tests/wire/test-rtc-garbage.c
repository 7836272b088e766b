/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Garbage on every port of vinput-stream, while somebody uses it.
 * VINPUT_ATTACKS: how much; VINPUT_SEED: what a failure printed.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "input/base/loop.h"
#include "tests/lib/random.h"
#include "tests/lib/rig.h"
#include "tests/lib/rtc-web.h"
#include "tests/lib/stream-test.h"

#define ATTACKS	    600
#define GARBAGE_MAX 1400
#define GOOD_EVERY  50 /* attacks, then it is used */

enum {
	KEYBOARD,
	MOUSE
};

static struct world {
	struct stream_test *t;
	struct ev_loop *loop;
	struct rnd rnd;
	uint64_t seed;
	struct sockaddr_in udp;
	struct rtc_client peer;
	bool prepared;
	uint8_t bytes[GARBAGE_MAX];
	size_t len;
} w;

static unsigned long number_of(const char *variable, unsigned long usual)
{
	const char *text = getenv(variable);

	return text ? strtoul(text, NULL, 0) : usual;
}

static int setup(void **state)
{
	const char *why;

	memset(&w, 0, sizeof(w));
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	w.seed = number_of("VINPUT_SEED", (unsigned long)time(NULL));
	w.rnd.state = w.seed;
	stream_setup(state);
	w.t = *state;
	stream_device(w.t, "-keyboard_fd=");
	stream_device(w.t, "-mouse_fd=");
	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	return 0;
}

static int teardown(void **state)
{
	const int r = stream_teardown(state);

	if (w.prepared)
		rtc_client_fini(&w.peer);
	ev_loop_destroy(w.loop);
	if (r)
		print_error("VINPUT_SEED=%llu\n", (unsigned long long)w.seed);
	return r;
}

/* --- garbage --- */

static void make_garbage(void)
{
	w.len = 1 + rnd_below(&w.rnd, GARBAGE_MAX);
	for (size_t i = 0; i < w.len; i++)
		w.bytes[i] = (uint8_t)rnd_next(&w.rnd);
}

/* A message of ours with some bytes that are not. */
static void make_message(void)
{
	static const char *const messages[] = {
		"{\"type\":\"key\",\"code\":\"KeyB\",\"down\":false}",
		"{\"type\":\"motion\",\"x\":1e9,\"y\":-3.5}",
		"{\"type\":\"touch\",\"contacts\":[{\"id\":7,\"down\":true}]}",
		"{\"type\":\"held\",\"keys\":[\"KeyA\"],\"pads\":[0]}",
		"{\"type\":\"pad\",\"pad\":1,\"buttons\":[1],\"axes\":[-1]}",
		"{\"type\":\"offer\",\"sdp\":\"v=0\\r\\nm=application 9 x\"}",
		"{\"type\":\"text\",\"text\":\"\\u0000\\ud800\"}",
	};
	const char *text = messages[rnd_below(&w.rnd, ARRAY_LEN(messages))];

	w.len = strlen(text);
	memcpy(w.bytes, text, w.len);
	for (unsigned int n = rnd_below(&w.rnd, 4); n--;)
		w.bytes[rnd_below(&w.rnd, (unsigned int)w.len)] =
			(uint8_t)rnd_next(&w.rnd);
}

static int connect_web(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const char *port = strchr(w.t->client[0].host, ':');
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons((uint16_t)atoi(port + 1));
	assert_sys(fd);
	assert_sys(connect(fd, (struct sockaddr *)&to, sizeof(to)));
	return fd;
}

static void attack_web(void)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: ";
	const int fd = connect_web();

	make_garbage();
	if (rnd_one_in(&w.rnd, 2))
		send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL);
	send(fd, w.bytes, w.len, MSG_NOSIGNAL);
	close(fd);
}

/* A right handshake first; then bytes, frames of any kind, or messages. */
static void attack_websocket(void)
{
	struct web_client *c = &w.t->client[1];

	web_client_start(c, w.t->url[0]);
	for (unsigned int n = 1 + rnd_below(&w.rnd, 5); n--;) {
		const unsigned int kind = rnd_below(&w.rnd, 4);

		if (kind < 2)
			make_garbage();
		else
			make_message();
		if (kind)
			web_client_send_frame(
				c, kind == 1 ? rnd_below(&w.rnd, 16) : kind - 1,
				true, w.bytes, w.len);
		else
			send(c->fd, w.bytes, w.len, MSG_NOSIGNAL);
	}
	web_client_close(c);
}

/* As STUN, as DTLS, or as neither. */
static void attack_udp(void)
{
	static const uint8_t first[] = { 0, 1, 20, 22, 63, 64, 255 };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	make_garbage();
	w.bytes[0] = first[rnd_below(&w.rnd, sizeof(first))];
	sendto(fd, w.bytes, w.len, 0, (struct sockaddr *)&w.udp, sizeof(w.udp));
	close(fd);
}

/* From an address that has been checked. */
static void attack_peer(void)
{
	make_garbage();
	w.bytes[0] = (uint8_t)(20 + rnd_below(&w.rnd, 44));
	send(w.peer.fd, w.bytes, w.len, MSG_NOSIGNAL);
}

static void attack_stats(void)
{
	const int fd = rig_unix_connect(w.t->stats, SOCK_STREAM);

	make_garbage();
	send(fd, w.bytes, w.len, MSG_NOSIGNAL);
	close(fd);
}

/* As if its server had gone mad. */
static void attack_device(void)
{
	make_garbage();
	send(w.t->end[MOUSE], w.bytes, w.len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void (*const attacks[])(void) = {
	attack_web,  attack_websocket, attack_udp,
	attack_peer, attack_stats,     attack_device,
};

/* --- somebody who uses it --- */

static void connect_peer(void)
{
	w.prepared = true;
	rtc_web_connect(&w.t->client[0], &w.peer, w.loop);
	memcpy(&w.udp, &w.peer.peer, sizeof(w.udp));
	assert_soon(w.loop, w.peer.up);
}

static void use(void)
{
	struct web_client *c = &w.t->client[0];

	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	stream_expect_frame(w.t, KEYBOARD, "KEY_A 1");
	web_client_send(c, "{'type':'key','code':'KeyA','down':false}");
	stream_expect_frame(w.t, KEYBOARD, "KEY_A 0");
	rtc_client_run(w.loop, 1);
}

static void garbage_on_every_port_disturbs_nobody(void **state)
{
	const unsigned long n = number_of("VINPUT_ATTACKS", ATTACKS);

	stream_start(w.t);
	web_client_start(&w.t->client[0], w.t->url[0]);
	connect_peer();
	for (unsigned long i = 0; i < n; i++) {
		attacks[rnd_below(&w.rnd, ARRAY_LEN(attacks))]();
		if (i % GOOD_EVERY == 0)
			use();
	}
	use();
	assert_true(process_runs(&w.t->p));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			garbage_on_every_port_disturbs_nobody, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

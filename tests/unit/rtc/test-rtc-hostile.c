/* SPDX-License-Identifier: Apache-2.0 */
/* Clients that are somebody else, lie, send garbage, or stop halfway. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <usrsctp.h>
#include "tests/lib/random.h"
#include "tests/lib/rtc-world.h"

#define QUIET_MS   100
#define CONNECT_MS 300

#define SCTP_HEADER_LEN 12
#define SCTP_CRC_AT	8

/* --- the others --- */

static void a_wrong_certificate_is_rejected(void **state)
{
	struct rtc_world *w = *state;

	w->client.lies = true;
	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_non_null(strstr(w->owner.why, "certificate is not the one"));
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_connected, 0);
	assert_num(rtc_counters(w->rtc)->handshakes_failed, 1);
}

static void a_missing_certificate_is_rejected(void **state)
{
	struct rtc_world *w = *state;

	w->client.is_nobody = true;
	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_num(w->owner.n_connected, 0);
}

static void a_check_with_a_wrong_password_has_no_answer(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	w->client.password = "notthepasswordofthepeer1";
	rtc_client_start(&w->client);
	assert_soon(w->loop, rtc_counters(w->rtc)->stun_rejected >= 3);
	assert_num(w->client.datagrams, 0);
}

static void a_check_for_nobody_has_no_answer(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_check check = { .use_candidate = true };
	static const char *const names[] = { "AAAAAAAA:cLNt", ":cLNt", "cLNt",
					     NULL };

	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	check.password = w->client.peer_password;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		check.username = names[i];
		rtc_client_check(&w->client, &check);
	}
	assert_soon(w->loop,
		    rtc_counters(w->rtc)->stun_rejected == ARRAY_LEN(names));
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(w->client.datagrams, 0);
}

static void another_clients_name_has_no_answer(void **state)
{
	struct rtc_world *w = *state;
	char name[64];
	const struct rtc_check check = { .username = name,
					 .password = w->client.peer_password };

	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	snprintf(name, sizeof(name), "%.8s:other", w->client.username);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, rtc_counters(w->rtc)->stun_rejected == 1);
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(w->client.datagrams, 0);
}

static void a_client_that_does_not_control_is_corrected(void **state)
{
	struct rtc_world *w = *state;
	const struct rtc_check check = { .username = w->client.username,
					 .password = w->client.peer_password,
					 .controlled = true };

	w->client.only_checks = true;
	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, w->client.response == 0x0111);
}

/* --- garbage --- */

static int stranger_socket(const struct rtc_client *c)
{
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_sys(fd);
	assert_sys(connect(fd, (const void *)&c->peer, c->peer_len));
	return fd;
}

static void send_garbage(int fd, unsigned int seed)
{
	uint8_t data[1500];
	const size_t len = 1 + seed * 37 % sizeof(data);
	struct rnd r = { .state = seed };

	for (size_t i = 0; i < len; i++)
		data[i] = (uint8_t)rnd_next(&r);
	if (rnd_one_in(&r, 2)) /* as DTLS */
		data[0] = (uint8_t)rnd_between(&r, 20, 25);
	(void)!send(fd, data, len, 0);
}

static void garbage_of_strangers_disturbs_nobody(void **state)
{
	struct rtc_world *w = *state;
	uint16_t channel;
	uint8_t byte;
	int fd;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	fd = stranger_socket(&w->client);
	for (unsigned int i = 0; i < 2000; i++) {
		send_garbage(fd, i);
		if (i % 50 == 0)
			rtc_world_assert_echo(w, channel);
	}
	(void)!send(fd, "", 0, 0);
	rtc_world_assert_echo(w, channel);
	assert_num(recv(fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_true(rtc_counters(w->rtc)->unchecked > 100);
	assert_num(w->owner.n_closed, 0);
	close(fd);
}

/* DTLS drops what it cannot decrypt (RFC 6347 §4.1.2.7). */
static void garbage_from_the_peers_address_disturbs_nobody(void **state)
{
	struct rtc_world *w = *state;
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	for (unsigned int i = 0; i < 2000; i++) {
		send_garbage(w->client.fd, i);
		if (i % 50 == 0)
			rtc_world_assert_echo(w, channel);
	}
	rtc_world_assert_echo(w, channel);
	assert_num(w->owner.n_closed, 0);
}

/* In place of SCTP's packets, inside of DTLS. */
static void garbage_for_sctp_disturbs_nobody_else(void **state)
{
	struct rtc_world *w = *state;
	uint8_t data[1200];

	rtc_world_connect(w, &w->owner, &w->client);
	rtc_world_connect(w, &w->other, &w->second);
	for (unsigned int i = 0; i < 2000; i++) {
		for (size_t k = 0; k < sizeof(data); k++)
			data[k] = (uint8_t)(i * 31 + k * (i % 7));
		SSL_write(w->second.ssl, data, (int)(1 + i % sizeof(data)));
	}
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
}

/* Whole but for a few bytes, and with the right checksum. */
static void mangle(struct rtc_client *c, uint8_t *packet, size_t len)
{
	struct rnd *r = c->user;
	uint32_t crc;

	if (len <= SCTP_HEADER_LEN || !rnd_one_in(r, 3))
		return;
	for (int n = rnd_between(r, 1, 4); n; n--)
		packet[rnd_between(r, SCTP_HEADER_LEN, (int)len - 1)] =
			(uint8_t)rnd_next(r);
	memset(packet + SCTP_CRC_AT, 0, sizeof(crc));
	crc = usrsctp_crc32c(packet, len);
	memcpy(packet + SCTP_CRC_AT, &crc, sizeof(crc));
}

static void talk(struct rtc_world *w, struct rtc_client *c)
{
	struct rtc_message m = rtc_text_message(0, "of somebody else");

	for (int i = 0; i < 100 && !c->up && !c->failed; i++)
		rtc_client_run(w->loop, 1);
	for (int i = 0; i < 20 && c->up && !c->failed; i++) {
		rtc_client_open(c, "more");
		(void)rtc_client_send(c, &m);
		rtc_client_run(w->loop, 1);
	}
}

static void mangled_packets_of_sctp_disturb_nobody_else(void **state)
{
	const char *rounds = getenv("VINPUT_SCENARIOS");
	struct rtc_world *w = *state;
	struct rnd r = { .state = 1 };
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	w->other.frees_when_closed = true;
	for (int i = rounds ? atoi(rounds) : 20; i; i--) {
		rtc_world_offer(w, &w->other, &w->second);
		rtc_world_accept(&w->other, &w->second);
		w->second.mangle = mangle;
		w->second.user = &r;
		rtc_client_start(&w->second);
		talk(w, &w->second);
		rtc_world_assert_echo(w, channel);
		rtc_client_fini(&w->second);
		rtc_owner_free(&w->other);
	}
	assert_num(w->owner.n_closed, 0);
	/* Some of them came that far. */
	assert_true(rtc_counters(w->rtc)->peers > 2);
}

static void half_a_handshake_is_given_up(void **state)
{
	struct rtc_world *w = *state;

	w->connect_ms = CONNECT_MS;
	rtc_world_new(w, "127.0.0.1");
	w->client.only_hello = true;
	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no connection in time");
}

static void a_peer_that_never_comes_is_given_up(void **state)
{
	struct rtc_world *w = *state;

	w->connect_ms = CONNECT_MS;
	rtc_world_new(w, "127.0.0.1");
	rtc_world_offer(w, &w->owner, &w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no connection in time");
	rtc_owner_free(&w->owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RTC_WORLD_TEST(a_wrong_certificate_is_rejected),
		RTC_WORLD_TEST(a_missing_certificate_is_rejected),
		RTC_WORLD_TEST(a_check_with_a_wrong_password_has_no_answer),
		RTC_WORLD_TEST(a_check_for_nobody_has_no_answer),
		RTC_WORLD_TEST(another_clients_name_has_no_answer),
		RTC_WORLD_TEST(a_client_that_does_not_control_is_corrected),
		RTC_WORLD_TEST(garbage_of_strangers_disturbs_nobody),
		RTC_WORLD_TEST(garbage_from_the_peers_address_disturbs_nobody),
		RTC_WORLD_TEST(garbage_for_sctp_disturbs_nobody_else),
		RTC_WORLD_TEST(mangled_packets_of_sctp_disturb_nobody_else),
		RTC_WORLD_TEST(half_a_handshake_is_given_up),
		RTC_WORLD_TEST(a_peer_that_never_comes_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

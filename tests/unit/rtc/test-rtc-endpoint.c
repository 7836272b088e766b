/* SPDX-License-Identifier: Apache-2.0 */
/* Peers come and go, with clients that are full WebRTC peers, over loopback. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <usrsctp.h>
#include "tests/lib/rtc-world.h"

#define CONSENT_MS 300
/* Of a peer that checks, also where this program gets no CPU for a second. */
#define LONG_CONSENT_MS 2000
#define QUIET_MS	100
/* Long enough for all that it sends again. */
#define SCTP_GIVES_UP_S 600
#define SCTP_LINGERS_MS 1200

/* --- connecting --- */

static void the_client_answers_our_offer(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_connect(w, &w->owner, &w->client);
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
	assert_num(rtc_counters(w->rtc)->peers, 1);
	assert_num(rtc_counters(w->rtc)->handshakes_failed, 0);
}

static void we_answer_the_clients_offer(void **state)
{
	struct rtc_world *w = *state;
	struct fault fault = { "" };
	char *answer;

	rtc_client_prepare(&w->client, w->loop);
	assert_ok(rtc_peer_new(&w->owner.peer, w->rtc, &rtc_owner_events,
			       &w->owner));
	assert_ok(rtc_peer_answer(w->owner.peer, rtc_client_offer(&w->client),
				  &answer, &fault));
	rtc_client_take(&w->client, answer);
	free(answer);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
}

/* The browser's checks may be faster than its answer. */
static void the_answer_may_come_after_the_first_checks(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_offer(w, &w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.responses);
	rtc_client_run(w->loop, 20);
	assert_num(w->owner.n_connected, 0);
	rtc_world_accept(&w->owner, &w->client);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
}

/* Only we can notice: the client has sent all that it has to send. */
static void a_flight_that_is_lost_is_sent_again(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	w->client.loses = 1;
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.ssl);
	ev_timer_stop(w->loop, &w->client.timer);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
	assert_num(w->client.loses, 0);
}

static void sctp_goes_to_the_port_of_the_description(void **state)
{
	struct rtc_world *w = *state;

	w->client.sctp_port = 5001;
	rtc_world_offer(w, &w->owner, &w->client);
	rtc_world_accept(&w->owner, &w->client);
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.sctp_to);
	assert_num(w->client.sctp_to, 5001);
}

static void ipv6_works(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_new(w, "::1");
	rtc_world_connect(w, &w->owner, &w->client);
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
}

static void one_description_is_enough(void **state)
{
	struct rtc_world *w = *state;
	struct fault fault = { "" };
	char *answer;

	rtc_world_connect(w, &w->owner, &w->client);
	assert_rc(rtc_peer_accept(w->owner.peer, rtc_client_answer(&w->client),
				  &fault),
		  -EALREADY);
	assert_rc(rtc_peer_answer(w->owner.peer, rtc_client_offer(&w->client),
				  &answer, &fault),
		  -EALREADY);
	assert_null(answer);
}

static void wrong_addresses_are_rejected(void **state)
{
	static const struct {
		const char *address, *why;
	} bad[] = {
		{ NULL, "no address" },
		{ "", "invalid address" },
		{ "localhost", "invalid address localhost: must be" },
		{ "0.0.0.0", "invalid address" },
		{ "::", "invalid address" },
		{ "192.0.2.1", "192.0.2.1 port 0: Cannot assign" },
	};
	struct rtc_world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		const struct rtc_config config = {
			.loop = w->loop, .address = { bad[i].address }
		};
		struct fault fault = { "" };
		struct rtc *rtc;

		assert_true(rtc_new(&rtc, &config, &fault) < 0);
		assert_null(rtc);
		assert_non_null(strstr(fault.text, bad[i].why));
	}
}

static void the_number_of_peers_is_limited(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_peer *peer[RTC_WORLD_PEERS], *more;

	for (int i = 0; i < RTC_WORLD_PEERS; i++)
		assert_ok(rtc_peer_new(&peer[i], w->rtc, &rtc_owner_events,
				       &w->owner));
	assert_rc(rtc_peer_new(&more, w->rtc, &rtc_owner_events, &w->owner),
		  -EBUSY);
	assert_null(more);
	rtc_peer_free(peer[0]);
	assert_ok(rtc_peer_new(&peer[0], w->rtc, &rtc_owner_events, &w->owner));
	for (int i = 0; i < RTC_WORLD_PEERS; i++)
		rtc_peer_free(peer[i]);
}

/* --- the end --- */

static void the_client_says_goodbye(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_connect(w, &w->owner, &w->client);
	rtc_client_fini(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_non_null(w->owner.why);
	assert_rc(rtc_channel_open(w->owner.peer, "late"), -ENOTCONN);
}

static void the_client_sees_our_end(void **state)
{
	struct rtc_world *w = *state;

	rtc_world_connect(w, &w->owner, &w->client);
	rtc_owner_free(&w->owner);
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_closed, 0);
}

static void a_peer_may_be_freed_when_it_connects(void **state)
{
	struct rtc_world *w = *state;

	w->owner.frees_when_connected = true;
	rtc_world_connect(w, &w->owner, &w->client);
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_closed, 0);
}

static void a_peer_may_be_freed_at_a_message(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_message m;

	rtc_world_connect(w, &w->owner, &w->client);
	m = rtc_text_message(rtc_world_open(w, "input"), "x");
	w->owner.frees_at_message = true;
	for (int i = 0; i < 100; i++)
		assert_ok(rtc_client_send(&w->client, &m));
	assert_soon(w->loop, w->client.failed);
	assert_num(w->owner.n_messages, 1);
}

static void a_peer_may_be_freed_when_it_closes(void **state)
{
	struct rtc_world *w = *state;

	w->owner.frees_when_closed = true;
	rtc_world_connect(w, &w->owner, &w->client);
	rtc_client_fini(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_null(w->owner.peer);
	rtc_client_run(w->loop, QUIET_MS);
}

static void a_peer_without_checks_is_closed(void **state)
{
	struct rtc_world *w = *state;

	w->consent_ms = CONSENT_MS;
	rtc_world_new(w, "127.0.0.1");
	rtc_world_connect(w, &w->owner, &w->client);
	w->client.deaf = true;
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why, "no more checks from the peer");
}

/* SCTP gives up in the middle of a timer's tick, not at a packet. */
static void a_peer_without_acks_is_closed(void **state)
{
	struct rtc_world *w = *state;
	struct rtc_message m;

	rtc_world_connect(w, &w->owner, &w->client);
	m = rtc_text_message(rtc_world_open(w, "input"), "x");
	w->client.deaf = true;
	assert_ok(rtc_send(w->owner.peer, &m));
	for (int s = 0; s < SCTP_GIVES_UP_S; s++)
		usrsctp_handle_timers(1000);
	assert_soon(w->loop, w->owner.n_closed == 1);
	assert_string_equal(w->owner.why,
			    "closed by the peer, or it no longer answers");
}

static void nothing_wakes_up_once_all_have_left(void **state)
{
	struct rtc_world *w = *state;
	unsigned int before;

	rtc_world_connect(w, &w->owner, &w->client);
	rtc_client_fini(&w->client);
	assert_soon(w->loop, w->owner.n_closed == 1);
	rtc_owner_free(&w->owner);
	rtc_client_run(w->loop, SCTP_LINGERS_MS);
	before = ev_iteration(w->loop);
	rtc_client_run(w->loop, QUIET_MS);
	assert_true(ev_iteration(w->loop) - before <= 2);
}

static void a_peer_with_checks_stays(void **state)
{
	struct rtc_world *w = *state;
	const struct rtc_check check = { .username = w->client.username,
					 .password = w->client.peer_password };
	uint16_t channel;

	w->consent_ms = LONG_CONSENT_MS;
	rtc_world_new(w, "127.0.0.1");
	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	for (int ms = 0; ms < 3 * LONG_CONSENT_MS / 2;
	     ms += LONG_CONSENT_MS / 20) {
		rtc_client_check(&w->client, &check);
		rtc_client_run(w->loop, LONG_CONSENT_MS / 20);
	}
	assert_num(w->owner.n_closed, 0);
	rtc_world_assert_echo(w, channel);
}

/* --- on the way --- */

/* A network that changes: the browser nominates another address of its own. */
static void a_peer_may_move(void **state)
{
	struct rtc_world *w = *state;
	const struct rtc_check check = { .username = w->client.username,
					 .password = w->client.peer_password,
					 .use_candidate = true };
	uint16_t channel;

	rtc_world_connect(w, &w->owner, &w->client);
	channel = rtc_world_open(w, "input");
	rtc_client_move(&w->client);
	rtc_client_check(&w->client, &check);
	assert_soon(w->loop, w->client.response == 0x0101);
	rtc_world_assert_echo(w, channel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RTC_WORLD_TEST(the_client_answers_our_offer),
		RTC_WORLD_TEST(we_answer_the_clients_offer),
		RTC_WORLD_TEST(the_answer_may_come_after_the_first_checks),
		RTC_WORLD_TEST(a_flight_that_is_lost_is_sent_again),
		RTC_WORLD_TEST(sctp_goes_to_the_port_of_the_description),
		RTC_WORLD_TEST(ipv6_works),
		RTC_WORLD_TEST(one_description_is_enough),
		RTC_WORLD_TEST(wrong_addresses_are_rejected),
		RTC_WORLD_TEST(the_number_of_peers_is_limited),
		RTC_WORLD_TEST(the_client_says_goodbye),
		RTC_WORLD_TEST(the_client_sees_our_end),
		RTC_WORLD_TEST(a_peer_may_be_freed_when_it_connects),
		RTC_WORLD_TEST(a_peer_may_be_freed_at_a_message),
		RTC_WORLD_TEST(a_peer_may_be_freed_when_it_closes),
		RTC_WORLD_TEST(a_peer_without_checks_is_closed),
		RTC_WORLD_TEST(a_peer_without_acks_is_closed),
		RTC_WORLD_TEST(nothing_wakes_up_once_all_have_left),
		RTC_WORLD_TEST(a_peer_with_checks_stays),
		RTC_WORLD_TEST(a_peer_may_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

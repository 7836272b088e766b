/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An endpoint with the owners of two peers, and two clients. All of it runs in
 * one loop.
 */
#ifndef VINPUT_TESTS_RTC_WORLD_H
#define VINPUT_TESTS_RTC_WORLD_H

#include "injector/rtc/rtc.h"
#include "tests/lib/check.h"
#include "tests/lib/rtc-client.h"

#define RTC_WORLD_PEERS 4 /* at most */

/* What the owner of a peer saw, and what it is to do. */
struct rtc_owner {
	struct rtc_peer *peer;
	unsigned int n_connected, n_opened, n_messages, n_closed_channels;
	unsigned int n_closed, n_wants_key;
	unsigned int track; /* of the last wish */
	uint16_t channel;   /* the last that was opened */
	char label[256];
	const char *why;
	bool echoes;
	bool counts; /* messages have to be numbers, each one more */
	bool frees_when_connected, frees_at_message, frees_when_closed;
};

struct rtc_world {
	struct ev_loop *loop;
	struct rtc *rtc;
	unsigned int connect_ms, consent_ms; /* of the next endpoint */
	struct rtc_owner owner, other;
	struct rtc_client client, second;
};

extern const struct rtc_events rtc_owner_events;

#define RTC_WORLD_TEST(f) \
	cmocka_unit_test_setup_teardown(f, rtc_world_setup, rtc_world_teardown)

int rtc_world_setup(void **state);
int rtc_world_teardown(void **state);

/* Another endpoint in place of w->rtc, which has no peers. */
void rtc_world_new(struct rtc_world *w, const char *address);

/* A peer that offers, and a client that knows the offer. */
void rtc_world_offer(struct rtc_world *w, struct rtc_owner *o,
		     struct rtc_client *c);
void rtc_world_accept(struct rtc_owner *o, struct rtc_client *c);
/* Both, and the client connects. */
void rtc_world_connect(struct rtc_world *w, struct rtc_owner *o,
		       struct rtc_client *c);
void rtc_owner_free(struct rtc_owner *o);

/* Of the first client. Return: its number. */
uint16_t rtc_world_open(struct rtc_world *w, const char *label);
struct rtc_message rtc_text_message(uint16_t channel, const char *text);
/* It works, still or at last. */
void rtc_world_assert_echo(struct rtc_world *w, uint16_t channel);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines connections of rtc.h, and the watchers of stream-video.h that they
 * have, in place of the real ones: what is asked of them is noted. A unit test
 * includes this once, and begins with fake_rtc_init().
 */
#ifndef VINPUT_TESTS_FAKE_RTC_H
#define VINPUT_TESTS_FAKE_RTC_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "injector/rtc/rtc.h"
#include "injector/stream/stream-video.h"
#include "tests/lib/check.h"

#define FAKE_RTC     ((struct rtc *)&fake_rtc)
#define FAKE_PEERS   16
#define FAKE_CHANNEL 7 /* that rtc_channel_open() opens */

struct rtc_peer {
	const struct rtc_events *events;
	void *data;
	bool used, watched;
};

static struct fake_rtc {
	struct rtc_peer peer[FAKE_PEERS];
	int new_result; /* of the next rtc_peer_new() */
	const char *offer;
	int answer_result;
	char accepted[16];
	struct stream_video *video; /* of the last watcher */
	const struct stream_rights *rights;
	uint32_t wanted; /* tracks, as bits */
	struct rtc_message sent;
	unsigned int n_sent;
	double silence;
} fake_rtc;

/* NOLINTBEGIN(misc-definitions-in-headers) */

static void fake_rtc_init(void)
{
	memset(&fake_rtc, 0, sizeof(fake_rtc));
	fake_rtc.offer = "v=0";
}

static unsigned int fake_rtc_peers(void)
{
	unsigned int n = 0;

	for (size_t i = 0; i < FAKE_PEERS; i++)
		n += fake_rtc.peer[i].used;
	return n;
}

int rtc_peer_new(struct rtc_peer **peer, struct rtc *rtc,
		 const struct rtc_events *events, void *data)
{
	struct rtc_peer *p = fake_rtc.peer;

	assert_ptr_equal(rtc, FAKE_RTC);
	if (fake_rtc.new_result)
		return fake_rtc.new_result;
	while (p->used)
		p++;
	assert_true(p < fake_rtc.peer + FAKE_PEERS);
	*p = (struct rtc_peer){ events, data, true, false };
	*peer = p;
	return 0;
}

void rtc_peer_free(struct rtc_peer *peer)
{
	if (!peer)
		return;
	assert_true(peer->used);
	assert_false(peer->watched);
	peer->used = false;
}

void *rtc_peer_data(const struct rtc_peer *peer)
{
	assert_true(peer->used);
	return peer->data;
}

double rtc_peer_silence(const struct rtc_peer *peer)
{
	assert_true(peer->used);
	return fake_rtc.silence;
}

char *rtc_peer_offer(struct rtc_peer *peer)
{
	assert_true(peer->watched); /* tracks are part of it */
	return fake_rtc.offer ? strdup(fake_rtc.offer) : NULL;
}

int rtc_peer_accept(struct rtc_peer *peer, const char *answer,
		    struct fault *fault)
{
	assert_true(peer->used);
	snprintf(fake_rtc.accepted, sizeof(fake_rtc.accepted), "%s", answer);
	return strcmp(answer, "good") ? fault_set(fault, "bad answer") : 0;
}

int rtc_peer_answer(struct rtc_peer *peer, const char *offer, char **answer,
		    struct fault *fault)
{
	assert_true(peer->watched); /* tracks are part of it */
	if (fake_rtc.answer_result == -EINVAL)
		return fault_set(fault, "bad %s", offer);
	if (!fake_rtc.answer_result)
		*answer = strdup("answer");
	return fake_rtc.answer_result;
}

int rtc_channel_open(struct rtc_peer *peer, const char *label)
{
	assert_true(peer->used);
	assert_string_equal(label, "device-control");
	return FAKE_CHANNEL;
}

int rtc_send(struct rtc_peer *peer, const struct rtc_message *m)
{
	assert_true(peer->used);
	fake_rtc.sent = *m;
	fake_rtc.n_sent++;
	return 0;
}

void stream_watcher_init(struct stream_watcher *watcher, struct stream_video *v,
			 struct rtc_peer *peer,
			 const struct stream_rights *rights)
{
	fake_rtc.video = v;
	fake_rtc.rights = rights;
	watcher->peer = peer;
	peer->watched = true;
}

void stream_watcher_wants_key(struct stream_watcher *watcher,
			      unsigned int track)
{
	fake_rtc.wanted |= UINT32_C(1) << track;
}

void stream_watcher_fini(struct stream_watcher *watcher)
{
	if (watcher->peer)
		watcher->peer->watched = false;
	watcher->peer = NULL;
}

/* NOLINTEND(misc-definitions-in-headers) */

#endif

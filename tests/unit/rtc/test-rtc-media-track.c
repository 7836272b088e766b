/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtc-media.h without a browser: SRTP, which leaves everything as it is, the
 * time and what is random are the test's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "injector/rtc/rtc-media.h"
#include "injector/rtc/rtp-vp8.h"
#include "input/base/net-order.h"
#include "tests/lib/check.h"

#define SEALED_MAX (RTP_PACKET_MAX + RTC_SRTP_TRAILER_MAX)
#define RING	   128
#define OF_1970	   2208988800U
#define REPORT	   200	  /* second byte of a sender report */
#define FIRST	   0x9191 /* sequence */

static struct world {
	struct rtc_media media;
	struct rtc_counters counters;
	uint8_t report[64];
	unsigned int reports, packets;
	uint16_t sequence[300];		/* of the packets */
	uint8_t packet[SEALED_MAX + 1]; /* the last one */
	size_t sealed;		/* what protect() returns; 1: as it is */
	unsigned int wants_key; /* as bits */
	size_t opened;
	unsigned int finished;
	bool no_random;
} w;

static struct timespec now;

/* In place of libc's. */
int clock_gettime(clockid_t clock_id, struct timespec *tp)
{
	*tp = now;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t getrandom(void *buf, size_t len, unsigned int flags)
{
	static unsigned char next = FIRST & 0xff;

	memset(buf, next, len);
	*(unsigned char *)buf = (unsigned char)w.media.n_tracks; /* its SSRC */
	return w.no_random ? -1 : (ssize_t)len;
}

/* --- in place of rtc-srtp.h --- */

int rtc_srtp_start(void)
{
	return 0;
}

int rtc_srtp_init(struct rtc_srtp *s, const struct rtc_srtp_keys *keys)
{
	return keys->profile == RTC_SRTP_NONE ? -EINVAL : 0;
}

void rtc_srtp_fini(struct rtc_srtp *s)
{
	w.finished++;
}

size_t rtc_srtp_protect(struct rtc_srtp *s, uint8_t *rtp, size_t len)
{
	return w.sealed == 1 ? len : w.sealed;
}

size_t rtc_srtp_protect_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len)
{
	return w.sealed ? len : 0;
}

size_t rtc_srtp_open_report(struct rtc_srtp *s, uint8_t *rtcp, size_t len)
{
	w.opened = len;
	return len;
}

/* --- the world --- */

static void on_send(struct rtc_media *m, struct rtc_bytes datagram)
{
	if (datagram.at[1] == REPORT) {
		w.reports++;
		memcpy(w.report, datagram.at, 28);
		return;
	}
	assert_true(datagram.len > 0 && datagram.len <= SEALED_MAX);
	assert_true(w.packets < ARRAY_LEN(w.sequence));
	w.sequence[w.packets++] = net_get16(datagram.at + 2);
	memcpy(w.packet, datagram.at, datagram.len);
}

static void on_wants_key(struct rtc_media *m, unsigned int track)
{
	w.wants_key |= 1U << track;
}

static const struct rtc_srtp_keys keys = { .profile = RTC_SRTP_AEAD_AES128 };

static int setup(void **state)
{
	static const struct rtc_media_events events = { .send = on_send,
							.wants_key =
								on_wants_key };

	memset(&w, 0, sizeof(w));
	now = (struct timespec){ 1000, 500000000 };
	w.sealed = 1;
	w.media.events = &events;
	w.media.counters = &w.counters;
	for (int i = 0; i < 3; i++)
		assert_num(rtc_media_add(&w.media, "id"), i);
	rtc_media_accept(&w.media, 0, 96, 0);
	rtc_media_accept(&w.media, 2, 96, 0);
	return 0;
}

static int teardown(void **state)
{
	rtc_media_fini(&w.media);
	rtc_media_fini(&w.media);
	assert_num(w.finished, 2);
	assert_num(w.media.n_tracks, 0);
	assert_false(w.media.started);
	return 0;
}

/* Of as many packets. */
static int send_frame(unsigned int track, unsigned int packets)
{
	static uint8_t data[300 * RTP_PACKET_MAX];
	const size_t room =
		RTP_PACKET_MAX - RTP_HEADER_LEN - RTP_VP8_DESCRIPTOR;

	return rtc_media_send(&w.media, track,
			      &(struct rtc_frame){ data, packets * room, 7 });
}

/* Feedback about a track: 1 and its numbers: lost; else: a key frame. */
static void feed_back(uint32_t ssrc, bool lost, uint16_t sequence,
		      uint16_t more)
{
	uint8_t packet[16] = { 0x81, lost ? 205 : 206, 0, lost ? 3 : 2 };

	net_put32(packet + 8, ssrc);
	net_put16(packet + 12, sequence);
	net_put16(packet + 14, more);
	rtc_media_input(&w.media, (struct rtc_bytes){ packet, lost ? 16 : 12 });
}

static uint32_t ssrc(unsigned int track)
{
	return rtc_media_ssrc(&w.media, track);
}

/* --- cases --- */

static void what_is_accepted_begins_when_there_are_keys(void **state)
{
	rtc_media_start(&w.media, &(struct rtc_srtp_keys){ 0 });
	assert_num(w.wants_key, 0);
	assert_rc(send_frame(0, 1), -ENOTCONN);
	rtc_media_start(&w.media, &keys);
	assert_num(w.wants_key, 1 | 1 << 2);
	w.wants_key = 0;
	rtc_media_start(&w.media, &keys);
	assert_num(w.wants_key, 0);
	assert_ok(send_frame(0, 1));
	assert_rc(send_frame(1, 1), -ENOTCONN);
	assert_rc(send_frame(3, 1), -ENOTCONN);
	assert_num(w.packets, 1);
	/* Both numbers begin at random; a picture's has 15 bits. */
	assert_num(w.sequence[0], FIRST);
	assert_num(net_get16(w.packet + RTP_HEADER_LEN + 2), FIRST);
}

static void expect_report(unsigned int reports, uint32_t packets)
{
	assert_num(w.reports, reports);
	assert_num(net_get32(w.report + 4), ssrc(0));
	assert_num(net_get32(w.report + 8), now.tv_sec + OF_1970);
	assert_num(net_get32(w.report + 12),
		   ((uint64_t)now.tv_nsec << 32) / 1000000000);
	assert_num(net_get32(w.report + 16), 7);
	assert_num(net_get32(w.report + 20), packets);
	assert_num(net_get32(w.report + 24),
		   packets * (RTP_PACKET_MAX - RTP_HEADER_LEN));
}

static void reports_are_a_second_apart(void **state)
{
	rtc_media_start(&w.media, &keys);
	assert_ok(send_frame(0, 3));
	expect_report(1, 0);
	now.tv_sec++;
	now.tv_nsec--;
	assert_ok(send_frame(0, 2));
	assert_num(w.reports, 1);
	now.tv_nsec++;
	assert_ok(send_frame(0, 1));
	expect_report(2, 5);
	now.tv_sec++;
	assert_ok(send_frame(0, 1));
	expect_report(3, 6);
	assert_num(w.packets, 7);
	assert_num(w.counters.packets_out, 7);
}

static void lost_packets_are_sent_again(void **state)
{
	static const uint16_t wanted[] = { 2, 3, 18 };

	rtc_media_start(&w.media, &keys);
	feed_back(ssrc(0), true, FIRST, 0);
	assert_ok(send_frame(0, 20));
	w.packets = 0;
	feed_back(ssrc(0), true, FIRST + 2, 0x8001);
	assert_num(w.packets, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_num(w.sequence[i], FIRST + wanted[i]);
	for (int i = 0; i < 4; i++)
		feed_back(ssrc(0), true, FIRST + 2, 0);
	assert_num(w.packets, 3 + 2);
	assert_num(w.counters.packets_resent, 5);
	assert_num(w.counters.packets_out, 20);
	feed_back(ssrc(0), true, FIRST + 20, 0);
	feed_back(ssrc(1), true, FIRST + 4, 0);
	feed_back(ssrc(2), true, FIRST + 4, 0);
	feed_back(ssrc(0) + 99, true, FIRST + 4, 0);
	assert_num(w.packets, 5);
}

static void only_the_last_packets_are_kept(void **state)
{
	rtc_media_start(&w.media, &keys);
	assert_ok(send_frame(0, RING + 1));
	w.packets = 0;
	feed_back(ssrc(0), true, FIRST, 0);
	assert_num(w.packets, 0);
	feed_back(ssrc(0), true, FIRST + 1, 0);
	feed_back(ssrc(0), true, FIRST + RING, 0);
	assert_num(w.packets, 2);
	/* What takes the place of one is another. */
	for (int i = 0; i < 3; i++)
		feed_back(ssrc(0), true, FIRST + 2, 0);
	assert_ok(send_frame(0, 2));
	w.packets = 0;
	feed_back(ssrc(0), true, FIRST + 2 + RING, 0);
	assert_num(w.packets, 1);
}

static void packet_that_cannot_be_sealed_is_lost(void **state)
{
	rtc_media_start(&w.media, &keys);
	assert_ok(send_frame(0, RING));
	w.packets = 0;
	w.sealed = 0;
	now.tv_sec += 9;
	assert_ok(send_frame(0, 1));
	w.sealed = SEALED_MAX + 1;
	assert_ok(send_frame(0, 1));
	assert_num(w.packets, 0);
	assert_num(w.reports, 1);
	/* As is what was in its place. */
	feed_back(ssrc(0), true, FIRST, 1);
	assert_num(w.packets, 0);
	w.sealed = SEALED_MAX;
	assert_ok(send_frame(0, 1));
	assert_num(w.packets, 1);
}

static void key_frame_is_wanted_of_its_track(void **state)
{
	rtc_media_start(&w.media, &keys);
	w.wants_key = 0;
	feed_back(ssrc(2), false, 0, 0);
	assert_num(w.wants_key, 1 << 2);
	feed_back(ssrc(1), false, 0, 0);
	feed_back(ssrc(0) + 99, false, 0, 0);
	assert_num(w.wants_key, 1 << 2);
	assert_num(w.counters.keys_wanted, 1);
	assert_num(w.counters.media_rejected, 0);
}

static void what_is_no_feedback_is_counted(void **state)
{
	static const uint8_t zeros[2049];

	feed_back(ssrc(0), false, 0, 0);
	assert_num(w.counters.media_rejected, 1);
	rtc_media_start(&w.media, &keys);
	rtc_media_input(&w.media, (struct rtc_bytes){ zeros, 2049 });
	assert_num(w.opened, 0);
	assert_num(w.counters.media_rejected, 2);
	rtc_media_input(&w.media, (struct rtc_bytes){ zeros, 2048 });
	assert_num(w.opened, 2048);
	assert_num(w.counters.media_rejected, 3);
}

static void tracks_are_limited(void **state)
{
	char id[34] = "";

	memset(id, 'x', 33);
	assert_rc(rtc_media_add(&w.media, id), -EINVAL);
	id[32] = '\0';
	assert_num(rtc_media_add(&w.media, id), 3);
	assert_string_equal(rtc_media_id(&w.media, 3), id);
	w.no_random = true;
	assert_rc(rtc_media_add(&w.media, "id"), -EIO);
	w.no_random = false;
	for (int i = 4; i < RTC_TRACKS_MAX; i++)
		assert_num(rtc_media_add(&w.media, "id"), i);
	assert_rc(rtc_media_add(&w.media, "id"), -EMFILE);
	rtc_media_start(&w.media, &keys);
	assert_rc(send_frame(RTC_TRACKS_MAX, 1), -ENOTCONN);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_is_accepted_begins_when_there_are_keys),
		T(reports_are_a_second_apart),
		T(lost_packets_are_sent_again),
		T(only_the_last_packets_are_kept),
		T(packet_that_cannot_be_sealed_is_lost),
		T(key_frame_is_wanted_of_its_track),
		T(what_is_no_feedback_is_counted),
		T(tracks_are_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

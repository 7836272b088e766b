/* SPDX-License-Identifier: Apache-2.0 */
/* Tracks of a peer, to a client that decrypts, loses and asks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "injector/rtc/rtc-rtcp.h"
#include "injector/video/video-encoder.h"
#include "tests/lib/rtc-world.h"
#include "tests/lib/video-client.h"

#define QUIET_MS 100

static struct video_client video;
static struct video_encoder encoder;
static struct video_picture picture;
static uint32_t now;

static int setup(void **state)
{
	const int r = rtc_world_setup(state);

	memset(&video, 0, sizeof(video));
	now = 0;
	assert_ok(video_picture_init(&picture, 64, 48));
	assert_ok(video_encoder_init(&encoder, 64, 48));
	return r;
}

static int teardown(void **state)
{
	video_client_fini(&video);
	video_encoder_fini(&encoder);
	video_picture_fini(&picture);
	return rtc_world_teardown(state);
}

static void make_peer(struct rtc_world *w, unsigned int n_tracks)
{
	char id[] = "display_0";

	assert_ok(rtc_peer_new(&w->owner.peer, w->rtc, &rtc_owner_events,
			       &w->owner));
	for (unsigned int i = 0; i < n_tracks; i++, id[8]++)
		assert_num(rtc_track_add(w->owner.peer, id), (int)i);
}

static void start(struct rtc_world *w)
{
	rtc_client_start(&w->client);
	assert_soon(w->loop, w->client.up && w->owner.n_connected);
}

/* We offer so many tracks, and the client takes n of them. */
static void connect_offered(struct rtc_world *w, unsigned int n_tracks,
			    unsigned int n)
{
	char *text;

	make_peer(w, n_tracks);
	text = rtc_peer_offer(w->owner.peer);
	assert_non_null(text);
	w->client.n_videos = n;
	if (n)
		video_client_init(&video, &w->client);
	rtc_client_init(&w->client, w->loop, text);
	free(text);
	rtc_world_accept(&w->owner, &w->client);
	start(w);
}

/* The client offers to take n, of which there are so many. */
static void connect_asked(struct rtc_world *w, unsigned int n_tracks,
			  unsigned int n)
{
	struct fault fault = { "" };
	char *answer;

	make_peer(w, n_tracks);
	w->client.n_videos = n;
	video_client_init(&video, &w->client);
	rtc_client_prepare(&w->client, w->loop);
	assert_ok(rtc_peer_answer(w->owner.peer, rtc_client_offer(&w->client),
				  &answer, &fault));
	rtc_client_take(&w->client, answer);
	free(answer);
	start(w);
}

/* Gray of this brightness. Return: as rtc_track_send(). */
static int send_picture(struct rtc_world *w, unsigned int track, uint8_t bright,
			bool key)
{
	struct video_frame f = { .time = now += 3000, .is_key = key };
	struct rtc_frame frame;

	video_picture_fill(&picture, video_picture_box(&picture),
			   (struct video_colour){ bright, 128, 128 });
	assert_ok(video_encoder_encode(&encoder, &picture, &f));
	frame = (struct rtc_frame){ f.data, f.len, f.time };
	return rtc_track_send(w->owner.peer, track, &frame);
}

static void expect_picture(uint8_t bright)
{
	video_client_expect(&video);
	assert_num(video.picture.width, 64);
	assert_num(video.picture.height, 48);
	assert_true(video_client_is(&video, 32, 24, bright));
}

static void a_client_sees_an_offered_track(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	assert_num(w->owner.n_wants_key, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	assert_num(video.n_keys, 1);
	assert_ok(send_picture(w, 0, 80, false));
	expect_picture(80);
	assert_num(video.n_keys, 1);
	assert_num(video.time, now);
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
}

static void a_client_asks_for_tracks(void **state)
{
	struct rtc_world *w = *state;

	connect_asked(w, 1, 1);
	assert_num(w->owner.n_wants_key, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
}

static void the_other_cipher_works(void **state)
{
	struct rtc_world *w = *state;

	w->client.srtp_profiles = "SRTP_AEAD_AES_128_GCM";
	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	video_client_ask_key(&video);
	assert_soon(w->loop, w->owner.n_wants_key == 2);
}

static void tracks_are_told_apart(void **state)
{
	struct rtc_world *w = *state;
	uint32_t first;

	connect_offered(w, 3, 3);
	assert_num(w->owner.n_wants_key, 3);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	first = video.ssrc;
	video.ssrc = video.n_packets = 0;
	assert_ok(send_picture(w, 2, 100, true));
	expect_picture(100);
	assert_true(video.ssrc != first);
	video_client_ask_key(&video);
	assert_soon(w->loop, w->owner.n_wants_key == 4);
	assert_num(w->owner.track, 2);
	assert_rc(send_picture(w, 3, 100, true), -ENOTCONN);
}

static void there_may_be_more_sections_than_tracks(void **state)
{
	struct rtc_world *w = *state;

	connect_asked(w, 1, 3);
	assert_num(w->owner.n_wants_key, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
}

static void there_may_be_more_tracks_than_sections(void **state)
{
	struct rtc_world *w = *state;

	connect_asked(w, 3, 1);
	assert_num(w->owner.n_wants_key, 1);
	assert_ok(send_picture(w, 0, 200, true));
	assert_rc(send_picture(w, 1, 200, true), -ENOTCONN);
	expect_picture(200);
}

static void a_client_without_video_gets_none(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 2, 0);
	assert_num(w->owner.n_wants_key, 0);
	assert_rc(send_picture(w, 0, 200, true), -ENOTCONN);
	rtc_world_assert_echo(w, rtc_world_open(w, "input"));
}

static void nothing_is_sent_before_the_handshake(void **state)
{
	struct rtc_world *w = *state;

	make_peer(w, 1);
	assert_rc(send_picture(w, 0, 200, true), -ENOTCONN);
	assert_rc(send_picture(w, 9, 200, true), -ENOTCONN);
}

static void a_lost_packet_is_sent_again(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	video.lose = 1;
	assert_ok(send_picture(w, 0, 80, false));
	assert_soon(w->loop, !video.lose);
	assert_ok(send_picture(w, 0, 80, false));
	assert_soon(w->loop, video.sequence == (uint16_t)(video.lost + 1));
	assert_num(video.n_repeated, 0);
	video_client_ask_lost(&video, video.lost);
	assert_soon(w->loop, video.n_repeated == 1);
	assert_num(rtc_counters(w->rtc)->packets_resent, 1);
	assert_num(video.n_wrong, 0);
}

/* Who always asks gets each packet a few times, not for ever. */
static void asking_again_has_an_end(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	for (int i = 0; i < 50; i++)
		video_client_ask_lost(&video, video.sequence);
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(rtc_counters(w->rtc)->packets_resent, 3);
	video_client_ask_lost(&video, (uint16_t)(video.sequence + 1));
	video_client_ask_lost(&video, (uint16_t)(video.sequence - 300));
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(rtc_counters(w->rtc)->packets_resent, 3);
	assert_num(rtc_counters(w->rtc)->media_rejected, 0);
}

static void a_key_frame_can_be_asked_for(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	video_client_ask_key(&video);
	assert_soon(w->loop, w->owner.n_wants_key == 2);
	video_client_ask_full(&video);
	assert_soon(w->loop, w->owner.n_wants_key == 3);
	assert_num(rtc_counters(w->rtc)->keys_wanted, 2);
	video.ssrc++;
	video_client_ask_key(&video);
	rtc_client_run(w->loop, QUIET_MS);
	assert_num(w->owner.n_wants_key, 3);
}

static void reports_tell_what_was_sent(void **state)
{
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	assert_num(video.n_reports, 1);
	assert_num(video.report[1], 200);
	assert_num(net_get32(video.report + 4), video.ssrc);
	assert_num(net_get32(video.report + 16), now);
	assert_num(net_get32(video.report + 20), 0);
	assert_ok(send_picture(w, 0, 200, false));
	expect_picture(200);
	assert_num(video.n_reports, 1);
}

static void garbage_is_counted(void **state)
{
	static const uint8_t pli[12] = { 0x81, 206, 0, 2 }, rtp[40] = { 0x80 };
	struct rtc_world *w = *state;
	const struct rtc_counters *counters = rtc_counters(w->rtc);

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	for (size_t len = 1; len < sizeof(rtp); len++)
		(void)!send(w->client.fd, rtp, len, 0);
	assert_soon(w->loop, counters->media_rejected == sizeof(rtp) - 1);
	video_client_send(&video, pli, sizeof(pli), true);
	assert_soon(w->loop, counters->media_rejected == sizeof(rtp));
	/* Authentic, and wrong. */
	video_client_send(&video, pli, 8, false);
	assert_soon(w->loop, counters->media_rejected == sizeof(rtp) + 1);
	assert_num(w->owner.n_wants_key, 1);
	assert_ok(send_picture(w, 0, 80, false));
	expect_picture(80);
}

/* libsrtp2 remembers each sender. */
static void senders_of_feedback_have_a_limit(void **state)
{
	uint8_t pli[12] = { 0x81, 206, 0, 2 };
	struct rtc_world *w = *state;
	const struct rtc_counters *counters = rtc_counters(w->rtc);

	connect_offered(w, 1, 1);
	assert_ok(send_picture(w, 0, 200, true));
	expect_picture(200);
	net_put32(pli + 8, video.ssrc);
	for (uint32_t i = 1; i <= 100; i++) {
		net_put32(pli + 4, i);
		video_client_send(&video, pli, sizeof(pli), false);
	}
	assert_soon(w->loop,
		    counters->keys_wanted + counters->media_rejected == 100);
	assert_num(counters->keys_wanted, RTC_SRTP_SENDERS_MAX);
	assert_num(w->owner.n_wants_key, RTC_SRTP_SENDERS_MAX + 1);
}

static void media_of_strangers_is_not_read(void **state)
{
	static const uint8_t pli[12] = { 0x81, 206, 0, 2 };
	struct rtc_world *w = *state;

	connect_offered(w, 1, 1);
	rtc_client_prepare(&w->second, w->loop);
	w->second.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_sys(sendto(w->second.fd, pli, sizeof(pli), 0,
			  (void *)&w->client.peer, w->client.peer_len));
	assert_soon(w->loop, rtc_counters(w->rtc)->unchecked == 1);
	assert_num(rtc_counters(w->rtc)->media_rejected, 0);
}

static void tracks_have_a_limit(void **state)
{
	struct rtc_world *w = *state;

	make_peer(w, RTC_TRACKS_MAX);
	assert_rc(rtc_track_add(w->owner.peer, "one_more"), -EMFILE);
	rtc_owner_free(&w->owner);
	make_peer(w, 0);
	assert_rc(rtc_track_add(w->owner.peer,
				"123456789012345678901234567890123"),
		  -EINVAL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_client_sees_an_offered_track),
		T(a_client_asks_for_tracks),
		T(the_other_cipher_works),
		T(tracks_are_told_apart),
		T(there_may_be_more_sections_than_tracks),
		T(there_may_be_more_tracks_than_sections),
		T(a_client_without_video_gets_none),
		T(nothing_is_sent_before_the_handshake),
		T(a_lost_packet_is_sent_again),
		T(asking_again_has_an_end),
		T(a_key_frame_can_be_asked_for),
		T(reports_tell_what_was_sent),
		T(garbage_is_counted),
		T(senders_of_feedback_have_a_limit),
		T(media_of_strangers_is_not_read),
		T(tracks_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

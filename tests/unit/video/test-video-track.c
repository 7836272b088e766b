/* SPDX-License-Identifier: Apache-2.0 */
/* A source's picture, the worker, the encoder, and what comes out of them. */
#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>
#include "injector/video/video-track.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "tests/lib/check.h"
#include "tests/lib/rtc-client.h"

#define QUIET_MS 100
#define TRIES	 20

static struct world {
	struct ev_loop *loop;
	struct video_worker worker;
	struct video_source source;
	struct video_track track;
	uint8_t bright, shown;
	unsigned int n_drawn, n_whole;

	unsigned int n_frames, n_keys, n_failed;
	double last, least; /* when frames were begun, in seconds */
	uint32_t time;
	bool stops;   /* when a frame comes */
	bool refuses; /* to draw */
	bool changes; /* while it draws */
	vpx_codec_ctx_t decoder;
	vpx_image_t *image;
} w;

static bool draw(struct video_source *s, struct video_picture *p, bool whole)
{
	if (w.changes)
		video_track_changed(&w.track);
	if (w.refuses || (!whole && w.shown == w.bright))
		return false;
	w.n_drawn++;
	w.n_whole += whole;
	w.shown = w.bright;
	video_picture_fill(p, video_picture_box(p),
			   (struct video_colour){ w.bright, 128, 128 });
	return true;
}

static void on_encoded(struct video_track *t, const struct video_frame *f)
{
	vpx_codec_iter_t iter = NULL;

	assert_true(f->len);
	assert_num(!(f->data[0] & 1), f->is_key);
	if (w.n_frames) {
		assert_true((int32_t)(f->time - w.time) > 0);
		if (t->sent - w.last < w.least)
			w.least = t->sent - w.last;
	}
	w.last = t->sent;
	w.time = f->time;
	w.n_frames++;
	w.n_keys += f->is_key;
	assert_ok(vpx_codec_decode(&w.decoder, f->data, (unsigned int)f->len,
				   NULL, 0));
	w.image = vpx_codec_get_frame(&w.decoder, &iter);
	assert_non_null(w.image);
	if (w.stops)
		video_track_stop(t);
}

static void on_failed(struct video_track *t)
{
	w.n_failed++;
}

static void set_size(uint16_t width, uint16_t height)
{
	w.source = (struct video_source){ width, height, draw };
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_NOENV);
	w.least = 9;
	w.bright = 60;
	assert_ok(vpx_codec_dec_init(&w.decoder, vpx_codec_vp8_dx(), NULL, 0));
	assert_ok(video_worker_start(&w.worker, w.loop));
	set_size(161, 99);
	w.track = (struct video_track){ .loop = w.loop,
					.worker = &w.worker,
					.source = &w.source,
					.encoded = on_encoded,
					.failed = on_failed };
	video_track_init(&w.track);
	return 0;
}

static int teardown(void **state)
{
	video_track_stop(&w.track);
	video_worker_stop(&w.worker);
	vpx_codec_destroy(&w.decoder);
	ev_loop_destroy(w.loop);
	return 0;
}

static int shown_brightness(void)
{
	assert_num(w.image->d_w, 161);
	assert_num(w.image->d_h, 99);
	return w.image->planes[0][50 * w.image->stride[0] + 80];
}

static void assert_shows(int bright)
{
	const int is = shown_brightness();

	if (abs(is - bright) > 8)
		fail_msg("brightness %d, not %d", is, bright);
}

static void the_first_frame_is_a_key_frame(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	assert_num(w.n_keys, 1);
	assert_num(w.n_whole, 1);
	assert_shows(60);
}

/* Whether it was asked for or not: the decoder knows no other. */
static void an_encoder_says_which_frames_are_key_frames(void **state)
{
	static struct video_picture picture;
	struct video_encoder encoder = VIDEO_ENCODER_NULL;
	struct video_frame first = { .time = 1 }, next = { .time = 4000 };

	assert_ok(video_encoder_init(&encoder, 64, 48));
	assert_ok(video_picture_init(&picture, 64, 48));
	video_picture_fill(&picture, video_picture_box(&picture),
			   (struct video_colour){ 60, 128, 128 });
	assert_ok(video_encoder_encode(&encoder, &picture, &first));
	assert_true(first.is_key);
	assert_ok(video_encoder_encode(&encoder, &picture, &next));
	assert_false(next.is_key);
	video_picture_fini(&picture);
	video_encoder_fini(&encoder);
}

/* The mean difference between two planes of a size. */
static double distance(const uint8_t *a, int stride, const uint8_t *b,
		       size_t width, size_t height)
{
	double sum = 0;

	for (size_t y = 0; y < height; y++)
		for (size_t x = 0; x < width; x++)
			sum += abs(a[y * (size_t)stride + x] -
				   b[y * width + x]);
	return sum / (double)(width * height);
}

/* Letters stay legible, in a picture whose sides are odd. */
static void what_is_decoded_looks_like_what_was_drawn(void **state)
{
	const size_t half = (161 + 1) / 2, n = half * ((99 + 1) / 2);
	struct video_encoder encoder;
	struct video_picture p;
	struct video_frame f = { .time = 1 };
	vpx_codec_iter_t iter = NULL;
	const vpx_image_t *image;

	srand(1);
	assert_ok(video_encoder_init(&encoder, 161, 99));
	assert_ok(video_picture_init(&p, 161, 99));
	for (size_t i = 0; i < 161 * 99; i++)
		p.y[i] = rand() & 0x100 ? 235 : 16;
	for (size_t i = 0; i < n; i++) {
		p.u[i] = (uint8_t)(i % half * 3);
		p.v[i] = (uint8_t)(i / half * 5);
	}
	assert_ok(video_encoder_encode(&encoder, &p, &f));
	assert_ok(vpx_codec_decode(&w.decoder, f.data, (unsigned int)f.len,
				   NULL, 0));
	image = vpx_codec_get_frame(&w.decoder, &iter);
	assert_non_null(image);
	assert_true(distance(image->planes[0], image->stride[0], p.y, 161, 99) <
		    15);
	assert_true(distance(image->planes[1], image->stride[1], p.u, half,
			     n / half) < 8);
	assert_true(distance(image->planes[2], image->stride[2], p.v, half,
			     n / half) < 8);
	video_picture_fini(&p);
	video_encoder_fini(&encoder);
	assert_null(encoder.codec);
	video_encoder_fini(&encoder);
}

static void nothing_happens_before_somebody_watches(void **state)
{
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames + w.n_drawn, 0);
}

/* Return: after how many seconds the frame of another picture was there. */
static double change_and_wait(unsigned int bright)
{
	const unsigned int n = w.n_frames;
	double begin;

	w.bright = bright;
	begin = clock_s();
	assert_soon(w.loop, w.n_frames > n && w.shown == bright);
	return clock_s() - begin;
}

/* Sooner than it would be shown again anyway; more than once if we are late. */
static void a_change_is_shown_soon(void **state)
{
	double least = VIDEO_STILL_S;

	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	for (int i = 0; i < TRIES && least > VIDEO_STILL_S / 2; i++) {
		const double s = change_and_wait(i % 2 ? 100 : 200);

		if (s < least)
			least = s;
	}
	assert_true(least <= VIDEO_STILL_S / 2);
	assert_num(w.n_keys, 1);
}

/* As a timer's is that counts from when the loop woke. */
static void a_look_that_is_too_early_is_soon_another(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	ev_now_update(w.loop);
	ev_timer_again(w.loop, &w.track.tick);
	w.track.not_before = clock_s() + 0.001;
	ev_invoke(w.loop, &w.track.tick, EV_TIMER);
	assert_true(ev_timer_remaining(w.loop, &w.track.tick) <
		    VIDEO_TICK_S / 2);
}

static void a_still_picture_has_few_frames(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 4);
	assert_num(w.n_drawn, 1);
	assert_true(w.least > VIDEO_STILL_S * 0.99);
}

static void a_still_picture_rests_at_last(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	for (unsigned int i = 1; i <= VIDEO_STILLS; i++)
		assert_soon(w.loop, w.n_frames == i);
	w.least = 9;
	assert_soon(w.loop, w.n_frames == VIDEO_STILLS + 1);
	assert_true(w.least > VIDEO_REST_S * 0.99);
	w.bright = 200;
	assert_soon(w.loop, w.n_frames == VIDEO_STILLS + 2);
	assert_true(w.track.n_stills < VIDEO_STILLS);
	assert_shows(200);
}

static void key_frames_that_are_asked_for_have_a_rate(void **state)
{
	const double begin = clock_s();

	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	for (int i = 0; i < 10; i++)
		assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_keys == 2);
	assert_true(clock_s() - begin >= VIDEO_KEY_S);
	rtc_client_run(w.loop, (unsigned int)(VIDEO_KEY_S * 2000));
	assert_num(w.n_keys, 2);
}

static void it_can_be_stopped_and_begun_again(void **state)
{
	for (unsigned int i = 1; i <= 10; i++) {
		assert_ok(video_track_want_key(&w.track));
		assert_soon(w.loop, w.n_frames == i);
		video_track_stop(&w.track);
		video_track_stop(&w.track);
	}
	assert_num(w.n_keys, 10);
	assert_num(w.n_whole, 10);
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames, 10);
}

/* While the worker has the picture. */
static void it_can_be_stopped_at_any_time(void **state)
{
	set_size(1920, 1080);
	for (int i = 0; i < 20; i++) {
		assert_ok(video_track_want_key(&w.track));
		rtc_client_run(w.loop, (unsigned int)i % 4);
		video_track_stop(&w.track);
	}
	w.n_frames = 0;
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames, 0);
}

static void a_frame_may_be_the_last(void **state)
{
	w.stops = true;
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames, 1);
	assert_null(w.track.encoding);
}

static void all_ends_while_a_frame_is_encoded(void **state)
{
	set_size(1920, 1080);
	assert_ok(video_track_want_key(&w.track));
	while (!w.n_drawn)
		ev_run(w.loop, EVRUN_ONCE);
	video_track_stop(&w.track);
	video_worker_stop(&w.worker);
}

static void a_size_that_is_none_is_an_error(void **state)
{
	set_size(100, 0);
	assert_rc(video_track_want_key(&w.track), -EINVAL);
	set_size(100, VIDEO_SIZE_MAX + 1);
	assert_rc(video_track_want_key(&w.track), -EINVAL);
	assert_null(w.track.encoding);
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames + w.n_failed, 0);
}

static void nothing_is_shown_before_there_is_something(void **state)
{
	set_size(0, 0);
	assert_ok(video_track_want_key(&w.track));
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames + w.n_drawn, 0);
	set_size(161, 99);
	video_track_changed(&w.track);
	assert_soon(w.loop, w.n_frames == 1);
	assert_num(w.n_keys, 1);
	assert_shows(60);
}

/* Nor is it what was never drawn. */
static void nothing_is_shown_before_it_is_drawn(void **state)
{
	w.refuses = true;
	assert_ok(video_track_want_key(&w.track));
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.n_frames, 0);
	w.refuses = false;
	assert_soon(w.loop, w.n_frames == 1);
	assert_num(w.n_whole, 1);
	assert_shows(60);
}

static void a_size_may_change(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	assert_shows(60);
	set_size(64, 200);
	assert_soon(w.loop, w.image->d_w == 64);
	assert_num(w.image->d_h, 200);
	assert_num(w.n_keys, 2);
	assert_num(w.n_whole, 2);
	set_size(VIDEO_SIZE_MAX + 1, 200);
	assert_soon(w.loop, w.n_failed);
	assert_null(w.track.encoding);
}

/* One frame is not begun within another. */
static void a_source_may_change_while_it_draws(void **state)
{
	w.changes = true;
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames);
	for (int i = 0; i < 4; i++) {
		w.bright ^= 100;
		assert_soon(w.loop, abs(shown_brightness() - w.bright) <= 8);
	}
}

/* While a frame is encoded, too; and not in more frames than there may be. */
static void a_source_may_tell_of_its_changes(void **state)
{
	assert_ok(video_track_want_key(&w.track));
	assert_soon(w.loop, w.n_frames == 1);
	for (unsigned int i = 2; i < 20; i++) {
		w.bright ^= 100;
		video_track_changed(&w.track);
		w.bright ^= 3;
		video_track_changed(&w.track);
		assert_soon(w.loop, w.shown == w.bright && w.n_frames >= i);
	}
	assert_true(w.least > VIDEO_FRAME_S * 0.99);
	video_track_stop(&w.track);
	video_track_changed(&w.track);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_frame_is_a_key_frame),
		T(an_encoder_says_which_frames_are_key_frames),
		T(what_is_decoded_looks_like_what_was_drawn),
		T(nothing_happens_before_somebody_watches),
		T(a_change_is_shown_soon),
		T(a_look_that_is_too_early_is_soon_another),
		T(a_still_picture_has_few_frames),
		T(a_still_picture_rests_at_last),
		T(key_frames_that_are_asked_for_have_a_rate),
		T(it_can_be_stopped_and_begun_again),
		T(it_can_be_stopped_at_any_time),
		T(a_frame_may_be_the_last),
		T(all_ends_while_a_frame_is_encoded),
		T(a_size_that_is_none_is_an_error),
		T(nothing_is_shown_before_there_is_something),
		T(nothing_is_shown_before_it_is_drawn),
		T(a_size_may_change),
		T(a_source_may_change_while_it_draws),
		T(a_source_may_tell_of_its_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures that vinput-stream sends, in its sandbox: a client decrypts and
 * decodes them, and looks whether they show what is true.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/base/clock.h"
#include "tests/lib/rtc-cuttlefish.h"
#include "tests/lib/usage.h"
#include "tests/lib/video-rig.h"

#define WIDTH	 720
#define HEIGHT	 1280
#define QUIET_MS 200

/* Brightness of the card: its ground, and a dot's rim. */
#define GROUND 40
#define RIM    235
/* Pixels from the middle of a dot, of which the rim is the last. */
#define RADIUS 29

static struct video_rig w;
static struct rtc_cuttlefish cuttlefish;

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	memset(&cuttlefish, 0, sizeof(cuttlefish));
	cuttlefish.web.fd = -1;
	video_rig_init(&w);
	return 0;
}

static int teardown(void **state)
{
	rtc_cuttlefish_fini(&cuttlefish);
	return video_rig_fini(&w);
}

static void start(unsigned int n_devices)
{
	video_rig_start(&w, n_devices);
}

static void watch(unsigned int n, const char *id)
{
	video_rig_watch(&w, w.t->url[0], n, id);
}

static void leave(void)
{
	video_rig_leave(&w);
}

/* A touchscreen, and a client that sees it. */
static void start_watching(void)
{
	launch_arg(w.launch, "--display=%dx%d", WIDTH, HEIGHT);
	start(1);
	watch(1, "display_0");
	video_client_expect(&w.video);
}

/* The picture shows that sooner or later. */
static void expect_bright(int x, int y, int bright)
{
	assert_soon(w.loop, video_client_is(&w.video, x, y, bright));
}

static void expect_dot(int x, int y)
{
	expect_bright(x + RADIUS, y, RIM);
	expect_bright(x - RADIUS, y, RIM);
	expect_bright(x, y + RADIUS, RIM);
	assert_false(video_client_is(&w.video, x, y, GROUND));
	assert_false(video_client_is(&w.video, x, y, RIM));
}

static void picture_shows_the_contacts(void **state)
{
	struct web_client *c = &w.t->client[0];

	start_watching();
	assert_num(w.video.picture.width, WIDTH);
	assert_num(w.video.picture.height, HEIGHT);
	assert_num(w.video.n_keys, 1);
	expect_bright(150, 850, GROUND);
	web_client_send(c, "{'type':'touch','contacts':["
			   "{'id':1,'down':true,'x':0.2,'y':0.7},"
			   "{'id':2,'down':true,'x':1,'y':0}]}");
	expect_dot(144, 895);
	expect_bright(WIDTH - 1 - RADIUS, 0, RIM);
	web_client_send(c, "{'type':'touch','contacts':["
			   "{'id':1,'down':false}]}");
	expect_bright(144, 895, GROUND);
	expect_bright(WIDTH - 1 - RADIUS, 0, RIM);
}

static void each_touchscreen_has_its_picture(void **state)
{
	launch_arg(w.launch, "--display=%dx%d", WIDTH, HEIGHT);
	launch_arg(w.launch, "--keyboard");
	launch_arg(w.launch, "--display=321x201");
	start(3);
	watch(4, "display_0");
	stream_wait_counter(w.t, "views", 2);
	video_client_expect(&w.video);
	assert_num(w.video.picture.width, WIDTH);
	leave();
	watch(2, "display_1");
	video_client_expect(&w.video);
	assert_num(w.video.picture.width, 321);
	assert_num(w.video.picture.height, 201);
}

/* A picture that would be too large is smaller, and so are positions in it. */
static void large_touchscreen_has_a_smaller_picture(void **state)
{
	launch_arg(w.launch, "--display=8192x512");
	start(1);
	watch(1, "display_0");
	video_client_expect(&w.video);
	assert_num(w.video.picture.width, 4096);
	assert_num(w.video.picture.height, 256);
	web_client_send(&w.t->client[0],
			"{'type':'touch','contacts':["
			"{'id':1,'down':true,'x':0.5,'y':0.25}]}");
	expect_bright(2048 + 11, 64, RIM);
	expect_bright(2048 - 10, 64, RIM);
}

static void pictures_need_a_touchscreen(void **state)
{
	launch_arg(w.launch, "--keyboard");
	start(1);
	watch(1, "display_0");
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.video.n_packets + w.video.n_reports, 0);
	stream_wait_counter(w.t, "views", 0);
}

static void picture_ends_with_its_device(void **state)
{
	unsigned int n;

	start_watching();
	launch_expect_ok(launch_order(w.launch, "{\"command\": \"remove\","
						" \"label\": \"touch_0\"}"));
	stream_wait_counter(w.t, "views", 0);
	rtc_client_run(w.loop, QUIET_MS);
	n = w.video.n_packets;
	video_client_ask_key(&w.video);
	rtc_client_run(w.loop, QUIET_MS);
	assert_num(w.video.n_packets, n);
}

static void key_frame_comes_when_asked_for(void **state)
{
	start_watching();
	video_client_expect(&w.video);
	assert_num(w.video.n_keys, 1);
	video_client_ask_key(&w.video);
	assert_soon(w.loop, w.video.n_keys == 2);
	stream_wait_counter(w.t, "key_frames", 2);
	stream_wait_counter(w.t, "rtc_keys_wanted", 1);
}

static void lost_packet_is_sent_again(void **state)
{
	start_watching();
	w.video.lose = 1;
	assert_soon(w.loop, !w.video.lose);
	assert_soon(w.loop, w.video.sequence == (uint16_t)(w.video.lost + 1));
	video_client_ask_lost(&w.video, w.video.lost);
	assert_soon(w.loop, w.video.n_repeated == 1);
	stream_wait_counter(w.t, "rtc_packets_resent", 1);
	assert_num(w.video.n_wrong, 0);
}

static void garbage_disturbs_nobody(void **state)
{
	static const uint8_t garbage[400] = { 0x80, 200, 0, 6 };

	start_watching();
	for (size_t len = 1; len < sizeof(garbage); len += 7)
		(void)!send(w.peer.fd, garbage, len, 0);
	stream_wait_counter(w.t, "rtc_media_rejected",
			    (sizeof(garbage) - 1 + 6) / 7);
	video_client_ask_key(&w.video);
	assert_soon(w.loop, w.video.n_keys == 2);
}

/* --- what it costs --- */

/* libwebsockets may wake up once, when a connection's time is over. */
static void expect_sleep(pid_t pid)
{
	long sleeps;

	usage_wait_rest(pid);
	sleeps = usage_sleeps(pid);
	rtc_client_run(w.loop, 1000);
	assert_true(usage_sleeps(pid) - sleeps <= 1);
}

static void nothing_is_encoded_for_nobody(void **state)
{
	struct usage before;
	pid_t pid;

	launch_arg(w.launch, "--display=1920x1080");
	start(1);
	pid = w.t->p.pid;
	/* What is loaded and allocated once. */
	watch(1, "display_0");
	video_client_expect(&w.video);
	leave();
	stream_wait_counter(w.t, "clients", 0);
	before = usage_at_rest(pid);
	for (int i = 0; i < 3; i++) {
		watch(1, "display_0");
		video_client_expect(&w.video);
		assert_true(usage_threads(pid) <= 3);
		leave();
		stream_wait_counter(w.t, "clients", 0);
	}
	stream_wait_counter(w.t, "views", 0);
	assert_usage_as(pid, &before);
	expect_sleep(pid);
}

static void still_picture_costs_little(void **state)
{
	int64_t cpu;

	start_watching();
	rtc_client_run(w.loop, 500);
	cpu = usage_cpu_ns(w.t->p.pid);
	rtc_client_run(w.loop, 2000);
	cpu = usage_cpu_ns(w.t->p.pid) - cpu;
	if (cpu > INT64_C(400000000))
		fail_msg("%lld ms in two seconds", (long long)cpu / 1000000);
}

/* --- Cuttlefish's client --- */

static void cuttlefishs_client_sees_its_display(void **state)
{
	struct rtc_cuttlefish *c = &cuttlefish;
	char page[TEMP_DIR_LEN + 16];

	snprintf(page, sizeof(page), "%s/client.html", w.t->dir);
	file_write(page, "<html></html>");
	process_arg(&w.t->p, "--client=%s", w.t->dir);
	launch_arg(w.launch, "--display=%dx%d", WIDTH, HEIGHT);
	start(1);
	rtc_cuttlefish_init(c, w.loop, w.t->url[0]);
	c->peer.n_videos = 1;
	video_client_init(&w.video, &c->peer);
	rtc_cuttlefish_by_websocket(c);
	rtc_cuttlefish_connect(c);
	video_client_expect(&w.video);
	assert_num(w.video.picture.width, WIDTH);
	rtc_cuttlefish_input(c, "{'type':'multi-touch','id':[0],'x':[100],"
				"'y':[900],'down':1,"
				"'device_label':'display_0'}");
	expect_dot(100, 900);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		T(picture_shows_the_contacts),
		T(each_touchscreen_has_its_picture),
		T(large_touchscreen_has_a_smaller_picture),
		T(pictures_need_a_touchscreen),
		T(picture_ends_with_its_device),
		T(key_frame_comes_when_asked_for),
		T(lost_packet_is_sent_again),
		T(garbage_disturbs_nobody),
		T(nothing_is_encoded_for_nobody),
		T(still_picture_costs_little),
		T(cuttlefishs_client_sees_its_display),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The screens of VNC servers as video of vinput-stream, in its sandbox: what a
 * server of the test's own paints is what a client decodes, and looking is all
 * that the server sees of it.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "injector/rfb/rfb-wire.h"
#include "tests/lib/fake-vnc.h"
#include "tests/lib/usage.h"
#include "tests/lib/video-rig.h"

#define LITERAL(text) (text), sizeof(text) - 1

/* The fake server's screen. */
#define WIDTH  64
#define HEIGHT 48

/* Of a touchscreen. */
#define TOUCH_WIDTH  720
#define TOUCH_HEIGHT 1280

#define FORMAT "\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"
#define ENCODINGS                                                          \
	"\2\0\0\x09\0\0\0\0\0\0\0\x10\0\0\0\1\xff\xff\xff\x20"             \
	"\xff\xff\xff\x21\xff\xff\xfe\xcc\xff\xff\xff\x11\xff\xff\xff\x18" \
	"\x57\x4d\x56\x66"
#define ALL    "\3\0\0\0\0\0\0\x40\0\x30"
#define CHANGE "\3\1\0\0\0\0\0\x40\0\x30"

/* BT.601, of full colours, and so far may a pixel be off. */
struct colour {
	uint8_t blue, green, red, y, u, v;
};
static const struct colour red = { 0, 0, 255, 81, 90, 240 };
static const struct colour green = { 0, 255, 0, 145, 54, 34 };
static const struct colour blue = { 255, 0, 0, 41, 240, 110 };
static const struct colour white = { 255, 255, 255, 235, 128, 128 };
#define OFF 20

static struct video_rig w;
static struct fake_vnc vnc[2];
static char path[2][TEMP_DIR_LEN + 16];

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	video_rig_init(&w);
	for (int i = 0; i < 2; i++) {
		vnc[i] = FAKE_VNC_NULL;
		snprintf(path[i], sizeof(path[i]), "%s/vnc%d", w.t->dir, i);
	}
	return 0;
}

static int teardown(void **state)
{
	const int r = video_rig_fini(&w);

	for (int i = 0; i < 2; i++) {
		fake_vnc_close(&vnc[i]);
		unlink(path[i]);
	}
	return r;
}

/* With a keyboard, and the displays of so many VNC servers. */
static void start(unsigned int n_displays)
{
	launch_arg(w.launch, "--keyboard");
	for (unsigned int i = 0; i < n_displays; i++)
		process_arg(&w.t->p, "--display=unix:%s", path[i]);
	video_rig_start(&w, 1);
}

static void watch(const char *id)
{
	video_rig_watch(&w, w.t->url[0], 2, id);
}

/* --- what a server says --- */

#define RECT 12 /* its head's bytes */

static void put_rect(uint8_t *at, struct box box, int32_t encoding)
{
	net_put16(at, (uint16_t)box.left);
	net_put16(at + 2, (uint16_t)box.top);
	net_put16(at + 4, (uint16_t)(box.right - box.left));
	net_put16(at + 6, (uint16_t)(box.bottom - box.top));
	net_put32(at + 8, (uint32_t)encoding);
}

static void say_rect(struct fake_vnc *v, struct box box, int32_t encoding)
{
	uint8_t update[4 + RECT] = { RFB_UPDATE, 0, 0, 1 };

	put_rect(update + 4, box, encoding);
	fake_vnc_send(v, update, sizeof(update));
}

static void say_pixels(struct fake_vnc *v, struct box box,
		       const struct colour *c)
{
	static uint8_t pixels[4 * 200 * 200];
	const size_t n =
		(size_t)(box.right - box.left) * (size_t)(box.bottom - box.top);

	assert_true(4 * n <= sizeof(pixels));
	for (size_t i = 0; i < n; i++)
		memcpy(pixels + 4 * i,
		       (uint8_t[]){ c->blue, c->green, c->red, 0x55 }, 4);
	fake_vnc_send(v, pixels, 4 * n);
}

static void paint(struct fake_vnc *v, struct box box, const struct colour *c)
{
	say_rect(v, box, RFB_RAW);
	say_pixels(v, box, c);
}

static void say_cursor(struct fake_vnc *v)
{
	uint8_t shape[4 * 16 * 16 + 2 * 16];

	memset(shape, 0xff, sizeof(shape));
	say_rect(v, (struct box){ 0, 0, 16, 16 }, RFB_CURSOR);
	fake_vnc_send(v, shape, sizeof(shape));
}

static const struct box whole = { 0, 0, WIDTH, HEIGHT };

/* A client of ours is greeted, and gets a screen of one colour. */
static void serve(struct fake_vnc *v, const struct colour *c)
{
	fake_vnc_accept(v);
	fake_vnc_greet(v);
	fake_vnc_expect(v, LITERAL(FORMAT ENCODINGS ALL));
	/* As QEMU: first the size alone, which is no picture. */
	say_rect(v, whole, RFB_DESKTOP_SIZE);
	fake_vnc_expect(v, LITERAL(ALL));
	paint(v, whole, c);
}

/* --- what a client sees --- */

static bool sees(int x, int y, const struct colour *c)
{
	const struct video_picture *p = &w.video.picture;
	const int half = (p->width + 1) / 2;
	const int at = y / 2 * half + x / 2;

	return x < p->width && y < p->height &&
	       abs(p->y[y * p->width + x] - c->y) <= OFF &&
	       abs(p->u[at] - c->u) <= OFF && abs(p->v[at] - c->v) <= OFF;
}

static void expect_colour(int x, int y, const struct colour *c)
{
	assert_soon(w.loop, sees(x, y, c));
}

static void expect_size(int width, int height)
{
	assert_soon(w.loop, w.video.picture.width == width &&
				    w.video.picture.height == height);
}

static void expect_another_key(void)
{
	const unsigned int n = w.video.n_keys;

	video_client_ask_key(&w.video);
	assert_soon(w.loop, w.video.n_keys > n);
}

/* --- the picture --- */

static void what_a_server_paints_is_seen(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	expect_colour(WIDTH / 2, HEIGHT / 2, &red);
	assert_num(w.video.picture.width, WIDTH);
	assert_num(w.video.picture.height, HEIGHT);
	/* Nothing else was shown before. */
	assert_num(w.video.n_keys, 1);
	fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
	paint(&vnc[0], (struct box){ 32, 0, 64, 24 }, &green);
	expect_colour(48, 12, &green);
	expect_colour(16, 12, &red);
	expect_colour(48, 36, &red);
	assert_num(w.video.n_keys, 1);
	assert_true(usage_threads(w.t->p.pid) <= 3);
}

static void packed_pixels_are_seen(void **state)
{
	/* One tile of one colour: blue, green, red. */
	static const uint8_t tile[] = { 1, 255, 0, 0 };
	uint8_t data[4 + 64];
	uLongf len = sizeof(data) - 4;

	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	assert_num(compress(data + 4, &len, tile, sizeof(tile)), Z_OK);
	/* Without the stream's end. */
	len -= 4;
	net_put32(data, (uint32_t)len);
	say_rect(&vnc[0], whole, RFB_ZRLE);
	fake_vnc_send(&vnc[0], data, 4 + len);
	expect_colour(WIDTH / 2, HEIGHT / 2, &blue);
}

static void picture_has_the_servers_size(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	expect_size(WIDTH, HEIGHT);
	fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
	say_rect(&vnc[0], (struct box){ 0, 0, 101, 75 }, RFB_DESKTOP_SIZE);
	fake_vnc_expect(&vnc[0], LITERAL("\3\0\0\0\0\0\0\x65\0\x4b"));
	/* There is nothing of it yet: what was shown remains. */
	video_client_ask_key(&w.video);
	assert_soon(w.loop, w.video.n_keys == 2);
	assert_num(w.video.picture.width, WIDTH);
	paint(&vnc[0], (struct box){ 0, 0, 101, 75 }, &green);
	expect_size(101, 75);
	expect_colour(100, 74, &green);
	expect_colour(0, 0, &green);
}

/* Which begins in what is read with the size. */
static void another_size_is_asked_for_after_a_clipboard(void **state)
{
	const struct box large = { 0, 0, 101, 75 };
	uint8_t bytes[4 + RECT + 4] = { RFB_UPDATE, 0, 0, 1 };

	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
	put_rect(bytes + 4, large, RFB_DESKTOP_SIZE);
	bytes[4 + RECT] = RFB_SERVER_CUT_TEXT;
	fake_vnc_send(&vnc[0], bytes, sizeof(bytes));
	fake_vnc_expect_nothing(&vnc[0]);
	fake_vnc_send(&vnc[0], LITERAL("\0\0\0\5hello"));
	fake_vnc_expect(&vnc[0], LITERAL("\3\0\0\0\0\0\0\x65\0\x4b"));
	paint(&vnc[0], large, &green);
	expect_size(101, 75);
}

/* Its size came, and its pixels did not. */
static void picture_changes_with_a_whole_update(void **state)
{
	const struct box large = { 0, 0, 101, 75 };
	const struct box small = { 0, 0, 33, 31 };
	uint8_t update[4 + RECT] = { RFB_UPDATE, 0, 0, 2 };
	uint8_t raw[RECT];

	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	say_rect(&vnc[0], large, RFB_DESKTOP_SIZE);
	paint(&vnc[0], large, &green);
	say_cursor(&vnc[0]);
	say_rect(&vnc[0], (struct box){ 90, 70, 90, 70 }, RFB_POINTER_POSITION);
	expect_colour(95, 72, &white);
	put_rect(update + 4, small, RFB_DESKTOP_SIZE);
	fake_vnc_send(&vnc[0], update, sizeof(update));
	expect_another_key();
	assert_num(w.video.picture.width, 101);
	assert_true(sees(5, 5, &green));
	put_rect(raw, small, RFB_RAW);
	fake_vnc_send(&vnc[0], raw, sizeof(raw));
	say_pixels(&vnc[0], small, &blue);
	expect_size(33, 31);
	expect_colour(32, 30, &blue);
}

static void each_server_has_its_picture(void **state)
{
	for (int i = 0; i < 2; i++)
		fake_vnc_listen(&vnc[i], path[i]);
	start(2);
	watch("display_1");
	serve(&vnc[0], &red);
	serve(&vnc[1], &green);
	expect_colour(WIDTH / 2, HEIGHT / 2, &green);
	video_rig_leave(&w);
	watch("display_0");
	serve(&vnc[0], &red);
	serve(&vnc[1], &green);
	expect_colour(WIDTH / 2, HEIGHT / 2, &red);
}

/* --- the cursor --- */

static void cursor_is_where_the_server_says(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &blue);
	expect_colour(20, 20, &blue);
	say_cursor(&vnc[0]);
	say_rect(&vnc[0], (struct box){ 10, 10, 10, 10 }, RFB_POINTER_POSITION);
	expect_colour(18, 18, &white);
	expect_colour(40, 30, &blue);
	say_rect(&vnc[0], (struct box){ 40, 20, 40, 20 }, RFB_CURSOR_POSITION);
	expect_colour(48, 28, &white);
	expect_colour(18, 18, &blue);
}

static void cursor_is_where_a_client_has_put_it(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	launch_arg(w.launch, "--tablet");
	launch_arg(w.launch, "--keyboard");
	process_arg(&w.t->p, "--display=unix:%s", path[0]);
	video_rig_start(&w, 2);
	watch("display_0");
	serve(&vnc[0], &blue);
	say_cursor(&vnc[0]);
	expect_colour(40, 30, &blue);
	web_client_send(&w.t->client[0], "{'type':'position','x':0.5,'y':0.5}");
	expect_colour(40, 32, &white);
	expect_colour(20, 10, &blue);
	web_client_send(&w.t->client[0], "{'type':'position','x':0,'y':0}");
	expect_colour(8, 8, &white);
	expect_colour(40, 32, &blue);
}

/* By other means than ours; it is drawn before it is moved again. */
static void cursor_is_where_it_was_put_last(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	launch_arg(w.launch, "--tablet");
	process_arg(&w.t->p, "--display=unix:%s", path[0]);
	video_rig_start(&w, 1);
	watch("display_0");
	serve(&vnc[0], &blue);
	say_cursor(&vnc[0]);
	web_client_send(&w.t->client[0], "{'type':'position','x':0,'y':0}");
	expect_colour(8, 8, &white);
	say_rect(&vnc[0], (struct box){ 40, 20, 40, 20 }, RFB_POINTER_POSITION);
	expect_colour(52, 22, &white);
	expect_colour(8, 8, &blue);
	web_client_send(&w.t->client[0], "{'type':'position','x':0.5,'y':0.5}");
	expect_colour(36, 38, &white);
	expect_colour(52, 22, &blue);
}

/* --- what reaches a server --- */

static void only_looking_reaches_the_server(void **state)
{
	struct web_client *c = &w.t->client[0];

	fake_vnc_listen(&vnc[0], path[0]);
	launch_arg(w.launch, "--display=%dx%d", TOUCH_WIDTH, TOUCH_HEIGHT);
	launch_arg(w.launch, "--keyboard");
	launch_arg(w.launch, "--mouse");
	process_arg(&w.t->p, "--display=unix:%s", path[0]);
	video_rig_start(&w, 3);
	watch("display_0");
	serve(&vnc[0], &red);
	expect_colour(WIDTH / 2, HEIGHT / 2, &red);
	fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	web_client_send(c, "{'type':'motion','x':3,'y':4}");
	web_client_send(c, "{'type':'button','button':0,'down':true}");
	web_client_send(c, "{'type':'text','text':'Hi'}");
	web_client_send(c, "{'type':'touch','contacts':["
			   "{'id':1,'down':true,'x':0.2,'y':0.7}]}");
	video_client_ask_key(&w.video);
	assert_soon(w.loop, w.video.n_keys == 2);
	fake_vnc_expect_nothing(&vnc[0]);
	/* What the server says besides its picture is not for anybody. */
	fake_vnc_send(&vnc[0], LITERAL("\2\3\0\0\0\0\0\0\5hello"));
	paint(&vnc[0], whole, &green);
	expect_colour(WIDTH / 2, HEIGHT / 2, &green);
	fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
	fake_vnc_expect_nothing(&vnc[0]);
}

static bool has_viewer(struct fake_vnc *v)
{
	struct pollfd p = { .fd = v->listener, .events = POLLIN };

	rtc_client_run(w.loop, 200);
	return poll(&p, 1, 0) == 1;
}

static void server_is_asked_only_while_somebody_watches(void **state)
{
	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	web_client_start(&w.t->client[1], w.t->url[0]);
	assert_false(has_viewer(&vnc[0]));
	for (int i = 0; i < 2; i++) {
		watch("display_0");
		serve(&vnc[0], &red);
		expect_colour(WIDTH / 2, HEIGHT / 2, &red);
		video_rig_leave(&w);
		fake_vnc_expect(&vnc[0], LITERAL(CHANGE));
		fake_vnc_expect_end(&vnc[0]);
		assert_false(has_viewer(&vnc[0]));
	}
}

static void all_who_watch_have_one_connection(void **state)
{
	static struct rtc_client peer;
	static struct video_client video;

	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	serve(&vnc[0], &red);
	expect_colour(WIDTH / 2, HEIGHT / 2, &red);
	peer.n_videos = 1;
	web_client_start(&w.t->client[1], w.t->url[0]);
	video_client_init(&video, &peer);
	rtc_web_connect(&w.t->client[1], &peer, w.loop);
	assert_soon(w.loop, video.n_pictures);
	stream_wait_counter(w.t, "views", 2);
	assert_false(has_viewer(&vnc[0]));
	paint(&vnc[0], whole, &green);
	expect_colour(WIDTH / 2, HEIGHT / 2, &green);
	video_client_fini(&video);
	rtc_client_fini(&peer);
	web_client_close(&w.t->client[1]);
	stream_wait_counter(w.t, "views", 1);
	paint(&vnc[0], whole, &blue);
	expect_colour(WIDTH / 2, HEIGHT / 2, &blue);
}

/* --- servers that are not there, or lie --- */

static void server_may_come_late_and_go(void **state)
{
	start(1);
	watch("display_0");
	/* A card says so. */
	expect_size(640, 480);
	process_expect_log(&w.t->p, "is not running");
	for (int i = 0; i < 2; i++) {
		fake_vnc_listen(&vnc[0], path[0]);
		serve(&vnc[0], i ? &green : &red);
		expect_size(WIDTH, HEIGHT);
		expect_colour(WIDTH / 2, HEIGHT / 2, i ? &green : &red);
		fake_vnc_close(&vnc[0]);
		unlink(path[0]);
		expect_size(640, 480);
	}
}

static void card_has_the_touchscreens_size(void **state)
{
	launch_arg(w.launch, "--display=%dx%d", TOUCH_WIDTH, TOUCH_HEIGHT);
	process_arg(&w.t->p, "--display=unix:%s", path[0]);
	video_rig_start(&w, 1);
	watch("display_0");
	expect_size(TOUCH_WIDTH, TOUCH_HEIGHT);
	fake_vnc_listen(&vnc[0], path[0]);
	serve(&vnc[0], &red);
	expect_size(WIDTH, HEIGHT);
	/* The picture stays when the touchscreen goes. */
	launch_expect_ok(launch_order(w.launch, "{\"command\": \"remove\","
						" \"label\": \"touch_0\"}"));
	stream_wait_counter(w.t, "devices", 0);
	paint(&vnc[0], whole, &green);
	expect_colour(WIDTH / 2, HEIGHT / 2, &green);
	fake_vnc_close(&vnc[0]);
	expect_size(640, 480);
}

static void server_that_lies_is_left(void **state)
{
	static const struct {
		const char *says;
		size_t len;
	} rows[] = {
		{ LITERAL("\x63") },
		{ LITERAL("\0\0\0\1\0\0\0\0\0\x41\0\1\0\0\0\0") },
		{ LITERAL("\0\0\0\1\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\x21") },
		{ LITERAL("\0\0\0\1\0\0\0\0\0\x40\0\x30\0\0\0\x10\0\0\0\4"
			  "nope") },
	};

	fake_vnc_listen(&vnc[0], path[0]);
	start(1);
	watch("display_0");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		serve(&vnc[0], &red);
		expect_size(WIDTH, HEIGHT);
		fake_vnc_send(&vnc[0], rows[i].says, rows[i].len);
		expect_size(640, 480);
	}
}

/* --- who may look --- */

static void picture_needs_the_right_to_it(void **state)
{
	char tokens[TEMP_DIR_LEN + 16];

	snprintf(tokens, sizeof(tokens), "%s/tokens", w.t->dir);
	file_write(tokens, "token-of-no-display displays=none\n");
	process_arg(&w.t->p, "--token-file=%s", tokens);
	fake_vnc_listen(&vnc[0], path[0]);
	launch_arg(w.launch, "--display=%dx%d", TOUCH_WIDTH, TOUCH_HEIGHT);
	for (int i = 0; i < 2; i++)
		process_arg(&w.t->p, "--display=unix:%s", path[i]);
	video_rig_start(&w, 1);
	watch("display_0");
	/* The test card of its touchscreen. */
	expect_size(TOUCH_WIDTH, TOUCH_HEIGHT);
	stream_wait_counter(w.t, "views", 1);
	assert_false(has_viewer(&vnc[0]));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		T(what_a_server_paints_is_seen),
		T(packed_pixels_are_seen),
		T(picture_has_the_servers_size),
		T(another_size_is_asked_for_after_a_clipboard),
		T(picture_changes_with_a_whole_update),
		T(each_server_has_its_picture),
		T(cursor_is_where_the_server_says),
		T(cursor_is_where_a_client_has_put_it),
		T(cursor_is_where_it_was_put_last),
		T(only_looking_reaches_the_server),
		T(server_is_asked_only_while_somebody_watches),
		T(all_who_watch_have_one_connection),
		T(server_may_come_late_and_go),
		T(card_has_the_touchscreens_size),
		T(server_that_lies_is_left),
		T(picture_needs_the_right_to_it),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

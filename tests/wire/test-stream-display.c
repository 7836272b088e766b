/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of vinput-stream: browsers and VNC servers of the test's own. What
 * reaches a server is compared byte by byte.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/sandbox/sandbox.h"
#include "tests/lib/clock.h"
#include "tests/lib/fake-vnc.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"

#define PROTOCOL      "vinput.display.1"
#define GREETING      "RFB 003.008\n"
#define LITERAL(text) (text), sizeof(text) - 1

#define SET_PIXEL_FORMAT \
	"\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0"
/* Tight; ContinuousUpdates, which gets no meaning. */
#define SET_ENCODINGS	 "\2\0\0\2\0\0\0\7\xff\xff\xfe\xc7"
#define PASSED_ENCODINGS "\2\0\0\2\0\0\0\7\x7f\xff\xff\xff"
#define UPDATE_REQUEST	 "\3\0\0\0\0\0\0\x40\0\x30"
#define KEY_EVENT	 "\4\1\0\0\0\0\0a"
#define POINTER_EVENT	 "\5\1\0\1\0\1"
#define CUT_TEXT	 "\6\0\0\0\0\0\0\4text"
#define UPDATES		 "\x96\1\0\0\0\0\0\x40\0\x30"
#define FENCE		 "\xf8\0\0\0\0\0\0\1\2xy"
#define XVP		 "\xfa\0\1\2"
#define QEMU_KEY	 "\xff\0\0\1\0\0\0\x61\0\0\0\x1e"
#define QEMU_SOUND	 "\xff\1\0\0"
#define DESKTOP_SIZE	 "\xfb\0\4\0\3\0\0\0"

/* More than the sockets of both sides hold. */
#define FLOOD (64 << 20)
/* Of memory, for one who does not read; sanitizers keep what was freed. */
#define GROWTH_KB (SANDBOX_DEFAULT == SANDBOX_OFF ? 16384 : 1024)

static struct fake_vnc vnc = { -1, -1, 0, NULL };
static char vnc_path[80];

static int display_setup(void **state)
{
	int r = stream_setup(state);
	struct stream_test *t = *state;

	vnc = FAKE_VNC_NULL;
	snprintf(vnc_path, sizeof(vnc_path), "%s/vnc", t->dir);
	return r;
}

static int display_teardown(void **state)
{
	fake_vnc_close(&vnc);
	unlink(vnc_path);
	return stream_teardown(state);
}

/* With a keyboard, and a display at vnc_path. */
static void start_with_display(struct stream_test *t)
{
	process_arg(&t->p, "--display=unix:%s", vnc_path);
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
}

static int view(struct web_client *c, const char *url, const char *path)
{
	const struct web_handshake h = { .path = path, .protocol = PROTOCOL };

	web_client_init(c, url);
	web_client_trade(c);
	return web_client_upgrade(c, &h);
}

/* The viewer's part of the handshake. */
static void viewer_greet(struct web_client *c)
{
	web_client_expect_binary(c, LITERAL(GREETING));
	web_client_send_binary(c, LITERAL(GREETING));
	web_client_expect_binary(c, LITERAL("\1\1"));
	web_client_send_binary(c, "\1", 1);
	web_client_expect_binary(c, LITERAL("\0\0\0\0"));
	web_client_send_binary(c, "\0", 1); /* not shared, if it could */
	web_client_expect_binary(
		c, LITERAL("\0\x40\0\x30\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08"
			   "\0\0\0\0\0\0\0\4fake"));
}

/* A viewer that sees the fake server's picture. */
static void view_picture(struct stream_test *t, struct web_client *c)
{
	fake_vnc_listen(&vnc, vnc_path);
	start_with_display(t);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_greet(&vnc);
	viewer_greet(c);
}

/* --- what passes --- */

static void only_looking_reaches_the_server(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	view_picture(t, c);
	web_client_send_binary(
		c,
		LITERAL(SET_PIXEL_FORMAT KEY_EVENT SET_ENCODINGS POINTER_EVENT
				CUT_TEXT UPDATE_REQUEST XVP QEMU_KEY QEMU_SOUND
					DESKTOP_SIZE UPDATES FENCE));
	fake_vnc_expect(
		&vnc,
		LITERAL(SET_PIXEL_FORMAT PASSED_ENCODINGS UPDATE_REQUEST));
	/* Byte by byte. */
	for (size_t i = 0; i < sizeof(KEY_EVENT UPDATE_REQUEST) - 1; i++)
		web_client_send_binary(c, KEY_EVENT UPDATE_REQUEST + i, 1);
	fake_vnc_expect(&vnc, LITERAL(UPDATE_REQUEST));
	fake_vnc_expect_nothing(&vnc);
	web_client_close(c);
	fake_vnc_expect_end(&vnc);
	stream_wait_counter(t, "viewers", 0);
	stream_wait_counter(t, "viewers_dropped", 10);
}

static void picture_comes_as_the_server_sends_it(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];
	uint8_t bytes[8192];

	view_picture(t, c);
	stream_wait_counter(t, "viewers", 1);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 + i / 256);
	for (int i = 0; i < 3; i++) {
		fake_vnc_send(&vnc, bytes, sizeof(bytes));
		web_client_expect_binary(c, bytes, sizeof(bytes));
	}
}

static void unknown_message_ends_the_viewer(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	view_picture(t, c);
	web_client_send_binary(c, LITERAL(UPDATE_REQUEST "\x63"));
	web_client_expect_close(c, 4000,
				"a viewer sent an unknown message, 99");
	fake_vnc_expect_end(&vnc);
	process_expect_log(&t->p,
			   "display 0: a viewer sent an unknown message, 99");
}

static void viewer_must_not_speak_first(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	fake_vnc_listen(&vnc, vnc_path);
	start_with_display(t);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	fake_vnc_accept(&vnc);
	web_client_send_binary(c, LITERAL(GREETING));
	web_client_expect_close(c, 4000, "a viewer must not speak first");
	fake_vnc_expect_end(&vnc);
}

static void viewer_must_finish_its_handshake(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	fake_vnc_listen(&vnc, vnc_path);
	start_with_display(t);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_greet(&vnc);
	web_client_expect_binary(c, LITERAL(GREETING));
	web_client_send_binary(c, LITERAL(GREETING));
	web_client_expect_binary(c, LITERAL("\1\1"));
	/* It comes after DEADLINE_MS. */
	poll(NULL, 0, DEADLINE_MS / 2);
	web_client_expect_close(c, 4000,
				"a viewer does not finish its handshake");
	fake_vnc_expect_end(&vnc);
}

/* --- who may look --- */

static void viewer_needs_all_that_a_client_needs(void **state)
{
	const struct web_handshake foreign = { .path = "/display/0",
					       .protocol = PROTOCOL,
					       .origin = "http://evil.test" };
	const struct web_handshake stranger = { .path = "/display/0",
						.protocol = PROTOCOL,
						.cookie = "vinput=1" };
	const struct web_handshake wrong = { .path = "/display/0" };
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	fake_vnc_listen(&vnc, vnc_path);
	start_with_display(t);
	web_client_init(c, t->url[0]);
	web_client_trade(c);
	assert_num(web_client_upgrade(c, &foreign), 403);
	assert_num(web_client_upgrade(c, &stranger), 403);
	assert_num(web_client_upgrade(c, &wrong), 400);
	assert_num(view(c, t->url[0], "/display/1"), 404);
	assert_num(view(c, t->url[0], "/display/"), 404);
	assert_num(view(c, t->url[0], "/display/00"), 404);
	assert_num(view(c, t->url[0], "/input"), 400);
}

static void tokens_have_displays(void **state)
{
	struct stream_test *t = *state;
	char path[80];

	snprintf(path, sizeof(path), "%s/tokens", t->dir);
	file_write(path, "token-of-the-front displays=front\n"
			 "token-of-no-display displays=none\n"
			 "token-of-all-of-it\n");
	process_arg(&t->p, "--token-file=%s", path);
	process_arg(&t->p, "--display=front=unix:%s/front", t->dir);
	start_with_display(t);
	assert_num(view(&t->client[0], t->url[0], "/display/0"), 101);
	assert_num(view(&t->client[0], t->url[0], "/display/1"), 404);
	assert_num(view(&t->client[0], t->url[1], "/display/0"), 404);
	assert_num(view(&t->client[0], t->url[2], "/display/1"), 101);
	for (int i = 0; i < 3; i++) {
		static const char *const lists[] = {
			"\"displays\":[{\"number\":0,\"name\":\"front\"}]",
			"\"displays\":[]",
			"\"displays\":[{\"number\":0,\"name\":\"front\"},"
			"{\"number\":1,\"name\":\"1\"}]",
		};

		web_client_init(&t->client[0], t->url[i]);
		web_client_trade(&t->client[0]);
		assert_num(web_client_upgrade(&t->client[0],
					      &(struct web_handshake){ 0 }),
			   101);
		web_client_send(&t->client[0], "{'type':'hello','version':1}");
		web_client_expect(&t->client[0], lists[i]);
	}
}

/* --- the server's life --- */

static void server_may_come_late_and_go(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];
	char reason[160];

	snprintf(reason, sizeof(reason), "VNC server at unix:%s is not running",
		 vnc_path);
	start_with_display(t);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	web_client_expect_close(c, 4000, reason);
	for (int i = 0; i < 2; i++) {
		fake_vnc_listen(&vnc, vnc_path);
		assert_num(view(c, t->url[0], "/display/0"), 101);
		fake_vnc_accept(&vnc);
		fake_vnc_greet(&vnc);
		viewer_greet(c);
		fake_vnc_close(&vnc);
		snprintf(reason, sizeof(reason),
			 "VNC server at unix:%s has ended", vnc_path);
		web_client_expect_close(c, 4000, reason);
	}
}

static void server_is_judged(void **state)
{
	static const struct {
		const char *says, *reason;
	} rows[] = {
		{ "HTTP/1.1 400 Bad Request\r\n", "no VNC server at unix:%s" },
		{ "RFB 004.000\n",
		  "VNC server at unix:%s does not speak RFB 3" },
		{ "RFB 003.008\n\1\1\1\1\1\1\1\1\1\1",
		  "VNC server at unix:%s sends a text of over 1024 bytes" },
		{ "RFB 003.008\n\1\2",
		  "VNC server at unix:%s wants a password, which "
		  "--display-password gives" },
		{ "RFB 003.008\n\1\x13",
		  "VNC server at unix:%s wants more than a password" },
		{ "RFB 003.003\n\0", "VNC server at unix:%s does not answer" },
	};
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	fake_vnc_listen(&vnc, vnc_path);
	start_with_display(t);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char reason[160];

		assert_num(view(c, t->url[0], "/display/0"), 101);
		fake_vnc_accept(&vnc);
		fake_vnc_send(&vnc, rows[i].says, strlen(rows[i].says));
		snprintf(reason, sizeof(reason), rows[i].reason, vnc_path);
		web_client_expect_close(c, 4000, reason);
	}
}

static void server_may_be_on_tcp(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	fake_vnc_listen_tcp(&vnc);
	process_arg(&t->p, "--display=tcp=localhost:%u", vnc.port);
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_greet(&vnc);
	viewer_greet(c);
	fake_vnc_close(&vnc);
	assert_num(view(c, t->url[0], "/display/0"), 101);
	snprintf(vnc_path, sizeof(vnc_path),
		 "VNC server at localhost:%u is not running", vnc.port);
	web_client_expect_close(c, 4000, vnc_path);
}

/* --- a server that looks seldom for changes --- */

/* Its viewer has greeted it, and another client can type. */
static void view_server_called(struct stream_test *t, const char *name)
{
	fake_vnc_listen(&vnc, vnc_path);
	vnc.name = name;
	start_with_display(t);
	assert_num(view(&t->client[0], t->url[0], "/display/0"), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_greet(&vnc);
	web_client_expect_binary(&t->client[0], LITERAL(GREETING));
	web_client_start(&t->client[1], t->url[0]);
}

static void send_until_a_connection_comes(struct stream_test *t,
					  const char *message)
{
	struct pollfd p = { .fd = vnc.listener, .events = POLLIN };
	const double deadline = clock_ms() + DEADLINE_MS;

	/* One that came just before is enough for a while. */
	while (!poll(&p, 1, 50) && clock_ms() < deadline)
		web_client_send(&t->client[1], message);
}

static void expect_woken(struct stream_test *t, const char *message)
{
	struct fake_vnc more = FAKE_VNC_NULL;

	view_server_called(t, "QEMU");
	more.listener = vnc.listener;
	for (int i = 0; i < 2; i++) {
		send_until_a_connection_comes(t, message);
		fake_vnc_accept(&more);
		fake_vnc_expect_nothing(&more);
	}
	fake_vnc_expect_nothing(&vnc);
	web_client_close(&t->client[0]);
	fake_vnc_expect_end(&more);
	fake_vnc_hang_up(&more);
}

static void qemu_is_woken_by_input(void **state)
{
	expect_woken(*state, "{'type':'key','code':'KeyA','down':true}");
}

static void qemu_is_woken_by_text(void **state)
{
	expect_woken(*state, "{'type':'text','text':'a'}");
}

static void other_servers_are_left_alone(void **state)
{
	struct stream_test *t = *state;
	struct pollfd p = { .events = POLLIN };

	view_server_called(t, NULL);
	p.fd = vnc.listener;
	web_client_send(&t->client[1],
			"{'type':'key','code':'KeyA','down':true}");
	stream_expect_frame(t, 0, "KEY_A 1");
	/* The key was taken whole before that. */
	web_client_send(&t->client[1], "{'type':'ping','id':7}");
	web_client_expect(&t->client[1], "\"pong\"");
	assert_num(poll(&p, 1, 0), 0);
	fake_vnc_expect_nothing(&vnc);
}

/* --- who does not read --- */

static void key_reaches_its_device(struct stream_test *t, struct web_client *c)
{
	const double begin = clock_ms();

	web_client_send(c, "{'type':'key','code':'KeyA','down':true}");
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_send(c, "{'type':'key','code':'KeyA','down':false}");
	stream_expect_frame(t, 0, "KEY_A 0");
	assert_true(clock_ms() - begin < DEADLINE_MS / 2.0);
}

static void viewer_that_does_not_read_costs_no_memory(void **state)
{
	struct stream_test *t = *state;
	long before;

	usage_allow(&t->p);
	view_picture(t, &t->client[0]);
	web_client_start(&t->client[1], t->url[0]);
	before = usage_private_kb(t->p.pid);
	assert_true(fake_vnc_flood(&vnc, FLOOD) < FLOOD);
	key_reaches_its_device(t, &t->client[1]);
	assert_in_range(usage_private_kb(t->p.pid), 0, before + GROWTH_KB);
	/* It is still a viewer. */
	web_client_close(&t->client[0]);
	fake_vnc_expect_end(&vnc);
}

static void server_that_does_not_read_costs_no_memory(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];
	static uint8_t requests[10 * 1000];
	long before;

	usage_allow(&t->p);
	view_picture(t, c);
	web_client_start(&t->client[1], t->url[0]);
	before = usage_private_kb(t->p.pid);
	for (size_t i = 0; i < sizeof(requests); i += 10)
		memcpy(requests + i, UPDATE_REQUEST, 10);
	assert_true(web_client_flood(c, requests, sizeof(requests)) > 0);
	key_reaches_its_device(t, &t->client[1]);
	assert_in_range(usage_private_kb(t->p.pid), 0, before + GROWTH_KB);
	/* And what was sent whole arrives, when it reads again. */
	assert_true(fake_vnc_drain(&vnc) > sizeof(requests));
}

#define T(f) cmocka_unit_test_setup_teardown(f, display_setup, display_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_looking_reaches_the_server),
		T(picture_comes_as_the_server_sends_it),
		T(unknown_message_ends_the_viewer),
		T(viewer_must_not_speak_first),
		T(viewer_must_finish_its_handshake),
		T(viewer_needs_all_that_a_client_needs),
		T(tokens_have_displays),
		T(server_may_come_late_and_go),
		T(server_is_judged),
		T(server_may_be_on_tcp),
		T(qemu_is_woken_by_input),
		T(qemu_is_woken_by_text),
		T(other_servers_are_left_alone),
		T(viewer_that_does_not_read_costs_no_memory),
		T(server_that_does_not_read_costs_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-stream with a client that does what Cuttlefish's does, up to its data
 * channels, and with one that means ill.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/base/loop.h"
#include "tests/lib/cases.h"
#include "tests/lib/clock.h"
#include "tests/lib/rtc-cuttlefish.h"

#define KEY_DOWN(code) \
	"{'type':'keyboard','keycode':'" code "','event_type':'keydown'}"
#define KEY_UP(code) \
	"{'type':'keyboard','keycode':'" code "','event_type':'keyup'}"
#define BUTTON(name, state) "{'command':'" name "','button_state':'" state "'}"
#define TOUCH(ids, xs, ys, down)                                          \
	"{'type':'multi-touch','id':[" ids "],'x':[" xs "],'y':[" ys "]," \
	"'down':" down ",'device_label':'display_0'}"

/* What is promised when a client is silent; and for a busy machine. */
#define SILENCE_MS 2500
#define SLACK_MS   1500

#define FILES "/devices/guest/files/"

static struct world {
	struct stream_test *t;
	struct ev_loop *loop;
	struct rtc_cuttlefish client, other;
	char root[TEMP_DIR_LEN + 8];
} w;

static void add_file(const char *name, const char *text)
{
	char path[TEMP_DIR_LEN + 64];

	snprintf(path, sizeof(path), "%s/%s", w.root, name);
	file_write(path, "%s", text);
}

static int setup(void **state)
{
	const char *why;

	memset(&w, 0, sizeof(w));
	w.client.web.fd = w.other.web.fd = -1;
	w.loop = loop_new(&why);
	assert_non_null(w.loop);
	stream_setup(state);
	w.t = *state;
	stream_device(w.t, "-keyboard_fd=");
	stream_device(w.t, "-mouse_fd=");
	stream_device(w.t, "-touch_fds=");
	stream_device(w.t, "-switches_fd=");
	snprintf(w.root, sizeof(w.root), "%s/root", w.t->dir);
	assert_sys(mkdir(w.root, 0700));
	add_file("client.html", "<html>the page</html>");
	return 0;
}

static int teardown(void **state)
{
	int r;

	web_client_close(&w.client.web);
	web_client_close(&w.other.web);
	r = stream_teardown(state);
	rtc_cuttlefish_fini(&w.client);
	rtc_cuttlefish_fini(&w.other);
	ev_loop_destroy(w.loop);
	return r;
}

static void start(void)
{
	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	process_arg(&w.t->p, "--client=%s", w.root);
	stream_start(w.t);
	rtc_cuttlefish_init(&w.client, w.loop, w.t->url[0]);
}

/* Two tokens, each with a client. */
static void start_two(const char *rights)
{
	char path[TEMP_DIR_LEN + 16];

	snprintf(path, sizeof(path), "%s/tokens", w.t->dir);
	file_write(path, "first-token-0001%s\nsecond-token-002\n", rights);
	process_arg(&w.t->p, "--token-file=%s", path);
	start();
	rtc_cuttlefish_init(&w.other, w.loop, w.t->url[1]);
}

static void (*const ways[])(struct rtc_cuttlefish *c) = {
	rtc_cuttlefish_by_websocket,
	rtc_cuttlefish_by_polling,
};

/* --- input --- */

static void input_reaches_the_devices(void **state)
{
	struct stream_test *t = w.t;
	struct rtc_cuttlefish *c = &w.client;

	start();
	rtc_cuttlefish_by_websocket(c);
	rtc_cuttlefish_connect(c);
	rtc_cuttlefish_input(c, KEY_DOWN("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
	rtc_cuttlefish_input(c, KEY_UP("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 0");
	rtc_cuttlefish_input(c, "{'type':'mouseMove','x':3,'y':-4}");
	stream_expect_frame(t, 1, "REL_X 3, REL_Y -4");
	rtc_cuttlefish_input(c, "{'type':'mouseWheel','pixels':-120}");
	stream_expect_frame(t, 1, "REL_WHEEL_HI_RES 120, REL_WHEEL 1");
	rtc_cuttlefish_input(c, TOUCH("0,1", "10,30", "20,40", "1"));
	stream_expect_frame(t, 2,
			    "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 0, "
			    "ABS_MT_POSITION_X 10, ABS_MT_POSITION_Y 20, "
			    "BTN_TOUCH 1, ABS_MT_SLOT 1, "
			    "ABS_MT_TRACKING_ID 1, ABS_MT_POSITION_X 30, "
			    "ABS_MT_POSITION_Y 40");
	rtc_cuttlefish_control(c, BUTTON("home", "down"));
	stream_expect_frame(t, 0, "KEY_HOMEPAGE 1");
	rtc_cuttlefish_control(c, BUTTON("home", "up"));
	stream_expect_frame(t, 0, "KEY_HOMEPAGE 0");
	rtc_cuttlefish_control(
		c, "{'command':'device_state','lid_switch_open':false}");
	stream_expect_frame(t, 3, "SW_LID 1");
}

static void client_that_polls_is_served_as_well(void **state)
{
	start();
	rtc_cuttlefish_by_polling(&w.client);
	rtc_cuttlefish_connect(&w.client);
	rtc_cuttlefish_input(&w.client, KEY_DOWN("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	rtc_cuttlefish_input(&w.client, "{'type':'keyboard'}");
	rtc_cuttlefish_expect_error(&w.client, "event_type is required");
}

/* Numbers of channels that it opened, but input-channel. */
static void other_channels_are_ignored(void **state)
{
	start();
	rtc_cuttlefish_by_websocket(&w.client);
	rtc_cuttlefish_connect(&w.client);
	for (uint16_t i = 0; i < 9; i++)
		if (2 * i != w.client.input)
			rtc_cuttlefish_send(&w.client, 2 * i, KEY_DOWN("KeyB"));
	rtc_cuttlefish_control(&w.client, KEY_DOWN("KeyB"));
	rtc_cuttlefish_expect_error(&w.client, "command is required");
	rtc_cuttlefish_control(&w.client, "{'command':'display',"
					  "'refresh_display':0}");
	rtc_cuttlefish_input(&w.client, KEY_DOWN("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
}

static void client_may_only_look(void **state)
{
	start_two(" read-only");
	rtc_cuttlefish_by_websocket(&w.client);
	rtc_cuttlefish_connect(&w.client);
	rtc_cuttlefish_input(&w.client, KEY_DOWN("KeyA"));
	rtc_cuttlefish_expect_error(&w.client, "this client may only look");
	stream_expect_no_frame(w.t, 0);
}

/* --- nothing stays pressed --- */

static void press(struct rtc_cuttlefish *c)
{
	rtc_cuttlefish_connect(c);
	rtc_cuttlefish_input(c, KEY_DOWN("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
}

static void end_of_the_websocket_releases(void **state)
{
	start();
	rtc_cuttlefish_by_websocket(&w.client);
	press(&w.client);
	web_client_close(&w.client.web);
	stream_expect_frame(w.t, 0, "KEY_A 0");
	stream_wait_counter(w.t, "clients", 0);
}

static void end_of_the_channel_releases(void **state)
{
	start();
	rtc_cuttlefish_by_websocket(&w.client);
	press(&w.client);
	rtc_channels_close(&w.client.peer.channels, w.client.input);
	rtc_client_run(w.loop, 50);
	stream_expect_frame(w.t, 0, "KEY_A 0");
}

static void end_of_the_connection_releases(void **state)
{
	start();
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		ways[i](&w.client);
		press(&w.client);
		rtc_client_fini(&w.client.peer);
		w.client.prepared = false;
		stream_expect_frame(w.t, 0, "KEY_A 0");
	}
	/* It may come back. */
	press(&w.client);
}

/* The browser is stopped, or the network gone: it acknowledges nothing. */
static void client_that_is_silent_lets_go(void **state)
{
	double start_ms;

	start();
	rtc_cuttlefish_by_websocket(&w.client);
	press(&w.client);
	start_ms = clock_ms();
	stream_expect_frame(w.t, 0, "KEY_A 0");
	assert_true(clock_ms() - start_ms < SILENCE_MS + SLACK_MS);
	assert_true(clock_ms() - start_ms > 1000);
	stream_wait_counter(w.t, "silent", 1);
	rtc_client_run(w.loop, 100);
	rtc_cuttlefish_input(&w.client, KEY_DOWN("KeyB"));
	stream_expect_frame(w.t, 0, "KEY_B 1");
}

static void key_stays_down_while_the_client_lives(void **state)
{
	start();
	rtc_cuttlefish_by_websocket(&w.client);
	press(&w.client);
	rtc_client_run(w.loop, SILENCE_MS + 1000);
	stream_expect_no_frame(w.t, 0);
	/* What it is sent meanwhile means nothing. */
	assert_true(w.client.peer.n_messages > 0);
	assert_memory_equal(w.client.peer.data, "{\"event\":\"\"}", 12);
}

static void another_offer_replaces_the_connection(void **state)
{
	start();
	rtc_cuttlefish_by_websocket(&w.client);
	press(&w.client);
	rtc_cuttlefish_signal(&w.client, "{'type':'request-offer'}");
	stream_expect_frame(w.t, 0, "KEY_A 0");
	json_decref(rtc_cuttlefish_receive(&w.client));
	press(&w.client);
}

/* --- files --- */

static void files_are_served_with_the_cookie(void **state)
{
	char link[TEMP_DIR_LEN + 16];
	struct rtc_cuttlefish *c = &w.client;

	add_file("app.js", "code");
	add_file(".secret", "x");
	snprintf(link, sizeof(link), "%s/out", w.root);
	assert_sys(symlink("/etc/passwd", link));
	start();
	assert_non_null(strstr(w.t->url[1], FILES "client.html?token="));
	assert_num(rtc_cuttlefish_get(c, FILES "client.html"), 200);
	assert_non_null(strstr(c->web.reply, "content-type: text/html"));
	assert_non_null(strstr(c->web.reply, "frame-ancestors 'none'"));
	assert_non_null(strstr(c->web.reply, "nosniff"));
	assert_string_equal(web_client_body(&c->web), "<html>the page</html>");
	assert_num(rtc_cuttlefish_get(c, FILES "app.js?x=1"), 200);
	assert_string_equal(web_client_body(&c->web), "code");
	assert_num(rtc_cuttlefish_get(c, FILES "out"), 404);
	assert_num(rtc_cuttlefish_get(c, FILES ".secret"), 404);
	c->web.cookie[0] = '\0';
	assert_num(rtc_cuttlefish_get(c, FILES "client.html"), 403);
	assert_num(rtc_cuttlefish_get(c, FILES "missing"), 403);
}

/* What lies outside of the directory, or would if it were there. */
static void paths_outside_are_not_found(void **state)
{
	static const char *const paths[] = {
		"../secret",
		"../root/client.html",
		"../../../../../../etc/passwd",
		"%2e%2e/secret",
		"..%2fsecret",
		"%2e%2e%2fsecret",
		"..%5csecret",
		"..\\secret",
		"%252e%252e%252fsecret",
		"./../secret",
		"js/../../secret",
		"/etc/passwd",
		"//etc/passwd",
		"%2fetc%2fpasswd",
		"client.html%00",
		"client.html%00.js",
		"client.html/",
		"CLIENT.HTML",
		"client.html%ff",
		"file:///etc/passwd",
	};
	char path[200];

	snprintf(path, sizeof(path), "%s/secret", w.t->dir);
	file_write(path, "%s", "secret");
	start();
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		int status;

		snprintf(path, sizeof(path), FILES "%s", paths[i]);
		status = rtc_cuttlefish_get(&w.client, path);
		if (status == 200)
			fail_msg("%s: %s", path,
				 web_client_body(&w.client.web));
	}
	assert_num(rtc_cuttlefish_get(&w.client, FILES "client.html"), 200);
}

/* As in the URL that is printed. */
static void token_may_be_given_to_the_page(void **state)
{
	struct web_client *c = &w.client.web;

	start();
	c->cookie[0] = '\0';
	assert_num(web_client_request(c,
				      "GET " FILES "client.html?token=%s "
				      "HTTP/1.1\r\nHost: %s\r\n",
				      c->token, c->host),
		   200);
	assert_non_null(strstr(c->reply, "set-cookie: "));
	assert_non_null(strstr(c->reply, "HttpOnly; SameSite=Strict"));
	assert_non_null(strstr(web_client_body(c), "url=" FILES "client.html"));
	assert_num(web_client_request(c,
				      "GET " FILES "client.html?token=x%s "
				      "HTTP/1.1\r\nHost: %s\r\n",
				      c->token, c->host),
		   403);
	assert_num(web_client_request(c,
				      "GET /devices?token=%s HTTP/1.1\r\n"
				      "Host: %s\r\n",
				      c->token, c->host),
		   403);
}

static void operator_answers(void **state)
{
	struct rtc_cuttlefish *c = &w.client;

	start();
	assert_num(rtc_cuttlefish_get(c, "/infra_config"), 200);
	assert_string_equal(web_client_body(&c->web),
			    "{\"message_type\":\"config\",\"ice_servers\":[]}");
	assert_num(rtc_cuttlefish_get(c, "/devices"), 200);
	assert_non_null(
		strstr(web_client_body(&c->web), "[{\"device_id\":\"guest\","));
	assert_num(rtc_cuttlefish_get(c, "/devices/guest"), 200);
	assert_non_null(strstr(web_client_body(&c->web),
			       "\"registration_info\":{\"displays\":["));
	assert_num(rtc_cuttlefish_get(c, "/devices/other"), 404);
	assert_num(rtc_cuttlefish_get(c, "/devices/guest/adb"), 404);
	assert_num(rtc_cuttlefish_get(c, "/devices/guest/connect"), 404);
	assert_num(rtc_cuttlefish_get(c, "/polled_connections"), 405);
	assert_num(rtc_cuttlefish_post(c, "/devices", "{}"), 405);
}

static void without_a_client_there_is_nothing_of_it(void **state)
{
	static const char *const paths[] = {
		"/devices",
		"/devices/guest",
		"/infra_config",
		FILES "client.html",
	};
	const struct web_handshake h = { .path = "/devices/guest/connect",
					 .without_protocol = true };

	process_arg(&w.t->p, "--rtc-address=127.0.0.1");
	stream_start(w.t);
	rtc_cuttlefish_init(&w.client, w.loop, w.t->url[0]);
	assert_string_equal(w.t->url[1], "");
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_num(rtc_cuttlefish_get(&w.client, paths[i]), 404);
	assert_num(web_client_upgrade(&w.client.web, &h), 404);
	assert_num(rtc_cuttlefish_post(&w.client, "/polled_connections",
				       "{'device_id':'guest'}"),
		   405);
}

/* --- those who mean ill --- */

struct stranger {
	const char *name;
	struct web_handshake h;
	int status;
};

#define CONNECT .path = "/devices/guest/connect", .without_protocol = true

static const struct stranger strangers[] = {
	{ "no Origin", { CONNECT, .without_origin = true }, 403 },
	{ "another Origin", { CONNECT, .origin = "http://example.com" }, 403 },
	{ "another Host", { CONNECT, .host = "example.com" }, 403 },
	{ "no cookie", { CONNECT, .cookie = "" }, 403 },
	{ "another cookie", { CONNECT, .cookie = "vinput-1=1" }, 403 },
	{ "our protocol", { .path = "/devices/guest/connect" }, 400 },
	{ "a protocol of nobody's",
	  { .path = "/devices/guest/connect", .protocol = "http" },
	  400 },
	{ "unknown device",
	  { .path = "/devices/cvd-1/connect", .without_protocol = true },
	  404 },
	{ "our path without a protocol",
	  { .path = "/input", .without_protocol = true },
	  400 },
};

static void stranger_is_refused_before_the_upgrade(void **state)
{
	start();
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++) {
		const int status =
			web_client_upgrade(&w.client.web, &strangers[i].h);

		if (status != strangers[i].status)
			fail_msg("%s: %d", strangers[i].name, status);
	}
	stream_wait_counter(w.t, "clients", 0);
}

/* Return: the status of a POST with these headers. */
static int post_with(const char *host, const char *origin, const char *cookie,
		     const char *more)
{
	return web_client_request(&w.client.web,
				  "POST /polled_connections HTTP/1.1\r\n"
				  "Host: %s\r\n%sCookie: %s\r\n%s",
				  host, origin, cookie, more);
}

static void post_of_a_stranger_is_refused(void **state)
{
	static const char body[] = "Content-Length: 21\r\n\r\n"
				   "{\"device_id\":\"guest\"}";
	const struct web_client *c = &w.client.web;
	char origin[128];

	start();
	snprintf(origin, sizeof(origin), "Origin: http://%s\r\n", c->host);
	assert_num(post_with(c->host, origin, c->cookie, body), 200);
	assert_num(post_with(c->host, "", c->cookie, body), 403);
	assert_num(post_with(c->host, "Origin: null\r\n", c->cookie, body),
		   403);
	assert_num(post_with(c->host, "Origin: http://example.com\r\n",
			     c->cookie, body),
		   403);
	assert_num(post_with(c->host, origin, "", body), 403);
	assert_num(post_with("example.com", origin, c->cookie, body), 403);
	assert_num(post_with(c->host, origin, c->cookie, ""), 411);
	assert_num(post_with(c->host, origin, c->cookie,
			     "Content-Length: 65537\r\n"),
		   413);
	assert_num(post_with(c->host, origin, c->cookie,
			     "Content-Length: 99999999999999999999\r\n"),
		   411);
	assert_num(
		post_with(c->host, origin, c->cookie, "Content-Length: -1\r\n"),
		411);
	stream_wait_counter(w.t, "clients", 1);
}

static void bad_posts_are_answered(void **state)
{
	static const struct {
		const char *text;
		int status;
	} bad[] = {
		{ "", 400 },
		{ "{", 400 },
		{ "[]", 400 },
		{ "{}", 400 },
		{ "{'device_id':1}", 400 },
		{ "{'device_id':'cvd-1'}", 404 },
		{ "[[[[[[[[[[[[[[[[[[[[", 400 },
	};
	struct rtc_cuttlefish *c = &w.client;
	char path[160];

	start();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_num(rtc_cuttlefish_post(c, "/polled_connections",
					       bad[i].text),
			   bad[i].status);
	rtc_cuttlefish_by_polling(c);
	snprintf(path, sizeof(path), "/polled_connections/%s/:forward", c->id);
	assert_num(rtc_cuttlefish_post(c, path, "{}"), 400);
	assert_num(rtc_cuttlefish_post(c, path, "{'payload':'x'}"), 400);
	snprintf(path, sizeof(path), "/polled_connections/%s/messages?start=x",
		 c->id);
	assert_num(rtc_cuttlefish_get(c, path), 400);
	snprintf(path, sizeof(path),
		 "/polled_connections/%s/messages?start=99&count=0", c->id);
	assert_num(rtc_cuttlefish_get(c, path), 200);
	assert_string_equal(web_client_body(&c->web), "[]");
}

static void connection_of_another_is_not_found(void **state)
{
	char path[160];

	start_two("");
	rtc_cuttlefish_by_polling(&w.client);
	snprintf(path, sizeof(path), "/polled_connections/%s/:forward",
		 w.client.id);
	assert_num(rtc_cuttlefish_post(&w.other, path,
				       "{'payload':{'type':'request-offer'}}"),
		   404);
	snprintf(path, sizeof(path), "/polled_connections/%s/messages",
		 w.client.id);
	assert_num(rtc_cuttlefish_get(&w.other, path), 404);
	assert_num(rtc_cuttlefish_get(&w.client, path), 200);
	assert_num(
		rtc_cuttlefish_get(&w.client, "/polled_connections//messages"),
		404);
	assert_num(
		rtc_cuttlefish_get(&w.client, "/polled_connections/0/messages"),
		404);
}

static void polled_connections_are_few(void **state)
{
	struct rtc_cuttlefish *c = &w.client;

	start_two("");
	rtc_cuttlefish_by_polling(&w.other);
	rtc_cuttlefish_by_polling(c);
	rtc_cuttlefish_connect(c);
	for (int i = 0; i < 30; i++)
		assert_num(rtc_cuttlefish_post(c, "/polled_connections",
					       "{'device_id':'guest'}"),
			   200);
	/* That of another token, and one with data channels, are still there.
	 */
	stream_wait_counter(w.t, "clients", 9);
	rtc_cuttlefish_input(c, KEY_DOWN("KeyA"));
	stream_expect_frame(w.t, 0, "KEY_A 1");
	rtc_cuttlefish_connect(&w.other);
}

static void bad_signalling_is_answered(void **state)
{
	start();
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		ways[i](&w.client);
		rtc_cuttlefish_signal(&w.client, "{'type':'what'}");
		rtc_cuttlefish_expect_error(&w.client, "unknown type what");
		rtc_cuttlefish_signal(&w.client,
				      "{'type':'answer','sdp':'v=0'}");
		rtc_cuttlefish_expect_error(&w.client, "nothing was offered");
		rtc_cuttlefish_signal(&w.client,
				      "{'type':'offer','sdp':'v=0'}");
		rtc_cuttlefish_expect_error(&w.client, "offer: ");
		rtc_cuttlefish_signal(&w.client, "{'type':'request-offer'}");
		json_decref(rtc_cuttlefish_receive(&w.client));
		rtc_cuttlefish_signal(&w.client,
				      "{'type':'answer','sdp':'v=0'}");
		rtc_cuttlefish_expect_error(&w.client, "data channel");
		press(&w.client);
		web_client_close(&w.client.web);
		rtc_client_fini(&w.client.peer);
		w.client.prepared = false;
		stream_expect_frame(w.t, 0, "KEY_A 0");
	}
}

static void client_of_many_errors_is_disconnected(void **state)
{
	char path[160];

	start();
	rtc_cuttlefish_by_websocket(&w.client);
	for (int i = 0; i <= 100; i++)
		web_client_send(&w.client.web, "x");
	web_client_expect_end(&w.client.web);
	rtc_cuttlefish_by_polling(&w.client);
	press(&w.client);
	for (int i = 0; i <= 100; i++)
		rtc_cuttlefish_input(&w.client, "{}");
	stream_expect_frame(w.t, 0, "KEY_A 0");
	rtc_cuttlefish_fini(&w.client);
	snprintf(path, sizeof(path), "/polled_connections/%s/messages",
		 w.client.id);
	assert_num(rtc_cuttlefish_get(&w.client, path), 404);
}

static void long_message_ends_the_connection(void **state)
{
	static char text[60000];

	start();
	memset(text, ' ', sizeof(text));
	rtc_cuttlefish_by_websocket(&w.client);
	web_client_send_frame(&w.client.web, 1, true, text, sizeof(text));
	rtc_cuttlefish_expect_error(&w.client, "line 1");
	web_client_send_frame(&w.client.web, 1, false, text, sizeof(text));
	web_client_send_frame(&w.client.web, 0, true, text, sizeof(text));
	web_client_expect_end(&w.client.web);
}

/* --- the command line --- */

static void directory_must_be_the_clients(void **state)
{
	struct process p;

	process_init(&p, "vinput-stream");
	process_arg(&p, "--dir=x");
	process_arg(&p, "--rtc-address=127.0.0.1");
	process_arg(&p, "--client=%s", w.t->dir);
	process_start(&p);
	assert_num(process_wait(&p), 1);
	process_expect_log(&p, "no client.html; must be the folder of");
	process_fini(&p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(input_reaches_the_devices),
		T(client_that_polls_is_served_as_well),
		T(other_channels_are_ignored),
		T(client_may_only_look),
		T(end_of_the_websocket_releases),
		T(end_of_the_channel_releases),
		T(end_of_the_connection_releases),
		T(client_that_is_silent_lets_go),
		T(key_stays_down_while_the_client_lives),
		T(another_offer_replaces_the_connection),
		T(files_are_served_with_the_cookie),
		T(paths_outside_are_not_found),
		T(token_may_be_given_to_the_page),
		T(operator_answers),
		T(without_a_client_there_is_nothing_of_it),
		T(stranger_is_refused_before_the_upgrade),
		T(post_of_a_stranger_is_refused),
		T(bad_posts_are_answered),
		T(connection_of_another_is_not_found),
		T(polled_connections_are_few),
		T(bad_signalling_is_answered),
		T(client_of_many_errors_is_disconnected),
		T(long_message_ends_the_connection),
		T(directory_must_be_the_clients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may connect to vinput-stream, and what is rejected of its command line.
 */
#include <stdio.h>
#include <string.h>

#include "input/device/event.h"
#include "input/sandbox/sandbox.h"
#include "tests/lib/cases.h"
#include "tests/lib/stream-test.h"
#include "tests/lib/usage.h"
#include "tests/lib/walls.h"

#define PRESS_A "{'type':'key','code':'KeyA','down':true}"

struct handshake {
	const char *name;
	struct web_handshake is;
	int status;
};

static const struct handshake handshakes[] = {
	{ "right handshake", { 0 }, 101 },
	{ "foreign origin", { .origin = "http://example.com" }, 403 },
	{ "origin of another port", { .origin = "http://127.0.0.1:1" }, 403 },
	{ "opaque origin", { .origin = "null" }, 403 },
	{ "no origin", { .without_origin = true }, 403 },
	{ "foreign host", { .host = "example.com" }, 403 },
	{ "host without a port", { .host = "127.0.0.1" }, 403 },
	{ "origin and host of a rebound name",
	  { .host = "example.com:80", .origin = "http://example.com:80" },
	  403 },
	{ "no cookie", { .cookie = "" }, 403 },
	{ "wrong cookie", { .cookie = "vinput-1=0123456789abcdef" }, 403 },
	{ "another path", { .path = "/main.js" }, 404 },
	{ "another protocol", { .protocol = "chat" }, 400 },
	{ "two protocols", { .protocol = "vinput.1, chat" }, 400 },
};

static void handshake_is_judged(void **state)
{
	const struct handshake *row = *state;
	struct stream_test *t;
	void *made;

	stream_setup(&made);
	*state = t = made;
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	web_client_init(&t->client[0], t->url[0]);
	web_client_trade(&t->client[0]);
	assert_num(web_client_upgrade(&t->client[0], &row->is), row->status);
	stream_wait_counter(t, "refused", row->status != 101);
}

static void page_needs_the_cookie(void **state)
{
	static const char *const headers[] = {
		"x-content-type-options: nosniff",
		"x-frame-options: DENY",
		"referrer-policy: no-referrer",
		"cross-origin-opener-policy: same-origin",
		"cross-origin-resource-policy: same-origin",
		"cache-control: no-store",
		"content-security-policy: default-src 'self'",
		"content-type: text/html",
	};
	struct stream_test *t = *state;
	struct web_client *c = &t->client[1];
	const char *port;

	stream_start_with_keyboard(t);
	web_client_init(c, t->url[0]);
	port = strchr(c->host, ':');
	assert_num(web_client_request(c, "GET / HTTP/1.1\r\nHost: %s\r\n",
				      c->host),
		   403);
	assert_non_null(strstr(c->reply, "frame-ancestors 'none'"));
	assert_num(web_client_request(c,
				      "GET /?token=wrong HTTP/1.1\r\n"
				      "Host: %s\r\n",
				      c->host),
		   403);
	assert_num(web_client_request(c,
				      "GET /?token=%s HTTP/1.1\r\n"
				      "Host: example.com%s\r\n",
				      c->token, port),
		   403);
	web_client_trade(c);
	assert_non_null(
		strstr(c->reply, "; HttpOnly; SameSite=Strict; Path=/"));
	assert_null(strstr(c->cookie, c->token));
	assert_true(!strncmp(c->cookie, "vinput-", 7));
	assert_true(!strncmp(c->cookie + 7, port + 1, strlen(port + 1)));
	assert_num(web_client_request(c,
				      "GET / HTTP/1.1\r\nHost: localhost%s\r\n"
				      "Cookie: other=1; %s\r\n",
				      port, c->cookie),
		   200);
	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		if (!strstr(c->reply, headers[i]))
			fail_msg("no \"%s\" in %s", headers[i], c->reply);
	assert_num(web_client_request(c,
				      "GET /../../etc/passwd HTTP/1.1\r\n"
				      "Host: %s\r\nCookie: %s\r\n",
				      c->host, c->cookie),
		   404);
	assert_num(web_client_request(c,
				      "GET /etc/passwd HTTP/1.1\r\n"
				      "Host: %s\r\nCookie: %s\r\n",
				      c->host, c->cookie),
		   404);
	assert_num(web_client_request(c,
				      "POST / HTTP/1.1\r\nHost: %s\r\n"
				      "Cookie: %s\r\nContent-Length: 0\r\n",
				      c->host, c->cookie),
		   405);
}

static void wrong_tokens_are_limited(void **state)
{
	struct stream_test *t = *state;
	struct web_client *c = &t->client[0];

	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	web_client_init(c, t->url[0]);
	for (int i = 0; i < 10; i++)
		assert_num(web_client_request(c,
					      "GET /?token=%032d HTTP/1.1\r\n"
					      "Host: %s\r\n",
					      i, c->host),
			   403);
	assert_num(web_client_request(c,
				      "GET /?token=%s HTTP/1.1\r\n"
				      "Host: %s\r\n",
				      c->token, c->host),
		   429);
	stream_wait_counter(t, "wrong_tokens", 10);
}

static void tokens_have_rights(void **state)
{
	struct stream_test *t = *state;
	char path[80];

	snprintf(path, sizeof(path), "%s/tokens", t->dir);
	file_write(path, "# who\nfirst-token-0001 devices=mouse\n"
			 "second-token-002 read-only\n\nthird-token-0003\n");
	process_arg(&t->p, "--token-file=%s", path);
	stream_device(t, "-keyboard_fd=");
	stream_device(t, "-mouse_fd=");
	stream_start(t);
	assert_non_null(strstr(t->url[2], "third-token-0003"));
	for (int i = 0; i < 3; i++) {
		web_client_start(&t->client[i], t->url[i]);
		web_client_send(&t->client[i], PRESS_A);
	}
	web_client_expect(&t->client[0], "no device for this");
	web_client_expect(&t->client[1], "this client may only look");
	for (int i = 0; i < 150; i++) {
		web_client_send(&t->client[1], PRESS_A);
		web_client_expect(&t->client[1], "this client may only look");
	}
	web_client_send(&t->client[1], "{'type':'ping','id':7}");
	web_client_expect(&t->client[1], "{\"type\":\"pong\",\"id\":7}");
	stream_expect_frame(t, 0, "KEY_A 1");
	web_client_send(&t->client[0], "{'type':'motion','x':1,'y':0}");
	stream_expect_frame(t, 1, "REL_X 1");
	stream_expect_no_frame(t, 0);
}

static void streamer_is_confined_before_the_first_client(void **state)
{
	struct stream_test *t = *state;

	if (SANDBOX_DEFAULT == SANDBOX_OFF)
		skip_because("sanitizers do not work in the sandbox");
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	walls_expect_confined(t->p.pid);
	web_client_start(&t->client[0], t->url[0]);
	web_client_send(&t->client[0], PRESS_A);
	stream_expect_frame(t, 0, "KEY_A 1");
}

struct bad {
	const char *name;
	const char *args[4];
	int status;
	const char *says;
};

static const struct bad bads[] = {
	{ "no device", { NULL }, 2, "--dir=DIR or a socket" },
	{ "word", { "--dir=x", "y" }, 2, "unexpected argument y" },
	{ "both ways", { "--dir=x", "--mouse-fd=0" }, 2, "exclude each other" },
	{ "fd that is none",
	  { "-mouse_fd=77" },
	  2,
	  "--mouse-fd=77: no such fd was inherited" },
	{ "fd that is no socket", { "--mouse-fd=0" }, 1, "mouse: " },
	{ "fd twice",
	  { "-mouse_fd=0", "-touch_fds=0" },
	  2,
	  "given for mouse already" },
	{ "address", { "--dir=x", "--listen=here" }, 2, "must be an IPv4" },
	{ "all addresses", { "--dir=x", "--listen=0.0.0.0" }, 2, "--cert and" },
	{ "other addresses", { "--dir=x", "--listen=::" }, 2, "--cert and" },
	{ "certificate alone", { "--dir=x", "--cert=x" }, 2, "go together" },
	{ "all addresses without a name",
	  { "--dir=x", "--listen=0.0.0.0", "--cert=x", "--key=x" },
	  2,
	  "--host=NAME is required" },
	{ "certificate that is missing",
	  { "--dir=x", "--cert=/nonexistent", "--key=/nonexistent" },
	  1,
	  "cannot use --cert=/nonexistent" },
	{ "port", { "--dir=x", "--port=65536" }, 2, "--port=65536: must be" },
	{ "name with a port",
	  { "--dir=x", "--host=a:1" },
	  2,
	  "must be a name" },
	{ "token file that is missing",
	  { "--dir=x", "--token-file=/nonexistent" },
	  1,
	  "--token-file=/nonexistent: No such file" },
	{ "token file without one",
	  { "--dir=x", "--token-file=/dev/null" },
	  1,
	  "--token-file=/dev/null: no token" },
};

static void command_line_is_rejected(void **state)
{
	const struct bad *row = *state;
	struct process p;

	test_clear_environment();
	process_init(&p, "vinput-stream");
	for (int i = 0; i < 4 && row->args[i]; i++)
		process_arg(&p, "%s", row->args[i]);
	process_start(&p);
	assert_num(process_wait(&p), row->status);
	assert_num(process_lines(p.err.text), 1);
	if (!strstr(p.err.text, row->says))
		fail_msg("%s", p.err.text);
	process_fini(&p);
}

#define T(f) cmocka_unit_test_setup_teardown(f, stream_setup, stream_teardown)

int main(void)
{
	static const struct CMUnitTest plain[] = {
		T(page_needs_the_cookie),
		T(wrong_tokens_are_limited),
		T(tokens_have_rights),
		T(streamer_is_confined_before_the_first_client),
	};
	struct CMUnitTest tests[ARRAY_LEN(plain) + ARRAY_LEN(handshakes) +
				ARRAY_LEN(bads)];
	struct CMUnitTest *at = tests + ARRAY_LEN(plain);

	memcpy(tests, plain, sizeof(plain));
	CASES(at, handshakes,
	      { .test_func = handshake_is_judged,
		.teardown_func = stream_teardown });
	at += ARRAY_LEN(handshakes);
	CASES(at, bads, { .test_func = command_line_is_rejected });
	return cmocka_run_group_tests(tests, NULL, NULL);
}

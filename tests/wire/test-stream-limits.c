/* SPDX-License-Identifier: Apache-2.0 */
/* What one client may not do, so that others are served in time. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/fake-vnc.h"
#include "tests/lib/stream-test.h"

#define PRESS(code) "{'type':'key','code':'" code "','down':true}"
/* In any second of a slow machine, what is sent is more than a limit. */
#define MANY 2000

static void start_two(struct stream_test *t)
{
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	for (int i = 0; i < 2; i++)
		web_client_start(&t->client[i], t->url[0]);
}

static void expect_other_works(struct stream_test *t)
{
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 0, "KEY_A 1");
}

static void client_that_floods_is_disconnected(void **state)
{
	static const uint8_t motion[] = { 1, 255, 1, 0, 0, 0 };
	struct stream_test *t = *state;

	stream_device(t, "-mouse_fd=");
	stream_device(t, "-keyboard_fd=");
	stream_start(t);
	web_client_start(&t->client[0], t->url[0]);
	web_client_start(&t->client[1], t->url[0]);
	for (int i = 0; i < 12000; i++)
		web_client_send_frame(&t->client[1], 2, true, motion,
				      sizeof(motion));
	web_client_expect_end(&t->client[1]);
	web_client_send(&t->client[0], PRESS("KeyA"));
	stream_expect_frame(t, 1, "KEY_A 1");
	stream_wait_counter(t, "too_fast", 1);
	stream_wait_counter(t, "errors", 0);
}

/* As few messages as it can. */
static void client_that_sends_much_is_disconnected(void **state)
{
	static char text[16000];
	struct stream_test *t = *state;

	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"type\":\"held\"", 14);
	text[sizeof(text) - 1] = '}';
	start_two(t);
	for (int i = 0; i < MANY; i++)
		if (!web_client_send_frame(&t->client[1], 1, true,
					   (uint8_t *)text, sizeof(text)))
			break;
	web_client_expect_end(&t->client[1]);
	expect_other_works(t);
	stream_wait_counter(t, "too_fast", 1);
	assert_sys(kill(t->p.pid, SIGUSR1));
	process_expect_log(&t->p, "counters: clients=");
	process_expect_log(&t->p, " too_fast=1 ");
}

/* Each takes the loop some milliseconds. */
static void layouts_are_limited(void **state)
{
	static const char *const names[] = {
		"de", "fr", "it", "es", "se", "no", "dk", "fi", "pl", "cz",
		"hu", "ro", "bg", "gr", "pt", "br", "ch", "at", "be", "nl",
	};
	struct stream_test *t = *state;
	struct web_client *c = &t->client[1];

	start_two(t);
	for (int i = 0; i < MANY / 20; i++)
		web_client_send(c,
				"{'type':'text','check':true,'text':'a',"
				"'layout':'%s'}",
				names[i % ARRAY_LEN(names)]);
	web_client_expect(c, "too many keyboard layouts in a second");
	/* It remains, and so do its other messages. */
	web_client_send(c, "{'type':'ping','id':7}");
	web_client_expect(c, "{\"type\":\"pong\",\"id\":7}");
	expect_other_works(t);
}

/* What it says does not reach the VNC server, whose pace is no limit, then. */
static void viewer_that_floods_is_disconnected(void **state)
{
	const struct web_handshake h = { .path = "/display/0",
					 .protocol = "vinput.display.1" };
	struct stream_test *t = *state;
	struct web_client *c = &t->client[1];
	struct fake_vnc vnc = FAKE_VNC_NULL;
	static uint8_t keys[4096];
	char path[80];

	for (size_t i = 0; i < sizeof(keys); i += 8)
		memcpy(keys + i, "\4\1\0\0\0\0\0a", 8);
	snprintf(path, sizeof(path), "%s/vnc", t->dir);
	process_arg(&t->p, "--display=unix:%s", path);
	fake_vnc_listen(&vnc, path);
	start_two(t);
	web_client_close(c);
	web_client_init(c, t->url[0]);
	web_client_trade(c);
	assert_num(web_client_upgrade(c, &h), 101);
	fake_vnc_accept(&vnc);
	fake_vnc_greet(&vnc);
	web_client_expect_binary(c, "RFB 003.008\n", 12);
	web_client_send_binary(c, "RFB 003.008\n", 12);
	web_client_expect_binary(c, "\1\1", 2);
	web_client_send_binary(c, "\1", 1);
	web_client_expect_binary(c, "\0\0\0\0", 4);
	web_client_send_binary(c, "\1", 1);
	for (int i = 0; i < MANY; i++)
		if (!web_client_send_frame(c, 2, true, keys, sizeof(keys)))
			break;
	fake_vnc_expect_end(&vnc);
	process_expect_log(&t->p, "display 0: a viewer sends too much");
	expect_other_works(t);
	stream_wait_counter(t, "viewers", 0);
	fake_vnc_close(&vnc);
	unlink(path);
}

#define T(f) cmocka_unit_test_setup_teardown(f, stream_setup, stream_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(client_that_floods_is_disconnected),
		T(client_that_sends_much_is_disconnected),
		T(layouts_are_limited),
		T(viewer_that_floods_is_disconnected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* web-frames.h and web-body.h, without a browser; libwebsockets is the test. */
#include <errno.h>
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "injector/stream/web-body.h"
#include "injector/stream/web-frames.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-lws.h"
#include "tests/lib/garbage.h"

#define MAX 100 /* bytes of a message that comes */

static struct world {
	struct web_frames frames;
	struct web_message message;
} w;

/* --- the world --- */

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	memset(&fake_lws, 0, sizeof(fake_lws));
	fill_with_garbage(&w.frames);
	web_frames_init(&w.frames, FAKE_WSI, MAX);
	return 0;
}

static int teardown(void **state)
{
	web_frames_fini(&w.frames);
	assert_num(w.frames.n_unsent, 0);
	web_frames_fini(&w.frames);
	return 0;
}

/* --- texts that are sent --- */

static void texts_are_sent_in_their_order(void **state)
{
	assert_ok(web_frames_write(&w.frames));
	for (int i = 0; i < 3; i++)
		assert_ok(web_frames_send(&w.frames, &"a b c "[2 * i], 2));
	assert_num(fake_lws.wished, 3);
	assert_ok(web_frames_write(&w.frames));
	assert_string_equal(fake_lws.written, "a ");
	assert_num(fake_lws.protocol, LWS_WRITE_TEXT);
	assert_num(fake_lws.wished, 4);
	assert_ok(web_frames_write(&w.frames));
	assert_num(fake_lws.wished, 5);
	assert_ok(web_frames_write(&w.frames));
	assert_string_equal(fake_lws.written, "a b c ");
	assert_num(fake_lws.wished, 5);
	assert_ok(web_frames_write(&w.frames));
	assert_string_equal(fake_lws.written, "a b c ");
	assert_ok(web_frames_send(&w.frames, "", 0));
	assert_ok(web_frames_write(&w.frames));
}

static void text_that_cannot_be_written_ends_it(void **state)
{
	assert_ok(web_frames_send(&w.frames, "a", 1));
	fake_lws.fails = true;
	assert_num(web_frames_write(&w.frames), -1);
	assert_num(w.frames.n_unsent, 0);
}

static void browser_that_does_not_read_ends_it(void **state)
{
	static char text[WEB_UNREAD_MAX + 1];

	assert_rc(web_frames_send(&w.frames, text, sizeof(text)), -ENOBUFS);
	assert_ok(web_frames_send(&w.frames, text, 10));
	assert_ok(web_frames_send(&w.frames, text, WEB_UNREAD_MAX - 10));
	assert_rc(web_frames_send(&w.frames, text, 1), -ENOBUFS);
	assert_ok(web_frames_write(&w.frames));
	assert_ok(web_frames_send(&w.frames, text, 10));
	assert_rc(web_frames_send(&w.frames, text, 1), -ENOBUFS);
}

/* --- messages that come --- */

static int receive(const char *text, bool final, size_t remaining)
{
	fake_lws.final = final;
	fake_lws.remaining = remaining;
	return web_frames_receive(&w.frames, (const uint8_t *)text,
				  strlen(text), &w.message);
}

static void expect_message(const char *wanted)
{
	assert_num(w.message.len, strlen(wanted));
	assert_memory_equal(w.message.data, wanted, w.message.len);
	web_frames_done(&w.frames);
}

static void whole_message_is_not_copied(void **state)
{
	static const char text[] = "whole";

	assert_num(receive(text, true, 0), 1);
	assert_ptr_equal(w.message.data, text);
	assert_false(w.message.binary);
	expect_message("whole");
	fake_lws.binary = true;
	assert_num(receive(text, true, 0), 1);
	assert_true(w.message.binary);
}

/* A frame may come in parts, and a message in frames. */
static void parts_are_put_together(void **state)
{
	for (int i = 0; i < 2; i++) {
		assert_num(receive("", false, 0), 0);
		assert_num(receive("", false, 0), 0);
		assert_num(receive("one ", false, 0), 0);
		assert_num(receive("two ", true, 3), 0);
		assert_num(receive("", false, 2), 0);
		assert_num(receive("three", true, 0), 1);
		expect_message("one two three");
	}
	assert_num(receive("next", true, 0), 1);
	expect_message("next");
}

static void message_of_parts_is_limited(void **state)
{
	char text[MAX + 2];

	memset(text, 'x', sizeof(text));
	text[MAX] = '\0';
	assert_num(receive(text, false, 0), 0);
	assert_num(receive("", true, 0), 1);
	expect_message(text);
	text[MAX] = 'x';
	text[MAX + 1] = '\0';
	assert_num(receive(text, false, 0), -1);
	assert_num(fake_lws.status, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE);
	assert_num(receive(text + 2, false, 0), 0);
	assert_num(receive("y", false, 0), 0);
	assert_num(receive("z", true, 0), -1);
	assert_num(w.frames.n_part, MAX);
}

/* --- bodies of requests --- */

static void body_is_put_together_up_to_its_size(void **state)
{
	struct web_body b = { .bytes = NULL };

	assert_rc(web_body_add(&b, "x", 1), -EINVAL);
	assert_ok(web_body_begin(&b, 4));
	assert_rc(web_body_add(&b, "12345", 5), -EINVAL);
	assert_ok(web_body_add(&b, "12", 2));
	assert_ok(web_body_add(&b, NULL, 0));
	assert_rc(web_body_add(&b, "345", 3), -EINVAL);
	assert_ok(web_body_add(&b, "34", 2));
	assert_num(b.len, 4);
	assert_memory_equal(b.bytes, "1234", 4);
	assert_rc(web_body_add(&b, "5", 1), -EINVAL);
	/* The next one is another. */
	assert_ok(web_body_begin(&b, 2));
	assert_num(b.len, 0);
	assert_ok(web_body_add(&b, "ab", 2));
	assert_memory_equal(b.bytes, "ab", 2);
	web_body_end(&b);
	assert_null(b.bytes);
	assert_ok(web_body_begin(&b, 0));
	assert_rc(web_body_add(&b, "x", 1), -EINVAL);
	web_body_end(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(texts_are_sent_in_their_order),
		T(text_that_cannot_be_written_ends_it),
		T(browser_that_does_not_read_ends_it),
		T(whole_message_is_not_copied),
		T(parts_are_put_together),
		T(message_of_parts_is_limited),
		T(body_is_put_together_up_to_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

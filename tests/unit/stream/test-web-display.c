/* SPDX-License-Identifier: Apache-2.0 */
/* web-display.h; the relay and libwebsockets are the test. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "injector/stream/web-display.h"
#include "tests/lib/check.h"
#include "tests/lib/fake-lws.h"
#include "tests/lib/garbage.h"

static struct world {
	struct displays displays;
	struct stream_counters counters;
	struct web_displays all;
	struct web_display display;
	int result; /* of display_relay_open() */
	unsigned int closed, taken;
	bool is_full;
	const char *ends; /* at the next read or write, and why */
	const char *says;
} w;

/* --- in place of display-relay.h --- */

int display_relay_open(struct display_relay *r, struct ev_loop *loop,
		       const struct display_address *address,
		       const struct display_relay_ops *ops, struct fault *why)
{
	if (w.result)
		return fault_set(why, "no server\n");
	r->server.address = address;
	r->ops = ops;
	return 0;
}

void display_relay_close(struct display_relay *r)
{
	w.closed++;
}

size_t display_relay_read(struct display_relay *r, uint8_t *to, size_t size)
{
	if (w.ends)
		r->ops->ended(r, w.ends);
	memcpy(to, w.says, strlen(w.says));
	return strlen(w.says);
}

void display_relay_write(struct display_relay *r, const uint8_t *data,
			 size_t len)
{
	w.taken += len;
	if (w.ends)
		r->ops->ended(r, w.ends);
}

bool display_relay_is_full(const struct display_relay *r)
{
	return w.is_full;
}

/* --- the world --- */

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	memset(&fake_lws, 0, sizeof(fake_lws));
	fake_lws.binary = true;
	w.displays.n = 2;
	strcpy(w.displays.at[0].name, "0");
	strcpy(w.displays.at[1].name, "front");
	w.all.displays = &w.displays;
	w.all.counters = &w.counters;
	w.says = "";
	return 0;
}

static void open_display(void)
{
	fill_with_garbage(&w.display);
	web_display_open(&w.display, FAKE_WSI, &w.all, &w.displays.at[1]);
}

static int teardown(void **state)
{
	web_display_close(&w.display);
	web_display_close(&w.display);
	assert_num(w.counters.viewers, 0);
	return 0;
}

static int receive(size_t len)
{
	static const uint8_t data[DISPLAY_WRITE_MAX + 1];

	return web_display_receive(&w.display, data, len);
}

static void expect_close(const char *why)
{
	assert_true(fake_lws.wished);
	assert_num(web_display_write(&w.display), -1);
	assert_num(fake_lws.status, WEB_DISPLAY_END);
	assert_string_equal(fake_lws.reason, why);
}

/* --- which display --- */

static void display_is_found_by_its_number(void **state)
{
	static const struct {
		const char *path;
		int found; /* -1: none */
	} rows[] = {
		{ "/display/0", 0 },   { "/display/1", 1 },
		{ "/display/2", -1 },  { "/display/9", -1 },
		{ "/display/", -1 },   { "/display/10", -1 },
		{ "/display//", -1 },  { "/display/:", -1 },
		{ "/display/x", -1 },  { "/display/1/", -1 },
		{ "/displays/1", -1 }, { "/ws", -1 },
		{ "/elsewhe/1", -1 },
	};
	const struct stream_rights all = { NULL };
	const struct stream_rights front = { .displays = "front" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_ptr_equal(web_display_find(&w.all, rows[i].path, &all),
				 rows[i].found < 0
					 ? NULL
					 : &w.displays.at[rows[i].found]);
	assert_null(web_display_find(&w.all, "/display/0", &front));
	assert_non_null(web_display_find(&w.all, "/display/1", &front));
}

/* --- messages --- */

static void what_the_server_says_is_sent(void **state)
{
	open_display();
	w.display.relay.ops->readable(&w.display.relay);
	assert_num(fake_lws.wished, 1);
	assert_ok(web_display_write(&w.display));
	assert_num(fake_lws.n_written, 0);
	w.says = "picture";
	assert_ok(web_display_write(&w.display));
	assert_string_equal(fake_lws.written, "picture");
	assert_num(fake_lws.protocol, LWS_WRITE_BINARY);
	fake_lws.fails = true;
	assert_num(web_display_write(&w.display), -1);
	assert_num(fake_lws.status, 0);
}

static void viewer_sends_short_binary_messages(void **state)
{
	open_display();
	assert_ok(receive(DISPLAY_WRITE_MAX));
	assert_num(w.taken, DISPLAY_WRITE_MAX);
	assert_num(receive(DISPLAY_WRITE_MAX + 1), -1);
	fake_lws.binary = false;
	assert_num(receive(1), -1);
	assert_num(w.taken, DISPLAY_WRITE_MAX);
}

static void viewer_waits_while_the_relay_is_full(void **state)
{
	open_display();
	assert_ok(receive(1));
	assert_false(fake_lws.stopped);
	w.is_full = true;
	assert_ok(receive(1));
	assert_true(fake_lws.stopped);
	w.display.relay.ops->drained(&w.display.relay);
	assert_false(fake_lws.stopped);
}

/* --- the end --- */

static void viewer_is_told_why_it_ends(void **state)
{
	open_display();
	w.is_full = true;
	w.ends = "it \x1f \x7f \xc3\xa4~";
	assert_ok(receive(1));
	assert_false(fake_lws.stopped);
	w.ends = NULL;
	assert_ok(receive(1));
	assert_num(w.taken, 1);
	w.says = "not read";
	expect_close("it ? ? ??~");
	assert_num(fake_lws.n_written, 0);
}

static void server_that_ends_while_it_is_read_is_told(void **state)
{
	open_display();
	w.display.relay.ops->readable(&w.display.relay);
	w.ends = "the VNC server has gone";
	expect_close("the VNC server has gone");
}

static void display_without_a_server_is_told(void **state)
{
	w.result = -ENOENT;
	open_display();
	expect_close("no server?");
}

static void long_reason_is_cut(void **state)
{
	char why[WEB_DISPLAY_REASON + 20];

	memset(why, 'x', sizeof(why));
	why[sizeof(why) - 1] = '\0';
	open_display();
	w.ends = why;
	assert_ok(receive(1));
	why[WEB_DISPLAY_REASON] = '\0';
	expect_close(why);
}

static void viewers_are_limited(void **state)
{
	w.counters.viewers = WEB_VIEWERS_MAX - 1;
	open_display();
	assert_false(fake_lws.wished);
	web_display_close(&w.display);
	assert_num(w.counters.viewers, WEB_VIEWERS_MAX - 1);
	w.counters.viewers = WEB_VIEWERS_MAX;
	open_display();
	expect_close("too many viewers");
	web_display_close(&w.display);
	assert_num(w.counters.viewers, WEB_VIEWERS_MAX);
	w.counters.viewers = 0;
}

static void what_was_dropped_is_counted_once(void **state)
{
	open_display();
	w.display.relay.filter.dropped = 3;
	web_display_close(&w.display);
	web_display_close(&w.display);
	assert_num(w.counters.viewers_dropped, 3);
	assert_num(w.closed, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(display_is_found_by_its_number),
		T(what_the_server_says_is_sent),
		T(viewer_sends_short_binary_messages),
		T(viewer_waits_while_the_relay_is_full),
		T(viewer_is_told_why_it_ends),
		T(server_that_ends_while_it_is_read_is_told),
		T(display_without_a_server_is_told),
		T(long_reason_is_cut),
		T(viewers_are_limited),
		T(what_was_dropped_is_counted_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* stream-typist.h with keyboards without a server; the test is its timer. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/stream/stream-typist.h"
#include "tests/lib/check.h"
#include "tests/lib/event-text.h"
#include "tests/lib/garbage.h"

#define KEYBOARDS 2

static struct world {
	struct ev_loop *loop;
	struct stream_devices devices;
	struct stream_device *keyboard[KEYBOARDS];
	int end[KEYBOARDS]; /* the keyboards' */
	struct stream_typist typist;
	struct stream_hold held; /* by the client */
	unsigned int done;
	char seen[1024];
	struct fault why;
} w;

static void on_done(void *client)
{
	assert_ptr_equal(client, &w);
	w.done++;
}

static bool may_compile(void *client)
{
	return true;
}

static int setup(void **state)
{
	static const struct inject_layout_names us = { .layout = "us" };

	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_AUTO);
	for (int i = 0; i < KEYBOARDS; i++) {
		int pair[2];

		w.keyboard[i] = stream_device_new(&w.devices, "keyboard", NULL);
		assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				      pair));
		assert_ok(vinject_open_fd(w.keyboard[i]->v, pair[0]));
		assert_sys(fcntl(pair[1], F_SETFL, O_NONBLOCK));
		w.end[i] = pair[1];
	}
	stream_hold_init(&w.held, 1);
	fill_with_garbage(&w.typist);
	stream_typist_init(&w.typist, w.loop, &us, on_done);
	return stream_layouts_load(&w.typist.layouts, &w.why);
}

static int teardown(void **state)
{
	stream_typist_fini(&w.typist);
	assert_false(ev_is_active(&w.typist.timer));
	stream_hold_release_all(&w.held);
	for (int i = 0; i < KEYBOARDS; i++) {
		for (int key = 0; key < KEY_CNT; key++)
			assert_num(w.keyboard[i]->down[key], 0);
		stream_device_free(&w.devices, w.keyboard[i]);
		close(w.end[i]);
	}
	ev_loop_destroy(w.loop);
	return 0;
}

/* What has come from the first keyboard; "|" ends a frame. */
static void expect_seen(const char *wanted)
{
	struct vi_event ev[64];
	const ssize_t len = read(w.end[0], ev, sizeof(ev));
	const size_t n = len > 0 ? (size_t)len / sizeof(*ev) : 0;
	char seen[1024] = "";
	size_t start = 0;

	for (size_t i = 0; i < n; i++) {
		char *text;

		if (!vi_is_syn_report(&ev[i]))
			continue;
		text = event_text_write(ev + start, i - start);
		strcat(strcat(seen, text), "|");
		free(text);
		start = i + 1;
	}
	assert_num(start, n); /* no frame was left open */
	assert_string_equal(seen, wanted);
}

static int start_text(struct stream_text *text)
{
	text->layout.may_compile = may_compile;
	if (!text->layout.name)
		text->layout.name = "";
	text->held = &w.held;
	text->device = w.keyboard[0];
	text->client = &w;
	return stream_typist_start(&w.typist, text, &w.why);
}

static int start(const char *text)
{
	return start_text(&(struct stream_text){ .text = text });
}

static int start_in(const char *layout, const char *text)
{
	return start_text(&(struct stream_text){
		.text = text, .layout = { .name = layout } });
}

static int check(const char *text)
{
	return start_text(&(struct stream_text){ .text = text, .check = true });
}

static void tick(void)
{
	ev_invoke(w.loop, &w.typist.timer, EV_TIMER);
}

static void type_all(void)
{
	for (int i = 0; i < 100 && w.typist.device; i++)
		tick();
	assert_null(w.typist.device);
}

static void hold(int keyboard, uint16_t key)
{
	assert_ok(stream_hold_key(&w.held, w.keyboard[keyboard], key, true));
	stream_hold_finish(&w.held, &w.devices);
}

/* As a guest does. */
static void light_led(uint16_t led)
{
	const struct vi_event ev[] = {
		{ htole16(EV_LED), htole16(led), htole32(1) }, { 0 }
	};

	assert_num(write(w.end[0], ev, sizeof(ev)), sizeof(ev));
	vinject_dispatch(w.keyboard[0]->v);
	assert_true(vinject_led(w.keyboard[0]->v, led));
}

/* --- texts --- */

static void text_is_typed_key_by_key(void **state)
{
	assert_ok(start("aB"));
	assert_true(ev_is_active(&w.typist.timer));
	assert_true(fabs(ev_timer_remaining(w.loop, &w.typist.timer) - 0.0025) <
		    0.0001);
	expect_seen("");
	tick();
	expect_seen("KEY_A 1|");
	tick();
	expect_seen("KEY_A 0|");
	tick();
	expect_seen("KEY_LEFTSHIFT 1|KEY_B 1|");
	tick();
	expect_seen("KEY_B 0|");
	assert_num(w.done, 0);
	type_all();
	expect_seen("KEY_LEFTSHIFT 0|");
	assert_num(w.done, 1);
	assert_false(ev_is_active(&w.typist.timer));
	/* And the next one from its beginning. */
	assert_ok(start("c"));
	type_all();
	expect_seen("KEY_C 1|KEY_C 0|");
	assert_num(w.done, 2);
}

static void one_text_is_typed_at_a_time(void **state)
{
	assert_ok(start("a"));
	assert_rc(start("b"), -EBUSY);
	assert_string_equal(w.why.text, "another text is being typed");
	type_all();
	expect_seen("KEY_A 1|KEY_A 0|");
}

static void text_of_a_client_that_leaves_ends(void **state)
{
	assert_ok(start("B"));
	tick();
	stream_typist_stop(&w.typist, &w.done);
	assert_non_null(w.typist.device);
	expect_seen("KEY_LEFTSHIFT 1|KEY_B 1|");
	stream_typist_stop(&w.typist, &w);
	expect_seen("KEY_LEFTSHIFT 0, KEY_B 0|");
	assert_false(ev_is_active(&w.typist.timer));
	assert_num(w.done, 0);
	stream_typist_stop(&w.typist, &w);
	stream_typist_stop(&w.typist, NULL);
	expect_seen("");
	assert_ok(start("a"));
	type_all();
	expect_seen("KEY_A 1|KEY_A 0|");
}

static void text_of_a_keyboard_that_goes_ends(void **state)
{
	assert_ok(start("a"));
	tick();
	stream_typist_forget(&w.typist, w.keyboard[1]);
	assert_non_null(w.typist.device);
	expect_seen("KEY_A 1|");
	w.keyboard[0]->down[KEY_A] = 0;
	stream_typist_forget(&w.typist, w.keyboard[0]);
	assert_null(w.typist.device);
	assert_false(ev_is_active(&w.typist.timer));
	expect_seen("");
	assert_num(w.done, 0);
}

static void nothing_is_held_when_the_program_ends(void **state)
{
	assert_ok(start("B"));
	tick();
	/* The teardown looks. */
}

static void text_may_be_checked_only(void **state)
{
	assert_ok(check("aB"));
	assert_num(w.done, 1);
	assert_null(w.typist.device);
	assert_rc(check("\xd0\xb6"), -EINVAL);
	assert_rc(start("\xd0\xb6"), -EINVAL);
	assert_rc(start_in("nonsense", "a"), -EINVAL);
	assert_string_equal(w.why.text, "unknown keyboard layout nonsense");
	assert_num(w.done, 1);
	assert_null(w.typist.device);
	assert_false(ev_is_active(&w.typist.timer));
	expect_seen("");
}

/* --- a keyboard that makes another text of it --- */

static void text_is_not_typed_while_a_key_changes_it(void **state)
{
	/* Another client's. */
	w.keyboard[0]->down[KEY_LEFTSHIFT] = 1;
	w.keyboard[1]->down[KEY_RIGHTSHIFT] = 1;
	assert_rc(start("a"), -EBUSY);
	assert_string_equal(w.why.text, "a key is held");
	assert_ok(start(""));
	type_all();
	w.keyboard[0]->down[KEY_LEFTSHIFT] = 0;
	assert_ok(start("a"));
	w.keyboard[1]->down[KEY_RIGHTSHIFT] = 0;
}

static void text_is_not_typed_while_a_lock_changes_it(void **state)
{
	light_led(LED_NUML);
	assert_rc(start_in("de(neo)", "a"), -EBUSY);
	assert_string_equal(w.why.text, "Num Lock is on in the guest");
	assert_ok(check("1a"));
	light_led(LED_CAPSL);
	assert_rc(start("a"), -EBUSY);
	assert_string_equal(w.why.text, "Caps Lock is on in the guest");
	assert_ok(start("1"));
}

static void all_keys_may_be_held(void **state)
{
	for (uint16_t key = 0; key < KEY_CNT; key++)
		w.keyboard[0]->down[key] = 1;
	assert_rc(start("a"), -EBUSY);
	assert_string_equal(w.why.text, "a key is held");
	memset(w.keyboard[0]->down, 0, sizeof(w.keyboard[0]->down));
}

/* --- shortcuts --- */

static void character_beside_a_modifier_is_its_key(void **state)
{
	static const uint16_t modifiers[] = { KEY_LEFTCTRL,  KEY_RIGHTCTRL,
					      KEY_LEFTALT,   KEY_LEFTMETA,
					      KEY_RIGHTMETA, KEY_LEFTSHIFT,
					      KEY_RIGHTSHIFT };

	for (size_t i = 0; i < ARRAY_LEN(modifiers); i++) {
		hold(0, modifiers[i]);
		while (read(w.end[0], w.seen, sizeof(w.seen)) > 0)
			;
		/* Soft keyboards begin with a capital. */
		assert_ok(start(i % 2 ? "c" : "C"));
		expect_seen("KEY_C 1|KEY_C 0|");
		assert_num(w.done, i + 1);
		assert_null(w.typist.device);
		assert_false(ev_is_active(&w.typist.timer));
		stream_hold_release_all(&w.held);
		stream_hold_finish(&w.held, &w.devices);
	}
}

static void character_of_another_script_is_its_key(void **state)
{
	hold(0, KEY_LEFTCTRL);
	expect_seen("KEY_LEFTCTRL 1|");
	assert_ok(start_in("de", "\xc3\xb6"));
	expect_seen("KEY_SEMICOLON 1|KEY_SEMICOLON 0|");
}

/* What is no shortcut is a text, which cannot be typed now. */
static void only_a_character_with_a_key_is_a_shortcut(void **state)
{
	static const char *const texts[] = { "cc", "!" };

	hold(0, KEY_LEFTCTRL);
	expect_seen("KEY_LEFTCTRL 1|");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_rc(start(texts[i]), -EBUSY);
		assert_string_equal(w.why.text, "a key is held");
	}
	assert_rc(check("c"), -EBUSY);
	assert_rc(start("\xd0\xb6"), -EINVAL);
	assert_ok(start(""));
	type_all();
	expect_seen("");
	assert_num(w.done, 1);
}

static void other_keys_and_keyboards_make_no_shortcut(void **state)
{
	hold(0, KEY_F1);
	hold(1, KEY_LEFTCTRL);
	expect_seen("KEY_F1 1|");
	assert_ok(start("C"));
	type_all();
	expect_seen("KEY_LEFTSHIFT 1|KEY_C 1|KEY_C 0|KEY_LEFTSHIFT 0|");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(text_is_typed_key_by_key),
		T(one_text_is_typed_at_a_time),
		T(text_of_a_client_that_leaves_ends),
		T(text_of_a_keyboard_that_goes_ends),
		T(nothing_is_held_when_the_program_ends),
		T(text_may_be_checked_only),
		T(text_is_not_typed_while_a_key_changes_it),
		T(text_is_not_typed_while_a_lock_changes_it),
		T(all_keys_may_be_held),
		T(character_beside_a_modifier_is_its_key),
		T(character_of_another_script_is_its_key),
		T(only_a_character_with_a_key_is_a_shortcut),
		T(other_keys_and_keyboards_make_no_shortcut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

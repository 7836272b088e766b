/* SPDX-License-Identifier: Apache-2.0 */
/* pass-device.h: chords, and LEDs. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/pass-world.h"

#define FAKE_NODE (&world.fake)
#include "tests/lib/fake-node-ioctl.h"

/* --- chords --- */

static void tap(uint16_t key)
{
	node_sends_key(0, key, 1);
	node_sends_key(0, key, 0);
}

static void a_chord_is_reported(void **state)
{
	world_start_with_chord(PASS_NEXT, "leftctrl");
	tap(KEY_A);
	world_serve();
	assert_num(world.n_played, 0);
	tap(KEY_LEFTCTRL);
	world_serve();
	assert_num(world.n_played, 1);
	assert_num(world.played, 1 << PASS_NEXT);
	world_serve();
	assert_num(world.n_played, 1);
}

/* What was read at once. */
static void of_several_the_most_important_is_reported(void **state)
{
	struct fault why;
	struct pass_chord *chord = world.device.chord;

	assert_ok(pass_chord_read(&chord[PASS_TOGGLE], "a", &why));
	assert_ok(pass_chord_read(&chord[PASS_NEXT], "b", &why));
	world_start_with_chord(PASS_EXIT, "leftctrl");
	tap(KEY_A);
	tap(KEY_B);
	world_serve();
	assert_num(world.played, 1 << PASS_NEXT);
	world.played = 0;
	tap(KEY_LEFTCTRL);
	tap(KEY_A);
	world_serve();
	assert_num(world.played, 1 << PASS_EXIT);
	world.played = 0;
	tap(KEY_A);
	world_serve();
	assert_num(world.played, 1 << PASS_TOGGLE);
	assert_num(world.n_played, 3);
}

static void played_twice_is_not_played(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	tap(KEY_LEFTCTRL);
	tap(KEY_LEFTCTRL);
	world_serve();
	assert_num(world.n_played, 0);
}

static void the_events_times_tell_how_long_keys_were_down(void **state)
{
	static const struct {
		int64_t down_us, up_us;
		bool played;
	} rows[] = {
		{ 1990000, 1990000 + PASS_CHORD_HOLD_US, true },
		{ 1990000, 1990000 + PASS_CHORD_HOLD_US - 1, false },
		{ 990000, 1010000, false },
		{ 1000, 3000000, true },
	};

	world_start_with_chord(PASS_TOGGLE, "a+b");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		world.n_played = 0;
		node_sends_key(rows[i].down_us, KEY_A, 1);
		node_sends_key(rows[i].down_us, KEY_B, 1);
		node_sends_key(rows[i].up_us, KEY_A, 0);
		node_sends_key(rows[i].up_us, KEY_B, 0);
		world_serve();
		assert_num(world.n_played, rows[i].played);
	}
}

/* Their events may be masked, or lost: the state tells. */
static void a_chord_is_played_while_the_host_has_it(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	pass_device_give(&world.device, false);
	assert_logged(WORLD_LEFT);
	bit_set(world.fake.key, KEY_A);
	node_sends("KEY_LEFTCTRL 1");
	bit_clear(world.fake.key, KEY_A);
	node_sends("KEY_LEFTCTRL 0");
	assert_num(world.n_played, 0);
	bit_set(world.fake.key, KEY_LEFTCTRL);
	node_sends("KEY_LEFTCTRL 1");
	bit_clear(world.fake.key, KEY_LEFTCTRL);
	node_sends("KEY_LEFTCTRL 0");
	assert_num(world.n_played, 1);
	world.fake.error = ENODEV;
	node_sends("KEY_LEFTCTRL 1");
	assert_rc(world.ended, -ENODEV);
	world.fake.error = 0;
}

/*
 * All keys are up when the first one's event is served: a look at the state
 * then would end the chord, and in a kernel drop its other events.
 */
static void a_chord_is_played_that_is_over_before_it_is_read(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl+leftshift");
	pass_device_give(&world.device, false);
	assert_logged(WORLD_LEFT);
	node_sends("KEY_LEFTCTRL 1");
	node_sends("KEY_LEFTSHIFT 1");
	node_sends("KEY_LEFTCTRL 0");
	node_sends("KEY_LEFTSHIFT 0");
	assert_num(world.n_played, 1);
}

/* The owner gives it to another one, and not this one to the guest. */
static void a_chord_comes_before_the_keys_that_are_waited_for(void **state)
{
	node_open();
	assert_ok(pass_chord_read(&world.device.chord[PASS_EXIT], "leftctrl",
				  &(struct fault){ 0 }));
	bit_set(world.fake.key, KEY_LEFTCTRL);
	pass_device_start(&world.device, true);
	node_sends("KEY_LEFTCTRL 1");
	bit_clear(world.fake.key, KEY_LEFTCTRL);
	node_sends("KEY_LEFTCTRL 0");
	assert_num(world.n_played, 1);
	assert_num(world.fake.grabs, 0);
	node_sends("KEY_A 2");
	assert_num(world.fake.grabs, 1);
	assert_logged(WORLD_TAKEN);
}

static void chords_begin_anew_with_the_device(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	pass_device_stop(&world.device);
	world.device.played = 1;
	world.device.chord[PASS_TOGGLE].n = 0;
	pass_device_start(&world.device, true);
	tap(KEY_LEFTCTRL);
	world_serve();
	assert_num(world.n_played, 0);
}

/* --- LEDs --- */

static void the_guests_leds_are_shown(void **state)
{
	world_start();
	node_expect_leds("-");
	guest_sets(&world.guest[0], LED_CAPSL, 1);
	node_expect_leds("LED_CAPSL 1, SYN_REPORT 0");
	guest_sets(&world.guest[0], LED_CAPSL, 1);
	node_expect_leds("-");
	guest_sets(&world.guest[0], LED_NUML, 0);
	node_expect_leds("LED_NUML 0, LED_CAPSL 1, SYN_REPORT 0");
	guest_sets(&world.guest[0], LED_CAPSL, 0);
	node_expect_leds("LED_NUML 0, LED_CAPSL 0, SYN_REPORT 0");
}

static void those_of_a_guest_that_does_not_have_it_are_kept(void **state)
{
	world_start();
	guest_sets(&world.guest[1], LED_CAPSL, 1);
	node_expect_leds("-");
	pass_device_give(&world.device, false);
	node_expect_leds("LED_NUML 0, LED_CAPSL 0, SYN_REPORT 0");
	guest_sets(&world.guest[0], LED_NUML, 1);
	node_expect_leds("-");
	pass_device_give(&world.device, true);
	node_expect_leds("LED_NUML 1, SYN_REPORT 0");
	world.device.outlet = &world.guest[1].outlet;
	pass_device_give(&world.device, true);
	node_expect_leds("LED_NUML 0, LED_CAPSL 0, SYN_REPORT 0, "
			 "LED_CAPSL 1, SYN_REPORT 0");
	assert_logged(WORLD_LEFT WORLD_TAKEN WORLD_TAKEN);
}

static void the_hosts_leds_are_restored(void **state)
{
	node_open();
	bit_set(world.fake.led, LED_NUML);
	/* No LED has this number. */
	bit_set(world.device.node.spec.bits[EV_LED], LED_CNT);
	pass_device_start(&world.device, true);
	guard_expect(1u << LED_NUML | 1u << LED_CAPSL, 1u << LED_NUML);
	pass_device_stop(&world.device);
	node_expect_leds("LED_NUML 1, LED_CAPSL 0, SYN_REPORT 0");
	guard_expect(0, 0);
	pass_device_stop(&world.device);
	node_expect_leds("-");
	guard_expect_nothing();
	assert_logged(WORLD_TAKEN);
}

static void those_of_a_node_that_cannot_be_written_stay(void **state)
{
	node_open();
	world.device.node.writable = false;
	pass_device_start(&world.device, true);
	guest_sets(&world.guest[0], LED_CAPSL, 1);
	node_expect_leds("-");
	guard_expect_nothing();
	assert_logged(WORLD_TAKEN);
}

int main(void)
{
#define T(f)                                                 \
	cmocka_unit_test_setup_teardown(f, pass_world_setup, \
					pass_world_teardown)
	const struct CMUnitTest tests[] = {
		T(a_chord_is_reported),
		T(of_several_the_most_important_is_reported),
		T(played_twice_is_not_played),
		T(the_events_times_tell_how_long_keys_were_down),
		T(a_chord_is_played_while_the_host_has_it),
		T(a_chord_is_played_that_is_over_before_it_is_read),
		T(a_chord_comes_before_the_keys_that_are_waited_for),
		T(chords_begin_anew_with_the_device),
		T(the_guests_leds_are_shown),
		T(those_of_a_guest_that_does_not_have_it_are_kept),
		T(the_hosts_leds_are_restored),
		T(those_of_a_node_that_cannot_be_written_stay),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real guest, a real VMM, every shipped device:
 *
 *	test-guest PROGRAMS_DIR GUEST_DIR SOCKET_DIR [PATTERN]
 *
 * from the top of the source tree, as tests/guest/run does. PATTERN, with * and
 * ?, selects tests by name.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define TIME_LIMIT_S 900

static char **arguments;

static int set_up(void **state)
{
	fixture_init(arguments[1], arguments[2], arguments[3]);
	return 0;
}

static int tear_down(void **state)
{
	fixture_fini();
	return 0;
}

#define TEST(claim) cmocka_unit_test(claim)

/* The first one boots the guest; the last ones stop injectors and servers. */
static const struct CMUnitTest tests[] = {
	TEST(guest_that_first_boots_gets_only_the_current_state),
	TEST(guest_sees_each_device_as_its_spec_says),
	TEST(guest_reads_what_is_injected_into_each_device),
	TEST(guest_reads_a_frame_of_100_events_as_one),
	TEST(guest_reads_every_key_and_switch_of_each_device),
	TEST(each_injector_sees_the_led_that_the_guest_sets),
	TEST(key_of_two_injectors_is_down_until_both_let_go),
	TEST(frames_of_two_injectors_never_mix),
	TEST(fingers_of_two_clients_stay_apart),
	TEST(what_a_closed_injector_held_is_released_in_one_frame),
	TEST(what_a_killed_injector_held_is_released_in_one_frame),
	TEST(what_an_injector_held_that_ends_in_half_an_event_is_released),
	TEST(what_an_injector_held_that_never_ends_a_frame_is_released),
	TEST(each_shipped_device_arrives_as_it_is),
	TEST(usb_devices_arrive_as_they_are),
	TEST(leds_are_the_guests_or_the_hosts),
	TEST(next_guest_holds_nothing),
	TEST(what_the_kernel_kept_for_a_stopped_reader_arrives),
	TEST(all_motion_reaches_a_guest_that_was_stopped),
	TEST(a_device_is_taken_when_its_keys_are_up_and_nobody_has_it),
	TEST(nothing_wakes_it_but_what_is_for_it),
	TEST(without_permission_it_says_which_udev_rule_would_give_it),
	TEST(a_keyboard_survives_a_hundred_replugs),
	TEST(a_device_is_back_within_half_a_second),
	TEST(another_device_under_the_same_number_is_refused),
	TEST(a_device_may_come_after_its_guest),
	TEST(odd_devices_arrive_as_they_are),
	TEST(two_alike_are_told_apart_by_their_ports),
	TEST(the_command_line_of_qemus_back_end_serves_a_device),
	TEST(a_keyboard_is_added_to_the_vm_while_it_is_plugged_in),
	TEST(a_link_of_udevs_names_a_keyboard),
	TEST(libinput_moves_clicks_and_turns_as_the_mouse_does),
	TEST(libinput_makes_a_tap_a_click),
	TEST(what_shows_a_guest_is_refused),
	TEST(text_in_two_layouts_arrives_as_its_keys),
	TEST(udev_takes_each_device_for_what_it_is),
	TEST(three_fingers_that_move_are_a_swipe_to_libinput),
	TEST(two_fingers_that_part_are_a_pinch_to_libinput),
	TEST(text_arrives_whole_over_a_guest_that_stops),
	TEST(the_last_character_named_is_the_last_that_the_guest_has),
	TEST(the_way_into_the_guest_is_measured_beside_the_notification),
	TEST(leds_go_to_the_stdout_of_a_server_of_cuttlefish),
	TEST(mouse_moves_of_cuttlefish_come_with_the_next_button),
	TEST(touch_of_cuttlefish_is_down_while_any_finger_is),
	TEST(tracking_ids_that_only_grow_stay_small_in_the_guest),
	TEST(finger_that_a_browser_left_is_lifted_when_the_next_comes),
	TEST(guest_that_slept_gets_what_changed_meanwhile),
	TEST(guest_that_reboots_gets_only_the_current_state),
	TEST(guest_that_reboots_finds_the_device_that_was_changed),
	TEST(guest_uses_a_keyboard_behind_its_iommu),
	TEST(guest_with_an_iommu_uses_a_keyboard_that_is_not_behind_it),
	TEST(guest_survives_servers_behind_a_qemu_that_reconnects),
	TEST(guest_survives_servers_behind_cloud_hypervisor),
	TEST(guest_keeps_what_was_held_when_servers_died),
	TEST(guest_boots_while_servers_die),
	TEST(guest_survives_servers_of_a_launcher),
	TEST(an_injector_waits_for_a_guest_that_boots),
	TEST(devices_serve_a_qemu_that_follows_a_killed_one),
	TEST(streamer_that_ends_leaves_nothing_pressed),
	TEST(servers_end_well_on_sigterm_while_a_guest_runs),
};

int main(int argc, char **argv)
{
	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: test-guest PROGRAMS_DIR GUEST_DIR "
				"SOCKET_DIR [PATTERN]\n");
		return 2;
	}
	arguments = argv;
	if (argc == 5)
		cmocka_set_test_filter(argv[4]);
	/*
	 * This process dies with tests/guest/run, and its children die with it:
	 * die_with_parent().
	 */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(TIME_LIMIT_S);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

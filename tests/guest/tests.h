/* SPDX-License-Identifier: Apache-2.0 */
/* The tests; test-guest.c runs them. Each one's name is its claim. */
#ifndef VINPUT_TEST_TESTS_H
#define VINPUT_TEST_TESTS_H

#include <stdbool.h>
#include "tests/guest/fixture.h"

/* tests-devices.c */
void guest_sees_each_device_as_its_spec_says(void **state);
void guest_reads_what_is_injected_into_each_device(void **state);
void guest_reads_a_frame_of_100_events_as_one(void **state);
void guest_reads_every_key_and_switch_of_each_device(void **state);

/* The check of guest_sees_each_device_as_its_spec_says(), for other tests. */
bool is_as_specified(const struct device *dev);
void assert_all_as_specified(void);

/* tests-sources.c */
void each_injector_sees_the_led_that_the_guest_sets(void **state);
void key_of_two_injectors_is_down_until_both_let_go(void **state);
void frames_of_two_injectors_never_mix(void **state);
void fingers_of_two_clients_stay_apart(void **state);
void what_a_closed_injector_held_is_released_in_one_frame(void **state);
void what_a_killed_injector_held_is_released_in_one_frame(void **state);
void what_an_injector_held_that_ends_in_half_an_event_is_released(void **state);
void what_an_injector_held_that_never_ends_a_frame_is_released(void **state);

/* tests-injector.c */
void text_in_two_layouts_arrives_as_its_keys(void **state);
void udev_takes_each_device_for_what_it_is(void **state);
void three_fingers_that_move_are_a_swipe_to_libinput(void **state);
void two_fingers_that_part_are_a_pinch_to_libinput(void **state);

/* tests-receipts.c */
void text_arrives_whole_over_a_guest_that_stops(void **state);
void the_last_character_named_is_the_last_that_the_guest_has(void **state);
void an_injector_waits_for_a_guest_that_boots(void **state);
void the_way_into_the_guest_is_measured_beside_the_notification(void **state);

/* tests-cuttlefish.c */
void leds_go_to_the_stdout_of_a_server_of_cuttlefish(void **state);
void mouse_moves_of_cuttlefish_come_with_the_next_button(void **state);
void touch_of_cuttlefish_is_down_while_any_finger_is(void **state);
void tracking_ids_that_only_grow_stay_small_in_the_guest(void **state);
void finger_that_a_browser_left_is_lifted_when_the_next_comes(void **state);
void streamer_that_ends_leaves_nothing_pressed(void **state);

/* tests-life.c */
void guest_that_first_boots_gets_only_the_current_state(void **state);
void guest_that_slept_gets_what_changed_meanwhile(void **state);
void guest_that_reboots_gets_only_the_current_state(void **state);
void devices_serve_a_qemu_that_follows_a_killed_one(void **state);
void servers_end_well_on_sigterm_while_a_guest_runs(void **state);

/* tests-restart.c */
void guest_survives_servers_behind_cloud_hypervisor(void **state);
void guest_survives_servers_behind_a_qemu_that_reconnects(void **state);
void guest_boots_while_servers_die(void **state);
void guest_keeps_what_was_held_when_servers_died(void **state);

/* tests-change.c */
void guest_that_reboots_finds_the_device_that_was_changed(void **state);

/* tests-iommu.c */
void guest_uses_a_keyboard_behind_its_iommu(void **state);
void guest_with_an_iommu_uses_a_keyboard_that_is_not_behind_it(void **state);

/* tests-launch.c */
void guest_survives_servers_of_a_launcher(void **state);

/* tests-passthrough.c: claims of inside.h */
void each_shipped_device_arrives_as_it_is(void **state);
void usb_devices_arrive_as_they_are(void **state);
void leds_are_the_guests_or_the_hosts(void **state);
void next_guest_holds_nothing(void **state);
void what_the_kernel_kept_for_a_stopped_reader_arrives(void **state);
void all_motion_reaches_a_guest_that_was_stopped(void **state);
void a_device_is_taken_when_its_keys_are_up_and_nobody_has_it(void **state);
void nothing_wakes_it_but_what_is_for_it(void **state);
void without_permission_it_says_which_udev_rule_would_give_it(void **state);
void a_keyboard_survives_a_hundred_replugs(void **state);
void a_device_is_back_within_half_a_second(void **state);
void another_device_under_the_same_number_is_refused(void **state);
void a_device_may_come_after_its_guest(void **state);
void odd_devices_arrive_as_they_are(void **state);
void two_alike_are_told_apart_by_their_ports(void **state);
void the_command_line_of_qemus_back_end_serves_a_device(void **state);
void a_keyboard_is_added_to_the_vm_while_it_is_plugged_in(void **state);
void a_link_of_udevs_names_a_keyboard(void **state);
void libinput_moves_clicks_and_turns_as_the_mouse_does(void **state);
void libinput_makes_a_tap_a_click(void **state);
void what_shows_a_guest_is_refused(void **state);

#endif

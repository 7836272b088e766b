/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The claims of the tests that run inside the guest: inside.c runs those that
 * tests-passthrough.c asks it for. X(claim) stands for each, in that order.
 */
#ifndef VINPUT_TEST_INSIDE_CLAIMS_H
#define VINPUT_TEST_INSIDE_CLAIMS_H

#define INSIDE_CLAIMS(X)                                            \
	X(each_shipped_device_arrives_as_it_is)                     \
	X(usb_devices_arrive_as_they_are)                           \
	X(leds_are_the_guests_or_the_hosts)                         \
	X(next_guest_holds_nothing)                                 \
	X(next_guest_of_a_served_device_holds_nothing)              \
	X(what_the_kernel_kept_for_a_stopped_reader_arrives)        \
	X(all_motion_reaches_a_guest_that_was_stopped)              \
	X(a_device_is_taken_when_its_keys_are_up_and_nobody_has_it) \
	X(nothing_wakes_it_but_what_is_for_it)                      \
	X(without_permission_it_says_which_udev_rule_would_give_it) \
	X(a_keyboard_survives_a_hundred_replugs)                    \
	X(a_device_is_back_within_half_a_second)                    \
	X(another_device_under_the_same_number_is_refused)          \
	X(a_device_may_come_after_its_guest)                        \
	X(odd_devices_arrive_as_they_are)                           \
	X(a_long_name_ends_with_a_whole_character)                  \
	X(contacts_without_slots_get_some)                          \
	X(parts_of_one_device_are_not_mixed_up)                     \
	X(keys_that_are_kept_reach_the_host_only)                   \
	X(two_alike_are_told_apart_by_their_ports)                  \
	X(the_command_line_of_qemus_back_end_serves_a_device)       \
	X(a_keyboard_is_added_to_the_vm_while_it_is_plugged_in)     \
	X(a_link_of_udevs_names_a_keyboard)                         \
	X(devices_of_another_seat_are_left_alone)                   \
	X(libinput_moves_clicks_and_turns_as_the_mouse_does)        \
	X(libinput_makes_a_tap_a_click)                             \
	X(a_pinch_is_the_wheel_with_ctrl_if_asked_for)              \
	X(what_shows_a_guest_is_refused)

/* Those of a host that has no devices but theirs. */
#define INSIDE_BARE_CLAIMS(X)                           \
	X(the_readmes_commands_give_devices_to_a_guest) \
	X(the_options_that_the_readme_names_do_what_it_says)

/* Those of a host whose init is systemd. */
#define INSIDE_SYSTEMD_CLAIMS(X)                               \
	X(the_unit_of_a_host_device_serves_and_gives_it_back)  \
	X(the_unit_of_a_host_device_is_restarted_when_killed)  \
	X(the_unit_of_a_launcher_keeps_devices_over_its_death) \
	X(the_unit_of_a_launcher_reads_specs_again_on_reload)  \
	X(the_units_of_both_share_a_desk_as_their_manuals_say) \
	X(the_unit_of_a_launcher_serves_a_host_device_by_a_drop_in)

#endif

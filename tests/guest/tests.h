/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tests, in the order in which test-guest.c runs them; each one's name is
 * its claim.
 */
#ifndef VINPUT_TEST_TESTS_H
#define VINPUT_TEST_TESTS_H

#include <stdbool.h>
#include "tests/guest/fixture.h"
#include "tests/guest/inside-claims.h"

/*
 * X(claim) stands for each. The first one boots the guest; the last ones stop
 * injectors and servers.
 */
#define GUEST_CLAIMS(X)                                                 \
	X(guest_that_first_boots_gets_only_the_current_state)           \
	X(guest_sees_each_device_as_its_spec_says)                      \
	X(guest_reads_what_is_injected_into_each_device)                \
	X(guest_reads_a_frame_of_100_events_as_one)                     \
	X(guest_reads_every_key_and_switch_of_each_device)              \
	X(each_injector_sees_the_led_that_the_guest_sets)               \
	X(key_of_two_injectors_is_down_until_both_let_go)               \
	X(frames_of_two_injectors_never_mix)                            \
	X(fingers_of_two_clients_stay_apart)                            \
	X(what_a_closed_injector_held_is_released_in_one_frame)         \
	X(what_a_killed_injector_held_is_released_in_one_frame)         \
	X(what_an_injector_held_that_ends_in_half_an_event_is_released) \
	X(what_an_injector_held_that_never_ends_a_frame_is_released)    \
	INSIDE_CLAIMS(X)                                                \
	X(text_in_two_layouts_arrives_as_its_keys)                      \
	X(udev_takes_each_device_for_what_it_is)                        \
	X(three_fingers_that_move_are_a_swipe_to_libinput)              \
	X(two_fingers_that_part_are_a_pinch_to_libinput)                \
	X(text_arrives_whole_over_a_guest_that_stops)                   \
	X(the_last_character_named_is_the_last_that_the_guest_has)      \
	X(the_way_into_the_guest_is_measured_beside_the_notification)   \
	X(leds_go_to_the_stdout_of_a_server_of_cuttlefish)              \
	X(mouse_moves_of_cuttlefish_come_with_the_next_button)          \
	X(touch_of_cuttlefish_is_down_while_any_finger_is)              \
	X(tracking_ids_that_only_grow_stay_small_in_the_guest)          \
	X(finger_that_a_browser_left_is_lifted_when_the_next_comes)     \
	X(guest_that_slept_gets_what_changed_meanwhile)                 \
	X(guest_that_reboots_gets_only_the_current_state)               \
	X(guest_that_reboots_finds_the_device_that_was_changed)         \
	INSIDE_BARE_CLAIMS(X)                                           \
	INSIDE_SYSTEMD_CLAIMS(X)                                        \
	X(guest_uses_a_keyboard_behind_its_iommu)                       \
	X(guest_with_an_iommu_uses_a_keyboard_that_is_not_behind_it)    \
	X(vfio_user_guest_sees_and_reads_each_device)                   \
	X(vfio_user_guest_reads_a_frame_longer_than_its_ring)           \
	X(vfio_user_guest_sets_leds)                                    \
	X(vfio_user_guest_does_not_notice_that_servers_die)             \
	X(vfio_user_guest_that_reboots_gets_only_the_current_state)     \
	X(vfio_user_guest_binds_a_driver_again)                         \
	X(vfio_user_guest_has_a_device_plugged_in)                      \
	X(vfio_user_guest_uses_a_keyboard_of_a_launcher)                \
	X(vfio_user_guest_uses_a_keyboard_behind_its_iommu)             \
	X(a_guest_serves_another_vm_by_messages)                        \
	X(a_guest_serves_another_vm_by_its_memory)                      \
	X(a_guest_serves_one_vm_after_the_other)                        \
	X(guest_survives_servers_behind_a_qemu_that_reconnects)         \
	X(guest_survives_servers_behind_cloud_hypervisor)               \
	X(guest_keeps_what_was_held_when_servers_died)                  \
	X(guest_boots_while_servers_die)                                \
	X(guest_survives_servers_of_a_launcher)                         \
	X(guest_has_all_events_once_after_kills)                        \
	X(tap_in_a_browser_is_a_tap_in_the_guest)                       \
	X(console_in_a_browser_is_typed_and_tapped_on)                  \
	X(an_injector_waits_for_a_guest_that_boots)                     \
	X(devices_serve_a_qemu_that_follows_a_killed_one)               \
	X(streamer_that_ends_leaves_nothing_pressed)                    \
	X(servers_end_well_on_sigterm_while_a_guest_runs)

#define GUEST_DECLARE(claim) void claim(void **state);
GUEST_CLAIMS(GUEST_DECLARE)

/* The check of guest_sees_each_device_as_its_spec_says(), for other tests. */
bool is_as_specified(const struct device *dev);
void assert_all_as_specified(void);
/*
 * A keyboard of its own, alone in a guest with an IOMMU, behind it or not; the
 * test has begun, and stop_...() is done(), too.
 */
void start_iommu_keyboard(struct device *dev, bool iommu);
void stop_iommu_keyboard(struct device *dev);
/* The same of guest_reads_what_is_injected_into_each_device(). */
void assert_plays_all(void);
/* That of guest_reads_a_frame_of_100_events_as_one(). */
void assert_reads_100_events_as_one(void);

#endif

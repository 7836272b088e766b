/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest plays the host: each test is one of the program that runs there
 * (inside.h). What it prints is shown if it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"

#define INSIDE_MS 330000

/* A line that it printed: to be obeyed, or to be shown. */
static void take_line(FILE *said, const char *line)
{
	if (line[0] == '@')
		vm_qmp(&vm, line + 1);
	else
		fprintf(said, "%s\n", line);
}

static void run_inside(const char *claim)
{
	const long end = now_ms() + INSIDE_MS;
	char line[8192], *text = NULL;
	size_t len;
	FILE *said = open_memstream(&text, &len);

	vm_send(&vm, "run /bin/inside %s", claim);
	do {
		if (!vm_next_line(&vm, line, sizeof(line), end))
			fail_msg("the guest does not answer: %s", text);
		if (!strncmp(line, "d ", 2))
			take_line(said, line + 2);
	} while (!strncmp(line, "d ", 2));
	fclose(said);
	if (strcmp(line, "ok") != 0)
		fail_msg("%s:\n%s", line, text);
	free(text);
}

#define INSIDE(claim)               \
	void claim(void **state)    \
	{                           \
		begin();            \
		run_inside(#claim); \
		forget_events();    \
		done();             \
	}

INSIDE(each_shipped_device_arrives_as_it_is)
INSIDE(usb_devices_arrive_as_they_are)
INSIDE(leds_are_the_guests_or_the_hosts)
INSIDE(next_guest_holds_nothing)
INSIDE(what_the_kernel_kept_for_a_stopped_reader_arrives)
INSIDE(all_motion_reaches_a_guest_that_was_stopped)
INSIDE(a_device_is_taken_when_its_keys_are_up_and_nobody_has_it)
INSIDE(nothing_wakes_it_but_what_is_for_it)
INSIDE(without_permission_it_says_which_udev_rule_would_give_it)
INSIDE(a_keyboard_survives_a_hundred_replugs)
INSIDE(a_device_is_back_within_half_a_second)
INSIDE(another_device_under_the_same_number_is_refused)
INSIDE(a_device_may_come_after_its_guest)
INSIDE(odd_devices_arrive_as_they_are)
INSIDE(two_alike_are_told_apart_by_their_ports)
INSIDE(the_command_line_of_qemus_back_end_serves_a_device)
INSIDE(a_keyboard_is_added_to_the_vm_while_it_is_plugged_in)
INSIDE(a_link_of_udevs_names_a_keyboard)
INSIDE(libinput_moves_clicks_and_turns_as_the_mouse_does)
INSIDE(libinput_makes_a_tap_a_click)
INSIDE(what_shows_a_guest_is_refused)

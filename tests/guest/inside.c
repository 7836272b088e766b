/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of inside.h:
 *
 *	inside [PATTERN]
 *
 * Its output goes to the test on the host, which obeys lines that begin with
 * @ (inside_qmp()).
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "tests/guest/inside.h"

#define TIME_LIMIT_S 300
#define MODULES	     "/modules-of-host"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Once in a guest. */
static void load_modules(void)
{
	struct dirent **entries;
	char path[300];
	int n;

	if (!access("/sys/module/uhid", F_OK))
		return;
	n = scandir(MODULES, &entries, is_module, alphasort);
	for (int i = 0; i < n; i++) {
		int fd;

		snprintf(path, sizeof(path), MODULES "/%s", entries[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			perror(path);
		close(fd);
		free(entries[i]);
	}
	free(entries);
}

static int set_up(void **state)
{
	node_forget();
	return 0;
}

static int tear_down(void **state)
{
	inside_end_all();
	return 0;
}

#define TEST(claim) cmocka_unit_test_setup_teardown(claim, set_up, tear_down)

static const struct CMUnitTest tests[] = {
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
};

int main(int argc, char **argv)
{
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	setenv("VINPUT_BIN_DIR", "/bin", 1);
	signal(SIGPIPE, SIG_IGN);
	mkdir(INSIDE_DIR, 0700);
	load_modules();
	alarm(TIME_LIMIT_S);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

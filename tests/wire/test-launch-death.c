/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A launcher is killed, or leaves: its devices and their VMMs go on, and the
 * next launcher takes them over. The VMM is the rig's front-end, for which the
 * end of its connection is an error.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "tests/lib/check.h"
#include "tests/lib/launch-next.h"
#include "tests/lib/temp-dir.h"
#include "tests/lib/usage.h"

#define NOBODY	    65534
#define SW(code, v) vi_event(EV_SW, code, v)

static void expect_the_next_finds_nothing(struct launch_test *t)
{
	launch_next(t);
	launch_start(t);
	launch_end_next(t);
}

static void expect_disconnected(struct launch_test *t)
{
	struct pollfd p = { .fd = t->rig->fe.fd, .events = POLLRDHUP };

	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	rig_disconnect(t->rig);
}

static void start_with_guest(struct launch_test *t)
{
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
}

/* Only a privileged process may end those. Before the start. */
static void give_devices_to_nobody(struct launch_test *t)
{
	if (geteuid())
		skip_because("only root can give devices to another user");
	launch_arg(t, "--user=%d", NOBODY);
}

static void devices_outlive_their_launcher(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_press(t, KEY_B);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "is taken over"), 2);
	launch_press_next(t, KEY_ESC);
	/* Its servers are this launcher's from now on. */
	launch_expect_control(t, "", LAUNCH_WORDS("restart", "keyboard"));
	launch_press_next(t, KEY_S);
	launch_end_next(t);
}

static void expect_in_unit(const char *unit, const char *line)
{
	if (!strstr(unit, line))
		fail_msg("the unit has no line %s", line + 1);
}

/*
 * systemctl kill --kill-whom=main --signal=KILL: the unit leaves the other
 * processes and the directory alone, and starts the same command again.
 */
static void a_restart_by_the_unit_is_not_noticed(void **state)
{
	struct launch_test *t = *state;
	char path[256], unit[8192] = "", file[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/injector/launch/%s", test_root(),
		 "vinput-launch@.service.in");
	f = fopen(path, "re");
	assert_non_null(f);
	assert_true(fread(unit, 1, sizeof(unit) - 1, f) > 0);
	fclose(f);
	expect_in_unit(unit, "\nKillMode=process\n");
	expect_in_unit(unit, "\nRuntimeDirectoryPreserve=restart\n");
	expect_in_unit(unit, "\nRestart=on-failure\n");
	snprintf(file, sizeof(file), "%s/file", t->rig->dir);
	file_write(file, "{\"devices\": [{\"type\": \"keyboard\"}]}");
	launch_arg(t, "--file=%s", file);
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--file=%s", file);
	launch_start(t);
	launch_press_next(t, KEY_B);
	launch_end_next(t);
}

/* It was not this launcher's child, which does not learn its status. */
static void a_holder_that_was_taken_over_is_restarted(void **state)
{
	struct launch_test *t = *state;
	pid_t holder;

	start_with_guest(t);
	holder = launch_find_holder(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_sys(kill(holder, SIGKILL));
	expect_disconnected(t);
	process_expect_log(&t->launcher, "the holder has ended; restarting it");
	launch_guest(t, "keyboard");
	launch_press(t, KEY_B);
	launch_end_next(t);
}

static void a_launcher_can_be_killed_again_and_again(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	for (int i = 0; i < 5; i++) {
		launch_kill(t);
		launch_next(t);
		launch_arg(t, "--keyboard");
		launch_start(t);
		launch_press_next(t, i % 2 ? KEY_A : KEY_B);
	}
	launch_end_next(t);
}

/* As it was, for the VMM and for the next launcher. */
static void expect_left_alone(struct launch_test *t)
{
	process_fini(&t->launcher);
	launch_press(t, KEY_B);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "keyboard is taken over"),
		   1);
	launch_press_next(t, KEY_ESC);
	launch_end_next(t);
}

/* Besides a keyboard it wants what is no device. */
static void run_one_that_fails(struct launch_test *t)
{
	launch_arg(t, "--keyboard");
	launch_arg(t, "--device=pad={\"name\": 5}");
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
}

static void a_launcher_that_fails_leaves_what_it_took_over(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	run_one_that_fails(t);
	assert_num(process_log_count(&t->launcher, "pad: "), 1);
	expect_left_alone(t);
}

/* Nor does it end what it does not want: a mouse that no VMM uses. */
static void one_that_fails_leaves_what_it_does_not_want(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	run_one_that_fails(t);
	process_fini(&t->launcher);
	launch_injector(t, "mouse");
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_arg(t, "--mouse");
	launch_start(t);
	assert_num(process_log_count(&t->launcher, "mouse is taken over"), 1);
	launch_press_next(t, KEY_B);
	launch_end_next(t);
}

/* One that is to end is not one that fails. */
static void one_that_is_ended_before_it_is_up_ends_all(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	launch_server_script(t, "exec sleep 100");
	launch_arg(t, "--keyboard");
	process_start(&t->launcher);
	process_expect_log(&t->launcher, "keyboard is taken over");
	launch_end_next(t);
}

/* Also one whose devices would have ended with it. */
static void one_that_fails_ends_nothing_by_choice(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--on-launcher-death=end");
	run_one_that_fails(t);
	expect_left_alone(t);
}

/* Also one that fails late, when its own servers have replaced the others. */
static void one_that_fails_late_ends_nothing_by_choice(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--keyboard");
	launch_arg(t, "--");
	launch_arg(t, "sleep");
	launch_arg(t, "1000");
	launch_start(t);
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--on-launcher-death=end");
	launch_arg(t, "--keyboard");
	launch_arg(t, "--");
	launch_arg(t, "%s/no-streamer", t->rig->dir);
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher, "ending the old one"), 1);
	expect_left_alone(t);
}

static void start_switches(struct launch_test *t, bool with_streamer)
{
	launch_arg(t, "--switches");
	if (with_streamer) {
		launch_arg(t, "--");
		launch_arg(t, "sleep");
		launch_arg(t, "1000");
	}
	launch_start(t);
}

/* Its devices have an injector more or less than they had. */
static void a_streamer_that_comes_or_goes_changes_no_device(void **state)
{
	struct launch_test *t = *state;

	start_switches(t, false);
	launch_guest(t, "switches");
	launch_injector(t, "switches");
	inject(t->rig, SW(SW_LID, 1), SYN);
	expect(t->rig, SW(SW_LID, 1), SYN);
	for (int i = 1; i <= 3; i++) {
		launch_kill(t);
		launch_next(t);
		start_switches(t, i % 2);
		assert_num(process_log_count(&t->launcher, "discarded"), 0);
		launch_expect_flag(t, "switches", "driver", true);
		rig_expect_nothing(t->rig);
		launch_injector(t, "switches");
		inject(t->rig, SW(SW_DOCK, i % 2), SYN);
		expect(t->rig, SW(SW_DOCK, i % 2), SYN);
	}
	launch_end_next(t);
}

/* Also if it is one of those that it takes over. */
static void a_device_with_a_bad_spec_is_not_replaced(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--device=keyboard={\"name\": 5}");
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
	expect_left_alone(t);
}

static void a_label_does_not_become_another_device(void **state)
{
	struct launch_test *t = *state;
	char path[64];

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": [{\"label\": \"keyboard\", "
			 "\"type\": \"mouse\"}]}");
	launch_arg(t, "--file=%s", path);
	process_start(&t->launcher);
	assert_num(process_wait(&t->launcher), 1);
	assert_num(process_log_count(&t->launcher,
				     "keyboard: is a keyboard, which its VMM "
				     "uses; it cannot become a mouse\n"),
		   1);
	expect_left_alone(t);
}

/* The next launcher does not know of it, and its VMM is there. */
static void a_device_that_was_added_is_taken_over(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--mouse");
	launch_start(t);
	launch_expect_control(t, "keyboard", LAUNCH_WORDS("add", "--keyboard"));
	launch_guest(t, "keyboard");
	launch_kill(t);
	launch_next(t);
	launch_start(t);
	launch_expect_state(t, "keyboard", "ready");
	assert_num(launch_number(t, "mouse", "pid"), -1);
	launch_press_next(t, KEY_A);
	launch_expect_control(t, "", LAUNCH_WORDS("remove", "keyboard"));
	launch_end_next(t);
}

static void a_launcher_that_leaves_leaves_its_devices(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_expect_control(t, "", LAUNCH_WORDS("leave"));
	assert_num(process_wait(&t->launcher), 0);
	process_fini(&t->launcher);
	launch_press(t, KEY_B);
	launch_next(t);
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_press_next(t, KEY_ESC);
	launch_end_next(t);
}

/* Nobody would end them. */
static void without_a_vmm_devices_end_with_their_launcher(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_press(t, KEY_B);
	rig_disconnect(t->rig);
	launch_expect_all_ended();
	expect_the_next_finds_nothing(t);
}

static void without_a_vmm_devices_of_another_user_end(void **state)
{
	give_devices_to_nobody(*state);
	without_a_vmm_devices_end_with_their_launcher(state);
}

static void without_a_holder_nothing_is_taken_over(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--hold=off");
	launch_arg(t, "--keyboard");
	launch_start(t);
	expect_disconnected(t);
	launch_guest(t, "keyboard");
	launch_press(t, KEY_A);
	launch_expect_refused(t, 1, "--hold=off", LAUNCH_WORDS("leave"));
	launch_end_next(t);
}

static void by_choice_all_ends(void **state)
{
	struct launch_test *t = *state;

	launch_arg(t, "--on-launcher-death=end");
	start_with_guest(t);
	launch_expect_refused(t, 1, "--on-launcher-death=end",
			      LAUNCH_WORDS("leave"));
	launch_kill(t);
	launch_expect_all_ended();
	expect_disconnected(t);
	expect_the_next_finds_nothing(t);
}

/* Of a launcher that wanted to be outlived, by one that does not. */
static void by_choice_of_the_next_launcher_all_ends(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--on-launcher-death=end");
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_press_next(t, KEY_B);
	launch_kill(t);
	launch_expect_all_ended();
	expect_disconnected(t);
	expect_the_next_finds_nothing(t);
}

/* The launcher first, so that it does not start another holder. */
static void kill_launcher_and_holder(struct launch_test *t, pid_t holder)
{
	/* It is not to end them itself. */
	assert_sys(kill(holder, SIGSTOP));
	launch_kill(t);
	assert_sys(kill(holder, SIGKILL));
	expect_disconnected(t);
}

/* Nobody could take them over, or end them. */
static void without_launcher_and_holder_all_ends(void **state)
{
	struct launch_test *t = *state;

	start_with_guest(t);
	kill_launcher_and_holder(t, launch_find_holder(t));
	launch_expect_all_ended();
	expect_the_next_finds_nothing(t);
}

static void without_both_devices_of_another_user_end(void **state)
{
	give_devices_to_nobody(*state);
	without_launcher_and_holder_all_ends(state);
}

/* Servers that were not killed with their launcher, by either choice. */
static void end_after_takeover(struct launch_test *t, const char *choice)
{
	pid_t holder;

	start_with_guest(t);
	holder = launch_find_holder(t);
	launch_kill(t);
	launch_next(t);
	launch_arg(t, "--on-launcher-death=%s", choice);
	launch_arg(t, "--keyboard");
	launch_start(t);
	launch_press_next(t, KEY_B);
	kill_launcher_and_holder(t, holder);
	launch_expect_all_ended();
	expect_the_next_finds_nothing(t);
}

static void what_was_taken_over_ends_without_both(void **state)
{
	end_after_takeover(*state, "keep");
}

static void what_was_taken_over_ends_without_both_by_choice(void **state)
{
	end_after_takeover(*state, "end");
}

/* More than a request has. Its VMM's connection goes on, too. */
static void a_long_spec_outlives_its_launcher(void **state)
{
	struct launch_test *t = *state;

	for (int i = 0; i < 2; i++) {
		if (i)
			launch_next(t);
		launch_arg(t,
			   "--device=keyboard={\"name\": \"K\", "
			   "\"$comment\": \"%070000d\", \"events\": "
			   "{\"EV_KEY\": [\"KEY_A\", \"KEY_B\"]}}",
			   0);
		launch_start(t);
		if (i)
			break;
		launch_guest(t, "keyboard");
		launch_press(t, KEY_A);
		launch_kill(t);
	}
	assert_num(process_log_count(&t->launcher, "is taken over"), 1);
	launch_press_next(t, KEY_B);
	launch_end_next(t);
}

/* --- a holder of many --- */

#define MANY 160 /* more orders than its socket can hold */

static void add_many(struct launch_test *t)
{
	char path[64], devices[MANY * 48];
	int len = 0;

	for (int i = 0; i < MANY; i++)
		len += sprintf(devices + len,
			       "%s{\"label\": \"k%d\", "
			       "\"type\": \"keyboard\"}",
			       i ? "," : "", i);
	snprintf(path, sizeof(path), "%s/file", t->rig->dir);
	file_write(path, "{\"devices\": [%s]}", devices);
	launch_arg(t, "--file=%s", path);
}

static void expect_served(struct launch_test *t, const char *label)
{
	launch_guest(t, label);
	rig_disconnect(t->rig);
}

#define FILES_OF_MANY (7 * MANY + 80) /* the launcher's */

/* Also where only few files may be open at first. */
static void the_next_holder_gets_all_of_many_devices(void **state)
{
	struct launch_test *t = *state;
	struct rlimit files, few;

	usage_allow_files(FILES_OF_MANY);
	assert_sys(getrlimit(RLIMIT_NOFILE, &files));
	few = files;
	few.rlim_cur = 256;
	add_many(t);
	assert_sys(setrlimit(RLIMIT_NOFILE, &few));
	launch_start(t);
	assert_sys(setrlimit(RLIMIT_NOFILE, &files));
	expect_served(t, "k0");
	expect_served(t, "k159");
	assert_sys(kill(launch_find_holder(t), SIGKILL));
	process_expect_log(&t->launcher, "killed by SIGKILL; restarting it");
	expect_served(t, "k0");
	expect_served(t, "k159");
	launch_end(t);
}

#define T(name) \
	cmocka_unit_test_setup_teardown(name, launch_setup, launch_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(devices_outlive_their_launcher),
		T(a_restart_by_the_unit_is_not_noticed),
		T(a_holder_that_was_taken_over_is_restarted),
		T(a_launcher_can_be_killed_again_and_again),
		T(a_launcher_that_fails_leaves_what_it_took_over),
		T(one_that_fails_leaves_what_it_does_not_want),
		T(one_that_is_ended_before_it_is_up_ends_all),
		T(one_that_fails_ends_nothing_by_choice),
		T(one_that_fails_late_ends_nothing_by_choice),
		T(a_streamer_that_comes_or_goes_changes_no_device),
		T(a_device_with_a_bad_spec_is_not_replaced),
		T(a_label_does_not_become_another_device),
		T(by_choice_of_the_next_launcher_all_ends),
		T(a_device_that_was_added_is_taken_over),
		T(a_launcher_that_leaves_leaves_its_devices),
		T(without_a_vmm_devices_end_with_their_launcher),
		T(without_a_vmm_devices_of_another_user_end),
		T(without_a_holder_nothing_is_taken_over),
		T(by_choice_all_ends),
		T(without_launcher_and_holder_all_ends),
		T(without_both_devices_of_another_user_end),
		T(what_was_taken_over_ends_without_both),
		T(what_was_taken_over_ends_without_both_by_choice),
		T(a_long_spec_outlives_its_launcher),
		T(the_next_holder_gets_all_of_many_devices),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests_name("launch-death", tests, NULL, NULL);
}

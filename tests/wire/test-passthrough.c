/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough with a node that the test plays (node-stand-in.c), into a
 * device that runs (--to): how it takes the node, and chords.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/pass-serve.h"
#include "tests/lib/stats.h"
#include "tests/lib/walls.h"

/* --- --to --- */

static void to_passes_frames_on(void **state)
{
	struct pass *p = *state;

	run_to(p);
	assert_true(p->node->grabbed);
	fake_node_sends(p->fd, "KEY_A 1");
	fake_node_sends(p->fd, "KEY_A 2");
	fake_node_sends(p->fd, "KEY_A 0");
	expect(p->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
}

/* In its sandbox, and the server in its own. */
static void to_shares_memory_with_the_server(void **state)
{
	struct pass *p = *state;

	stats_serve(p->rig);
	run_to(p);
	for (int i = 0; i < 100; i++) {
		fake_node_sends(p->fd, i % 2 ? "KEY_A 0" : "KEY_A 1");
		expect(p->rig, KEY(KEY_A, i % 2 == 0), SYN);
	}
	assert_num(stats_now(p->rig, "shared_rings"), 1);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	kill(p->program.pid, SIGTERM);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&p->program), 0);
}

static void to_shows_the_guests_leds(void **state)
{
	struct pass *p = *state;

	run_to(p);
	set_caps_lock(p, 1);
	expect_written(p, "LED_CAPSL 1, SYN_REPORT 0");
	assert_num(process_terminate(&p->program), 0);
	expect_written(p, "LED_NUML 0, LED_CAPSL 0, SYN_REPORT 0");
	assert_false(p->node->grabbed);
}

static void to_releases_at_the_end(void **state)
{
	struct pass *p = *state;

	run_to(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&p->program), 0);
	expect(p->rig, KEY(KEY_A, 0), SYN);
}

static void to_releases_when_killed(void **state)
{
	struct pass *p = *state;

	run_to(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	kill(p->program.pid, SIGKILL);
	expect(p->rig, KEY(KEY_A, 0), SYN);
}

static void leds_are_restored_when_it_is_killed(void **state)
{
	struct pass *p = *state;

	start_to(p);
	bit_set(p->node->led, LED_NUML);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	set_caps_lock(p, 1);
	expect_written(p, "LED_CAPSL 1, SYN_REPORT 0");
	kill(p->program.pid, SIGKILL);
	expect_written(p, "LED_NUML 1, LED_CAPSL 0, SYN_REPORT 0");
}

static void to_releases_when_unplugged(void **state)
{
	struct pass *p = *state;

	run_to(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	pass_rig_unplug(p);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&p->program), 1);
	process_expect_log(&p->program, "unplugged");
}

/* --- taking it --- */

static void held_key_is_waited_for_and_named(void **state)
{
	struct pass *p = *state;

	start_to(p);
	bit_set(p->node->key, KEY_LEFTSHIFT);
	pass_rig_start(p);
	process_expect_log(&p->program,
			   "waiting until KEY_LEFTSHIFT is released");
	assert_num(p->node->grabs, 0);
	fake_node_sends(p->fd, "KEY_LEFTSHIFT 0");
	pass_rig_expect_taken(p);
	fake_node_sends(p->fd, "KEY_B 1");
	expect(p->rig, KEY(KEY_B, 1), SYN);
}

static void grab_now_does_not_wait(void **state)
{
	struct pass *p = *state;

	start_to(p);
	bit_set(p->node->key, KEY_LEFTSHIFT);
	process_arg(&p->program, "--grab=now");
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	fake_node_sends(p->fd, "KEY_LEFTSHIFT 0");
	fake_node_sends(p->fd, "KEY_B 1");
	expect(p->rig, KEY(KEY_B, 1), SYN);
}

static void without_grab_it_is_shared(void **state)
{
	struct pass *p = *state;

	start_to(p);
	process_arg(&p->program, "--no-grab");
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	assert_num(p->node->grabs, 0);
	fake_node_sends(p->fd, "KEY_B 1");
	expect(p->rig, KEY(KEY_B, 1), SYN);
}

static void node_that_another_has_is_tried_again(void **state)
{
	struct pass *p = *state;

	start_to(p);
	p->node->taken = true;
	pass_rig_start(p);
	process_expect_log(&p->program, "another process has grabbed it");
	p->node->taken = false;
	pass_rig_expect_taken(p);
	assert_num(process_log_count(&p->program, "has grabbed it"), 1);
}

/* --- chords --- */

static void play_chord(struct pass *p)
{
	fake_node_sends(p->fd, "KEY_CAPSLOCK 1");
	fake_node_sends(p->fd, "KEY_LEFTSHIFT 1");
	fake_node_sends(p->fd, "KEY_CAPSLOCK 0");
	fake_node_sends(p->fd, "KEY_LEFTSHIFT 0");
}

static void expect_chord(struct pass *p)
{
	expect(p->rig, KEY(KEY_CAPSLOCK, 1), SYN, KEY(KEY_LEFTSHIFT, 1), SYN,
	       KEY(KEY_CAPSLOCK, 0), SYN, KEY(KEY_LEFTSHIFT, 0), SYN);
}

static void toggle_gives_it_to_the_host_and_back(void **state)
{
	struct pass *p = *state;

	start_to(p);
	process_arg(&p->program, "--toggle=capslock+leftshift");
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	play_chord(p);
	expect_chord(p);
	process_expect_log(&p->program, "goes to the host");
	assert_false(p->node->grabbed);
	assert_num(p->node->mask_types[0], 1 << EV_KEY);
	assert_true(bit_test(p->node->mask_keys, KEY_CAPSLOCK));
	assert_false(bit_test(p->node->mask_keys, KEY_A));
	fake_node_sends(p->fd, "KEY_A 1");
	fake_node_sends(p->fd, "KEY_A 0");
	play_chord(p);
	for (int i = 0; i < DEADLINE_MS && p->node->grabs < 2; i++)
		usleep(1000);
	assert_true(p->node->grabbed);
	assert_num(p->node->mask_types[0], 0xff);
	assert_true(bit_test(p->node->mask_keys, KEY_A));
	rig_expect_nothing(p->rig);
	fake_node_sends(p->fd, "KEY_B 1");
	expect(p->rig, KEY(KEY_B, 1), SYN);
}

static void toggle_releases_what_is_held(void **state)
{
	struct pass *p = *state;

	pass_rig_node(p);
	fake_node_axis(p->node, ABS_PRESSURE, 0, 100);
	process_arg(&p->program, "--socket-path=%s", p->rig->socket);
	process_arg(&p->program, "--toggle=capslock+leftshift");
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	rig_prepare(p->rig, RIG_BUFFERS);
	assert_ok(fe_start(&p->rig->fe));
	expect(p->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
	fake_node_sends(p->fd, "ABS_PRESSURE 70");
	expect(p->rig, ABS(ABS_PRESSURE, 70), SYN);
	play_chord(p);
	expect_chord(p);
	expect(p->rig, ABS(ABS_PRESSURE, 0), SYN);
}

static void host_may_have_it_first(void **state)
{
	struct pass *p = *state;

	start_to(p);
	process_arg(&p->program, "--toggle=capslock+leftshift");
	process_arg(&p->program, "--start=host");
	pass_rig_start(p);
	process_expect_log(&p->program, "goes to the host");
	assert_num(p->node->grabs, 0);
	fake_node_sends(p->fd, "KEY_B 1");
	fake_node_sends(p->fd, "KEY_B 0");
	play_chord(p);
	pass_rig_expect_taken(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
}

static void exit_ends_the_program(void **state)
{
	struct pass *p = *state;

	start_to(p);
	process_arg(&p->program, "--exit=capslock+leftshift");
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	process_expect_log(&p->program, "capslock+leftshift ends the program");
	fake_node_sends(p->fd, "KEY_A 1");
	fake_node_sends(p->fd, "KEY_A 0");
	expect(p->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	play_chord(p);
	expect_chord(p);
	assert_num(process_wait(&p->program), 0);
	assert_false(p->node->grabbed);
}

static void chord_that_the_device_lacks_is_refused(void **state)
{
	struct pass *p = *state;

	start_to(p);
	process_arg(&p->program, "--toggle=leftctrl+f12");
	pass_rig_start(p);
	assert_num(process_wait(&p->program), 1);
	process_expect_log(&p->program,
			   "--toggle: \"Keyboard of a test\" has no KEY_F12");
}

/* --- other --- */

static void printed_spec_is_the_servers(void **state)
{
	struct pass *p = *state;
	char path[64];
	struct process check;

	pass_rig_node(p);
	process_arg(&p->program, "--print-spec");
	pass_rig_start(p);
	assert_num(process_wait(&p->program), 0);
	assert_num(p->node->grabs, 0);
	snprintf(path, sizeof(path), "%s/spec.json", p->rig->dir);
	file_write(path, "%s", process_stdout(&p->program));
	process_init(&check, "vhost-user-input");
	process_capture(&check);
	process_arg(&check, "--spec=%s", path);
	process_arg(&check, "--check-spec");
	process_start(&check);
	assert_num(process_wait(&check), 0);
	assert_non_null(strstr(process_stdout(&check), "Keyboard of a test"));
	process_fini(&check);
}

static void file_is_refused(void **state)
{
	struct pass *p = *state;

	process_arg(&p->program, "--print-spec");
	process_arg(&p->program, "/dev/null");
	process_start(&p->program);
	assert_num(process_wait(&p->program), 1);
	process_expect_log(&p->program, "/dev/null: not an input device");
}

#define T(f) \
	cmocka_unit_test_setup_teardown(f, pass_rig_setup, pass_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(to_passes_frames_on),
		T(to_shares_memory_with_the_server),
		T(to_shows_the_guests_leds),
		T(to_releases_at_the_end),
		T(to_releases_when_killed),
		T(leds_are_restored_when_it_is_killed),
		T(to_releases_when_unplugged),
		T(held_key_is_waited_for_and_named),
		T(grab_now_does_not_wait),
		T(without_grab_it_is_shared),
		T(node_that_another_has_is_tried_again),
		T(toggle_gives_it_to_the_host_and_back),
		T(toggle_releases_what_is_held),
		T(host_may_have_it_first),
		T(exit_ends_the_program),
		T(chord_that_the_device_lacks_is_refused),
		T(printed_spec_is_the_servers),
		T(file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

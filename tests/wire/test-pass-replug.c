/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough --socket-path with a keyboard that is pulled and plugged
 * in again, on a host that the test plays (tests/lib/fake-host.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/clock-step.h"
#include "tests/lib/clock.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define KEYBOARD    3 /* eventN */
#define OTHER	    4
#define TRIES	    6 /* of a node in a row, see pass-member.c */
#define BACK_MS	    500
#define LAST_TRY_MS 640
#define STABLE_MS   1000
#define PLACE	    "usb-0000:00:14.0-1/input0"
#define PLACE_2	    "usb-0000:00:14.0-2/input0"

struct replug {
	struct rig *rig;
	struct process program;
	struct fake_host host;
	struct fake_plug keyboard, other;
};

/* Not plugged in. */
static void make_keyboard(struct replug *r, struct fake_plug *p,
			  const char *phys)
{
	fake_plug_init(p, &r->host);
	fake_node_keyboard(p->node);
	fake_node_axis(p->node, ABS_PRESSURE, 0, 100);
	strcpy(p->node->phys, phys);
}

static int setup(void **state)
{
	struct replug *r = calloc(1, sizeof(*r));
	void *rig = *state;

	assert_non_null(r);
	rig_setup(&rig);
	r->rig = rig;
	fake_host_init(&r->host, r->rig->dir);
	make_keyboard(r, &r->keyboard, PLACE);
	make_keyboard(r, &r->other, PLACE_2);
	process_init(&r->program, "vinput-passthrough");
	assert_sys(asprintf(&r->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct replug *r = *state;
	void *rig = r->rig;

	process_fini(&r->program);
	fake_plug_fini(&r->keyboard);
	fake_plug_fini(&r->other);
	free(r);
	return rig_teardown(&rig);
}

static void start_program(struct replug *r)
{
	process_allow_preload();
	process_arg(&r->program, "--socket-path=%s", r->rig->socket);
	process_arg(&r->program, "/dev/input/event%d", KEYBOARD);
	process_start(&r->program);
}

static void start_guest(struct replug *r)
{
	rig_prepare(r->rig, RIG_BUFFERS);
	assert_ok(fe_start(&r->rig->fe));
	expect(r->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
}

static void expect_grabbed(struct replug *r)
{
	for (int i = 0; i < DEADLINE_MS && !r->keyboard.node->grabbed; i++)
		usleep(1000);
	assert_true(r->keyboard.node->grabbed);
}

/* Plugged in, and the guest has it. */
static void run(struct replug *r)
{
	fake_plug_in(&r->keyboard, KEYBOARD);
	start_program(r);
	fake_plug_accept(&r->keyboard);
	expect_grabbed(r);
	start_guest(r);
}

static void expect_works(struct replug *r)
{
	fake_node_sends(r->keyboard.fd, "KEY_B 1");
	fake_node_sends(r->keyboard.fd, "KEY_B 0");
	expect(r->rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
}

static void plug_in_again(struct replug *r, unsigned int event)
{
	fake_plug_in(&r->keyboard, event);
	fake_plug_accept(&r->keyboard);
	expect_grabbed(r);
}

static void expect_waiting(struct replug *r)
{
	process_expect_log(&r->program, "waiting until it is back");
}

/* --- pulled and plugged in again --- */

static void unplugging_releases_what_is_held(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_node_sends(r->keyboard.fd, "KEY_A 1, ABS_PRESSURE 70");
	expect(r->rig, KEY(KEY_A, 1), ABS(ABS_PRESSURE, 70), SYN);
	fake_plug_out(&r->keyboard);
	expect(r->rig, KEY(KEY_A, 0), ABS(ABS_PRESSURE, 0), SYN);
	expect_waiting(r);
	rig_expect_nothing(r->rig);
}

static void replugged_device_is_back_soon(void **state)
{
	struct replug *r = *state;
	double took = BACK_MS;

	run(r);
	/* Again if it is the machine that is late. */
	for (unsigned int i = 0; i < 20 && took >= BACK_MS; i++) {
		fake_plug_out(&r->keyboard);
		expect_waiting(r);
		took = -clock_ms();
		plug_in_again(r, 17 + i);
		took += clock_ms();
	}
	assert_true(took < BACK_MS);
	expect_works(r);
	rig_expect_nothing(r->rig);
}

static void expect_caps_lock_lit(struct replug *r)
{
	char *got = fake_node_written(r->keyboard.fd);

	for (int i = 0; i < DEADLINE_MS && !strcmp(got, "-"); i++) {
		free(got);
		usleep(1000);
		got = fake_node_written(r->keyboard.fd);
	}
	assert_string_equal(got, "LED_CAPSL 1, SYN_REPORT 0");
	free(got);
}

static void replugged_device_shows_the_guests_leds(void **state)
{
	struct replug *r = *state;
	const struct vi_event led = LED(LED_CAPSL, 1), syn = SYN;

	run(r);
	assert_ok(fe_send_status(&r->rig->fe, &led));
	assert_ok(fe_send_status(&r->rig->fe, &syn));
	expect_caps_lock_lit(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	plug_in_again(r, KEYBOARD);
	expect_caps_lock_lit(r);
}

static void many_fast_replugs_are_survived(void **state)
{
	struct replug *r = *state;

	run(r);
	for (unsigned int i = 0; i < 100; i++) {
		fake_plug_out(&r->keyboard);
		if (i % 3 == 0)
			usleep(i * 100);
		fake_plug_in(&r->keyboard, KEYBOARD + i % 2);
		if (i % 2)
			fake_plug_accept(&r->keyboard);
	}
	if (r->keyboard.fd < 0)
		fake_plug_accept(&r->keyboard);
	expect_grabbed(r);
	expect_works(r);
	rig_expect_nothing(r->rig);
	assert_true(process_runs(&r->program));
}

/* As a node whose device udev, or the kernel, has not set up yet. */
static void node_that_refuses_at_first_is_tried_again(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	r->keyboard.refuses = true;
	fake_plug_in(&r->keyboard, KEYBOARD);
	usleep(100000);
	fake_plug_ready(&r->keyboard);
	fake_plug_accept(&r->keyboard);
	expect_grabbed(r);
	expect_works(r);
}

/* The node stays, and nothing reports it. */
static void revoked_device_is_opened_again(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_node_sends(r->keyboard.fd, "KEY_A 1");
	expect(r->rig, KEY(KEY_A, 1), SYN);
	fake_plug_revoke(&r->keyboard);
	expect(r->rig, KEY(KEY_A, 0), SYN);
	fake_plug_accept(&r->keyboard);
	fake_node_sends(r->keyboard.fd, "KEY_A 0");
	expect_grabbed(r);
	expect_works(r);
}

static volatile int64_t *prepare_clock(struct replug *r)
{
	char *nodes = r->program.env;
	volatile int64_t *step_s = clock_step_prepare(&r->program, r->rig->dir);
	char *clock = r->program.env;

	assert_sys(asprintf(&r->program.env, "%s:%s", nodes,
			    strchr(clock, '=') + 1));
	free(nodes);
	free(clock);
	return step_s;
}

static void revoke_and_accept(struct replug *r)
{
	fake_plug_revoke(&r->keyboard);
	fake_plug_accept(&r->keyboard);
	expect_grabbed(r);
}

/* As by somebody who changes between virtual terminals: later each time. */
static void device_that_is_revoked_often_is_opened_each_time(void **state)
{
	struct replug *r = *state;

	run(r);
	for (int i = 0; i < TRIES + 2; i++)
		revoke_and_accept(r);
	expect_works(r);
}

/* One that was open for a second is tried at once, whatever the clock says. */
static void revoked_device_is_opened_though_the_clock_was_set_back(void **state)
{
	struct replug *r = *state;
	volatile int64_t *step_s = prepare_clock(r);
	double since;

	run(r);
	for (int i = 0; i < TRIES; i++)
		revoke_and_accept(r);
	usleep(STABLE_MS * 1000);
	*step_s = -AN_HOUR_S;
	usleep(CLOCK_SEEN_MS * 1000);
	since = clock_ms();
	revoke_and_accept(r);
	assert_true(clock_ms() - since < LAST_TRY_MS);
	expect_works(r);
}

/* The driver that runs keeps what it has read. */
static void next_driver_finds_changed_axes(void **state)
{
	struct replug *r = *state;
	struct spec spec;

	run(r);
	fake_plug_out(&r->keyboard);
	r->keyboard.node->abs[ABS_PRESSURE].maximum = 200;
	plug_in_again(r, KEYBOARD);
	process_expect_log(&r->program, "other ranges of axes than the guest "
					"was told; its next driver finds them");
	process_expect_log(&r->program, "the next driver gets the changed");
	expect_works(r);
	assert_ok(fe_read_spec(&r->rig->fe, &spec));
	assert_num(spec.abs[ABS_PRESSURE].max, 100);
	rig_prepare(r->rig, RIG_BUFFERS);
	assert_ok(fe_read_spec(&r->rig->fe, &spec));
	assert_num(spec.abs[ABS_PRESSURE].max, 200);
}

static void unplugging_may_end_the_program(void **state)
{
	struct replug *r = *state;

	process_arg(&r->program, "--on-unplug=remove");
	run(r);
	fake_plug_out(&r->keyboard);
	assert_num(process_wait(&r->program), 1);
	process_expect_log(&r->program, "event3: unplugged");
}

/* --- which one it is --- */

static void other_device_at_the_same_node_is_refused(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	strcpy(r->other.node->name, "Another keyboard");
	fake_plug_in(&r->other, KEYBOARD);
	process_expect_log(
		&r->program,
		"event3 is now another device, \"Another keyboard\"");
	assert_false(fake_plug_is_opened(&r->other));
	plug_in_again(r, OTHER);
	expect_works(r);
	assert_false(fake_plug_is_opened(&r->other));
}

static void alike_device_at_another_place_is_not_taken(void **state)
{
	struct replug *r = *state;

	fake_plug_in(&r->other, OTHER);
	run(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	assert_false(fake_plug_is_opened(&r->other));
	fake_plug_out(&r->other);
	fake_plug_in(&r->other, KEYBOARD);
	assert_false(fake_plug_is_opened(&r->other));
	plug_in_again(r, OTHER);
	expect_works(r);
	assert_false(fake_plug_is_opened(&r->other));
}

static void device_may_return_at_another_place(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	strcpy(r->keyboard.node->phys, PLACE_2);
	plug_in_again(r, KEYBOARD);
	expect_works(r);
}

/* A hub reports what came to a port before what left the next one. */
static void device_may_return_elsewhere_before_it_is_gone(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_plug_in(&r->other, OTHER);
	fake_plug_out(&r->keyboard);
	fake_plug_accept(&r->other);
	for (int i = 0; i < DEADLINE_MS && !r->other.node->grabbed; i++)
		usleep(1000);
	assert_true(r->other.node->grabbed);
}

static void one_that_comes_later_is_another(void **state)
{
	struct replug *r = *state;

	run(r);
	fake_plug_in(&r->other, OTHER);
	process_expect_log(&r->program, "this one is the one at " PLACE);
	fake_plug_out(&r->keyboard);
	process_expect_log(&r->program, "waiting for the one at " PLACE);
	assert_false(fake_plug_is_opened(&r->other));
	plug_in_again(r, KEYBOARD);
	expect_works(r);
}

static void two_that_nothing_tells_apart_are_refused(void **state)
{
	struct replug *r = *state;

	strcpy(r->other.node->phys, PLACE);
	fake_plug_in(&r->other, OTHER);
	run(r);
	fake_plug_out(&r->keyboard);
	process_expect_log(&r->program, "cannot be told from another device: "
					"event4 at " PLACE);
	assert_false(fake_plug_is_opened(&r->other));
	fake_plug_in(&r->keyboard, KEYBOARD);
	process_expect_log(&r->program, "event3 at " PLACE ", event4 at");
	assert_false(fake_plug_is_opened(&r->keyboard));
}

/* --- idle --- */

static void expect_asleep(struct replug *r)
{
	long sleeps;

	usage_wait_rest(r->program.pid);
	sleeps = usage_sleeps(r->program.pid);
	usleep(300000);
	assert_num(usage_sleeps(r->program.pid), sleeps);
}

static void waiting_program_sleeps(void **state)
{
	struct replug *r = *state;

	run(r);
	expect_asleep(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	/* Until it no longer tries the node. */
	usleep(1500000);
	expect_asleep(r);
}

/* --- plugged in later --- */

static void write_spec(struct replug *r)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/kbd.json", r->rig->dir);
	file_write(path, "{ \"name\": \"Later\", \"events\": { \"EV_KEY\": [ "
			 "\"KEY_A\", \"KEY_B\" ] } }");
	process_arg(&r->program, "--spec=%s", path);
}

static void device_may_come_later_than_its_guest(void **state)
{
	struct replug *r = *state;
	static struct spec spec;

	write_spec(r);
	start_program(r);
	process_expect_log(&r->program, "waiting for /dev/input/event3");
	rig_prepare(r->rig, RIG_BUFFERS);
	assert_ok(fe_read_spec(&r->rig->fe, &spec));
	assert_string_equal(spec.name, "Later");
	assert_ok(fe_start(&r->rig->fe));
	plug_in_again(r, KEYBOARD);
	process_expect_log(&r->program, "other events than the guest was told");
	expect_works(r);
	fake_plug_out(&r->keyboard);
	expect_waiting(r);
	plug_in_again(r, OTHER);
	expect_works(r);
}

/* The kernel removes the folder with its last node. */
static void the_folder_of_nodes_may_come_later(void **state)
{
	struct replug *r = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/" FAKE_HOST_DEV, r->rig->dir);
	assert_sys(rmdir(path));
	write_spec(r);
	start_program(r);
	process_expect_log(&r->program, "waiting for /dev/input/event3");
	rig_prepare(r->rig, RIG_BUFFERS);
	assert_ok(fe_start(&r->rig->fe));
	assert_sys(mkdir(path, 0755));
	plug_in_again(r, KEYBOARD);
	process_expect_log(&r->program, "other events than the guest was told");
	expect_works(r);
}

static void device_without_spec_has_to_be_there(void **state)
{
	struct replug *r = *state;

	start_program(r);
	assert_num(process_wait(&r->program), 1);
	process_expect_log(&r->program, "event3: No such file or directory");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(unplugging_releases_what_is_held),
		T(replugged_device_is_back_soon),
		T(replugged_device_shows_the_guests_leds),
		T(many_fast_replugs_are_survived),
		T(node_that_refuses_at_first_is_tried_again),
		T(revoked_device_is_opened_again),
		T(device_that_is_revoked_often_is_opened_each_time),
		T(revoked_device_is_opened_though_the_clock_was_set_back),
		T(next_driver_finds_changed_axes),
		T(unplugging_may_end_the_program),
		T(other_device_at_the_same_node_is_refused),
		T(alike_device_at_another_place_is_not_taken),
		T(device_may_return_at_another_place),
		T(device_may_return_elsewhere_before_it_is_gone),
		T(one_that_comes_later_is_another),
		T(two_that_nothing_tells_apart_are_refused),
		T(waiting_program_sleeps),
		T(device_may_come_later_than_its_guest),
		T(the_folder_of_nodes_may_come_later),
		T(device_without_spec_has_to_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

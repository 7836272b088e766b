/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough --dir: devices of a host that the test plays
 * (tests/lib/fake-host.h) become devices of launchers.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "input/base/own-device.h"
#include "input/sandbox/sandbox.h"
#include "input/spec/spec.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/launch.h"
#include "tests/lib/pass-rig.h"

#define KEYBOARD 3 /* eventN */
#define MOUSE	 4
#define LID	 5
#define PAD	 6
#define OWN	 7
#define MEDIA	 8
#define HOTKEYS	 9

struct dirs {
	struct launch_test *t;
	struct process program;
	struct fake_host host;
	struct fake_plug keyboard, mouse, lid, pad, own, media, hotkeys;
	/* Another launcher, with another guest. */
	struct process launcher;
	struct rig *guest;
	char place[48];
};

static void make_node(struct dirs *d, struct fake_plug *p, const char *name)
{
	fake_plug_init(p, &d->host);
	fake_node_keyboard(p->node);
	memset(p->node->bits, 0, sizeof(p->node->bits));
	strcpy(p->node->name, name);
}

/* Only the first two are plugged in. */
static void make_nodes(struct dirs *d)
{
	fake_host_init(&d->host, d->t->rig->dir);
	make_node(d, &d->keyboard, "Keyboard of a test");
	fake_node_keyboard(d->keyboard.node);
	for (unsigned int key = KEY_ESC; key <= KEY_KPDOT; key++)
		fake_node_add(d->keyboard.node, EV_KEY, key);
	make_node(d, &d->mouse, "Mouse, 2 buttons");
	fake_node_add(d->mouse.node, EV_KEY, BTN_LEFT);
	fake_node_add(d->mouse.node, EV_REL, REL_X);
	fake_node_add(d->mouse.node, EV_REL, REL_Y);
	make_node(d, &d->lid, "Lid Switch");
	fake_node_add(d->lid.node, EV_SW, SW_LID);
	make_node(d, &d->pad, "Pad");
	fake_node_add(d->pad.node, EV_KEY, BTN_SOUTH);
	make_node(d, &d->own, "Shown");
	strcpy(d->own.node->phys, OWN_DEVICE_PHYS "1");
	fake_node_add(d->own.node, EV_KEY, BTN_SOUTH);
	make_node(d, &d->media, "Consumer Control");
	fake_node_add(d->media.node, EV_KEY, KEY_MUTE);
	make_node(d, &d->hotkeys, "Laptop Hotkeys");
	fake_node_add(d->hotkeys.node, EV_KEY, KEY_BRIGHTNESSUP);
	d->hotkeys.node->id.bustype = BUS_HOST;
	fake_plug_in(&d->keyboard, KEYBOARD);
	fake_plug_in(&d->mouse, MOUSE);
}

static int setup(void **state)
{
	struct dirs *d = calloc(1, sizeof(*d));
	void *t = *state, *guest = *state;

	assert_non_null(d);
	launch_setup(&t);
	d->t = t;
	rig_setup(&guest);
	d->guest = guest;
	d->guest->unclean = true;
	make_nodes(d);
	process_init(&d->program, "vinput-passthrough");
	assert_sys(asprintf(&d->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	process_init(&d->launcher, "vinput-launch");
	snprintf(d->place, sizeof(d->place), "%s/l", d->guest->dir);
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	struct dirs *d = *state;
	void *t = d->t, *guest = d->guest;
	int r;

	/* It leaves nothing behind. */
	if (d->program.pid > 0)
		process_terminate(&d->program);
	process_fini(&d->program);
	if (d->launcher.pid > 0)
		process_terminate(&d->launcher);
	process_fini(&d->launcher);
	fake_plug_fini(&d->keyboard);
	fake_plug_fini(&d->mouse);
	fake_plug_fini(&d->lid);
	fake_plug_fini(&d->pad);
	fake_plug_fini(&d->own);
	fake_plug_fini(&d->media);
	fake_plug_fini(&d->hotkeys);
	r = launch_teardown(&t) | rig_teardown(&guest);
	free(d);
	return r;
}

static void start_launcher(struct dirs *d)
{
	process_allow_preload();
	launch_arg(d->t, "--gamepad");
	launch_start(d->t);
	process_arg(&d->program, "--dir=%s", d->t->place);
}

static void start_other_launcher(struct dirs *d)
{
	process_arg(&d->launcher, "--dir=%s", d->place);
	process_arg(&d->launcher, "--gamepad");
	process_start(&d->launcher);
	process_expect_log(&d->launcher, "launcher: ready");
	process_arg(&d->program, "--dir=%s", d->place);
}

static void expect_grabbed(struct fake_plug *p, bool grabbed)
{
	for (int i = 0; i < DEADLINE_MS && p->node->grabbed != grabbed; i++)
		usleep(1000);
	assert_num(p->node->grabbed, grabbed);
}

/* With the keyboard as "kbd". */
static void run(struct dirs *d)
{
	process_arg(&d->program, "/dev/input/event%d=kbd", KEYBOARD);
	process_start(&d->program);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
}

static void expect_repeat(struct rig *rig)
{
	expect(rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
}

static void run_guest(struct dirs *d, const char *label)
{
	launch_guest(d->t, label);
	expect_repeat(d->t->rig);
}

static void run_other_guest(struct dirs *d)
{
	snprintf(d->guest->socket, sizeof(d->guest->socket), "%s/kbd.sock",
		 d->place);
	for (int i = 0; i < DEADLINE_MS && access(d->guest->socket, F_OK); i++)
		usleep(1000);
	rig_prepare(d->guest, RIG_BUFFERS);
	assert_ok(fe_start(&d->guest->fe));
	expect_repeat(d->guest);
}

static void type_b(struct dirs *d)
{
	fake_node_sends(d->keyboard.fd, "KEY_B 1");
	fake_node_sends(d->keyboard.fd, "KEY_B 0");
}

static void expect_b(struct rig *rig)
{
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
}

/* The end of a chord: its guest sees it whole. */
static void play(struct dirs *d, const char *key)
{
	char text[40];

	snprintf(text, sizeof(text), "%s 1", key);
	fake_node_sends(d->keyboard.fd, text);
	snprintf(text, sizeof(text), "%s 0", key);
	fake_node_sends(d->keyboard.fd, text);
}

static void expect_gone(struct dirs *d, const char *label)
{
	for (int i = 0;
	     i < DEADLINE_MS / 10 && launch_number(d->t, label, "pid") >= 0;
	     i++)
		usleep(10000);
	assert_num(launch_number(d->t, label, "pid"), -1);
}

static void expect_ready(struct dirs *d, const char *label)
{
	for (int i = 0;
	     i < DEADLINE_MS / 10 && !launch_is(d->t, label, "ready"); i++)
		usleep(10000);
	launch_expect_state(d->t, label, "ready");
}

/* --- one launcher --- */

static void launcher_adds_the_device_and_removes_it(void **state)
{
	struct dirs *d = *state;
	static struct spec spec;

	start_launcher(d);
	run(d);
	expect_ready(d, "kbd");
	run_guest(d, "kbd");
	type_b(d);
	expect_b(d->t->rig);
	assert_ok(fe_read_spec(&d->t->rig->fe, &spec));
	assert_string_equal(spec.name, "Keyboard of a test");
	assert_num(process_terminate(&d->program), 0);
	expect_gone(d, "kbd");
	launch_expect_state(d->t, "gamepad", "ready");
}

static void reap_one(void)
{
	pid_t pid = 0;

	for (int i = 0; i < DEADLINE_MS && !pid; i++) {
		pid = waitpid(-1, NULL, WNOHANG);
		usleep(1000);
	}
	assert_true(pid > 0);
}

static void device_that_exists_is_used_and_stays(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	run(d);
	expect_ready(d, "kbd");
	kill(d->program.pid, SIGKILL);
	assert_num(process_wait(&d->program), 128 + SIGKILL);
	/* Who restores the LEDs is our child now, and who opened nodes. */
	for (int i = 0; i < (SANDBOX_DEFAULT == SANDBOX_OFF ? 1 : 2); i++)
		reap_one();
	d->keyboard.node->grabbed = false;
	process_start(&d->program);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	process_expect_log(&d->program, "kbd exists already and is used");
	run_guest(d, "kbd");
	type_b(d);
	expect_b(d->t->rig);
	assert_num(process_terminate(&d->program), 0);
	launch_expect_state(d->t, "kbd", "ready");
}

/* A launcher that is restarted knows nothing of the device. */
static void next_launcher_gets_the_device_too(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	run(d);
	expect_ready(d, "kbd");
	close(d->t->control);
	d->t->control = -1;
	assert_num(process_terminate(&d->t->launcher), 0);
	process_start(&d->t->launcher);
	process_expect_log(&d->program, "added kbd again");
	run_guest(d, "kbd");
	fake_node_sends(d->keyboard.fd, "KEY_B 1");
	expect(d->t->rig, KEY(KEY_B, 1), SYN);
	assert_num(process_terminate(&d->program), 0);
	expect_gone(d, "kbd");
}

/* Its events are others, as after an update of its firmware. */
static void next_driver_finds_what_has_changed(void **state)
{
	struct dirs *d = *state;
	static struct spec spec;

	start_launcher(d);
	run(d);
	run_guest(d, "kbd");
	fake_plug_out(&d->keyboard);
	process_expect_log(&d->program, "waiting until it is back");
	fake_node_add(d->keyboard.node, EV_KEY, KEY_MICMUTE);
	fake_plug_in(&d->keyboard, KEYBOARD);
	fake_plug_accept(&d->keyboard);
	process_expect_log(&d->program, "other events than the guest was told; "
					"its next driver finds them");
	process_expect_log(&d->t->launcher, "the next driver gets the changed");
	rig_prepare(d->t->rig, RIG_BUFFERS);
	assert_ok(fe_read_spec(&d->t->rig->fe, &spec));
	assert_true(spec_has(&spec, EV_KEY, KEY_MICMUTE));
	expect_grabbed(&d->keyboard, true);
	assert_num(process_terminate(&d->program), 0);
	expect_gone(d, "kbd");
}

static void unplugged_device_stays_in_its_guest(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	run(d);
	run_guest(d, "kbd");
	fake_plug_out(&d->keyboard);
	process_expect_log(&d->program, "waiting until it is back");
	fake_plug_in(&d->keyboard, KEYBOARD + 10);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	type_b(d);
	expect_b(d->t->rig);
	assert_num(launch_number(d->t, "kbd", "restarts"), 0);
}

static void unplugged_device_may_be_removed(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	process_arg(&d->program, "--on-unplug=remove");
	run(d);
	expect_ready(d, "kbd");
	fake_plug_out(&d->keyboard);
	expect_gone(d, "kbd");
	fake_plug_in(&d->keyboard, KEYBOARD);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	expect_ready(d, "kbd");
	run_guest(d, "kbd");
	type_b(d);
	expect_b(d->t->rig);
}

static void device_that_the_launcher_refuses_ends_it(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	process_arg(&d->program, "/dev/input/event%d=streamer", KEYBOARD);
	process_start(&d->program);
	assert_num(process_wait(&d->program), 1);
	process_expect_log(&d->program, "streamer was not added: ");
	assert_num(d->keyboard.node->grabs, 0);
}

static void missing_launcher_is_reported(void **state)
{
	struct dirs *d = *state;

	process_arg(&d->program, "--dir=%s", d->place);
	process_arg(&d->program, "--all");
	process_start(&d->program);
	assert_num(process_wait(&d->program), 1);
	process_expect_log(&d->program,
			   "no launcher: No such file or directory");
}

/* --- a seat --- */

static void all_devices_are_added_also_later(void **state)
{
	struct dirs *d = *state;

	fake_plug_in(&d->lid, LID);
	fake_plug_in(&d->own, OWN);
	fake_plug_in(&d->media, MEDIA);
	fake_plug_in(&d->hotkeys, HOTKEYS);
	start_launcher(d);
	process_arg(&d->program, "--all");
	process_start(&d->program);
	fake_plug_accept(&d->keyboard);
	fake_plug_accept(&d->mouse);
	expect_grabbed(&d->keyboard, true);
	expect_grabbed(&d->mouse, true);
	expect_ready(d, "Keyboard_of_a_test");
	expect_ready(d, "Mouse_2_buttons");
	expect_ready(d, "Consumer_Control");
	fake_plug_in(&d->pad, PAD);
	fake_plug_accept(&d->pad);
	expect_grabbed(&d->pad, true);
	expect_ready(d, "Pad");
	assert_false(fake_plug_is_opened(&d->lid));
	assert_false(fake_plug_is_opened(&d->hotkeys));
	assert_false(fake_plug_is_opened(&d->own));
}

static void mouse_of_libinput_is_the_shipped_one(void **state)
{
	struct dirs *d = *state;
	static struct spec spec;

	pass_rig_need_libinput();
	free(d->program.env);
	assert_sys(asprintf(&d->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so:"
			    "%s/tests/wire/udev-stand-in.so",
			    test_bin_dir(), test_bin_dir()));
	assert_sys(setenv("VINPUT_UDEV", "ID_INPUT,ID_INPUT_MOUSE", 1));
	start_launcher(d);
	process_arg(&d->program, "--all");
	process_arg(&d->program, "--via=libinput");
	process_start(&d->program);
	fake_plug_accept(&d->mouse);
	expect_ready(d, "Mouse_2_buttons");
	launch_vmm(d->t, "Mouse_2_buttons");
	assert_ok(fe_read_spec(&d->t->rig->fe, &spec));
	assert_string_equal(spec.name, "vinput Mouse 0");
}

static void lid_is_shared_with_the_host(void **state)
{
	struct dirs *d = *state;
	const struct vi_event on = vi_event(EV_SW, SW_LID, 1);

	fake_plug_in(&d->lid, LID);
	start_launcher(d);
	process_arg(&d->program, "/dev/input/event%d=lid", LID);
	process_start(&d->program);
	fake_plug_accept(&d->lid);
	process_expect_log(&d->program,
			   "the host keeps \"Lid Switch\" as well");
	expect_ready(d, "lid");
	launch_guest(d->t, "lid");
	fake_node_sends(d->lid.fd, "SW_LID 1");
	expect(d->t->rig, on, SYN);
	assert_num(d->lid.node->grabs, 0);
}

static void replugged_device_of_a_seat_is_the_same(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	process_arg(&d->program, "--all");
	process_start(&d->program);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	run_guest(d, "Keyboard_of_a_test");
	fake_plug_out(&d->keyboard);
	process_expect_log(&d->program, "waiting until it is back");
	fake_plug_in(&d->keyboard, PAD);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	type_b(d);
	expect_b(d->t->rig);
	assert_num(launch_number(d->t, "Keyboard_of_a_test_2", "pid"), -1);
}

#define PORT_1 "usb-0000:00:14.0-1/input0"
#define PORT_2 "usb-0000:00:14.0-2/input0"

/* A keyboard at a port, and one at another that looks the same. */
static void run_with_alike(struct dirs *d)
{
	*d->pad.node = *d->keyboard.node;
	fake_plug_out(&d->keyboard);
	strcpy(d->keyboard.node->phys, PORT_1);
	strcpy(d->pad.node->phys, PORT_2);
	fake_plug_in(&d->keyboard, KEYBOARD);
	start_launcher(d);
	process_arg(&d->program, "--all");
	process_start(&d->program);
	fake_plug_accept(&d->keyboard);
	expect_grabbed(&d->keyboard, true);
	run_guest(d, "Keyboard_of_a_test");
	fake_plug_in(&d->pad, PAD);
}

/* A hub reports what came to a port before what left the next one. */
static void device_of_a_seat_that_moves_is_the_same(void **state)
{
	struct dirs *d = *state;

	run_with_alike(d);
	fake_plug_out(&d->keyboard);
	process_expect_log(&d->program, "waiting until it is back");
	fake_plug_accept(&d->pad);
	expect_grabbed(&d->pad, true);
	fake_node_sends(d->pad.fd, "KEY_B 1");
	fake_node_sends(d->pad.fd, "KEY_B 0");
	expect_b(d->t->rig);
	assert_num(launch_number(d->t, "Keyboard_of_a_test_2", "pid"), -1);
}

static void second_device_of_a_seat_is_another(void **state)
{
	struct dirs *d = *state;

	run_with_alike(d);
	fake_plug_accept(&d->pad);
	expect_grabbed(&d->pad, true);
	expect_ready(d, "Keyboard_of_a_test_2");
	type_b(d);
	expect_b(d->t->rig);
}

static void device_that_is_named_twice_is_refused(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	process_arg(&d->program, "/dev/input/event%d", KEYBOARD);
	process_arg(&d->program, "name=Keyboard*");
	process_start(&d->program);
	assert_num(process_wait(&d->program), 1);
	process_expect_log(&d->program, "event3 is named twice");
}

/* --- several guests --- */

static void expect_logged(struct dirs *d, const char *text, int times)
{
	for (int i = 0; i < DEADLINE_MS; i++) {
		process_read_log(&d->program);
		if (process_log_count(&d->program, text) >= times)
			return;
		usleep(1000);
	}
	fail_msg("%s was not logged %d times", text, times);
}

static void chord_cycles_the_guests(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	start_other_launcher(d);
	process_arg(&d->program, "--next=f10");
	process_arg(&d->program, "--toggle=f9");
	run(d);
	run_guest(d, "kbd");
	run_other_guest(d);
	type_b(d);
	expect_b(d->t->rig);
	fake_node_sends(d->keyboard.fd, "KEY_A 1");
	fake_node_sends(d->keyboard.fd, "KEY_A 0");
	play(d, "KEY_F10");
	process_expect_log(&d->program, d->place);
	expect(d->t->rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN,
	       KEY(KEY_F10, 1), SYN, KEY(KEY_F10, 0), SYN);
	type_b(d);
	expect_b(d->guest);
	rig_expect_nothing(d->t->rig);
	play(d, "KEY_F9");
	expect(d->guest, KEY(KEY_F9, 1), SYN, KEY(KEY_F9, 0), SYN);
	expect_grabbed(&d->keyboard, false);
	play(d, "KEY_F9");
	expect_grabbed(&d->keyboard, true);
	type_b(d);
	expect_b(d->guest);
	play(d, "KEY_F10");
	expect(d->guest, KEY(KEY_F10, 1), SYN, KEY(KEY_F10, 0), SYN);
	/* The guest sees the key before the program acts on it. */
	expect_logged(d, d->t->place, 2);
	type_b(d);
	expect_b(d->t->rig);
}

static void expect_target(struct dirs *d, const char *target)
{
	char path[80], text[100] = "";

	snprintf(path, sizeof(path), "%s/target", d->guest->dir);
	for (int i = 0; i < DEADLINE_MS && strcmp(text, target); i++) {
		FILE *f = fopen(path, "r");

		if (!f || !fgets(text, sizeof(text), f))
			text[0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (f)
			fclose(f);
		usleep(1000);
	}
	assert_string_equal(text, target);
}

static void command_is_run_with_the_target(void **state)
{
	struct dirs *d = *state;

	start_launcher(d);
	start_other_launcher(d);
	process_arg(&d->program, "--next=f10");
	process_arg(&d->program, "--toggle=f9");
	process_arg(&d->program,
		    "--on-switch=echo \"$VINPUT_TARGET\" >%s/target",
		    d->guest->dir);
	run(d);
	play(d, "KEY_F10");
	expect_target(d, d->place);
	play(d, "KEY_F9");
	expect_target(d, "host");
	play(d, "KEY_F10");
	expect_target(d, d->t->place);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T(launcher_adds_the_device_and_removes_it),
		T(device_that_exists_is_used_and_stays),
		T(next_launcher_gets_the_device_too),
		T(next_driver_finds_what_has_changed),
		T(unplugged_device_stays_in_its_guest),
		T(unplugged_device_may_be_removed),
		T(device_that_the_launcher_refuses_ends_it),
		T(missing_launcher_is_reported),
		T(all_devices_are_added_also_later),
		T(mouse_of_libinput_is_the_shipped_one),
		T(lid_is_shared_with_the_host),
		T(replugged_device_of_a_seat_is_the_same),
		T(device_of_a_seat_that_moves_is_the_same),
		T(second_device_of_a_seat_is_another),
		T(device_that_is_named_twice_is_refused),
		T(chord_cycles_the_guests),
		T(command_is_run_with_the_target),
	};

	launch_relay_main(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

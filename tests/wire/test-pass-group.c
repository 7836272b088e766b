/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough with several devices of a host that the test plays
 * (tests/lib/fake-host.h), each for a server of its own.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/rig.h"

#define KEYBOARD 3 /* eventN */
#define MOUSE	 4

struct group {
	struct rig *rig[2]; /* keyboard's, mouse's */
	struct process program;
	struct fake_host host;
	struct fake_plug keyboard, mouse;
};

static void make_nodes(struct group *g)
{
	struct fake_plug *k = &g->keyboard, *m = &g->mouse;

	fake_host_init(&g->host, g->rig[0]->dir);
	fake_plug_init(k, &g->host);
	fake_node_keyboard(k->node);
	fake_plug_in(k, KEYBOARD);
	fake_plug_init(m, &g->host);
	strcpy(m->node->name, "Mouse of a test");
	m->node->id = (struct input_id){ BUS_USB, 0x1234, 0xabce, 1 };
	fake_node_add(m->node, EV_KEY, BTN_LEFT);
	fake_node_add(m->node, EV_REL, REL_X);
	fake_node_add(m->node, EV_REL, REL_Y);
	fake_plug_in(m, MOUSE);
}

static int setup(void **state)
{
	struct group *g = calloc(1, sizeof(*g));

	assert_non_null(g);
	for (int i = 0; i < 2; i++) {
		void *rig = *state;

		rig_setup(&rig);
		g->rig[i] = rig;
	}
	make_nodes(g);
	process_init(&g->program, "vinput-passthrough");
	assert_sys(asprintf(&g->program.env,
			    "LD_PRELOAD=%s/tests/wire/node-stand-in.so",
			    test_bin_dir()));
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	struct group *g = *state;
	int r = 0;

	process_fini(&g->program);
	fake_plug_fini(&g->keyboard);
	fake_plug_fini(&g->mouse);
	for (int i = 0; i < 2; i++) {
		void *rig = g->rig[i];

		r |= rig_teardown(&rig);
	}
	free(g);
	return r;
}

static void start_program(struct group *g)
{
	process_allow_preload();
	process_arg(&g->program, "/dev/input/event%d", KEYBOARD);
	process_arg(&g->program, "/dev/input/event%d", MOUSE);
	process_start(&g->program);
	fake_plug_accept(&g->keyboard);
	fake_plug_accept(&g->mouse);
}

static void expect_taken(struct group *g)
{
	process_expect_log(&g->program, "Keyboard of a test\" goes to the g");
	process_expect_log(&g->program, "Mouse of a test\" goes to the guest");
}

/* One for each device. */
static void start_servers(struct group *g)
{
	const char *const spec[2] = { "keyboard", "mouse" };

	for (int i = 0; i < 2; i++) {
		struct rig *rig = g->rig[i];

		process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
		rig_run(rig, spec[i], RIG_BUFFERS);
	}
}

static void start_to(struct group *g)
{
	start_servers(g);
	for (int i = 0; i < 2; i++)
		process_arg(&g->program, "--to=%s", g->rig[i]->inject_path);
}

static void run_to(struct group *g, const char *option)
{
	start_to(g);
	process_arg(&g->program, "%s", option);
	start_program(g);
	expect_taken(g);
}

/* On the keyboard. */
static void play_chord(struct group *g)
{
	fake_node_sends(g->keyboard.fd, "KEY_CAPSLOCK 1");
	fake_node_sends(g->keyboard.fd, "KEY_LEFTSHIFT 1");
	fake_node_sends(g->keyboard.fd, "KEY_CAPSLOCK 0");
	fake_node_sends(g->keyboard.fd, "KEY_LEFTSHIFT 0");
}

static void expect_chord(struct group *g)
{
	expect(g->rig[0], KEY(KEY_CAPSLOCK, 1), SYN, KEY(KEY_LEFTSHIFT, 1), SYN,
	       KEY(KEY_CAPSLOCK, 0), SYN, KEY(KEY_LEFTSHIFT, 0), SYN);
}

static void expect_grabbed(const struct fake_plug *p, bool grabbed)
{
	for (int i = 0; i < DEADLINE_MS && p->node->grabbed != grabbed; i++)
		usleep(1000);
	assert_num(p->node->grabbed, grabbed);
}

static void expect_text(int fd, const char *text)
{
	char *got = fake_node_written(fd);

	for (int i = 0; i < DEADLINE_MS && !strcmp(got, "-"); i++) {
		free(got);
		usleep(1000);
		got = fake_node_written(fd);
	}
	assert_string_equal(got, text);
	free(got);
}

/* --- one route --- */

static void each_device_has_its_own_address(void **state)
{
	struct group *g = *state;

	run_to(g, "--exit=none");
	fake_node_sends(g->keyboard.fd, "KEY_A 1");
	fake_node_sends(g->mouse.fd, "REL_X 3");
	expect(g->rig[0], KEY(KEY_A, 1), SYN);
	expect(g->rig[1], REL(REL_X, 3), SYN);
	assert_num(process_terminate(&g->program), 0);
	expect(g->rig[0], KEY(KEY_A, 0), SYN);
	rig_expect_nothing(g->rig[0]);
	rig_expect_nothing(g->rig[1]);
}

static void chord_on_one_device_gives_all_to_the_host_and_back(void **state)
{
	struct group *g = *state;

	run_to(g, "--toggle=capslock+leftshift");
	play_chord(g);
	expect_chord(g);
	process_expect_log(&g->program, "Mouse of a test\" goes to the host");
	expect_grabbed(&g->keyboard, false);
	expect_grabbed(&g->mouse, false);
	fake_node_sends(g->mouse.fd, "REL_X 3");
	rig_expect_nothing(g->rig[1]);
	play_chord(g);
	expect_grabbed(&g->keyboard, true);
	expect_grabbed(&g->mouse, true);
	fake_node_sends(g->mouse.fd, "REL_X 4");
	expect(g->rig[1], REL(REL_X, 4), SYN);
}

/* The host is not to see the release of a press that it has not seen. */
static void held_button_stays_with_the_guest_until_it_is_up(void **state)
{
	struct group *g = *state;

	run_to(g, "--toggle=capslock+leftshift");
	fake_node_sends(g->mouse.fd, "BTN_LEFT 1");
	expect(g->rig[1], KEY(BTN_LEFT, 1), SYN);
	play_chord(g);
	expect(g->rig[1], KEY(BTN_LEFT, 0), SYN);
	expect_grabbed(&g->keyboard, false);
	expect_grabbed(&g->mouse, true);
	fake_node_sends(g->mouse.fd, "BTN_LEFT 0");
	expect_grabbed(&g->mouse, false);
	rig_expect_nothing(g->rig[1]);
}

static void chord_on_one_device_ends_all(void **state)
{
	struct group *g = *state;

	run_to(g, "--exit=capslock+leftshift");
	fake_node_sends(g->mouse.fd, "BTN_LEFT 1");
	expect(g->rig[1], KEY(BTN_LEFT, 1), SYN);
	play_chord(g);
	expect(g->rig[1], KEY(BTN_LEFT, 0), SYN);
	assert_num(process_wait(&g->program), 0);
}

static void chord_that_no_device_has_is_refused(void **state)
{
	struct group *g = *state;

	start_to(g);
	process_arg(&g->program, "--toggle=leftctrl+f12");
	start_program(g);
	assert_num(process_wait(&g->program), 1);
	process_expect_log(&g->program, "--toggle=leftctrl+f12: no device has");
}

static void device_without_an_address_is_refused(void **state)
{
	struct group *g = *state;

	process_arg(&g->program, "--to=%s", g->rig[0]->inject_path);
	process_arg(&g->program, "event1");
	process_arg(&g->program, "event2");
	process_start(&g->program);
	assert_num(process_wait(&g->program), 2);
	process_expect_log(&g->program, "2 DEV and 1 --to: one --to is");
}

static void device_without_permission_has_a_udev_rule(void **state)
{
	struct group *g = *state;

	g->keyboard.node->denied = true;
	process_arg(&g->program, "--print-spec");
	process_arg(&g->program, "/dev/input/event%d", KEYBOARD);
	process_start(&g->program);
	assert_num(process_wait(&g->program), 1);
	process_expect_log(&g->program,
			   "event3: permission denied. This line in "
			   "/etc/udev/rules.d/70-vinput.rules");
	process_expect_log(&g->program, "ATTRS{id/vendor}==\"1234\", "
					"ATTRS{id/product}==\"abcd\", "
					"TAG+=\"uaccess\"");
}

/* --- --config --- */

static void start_config(struct group *g, int ready_fd)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/desk.json", g->rig[1]->dir);
	file_write(path,
		   "{\"grab\": \"now\", \"devices\": [{\"device\": "
		   "\"event%d\", \"to\": \"%s\"}, {\"device\": \"event%d\","
		   " \"to\": \"%s\", \"grab\": \"none\"}]}",
		   KEYBOARD, g->rig[0]->inject_path, MOUSE,
		   g->rig[1]->inject_path);
	process_arg(&g->program, "--config=%s", path);
	process_arg(&g->program, "--ready-fd=%d", ready_fd);
	process_keep_fd(&g->program, ready_fd);
	process_start(&g->program);
	fake_plug_accept(&g->keyboard);
	fake_plug_accept(&g->mouse);
	expect_taken(g);
}

static void devices_of_a_file_have_their_own_grab(void **state)
{
	struct group *g = *state;
	int fd[2];
	char c;

	process_allow_preload();
	assert_sys(pipe2(fd, O_CLOEXEC));
	start_servers(g);
	start_config(g, fd[1]);
	close(fd[1]);
	assert_num(read(fd[0], &c, 1), 1);
	assert_num(c, '\n');
	assert_num(read(fd[0], &c, 1), 0);
	close(fd[0]);
	expect_grabbed(&g->keyboard, true);
	assert_false(g->mouse.node->grabbed);
	fake_node_sends(g->keyboard.fd, "KEY_A 1");
	expect(g->rig[0], KEY(KEY_A, 1), SYN);
	fake_node_sends(g->mouse.fd, "REL_X 3");
	expect(g->rig[1], REL(REL_X, 3), SYN);
}

/* --- keys of the host --- */

static void kept_keys_go_to_the_host(void **state)
{
	struct group *g = *state;
	char path[80];
	int listener, uinput;

	snprintf(path, sizeof(path), "%s/" FAKE_HOST_UINPUT, g->rig[0]->dir);
	listener = rig_unix_listen(path, SOCK_STREAM);
	run_to(g, "--keep=capslock,leftshift");
	uinput = accept(listener, NULL, NULL);
	assert_sys(uinput);
	fake_node_sends(g->keyboard.fd, "KEY_CAPSLOCK 1");
	fake_node_sends(g->keyboard.fd, "KEY_A 1");
	expect(g->rig[0], KEY(KEY_A, 1), SYN);
	expect_text(uinput, "KEY_CAPSLOCK 1, SYN_REPORT 0");
	assert_num(process_terminate(&g->program), 0);
	expect_text(uinput, "KEY_CAPSLOCK 0, SYN_REPORT 0");
	expect(g->rig[0], KEY(KEY_A, 0), SYN);
	close(uinput);
	close(listener);
}

static void missing_uinput_is_reported(void **state)
{
	struct group *g = *state;

	start_to(g);
	process_arg(&g->program, "--keep=capslock");
	process_arg(&g->program, "/dev/input/event%d", KEYBOARD);
	process_arg(&g->program, "/dev/input/event%d", MOUSE);
	process_start(&g->program);
	assert_num(process_wait(&g->program), 1);
	process_expect_log(&g->program,
			   "--keep: /dev/uinput: No such file or directory; "
			   "'modprobe uinput'");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_device_has_its_own_address),
		T(chord_on_one_device_gives_all_to_the_host_and_back),
		T(held_button_stays_with_the_guest_until_it_is_up),
		T(chord_on_one_device_ends_all),
		T(chord_that_no_device_has_is_refused),
		T(device_without_an_address_is_refused),
		T(device_without_permission_has_a_udev_rule),
		T(devices_of_a_file_have_their_own_grab),
		T(kept_keys_go_to_the_host),
		T(missing_uinput_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

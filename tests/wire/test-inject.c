/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-inject with real servers: what a guest receives, by every kind of
 * address, and the exit status when a device does not read everything.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/inject-rig.h"

/* A server with an --inject-path, and its guest. */
static void serve(struct both *b, const char *spec)
{
	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	rig_run(b->rig, spec, RIG_BUFFERS);
}

static void assert_status(struct process *p, int status)
{
	if (process_wait(p) != status)
		fail_msg("not %d but %d: %s", status, p->status, p->err.text);
}

static void tap_key(struct rig *rig, uint16_t key)
{
	expect(rig, KEY(key, 1), SYN);
	expect(rig, KEY(key, 0), SYN);
}

/* --- what arrives --- */

static void text_arrives_as_keys_of_the_us_layout(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "type 'Hi!'");
	expect(b->rig, KEY(KEY_LEFTSHIFT, 1), SYN);
	tap_key(b->rig, KEY_H);
	expect(b->rig, KEY(KEY_LEFTSHIFT, 0), SYN);
	tap_key(b->rig, KEY_I);
	expect(b->rig, KEY(KEY_LEFTSHIFT, 1), SYN);
	tap_key(b->rig, KEY_1);
	expect(b->rig, KEY(KEY_LEFTSHIFT, 0), SYN);
	assert_status(&b->inject, 0);
	rig_expect_nothing(b->rig);
	assert_string_equal(b->inject.err.text, "");
}

static void text_arrives_as_keys_of_the_german_layout(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "type 'z\xc3\xbc@' --layout=de");
	tap_key(b->rig, KEY_Y);
	tap_key(b->rig, KEY_LEFTBRACE);
	expect(b->rig, KEY(KEY_RIGHTALT, 1), SYN);
	tap_key(b->rig, KEY_Q);
	expect(b->rig, KEY(KEY_RIGHTALT, 0), SYN);
	assert_status(&b->inject, 0);
	rig_expect_nothing(b->rig);
}

static void nothing_is_typed_when_a_character_is_missing(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "key a then type 'abc\xc3\xbc' --layout=us");
	assert_status(&b->inject, 2);
	rig_expect_nothing(b->rig);
}

static void fingers_swipe_in_the_guest(void **state)
{
	struct both *b = *state;

	serve(b, "touch");
	both_start(b,
		   "swipe 500 900 500 300 --fingers=2 --duration=20 --rate=50");
	expect(b->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 450), ABS(ABS_MT_POSITION_Y, 900),
	       ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, 1),
	       ABS(ABS_MT_POSITION_X, 550), ABS(ABS_MT_POSITION_Y, 900),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 450), ABS(ABS_Y, 900), SYN);
	expect(b->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_POSITION_X, 450),
	       ABS(ABS_MT_POSITION_Y, 300), ABS(ABS_MT_SLOT, 1),
	       ABS(ABS_MT_POSITION_X, 550), ABS(ABS_MT_POSITION_Y, 300),
	       ABS(ABS_Y, 300), SYN);
	expect(b->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, -1),
	       ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, -1),
	       KEY(BTN_TOUCH, 0), SYN);
	assert_status(&b->inject, 0);
}

static void what_is_held_at_the_end_is_released(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "key --down shift+a");
	expect(b->rig, KEY(KEY_LEFTSHIFT, 1), SYN);
	expect(b->rig, KEY(KEY_A, 1), SYN);
	expect(b->rig, KEY(KEY_A, 0), KEY(KEY_LEFTSHIFT, 0), SYN);
	assert_status(&b->inject, 0);
}

/* A program that drives it through a pipe. */
static void lines_are_run_as_they_arrive(void **state)
{
	struct both *b = *state;
	int fd[2];

	serve(b, KEYBOARD);
	assert_sys(pipe2(fd, O_CLOEXEC));
	b->inject.in = fd[0];
	both_start(b, "-");
	close(fd[0]);
	assert_num(write(fd[1], "key --down a\n", 13), 13);
	expect(b->rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(b->rig);
	assert_num(write(fd[1], "key b\n", 6), 6);
	tap_key(b->rig, KEY_B);
	close(fd[1]);
	expect(b->rig, KEY(KEY_A, 0), SYN);
	assert_status(&b->inject, 0);
}

static void write_line(int fd, const char *line)
{
	assert_num(write(fd, line, strlen(line)), (long long)strlen(line));
}

static void caps_lock_in_the_guest_is_noticed(void **state)
{
	struct both *b = *state;
	const struct vi_event lit = LED(LED_CAPSL, 1);
	int fd[2];

	serve(b, KEYBOARD);
	assert_sys(pipe2(fd, O_CLOEXEC));
	b->inject.in = fd[0];
	both_start(b, "-");
	close(fd[0]);
	write_line(fd[1], "key f1\n");
	tap_key(b->rig, KEY_F1);
	assert_ok(fe_send_status(&b->rig->fe, &lit));
	/* It does not matter for digits. */
	write_line(fd[1], "type 1\n");
	tap_key(b->rig, KEY_1);
	write_line(fd[1], "type a --clear-modifiers\n");
	tap_key(b->rig, KEY_CAPSLOCK);
	tap_key(b->rig, KEY_A);
	tap_key(b->rig, KEY_CAPSLOCK);
	write_line(fd[1], "type a\n");
	assert_status(&b->inject, 1);
	assert_string_equal(
		b->inject.err.text,
		"vinput-inject: line 4: type: a (U+0061) would arrive as "
		"another character: Caps Lock is on in the guest; use "
		"--clear-modifiers to undo that for the text\n");
	close(fd[1]);
	rig_expect_nothing(b->rig);
}

static void held(struct both *b, uint16_t key, bool down)
{
	inject(b->rig, KEY(key, down), SYN);
	expect(b->rig, KEY(key, down), SYN);
}

/* What it cannot release, it does not type with. */
static void a_modifier_that_another_program_holds_is_noticed(void **state)
{
	struct both *b = *state;

	rig_injector(b->rig, SOCK_STREAM);
	serve(b, KEYBOARD);
	held(b, KEY_RIGHTCTRL, true);
	both_start(b, "type a --clear-modifiers");
	assert_status(&b->inject, 1);
	assert_string_equal(b->inject.err.text,
			    "vinput-inject: type: a (U+0061) would arrive as "
			    "another character: another program holds "
			    "KEY_RIGHTCTRL\n");
	rig_expect_nothing(b->rig);
}

/* A space is one with Shift, too. */
static void a_modifier_that_changes_nothing_is_let_be(void **state)
{
	struct both *b = *state;

	rig_injector(b->rig, SOCK_STREAM);
	serve(b, KEYBOARD);
	held(b, KEY_LEFTSHIFT, true);
	both_start(b, "type ' '");
	tap_key(b->rig, KEY_SPACE);
	assert_status(&b->inject, 0);
	rig_expect_nothing(b->rig);
}

/* Shortcuts are no text. */
static void control_that_is_held_is_released_for_the_text(void **state)
{
	struct both *b = *state;
	int fd[2];

	serve(b, KEYBOARD);
	assert_sys(pipe2(fd, O_CLOEXEC));
	b->inject.in = fd[0];
	both_start(b, "-");
	close(fd[0]);
	write_line(fd[1], "key --down ctrl\n");
	expect(b->rig, KEY(KEY_LEFTCTRL, 1), SYN);
	write_line(fd[1], "type a --clear-modifiers\n");
	expect(b->rig, KEY(KEY_LEFTCTRL, 0), SYN);
	tap_key(b->rig, KEY_A);
	expect(b->rig, KEY(KEY_LEFTCTRL, 1), SYN);
	write_line(fd[1], "type a\n");
	expect(b->rig, KEY(KEY_LEFTCTRL, 0), SYN);
	assert_status(&b->inject, 1);
	assert_non_null(strstr(b->inject.err.text,
			       "KEY_LEFTCTRL is held by an earlier command"));
	close(fd[1]);
	rig_expect_nothing(b->rig);
}

static void two_devices_are_driven_in_one_call(void **state)
{
	struct both *b = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *mouse = other;
	process_arg(&mouse->srv, "--inject-path=%s", mouse->inject_path);
	rig_run(mouse, "mouse", RIG_BUFFERS);
	serve(b, KEYBOARD);
	process_arg(&b->inject, "--wait=10s");
	process_arg(&b->inject, "@%s", b->rig->inject_path);
	inject_add_words(&b->inject, "key --down ctrl then");
	process_arg(&b->inject, "@%s", mouse->inject_path);
	inject_add_words(&b->inject, "click then");
	process_arg(&b->inject, "@%s", b->rig->inject_path);
	inject_add_words(&b->inject, "key --up ctrl");
	process_start(&b->inject);
	expect(b->rig, KEY(KEY_LEFTCTRL, 1), SYN);
	tap_key(mouse, BTN_LEFT);
	expect(b->rig, KEY(KEY_LEFTCTRL, 0), SYN);
	assert_status(&b->inject, 0);
	assert_num(rig_teardown(&other), 0);
}

static void play_two_devices(struct both *b, const char *one, const char *two)
{
	inject_add_words(&b->inject, "--wait=10s play");
	process_arg(&b->inject, "%s/tests/data/inject/two-devices.getevent",
		    test_root());
	process_arg(&b->inject, "--map=1:%s,2:@%s", one, two);
	process_start(&b->inject);
}

static void two_devices_of_a_recording_are_played_at_once(void **state)
{
	struct both *b = *state;
	void *other = NULL;

	rig_setup(&other);
	struct rig *touch = other;
	process_arg(&touch->srv, "--inject-path=%s", touch->inject_path);
	rig_run(touch, "touch", RIG_BUFFERS);
	serve(b, KEYBOARD);
	play_two_devices(b, touch->inject_path, b->rig->inject_path);
	expect(touch, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 100), ABS(ABS_MT_POSITION_Y, 200),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 100), ABS(ABS_Y, 200), SYN);
	expect(b->rig, KEY(KEY_VOLUMEUP, 1), SYN);
	expect(touch, ABS(ABS_MT_POSITION_X, 101), ABS(ABS_X, 101), SYN);
	expect(touch, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
	/* What the recording leaves held is released. */
	expect(b->rig, KEY(KEY_VOLUMEUP, 0), SYN);
	assert_status(&b->inject, 0);
	assert_num(rig_teardown(&other), 0);
}

static void nothing_is_played_if_one_of_two_devices_is_missing(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	process_arg(&b->inject, "@%s", b->rig->inject_path);
	inject_add_words(&b->inject, "key --hold=0 a then play");
	process_arg(&b->inject, "%s/tests/data/inject/two-devices.getevent",
		    test_root());
	process_arg(&b->inject, "--map=2:%s,1:./nonexistent",
		    b->rig->inject_path);
	process_start(&b->inject);
	assert_status(&b->inject, 1);
	rig_expect_nothing(b->rig);
}

/* The recording is the device's spec, too. */
static void play_on_itself(struct both *b, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/tests/data/inject/%s", test_root(),
		 name);
	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	process_arg(&b->rig->srv, "--spec=%s", path);
	rig_start(b->rig);
	rig_run(b->rig, NULL, RIG_BUFFERS);
	process_arg(&b->inject, "--wait=10s");
	process_arg(&b->inject, "@%s", b->rig->inject_path);
	inject_add_words(&b->inject, "play");
	process_arg(&b->inject, "%s", path);
	process_start(&b->inject);
}

static void a_recorded_pen_hovers_and_touches(void **state)
{
	struct both *b = *state;

	play_on_itself(b, "hovering-pen.evemu");
	expect(b->rig, KEY(BTN_TOOL_PEN, 1), ABS(ABS_X, 4000), ABS(ABS_Y, 3000),
	       ABS(ABS_DISTANCE, 40), ABS(ABS_TILT_X, -15), SYN);
	expect(b->rig, ABS(ABS_X, 4010), ABS(ABS_DISTANCE, 12), SYN);
	expect(b->rig, ABS(ABS_DISTANCE, 0), ABS(ABS_PRESSURE, 700),
	       KEY(BTN_TOUCH, 1), SYN);
	expect(b->rig, ABS(ABS_DISTANCE, 9), ABS(ABS_PRESSURE, 0),
	       KEY(BTN_TOUCH, 0), SYN);
	expect(b->rig, KEY(BTN_TOOL_PEN, 0), SYN);
	assert_status(&b->inject, 0);
	rig_expect_nothing(b->rig);
}

static void a_recorded_finger_hovers_and_touches(void **state)
{
	struct both *b = *state;

	play_on_itself(b, "hovering-finger.evemu");
	expect(b->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 500), ABS(ABS_MT_POSITION_Y, 600),
	       ABS(ABS_MT_DISTANCE, 10), KEY(BTN_TOOL_FINGER, 1), SYN);
	expect(b->rig, ABS(ABS_MT_DISTANCE, 0), KEY(BTN_TOUCH, 1), SYN);
	expect(b->rig, ABS(ABS_MT_POSITION_X, 510), ABS(ABS_MT_DISTANCE, 4),
	       KEY(BTN_TOUCH, 0), SYN);
	expect(b->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOOL_FINGER, 0),
	       SYN);
	assert_status(&b->inject, 0);
	rig_expect_nothing(b->rig);
}

/* Their server does not take them for slots either. */
static void axes_with_codes_of_contacts_arrive(void **state)
{
	struct both *b = *state;

	process_arg(&b->rig->srv, "--inject-path=%s", b->rig->inject_path);
	process_arg(&b->rig->srv,
		    "--spec=%s/tests/data/spec/good/axes-numbered-through.json",
		    test_root());
	rig_start(b->rig);
	rig_run(b->rig, NULL, RIG_BUFFERS);
	process_arg(&b->inject, "--wait=10s");
	process_arg(&b->inject, "@%s", b->rig->inject_path);
	inject_add_words(&b->inject,
			 "raw ABS_MT_SLOT=-5 3:46=7 3:57=-1 syn 3:47=99");
	process_start(&b->inject);
	expect(b->rig, ABS(ABS_MT_SLOT, -5), ABS(ABS_MT_SLOT - 1, 7),
	       ABS(ABS_MT_TRACKING_ID, -1), SYN);
	expect(b->rig, ABS(ABS_MT_SLOT, 99), SYN);
	assert_status(&b->inject, 0);
}

/* --- addresses --- */

static void a_device_is_found_by_its_label(void **state)
{
	struct both *b = *state;

	snprintf(b->rig->inject_path, sizeof(b->rig->inject_path),
		 "%s/keyboard.inject", b->rig->dir);
	serve(b, KEYBOARD);
	process_arg(&b->inject, "--dir=%s", b->rig->dir);
	inject_add_words(&b->inject, "--wait=10s key --hold=0 a");
	process_start(&b->inject);
	tap_key(b->rig, KEY_A);
	assert_status(&b->inject, 0);
}

static void a_launchers_environment_says_where_labels_are(void **state)
{
	struct both *b = *state;

	snprintf(b->rig->inject_path, sizeof(b->rig->inject_path),
		 "%s/keyboard.inject", b->rig->dir);
	serve(b, KEYBOARD);
	assert_sys(asprintf(&b->inject.env, "VINPUT_DIR=%s", b->rig->dir));
	inject_add_words(&b->inject, "--wait=10s @keyboard key --hold=0 a");
	process_start(&b->inject);
	tap_key(b->rig, KEY_A);
	assert_status(&b->inject, 0);
}

/* Read until the other side leaves. Return: events. */
static size_t read_events(int fd, struct vi_event *ev, size_t max)
{
	size_t len = 0;

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		n = read(fd, (char *)ev + len, max * sizeof(*ev) - len);
		assert_sys(n);
		if (!n)
			break;
		len += (size_t)n;
	}
	assert_num(len % sizeof(*ev), 0);
	return len / sizeof(*ev);
}

static const char tap_of_a[] = "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0";

static void an_inherited_socket_is_a_device(void **state)
{
	struct both *b = *state;
	struct vi_event ev[16];
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	process_keep_fd(&b->inject, fd[1]);
	process_arg(&b->inject, "--to=fd:%d", fd[1]);
	process_arg(&b->inject, "--no-receipt");
	inject_add_words(&b->inject, "key --hold=0 a");
	process_start(&b->inject);
	close(fd[1]);
	assert_events(ev, read_events(fd[0], ev, 16), tap_of_a);
	assert_status(&b->inject, 0);
	close(fd[0]);
}

/* A device tells a new injector which LEDs are lit, before it reads. */
static void leds_that_were_lit_before_are_noticed(void **state)
{
	struct both *b = *state;
	const struct vi_event lit[] = { LED(LED_CAPSL, 1), SYN };
	struct vi_event ev[16];
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	assert_num(write(fd[0], lit, sizeof(lit)), sizeof(lit));
	process_keep_fd(&b->inject, fd[1]);
	process_arg(&b->inject, "--to=fd:%d", fd[1]);
	process_arg(&b->inject, "--no-receipt");
	inject_add_words(&b->inject, "type a");
	process_start(&b->inject);
	close(fd[1]);
	assert_events(ev, read_events(fd[0], ev, 16),
		      "SYN_REPORT 0, SYN_REPORT 0");
	assert_status(&b->inject, 1);
	assert_non_null(strstr(b->inject.err.text, "Caps Lock is on"));
	close(fd[0]);
}

/* As the sockets of Firecracker and vhost-device-vsock do. */
static void a_device_is_reached_over_hybrid_vsock(void **state)
{
	struct both *b = *state;
	int listening = rig_unix_listen(b->rig->socket, SOCK_STREAM);
	struct vi_event ev[16];
	char line[13] = "";

	process_arg(&b->inject, "--to=hybrid:%s:5555", b->rig->socket);
	process_arg(&b->inject, "--no-receipt");
	inject_add_words(&b->inject, "key --hold=0 a");
	process_start(&b->inject);
	int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(fd);
	assert_num(recv(fd, line, 13, MSG_WAITALL), 13);
	assert_memory_equal(line, "CONNECT 5555\n", 13);
	assert_num(write(fd, "OK 1073741824\n", 14), 14);
	assert_events(ev, read_events(fd, ev, 16), tap_of_a);
	assert_status(&b->inject, 0);
	close(fd);
	close(listening);
}

/* --- devices that fail --- */

static void a_device_that_disconnects_is_reported(void **state)
{
	struct both *b = *state;

	serve(b, KEYBOARD);
	both_start(b, "key --down a then sleep 60s");
	expect(b->rig, KEY(KEY_A, 1), SYN);
	b->rig->unclean = true;
	assert_num(process_terminate(&b->rig->srv), 0);
	assert_status(&b->inject, 1);
	assert_non_null(strstr(b->inject.err.text, "closed the connection"));
}

static void a_device_that_reads_nothing_is_reported(void **state)
{
	static const char *const lines[][2] = {
		{ "--timeout=50ms key a --hold=0",
		  "did not read everything within 50 ms" },
		{ "--no-receipt --timeout=50ms key a --hold=0",
		  "did not read everything within 50 ms" },
		{ "--no-receipt --timeout=50ms key a --hold=0 --delay=0 "
		  "--count=100000",
		  "read nothing for 50 ms" },
	};

	for (size_t i = 0; i < 3; i++) {
		struct process p;
		int fd[2];

		assert_sys(
			socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
		process_init(&p, "vinput-inject");
		process_keep_fd(&p, fd[1]);
		process_arg(&p, "--to=fd:%d", fd[1]);
		inject_add_words(&p, lines[i][0]);
		process_start(&p);
		close(fd[1]);
		assert_status(&p, 1);
		assert_non_null(strstr(p.err.text, lines[i][1]));
		process_fini(&p);
		close(fd[0]);
	}
}

/* --- time --- */

static void frames_do_not_come_before_their_time(void **state)
{
	struct both *b = *state;
	struct vi_event ev[2];
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	process_keep_fd(&b->inject, fd[1]);
	process_arg(&b->inject, "--to=fd:%d", fd[1]);
	process_arg(&b->inject, "--no-receipt");
	inject_add_words(&b->inject, "key a --hold=10 --delay=10 --count=10");
	const double start = clock_ms();
	process_start(&b->inject);
	close(fd[1]);
	for (int i = 0; i < 20; i++)
		assert_num(recv(fd[0], ev, sizeof(ev), MSG_WAITALL),
			   sizeof(ev));
	assert_true(clock_ms() - start >= 190);
	assert_status(&b->inject, 0);
	close(fd[0]);
}

/* --- recordings --- */

/* Some command through a server to a monitor. Return: what that printed. */
static char *monitored(const char *line, const char *frames)
{
	struct process monitor, inject;
	void *state = NULL;
	char *text;

	rig_setup(&state);
	struct rig *rig = state;
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_serve(rig, "touch");
	process_init(&monitor, "vinput-monitor");
	process_capture(&monitor);
	process_arg(&monitor, "--count=%s", frames);
	inject_add_words(&monitor, "--timeout=10 --wait");
	process_arg(&monitor, "%s", rig->socket);
	process_start(&monitor);
	process_expect_stdout(&monitor, "Testing");
	process_init(&inject, "vinput-inject");
	process_arg(&inject, "--to=%s", rig->inject_path);
	inject_add_words(&inject, "--wait=10s");
	inject_add_words(&inject, line);
	process_start(&inject);
	assert_status(&inject, 0);
	assert_status(&monitor, 0);
	text = strdup(process_stdout(&monitor));
	assert_non_null(text);
	process_fini(&inject);
	process_fini(&monitor);
	assert_num(rig_teardown(&state), 0);
	return text;
}

/* A recording's events, one frame per line. Return: to be freed. */
static char *events_of(const char *path)
{
	struct process p;
	char *text = calloc(1, 65536), *to = text;

	assert_non_null(text);
	process_init(&p, "vinput-inject");
	process_capture(&p);
	inject_add_words(&p, "--dry-run play");
	process_arg(&p, "%s", path);
	process_start(&p);
	assert_status(&p, 0);
	for (const char *at = process_stdout(&p); (at = strchr(at, '\n'));) {
		size_t len = strcspn(at + 1, "\n");
		const char *blank = memchr(at + 1, ' ', len);

		if (blank && *(at + 1) != '#')
			to = stpncpy(to, blank, (size_t)(at + 1 + len - blank));
		to = stpcpy(to, "\n");
		at++;
	}
	process_fini(&p);
	return text;
}

/*
 * The server adds BTN_TOUCH at the end of a frame; a source has it elsewhere.
 */
static void move_to_the_end(char *text, const char *word)
{
	for (char *at = text; (at = strstr(at, word));) {
		size_t len = strlen(word), rest = strcspn(at, "\n") - len;

		memmove(at, at + len, rest);
		memcpy(at + rest, word, len);
		at += rest + len;
	}
}

static void a_recording_replayed_gives_the_same_recording(void **state)
{
	struct both *b = *state;
	char first[64], second[64], line[128];
	char *text, *events, *again;

	snprintf(first, sizeof(first), "%s/first", b->rig->dir);
	snprintf(second, sizeof(second), "%s/second", b->rig->dir);
	text = monitored("pinch 500 900 100 700 --fingers=3 --duration=100 "
			 "--rate=50 --easing=linear then tap 9 9",
			 "9");
	file_write(first, "%s", text);
	free(text);
	snprintf(line, sizeof(line), "play %s", first);
	text = monitored(line, "9");
	file_write(second, "%s", text);
	free(text);
	events = events_of(first);
	again = events_of(second);
	assert_non_null(strstr(events, "ABS_MT_SLOT=2"));
	move_to_the_end(events, " BTN_TOUCH=1");
	if (strcmp(again, events))
		fail_msg("not\n%s\nbut\n%s", events, again);
	free(events);
	free(again);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, both_setup, both_teardown)
	const struct CMUnitTest tests[] = {
		TEST(text_arrives_as_keys_of_the_us_layout),
		TEST(text_arrives_as_keys_of_the_german_layout),
		TEST(nothing_is_typed_when_a_character_is_missing),
		TEST(fingers_swipe_in_the_guest),
		TEST(what_is_held_at_the_end_is_released),
		TEST(lines_are_run_as_they_arrive),
		TEST(caps_lock_in_the_guest_is_noticed),
		TEST(a_modifier_that_another_program_holds_is_noticed),
		TEST(a_modifier_that_changes_nothing_is_let_be),
		TEST(control_that_is_held_is_released_for_the_text),
		TEST(two_devices_are_driven_in_one_call),
		TEST(two_devices_of_a_recording_are_played_at_once),
		TEST(nothing_is_played_if_one_of_two_devices_is_missing),
		TEST(a_recorded_pen_hovers_and_touches),
		TEST(a_recorded_finger_hovers_and_touches),
		TEST(axes_with_codes_of_contacts_arrive),
		TEST(a_device_is_found_by_its_label),
		TEST(a_launchers_environment_says_where_labels_are),
		TEST(an_inherited_socket_is_a_device),
		TEST(leds_that_were_lit_before_are_noticed),
		TEST(a_device_is_reached_over_hybrid_vsock),
		TEST(a_device_that_disconnects_is_reported),
		TEST(a_device_that_reads_nothing_is_reported),
		TEST(frames_do_not_come_before_their_time),
		TEST(a_recording_replayed_gives_the_same_recording),
	};

	test_clear_environment();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough with a node that the test plays (node-stand-in.c), into a
 * device that runs (--to) and as the device's server (--socket-path).
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/pass-rig.h"
#include "tests/lib/stats.h"
#include "tests/lib/walls.h"

/* A server with a keyboard beside the program. */
static void start_to(struct pass *p)
{
	struct rig *rig = p->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	pass_rig_node(p);
	process_arg(&p->program, "--to=%s", rig->inject_path);
}

static void run_to(struct pass *p)
{
	start_to(p);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
}

/* The program is the server. */
static void start_serve(struct pass *p)
{
	struct rig *rig = p->rig;

	pass_rig_node(p);
	process_arg(&p->program, "--socket-path=%s", rig->socket);
	process_arg(&p->program, "--inject-path=%s", rig->inject_path);
}

/* The front-end is connected. */
static void start_driver(struct pass *p)
{
	struct frontend *fe = &p->rig->fe;

	assert_ok(fe_negotiate(fe));
	assert_ok(fe_make_rings(fe, RIG_BUFFERS));
	fe_post_buffers(fe, RIG_BUFFERS);
	assert_ok(fe_start(fe));
	expect(p->rig, vi_event(EV_REP, REP_DELAY, 250),
	       vi_event(EV_REP, REP_PERIOD, 33), SYN);
}

static void run_serve(struct pass *p)
{
	start_serve(p);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	rig_connect(p->rig);
	start_driver(p);
}

static void expect_written(struct pass *p, const char *text)
{
	char *got = fake_node_written(p->fd);

	for (int i = 0; i < DEADLINE_MS && !strcmp(got, "-"); i++) {
		free(got);
		usleep(1000);
		got = fake_node_written(p->fd);
	}
	assert_string_equal(got, text);
	free(got);
}

static void set_caps_lock(struct pass *p, int on)
{
	const struct vi_event led = LED(LED_CAPSL, on), syn = SYN;

	assert_ok(fe_send_status(&p->rig->fe, &led));
	assert_ok(fe_send_status(&p->rig->fe, &syn));
}

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
	p->node->error = ENODEV;
	close(p->fd);
	p->fd = -1;
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

/* --- --socket-path --- */

static void serve_passes_frames_on(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	fake_node_sends(p->fd, "MSC_SCAN 4, KEY_A 1");
	fake_node_sends(p->fd, "KEY_A 0, REL_X 5");
	expect(p->rig, vi_event(EV_MSC, MSC_SCAN, 4), KEY(KEY_A, 1), SYN,
	       KEY(KEY_A, 0), REL(REL_X, 5), SYN);
}

static void serve_shows_the_guests_leds(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	set_caps_lock(p, 1);
	expect_written(p, "LED_CAPSL 1, SYN_REPORT 0");
	p->node->led[0] = 0;
	assert_num(process_terminate(&p->program), 0);
	expect_written(p, "LED_NUML 0, LED_CAPSL 0, SYN_REPORT 0");
}

static void serve_has_the_nodes_name(void **state)
{
	struct pass *p = *state;
	static struct spec spec;

	run_serve(p);
	assert_ok(fe_read_spec(&p->rig->fe, &spec));
	assert_string_equal(spec.name, "Keyboard of a test");
	assert_num(spec.ids.product, 0xabcd);
	assert_true(spec_has(&spec, EV_KEY, KEY_LEFTCTRL));
}

static void injectors_join_the_node(void **state)
{
	struct pass *p = *state;
	const struct vi_event b[] = { KEY(KEY_B, 1), SYN };
	int fd;

	run_serve(p);
	fd = rig_unix_connect(p->rig->inject_path, SOCK_STREAM);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	assert_num(send(fd, b, sizeof(b), 0), sizeof(b));
	expect(p->rig, KEY(KEY_B, 1), SYN);
	close(fd);
	expect(p->rig, KEY(KEY_B, 0), SYN);
	fake_node_sends(p->fd, "KEY_A 0");
	expect(p->rig, KEY(KEY_A, 0), SYN);
}

static void serve_releases_at_the_end(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	kill(p->program.pid, SIGTERM);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&p->program), 0);
}

static void serve_releases_when_unplugged(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	p->node->error = ENODEV;
	close(p->fd);
	p->fd = -1;
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&p->program), 1);
}

static void serve_takes_an_inherited_socket(void **state)
{
	struct pass *p = *state;
	int fds[2];

	pass_rig_node(p);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	process_arg(&p->program, "--fd=%d", fds[1]);
	process_keep_fd(&p->program, fds[1]);
	pass_rig_start(p);
	close(fds[1]);
	pass_rig_expect_taken(p);
	fe_attach(&p->rig->fe, fds[0]);
	start_driver(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	rig_disconnect(p->rig);
	assert_num(process_wait(&p->program), 0);
	assert_false(p->node->grabbed);
}

/* --- vhost-user-input --evdev-path --- */

/* vhost-user: back-end program conventions, vhost-user-input */
static void start_convention(struct pass *p)
{
	struct process *program = &p->program;

	process_fini(program);
	process_init(program, "vhost-user-input");
	process_capture(program);
	pass_rig_node(p);
	process_arg(program, "--socket-path=%s", p->rig->socket);
	process_arg(program, "--evdev-path=/dev/input/stand-in-%d-%d",
		    program->keep[0], program->keep[1]);
}

static void run_convention(struct pass *p)
{
	process_start(&p->program);
	for (int i = 0; i < 2; i++)
		close(p->program.keep[i]);
	pass_rig_expect_taken(p);
	rig_connect(p->rig);
	start_driver(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
}

static void server_hands_evdev_path_over(void **state)
{
	struct pass *p = *state;

	start_convention(p);
	run_convention(p);
	assert_true(p->node->grabbed);
	assert_num(process_terminate(&p->program), 0);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_false(p->node->grabbed);
}

static void server_hands_its_options_over(void **state)
{
	struct pass *p = *state;
	const struct vi_event b[] = { KEY(KEY_B, 1), SYN };
	int fd;

	walls_need_no_sanitizer();
	start_convention(p);
	process_arg(&p->program, "--no-grab");
	process_arg(&p->program, "--sandbox=on");
	process_arg(&p->program, "--inject-path");
	process_arg(&p->program, "%s", p->rig->inject_path);
	process_arg(&p->program, "--inject-allow-uid=%d,%d", getuid(), 12345);
	run_convention(p);
	assert_num(p->node->grabs, 0);
	fd = rig_unix_connect(p->rig->inject_path, SOCK_STREAM);
	assert_num(send(fd, b, sizeof(b), 0), sizeof(b));
	expect(p->rig, KEY(KEY_B, 1), SYN);
	close(fd);
}

static void options_of_serving_are_refused_without_it(void **state)
{
	struct pass *p = *state;

	process_arg(&p->program, "--to=./x");
	process_arg(&p->program, "--stats-path=y");
	process_arg(&p->program, "/dev/null");
	process_start(&p->program);
	assert_num(process_wait(&p->program), 2);
	process_expect_log(&p->program,
			   "--stats-path requires --socket-path or --fd");
}

static void dropped_events_are_made_good(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	bit_clear(p->node->key, KEY_A);
	bit_set(p->node->key, KEY_B);
	fake_node_sends(p->fd, "SYN_DROPPED 0, REL_X 3");
	expect(p->rig, KEY(KEY_A, 0), KEY(KEY_B, 1), REL(REL_X, 3), SYN);
}

/* Also the motion of the frame that the drop cut off. */
static void dropped_events_are_made_good_to_another_server(void **state)
{
	struct pass *p = *state;
	struct rig *rig = p->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "mouse", RIG_BUFFERS);
	pass_rig_node(p);
	fake_node_add(p->node, EV_KEY, BTN_LEFT);
	process_arg(&p->program, "--to=%s", rig->inject_path);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	fake_node_sends(p->fd, "BTN_LEFT 1");
	expect(rig, KEY(BTN_LEFT, 1), SYN);
	bit_clear(p->node->key, BTN_LEFT);
	fake_node_sends(p->fd, "REL_X 4, SYN_DROPPED 0, REL_X 3");
	expect(rig, KEY(BTN_LEFT, 0), REL(REL_X, 7), SYN);
}

#define BURST 20000

/* More than waits anywhere, while the guest has 64 buffers. */
static void send_burst(struct pass *p)
{
	const struct input_event frame[2] = {
		{ .type = EV_REL, .code = REL_X, .value = 1 },
		{ .type = EV_SYN },
	};

	for (int i = 0; i < BURST; i++)
		assert_num(send(p->fd, frame, sizeof(frame), 0), sizeof(frame));
}

static void expect_burst(struct pass *p)
{
	int sum = 0;

	while (sum < BURST) {
		struct vi_event ev;

		assert_ok(fe_next_event(&p->rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_REL)
			sum += vi_value(&ev);
	}
	assert_num(sum, BURST);
	expect(p->rig, SYN);
	rig_expect_nothing(p->rig);
}

/* Longer than a server's --stall-ms, after which it folds. */
#define STALLED_US 300000
#define TAPS	   200

static void tap_in_a_stall(struct pass *p)
{
	for (int i = 0; i < TAPS; i++) {
		fake_node_sends(p->fd, "KEY_A 1");
		fake_node_sends(p->fd, "KEY_A 0");
	}
	usleep(STALLED_US);
	for (int i = 0; i < TAPS; i++)
		rig_expect_typed(p->rig);
	rig_expect_nothing(p->rig);
}

static void stalled_guest_gets_each_tap(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	tap_in_a_stall(p);
}

static void stalled_guest_of_another_server_gets_each_tap(void **state)
{
	struct pass *p = *state;

	run_to(p);
	tap_in_a_stall(p);
}

static void stopped_guest_loses_no_motion(void **state)
{
	struct pass *p = *state;

	run_serve(p);
	send_burst(p);
	expect_burst(p);
}

static void stopped_guest_of_another_server_loses_no_motion(void **state)
{
	struct pass *p = *state;
	struct rig *rig = p->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "mouse", RIG_BUFFERS);
	pass_rig_node(p);
	process_arg(&p->program, "--to=%s", rig->inject_path);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	send_burst(p);
	expect_burst(p);
}

/* The program reads on, and no frame waits in the node. */
static void server_that_hangs_loses_no_motion(void **state)
{
	struct pass *p = *state;
	struct rig *rig = p->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "mouse", RIG_BUFFERS);
	pass_rig_node(p);
	process_arg(&p->program, "--to=%s", rig->inject_path);
	pass_rig_start(p);
	pass_rig_expect_taken(p);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	send_burst(p);
	rig_wait_read(p->fd);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect_burst(p);
}

#define HUNG_TAPS 900 /* more than the socket has room for */

static void server_that_hangs_loses_no_key(void **state)
{
	struct pass *p = *state;

	run_to(p);
	assert_sys(kill(p->rig->srv.pid, SIGSTOP));
	for (int i = 0; i < HUNG_TAPS; i++) {
		fake_node_sends(p->fd, "KEY_A 1");
		fake_node_sends(p->fd, "KEY_A 0");
	}
	rig_wait_read(p->fd);
	assert_sys(kill(p->rig->srv.pid, SIGCONT));
	for (int i = 0; i < HUNG_TAPS; i++)
		rig_expect_typed(p->rig);
	rig_expect_nothing(p->rig);
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
		T(serve_passes_frames_on),
		T(serve_shows_the_guests_leds),
		T(serve_has_the_nodes_name),
		T(injectors_join_the_node),
		T(serve_releases_at_the_end),
		T(serve_releases_when_unplugged),
		T(serve_takes_an_inherited_socket),
		T(server_hands_evdev_path_over),
		T(server_hands_its_options_over),
		T(options_of_serving_are_refused_without_it),
		T(dropped_events_are_made_good),
		T(dropped_events_are_made_good_to_another_server),
		T(stalled_guest_gets_each_tap),
		T(stalled_guest_of_another_server_gets_each_tap),
		T(stopped_guest_loses_no_motion),
		T(stopped_guest_of_another_server_loses_no_motion),
		T(server_that_hangs_loses_no_motion),
		T(server_that_hangs_loses_no_key),
		T(printed_spec_is_the_servers),
		T(file_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-passthrough as a device's server, by itself and in place of
 * vhost-user-input (--evdev-path), and guests that stall: as a server of its
 * own loses nothing, so does one with --to. The test plays the node
 * (node-stand-in.c).
 */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/pass-serve.h"
#include "tests/lib/stats.h"
#include "tests/lib/walls.h"

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
	pass_rig_unplug(p);
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

	run_to_device(p, "mouse");
	send_burst(p);
	expect_burst(p);
}

/* The program reads on, and no frame waits in the node. */
static void server_that_hangs_loses_no_motion(void **state)
{
	struct pass *p = *state;
	struct rig *rig = p->rig;

	run_to_device(p, "mouse");
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

#define T(f) \
	cmocka_unit_test_setup_teardown(f, pass_rig_setup, pass_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

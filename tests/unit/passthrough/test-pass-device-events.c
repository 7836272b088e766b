/* SPDX-License-Identifier: Apache-2.0 */
/* pass-device.h: what is read from the node, and its life. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/pass-world.h"

#define FAKE_NODE (&world.fake)
#include "tests/lib/fake-node-ioctl.h"

/* The node. */
static int opened = -1;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int open(const char *path, int flags, ...)
{
	return strcmp(path, WORLD_PATH)
		       ? (int)syscall(SYS_openat, AT_FDCWD, path, flags, 0600)
		       : opened;
}

/* --- reading --- */

#define MOVES_MAX 2049

/*
 * n times REL_X 1, as frames. They are sent at once: many small packets take
 * more of a socket's buffer than every machine allows.
 */
static void node_moves(size_t n)
{
	static const struct input_event frame[2] = {
		{ .type = EV_REL, .code = REL_X, .value = 1 },
		{ .type = EV_SYN }
	};
	static struct input_event all[MOVES_MAX][2];

	assert_true(n <= MOVES_MAX);
	for (size_t i = 0; i < n; i++)
		memcpy(all[i], frame, sizeof(frame));
	assert_num(send(world.node_end, all, n * sizeof(frame), 0),
		   n * sizeof(frame));
}

static void expect_moves(int n)
{
	static const char frame[] = "REL_X 1 | ";
	const size_t len = strlen(world.guest[0].got) + strlen(" | ");

	assert_num(len, (size_t)n * strlen(frame));
	world.guest[0].got[0] = '\0';
}

/* The loop does not call again for what was queued before. */
static void all_that_is_queued_is_read(void **state)
{
	world_start();
	node_moves(32);
	world_serve();
	expect_moves(32);
	node_moves(33);
	world.device.shortcut.serve(&world.device.shortcut);
	world_serve();
	expect_moves(33);
}

static void a_full_read_is_followed_by_another(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	node_moves(33);
	ev_invoke(world.device.loop, &world.device.io, EV_READ);
	expect_moves(33);
}

/* Others have their turn in between. */
static void an_endless_queue_is_read_in_parts(void **state)
{
	struct pass_device *d = &world.device;

	world_start();
	node_moves(MOVES_MAX);
	world.guest[0].full = true; /* only counted */
	ev_invoke(d->loop, &d->io, EV_READ);
	assert_true(ev_is_pending(&d->io));
	world.guest[0].full = false;
	world_serve();
	guest_expect(&world.guest[0], "REL_X 2049");
}

static void lost_events_are_made_good(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	node_sends("KEY_A 1");
	guest_expect(&world.guest[0], "KEY_A 1");
	bit_set(world.fake.key, KEY_LEFTCTRL);
	node_sends("SYN_DROPPED 0, REL_X 4");
	guest_expect(&world.guest[0], "KEY_A 0, KEY_LEFTCTRL 1, REL_X 4");
	assert_false(world.device.forward.dropped);
	bit_clear(world.fake.key, KEY_LEFTCTRL);
	node_sends("SYN_DROPPED 0");
	assert_num(world.n_played, 0); /* A was down with it */
	bit_set(world.fake.key, KEY_LEFTCTRL);
	node_sends("SYN_DROPPED 0");
	bit_clear(world.fake.key, KEY_LEFTCTRL);
	node_sends("SYN_DROPPED 0");
	assert_num(world.n_played, 1);
	world.fake.error = EIO;
	node_sends("SYN_DROPPED 0");
	assert_rc(world.ended, -EIO);
	world.fake.error = 0;
}

static void the_end_of_a_node_ends_it(void **state)
{
	world_start();
	node_sends("KEY_A 1");
	close(world.node_end);
	world.node_end = -1;
	world_serve();
	assert_rc(world.ended, -ENODEV);
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_A 0");
	assert_false(ev_is_active(&world.device.io));
}

/* --- the shortcut --- */

static void plain_frames_are_passed_at_once(void **state)
{
	world_start();
	assert_true(node_sends_shortly("KEY_A 1"));
	assert_num(world.guest[0].passed, 1);
	guest_expect(&world.guest[0], "KEY_A 1");
	/* They count as sent. */
	pass_device_stop(&world.device);
	guest_expect(&world.guest[0], "KEY_A 0");
}

static void what_is_not_usual_is_left_to_the_watcher(void **state)
{
	world_start();
	assert_false(world.device.shortcut.serve(
		&world.device.shortcut)); /* nothing */
	assert_true(node_sends_shortly("KEY_A 1"));
	assert_false(node_sends_shortly("KEY_A 2"));
	assert_num(world.guest[0].passed, 1);
	world.guest[0].waits = true;
	assert_false(node_sends_shortly("KEY_B 1"));
	world.guest[0].waits = false;
	world.guest[0].full = true;
	assert_false(node_sends_shortly("KEY_B 0"));
	assert_true(world.device.forward.dropped);
	world.guest[0].full = false;
	assert_false(node_sends_shortly("REL_X 1"));
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_B 1");
	node_moves(32);
	assert_false(world.device.shortcut.serve(&world.device.shortcut));
	pass_device_give(&world.device, false);
	assert_false(node_sends_shortly("KEY_A 1"));
}

static void a_full_read_is_not_all(void **state)
{
	world_start();
	node_moves(31);
	assert_true(world.device.shortcut.serve(&world.device.shortcut));
	node_moves(32);
	assert_false(world.device.shortcut.serve(&world.device.shortcut));
	expect_moves(63);
}

static void a_frame_of_an_outlet_without_a_shortcut_is_sent(void **state)
{
	world.guest[0].outlet.sink.pass = NULL;
	world_start();
	assert_true(node_sends_shortly("KEY_A 1"));
	assert_true(node_sends_shortly("KEY_A 2"));
	assert_false(world.device.shortcut.serve(&world.device.shortcut));
	assert_num(world.guest[0].passed, 0);
	guest_expect(&world.guest[0], "KEY_A 1");
	world.guest[0].full = true;
	assert_false(node_sends_shortly("KEY_A 0"));
}

static bool refuse(void *arg, const struct vi_event *ev, size_t n, bool *quiet)
{
	return false;
}

static void a_frame_that_is_not_passed_is_sent(void **state)
{
	world.guest[0].outlet.sink.pass = refuse;
	world_start();
	assert_false(node_sends_shortly("KEY_A 1"));
	guest_expect(&world.guest[0], "KEY_A 1");
}

/* Before what else the loop has to do. */
static void the_loop_serves_the_node_first_and_shortly(void **state)
{
	world_start();
	assert_num(ev_priority(&world.device.io), EV_MAXPRI);
	world.guest[0].waits = true;
	fake_node_sends(world.node_end, "KEY_A 1");
	ev_run(world.device.loop, EVRUN_ONCE);
	assert_num(world.guest[0].passed, 1);
	guest_expect(&world.guest[0], "KEY_A 1");
}

static bool note_shortcut(struct loop_shortcut *s)
{
	s->level = true;
	return false;
}

static void when_it_has_stopped_the_loop_does_not(void **state)
{
	struct loop_shortcut other = { .serve = note_shortcut };
	ev_io *io = &world.device.io;

	world_start();
	other.fd = world.device.node.fd;
	pass_device_stop(&world.device);
	loop_shortcut_start(&other);
	ev_io_start(world.device.loop, io);
	fake_node_sends(world.node_end, "KEY_A 1");
	ev_run(world.device.loop, EVRUN_ONCE);
	assert_true(other.level);
	ev_io_stop(world.device.loop, io);
	loop_shortcut_stop(&other);
}

static void a_chord_is_seen_also_in_a_shortcut(void **state)
{
	world_start_with_chord(PASS_TOGGLE, "leftctrl");
	assert_true(node_sends_shortly("KEY_LEFTCTRL 1"));
	assert_false(node_sends_shortly("KEY_LEFTCTRL 0"));
	assert_num(world.n_played, 0);
	world_serve();
	ev_invoke(world.device.loop, &world.device.io, EV_READ);
	assert_num(world.n_played, 1);
}

/* --- the outlet has space again --- */

static void motion_is_sent_when_there_is_space(void **state)
{
	world_start();
	world.guest[0].full = true;
	node_sends("REL_X 1");
	node_sends("REL_X 2");
	world.guest[0].full = false;
	/* Of another guest. */
	pass_outlet_resume(&world.guest[1].outlet);
	guest_expect(&world.guest[0], "");
	fake_node_sends(world.node_end, "REL_X 4");
	pass_outlet_resume(&world.guest[0].outlet);
	guest_expect(&world.guest[0], "REL_X 7");
	fake_node_sends(world.node_end, "REL_X 8");
	pass_outlet_resume(&world.guest[0].outlet);
	guest_expect(&world.guest[0], "");
}

static void space_is_nothing_to_a_device_that_the_host_has(void **state)
{
	world_start();
	world.guest[0].full = true;
	node_sends("REL_X 1");
	world.guest[0].outlet.sink.make_space = NULL;
	pass_device_give(&world.device, false);
	world.device.forward.dropped = true;
	fake_node_sends(world.node_end, "REL_X 2");
	pass_outlet_resume(&world.guest[0].outlet);
	assert_num(recv(world.device.node.fd, &(struct input_event){ 0 },
			sizeof(struct input_event), MSG_DONTWAIT),
		   sizeof(struct input_event));
}

/* --- life --- */

static void a_device_that_is_not_open_can_be_closed(void **state)
{
	assert_num(world.device.node.fd, -1);
	assert_null(world.device.via);
	assert_false(world.device.forward.on || world.device.busy);
	pass_device_close(&world.device);
	assert_num(world.device.node.fd, -1);
}

static int open_device(struct fault *why)
{
	int fds[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	world.node_end = fds[1];
	opened = fds[0];
	return pass_device_open(&world.device, why);
}

static void an_opened_device_has_the_serial_that_was_chosen(void **state)
{
	struct fault why;

	strcpy(world.fake.uniq, "its own");
	world.device.serial = "another";
	assert_ok(open_device(&why));
	assert_num(world.device.node.fd, opened);
	assert_string_equal(world.device.node.spec.serial, "another");
	assert_num(world.fake.grabs, 0);
}

static void one_that_shows_a_guest_is_refused(void **state)
{
	struct fault why;

	strcpy(world.fake.phys, "vinput/monitor");
	assert_rc(open_device(&why), -EINVAL);
	assert_string_equal(why.text,
			    WORLD_NAME " shows what a guest is sent, and "
				       "passing it on would make a loop");
	assert_num(world.device.node.fd, -1);
	assert_num(fcntl(opened, F_GETFD), -1);
}

static void one_that_fails_is_not_open(void **state)
{
	struct fault why;

	world.fake.error = ENODEV;
	strcpy(world.fake.phys, "vinput/monitor");
	world.device.serial = "another";
	assert_rc(open_device(&why), -ENODEV);
	assert_string_equal(why.text, WORLD_PATH ": No such device");
	assert_num(world.device.node.fd, -1);
	assert_string_equal(world.device.node.spec.serial, "");
}

static void what_it_holds_is_released_when_it_is_closed(void **state)
{
	world_start();
	node_sends("KEY_A 1");
	pass_device_close(&world.device);
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_A 0");
	assert_num(world.device.node.fd, -1);
	assert_false(world.fake.grabbed);
}

static void what_the_host_keeps_as_well_is_not_kept_again(void **state)
{
	static struct pass_keep keep;
	int fds[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds));
	keep = (struct pass_keep){ .fd = fds[0] };
	bit_set(keep.keys, KEY_A);
	world.device.keep = &keep;
	world_start();
	node_sends("KEY_A 1");
	guest_expect(&world.guest[0], "");
	pass_device_stop(&world.device);
	world.device.grab = PASS_GRAB_NONE;
	pass_device_start(&world.device, true);
	node_sends("KEY_A 1");
	guest_expect(&world.guest[0], "");
	char *got = fake_node_written(fds[1]);
	assert_string_equal(got, "KEY_A 1, SYN_REPORT 0, "
				 "KEY_A 0, SYN_REPORT 0");
	free(got);
	close(fds[0]);
	close(fds[1]);
}

int main(void)
{
#define T(f)                                                 \
	cmocka_unit_test_setup_teardown(f, pass_world_setup, \
					pass_world_teardown)
	const struct CMUnitTest tests[] = {
		T(all_that_is_queued_is_read),
		T(a_full_read_is_followed_by_another),
		T(an_endless_queue_is_read_in_parts),
		T(lost_events_are_made_good),
		T(the_end_of_a_node_ends_it),
		T(plain_frames_are_passed_at_once),
		T(what_is_not_usual_is_left_to_the_watcher),
		T(a_full_read_is_not_all),
		T(a_frame_of_an_outlet_without_a_shortcut_is_sent),
		T(a_frame_that_is_not_passed_is_sent),
		T(the_loop_serves_the_node_first_and_shortly),
		T(when_it_has_stopped_the_loop_does_not),
		T(a_chord_is_seen_also_in_a_shortcut),
		T(motion_is_sent_when_there_is_space),
		T(space_is_nothing_to_a_device_that_the_host_has),
		T(a_device_that_is_not_open_can_be_closed),
		T(an_opened_device_has_the_serial_that_was_chosen),
		T(one_that_shows_a_guest_is_refused),
		T(one_that_fails_is_not_open),
		T(what_it_holds_is_released_when_it_is_closed),
		T(what_the_host_keeps_as_well_is_not_kept_again),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

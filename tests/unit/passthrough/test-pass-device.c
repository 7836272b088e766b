/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pass-device.h: who has the node, and its LEDs. Timers do not run: the test
 * says that they have expired.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/bit.h"
#include "tests/lib/check.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/pass-world.h"
#include "tests/lib/temp-dir.h"

#define FAKE_NODE (&world.fake)
#include "tests/lib/fake-node-ioctl.h"

static int forgotten = -1; /* the last fd that left the loop's epoll */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	int (*const real)(int, int, int, struct epoll_event *) =
		dlsym(RTLD_NEXT, "epoll_ctl");
	const int r = real(epfd, op, fd, event);

	if (!r && op == EPOLL_CTL_DEL)
		forgotten = fd;
	return r;
}

/* --- taking it --- */

static void a_node_is_taken_and_its_frames_are_sent(void **state)
{
	world_start();
	assert_true(world.fake.grabbed);
	assert_num(world.device.busy, false);
	node_sends("KEY_A 1, REL_X 3");
	guest_expect(&world.guest[0], "KEY_A 1, REL_X 3");
	assert_num(world.ended, 0);
	assert_logged("");
}

static void what_the_node_is_in_is_sent_first(void **state)
{
	fake_node_add(&world.fake, EV_SW, SW_LID);
	bit_set(world.fake.sw, SW_LID);
	world.fake.abs[ABS_PRESSURE].value = 50;
	world_start();
	guest_expect(&world.guest[0], "SW_LID 1, ABS_PRESSURE 50");
}

static void without_its_state_it_begins_at_rest(void **state)
{
	fake_node_add(&world.fake, EV_SW, SW_LID);
	bit_set(world.fake.sw, SW_LID);
	node_open();
	bit_clear(world.fake.bits[EV_ABS], ABS_PRESSURE);
	pass_device_start(&world.device, true);
	assert_logged("host: " WORLD_PATH
		      ": its state: Invalid argument\n" WORLD_TAKEN);
	guest_expect(&world.guest[0], "");
}

static void keys_that_were_down_before_are_the_hosts(void **state)
{
	world.device.grab = PASS_GRAB_NOW;
	bit_set(world.fake.key, KEY_A);
	world_start();
	node_sends("KEY_A 0");
	node_sends("KEY_B 1");
	guest_expect(&world.guest[0], "KEY_B 1");
}

static void a_held_key_is_waited_for(void **state)
{
	node_open();
	bit_set(world.fake.key, KEY_A);
	pass_device_start(&world.device, true);
	assert_num(world.fake.grabs, 0);
	assert_true(ev_is_active(&world.device.complain));
	assert_logged("");
	bit_clear(world.fake.key, KEY_A);
	node_sends("KEY_A 0");
	assert_true(world.fake.grabbed);
	assert_false(ev_is_active(&world.device.complain));
	assert_logged(WORLD_TAKEN);
}

static void a_held_key_is_named_if_it_lasts(void **state)
{
	static const struct {
		uint16_t key;
		const char *name;
	} rows[] = {
		{ KEY_RESERVED, "KEY_RESERVED" },
		{ KEY_LEFTSHIFT, "KEY_LEFTSHIFT" },
		{ 84, "a key without a name" },
	};

	node_open();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[256];

		bit_set(world.fake.key, rows[i].key);
		pass_device_start(&world.device, true);
		assert_true(world.device.complain.repeat == 3);
		world_expire(&world.device.complain);
		snprintf(line, sizeof(line),
			 "host: " WORLD_PATH ": waiting until %s is released; "
			 "--grab=now does not wait\n",
			 rows[i].name);
		assert_logged(line);
		assert_false(ev_is_active(&world.device.complain));
		bit_clear(world.fake.key, rows[i].key);
		pass_device_stop(&world.device);
	}
}

static void nothing_is_said_of_a_key_that_is_up(void **state)
{
	node_open();
	bit_set(world.fake.key, KEY_A);
	pass_device_start(&world.device, true);
	bit_clear(world.fake.key, KEY_A);
	world_expire(&world.device.complain);
	assert_logged("");
	node_sends("KEY_B 2");
	assert_logged(WORLD_TAKEN);
}

static void nor_of_a_key_of_a_node_that_is_gone(void **state)
{
	node_open();
	bit_set(world.fake.key, KEY_A);
	pass_device_start(&world.device, true);
	world.fake.error = ENODEV;
	world_expire(&world.device.complain);
	assert_logged("");
	world.fake.error = 0;
}

#define BUSY                                                            \
	"host: " WORLD_PATH ": another process has grabbed it; trying " \
	"again. Open in: none that this user can see\n"

static void one_that_another_has_is_tried_again(void **state)
{
	struct pass_device *d = &world.device;

	node_open();
	world.fake.taken = true;
	pass_device_start(d, true);
	assert_logged(BUSY);
	assert_true(d->again.repeat == 1);
	/* Its events change nothing, and it is said once. */
	node_sends("KEY_A 1");
	world_expire(&d->again);
	assert_logged("");
	/* A key that is down then is waited for. */
	world.fake.taken = false;
	bit_set(world.fake.key, KEY_A);
	world_expire(&d->again);
	assert_false(ev_is_active(&d->again));
	assert_true(ev_is_active(&d->complain));
	/* It is another one's once more, and that is said, not the key. */
	bit_clear(world.fake.key, KEY_A);
	world.fake.taken = true;
	node_sends("KEY_A 0");
	assert_logged(BUSY);
	bit_set(world.fake.key, KEY_A);
	world_expire(&d->complain);
	assert_logged("");
	bit_clear(world.fake.key, KEY_A);
	world.fake.taken = false;
	world_expire(&d->again);
	assert_logged(WORLD_TAKEN);
	assert_false(ev_is_active(&d->again));
	node_sends("KEY_B 1");
	guest_expect(&world.guest[0], "KEY_B 1");
}

/* It inherits the file. */
static void who_has_it_is_named(void **state)
{
	char dir[TEMP_DIR_LEN], path[64], line[256];
	pid_t pid;
	int fd;

	temp_dir_make(dir);
	snprintf(path, sizeof(path), "%s/node", dir);
	file_write(path, "x");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_sys(fd);
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	world.device.path = path;
	node_open();
	world.fake.taken = true;
	pass_device_start(&world.device, true);
	snprintf(line, sizeof(line),
		 "host: %s: another process has grabbed it; trying again. Open "
		 "in: %.15s (%d)\n",
		 path, program_invocation_short_name, pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);
	temp_dir_remove(dir);
	assert_logged(line);
}

static void an_error_ends_it(void **state)
{
	node_open();
	world.fake.error = ENODEV;
	pass_device_start(&world.device, true);
	assert_rc(world.ended, -ENODEV);
	assert_logged("");
}

static void an_error_ends_it_also_when_it_is_tried_again(void **state)
{
	node_open();
	world.fake.taken = true;
	pass_device_start(&world.device, true);
	world.fake.error = ENODEV;
	world_expire(&world.device.again);
	assert_rc(world.ended, -ENODEV);
	assert_false(ev_is_active(&world.device.again));
	assert_logged(BUSY);
}

/* --- giving it to the host, and back --- */

static void what_is_held_is_released(void **state)
{
	world_start();
	node_sends("KEY_A 1");
	guest_expect(&world.guest[0], "KEY_A 1");
	pass_device_stop(&world.device);
	guest_expect(&world.guest[0], "KEY_A 0");
	assert_false(world.fake.grabbed);
	assert_false(ev_is_active(&world.device.io));
	fake_node_sends(world.node_end, "KEY_B 1");
	world_serve();
	guest_expect(&world.guest[0], "");
}

static void the_host_gets_it_and_the_guest_again(void **state)
{
	world_start();
	pass_device_give(&world.device, false);
	assert_logged(WORLD_LEFT);
	assert_false(world.fake.grabbed);
	node_sends("KEY_B 1");
	node_sends("KEY_B 0");
	pass_device_give(&world.device, true);
	assert_logged(WORLD_TAKEN);
	assert_true(world.fake.grabbed);
	node_sends("KEY_A 1");
	guest_expect(&world.guest[0], "KEY_A 1");
}

static void the_host_gets_it_when_its_keys_are_up(void **state)
{
	world_start();
	bit_set(world.fake.key, KEY_A);
	node_sends("KEY_A 1");
	pass_device_give(&world.device, false);
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_A 0");
	assert_true(world.fake.grabbed);
	bit_set(world.fake.key, KEY_RESERVED);
	bit_clear(world.fake.key, KEY_A);
	node_sends("KEY_B 1");
	assert_true(world.fake.grabbed);
	assert_logged("");
	bit_clear(world.fake.key, KEY_RESERVED);
	node_sends("KEY_B 0");
	assert_false(world.fake.grabbed);
	assert_logged(WORLD_LEFT);
	node_sends("KEY_B 1");
	assert_logged("");
}

static void or_at_once_if_it_is_grabbed_at_once(void **state)
{
	world.device.grab = PASS_GRAB_NOW;
	world_start();
	bit_set(world.fake.key, KEY_A);
	pass_device_give(&world.device, false);
	assert_false(world.fake.grabbed);
	assert_logged(WORLD_LEFT);
}

static void one_that_is_not_grabbed_goes_to_the_host_at_once(void **state)
{
	node_open();
	bit_set(world.fake.key, KEY_A);
	pass_device_start(&world.device, false);
	assert_logged(WORLD_LEFT);
	assert_num(world.fake.grabs, 0);
}

static void an_error_of_giving_it_back_ends_it(void **state)
{
	world_start();
	world.fake.error = ENODEV;
	pass_device_give(&world.device, false);
	assert_rc(world.ended, -ENODEV);
	assert_logged("");
}

static void waiting_for_it_ends_when_the_host_is_to_have_it(void **state)
{
	struct pass_device *d = &world.device;

	node_open();
	world.fake.taken = true;
	pass_device_start(d, true);
	pass_device_give(d, false);
	assert_false(ev_is_active(&d->again));
	assert_logged(BUSY WORLD_LEFT);
	/* A new try says it anew. */
	pass_device_give(d, true);
	assert_logged(BUSY);
	world.fake.taken = false;
	bit_set(world.fake.key, KEY_A);
	pass_device_give(d, true);
	assert_true(ev_is_active(&d->complain));
	pass_device_give(d, false);
	assert_false(ev_is_active(&d->complain));
	assert_logged(WORLD_LEFT);
}

static void without_a_guest_the_host_has_it(void **state)
{
	world.device.outlet = NULL;
	node_open();
	pass_device_start(&world.device, true);
	assert_num(world.fake.grabs, 0);
	assert_logged("");
	world.device.outlet = &world.guest[1].outlet;
	pass_device_give(&world.device, true);
	assert_logged(WORLD_TAKEN);
	node_sends("KEY_A 1");
	guest_expect(&world.guest[1], "KEY_A 1");
}

static void another_guest_gets_its_frames(void **state)
{
	world_start();
	node_sends("KEY_A 1");
	world.device.outlet = &world.guest[1].outlet;
	pass_device_give(&world.device, true);
	assert_logged(WORLD_TAKEN);
	node_sends("KEY_B 1");
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_A 0");
	guest_expect(&world.guest[1], "KEY_B 1");
}

static void a_guest_without_space_is_sent_the_releases(void **state)
{
	world_start();
	node_sends("KEY_A 1");
	world.guest[0].full = true;
	pass_device_stop(&world.device);
	guest_expect(&world.guest[0], "KEY_A 1 | KEY_A 0");
}

static bool is_masked(uint16_t key)
{
	return world.fake.mask_types[0] != 0xff ||
	       !bit_test(world.fake.mask_keys, key);
}

/* The guard has the same file, which may wake the loop until it closes it. */
static void a_node_that_is_closed_leaves_the_loop(void **state)
{
	int fd;

	world_start();
	world_serve();
	fd = world.device.node.fd;
	forgotten = -1;
	pass_device_close(&world.device);
	assert_num(forgotten, fd);
}

static void while_the_host_has_it_only_keys_of_chords_are_read(void **state)
{
	struct fault why;
	static const char *const chords[PASS_COMMANDS] = { "a+b", "leftctrl",
							   "capslock+b" };
	static const uint16_t keys[] = { KEY_A, KEY_B, KEY_LEFTCTRL,
					 KEY_CAPSLOCK };

	for (int c = 0; c < PASS_COMMANDS; c++)
		assert_ok(pass_chord_read(&world.device.chord[c], chords[c],
					  &why));
	world_start();
	assert_false(is_masked(KEY_LEFTSHIFT));
	pass_device_give(&world.device, false);
	assert_num(world.fake.mask_types[0], 1 << EV_KEY);
	for (unsigned int key = 0; key < KEY_CNT; key++) {
		bool is_read = false;

		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			is_read |= keys[i] == key;
		assert_num(bit_test(world.fake.mask_keys, key), is_read);
	}
	pass_device_give(&world.device, true);
	assert_false(is_masked(KEY_LEFTSHIFT));
	assert_logged(WORLD_LEFT WORLD_TAKEN);
}

int main(void)
{
#define T(f)                                                 \
	cmocka_unit_test_setup_teardown(f, pass_world_setup, \
					pass_world_teardown)
	const struct CMUnitTest tests[] = {
		T(a_node_is_taken_and_its_frames_are_sent),
		T(what_the_node_is_in_is_sent_first),
		T(without_its_state_it_begins_at_rest),
		T(keys_that_were_down_before_are_the_hosts),
		T(a_held_key_is_waited_for),
		T(a_held_key_is_named_if_it_lasts),
		T(nothing_is_said_of_a_key_that_is_up),
		T(nor_of_a_key_of_a_node_that_is_gone),
		T(one_that_another_has_is_tried_again),
		T(who_has_it_is_named),
		T(an_error_ends_it),
		T(an_error_ends_it_also_when_it_is_tried_again),
		T(what_is_held_is_released),
		T(the_host_gets_it_and_the_guest_again),
		T(the_host_gets_it_when_its_keys_are_up),
		T(or_at_once_if_it_is_grabbed_at_once),
		T(one_that_is_not_grabbed_goes_to_the_host_at_once),
		T(an_error_of_giving_it_back_ends_it),
		T(waiting_for_it_ends_when_the_host_is_to_have_it),
		T(without_a_guest_the_host_has_it),
		T(another_guest_gets_its_frames),
		T(a_guest_without_space_is_sent_the_releases),
		T(a_node_that_is_closed_leaves_the_loop),
		T(while_the_host_has_it_only_keys_of_chords_are_read),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

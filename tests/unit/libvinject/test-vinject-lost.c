/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when a device goes, and when it comes back. */
#include <errno.h>

#include "tests/lib/vinject-device.h"

/* Dispatch as a program does, until nothing is pending. */
static void dispatch_until_told(struct vinject *v)
{
	while (vinject_pending(v)) {
		struct pollfd p = { .fd = vinject_fd(v), .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_true(vinject_dispatch(v) >= 0);
	}
}

static void a_device_that_goes_is_gone_for_good(void **state)
{
	struct fixture *f = *state;

	open_there(f);
	press_a(f);
	device_goes(f);
	assert_true(readable(f->v));
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_error_has(f, "the device closed the connection");
	assert_false(vinject_connected(f->v));
	assert_false(readable(f->v));
	assert_rc(vinject_key(f->v, KEY_A, false), -EPIPE);
	assert_rc(vinject_touch_down(f->v, 1, 1, 1), -EPIPE);
	assert_rc(vinject_release_all(f->v), -EPIPE);
	assert_rc(vinject_frame(f->v), -EPIPE);
	assert_rc(vinject_flush(f->v), -EPIPE);
	assert_rc(vinject_drain(f->v, 10), -EPIPE);
}

static void a_frame_notices_that_the_device_is_gone(void **state)
{
	struct fixture *f = *state;

	open_there(f);
	vinject_set_timeout(f->v, -1);
	device_goes(f);
	vinject_key(f->v, KEY_A, true);
	assert_rc(vinject_frame(f->v), -EPIPE);
	assert_rc(vinject_frame(f->v), -EPIPE);
}

static void a_device_that_comes_back_is_sent_what_is_held(void **state)
{
	struct fixture *f = *state;

	open_there(f);
	vinject_set_reconnect(f->v, true);
	press_a(f);
	vinject_key(f->v, KEY_B, true);
	vinject_touch_down(f->v, 1, 2, 3);
	assert_num(vinject_frame(f->v), 0);
	device_goes(f);
	assert_num(vinject_dispatch(f->v), 1);
	assert_false(vinject_connected(f->v));
	vinject_key(f->v, KEY_A, false);
	vinject_motion(f->v, 4, 0);
	assert_num(vinject_frame(f->v), 1);
	vinject_motion(f->v, 4, 0);
	assert_num(vinject_frame(f->v), 2);

	dispatch_until_told(f->v);
	assert_true(vinject_connected(f->v));
	assert_string_equal(vinject_error(f->v), "");
	accept_it(f);
	device_reads_text(f, "ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 2, "
			     "ABS_MT_POSITION_Y 3, KEY_B 1, REL_X 8, "
			     "SYN_REPORT 0");
	vinject_touch_up(f->v, 1);
	assert_num(vinject_frame(f->v), 0);
	device_reads_text(f,
			  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, SYN_REPORT 0");
}

/* Nor is the next one sent what is left of a frame. */
static void half_an_event_ends_with_its_connection(void **state)
{
	struct fixture *f = *state;
	const struct vi_event ev = LED(LED_CAPSL, 1);
	const int small = 1; /* the kernel makes it its smallest */

	open_there(f);
	vinject_set_reconnect(f->v, true);
	assert_sys(setsockopt(f->v->link.fd, SOL_SOCKET, SO_SNDBUF, &small,
			      sizeof(small)));
	device_says(f, &ev, 4);
	assert_num(vinject_dispatch(f->v), 0);
	for (int i = 0; i < VINJECT_FRAME_MAX; i++)
		assert_ok(vinject_motion(f->v, 1, 0));
	assert_num(vinject_frame(f->v), 1);
	device_goes(f);
	assert_num(vinject_dispatch(f->v), 1);
	vinject_key(f->v, KEY_A, true);
	assert_num(vinject_frame(f->v), 1);
	dispatch_until_told(f->v);
	accept_it(f);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
	vinject_set_status(f->v, keep_status, f);
	device_says(f, &ev, sizeof(ev));
	assert_num(vinject_dispatch(f->v), 0);
	assert_events(f->status, f->n_status, "LED_CAPSL 1");
}

static void a_device_is_tried_again_until_it_exists(void **state)
{
	struct fixture *f = *state;

	open_there(f);
	vinject_set_reconnect(f->v, true);
	press_a(f);
	stop_listening(f);
	device_goes(f);
	vinject_key(f->v, KEY_B, true);
	assert_num(vinject_frame(f->v), 1);
	assert_num(pthread_create(&f->thread, NULL, listen_later, f), 0);
	dispatch_until_told(f->v);
	pthread_join(f->thread, NULL);
	accept_it(f);
	device_reads_text(f, "KEY_A 1, KEY_B 1, SYN_REPORT 0");
	assert_false(readable(f->v));
}

static void a_frame_with_time_waits_for_the_device(void **state)
{
	struct fixture *f = *state;

	open_there(f);
	vinject_set_reconnect(f->v, true);
	vinject_set_timeout(f->v, DEADLINE_MS);
	press_a(f);
	device_goes(f);
	vinject_key(f->v, KEY_A, false);
	assert_num(vinject_frame(f->v), 0);
	assert_num(vinject_folded(f->v), 0);
	accept_it(f);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
}

static void a_taken_socket_is_not_connected_again(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	assert_ok(vinject_open_fd(f->v, fd[0]));
	vinject_set_reconnect(f->v, true);
	close(fd[1]);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
}

static void a_handed_down_socket_has_a_folder_to_go_to(void **state)
{
	struct fixture *f = *state;
	char env[64];
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	snprintf(env, sizeof(env), "keyboard=%d", fd[0]);
	setenv("VINPUT_FDS", env, 1);
	setenv("VINPUT_DIR", f->dir, 1);
	assert_ok(vinject_open(f->v, "keyboard"));
	vinject_set_reconnect(f->v, true);
	f->device = fd[1];
	press_a(f);
	listen_there(f, SOCK_STREAM);
	device_goes(f);
	assert_num(vinject_dispatch(f->v), 1);
	dispatch_until_told(f->v);
	accept_it(f);
	device_reads_text(f, "KEY_A 1, SYN_REPORT 0");
}

/* Another process has it too, so it does not end when we close it. */
static void a_lost_socket_that_others_have_is_not_heard_of(void **state)
{
	struct fixture *f = *state;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	const int other = dup(fd[0]);
	assert_ok(vinject_open_fd(f->v, fd[0]));
	close(fd[1]);
	assert_rc(vinject_dispatch(f->v), -EPIPE);
	assert_false(readable(f->v));
	close(other);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_that_goes_is_gone_for_good),
		T(a_frame_notices_that_the_device_is_gone),
		T(a_device_that_comes_back_is_sent_what_is_held),
		T(half_an_event_ends_with_its_connection),
		T(a_device_is_tried_again_until_it_exists),
		T(a_frame_with_time_waits_for_the_device),
		T(a_taken_socket_is_not_connected_again),
		T(a_handed_down_socket_has_a_folder_to_go_to),
		T(a_lost_socket_that_others_have_is_not_heard_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

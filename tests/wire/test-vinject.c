/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libvinject against the real server: what a guest gets, what comes back, and
 * that nothing stays pressed when the server does not read or is killed.
 * VINPUT_SHARE=1: all of it through shared memory.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "injector/libvinject/vinject.h"
#include "tests/lib/rig.h"

struct both {
	struct rig *rig;
	struct vinject *v;
	int caps_lock;
};

static int setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));
	void *rig = NULL;

	assert_non_null(b);
	rig_setup(&rig);
	b->rig = rig;
	b->v = vinject_new();
	assert_non_null(b->v);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct both *b = *state;
	void *rig = b->rig;

	vinject_free(b->v);
	free(b);
	return rig_teardown(&rig);
}

/* A server with --inject-path, its guest, and a handle connected to it. */
static void run(struct both *b, const char *spec)
{
	struct rig *rig = b->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, spec, RIG_BUFFERS);
	vinject_set_wait(b->v, DEADLINE_MS);
	assert_ok(vinject_open(b->v, rig->inject_path));
	if (getenv("VINPUT_SHARE"))
		assert_ok(vinject_share_memory(b->v, DEADLINE_MS));
}

static void dispatch_until_told(struct vinject *v)
{
	while (vinject_pending(v)) {
		struct pollfd p = { .fd = vinject_fd(v), .events = POLLIN };

		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_true(vinject_dispatch(v) >= 0);
	}
}

static void what_is_said_reaches_the_guest(void **state)
{
	struct both *b = *state;

	run(b, "keyboard");
	vinject_key(b->v, KEY_LEFTSHIFT, true);
	vinject_key(b->v, KEY_A, true);
	assert_num(vinject_frame(b->v), 0);
	expect(b->rig, KEY(KEY_LEFTSHIFT, 1), KEY(KEY_A, 1), SYN);
	vinject_release_all(b->v);
	assert_num(vinject_frame(b->v), 0);
	assert_ok(vinject_drain(b->v, DEADLINE_MS));
	expect(b->rig, KEY(KEY_A, 0), KEY(KEY_LEFTSHIFT, 0), SYN);
	rig_expect_nothing(b->rig);
}

static void freeing_a_handle_releases_what_it_held(void **state)
{
	struct both *b = *state;

	run(b, "keyboard");
	vinject_key(b->v, KEY_A, true);
	assert_num(vinject_frame(b->v), 0);
	expect(b->rig, KEY(KEY_A, 1), SYN);
	vinject_free(b->v);
	b->v = NULL;
	expect(b->rig, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(b->rig);
}

static void contacts_of_any_id_reach_the_guest(void **state)
{
	struct both *b = *state;

	run(b, "touch");
	vinject_touch_down(b->v, INT64_MIN, 10, 20);
	assert_num(vinject_frame(b->v), 0);
	expect(b->rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 10), ABS(ABS_MT_POSITION_Y, 20),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 10), ABS(ABS_Y, 20), SYN);
	vinject_touch_up(b->v, INT64_MIN);
	vinject_touch_down(b->v, 5, 30, 40);
	assert_num(vinject_frame(b->v), 0);
	expect(b->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN,
	       ABS(ABS_MT_TRACKING_ID, 1), ABS(ABS_MT_POSITION_X, 30),
	       ABS(ABS_MT_POSITION_Y, 40), KEY(BTN_TOUCH, 1), ABS(ABS_X, 30),
	       ABS(ABS_Y, 40), SYN);
	vinject_touch_cancel(b->v);
	assert_num(vinject_frame(b->v), 0);
	expect(b->rig, ABS(ABS_MT_TRACKING_ID, -1), KEY(BTN_TOUCH, 0), SYN);
	rig_expect_nothing(b->rig);
}

static void note_caps_lock(void *arg, uint16_t type, uint16_t code,
			   int32_t value)
{
	struct both *b = arg;

	if (type == EV_LED && code == LED_CAPSL)
		b->caps_lock = value;
}

static void leds_of_the_guest_are_reported(void **state)
{
	struct both *b = *state;

	run(b, "keyboard");
	b->caps_lock = -1;
	vinject_set_status(b->v, note_caps_lock, b);
	for (int on = 1; on >= 0; on--) {
		const struct vi_event led = LED(LED_CAPSL, on);

		/* The server has our connection: it has our frame. */
		vinject_key(b->v, KEY_A, on);
		assert_num(vinject_frame(b->v), 0);
		expect(b->rig, KEY(KEY_A, on), SYN);
		assert_ok(fe_send_status(&b->rig->fe, &led));
		struct pollfd p = { .fd = vinject_fd(b->v), .events = POLLIN };
		assert_num(poll(&p, 1, DEADLINE_MS), 1);
		assert_num(vinject_dispatch(b->v), 0);
		assert_num(b->caps_lock, on);
		assert_num(vinject_led(b->v, LED_CAPSL), on);
	}
}

/* Taps of B until the server reads no more of them and no more fits. */
static void fill(struct vinject *v)
{
	bool down = false;

	/* Each is another state: folded into the same, none is pending. */
	do {
		while (!vinject_pending(v)) {
			down = !down;
			vinject_key(v, KEY_B, down);
			assert_true(vinject_frame(v) >= 0);
		}
		poll(NULL, 0, RIG_QUIET_MS);
	} while (!vinject_flush(v));
}

static void a_release_is_kept_while_the_server_does_not_read(void **state)
{
	struct both *b = *state;
	struct vi_event ev;
	bool a = false, s = false;

	process_arg(&b->rig->srv, "--overflow=block");
	run(b, "keyboard");
	vinject_key(b->v, KEY_A, true);
	assert_num(vinject_frame(b->v), 0);
	fill(b->v);
	vinject_key(b->v, KEY_A, false);
	vinject_key(b->v, KEY_S, true);
	assert_true(vinject_frame(b->v) > 0);
	assert_rc(vinject_drain(b->v, 10), -ETIMEDOUT);
	/* The guest takes the earlier events, and then this frame. */
	do {
		assert_true(vinject_dispatch(b->v) >= 0);
		assert_ok(fe_next_event(&b->rig->fe, &ev, DEADLINE_MS));
		if (vi_code(&ev) == KEY_A)
			a = vi_value(&ev);
		s |= vi_code(&ev) == KEY_S;
	} while (!s || !vi_is_syn_report(&ev));
	assert_false(a);
	assert_num(vinject_pending(b->v), 0);
	rig_expect_nothing(b->rig);
}

static void kill_server(struct rig *rig)
{
	assert_sys(kill(rig->srv.pid, SIGKILL));
	assert_num(process_wait(&rig->srv), 128 + SIGKILL);
	process_fini(&rig->srv);
	process_init(&rig->srv, "vhost-user-input");
	assert_sys(unlink(rig->socket));
}

static void a_server_that_restarts_gets_what_is_held(void **state)
{
	struct both *b = *state;

	run(b, "keyboard");
	vinject_set_reconnect(b->v, true);
	for (int i = 0; i < 5; i++) {
		vinject_key(b->v, KEY_A, true);
		vinject_key(b->v, KEY_B, true);
		assert_num(vinject_frame(b->v), 0);
		assert_ok(vinject_drain(b->v, DEADLINE_MS));
		kill_server(b->rig);
		vinject_key(b->v, KEY_B, false);
		assert_true(vinject_frame(b->v) > 0);

		process_arg(&b->rig->srv, "--inject-path=%s",
			    b->rig->inject_path);
		rig_run(b->rig, "keyboard", RIG_BUFFERS);
		dispatch_until_told(b->v);
		expect(b->rig, KEY(KEY_A, 1), SYN);
		vinject_key(b->v, KEY_A, false);
		assert_num(vinject_frame(b->v), 0);
		expect(b->rig, KEY(KEY_A, 0), SYN);
	}
	rig_expect_nothing(b->rig);
}

static void a_killed_server_is_gone(void **state)
{
	struct both *b = *state;

	run(b, "keyboard");
	vinject_key(b->v, KEY_A, true);
	assert_num(vinject_frame(b->v), 0);
	assert_ok(vinject_drain(b->v, DEADLINE_MS));
	b->rig->unclean = true;
	assert_sys(kill(b->rig->srv.pid, SIGKILL));
	assert_num(process_wait(&b->rig->srv), 128 + SIGKILL);
	vinject_key(b->v, KEY_A, false);
	assert_rc(vinject_frame(b->v), -EPIPE);
	assert_string_equal(vinject_error(b->v),
			    "the device closed the connection");
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(what_is_said_reaches_the_guest),
		T(freeing_a_handle_releases_what_it_held),
		T(contacts_of_any_id_reach_the_guest),
		T(leds_of_the_guest_are_reported),
		T(a_release_is_kept_while_the_server_does_not_read),
		T(a_server_that_restarts_gets_what_is_held),
		T(a_killed_server_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

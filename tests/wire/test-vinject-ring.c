/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How libvinject comes to send through shared memory, and what differs then:
 * test-vinject with VINPUT_SHARE=1 shows that the rest does not.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/libvinject/vinject.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

#define STEP_MS 20
#define ENOUGH	64 /* frames in a second make a handle ask */

struct both {
	struct rig *rig;
	struct vinject *v;
};

static int setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));
	void *rig = NULL;

	assert_non_null(b);
	usage_rig_setup(&rig);
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

static void run(struct both *b, const char *option)
{
	struct rig *rig = b->rig;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	if (option)
		process_arg(&rig->srv, "%s", option);
	stats_serve(rig);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	vinject_set_wait(b->v, DEADLINE_MS);
	assert_ok(vinject_open(b->v, rig->inject_path));
}

static void press(struct both *b, int i)
{
	vinject_key(b->v, KEY_B, i % 2 == 0);
	assert_num(vinject_frame(b->v), 0);
}

static void expect_presses(struct both *b, int from, int to)
{
	for (int i = from; i < to; i++)
		expect(b->rig, KEY(KEY_B, i % 2 == 0), SYN);
}

static void press_each(struct both *b, int n)
{
	for (int i = 0; i < n; i++) {
		press(b, i);
		expect_presses(b, i, i + 1);
	}
}

/* --- how it comes about --- */

static void a_handle_that_sends_much_moves_by_itself(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	press_each(b, ENOUGH - 2);
	assert_num(stats_now(b->rig, "shared_rings_total"), 0);
	assert_false(vinject_shares_memory(b->v));
	/* Without vinject_dispatch(). */
	press_each(b, 20);
	assert_true(vinject_shares_memory(b->v));
	assert_num(stats_now(b->rig, "shared_rings"), 1);
	press_each(b, 20);
	assert_num(stats_now(b->rig, "undeclared"), 0);
	rig_expect_nothing(b->rig);
}

static void its_answer_is_found_behind_others(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	for (int i = 0; i < 40; i++) {
		const struct vi_event led = LED(LED_CAPSL, i % 2);

		assert_rc(fe_send_status(&b->rig->fe, &led), 0);
	}
	press_each(b, 2 * ENOUGH);
	assert_true(vinject_shares_memory(b->v));
}

static void a_handle_that_sends_little_does_not(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	for (int i = 0; i < ENOUGH + 10; i++) {
		press(b, i);
		expect_presses(b, i, i + 1);
		poll(NULL, 0, 18);
	}
	assert_false(vinject_shares_memory(b->v));
	assert_num(stats_now(b->rig, "shared_rings_refused"), 0);
}

static void a_handle_that_is_told_not_to_does_not(void **state)
{
	struct both *b = *state;

	vinject_set_shared_memory(b->v, false);
	run(b, NULL);
	press_each(b, 2 * ENOUGH);
	assert_false(vinject_shares_memory(b->v));
	assert_ok(vinject_share_memory(b->v, DEADLINE_MS));
	press_each(b, 10);
	assert_true(vinject_shares_memory(b->v));
}

static void a_server_that_refuses_is_not_asked_again(void **state)
{
	struct both *b = *state;

	run(b, "--shared-memory=off");
	press_each(b, 5 * ENOUGH);
	assert_false(vinject_shares_memory(b->v));
	assert_rc(vinject_share_memory(b->v, DEADLINE_MS), -EOPNOTSUPP);
	press_each(b, 10);
	assert_num(stats_now(b->rig, "shared_rings_refused"), 1);
	assert_num(stats_now(b->rig, "undeclared"), 0);
}

/* An older server sends nothing back. */
static void a_wait_for_an_answer_ends(void **state)
{
	struct both *b = *state;
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM, 0, fd));
	assert_ok(vinject_open_fd(b->v, fd[0]));
	assert_rc(vinject_share_memory(b->v, -1), -EOPNOTSUPP);
	assert_false(vinject_shares_memory(b->v));
	assert_true(vinject_connected(b->v));
	close(fd[1]);
}

static void what_was_sent_before_comes_before(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	vinject_set_timeout(b->v, DEADLINE_MS);
	for (int i = 0; i < 300; i++) {
		press(b, i);
		if (i % 16 == 15)
			expect_presses(b, i - 15, i + 1);
	}
	expect_presses(b, 288, 300);
	assert_true(vinject_shares_memory(b->v));
	rig_expect_nothing(b->rig);
}

/* --- a server that ends --- */

static void kill_server(struct both *b)
{
	b->rig->unclean = true;
	assert_sys(kill(b->rig->srv.pid, SIGKILL));
	process_wait(&b->rig->srv);
}

static void share(struct both *b)
{
	assert_ok(vinject_share_memory(b->v, DEADLINE_MS));
	press_each(b, 2);
}

static void a_killed_server_is_noticed(void **state)
{
	struct both *b = *state;
	int r = 0;

	run(b, NULL);
	share(b);
	usage_wait_rest(b->rig->srv.pid);
	kill_server(b);
	for (int i = 0; i < 3 && r >= 0; i++) {
		vinject_key(b->v, KEY_B, i % 2);
		r = vinject_frame(b->v);
		poll(NULL, 0, 2);
	}
	assert_rc(r, -EPIPE);
	assert_false(vinject_shares_memory(b->v));
}

static void a_dispatched_handle_notices_at_once(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	share(b);
	kill_server(b);
	struct pollfd p = { .fd = vinject_fd(b->v), .events = POLLIN };
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
	assert_rc(vinject_dispatch(b->v), -EPIPE);
}

static void run_again(struct both *b)
{
	struct rig *rig = b->rig;

	fe_fini(&rig->fe);
	fe_init(&rig->fe);
	process_fini(&rig->srv);
	process_init(&rig->srv, "vhost-user-input");
	assert_sys(unlink(rig->socket));
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", RIG_BUFFERS);
}

static void dispatch_until_shared(struct both *b, bool shared)
{
	for (int ms = 0; vinject_shares_memory(b->v) != shared; ms += STEP_MS) {
		struct pollfd p = { .fd = vinject_fd(b->v), .events = POLLIN };

		assert_true(ms < DEADLINE_MS);
		poll(&p, 1, STEP_MS);
		assert_true(vinject_dispatch(b->v) >= 0);
	}
}

/* Frames are few: only what was asked for before makes it ask. */
static void a_handle_asks_again_once_it_has_reconnected(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	vinject_set_reconnect(b->v, true);
	share(b);
	usage_wait_rest(b->rig->srv.pid);
	kill_server(b);
	dispatch_until_shared(b, false);
	run_again(b);
	dispatch_until_shared(b, true);
	press_each(b, 2);
	rig_expect_nothing(b->rig);
}

static void a_wait_for_space_ends_with_the_server(void **state)
{
	struct both *b = *state;
	int r = 0;

	run(b, "--overflow=block");
	share(b);
	assert_sys(kill(b->rig->srv.pid, SIGSTOP));
	vinject_set_timeout(b->v, 20);
	for (int i = 0; i < 5000 && r >= 0 && !vinject_pending(b->v); i++) {
		vinject_key(b->v, KEY_B, i % 2 == 0);
		r = vinject_frame(b->v);
	}
	assert_true(vinject_pending(b->v));
	kill_server(b);
	vinject_set_timeout(b->v, DEADLINE_MS);
	assert_rc(vinject_flush(b->v), -EPIPE);
}

/* --- a server that does not keep up --- */

/* Until the server, which may be slow, reads no more, and no more fits. */
static void fill(struct vinject *v)
{
	bool down = false;

	do {
		while (!vinject_pending(v)) {
			down = !down;
			vinject_key(v, KEY_B, down);
			assert_true(vinject_frame(v) >= 0);
		}
		poll(NULL, 0, RIG_QUIET_MS);
	} while (!vinject_flush(v));
}

static void frames_are_folded_and_the_fd_tells_of_space(void **state)
{
	struct both *b = *state;
	struct vi_event ev;

	run(b, "--overflow=block");
	share(b);
	fill(b->v);
	vinject_key(b->v, KEY_B, false);
	vinject_key(b->v, KEY_S, true);
	assert_true(vinject_frame(b->v) > 0);
	/* Before that, a part of a frame may have been what did not fit. */
	assert_true(vinject_folded(b->v));
	/* Nothing is due while the guest takes nothing. */
	usage_wait_rest(b->rig->srv.pid);
	vinject_dispatch(b->v);
	struct pollfd p = { .fd = vinject_fd(b->v), .events = POLLIN };
	assert_num(poll(&p, 1, RIG_QUIET_MS), 0);
	do {
		assert_rc(fe_next_event(&b->rig->fe, &ev, DEADLINE_MS), 0);
		if (poll(&p, 1, 0) > 0)
			assert_true(vinject_dispatch(b->v) >= 0);
	} while (vi_code(&ev) != KEY_S);
	assert_num(vinject_pending(b->v), 0);
	expect(b->rig, SYN);
	rig_expect_nothing(b->rig);
}

static void a_handle_with_time_waits_for_space(void **state)
{
	struct both *b = *state;
	int status;
	pid_t pid;

	run(b, "--overflow=block");
	share(b);
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		vinject_set_timeout(b->v, -1);
		for (int i = 0; i < 20000; i++) {
			vinject_key(b->v, KEY_B, i % 2 == 0);
			if (vinject_frame(b->v))
				_exit(1);
		}
		_exit(vinject_drain(b->v, DEADLINE_MS) != 0);
	}
	poll(NULL, 0, 2 * RIG_QUIET_MS);
	expect_presses(b, 0, 20000);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
	rig_expect_nothing(b->rig);
}

static void drain_waits_for_the_ring(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	share(b);
	usage_wait_rest(b->rig->srv.pid);
	assert_sys(kill(b->rig->srv.pid, SIGSTOP));
	press(b, 0);
	assert_rc(vinject_drain(b->v, 20), -ETIMEDOUT);
	assert_sys(kill(b->rig->srv.pid, SIGCONT));
	assert_ok(vinject_drain(b->v, DEADLINE_MS));
	expect_presses(b, 0, 1);
}

static void the_longest_frame_goes_through(void **state)
{
	struct both *b = *state;

	run(b, NULL);
	share(b);
	vinject_set_timeout(b->v, DEADLINE_MS);
	for (int i = 0; i < VINJECT_FRAME_MAX - 1; i++)
		assert_ok(vinject_event(b->v, EV_MSC, MSC_SCAN, i));
	assert_num(vinject_frame(b->v), 0);
	for (int i = 0; i < VINJECT_FRAME_MAX - 1; i++)
		expect(b->rig, vi_event(EV_MSC, MSC_SCAN, i));
	expect(b->rig, SYN);
	rig_expect_nothing(b->rig);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_handle_that_sends_much_moves_by_itself),
		T(its_answer_is_found_behind_others),
		T(a_handle_that_sends_little_does_not),
		T(a_handle_that_is_told_not_to_does_not),
		T(a_server_that_refuses_is_not_asked_again),
		T(a_wait_for_an_answer_ends),
		T(what_was_sent_before_comes_before),
		T(a_killed_server_is_noticed),
		T(a_dispatched_handle_notices_at_once),
		T(a_handle_asks_again_once_it_has_reconnected),
		T(a_wait_for_space_ends_with_the_server),
		T(frames_are_folded_and_the_fd_tells_of_space),
		T(a_handle_with_time_waits_for_space),
		T(drain_waits_for_the_ring),
		T(the_longest_frame_goes_through),
	};

	return cmocka_run_group_tests_name("vinject-ring", tests, NULL, NULL);
}

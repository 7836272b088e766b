/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A node whose frames come alone is waited for in the call that reads it.
 * Whatever else happens meanwhile is served as ever.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lib/pass-serve.h"
#include "tests/lib/usage.h"

static void expect_works(void *arg)
{
	struct pass *p = arg;

	fake_node_sends(p->fd, "KEY_B 1");
	expect(p->rig, KEY(KEY_B, 1), SYN);
	fake_node_sends(p->fd, "KEY_B 0");
	expect(p->rig, KEY(KEY_B, 0), SYN);
}

static void let_it_wait(struct pass *p)
{
	usage_let_wait(p->program.pid, SYS_read, expect_works, p);
}

static void start(struct pass *p)
{
	start_serve(p);
	process_arg(&p->program, "--toggle=capslock+leftshift");
}

static int setup(void **state)
{
	int r = pass_rig_setup(state);
	struct pass *p = *state;

	start(p);
	run_started(p);
	let_it_wait(p);
	return r;
}

/* epoll_pwait() and read() became one call; the other one is write(). */
static void a_frame_costs_two_calls(void **state)
{
	struct pass *p = *state;

	for (int i = 0; i < 3; i++) {
		expect_works(p);
		usage_expect_waits(p->program.pid, SYS_read);
	}
}

static void few_frames_are_waited_for_with_all_else(void **state)
{
	struct pass *p = *state;

	start(p);
	run_started(p);
	expect_works(p);
	usage_expect_waits(p->program.pid, SYS_epoll_pwait);
}

static void so_is_the_way_to_another_server(void **state)
{
	struct pass *p = *state;

	run_to(p);
	let_it_wait(p);
	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&p->program), 0);
	expect(p->rig, KEY(KEY_A, 0), SYN);
}

static void the_guests_leds_are_shown(void **state)
{
	struct pass *p = *state;

	for (int i = 0; i < 3; i++) {
		free(fake_node_written(p->fd));
		set_caps_lock(p, !(i % 2));
		expect_written(p, i % 2 ? "LED_CAPSL 0, SYN_REPORT 0"
					: "LED_CAPSL 1, SYN_REPORT 0");
		let_it_wait(p);
	}
}

static void a_front_end_is_answered(void **state)
{
	struct pass *p = *state;

	/* GET_VRING_BASE. */
	assert_ok(fe_stop(&p->rig->fe));
	rig_connect(p->rig);
	start_driver(p);
	let_it_wait(p);
}

static void an_injector_is_served(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_A, 1), SYN };
	struct pass *p = *state;

	for (int i = 0; i < 3; i++) {
		int fd = rig_unix_connect(p->rig->inject_path, SOCK_STREAM);

		assert_num(write(fd, ev, sizeof(ev)), sizeof(ev));
		expect(p->rig, KEY(KEY_A, 1), SYN);
		let_it_wait(p);
		/* Its end, too. */
		close(fd);
		expect(p->rig, KEY(KEY_A, 0), SYN);
		let_it_wait(p);
	}
}

/* As many events as are read at once: nothing may wait for others. */
static void a_full_read_is_not_the_last_word(void **state)
{
	struct pass *p = *state;
	int status;

	assert_sys(kill(p->program.pid, SIGSTOP));
	assert_num(waitpid(p->program.pid, &status, WUNTRACED), p->program.pid);
	for (int i = 0; i < 16; i++) {
		fake_node_sends(p->fd, "KEY_B 1");
		fake_node_sends(p->fd, "KEY_B 0");
	}
	assert_sys(kill(p->program.pid, SIGCONT));
	for (int i = 0; i < 16; i++)
		expect(p->rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	usage_expect_waits(p->program.pid, SYS_epoll_pwait);
	let_it_wait(p);
}

static void the_host_gets_it_and_the_guest_again(void **state)
{
	static const char *const chord[] = { "KEY_CAPSLOCK 1",
					     "KEY_LEFTSHIFT 1",
					     "KEY_CAPSLOCK 0",
					     "KEY_LEFTSHIFT 0" };
	struct pass *p = *state;

	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < ARRAY_LEN(chord); k++)
			fake_node_sends(p->fd, chord[k]);
		if (!i)
			expect(p->rig, KEY(KEY_CAPSLOCK, 1), SYN,
			       KEY(KEY_LEFTSHIFT, 1), SYN, KEY(KEY_CAPSLOCK, 0),
			       SYN, KEY(KEY_LEFTSHIFT, 0), SYN);
		for (int ms = 0; ms < DEADLINE_MS && p->node->grabbed != i;
		     ms++)
			usleep(1000);
		assert_num(p->node->grabbed, i);
		usage_expect_waits(p->program.pid, SYS_epoll_pwait);
	}
	let_it_wait(p);
}

static void signals_are_noticed(void **state)
{
	struct pass *p = *state;

	assert_sys(kill(p->program.pid, SIGUSR1));
	process_expect_log(&p->program, "counters: vmm=1");
	let_it_wait(p);
	assert_sys(kill(p->program.pid, SIGSTOP));
	fake_node_sends(p->fd, "KEY_A 1");
	assert_sys(kill(p->program.pid, SIGCONT));
	expect(p->rig, KEY(KEY_A, 1), SYN);
	assert_num(process_terminate(&p->program), 0);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_false(p->node->grabbed);
}

static void it_may_be_unplugged(void **state)
{
	struct pass *p = *state;

	fake_node_sends(p->fd, "KEY_A 1");
	expect(p->rig, KEY(KEY_A, 1), SYN);
	usage_expect_waits(p->program.pid, SYS_read);
	pass_rig_unplug(p);
	expect(p->rig, KEY(KEY_A, 0), SYN);
	assert_num(process_wait(&p->program), 1);
	process_expect_log(&p->program, "unplugged");
}

static void who_polls_does_not_wait(void **state)
{
	struct pass *p = *state;

	start(p);
	process_arg(&p->program, "--busy-poll=50");
	run_started(p);
	for (int i = 0; i < USAGE_ALONE; i++)
		expect_works(p);
	usage_expect_waits(p->program.pid, SYS_epoll_pwait);
	assert_num(usage_threads(p->program.pid), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, pass_rig_teardown)
#define FRESH(name) \
	cmocka_unit_test_setup_teardown(name, pass_rig_setup, pass_rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_costs_two_calls),
		FRESH(few_frames_are_waited_for_with_all_else),
		FRESH(so_is_the_way_to_another_server),
		T(the_guests_leds_are_shown),
		T(a_front_end_is_answered),
		T(an_injector_is_served),
		T(a_full_read_is_not_the_last_word),
		T(the_host_gets_it_and_the_guest_again),
		T(signals_are_noticed),
		T(it_may_be_unplugged),
		FRESH(who_polls_does_not_wait),
	};

	return cmocka_run_group_tests_name("pass-wait", tests, NULL, NULL);
}

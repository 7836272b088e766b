/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injector whose frames come alone is waited for in the call that reads it.
 * Whatever else happens meanwhile is served as ever.
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "input/base/sentry.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

static void works(void *arg)
{
	rig_expect_works(arg);
}

static void let_it_wait(struct rig *rig)
{
	usage_let_wait(rig->srv.pid, SYS_recvfrom, works, rig);
}

static int setup(void **state)
{
	int r = usage_rig_setup(state);
	struct rig *rig = *state;

	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	let_it_wait(rig);
	return r;
}

/* epoll_pwait() and recv() became one call; the other one is write(). */
static void a_frame_costs_two_calls(void **state)
{
	struct rig *rig = *state;

	if (usage_call(rig->srv.pid) < 0)
		skip_because("the kernel has no /proc/PID/syscall");
	for (int i = 0; i < 3; i++) {
		rig_expect_works(rig);
		usage_expect_waits(rig->srv.pid, SYS_recvfrom);
	}
}

static void few_frames_are_waited_for_with_all_else(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", RIG_BUFFERS);
	rig_expect_works(rig);
	usage_expect_waits(rig->srv.pid, SYS_epoll_pwait);
}

static void the_guests_leds_are_shown(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		const struct vi_event led = LED(LED_CAPSL, i % 2);

		let_it_wait(rig);
		assert_ok(fe_send_status(&rig->fe, &led));
		expect_status(rig, led);
	}
}

static void a_front_end_is_answered(void **state)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	struct rig *rig = *state;

	assert_ok(fe_query(&rig->fe, &msg, sizeof(msg.u64)));
	let_it_wait(rig);
	/* GET_VRING_BASE. */
	assert_ok(fe_stop(&rig->fe));
	rig_run(rig, NULL, RIG_BUFFERS);
	let_it_wait(rig);
	rig_expect_serves(rig);
}

static void other_injectors_are_served(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN };
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);

		let_it_wait(rig);
		assert_num(write(fd, ev, sizeof(ev)), sizeof(ev));
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		rig_expect_works(rig);
		assert_num(write(fd, ev, 2 * sizeof(ev[0])), 2 * sizeof(ev[0]));
		expect(rig, KEY(KEY_B, 1), SYN);
		let_it_wait(rig);
		/* Its end, too. */
		close(fd);
		expect(rig, KEY(KEY_B, 0), SYN);
	}
}

static void a_connection_is_waited_for_as_well(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN };
	struct rig *rig = *state;
	int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);

	for (int i = 0; i < USAGE_ALONE; i++) {
		assert_num(write(fd, ev, 2 * sizeof(ev[0])), 2 * sizeof(ev[0]));
		expect(rig, KEY(KEY_B, 1), SYN);
		assert_num(write(fd, &ev[2], 2 * sizeof(ev[0])),
			   2 * sizeof(ev[0]));
		expect(rig, KEY(KEY_B, 0), SYN);
	}
	usage_expect_waits(rig->srv.pid, SYS_recvfrom);
	close(fd);
	rig_expect_works(rig);
}

static void signals_are_noticed(void **state)
{
	struct rig *rig = *state;

	assert_sys(kill(rig->srv.pid, SIGUSR1));
	process_expect_log(&rig->srv, "counters: vmm=1");
	let_it_wait(rig);
	assert_sys(kill(rig->srv.pid, SIGHUP));
	rig_expect_works(rig);
	let_it_wait(rig);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	inject(rig, KEY(KEY_B, 1), SYN);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect(rig, KEY(KEY_B, 1), SYN);
	/* What the sentry sends, from somebody else. */
	assert_sys(kill(rig->srv.pid, SIGURG));
	let_it_wait(rig);
	/* The teardown sends SIGTERM. */
}

static void the_end_is_noticed(void **state)
{
	struct rig *rig = *state;

	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	assert_sys(shutdown(rig->inject[0], SHUT_WR));
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
	usage_expect_waits(rig->srv.pid, SYS_epoll_pwait);
}

static void half_a_frame_is_kept(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		let_it_wait(rig);
		inject(rig, KEY(KEY_B, 1));
		rig_expect_nothing(rig);
		inject(rig, SYN, KEY(KEY_B, 0), SYN);
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	}
}

/* One without events is not the end of packets. */
static void an_empty_packet_is_nothing(void **state)
{
	struct rig *rig = *state;

	rig_injector(rig, SOCK_SEQPACKET);
	rig_run(rig, "keyboard", RIG_BUFFERS);
	let_it_wait(rig);
	for (int i = 0; i < 3; i++) {
		assert_num(send(rig->inject[0], NULL, 0, 0), 0);
		rig_expect_works(rig);
	}
	let_it_wait(rig);
	inject(rig, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	assert_sys(close(rig->inject[0]));
	rig->inject[0] = -1;
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void who_polls_does_not_wait(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--busy-poll=50");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	for (int i = 0; i < USAGE_ALONE; i++)
		rig_expect_works(rig);
	usage_expect_waits(rig->srv.pid, SYS_epoll_pwait);
#ifdef HAS_SENTRY
	assert_num(usage_threads(rig->srv.pid), 1);
#endif
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, rig_teardown)
#define FRESH(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_frame_costs_two_calls),
		FRESH(few_frames_are_waited_for_with_all_else),
		T(the_guests_leds_are_shown),
		T(a_front_end_is_answered),
		T(other_injectors_are_served),
		T(a_connection_is_waited_for_as_well),
		T(signals_are_noticed),
		T(the_end_is_noticed),
		T(half_a_frame_is_kept),
		FRESH(an_empty_packet_is_nothing),
		FRESH(who_polls_does_not_wait),
	};

	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals reach the server whatever it waits in, cost it no file, and no frame
 * is lost for them.
 */
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/clock.h"
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"

#define BURSTS	400
#define BURST	3
#define ENDS	20
#define IDLE_MS 300
/* Of one frame, in which signals come at all times. */
#define STEP_MS	 0.001
#define STEPS	 60
#define COUNTERS "counters: vmm="

/* Another server in place of one that has ended. */
static void start_anew(void **state)
{
	const int r = rig_teardown(state);

	rig_setup_running(state);
	assert_num(r, 0);
}

static void works(void *arg)
{
	rig_expect_works(arg);
}

static void let_it_wait(struct rig *rig)
{
	usage_let_wait(rig->srv.pid, SYS_recvfrom, works, rig);
}

static void send_signal(struct rig *rig, int number)
{
	assert_sys(kill(rig->srv.pid, number));
}

static int count_lines(struct rig *rig)
{
	process_read_log(&rig->srv);
	return process_log_count(&rig->srv, COUNTERS);
}

/* Wait for one more than these. */
static void expect_line(struct rig *rig, int before)
{
	const double end = clock_ms() + DEADLINE_MS;

	while (count_lines(rig) == before) {
		assert_true(clock_ms() < end);
		poll(NULL, 0, 1);
	}
}

static void expect_counters(struct rig *rig)
{
	const int before = count_lines(rig);

	send_signal(rig, SIGUSR1);
	expect_line(rig, before);
}

/* --- while it sleeps --- */

static void an_idle_server_is_woken_by_signals_only(void **state)
{
	struct rig *rig = *state;

	rig_expect_works(rig);
	for (int i = 0; i < 3; i++) {
		usage_wait_rest(rig->srv.pid);
		expect_counters(rig);
	}
	/* The watchdog's last tick, too, has been. */
	usage_wait_rest(rig->srv.pid);
	const long before = usage_sleeps(rig->srv.pid);
	poll(NULL, 0, IDLE_MS);
	assert_num(usage_sleeps(rig->srv.pid) - before, 0);
	assert_num(process_terminate(&rig->srv), 0);
}

static void interrupt_ends_it_as_well(void **state)
{
	struct rig *rig = *state;

	usage_wait_rest(rig->srv.pid);
	send_signal(rig, SIGINT);
	assert_num(process_wait(&rig->srv), 0);
}

/* --- while a shortcut waits --- */

static void one_that_waits_for_an_injector_logs_its_counters(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 3; i++) {
		let_it_wait(rig);
		expect_counters(rig);
	}
	rig_expect_works(rig);
}

static void one_that_waits_for_an_injector_ends(void **state)
{
	static const int numbers[] = { SIGTERM, SIGINT };

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct rig *rig = *state;

		let_it_wait(rig);
		send_signal(rig, numbers[i]);
		assert_num(process_wait(&rig->srv), 0);
		start_anew(state);
	}
}

/* --- at any time --- */

static void spin(double ms)
{
	const double end = clock_ms() + ms;

	while (clock_ms() < end)
		;
}

static void no_frame_and_no_signal_is_lost(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < BURSTS; i++) {
		const int before = count_lines(rig);

		inject(rig, KEY(KEY_B, 1), SYN);
		for (int k = 0; k < BURST; k++) {
			spin(i % STEPS * STEP_MS);
			send_signal(rig, SIGUSR1);
		}
		inject(rig, KEY(KEY_B, 0), SYN);
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		expect_line(rig, before);
	}
	rig_expect_nothing(rig);
}

/* What it did last is followed by nothing else. */
static void it_ends_at_any_time(void **state)
{
	for (int i = 0; i < ENDS; i++) {
		struct rig *rig = *state;

		rig_type(rig);
		spin(STEP_MS * STEPS * i / ENDS);
		send_signal(rig, SIGTERM);
		assert_num(process_wait(&rig->srv), 0);
		start_anew(state);
	}
}

/* --- files --- */

static int count_eventfds(pid_t pid)
{
	char path[64], what[64];
	int n = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *dir = opendir(path);
	assert_non_null(dir);
	for (struct dirent *d; (d = readdir(dir));) {
		ssize_t len = readlinkat(dirfd(dir), d->d_name, what,
					 sizeof(what) - 1);

		what[len > 0 ? len : 0] = '\0';
		n += strstr(what, "eventfd") != NULL;
	}
	closedir(dir);
	return n;
}

static void without_a_front_end_it_has_no_eventfd(void **state)
{
	struct rig *rig = *state;

	rig_serve(rig, "keyboard");
	usage_wait_rest(rig->srv.pid);
	expect_counters(rig);
	assert_num(count_eventfds(rig->srv.pid), 0);
}

#define T(name, setup) \
	cmocka_unit_test_setup_teardown(name, setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_idle_server_is_woken_by_signals_only, rig_setup_running),
		T(interrupt_ends_it_as_well, rig_setup_running),
		T(one_that_waits_for_an_injector_logs_its_counters,
		  rig_setup_running),
		T(one_that_waits_for_an_injector_ends, rig_setup_running),
		T(no_frame_and_no_signal_is_lost, rig_setup_running),
		T(it_ends_at_any_time, rig_setup_running),
		T(without_a_front_end_it_has_no_eventfd, usage_rig_setup),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Pipes in place of nodes: what the child writes to them is read at the end. */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-guard.h"

#define NODES  2
#define LAST   (PASS_GUARD_NODES - 1)
#define BIT(n) (1u << (n))
#define FDS    256 /* more than the test has */

static struct pass_guard guard;
static int node[NODES][2];
static int high; /* another one of node 1, behind all */

static int setup(void **state)
{
	for (int i = 0; i < NODES; i++)
		assert_sys(pipe2(node[i], O_CLOEXEC | O_NONBLOCK));
	high = fcntl(node[1][1], F_DUPFD_CLOEXEC, FDS - 1);
	assert_sys(high);
	assert_ok(pass_guard_start(&guard));
	return 0;
}

static int teardown(void **state)
{
	pass_guard_stop(&guard);
	close(high);
	for (int i = 0; i < NODES; i++) {
		close(node[i][0]);
		close(node[i][1]);
	}
	return 0;
}

static void hold(unsigned int number, int i, uint32_t has, uint32_t on)
{
	pass_guard_hold(&guard, number, node[i][1], has, on);
}

/* As if this process had died. */
static void die(void)
{
	int status;

	close(guard.fd);
	guard.fd = -1;
	assert_num(waitpid(guard.pid, &status, 0), guard.pid);
	assert_num(status, 0);
}

static void expect_nothing(int i)
{
	char byte;

	assert_num(read(node[i][0], &byte, 1), -1);
	assert_num(errno, EAGAIN);
}

static void expect(int i, uint16_t type, uint16_t code, int32_t value)
{
	struct input_event ev;

	assert_num(read(node[i][0], &ev, sizeof(ev)), sizeof(ev));
	assert_num(ev.type, type);
	assert_num(ev.code, code);
	assert_num(ev.value, value);
}

static void each_node_gets_its_leds_back(void **state)
{
	hold(0, 0, BIT(LED_NUML) | BIT(LED_CAPSL), BIT(LED_CAPSL));
	hold(LAST, 1, BIT(LED_MAX), BIT(LED_MAX) | BIT(LED_NUML));
	die();
	expect(0, EV_LED, LED_NUML, 0);
	expect(0, EV_LED, LED_CAPSL, 1);
	expect(0, EV_SYN, SYN_REPORT, 0);
	expect_nothing(0);
	expect(1, EV_LED, LED_MAX, 1);
	expect(1, EV_SYN, SYN_REPORT, 0);
	expect_nothing(1);
}

static void the_last_that_was_said_of_a_node_counts(void **state)
{
	hold(3, 0, BIT(LED_NUML), 0);
	hold(3, 0, BIT(LED_NUML), BIT(LED_NUML));
	hold(4, 1, BIT(LED_NUML), 0);
	pass_guard_release(&guard, 4);
	die();
	expect(0, EV_LED, LED_NUML, 1);
	expect(0, EV_SYN, SYN_REPORT, 0);
	expect_nothing(0);
	expect_nothing(1);
}

static void an_end_in_order_restores_nothing(void **state)
{
	hold(0, 0, BIT(LED_NUML), 0);
	hold(LAST, 1, BIT(LED_NUML), 0);
	pass_guard_stop(&guard);
	expect_nothing(0);
	expect_nothing(1);
	assert_num(waitpid(guard.pid, NULL, WNOHANG), -1);
	assert_num(errno, ECHILD);
	pass_guard_stop(&guard);
}

/* As when it is unplugged: the others are restored nevertheless. */
static void a_node_that_takes_nothing_is_passed_over(void **state)
{
	pass_guard_hold(&guard, 0, node[0][0], BIT(LED_NUML), 0);
	hold(1, 1, BIT(LED_NUML), 0);
	die();
	expect_nothing(0);
	expect(1, EV_LED, LED_NUML, 0);
}

static void all_leds_fit(void **state)
{
	hold(0, 0, (1u << LED_CNT) - 1, 1u << LED_MAX);
	die();
	for (uint16_t led = 0; led < LED_CNT; led++)
		expect(0, EV_LED, led, led == LED_MAX);
	expect(0, EV_SYN, SYN_REPORT, 0);
	expect_nothing(0);
}

/* As they go to all of a service's processes. */
static void signals_for_this_process_do_not_end_it(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1 };
	char name[16] = "";

	/* It ignores them before it changes its name. */
	while (strncmp(name, "vinput-leds", 11) != 0) {
		char path[32];
		int fd;

		snprintf(path, sizeof(path), "/proc/%d/comm", guard.pid);
		fd = open(path, O_RDONLY);
		assert_true(read(fd, name, sizeof(name) - 1) > 0);
		close(fd);
	}
	hold(0, 0, BIT(LED_NUML), 0);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		assert_sys(kill(guard.pid, signals[i]));
	die();
	expect(0, EV_LED, LED_NUML, 0);
}

/* Others wait for their ends. */
static void it_has_no_fds_of_this_process(void **state)
{
	for (int i = 0; i < NODES; i++) {
		struct pollfd p = { .fd = node[i][0] };

		close(node[i][1]);
		close(i ? high : -1);
		assert_num(poll(&p, 1, 10000), 1);
		assert_num(p.revents, POLLHUP);
		node[i][1] = -1;
	}
}

static unsigned int count_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < FDS; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void an_end_leaves_no_fds(void **state)
{
	struct pass_guard other;
	const unsigned int n = count_fds();

	assert_ok(pass_guard_start(&other));
	assert_num(count_fds(), n + 1);
	pass_guard_stop(&other);
	assert_num(count_fds(), n);
	assert_num(other.fd, -1);
}

static void a_child_that_was_killed_is_no_harm(void **state)
{
	assert_sys(kill(guard.pid, SIGKILL));
	assert_num(waitpid(guard.pid, NULL, 0), guard.pid);
	hold(0, 0, BIT(LED_NUML), 0);
	pass_guard_release(&guard, 0);
	expect_nothing(0);
}

static void without_fds_there_is_no_guard(void **state)
{
	struct pass_guard other = guard;
	struct rlimit limit, none;

	assert_sys(getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 0;
	assert_sys(setrlimit(RLIMIT_NOFILE, &none));
	assert_rc(pass_guard_start(&other), -EMFILE);
	assert_sys(setrlimit(RLIMIT_NOFILE, &limit));
	assert_num(other.fd, -1);
}

static void without_a_child_nothing_happens(void **state)
{
	struct pass_guard none = PASS_GUARD_NULL;

	pass_guard_hold(NULL, 0, node[0][1], 1, 1);
	pass_guard_release(NULL, 0);
	pass_guard_hold(&none, 0, node[0][1], 1, 1);
	pass_guard_release(&none, 0);
	pass_guard_stop(&none);
	expect_nothing(0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_node_gets_its_leds_back),
		T(the_last_that_was_said_of_a_node_counts),
		T(an_end_in_order_restores_nothing),
		T(a_node_that_takes_nothing_is_passed_over),
		T(all_leds_fit),
		T(signals_for_this_process_do_not_end_it),
		T(it_has_no_fds_of_this_process),
		T(an_end_leaves_no_fds),
		T(a_child_that_was_killed_is_no_harm),
		T(without_fds_there_is_no_guard),
		T(without_a_child_nothing_happens),
	};

	return cmocka_run_group_tests_name("pass-guard", tests, NULL, NULL);
}

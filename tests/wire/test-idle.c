/* SPDX-License-Identifier: Apache-2.0 */
/* A device with nothing to do costs nothing: it is asleep and stays so. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "tests/lib/rig.h"

#define IDLE_MS 300

static void read_proc(const struct rig *rig, const char *name, char text[4096])
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)rig->srv.pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_sys(fd);
	ssize_t n = read(fd, text, 4095);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
}

/* Return: how often it has gone to sleep. */
static long sleeps(const struct rig *rig)
{
	static const char name[] = "\nvoluntary_ctxt_switches:";
	char text[4096];

	read_proc(rig, "status", text);
	const char *line = strstr(text, name);
	assert_non_null(line);
	return atol(line + strlen(name));
}

static void type(struct rig *rig)
{
	inject(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

static void nothing_wakes_an_idle_device(void **state)
{
	struct rig *rig = *state;

	type(rig);
	long before = sleeps(rig);
	usleep(IDLE_MS * 1000);
	assert_num(sleeps(rig) - before, 0);
}

/* epoll_pwait()'s fourth argument. */
static void an_idle_device_waits_without_a_timeout(void **state)
{
	struct rig *rig = *state;
	char text[4096];
	unsigned long call, timeout;

	type(rig);
	read_proc(rig, "syscall", text);
	if (sscanf(text, "%lu 0x%*x 0x%*x 0x%*x 0x%lx", &call, &timeout) != 2)
		skip_because("the kernel has no /proc/PID/syscall");
	assert_num(call, SYS_epoll_pwait);
	assert_num((int)timeout, -1);
}

static int64_t cpu_ms(const struct rig *rig)
{
	struct timespec t;
	clockid_t clock;

	assert_num(clock_getcpuclockid(rig->srv.pid, &clock), 0);
	assert_sys(clock_gettime(clock, &t));
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void a_busy_poller_soon_sleeps_too(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--busy-poll=100000");
	rig_run(rig, "keyboard", RIG_BUFFERS);
	type(rig);
	usleep(IDLE_MS * 1000);
	int64_t before = cpu_ms(rig);
	usleep(IDLE_MS * 1000);
	assert_true(cpu_ms(rig) - before < IDLE_MS / 10);
	type(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_wakes_an_idle_device,
						rig_setup_running,
						rig_teardown),
		cmocka_unit_test_setup_teardown(
			an_idle_device_waits_without_a_timeout,
			rig_setup_running, rig_teardown),
		cmocka_unit_test_setup_teardown(a_busy_poller_soon_sleeps_too,
						rig_setup, rig_teardown),
	};

	return cmocka_run_group_tests_name("idle", tests, NULL, NULL);
}

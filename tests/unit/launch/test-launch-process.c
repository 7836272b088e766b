/* SPDX-License-Identifier: Apache-2.0 */
#include <ev.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/launch/launch-process.h"
#include "tests/lib/check.h"

static void die(void *arg)
{
	_exit(0);
}

/* A launcher that dies at forked(), or else once its child has been started. */
__attribute__((noreturn)) static void run_launcher(int out,
						   void (*forked)(void *arg))
{
	char echo[] = "echo";
	char *const argv[] = { echo, NULL };
	const struct launch_exec exec = {
		.argv = argv, .out = out, .outlives = true, .forked = forked
	};
	struct launch_children children;
	struct launch_process p = { .pid = 0 };

	launch_children_init(&children, ev_loop_new(0), NULL, NULL);
	_exit(launch_process_start(&children, &p, &exec) ? 1 : 0);
}

/* Return: the bytes that the child has printed when all have ended. */
static int count_printed(void (*forked)(void *arg))
{
	char text[8];
	int out[2], n, status;
	pid_t pid;

	assert_sys(pipe2(out, O_CLOEXEC));
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		close(out[0]);
		run_launcher(out[1], forked);
	}
	close(out[1]);
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
	n = (int)read(out[0], text, sizeof(text));
	close(out[0]);
	return n;
}

static void a_child_outlives_its_launcher(void **state)
{
	assert_num(count_printed(NULL), 1);
}

static void nothing_is_run_if_the_launcher_dies_at_forked(void **state)
{
	assert_num(count_printed(die), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_outlives_its_launcher),
		cmocka_unit_test(nothing_is_run_if_the_launcher_dies_at_forked),
	};

	return cmocka_run_group_tests_name("launch-process", tests, NULL, NULL);
}

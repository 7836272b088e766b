/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <ev.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/process/launch-exec.h"
#include "injector/process/launch-process.h"
#include "tests/lib/check.h"

static pid_t launcher;

/* forked(): what it does after the launcher's death is seen by its mark. */
static void die_and_mark(void *arg)
{
	const int *out = arg;

	kill(launcher, SIGKILL);
	(void)!write(*out, "F", 1);
}

/* A launcher that dies at forked(), or else once its child has been started. */
__attribute__((noreturn)) static void run_launcher(int out,
						   void (*forked)(void *arg))
{
	char echo[] = "echo";
	char *const argv[] = { echo, NULL };
	const struct launch_exec exec = { .argv = argv,
					  .out = out,
					  .outlives = true,
					  .forked = forked,
					  .arg = &out };
	struct launch_children children;
	struct launch_process p = { .pid = 0 };

	launcher = getpid();
	launch_children_init(&children, ev_loop_new(0), NULL, NULL);
	launch_process_start(&children, &p, &exec);
	kill(launcher, SIGKILL);
	_exit(1);
}

/* Return: what forked() and the child have written when all have ended. */
static const char *marks(void (*forked)(void *arg))
{
	static char text[8];
	int out[2], status;
	size_t n = 0;
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
	assert_num(status, SIGKILL);
	memset(text, 0, sizeof(text));
	for (ssize_t got = 1; got > 0 && n < sizeof(text) - 1; n += (size_t)got)
		got = read(out[0], text + n, sizeof(text) - 1 - n);
	close(out[0]);
	return text;
}

static void a_child_outlives_its_launcher(void **state)
{
	assert_string_equal(marks(NULL), "\n");
}

static void forked_is_carried_out_or_nothing_is_run(void **state)
{
#ifdef __SANITIZE_THREAD__ /* it is called in the launcher */
	assert_string_equal(marks(die_and_mark), "");
#else
	assert_string_equal(marks(die_and_mark), "F\n");
#endif
}

/* Return: 0, or what launch_process_start() has returned. */
static int start(char *const *argv, char *const *env, int out)
{
	struct ev_loop *loop = ev_loop_new(0);
	const struct launch_exec exec = { .argv = argv,
					  .env = env,
					  .out = out };
	struct launch_children children;
	struct launch_process p = { .pid = 0 };
	int r;

	launch_children_init(&children, loop, NULL, NULL);
	r = launch_process_start(&children, &p, &exec);
	if (r)
		assert_num(p.pid, 0);
	else
		assert_num(waitpid(p.pid, NULL, 0), p.pid);
	launch_children_fini(&children);
	ev_loop_destroy(loop);
	return r;
}

static void a_child_has_our_environment_but_for_what_is_replaced(void **state)
{
	char sh[] = "sh", c[] = "-c";
	char print[] = "echo $OURS $BOTH $ADDED $NOTIFY_SOCKET $LISTEN_FDS "
		       "$LISTEN_PID $LISTEN_FDNAMES $WATCHDOG_PID "
		       "$WATCHDOG_USEC.";
	char both[] = "BOTH=new", added[] = "ADDED=3";
	char *const argv[] = { sh, c, print, NULL };
	char *const env[] = { both, added, NULL };
	char text[64] = "";
	int out[2];

	assert_sys(pipe2(out, O_CLOEXEC));
	setenv("OURS", "1", 1);
	setenv("BOTH", "old", 1);
	setenv("NOTIFY_SOCKET", "/for/us", 1);
	setenv("LISTEN_FDS", "1", 1);
	setenv("LISTEN_PID", "2", 1);
	setenv("LISTEN_FDNAMES", "3", 1);
	setenv("WATCHDOG_PID", "4", 1);
	setenv("WATCHDOG_USEC", "5", 1);
	assert_ok(start(argv, env, out[1]));
	assert_sys(read(out[0], text, sizeof(text) - 1));
	assert_string_equal(text, "1 new 3 .\n");
	/* Ours is as it was. */
	assert_string_equal(getenv("BOTH"), "old");
	assert_string_equal(getenv("NOTIFY_SOCKET"), "/for/us");
	assert_null(getenv("ADDED"));
	close(out[0]);
	close(out[1]);
}

static void our_signals_are_as_before(void **state)
{
	char yes[] = "true";
	char *const argv[] = { yes, NULL };
	sigset_t before, after;
	struct sigaction act;

	signal(SIGUSR2, SIG_IGN);
	assert_sys(sigprocmask(SIG_SETMASK, NULL, &before));
	assert_ok(start(argv, NULL, -1));
	assert_sys(sigprocmask(SIG_SETMASK, NULL, &after));
	for (int sig = 1; sig < NSIG; sig++)
		assert_num(sigismember(&after, sig), sigismember(&before, sig));
	assert_sys(sigaction(SIGUSR2, NULL, &act));
	assert_ptr_equal(act.sa_handler, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
}

static void note_mask(void *arg)
{
	sigprocmask(SIG_SETMASK, NULL, arg);
}

/* Until it has gone: a handler would run in its memory, which is ours. */
static void no_signal_comes_while_a_child_is_made(void **state)
{
	char yes[] = "true";
	char *const argv[] = { yes, NULL };
	const struct rlimit files = { 64, 64 };
	sigset_t then, now;
	pid_t pid = 0;
	const struct launch_exec exec = {
		.argv = argv, .out = -1, .forked = note_mask, .arg = &then
	};
	struct launch_exec_child c = { .exec = &exec,
				       .files = &files,
				       .pid = &pid };

	sigemptyset(&then);
	assert_ok(launch_exec_start(&c));
	for (int sig = 1; sig < 32; sig++)
		assert_num(sigismember(&then, sig),
			   sig != SIGKILL && sig != SIGSTOP);
	assert_sys(sigprocmask(SIG_SETMASK, NULL, &now));
	assert_num(sigismember(&now, SIGTERM), 0);
	assert_num(waitpid(pid, NULL, 0), pid);
}

/* As when it comes from a terminal. */
static void a_child_with_an_out_reads_nothing(void **state)
{
	char readlink[] = "readlink", stream[] = "/proc/self/fd/0";
	char *const argv[] = { readlink, stream, NULL };
	const int before = dup(STDIN_FILENO);
	char text[64] = "";
	int out[2];

	assert_sys(pipe2(out, O_CLOEXEC));
	assert_sys(dup2(out[0], STDIN_FILENO));
	assert_ok(start(argv, NULL, out[1]));
	assert_sys(dup2(before, STDIN_FILENO));
	assert_sys(read(out[0], text, sizeof(text) - 1));
	assert_string_equal(text, "/dev/null\n");
	close(before);
	close(out[0]);
	close(out[1]);
}

static void a_program_that_does_not_exist_is_an_error(void **state)
{
	char no[] = "/no/such/program";
	char *const argv[] = { no, NULL };

	assert_num(start(argv, NULL, -1), -ENOENT);
	/* Nothing is left to be reaped. */
	assert_num(waitpid(-1, NULL, WNOHANG), -1);
	assert_num(errno, ECHILD);
}

/* For a script without "#!" they would go to the stack of what starts it. */
static void too_many_words_are_an_error(void **state)
{
	static char *argv[4096 + 2];
	char word[] = "true";

	for (size_t i = 0; i < 4096; i++)
		argv[i] = word;
	assert_ok(start(argv, NULL, -1));
	argv[4096] = word;
	assert_num(start(argv, NULL, -1), -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_outlives_its_launcher),
		cmocka_unit_test(forked_is_carried_out_or_nothing_is_run),
		cmocka_unit_test(
			a_child_has_our_environment_but_for_what_is_replaced),
		cmocka_unit_test(our_signals_are_as_before),
		cmocka_unit_test(no_signal_comes_while_a_child_is_made),
		cmocka_unit_test(a_child_with_an_out_reads_nothing),
		cmocka_unit_test(a_program_that_does_not_exist_is_an_error),
		cmocka_unit_test(too_many_words_are_an_error),
	};

	return cmocka_run_group_tests_name("launch-process", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold-keeper.h: a command that is started again and again, and ended. Its
 * waiting is a hundred times shorter here, and its clock is the test's.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "injector/hold/hold-keeper.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN], file[TEMP_DIR_LEN + 8];
static int keeper = -1;
static int log_fd, stderr_fd;
static int64_t now_ns, step_ns; /* of each look at the clock */
static int forks_left;
static bool out_of_memory;
static struct seen {
	int paused_ms; /* before starts */
	int looks;     /* whether it has ended after SIGTERM */
} * seen;	       /* by the keeper */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	now_ns += step_ns;
	*t = (struct timespec){ now_ns / 1000000000, now_ns % 1000000000 };
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int poll(struct pollfd *p, nfds_t n, int ms)
{
	if (n == 2 && ms > 0)
		seen->paused_ms += ms;
	if (n == 1 && ms == 100)
		seen->looks++;
	return (int)syscall(SYS_poll, p, n, ms > 0 ? (ms + 99) / 100 : ms);
}

pid_t fork(void)
{
	if (forks_left--)
		return _Fork();
	forks_left = 0;
	errno = EAGAIN;
	return -1;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
char *strdup(const char *text)
{
	char *copy = out_of_memory ? NULL : malloc(strlen(text) + 1);

	return copy ? strcpy(copy, text) : NULL;
}

static int setup(void **state)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	temp_dir_make(dir);
	snprintf(file, sizeof(file), "%s/file", dir);
	file_write(file, "%s", "");
	now_ns = 1000000000;
	step_ns = 1000;
	keeper = -1;
	forks_left = 100;
	out_of_memory = false;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(seen != MAP_FAILED);
	stderr_fd = dup(STDERR_FILENO);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	return 0;
}

static int teardown(void **state)
{
	close_fd(keeper);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(stderr_fd);
	close(log_fd);
	munmap(seen, sizeof(*seen));
	return temp_dir_remove(dir);
}

/* What hold_keeper_start() finds where it has its variables. */
__attribute__((noinline)) static void leave_garbage_on_the_stack(void)
{
	volatile char garbage[4096];

	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (char)GARBAGE;
}

static int try_to_start(const char *const *words)
{
	char *argv[12] = { NULL };
	int fd;

	for (size_t i = 0; words[i]; i++)
		argv[i] = (char *)words[i];
	dup2(log_fd, STDERR_FILENO);
	leave_garbage_on_the_stack();
	fd = hold_keeper_start(argv, "/the/path");
	dup2(stderr_fd, STDERR_FILENO);
	return fd;
}

static void start(const char *const *words)
{
	keeper = try_to_start(words);
	assert_sys(keeper);
	assert_num(fcntl(keeper, F_GETFD), FD_CLOEXEC);
}

#define START(...) start((const char *const[]){ __VA_ARGS__, NULL })
/* A script, which gets our file as its name, and these words. */
#define SCRIPT(text, ...) START("sh", "-c", text, file, ##__VA_ARGS__)

/* Return: what is there, valid until the next call. */
static const char *text_of(int fd)
{
	static char text[8192];
	const ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	assert_sys(n);
	text[n] = '\0';
	return text;
}

static const char *text_of_file(void)
{
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	const char *text = text_of(fd);

	close(fd);
	return text;
}

static int count_lines(const char *text, const char *line)
{
	int n = 0;

	while ((text = strstr(text, line))) {
		n++;
		text += strlen(line);
	}
	return n;
}

/* Wait until the file has so many lines. */
static void expect_lines(int n)
{
	for (int ms = 0; process_lines(text_of_file()) < n; ms++) {
		assert_true(ms < DEADLINE_MS);
		usleep(1000);
	}
}

static void has_ended(void)
{
	struct pollfd p = { .fd = keeper, .events = POLLIN };
	char byte;

	assert_num(poll(&p, 1, 100 * DEADLINE_MS), 1);
	assert_num(read(keeper, &byte, 1), 0);
}

/* The keeper, and what it keeps. */
static void ends(void)
{
	shutdown(keeper, SHUT_WR);
	has_ended();
}

/* --- its words --- */

static void the_place_of_the_socket_is_filled_in(void **state)
{
	SCRIPT("echo \"$@\" >>$0; exec sleep 1000", "a{socket}b{socket}",
	       "{socket}", "{sock}");
	expect_lines(1);
	ends();
	assert_string_equal(text_of_file(),
			    "a/the/pathb{socket} /the/path {sock}\n");
	assert_string_equal(text_of(log_fd), "");
}

static void without_a_place_it_is_appended(void **state)
{
	SCRIPT("echo \"$@\" >>$0; exec sleep 1000", "word");
	expect_lines(1);
	ends();
	assert_string_equal(text_of_file(), "word --socket-path=/the/path\n");
}

static void a_command_has_the_usual_signals(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	/* Not in a shell, which sets its own. */
	START("env", "X={socket}", "cp", "/proc/self/status", file);
	has_ended();
	signal(SIGPIPE, SIG_DFL);
	assert_non_null(strstr(text_of_file(), "SigBlk:\t0000000000000000\n"));
	/* But for those that were ignored before, as by nohup(1). */
	const unsigned long long ignored =
		strtoull(strstr(text_of_file(), "SigIgn:") + 7, NULL, 16);
	assert_num(ignored & (1ULL << (SIGPIPE - 1)), 0);
	assert_num(ignored & (1ULL << (SIGINT - 1)), 0);
}

/* --- its life --- */

static int pid_of_file(void)
{
	expect_lines(1);
	return atoi(text_of_file());
}

static bool runs(pid_t pid)
{
	return kill(pid, 0) == 0;
}

/* It becomes ours when the keeper has gone. */
static void is_killed(pid_t pid)
{
	int status;

	for (int ms = 0; waitpid(pid, &status, WNOHANG) != pid; ms++) {
		assert_true(ms < DEADLINE_MS);
		usleep(1000);
	}
	assert_num(status, SIGKILL);
}

static void it_is_ended_with_the_holder(void **state)
{
	pid_t pid;

	SCRIPT("echo $$ >>$0; exec sleep 1000");
	pid = pid_of_file();
	assert_true(runs(pid));
	ends();
	assert_false(runs(pid));
}

static void so_it_is_with_one_that_was_killed(void **state)
{
	pid_t pid;

	SCRIPT("echo $$ >>$0; exec sleep 1000");
	pid = pid_of_file();
	keeper = close_fd(keeper);
	for (int ms = 0; runs(pid); ms++) {
		assert_true(ms < DEADLINE_MS);
		usleep(1000);
	}
}

static void it_is_killed_with_its_keeper(void **state)
{
	pid_t of_keeper, pid;

	SCRIPT("echo $PPID $$ >>$0; exec sleep 1000");
	expect_lines(1);
	assert_num(sscanf(text_of_file(), "%d %d", &of_keeper, &pid), 2);
	assert_sys(kill(of_keeper, SIGKILL));
	is_killed(pid);
}

static void the_keeper_takes_no_interrupt_of_a_terminal(void **state)
{
	pid_t of_keeper, pid;

	SCRIPT("echo $PPID $$ >>$0; exec sleep 1000");
	expect_lines(1);
	assert_num(sscanf(text_of_file(), "%d %d", &of_keeper, &pid), 2);
	assert_sys(kill(of_keeper, SIGINT));
	assert_sys(kill(pid, SIGKILL));
	expect_lines(2);
	ends();
}

static void the_keeper_blocks_no_other_signal(void **state)
{
	SCRIPT("grep SigBlk: /proc/$PPID/status >>$0; exec sleep 1000");
	expect_lines(1);
	ends();
	assert_num(strtoull(text_of_file() + strlen("SigBlk:"), NULL, 16),
		   1 << (SIGCHLD - 1));
}

/* After 5 s, also if it does not die with its parent. */
static void one_that_ignores_sigterm_is_killed(void **state)
{
	pid_t pid;

	step_ns = 250000000;
	START("setpriv", "--pdeathsig", "clear", "sh", "-c",
	      "trap '' TERM; echo $$ >>$0; exec sleep 1000", file);
	pid = pid_of_file();
	ends();
	is_killed(pid);
	assert_num(seen->looks, 19);
}

static void one_that_ends_is_started_again(void **state)
{
	static const char script[] =
		"echo x >>$0; test $(wc -l <$0) -lt 4 || exec sleep 1000; "
		"exit 3";

	SCRIPT(script);
	expect_lines(4);
	ends();
	assert_num(count_lines(text_of(log_fd),
			       ": host: the back-end ended with status 3; "
			       "restarting it\n"),
		   3);
	assert_num(process_lines(text_of(log_fd)), 3);
}

static void one_that_is_killed_is_started_again(void **state)
{
	static const char script[] =
		"echo x >>$0; test $(wc -l <$0) -lt 2 || exec sleep 1000; "
		"kill -9 $$";

	SCRIPT(script);
	expect_lines(2);
	ends();
	assert_num(count_lines(text_of(log_fd),
			       ": host: the back-end was killed by SIGKILL; "
			       "restarting it\n"),
		   1);
	assert_num(process_lines(text_of(log_fd)), 1);
}

static void one_that_never_comes_up_is_given_up(void **state)
{
	SCRIPT("echo x >>$0; exit 1");
	has_ended();
	assert_num(process_lines(text_of_file()), 10);
	assert_num(count_lines(text_of(log_fd), "ended with status 1;"), 10);
	assert_num(count_lines(text_of(log_fd),
			       ": host: the back-end does not come up; giving "
			       "up\n"),
		   1);
	/* The second start is at once, the third one after 200 ms. */
	assert_num(seen->paused_ms, 100 * (2 + 3 + 4 + 5 + 6 + 7 + 8 + 9));
}

/* Each lives for a second. */
static void one_that_comes_up_is_not(void **state)
{
	step_ns = 1000000000;
	SCRIPT("echo x >>$0; test $(wc -l <$0) -lt 15 || exec sleep 1000");
	expect_lines(15);
	ends();
	assert_num(count_lines(text_of(log_fd), "giving up"), 0);
}

static void a_command_that_does_not_exist_is_named(void **state)
{
	START("/no/such/command");
	has_ended();
	assert_num(count_lines(text_of(log_fd),
			       ": host: cannot start /no/such/command: No such "
			       "file or directory\n"),
		   10);
	assert_num(count_lines(text_of(log_fd), "ended with status 127;"), 10);
}

/* --- a host that has nothing left --- */

static void without_a_process_none_is_kept(void **state)
{
	const char *const words[] = { "sh", NULL };

	forks_left = 0;
	assert_rc(try_to_start(words), -EAGAIN);
	assert_non_null(strstr(text_of(log_fd),
			       ": host: cannot start sh: Resource temporarily "
			       "unavailable\n"));
}

static void without_a_second_one_the_keeper_gives_up(void **state)
{
	forks_left = 1;
	SCRIPT("echo x >>$0");
	has_ended();
	assert_string_equal(text_of_file(), "");
	assert_num(process_lines(text_of(log_fd)), 1);
	assert_num(count_lines(text_of(log_fd), "does not come up"), 1);
}

static void without_memory_the_keeper_ends(void **state)
{
	out_of_memory = true;
	SCRIPT("echo x >>$0");
	has_ended();
	assert_num(process_lines(text_of(log_fd)), 1);
	assert_num(count_lines(text_of(log_fd),
			       ": host: cannot start the back-end: Cannot "
			       "allocate memory\n"),
		   1);
}

/* --- the path --- */

static void the_path_is_given_or_beside_the_front_ends(void **state)
{
	char path[HOLD_PATH_MAX], longer[HOLD_PATH_MAX + 1];

	assert_ok(hold_keeper_choose(path, "/to", "/front"));
	assert_string_equal(path, "/to");
	assert_ok(hold_keeper_choose(path, NULL, "/front"));
	assert_string_equal(path, "/front.backend");
	memset(longer, 'x', sizeof(longer));
	longer[HOLD_PATH_MAX - 1] = '\0';
	assert_ok(hold_keeper_choose(path, longer, NULL));
	assert_string_equal(path, longer);
	longer[HOLD_PATH_MAX - 1] = 'x';
	longer[HOLD_PATH_MAX] = '\0';
	dup2(log_fd, STDERR_FILENO);
	assert_rc(hold_keeper_choose(path, longer, NULL), -ENAMETOOLONG);
	dup2(stderr_fd, STDERR_FILENO);
	assert_non_null(strstr(text_of(log_fd), ": the back-end's socket: "));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(the_place_of_the_socket_is_filled_in),
		T(without_a_place_it_is_appended),
		T(a_command_has_the_usual_signals),
		T(it_is_ended_with_the_holder),
		T(so_it_is_with_one_that_was_killed),
		T(it_is_killed_with_its_keeper),
		T(the_keeper_takes_no_interrupt_of_a_terminal),
		T(the_keeper_blocks_no_other_signal),
		T(one_that_ignores_sigterm_is_killed),
		T(one_that_ends_is_started_again),
		T(one_that_is_killed_is_started_again),
		T(one_that_never_comes_up_is_given_up),
		T(one_that_comes_up_is_not),
		T(a_command_that_does_not_exist_is_named),
		T(without_a_process_none_is_kept),
		T(without_a_second_one_the_keeper_gives_up),
		T(without_memory_the_keeper_ends),
		T(the_path_is_given_or_beside_the_front_ends),
	};

	return cmocka_run_group_tests_name("hold-keeper", tests, NULL, NULL);
}

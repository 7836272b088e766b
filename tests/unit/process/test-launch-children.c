/* SPDX-License-Identifier: Apache-2.0 */
/*
 * launch-process.h with real processes: whose end is whose, what a child has,
 * orphans, and processes that are no children.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/process/launch-process.h"
#include "input/base/clock.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"

#define EXITED(status) ((status) << 8)

static struct ev_loop *loop;
static struct launch_children children;
static struct rlimit files; /* ours before */
static unsigned int orphans_ended;

struct ours {
	struct launch_process p;
	unsigned int n; /* ends */
	int status;
};

static struct ours a, b, c;
static int stranger_fd; /* its pidfd, or -1 */

static void on_orphan(void *arg)
{
	assert_ptr_equal(arg, &orphans_ended);
	orphans_ended++;
}

static void on_ended(void *arg, int status)
{
	struct ours *o = arg;

	assert_num(o->p.pid, 0);
	o->n++;
	o->status = status;
}

static int setup(void **state)
{
	struct rlimit less;

	assert_sys(getrlimit(RLIMIT_NOFILE, &files));
	less = files;
	less.rlim_cur = 200;
	assert_sys(setrlimit(RLIMIT_NOFILE, &less));
	loop = ev_loop_new(EVFLAG_NOENV);
	orphans_ended = 0;
	stranger_fd = -1;
	a = b = c = (struct ours){ .p = { .ended = on_ended } };
	a.p.arg = &a;
	b.p.arg = &b;
	c.p.arg = &c;
	memset(&children, 0xa5, sizeof(children));
	launch_children_init(&children, loop, on_orphan, &orphans_ended);
	return 0;
}

static int teardown(void **state)
{
	/* After a failure some may still run. */
	launch_process_signal(&a.p, SIGKILL);
	launch_process_signal(&b.p, SIGKILL);
	launch_process_signal(&c.p, SIGKILL);
	launch_children_signal_orphans(&children, SIGKILL);
	if (stranger_fd >= 0)
		pidfd_send_signal(stranger_fd, SIGKILL, NULL, 0);
	close_fd(stranger_fd);
	launch_children_fini(&children);
	while (waitpid(-1, NULL, 0) > 0)
		;
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	ev_loop_destroy(loop);
	return setrlimit(RLIMIT_NOFILE, &files);
}

static void wake(struct ev_loop *l, ev_timer *timer, int events)
{
	fail_msg("it does not end");
}

/* Wait until there are so many, or more. */
static void wait_for(const unsigned int *n, unsigned int least)
{
	ev_timer late;

	ev_timer_init(&late, wake, DEADLINE_MS / 1000.0, 0);
	ev_timer_start(loop, &late);
	while (*n < least)
		ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &late);
}

/* Wait until it is so. */
static void wait_until(const unsigned int *n, unsigned int is)
{
	wait_for(n, is);
	assert_num(*n, is);
}

/* Return: what read() does when there is something. */
static ssize_t read_in_time(int fd, char *text, size_t size)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, DEADLINE_MS);
	while (n < 0 && errno == EINTR); /* a child has ended */
	assert_num(n, 1);
	return read(fd, text, size);
}

static int run(struct ours *o, struct launch_exec exec, const char *script)
{
	char sh[] = "sh", dash_c[] = "-c", text[400];
	char *const argv[] = { sh, dash_c, text, NULL };

	snprintf(text, sizeof(text), "%s", script);
	exec.argv = argv;
	return launch_process_start(&children, &o->p, &exec);
}

static void start(struct ours *o, const char *script)
{
	assert_ok(run(o, (struct launch_exec){ .out = -1 }, script));
	assert_true(o->p.pid > 0);
}

/* What a child that is started like this prints. */
static const char *printed_by(struct launch_exec exec)
{
	static char text[4000];
	int out[2];
	ssize_t n, len = 0;

	assert_sys(pipe2(out, O_CLOEXEC));
	exec.out = out[1];
	assert_ok(launch_process_start(&children, &a.p, &exec));
	close(out[1]);
	while ((n = read_in_time(out[0], text + len,
				 sizeof(text) - 1 - (size_t)len)) > 0)
		len += n;
	text[len] = '\0';
	close(out[0]);
	wait_until(&a.n, 1);
	a.n = 0;
	return text;
}

/* The same of a script in a child that keeps these fds. */
static const char *printed(struct launch_exec exec, const char *script)
{
	char *argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };

	exec.argv = argv;
	return printed_by(exec);
}

/* --- ends --- */

static void each_end_is_that_of_its_process(void **state)
{
	start(&a, "exec sleep 1000");
	start(&b, "exit 3");
	start(&c, "exec sleep 1000");
	wait_until(&b.n, 1);
	assert_num(b.status, EXITED(3));
	assert_num(a.n + c.n, 0);
	launch_process_signal(&c.p, SIGTERM);
	wait_until(&c.n, 1);
	assert_num(c.status, SIGTERM);
	assert_num(a.n, 0);
	/* It can be started again. */
	start(&b, "exit 4");
	wait_until(&b.n, 2);
	assert_num(b.status, EXITED(4));
	launch_process_signal(&a.p, SIGKILL);
	wait_until(&a.n, 1);
	assert_num(a.status, SIGKILL);
	launch_process_signal(&a.p, SIGKILL);
	assert_false(launch_children_left(&children));
	assert_num(orphans_ended, 0);
}

static void ends_at_one_time_are_all_noticed(void **state)
{
	const unsigned int *const n[] = { &a.n, &b.n, &c.n };

	start(&a, "exit 1");
	start(&b, "exit 2");
	start(&c, "exit 3");
	/* All of them, and one signal for it. */
	for (int i = 0; i < 3; i++) {
		siginfo_t info;

		waitid(P_PID,
		       (id_t)(i == 0   ? a.p.pid
			      : i == 1 ? b.p.pid
				       : c.p.pid),
		       &info, WEXITED | WNOWAIT);
	}
	for (int i = 0; i < 3; i++)
		wait_until(n[i], 1);
	assert_num(a.status, EXITED(1));
	assert_num(b.status, EXITED(2));
	assert_num(c.status, EXITED(3));
}

static void a_status_has_words(void **state)
{
	static const struct {
		int status;
		const char *text;
	} rows[] = {
		{ EXITED(0), "ended with status 0" },
		{ EXITED(255), "ended with status 255" },
		{ SIGKILL, "was killed by SIGKILL" },
		{ SIGSEGV | 0x80, "was killed by SIGSEGV" },
		{ 40, "was killed by SIG?" },
		{ LAUNCH_STATUS_UNKNOWN, "has ended" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[64];

		launch_process_strend(rows[i].status, text);
		assert_string_equal(text, rows[i].text);
	}
}

/* --- orphans --- */

static void orphans_are_ours_and_can_be_signalled(void **state)
{
	int out[2];
	char byte;

	assert_sys(pipe2(out, O_CLOEXEC));
	assert_ok(run(&a, (struct launch_exec){ .out = out[1] },
		      "(trap 'echo; exit' TERM; echo; while :; do sleep 0.01; "
		      "done) & exit 0"));
	close(out[1]);
	wait_until(&a.n, 1);
	assert_num(read_in_time(out[0], &byte, 1), 1);
	/* And nobody else. */
	assert_true(launch_children_left(&children));
	start(&b, "exec sleep 1000");
	launch_children_signal_orphans(&children, SIGTERM);
	assert_num(read_in_time(out[0], &byte, 1), 1);
	/* The one that has ended, and its sleep perhaps. */
	wait_for(&orphans_ended, 1);
	close(out[0]);
	/* Not those that are not orphans. */
	launch_process_signal(&b.p, SIGKILL);
	wait_until(&b.n, 1);
	assert_num(b.status, SIGKILL);
}

/* --- what a child has --- */

static void a_child_has_the_fds_that_it_keeps(void **state)
{
	const int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
	const int other = open("/dev/null", O_RDONLY);
	char script[200];
	struct launch_exec exec = { .keep = &kept, .n_keep = 1 };

	snprintf(script, sizeof(script),
		 "for fd in %d %d; do test -e /proc/self/fd/$fd && echo $fd; "
		 "done; readlink /proc/self/fd/0",
		 kept, other);
	snprintf(script + 180, 20, "%d\n/dev/null\n", kept);
	assert_string_equal(printed(exec, script), script + 180);
	/* Ours are as they were. */
	assert_num(fcntl(kept, F_GETFD), FD_CLOEXEC);
	assert_num(fcntl(other, F_GETFD), 0);
	close(kept);
	close(other);
}

/* Return: what the fd leads to. */
static const char *leads_to(int fd)
{
	static char to[64];
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, to, sizeof(to) - 1);
	to[n > 0 ? n : 0] = '\0';
	return to;
}

static void nothing_is_in_the_places(void)
{
	assert_num(children.places.n, LAUNCH_PLACES);
	for (size_t i = 0; i < LAUNCH_PLACES; i++)
		assert_string_equal(leads_to(children.places.fd[i]),
				    "/dev/null");
}

static void kept_fds_can_have_low_numbers(void **state)
{
	struct launch_keep keep = { &children.places };
	const int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	const int full = open("/dev/full", O_RDONLY | O_CLOEXEC);
	const int high = fcntl(zero, F_DUPFD, 150); /* by mistake */
	const int a_number = launch_keep_add(&keep, full);
	const int b_number = launch_keep_add(&keep, zero);
	char script[200], expected[64];

	assert_sys(high);
	snprintf(script, sizeof(script),
		 "readlink /proc/self/fd/%d /proc/self/fd/%d; "
		 "for fd in /proc/self/fd/*; do readlink $fd; done | "
		 "grep -c -e full -e zero",
		 a_number, b_number);
	snprintf(expected, sizeof(expected), "/dev/full\n/dev/zero\n2\n");
	assert_string_equal(
		printed((struct launch_exec){ .keep = keep.fd,
					      .n_keep = keep.n,
					      .places = keep.places },
			script),
		expected);
	nothing_is_in_the_places();
	assert_string_equal(leads_to(zero), "/dev/zero");
	assert_string_equal(leads_to(high), "/dev/zero");
	close(zero);
	close(full);
	close(high);
}

static void a_program_that_is_none_leaves_nothing_in_the_places(void **state)
{
	struct launch_keep keep = { &children.places };
	char none[] = "/does/not/exist";
	char *const argv[] = { none, NULL };
	const struct launch_exec exec = { .argv = argv,
					  .keep = keep.fd,
					  .n_keep = 1,
					  .places = keep.places,
					  .out = STDOUT_FILENO };

	launch_keep_add(&keep, STDOUT_FILENO);
	assert_rc(launch_process_start(&children, &a.p, &exec), -ENOENT);
	assert_num(a.p.pid, 0);
	nothing_is_in_the_places();
}

/* forked(): the child has not run its program, and says nothing any more. */
static void kill_it(void *arg)
{
	const struct ours *o = arg;

	kill(o->p.pid, SIGKILL);
}

static void a_child_that_is_killed_early_holds_nobody_up(void **state)
{
	struct launch_exec exec = { .places = &children.places,
				    .out = STDOUT_FILENO,
				    .forked = kill_it,
				    .arg = &a };

	/* Perhaps before it has a table of its own, perhaps later. */
	for (unsigned int i = 1; i <= 20; i++) {
		assert_ok(run(&a, exec, "sleep 1000"));
		wait_until(&a.n, i);
		assert_num(a.status, SIGKILL);
		nothing_is_in_the_places();
	}
}

static void without_a_place_no_child_is_made(void **state)
{
	struct launch_places few = { .n = 0 };
	struct launch_keep keep = { &few };

	assert_num(launch_keep_add(&keep, STDOUT_FILENO), -1);
	assert_rc(run(&a,
		      (struct launch_exec){ .keep = keep.fd,
					    .n_keep = keep.n,
					    .places = &few,
					    .out = -1 },
		      "exit 0"),
		  -EMFILE);
	assert_num(a.p.pid, 0);
}

static void an_fd_that_is_none_cannot_be_placed(void **state)
{
	struct launch_keep keep = { &children.places };

	launch_keep_add(&keep, STDIN_FILENO);
	launch_keep_add(&keep, 199);
	assert_rc(run(&a,
		      (struct launch_exec){ .keep = keep.fd,
					    .n_keep = keep.n,
					    .places = keep.places,
					    .out = -1 },
		      "exit 0"),
		  -EBADF);
	assert_num(a.p.pid, 0);
	nothing_is_in_the_places();
}

static void an_fd_that_is_none_cannot_be_kept(void **state)
{
	const int keep[] = { STDIN_FILENO, 199, STDIN_FILENO };

	assert_rc(run(&a,
		      (struct launch_exec){
			      .keep = keep, .n_keep = 3, .out = -1 },
		      "exit 0"),
		  -EBADF);
	assert_num(a.p.pid, 0);
	assert_num(waitpid(-1, NULL, WNOHANG), -1);
}

static void a_child_has_a_session_and_our_limit_of_files(void **state)
{
	struct rlimit is;
	const char *text;

	text = printed((struct launch_exec){ .n_keep = 0 },
		       "ulimit -n; set -- $(cat /proc/$$/stat); echo $$ $6");
	assert_true(!strncmp(text, "200\n", 4));
	assert_num(atoi(text + 4), atoi(strchr(text + 4, ' ')));
	/* Ours is higher. */
	assert_sys(getrlimit(RLIMIT_NOFILE, &is));
	assert_num(is.rlim_cur, is.rlim_max);
}

static void without_an_out_it_shares_our_session(void **state)
{
	char script[100];

	snprintf(script, sizeof(script),
		 "set -- $(cat /proc/$$/stat); test $6 = %d", getsid(0));
	start(&a, script);
	wait_until(&a.n, 1);
	assert_num(a.status, EXITED(0));
}

static void its_signals_are_the_usual_ones(void **state)
{
	/* Without a shell, which would clear the mask. */
	char *argv[] = { (char *)"grep", (char *)"-E", (char *)"SigBlk|SigIgn",
			 (char *)"/proc/self/status", NULL };
	const char *text;
	sigset_t set;

	signal(SIGUSR2, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	text = printed_by((struct launch_exec){ .argv = argv });
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGUSR2, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	assert_true(!strncmp(text, "SigBlk:\t0000000000000000\n", 25));
	/* The C library keeps two for itself, above 31. */
	assert_num(strtoull(strstr(text, "SigIgn:") + 7, NULL, 16) & 0x7fffffff,
		   0);
}

/* --- processes that are no children --- */

static pid_t stranger(void)
{
	const pid_t pid = fork();

	assert_sys(pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	stranger_fd = pidfd_open(pid, 0);
	assert_sys(stranger_fd);
	return pid;
}

static void a_process_can_be_inherited(void **state)
{
	const pid_t pid = stranger();
	int copy;

	assert_ok(launch_process_inherit(&children, &a.p, pidfd_open(pid, 0)));
	assert_num(a.p.pid, pid);
	assert_true(a.p.inherited);
	copy = launch_process_pidfd(&a.p);
	assert_sys(copy);
	assert_true(copy != a.p.pidfd);
	assert_num(fcntl(copy, F_GETFD), FD_CLOEXEC);
	assert_ok(pidfd_send_signal(copy, 0, NULL, 0));
	close(copy);
	launch_process_signal(&a.p, SIGTERM);
	wait_until(&a.n, 1);
	assert_num(a.status, LAUNCH_STATUS_UNKNOWN);
	assert_false(a.p.inherited);
	assert_num(a.p.pidfd, -1);
}

static void one_that_has_ended_cannot(void **state)
{
	const pid_t pid = stranger();
	const int fd = pidfd_open(pid, 0);
	int other;

	kill(pid, SIGKILL);
	assert_num(waitpid(pid, NULL, 0), pid);
	assert_rc(launch_process_inherit(&children, &a.p, fd), -ESRCH);
	assert_num(fcntl(fd, F_GETFD), -1);
	/* Nor can what is no process. */
	other = memfd_create("x", MFD_CLOEXEC);
	assert_rc(launch_process_inherit(&children, &a.p, other), -ENOENT);
	assert_num(fcntl(other, F_GETFD), -1);
	assert_num(a.p.pid, 0);
}

static void a_child_has_a_pidfd_and_can_become_anothers(void **state)
{
	int fd;

	start(&a, "exec sleep 1000");
	fd = launch_process_pidfd(&a.p);
	assert_sys(fd);
	launch_process_move(&children, &a.p, &b.p);
	assert_num(a.p.pid, 0);
	assert_ok(pidfd_send_signal(fd, SIGTERM, NULL, 0));
	close(fd);
	wait_until(&b.n, 1);
	assert_num(a.n, 0);
	/* Nothing is not moved. */
	b.p.pid = 0;
	launch_process_move(&children, &a.p, &b.p);
	assert_num(b.p.pid, 0);
	a.p.pid = 0x3fffffff;
	assert_rc(launch_process_pidfd(&a.p), -ESRCH);
	a.p.pid = 0;
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_end_is_that_of_its_process),
		T(ends_at_one_time_are_all_noticed),
		T(a_status_has_words),
		T(orphans_are_ours_and_can_be_signalled),
		T(a_child_has_the_fds_that_it_keeps),
		T(kept_fds_can_have_low_numbers),
		T(a_program_that_is_none_leaves_nothing_in_the_places),
		T(a_child_that_is_killed_early_holds_nobody_up),
		T(without_a_place_no_child_is_made),
		T(an_fd_that_is_none_cannot_be_placed),
		T(an_fd_that_is_none_cannot_be_kept),
		T(a_child_has_a_session_and_our_limit_of_files),
		T(without_an_out_it_shares_our_session),
		T(its_signals_are_the_usual_ones),
		T(a_process_can_be_inherited),
		T(one_that_has_ended_cannot),
		T(a_child_has_a_pidfd_and_can_become_anothers),
	};

	return cmocka_run_group_tests_name("launch-children", tests, NULL,
					   NULL);
}

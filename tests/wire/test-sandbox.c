/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The real program in its sandbox: what the kernel reports, another user, and
 * the system call filter, proved by calls that a debugger substitutes for its
 * own. All other tests run in the sandbox and show that the rest works.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/sandbox/sandbox.h"
#include "tests/lib/cases.h"
#include "tests/lib/rig.h"
#include "tests/lib/walls.h"

#define NOBODY 65534

/* Sanitizers switch it off: a leak check is impossible in it. */
static void sandbox(struct rig *rig, const char *mode)
{
	process_arg(&rig->srv, "--sandbox=%s", mode);
	assert_sys(asprintf(&rig->srv.env, "ASAN_OPTIONS=detect_leaks=0"));
}

static void serve(struct rig *rig)
{
	process_arg(&rig->srv, "--log-level=debug");
	rig->lines.frontend = rig->lines.guest = rig->lines.injector = -1;
	rig_serve(rig, "keyboard");
	process_expect_log(&rig->srv, "serving");
}

static void it_is_on_unless_a_sanitizer_is_in_the_way(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	walls_expect(rig->srv.pid, "status",
		     "Seccomp"
		     ":",
		     SANDBOX_DEFAULT == SANDBOX_ON ? "2\n" : "0\n");
	rig_expect_serves(rig);
}

static void in_it_there_are_no_privileges(void **state)
{
	struct rig *rig = *state;
	char text[16];

	sandbox(rig, "on");
	serve(rig);
	walls_expect_sentry_confined(rig->srv.pid);
	walls_expect(rig->srv.pid, "limits", "Max open files ", "1");
	snprintf(text, sizeof(text), "%u\t%u\t%u\t%u\n", getuid(), getuid(),
		 getuid(), getuid());
	walls_expect(rig->srv.pid, "status",
		     "Uid"
		     ":",
		     text);
	rig_expect_serves(rig);
}

static void log_has_the_same_walls(void **state)
{
	struct rig *rig = *state;

	sandbox(rig, "log");
	serve(rig);
	walls_expect_sentry_confined(rig->srv.pid);
	rig_expect_serves(rig);
}

static void off_has_none(void **state)
{
	struct rig *rig = *state;

	sandbox(rig, "off");
	serve(rig);
	walls_expect(rig->srv.pid, "status",
		     "Seccomp"
		     ":",
		     "0\n");
	walls_expect(rig->srv.pid, "status",
		     "NoNewPrivs"
		     ":",
		     "0\n");
	rig_expect_serves(rig);
}

/* Also of the same user. */
static void nobody_can_look_into_it(void **state)
{
	struct rig *rig = *state;
	int status;

	sandbox(rig, "on");
	if (!geteuid())
		process_arg(&rig->srv, "--user=%d", NOBODY);
	serve(rig);
	pid_t pid = fork();
	assert_sys(pid);
	if (!pid) {
		char mem[64];

		snprintf(mem, sizeof(mem), "/proc/%d/mem", (int)rig->srv.pid);
		if (!geteuid() && (setgid(NOBODY) || setuid(NOBODY)))
			_exit(9);
		_exit(!ptrace(PTRACE_SEIZE, rig->srv.pid, NULL, NULL) ||
		      open(mem, O_RDONLY | O_CLOEXEC) >= 0);
	}
	assert_num(waitpid(pid, &status, 0), pid);
	assert_num(status, 0);
}

static void write_spec(struct rig *rig, const char *key)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/spec.json", rig->dir);
	file_write(path,
		   "{\"name\": \"x\", \"events\": {\"EV_KEY\": [\"%s\"]}}",
		   key);
}

static void the_spec_is_still_read_on_sighup(void **state)
{
	struct rig *rig = *state;

	sandbox(rig, "on");
	write_spec(rig, "KEY_A");
	process_arg(&rig->srv, "--spec=%s/spec.json", rig->dir);
	rig_listen(rig);
	process_start(&rig->srv);
	process_expect_log(&rig->srv, "serving");
	write_spec(rig, "KEY_B");
	assert_sys(kill(rig->srv.pid, SIGHUP));
	process_expect_log(&rig->srv, "the next driver gets");
}

/* libev makes its epoll anew when an fd that is closed here still reports. */
static void a_kick_fd_that_was_replaced_may_still_be_used(void **state)
{
	struct rig *rig = *state;
	static const uint64_t one = 1;
	int fd[2];

	sandbox(rig, "on");
	serve(rig);
	rig_run(rig, NULL, 16);
	for (int i = 0; i < 2; i++) {
		fd[i] = eventfd(0, EFD_CLOEXEC);
		assert_sys(fd[i]);
		struct fe_msg msg =
			fe_msg_vring_fd(VU_SET_VRING_KICK, FE_EVENTQ, fd[i]);
		assert_ok(fe_request(&rig->fe, &msg));
		assert_num(write(fd[0], &one, sizeof(one)), sizeof(one));
		inject(rig, KEY(KEY_A, !i), SYN);
		expect(rig, KEY(KEY_A, !i), SYN);
	}
	close(fd[0]);
	close(fd[1]);
}

/* --- another user --- */

static void root_gives_itself_up(void **state)
{
	struct rig *rig = *state;

	sandbox(rig, "on");
	process_arg(&rig->srv, "--user=nobody");
	serve(rig);
	walls_expect_sentry_confined(rig->srv.pid);
	walls_expect(rig->srv.pid, "status",
		     "Uid"
		     ":",
		     "65534\t65534\t65534\t65534\n");
	walls_expect(rig->srv.pid, "status",
		     "Gid"
		     ":",
		     "65534\t65534\t65534\t65534\n");
	rig_expect_serves(rig);
}

static void another_group_than_the_users_can_be_taken(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--group=daemon");
	process_arg(&rig->srv, "--user=%d", NOBODY);
	process_arg(&rig->srv, "--sandbox=off");
	serve(rig);
	walls_expect(rig->srv.pid, "status",
		     "Uid"
		     ":",
		     "65534\t65534\t65534\t65534\n");
	walls_expect(rig->srv.pid, "status",
		     "Gid"
		     ":",
		     "1\t1\t1\t1\n");
	walls_expect(rig->srv.pid, "status",
		     "Groups"
		     ":",
		     "\n");
	walls_expect(rig->srv.pid, "status",
		     "CapEff"
		     ":",
		     "0000000000000000\n");
	rig_expect_serves(rig);
}

/* One line in the log, and no socket file is left. */
static void a_user_other_than_root_stays_that_user(void **state)
{
	struct rig *rig = *state;
	struct stat st;

	char spec[80];

	rig->unclean = true;
	/* One that this user can read. */
	snprintf(spec, sizeof(spec), "%s/spec.json", rig->dir);
	file_write(spec, "{\"name\": \"A\", \"events\": "
			 "{\"EV_KEY\": [\"KEY_A\"]}}");
	process_arg(&rig->srv, "--spec=%s", spec);
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_arg(&rig->srv, "--user=%d", 0);
	process_arg(&rig->srv, "--group=%d", 0);
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	assert_num(process_log_count(&rig->srv, "host: --user"), 1);
	assert_num(stat(rig->socket, &st), -1);
}

/* --- the filter --- */

static const struct walls_call forbidden[] = {
	{ "execve_kills_it", SYS_execve, { 0 } },
	{ "a_process_kills_it", SYS_clone, { SIGCHLD } },
	{ "ptrace_kills_it", SYS_ptrace, { 0 } },
	{ "a_socket_kills_it", SYS_socket, { AF_INET, SOCK_STREAM } },
	{ "a_signal_to_another_kills_it", SYS_kill, { 1 } },
	{ "a_thread_s_signal_to_another_kills_it", SYS_tgkill, { 1, 1 } },
	{ "writing_to_a_file_kills_it", SYS_openat, { 0, 0, O_RDWR } },
	{ "memory_for_code_kills_it", SYS_mmap, { 0, 4096, PROT_EXEC } },
	{ "code_of_memory_kills_it", SYS_mprotect, { 0, 4096, PROT_EXEC } },
};

static pid_t stop_before_a_call(struct rig *rig)
{
	rig->unclean = true;
	sandbox(rig, "on");
	rig_spec(rig, "keyboard");
	rig_listen(rig);
	return walls_stop_before_a_call(&rig->srv, "serving");
}

static void is_killed(void **state)
{
	struct rig *rig = *state;
	const struct walls_call *call = rig->row;
	pid_t pid = stop_before_a_call(rig);

	walls_change_call(pid, call);
	assert_sys(ptrace(PTRACE_CONT, pid, NULL, NULL));
	assert_num(process_wait(&rig->srv), 128 + SIGSYS);
}

/* The same with one that is allowed: it is not the debugger that kills. */
static void a_call_of_the_table_does_not_kill_it(void **state)
{
	static const struct walls_call call = { "getpid", SYS_getpid, { 0 } };
	struct rig *rig = *state;
	pid_t pid = stop_before_a_call(rig);

	walls_change_call(pid, &call);
	assert_true(WIFSTOPPED(walls_next_stop(pid, PTRACE_SYSCALL)));
	assert_false(walls_is_before_a_call(pid));
}

/* The programs may be where only root can go: run a copy of them. */
static void copy_for_all(const char *dir)
{
	char command[300];

	snprintf(command, sizeof(command),
		 "set -e; cp '%s/vhost-user-input' '%s'; chmod -R a+rX '%s'",
		 test_bin_dir(), dir, dir);
	assert_num(system(command), 0);
	assert_sys(setenv("VINPUT_BIN_DIR", dir, 1));
}

/* Root becomes another for it. Return: how many failed. */
static int run_as_user(const struct CMUnitTest *tests, size_t n)
{
	char dir[TEMP_DIR_LEN];
	int status;
	pid_t pid;

	if (geteuid())
		return _cmocka_run_group_tests("as_user", tests, n, NULL, NULL);
	temp_dir_make(dir);
	copy_for_all(dir);
	fflush(NULL);
	pid = fork();
	assert_sys(pid);
	if (!pid) {
		if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		exit(_cmocka_run_group_tests("as_user", tests, n, NULL, NULL));
	}
	assert_num(waitpid(pid, &status, 0), pid);
	unsetenv("VINPUT_BIN_DIR");
	temp_dir_remove(dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest all[] = {
		T(it_is_on_unless_a_sanitizer_is_in_the_way),
		T(in_it_there_are_no_privileges),
		T(log_has_the_same_walls),
		T(off_has_none),
		T(nobody_can_look_into_it),
		T(the_spec_is_still_read_on_sighup),
		T(a_kick_fd_that_was_replaced_may_still_be_used),
		T(a_call_of_the_table_does_not_kill_it),
	};
	const struct CMUnitTest as_root[] = {
		T(root_gives_itself_up),
		T(another_group_than_the_users_can_be_taken),
	};
	const struct CMUnitTest as_user[] = {
		T(a_user_other_than_root_stays_that_user),
	};
	struct CMUnitTest killed[ARRAY_LEN(forbidden)];
	int failed = cmocka_run_group_tests(all, NULL, NULL);

	CASES(killed, forbidden, T(is_killed));
	failed += cmocka_run_group_tests(killed, NULL, NULL);
	if (!geteuid())
		failed += cmocka_run_group_tests(as_root, NULL, NULL);
	failed += run_as_user(as_user, ARRAY_LEN(as_user));
	return failed;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The COMMAND that vinput-hold and vinput-vfio-user start as their back-end,
 * and again when it ends, and what else their options do that a VMM does not
 * see.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "input/base/clock.h"
#include "input/sandbox/sandbox.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"
#include "tests/lib/walls.h"

static const struct program {
	const char *name, *option;
} programs[] = {
	{ "vinput-hold", "--socket-path" },
	{ "vinput-vfio-user", "--vfio-user" },
};

struct world {
	struct process p;
	char dir[TEMP_DIR_LEN], socket[64];
};

/* The program with its socket; a case adds its options and starts it. */
static struct world *world_of(void **state)
{
	const struct program *program = *state;
	struct world *w = calloc(1, sizeof(*w));

	temp_dir_make(w->dir);
	snprintf(w->socket, sizeof(w->socket), "%s/s", w->dir);
	process_init(&w->p, program->name);
	process_arg(&w->p, "%s=%s", program->option, w->socket);
	*state = w;
	return w;
}

static int teardown(void **state)
{
	struct world *w = *state;

	process_fini(&w->p);
	temp_dir_remove(w->dir);
	free(w);
	return 0;
}

static void command(struct world *w, const char *script)
{
	process_arg(&w->p, "--");
	process_arg(&w->p, "sh");
	process_arg(&w->p, "-c");
	process_arg(&w->p, "%s", script);
	process_start(&w->p);
}

/* Wait for the n-th line of a command that says its PID. Return: that. */
static pid_t expect_started(struct world *w, int n)
{
	const char *at = NULL;
	char *line;

	for (int ms = 0; process_log_count(&w->p, "started ") < n; ms += 5) {
		assert_true(ms < DEADLINE_MS);
		poll(NULL, 0, 5);
	}
	for (line = w->p.err.text; (line = strstr(line, "started ")); line++)
		at = line;
	return atoi(at + strlen("started "));
}

static void expect_gone(pid_t pid)
{
	const double end_s = clock_s() + DEADLINE_MS / 1000.0;

	while (!kill(pid, 0) && clock_s() < end_s) {
		/* It is this test's child if that is process 1. */
		waitpid(pid, NULL, WNOHANG);
		poll(NULL, 0, 5);
	}
	assert_num(kill(pid, 0), -1);
	assert_num(errno, ESRCH);
}

static void expect_restart(struct world *w, int signal, const char *says)
{
	const int before = process_log_count(&w->p, "started ");
	const pid_t pid = expect_started(w, before);

	assert_sys(kill(pid, signal));
	process_expect_log(&w->p, says);
	assert_true(expect_started(w, before + 1) != pid);
}

static void command_is_started_anew_whatever_it_dies_of(void **state)
{
	struct world *w = world_of(state);
	char says[128];

	command(w, "trap 'exit 5' USR1; echo \"started $$ at {socket}.\" >&2;"
		   "while :; do sleep 0.01; done");
	expect_started(w, 1);
	snprintf(says, sizeof(says), " at %s.backend.", w->socket);
	process_expect_log(&w->p, says);
	expect_restart(w, SIGKILL,
		       "the back-end was killed by SIGKILL; restarting it");
	expect_restart(w, SIGUSR1,
		       "the back-end ended with status 5; restarting it");
	const pid_t pid = expect_started(w, 3);

	assert_num(process_terminate(&w->p), 0);
	expect_gone(pid);
	assert_num(process_log_count(&w->p, "restarting it"), 2);
}

/* Without {socket} in it; and it does not heed SIGTERM. */
static void command_is_told_its_socket_and_killed_in_the_end(void **state)
{
	struct world *w = world_of(state);
	char says[128];

	command(w, "trap '' TERM; echo \"started $$ with $0.\" >&2;"
		   "while :; do sleep 0.01; done");
	const pid_t pid = expect_started(w, 1);

	snprintf(says, sizeof(says), " with --socket-path=%s.backend.",
		 w->socket);
	process_expect_log(&w->p, says);
	assert_num(process_terminate(&w->p), 0);
	expect_gone(pid);
}

static void command_that_never_comes_up_is_given_up(void **state)
{
	struct world *w = world_of(state);
	const double start_s = clock_s();

	process_arg(&w->p, "--");
	process_arg(&w->p, "/nonexistent/server");
	process_start(&w->p);
	assert_num(process_wait(&w->p), 1);
	/* Each time it waits longer: 0.2 + 0.3 + ... + 0.9 s. */
	assert_true(clock_s() - start_s >= 4.2);
	assert_num(process_log_count(&w->p, "cannot start /nonexistent/server: "
					    "No such file or directory"),
		   10);
	assert_num(process_log_count(&w->p, "the back-end ended with status "
					    "127; restarting it"),
		   10);
	assert_num(process_log_count(&w->p, "the back-end does not come up; "
					    "giving up"),
		   1);
}

static void socket_that_cannot_be_made_is_named(void **state)
{
	struct world *w = world_of(state);
	char says[128];

	process_arg(&w->p, "--to=%s/t", w->dir);
	assert_ok(mkdir(w->socket, 0700));
	process_start(&w->p);
	assert_num(process_wait(&w->p), 1);
	snprintf(says, sizeof(says), "cannot listen at %s: ", w->socket);
	process_expect_log(&w->p, says);
	assert_sys(rmdir(w->socket));
}

/* Returns when it is ready. */
static void start_ready(struct world *w)
{
	process_arg(&w->p, "--to=%s/t", w->dir);
	process_start_ready(&w->p);
}

static void is_confined_with_a_private_socket(void **state)
{
	struct world *w = world_of(state);
	struct stat st;

	if (SANDBOX_DEFAULT == SANDBOX_OFF)
		skip_because("sanitizers do not work in the sandbox");
	start_ready(w);
	walls_expect_confined(w->p.pid);
	assert_sys(stat(w->socket, &st));
	assert_num(st.st_mode & 0777, 0600);
	assert_num(process_terminate(&w->p), 0);
	assert_num(stat(w->socket, &st), -1);
}

static void sandbox_and_socket_are_as_they_were_asked_for(void **state)
{
	struct world *w = world_of(state);
	/* A group of ours, or for root any. */
	const gid_t gid = getuid() ? getgid() : 54321;
	struct stat st;

	process_arg(&w->p, "--sandbox=off");
	process_arg(&w->p, "--socket-mode=0640");
	process_arg(&w->p, "--socket-group=%u", gid);
	start_ready(w);
	walls_expect(w->p.pid, "status", "Seccomp:", "0\n");
	assert_sys(stat(w->socket, &st));
	assert_num(st.st_mode & 0777, 0640);
	assert_num(st.st_gid, gid);
	assert_num(process_terminate(&w->p), 0);
}

static void becomes_the_user_that_was_given(void **state)
{
	struct world *w = world_of(state);

	if (getuid())
		skip_because("only root can become another user");
	/* Its socket is removed as that user. */
	assert_sys(chmod(w->dir, 0777));
	process_arg(&w->p, "--user=54321");
	process_arg(&w->p, "--group=54322");
	start_ready(w);
	walls_expect(w->p.pid, "status", "Uid:", "54321\t54321");
	walls_expect(w->p.pid, "status", "Gid:", "54322\t54322");
	assert_num(process_terminate(&w->p), 0);
}

#define OF(program, suffix, f)                                \
	{                                                     \
#f suffix, f, NULL, teardown,                 \
			(void *)(uintptr_t)&programs[program] \
	}
#define BOTH(f) OF(0, "_by_the_holder", f), OF(1, "_by_the_bridge", f)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(command_is_started_anew_whatever_it_dies_of),
		BOTH(command_is_told_its_socket_and_killed_in_the_end),
		BOTH(command_that_never_comes_up_is_given_up),
		BOTH(socket_that_cannot_be_made_is_named),
		BOTH(is_confined_with_a_private_socket),
		BOTH(sandbox_and_socket_are_as_they_were_asked_for),
		BOTH(becomes_the_user_that_was_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

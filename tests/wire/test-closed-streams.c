/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that are started with standard streams that are closed: what they
 * open MUST NOT get the number of one, or what they print goes there.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/array.h"
#include "tests/lib/check.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define ARGS_MAX 8

/* "%s" is a temporary directory. All of them run until they are ended. */
static const struct row {
	const char *program;
	const char *args[ARGS_MAX];
	int leaves; /* so many of its streams, of which it prints to none */
} rows[] = {
	{ "vhost-user-input",
	  { "--spec=keyboard", "--socket-path=%s/a", "--inject-path=%s/b",
	    "--sandbox=off" },
	  STDERR_FILENO },
	{ "vinput-launch", { "--dir=%s/place", "--keyboard" } },
	{ "vinput-monitor", { "--wait", "%s/none" } },
	{ "vinput-inject", { "--to=%s/none", "--wait=forever", "key", "A" } },
	{ "vinput-inject", { "sleep", "1000s" } },
};

static char dir[TEMP_DIR_LEN];

static int make_dir(void **state)
{
	temp_dir_make(dir);
	return 0;
}

static int remove_dir(void **state)
{
	temp_dir_remove(dir);
	return 0;
}

static void make_process(struct process *p, const struct row *row)
{
	process_init(p, row->program);
	for (size_t i = 0; i < ARGS_MAX && row->args[i]; i++) {
		if (strstr(row->args[i], "%s"))
			process_arg(p, row->args[i], dir);
		else
			process_arg(p, "%s", row->args[i]);
	}
}

static pid_t start_closed(struct process *p)
{
	pid_t pid = fork();

	assert_sys(pid);
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		close(fd);
	execv(p->argv[0], p->argv);
	_exit(127);
}

static bool is_null(pid_t pid, int fd)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, "/dev/null");
}

static void closed_streams_are_filled(void **state)
{
	const struct row *row = *state;
	struct process p;

	make_process(&p, row);
	pid_t pid = start_closed(&p);
	for (int fd = row->leaves, ms = 0; fd <= STDERR_FILENO;) {
		if (is_null(pid, fd)) {
			fd++;
			continue;
		}
		assert_true(++ms < DEADLINE_MS);
		assert_num(waitpid(pid, NULL, WNOHANG), 0);
		poll(NULL, 0, 1);
	}
	assert_sys(kill(pid, SIGTERM));
	assert_num(waitpid(pid, NULL, 0), pid);
	process_fini(&p);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(rows)];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		tests[i] = (struct CMUnitTest){
			.name = rows[i].program,
			.test_func = closed_streams_are_filled,
			.initial_state = (void *)&rows[i],
		};
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}

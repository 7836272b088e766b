/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel refuses a system call that each program makes while it starts: it
 * says so and ends, with status 1, and leaves no socket behind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "tests/lib/cases.h"
#include "tests/lib/deny.h"
#include "tests/lib/process.h"
#include "tests/lib/temp-dir.h"

#define ARGS_MAX 6
#define NO_CALL	 200 /* the call does not exist here */

struct denied {
	const char *name, *call, *program;
	const char *args[ARGS_MAX]; /* @ is the case's directory */
	const char *says;
};

#define EMFILE_TEXT "Too many open files"
#define SERVER                                                              \
	"vhost-user-input",                                                 \
	{                                                                   \
		"--spec=keyboard", "--socket-path=@/s", "--inject-path=@/i" \
	}
#define HOLD                                    \
	"vinput-hold",                          \
	{                                       \
		"--socket-path=@/h", "--to=@/s" \
	}
#define KEEP                                            \
	"vinput-hold",                                  \
	{                                               \
		"--socket-path=@/h", "--", "/bin/false" \
	}
#define LAUNCH                            \
	"vinput-launch",                  \
	{                                 \
		"--dir=@/l", "--keyboard" \
	}
#define INJECT                         \
	"vinput-inject",               \
	{                              \
		"--to=@/i", "key", "a" \
	}

#define LISTEN	"cannot listen at "
#define START	"cannot start "
#define NEEDS	"keyboard: cannot open what it needs: " EMFILE_TEXT
#define SANDBOX "--sandbox: cannot set "

static const struct denied rows[] = {
	{ "server_without_sockets", "socket", SERVER, LISTEN },
	{ "server_without_bind", "bind", SERVER, LISTEN },
	{ "server_without_listen", "listen", SERVER, LISTEN },
	{ "server_without_epoll", "epoll_create1", SERVER, "no event loop: " },
	{ "server_without_prctl", "prctl", SERVER, SANDBOX "no_new_privs" },
	{ "server_without_limits", "prlimit64", SERVER, SANDBOX "limits" },

	{ "holder_without_sockets", "socket", HOLD, LISTEN },
	{ "holder_without_bind", "bind", HOLD, LISTEN },
	{ "holder_without_listen", "listen", HOLD, LISTEN },
	{ "holder_without_epoll", "epoll_create1", HOLD, "no event loop: " },
	{ "holder_without_prctl", "prctl", HOLD, SANDBOX "no_new_privs" },
	{ "holder_without_limits", "prlimit64", HOLD, SANDBOX "limits" },
	{ "keeper_without_socketpairs", "socketpair", KEEP, START },
	{ "keeper_without_processes", "clone", KEEP, START },
	{ "keeper_without_signals", "signalfd4", KEEP, START },

	{ "launcher_without_sockets", "socket", LAUNCH, LISTEN },
	{ "launcher_without_bind", "bind", LAUNCH, LISTEN },
	{ "launcher_without_listen", "listen", LAUNCH, LISTEN },
	{ "launcher_without_epoll", "epoll_create1", LAUNCH,
	  "no event loop: " },
	{ "launcher_without_memory_files", "memfd_create", LAUNCH, NEEDS },
	{ "launcher_without_pipes", "pipe2", LAUNCH, NEEDS },
	{ "launcher_without_socketpairs", "socketpair", LAUNCH, START },
	{ "launcher_without_processes", "clone", LAUNCH, START },
	{ "launcher_without_dup2", "dup2", LAUNCH, START },
	{ "launcher_without_mkdir", "mkdir", LAUNCH, "cannot make " },

	{ "injector_without_sockets", "socket", INJECT, EMFILE_TEXT },
	{ "injector_without_epoll", "epoll_create1", INJECT, EMFILE_TEXT },
	{ "injector_without_timers", "timerfd_create", INJECT, EMFILE_TEXT },
	{ "monitor_without_signals",
	  "signalfd4",
	  "vinput-monitor",
	  { "@/s" },
	  EMFILE_TEXT },
};

struct world {
	const struct denied *row;
	char dir[TEMP_DIR_LEN];
	struct process program;
};

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->row = *state;
	temp_dir_make(w->dir);
	process_init(&w->program, "tests/wire/test-denied-calls");
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	process_fini(&w->program);
	temp_dir_remove(w->dir);
	free(w);
	return 0;
}

static void add_arg(struct world *w, const char *arg)
{
	const char *hole = strchrnul(arg, '@');

	process_arg(&w->program, "%.*s%s%s", (int)(hole - arg), arg,
		    *hole ? w->dir : "", *hole ? hole + 1 : "");
}

static void says_what_was_refused(void **state)
{
	struct world *w = *state;
	int status;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	skip_because("sanitizers need these calls themselves");
#endif
	process_arg(&w->program, "%s", w->row->call);
	process_arg(&w->program, "%s/%s", test_bin_dir(), w->row->program);
	for (size_t i = 0; i < ARGS_MAX && w->row->args[i]; i++)
		add_arg(w, w->row->args[i]);
	process_start(&w->program);
	status = process_wait(&w->program);
	if (status == NO_CALL)
		skip_because("this architecture has no such call");
	assert_num(status, 1);
	process_expect_log(&w->program, w->row->says);
	/* Nothing listens, and nothing is left. */
	assert_sys(rmdir(w->dir));
	assert_sys(mkdir(w->dir, 0700));
}

/* Runs the program in which the call fails: CALL PROGRAM ARG... */
static int run_denied(char **argv)
{
	if (deny_call(argv[1], EMFILE))
		return NO_CALL;
	execv(argv[2], argv + 2);
	return 127;
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[ARRAY_LEN(rows)];

	if (argc > 2)
		return run_denied(argv);
	CASES(tests, rows,
	      { NULL, says_what_was_refused, setup, teardown, NULL });
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include "injector/hold/hold-keeper.h"
#include "input/base/clock.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"

#define PLACEHOLDER "{socket}"
/* Of the socket of COMMAND: the front-end's with this behind it. */
#define BACKEND_SUFFIX ".backend"
#define STOP_MS	       5000 /* from SIGTERM to SIGKILL */
/* A back-end that lives for less time is not up; so often in a row. */
#define UP_S	    1.0
#define IN_VAIN_MAX 10
#define STEP_MS	    100

struct keeper {
	char **argv;
	int life_fd;   /* the holder's end is closed when it ends */
	int signal_fd; /* SIGCHLD */
	pid_t pid;     /* 0: it does not run */
	double since_s;
	int in_vain; /* starts in a row */
};

/* Return: word with path in the place of {socket}, owned by the caller. */
static char *fill(const char *word, const char *path)
{
	const char *at = strstr(word, PLACEHOLDER);
	char *out = NULL;

	if (!at)
		return strdup(word);
	if (asprintf(&out, "%.*s%s%s", (int)(at - word), word, path,
		     at + strlen(PLACEHOLDER)) < 0)
		return NULL;
	return out;
}

/* Never freed: the process has no other use of its memory. */
static char **fill_all(char *const *argv, const char *path)
{
	bool found = false;
	size_t n = 0;
	char **out;

	while (argv[n])
		n++;
	out = calloc(n + 2, sizeof(*out));
	if (!out)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		found |= strstr(argv[i], PLACEHOLDER) != NULL;
		out[i] = fill(argv[i], path);
		if (!out[i])
			return NULL;
	}
	if (!found && asprintf(&out[n], "--socket-path=%s", path) < 0)
		return NULL;
	return out;
}

/* --- in the keeper --- */

__attribute__((noreturn)) static void keeper_exec(const struct keeper *k)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execvp(k->argv[0], k->argv);
	log_line(LOG_ERROR, CULPRIT_HOST, "cannot start %s: %s", k->argv[0],
		 strerror(errno));
	_exit(127);
}

static void keeper_start(struct keeper *k)
{
	k->since_s = clock_s();
	k->pid = fork();
	if (!k->pid)
		keeper_exec(k);
	if (k->pid > 0)
		return;
	k->pid = 0;
	k->in_vain++;
}

/* Wait for the holder's end, or the back-end's. Return: whether it was ours. */
static bool keeper_wait(struct keeper *k, int timeout_ms)
{
	struct pollfd p[] = { { k->life_fd, POLLIN, 0 },
			      { k->signal_fd, POLLIN, 0 } };
	struct signalfd_siginfo info;

	poll(p, 2, timeout_ms);
	if (p[1].revents)
		(void)!read(k->signal_fd, &info, sizeof(info));
	return p[0].revents;
}

/* Note whether it has ended. */
static void keeper_reap(struct keeper *k)
{
	int status;

	if (waitpid(k->pid, &status, WNOHANG) != k->pid)
		return;
	if (WIFSIGNALED(status))
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "the back-end was killed by SIG%s; restarting it",
			 sigabbrev_np(WTERMSIG(status)) ?: "?");
	else
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "the back-end ended with status %d; restarting it",
			 WEXITSTATUS(status));
	k->pid = 0;
	k->in_vain = clock_s() - k->since_s < UP_S ? k->in_vain + 1 : 0;
}

static void keeper_end(struct keeper *k)
{
	const double end_s = clock_s() + STOP_MS / 1000.0;

	if (!k->pid)
		return;
	kill(k->pid, SIGTERM);
	while (clock_s() < end_s) {
		if (waitpid(k->pid, NULL, WNOHANG))
			return;
		poll(&(struct pollfd){ k->signal_fd, POLLIN, 0 }, 1, STEP_MS);
	}
	kill(k->pid, SIGKILL);
}

/* Before the next start. Not at first: somebody waits. */
static int keeper_pause_ms(const struct keeper *k)
{
	return k->in_vain > 1 ? k->in_vain * STEP_MS : 0;
}

__attribute__((noreturn)) static void keeper_run(struct keeper *k)
{
	bool ends = false;

	if (!k->argv) {
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "cannot start the back-end: %s", strerror(ENOMEM));
		_exit(1);
	}
	while (!ends && k->in_vain < IN_VAIN_MAX) {
		ends = keeper_wait(k, k->pid ? -1 : keeper_pause_ms(k));
		if (k->pid)
			keeper_reap(k);
		else if (!ends)
			keeper_start(k);
	}
	if (!ends)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "the back-end does not come up; giving up");
	keeper_end(k);
	_exit(0);
}

static void keeper_set_up(const sigset_t *signals)
{
	/* The terminal's is for the holder. */
	signal(SIGINT, SIG_IGN);
	sigprocmask(SIG_BLOCK, signals, NULL);
}

static int keeper_fork(char *const *argv, const char *path)
{
	sigset_t set;
	int fd[2];
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	/* Whoever reads it reads signals of its own: the keeper, below. */
	_cleanup_close_ int signal_fd = signalfd(-1, &set, SFD_CLOEXEC);

	if (signal_fd < 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	pid = fork();
	if (pid == 0) {
		struct keeper k = { .argv = fill_all(argv, path),
				    .life_fd = fd[1],
				    .signal_fd = signal_fd };

		close_fd(fd[0]);
		keeper_set_up(&set);
		keeper_run(&k);
	}
	close_fd(fd[1]);
	if (pid > 0)
		return fd[0];
	close_fd(fd[0]);
	return -EAGAIN;
}

int hold_keeper_start(char *const *argv, const char *path)
{
	const int fd = keeper_fork(argv, path);

	if (fd < 0)
		log_line(LOG_ERROR, CULPRIT_HOST, "cannot start %s: %s",
			 argv[0], strerror(-fd));
	return fd;
}

int hold_keeper_choose(char path[HOLD_PATH_MAX], const char *to,
		       const char *frontend)
{
	int n = to ? snprintf(path, HOLD_PATH_MAX, "%s", to)
		   : snprintf(path, HOLD_PATH_MAX, "%s" BACKEND_SUFFIX,
			      frontend);

	if (n < (int)HOLD_PATH_MAX)
		return 0;
	log_line(LOG_ERROR, CULPRIT_NONE, "the back-end's socket: %s",
		 socket_path_strerror(-ENAMETOOLONG));
	return -ENAMETOOLONG;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Until execve() the child uses the memory of the launcher, of which a copy
 * would cost more than all else here; only its stack is its own. So each waits
 * at a socket for the other one before it does more than that, all signals are
 * blocked, and the child changes nothing but its stack and errno.
 *
 *	launcher	child
 *	launch_exec_fork() ─► waits
 *	exec->forked()
 *	launch_exec_go() ───► die with the launcher → session → streams → fds
 *			      → limit → signals → execve()
 *	◄── end of file, as the socket closes on exec, or an error
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/process/launch-exec.h"
#include "input/base/child.h"
#include "input/base/fd.h"

/* execvpe() puts paths there, and for a script without "#!" its arguments. */
#define STACK_LEN (64 * 1024)
#define WORDS_MAX (STACK_LEN / 2 / sizeof(char *))

/* What ends a function here does not end the launcher's use of its stack. */
#define OTHER_STACK __attribute__((no_sanitize("address")))

/* --- in the child --- */

static int exec_prepare(const struct launch_exec_child *c)
{
	const struct launch_exec *exec = c->exec;
	int r = child_bind(c->parent, exec->outlives);

	if (r)
		return r; /* if it has died, nobody reads this */
	if (exec->out >= 0) {
		/* Also fds that were inherited by mistake. */
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		r = child_detach(exec->out);
	}
	for (size_t i = 0; i < exec->n_keep && !r; i++)
		if (fcntl(exec->keep[i], F_SETFD, 0) < 0)
			r = -errno;
	child_settle(c->files);
	return r;
}

static OTHER_STACK int exec_child(void *arg)
{
	const struct launch_exec_child *c = arg;
	char go;
	int error;

	close(c->tell[0]);
	if (read(c->tell[1], &go, 1) != 1)
		_exit(127); /* it has died */
	error = exec_prepare(c);
	if (!error) {
		execvpe(c->exec->argv[0], c->exec->argv, c->env);
		error = -errno;
	}
	(void)!write(c->tell[1], &error, sizeof(error));
	_exit(127);
}

/* --- in the launcher --- */

static bool env_names(const char *entry, const char *name, size_t len)
{
	return !strncmp(entry, name, len) && entry[len] == '=';
}

/* Whether an entry of our environment is not for the child. */
static bool env_is_replaced(const char *entry, char *const *add)
{
	/* They are meant for the launcher only. */
	static const char *const ours[] = { "NOTIFY_SOCKET", "LISTEN_FDS",
					    "LISTEN_PID",    "LISTEN_FDNAMES",
					    "WATCHDOG_PID",  "WATCHDOG_USEC" };

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (env_names(entry, ours[i], strlen(ours[i])))
			return true;
	for (; add && *add; add++)
		if (env_names(entry, *add, strcspn(*add, "=")))
			return true;
	return false;
}

/* Return: the child's environment, whose strings are borrowed, or NULL. */
static char **env_make(char *const *add)
{
	size_t n = 0, max = 1;
	char **env;

	for (char *const *e = environ; e && *e; e++)
		max++;
	for (char *const *e = add; e && *e; e++)
		max++;
	env = calloc(max, sizeof(*env));
	if (!env)
		return NULL;
	for (char *const *e = environ; e && *e; e++)
		if (!env_is_replaced(*e, add))
			env[n++] = *e;
	for (; add && *add; add++)
		env[n++] = *add;
	return env;
}

static void exec_free(struct launch_exec_child *c)
{
	c->tell[0] = close_fd(c->tell[0]);
	free(c->env);
	c->env = NULL;
}

/* Return: as fork(), but only in the launcher. */
static pid_t exec_clone(struct launch_exec_child *c)
{
#ifdef __SANITIZE_THREAD__
	/* It has locks of its own, and knows of fork() only. */
	const pid_t pid = fork();

	return pid ? pid : exec_child(c);
#else
	/* The child before has left it. */
	static _Alignas(64) char stack[STACK_LEN];

	return clone(exec_child, stack + STACK_LEN, CLONE_VM | SIGCHLD, c);
#endif
}

static pid_t exec_fork_itself(void *arg, struct launch_exec_child *c)
{
	size_t n = 0;
	pid_t pid;

	while (c->exec->argv[n])
		if (++n > WORDS_MAX)
			return -E2BIG;
	pid = exec_clone(c);
	return pid < 0 ? -errno : pid;
}

/* Return: what by() returns, or -errno. */
static pid_t exec_fork(struct launch_exec_child *c, launch_exec_by *by)
{
	sigset_t all;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->tell) < 0)
		return -errno;
	c->parent = getpid();
	c->env = env_make(c->exec->env);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &c->old);
	pid = c->env ? by(c->exec->by_arg, c) : -ENOMEM;
	close(c->tell[1]);
	if (pid > 0)
		return pid;
	sigprocmask(SIG_SETMASK, &c->old, NULL);
	exec_free(c);
	return pid;
}

pid_t launch_exec_fork(struct launch_exec_child *c)
{
	const pid_t pid = c->exec->by ? exec_fork(c, c->exec->by) : 0;

	return pid ? pid : exec_fork(c, exec_fork_itself);
}

int launch_exec_go(struct launch_exec_child *c)
{
	int error = 0;
	ssize_t n;

	send(c->tell[0], "", 1, MSG_NOSIGNAL);
	do
		n = read(c->tell[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	exec_free(c);
	sigprocmask(SIG_SETMASK, &c->old, NULL);
	return n == sizeof(error) ? error : 0;
}

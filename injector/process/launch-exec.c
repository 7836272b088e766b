/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Until execve() the child uses the memory of the launcher, of which a copy
 * would cost more than all else here; only its stack is its own. So each waits
 * at a socket for the other one before it does more than that, all signals are
 * blocked, and the child changes nothing but its stack and errno.
 *
 *	launcher	child
 *	launch_exec_fork() ─► a table of fds of its own; waits
 *	exec->forked()
 *	launch_exec_go() ───► die with the launcher → session → streams → fds
 *			      → limit → signals → execve()
 *	◄── a byte, if it had the launcher's table first
 *	◄── end of file, as the socket closes on exec, or an error
 *
 * With exec->places it begins with the launcher's table of fds, too, and copies
 * only its beginning. Until it has done so, the launcher opens and closes fds,
 * but none of those that the child is to have.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "injector/process/launch-exec.h"
#include "input/base/child.h"
#include "input/base/fd.h"

/* execvpe() puts paths there, and for a script without "#!" its arguments. */
#define STACK_LEN (64 * 1024)
#define WORDS_MAX (STACK_LEN / 2 / sizeof(char *))

/* How often to look whether a child that should say something has ended. */
#define LOOK_MS 100

/* What ends a function here does not end the launcher's use of its stack. */
#define OTHER_STACK __attribute__((no_sanitize("address")))

/* --- in the child --- */

/* Return: what fd has become in the child: what is at that place, or fd. */
static int exec_number(const struct launch_exec_child *c, size_t place, int fd)
{
	const struct launch_places *places = c->exec->places;

	return places && fd >= 0 ? places->fd[place] : fd;
}

static int exec_prepare(const struct launch_exec_child *c)
{
	const struct launch_exec *exec = c->exec;
	const int out = exec_number(c, LAUNCH_PLACE_OUT, exec->out);
	int r = child_bind(c->parent, exec->outlives);

	if (r)
		return r; /* if it has died, nobody reads this */
	if (out >= 0) {
		/* Also fds that were inherited by mistake. */
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		r = child_detach(out);
	}
	for (size_t i = 0; i < exec->n_keep && !r; i++)
		if (fcntl(exec_number(c, LAUNCH_PLACE_KEEP + i, exec->keep[i]),
			  F_SETFD, 0) < 0)
			r = -errno;
	child_settle(c->files);
	return r;
}

/* Not even the launcher's end of the socket: else its end was not noticed. */
static void exec_leave_table(const struct launch_exec_child *c, int tell)
{
	const int last = c->exec->places->fd[LAUNCH_PLACE_SPARE];

	/* Else it has a copy of all of them: the kernel is older. */
	if (close_range((unsigned int)last + 1, ~0U, CLOSE_RANGE_UNSHARE) < 0 &&
	    unshare(CLONE_FILES) < 0)
		_exit(127);
	close(c->tell[0]);
	(void)!write(tell, "", 1);
}

static OTHER_STACK int exec_child(void *arg)
{
	const struct launch_exec_child *c = arg;
	const int tell = exec_number(c, LAUNCH_PLACE_TELL, c->tell[1]);
	char go;
	int error;

	if (c->exec->places)
		exec_leave_table(c, tell);
	else
		close(c->tell[0]);
	if (read(tell, &go, 1) != 1)
		_exit(127); /* it has died */
	error = exec_prepare(c);
	if (!error) {
		execvpe(c->exec->argv[0], c->exec->argv, c->env);
		error = -errno;
	}
	(void)!write(tell, &error, sizeof(error));
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

/* Return: 0 or -errno. */
static int exec_place(struct launch_exec_child *c)
{
	const struct launch_exec *exec = c->exec;
	struct launch_places *places = exec->places;
	int r = launch_places_put(places, LAUNCH_PLACE_OUT, exec->out);

	c->placed = true;
	if (!r)
		r = launch_places_put(places, LAUNCH_PLACE_TELL, c->tell[1]);
	for (size_t i = 0; i < exec->n_keep && !r; i++)
		r = launch_places_put(places, LAUNCH_PLACE_KEEP + i,
				      exec->keep[i]);
	return r;
}

/* The child has a table of its own, or none any more; and c in any case. */
static void exec_unplace(struct launch_exec_child *c)
{
	if (c->placed)
		launch_places_clear(c->exec->places);
	c->placed = false;
	close(c->tell[1]);
}

static bool exec_has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
	       info.si_pid;
}

/* A child that was killed says nothing, and our end of its socket is open. */
static void exec_await_table(struct launch_exec_child *c)
{
	struct pollfd p = { .fd = c->tell[0], .events = POLLIN };
	char own;

	if (!c->placed)
		return;
	while (poll(&p, 1, LOOK_MS) != 1 && !exec_has_ended(c->pid))
		;
	(void)!recv(c->tell[0], &own, 1, MSG_DONTWAIT);
	exec_unplace(c);
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

	return clone(exec_child, stack + STACK_LEN,
		     CLONE_VM | (c->placed ? CLONE_FILES : 0) | SIGCHLD, c);
#endif
}

static pid_t exec_fork_itself(void *arg, struct launch_exec_child *c)
{
	size_t n = 0;
	pid_t pid;
	int r = 0;

	while (c->exec->argv[n])
		if (++n > WORDS_MAX)
			return -E2BIG;
	if (c->exec->places)
		r = exec_place(c);
	if (r)
		return r;
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
	c->pid = pid;
	if (pid <= 0 || !c->placed)
		exec_unplace(c);
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
	exec_await_table(c);
	do
		n = read(c->tell[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	exec_free(c);
	sigprocmask(SIG_SETMASK, &c->old, NULL);
	return n == sizeof(error) ? error : 0;
}

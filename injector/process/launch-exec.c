/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Until execve() the child uses the memory of the launcher, which sleeps
 * meanwhile: a copy would cost more than all else here, and to take turns with
 * it takes time, too. Only its stack is its own. All signals are blocked.
 *
 *	launcher	child
 *	clone() ──────► dies with the launcher, unless it is to outlive it →
 *	│		exec->forked() → a table of fds of its own → session →
 *	│		streams → fds → limit → signals → execve()
 *	◄─────────────── the kernel says that it has left this memory
 *
 * With exec->places it begins with the launcher's table of fds, too, and copies
 * only its beginning.
 *
 * One that exec->by() has made has a memory of its own: it waits at a socket
 * for exec->forked(), and that ends with execve().
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include "injector/process/launch-exec.h"
#include "input/base/child.h"
#include "input/base/fd.h"

/*
 * execvpe() puts paths there, and for a script without "#!" its arguments;
 * exec->forked() may write an inline spec, some 1000 levels deep.
 */
#define STACK_LEN (1024 * 1024)
#define WORDS_MAX 4096

/* What ends a function here does not end the launcher's use of its stack. */
#define OTHER_STACK __attribute__((no_sanitize("address")))

/* --- in the child --- */

/* Return: what fd has become in the child: what is at that place, or fd. */
static int exec_number(const struct launch_exec_child *c, size_t place, int fd)
{
	const struct launch_places *places = c->exec->places;

	return places && fd >= 0 ? places->fd[place] : fd;
}

/* Return: an fd of /dev/null, or -1. */
static int exec_null(const struct launch_exec_child *c)
{
	const struct launch_places *places = c->exec->places;

	return places ? places->fd[LAUNCH_PLACE_SPARE] : -1;
}

static int exec_prepare(const struct launch_exec_child *c)
{
	const struct launch_exec *exec = c->exec;
	const int out = exec_number(c, LAUNCH_PLACE_OUT, exec->out);
	int r = 0;

	if (out >= 0) {
		/* Also fds that were inherited by mistake. */
		close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
		r = child_detach(exec_null(c), out);
	}
	for (size_t i = 0; i < exec->n_keep && !r; i++)
		if (fcntl(exec_number(c, LAUNCH_PLACE_KEEP + i, exec->keep[i]),
			  F_SETFD, 0) < 0)
			r = -errno;
	child_settle(c->files, c->signals);
	return r;
}

static void exec_leave_table(const struct launch_places *places)
{
	const int last = places->fd[LAUNCH_PLACE_SPARE];

	/* Else it has a copy of all of them: the kernel is older. */
	if (close_range((unsigned int)last + 1, ~0U, CLOSE_RANGE_UNSHARE) < 0 &&
	    unshare(CLONE_FILES) < 0)
		_exit(127);
}

static void exec_tell_forked(const struct launch_exec *exec)
{
	if (exec->forked)
		exec->forked(exec->arg);
}

/* Return: -errno. */
static OTHER_STACK int exec_run(const struct launch_exec_child *c)
{
	const int r = exec_prepare(c);

	if (r)
		return r;
	execvpe(c->exec->argv[0], c->exec->argv, c->env);
	return -errno;
}

static OTHER_STACK int exec_child(void *arg)
{
	struct launch_exec_child *c = arg;

	if (!c->exec->outlives && child_bind(c->parent, false))
		_exit(127);
	exec_tell_forked(c->exec);
	if (c->exec->places)
		exec_leave_table(c->exec->places);
	c->error = exec_run(c);
	_exit(127);
}

/* --- in the launcher --- */

/* Whether both begin with the same name and '='. */
static bool env_same(const char *a, const char *b)
{
	while (*a == *b && *a && *a != '=')
		a++, b++;
	return *a == '=' && *b == '=';
}

/* Whether an entry of our environment is not for the child. */
static bool env_is_replaced(const char *entry, char *const *add)
{
	/* They are meant for the launcher only. */
	static const char *const ours[] = {
		"NOTIFY_SOCKET=",  "LISTEN_FDS=",   "LISTEN_PID=",
		"LISTEN_FDNAMES=", "WATCHDOG_PID=", "WATCHDOG_USEC="
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (env_same(entry, ours[i]))
			return true;
	for (; add && *add; add++)
		if (env_same(entry, *add))
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
	int r = launch_places_put(exec->places, LAUNCH_PLACE_OUT, exec->out);

	for (size_t i = 0; i < exec->n_keep && !r; i++)
		r = launch_places_put(exec->places, LAUNCH_PLACE_KEEP + i,
				      exec->keep[i]);
	return r;
}

/*
 * One for all, since the child before has left it. Below it is a page that no
 * one can use. Return: its end, or NULL with errno.
 */
static char *exec_stack(void)
{
	static char *end;
	const size_t guard = (size_t)sysconf(_SC_PAGESIZE);
	char *area;

	if (end)
		return end;
	area = mmap(NULL, guard + STACK_LEN, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1,
		    0);
	if (area == MAP_FAILED)
		return NULL;
	if (mprotect(area + guard, STACK_LEN, PROT_READ | PROT_WRITE) < 0) {
		munmap(area, guard + STACK_LEN);
		return NULL;
	}
	end = area + guard + STACK_LEN;
	return end;
}

/* Return: 0 or -errno. */
static int exec_clone(struct launch_exec_child *c)
{
	char *stack = exec_stack();
	const int files = c->exec->places ? CLONE_FILES : 0;

	if (!stack)
		return -errno;
	if (clone(exec_child, stack,
		  CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | files |
			  SIGCHLD,
		  c, c->pid) < 0)
		return -errno;
	return c->error;
}

#ifdef __SANITIZE_THREAD__
/* It has locks of its own, and knows of fork() only. */
static pid_t exec_fork_apart(void *arg, struct launch_exec_child *c)
{
	const pid_t pid = fork();
	char go;
	int error;

	if (pid)
		return pid < 0 ? -errno : pid;
	close(c->tell[0]);
	if (read(c->tell[1], &go, 1) != 1)
		_exit(127); /* it has died */
	error = child_bind(c->parent, c->exec->outlives);
	if (!error && c->exec->places)
		error = exec_place(c);
	if (!error)
		error = exec_run(c);
	(void)!write(c->tell[1], &error, sizeof(error));
	_exit(127);
}
#endif

static int exec_go_by_socket(const struct launch_exec_child *c)
{
	int error = 0;
	ssize_t n;

	send(c->tell[0], "", 1, MSG_NOSIGNAL);
	do
		n = read(c->tell[0], &error, sizeof(error));
	while (n < 0 && errno == EINTR);
	return n == sizeof(error) ? error : 0;
}

/* Return: 1: it has a child; 0: there is none, and no reason; -errno. */
static int exec_by(struct launch_exec_child *c, launch_exec_by *by)
{
	pid_t pid;
	int r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, c->tell) < 0)
		return -errno;
	r = pid = by(c->exec->by_arg, c);
	c->tell[1] = close_fd(c->tell[1]);
	if (pid > 0) {
		*c->pid = pid;
		exec_tell_forked(c->exec);
		r = exec_go_by_socket(c) ?: 1;
	}
	c->tell[0] = close_fd(c->tell[0]);
	return r;
}

/* Return: as launch_exec_start(). */
static int exec_itself(struct launch_exec_child *c)
{
	size_t n = 0;
	int r = 0;

	while (c->exec->argv[n])
		if (++n > WORDS_MAX)
			return -E2BIG;
#ifdef __SANITIZE_THREAD__
	r = exec_by(c, exec_fork_apart);
	return r < 0 ? r : 0;
#endif
	if (c->exec->places)
		r = exec_place(c);
	if (!r)
		r = exec_clone(c);
	if (c->exec->places)
		launch_places_clear(c->exec->places);
	return r;
}

int launch_exec_start(struct launch_exec_child *c)
{
	const struct launch_exec *exec = c->exec;
	sigset_t all, old;
	int r = 0;

	c->parent = getpid();
	c->tell[0] = c->tell[1] = -1;
	c->error = 0;
	c->env = env_make(exec->env);
	if (!c->env)
		return -ENOMEM;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	if (exec->by)
		r = exec_by(c, exec->by);
	if (!r)
		r = exec_itself(c);
	sigprocmask(SIG_SETMASK, &old, NULL);
	free(c->env);
	return r < 0 ? r : 0;
}

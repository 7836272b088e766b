/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "input/base/child.h"
#include "input/base/fd-pass.h"
#include "input/base/fd-place.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/template/template-request.h"
#include "input/template/template-title.h"
#include "input/template/template.h"

#define EXIT_NOT_STARTED 127

struct template
{
	int fd;	  /* owned; the launcher's requests */
	int *tid; /* where libc keeps the number of this thread */
	struct template_title title;
	struct template_request request;
	int fds[FD_PASS_MAX]; /* of the request; owned */
	unsigned int n_fds;
	/* What follows is the server's: its command line, its environment. */
	char *words[TEMPLATE_WORDS_MAX];
	char packet[TEMPLATE_REQUEST_MAX];
};

/* --- in the server --- */

static int server_place_fds(struct template *t, int *tell)
{
	struct fd_place places[1 + TEMPLATE_KEEPS_MAX] = { { *tell, -1 } };
	const size_t n = t->request.n_keep;
	int r;

	for (size_t i = 0; i < n; i++)
		places[1 + i] = (struct fd_place){ t->fds[TEMPLATE_FIXED + i],
						   t->request.keep[i] };
	/* The numbers are the launcher's, whose limit may be higher. */
	fd_raise_limit();
	r = fd_place(places, 1 + n);
	*tell = places[0].fd;
	return r;
}

static int server_prepare(struct template *t, int *tell)
{
	const struct template_request *request = &t->request;
	const struct rlimit files = { request->files[0], request->files[1] };
	int r = child_bind(request->parent, request->outlives);

	if (!r)
		r = child_detach(-1, t->fds[TEMPLATE_OUT]);
	close_fd(t->fds[TEMPLATE_OUT]);
	if (!r)
		r = server_place_fds(t, tell);
	child_settle(&files, NULL);
	return r;
}

static void server_start(struct template *t, struct template_server *server)
{
	const struct template_request *request = &t->request;
	int tell = t->fds[TEMPLATE_TELL], r = getpid();
	char go;

	close_fd(t->fd);
	log_forget();
	if (write(tell, &r, sizeof(r)) != sizeof(r) || read(tell, &go, 1) != 1)
		_exit(EXIT_NOT_STARTED); /* the launcher has died */
	r = server_prepare(t, &tell);
	if (r) {
		(void)!write(tell, &r, sizeof(r));
		_exit(EXIT_NOT_STARTED);
	}
	close_fd(tell);
	template_title_set(&t->title, request->argv, request->env);
	environ = (char **)request->env;
	server->argv = (char **)request->argv;
	server->argc = 0;
	while (server->argv[server->argc])
		server->argc++;
}

/* --- in the template --- */

/*
 * A child of the parent of this process, which libc's fork() does not make. It
 * does what fork() does for a process of a single thread.
 */
static int template_fork(const struct template *t)
{
	const unsigned long flags = CLONE_PARENT | CLONE_CHILD_SETTID |
				    CLONE_CHILD_CLEARTID | SIGCHLD;
#ifdef __s390x__
	const long pid = syscall(SYS_clone, 0, flags, NULL, t->tid, NULL);
#else
	/* Either of the last two is t->tid, by the architecture. */
	const long pid = syscall(SYS_clone, flags, 0, NULL, t->tid, t->tid);
#endif
	return pid < 0 ? -errno : (int)pid;
}

/* Return: 1; 0: the launcher has closed the socket; -errno. */
static int template_receive(struct template *t)
{
	struct pollfd p = { .fd = t->fd, .events = POLLIN };
	ssize_t len = 0;

	while (!len) {
		poll(&p, 1, -1);
		len = fd_pass_recv(t->fd, t->packet, sizeof(t->packet), t->fds,
				   &t->n_fds);
	}
	if (len < 0)
		return len == -ECONNRESET ? 0 : (int)len;
	if (template_request_read(&t->request, t->packet, (size_t)len,
				  t->words) ||
	    t->n_fds != TEMPLATE_FIXED + t->request.n_keep)
		return -EBADMSG;
	return 1;
}

static void template_close_fds(struct template *t)
{
	while (t->n_fds)
		close_fd(t->fds[--t->n_fds]);
}

static int template_open(struct template *t, int fd)
{
	t->fd = fd;
	fd_set_cloexec(fd);
#ifdef __SANITIZE_THREAD__
	return -ENOSYS; /* it knows of fork() only */
#endif
	template_title_init(&t->title);
	return prctl(PR_GET_TID_ADDRESS, &t->tid) < 0 ? -errno : 0;
}

static int template_failed(int error)
{
	log_line(LOG_ERROR, CULPRIT_HOST, "--template-fd: %s",
		 strerror(-error));
	return error;
}

int template_run(int fd, struct template_server *server)
{
	/* For good. Only a template has it, not each server in its .bss. */
	static struct template *t;
	int r, pid;

	t = calloc(1, sizeof(*t));
	r = t ? template_open(t, fd) : -ENOMEM;
	if (r)
		return template_failed(r);
	while ((r = template_receive(t)) == 1) {
		pid = template_fork(t);
		if (!pid) {
			server_start(t, server);
			return 0;
		}
		/* Else the server says it. */
		if (pid < 0)
			(void)!write(t->fds[TEMPLATE_TELL], &pid, sizeof(pid));
		template_close_fds(t);
	}
	template_close_fds(t);
	close_fd(t->fd);
	return r ? template_failed(r) : 1;
}

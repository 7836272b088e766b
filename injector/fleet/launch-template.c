/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/fleet/launch-template.h"
#include "injector/process/launch-last.h"
#include "input/base/fd-pass.h"
#include "input/base/fd.h"
#include "input/template/template-request.h"

#define NAME "the template"
/*
 * For a server's first answer, which takes a millisecond, or a few if the
 * template has only just been started. The launcher does nothing else then.
 */
#define ANSWER_S 5

struct launch_template_process {
	struct launch_process process;
	struct launch_template *of; /* NULL: it is being ended */
	const struct launch_setup *setup;
	struct launch_lines lines;
	int fd; /* owned; for requests */
};

/* --- its end --- */

/* One that has been of use is followed by another. */
static const char *template_what_follows(const struct launch_template *t)
{
	return t->forks ? "its devices run on" : "devices are executed";
}

/* Nobody waits for it: it has nothing to finish. */
void launch_template_end(struct launch_template *t)
{
	struct launch_template_process *p = t->process;

	if (p) {
		p->of = NULL;
		p->fd = close_fd(p->fd);
		launch_process_signal(&p->process, SIGKILL);
	}
	t->process = NULL;
	t->useless = false;
}

static void template_free(struct launch_template_process *p)
{
	launch_lines_end(&p->lines);
	close_fd(p->fd);
	free(p);
}

static void on_template_ended(void *arg, int status)
{
	struct launch_template_process *p = arg;
	struct launch_template *t = p->of;
	char how[64];

	if (t) {
		launch_process_strend(status, how);
		launch_lines_read(&p->lines);
		launch_log_line(p->setup->log, LOG_WARNING, NAME " %s; %s", how,
				template_what_follows(t));
		t->useless = !t->forks;
		t->process = NULL;
	}
	p->setup->changed(p->setup->arg);
	template_free(p);
}

static void on_template_line(void *arg, const char *line)
{
	struct launch_template_process *p = arg;

	launch_log_put(p->setup->log, &p->setup->log->own,
		       launch_last_strip(line));
}

/* --- its start --- */

static int template_exec(const struct launch_template *t,
			 struct launch_template_process *p, int said,
			 int requests)
{
	struct launch_keep keep = { &t->setup->children->places };
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r;

	launch_argv_add(&args, "%s", t->setup->server);
	launch_argv_add(&args, "--template-fd=%d",
			launch_keep_add(&keep, requests));
	launch_argv_add(&args, "--log-level=%s", t->setup->log_level);
	r = launch_argv_check(&args);
	if (!r) {
		const struct launch_exec exec = { .argv = args.v,
						  .keep = keep.fd,
						  .n_keep = keep.n,
						  .places = keep.places,
						  .out = said };

		r = launch_process_start(t->setup->children, &p->process,
					 &exec);
	}
	launch_argv_fini(&args);
	return r;
}

static int template_spawn(struct launch_template *t,
			  struct launch_template_process *p)
{
	_cleanup_close_ int said = -1, requests = -1;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	p->fd = fd[0];
	requests = fd[1];
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	said = fd[1];
	launch_lines_start(&p->lines, fd[0]);
	return template_exec(t, p, said, requests);
}

/*
 * Before its start: what is installed later is another one. A name without a
 * slash is looked for in PATH by the start, and so known only then.
 */
static void template_note_program(struct launch_template *t)
{
	char link[48] = "";
	ssize_t n;

	snprintf(t->path, sizeof(t->path), "%s", t->setup->server);
	if (!strchr(t->path, '/')) {
		if (t->process)
			snprintf(link, sizeof(link), "/proc/%d/exe",
				 (int)t->process->process.pid);
		n = readlink(link, t->path, sizeof(t->path) - 1);
		t->path[n > 0 ? n : 0] = '\0';
	}
	if (stat(t->path, &t->program) < 0)
		*t->path = '\0';
}

static struct launch_template_process *template_new(struct launch_template *t)
{
	struct launch_template_process *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->of = t;
	p->setup = t->setup;
	p->process.ended = on_template_ended;
	p->process.arg = p;
	p->fd = -1;
	launch_lines_init(&p->lines, t->setup->loop, on_template_line, p);
	return p;
}

/* Return: 0 or -errno. */
static int template_start(struct launch_template *t)
{
	struct launch_template_process *p = template_new(t);
	int r = p ? template_spawn(t, p) : -ENOMEM;

	t->forks = false;
	if (!r)
		t->process = p;
	else if (p)
		template_free(p);
	return r;
}

static bool template_is_current(const struct launch_template *t,
				const struct stat *now)
{
	const struct stat *then = &t->program;

	return now->st_dev == then->st_dev && now->st_ino == then->st_ino &&
	       now->st_mtim.tv_sec == then->st_mtim.tv_sec &&
	       now->st_mtim.tv_nsec == then->st_mtim.tv_nsec;
}

/*
 * Return: 1: there is one, of the program that is installed; 0: there can be
 * none; -errno: that program cannot be executed.
 */
static int template_ready(struct launch_template *t)
{
	struct stat now;
	int r;

	if (*t->path && stat(t->path, &now) == 0 &&
	    !template_is_current(t, &now))
		launch_template_end(t);
	if (t->process || t->useless)
		return !!t->process;
	template_note_program(t);
	r = template_start(t);
	if (!*t->path)
		template_note_program(t);
	return r ? r : 1;
}

/* --- requests --- */

static int template_send(const struct launch_template *t,
			 const struct launch_exec_child *c)
{
	static char packet[TEMPLATE_REQUEST_MAX];
	const struct launch_exec *exec = c->exec;
	struct template_request request = {
		.argv = exec->argv,
		.env = c->env,
		.parent = c->parent,
		.outlives = exec->outlives,
		.files = { c->files->rlim_cur, c->files->rlim_max },
		.n_keep = exec->n_keep,
	};
	int fds[TEMPLATE_FDS_MAX] = {
		[TEMPLATE_TELL] = c->tell[1], [TEMPLATE_OUT] = exec->out
	};
	struct iovec iov = { packet };
	int r;

	if (exec->n_keep > TEMPLATE_KEEPS_MAX)
		return -E2BIG;
	for (size_t i = 0; i < exec->n_keep; i++) {
		fds[TEMPLATE_FIXED + i] = exec->keep[i];
		request.keep[i] = exec->places->fd[LAUNCH_PLACE_KEEP + i];
	}
	r = template_request_write(&request, packet);
	if (r < 0)
		return r;
	iov.iov_len = (size_t)r;
	return fd_pass_send(t->process->fd, &iov, fds,
			    TEMPLATE_FIXED + (unsigned int)exec->n_keep) < 0
		       ? -errno
		       : 0;
}

/* Return: the server's pid, 0: the template has ended, or -errno. */
static pid_t template_answer(struct launch_exec_child *c)
{
	struct pollfd p = { .fd = c->tell[0], .events = POLLIN };
	int pid = 0;

	/* So that it ends with the last process that has the other end. */
	c->tell[1] = close_fd(c->tell[1]);
	if (poll(&p, 1, ANSWER_S * 1000) != 1)
		return -ETIME;
	return read(c->tell[0], &pid, sizeof(pid)) == sizeof(pid) ? pid : 0;
}

pid_t launch_template_fork(void *arg, struct launch_exec_child *c)
{
	struct launch_template *t = arg;
	pid_t pid = template_ready(t);

	if (pid <= 0)
		return pid;
	if (template_send(t, c))
		return 0;
	pid = template_answer(c);
	t->forks |= pid > 0;
	if (pid != -ETIME)
		return pid;
	launch_log_line(t->setup->log, LOG_WARNING,
			NAME " did not answer for %d s; %s", ANSWER_S,
			template_what_follows(t));
	launch_template_end(t);
	t->useless = !t->forks;
	return 0;
}

void launch_template_init(struct launch_template *t,
			  const struct launch_setup *setup)
{
	*t = (struct launch_template){ .setup = setup };
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spec with placeholders is a template: each name in it, as %NAME% or
 * %NAME=DEFAULT%, is given with --set, so that a new spec needs no change here.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/server.h"
#include "tests/guest/vm.h"

#define START_MS 5000
#define STOP_MS	 3000
#define ARGS_MAX 16

static const char *const placeholders[SERVER_SETS_MAX] = {
	"WIDTH=1280",
	"HEIGHT=800",
	"INDEX=0",
	"RES=10",
};

static char *read_all(FILE *in)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t len;

	assert_non_null(in);
	len = getdelim(&text, &size, '\0', in);
	assert_true(len > 0);
	return text;
}

static void find_sets(struct server *srv, const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = read_all(in);
	size_t n = 0;

	fclose(in);
	for (size_t i = 0; i < SERVER_SETS_MAX; i++) {
		size_t len = strcspn(placeholders[i], "=");
		bool found = false;

		for (char *at = text; !found && (at = strchr(at, '%')); at++)
			found = !strncmp(at + 1, placeholders[i], len) &&
				strchr("%=-", at[len + 1]);
		if (found)
			srv->sets[n++] = placeholders[i];
	}
	free(text);
}

void server_init(struct server *srv, const char *path,
		 const struct server_options *opt)
{
	const char *base = strrchr(path, '/') + 1;

	*srv = (struct server){
		.inject_fd = -1, .status_fd = -1, .state_fd = -1, .kept_fd = -1
	};
	snprintf(srv->path, sizeof(srv->path), "%s", path);
	snprintf(srv->spec, sizeof(srv->spec), "%.*s",
		 (int)(strlen(base) - strlen(".json")), base);
	find_sets(srv, path);
	snprintf(srv->socket, sizeof(srv->socket), "%s/%.60s", opt->dir,
		 srv->spec);
	snprintf(srv->inject, sizeof(srv->inject), "%s/%.60s.in", opt->dir,
		 srv->spec);
}

/* --spec and --set, for serving as for --check-spec. */
static size_t spec_args(const struct server *srv, char **args, size_t n)
{
	assert_true(asprintf(&args[n++], "--spec=%s", srv->path) > 0);
	for (size_t i = 0; i < SERVER_SETS_MAX && srv->sets[i]; i++) {
		args[n++] = strdup("--set");
		args[n++] = strdup(srv->sets[i]);
	}
	args[n] = NULL;
	return n;
}

static void free_args(char **args)
{
	while (*args)
		free(*args++);
}

bool server_listens(const char *path)
{
	FILE *in = fopen("/proc/net/unix", "re");
	char line[512], at[256];
	unsigned int flags;
	bool found = false;

	assert_non_null(in);
	while (!found && fgets(line, sizeof(line), in))
		found = sscanf(line, "%*s %*s %*s %x %*s %*s %*s %255s", &flags,
			       at) == 2 &&
			(flags & 0x10000) && !strcmp(at, path);
	fclose(in);
	return found;
}

static void wait_listening(const struct server *srv)
{
	for (long end = now_ms() + START_MS; now_ms() < end; usleep(5000)) {
		if (!server_runs(srv))
			fail_msg("%s: the server exited, see servers.log",
				 srv->spec);
		if (server_listens(srv->socket) && server_listens(srv->inject))
			return;
	}
	fail_msg("%s: the server does not listen", srv->spec);
}

/* A server to be started: the fds that it inherits. */
struct start {
	char *args[ARGS_MAX];
	int keep;    /* an fd that it inherits with the same number */
	int state;   /* another one; -1: none */
	int in, out; /* its stdin and stdout; -1: ours, and the log */
};

static void run_child(const struct start *st, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);

	die_with_parent();
	if (st->in >= 0)
		dup2(st->in, STDIN_FILENO);
	dup2(st->out >= 0 ? st->out : fd, STDOUT_FILENO);
	dup2(fd, STDERR_FILENO);
	fcntl(st->keep, F_SETFD, 0);
	if (st->state >= 0)
		fcntl(st->state, F_SETFD, 0);
	execv(st->args[0], st->args);
	_exit(127);
}

static void start(struct server *srv, struct start *st, const char *log)
{
	srv->pid = fork();
	assert_true(srv->pid >= 0);
	if (srv->pid == 0)
		run_child(st, log);
	close(st->keep);
	if (st->in >= 0)
		close(st->in);
	if (st->out >= 0)
		close(st->out);
	free_args(st->args);
}

/* Return: the server's end; ours is srv->inject_fd. */
static int make_injector(struct server *srv)
{
	int ends[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	srv->inject_fd = ends[0];
	return ends[1];
}

/* What survives the previous server, or is created for the first one. */
static void keep(struct server *srv, struct start *st, size_t *n)
{
	if (srv->kept_fd < 0) {
		srv->kept_fd = make_injector(srv);
		srv->state_fd = memfd_create("state", MFD_CLOEXEC);
	}
	st->keep = fcntl(srv->kept_fd, F_DUPFD_CLOEXEC, 0);
	st->state = srv->state_fd;
	assert_true(st->keep >= 0 && st->state >= 0);
	assert_true(asprintf(&st->args[(*n)++], "--state-fd=%d", st->state) >
		    0);
}

static void start_ours(struct server *srv, const struct server_options *opt)
{
	struct start st = { { strdup(opt->program) }, -1, -1, -1, -1 };
	size_t n = spec_args(srv, st.args, 1);

	if (srv->keeps)
		keep(srv, &st, &n);
	else
		st.keep = make_injector(srv);
	assert_true(asprintf(&st.args[n++], "--socket-path=%s", srv->socket) >
		    0);
	assert_true(asprintf(&st.args[n++], "--inject-path=%s", srv->inject) >
		    0);
	assert_true(asprintf(&st.args[n++], "--inject-fd=%d", st.keep) > 0);
	if (srv->iommu)
		st.args[n++] = strdup("--iommu");
	start(srv, &st, opt->log);
	wait_listening(srv);
}

/* As Cuttlefish's launcher does: it creates the VMM's socket in advance. */
static int make_listener(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	unlink(path);
	assert_int_equal(bind(fd, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void start_as_cuttlefish(struct server *srv,
				const struct server_options *opt)
{
	struct start st = { { strdup(opt->program) }, -1, -1, -1, -1 };
	int status[2];

	assert_int_equal(pipe2(status, O_CLOEXEC), 0);
	fcntl(status[0], F_SETFL, O_NONBLOCK);
	srv->status_fd = status[0];
	st.out = status[1];
	st.in = make_injector(srv);
	st.keep = make_listener(srv->socket);
	st.args[1] = strdup("--verbosity=DEBUG");
	assert_true(asprintf(&st.args[2], "--socket-fd=%d", st.keep) > 0);
	assert_true(asprintf(&st.args[3], "--device-config=%s", srv->path) > 0);
	start(srv, &st, opt->log);
}

void server_start(struct server *srv, const struct server_options *opt)
{
	if (srv->cuttlefish)
		start_as_cuttlefish(srv, opt);
	else
		start_ours(srv, opt);
}

bool server_runs(const struct server *srv)
{
	siginfo_t info = { 0 };

	return srv->pid > 0 &&
	       waitid(P_PID, (id_t)srv->pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

void server_kill(struct server *srv)
{
	if (srv->pid > 0) {
		kill(srv->pid, SIGKILL);
		waitpid(srv->pid, NULL, 0);
	}
	srv->pid = 0;
	if (!srv->keeps)
		server_leave(srv);
}

int server_stop(struct server *srv)
{
	int status = 0;

	server_leave(srv);
	if (srv->status_fd >= 0)
		close(srv->status_fd);
	srv->status_fd = -1;
	if (srv->pid <= 0)
		return 0;
	kill(srv->pid, SIGTERM);
	for (long end = now_ms() + STOP_MS; now_ms() < end; usleep(5000))
		if (!server_runs(srv))
			break;
	kill(srv->pid, SIGKILL);
	waitpid(srv->pid, &status, 0);
	srv->pid = 0;
	return status;
}

char *server_print_spec(const struct server *srv,
			const struct server_options *opt)
{
	char command[1024], *args[ARGS_MAX] = { 0 }, *text, *rules;
	size_t len = 0;
	FILE *out;

	spec_args(srv, args, 0);
	len += (size_t)snprintf(command, sizeof(command), "%s --check-spec",
				opt->program);
	for (size_t i = 0; args[i]; i++)
		len += (size_t)snprintf(command + len, sizeof(command) - len,
					" '%s'", args[i]);
	free_args(args);
	out = popen(command, "re");
	text = read_all(out);
	assert_int_equal(pclose(out), 0);
	rules = strstr(text, "\nAxes ");
	if (rules)
		rules[1] = '\0';
	return text;
}

int server_connect(const struct server *srv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", srv->inject);
	assert_int_equal(connect(fd, (void *)&addr, sizeof(addr)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

void server_write(int fd, const void *data, size_t len)
{
	size_t done = 0;

	for (long end = now_ms() + START_MS; done < len && now_ms() < end;) {
		struct pollfd pfd = { fd, POLLOUT, 0 };
		ssize_t sent;

		poll(&pfd, 1, 100);
		sent = send(fd, (const char *)data + done, len - done,
			    MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			fail_msg("inject: %s", strerror(errno));
		done += sent > 0 ? (size_t)sent : 0;
	}
	assert_int_equal(done, len);
}

void server_inject(const struct server *srv, const struct vi_event *ev,
		   size_t n)
{
	server_write(srv->inject_fd, ev, n * sizeof(*ev));
}

void server_leave(struct server *srv)
{
	int *const fds[] = { &srv->inject_fd, &srv->kept_fd, &srv->state_fd };

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

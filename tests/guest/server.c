/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A spec with placeholders is a template: each name that stands in it as
 * %NAME% or %NAME=DEFAULT% is given with --set, so that a new spec needs
 * nothing here.
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
#include <sys/socket.h>
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
				(at[len + 1] == '%' || at[len + 1] == '=');
		if (found)
			srv->sets[n++] = placeholders[i];
	}
	free(text);
}

void server_init(struct server *srv, const char *path,
		 const struct server_options *opt)
{
	const char *base = strrchr(path, '/') + 1;

	*srv = (struct server){ .inject_fd = -1 };
	snprintf(srv->spec, sizeof(srv->spec), "%.*s",
		 (int)(strlen(base) - strlen(".json")), base);
	find_sets(srv, path);
	snprintf(srv->socket, sizeof(srv->socket), "%s/%.60s", opt->dir,
		 srv->spec);
	snprintf(srv->inject, sizeof(srv->inject), "%s/%.60s.in", opt->dir,
		 srv->spec);
}

/* --spec and --set, what serving and --check-spec have in common. */
static size_t spec_args(const struct server *srv, char **args, size_t n)
{
	assert_true(asprintf(&args[n++], "--spec=specs/%s.json", srv->spec) >
		    0);
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

/*
 * Whether somebody listens at the path, asked of the kernel: to connect would
 * be one front-end more than the test is about.
 */
static bool listens(const char *path)
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
			fail_msg("%s: the server ended, see servers.log",
				 srv->spec);
		if (listens(srv->socket) && listens(srv->inject))
			return;
	}
	fail_msg("%s: the server does not listen", srv->spec);
}

void server_start(struct server *srv, const struct server_options *opt)
{
	char *args[ARGS_MAX] = { strdup(opt->program) };
	size_t n = spec_args(srv, args, 1);
	int ends[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_true(asprintf(&args[n++], "--socket-path=%s", srv->socket) > 0);
	assert_true(asprintf(&args[n++], "--inject-path=%s", srv->inject) > 0);
	assert_true(asprintf(&args[n++], "--inject-fd=%d", ends[1]) > 0);
	srv->pid = fork();
	assert_true(srv->pid >= 0);
	if (srv->pid == 0) {
		int fd = open(opt->log, O_WRONLY | O_CREAT | O_APPEND, 0644);

		die_with_parent();
		dup2(fd, 1);
		dup2(fd, 2);
		fcntl(ends[1], F_SETFD, 0);
		execv(args[0], args);
		_exit(127);
	}
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	srv->inject_fd = ends[0];
	free_args(args);
	wait_listening(srv);
}

bool server_runs(const struct server *srv)
{
	siginfo_t info = { 0 };

	return srv->pid > 0 &&
	       waitid(P_PID, (id_t)srv->pid, &info,
		      WEXITED | WNOHANG | WNOWAIT) == 0 &&
	       info.si_pid == 0;
}

int server_stop(struct server *srv)
{
	int status = 0;

	if (srv->inject_fd >= 0)
		close(srv->inject_fd);
	srv->inject_fd = -1;
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
	char command[1024], *args[ARGS_MAX] = { 0 }, *text;
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

void server_inject(const struct server *srv, const struct vi_event *ev,
		   size_t n)
{
	size_t len = n * sizeof(*ev), done = 0;

	for (long end = now_ms() + START_MS; done < len && now_ms() < end;) {
		struct pollfd pfd = { srv->inject_fd, POLLOUT, 0 };
		ssize_t sent;

		poll(&pfd, 1, 100);
		sent = send(srv->inject_fd, (const char *)ev + done, len - done,
			    MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			fail_msg("%s: inject: %s", srv->spec, strerror(errno));
		done += sent > 0 ? (size_t)sent : 0;
	}
	assert_int_equal(done, len);
}

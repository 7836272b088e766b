/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/account.h"
#include "input/options.h"

/* sd_listen_fds(3): the first socket that a service manager passes. */
#define LISTEN_FDS_START 3
#define STALL_MS	 100
#define HELP_COLUMN	 34

#define fail(p, ...)   cmdline_refuse((p)->line.why, __VA_ARGS__)
#define given(p, name) cmdline_given(&(p)->line, name)

void options_help(void)
{
	puts("Usage: vhost-user-input --socket-path=PATH --spec=FILE|NAME "
	     "[OPTION]...\n"
	     "Serve one virtio-input device to a VMM over vhost-user.\n");
	cmdline_help(options_rows, options_n_rows, HELP_COLUMN);
	puts("\nSee vhost-user-input(1) and vhost-user-input-spec(5).");
}

/* Socket activation: an fd that a service manager meant for this process. */
static bool inherits_listen_fd(void)
{
	const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

	return pid && n && atol(pid) == getpid() && atoi(n) > 0;
}

/* At most one of these options may be given; NULL ends them. */
static int options_exclude(struct options_parser *p, const char *const *names)
{
	const char *first = NULL;

	for (; *names; names++) {
		if (!given(p, *names))
			continue;
		if (first)
			return fail(p, "--%s and --%s exclude each other",
				    first, *names);
		first = *names;
	}
	return 0;
}

/* What one option needs of others, whatever the program is to do. */
static int check_options(struct options_parser *p)
{
	static const char *const sockets[] = { "socket-path", "fd", "socket-fd",
					       NULL };
	static const char *const specs[] = { "spec", "device-config", NULL };
	struct options *o = p->o;

	if (options_exclude(p, sockets) || options_exclude(p, specs))
		return -EINVAL;
	if (!o->spec)
		return fail(p, "--spec=FILE or --spec=NAME is required");
	if (given(p, "inject-type") && !o->inject_path)
		return fail(p, "--inject-type requires --inject-path");
	if ((given(p, "inject-allow-uid") || given(p, "inject-allow-gid")) &&
	    !o->inject_path)
		return fail(p, "--inject-allow-uid and --inject-allow-gid "
			       "require --inject-path");
	if (given(p, "user") && o->gid == ACCOUNT_NO_GID)
		return fail(p, "--user=%s: has no group; --group is required",
			    given(p, "user"));
	return 0;
}

/* An inherited fd serves for one thing only. */
static int check_used_once(struct options_parser *p)
{
	const struct options *o = p->o;
	struct {
		int fd;
		const char *whose;
	} use[OPTIONS_INJECT_FDS_MAX + 5] = {
		{ o->fd, "the front-end" },
		{ o->state_fd, "--state-fd" },
		{ o->ready_fd, "--ready-fd" },
		{ o->stdio ? STDIN_FILENO : -1, "injected events" },
		{ o->stdio ? STDOUT_FILENO : -1, "status events" },
	};
	size_t n = 5;

	for (size_t i = 0; i < o->n_inject_fds; i++, n++) {
		use[n].fd = o->inject_fds[i];
		use[n].whose = "--inject-fd";
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < i && use[i].fd >= 0; k++)
			if (use[k].fd == use[i].fd)
				return fail(p, "fd %d is used twice: %s and %s",
					    use[i].fd, use[k].whose,
					    use[i].whose);
	return 0;
}

/* What serving needs. */
static int check_fds(struct options_parser *p)
{
	struct options *o = p->o;

	if (!o->socket_path && o->fd < 0 && inherits_listen_fd())
		o->fd = LISTEN_FDS_START;
	if (!o->socket_path && o->fd < 0)
		return fail(p, "--socket-path=PATH or --fd=N is required");
	o->stdio = (given(p, "device-config") || given(p, "socket-fd")) &&
		   !o->n_inject_fds && !o->inject_path;
	return check_used_once(p);
}

static void set_defaults(struct options *o)
{
	*o = (struct options){
		.action = OPTIONS_SERVE,
		.log_level = LOG_INFO,
		.fd = -1,
		.state_fd = -1,
		.ready_fd = -1,
		.access = { .mode = 0600, .group = ACCOUNT_NO_GID },
		.inject_type = SOCK_STREAM,
		.overflow = DEVICE_FOLD,
		.stall_ms = STALL_MS,
		.sandbox = SANDBOX_DEFAULT,
		.uid = ACCOUNT_NO_UID,
		.gid = ACCOUNT_NO_GID,
	};
}

/* vhost-user: "--print-capabilities": the other options do not count. */
static bool asks_capabilities(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--print-capabilities"))
			return true;
	return false;
}

int options_parse(struct options *o, int argc, char **argv, char why[256])
{
	struct options_parser p = { .o = o,
				    .line = { .rows = options_rows,
					      .n_ids = options_n_rows,
					      .argc = argc,
					      .argv = argv,
					      .why = why } };
	int r;

	set_defaults(o);
	if (asks_capabilities(argc, argv)) {
		o->action = OPTIONS_PRINT_CAPABILITIES;
		return 0;
	}
	cmdline_start(&p.line);
	r = cmdline_take(&p.line);
	if (r)
		return r < 0 ? r : 0;
	if (optind < argc)
		return fail(&p, "unexpected argument %s; see --help",
			    argv[optind]);
	r = check_options(&p);
	if (!r && o->action == OPTIONS_SERVE)
		r = check_fds(&p);
	return r;
}

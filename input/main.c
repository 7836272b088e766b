/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vhost-user-input: reads the options and the spec, opens the sockets, confines
 * itself, wires the server up and runs it. Exit status: 0 after SIGTERM or
 * SIGINT or the end of an only front-end, 2 for a wrong command line, 1 for
 * what else could not be set up.
 */
#include <errno.h>
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/options.h"
#include "input/sandbox/sandbox.h"
#include "input/serve/server.h"
#include "input/base/socket-path.h"
#include "input/spec/spec-file.h"
#include "input/spec/spec-print.h"

enum {
	STATUS_OK,
	STATUS_FAILED,
	STATUS_USAGE,
};

static int load_spec(struct spec *spec, const void *arg)
{
	const struct options *o = arg;
	const char *why;

	if (spec_file_load(spec, o->spec, o->sets, o->n_sets))
		return STATUS_FAILED;
	if (o->name && spec_set_name(spec, o->name, &why)) {
		log_line(LOG_ERROR, LOG_NOBODY, "--name=%s: %s", o->name, why);
		return STATUS_USAGE;
	}
	if (o->serial && spec_set_serial(spec, o->serial, &why)) {
		log_line(LOG_ERROR, LOG_NOBODY, "--serial=%s: %s", o->serial,
			 why);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* The socket files, removed at the end in whatever way it comes. */
struct sockets {
	struct socket_path frontend, injectors, stats;
};

/* path: NULL for none. */
static int listen_at(struct socket_path *sp, const char *path, int type,
		     const struct options *o)
{
	int r = path ? socket_path_listen(sp, path, type, &o->access) : 0;

	if (r)
		log_line(LOG_ERROR, LOG_HOST, "cannot listen at %s: %s", path,
			 socket_path_strerror(r));
	return r;
}

static int offer_postcopy(struct server *s, const struct options *o)
{
	int r = o->postcopy ? server_offer_postcopy(s) : 0;

	if (r)
		log_line(LOG_ERROR, LOG_HOST, "--postcopy: no userfaultfd: %s",
			 strerror(-r));
	return r;
}

static int open_sockets(struct sockets *s, const struct options *o)
{
	int r = listen_at(&s->injectors, o->inject_path, o->inject_type, o);

	if (!r)
		r = listen_at(&s->stats, o->stats_path, SOCK_STREAM, o);
	if (!r)
		r = listen_at(&s->frontend, o->socket_path, SOCK_STREAM, o);
	if (!o->socket_path)
		fd_name_socket(o->fd);
	return r;
}

static void close_sockets(struct sockets *s)
{
	socket_path_fini(&s->frontend);
	socket_path_fini(&s->injectors);
	socket_path_fini(&s->stats);
}

/*
 * All that is opened by a path is open, and nothing is read yet that somebody
 * else has written.
 */
static int confine(const struct options *o)
{
	char spec[SPEC_FILE_PATH_MAX];
	const struct sandbox sandbox = {
		.mode = o->sandbox,
		.uid = o->uid,
		.gid = o->gid,
		.postcopy = o->postcopy,
		.paths = { .read = { spec },
			   .removed = { o->socket_path, o->inject_path,
					o->stats_path } },
	};

	spec_file_find(o->spec, spec);
	return sandbox_enter(&sandbox);
}

static int add_inherited(struct server *s, int fd, int status_fd,
			 unsigned int i)
{
	int r = s->dev->persistent
			? injectors_add_persistent(&s->injectors, fd, status_fd,
						   i)
			: injectors_add(&s->injectors, fd, status_fd);

	if (r)
		log_line(LOG_ERROR, LOG_HOST,
			 "cannot take events from fd %d: %s", fd,
			 r == -EINVAL ? "it is a listening socket"
				      : strerror(-r));
	return r;
}

/* Before the injectors: they go on with what is kept. */
static int add_persistent(struct server *s, const struct options *o,
			  struct persistent **persistent)
{
	unsigned int n = (unsigned int)o->n_inject_fds + o->stdio;
	int r;

	if (o->state_fd < 0)
		return 0;
	r = persistent_open(persistent, o->state_fd, n);
	if (r)
		log_line(LOG_ERROR, LOG_HOST,
			 "--state-fd=%d: cannot be mapped: %s", o->state_fd,
			 strerror(-r));
	else
		device_keep(s->dev, *persistent);
	return r;
}

static int add_injectors(struct server *s, const struct options *o,
			 const struct sockets *sockets)
{
	if (o->stdio && add_inherited(s, STDIN_FILENO, STDOUT_FILENO, 0))
		return -1;
	for (unsigned int i = 0; i < o->n_inject_fds; i++)
		if (add_inherited(s, o->inject_fds[i], -1, i))
			return -1;
	if (!o->inject_path)
		return 0;
	return injectors_listen(&s->injectors, sockets->injectors.fd,
				&o->inject_allow);
}

static int add_frontend(struct server *s, const struct options *o,
			const struct sockets *sockets)
{
	const int fd = o->socket_path ? sockets->frontend.fd : o->fd;
	int r = server_serve(s, fd);

	if (r)
		log_line(LOG_ERROR, LOG_HOST,
			 "fd %d cannot be the front-end's: %s", fd,
			 r == -EINVAL ? "not a stream socket" : strerror(-r));
	return r;
}

static int add_stats(struct server *s, const struct options *o,
		     const struct sockets *sockets)
{
	return o->stats_path ? stats_listen(&s->stats, sockets->stats.fd) : 0;
}

static int serve(const struct spec *spec, const struct options *o)
{
	struct sockets sockets = { SOCKET_PATH_NULL, SOCKET_PATH_NULL,
				   SOCKET_PATH_NULL };
	const char *why;
	struct ev_loop *loop = loop_of_process(&why);
	static struct server s;
	struct persistent *persistent = NULL;
	int r;

	if (!loop) {
		log_line(LOG_ERROR, LOG_HOST, "no event loop: %s", why);
		return STATUS_FAILED;
	}
	r = server_init(&s, loop, spec);
	if (r) {
		log_line(LOG_ERROR, LOG_HOST, "%s", strerror(-r));
		server_fini(&s);
		return STATUS_FAILED;
	}
	server_set_overflow(&s, o->overflow, o->stall_ms);
	if (o->iommu)
		vu_backend_offer_iommu(frontend_link_backend(&s.link));
	if (o->inband)
		vu_backend_offer_inband(frontend_link_backend(&s.link));
	s.session.spec.read = load_spec;
	s.session.spec.arg = o;
	loop_set_busy_poll(o->busy_poll_us);
	if (open_sockets(&sockets, o) || confine(o) || offer_postcopy(&s, o) ||
	    add_persistent(&s, o, &persistent) ||
	    add_injectors(&s, o, &sockets) || add_stats(&s, o, &sockets) ||
	    add_frontend(&s, o, &sockets))
		r = STATUS_FAILED;
	if (!r) {
		log_line(LOG_INFO, LOG_NOBODY, "serving \"%s\"", spec->name);
		ev_run(loop, 0);
		log_line(LOG_INFO, LOG_NOBODY, "stopped");
	}
	close_sockets(&sockets);
	server_fini(&s);
	persistent_close(persistent);
	return r ? STATUS_FAILED : STATUS_OK;
}

static int run(const struct options *o)
{
	static struct spec spec;
	int r;

	switch (o->action) {
	case OPTIONS_HELP:
		options_help();
		return STATUS_OK;
	case OPTIONS_VERSION:
		puts("vhost-user-input " VERSION);
		return STATUS_OK;
	case OPTIONS_PRINT_CAPABILITIES:
		puts("{\"type\": \"input\", \"features\": []}");
		return STATUS_OK;
	case OPTIONS_CHECK_SPEC:
		r = load_spec(&spec, o);
		if (!r)
			spec_print(stdout, &spec);
		return r;
	case OPTIONS_SERVE:
		r = load_spec(&spec, o);
		return r ? r : serve(&spec, o);
	}
	return STATUS_FAILED;
}

int main(int argc, char **argv)
{
	struct options o;
	char why[256];
	int r;

	fd_fill_standard();
	signal(SIGPIPE, SIG_IGN);
	r = options_parse(&o, argc, argv, why);
	if (r) {
		log_line(LOG_ERROR, LOG_NOBODY, "%s", why);
		return STATUS_USAGE;
	}
	log_set_level(o.log_level);
	r = run(&o);
	if (fflush(stdout) == EOF && !r)
		r = STATUS_FAILED;
	return r;
}

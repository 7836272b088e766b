/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vhost-user-input: reads the options and the spec, opens the sockets, confines
 * itself, sets the server up and runs it. Exit status: 0 after SIGTERM, SIGINT
 * or the end of the connected front-end of --fd; 2 for a wrong command line; 1
 * for other failures.
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
#include "input/base/notify.h"
#include "input/base/outlet.h"
#include "input/base/socket-path.h"
#include "input/options.h"
#include "input/sandbox/sandbox.h"
#include "input/serve/persistent-file.h"
#include "input/serve/server.h"
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

	if (spec_file_load(spec, o->spec, o->sets.set, o->sets.n))
		return STATUS_FAILED;
	if (o->name && spec_set_name(spec, o->name, &why)) {
		log_line(LOG_ERROR, CULPRIT_NONE, "--name=%s: %s", o->name,
			 why);
		return STATUS_USAGE;
	}
	if (o->serial && spec_set_serial(spec, o->serial, &why)) {
		log_line(LOG_ERROR, CULPRIT_NONE, "--serial=%s: %s", o->serial,
			 why);
		return STATUS_USAGE;
	}
	return STATUS_OK;
}

/* What is open while the device is served. */
struct service {
	const struct options *o;
	/* The socket files, removed at the end whether the start failed or not.
	 */
	struct socket_path frontend, injectors, stats;
	int status_fd; /* where a source at stdin gets its status; -1: none */
	struct persistent *persistent;
	struct notify notify;
	char reload_error[1024]; /* of the last time that the spec was read */
	struct server server;
};

/* path: NULL for none. */
static int listen_at(struct socket_path *sp, const char *path, int type,
		     const struct options *o)
{
	int r = path ? socket_path_listen(sp, path, type, &o->access) : 0;

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "cannot listen at %s: %s",
			 path, socket_path_strerror(r));
	return r;
}

static int open_sockets(struct service *sv)
{
	const struct options *o = sv->o;
	int r = listen_at(&sv->injectors, o->inject_path, o->inject_type, o);

	if (!r)
		r = listen_at(&sv->stats, o->stats_path, SOCK_STREAM, o);
	if (!r)
		r = listen_at(&sv->frontend, o->socket_path, SOCK_STREAM, o);
	if (!o->socket_path)
		fd_name_socket(o->fd);
	sv->status_fd = o->stdio ? outlet_open(STDOUT_FILENO) : -1;
	return r;
}

/*
 * After everything with a path is open, and before anything is read that a peer
 * has written.
 */
static int service_confine(const struct options *o)
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

static int offer_postcopy(struct service *sv)
{
	int r = sv->o->postcopy ? server_offer_postcopy(&sv->server) : 0;

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "--postcopy: cannot use userfaultfd: %s",
			 strerror(-r));
	return r;
}

/* Before the injectors, which continue with what is in it. */
static int add_persistent(struct service *sv)
{
	const struct options *o = sv->o;
	unsigned int n = (unsigned int)o->n_inject_fds + o->stdio;
	int r;

	if (o->state_fd < 0)
		return 0;
	r = persistent_file_open(&sv->persistent, o->state_fd, n,
				 sv->server.dev->spec);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "--state-fd=%d: cannot be mapped: %s", o->state_fd,
			 strerror(-r));
	else
		server_keep(&sv->server, sv->persistent);
	return r;
}

static int add_inherited(struct service *sv, int fd, int status_fd)
{
	int r = server_add_injector(&sv->server, fd, status_fd);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "cannot read events from fd %d: %s", fd,
			 r == -EINVAL ? "it is a listening socket"
				      : strerror(-r));
	return r;
}

static int add_injectors(struct service *sv)
{
	const struct options *o = sv->o;

	if (o->stdio && add_inherited(sv, STDIN_FILENO, sv->status_fd))
		return -1;
	for (size_t i = 0; i < o->n_inject_fds; i++)
		if (add_inherited(sv, o->inject_fds[i], -1))
			return -1;
	return o->inject_path
		       ? server_listen_injectors(&sv->server, sv->injectors.fd,
						 &o->inject_allow)
		       : 0;
}

static int add_stats(struct service *sv)
{
	return sv->o->stats_path
		       ? server_listen_stats(&sv->server, sv->stats.fd)
		       : 0;
}

static int add_frontend(struct service *sv)
{
	const int fd = sv->o->socket_path ? sv->frontend.fd : sv->o->fd;
	int r = server_serve(&sv->server, fd);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST,
			 "cannot serve a front-end on fd %d: %s", fd,
			 r == -EINVAL ? "not a stream socket" : strerror(-r));
	return r;
}

static int reload_spec(struct spec *spec, const void *arg)
{
	struct service *sv = (void *)arg;
	int r;

	notify_reloading(&sv->notify);
	log_keep_error(sv->reload_error, sizeof(sv->reload_error));
	r = load_spec(spec, sv->o);
	log_keep_error(NULL, 0);
	return r;
}

static void report_reload(void *arg, int r)
{
	struct service *sv = arg;

	if (r == -EINVAL)
		notify_reloaded(&sv->notify, sv->reload_error);
	else
		notify_reloaded(&sv->notify, r ? strerror(-r) : NULL);
}

static void set_options(struct service *sv)
{
	const struct options *o = sv->o;

	server_set_overflow(&sv->server, o->overflow, o->stall_ms);
	server_set_spec_reader(&sv->server, reload_spec, sv);
	server_report_reloads(&sv->server, report_reload, sv);
	if (o->iommu)
		server_offer_iommu(&sv->server);
	if (o->inband)
		server_offer_inband(&sv->server);
	loop_set_busy_poll(o->busy_poll_us);
}

/* Return: whether everything is open; if not, the reason was logged. */
static bool service_start(struct service *sv, struct ev_loop *loop,
			  const struct spec *spec)
{
	int r = server_init(&sv->server, loop, spec);

	if (r) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
		return false;
	}
	set_options(sv);
	notify_open(&sv->notify, sv->o->ready_fd);
	return !open_sockets(sv) && !service_confine(sv->o) &&
	       !offer_postcopy(sv) && !add_persistent(sv) &&
	       !add_injectors(sv) && !add_stats(sv) && !add_frontend(sv);
}

static void service_run(struct service *sv, const char *name)
{
	int r;

	log_line(LOG_INFO, CULPRIT_NONE, "serving \"%s\"", name);
	r = notify_ready(&sv->notify);
	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd=%d: %s",
			 sv->o->ready_fd, strerror(-r));
	ev_run(sv->server.loop, 0);
	notify_stopping(&sv->notify);
	log_line(LOG_INFO, CULPRIT_NONE, "stopped");
}

static void service_stop(struct service *sv)
{
	socket_path_fini(&sv->frontend);
	socket_path_fini(&sv->injectors);
	socket_path_fini(&sv->stats);
	server_fini(&sv->server);
	persistent_file_close(sv->persistent);
	notify_close(&sv->notify);
}

static int serve(const struct spec *spec, const struct options *o)
{
	static struct service sv;
	const char *why;
	struct ev_loop *loop = loop_of_process(&why);
	bool started;

	if (!loop) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no event loop: %s", why);
		return STATUS_FAILED;
	}
	sv.o = o;
	sv.frontend = sv.injectors = sv.stats = SOCKET_PATH_NULL;
	sv.notify = NOTIFY_NULL;
	started = service_start(&sv, loop, spec);
	if (started)
		service_run(&sv, spec->name);
	service_stop(&sv);
	return started ? STATUS_OK : STATUS_FAILED;
}

static void print_spec(const struct spec *spec)
{
	spec_print(stdout, spec);
	spec_print_rules(stdout, spec);
}

static int run_action(const struct options *o)
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
			print_spec(&spec);
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
	log_open();
	r = options_parse(&o, argc, argv, why);
	if (r) {
		log_line(LOG_ERROR, CULPRIT_NONE, "%s", why);
		return STATUS_USAGE;
	}
	log_set_level(o.log_level);
	r = run_action(&o);
	if (fflush(stdout) == EOF && !r)
		r = STATUS_FAILED;
	log_close();
	return r;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/base/outlet.h"
#include "input/base/stack.h"
#include "input/serve/persistent-file.h"
#include "input/serve/service.h"

/* path: NULL for none. */
static int listen_at(struct socket_path *sp, const char *path, int type,
		     const struct service_options *o)
{
	int r = path ? socket_path_listen(sp, path, type, &o->access) : 0;

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "cannot listen at %s: %s",
			 path, socket_path_strerror(r));
	return r;
}

static int open_sockets(struct service *sv)
{
	const struct service_options *o = sv->o;
	int r = listen_at(&sv->injectors, o->inject_path, o->inject_type, o);

	if (!r)
		r = listen_at(&sv->stats, o->stats_path, SOCK_STREAM, o);
	if (!r)
		r = listen_at(&sv->frontend, o->socket_path, SOCK_STREAM, o);
	if (!r && o->vfio)
		r = server_open_device(&sv->server, o->vfio);
	if (!o->socket_path && !o->vfio)
		fd_name_socket(o->fd);
	sv->status_fd = o->stdio ? outlet_open(STDOUT_FILENO) : -1;
	return r;
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
	const struct service_options *o = sv->o;
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
	const struct service_options *o = sv->o;
	int r = o->stdio ? add_inherited(sv, STDIN_FILENO, sv->status_fd) : 0;

	for (size_t i = 0; i < o->n_inject_fds && !r; i++)
		r = add_inherited(sv, o->inject_fds[i], -1);
	if (r || !o->inject_path)
		return r;
	return server_listen_injectors(&sv->server, sv->injectors.fd,
				       &o->inject_allow);
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
	int r;

	if (sv->o->vfio)
		return server_serve_device(&sv->server);
	r = server_serve(&sv->server, fd);
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
	r = sv->read_spec(spec, sv->read_spec_arg);
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
	const struct service_options *o = sv->o;

	server_set_overflow(&sv->server, o->overflow, o->stall_ms);
	if (o->no_rings)
		server_refuse_rings(&sv->server);
	if (sv->read_spec) {
		server_set_spec_reader(&sv->server, reload_spec, sv);
		server_report_reloads(&sv->server, report_reload, sv);
	}
	if (o->iommu)
		server_offer_iommu(&sv->server);
	if (o->inband)
		server_offer_inband(&sv->server);
	if (o->vfio)
		server_expect_device(&sv->server);
	loop_set_busy_poll(o->busy_poll_us);
}

/*
 * The process that is to be replaced still has the sockets, the injectors and
 * the persistent file, so none of them is touched before it has ended.
 */
static int stand_by(struct service *sv)
{
	const struct service_options *o = sv->o;
	uint64_t features, protocol;
	ssize_t n;
	char c;

	if (o->standby_fd < 0)
		return 0;
	server_offers(&sv->server, &features, &protocol);
	if (o->postcopy)
		protocol |= UINT64_C(1) << VU_PROTOCOL_F_PAGEFAULT;
	dprintf(o->standby_fd, "0x%llx 0x%llx\n", (unsigned long long)features,
		(unsigned long long)protocol);
	do
		n = read(o->standby_fd, &c, 1);
	while (n < 0 && errno == EINTR);
	close_fd(o->standby_fd);
	return n == 1 ? 0 : -ECANCELED;
}

void service_leave_stdio(const struct service_options *o)
{
	for (int fd = STDIN_FILENO; fd <= STDOUT_FILENO; fd++)
		if (!service_options_use(o, fd))
			close(fd);
}

void service_init(struct service *sv, const struct service_options *o)
{
	*sv = (struct service){ .o = o, .status_fd = -1 };
	sv->frontend = sv->injectors = sv->stats = SOCKET_PATH_NULL;
	sv->notify = NOTIFY_NULL;
}

int service_open(struct service *sv, struct ev_loop *loop,
		 const struct spec *spec)
{
	int r = server_init(&sv->server, loop, spec);

	if (r) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
		return r;
	}
	set_options(sv);
	r = stand_by(sv);
	if (r)
		return r;
	notify_open(&sv->notify, sv->o->ready_fd);
	return open_sockets(sv);
}

int service_start(struct service *sv)
{
	int r = offer_postcopy(sv);

	if (!r)
		r = add_persistent(sv);
	if (!r)
		r = add_injectors(sv);
	if (!r)
		r = add_stats(sv);
	return r ? r : add_frontend(sv);
}

void service_ready(struct service *sv)
{
	stack_return_unused();
	int r = notify_ready(&sv->notify);

	if (r)
		log_line(LOG_WARNING, CULPRIT_HOST, "--ready-fd=%d: %s",
			 sv->o->ready_fd, strerror(-r));
}

void service_stopping(struct service *sv)
{
	notify_stopping(&sv->notify);
}

void service_fini(struct service *sv)
{
	socket_path_fini(&sv->frontend);
	socket_path_fini(&sv->injectors);
	socket_path_fini(&sv->stats);
	if (sv->server.loop)
		server_fini(&sv->server);
	persistent_file_close(sv->persistent);
	sv->persistent = NULL;
	notify_close(&sv->notify);
}

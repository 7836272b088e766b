/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hop: a frame that was read from the node is in the guest's ring before
 * the loop sleeps again. The node is one of the device's sources, and injectors
 * may be others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/passthrough/pass-serve.h"
#include "input/base/container.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/base/socket-path.h"
#include "input/serve/local-source.h"

/*
 * So long frames wait for a guest that takes none: what somebody types while it
 * hangs for a moment is not to be folded. There is space for some thousands.
 */
#define STALL_MS LOOP_TIMER_MAX_MS

struct pass_serve {
	struct pass_outlet outlet;
	bool has_server;
	struct server server;
	struct local_source source;
	struct socket_path frontend, injectors;
};

static bool serve_send(void *arg, const struct vi_event *ev, size_t n)
{
	struct pass_serve *sv = arg;

	return local_source_send(&sv->source, ev, n);
}

static void serve_make_space(void *arg)
{
	struct pass_serve *sv = arg;

	local_source_fold(&sv->source);
}

static void serve_resumed(void *arg)
{
	struct pass_serve *sv = arg;

	pass_outlet_resume(&sv->outlet);
}

static void serve_status(void *arg, const struct vi_event *ev, size_t n)
{
	struct pass_serve *sv = arg;

	pass_outlet_status(&sv->outlet, ev, n);
}

/* path: NULL for none. */
static int serve_listen(struct socket_path *sp, const char *path)
{
	const struct socket_access access = { .mode = 0600,
					      .group = (gid_t)-1 };
	int r = path ? socket_path_listen(sp, path, SOCK_STREAM, &access) : 0;

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "cannot listen at %s: %s",
			 path, socket_path_strerror(r));
	return r;
}

static int serve_engine(struct pass_serve *sv)
{
	static const struct peer_allow all;
	struct pass_device *d = sv->outlet.device;
	struct server *s = &sv->server;
	int r = server_init(s, d->loop, &d->node.spec);

	sv->has_server = true;
	if (r)
		return r;
	server_set_overflow(s, DEVICE_FOLD, STALL_MS);
	sv->source.status = serve_status;
	sv->source.resumed = serve_resumed;
	sv->source.arg = sv;
	r = local_source_start(&sv->source, s);
	if (!r && sv->injectors.fd >= 0)
		r = server_listen_injectors(s, sv->injectors.fd, &all);
	return r ? r : server_serve(s, sv->frontend.fd);
}

static void serve_free(struct pass_outlet *o)
{
	struct pass_serve *sv = container_of(o, struct pass_serve, outlet);

	if (sv->source.server)
		local_source_flush(&sv->source);
	if (sv->has_server) {
		local_source_fini(&sv->source);
		server_fini(&sv->server);
	}
	socket_path_fini(&sv->frontend);
	socket_path_fini(&sv->injectors);
	free(sv);
}

static int serve_open(struct pass_serve *sv, const char *socket_path,
		      const char *inject_path)
{
	int r = serve_listen(&sv->injectors, inject_path);

	if (!r)
		r = serve_listen(&sv->frontend, socket_path);
	if (r)
		return r;
	r = serve_engine(sv);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
	return r;
}

struct pass_outlet *pass_serve_new(struct pass_device *d,
				   const char *socket_path,
				   const char *inject_path)
{
	struct pass_serve *sv = calloc(1, sizeof(*sv));

	if (!sv) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(ENOMEM));
		return NULL;
	}
	sv->outlet.sink = (struct pass_sink){ .send = serve_send,
					      .make_space = serve_make_space,
					      .arg = sv };
	sv->outlet.free = serve_free;
	sv->outlet.device = d;
	sv->frontend = sv->injectors = SOCKET_PATH_NULL;
	if (!serve_open(sv, socket_path, inject_path))
		return &sv->outlet;
	serve_free(&sv->outlet);
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hop: a frame that was read from the node is in the guest's ring before
 * the loop sleeps again. The node is one of the device's sources, and injectors
 * may be others.
 */
#include <string.h>
#include <sys/socket.h>

#include "injector/passthrough/pass-serve.h"
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
	struct pass_device *device;
	struct server server;
	struct local_source source;
	struct socket_path frontend, injectors;
	int error; /* of the node */
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

	pass_device_resume(sv->device);
}

static void serve_ended(void *arg, int error)
{
	struct pass_serve *sv = arg;

	sv->error = error;
	ev_break(sv->device->loop, EVBREAK_ALL);
}

static void serve_status(void *arg, const struct vi_event *ev, size_t n)
{
	struct pass_serve *sv = arg;

	pass_device_status(sv->device, ev, n);
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

static int serve_start(struct pass_serve *sv)
{
	static const struct peer_allow all;
	struct server *s = &sv->server;
	int r;

	server_set_overflow(s, DEVICE_FOLD, STALL_MS);
	sv->source.status = serve_status;
	sv->source.resumed = serve_resumed;
	sv->source.arg = sv;
	r = local_source_start(&sv->source, s);
	if (!r && sv->injectors.fd >= 0)
		r = server_listen_injectors(s, sv->injectors.fd, &all);
	if (!r)
		r = server_serve(s, sv->frontend.fd);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
	return r;
}

static void serve_loop(struct pass_serve *sv)
{
	struct pass_device *d = sv->device;

	d->sink = (struct pass_sink){ .send = serve_send,
				      .make_space = serve_make_space,
				      .arg = sv };
	d->ended = serve_ended;
	pass_device_start(d);
	if (!sv->error)
		ev_run(d->loop, 0);
	pass_device_stop(d);
	local_source_flush(&sv->source);
}

static int serve_device(struct pass_serve *sv)
{
	struct pass_device *d = sv->device;
	int r = server_init(&sv->server, d->loop, &d->node.spec);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
	else
		r = serve_start(sv);
	if (!r)
		serve_loop(sv);
	local_source_fini(&sv->source);
	server_fini(&sv->server);
	return r ? r : sv->error;
}

int pass_serve_run(struct pass_device *d, const char *socket_path,
		   const char *inject_path)
{
	static struct pass_serve sv;
	int r;

	sv.device = d;
	sv.frontend = sv.injectors = SOCKET_PATH_NULL;
	r = serve_listen(&sv.injectors, inject_path);
	if (!r)
		r = serve_listen(&sv.frontend, socket_path);
	if (!r)
		r = serve_device(&sv);
	socket_path_fini(&sv.frontend);
	socket_path_fini(&sv.injectors);
	return r;
}

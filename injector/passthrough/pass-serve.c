/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One hop: a frame that was read from the node is in the guest's ring before
 * the loop sleeps again. The node is one of the device's sources, and injectors
 * may be others.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-serve.h"
#include "input/base/container.h"
#include "input/base/hot.h"
#include "input/base/log.h"
#include "input/serve/local-source.h"
#include "input/serve/service.h"

struct pass_serve {
	struct pass_outlet outlet;
	struct spec spec; /* as its guest had it first */
	struct service service;
	struct local_source source;
};

static bool serve_send(void *arg, const struct vi_event *ev, size_t n)
{
	struct pass_serve *sv = arg;

	return local_source_send(&sv->source, ev, n);
}

static HOT bool serve_pass(void *arg, const struct vi_event *ev, size_t n,
			   bool *quiet)
{
	struct pass_serve *sv = arg;

	return local_source_pass(&sv->source, ev, n, quiet);
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

static void serve_free(struct pass_outlet *o)
{
	struct pass_serve *sv = container_of(o, struct pass_serve, outlet);

	service_stopping(&sv->service);
	if (sv->source.server)
		local_source_flush(&sv->source);
	local_source_fini(&sv->source);
	service_fini(&sv->service);
	free(sv);
}

/* The node is one of the sources from the start. */
static int serve_add_node(struct pass_serve *sv)
{
	int r;

	sv->source.status = serve_status;
	sv->source.resumed = serve_resumed;
	sv->source.arg = sv;
	r = local_source_start(&sv->source, &sv->service.server);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
	return r;
}

static int serve_read_spec(struct spec *spec, const void *arg)
{
	const struct pass_device *d = arg;

	*spec = *d->spec;
	return 0;
}

void pass_serve_changed(struct pass_outlet *o)
{
	struct pass_serve *sv = container_of(o, struct pass_serve, outlet);

	server_reload(&sv->service.server);
}

static int serve_open(struct pass_serve *sv)
{
	struct pass_device *d = sv->outlet.device;
	int r;

	sv->spec = *d->spec;
	r = service_open(&sv->service, d->loop, &sv->spec);
	if (r)
		return r;
	server_set_spec_reader(&sv->service.server, serve_read_spec, d);
	r = serve_add_node(sv);
	if (!r)
		r = service_start(&sv->service);
	if (!r)
		service_ready(&sv->service);
	return r;
}

struct pass_outlet *pass_serve_new(struct pass_device *d,
				   const struct service_options *o)
{
	struct pass_serve *sv = calloc(1, sizeof(*sv));

	if (!sv) {
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(ENOMEM));
		return NULL;
	}
	sv->outlet.sink = (struct pass_sink){ .send = serve_send,
					      .pass = serve_pass,
					      .make_space = serve_make_space,
					      .arg = sv };
	sv->outlet.free = serve_free;
	sv->outlet.device = d;
	sv->outlet.guest = "the guest";
	service_init(&sv->service, o);
	if (!serve_open(sv))
		return &sv->outlet;
	serve_free(&sv->outlet);
	return NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vhost-user-input: reads the options and the spec, opens the sockets, confines
 * itself, sets the server up and runs it. Exit status: 0 after SIGTERM, SIGINT
 * or the end of the connected front-end of --fd; 2 for a wrong command line; 1
 * for other failures.
 */
#include <ev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/base/loop.h"
#include "input/hand-over.h"
#include "input/options.h"
#include "input/sandbox/sandbox.h"
#include "input/serve/service.h"
#include "input/spec/spec-file.h"
#include "input/spec/spec-print.h"
#include "input/spec/spec-shipped.h"
#include "input/template/template.h"

enum {
	STATUS_OK,
	STATUS_FAILED,
	STATUS_USAGE,
};

/*
 * A bare name stands for one file as long as the process runs; loading it says
 * what is wrong with another. The path is written only for such a name.
 */
static const char *find_spec(const char *name)
{
	static char path[SPEC_FILE_PATH_MAX];

	return !strchr(name, '/') && spec_file_find(name, path) ? path : name;
}

static int rename_spec(struct spec *spec, const struct options *o)
{
	const char *why;

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

/*
 * A shipped spec stays where it is, on pages that all servers share, unless it
 * is renamed. *spec: *room, or such a one.
 */
static int load_spec(const struct spec **spec, struct spec *room,
		     const struct options *o)
{
	*spec = spec_file_get(room, o->spec, &o->sets, spec_shipped_find);
	if (!*spec)
		return STATUS_FAILED;
	if (!o->name && !o->serial)
		return STATUS_OK;
	if (*spec != room)
		*room = **spec;
	*spec = room;
	return rename_spec(room, o);
}

static int reload_spec(struct spec *spec, const void *arg)
{
	const struct spec *loaded;
	int r = load_spec(&loaded, spec, arg);

	if (!r && loaded != spec)
		*spec = *loaded;
	return r;
}

static void start_threads(void *arg)
{
	loop_start_sentry();
}

/*
 * After everything with a path is open, and before anything is read that a peer
 * has written.
 */
static int confine(const struct options *o)
{
	const struct service_options *so = &o->service;
	struct sandbox sandbox = o->sandbox;

	sandbox.calls = so->postcopy ? SANDBOX_POSTCOPY
			: so->vfio   ? SANDBOX_DEVICE
				     : 0;
	sandbox.paths = (struct sandbox_paths){
		.read = { o->spec },
		.removed = { so->socket_path, so->inject_path, so->stats_path },
	};
	sandbox.start_threads = start_threads;
	return sandbox_enter(&sandbox);
}

static void run(struct service *sv, const char *name)
{
	log_line(LOG_INFO, CULPRIT_NONE, "serving \"%s\"", name);
	service_ready(sv);
	ev_run(sv->server.loop, 0);
	service_stopping(sv);
	log_line(LOG_INFO, CULPRIT_NONE, "stopped");
}

static int serve(const struct spec *spec, const struct options *o)
{
	static struct service sv;
	struct ev_loop *loop;
	const char *why;
	bool started;

	service_leave_stdio(&o->service);
	loop = loop_new(&why);
	if (!loop) {
		log_line(LOG_ERROR, CULPRIT_HOST, "no event loop: %s", why);
		return STATUS_FAILED;
	}
	service_init(&sv, &o->service);
	sv.read_spec = reload_spec;
	sv.read_spec_arg = o;
	started = !service_open(&sv, loop, spec) && !confine(o) &&
		  !service_start(&sv);
	if (started)
		run(&sv, spec->name);
	service_fini(&sv);
	return started ? STATUS_OK : STATUS_FAILED;
}

static void print_spec(const struct spec *spec)
{
	spec_print(stdout, spec);
	spec_print_rules(stdout, spec);
}

static int load_and_serve(struct spec *room, struct options *o)
{
	const struct spec *spec;
	int r;

	o->spec = find_spec(o->spec);
	r = load_spec(&spec, room, o);
	return r ? r : serve(spec, o);
}

static int run_action(struct options *o)
{
	static struct spec room;
	const struct spec *spec;
	int r;

	switch (o->action) {
	case OPTIONS_HELP:
		options_help();
		return STATUS_OK;
	case OPTIONS_VERSION:
		puts("vhost-user-input " VERSION);
		return STATUS_OK;
	case OPTIONS_PRINT_CAPABILITIES:
		puts("{\"type\": \"input\", \"features\": "
		     "[\"evdev-path\", \"no-grab\"]}");
		return STATUS_OK;
	case OPTIONS_CHECK_SPEC:
		r = load_spec(&spec, &room, o);
		if (!r)
			print_spec(spec);
		return r;
	case OPTIONS_SERVE:
		return load_and_serve(&room, o);
	case OPTIONS_TEMPLATE:
	case OPTIONS_HAND_OVER:
		break; /* by main() */
	}
	return STATUS_FAILED;
}

/*
 * Part of libc, if that is linked statically: where the program is, in case it
 * loads libraries from there. It never does, and to ask the kernel at each
 * start would take longer than to read the spec. As where there is no /proc.
 */
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
const char *_dl_get_origin(void);
/* NOLINTNEXTLINE(bugprone-reserved-identifier) */
const char *_dl_get_origin(void)
{
	return (const char *)-1;
}

static int begin(struct options *o, int argc, char **argv)
{
	char why[256];

	signal(SIGPIPE, SIG_IGN);
	log_open();
	if (options_parse(o, argc, argv, why)) {
		log_line(LOG_ERROR, CULPRIT_NONE, "%s", why);
		return STATUS_USAGE;
	}
	log_set_level(o->log_level);
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct template_server server = { argc, argv };
	struct options o;
	int r;

	fd_fill_standard();
	r = begin(&o, argc, argv);
	if (!r && o.action == OPTIONS_TEMPLATE) {
		r = template_run(o.template_fd, &server);
		if (r)
			return r < 0 ? STATUS_FAILED : STATUS_OK;
		/* In a server. */
		r = begin(&o, server.argc, server.argv);
	}
	if (!r && o.action == OPTIONS_HAND_OVER)
		hand_over(server.argc, server.argv);
	if (!r)
		r = run_action(&o);
	if (fflush(stdout) == EOF && !r)
		r = STATUS_FAILED;
	log_close();
	return r;
}

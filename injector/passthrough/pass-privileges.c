/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "injector/passthrough/pass-opener.h"
#include "injector/passthrough/pass-permit.h"
#include "injector/passthrough/pass-privileges.h"
#include "input/base/log.h"
#include "input/base/loop.h"

/* Its files about devices: a distribution's, and the administrator's. */
#define LIBINPUT_QUIRKS	    "/usr/share/libinput"
#define LIBINPUT_OWN_QUIRKS "/etc/libinput"

/* Return: 0 or -errno. */
static int start_opener(const struct pass_options *o,
			const struct pass_members *members)
{
	struct pass_permit permit;
	const struct pass_member *m;
	int r;

	if (o->sandbox.mode == SANDBOX_OFF)
		return 0;
	permit = (struct pass_permit){ .host = &pass_this_host,
				       .words = o->device,
				       .n_words = o->n_devices,
				       .all = o->all,
				       .targets = o->dir,
				       .n_targets = o->n_dirs,
				       .on_switch = o->on_switch };
	TAILQ_FOREACH (m, members, link)
		if (m->plug.known)
			pass_permit_see(&permit, &m->plug.id.entry);
	r = pass_opener_start(&permit, o->sandbox.mode);
	free(permit.seen);
	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s", strerror(-r));
	return r;
}

static void start_threads(void *arg)
{
	loop_start_sentry();
}

/* What there is to know about devices can be read, and no other file. */
int pass_privileges_drop(const struct pass_options *o,
			 const struct pass_members *members)
{
	const struct service_options *so = &o->service;
	struct sandbox sandbox = o->sandbox;
	int r = start_opener(o, members);

	if (r)
		return r;
	sandbox.calls = SANDBOX_NODES;
	if (o->action != PASS_SERVE)
		sandbox.calls |= SANDBOX_INJECTS;
	if (o->via_libinput)
		sandbox.calls |= SANDBOX_LIBINPUT;
	if (so->postcopy)
		sandbox.calls |= SANDBOX_POSTCOPY;
	sandbox.paths = (struct sandbox_paths){
		.removed = { so->socket_path, so->inject_path, so->stats_path },
		.folders = { pass_this_host.sys, "/sys", "/run/udev",
			     o->via_libinput ? LIBINPUT_QUIRKS : NULL,
			     o->via_libinput ? LIBINPUT_OWN_QUIRKS : NULL },
		.listed = { pass_this_host.dev, "/dev" },
	};
	sandbox.start_threads = start_threads;
	return sandbox_enter(&sandbox);
}

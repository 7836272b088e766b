/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "injector/stream/stream-links.h"
#include "injector/stream/stream-video.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/log.h"

/*
 * How long events wait for a driver that takes none. If folded, letters and
 * clicks would be missing.
 */
#define PATIENCE_MS 5000

static void on_link_status(void *arg, uint16_t type, uint16_t code,
			   int32_t value)
{
	struct stream_link *link = arg;

	if (type == EV_LED)
		stream_sessions_announce(link->all->sessions);
}

/* No driver gets what was sent before there was one. */
static void on_link_driver(void *arg, enum vinject_driver state)
{
	struct stream_link *link = arg;

	vinject_lossless(link->device->v,
			 state == VINJECT_DRIVER_RUNNING ? PATIENCE_MS : 0);
	stream_sessions_announce(link->all->sessions);
}

/* How long it took, if a guest has taken the frame as it was. */
static void on_link_receipt(void *arg, const struct vinject_receipt *r)
{
	const unsigned int not_taken = VINJECT_NO_DRIVER | VINJECT_FOLDED |
				       VINJECT_LOST | VINJECT_CANCELLED;
	struct stream_link *link = arg;

	if (!r->latency_ns || r->result & not_taken)
		return;
	link->device->latency_ns = r->latency_ns;
	link->device->latency_at = clock_s();
}

/* Possible only once the server has answered the hello; older ones do not. */
static void link_watch_driver(struct stream_link *link)
{
	if (!link->watches_driver)
		link->watches_driver = !vinject_watch_driver(
			link->device->v, on_link_driver, link);
}

static void on_link_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct stream_link *link = container_of(io, struct stream_link, io);
	struct stream_device *d = link->device;

	if (vinject_dispatch(d->v) != -EPIPE) {
		link_watch_driver(link);
		return;
	}
	log_line(LOG_WARNING, CULPRIT_NONE, "%s: %s", d->label,
		 vinject_error(d->v));
	stream_links_remove(link->all, d);
}

void stream_links_init(struct stream_links *l, struct ev_loop *loop,
		       struct stream_devices *devices,
		       struct stream_sessions *sessions)
{
	*l = (struct stream_links){ .loop = loop,
				    .devices = devices,
				    .sessions = sessions };
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		l->at[i].all = l;
		ev_init(&l->at[i].io, on_link_readable);
	}
}

void stream_links_fini(struct stream_links *l)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++)
		if (l->at[i].device)
			stream_links_remove(l, l->at[i].device);
}

static void links_watch(struct stream_links *l, struct stream_device *d)
{
	struct stream_link *link = &l->at[d->number];

	link->device = d;
	vinject_set_status(d->v, on_link_status, link);
	vinject_set_receipt(d->v, on_link_receipt, link);
	link->watches_driver = false;
	ev_io_set(&link->io, vinject_fd(d->v), EV_READ);
	ev_io_start(l->loop, &link->io);
	stream_sessions_announce(l->sessions);
}

static int links_fail_new(const struct stream_links *l, const char *label,
			  struct fault *why)
{
	if (!stream_devices_full(l->devices))
		return fault_no_memory(why);
	return fault_errno(why, -ENOSPC, "%s: more than %d devices", label,
			   STREAM_DEVICES_MAX);
}

int stream_links_add_fd(struct stream_links *l, const char *label, int fd,
			struct fault *why)
{
	struct stream_device *d = stream_device_new(l->devices, label, NULL);
	int r;

	if (!d)
		return links_fail_new(l, label, why);
	r = vinject_open_fd(d->v, fd);
	if (r) {
		fault_errno(why, r, "%s: %s", label, vinject_error(d->v));
		stream_device_free(l->devices, d);
		return r;
	}
	links_watch(l, d);
	return 0;
}

int stream_links_add_label(struct stream_links *l, const char *label,
			   const char *dir, const struct spec *spec,
			   struct fault *why)
{
	struct stream_device *d = stream_device_new(l->devices, label, spec);
	int r;

	if (!d)
		return links_fail_new(l, label, why);
	r = vinject_open_label(d->v, label, dir);
	if (r) {
		fault_errno(why, r, "%s: %s", label, vinject_error(d->v));
		stream_device_free(l->devices, d);
		return r;
	}
	vinject_set_reconnect(d->v, true);
	/* Not to those of --touch-fds and the like, whose server may be any. */
	vinject_hello(d->v, 0);
	links_watch(l, d);
	return 0;
}

void stream_links_remove(struct stream_links *l, struct stream_device *d)
{
	struct stream_link *link = &l->at[d->number];

	ev_io_stop(l->loop, &link->io);
	link->device = NULL;
	if (l->sessions->video)
		stream_video_forget(l->sessions->video, d);
	stream_sessions_forget(l->sessions, d);
	stream_device_free(l->devices, d);
}

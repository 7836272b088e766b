/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "injector/stream/stream-launcher.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/log.h"
#include "input/spec/spec-read.h"

#define SOON_S	   0.05 /* several changes are one occasion */
#define AGAIN_S	   1.0	/* while the launcher or a device does not answer */
#define LOOK_S	   2.0	/* where changes are not told */
#define PATIENCE   10	/* times AGAIN_S */
#define ANSWER_MAX (4 * 1024 * 1024)

/* The specs are written by the launcher, whose errors are not ours. */
static void on_launcher_diag(void *arg, const struct spec_diag *diag)
{
}

static void launcher_again(struct stream_launcher *l, double seconds)
{
	ev_timer_stop(l->loop, &l->ask);
	ev_timer_set(&l->ask, seconds, 0);
	ev_timer_start(l->loop, &l->ask);
}

static void launcher_stop_asking(struct stream_launcher *l)
{
	ev_io_stop(l->loop, &l->io);
	l->fd = close_fd(l->fd);
	free(l->text);
	l->text = NULL;
	l->len = l->size = 0;
}

/* --- what it answers --- */

static const json_t *launcher_find(const json_t *devices, const char *label)
{
	size_t i;
	json_t *each;

	json_array_foreach(devices, i, each)
	{
		const char *of =
			json_string_value(json_object_get(each, "label"));

		if (of && !strcmp(of, label))
			return each;
	}
	return NULL;
}

static void launcher_remove_missing(struct stream_launcher *l,
				    const json_t *devices)
{
	for (int i = 0; i < STREAM_DEVICES_MAX; i++) {
		struct stream_device *d = l->links->devices->at[i];

		if (!d || launcher_find(devices, d->label))
			continue;
		log_line(LOG_INFO, CULPRIT_NONE, "%s is gone", d->label);
		stream_links_remove(l->links, d);
	}
}

/* Return: the spec, to be freed; NULL: there is none. */
static struct spec *launcher_read_spec(const json_t *entry)
{
	const json_t *json = json_object_get(entry, "spec");
	char *text = json_is_object(json) ? json_dumps(json, 0) : NULL;
	struct spec *spec = text ? malloc(sizeof(*spec)) : NULL;

	if (spec &&
	    spec_read(spec,
		      &(struct spec_text){ .bytes = text, .len = strlen(text) },
		      on_launcher_diag, NULL)) {
		free(spec);
		spec = NULL;
	}
	free(text);
	return spec;
}

/* Return: whether the device has to be tried again. */
static bool launcher_add(struct stream_launcher *l, const json_t *entry)
{
	const char *label = json_string_value(json_object_get(entry, "label"));
	struct fault why;
	struct spec *spec;
	int r;

	if (!label || strlen(label) >= STREAM_LABEL_SIZE ||
	    stream_device_by_label(l->links->devices, label))
		return false;
	spec = launcher_read_spec(entry);
	/* One of the host's whose server is not ready. */
	if (!spec && l->patience > 0) {
		l->patience--;
		return true;
	}
	r = stream_links_add_label(l->links, label, l->passed ? NULL : l->dir,
				   spec, &why);
	free(spec);
	if (!r)
		log_line(LOG_INFO, CULPRIT_NONE, "%s is connected", label);
	else if (r != -ENOENT && r != -ECONNREFUSED)
		log_line(LOG_WARNING, CULPRIT_NONE, "%s", why.text);
	return r == -ENOENT || r == -ECONNREFUSED;
}

static void launcher_take_answer(struct stream_launcher *l)
{
	json_t *answer = json_loadb(l->text, l->len, 0, NULL);
	const json_t *devices = json_object_get(answer, "devices");
	bool again = false;
	size_t i;
	json_t *entry;

	l->complained = false;
	if (json_is_array(devices)) {
		launcher_remove_missing(l, devices);
		json_array_foreach(devices, i, entry)
		{
			again |= launcher_add(l, entry);
		}
	} else {
		log_line(LOG_WARNING, CULPRIT_NONE,
			 "%s: the launcher does not describe its devices",
			 l->dir);
	}
	json_decref(answer);
	if (again) {
		launcher_again(l, AGAIN_S);
	} else if (!l->is_told) {
		l->patience = PATIENCE;
		launcher_again(l, LOOK_S);
	}
}

/* --- asking --- */

static int launcher_connect(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = -1;

	if ((size_t)snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/control",
			     dir) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* It is not running, or has too many clients: devices stay as they are. */
static void launcher_fail(struct stream_launcher *l, const char *why)
{
	if (!l->complained)
		log_line(LOG_WARNING, CULPRIT_NONE,
			 "%s: the launcher cannot be asked: %s", l->dir, why);
	l->complained = true;
	launcher_stop_asking(l);
	launcher_again(l, AGAIN_S);
}

static void on_ask(struct ev_loop *loop, ev_timer *ask, int events)
{
	static const char request[] = "{\"command\":\"describe\"}\n";
	struct stream_launcher *l =
		container_of(ask, struct stream_launcher, ask);
	const int len = sizeof(request) - 1;

	launcher_stop_asking(l);
	/* A launcher that starts may have made the directory anew. */
	l->is_told = inotify_add_watch(l->notify_fd, l->dir,
				       IN_CREATE | IN_DELETE | IN_MOVED_TO |
					       IN_MOVED_FROM) != -1;
	l->fd = launcher_connect(l->dir);
	if (l->fd < 0) {
		launcher_fail(l, strerror(-l->fd));
		return;
	}
	/* A new socket has space for it. */
	if (send(l->fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
		launcher_fail(l, strerror(errno));
		return;
	}
	ev_io_set(&l->io, l->fd, EV_READ);
	ev_io_start(loop, &l->io);
}

/* Return: whether there is space to read into. */
static bool launcher_make_room(struct stream_launcher *l)
{
	const size_t size = l->size ? l->size * 2 : 65536;
	char *text;

	if (l->len < l->size)
		return true;
	text = size <= ANSWER_MAX ? realloc(l->text, size) : NULL;
	if (!text)
		return false;
	l->text = text;
	l->size = size;
	return true;
}

static void on_answer(struct ev_loop *loop, ev_io *io, int events)
{
	struct stream_launcher *l =
		container_of(io, struct stream_launcher, io);
	ssize_t n;

	if (!launcher_make_room(l)) {
		launcher_fail(l, strerror(ENOMEM));
		return;
	}
	n = read(l->fd, l->text + l->len, l->size - l->len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		launcher_fail(l, n ? strerror(errno) : "it disconnected");
		return;
	}
	l->len += (size_t)n;
	if (l->text[l->len - 1] != '\n')
		return;
	launcher_take_answer(l);
	launcher_stop_asking(l);
}

static void on_notify(struct ev_loop *loop, ev_io *io, int events)
{
	struct stream_launcher *l =
		container_of(io, struct stream_launcher, notify);
	char buf[4096];

	while (read(l->notify_fd, buf, sizeof(buf)) > 0)
		;
	l->patience = PATIENCE;
	launcher_again(l, SOON_S);
}

/* A user has few instances of inotify, 128 by default: it does without. */
static void launcher_watch(struct stream_launcher *l)
{
	l->notify_fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (l->notify_fd < 0) {
		log_line(LOG_WARNING, CULPRIT_HOST,
			 "inotify: %s; the launcher is asked every %g s",
			 strerror(errno), LOOK_S);
		return;
	}
	ev_io_set(&l->notify, l->notify_fd, EV_READ);
	ev_io_start(l->loop, &l->notify);
}

void stream_launcher_init(struct stream_launcher *l, struct ev_loop *loop,
			  struct stream_links *links, const char *dir)
{
	*l = (struct stream_launcher){
		.loop = loop,
		.links = links,
		.dir = dir,
		.fd = -1,
		.patience = PATIENCE,
	};
	ev_init(&l->io, on_answer);
	ev_init(&l->notify, on_notify);
	ev_init(&l->ask, on_ask);
	launcher_watch(l);
	launcher_again(l, 0);
}

void stream_launcher_use_passed(struct stream_launcher *l)
{
	l->passed = true;
}

void stream_launcher_fini(struct stream_launcher *l)
{
	launcher_stop_asking(l);
	ev_timer_stop(l->loop, &l->ask);
	ev_io_stop(l->loop, &l->notify);
	l->notify_fd = close_fd(l->notify_fd);
}

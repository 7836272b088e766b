/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "input/base/container.h"
#include "input/base/fd.h"
#include "injector/launch/launch-device.h"

#define LOOK_S	      0.002
#define LOOK_MAX_S    0.05
#define SERVER_PREFIX "vhost-user-input: "

static struct launch_device *device_of(struct launch_child *child)
{
	return container_of(child, struct launch_device, child);
}

/* --- what it says --- */

static void device_log(struct launch_device *dev, const char *text)
{
	launch_log_put(dev->log_fd, dev->item.label, text);
}

/*
 * The last line of a process that was never ready is kept: it is the reason
 * that the caller reports, once.
 */
static void on_device_line(void *arg, const char *text)
{
	struct launch_device *dev = arg;
	struct launch_child *child = &dev->child;

	if (!strncmp(text, SERVER_PREFIX, strlen(SERVER_PREFIX)))
		text += strlen(SERVER_PREFIX);
	if (child->ever_ready) {
		device_log(dev, text);
		return;
	}
	if (*child->why)
		device_log(dev, child->why);
	snprintf(child->why, sizeof(child->why), "%s", text);
}

/* --- readiness --- */

static void device_ready(struct launch_device *dev)
{
	struct launch_child *child = &dev->child;

	ev_timer_stop(child->setup->loop, &dev->look);
	if (*child->why)
		device_log(dev, child->why);
	*child->why = '\0';
	launch_child_ready(child);
}

static void on_device_answer(void *arg, const char *text)
{
	struct launch_device *dev = arg;

	if (text && dev->child.state == LAUNCH_STARTING && !dev->child.ending)
		device_ready(dev);
}

/* The server does not report that it is ready: poll for an answer. */
static void on_device_look(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_device *dev =
		container_of(timer, struct launch_device, look);

	if (dev->ask.fd < 0)
		launch_ask_start(&dev->ask, dev->endpoints.stats_path);
	if (timer->repeat * 2 <= LOOK_MAX_S)
		timer->repeat *= 2;
	ev_timer_again(loop, timer);
}

static void device_look(struct launch_device *dev)
{
	dev->look.repeat = LOOK_S;
	ev_timer_again(dev->child.setup->loop, &dev->look);
}

/* --- start --- */

static void device_args(const struct launch_device *dev,
			struct launch_argv *args)
{
	const struct launch_setup *setup = dev->child.setup;
	const struct launch_endpoints *ep = &dev->endpoints;

	launch_argv_add(args, "%s", setup->server);
	launch_item_args(&dev->item, args);
	launch_argv_add(args, "--fd=%d", ep->frontend.fd);
	launch_argv_add(args, "--inject-path=%s", ep->inject_path);
	launch_argv_add(args, "--stats-path=%s", ep->stats_path);
	launch_argv_add(args, "--state-fd=%d", ep->state_fd);
	if (ep->inject_fd >= 0)
		launch_argv_add(args, "--inject-fd=%d", ep->inject_fd);
	launch_argv_add(args, "--socket-mode=%03o", setup->access.mode);
	if (setup->access.group != (gid_t)-1)
		launch_argv_add(args, "--socket-group=%u", setup->access.group);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	for (size_t i = 0; i < setup->server_args->n; i++)
		launch_argv_add(args, "%s", setup->server_args->v[i]);
}

static int device_spawn(struct launch_device *dev, struct launch_argv *args)
{
	const struct launch_endpoints *ep = &dev->endpoints;
	const int keep[] = { ep->frontend.fd, ep->state_fd, ep->inject_fd };
	struct launch_child *child = &dev->child;
	_cleanup_close_ int out = -1;
	int pipe_fd[2], r;

	device_args(dev, args);
	r = launch_argv_check(args);
	if (r)
		return r;
	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return -errno;
	out = pipe_fd[1];
	launch_lines_start(&dev->lines, pipe_fd[0]);
	struct launch_exec exec = { .argv = args->v,
				    .keep = keep,
				    .n_keep = ep->inject_fd >= 0 ? 3 : 2,
				    .out = out };
	r = launch_process_start(child->setup->children, &child->process,
				 &exec);
	if (r)
		launch_lines_end(&dev->lines);
	return r;
}

void launch_device_start(struct launch_device *dev)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	struct launch_child *child = &dev->child;
	int r;

	launch_child_begin(child);
	r = launch_endpoints_listen(&dev->endpoints, &child->setup->access,
				    child->why);
	if (r) {
		launch_child_fail(child);
		return;
	}
	r = device_spawn(dev, &args);
	launch_argv_fini(&args);
	if (r) {
		snprintf(child->why, sizeof(child->why), "cannot start %s: %s",
			 child->setup->server, strerror(-r));
		launch_child_fail(child);
		return;
	}
	device_look(dev);
	launch_child_starting(child);
}

/* --- as a child --- */

static void device_start(struct launch_child *child)
{
	launch_device_start(device_of(child));
}

static void device_ended(struct launch_child *child, const char *how)
{
	struct launch_device *dev = device_of(child);

	ev_timer_stop(child->setup->loop, &dev->look);
	launch_ask_stop(&dev->ask);
	launch_lines_end(&dev->lines);
	/* It made its sockets and served before we could see that it did. */
	if (!access(dev->endpoints.stats_path, F_OK))
		child->was_ready = true;
	launch_endpoints_sweep(&dev->endpoints);
	if (child->ever_ready || child->ending)
		return;
	if (!*child->why)
		snprintf(child->why, sizeof(child->why), "vhost-user-input %s",
			 how);
	else if (dev->log_fd >= 0)
		device_log(dev, child->why);
}

static void device_gave_up(struct launch_child *child, const char *how,
			   bool bad)
{
	launch_log_line(child->setup->log, LOG_ERROR,
			"%s %s; not started again", child->name, how);
	snprintf(child->why, sizeof(child->why), "%s", how);
}

static void device_down(struct launch_child *child)
{
	launch_endpoints_close(&device_of(child)->endpoints);
}

static const struct launch_child_ops device_ops = {
	.start = device_start,
	.ended = device_ended,
	.gave_up = device_gave_up,
	.down = device_down,
};

/* --- life --- */

static int device_open(struct launch_device *dev, bool with_streamer, char *why)
{
	const struct launch_setup *setup = dev->child.setup;
	int r = launch_endpoints_open(&dev->endpoints, setup->dir,
				      dev->item.label, with_streamer, why);

	if (r)
		return r;
	dev->log_fd = launch_log_open(setup->log, dev->item.label);
	if (dev->log_fd < -1) {
		r = dev->log_fd + 1;
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", dev->item.label,
			 strerror(-r));
		return r;
	}
	return launch_endpoints_listen(&dev->endpoints, &setup->access, why);
}

struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why)
{
	struct launch_device *dev = calloc(1, sizeof(*dev));

	if (!dev) {
		snprintf(why, LAUNCH_WHY_MAX, "%s", strerror(ENOMEM));
		return NULL;
	}
	dev->item = *item;
	json_incref(dev->item.json);
	launch_child_init(&dev->child, setup, dev->item.label, &device_ops);
	dev->endpoints = LAUNCH_ENDPOINTS_NULL;
	dev->log_fd = -1;
	launch_lines_init(&dev->lines, setup->loop, on_device_line, dev);
	launch_ask_init(&dev->ask, setup->loop, on_device_answer, dev);
	ev_init(&dev->look, on_device_look);
	if (device_open(dev, with_streamer, why)) {
		launch_device_free(dev);
		return NULL;
	}
	return dev;
}

void launch_device_free(struct launch_device *dev)
{
	launch_child_fini(&dev->child);
	ev_timer_stop(dev->child.setup->loop, &dev->look);
	launch_ask_stop(&dev->ask);
	launch_lines_end(&dev->lines);
	launch_endpoints_fini(&dev->endpoints);
	if (dev->log_fd >= 0)
		close_fd(dev->log_fd);
	json_decref(dev->item.json);
	free(dev);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once the streamer runs, nobody else has its ends of the socketpairs: when it
 * dies the devices see that at once and release what it held. So a streamer
 * that is restarted cannot get them, and has connections like any other
 * injector.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/fleet/launch-streamer.h"
#include "injector/plan/launch-fill.h"
#include "injector/process/launch-ask.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/fd.h"

#define READY_S 1.0  /* a streamer that lived this long was ready */
#define LOOK_S	0.05 /* while devices are starting */

/* For a device that is down: an fd whose other end is closed. */
static int dead_end(void)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	close(fd[1]);
	return fd[0];
}

/* Return: an fd that leads to the device, or -errno. */
static int streamer_reach(const struct launch_device *dev)
{
	int fd = launch_connect(dev->endpoints.inject_path);

	if (fd < 0)
		return dead_end();
	/* As the end of a socketpair is. */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

static void streamer_close_fds(struct launch_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		close_fd(fds->fd[i]);
	fds->n = 0;
}

static int streamer_gather_fds(struct launch_streamer *st,
			       struct launch_fds *fds)
{
	struct launch_device *dev;

	fds->n = 0;
	TAILQ_FOREACH (dev, st->devices, link) {
		int *own = &dev->endpoints.streamer_fd;
		int fd = *own >= 0 ? steal_fd(own) : streamer_reach(dev);

		if (fd < 0 || fds->n == LAUNCH_DEVICES_MAX) {
			close_fd(fd);
			return fd < 0 ? fd : -E2BIG;
		}
		fds->label[fds->n] = dev->item.label;
		fds->fd[fds->n++] = fd;
	}
	return 0;
}

static int streamer_run(struct launch_streamer *st,
			const struct launch_fds *fds, struct launch_argv *args,
			struct launch_argv *env)
{
	struct launch_child *child = &st->child;
	const struct launch_setup *setup = child->setup;
	char why[256];
	int r = launch_fill_args(args, st->argv, fds, setup->streamer_dir, why);

	if (r == -EINVAL) {
		snprintf(child->why, sizeof(child->why), "%s", why);
		return r;
	}
	if (!r)
		r = launch_fill_env(env, fds, setup->streamer_dir);
	if (!r) {
		struct launch_exec exec = { .argv = args->v,
					    .env = env->v,
					    .keep = fds->fd,
					    .n_keep = fds->n,
					    .out = -1 };

		r = launch_process_start(setup->children, &child->process,
					 &exec);
	}
	if (r)
		snprintf(child->why, sizeof(child->why),
			 "cannot start %.200s: %s", st->argv[0], strerror(-r));
	return r;
}

void launch_streamer_start(struct launch_streamer *st)
{
	struct launch_argv args = LAUNCH_ARGV_NULL, env = LAUNCH_ARGV_NULL;
	struct launch_child *child = &st->child;
	struct launch_fds fds;
	int r = streamer_gather_fds(st, &fds);

	launch_child_begin(child);
	if (r)
		snprintf(child->why, sizeof(child->why),
			 "cannot connect to the devices: %s", strerror(-r));
	else
		r = streamer_run(st, &fds, &args, &env);
	launch_argv_fini(&args);
	launch_argv_fini(&env);
	streamer_close_fds(&fds);
	st->since = clock_s();
	if (r)
		launch_child_fail(child);
	else
		launch_child_ready(child);
}

static bool devices_are_up(const struct launch_streamer *st)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, st->devices, link)
		if (dev->child.state == LAUNCH_STARTING ||
		    dev->child.state == LAUNCH_WAITING)
			return false;
	return true;
}

/* --- as a child --- */

static struct launch_streamer *streamer_of(struct launch_child *child)
{
	return container_of(child, struct launch_streamer, child);
}

static void streamer_start(struct launch_child *child)
{
	struct launch_streamer *st = streamer_of(child);

	if (!devices_are_up(st)) {
		launch_child_start_in(child, LOOK_S);
		return;
	}
	launch_streamer_start(st);
	if (child->state == LAUNCH_FAILED)
		launch_log_line(child->setup->log, LOG_ERROR, "streamer: %s",
				child->why);
}

static void streamer_ended(struct launch_child *child, const char *how)
{
	double lived = clock_s() - streamer_of(child)->since;

	child->was_ready = lived >= READY_S;
}

static void streamer_gave_up(struct launch_child *child, const char *how,
			     bool bad)
{
	const struct launch_setup *setup = child->setup;

	if (!bad)
		launch_log_line(setup->log, LOG_INFO, "%s %s", child->name,
				how);
	else if (setup->restart.mode != LAUNCH_RESTART_NO)
		launch_log_line(setup->log, LOG_ERROR,
				"%s %s; not restarted, the devices remain",
				child->name, how);
	snprintf(child->why, sizeof(child->why), "%s %s", child->name, how);
}

static const struct launch_child_ops streamer_ops = {
	.start = streamer_start,
	.ended = streamer_ended,
	.gave_up = streamer_gave_up,
};

void launch_streamer_init(struct launch_streamer *st,
			  const struct launch_setup *setup,
			  const struct launch_device_list *devices,
			  char *const *argv)
{
	*st = (struct launch_streamer){ .devices = devices, .argv = argv };
	launch_child_init(&st->child, setup, "the streamer", &streamer_ops);
}

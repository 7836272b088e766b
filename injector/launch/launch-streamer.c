/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Once the streamer runs, its ends of the socketpairs are its alone: when it
 * dies the devices see that at once and release what it held. So one that is
 * started again cannot get them back, and connects like any other injector.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include "input/base/container.h"
#include "input/base/fd.h"
#include "injector/launch/launch-fill.h"
#include "injector/launch/launch-streamer.h"

#define READY_S 1.0  /* who lived so long had come up */
#define LOOK_S	0.05 /* until all devices are there */

static void set_state(struct launch_streamer *st, enum launch_state state)
{
	st->state = state;
	st->setup->changed(st->setup->arg);
}

static void stop_timers(struct launch_streamer *st)
{
	ev_timer_stop(st->setup->loop, &st->timer);
	ev_timer_stop(st->setup->loop, &st->kill);
}

static void set_timer(struct launch_streamer *st, double seconds)
{
	ev_timer_stop(st->setup->loop, &st->timer);
	ev_timer_set(&st->timer, seconds, 0);
	ev_timer_start(st->setup->loop, &st->timer);
}

/* For a device that is not there: an fd whose other side is closed. */
static int dead_end(void)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	close(fd[1]);
	return fd[0];
}

/* Return: an fd that leads to the device, or -errno. */
static int reach(const struct launch_device *dev)
{
	int fd = launch_connect(dev->inject_path);

	if (fd < 0)
		return dead_end();
	/* As a socketpair's end is. */
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

static void close_fds(struct launch_fds *fds)
{
	for (size_t i = 0; i < fds->n; i++)
		close_fd(fds->fd[i]);
	fds->n = 0;
}

static int gather_fds(struct launch_streamer *st, struct launch_fds *fds)
{
	struct launch_device *dev;

	fds->n = 0;
	TAILQ_FOREACH (dev, st->devices, link) {
		int fd = dev->streamer_fd >= 0 ? steal_fd(&dev->streamer_fd)
					       : reach(dev);

		if (fd < 0 || fds->n == LAUNCH_DEVICES_MAX) {
			close_fd(fd);
			return fd < 0 ? fd : -E2BIG;
		}
		fds->label[fds->n] = dev->item.label;
		fds->fd[fds->n++] = fd;
	}
	return 0;
}

static int run(struct launch_streamer *st, const struct launch_fds *fds,
	       struct launch_argv *args, struct launch_argv *env)
{
	char why[256];
	int r = launch_fill_args(args, st->argv, fds, st->setup->streamer_dir,
				 why);

	if (r == -EINVAL) {
		snprintf(st->why, sizeof(st->why), "%s", why);
		return r;
	}
	if (!r)
		r = launch_fill_env(env, fds, st->setup->streamer_dir);
	if (!r) {
		struct launch_exec exec = { .argv = args->v,
					    .env = env->v,
					    .keep = fds->fd,
					    .n_keep = fds->n,
					    .out = -1 };

		r = launch_process_start(st->setup->children, &st->process,
					 &exec);
	}
	if (r)
		snprintf(st->why, sizeof(st->why), "cannot start %.200s: %s",
			 st->argv[0], strerror(-r));
	return r;
}

void launch_streamer_start(struct launch_streamer *st)
{
	struct launch_argv args = LAUNCH_ARGV_NULL, env = LAUNCH_ARGV_NULL;
	struct launch_fds fds;
	int r = gather_fds(st, &fds);

	st->ending = st->again = false;
	if (r)
		snprintf(st->why, sizeof(st->why), "no fd for it: %s",
			 strerror(-r));
	else
		r = run(st, &fds, &args, &env);
	launch_argv_fini(&args);
	launch_argv_fini(&env);
	close_fds(&fds);
	st->since = ev_now(st->setup->loop);
	set_state(st, r ? LAUNCH_FAILED : LAUNCH_READY);
}

static bool devices_are_up(const struct launch_streamer *st)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, st->devices, link)
		if (dev->state == LAUNCH_STARTING ||
		    dev->state == LAUNCH_WAITING)
			return false;
	return true;
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_streamer *st =
		container_of(timer, struct launch_streamer, timer);

	if (!devices_are_up(st)) {
		set_timer(st, LOOK_S);
		return;
	}
	launch_streamer_start(st);
	if (st->state == LAUNCH_FAILED)
		launch_log_line(st->setup->log, LOG_ERROR, "streamer: %s",
				st->why);
}

static void ended_by_itself(struct launch_streamer *st, int status)
{
	const struct launch_log *log = st->setup->log;
	double now = ev_now(st->setup->loop), delay;
	bool bad = !WIFEXITED(status) || WEXITSTATUS(status);
	char how[64];

	launch_process_strend(status, how);
	delay = launch_restart_next(&st->setup->restart, &st->history, now, bad,
				    now - st->since >= READY_S);
	if (delay >= 0) {
		launch_log_line(log, LOG_WARNING,
				"the streamer %s; starting it again", how);
		set_timer(st, delay);
		set_state(st, LAUNCH_WAITING);
		return;
	}
	if (!bad)
		launch_log_line(log, LOG_INFO, "the streamer %s", how);
	else if (st->setup->restart.mode != LAUNCH_RESTART_NO)
		launch_log_line(log, LOG_ERROR,
				"the streamer %s; not started again, the "
				"devices stay",
				how);
	snprintf(st->why, sizeof(st->why), "the streamer %s", how);
	set_state(st, bad ? LAUNCH_FAILED : LAUNCH_STOPPED);
}

static void on_ended(void *arg, int status)
{
	struct launch_streamer *st = arg;

	stop_timers(st);
	if (!st->ending) {
		ended_by_itself(st, status);
	} else if (st->again) {
		st->history.total++;
		set_timer(st, 0);
		set_state(st, LAUNCH_WAITING);
	} else {
		set_state(st, LAUNCH_STOPPED);
	}
}

static void on_kill(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_streamer *st =
		container_of(timer, struct launch_streamer, kill);

	launch_log_line(st->setup->log, LOG_WARNING,
			"the streamer does not end on SIGTERM; killed");
	launch_process_signal(&st->process, SIGKILL);
}

void launch_streamer_end(struct launch_streamer *st)
{
	st->again = false;
	if (!st->process.pid) {
		stop_timers(st);
		if (st->state == LAUNCH_WAITING)
			set_state(st, LAUNCH_STOPPED);
		return;
	}
	if (st->ending)
		return;
	st->ending = true;
	launch_process_signal(&st->process, SIGTERM);
	ev_timer_set(&st->kill, st->setup->stop_s, 0);
	ev_timer_start(st->setup->loop, &st->kill);
}

void launch_streamer_kill(struct launch_streamer *st)
{
	launch_streamer_end(st);
	launch_process_signal(&st->process, SIGKILL);
}

void launch_streamer_restart(struct launch_streamer *st)
{
	if (!st->process.pid) {
		set_timer(st, 0);
		set_state(st, LAUNCH_WAITING);
		return;
	}
	launch_streamer_end(st);
	st->again = true;
}

void launch_streamer_init(struct launch_streamer *st,
			  const struct launch_setup *setup,
			  const struct launch_device_list *devices,
			  char *const *argv)
{
	*st = (struct launch_streamer){ .setup = setup,
					.devices = devices,
					.argv = argv,
					.state = LAUNCH_STOPPED };
	st->process.ended = on_ended;
	st->process.arg = st;
	ev_init(&st->timer, on_timer);
	ev_init(&st->kill, on_kill);
}

void launch_streamer_fini(struct launch_streamer *st)
{
	stop_timers(st);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callbacks only note that some child's state is another one; what follows
 * from it is found out once for all of them, before the loop goes to sleep:
 *
 *	COMING_UP: all devices ready ─► the streamer starts, readiness is told
 *	           one has failed ────► end, with its reason
 *	UP:        orders; a streamer that is done ─► end
 *	ENDING_*:  the streamer goes first, so that what it still sends arrives,
 *	           then the devices, then what the streamer left behind
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include "input/base/container.h"
#include "input/base/fd.h"
#include "injector/launch/launch-notify.h"
#include "injector/launch/launch-run.h"

#define SERVER "vhost-user-input"

/* What cannot be gone on from, told once on stderr, and in the log's file. */
__attribute__((format(printf, 2, 3))) static void fatal(struct launcher *l,
							const char *fmt, ...)
{
	char text[LAUNCH_LINE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(stderr, "vinput-launch: %s\n", text);
	if (l->log.fd >= 0)
		launch_log_line(&l->log, LOG_ERROR, "%s", text);
	l->status = EXIT_FAILURE;
}

static void changed(void *arg)
{
	struct launcher *l = arg;

	l->step_due = true;
}

/* --- the end --- */

static void begin_end(struct launcher *l)
{
	if (l->phase > LAUNCH_UP)
		return;
	launch_notify("STOPPING=1");
	launch_control_fini(&l->control);
	launch_child_end(&l->streamer.child);
	l->phase = LAUNCH_ENDING_STREAMER;
	l->step_due = true;
}

static void end_devices(struct launcher *l)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link)
		launch_child_end(&dev->child);
	l->phase = LAUNCH_ENDING_DEVICES;
	l->step_due = true;
}

static bool devices_run(const struct launcher *l)
{
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link)
		if (dev->child.process.pid)
			return true;
	return false;
}

static void end_orphans(struct launcher *l)
{
	l->phase = LAUNCH_ENDING_ORPHANS;
	l->step_due = true;
	launch_children_signal_orphans(&l->children, SIGTERM);
	ev_timer_set(&l->orphans, l->setup.stop_s, 0.05);
	ev_timer_start(l->loop, &l->orphans);
}

/* Again and again: who is killed may leave children to us. */
static void on_orphans(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launcher *l = container_of(timer, struct launcher, orphans);

	launch_children_signal_orphans(&l->children, SIGKILL);
}

/* Asked a second time to end: at once. */
static void kill_all(struct launcher *l)
{
	struct launch_device *dev;

	launch_log_line(&l->log, LOG_WARNING, "told twice to end; killing all");
	l->setup.stop_s = 0;
	launch_child_kill(&l->streamer.child);
	TAILQ_FOREACH (dev, &l->devices, link)
		launch_child_kill(&dev->child);
	launch_children_signal_orphans(&l->children, SIGKILL);
}

static void on_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct launcher *l = sig->data;

	if (l->phase > LAUNCH_UP)
		kill_all(l);
	else
		launch_log_line(&l->log, LOG_INFO, "ending");
	begin_end(l);
}

/* --- steps --- */

static void is_up(struct launcher *l)
{
	unsigned int n = 0;
	const struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link)
		n++;
	l->phase = LAUNCH_UP;
	l->step_due = true;
	launch_log_line(&l->log, LOG_INFO, "ready: %u devices", n);
	launch_notify("READY=1");
	if (l->ready_fd >= 0 && write(l->ready_fd, "\n", 1) < 0)
		launch_log_line(&l->log, LOG_WARNING, "--ready-fd: %s",
				strerror(errno));
	l->ready_fd = close_fd(l->ready_fd);
}

static void step_coming_up(struct launcher *l)
{
	const struct launch_device *dev;
	bool all = true;

	TAILQ_FOREACH (dev, &l->devices, link) {
		all &= dev->child.state == LAUNCH_READY;
		if (dev->child.state != LAUNCH_FAILED &&
		    dev->child.state != LAUNCH_STOPPED)
			continue;
		fatal(l, "%s: %s", dev->item.label, dev->child.why);
		begin_end(l);
		return;
	}
	if (!all)
		return;
	if (l->streamer.argv)
		launch_streamer_start(&l->streamer);
	if (l->streamer.argv && l->streamer.child.state == LAUNCH_FAILED) {
		fatal(l, "%s", l->streamer.child.why);
		begin_end(l);
		return;
	}
	is_up(l);
}

static void free_removed(struct launcher *l)
{
	struct launch_device *dev = TAILQ_FIRST(&l->devices), *next;

	for (; dev; dev = next) {
		next = TAILQ_NEXT(dev, link);
		if (!dev->removing || dev->child.process.pid)
			continue;
		launch_log_line(&l->log, LOG_INFO, "%s removed",
				dev->item.label);
		TAILQ_REMOVE(&l->devices, dev, link);
		launch_device_free(dev);
	}
}

/* A streamer that has done its work ends all; a broken one does not. */
static void look_at_streamer(struct launcher *l)
{
	const struct launch_streamer *st = &l->streamer;

	if (!st->argv)
		return;
	if (st->child.state == LAUNCH_FAILED &&
	    l->setup.restart.mode == LAUNCH_RESTART_NO)
		fatal(l, "%s", st->child.why);
	else if (st->child.state != LAUNCH_STOPPED)
		return;
	begin_end(l);
}

static void step(struct launcher *l)
{
	switch (l->phase) {
	case LAUNCH_COMING_UP:
		step_coming_up(l);
		break;
	case LAUNCH_UP:
		free_removed(l);
		launch_control_step(&l->control);
		look_at_streamer(l);
		break;
	case LAUNCH_ENDING_STREAMER:
		if (!l->streamer.child.process.pid)
			end_devices(l);
		break;
	case LAUNCH_ENDING_DEVICES:
		if (!devices_run(l))
			end_orphans(l);
		break;
	case LAUNCH_ENDING_ORPHANS:
		if (!launch_children_left(&l->children))
			ev_break(l->loop, EVBREAK_ALL);
		break;
	}
}

static void on_step(struct ev_loop *loop, ev_prepare *prepare, int events)
{
	struct launcher *l = container_of(prepare, struct launcher, step);

	while (l->step_due) {
		l->step_due = false;
		step(l);
	}
}

/* --- devices --- */

struct launch_device *launcher_device(const struct launcher *l,
				      const char *label)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link)
		if (!strcmp(dev->item.label, label))
			return dev;
	return NULL;
}

static void free_devices(struct launch_device_list *list)
{
	struct launch_device *dev;

	while ((dev = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, dev, link);
		launch_device_free(dev);
	}
}

int launcher_add(struct launcher *l, const struct launch_plan *plan,
		 bool with_streamer, char *why)
{
	struct launch_device_list made = TAILQ_HEAD_INITIALIZER(made);
	struct launch_device *dev;

	for (size_t i = 0; i < plan->n; i++) {
		dev = launch_device_new(&l->setup, &plan->item[i],
					with_streamer, why);
		if (!dev) {
			free_devices(&made);
			return -1;
		}
		TAILQ_INSERT_TAIL(&made, dev, link);
	}
	TAILQ_CONCAT(&l->devices, &made, link);
	return 0;
}

/* --- set-up --- */

/* The folder: ours alone as long as we run. */
struct place {
	const char *dir;
	char absolute[PATH_MAX];
	int fd; /* its lock */
	bool made;
};

static int take_place(struct launcher *l, struct place *p)
{
	p->made = !mkdir(p->dir, 0700);
	if (!p->made && errno != EEXIST) {
		fatal(l, "cannot make %s: %s", p->dir, strerror(errno));
		return -1;
	}
	p->fd = open(p->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (p->fd < 0 || !realpath(p->dir, p->absolute)) {
		fatal(l, "cannot use %s: %s", p->dir, strerror(errno));
		return -1;
	}
	if (flock(p->fd, LOCK_EX | LOCK_NB) < 0) {
		fatal(l, "%s belongs to another vinput-launch that runs",
		      p->dir);
		return -1;
	}
	return 0;
}

static void leave_place(struct place *p)
{
	/* If there is more in it than we made, such as logs, it stays. */
	if (p->made)
		rmdir(p->dir);
	close_fd(p->fd);
}

/* Beside us, else in PATH. Return: 0 or -1. */
static int find_server(const struct launch_options *o, char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	if (o->server) {
		snprintf(path, PATH_MAX, "%s", o->server);
		return 0;
	}
	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (slash && (size_t)(slash - path) + sizeof(SERVER) + 1 < PATH_MAX) {
		strcpy(slash + 1, SERVER);
		if (!access(path, X_OK))
			return 0;
	}
	strcpy(path, SERVER);
	return 0;
}

static void init_watchers(struct launcher *l)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };

	ev_prepare_init(&l->step, on_step);
	ev_prepare_start(l->loop, &l->step);
	ev_init(&l->orphans, on_orphans);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		struct sigaction old;

		ev_signal_init(&l->signals[i], on_signal, signals[i]);
		l->signals[i].data = l;
		/* nohup(1) */
		if (signals[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		ev_signal_start(l->loop, &l->signals[i]);
	}
}

static void stop_watchers(struct launcher *l)
{
	ev_prepare_stop(l->loop, &l->step);
	ev_timer_stop(l->loop, &l->orphans);
	for (size_t i = 0; i < sizeof(l->signals) / sizeof(*l->signals); i++)
		ev_signal_stop(l->loop, &l->signals[i]);
}

static void start_devices(struct launcher *l)
{
	struct launch_device *dev;

	TAILQ_FOREACH (dev, &l->devices, link) {
		launch_device_start(dev);
		if (dev->child.state == LAUNCH_FAILED)
			return;
	}
}

/* All that can be wrong before there is a process, then the loop. */
static void launch(struct launcher *l, const struct launch_plan *plan,
		   const struct launch_options *o)
{
	char why[LAUNCH_WHY_MAX], log_dir[PATH_MAX];
	int r;

	snprintf(log_dir, sizeof(log_dir), "%s/log", l->setup.dir);
	r = launch_log_init(&l->log, o->log_level,
			    !o->log_files ? NULL
			    : o->log_dir  ? o->log_dir
					  : log_dir);
	if (r) {
		fatal(l, "cannot log in %s: %s",
		      o->log_dir ? o->log_dir : log_dir, strerror(-r));
		return;
	}
	if (launch_control_start(&l->control, l, why) ||
	    launcher_add(l, plan, l->streamer.argv, why)) {
		fatal(l, "%s", why);
		return;
	}
	start_devices(l);
	ev_run(l->loop, 0);
	if (l->status == EXIT_SUCCESS)
		launch_log_line(&l->log, LOG_INFO, "stopped");
}

static void set_up(struct launcher *l, const struct launch_options *o,
		   const struct launch_restart *restart)
{
	l->setup = (struct launch_setup){
		.loop = l->loop,
		.children = &l->children,
		.log = &l->log,
		.dir = o->dir,
		.log_level = o->log_level_name,
		.access = o->access,
		.server_args = &o->server_args,
		.restart = *restart,
		.stop_s = o->stop_s,
		.changed = changed,
		.arg = l,
	};
	l->log = LAUNCH_LOG_NULL;
	l->ready_fd = o->ready_fd;
	if (l->ready_fd >= 0)
		fd_set_cloexec(l->ready_fd);
	TAILQ_INIT(&l->devices);
	launch_children_init(&l->children, l->loop, changed, l);
	init_watchers(l);
}

int launcher_run(const struct launch_options *o, const struct launch_plan *plan,
		 const struct launch_restart *restart, char *const *streamer)
{
	static struct launcher l;
	static struct place place;
	static char server[PATH_MAX];

	/* Not the default loop: that one waits for children by itself. */
	l.loop = ev_loop_new(EVFLAG_NOENV);
	if (!l.loop) {
		fatal(&l, "no event loop can be had");
		return l.status;
	}
	set_up(&l, o, restart);
	find_server(o, server);
	place = (struct place){ .dir = o->dir, .fd = -1 };
	l.setup.server = server;
	l.setup.streamer_dir = place.absolute;
	launch_streamer_init(&l.streamer, &l.setup, &l.devices, streamer);
	if (!take_place(&l, &place))
		launch(&l, plan, o);
	launch_control_fini(&l.control);
	launch_child_fini(&l.streamer.child);
	free_devices(&l.devices);
	launch_log_fini(&l.log);
	leave_place(&place);
	stop_watchers(&l);
	launch_children_fini(&l.children);
	close_fd(l.ready_fd);
	ev_loop_destroy(l.loop);
	return l.status;
}

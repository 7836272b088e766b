/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	           start              answers for its counters
 *	STOPPED ──────────► STARTING ──────────────────────────► READY
 *	   ▲                 │  ▲                                  │
 *	   │ told to, or     │  └──── WAITING ◄──┐ may start again │
 *	   │ ended with 0    │ ended             │                 │ ended
 *	   └─────────────────┴───────────────────┴────► FAILED ◄───┘
 *
 * What outlives a process is ours: the socket that the VMM connects to, so
 * that its reconnect is answered by whichever process comes next; the device's
 * end of the streamer's socketpair, so that the streamer never sees it close,
 * with the bytes that nobody has read; and the memory file in which the server
 * keeps what is held. Each process gets all three. When a device has failed
 * they go, so that nobody waits for an answer for ever.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "input/base/container.h"
#include "input/base/fd.h"
#include "injector/launch/launch-device.h"

#define START_S	    30.0 /* to come up in */
#define LOOK_S	    0.002
#define LOOK_MAX_S  0.05
#define SERVER_SAYS "vhost-user-input: "

const char *launch_state_name(enum launch_state state)
{
	switch (state) {
	case LAUNCH_STARTING:
		return "starting";
	case LAUNCH_READY:
		return "ready";
	case LAUNCH_WAITING:
		return "waiting";
	case LAUNCH_STOPPED:
		return "stopped";
	case LAUNCH_FAILED:
		return "failed";
	}
	return "";
}

static void set_state(struct launch_device *dev, enum launch_state state)
{
	dev->state = state;
	dev->setup->changed(dev->setup->arg);
}

/* --- sockets --- */

/* A process that was killed leaves its own; a living one keeps them. */
static void remove_dead_socket(const char *path)
{
	struct stat st;
	int fd;

	if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = launch_connect(path);
	if (fd == -ECONNREFUSED)
		unlink(path);
	close_fd(fd);
}

static void close_all(struct launch_device *dev)
{
	socket_path_fini(&dev->frontend);
	dev->inject_fd = close_fd(dev->inject_fd);
	dev->streamer_fd = close_fd(dev->streamer_fd);
}

static int listen_for_frontend(struct launch_device *dev, char *why)
{
	int r = socket_path_listen(&dev->frontend, dev->frontend_path,
				   SOCK_STREAM, &dev->setup->access);

	if (r)
		snprintf(why, LAUNCH_WHY_MAX, "cannot listen at %s: %s",
			 dev->frontend_path, socket_path_strerror(r));
	return r;
}

static int make_paths(struct launch_device *dev)
{
	const char *dir = dev->setup->dir, *label = dev->item.label;

	if (asprintf(&dev->frontend_path, "%s/%s.sock", dir, label) < 0)
		dev->frontend_path = NULL;
	if (asprintf(&dev->inject_path, "%s/%s.inject", dir, label) < 0)
		dev->inject_path = NULL;
	if (asprintf(&dev->stats_path, "%s/%s.stats", dir, label) < 0)
		dev->stats_path = NULL;
	if (!dev->frontend_path || !dev->inject_path || !dev->stats_path)
		return -ENOMEM;
	return 0;
}

static int make_pair(struct launch_device *dev)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	dev->inject_fd = fd[0];
	dev->streamer_fd = fd[1];
	return 0;
}

static int make_all(struct launch_device *dev, bool with_streamer, char *why)
{
	int r = make_paths(dev);

	if (!r && strlen(dev->inject_path) >= 108) {
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", dev->inject_path,
			 socket_path_strerror(-ENAMETOOLONG));
		return -ENAMETOOLONG;
	}
	if (!r && with_streamer)
		r = make_pair(dev);
	if (!r) {
		dev->state_fd = memfd_create("vinput-state", MFD_CLOEXEC);
		if (dev->state_fd < 0)
			r = -errno;
	}
	if (!r) {
		dev->log_fd = launch_log_open(dev->setup->log, dev->item.label);
		if (dev->log_fd < -1)
			r = dev->log_fd + 1;
	}
	if (r) {
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", dev->item.label,
			 strerror(-r));
		return r;
	}
	return listen_for_frontend(dev, why);
}

/* --- what it says --- */

static void put_line(struct launch_device *dev, const char *text)
{
	launch_log_put(dev->log_fd, dev->item.label, text);
}

/* A process that never came up is told about once, by whoever wants to. */
static void on_line(void *arg, const char *text)
{
	struct launch_device *dev = arg;

	if (!strncmp(text, SERVER_SAYS, strlen(SERVER_SAYS)))
		text += strlen(SERVER_SAYS);
	if (dev->ever_ready) {
		put_line(dev, text);
		return;
	}
	if (*dev->why)
		put_line(dev, dev->why);
	snprintf(dev->why, sizeof(dev->why), "%s", text);
}

/* --- coming up --- */

static void stop_timers(struct launch_device *dev)
{
	ev_timer_stop(dev->setup->loop, &dev->timer);
	ev_timer_stop(dev->setup->loop, &dev->kill);
}

static void set_timer(struct launch_device *dev, double seconds)
{
	ev_timer_stop(dev->setup->loop, &dev->timer);
	ev_timer_set(&dev->timer, seconds, 0);
	ev_timer_start(dev->setup->loop, &dev->timer);
}

static void is_ready(struct launch_device *dev)
{
	ev_timer_stop(dev->setup->loop, &dev->timer);
	dev->was_ready = true;
	dev->ever_ready = true;
	if (*dev->why)
		put_line(dev, dev->why);
	*dev->why = '\0';
	set_state(dev, LAUNCH_READY);
}

static void on_answer(void *arg, const char *text)
{
	struct launch_device *dev = arg;

	if (text && dev->state == LAUNCH_STARTING && !dev->ending)
		is_ready(dev);
}

/* The server tells nobody that it is up: look whether it answers. */
static void look(struct launch_device *dev)
{
	double now = ev_now(dev->setup->loop);
	double waited = START_S - (dev->deadline - now);

	if (now >= dev->deadline) {
		snprintf(dev->why, sizeof(dev->why),
			 "does not answer within %g s", START_S);
		launch_process_signal(&dev->process, SIGKILL);
		return;
	}
	if (dev->ask.fd < 0)
		launch_ask_start(&dev->ask, dev->stats_path);
	set_timer(dev, waited < LOOK_S	     ? LOOK_S
		       : waited > LOOK_MAX_S ? LOOK_MAX_S
					     : waited);
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_device *dev =
		container_of(timer, struct launch_device, timer);

	if (dev->state == LAUNCH_STARTING)
		look(dev);
	else if (dev->state == LAUNCH_WAITING)
		launch_device_start(dev);
}

static void add_args(const struct launch_device *dev, struct launch_argv *args)
{
	const struct launch_setup *setup = dev->setup;

	launch_argv_add(args, "%s", setup->server);
	launch_item_args(&dev->item, args);
	launch_argv_add(args, "--fd=%d", dev->frontend.fd);
	launch_argv_add(args, "--inject-path=%s", dev->inject_path);
	launch_argv_add(args, "--stats-path=%s", dev->stats_path);
	launch_argv_add(args, "--state-fd=%d", dev->state_fd);
	if (dev->inject_fd >= 0)
		launch_argv_add(args, "--inject-fd=%d", dev->inject_fd);
	launch_argv_add(args, "--socket-mode=%03o", setup->access.mode);
	if (setup->access.group != (gid_t)-1)
		launch_argv_add(args, "--socket-group=%u", setup->access.group);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	for (size_t i = 0; i < setup->server_args->n; i++)
		launch_argv_add(args, "%s", setup->server_args->v[i]);
}

static int spawn(struct launch_device *dev, struct launch_argv *args)
{
	const int keep[] = { dev->frontend.fd, dev->state_fd, dev->inject_fd };
	_cleanup_close_ int said = -1;
	int out[2], r;

	add_args(dev, args);
	r = launch_argv_check(args);
	if (r)
		return r;
	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	said = out[1];
	launch_lines_start(&dev->lines, out[0]);
	struct launch_exec exec = { .argv = args->v,
				    .keep = keep,
				    .n_keep = dev->inject_fd >= 0 ? 3 : 2,
				    .out = said };
	r = launch_process_start(dev->setup->children, &dev->process, &exec);
	if (r)
		launch_lines_end(&dev->lines);
	return r;
}

static void failed(struct launch_device *dev)
{
	close_all(dev);
	set_state(dev, LAUNCH_FAILED);
}

void launch_device_start(struct launch_device *dev)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r = 0;

	dev->ending = dev->again = dev->was_ready = false;
	*dev->why = '\0';
	if (dev->frontend.fd < 0)
		r = listen_for_frontend(dev, dev->why);
	if (!r) {
		r = spawn(dev, &args);
		launch_argv_fini(&args);
		if (r)
			snprintf(dev->why, sizeof(dev->why),
				 "cannot start %s: %s", dev->setup->server,
				 strerror(-r));
	}
	if (r) {
		failed(dev);
		return;
	}
	ev_now_update(dev->setup->loop);
	dev->deadline = ev_now(dev->setup->loop) + START_S;
	set_timer(dev, LOOK_S);
	set_state(dev, LAUNCH_STARTING);
}

/* --- its end --- */

/* Nobody asked it to end. Start it again, or not. */
static void ended_by_itself(struct launch_device *dev, int status)
{
	const struct launch_log *log = dev->setup->log;
	bool bad = !WIFEXITED(status) || WEXITSTATUS(status);
	double delay = launch_restart_next(&dev->setup->restart, &dev->history,
					   ev_now(dev->setup->loop), bad,
					   dev->was_ready);
	char how[64];

	launch_process_strend(status, how);
	if (delay < 0) {
		launch_log_line(log, LOG_ERROR, "%s %s; not started again",
				dev->item.label, how);
		snprintf(dev->why, sizeof(dev->why), "%s", how);
		close_all(dev);
		set_state(dev, bad ? LAUNCH_FAILED : LAUNCH_STOPPED);
		return;
	}
	launch_log_line(log, LOG_WARNING, "%s %s; starting it again",
			dev->item.label, how);
	dev->state = LAUNCH_WAITING;
	if (delay > 0)
		set_timer(dev, delay);
	else
		launch_device_start(dev);
	dev->setup->changed(dev->setup->arg);
}

/* It is not tried again what never worked: why is the user's to mend. */
static void never_came_up(struct launch_device *dev, int status)
{
	char how[64];

	launch_process_strend(status, how);
	if (!*dev->why)
		snprintf(dev->why, sizeof(dev->why), "vhost-user-input %s",
			 how);
	else if (dev->log_fd >= 0)
		put_line(dev, dev->why);
	failed(dev);
}

static void on_ended(void *arg, int status)
{
	struct launch_device *dev = arg;

	stop_timers(dev);
	launch_ask_stop(&dev->ask);
	launch_lines_end(&dev->lines);
	/* It made its sockets and served before we could see that it did. */
	if (!access(dev->stats_path, F_OK))
		dev->was_ready = true;
	remove_dead_socket(dev->inject_path);
	remove_dead_socket(dev->stats_path);
	if (dev->ending && dev->again) {
		dev->history.total++;
		launch_device_start(dev);
	} else if (dev->ending) {
		close_all(dev);
		set_state(dev, LAUNCH_STOPPED);
	} else if (!dev->ever_ready) {
		never_came_up(dev, status);
	} else {
		ended_by_itself(dev, status);
	}
}

static void on_kill(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct launch_device *dev =
		container_of(timer, struct launch_device, kill);

	launch_log_line(dev->setup->log, LOG_WARNING,
			"%s does not end on SIGTERM; killed", dev->item.label);
	launch_device_kill(dev);
}

void launch_device_end(struct launch_device *dev)
{
	dev->again = false;
	if (!dev->process.pid) {
		stop_timers(dev);
		close_all(dev);
		if (dev->state != LAUNCH_FAILED)
			set_state(dev, LAUNCH_STOPPED);
		return;
	}
	if (dev->ending)
		return;
	dev->ending = true;
	stop_timers(dev);
	launch_process_signal(&dev->process, SIGTERM);
	ev_timer_set(&dev->kill, dev->setup->stop_s, 0);
	ev_timer_start(dev->setup->loop, &dev->kill);
}

void launch_device_kill(struct launch_device *dev)
{
	launch_device_end(dev);
	launch_process_signal(&dev->process, SIGKILL);
}

void launch_device_restart(struct launch_device *dev)
{
	if (!dev->process.pid) {
		stop_timers(dev);
		launch_device_start(dev);
		return;
	}
	launch_device_end(dev);
	dev->again = true;
	dev->state = LAUNCH_STARTING;
}

/* --- life --- */

struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why)
{
	struct launch_device *dev = calloc(1, sizeof(*dev));

	snprintf(why, LAUNCH_WHY_MAX, "%s", strerror(ENOMEM));
	if (!dev)
		return NULL;
	dev->setup = setup;
	dev->item = *item;
	json_incref(dev->item.json);
	dev->state = LAUNCH_STOPPED;
	dev->frontend = SOCKET_PATH_NULL;
	dev->inject_fd = dev->streamer_fd = dev->state_fd = dev->log_fd = -1;
	dev->process.ended = on_ended;
	dev->process.arg = dev;
	launch_lines_init(&dev->lines, setup->loop, on_line, dev);
	launch_ask_init(&dev->ask, setup->loop, on_answer, dev);
	ev_init(&dev->timer, on_timer);
	ev_init(&dev->kill, on_kill);
	if (make_all(dev, with_streamer, why)) {
		launch_device_free(dev);
		return NULL;
	}
	return dev;
}

void launch_device_free(struct launch_device *dev)
{
	stop_timers(dev);
	launch_ask_stop(&dev->ask);
	launch_lines_end(&dev->lines);
	close_all(dev);
	close_fd(dev->state_fd);
	if (dev->log_fd >= 0)
		close_fd(dev->log_fd);
	free(dev->frontend_path);
	free(dev->inject_path);
	free(dev->stats_path);
	json_decref(dev->item.json);
	free(dev);
}

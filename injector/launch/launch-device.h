/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One device: its vhost-user-input, started, looked after, started again when
 * it dies, ended. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_DEVICE_H
#define VINPUT_LAUNCH_DEVICE_H

#include <ev.h>
#include <limits.h>
#include <stdbool.h>
#include <sys/queue.h>
#include "input/base/socket-path.h"
#include "injector/launch/launch-argv.h"
#include "injector/launch/launch-ask.h"
#include "injector/launch/launch-log.h"
#include "injector/launch/launch-plan.h"
#include "injector/launch/launch-process.h"
#include "injector/launch/launch-restart.h"

#define LAUNCH_WHY_MAX 512

/* What all children have in common. Strings are borrowed. */
struct launch_setup {
	struct ev_loop *loop;
	struct launch_children *children;
	const struct launch_log *log;
	const char *dir, *server, *log_level;
	const char *streamer_dir; /* dir, from everywhere */
	struct socket_access access;
	const struct launch_argv *server_args; /* for each */
	struct launch_restart restart;
	double stop_s;
	/* A child's state is another one; nothing was freed. */
	void (*changed)(void *arg);
	void *arg;
};

enum launch_state {
	LAUNCH_STARTING, /* the process runs, not all its sockets do */
	LAUNCH_READY,
	LAUNCH_WAITING, /* to be started again */
	LAUNCH_STOPPED, /* it was told to end, or ended by itself, with 0 */
	LAUNCH_FAILED,	/* and is not started again; why tells */
};

struct launch_device {
	TAILQ_ENTRY(launch_device) link; /* the owner's */
	const struct launch_setup *setup;
	struct launch_item item;
	enum launch_state state;
	struct launch_process process;
	struct launch_history history;
	char *frontend_path, *inject_path, *stats_path; /* owned */
	struct socket_path frontend; /* ours: VMMs can connect at any time */
	int inject_fd;	 /* the device's end of the streamer's socketpair */
	int streamer_fd; /* the other one, until the streamer has it */
	int state_fd;	 /* what is held, from process to process */
	int log_fd;
	struct launch_lines lines;
	struct launch_ask ask;
	ev_timer timer;	 /* STARTING: look again; WAITING: start */
	ev_timer kill;	 /* after SIGTERM */
	double deadline; /* STARTING: when it is too late */
	bool was_ready;	 /* this process was */
	bool ever_ready; /* any of its processes was */
	bool ending;	 /* the process was told to end */
	bool again;	 /* and is to be started again then */
	bool removing;	 /* the owner's: to be freed when it has ended */
	/* While it was never ready: the last line it said. */
	char why[LAUNCH_WHY_MAX];
};

TAILQ_HEAD(launch_device_list, launch_device);

/*
 * Make its sockets; item is copied, with a reference to its JSON.
 * with_streamer: make a socketpair too.
 * Return: the device, stopped; NULL with why (LAUNCH_WHY_MAX bytes).
 */
struct launch_device *launch_device_new(const struct launch_setup *setup,
					const struct launch_item *item,
					bool with_streamer, char *why);
/* It has no process any more. Removes its sockets. */
void launch_device_free(struct launch_device *dev);

void launch_device_start(struct launch_device *dev);
/* SIGTERM, after a while SIGKILL. It becomes LAUNCH_STOPPED. */
void launch_device_end(struct launch_device *dev);
void launch_device_kill(struct launch_device *dev);
/* End and start it, or start it if it does not run. */
void launch_device_restart(struct launch_device *dev);

const char *launch_state_name(enum launch_state state);

#endif

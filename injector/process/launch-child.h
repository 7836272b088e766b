/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A supervised process: a device's server or the streamer. Starts it, restarts
 * it when it dies, and ends it: SIGTERM, later SIGKILL.
 *
 *	           start                        it is ready
 *	STOPPED ──────────► STARTING ─────────────────────────► READY
 *	   ▲                 │  ▲                                 │
 *	   │ ended by us, or │  └─── WAITING ◄──┐ may restart      │
 *	   │ with status 0   │ died             │                 │ died
 *	   └─────────────────┴──────────────────┴───► FAILED ◄────┘
 *
 * A process that dies before it was ever ready is not restarted: it would fail
 * again. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_CHILD_H
#define VINPUT_LAUNCH_CHILD_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include "injector/process/launch-argv.h"
#include "injector/process/launch-log.h"
#include "injector/process/launch-process.h"
#include "injector/process/launch-restart.h"
#include "injector/process/launch-timer.h"
#include "input/base/socket-path.h"

#define LAUNCH_WHY_MAX 512

struct launch_holder;
struct launch_inheritance;
struct launch_template;

/* What all children have in common. Strings are borrowed. */
struct launch_setup {
	struct ev_loop *loop;
	struct launch_children *children;
	struct launch_log *log;
	const char *dir, *log_level;
	const char *server, *passthrough, *bridge; /* programs */
	const char *streamer_dir;		   /* dir as an absolute path */
	struct launch_holder *holder;	  /* NULL: VMMs connect to servers */
	struct launch_template *template; /* NULL: servers are executed */
	bool server_is_other; /* than the one that belongs to this launcher */
	/* With a holder: devices outlive a launcher that dies. */
	bool outlives;
	bool inherits; /* devices of a launcher that has ended */
	struct launch_inheritance *inherited; /* NULL: nothing, or no more */
	struct socket_access access;
	const struct launch_argv *server_args; /* for every device */
	const json_t *tunables; /* the same, as members of a device's JSON */
	struct launch_restart restart;
	double start_s;	   /* in which a process MUST become ready */
	double watchdog_s; /* 0: none */
	double stop_s;	   /* from SIGTERM to SIGKILL */
	/* The state of a child has changed. MUST NOT free a child. */
	void (*changed)(void *arg);
	void *arg;
};

/*
 * Return: whether devices do not die with the launcher at once: the holder
 * keeps them, and ends them if they are not to outlive it. What was inherited
 * serves on if this launcher does not come up.
 */
static inline bool launch_setup_keeps(const struct launch_setup *setup)
{
	return setup->outlives || setup->inherits;
}

enum launch_state {
	LAUNCH_STARTING, /* the process runs but is not ready */
	LAUNCH_READY,
	LAUNCH_WAITING, /* to be restarted */
	LAUNCH_STOPPED, /* ended by us, or by itself with status 0 */
	LAUNCH_FAILED,	/* for the reason in why; it is not restarted */
};

struct launch_child;

/* What devices and the streamer do differently. */
struct launch_child_ops {
	/* Start the process, for the first time or again. */
	void (*start)(struct launch_child *child);
	/*
	 * The process has ended: release what belonged to it, and if it never
	 * was ready and we did not end it, fill in why.
	 */
	void (*ended)(struct launch_child *child, const char *how);
	/* It is not restarted: log that, fill in why. bad: not status 0. */
	void (*gave_up)(struct launch_child *child, const char *how, bool bad);
	/* Release what outlives a process. May be NULL. */
	void (*down)(struct launch_child *child);
};

struct launch_child {
	const struct launch_setup *setup;
	const char *name; /* for the log, borrowed */
	const struct launch_child_ops *ops;
	enum launch_state state;
	struct launch_process process;
	struct launch_history history;
	struct launch_timer timer; /* STARTING: too late; WAITING: start */
	struct launch_timer kill;  /* after SIGTERM */
	bool was_ready;		   /* this process was */
	bool ever_ready;	   /* any of its processes was */
	bool ending;		   /* SIGTERM was sent */
	bool again;		   /* to be started again when it has ended */
	char hung[64]; /* what it did not do, so that it was killed */
	/* FAILED: the reason; WAITING: why it was not ready last time, or "".
	 */
	char why[LAUNCH_WHY_MAX];
};

void launch_child_init(struct launch_child *child,
		       const struct launch_setup *setup, const char *name,
		       const struct launch_child_ops *ops);
/* There MUST NOT be a process. Idempotent. */
void launch_child_fini(struct launch_child *child);

/*
 * For ops->start and what follows it: reset for a new process; it runs, and has
 * setup->start_s to become ready; it is ready; it could not be started.
 */
void launch_child_begin(struct launch_child *child);
void launch_child_starting(struct launch_child *child);
void launch_child_ready(struct launch_child *child);
/* why MUST be filled in. */
void launch_child_fail(struct launch_child *child);

/* Call ops->start after a delay. */
void launch_child_start_in(struct launch_child *child, double seconds);
/* SIGTERM, and SIGKILL after setup->stop_s. It becomes LAUNCH_STOPPED. */
void launch_child_end(struct launch_child *child);
void launch_child_kill(struct launch_child *child);
/*
 * It hangs: SIGKILL, and what follows is that of a process that died by itself.
 * what: "was not ready within 30 s"
 */
__attribute__((format(printf, 2, 3))) void launch_child_kill_hung(
	struct launch_child *child, const char *what, ...);
/* End it, if it runs, and start it again. */
void launch_child_restart(struct launch_child *child);

const char *launch_state_name(enum launch_state state);

#endif

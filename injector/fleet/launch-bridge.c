/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "injector/fleet/launch-bridge.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static struct launch_bridge *bridge_of(struct launch_child *child)
{
	return container_of(child, struct launch_bridge, child);
}

/* --- what it says --- */

static void on_bridge_line(void *arg, const char *line)
{
	struct launch_bridge *b = arg;
	char text[LAUNCH_LINE_MAX];

	snprintf(text, sizeof(text), "bridge: %s", launch_last_strip(line));
	launch_last_put(&b->last, text);
}

static void on_bridge_ready(void *arg)
{
	struct launch_bridge *b = arg;

	if (b->child.ending)
		return;
	/* What it logged before that comes first. */
	launch_lines_read(&b->lines);
	launch_last_log(&b->last);
	launch_child_ready(&b->child);
}

/* --- start --- */

static void bridge_args(const struct launch_bridge *b, int ready,
			struct launch_argv *args)
{
	const struct launch_setup *setup = b->child.setup;

	launch_argv_add(args, "%s", setup->bridge);
	launch_argv_add(args, "--vfio-user=%s", b->ep->vfio_path);
	launch_argv_add(args, "--to=%s", b->ep->frontend_path);
	launch_argv_add(args, "--ready-fd=%d", ready);
	launch_argv_add(args, "--socket-mode=%03o", setup->access.mode);
	if (setup->access.group != (gid_t)-1)
		launch_argv_add(args, "--socket-group=%u", setup->access.group);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	launch_argv_add_some(args, setup->server_args, "--sandbox=");
}

static void on_bridge_forked(void *arg)
{
	struct launch_bridge *b = arg;

	launch_life_bind(&b->life, b->child.process.pid);
	b->replaced(b->arg);
}

static int bridge_exec(struct launch_bridge *b, int said, int ready)
{
	struct launch_child *child = &b->child;
	struct launch_argv args = LAUNCH_ARGV_NULL;
	struct launch_keep keep = { &child->setup->children->places };
	int r;

	bridge_args(b, launch_keep_add(&keep, ready), &args);
	launch_keep_add(&keep, b->life.process_fd);
	r = launch_argv_check(&args);
	struct launch_exec exec = { .argv = args.v,
				    .keep = keep.fd,
				    .n_keep = keep.n,
				    .places = keep.places,
				    .out = said,
				    .outlives =
					    launch_setup_keeps(child->setup),
				    .forked = on_bridge_forked,
				    .arg = b };
	if (!r)
		r = launch_process_start(child->setup->children,
					 &child->process, &exec);
	launch_argv_fini(&args);
	return r;
}

static int bridge_spawn(struct launch_bridge *b)
{
	_cleanup_close_ int said = -1, ready = -1;
	int fd[2], r = 0;

	/* It ends with its device. */
	if (b->life.process_fd < 0)
		r = launch_life_share(&b->life, &b->ep->life);
	if (r)
		return r;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	said = fd[1];
	launch_lines_start(&b->lines, fd[0]);
	ready = launch_ready_open(&b->ready);
	return ready < 0 ? ready : bridge_exec(b, said, ready);
}

static void bridge_start(struct launch_child *child)
{
	struct launch_bridge *b = bridge_of(child);
	int r;

	launch_child_begin(child);
	launch_last_begin(&b->last);
	r = bridge_spawn(b);
	if (!r) {
		launch_child_starting(child);
		return;
	}
	launch_ready_close(&b->ready);
	launch_lines_end(&b->lines);
	snprintf(child->why, sizeof(child->why), "cannot start %.300s: %s",
		 child->setup->bridge, strerror(-r));
	launch_child_fail(child);
}

/* --- as a child --- */

static void bridge_ended(struct launch_child *child, const char *how)
{
	struct launch_bridge *b = bridge_of(child);

	launch_ready_finish(&b->ready);
	launch_lines_end(&b->lines);
	/* Of one that was killed. */
	socket_path_remove_stale(b->ep->vfio_path);
	if (!child->was_ready && !child->ending)
		launch_last_say_why(&b->last, child->name, how);
}

static void bridge_gave_up(struct launch_child *child, const char *how,
			   bool bad)
{
	snprintf(child->why, sizeof(child->why), "%s %s", child->name, how);
	launch_log_line(child->setup->log, LOG_ERROR, "%s; not restarted",
			child->why);
}

static const struct launch_child_ops bridge_ops = {
	.start = bridge_start,
	.ended = bridge_ended,
	.gave_up = bridge_gave_up,
};

void launch_bridge_start(struct launch_bridge *b)
{
	if (!b)
		return;
	/* Ended, but not yet gone. */
	if (b->child.ending && b->child.process.pid)
		launch_child_restart(&b->child);
	else if (b->child.state == LAUNCH_STOPPED ||
		 b->child.state == LAUNCH_FAILED)
		bridge_start(&b->child);
}

void launch_bridge_end(struct launch_bridge *b)
{
	if (b)
		launch_child_end(&b->child);
}

void launch_bridge_kill(struct launch_bridge *b)
{
	if (b)
		launch_child_kill(&b->child);
}

bool launch_bridge_runs(const struct launch_bridge *b)
{
	return b && b->child.process.pid;
}

const struct launch_process *launch_bridge_kept(const struct launch_bridge *b)
{
	return launch_bridge_runs(b) && !b->child.ending ? &b->child.process
							 : NULL;
}

bool launch_bridge_is_up(const struct launch_bridge *b)
{
	return !b || b->child.state == LAUNCH_READY;
}

/* --- life --- */

void launch_bridge_inherit(struct launch_bridge *b, int pidfd)
{
	struct launch_child *child = &b->child;

	launch_child_begin(child);
	if (!launch_process_inherit(child->setup->children, &child->process,
				    pidfd))
		launch_child_ready(child);
}

void launch_bridge_give_back(struct launch_bridge *b)
{
	if (!b || b->child.process.inherited)
		return;
	launch_child_end(&b->child);
	b->replaced(b->arg);
}

struct launch_bridge *launch_bridge_new(const struct launch_setup *setup,
					const char *label)
{
	struct launch_bridge *b = calloc(1, sizeof(*b));

	if (!b)
		return NULL;
	snprintf(b->name, sizeof(b->name), "the bridge of %s", label);
	b->life = LAUNCH_LIFE_NULL;
	launch_child_init(&b->child, setup, b->name, &bridge_ops);
	b->last.child = &b->child;
	launch_lines_init(&b->lines, setup->loop, on_bridge_line, b);
	launch_ready_init(&b->ready, setup->loop, on_bridge_ready, b);
	return b;
}

void launch_bridge_free(struct launch_bridge *b)
{
	if (!b)
		return;
	launch_child_fini(&b->child);
	launch_ready_close(&b->ready);
	launch_lines_end(&b->lines);
	launch_life_close(&b->life);
	free(b);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "injector/launch/launch-device.h"
#include "injector/launch/launch-holder.h"
#include "input/base/container.h"
#include "input/base/fd.h"

static struct launch_device *device_of(struct launch_child *child)
{
	return container_of(child, struct launch_device, child);
}

/* --- its log --- */

static void device_log(struct launch_device *dev, const char *text)
{
	launch_log_put(dev->child.setup->log, &dev->log, text);
}

void launch_device_name_spec(const struct launch_device *dev, const char *text,
			     char out[LAUNCH_LINE_MAX])
{
	char path[32];
	int len = snprintf(path, sizeof(path), LAUNCH_SPEC_FORMAT ":",
			   dev->spec.fd);

	if (dev->spec.fd >= 0 && !strncmp(text, path, (size_t)len))
		snprintf(out, LAUNCH_LINE_MAX, "the spec:%s", text + len);
	else
		snprintf(out, LAUNCH_LINE_MAX, "%s", text);
}

static void device_log_last(struct launch_device *dev)
{
	if (dev->last_held)
		device_log(dev, dev->last);
	dev->last_held = false;
}

/* Return: the bytes of "vhost-user-input: " and the like. */
static size_t prefix_len(const char *line)
{
	static const char *const prefix[] = { "vhost-user-input: ",
					      "vinput-passthrough: " };

	for (size_t i = 0; i < sizeof(prefix) / sizeof(*prefix); i++)
		if (!strncmp(line, prefix[i], strlen(prefix[i])))
			return strlen(prefix[i]);
	return 0;
}

/*
 * Until a device was ready for the first time, its last line is held: if it
 * cannot start, that is why, and what the launcher says when it ends.
 */
static void on_device_line(void *arg, const char *line)
{
	struct launch_device *dev = arg;
	char text[LAUNCH_LINE_MAX];

	line += prefix_len(line);
	launch_device_name_spec(dev, line, text);
	device_log_last(dev);
	snprintf(dev->last, sizeof(dev->last), "%.*s",
		 (int)sizeof(dev->last) - 1, text);
	if (dev->child.ever_ready)
		device_log(dev, text);
	else
		dev->last_held = true;
}

/* --- readiness --- */

static void device_ready(struct launch_device *dev)
{
	/* What it logged before that comes first. */
	launch_lines_read(&dev->lines);
	device_log_last(dev);
	launch_child_ready(&dev->child);
	launch_upgrade_done(&dev->upgrade);
	if (dev->child.setup->watchdog_s > 0)
		launch_watchdog_start(&dev->watchdog, dev->endpoints.stats_path,
				      dev->child.setup->watchdog_s);
	if (dev->reload_later)
		launch_device_reload(dev);
}

static void on_device_hung(void *arg)
{
	struct launch_device *dev = arg;

	/* One that is being ended has a deadline already. */
	if (!dev->child.ending)
		launch_child_kill_hung(&dev->child, "did not answer for %g s",
				       dev->child.setup->watchdog_s);
}

static void device_close_ready(struct launch_device *dev)
{
	ev_io_stop(dev->child.setup->loop, &dev->ready);
	dev->ready_fd = close_fd(dev->ready_fd);
}

/* A newline when the server is ready, the end of the pipe if it never is. */
static void device_read_ready(struct launch_device *dev)
{
	char c;
	ssize_t n = read(dev->ready_fd, &c, 1);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	device_close_ready(dev);
	if (n == 1 && !dev->child.ending)
		device_ready(dev);
}

static void on_device_ready(struct ev_loop *loop, ev_io *io, int events)
{
	device_read_ready(container_of(io, struct launch_device, ready));
}

/* --- start --- */

static const char *device_program(const struct launch_device *dev)
{
	const struct launch_setup *setup = dev->child.setup;

	return dev->item.passthrough ? setup->passthrough : setup->server;
}

/* Return: the socket at which the server listens for its front-end. */
static int device_socket(const struct launch_device *dev)
{
	return dev->child.setup->holder ? dev->endpoints.server_fd
					: dev->endpoints.frontend.fd;
}

static void device_args(const struct launch_device *dev,
			const struct launch_upgrade_fds *fds,
			struct launch_argv *args)
{
	const struct launch_setup *setup = dev->child.setup;
	const struct launch_endpoints *ep = &dev->endpoints;

	launch_argv_add(args, "%s", device_program(dev));
	if (dev->spec.fd >= 0)
		launch_argv_add(args,
				dev->item.passthrough
					? "--spec-fd=%d"
					: "--spec=" LAUNCH_SPEC_FORMAT,
				dev->spec.fd);
	launch_argv_add(args, "--fd=%d", device_socket(dev));
	launch_argv_add(args, "--inject-path=%s", ep->inject_path);
	launch_argv_add(args, "--stats-path=%s", ep->stats_path);
	launch_argv_add(args, "--state-fd=%d", ep->state_fd);
	launch_argv_add(args, "--ready-fd=%d", fds->ready);
	if (fds->standby >= 0)
		launch_argv_add(args, "--standby-fd=%d", fds->standby);
	if (ep->inject_fd >= 0)
		launch_argv_add(args, "--inject-fd=%d", ep->inject_fd);
	launch_argv_add(args, "--socket-mode=%03o", setup->access.mode);
	if (setup->access.group != (gid_t)-1)
		launch_argv_add(args, "--socket-group=%u", setup->access.group);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	for (size_t i = 0; i < setup->server_args->n; i++)
		launch_argv_add(args, "%s", setup->server_args->v[i]);
	launch_item_args(&dev->item, args);
}

/* said, ready: the ends for the server. Return: 0 or -errno. */
static int device_make_pipes(struct launch_device *dev, int *said, int *ready)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	*said = fd[1];
	launch_lines_start(&dev->lines, fd[0]);
	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	*ready = fd[1];
	dev->ready_fd = fd[0];
	ev_io_set(&dev->ready, fd[0], EV_READ);
	ev_io_start(dev->child.setup->loop, &dev->ready);
	return 0;
}

static void device_keep(struct launch_device *dev)
{
	const struct launch_endpoints *ep = &dev->endpoints;

	if (dev->child.setup->holder)
		launch_holder_keep(dev->child.setup->holder, dev->item.label,
				   dev->item.json, ep->server_fd, ep->state_fd,
				   &dev->child.process);
}

static void on_device_forked(void *arg)
{
	device_keep(arg);
}

static int device_exec(struct launch_device *dev, struct launch_process *p,
		       const struct launch_upgrade_fds *fds)
{
	const struct launch_endpoints *ep = &dev->endpoints;
	char *const env[] = { dev->reload.env, NULL };
	int keep[6] = { device_socket(dev), ep->state_fd, fds->ready };
	size_t n_keep = 3;
	struct launch_child *child = &dev->child;
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r;

	if (ep->inject_fd >= 0)
		keep[n_keep++] = ep->inject_fd;
	if (dev->spec.fd >= 0)
		keep[n_keep++] = dev->spec.fd;
	if (fds->standby >= 0)
		keep[n_keep++] = fds->standby;
	device_args(dev, fds, &args);
	r = launch_argv_check(&args);
	struct launch_exec exec = { .argv = args.v,
				    .env = env,
				    .keep = keep,
				    .n_keep = n_keep,
				    .out = fds->said,
				    .outlives = child->setup->outlives,
				    /* One that waits ends with standby. */
				    .forked = fds->standby < 0
						      ? on_device_forked
						      : NULL,
				    .arg = dev };
	if (!r)
		r = launch_process_start(child->setup->children, p, &exec);
	launch_argv_fini(&args);
	return r;
}

static int device_spawn(struct launch_device *dev)
{
	_cleanup_close_ int said = -1, ready = -1;
	int r = device_make_pipes(dev, &said, &ready);
	const struct launch_upgrade_fds fds = { said, ready, -1 };

	if (!r)
		r = device_exec(dev, &dev->child.process, &fds);
	if (!r)
		return 0;
	device_close_ready(dev);
	launch_lines_end(&dev->lines);
	return r;
}

void launch_device_hold(struct launch_device *dev)
{
	const struct launch_endpoints *ep = &dev->endpoints;

	if (!dev->child.setup->holder || ep->server_fd < 0)
		return;
	launch_holder_add(dev->child.setup->holder, dev->item.label,
			  ep->frontend.fd, ep->server_path_fd);
	device_keep(dev);
}

/* Return: 0, or -errno with why; idempotent. */
static int device_listen(struct launch_device *dev, char *why)
{
	const struct launch_setup *setup = dev->child.setup;
	struct launch_endpoints *ep = &dev->endpoints;
	const bool was_open = ep->frontend.fd >= 0;
	int r = launch_endpoints_listen(ep, &setup->access, why);

	if (r || !setup->holder || was_open)
		return r;
	r = launch_endpoints_listen_held(ep, why);
	if (!r)
		launch_device_hold(dev);
	return r;
}

static void device_begin(struct launch_device *dev)
{
	launch_child_begin(&dev->child);
	*dev->last = '\0';
	dev->last_held = dev->reload_later = false;
}

/* --- upgrade --- */

void launch_device_upgrade(struct launch_device *dev)
{
	struct launch_upgrade *u = &dev->upgrade;
	struct launch_upgrade_fds fds = { -1, -1, -1 };
	int r;

	if (launch_upgrade_runs(u))
		return;
	r = launch_upgrade_begin(u, &fds);
	if (!r)
		r = device_exec(dev, &u->process, &fds);
	close_fd(fds.said);
	close_fd(fds.ready);
	close_fd(fds.standby);
	launch_upgrade_started(u, r);
}

/* The child's end brings device_start(). */
static void device_replace(struct launch_device *dev)
{
	if (dev->child.ending)
		return;
	launch_log_line(dev->child.setup->log, LOG_INFO,
			"%s: the new process is ready; ending the old one",
			dev->item.label);
	launch_child_restart(&dev->child);
}

static void on_device_prepared(void *arg)
{
	struct launch_device *dev = arg;

	if (!dev->taken_over || dev->may_replace)
		device_replace(dev);
}

void launch_device_replace(struct launch_device *dev)
{
	if (!dev->taken_over || dev->may_replace)
		return;
	dev->may_replace = true;
	if (dev->upgrade.state == LAUNCH_UPGRADE_PREPARED)
		device_replace(dev);
}

/* The one that waited takes the place of the one that has ended. */
static void device_promote(struct launch_device *dev)
{
	struct launch_child *child = &dev->child;
	int lines_fd;

	device_begin(dev);
	launch_upgrade_hand_over(&dev->upgrade, &child->process, &lines_fd,
				 &dev->ready_fd);
	if (lines_fd >= 0)
		launch_lines_start(&dev->lines, lines_fd);
	ev_io_set(&dev->ready, dev->ready_fd, EV_READ);
	ev_io_start(child->setup->loop, &dev->ready);
	device_keep(dev);
	launch_child_starting(child);
}

void launch_device_end(struct launch_device *dev)
{
	launch_upgrade_fail(&dev->upgrade, "the device is being ended");
	launch_child_end(&dev->child);
}

bool launch_device_runs(const struct launch_device *dev)
{
	return dev->child.process.pid || dev->upgrade.process.pid;
}

void launch_device_start(struct launch_device *dev)
{
	struct launch_child *child = &dev->child;
	int r;

	/* If ours does not come up, the other one serves on. */
	if (child->process.inherited && !dev->item.passthrough) {
		launch_device_upgrade(dev);
		return;
	}
	/* One process at a time can have a device of the host. */
	if (child->process.inherited) {
		launch_child_restart(child);
		return;
	}
	device_begin(dev);
	r = device_listen(dev, child->why);
	if (r) {
		launch_child_fail(child);
		return;
	}
	r = device_spawn(dev);
	if (r) {
		snprintf(child->why, sizeof(child->why), "cannot start %s: %s",
			 device_program(dev), strerror(-r));
		launch_child_fail(child);
		return;
	}
	launch_child_starting(child);
}

int launch_device_set_spec(struct launch_device *dev, json_t *spec)
{
	int r = launch_spec_file_write(&dev->spec, spec);

	if (r)
		return r;
	json_object_set(dev->item.json, "spec", spec);
	dev->item.inline_spec = spec;
	return 0;
}

/*
 * A server that is not ready may have read its spec already, but would be
 * killed by the signal.
 */
void launch_device_reload(struct launch_device *dev)
{
	if (!launch_item_can_reload(&dev->item))
		return;
	dev->reload_later = dev->child.state != LAUNCH_READY;
	if (!dev->reload_later && !dev->child.ending)
		launch_process_signal(&dev->child.process, SIGHUP);
}

void launch_device_reopen_log(struct launch_device *dev)
{
	struct launch_log *log = dev->child.setup->log;
	int r = log->dir ? launch_log_reopen(log, &dev->log) : 0;

	if (r)
		launch_log_line(log, LOG_WARNING,
				"cannot open the log of %s again: %s",
				dev->item.label, strerror(-r));
}

/* --- as a child --- */

static void device_start(struct launch_child *child)
{
	struct launch_device *dev = device_of(child);

	if (dev->upgrade.state == LAUNCH_UPGRADE_PREPARED)
		device_promote(dev);
	else
		launch_device_start(dev);
}

/* It was not ready. */
static void device_say_why(struct launch_device *dev, const char *how)
{
	struct launch_child *child = &dev->child;
	bool by_itself = !*child->hung && *dev->last;

	/* Where the launcher logs to stderr, it says that line itself. */
	if (!by_itself || dev->log.fd >= 0)
		device_log_last(dev);
	if (by_itself)
		strcpy(child->why, dev->last);
	else
		snprintf(child->why, sizeof(child->why), "%s %s",
			 dev->item.passthrough ? "vinput-passthrough"
					       : "vhost-user-input",
			 how);
}

static void device_ended(struct launch_child *child, const char *how)
{
	struct launch_device *dev = device_of(child);

	/* It may have been ready for less time than it took us to see that. */
	if (dev->ready_fd >= 0)
		device_read_ready(dev);
	device_close_ready(dev);
	launch_lines_end(&dev->lines);
	launch_watchdog_stop(&dev->watchdog);
	launch_endpoints_sweep(&dev->endpoints);
	if (!child->was_ready && !child->ending)
		device_say_why(dev, how);
}

static void device_gave_up(struct launch_child *child, const char *how,
			   bool bad)
{
	launch_log_line(child->setup->log, LOG_ERROR, "%s %s; not restarted",
			child->name, how);
	if (child->was_ready)
		snprintf(child->why, sizeof(child->why), "%s", how);
}

static void device_down(struct launch_child *child)
{
	struct launch_device *dev = device_of(child);

	if (child->setup->holder)
		launch_holder_remove(child->setup->holder, dev->item.label);
	launch_endpoints_close(&dev->endpoints);
}

static const struct launch_child_ops device_ops = {
	.start = device_start,
	.ended = device_ended,
	.gave_up = device_gave_up,
	.down = device_down,
};

/* --- life --- */

/* A guest's driver does not expect that its mouse becomes a keyboard. */
static int device_check_type(const struct launch_device *dev,
			     const struct launch_inherited *in, char *why)
{
	const char *was = json_string_value(json_object_get(in->item, "type"));
	const char *is = dev->item.kind ? dev->item.kind->name : NULL;

	if (!in->connected || !was || !is || !strcmp(was, is))
		return 0;
	snprintf(why, LAUNCH_WHY_MAX,
		 "%s: is a %s, which its VMM uses; it cannot become a %s",
		 dev->item.label, was, is);
	return -EEXIST;
}

/* Another launcher's device: its server is to be replaced by one of ours. */
static int device_inherit(struct launch_device *dev,
			  struct launch_inherited *in, char *why)
{
	struct launch_child *child = &dev->child;
	int r = device_check_type(dev, in, why);

	if (!r)
		r = launch_endpoints_inherit(&dev->endpoints, in, why);
	if (r)
		return r;
	dev->taken_over = true;
	launch_log_line(child->setup->log, LOG_INFO,
			"%s is taken over from a launcher that has ended",
			dev->item.label);
	r = launch_process_inherit(child->setup->children, &child->process,
				   steal_fd(&in->pidfd));
	/* It may have ended since. */
	if (!r)
		launch_child_ready(child);
	return 0;
}

static int device_open(struct launch_device *dev, bool with_streamer, char *why)
{
	const struct launch_setup *setup = dev->child.setup;
	struct launch_inherited *in = NULL;
	int r = launch_endpoints_open(&dev->endpoints, setup->dir,
				      dev->item.label, with_streamer, why);

	if (r)
		return r;
	if (dev->item.inline_spec || dev->item.passthrough)
		r = launch_spec_file_open(&dev->spec, dev->item.inline_spec);
	if (!r)
		r = launch_reload_open(&dev->reload);
	if (!r)
		r = launch_log_open(setup->log, dev->item.label, &dev->log);
	if (r) {
		snprintf(why, LAUNCH_WHY_MAX, "%s: %s", dev->item.label,
			 strerror(-r));
		return r;
	}
	if (setup->inherited)
		in = launch_inheritance_find(setup->inherited, dev->item.label);
	if (in)
		r = device_inherit(dev, in, why);
	launch_inherited_free(in);
	return r ? r : device_listen(dev, why);
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
	dev->spec = LAUNCH_SPEC_FILE_NULL;
	dev->log = LAUNCH_LOG_FILE_NULL;
	launch_lines_init(&dev->lines, setup->loop, on_device_line, dev);
	dev->ready_fd = -1;
	ev_init(&dev->ready, on_device_ready);
	launch_reload_init(&dev->reload, setup->loop, &dev->child.process,
			   setup->changed, setup->arg);
	launch_upgrade_init(&dev->upgrade, setup, dev->item.label);
	dev->upgrade.prepared = on_device_prepared;
	dev->upgrade.arg = dev;
	launch_watchdog_init(&dev->watchdog, setup->loop, on_device_hung, dev);
	if (device_open(dev, with_streamer, why)) {
		launch_device_free(dev);
		return NULL;
	}
	return dev;
}

void launch_device_give_back(struct launch_device *dev)
{
	launch_upgrade_fail(&dev->upgrade, "the launcher fails");
	if (dev->taken_over)
		return;
	launch_process_signal(&dev->child.process, SIGTERM);
	device_down(&dev->child);
}

void launch_device_free(struct launch_device *dev)
{
	launch_child_fini(&dev->child);
	device_close_ready(dev);
	launch_lines_end(&dev->lines);
	launch_watchdog_stop(&dev->watchdog);
	launch_reload_close(&dev->reload);
	launch_upgrade_fini(&dev->upgrade);
	launch_endpoints_fini(&dev->endpoints);
	launch_spec_file_close(&dev->spec);
	launch_log_close(&dev->log);
	json_decref(dev->item.json);
	free(dev);
}

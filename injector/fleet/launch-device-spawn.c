/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "injector/fleet/launch-device-spawn.h"
#include "injector/fleet/launch-holder.h"
#include "injector/fleet/launch-template.h"
#include "input/base/fd.h"

const char *launch_device_program(const struct launch_device *dev)
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

/* --NAME=N, the fd's number in the server. fd: -1: not given. */
static void device_arg_fd(struct launch_argv *args, struct launch_keep *keep,
			  const char *name, int fd)
{
	if (fd >= 0)
		launch_argv_add(args, "--%s=%d", name,
				launch_keep_add(keep, fd));
}

static void device_args(const struct launch_device *dev,
			const struct launch_upgrade_fds *fds,
			struct launch_argv *args, struct launch_keep *keep)
{
	const struct launch_setup *setup = dev->child.setup;
	const struct launch_endpoints *ep = &dev->endpoints;

	launch_argv_add(args, "%s", launch_device_program(dev));
	/* The first: launch_device_name_spec() knows its number. */
	if (dev->spec.fd >= 0)
		launch_argv_add(args,
				dev->item.passthrough
					? "--spec-fd=%d"
					: "--spec=" LAUNCH_SPEC_FORMAT,
				launch_keep_add(keep, dev->spec.fd));
	device_arg_fd(args, keep, "fd", device_socket(dev));
	launch_argv_add(args, "--inject-path=%s", ep->inject_path);
	launch_argv_add(args, "--stats-path=%s", ep->stats_path);
	device_arg_fd(args, keep, "state-fd", ep->state_fd);
	device_arg_fd(args, keep, "ready-fd", fds->ready);
	device_arg_fd(args, keep, "standby-fd", fds->standby);
	device_arg_fd(args, keep, "inject-fd", ep->inject_fd);
	launch_argv_add(args, "--socket-mode=%03o", setup->access.mode);
	if (setup->access.group != (gid_t)-1)
		launch_argv_add(args, "--socket-group=%u", setup->access.group);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	for (size_t i = 0; i < setup->server_args->n; i++)
		launch_argv_add(args, "%s", setup->server_args->v[i]);
	launch_item_args(&dev->item, args);
}

/*
 * said, ready: the ends for the server. Ours never waits for a reader, and does
 * not have to open its stderr once more if that does not block. Another program
 * may expect that it does. Return: 0 or -errno.
 */
static int device_make_pipes(struct launch_device *dev, int *said, int *ready)
{
	const bool ours =
		dev->item.passthrough || !dev->child.setup->server_is_other;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC | (ours ? O_NONBLOCK : 0)) < 0)
		return -errno;
	*said = fd[1];
	launch_lines_start(&dev->lines, fd[0]);
	*ready = launch_ready_open(&dev->ready);
	return *ready < 0 ? *ready : 0;
}

void launch_device_keep(struct launch_device *dev)
{
	const struct launch_kept kept = {
		.item = dev->item.json,
		.endpoints = &dev->endpoints,
		.server = &dev->child.process,
		.bridge = launch_bridge_kept(dev->bridge),
		.old_bridge = dev->old_bridge,
	};

	if (dev->child.setup->holder)
		launch_holder_keep(dev->child.setup->holder, dev->item.label,
				   &kept);
}

static void on_device_forked(void *arg)
{
	struct launch_device *dev = arg;

	launch_life_bind(&dev->endpoints.life, dev->child.process.pid);
	launch_device_keep(dev);
}

int launch_device_exec(struct launch_device *dev, struct launch_process *p,
		       const struct launch_upgrade_fds *fds)
{
	char *const env[] = { dev->reload.env, NULL };
	struct launch_child *child = &dev->child;
	struct launch_keep keep = { &child->setup->children->places };
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r;

	device_args(dev, fds, &args, &keep);
	launch_keep_add(&keep, dev->endpoints.life.process_fd);
	r = launch_argv_check(&args);
	struct launch_exec exec = {
		.argv = args.v,
		.env = env,
		.keep = keep.fd,
		.n_keep = keep.n,
		.places = keep.places,
		.out = fds->said,
		.outlives = launch_setup_keeps(child->setup),
		/* One that waits ends with standby. */
		.forked = fds->standby < 0 ? on_device_forked : NULL,
		.arg = dev,
	};
	if (child->setup->template && !dev->item.passthrough) {
		exec.by = launch_template_fork;
		exec.by_arg = child->setup->template;
	}
	if (!r)
		r = launch_process_start(child->setup->children, p, &exec);
	launch_argv_fini(&args);
	return r;
}

int launch_device_spawn(struct launch_device *dev)
{
	_cleanup_close_ int said = -1, ready = -1;
	int r = device_make_pipes(dev, &said, &ready);
	const struct launch_upgrade_fds fds = { said, ready, -1 };

	if (!r)
		r = launch_device_exec(dev, &dev->child.process, &fds);
	if (!r)
		return 0;
	launch_ready_close(&dev->ready);
	launch_lines_end(&dev->lines);
	return r;
}

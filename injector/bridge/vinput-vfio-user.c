/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-vfio-user(1) gives a vfio-user client a virtio input device, which a
 * vhost-user-input behind it serves.
 *
 *	bridge-options	the command line
 *	bridge-device	a request of the client: to the model, to the back-end
 *	bridge-shared	is the guest's memory what we have of it?
 *	bridge-backend	the holder's engine, and the back-end behind it
 *	bridge-sync	what a back-end has been told, and what it is told next
 *	bridge-memory, bridge-start	its memory, and its queues
 *
 * Each uses only what stands below it, ../vfio-user (the protocol),
 * ../virtio-pci (what a driver sees) and ../hold. Exit status: 0 after SIGTERM
 * or SIGINT; 2 for a wrong command line; 1 for other failures.
 */
#include <errno.h>
#include <ev.h>
#include <string.h>
#include <unistd.h>
#include "injector/bridge/bridge-device.h"
#include "injector/bridge/bridge-options.h"
#include "injector/hold/hold-keeper.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

#define WATCHDOG_MS 100

struct bridge {
	const struct bridge_options *o;
	struct common_loop main;
	struct socket_path client;
	char to[HOLD_PATH_MAX];
	struct bridge_device device;
	int keeper; /* owned; -1: none */
	ev_io keeper_io;
	bool ends; /* the keeper was asked to end */
	int status;
};

static void on_end_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	struct bridge *b = sig->data;

	if (b->ends)
		return;
	b->ends = true;
	notify_stopping(&b->main.notify);
	bridge_device_fini(&b->device);
	/* Those that were not accepted wait for nothing. */
	socket_path_fini(&b->client);
	if (b->keeper < 0)
		ev_break(loop, EVBREAK_ALL);
	else
		shutdown(b->keeper, SHUT_WR);
}

static void on_keeper_ended(struct ev_loop *loop, ev_io *io, int events)
{
	struct bridge *b = container_of(io, struct bridge, keeper_io);

	if (!b->ends)
		b->status = COMMON_FAILED;
	ev_break(loop, EVBREAK_ALL);
}

/* --- set-up --- */

static int bridge_start_keeper(struct bridge *b)
{
	int fd;

	if (!b->o->command)
		return 0;
	fd = hold_keeper_start(b->o->command, b->to);
	if (fd < 0)
		return fd;
	b->keeper = fd;
	ev_io_init(&b->keeper_io, on_keeper_ended, fd, EV_READ);
	ev_io_start(b->main.loop, &b->keeper_io);
	return 0;
}

static int bridge_confine(const struct bridge *b)
{
	struct sandbox sandbox = b->o->common.sandbox;

	sandbox.calls = SANDBOX_HOLDS;
	sandbox.paths = (struct sandbox_paths){
		.removed = { b->o->vfio_user },
	};
	return sandbox_enter(&sandbox);
}

static int bridge_start_device(struct bridge *b)
{
	int r = bridge_device_start(&b->device, b->client.fd);

	if (r)
		log_line(LOG_ERROR, CULPRIT_HOST, "vfio-user: %s",
			 strerror(-r));
	return r;
}

/* Its child MUST NOT inherit what is opened after it. */
static int bridge_start(struct bridge *b)
{
	int r = hold_keeper_choose(b->to, b->o->to, b->o->vfio_user);

	if (!r)
		r = bridge_start_keeper(b);
	common_loop_watch(&b->main, on_end_signal, b);
	if (!r)
		r = common_options_listen(&b->o->common, &b->client,
					  b->o->vfio_user);
	if (!r)
		r = watchdog_init(WATCHDOG_MS, NULL);
	if (!r)
		r = bridge_device_init(&b->device, b->main.loop, b->to,
				       b->o->queue_size);
	if (!r)
		r = bridge_confine(b);
	return r ? r : bridge_start_device(b);
}

static int bridge(const struct bridge_options *o)
{
	struct bridge b = { .client = { .fd = -1 }, .keeper = -1 };

	b.o = o;
	if (common_loop_open(&b.main, &o->common))
		return COMMON_FAILED;
	if (bridge_start(&b))
		b.status = COMMON_FAILED;
	else
		common_loop_run(&b.main);
	close_fd(b.keeper);
	socket_path_fini(&b.client);
	common_loop_close(&b.main);
	return b.status;
}

int main(int argc, char **argv)
{
	static struct bridge_options o = BRIDGE_OPTIONS_DEFAULT;
	int status = common_program_open(&bridge_program, &o, argc, argv);

	if (status == COMMON_RUNS)
		status = bridge(&o);
	return common_program_close(status);
}

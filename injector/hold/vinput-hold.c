/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vinput-hold(1) stands between a VMM and its device server, so that the VMM
 * sees one connection while servers die and are replaced.
 *
 *	hold-options	the command line
 *	hold-keeper	a process that starts the server, again and again
 *	hold-control	the devices of a launcher, and of the next one
 *	hold-packet	what they say to each other
 *	hold-device	two connections, and what is passed on
 *	hold-channel	those of the back-end channel
 *	hold-config	the configuration space, read ahead
 *	hold-link	a socket in the loop
 *	hold-memory	what is done with the VMM's fds
 *	hold-replay	what is said to the next server
 *	hold-session	what has been said and asked
 *	hold-rows	what is kept of each message
 *
 * Each uses only what stands below it. Exit status: 0 after SIGTERM or SIGINT;
 * 2 for a wrong command line; 1 for other failures.
 */
#include <errno.h>
#include <ev.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>
#include "injector/hold/hold-control.h"
#include "injector/hold/hold-device.h"
#include "injector/hold/hold-keeper.h"
#include "injector/hold/hold-options.h"
#include "input/base/container.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

#define WATCHDOG_MS 100

struct holder {
	const struct hold_options *o;
	struct common_loop main;
	struct socket_path frontend;
	char to[HOLD_PATH_MAX];
	struct hold_device device;
	struct hold_control control; /* instead of device; fd -1: none */
	int keeper_fd;		     /* owned; -1: none */
	ev_io keeper_io;
	bool ends; /* the keeper was asked to end */
	int status;
};

static void holder_end(struct holder *h)
{
	if (h->ends)
		return;
	h->ends = true;
	notify_stopping(&h->main.notify);
	if (h->o->control_fd < 0)
		hold_device_fini(&h->device);
	hold_control_fini(&h->control);
	/* Those that were not accepted wait for nothing. */
	socket_path_fini(&h->frontend);
	if (h->keeper_fd < 0)
		ev_break(h->main.loop, EVBREAK_ALL);
	else
		shutdown(h->keeper_fd, SHUT_WR);
}

static void on_end_signal(struct ev_loop *loop, ev_signal *sig, int events)
{
	holder_end(sig->data);
}

static void on_launcher_ended(void *arg)
{
	holder_end(arg);
}

static void on_keeper_ended(struct ev_loop *loop, ev_io *io, int events)
{
	struct holder *h = container_of(io, struct holder, keeper_io);

	if (!h->ends)
		h->status = COMMON_FAILED;
	ev_break(loop, EVBREAK_ALL);
}

/* --- set-up --- */

static int holder_start_keeper(struct holder *h)
{
	int fd;

	if (!h->o->command)
		return 0;
	fd = hold_keeper_start(h->o->command, h->to);
	if (fd < 0)
		return fd;
	h->keeper_fd = fd;
	ev_io_init(&h->keeper_io, on_keeper_ended, fd, EV_READ);
	ev_io_start(h->main.loop, &h->keeper_io);
	return 0;
}

static int holder_confine(const struct holder *h)
{
	struct sandbox sandbox = h->o->common.sandbox;

	sandbox.calls = SANDBOX_HOLDS;
	sandbox.paths = (struct sandbox_paths){
		.removed = { h->o->socket_path },
		.signals = h->o->next_fd >= 0,
	};
	return sandbox_enter(&sandbox);
}

static int holder_start_device(struct holder *h)
{
	hold_device_init(&h->device, h->main.loop, "", h->to);
	h->device.give_up_s = h->o->give_up_s;
	return hold_device_start(&h->device, h->frontend.fd);
}

static int holder_start_control(struct holder *h)
{
	h->control.loop = h->main.loop;
	h->control.give_up_s = h->o->give_up_s;
	h->control.ended = on_launcher_ended;
	h->control.arg = h;
	return hold_control_start(&h->control, h->o->control_fd, h->o->next_fd);
}

/* Before the sandbox. Return: 0 or -errno. */
static int holder_know_itself(struct holder *h)
{
	if (h->o->next_fd < 0)
		return 0;
	h->control.uid = geteuid();
	h->control.self_fd = pidfd_open(getpid(), 0);
	if (h->control.self_fd >= 0)
		return fd_set_cloexec(h->o->next_fd);
	log_line(LOG_ERROR, CULPRIT_HOST, "pidfd_open: %s", strerror(errno));
	return -errno;
}

/* Its children MUST NOT inherit what is opened after them. */
static int holder_start(struct holder *h)
{
	const bool controlled = h->o->control_fd >= 0;
	int r = controlled ? 0
			   : hold_keeper_choose(h->to, h->o->to,
						h->o->socket_path);

	if (!r)
		r = holder_start_keeper(h);
	common_loop_watch(&h->main, on_end_signal, h);
	if (!r && !controlled)
		r = common_options_listen(&h->o->common, &h->frontend,
					  h->o->socket_path);
	if (!r)
		r = holder_know_itself(h);
	if (!r)
		r = watchdog_init(WATCHDOG_MS, NULL);
	/* A launcher has up to 256 devices. */
	if (controlled)
		fd_raise_limit();
	if (!r)
		r = holder_confine(h);
	if (r)
		return r;
	return controlled ? holder_start_control(h) : holder_start_device(h);
}

static int hold(const struct hold_options *o)
{
	struct holder h = { .frontend = { .fd = -1 },
			    .keeper_fd = -1,
			    .control = HOLD_CONTROL_NULL };

	h.o = o;
	if (common_loop_open(&h.main, &o->common))
		return COMMON_FAILED;
	if (holder_start(&h))
		h.status = COMMON_FAILED;
	else
		common_loop_run(&h.main);
	close_fd(h.keeper_fd);
	socket_path_fini(&h.frontend);
	common_loop_close(&h.main);
	return h.status;
}

int main(int argc, char **argv)
{
	static struct hold_options o = HOLD_OPTIONS_DEFAULT;
	int status = common_program_open(&hold_program, &o, argc, argv);

	if (status == COMMON_RUNS)
		status = hold(&o);
	return common_program_close(status);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "injector/hold/hold-order.h"
#include "injector/launch/launch-holder.h"
#include "injector/launch/launch-program.h"
#include "input/base/container.h"
#include "input/base/fd.h"

#define NAME   "the holder"
#define PREFIX "vinput-hold: "

static struct launch_holder *holder_of(struct launch_child *child)
{
	return container_of(child, struct launch_holder, child);
}

static void on_holder_line(void *arg, const char *line)
{
	struct launch_holder *h = arg;

	if (!strncmp(line, PREFIX, strlen(PREFIX)))
		line += strlen(PREFIX);
	launch_log_put(h->child.setup->log, &h->child.setup->log->own, line);
}

static void on_holder_report(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_holder *h = container_of(io, struct launch_holder, io);
	struct hold_report report;
	ssize_t n = recv(h->fd, &report, sizeof(report), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n != sizeof(report)) {
		ev_io_stop(loop, io);
		return;
	}
	report.label[sizeof(report.label) - 1] = '\0';
	h->acked(h->arg, report.label, report.features, report.protocol);
}

/* --- start --- */

static void holder_args(const struct launch_holder *h, int control,
			struct launch_argv *args)
{
	const struct launch_setup *setup = h->child.setup;

	launch_argv_add(args, "%s", h->program);
	launch_argv_add(args, "--control-fd=%d", control);
	launch_argv_add(args, "--give-up=%g", h->give_up_s);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	for (size_t i = 0; i < setup->server_args->n; i++)
		if (!strncmp(setup->server_args->v[i], "--sandbox=", 10))
			launch_argv_add(args, "%s", setup->server_args->v[i]);
}

static int holder_exec(struct launch_holder *h, int control, int said)
{
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r;

	holder_args(h, control, &args);
	r = launch_argv_check(&args);
	struct launch_exec exec = {
		.argv = args.v, .keep = &control, .n_keep = 1, .out = said
	};
	if (!r)
		r = launch_process_start(h->child.setup->children,
					 &h->child.process, &exec);
	launch_argv_fini(&args);
	return r;
}

static int holder_spawn(struct launch_holder *h)
{
	_cleanup_close_ int control = -1, said = -1;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	h->fd = fd[0];
	control = fd[1];
	ev_io_set(&h->io, h->fd, EV_READ);
	ev_io_start(h->child.setup->loop, &h->io);
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	said = fd[1];
	launch_lines_start(&h->lines, fd[0]);
	return holder_exec(h, control, said);
}

static void holder_close(struct launch_holder *h)
{
	ev_io_stop(h->child.setup->loop, &h->io);
	h->fd = close_fd(h->fd);
	launch_lines_end(&h->lines);
}

void launch_holder_start(struct launch_holder *h)
{
	struct launch_child *child = &h->child;
	int r;

	launch_child_begin(child);
	r = holder_spawn(h);
	if (r) {
		holder_close(h);
		snprintf(child->why, sizeof(child->why),
			 "cannot start %.300s: %s", h->program, strerror(-r));
		launch_child_fail(child);
		return;
	}
	launch_child_ready(child);
	h->started(h->arg);
}

/* --- orders --- */

static void holder_send(struct launch_holder *h, const struct hold_order *order,
			const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(2 * sizeof(int))];
	} control = { .buf = { 0 } };
	struct iovec iov = { (void *)order, sizeof(*order) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n) {
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(
							  n * sizeof(int)) };
		memcpy(CMSG_DATA(&control.align), fds, n * sizeof(int));
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
	}
	if (sendmsg(h->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		launch_log_line(h->child.setup->log, LOG_WARNING,
				NAME " cannot be told of %s: %s", order->label,
				strerror(errno));
}

void launch_holder_add(struct launch_holder *h, const char *label,
		       int frontend_fd, int server_path_fd)
{
	struct hold_order order = { .verb = HOLD_ADD };
	const int fds[] = { frontend_fd, server_path_fd };

	if (h->fd < 0)
		return;
	snprintf(order.label, sizeof(order.label), "%s", label);
	holder_send(h, &order, fds, 2);
}

void launch_holder_remove(struct launch_holder *h, const char *label)
{
	struct hold_order order = { .verb = HOLD_REMOVE };

	if (h->fd < 0)
		return;
	snprintf(order.label, sizeof(order.label), "%s", label);
	holder_send(h, &order, NULL, 0);
}

/* --- as a child --- */

static void holder_start(struct launch_child *child)
{
	struct launch_holder *h = holder_of(child);

	launch_holder_start(h);
	if (child->state == LAUNCH_FAILED)
		launch_log_line(child->setup->log, LOG_ERROR, "%s", child->why);
}

static void holder_ended(struct launch_child *child, const char *how)
{
	holder_close(holder_of(child));
}

static void holder_gave_up(struct launch_child *child, const char *how,
			   bool bad)
{
	snprintf(child->why, sizeof(child->why), "%s %s", child->name, how);
	launch_log_line(child->setup->log, LOG_ERROR,
			"%s; not restarted, no VMM can use the devices",
			child->why);
}

static const struct launch_child_ops holder_ops = {
	.start = holder_start,
	.ended = holder_ended,
	.gave_up = holder_gave_up,
};

void launch_holder_init(struct launch_holder *h,
			const struct launch_setup *setup)
{
	h->fd = -1;
	ev_init(&h->io, on_holder_report);
	launch_program_find(h->program, "vinput-hold");
	launch_child_init(&h->child, setup, NAME, &holder_ops);
	launch_lines_init(&h->lines, setup->loop, on_holder_line, h);
}

void launch_holder_fini(struct launch_holder *h)
{
	launch_child_fini(&h->child);
	holder_close(h);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "injector/fleet/launch-holder.h"
#include "injector/fleet/launch-place.h"
#include "injector/hold/hold-packet.h"
#include "injector/process/launch-last.h"
#include "injector/process/launch-program.h"
#include "input/base/container.h"
#include "input/base/fd.h"

#define TAKE_S 2 /* an order, which takes microseconds */
#define NAME   "the holder"

static struct launch_holder *holder_of(struct launch_child *child)
{
	return container_of(child, struct launch_holder, child);
}

static void on_holder_line(void *arg, const char *line)
{
	struct launch_holder *h = arg;

	launch_log_put(h->child.setup->log, &h->child.setup->log->own,
		       launch_last_strip(line));
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
			struct launch_argv *args, struct launch_keep *keep)
{
	const struct launch_setup *setup = h->child.setup;

	launch_argv_add(args, "%s", h->program);
	launch_argv_add(args, "--control-fd=%d",
			launch_keep_add(keep, control));
	if (h->next.fd >= 0)
		launch_argv_add(args, "--next-fd=%d",
				launch_keep_add(keep, h->next.fd));
	launch_argv_add(args, "--give-up=%g", h->give_up_s);
	launch_argv_add(args, "--log-level=%s", setup->log_level);
	launch_argv_add_some(args, setup->server_args, "--sandbox=");
}

static int holder_exec(struct launch_holder *h, int control, int said)
{
	struct launch_keep keep = { &h->child.setup->children->places };
	struct launch_argv args = LAUNCH_ARGV_NULL;
	int r;

	holder_args(h, control, &args, &keep);
	r = launch_argv_check(&args);
	struct launch_exec exec = { .argv = args.v,
				    .keep = keep.fd,
				    .n_keep = keep.n,
				    .places = keep.places,
				    .out = said,
				    .outlives = h->child.setup->outlives };
	if (!r)
		r = launch_process_start(h->child.setup->children,
					 &h->child.process, &exec);
	launch_argv_fini(&args);
	return r;
}

static void holder_watch(struct launch_holder *h, int fd)
{
	const struct timeval limit = { .tv_sec = TAKE_S };

	h->fd = fd;
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	ev_io_set(&h->io, h->fd, EV_READ);
	ev_io_start(h->child.setup->loop, &h->io);
}

static void holder_name_next(struct launch_holder *h)
{
	snprintf(h->next_path, sizeof(h->next_path), "%s/" LAUNCH_HOLDER_SOCKET,
		 h->child.setup->dir);
}

/* Return: 0 or -errno. */
static int holder_listen_for_next(struct launch_holder *h)
{
	const struct socket_access private = { 0600, (gid_t)-1 };

	if (!h->child.setup->outlives || h->next.fd >= 0)
		return 0;
	holder_name_next(h);
	return socket_path_listen(&h->next, h->next_path, SOCK_SEQPACKET,
				  &private);
}

static int holder_spawn(struct launch_holder *h)
{
	_cleanup_close_ int control = -1, said = -1;
	int fd[2], r = holder_listen_for_next(h);

	if (r)
		return r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	holder_watch(h, fd[0]);
	control = fd[1];
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	said = fd[1];
	launch_lines_start(&h->lines, fd[0]);
	return holder_exec(h, control, said);
}

static void holder_forget_item(struct launch_holder *h)
{
	json_decref(h->item);
	h->item = NULL;
	h->item_fd = close_fd(h->item_fd);
}

static void holder_close(struct launch_holder *h)
{
	ev_io_stop(h->child.setup->loop, &h->io);
	h->fd = close_fd(h->fd);
	launch_lines_end(&h->lines);
}

static void holder_send(struct launch_holder *h, const struct hold_packet *p)
{
	const int r = hold_packet_send(h->fd, p, 0);

	if (r == -EAGAIN)
		launch_child_kill_hung(&h->child, "took no order for %d s",
				       TAKE_S);
	/* The one after one that has ended gets all orders. */
	else if (r && r != -EPIPE && r != -ECONNRESET)
		launch_log_line(h->child.setup->log, LOG_ERROR,
				NAME " cannot hold %s: %s", p->order.label,
				strerror(-r));
}

int launch_holder_inherit(struct launch_holder *h, int fd, int pidfd)
{
	struct launch_child *child = &h->child;
	int r = launch_process_inherit(child->setup->children, &child->process,
				       pidfd);

	if (r) {
		close_fd(fd);
		return r;
	}
	holder_name_next(h);
	launch_child_begin(child);
	holder_watch(h, fd);
	launch_child_ready(child);
	return 0;
}

void launch_holder_end_with_us(struct launch_holder *h)
{
	if (h->fd >= 0)
		holder_send(h, &(struct hold_packet){
				       .order.verb = HOLD_END_WITH_US });
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

static struct hold_packet holder_packet(enum hold_verb verb, const char *label)
{
	struct hold_packet p = { .order.verb = verb };

	snprintf(p.order.label, sizeof(p.order.label), "%s", label);
	return p;
}

/*
 * Then a device comes to the holder when its server is started: until then its
 * VMM waits at its socket, which listens already. One that another launcher has
 * started may be of a version that does not know that order.
 */
static bool holder_adds_kept(const struct launch_holder *h)
{
	return launch_setup_keeps(h->child.setup) &&
	       !h->child.process.inherited;
}

static void packet_add_ends(struct hold_packet *p,
			    const struct launch_endpoints *ep)
{
	p->fd[p->n_fds++] = ep->frontend.fd;
	p->fd[p->n_fds++] = ep->server_path_fd;
}

void launch_holder_add(struct launch_holder *h, const char *label,
		       const struct launch_endpoints *ep)
{
	struct hold_packet p = holder_packet(HOLD_ADD, label);

	if (h->fd < 0 || holder_adds_kept(h))
		return;
	packet_add_ends(&p, ep);
	holder_send(h, &p);
}

/* In one piece. Return: an fd of a file with it, or -errno. */
static int item_write(const json_t *item)
{
	_cleanup_close_ int fd = memfd_create("vinput-item", MFD_CLOEXEC);
	char *text;
	size_t len;
	bool good;

	if (fd < 0)
		return -errno;
	text = json_dumps(item, JSON_COMPACT);
	len = text ? strlen(text) : 0;
	good = text && write(fd, text, len) == (ssize_t)len;
	free(text);
	return good ? steal_fd(&fd) : -EIO;
}

/*
 * Orders have labels of their own; without them many devices are alike. Return:
 * an fd of a file with the item, borrowed; or -errno.
 */
static int holder_item(struct launch_holder *h, const json_t *item)
{
	json_t *rest = json_copy((json_t *)item);
	int fd;

	json_object_del(rest, "label");
	if (json_equal(rest, h->item)) {
		json_decref(rest);
		return h->item_fd;
	}
	fd = item_write(rest);
	if (fd < 0) {
		json_decref(rest);
		return fd;
	}
	holder_forget_item(h);
	h->item = rest;
	h->item_fd = fd;
	return fd;
}

/* Return: as a pidfd, the caller's, or -1: there is none. */
static int kept_bridge(const struct launch_kept *kept)
{
	if (kept->bridge)
		return launch_process_pidfd(kept->bridge);
	if (kept->old_bridge >= 0)
		return fcntl(kept->old_bridge, F_DUPFD_CLOEXEC, 0);
	return -1;
}

static void packet_add_kept(struct hold_packet *p,
			    const struct launch_kept *kept, int item_fd,
			    int pidfd)
{
	const struct launch_endpoints *ep = kept->endpoints;
	int *fd = p->fd + p->n_fds;

	fd[HOLD_KEPT_ITEM] = item_fd;
	fd[HOLD_KEPT_LISTEN] = ep->server_fd;
	fd[HOLD_KEPT_STATE] = ep->state_fd;
	fd[HOLD_KEPT_PROCESS] = pidfd;
	fd[HOLD_KEPT_LIFE] = ep->life.held_fd;
	p->n_fds += HOLD_KEPT_NEEDED;
}

void launch_holder_keep(struct launch_holder *h, const char *label,
			const struct launch_kept *kept)
{
	const bool adds = holder_adds_kept(h);
	struct hold_packet p =
		holder_packet(adds ? HOLD_ADD_KEPT : HOLD_KEEP, label);
	_cleanup_close_ int pidfd = -1, bridge_fd = -1;
	int item_fd;

	if (h->fd < 0 || !launch_setup_keeps(h->child.setup) ||
	    !kept->server->pid)
		return;
	if (adds)
		packet_add_ends(&p, kept->endpoints);
	pidfd = launch_process_pidfd(kept->server);
	item_fd = holder_item(h, kept->item);
	if (pidfd >= 0 && item_fd >= 0) {
		packet_add_kept(&p, kept, item_fd, pidfd);
		bridge_fd = kept_bridge(kept);
		if (bridge_fd >= 0)
			p.fd[p.n_fds++] = bridge_fd;
	} else {
		launch_log_line(h->child.setup->log, LOG_WARNING,
				"%s will not outlive this launcher: %s", label,
				strerror(pidfd < 0 ? -pidfd : -item_fd));
	}
	if (p.n_fds)
		holder_send(h, &p);
}

void launch_holder_remove(struct launch_holder *h, const char *label)
{
	const struct hold_packet p = holder_packet(HOLD_REMOVE, label);

	if (h->fd >= 0)
		holder_send(h, &p);
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
	h->fd = h->item_fd = -1;
	h->item = NULL;
	h->next = SOCKET_PATH_NULL;
	ev_init(&h->io, on_holder_report);
	launch_program_find(h->program, "vinput-hold");
	launch_child_init(&h->child, setup, NAME, &holder_ops);
	launch_lines_init(&h->lines, setup->loop, on_holder_line, h);
}

void launch_holder_fini(struct launch_holder *h)
{
	launch_child_fini(&h->child);
	holder_close(h);
	holder_forget_item(h);
	socket_path_fini(&h->next);
	/* That of an inherited one. */
	if (*h->next_path)
		socket_path_remove_stale(h->next_path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A back-end's socket has no name that lasts: connect() reaches it through the
 * path of the fd.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include "injector/hold/hold-control.h"
#include "injector/hold/hold-device.h"
#include "injector/hold/hold-packet.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/* Without a launcher: how often to look whether any front-end is left. */
#define ORPHAN_S 1.0

struct hold_entry {
	LIST_ENTRY(hold_entry) link;
	const struct hold_control *control;
	char label[HOLD_LABEL_MAX];
	int listen_fd, to_fd;	    /* owned */
	int kept_fd[HOLD_KEPT_FDS]; /* owned; -1: nothing is kept */
	struct hold_device device;
};

static struct hold_entry *control_find(const struct hold_control *c,
				       const char *label)
{
	struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link)
		if (!strcmp(e->label, label))
			break;
	return e;
}

static bool entry_is_kept(const struct hold_entry *e)
{
	return e->kept_fd[HOLD_KEPT_PROCESS] >= 0;
}

static void entry_forget(struct hold_entry *e)
{
	for (unsigned int i = 0; i < HOLD_KEPT_FDS; i++)
		e->kept_fd[i] = close_fd(e->kept_fd[i]);
}

static void control_remove(struct hold_entry *e)
{
	LIST_REMOVE(e, link);
	hold_device_fini(&e->device);
	close_fd(e->listen_fd);
	close_fd(e->to_fd);
	entry_forget(e);
	free(e);
}

/* Tells whether another version of a server could continue. */
static void on_acked(void *arg, uint64_t features, uint64_t protocol)
{
	const struct hold_entry *e = arg;
	struct hold_report report = { .features = features,
				      .protocol = protocol };

	if (!e->control->reports)
		return;
	strcpy(report.label, e->label);
	/* A launcher that does not read is none that upgrades. */
	send(e->control->fd, &report, sizeof(report),
	     MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* p has the fds of HOLD_ADD. Return: the device, or NULL. */
static struct hold_entry *control_add(struct hold_control *c,
				      struct hold_packet *p)
{
	struct hold_entry *e = calloc(1, sizeof(*e));
	char to[32];

	if (!e)
		return NULL;
	e->control = c;
	strcpy(e->label, p->order.label);
	e->listen_fd = hold_packet_take(p, 0);
	e->to_fd = hold_packet_take(p, 1);
	for (unsigned int i = 0; i < HOLD_KEPT_FDS; i++)
		e->kept_fd[i] = -1;
	snprintf(to, sizeof(to), "/proc/self/fd/%d", e->to_fd);
	hold_device_init(&e->device, c->loop, e->label, to);
	e->device.give_up_s = c->give_up_s;
	e->device.acked = on_acked;
	e->device.arg = e;
	LIST_INSERT_HEAD(&c->devices, e, link);
	if (!hold_device_start(&e->device, e->listen_fd))
		return e;
	control_remove(e);
	return NULL;
}

static void control_replace(struct hold_control *c, struct hold_packet *p)
{
	struct hold_entry *e = control_find(c, p->order.label);

	if (e)
		control_remove(e);
	if (p->n_fds == HOLD_ADD_FDS)
		control_add(c, p);
}

/* first: the fd of HOLD_KEPT_ITEM in p. */
static void entry_keep(struct hold_entry *e, struct hold_packet *p,
		       unsigned int first)
{
	entry_forget(e);
	if (p->n_fds < first + HOLD_KEPT_NEEDED)
		return;
	for (unsigned int i = 0; i < HOLD_KEPT_FDS; i++)
		e->kept_fd[i] = hold_packet_take(p, first + i);
}

static void control_keep(struct hold_control *c, struct hold_packet *p)
{
	struct hold_entry *e = control_find(c, p->order.label);

	if (e && p->n_fds >= HOLD_KEPT_NEEDED)
		entry_keep(e, p, 0);
}

static void control_add_kept(struct hold_control *c, struct hold_packet *p)
{
	struct hold_entry *e = control_find(c, p->order.label);

	if (!e && p->n_fds >= HOLD_ADD_FDS)
		e = control_add(c, p);
	if (e)
		entry_keep(e, p, HOLD_ADD_FDS);
}

/* --- for the next launcher --- */

/* It was not there when the front-ends acked that. */
static void control_report(const struct hold_control *c)
{
	struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link)
		on_acked(e, e->device.reported, e->device.reported_protocol);
}

/* Return: device number n of those of which something is kept, or NULL. */
static struct hold_entry *control_kept(const struct hold_control *c,
				       unsigned int n)
{
	struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link)
		if (entry_is_kept(e) && !n--)
			break;
	return e;
}

static void packet_add(struct hold_packet *p, int fd)
{
	p->fd[p->n_fds++] = fd;
}

static void control_give(struct hold_control *c, struct hold_packet *p)
{
	const struct hold_entry *e = control_kept(c, c->taken++);

	p->order = (struct hold_order){ .verb = HOLD_TAKE };
	if (e) {
		p->order.connected = e->device.state != HOLD_IDLE;
		strcpy(p->order.label, e->label);
		packet_add(p, e->listen_fd);
		packet_add(p, e->to_fd);
		for (unsigned int i = 0; i < HOLD_KEPT_FDS; i++)
			if (e->kept_fd[i] >= 0)
				packet_add(p, e->kept_fd[i]);
	} else {
		packet_add(p, c->self_fd);
	}
	hold_packet_send(c->fd, p, MSG_DONTWAIT);
	p->n_fds = 0;
	if (e)
		return;
	c->reports = true;
	control_report(c);
}

static void entry_end(const struct hold_entry *e, enum hold_kept which)
{
	if (e->kept_fd[which] >= 0)
		pidfd_send_signal(e->kept_fd[which], SIGTERM, NULL, 0);
}

/* Nobody is going to end the servers. */
static void control_end_servers(const struct hold_control *c)
{
	struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link) {
		entry_end(e, HOLD_KEPT_BRIDGE);
		entry_end(e, HOLD_KEPT_PROCESS);
	}
}

static bool control_is_needed(const struct hold_control *c)
{
	const struct hold_entry *e;

	LIST_FOREACH (e, &c->devices, link)
		if (e->device.state != HOLD_IDLE)
			break;
	return e;
}

static void on_orphaned(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct hold_control *c =
		container_of(timer, struct hold_control, orphaned);

	if (control_is_needed(c))
		return;
	log_line(LOG_INFO, CULPRIT_NONE,
		 "the launcher has ended, and no front-end is left");
	control_end_servers(c);
	c->ended(c->arg);
}

/* The next launcher could neither take them over nor listen in their place. */
static void control_remove_unkept(struct hold_control *c)
{
	struct hold_entry *e, *next;

	for (e = LIST_FIRST(&c->devices); e; e = next) {
		next = LIST_NEXT(e, link);
		if (!entry_is_kept(e))
			control_remove(e);
	}
}

static void control_orphan(struct hold_control *c)
{
	ev_io_stop(c->loop, &c->io);
	c->fd = close_fd(c->fd);
	c->reports = false;
	if (c->next.fd < 0) {
		control_end_servers(c);
		c->ended(c->arg);
		return;
	}
	control_remove_unkept(c);
	log_line(LOG_WARNING, CULPRIT_HOST,
		 "the launcher has ended; holding for the next one");
	listener_resume(&c->next);
	ev_timer_again(c->loop, &c->orphaned);
}

/* --- orders --- */

static void control_obey(struct hold_control *c, struct hold_packet *p)
{
	struct hold_entry *e;

	switch (p->order.verb) {
	case HOLD_ADD:
		control_replace(c, p);
		break;
	case HOLD_KEEP:
		control_keep(c, p);
		break;
	case HOLD_REMOVE:
		e = control_find(c, p->order.label);
		if (e)
			control_remove(e);
		break;
	case HOLD_TAKE:
		hold_packet_close(p);
		control_give(c, p);
		break;
	case HOLD_ADD_KEPT:
		control_add_kept(c, p);
		break;
	case HOLD_END_WITH_US:
		listener_fini(&c->next);
		break;
	}
}

static void on_control(struct ev_loop *loop, ev_io *io, int events)
{
	struct hold_control *c = container_of(io, struct hold_control, io);
	struct hold_packet p = { .n_fds = 0 };
	int r = hold_packet_receive(c->fd, &p, MSG_DONTWAIT);

	if (r == -EMFILE)
		log_line(LOG_ERROR, CULPRIT_HOST, "%s: %s", p.order.label,
			 strerror(EMFILE));
	/*
	 * The last: a launcher has died that had not read a report. What it has
	 * ordered comes after that, and then 0.
	 */
	if (r == -EAGAIN || r == -EBADMSG || r == -EMFILE || r == -ECONNRESET)
		return;
	if (r <= 0) {
		control_orphan(c);
		return;
	}
	control_obey(c, &p);
	hold_packet_close(&p);
}

static void control_watch(struct hold_control *c, int fd)
{
	c->fd = fd;
	c->taken = 0;
	ev_io_set(&c->io, fd, EV_READ);
	ev_io_start(c->loop, &c->io);
}

static void on_next(void *arg, int fd)
{
	struct hold_control *c = arg;
	struct ucred peer;

	if (fd_peer(fd, &peer) || (peer.uid != 0 && peer.uid != c->uid)) {
		close_fd(fd);
		return;
	}
	listener_pause(&c->next);
	ev_timer_stop(c->loop, &c->orphaned);
	control_watch(c, fd);
}

int hold_control_start(struct hold_control *c, int fd, int next_fd)
{
	int r = fd_set_cloexec(fd);

	ev_init(&c->io, on_control);
	ev_init(&c->orphaned, on_orphaned);
	c->orphaned.repeat = ORPHAN_S;
	listener_init(&c->next, c->loop, "a launcher", on_next, c);
	if (!r && next_fd >= 0)
		r = listener_start(&c->next, next_fd);
	if (r) {
		close_fd(fd);
		return r;
	}
	listener_pause(&c->next);
	c->reports = true;
	control_watch(c, fd);
	return 0;
}

void hold_control_fini(struct hold_control *c)
{
	struct hold_entry *e;

	if (!c->loop)
		return;
	while ((e = LIST_FIRST(&c->devices)))
		control_remove(e);
	ev_io_stop(c->loop, &c->io);
	ev_timer_stop(c->loop, &c->orphaned);
	listener_fini(&c->next);
	c->fd = close_fd(c->fd);
	c->self_fd = close_fd(c->self_fd);
}

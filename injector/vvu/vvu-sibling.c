/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "injector/vvu/vvu-request.h"
#include "injector/vvu/vvu-sibling.h"
#include "input/base/clock.h"
#include "input/base/container.h"
#include "input/base/fd-kind.h"
#include "input/base/fd.h"
#include "input/base/watchdog.h"

/* Kicks of all queues in that time; further ones wait as long. */
#define KICKS_MAX 64
#define KICKS_S	  0.002

static bool header_fits(const struct vu_header *hdr)
{
	return (hdr->flags & VU_FLAG_VERSION_MASK) == VU_FLAG_VERSION_1 &&
	       hdr->size <= VU_PAYLOAD_MAX;
}

static bool is_request(void *arg, const struct vu_header *hdr)
{
	return header_fits(hdr) && vvu_rx_way(hdr) == VVU_SOCKET;
}

static bool is_answer(void *arg, const struct vu_header *hdr)
{
	return header_fits(hdr) && vvu_rx_way(hdr) == VVU_CHANNEL;
}

/* --- kicks and calls --- */

static void queue_watch(struct vvu_vhost_queue *q)
{
	if (q->kick.fd >= 0)
		ev_io_start(q->sibling->loop, &q->kick);
}

static void on_again(struct ev_loop *loop, ev_timer *timer, int events)
{
	struct vvu_sibling *s =
		container_of(timer, struct vvu_sibling, kicks.again);

	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++)
		queue_watch(&s->queue[i]);
}

/*
 * An eventfd that counts down one by one would keep us busy for ever at no cost
 * to the sibling. Kicks that are put off are not lost: the fds stay readable.
 * The loop takes one of each queue in turn, so that no queue has the budget of
 * all.
 */
static void sibling_throttle(struct vvu_sibling *s)
{
	struct vvu_kicks *k = &s->kicks;
	const int64_t now = clock_ns();

	if ((double)(now - k->since_ns) >= KICKS_S * 1e9) {
		k->since_ns = now;
		k->n = 0;
	}
	if (++k->n < KICKS_MAX)
		return;
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++)
		ev_io_stop(s->loop, &s->queue[i].kick);
	ev_timer_set(&k->again, KICKS_S, 0);
	ev_timer_start(s->loop, &k->again);
}

static void on_kick(struct ev_loop *loop, ev_io *io, int events)
{
	struct vvu_vhost_queue *q =
		container_of(io, struct vvu_vhost_queue, kick);
	struct vvu_sibling *s = q->sibling;
	uint64_t count;
	ssize_t n;

	/* Its other holders may have read it, or let it block. */
	watchdog_touch();
	n = read(io->fd, &count, sizeof(count));
	watchdog_rest();
	sibling_throttle(s);
	if (n == sizeof(count))
		s->ops->kicked(s->arg, (unsigned int)(q - s->queue));
}

static void queue_set_kick(struct vvu_vhost_queue *q, int fd)
{
	const struct vvu_sibling *s = q->sibling;

	ev_io_stop(s->loop, &q->kick);
	close_fd(q->kick.fd);
	ev_io_set(&q->kick, fd, EV_READ);
	/* Setting it again does not renew the budget. */
	if (!ev_is_active(&s->kicks.again))
		queue_watch(q);
}

static void queue_set_call(struct vvu_vhost_queue *q, int fd)
{
	close_fd(q->call);
	q->call = fd;
}

void vvu_sibling_call(struct vvu_sibling *s, unsigned int queue)
{
	static const uint64_t one = 1;
	const int fd = s->queue[queue].call;

	if (fd < 0)
		return;
	watchdog_touch();
	/* A counter that is full was not looked at either. */
	(void)!write(fd, &one, sizeof(one));
	watchdog_rest();
}

/* --- its life --- */

static void on_link_changed(void *arg)
{
	struct vvu_sibling *s = arg;

	s->ops->changed(s->arg);
}

static void link_init(struct vvu_sibling *s, struct hold_link *link,
		      vu_check_header_fn *check_header)
{
	*link = (struct hold_link){ .check_header = check_header,
				    .changed = on_link_changed,
				    .arg = s };
	hold_link_init(link, s->loop);
}

void vvu_sibling_init(struct vvu_sibling *s, struct ev_loop *loop,
		      const struct vvu_sibling_ops *ops, void *arg)
{
	*s = (struct vvu_sibling){ .loop = loop, .ops = ops, .arg = arg };
	link_init(s, &s->link, is_request);
	link_init(s, &s->channel, is_answer);
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++) {
		s->queue[i].sibling = s;
		s->queue[i].call = -1;
		ev_io_init(&s->queue[i].kick, on_kick, -1, EV_READ);
	}
	ev_init(&s->kicks.again, on_again);
}

void vvu_sibling_open(struct vvu_sibling *s, int fd)
{
	hold_link_open(&s->link, fd);
}

void vvu_sibling_close(struct vvu_sibling *s)
{
	hold_link_close(&s->link);
	hold_link_close(&s->channel);
	for (unsigned int i = 0; i < VVU_VHOST_QUEUES; i++) {
		queue_set_kick(&s->queue[i], -1);
		queue_set_call(&s->queue[i], -1);
	}
	ev_timer_stop(s->loop, &s->kicks.again);
	vvu_memory_clear(&s->memory);
}

const char *vvu_sibling_lost(const struct vvu_sibling *s)
{
	if (s->link.has_message)
		return NULL;
	switch (s->link.error) {
	case 0:
		return NULL;
	case -ECONNRESET:
		return "it has disconnected";
	case -EPROTO:
		return "a message with an invalid header";
	}
	return strerror(-s->link.error);
}

/* --- messages of the sibling --- */

/* A channel that has ended is none; the sibling may give another one. */
struct hold_link *vvu_sibling_waiting(struct vvu_sibling *s)
{
	if (s->channel.error && !s->channel.has_message)
		hold_link_close(&s->channel);
	if (s->link.has_message)
		return &s->link;
	return s->channel.has_message ? &s->channel : NULL;
}

static const char *take_event_fd(struct vu_message *msg, int *fd)
{
	*fd = -1;
	if (msg->p.u64 & VU_VRING_NOFD)
		return NULL;
	if (!fd_is_event_fd(msg->fds[0]) || fd_set_nonblock(msg->fds[0]))
		return "an fd that is not an event fd";
	*fd = vu_message_steal_fd(msg, 0);
	return NULL;
}

static const char *take_channel(struct vvu_sibling *s, struct vu_message *msg)
{
	if (fd_sockopt(msg->fds[0], SO_TYPE) != SOCK_STREAM ||
	    fd_sockopt(msg->fds[0], SO_DOMAIN) != AF_UNIX ||
	    fd_set_nonblock(msg->fds[0]))
		return "SET_BACKEND_REQ_FD: its fd is not a socket";
	hold_link_close(&s->channel);
	hold_link_open(&s->channel, vu_message_steal_fd(msg, 0));
	return NULL;
}

static const char *take_request(struct vvu_sibling *s, struct vu_message *msg)
{
	enum vvu_fds fds;
	unsigned int queue;
	const char *why = vvu_request_check(msg, &fds, &queue);
	int fd = -1;

	if (why)
		return why;
	switch (fds) {
	case VVU_FDS_NONE:
		return NULL;
	case VVU_FDS_MEMORY:
		return vvu_memory_take(&s->memory, msg);
	case VVU_FDS_CHANNEL:
		return take_channel(s, msg);
	case VVU_FDS_ERR:
		/* No doorbell is for that: the driver is told of none. */
		msg->p.u64 |= VU_VRING_NOFD;
		return NULL;
	case VVU_FDS_KICK:
	case VVU_FDS_CALL:
		break;
	}
	why = take_event_fd(msg, &fd);
	if (why)
		return why;
	if (fds == VVU_FDS_KICK)
		queue_set_kick(&s->queue[queue], fd);
	else
		queue_set_call(&s->queue[queue], fd);
	return NULL;
}

const char *vvu_sibling_take(struct vvu_sibling *s, struct hold_link *link)
{
	return link == &s->link ? take_request(s, &link->socket.in) : NULL;
}

/* --- messages of the driver --- */

static struct hold_link *link_for(struct vvu_sibling *s,
				  const struct vu_message *msg)
{
	return vvu_tx_way(&msg->hdr) == VVU_SOCKET ? &s->link : &s->channel;
}

bool vvu_sibling_has_room(struct vvu_sibling *s, const struct vu_message *msg)
{
	const struct hold_link *link = link_for(s, msg);

	return !hold_link_is_open(link) || link->error ||
	       hold_link_has_room(link);
}

void vvu_sibling_send(struct vvu_sibling *s, struct vu_message *msg)
{
	struct hold_link *link = link_for(s, msg);

	if (!hold_link_is_open(link) || link->error)
		return;
	if (link == &s->link) {
		vvu_request_mask(msg);
		vvu_memory_settle(&s->memory);
	}
	hold_link_send(link, msg);
}

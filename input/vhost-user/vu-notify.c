/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the two sides wake each other: the event fds of a queue, and what the
 * front-end is told on the back-end channel.
 */
#include <errno.h>
#include <sys/stat.h>

#include "input/base/fd.h"
#include "input/vhost-user/vu-handlers.h"

static void signal_fd(struct vu_backend *be, int fd)
{
	static const uint64_t one = 1;

	/*
	 * EAGAIN: the counter is full, so the other side has not looked yet.
	 * EINTR: it is, and the other side took O_NONBLOCK away (watchdog.h).
	 */
	if (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		be->blocked = true;
}

/*
 * The front-end gave no fd to be signalled by: it polls, or wants messages on
 * the back-end channel. What the no-fd bit says of the two is of no use here:
 * a message does no harm to who polls, and other back-ends do the same.
 */
static void signal_inband(struct vu_backend *be, uint32_t request,
			  unsigned int queue)
{
	struct vu_vring_state state = { .index = queue };

	if (vu_has_protocol_feature(be, VU_PROTOCOL_F_INBAND_NOTIFICATIONS))
		vu_channel_send(&be->channel, request, queue, &state,
				sizeof(state));
}

void vu_backend_notify(struct vu_backend *be, unsigned int queue)
{
	if (be->queue[queue].call_fd >= 0)
		signal_fd(be, be->queue[queue].call_fd);
	else
		signal_inband(be, VU_BACKEND_VRING_CALL, queue);
}

static void notify_broken(struct vu_backend *be, unsigned int queue)
{
	if (be->queue[queue].err_fd >= 0)
		signal_fd(be, be->queue[queue].err_fd);
	else
		signal_inband(be, VU_BACKEND_VRING_ERR, queue);
}

void vu_backend_break(struct vu_backend *be, unsigned int queue)
{
	struct vu_queue *q = &be->queue[queue];

	vu_queue_stop(be, q);
	q->broken = true;
	notify_broken(be, queue);
	vu_status_needs_reset(be);
}

void vu_backend_config_changed(struct vu_backend *be)
{
	vu_channel_send(&be->channel, VU_BACKEND_CONFIG_CHANGE_MSG, 0, NULL, 0);
}

/*
 * Is it an eventfd, or a pipe? Anything else that can be polled has ways to
 * harm us: what lies in a socket or belongs to an io_uring can be the other end
 * of the connection, whose end we would then never see. Of what has no type of
 * its own only an eventfd can be written to, and 0 changes nothing in it.
 */
static bool is_event_fd(int fd)
{
	static const uint64_t zero;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (st.st_mode & S_IFMT)
		return S_ISFIFO(st.st_mode);
	return write(fd, &zero, sizeof(zero)) == sizeof(zero);
}

/* An fd to poll or to signal; what blocks must not block us. */
static int take_event_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	_cleanup_close_ int taken = vu_message_steal_fd(msg, 0);

	*fd = close_fd(*fd);
	if (!is_event_fd(taken))
		return vu_fail(be, "its fd is neither an eventfd nor a pipe");
	if (fd_set_nonblock(taken) < 0)
		return vu_fail(be, "its fd cannot be made non-blocking");
	*fd = steal_fd(&taken);
	return 0;
}

static int take_vring_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	if (!(msg->p.u64 & VU_VRING_NOFD))
		return take_event_fd(be, msg, fd);
	*fd = close_fd(*fd);
	return 0;
}

int vu_set_vring_kick(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (q->running) {
		int old = q->kick_fd;

		/* The watcher stops before its fd closes. */
		q->kick_fd = -1;
		be->ops->queue_kick_fd(be->arg, vu_queue_index(be, q));
		close_fd(old);
	}
	q->polled = msg->p.u64 & VU_VRING_NOFD;
	if (take_vring_fd(be, msg, &q->kick_fd))
		return VU_E_VIOLATION;
	vu_queue_set_started(be, q, true);
	if (q->running) {
		be->ops->queue_kick_fd(be->arg, vu_queue_index(be, q));
		return 0;
	}
	return vu_queue_update(be, q);
}

/* As good as a signal of the kick fd, and as SET_VRING_KICK: starts it. */
int vu_vring_kick(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	if (msg->p.state.num)
		return vu_fail(be, "num is %u, and must be 0",
			       msg->p.state.num);
	vu_queue_set_started(be, q, true);
	if (vu_queue_update(be, q))
		return VU_E_VIOLATION;
	if (q->running)
		be->ops->queue_kicked(be->arg, vu_queue_index(be, q));
	return 0;
}

int vu_set_vring_call(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (take_vring_fd(be, msg, &q->call_fd))
		return VU_E_VIOLATION;
	/* What was told while there was no fd to call has gone unnoticed. */
	if (q->running && vring_has_history(&q->ring))
		vu_backend_notify(be, vu_queue_index(be, q));
	return 0;
}

int vu_set_vring_err(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	return take_vring_fd(be, msg, &q->err_fd);
}

/* "to inform the front-end that the log has been modified". */
int vu_set_log_fd(struct vu_backend *be, struct vu_message *msg,
		  struct vu_queue *q)
{
	return take_event_fd(be, msg, &be->log_fd);
}

void vu_backend_tell_logged(struct vu_backend *be)
{
	be->mem.logged = false;
	if (be->log_fd >= 0)
		signal_fd(be, be->log_fd);
}

int vu_set_backend_req_fd(struct vu_backend *be, struct vu_message *msg,
			  struct vu_queue *q)
{
	if (fd_sockopt(msg->fds[0], SO_TYPE) != SOCK_STREAM)
		return vu_fail(be, "its fd is not a stream socket");
	vu_channel_open(&be->channel, vu_message_steal_fd(msg, 0));
	vu_iotlb_ask_again(be);
	/* What there was to say before there was a channel. */
	for (unsigned int i = 0; i < be->n_queues; i++) {
		q = &be->queue[i];
		if (q->running && q->call_fd < 0 && vring_has_history(&q->ring))
			vu_backend_notify(be, i);
		if (q->broken && q->err_fd < 0)
			notify_broken(be, i);
	}
	return 0;
}

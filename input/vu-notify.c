/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the two sides wake each other: the event fds of a queue, and what the
 * front-end is told on the back-end channel.
 */
#include <errno.h>
#include <sys/stat.h>

#include "fd.h"
#include "vu-handlers.h"

static void signal_fd(struct vu_backend *be, int fd)
{
	static const uint64_t one = 1;

	/*
	 * EAGAIN: the counter is full, so the other side has not looked yet.
	 * EINTR: it is, and the other side took O_NONBLOCK away (watchdog.h).
	 */
	if (fd >= 0 && write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		be->blocked = true;
}

void vu_backend_notify(struct vu_backend *be, unsigned int queue)
{
	signal_fd(be, be->queue[queue].call_fd);
}

void vu_backend_break(struct vu_backend *be, unsigned int queue)
{
	struct vu_queue *q = &be->queue[queue];

	vu_queue_stop(be, q);
	q->broken = true;
	signal_fd(be, q->err_fd);
}

/*
 * An fd to poll or to signal: an eventfd as a rule, a pipe or socket perhaps.
 * What never blocks cannot be polled, and what blocks must not block us.
 */
static int take_event_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	struct stat st;
	_cleanup_close_ int taken = -1;

	*fd = close_fd(*fd);
	if (msg->p.u64 & VU_VRING_NOFD)
		return 0;
	taken = vu_message_steal_fd(msg, 0);
	if (fstat(taken, &st) < 0 || S_ISREG(st.st_mode) ||
	    S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode))
		return vu_fail(be, "its fd is not an eventfd");
	if (fd_set_nonblock(taken) < 0)
		return vu_fail(be, "its fd cannot be made non-blocking");
	*fd = steal_fd(&taken);
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
	if (take_event_fd(be, msg, &q->kick_fd))
		return VU_E_VIOLATION;
	q->started = true;
	if (q->running) {
		be->ops->queue_kick_fd(be->arg, vu_queue_index(be, q));
		return 0;
	}
	return vu_queue_update(be, q);
}

int vu_set_vring_call(struct vu_backend *be, struct vu_message *msg,
		      struct vu_queue *q)
{
	if (take_event_fd(be, msg, &q->call_fd))
		return VU_E_VIOLATION;
	/* What was told while there was no fd to call has gone unnoticed. */
	if (q->running && vring_has_history(&q->ring))
		vu_backend_notify(be, vu_queue_index(be, q));
	return 0;
}

int vu_set_vring_err(struct vu_backend *be, struct vu_message *msg,
		     struct vu_queue *q)
{
	return take_event_fd(be, msg, &q->err_fd);
}

int vu_set_backend_req_fd(struct vu_backend *be, struct vu_message *msg,
			  struct vu_queue *q)
{
	if (fd_sockopt(msg->fds[0], SO_TYPE) != SOCK_STREAM)
		return vu_fail(be, "its fd is not a stream socket");
	vu_channel_open(&be->channel, vu_message_steal_fd(msg, 0));
	return 0;
}

void vu_backend_config_changed(struct vu_backend *be)
{
	vu_channel_send(&be->channel, VU_BACKEND_CONFIG_CHANGE_MSG, 0, NULL, 0);
}

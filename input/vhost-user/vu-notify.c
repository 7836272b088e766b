/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>

#include "input/base/fd.h"
#include "input/base/hot.h"
#include "input/vhost-user/vu-notify.h"

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
 * The front-end gave no fd to signal: it polls, or wants messages on the
 * back-end channel. The no-fd bit does not tell which: a message does no harm
 * to a front-end that polls, and other back-ends do the same.
 */
static __attribute__((noinline, cold)) void signal_inband(
	struct vu_backend *be, const struct vu_queue *q, uint32_t request)
{
	struct vu_vring_state state = { .index = vu_queue_index(be, q) };

	if (vu_has_protocol_feature(be, VU_PROTOCOL_F_INBAND_NOTIFICATIONS))
		vu_channel_send(&be->channel, request, state.index, &state,
				sizeof(state));
}

HOT void vu_notify_driver(struct vu_backend *be, struct vu_queue *q)
{
	if (q->call_fd >= 0)
		signal_fd(be, q->call_fd);
	else
		signal_inband(be, q, VU_BACKEND_VRING_CALL);
}

void vu_notify_broken(struct vu_backend *be, struct vu_queue *q)
{
	if (q->err_fd >= 0)
		signal_fd(be, q->err_fd);
	else
		signal_inband(be, q, VU_BACKEND_VRING_ERR);
}

void vu_notify_logged(struct vu_backend *be)
{
	be->mem.logged = false;
	if (be->log_fd >= 0)
		signal_fd(be, be->log_fd);
}

void vu_notify_config(struct vu_backend *be)
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

int vu_notify_take_fd(struct vu_backend *be, struct vu_message *msg, int *fd)
{
	_cleanup_close_ int taken = vu_message_steal_fd(msg, 0);

	if (!is_event_fd(taken))
		return vu_fail(be, "its fd is neither an eventfd nor a pipe");
	/* One that blocks must not block us. */
	if (fd_set_nonblock(taken) < 0)
		return vu_fail(be, "its fd cannot be made non-blocking");
	close_fd(*fd);
	*fd = steal_fd(&taken);
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "injector/hold/hold-packet.h"
#include "input/base/fd.h"

union packet_fds {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * HOLD_PACKET_FDS)];
};

int hold_packet_send(int socket, const struct hold_packet *p, int flags)
{
	union packet_fds control = { .buf = { 0 } };
	struct iovec iov = { (void *)&p->order, sizeof(p->order) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	const size_t len = p->n_fds * sizeof(int);
	ssize_t n;

	if (p->n_fds) {
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(len) };
		memcpy(CMSG_DATA(&control.align), p->fd, len);
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(len);
	}
	do
		n = sendmsg(socket, &mh, flags | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void packet_find_fds(struct hold_packet *p, struct msghdr *mh)
{
	struct cmsghdr *m = CMSG_FIRSTHDR(mh);

	if (!m || m->cmsg_level != SOL_SOCKET || m->cmsg_type != SCM_RIGHTS)
		return;
	p->n_fds = (m->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(p->fd, CMSG_DATA(m), p->n_fds * sizeof(int));
}

int hold_packet_receive(int socket, struct hold_packet *p, int flags)
{
	union packet_fds control;
	struct iovec iov = { &p->order, sizeof(p->order) };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     /* Without padding, in which one more fits. */
			     .msg_controllen =
				     CMSG_LEN(sizeof(int) * HOLD_PACKET_FDS) };
	ssize_t n;

	p->n_fds = 0;
	do
		n = recvmsg(socket, &mh, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n < 0 ? -errno : 0;
	packet_find_fds(p, &mh);
	p->order.label[sizeof(p->order.label) - 1] = '\0';
	if ((size_t)n == sizeof(p->order) &&
	    !(mh.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	hold_packet_close(p);
	return mh.msg_flags & MSG_CTRUNC ? -EMFILE : -EBADMSG;
}

void hold_packet_close(struct hold_packet *p)
{
	while (p->n_fds)
		close_fd(p->fd[--p->n_fds]);
}

int hold_packet_take(struct hold_packet *p, size_t i)
{
	return i < p->n_fds ? steal_fd(&p->fd[i]) : -1;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A message is sent whole or in parts, with its fds on the first byte, and read
 * to the byte, header first. The socket is polled before each system call, so
 * no call outlasts timeout_ms by much.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/frontend/frontend-message.h"

struct fe_msg fe_msg(uint32_t request)
{
	return (struct fe_msg){
		.hdr = { .request = request, .flags = VU_FLAG_VERSION_1 },
	};
}

struct fe_msg fe_msg_u64(uint32_t request, uint64_t value)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(msg.u64);
	msg.u64 = value;
	return msg;
}

struct fe_msg fe_msg_state(uint32_t request, uint32_t index, uint32_t num)
{
	struct fe_msg msg = fe_msg(request);

	msg.hdr.size = sizeof(msg.state);
	msg.state = (struct vu_vring_state){ .index = index, .num = num };
	return msg;
}

struct fe_msg fe_msg_vring_fd(uint32_t request, unsigned int index, int fd)
{
	struct fe_msg msg = fe_msg_u64(request, index);

	if (fd < 0) {
		msg.u64 |= VU_VRING_NOFD;
		return msg;
	}
	msg.fd[0] = fd;
	msg.n_fds = 1;
	return msg;
}

/* Return: 0: the socket can be read or written; a negative errno. */
static int wait_ready(const struct frontend *fe, short events)
{
	struct pollfd p = { .fd = fe->fd, .events = events };
	int n = poll(&p, 1, fe->timeout_ms);

	if (n < 0)
		return -errno;
	return n == 0 ? -ETIMEDOUT : 0;
}

static bool is_disconnect(int err)
{
	return err == EPIPE || err == ECONNRESET;
}

static void attach_fds(struct msghdr *mh, const struct fe_msg *msg)
{
	size_t len = msg->n_fds * sizeof(int);

	mh->msg_controllen = CMSG_SPACE(len);
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), msg->fd, len);
}

int fe_send_part(struct frontend *fe, const struct fe_msg *msg, size_t from,
		 size_t to)
{
	uint8_t wire[sizeof(msg->hdr) + sizeof(msg->bytes)];

	memcpy(wire, &msg->hdr, sizeof(msg->hdr));
	memcpy(wire + sizeof(msg->hdr), msg->bytes, sizeof(msg->bytes));
	while (from < to) {
		_Alignas(struct cmsghdr) char
			control[CMSG_SPACE(FE_FDS_MAX * sizeof(int))] = { 0 };
		struct iovec iov = { wire + from, to - from };
		struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
		int rc = wait_ready(fe, POLLOUT);

		if (rc)
			return rc;
		if (from == 0 && msg->n_fds) {
			mh.msg_control = control;
			mh.msg_controllen = sizeof(control);
			attach_fds(&mh, msg);
		}
		ssize_t n = sendmsg(fe->fd, &mh, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return is_disconnect(errno) ? FE_E_CLOSED : -errno;
		from += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int fe_send(struct frontend *fe, const struct fe_msg *msg)
{
	return fe_send_part(fe, msg, 0, sizeof(msg->hdr) + msg->hdr.size);
}

static void collect_fds(struct msghdr *mh, struct fe_msg *msg)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);

	for (; c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		msg->n_fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(msg->fd, CMSG_DATA(c), msg->n_fds * sizeof(int));
	}
}

static int recv_exactly(struct frontend *fe, void *buf, size_t len,
			struct fe_msg *msg)
{
	for (size_t got = 0; got < len;) {
		_Alignas(struct cmsghdr) char
			control[CMSG_SPACE(FE_FDS_MAX * sizeof(int))];
		struct iovec iov = { (uint8_t *)buf + got, len - got };
		struct msghdr mh = {
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		int rc = wait_ready(fe, POLLIN);

		if (rc)
			return rc;
		ssize_t n =
			recvmsg(fe->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		if (n == 0 || (n < 0 && is_disconnect(errno)))
			return FE_E_CLOSED;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n > 0)
			collect_fds(&mh, msg);
		got += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int fe_recv(struct frontend *fe, struct fe_msg *msg)
{
	memset(msg, 0, sizeof(*msg));
	int rc = recv_exactly(fe, &msg->hdr, sizeof(msg->hdr), msg);
	if (rc)
		return rc;
	if (msg->hdr.size > sizeof(msg->bytes))
		return FE_E_REPLY;
	return recv_exactly(fe, msg->bytes, msg->hdr.size, msg);
}

int fe_query(struct frontend *fe, struct fe_msg *msg, size_t min)
{
	uint32_t request = msg->hdr.request;
	int rc = fe_send(fe, msg);

	/* What disconnected may have left something that is no reply. */
	if (!rc || rc == FE_E_CLOSED)
		rc = fe_recv(fe, msg);
	if (rc)
		return rc;
	if (msg->hdr.request != request ||
	    msg->hdr.flags != (VU_FLAG_VERSION_1 | VU_FLAG_REPLY) ||
	    msg->hdr.size < min)
		return FE_E_REPLY;
	return 0;
}

int fe_request(struct frontend *fe, const struct fe_msg *msg)
{
	if (!fe_has(fe->protocol, VU_PROTOCOL_F_REPLY_ACK))
		return fe_send(fe, msg);
	struct fe_msg m = *msg;
	m.hdr.flags |= VU_FLAG_NEED_REPLY;
	int rc = fe_query(fe, &m, sizeof(m.u64));
	if (rc)
		return rc;
	return m.u64 ? FE_E_REFUSED : 0;
}

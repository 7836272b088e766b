/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read never passes the end of the current message, so fds that arrive belong
 * to it: the kernel delivers them with the first byte that they were sent with.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "input/base/fd.h"
#include "input/vhost-user/vu-socket.h"

void vu_socket_init(struct vu_socket *s, int fd)
{
	s->fd = fd;
	s->got = 0;
	s->in.n_fds = 0;
	s->in.reply_fd = -1;
	s->n_out_fds = 0;
	s->out_len = 0;
	s->out_sent = 0;
}

static void close_out_fds(struct vu_socket *s)
{
	while (s->n_out_fds)
		close_fd(s->out_fds[--s->n_out_fds]);
}

void vu_socket_fini(struct vu_socket *s)
{
	vu_message_close_fds(&s->in);
	close_fd(vu_message_steal_reply_fd(&s->in));
	close_out_fds(s);
	s->fd = close_fd(s->fd);
}

/*
 * Return: whether fd may be the other end of this connection. If we held both
 * ends, we would never see it end.
 */
static bool leads_back(const struct vu_socket *s, int fd)
{
	struct sockaddr_un here, there;
	socklen_t here_len = sizeof(here), there_len = sizeof(there);

	return !getpeername(fd, (struct sockaddr *)&there, &there_len) &&
	       !getsockname(s->fd, (struct sockaddr *)&here, &here_len) &&
	       here_len > offsetof(struct sockaddr_un, sun_path) &&
	       here_len == there_len && !memcmp(&here, &there, here_len);
}

static void keep_fd(struct vu_socket *s, int fd)
{
	if (s->in.n_fds < VU_FDS_MAX && !leads_back(s, fd))
		s->in.fds[s->in.n_fds++] = fd;
	else
		close_fd(fd);
}

static void keep_fds(struct vu_socket *s, struct msghdr *mh)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			keep_fd(s, fd);
		}
	}
}

/* As many fds as the kernel takes at once (SCM_MAX_FD). */
#define FDS_AT_ONCE 253

/*
 * There is room for all fds that can arrive: the kernel would close the others,
 * and wait for sockets that linger (close_fd()).
 * Return: bytes read, 0 if there are none now, -errno.
 */
static ssize_t socket_read(struct vu_socket *s, size_t want)
{
	size_t hdr_len = sizeof(s->in.hdr);
	uint8_t *to = s->got < hdr_len ? (uint8_t *)&s->in.hdr + s->got
				       : s->in.p.bytes + (s->got - hdr_len);
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int) * FDS_AT_ONCE)];
	} control;
	struct iovec iov = { to, want - s->got };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s->fd, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	keep_fds(s, &mh);
	return n ? n : -ECONNRESET;
}

int vu_socket_recv(struct vu_socket *s, vu_check_header_fn *check_header,
		   void *arg)
{
	for (;;) {
		bool in_header = s->got < sizeof(struct vu_header);
		size_t want = sizeof(struct vu_header) +
			      (in_header ? 0 : s->in.hdr.size);
		ssize_t n;

		if (s->got == want && !in_header) {
			s->got = 0;
			return 1;
		}
		n = socket_read(s, want);
		if (n <= 0)
			return (int)n;
		s->got += (size_t)n;
		if (s->got == sizeof(struct vu_header) && in_header &&
		    !check_header(arg, &s->in.hdr))
			return -EPROTO;
	}
}

/* The fds are sent with the first byte. Return: as sendmsg(). */
static ssize_t socket_write(struct vu_socket *s)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(s->out_fds))];
	} control = { .buf = { 0 } };
	const size_t len = s->n_out_fds * sizeof(int);
	struct iovec iov = { s->out + s->out_sent, s->out_len - s->out_sent };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (len) {
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(len) };
		memcpy(CMSG_DATA(&control.align), s->out_fds, len);
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(len);
	}
	return sendmsg(s->fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void drop_output(struct vu_socket *s)
{
	s->out_sent = s->out_len;
	close_out_fds(s);
}

int vu_socket_flush(struct vu_socket *s)
{
	while (s->out_sent < s->out_len) {
		ssize_t n = socket_write(s);

		if (n < 0 && errno == EAGAIN)
			return VU_SOCKET_FULL;
		if (n < 0 && errno == ETOOMANYREFS)
			return VU_SOCKET_LATER;
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) {
			drop_output(s);
			return 0;
		}
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		s->out_sent += (size_t)n;
		close_out_fds(s);
	}
	return 0;
}

static void socket_fill(struct vu_socket *s, const struct vu_message *msg)
{
	memcpy(s->out, &msg->hdr, sizeof(msg->hdr));
	memcpy(s->out + sizeof(msg->hdr), &msg->p, msg->hdr.size);
	s->out_len = sizeof(msg->hdr) + msg->hdr.size;
	s->out_sent = 0;
}

int vu_socket_send(struct vu_socket *s, struct vu_message *msg)
{
	int fd = vu_message_steal_reply_fd(msg);

	socket_fill(s, msg);
	if (fd >= 0)
		s->out_fds[s->n_out_fds++] = fd;
	return vu_socket_flush(s);
}

int vu_socket_pass(struct vu_socket *s, const struct vu_message *msg)
{
	for (unsigned int i = 0; i < msg->n_fds; i++) {
		int fd = fcntl(msg->fds[i], F_DUPFD_CLOEXEC, 0);

		if (fd < 0)
			return -errno;
		s->out_fds[s->n_out_fds++] = fd;
	}
	socket_fill(s, msg);
	return vu_socket_flush(s);
}

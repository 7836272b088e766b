/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read never passes the end of the current message, so fds that arrive belong
 * to it: the kernel delivers them with the first byte that they were sent with.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "input/base/fd-pass.h"
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

/* Return: bytes read, 0 if there are none now, -errno. */
static ssize_t socket_read(struct vu_socket *s, size_t want)
{
	size_t hdr_len = sizeof(s->in.hdr);
	uint8_t *to = s->got < hdr_len ? (uint8_t *)&s->in.hdr + s->got
				       : s->in.p.bytes + (s->got - hdr_len);
	int fds[FD_PASS_MAX];
	unsigned int n_fds;
	ssize_t n = fd_pass_recv(s->fd, to, want - s->got, fds, &n_fds);

	for (unsigned int i = 0; i < n_fds; i++)
		keep_fd(s, fds[i]);
	return n;
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

static void drop_output(struct vu_socket *s)
{
	s->out_sent = s->out_len;
	close_out_fds(s);
}

int vu_socket_flush(struct vu_socket *s)
{
	while (s->out_sent < s->out_len) {
		const struct iovec rest = { s->out + s->out_sent,
					    s->out_len - s->out_sent };
		ssize_t n =
			fd_pass_send(s->fd, &rest, s->out_fds, s->n_out_fds);

		if (n >= 0) {
			s->out_sent += (size_t)n;
			close_out_fds(s);
			continue;
		}
		switch (errno) {
		case EINTR:
			continue;
		case EAGAIN:
			return VU_SOCKET_FULL;
		case ETOOMANYREFS:
			return VU_SOCKET_LATER;
		case EPIPE:
		case ECONNRESET:
			drop_output(s);
			return 0;
		default:
			return -errno;
		}
	}
	return 0;
}

static void socket_fill(struct vu_socket *s, const struct vu_message *msg)
{
	s->out_len = vu_message_pack(msg, s->out);
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

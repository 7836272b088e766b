/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A read never passes the end of the current message, so fds that arrive belong
 * to it: the kernel delivers them with the first byte that they were sent with.
 */
#include <errno.h>
#include "injector/vfio-user/vfu-socket.h"
#include "input/base/fd-pass.h"
#include "input/base/fd.h"

_Static_assert(offsetof(struct vfu_message, p) == sizeof(struct vfu_header),
	       "a message is read and sent as it is");

void vfu_socket_close_fds(struct vfu_socket *s)
{
	while (s->msg.n_fds)
		close_fd(s->msg.fds[--s->msg.n_fds]);
}

void vfu_socket_init(struct vfu_socket *s, int fd)
{
	s->fd = fd;
	s->got = s->sent = s->out_len = 0;
	s->msg.n_fds = 0;
	s->out_fd = -1;
}

void vfu_socket_fini(struct vfu_socket *s)
{
	vfu_socket_close_fds(s);
	s->fd = close_fd(s->fd);
}

static ssize_t socket_read(struct vfu_socket *s, size_t want)
{
	int fds[FD_PASS_MAX];
	unsigned int n;
	ssize_t got = fd_pass_recv(s->fd, (uint8_t *)&s->msg + s->got,
				   want - s->got, fds, &n);

	for (unsigned int i = 0; i < n; i++) {
		if (s->msg.n_fds < VFU_FDS_MAX)
			s->msg.fds[s->msg.n_fds++] = fds[i];
		else
			close_fd(fds[i]);
	}
	return got;
}

int vfu_socket_recv(struct vfu_socket *s, const char **why)
{
	for (;;) {
		const bool in_header = s->got < sizeof(s->msg.hdr);
		const size_t want =
			in_header ? sizeof(s->msg.hdr) : s->msg.hdr.size;
		ssize_t n;

		if (s->got == want) {
			s->got = 0;
			return 1;
		}
		n = socket_read(s, want);
		if (n <= 0)
			return (int)n;
		s->got += (size_t)n;
		if (in_header && s->got == want) {
			*why = vfu_header_check(&s->msg.hdr);
			if (*why)
				return -EPROTO;
		}
	}
}

int vfu_socket_send(struct vfu_socket *s, int fd)
{
	s->out_fd = fd;
	s->sent = 0;
	s->out_len = s->msg.hdr.size;
	return vfu_socket_flush(s);
}

int vfu_socket_flush(struct vfu_socket *s)
{
	while (s->sent < s->out_len) {
		const struct iovec rest = { (uint8_t *)&s->msg + s->sent,
					    s->out_len - s->sent };
		ssize_t n =
			fd_pass_send(s->fd, &rest, &s->out_fd, s->out_fd >= 0);

		if (n >= 0) {
			s->sent += (size_t)n;
			s->out_fd = -1;
			continue;
		}
		switch (errno) {
		case EINTR:
			continue;
		case EAGAIN:
			return 1;
		case EPIPE:
		case ECONNRESET:
			s->sent = s->out_len;
			continue;
		default:
			return -errno;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "input/base/fd-pass.h"

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int) * FD_PASS_MAX)];
};

/* The kernel puts all fds of a message into one of its control messages. */
static void find_fds(struct msghdr *mh, int fds[FD_PASS_MAX], unsigned int *n)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		const size_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(fds, CMSG_DATA(c), len);
		*n = (unsigned int)(len / sizeof(int));
	}
}

ssize_t fd_pass_recv(int socket, void *to, size_t len, int fds[FD_PASS_MAX],
		     unsigned int *n)
{
	union control control;
	struct iovec iov = { to, len };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	const ssize_t got =
		recvmsg(socket, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	*n = 0;
	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	find_fds(&mh, fds, n);
	return got ? got : -ECONNRESET;
}

ssize_t fd_pass_send(int socket, const struct iovec *from, const int *fds,
		     unsigned int n)
{
	union control control;
	const size_t len = n * sizeof(int);
	struct msghdr mh = { .msg_iov = (struct iovec *)from, .msg_iovlen = 1 };

	if (len) {
		control.align = (struct cmsghdr){ .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS,
						  .cmsg_len = CMSG_LEN(len) };
		memcpy(CMSG_DATA(&control.align), fds, len);
		mh.msg_control = &control;
		mh.msg_controllen = CMSG_SPACE(len);
	}
	return sendmsg(socket, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A link of libvinject, whose clock and some of whose system calls are the
 * test's own: one file of a test includes this.
 */
#ifndef VINPUT_TESTS_LINK_KERNEL_H
#define VINPUT_TESTS_LINK_KERNEL_H

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>
#include "injector/libvinject/vinject-link.h"
#include "injector/libvinject/vinject.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/rig.h"

#define MS	     INT64_C(1000000)
#define SOCKET_FLAGS (SOCK_CLOEXEC | SOCK_NONBLOCK)
#define SEND_FLAGS   (MSG_NOSIGNAL | MSG_DONTWAIT)

static struct vinject_link l;
static int peer; /* the other end, -1: none */

/* --- the test's kernel --- */

static struct {
	int64_t now_ns;
	long long timer_ms; /* as it was set last */
	int send_error, recv_error, socket_error, connect_error;
	int recv_errors; /* how many calls fail */
	ssize_t send_max;
	int send_flags;
	int socket_type;
	struct sockaddr_vm vsock; /* that was connected to */
	int vsock_fd;		  /* taken for a socket of that kind */
	int socket_result;	  /* SO_ERROR */
	bool polls_itself;
	int polled_ms; /* -1: not polled */
	struct pollfd polled;
} k;

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, now);
	*now = (struct timespec){ k.now_ns / (1000 * MS),
				  k.now_ns % (1000 * MS) };
	return 0;
}

int timerfd_settime(int fd, int flags, const struct itimerspec *to,
		    struct itimerspec *was)
{
	k.timer_ms =
		to->it_value.tv_sec * 1000LL + to->it_value.tv_nsec / 1000000;
	return 0;
}

int socket(int domain, int type, int protocol)
{
	if (k.socket_error) {
		errno = k.socket_error;
		return -1;
	}
	k.socket_type = type;
	if (domain == AF_VSOCK)
		return k.vsock_fd;
	return (int)syscall(SYS_socket, domain, type, protocol);
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	if (to->sa_family != AF_VSOCK)
		return (int)syscall(SYS_connect, fd, to, len);
	memcpy(&k.vsock, to, sizeof(k.vsock));
	errno = k.connect_error;
	return k.connect_error ? -1 : 0;
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int r = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

	if (!r && level == SOL_SOCKET && name == SO_ERROR && k.socket_result)
		*(int *)value = k.socket_result;
	return r;
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
	k.send_flags = flags;
	if (k.send_error) {
		errno = k.send_error;
		return -1;
	}
	if (k.send_max && len > (size_t)k.send_max)
		len = (size_t)k.send_max;
	return syscall(SYS_sendto, fd, data, len, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	k.send_flags = flags;
	if (k.send_error) {
		errno = k.send_error;
		return -1;
	}
	return syscall(SYS_sendmsg, fd, msg, flags);
}

ssize_t recv(int fd, void *data, size_t len, int flags)
{
	if (k.recv_errors) {
		k.recv_errors--;
		errno = k.recv_error;
		return -1;
	}
	return syscall(SYS_recvfrom, fd, data, len, flags, NULL, NULL);
}

int poll(struct pollfd *p, nfds_t n, int ms)
{
	if (!k.polls_itself)
		return (int)syscall(SYS_poll, p, n, ms);
	k.polled_ms = ms;
	memcpy(&k.polled, p, sizeof(k.polled));
	return 0;
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

static inline void timer_expires(void)
{
	const struct itimerspec soon = { .it_value = { .tv_nsec = 1 } };
	struct pollfd p = { .fd = l.timer_fd, .events = POLLIN };

	assert_sys(syscall(SYS_timerfd_settime, l.timer_fd, 0, &soon, NULL));
	assert_num(poll(&p, 1, DEADLINE_MS), 1);
}

static inline int setup(void **state)
{
	memset(&k, 0, sizeof(k));
	k.now_ns = 5000 * MS;
	k.timer_ms = k.polled_ms = -1;
	peer = -1;
	fill_with_garbage(&l);
	assert_ok(vinject_link_init(&l));
	return 0;
}

static inline int teardown(void **state)
{
	vinject_link_fini(&l);
	if (peer >= 0)
		close(peer);
	return 0;
}

/* Return: one end of a pair, and the other one is the peer. */
static inline int pair(int type)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, fd));
	peer = fd[1];
	return fd[0];
}

static inline void come_up(int type)
{
	assert_ok(vinject_link_take(&l, pair(type)));
	assert_num(l.state, VINJECT_LINK_UP);
}

static inline bool is_due(void)
{
	struct pollfd p = { .fd = l.epoll_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	         start()         step()               step()
 *	DOWN ───────────► CONNECTING ─────► GREETING ─────► UP
 *	 ▲ │ retry()       ▲    │ hybrid only   │            │
 *	 │ └────► RETRY ───┘    │ failed        │ failed     │ down()
 *	 └──────────────────────┴───────────────┴────────────┘
 *
 * An epoll fd contains the socket and the timer, so that a program can poll one
 * fd for the life of a handle while connections come and go. connect() to a
 * Unix socket succeeds or fails at once; to vsock it takes time, and with
 * hybrid the VMM connects to its guest only after the greeting.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

#include "injector/libvinject/vinject-link.h"
#include "input/device/control.h"

#define CONNECT_MS   5000
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 500
/* More than the largest frame: a packet must fit as a whole. */
#define PACKET_SNDBUF 65536
/* After so long a server that has a ring may have ended. */
#define SEEN_NS 1000000

uint64_t vinject_clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int64_t clock_ms(void)
{
	return (int64_t)(vinject_clock_ns() / 1000000);
}

int64_t vinject_clock_until(int ms)
{
	return ms < 0 ? INT64_MAX : clock_ms() + ms;
}

bool vinject_clock_past(int64_t until_ms)
{
	return until_ms != INT64_MAX && clock_ms() >= until_ms;
}

/* ms: 0 stops it. */
static void link_set_timer(struct vinject_link *l, unsigned int ms)
{
	const struct itimerspec in = {
		.it_value = { ms / 1000, (long)(ms % 1000) * 1000000 },
	};

	timerfd_settime(l->timer_fd, 0, &in, NULL);
}

static bool link_timer_expired(struct vinject_link *l)
{
	uint64_t times;

	return read(l->timer_fd, &times, sizeof(times)) == sizeof(times);
}

static int link_watch(struct vinject_link *l, int op, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	return epoll_ctl(l->epoll_fd, op, fd, &ev) < 0 ? -errno : 0;
}

int vinject_link_init(struct vinject_link *l)
{
	*l = (struct vinject_link){ .fd = -1, .epoll_fd = -1, .timer_fd = -1 };
	l->to.fd = -1;
	l->ring.fd = l->ring.event_fd = -1;
	l->retry_ms = RETRY_MIN_MS;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		return -errno;
	l->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd < 0)
		return -errno;
	return link_watch(l, EPOLL_CTL_ADD, l->timer_fd, EPOLLIN);
}

void vinject_link_fini(struct vinject_link *l)
{
	vinject_link_down(l);
	if (l->timer_fd >= 0)
		close(l->timer_fd);
	if (l->epoll_fd >= 0)
		close(l->epoll_fd);
	l->timer_fd = l->epoll_fd = -1;
}

static void link_arm(struct vinject_link *l, uint32_t events)
{
	if (l->armed != events)
		link_watch(l, EPOLL_CTL_MOD, l->fd, events);
	l->armed = events;
}

/* With a ring, the server says on the socket that there is space. */
void vinject_link_want_room(struct vinject_link *l, bool want)
{
	if (l->state != VINJECT_LINK_UP)
		return;
	if (want && l->by_ring)
		want = vinject_ring_want_space(&l->ring, RING_TELL_SOCKET);
	link_arm(l, want ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void link_fit_packets(int fd)
{
	const int enough = PACKET_SNDBUF;
	int type, size;
	socklen_t type_len = sizeof(type), size_len = sizeof(size);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, &size_len) < 0)
		return;
	if (type == SOCK_SEQPACKET && size < enough)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &enough, sizeof(enough));
}

static int link_own(struct vinject_link *l, int fd, uint32_t events)
{
	int r = link_watch(l, EPOLL_CTL_ADD, fd, events);

	if (r)
		return r;
	link_fit_packets(fd);
	l->fd = fd;
	l->armed = events;
	return 0;
}

static int link_came_up(struct vinject_link *l)
{
	link_set_timer(l, 0);
	link_arm(l, EPOLLIN);
	l->state = VINJECT_LINK_UP;
	l->retry_ms = RETRY_MIN_MS;
	return VINJECT_LINK_CAME_UP;
}

int vinject_link_take(struct vinject_link *l, int fd)
{
	int r = link_own(l, fd, EPOLLIN);

	if (r)
		return r;
	link_came_up(l);
	return 0;
}

void vinject_link_down(struct vinject_link *l)
{
	if (l->fd >= 0) {
		/* close() does not, if another process has the socket too. */
		link_watch(l, EPOLL_CTL_DEL, l->fd, 0);
		close(l->fd);
	}
	if (l->timer_fd >= 0)
		link_set_timer(l, 0);
	l->fd = -1;
	l->by_ring = false;
	vinject_ring_close(&l->ring);
	l->state = VINJECT_LINK_DOWN;
}

static int link_failed(struct vinject_link *l, int error)
{
	vinject_link_down(l);
	return error;
}

void vinject_link_retry(struct vinject_link *l)
{
	link_set_timer(l, l->retry_ms);
	l->state = VINJECT_LINK_RETRY;
	l->retry_ms *= 2;
	if (l->retry_ms > RETRY_MAX_MS)
		l->retry_ms = RETRY_MAX_MS;
}

static int link_connect_unix(struct vinject_link *l, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	memcpy(addr.sun_path, l->to.path, sizeof(addr.sun_path));
	r = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	r = r < 0 ? -errno : link_own(l, fd, EPOLLOUT);
	if (r)
		close(fd);
	return r;
}

static int link_connect_vsock(struct vinject_link *l)
{
	struct sockaddr_vm addr = {
		.svm_family = AF_VSOCK,
		.svm_cid = l->to.cid,
		.svm_port = l->to.port,
	};
	int fd =
		socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	r = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	r = r < 0 && errno != EINPROGRESS ? -errno : link_own(l, fd, EPOLLOUT);
	if (r)
		close(fd);
	return r;
}

static int link_connect(struct vinject_link *l)
{
	int r;

	switch (l->to.transport) {
	case VINJECT_NOWHERE:
		return -ENOTCONN;
	case VINJECT_VSOCK:
		return link_connect_vsock(l);
	case VINJECT_HYBRID:
		return link_connect_unix(l, SOCK_STREAM);
	case VINJECT_UNIX:
		r = link_connect_unix(l, SOCK_STREAM);
		if (r == -EPROTOTYPE)
			r = link_connect_unix(l, SOCK_SEQPACKET);
		return r;
	}
	return -EINVAL;
}

/* Return: 0: connected; -EINPROGRESS; another negative errno. */
static int link_connect_result(struct vinject_link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLOUT };
	int error;
	socklen_t len = sizeof(error);

	if (poll(&p, 1, 0) < 1)
		return -EINPROGRESS;
	if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

static int link_greet(struct vinject_link *l)
{
	char line[32];
	const int len =
		snprintf(line, sizeof(line), "CONNECT %u\n", l->to.port);

	/* A new socket has space for it. */
	if (send(l->fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) != len)
		return link_failed(l, -EPIPE);
	l->answered = 0;
	l->state = VINJECT_LINK_GREETING;
	link_arm(l, EPOLLIN);
	return 0;
}

/* "OK ", up to a newline; what follows belongs to the device's stream. */
static int link_take_answer(struct vinject_link *l)
{
	char c;
	ssize_t n;

	while ((n = vinject_link_recv(l, &c, 1)) == 1) {
		if (l->answered >= sizeof(l->line))
			return link_failed(l, -EPROTO);
		l->line[l->answered++] = c;
		if (c != '\n')
			continue;
		if (memcmp(l->line, "OK ", 3) != 0)
			return link_failed(l, -EPROTO);
		return link_came_up(l);
	}
	return n == -EAGAIN ? 0 : link_failed(l, (int)n);
}

static int link_finish_connect(struct vinject_link *l)
{
	int r = link_connect_result(l);

	if (r == -EINPROGRESS)
		return 0;
	if (r)
		return link_failed(l, r);
	return l->to.transport == VINJECT_HYBRID ? link_greet(l)
						 : link_came_up(l);
}

int vinject_link_start(struct vinject_link *l)
{
	int r = link_connect(l);

	if (r)
		return link_failed(l, r);
	link_set_timer(l, CONNECT_MS);
	l->state = VINJECT_LINK_CONNECTING;
	return link_finish_connect(l);
}

int vinject_link_step(struct vinject_link *l)
{
	switch (l->state) {
	case VINJECT_LINK_DOWN:
	case VINJECT_LINK_UP:
		return 0;
	case VINJECT_LINK_RETRY:
		return link_timer_expired(l) ? vinject_link_start(l) : 0;
	case VINJECT_LINK_CONNECTING:
		return link_timer_expired(l) ? link_failed(l, -ETIMEDOUT)
					     : link_finish_connect(l);
	case VINJECT_LINK_GREETING:
		return link_timer_expired(l) ? link_failed(l, -ETIMEDOUT)
					     : link_take_answer(l);
	}
	return 0;
}

/* Any error but a temporary one is the end of the connection. */
static ssize_t link_io_result(ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS ||
	    errno == ENOMEM)
		return -EAGAIN;
	return -EPIPE;
}

static bool link_is_lost(const struct vinject_link *l)
{
	struct pollfd p = { .fd = l->fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

/*
 * A ring does not say that its server has ended: now and then, the socket is
 * looked at.
 */
static ssize_t link_put(struct vinject_link *l, const void *data, size_t len)
{
	const uint64_t now_ns = vinject_clock_ns();
	size_t n;

	if (now_ns - l->seen_ns >= SEEN_NS) {
		if (link_is_lost(l))
			return -EPIPE;
		l->seen_ns = now_ns;
	}
	n = vinject_ring_put(&l->ring, data, len / sizeof(struct vi_event));
	return n ? (ssize_t)(n * sizeof(struct vi_event)) : -EAGAIN;
}

ssize_t vinject_link_send(struct vinject_link *l, const void *data, size_t len)
{
	if (l->by_ring)
		return link_put(l, data, len);
	return link_io_result(
		send(l->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

ssize_t vinject_link_recv(struct vinject_link *l, void *data, size_t len)
{
	ssize_t n = recv(l->fd, data, len, MSG_DONTWAIT);

	/* It closed with unread frames: packets of its own may wait still. */
	if (n < 0 && errno == ECONNRESET)
		n = recv(l->fd, data, len, MSG_DONTWAIT);
	return n == 0 ? -EPIPE : link_io_result(n);
}

static int link_poll(int fd, short events, int64_t until_ms)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = 60000;

	if (until_ms != INT64_MAX && until_ms - clock_ms() < left)
		left = until_ms - clock_ms();
	if (left <= 0)
		return -ETIMEDOUT;
	poll(&p, 1, (int)left);
	return 0;
}

static int link_wait_ring(struct vinject_link *l, int64_t until_ms)
{
	if (vinject_clock_past(until_ms))
		return -ETIMEDOUT;
	vinject_ring_wait(&l->ring);
	return 0;
}

int vinject_link_wait(struct vinject_link *l, int64_t until_ms)
{
	if (l->state == VINJECT_LINK_UP && l->by_ring)
		return link_wait_ring(l, until_ms);
	if (l->state == VINJECT_LINK_UP)
		return link_poll(l->fd, POLLOUT, until_ms);
	return vinject_link_wait_due(l, until_ms);
}

int vinject_link_wait_due(struct vinject_link *l, int64_t until_ms)
{
	return link_poll(l->epoll_fd, POLLIN, until_ms);
}

bool vinject_link_is_drained(const struct vinject_link *l)
{
	int unread;

	if (l->by_ring && !vinject_ring_is_empty(&l->ring))
		return false;
	return ioctl(l->fd, SIOCOUTQ, &unread) < 0 || !unread;
}

/* A socket takes so little as a whole, or nothing. */
int vinject_link_offer(struct vinject_link *l)
{
	const struct vi_event ev[] = {
		vi_event(CONTROL_RING, CONTROL_RING_OFFER, 0),
		vi_event(EV_SYN, SYN_REPORT, 0),
	};
	const int fds[] = { l->ring.fd, l->ring.event_fd };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(fds)),
				.cmsg_level = SOL_SOCKET,
				.cmsg_type = SCM_RIGHTS } };
	struct iovec iov = { (void *)ev, sizeof(ev) };
	const struct msghdr msg = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = &control,
				    .msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	return sendmsg(l->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno
								     : 0;
}

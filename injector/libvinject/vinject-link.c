/* SPDX-License-Identifier: Apache-2.0 */
/*
 *	         start()         step()               step()
 *	DOWN ───────────► CONNECTING ─────► GREETING ─────► UP
 *	 ▲ │ retry()       ▲    │ hybrid only   │            │
 *	 │ └────► RETRY ───┘    │ failed        │ failed     │ down()
 *	 └──────────────────────┴───────────────┴────────────┘
 *
 * An epoll fd holds the socket and the timer, so that a program can poll one fd
 * for the life of a handle while connections come and go. A Unix socket is
 * connected at once or not; vsock is not, and the program at the other end of a
 * hybrid one first connects to its guest.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

#include "injector/libvinject/vinject-link.h"

#define CONNECT_MS   5000
#define RETRY_MIN_MS 50
/* More than the largest frame: a packet must fit as a whole. */
#define PACKET_SNDBUF 65536
#define RETRY_MAX_MS  500

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t vinject_clock_until(int ms)
{
	return ms < 0 ? INT64_MAX : clock_ms() + ms;
}

bool vinject_clock_past(int64_t until_ms)
{
	return until_ms != INT64_MAX && clock_ms() >= until_ms;
}

/* ms 0: stop it. */
static void set_timer(struct vinject_link *l, unsigned int ms)
{
	const struct itimerspec in = {
		.it_value = { ms / 1000, (long)(ms % 1000) * 1000000 },
	};

	timerfd_settime(l->timer, 0, &in, NULL);
}

static bool timer_rang(struct vinject_link *l)
{
	uint64_t times;

	return read(l->timer, &times, sizeof(times)) == sizeof(times);
}

static int watch(struct vinject_link *l, int op, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	return epoll_ctl(l->epoll, op, fd, &ev) < 0 ? -errno : 0;
}

int vinject_link_init(struct vinject_link *l)
{
	*l = (struct vinject_link){ .fd = -1, .epoll = -1, .timer = -1 };
	l->to.fd = -1;
	l->retry_ms = RETRY_MIN_MS;
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->epoll < 0 || l->timer < 0)
		return -errno;
	return watch(l, EPOLL_CTL_ADD, l->timer, EPOLLIN);
}

void vinject_link_fini(struct vinject_link *l)
{
	vinject_link_down(l);
	if (l->timer >= 0)
		close(l->timer);
	if (l->epoll >= 0)
		close(l->epoll);
	l->timer = l->epoll = -1;
}

static void arm(struct vinject_link *l, uint32_t events)
{
	if (l->armed != events)
		watch(l, EPOLL_CTL_MOD, l->fd, events);
	l->armed = events;
}

void vinject_link_want_room(struct vinject_link *l, bool want)
{
	if (l->state == VINJECT_LINK_UP)
		arm(l, want ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void fit_packets(int fd)
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

static int own(struct vinject_link *l, int fd, uint32_t events)
{
	int r = watch(l, EPOLL_CTL_ADD, fd, events);

	if (r)
		return r;
	fit_packets(fd);
	l->fd = fd;
	l->armed = events;
	return 0;
}

static int came_up(struct vinject_link *l)
{
	set_timer(l, 0);
	arm(l, EPOLLIN);
	l->state = VINJECT_LINK_UP;
	l->retry_ms = RETRY_MIN_MS;
	return VINJECT_LINK_CAME_UP;
}

int vinject_link_take(struct vinject_link *l, int fd)
{
	int r = own(l, fd, EPOLLIN);

	if (r)
		return r;
	came_up(l);
	return 0;
}

void vinject_link_down(struct vinject_link *l)
{
	if (l->fd >= 0) {
		/* Closing does not: another process may have the socket too. */
		watch(l, EPOLL_CTL_DEL, l->fd, 0);
		close(l->fd);
	}
	if (l->timer >= 0)
		set_timer(l, 0);
	l->fd = -1;
	l->state = VINJECT_LINK_DOWN;
}

static int failed(struct vinject_link *l, int error)
{
	vinject_link_down(l);
	return error;
}

void vinject_link_retry(struct vinject_link *l)
{
	set_timer(l, l->retry_ms);
	l->state = VINJECT_LINK_RETRY;
	l->retry_ms *= 2;
	if (l->retry_ms > RETRY_MAX_MS)
		l->retry_ms = RETRY_MAX_MS;
}

static int connect_unix(struct vinject_link *l, int type)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return -errno;
	memcpy(addr.sun_path, l->to.path, sizeof(addr.sun_path));
	r = connect(fd, (const struct sockaddr *)&addr, sizeof(addr));
	r = r < 0 ? -errno : own(l, fd, EPOLLOUT);
	if (r)
		close(fd);
	return r;
}

static int connect_vsock(struct vinject_link *l)
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
	r = r < 0 && errno != EINPROGRESS ? -errno : own(l, fd, EPOLLOUT);
	if (r)
		close(fd);
	return r;
}

static int begin(struct vinject_link *l)
{
	int r;

	switch (l->to.transport) {
	case VINJECT_NOWHERE:
		return -ENOTCONN;
	case VINJECT_VSOCK:
		return connect_vsock(l);
	case VINJECT_HYBRID:
		return connect_unix(l, SOCK_STREAM);
	case VINJECT_UNIX:
		r = connect_unix(l, SOCK_STREAM);
		if (r == -EPROTOTYPE)
			r = connect_unix(l, SOCK_SEQPACKET);
		return r;
	}
	return -EINVAL;
}

/* Return: 0 when it is connected, -EINPROGRESS, another -errno. */
static int connect_result(struct vinject_link *l)
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

static int greet(struct vinject_link *l)
{
	char line[32];
	const int len =
		snprintf(line, sizeof(line), "CONNECT %u\n", l->to.port);

	/* A new socket has room for it. */
	if (send(l->fd, line, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT) != len)
		return failed(l, -EPIPE);
	l->answered = 0;
	l->state = VINJECT_LINK_GREETING;
	arm(l, EPOLLIN);
	return 0;
}

/* "OK " and a line's end; what is behind it belongs to the device's stream. */
static int take_answer(struct vinject_link *l)
{
	char c;
	ssize_t n;

	while ((n = vinject_link_recv(l, &c, 1)) == 1) {
		if (l->answered >= sizeof(l->line))
			return failed(l, -EPROTO);
		l->line[l->answered++] = c;
		if (c != '\n')
			continue;
		if (l->answered < 3 || memcmp(l->line, "OK ", 3) != 0)
			return failed(l, -EPROTO);
		return came_up(l);
	}
	return n == -EAGAIN ? 0 : failed(l, (int)n);
}

static int go_on_connecting(struct vinject_link *l)
{
	int r = connect_result(l);

	if (r == -EINPROGRESS)
		return 0;
	if (r)
		return failed(l, r);
	return l->to.transport == VINJECT_HYBRID ? greet(l) : came_up(l);
}

int vinject_link_start(struct vinject_link *l)
{
	int r = begin(l);

	if (r)
		return failed(l, r);
	set_timer(l, CONNECT_MS);
	l->state = VINJECT_LINK_CONNECTING;
	return go_on_connecting(l);
}

int vinject_link_step(struct vinject_link *l)
{
	switch (l->state) {
	case VINJECT_LINK_DOWN:
	case VINJECT_LINK_UP:
		return 0;
	case VINJECT_LINK_RETRY:
		return timer_rang(l) ? vinject_link_start(l) : 0;
	case VINJECT_LINK_CONNECTING:
		return timer_rang(l) ? failed(l, -ETIMEDOUT)
				     : go_on_connecting(l);
	case VINJECT_LINK_GREETING:
		return timer_rang(l) ? failed(l, -ETIMEDOUT) : take_answer(l);
	}
	return 0;
}

/* Many errors, but to the caller they are all the end of the connection. */
static ssize_t result(ssize_t n)
{
	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ||
	    errno == ENOBUFS || errno == ENOMEM)
		return -EAGAIN;
	return -EPIPE;
}

ssize_t vinject_link_send(struct vinject_link *l, const void *data, size_t len)
{
	return result(send(l->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT));
}

ssize_t vinject_link_recv(struct vinject_link *l, void *data, size_t len)
{
	const ssize_t n = recv(l->fd, data, len, MSG_DONTWAIT);

	return n == 0 ? -EPIPE : result(n);
}

int vinject_link_wait(struct vinject_link *l, int64_t until_ms)
{
	const bool up = l->state == VINJECT_LINK_UP;
	struct pollfd p = {
		.fd = up ? l->fd : l->epoll,
		.events = up ? POLLOUT : POLLIN,
	};
	int64_t left = 60000;

	if (until_ms != INT64_MAX && until_ms - clock_ms() < left)
		left = until_ms - clock_ms();
	if (left <= 0)
		return -ETIMEDOUT;
	poll(&p, 1, (int)left);
	return 0;
}

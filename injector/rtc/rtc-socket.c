/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>

#include "injector/rtc/rtc-socket.h"
#include "input/base/container.h"
#include "input/base/fd.h"

/* What a peer may have read in a row before others have their turn. */
#define BATCH 64

/* Nobody sends more in one, see RTC_SCTP_PACKET_MAX. */
#define DATAGRAM_MAX 2048

static socklen_t address_len(const union rtc_address *a)
{
	return a->any.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

bool rtc_address_same(const union rtc_address *a, const union rtc_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_port == b->v4.sin_port &&
		       a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return a->v6.sin6_port == b->v6.sin6_port &&
	       a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
	       !memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr,
		       sizeof(a->v6.sin6_addr));
}

static void socket_on_readable(struct ev_loop *loop, ev_io *io, int revents)
{
	struct rtc_socket *s = container_of(io, struct rtc_socket, io);
	uint8_t data[DATAGRAM_MAX];

	for (int i = 0; i < BATCH; i++) {
		union rtc_address from = { .any.sa_family = AF_UNSPEC };
		socklen_t len = sizeof(from);
		const ssize_t n =
			recvfrom(s->fd, data, sizeof(data),
				 MSG_DONTWAIT | MSG_TRUNC, &from.any, &len);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0 && (size_t)n <= sizeof(data) &&
		    from.any.sa_family != AF_UNSPEC)
			s->received(s, (struct rtc_bytes){ data, (size_t)n },
				    &from);
	}
}

/* Return: 0 or -EINVAL. */
static int socket_read_address(union rtc_address *a, const char *address,
			       uint16_t port)
{
	*a = (union rtc_address){ .v6 = { .sin6_family = AF_INET6,
					  .sin6_port = htons(port) } };
	if (inet_pton(AF_INET6, address, &a->v6.sin6_addr) == 1)
		return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr) ? -EINVAL : 0;
	*a = (union rtc_address){ .v4 = { .sin_family = AF_INET,
					  .sin_port = htons(port) } };
	if (inet_pton(AF_INET, address, &a->v4.sin_addr) == 1)
		return a->v4.sin_addr.s_addr == INADDR_ANY ? -EINVAL : 0;
	return -EINVAL;
}

/* Without don't-fragment: where a tunnel takes less, fragments get through. */
static int socket_bind(const union rtc_address *a)
{
	_cleanup_close_ int fd = socket(
		a->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int dont = IP_PMTUDISC_DONT, on = 1;

	if (fd < 0)
		return -errno;
	if (a->any.sa_family == AF_INET6) {
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
		setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &dont,
			   sizeof(dont));
	} else {
		setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont,
			   sizeof(dont));
	}
	if (bind(fd, &a->any, address_len(a)) < 0)
		return -errno;
	return steal_fd(&fd);
}

int rtc_socket_open(struct rtc_socket *s, const char *address, uint16_t port,
		    struct fault *fault)
{
	union rtc_address a;
	socklen_t len = sizeof(a);
	int e = socket_read_address(&a, address, port);

	if (e)
		return fault_set(fault,
				 "invalid address %.80s: must be an IPv4 or "
				 "IPv6 address of this machine",
				 address);
	s->fd = socket_bind(&a);
	if (s->fd < 0 || getsockname(s->fd, &a.any, &len) < 0) {
		e = s->fd < 0 ? s->fd : -errno;
		s->fd = close_fd(s->fd);
		return fault_errno(fault, e, "%s port %u: %s", address, port,
				   strerror(-e));
	}
	s->port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port
						    : a.v4.sin_port);
	inet_ntop(a.any.sa_family,
		  a.any.sa_family == AF_INET6 ? (void *)&a.v6.sin6_addr
					      : (void *)&a.v4.sin_addr,
		  s->address, sizeof(s->address));
	ev_io_init(&s->io, socket_on_readable, s->fd, EV_READ);
	ev_io_start(s->loop, &s->io);
	return 0;
}

void rtc_socket_fini(struct rtc_socket *s)
{
	if (s->fd < 0)
		return;
	ev_io_stop(s->loop, &s->io);
	s->fd = close_fd(s->fd);
}

void rtc_socket_send(const struct rtc_socket *s, struct rtc_bytes datagram,
		     const union rtc_address *to)
{
	(void)!sendto(s->fd, datagram.at, datagram.len,
		      MSG_DONTWAIT | MSG_NOSIGNAL, &to->any, address_len(to));
}

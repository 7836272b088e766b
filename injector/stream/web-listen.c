/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "injector/stream/web-listen.h"
#include "input/base/fd.h"

#define BACKLOG 128

union web_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Return: the size of the address, 0: it is none. */
static socklen_t listen_address(union web_address *a, const char *text,
				int port)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4.sin_addr) == 1) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_port = htons((uint16_t)port);
		return sizeof(a->v4);
	}
	if (inet_pton(AF_INET6, text, &a->v6.sin6_addr) == 1) {
		a->v6.sin6_family = AF_INET6;
		a->v6.sin6_port = htons((uint16_t)port);
		return sizeof(a->v6);
	}
	return 0;
}

bool web_listen_is_loopback(const char *address)
{
	union web_address a;

	if (!listen_address(&a, address, 0))
		return false;
	if (a.any.sa_family == AF_INET)
		return ntohl(a.v4.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
}

bool web_listen_is_any(const char *address)
{
	union web_address a;

	if (!listen_address(&a, address, 0))
		return false;
	if (a.any.sa_family == AF_INET)
		return a.v4.sin_addr.s_addr == INADDR_ANY;
	return IN6_IS_ADDR_UNSPECIFIED(&a.v6.sin6_addr);
}

static int listen_open(const union web_address *a, socklen_t len)
{
	_cleanup_close_ int fd =
		socket(a->any.sa_family,
		       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, &a->any, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return steal_fd(&fd);
}

int web_listen(const char *address, int *port, struct fault *why)
{
	union web_address a;
	socklen_t len = listen_address(&a, address, *port);
	int fd = len ? listen_open(&a, len) : -EINVAL;

	if (!len)
		return fault_set(why,
				 "--listen=%.80s: must be an IPv4 or IPv6 "
				 "address",
				 address);
	if (fd < 0)
		return fault_errno(why, fd, "cannot listen at %s port %d: %s",
				   address, *port, strerror(-fd));
	getsockname(fd, &a.any, &len);
	*port = ntohs(a.any.sa_family == AF_INET ? a.v4.sin_port
						 : a.v6.sin6_port);
	return fd;
}

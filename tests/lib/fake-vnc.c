/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/lib/fake-vnc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/check.h"
#include "tests/lib/process.h"

#define QUIET_MS 200

static const uint8_t screen[] = "\0\x40\0\x30\x20\x18\0\1\0\xff\0\xff\0\xff"
				"\x10\x08\0\0\0\0\0\0\0\4";

static bool vnc_ready(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) == 1;
}

static void vnc_listen_at(struct fake_vnc *v, const struct sockaddr *addr,
			  socklen_t len)
{
	v->listener = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(v->listener);
	assert_sys(bind(v->listener, addr, len));
	assert_sys(listen(v->listener, 4));
}

void fake_vnc_listen(struct fake_vnc *v, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", path);
	unlink(path);
	vnc_listen_at(v, (struct sockaddr *)&un, sizeof(un));
}

void fake_vnc_listen_tcp(struct fake_vnc *v)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	socklen_t len = sizeof(in);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	vnc_listen_at(v, (struct sockaddr *)&in, sizeof(in));
	assert_sys(getsockname(v->listener, (struct sockaddr *)&in, &len));
	v->port = ntohs(in.sin_port);
}

void fake_vnc_stop(struct fake_vnc *v)
{
	if (v->listener >= 0)
		close(v->listener);
	v->listener = -1;
}

void fake_vnc_hang_up(struct fake_vnc *v)
{
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
}

void fake_vnc_close(struct fake_vnc *v)
{
	fake_vnc_stop(v);
	fake_vnc_hang_up(v);
}

void fake_vnc_accept(struct fake_vnc *v)
{
	fake_vnc_hang_up(v);
	if (!vnc_ready(v->listener, POLLIN, DEADLINE_MS))
		fail_msg("no viewer came");
	v->fd = accept4(v->listener, NULL, NULL, SOCK_CLOEXEC);
	assert_sys(v->fd);
}

void fake_vnc_greet(struct fake_vnc *v)
{
	fake_vnc_send(v, "RFB 003.008\n", 12);
	fake_vnc_expect(v, "RFB 003.008\n", 12);
	fake_vnc_send(v, "\1\1", 2);
	fake_vnc_expect(v, "\1", 1);
	fake_vnc_admit(v);
}

void fake_vnc_admit(struct fake_vnc *v)
{
	fake_vnc_send(v, "\0\0\0\0", 4);
	fake_vnc_expect(v, "\1", 1); /* shared */
	fake_vnc_send(v, screen, sizeof(screen) - 1);
	fake_vnc_send(v, v->name ? v->name : "fake", 4);
}

void fake_vnc_send(struct fake_vnc *v, const void *bytes, size_t len)
{
	assert_num(send(v->fd, bytes, len, MSG_NOSIGNAL), (long)len);
}

size_t fake_vnc_flood(struct fake_vnc *v, size_t max)
{
	static const uint8_t bytes[4096];
	size_t sent = 0;

	while (sent < max && vnc_ready(v->fd, POLLOUT, QUIET_MS)) {
		const ssize_t n = send(v->fd, bytes, sizeof(bytes),
				       MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_sys(n);
		sent += (size_t)n;
	}
	return sent;
}

void fake_vnc_expect(struct fake_vnc *v, const void *bytes, size_t len)
{
	uint8_t got[4096];
	size_t n = 0;

	assert_true(len <= sizeof(got));
	while (n < len) {
		ssize_t r = vnc_ready(v->fd, POLLIN, DEADLINE_MS)
				    ? recv(v->fd, got + n, len - n, 0)
				    : -1;

		if (r <= 0)
			fail_msg("%zu bytes came of %zu", n, len);
		n += (size_t)r;
	}
	assert_memory_equal(got, bytes, len);
}

size_t fake_vnc_drain(struct fake_vnc *v)
{
	uint8_t got[4096];
	size_t n = 0;

	while (vnc_ready(v->fd, POLLIN, QUIET_MS)) {
		const ssize_t r = recv(v->fd, got, sizeof(got), 0);

		assert_true(r > 0);
		n += (size_t)r;
	}
	return n;
}

void fake_vnc_expect_nothing(struct fake_vnc *v)
{
	assert_num(fake_vnc_drain(v), 0);
}

void fake_vnc_expect_end(struct fake_vnc *v)
{
	char byte;

	if (!vnc_ready(v->fd, POLLIN, DEADLINE_MS))
		fail_msg("the viewer did not hang up");
	assert_true(recv(v->fd, &byte, 1, 0) <= 0);
}

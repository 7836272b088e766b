/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/bench/web-echo.h"

#define FRAME_MAX 131 /* two bytes, a mask, a short payload */

static bool answer_handshake(int fd)
{
	static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\n"
				     "Upgrade: websocket\r\n"
				     "Connection: Upgrade\r\n\r\n";
	char head[4096] = "";
	size_t n = 0;

	while (n < 4 || memcmp(head + n - 4, "\r\n\r\n", 4)) {
		ssize_t r = recv(fd, head + n, sizeof(head) - n, 0);

		if (r <= 0)
			return false;
		n += (size_t)r;
	}
	return send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) > 0;
}

/* One frame at a time comes, whole: its sender waits for the answer. */
static void echo_frames(int fd)
{
	uint8_t frame[FRAME_MAX];
	ssize_t n;

	while ((n = recv(fd, frame, sizeof(frame), 0)) > 6) {
		const size_t len = frame[1] & 0x7f;

		if ((size_t)n != len + 6)
			return;
		for (size_t i = 0; i < len; i++)
			frame[6 + i] ^= frame[2 + i % 4];
		frame[4] = frame[0];
		frame[5] = (uint8_t)len;
		if (send(fd, frame + 4, len + 2, MSG_NOSIGNAL) < 0)
			return;
	}
}

__attribute__((noreturn)) static void serve(int listener)
{
	const int on = 1, fd = accept(listener, NULL, NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (fd >= 0 && answer_handshake(fd))
		echo_frames(fd);
	_exit(0);
}

pid_t web_echo_start(uint16_t *port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid = -1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (!bind(listener, (struct sockaddr *)&addr, sizeof(addr)) &&
	    !listen(listener, 1) &&
	    !getsockname(listener, (struct sockaddr *)&addr, &len))
		pid = fork();
	if (!pid)
		serve(listener);
	close(listener);
	*port = ntohs(addr.sin_port);
	return pid;
}

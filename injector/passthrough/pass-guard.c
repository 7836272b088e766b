/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child holds copies of the nodes' descriptors, and so the grab, until it
 * has written. It ignores what ends a process group or a service, and SIGUSR1,
 * which asks a service for its counters.
 */
#include <errno.h>
#include <linux/input.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-guard.h"
#include "input/base/fd.h"

/* number: END: nothing is to be restored. has: 0: release that one. */
struct message {
	uint32_t number, has, on;
};
#define END PASS_GUARD_NODES

/* --- the child --- */

struct held {
	int fd; /* -1: none */
	uint32_t has, on;
};

static void restore(const struct held *h)
{
	struct input_event ev[LED_CNT + 1] = { 0 };
	size_t n = 0;

	for (uint16_t led = 0; led < LED_CNT; led++) {
		if (!(h->has >> led & 1))
			continue;
		ev[n].type = EV_LED;
		ev[n].code = led;
		ev[n++].value = h->on >> led & 1;
	}
	ev[n++].type = EV_SYN;
	if (write(h->fd, ev, n * sizeof(*ev)) < 0)
		return; /* it is unplugged */
}

/* Return: the node's fd that came with it, -1 for none. *len: as recvmsg()'s.
 */
static int receive(int fd, struct message *m, ssize_t *len)
{
	union {
		char buffer[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { m, sizeof(*m) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control.buffer,
			      .msg_controllen = sizeof(control.buffer) };
	const struct cmsghdr *c;
	int node = -1;

	*len = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	c = *len > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(&node, CMSG_DATA(c), sizeof(node));
	return node;
}

static void take(struct held *h, const struct message *m, int node)
{
	if (h->fd >= 0)
		close(h->fd);
	*h = (struct held){ .fd = node, .has = m->has, .on = m->on };
}

/* In the order of their numbers; 0, 1 and 2 are open, too. */
static void close_others(int fd)
{
	if (fd > 0)
		syscall(SYS_close_range, 0u, (unsigned int)fd - 1, 0u);
	syscall(SYS_close_range, (unsigned int)fd + 1, ~0u, 0u);
}

static void child_run(int fd)
{
	struct held held[PASS_GUARD_NODES];
	struct message m;
	ssize_t len;

	for (int i = 0; i < PASS_GUARD_NODES; i++)
		held[i].fd = -1;
	for (;;) {
		int node = receive(fd, &m, &len);

		if (len == sizeof(m) && m.number >= END)
			return;
		if (len != sizeof(m))
			break;
		take(&held[m.number], &m, node);
	}
	for (int i = 0; i < PASS_GUARD_NODES; i++)
		if (held[i].fd >= 0)
			restore(&held[i]);
}

static void child(int fd)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1 };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_NAME, "vinput-leds");
	close_others(fd);
	child_run(fd);
	_exit(0);
}

/* --- this process --- */

int pass_guard_start(struct pass_guard *g)
{
	int fds[2];

	*g = PASS_GUARD_NULL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	g->pid = fork();
	if (!g->pid)
		child(fds[1]);
	close_fd(fds[1]);
	if (g->pid < 0) {
		close_fd(fds[0]);
		return -errno;
	}
	g->fd = fds[0];
	return 0;
}

void pass_guard_stop(struct pass_guard *g)
{
	if (g->fd < 0)
		return;
	pass_guard_release(g, END);
	close_fd(g->fd);
	g->fd = -1;
	while (waitpid(g->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* node: -1: none. If the child is gone, there is no help. */
static void guard_send(struct pass_guard *g, const struct message *m, int node)
{
	union {
		char buffer[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .buffer = { 0 } };
	struct iovec iov = { (void *)m, sizeof(*m) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (node >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control.buffer;
		msg.msg_controllen = sizeof(control.buffer);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &node, sizeof(node));
	}
	sendmsg(g->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void pass_guard_hold(struct pass_guard *g, unsigned int number, int node,
		     uint32_t has, uint32_t on)
{
	const struct message m = { .number = number, .has = has, .on = on };

	if (g && g->fd >= 0 && has)
		guard_send(g, &m, node);
}

void pass_guard_release(struct pass_guard *g, unsigned int number)
{
	const struct message m = { .number = number };

	if (g && g->fd >= 0)
		guard_send(g, &m, -1);
}

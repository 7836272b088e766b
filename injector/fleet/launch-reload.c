/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "injector/fleet/launch-reload.h"
#include "input/base/clock.h"
#include "input/base/fd.h"

#define MESSAGE_MAX 4096

/*
 * Return: the value of a line NAME=VALUE, and its length; NULL: there is none.
 */
static const char *reload_field(const char *text, const char *name, int *len)
{
	size_t n = strlen(name);

	while (strncmp(text, name, n) || text[n] != '=') {
		text = strchr(text, '\n');
		if (!text)
			return NULL;
		text++;
	}
	*len = (int)strcspn(text + n + 1, "\n");
	return text + n + 1;
}

static void reload_take(struct launch_reload *r, const char *text)
{
	const char *value;
	int len;

	if (reload_field(text, "RELOADING", &len)) {
		value = reload_field(text, "MONOTONIC_USEC", &len);
		r->begun_us = value ? strtoll(value, NULL, 10) : 0;
	} else if (reload_field(text, "READY", &len) && r->begun_us) {
		bool failed = reload_field(text, "ERRNO", &len);

		value = reload_field(text, "STATUS", &len);
		snprintf(r->why, sizeof(r->why), "%.*s",
			 failed && value ? len : 0, value ? value : "");
		if (failed && !*r->why)
			strcpy(r->why, "not reloaded");
		r->done_us = r->begun_us;
		r->begun_us = 0;
		r->reported(r->arg);
	}
}

static bool reload_is_from(const struct msghdr *msg, pid_t pid)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	struct ucred sender;

	if (!c || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_CREDENTIALS)
		return false;
	memcpy(&sender, CMSG_DATA(c), sizeof(sender));
	return pid && sender.pid == pid;
}

static void on_reload_message(struct ev_loop *loop, ev_io *io, int events)
{
	struct launch_reload *r = io->data;
	char text[MESSAGE_MAX];
	union {
		char buf[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { text, sizeof(text) - 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	/* Fds that are sent along do not fit, and are closed. */
	ssize_t n = recvmsg(r->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0 || !reload_is_from(&msg, r->server->pid))
		return;
	text[n] = '\0';
	reload_take(r, text);
}

/* Let the kernel choose a name. Return: 0 or -errno. */
static int reload_bind(struct launch_reload *r)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(addr);
	static const int on = 1;

	if (setsockopt(r->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0 ||
	    bind(r->fd, (struct sockaddr *)&addr, sizeof(sa_family_t)) < 0 ||
	    getsockname(r->fd, (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	len -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	snprintf(r->env, sizeof(r->env), "NOTIFY_SOCKET=@%.*s", (int)len - 1,
		 addr.sun_path + 1);
	return 0;
}

void launch_reload_init(struct launch_reload *r, struct ev_loop *loop,
			const struct launch_process *server,
			void (*reported)(void *arg), void *arg)
{
	*r = (struct launch_reload){ .loop = loop,
				     .server = server,
				     .fd = -1,
				     .reported = reported,
				     .arg = arg };
	ev_init(&r->io, on_reload_message);
	r->io.data = r;
}

int launch_reload_open(struct launch_reload *r)
{
	int error;

	r->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (r->fd < 0)
		return -errno;
	error = reload_bind(r);
	if (error) {
		r->fd = close_fd(r->fd);
		return error;
	}
	ev_io_set(&r->io, r->fd, EV_READ);
	ev_io_start(r->loop, &r->io);
	return 0;
}

void launch_reload_close(struct launch_reload *r)
{
	ev_io_stop(r->loop, &r->io);
	r->fd = close_fd(r->fd);
}

int64_t launch_reload_request(void)
{
	return clock_ns() / 1000;
}

bool launch_reload_answers(const struct launch_reload *r, int64_t request_us)
{
	return r->done_us >= request_us;
}

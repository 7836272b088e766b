/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the main process asks is judged as if a VMM had asked: it may have taken
 * that process over. So the opener gives it no node that it would not have got
 * anyway, and nothing that is no input device.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-holders.h"
#include "injector/passthrough/pass-opener.h"
#include "injector/passthrough/pass-permit.h"
#include "injector/passthrough/pass-switch.h"
#include "input/base/fd.h"
#include "input/serve/service-options.h"

#define PATH_LEN 256
#define TEXT_LEN 256

enum wish {
	WISH_OPEN,
	WISH_HOLDERS,
	WISH_SWITCH, /* path: the target */
};

struct request {
	uint32_t wish;
	char path[PATH_LEN];
};

struct reply {
	int32_t error; /* -errno, or 0: an fd comes along */
	uint32_t writable;
	char text[TEXT_LEN];
};

static int opener_fd = -1; /* of the main process */
static pid_t opener_pid;

/* --- opening --- */

/* Without permission to write there are no LEDs. */
static int open_here(const char *path, bool *writable)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	*writable = fd >= 0;
	if (fd < 0 && (errno == EACCES || errno == EPERM || errno == EROFS))
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}

/* A device that is gone already is the main process's to find out. */
static bool is_evdev(int fd)
{
	struct input_id id;

	return !ioctl(fd, EVIOCGID, &id) || errno == ENODEV;
}

static int open_permitted(struct pass_permit *permit, const char *path,
			  bool *writable)
{
	_cleanup_close_ int fd = -1;

	if (!pass_permit_check(permit, path))
		return -EPERM;
	fd = open_here(path, writable);
	if (fd < 0)
		return fd;
	if (!is_evdev(fd))
		return -ENOTTY;
	pass_permit_note(permit, path);
	return steal_fd(&fd);
}

/* --- the child --- */

/* fd: -1: none. Return: whether it was sent. */
static bool send_reply(int socket, const struct reply *reply, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct iovec iov = { (void *)reply, sizeof(*reply) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return sendmsg(socket, &msg, MSG_NOSIGNAL) == sizeof(*reply);
}

static bool answer_open(int socket, struct pass_permit *permit,
			const char *path)
{
	struct reply reply = { 0 };
	bool writable = false;
	_cleanup_close_ int fd = open_permitted(permit, path, &writable);

	reply.error = fd < 0 ? fd : 0;
	reply.writable = writable;
	return send_reply(socket, &reply, fd);
}

static bool answer(int socket, struct pass_permit *permit,
		   const struct request *request)
{
	struct reply reply = { 0 };

	switch ((enum wish)request->wish) {
	case WISH_OPEN:
		return answer_open(socket, permit, request->path);
	case WISH_HOLDERS:
		if (pass_permit_check(permit, request->path))
			pass_holders(request->path, reply.text,
				     sizeof(reply.text));
		break;
	case WISH_SWITCH:
		if (permit->on_switch &&
		    pass_permit_target(permit, request->path))
			pass_switch_run(permit->on_switch, request->path);
		break;
	}
	return send_reply(socket, &reply, -1);
}

/* They are the main process's, and others see when they are closed. */
static void close_inherited(const struct service_options *o)
{
	if (!o)
		return;
	close_fd(o->fd);
	close_fd(o->state_fd);
	close_fd(o->ready_fd);
	for (size_t i = 0; i < o->n_inject_fds; i++)
		close_fd(o->inject_fds[i]);
}

/* It ends with the main process, not before, as by a signal of a terminal. */
__attribute__((noreturn)) static void opener_run(int socket,
						 struct pass_permit *permit)
{
	struct request request;

	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGCHLD /* commands are not awaited */ };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "vinput-opener");
	while (recv(socket, &request, sizeof(request), 0) == sizeof(request)) {
		request.path[PATH_LEN - 1] = '\0';
		if (!answer(socket, permit, &request))
			break;
	}
	_exit(0);
}

/* --- the main process --- */

int pass_opener_start(struct pass_permit *permit,
		      const struct service_options *inherited)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	opener_pid = fork();
	if (!opener_pid) {
		close(fd[0]);
		close_inherited(inherited);
		opener_run(fd[1], permit);
	}
	close(fd[1]);
	opener_fd = fd[0];
	if (opener_pid > 0)
		return 0;
	pass_opener_stop();
	return -EAGAIN;
}

void pass_opener_stop(void)
{
	opener_fd = close_fd(opener_fd);
	if (opener_pid > 0)
		waitpid(opener_pid, NULL, 0);
	opener_pid = 0;
}

/* fd: NULL: none is expected. Return: 0 or -EPIPE. */
static int receive_reply(struct reply *reply, int *fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { reply, sizeof(*reply) };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	const struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(opener_fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n == sizeof(*reply) ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	return n == sizeof(*reply) ? 0 : -EPIPE;
}

static int ask(enum wish wish, const char *path, struct reply *reply, int *fd)
{
	struct request request = { .wish = wish };

	*fd = -1;
	if (strlen(path) >= PATH_LEN)
		return -ENAMETOOLONG;
	strcpy(request.path, path);
	if (send(opener_fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return -EPIPE;
	return receive_reply(reply, fd);
}

int pass_opener_open(const char *path, bool *writable)
{
	struct reply reply = { 0 };
	int fd, r;

	if (opener_fd < 0)
		return open_here(path, writable);
	r = ask(WISH_OPEN, path, &reply, &fd);
	if (r || reply.error || fd < 0)
		return r ? r : reply.error ? reply.error : -EPIPE;
	*writable = reply.writable;
	return fd;
}

void pass_opener_holders(const char *path, char *text, size_t size)
{
	struct reply reply = { 0 };
	int fd;

	if (opener_fd < 0) {
		pass_holders(path, text, size);
		return;
	}
	if (ask(WISH_HOLDERS, path, &reply, &fd))
		reply.text[0] = '\0';
	snprintf(text, size, "%.*s", TEXT_LEN - 1, reply.text);
}

void pass_opener_switch(const char *command, const char *target)
{
	struct reply reply = { 0 };
	int fd;

	if (opener_fd < 0)
		pass_switch_run(command, target);
	else
		ask(WISH_SWITCH, target, &reply, &fd);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the main process asks is judged as if a VMM had asked: it may have taken
 * that process over. So the opener gives it no node that it would not have got
 * anyway, and nothing that is no input device. It makes no system call but what
 * that takes, and has no capability but those that opening a node and seeing
 * who has it may need.
 *
 * The command of --on-switch would inherit such limits, so another child runs
 * it, which does nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/input.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "injector/passthrough/pass-holders.h"
#include "injector/passthrough/pass-opener.h"
#include "injector/passthrough/pass-permit.h"
#include "injector/passthrough/pass-switch.h"
#include "input/base/fd.h"

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

/* A child of the main process. */
struct helper {
	int fd; /* to it; -1: there is none */
	pid_t pid;
};

static struct helper opener = { .fd = -1 }, runner = { .fd = -1 };

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

/* --- the children --- */

/*
 * A service manager may have dropped them and forbidden capset(2).
 * Return: 0 or -errno.
 */
static int keep_few_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct has[_LINUX_CAPABILITY_U32S_3];
	struct __user_cap_data_struct left[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 }
	};
	const uint32_t few = 1u << CAP_DAC_OVERRIDE |
			     1u << CAP_DAC_READ_SEARCH | 1u << CAP_SYS_PTRACE;

	if (syscall(SYS_capget, &header, has) < 0)
		return -errno;
	left[0].effective = has[0].effective & few;
	left[0].permitted = has[0].permitted & few;
	if (!memcmp(has, left, sizeof(has)))
		return 0;
	return syscall(SYS_capset, &header, left) < 0 ? -errno : 0;
}

/* Return: 0 or -errno. */
static int opener_confine(enum sandbox_mode mode)
{
	int r = keep_few_capabilities();

	if (!r && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		r = -errno;
	return r ? r : sandbox_restrict_calls(mode, SANDBOX_OPENS);
}

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

/* As the main process: for the opener, or the one that runs the command. */
__attribute__((noreturn)) static void serve_wishes(int socket,
						   struct pass_permit *permit)
{
	struct request request;

	while (recv(socket, &request, sizeof(request), 0) == sizeof(request)) {
		request.path[PATH_LEN - 1] = '\0';
		if (!answer(socket, permit, &request))
			break;
	}
	_exit(0);
}

/*
 * They end with the main process, not before, as by a signal of a terminal; and
 * hold nothing of it, since others see when it closes what it has open.
 */
static void child_init(const char *name, int socket)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
				       SIGUSR1 };

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, name);
	if (socket > STDERR_FILENO + 1)
		syscall(SYS_close_range, STDERR_FILENO + 1, socket - 1, 0);
	syscall(SYS_close_range, socket + 1, ~0u, 0);
}

/* Return: 0 in the main process, the socket in the child; or -errno. */
static int helper_start(struct helper *h)
{
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -errno;
	h->pid = fork();
	if (!h->pid) {
		close(fd[0]);
		return fd[1];
	}
	close(fd[1]);
	h->fd = fd[0];
	return h->pid < 0 ? -EAGAIN : 0;
}

static void helper_stop(struct helper *h)
{
	h->fd = close_fd(h->fd);
	if (h->pid > 0)
		waitpid(h->pid, NULL, 0);
	h->pid = 0;
}

/* --- the main process --- */

static int opener_start(struct pass_permit *permit, enum sandbox_mode mode)
{
	const int socket = helper_start(&opener);

	if (socket <= 0)
		return socket;
	child_init("vinput-opener", socket);
	if (opener_confine(mode))
		_exit(1);
	/* It has no way to run anything. */
	permit->on_switch = NULL;
	serve_wishes(socket, permit);
}

static int runner_start(struct pass_permit *permit)
{
	const int socket = helper_start(&runner);

	if (socket <= 0)
		return socket;
	child_init("vinput-switch", socket);
	/* It opens nothing. */
	permit->n_words = 0;
	permit->all = false;
	serve_wishes(socket, permit);
}

int pass_opener_start(struct pass_permit *permit, enum sandbox_mode mode)
{
	int r = permit->on_switch ? runner_start(permit) : 0;

	if (!r)
		r = opener_start(permit, mode);
	if (r)
		pass_opener_stop();
	return r;
}

void pass_opener_stop(void)
{
	helper_stop(&opener);
	helper_stop(&runner);
}

/* fd: NULL: none is expected. Return: 0 or -EPIPE. */
static int receive_reply(const struct helper *h, struct reply *reply, int *fd)
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
		n = recvmsg(h->fd, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	c = n == sizeof(*reply) ? CMSG_FIRSTHDR(&msg) : NULL;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	return n == sizeof(*reply) ? 0 : -EPIPE;
}

static int ask(enum wish wish, const char *path, struct reply *reply, int *fd)
{
	const struct helper *h = wish == WISH_SWITCH ? &runner : &opener;
	struct request request = { .wish = wish };

	*fd = -1;
	if (strlen(path) >= PATH_LEN)
		return -ENAMETOOLONG;
	strcpy(request.path, path);
	if (send(h->fd, &request, sizeof(request), MSG_NOSIGNAL) < 0)
		return -EPIPE;
	return receive_reply(h, reply, fd);
}

int pass_opener_open(const char *path, bool *writable)
{
	struct reply reply = { 0 };
	int fd, r;

	if (opener.fd < 0)
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

	if (opener.fd < 0) {
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

	if (runner.fd < 0)
		pass_switch_run(command, target);
	else
		ask(WISH_SWITCH, target, &reply, &fd);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/bench/backend.h"
#include "tests/bench/command.h"
#include "tests/bench/floor.h"
#include "tests/bench/process-cost.h"

/* Kinds of socket files; see command.h for the 0. */
#define SOCKET "socket0"
#define INJECT "inject"
/*
 * How long to wait for a socket file, and between checks that its maker runs.
 */
#define SOCKET_WAIT_NS INT64_C(60000000000)
#define SOCKET_POLL_MS 100
#define STOP_WAIT_NS   INT64_C(30000000000)
/* Above any fd that is inherited. */
#define FD_ABOVE 10

int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct sockaddr_un address(const struct backend *be, const char *kind)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%u.%s", be->dir,
		 be->id, kind);
	return addr;
}

struct sockaddr_un backend_inject_address(const struct backend *be)
{
	return address(be, INJECT);
}

static bool takes(const struct subject *s, const char *placeholder)
{
	return command_takes(s->command, placeholder);
}

/* Return: fd's duplicate above the numbers that the child uses, or -errno. */
static int lift(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FD_ABOVE);
	int err = errno;

	close(fd);
	return high < 0 ? -err : high;
}

static int listen_at(const struct backend *be)
{
	struct sockaddr_un addr = address(be, SOCKET);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, 1) < 0) {
		close(fd);
		return -errno;
	}
	return lift(fd);
}

/* Put our end into be->inject[0]. Return: the other one, or -errno. */
static int make_stream(struct backend *be)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	be->inject[be->n_sources++] = pair[0];
	return lift(pair[1]);
}

static int spawn(struct backend *be, int listen_fd, int stream)
{
	const struct subject *s = be->subject;
	posix_spawn_file_actions_t fa;
	struct sockaddr_un front_end = address(be, SOCKET);
	struct sockaddr_un inject = address(be, INJECT);
	struct command c = { 0 };
	int rc = command_make(&c, s->command, &front_end, &inject);

	if (rc)
		return rc;
	posix_spawn_file_actions_init(&fa);
	for (int fd = 0; fd < 2; fd++)
		if (stream >= 0 && !takes(s, "{inject-fd}"))
			posix_spawn_file_actions_adddup2(&fa, stream, fd);
		else
			posix_spawn_file_actions_addopen(&fa, fd, "/dev/null",
							 O_RDWR, 0);
	if (!s->verbose)
		posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_RDWR,
						 0);
	if (listen_fd >= 0)
		posix_spawn_file_actions_adddup2(&fa, listen_fd,
						 COMMAND_LISTEN_FD);
	if (stream >= 0 && takes(s, "{inject-fd}"))
		posix_spawn_file_actions_adddup2(&fa, stream,
						 COMMAND_INJECT_FD);
	posix_spawn_file_actions_addclosefrom_np(&fa, COMMAND_INJECT_FD + 1);
	be->started_ns = now_ns();
	int err = posix_spawnp(&be->pid, c.argv[0], &fa, NULL, c.argv, c.env);
	posix_spawn_file_actions_destroy(&fa);
	if (err)
		be->pid = 0;
	return -err;
}

int backend_spawn(struct backend *be, const struct subject *subject,
		  unsigned int n_sources, const char *dir, unsigned int id)
{
	int listen_fd = -1, stream = -1, rc = 0;

	memset(be, 0, sizeof(*be));
	be->subject = subject;
	be->dir = dir;
	be->id = id;
	fe_init(&be->fe);
	if (takes(subject, "{fd}"))
		rc = listen_fd = listen_at(be);
	if (rc >= 0 && !takes(subject, "{inject}"))
		rc = stream = make_stream(be);
	else if (rc >= 0)
		be->n_sources = n_sources;
	for (unsigned int i = 0; takes(subject, "{inject}") && i < n_sources;
	     i++)
		be->inject[i] = -1;
	if (rc >= 0)
		rc = spawn(be, listen_fd, stream);
	if (listen_fd >= 0)
		close(listen_fd);
	if (stream >= 0)
		close(stream);
	return rc < 0 ? rc : 0;
}

static bool has_ended(struct backend *be)
{
	if (be->pid && waitpid(be->pid, NULL, WNOHANG))
		be->pid = 0;
	return !be->pid;
}

/*
 * Wait until something is created in dir, or was since the last time. Polling
 * would take the CPU from the process that creates it. Removing a watch takes
 * the kernel milliseconds, so there is one for all.
 */
static void wait_for_file(const char *dir)
{
	static int watch = -1;
	struct pollfd p = { .events = POLLIN };
	char events[4096];

	if (watch < 0)
		watch = inotify_init1(IN_CLOEXEC);
	/* There is no event for what was created before. */
	if (inotify_add_watch(watch, dir, IN_CREATE | IN_MASK_CREATE) >= 0)
		return;
	p.fd = watch;
	if (poll(&p, 1, SOCKET_POLL_MS) > 0 &&
	    read(watch, events, sizeof(events)) < 0)
		return;
}

/* Its socket file appears at some time. Return: fd or -errno. */
static int connect_to(struct backend *be, const char *kind)
{
	const struct timespec listens_soon = { .tv_nsec = 20000 };
	struct sockaddr_un addr = address(be, kind);
	int64_t deadline = now_ns() + SOCKET_WAIT_NS;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	while (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		int err = errno;

		if (has_ended(be))
			err = ECHILD;
		if ((err != ENOENT && err != ECONNREFUSED) ||
		    now_ns() > deadline) {
			close(fd);
			return -err;
		}
		if (err == ENOENT)
			wait_for_file(be->dir);
		else
			nanosleep(&listens_soon, NULL);
	}
	return lift(fd);
}

static void note_answer(struct backend *be)
{
	be->answered_ns = now_ns();
	be->answer_cpu_ns = cost_cpu_ns(be->pid);
}

int backend_greet(struct backend *be)
{
	struct fe_msg msg = fe_msg(VU_GET_FEATURES);
	int fd = connect_to(be, SOCKET);

	if (fd < 0)
		return fd;
	fe_attach(&be->fe, fd);
	/* The floor answers nothing but its set-up. */
	if (be->subject->is_floor)
		return 0;
	int rc = fe_query(&be->fe, &msg, sizeof(msg.u64));
	note_answer(be);
	return rc;
}

static int set_up_floor(struct backend *be)
{
	const struct frontend *fe = &be->fe;
	const struct fe_ring *q = &fe->ring[FE_EVENTQ];
	const int fds[FLOOR_FDS] = { fe->mem.fd, q->call, q->kick };
	struct floor_setup s = {
		.memory_len = fe->mem.size,
		.guest_addr = fe->mem.guest_addr,
		.desc = (uint64_t)((uint8_t *)q->desc - fe->mem.base),
		.avail = (uint64_t)((uint8_t *)q->avail - fe->mem.base),
		.used = (uint64_t)((uint8_t *)q->used - fe->mem.base),
		.num = q->num,
	};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(fds))];
	} control = { 0 };
	struct iovec iov = { &s, sizeof(s) };
	struct msghdr mh = { .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = &control,
			     .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);
	char answer;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	if (sendmsg(fe->fd, &mh, MSG_NOSIGNAL) < 0)
		return -errno;
	ssize_t n = read(fe->fd, &answer, 1);
	note_answer(be);
	return n == 1 ? 0 : FE_E_CLOSED;
}

static int connect_sources(struct backend *be)
{
	for (unsigned int i = 0; i < be->n_sources; i++) {
		if (be->inject[i] >= 0)
			continue;
		be->inject[i] = connect_to(be, INJECT);
		if (be->inject[i] < 0)
			return be->inject[i];
	}
	return 0;
}

static int negotiate(struct backend *be)
{
	struct frontend *fe = &be->fe;
	int rc;

	if (be->subject->is_floor)
		return be->is_packed ? -ENOTSUP : 0;
	if (be->is_packed)
		fe->want_features |= FE_PACKED_RINGS;
	rc = fe_negotiate(fe);
	if (!rc && be->is_packed && !(fe->features & FE_PACKED_RINGS))
		return -ENOTSUP;
	return rc;
}

static int start(struct backend *be)
{
	struct frontend *fe = &be->fe;

	if (!be->subject->is_floor)
		return fe_start(fe);
	/* It supports nothing but event indices. */
	fe->ring[FE_EVENTQ].event_idx = true;
	return set_up_floor(be);
}

int backend_run(struct backend *be, uint16_t num)
{
	int rc = connect_sources(be);

	if (!rc)
		rc = negotiate(be);
	if (!rc)
		rc = fe_make_rings(&be->fe, num);
	if (!rc)
		rc = start(be);
	if (!rc)
		fe_post_buffers(&be->fe, num);
	return rc;
}

static void end(struct backend *be)
{
	const struct timespec pause = { .tv_nsec = 200000 };
	int64_t deadline = now_ns() + STOP_WAIT_NS;

	if (be->pid)
		kill(be->pid, SIGTERM);
	while (!has_ended(be)) {
		if (now_ns() > deadline)
			kill(be->pid, SIGKILL);
		nanosleep(&pause, NULL);
	}
}

void backend_stop(struct backend *be)
{
	struct sockaddr_un addr;

	if (!be->subject)
		return;
	end(be);
	for (unsigned int i = 0; i < be->n_sources; i++)
		if (be->inject[i] >= 0)
			close(be->inject[i]);
	be->n_sources = 0;
	fe_fini(&be->fe);
	addr = address(be, SOCKET);
	unlink(addr.sun_path);
	addr = address(be, INJECT);
	unlink(addr.sun_path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What launchers say to a hold_control, which has devices of theirs: the test
 * is each launcher, and nothing is signalled. It takes the place of functions
 * of libc, so it is not in the library: one file of a test includes it.
 */
#ifndef VINPUT_TESTS_CONTROL_LAUNCHER_H
#define VINPUT_TESTS_CONTROL_LAUNCHER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/hold/hold-control.h"
#include "injector/hold/hold-packet.h"
#include "input/base/fd.h"
#include "input/vhost-user/vu-socket.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

static char dir[TEMP_DIR_LEN];
static struct hold_control c;
static struct hold_packet packet;
static int launcher = -1;	      /* our end */
static int next_fd = -1;	      /* where the next launcher connects */
static int front_fd = -1, to_fd = -1; /* of the last device that was made */
static struct sockaddr_un front;
static int64_t now_ns;
static int signalled[8], n_signalled; /* pidfds */
static int ended;
static uid_t peer_uid;
static int recv_error; /* of the next recvmsg(); 0: none */
static int log_fd, stderr_fd;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id == CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	*t = (struct timespec){ now_ns / 1000000000, now_ns % 1000000000 };
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int pidfd_send_signal(int fd, int sig, siginfo_t *info, unsigned int flags)
{
	assert_num(sig, SIGTERM);
	signalled[n_signalled++] = fd;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	const int r = (int)syscall(SYS_getsockopt, fd, level, name, value, len);

	if (name == SO_PEERCRED && peer_uid)
		((struct ucred *)value)->uid = peer_uid;
	return r;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t recvmsg(int fd, struct msghdr *mh, int flags)
{
	if (!recv_error)
		return syscall(SYS_recvmsg, fd, mh, flags);
	errno = recv_error;
	recv_error = 0;
	return -1;
}

static inline void on_ended(void *arg)
{
	assert_ptr_equal(arg, &ended);
	ended++;
}

static inline void settle(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(c.loop, EVRUN_NOWAIT);
}

static inline void pass_s(double seconds)
{
	now_ns += (int64_t)(seconds * 1e9);
	settle();
}

/* --- sockets --- */

static inline struct sockaddr_un address_of(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/%s", dir, name);
	return addr;
}

static inline int listen_at(const struct sockaddr_un *addr, int type)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_sys(fd);
	assert_sys(bind(fd, (const struct sockaddr *)addr, sizeof(*addr)));
	assert_sys(listen(fd, 8));
	return fd;
}

/* Return: a connection there, or -1. */
static inline int connect_to(const struct sockaddr_un *addr, int type)
{
	const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) < 0)
		return close_fd(fd);
	settle();
	return fd;
}

/* --- orders --- */

static inline void orders(enum hold_verb verb, const char *label,
			  const int *fds, size_t n)
{
	struct hold_packet p = { .order.verb = verb, .n_fds = n };

	strcpy(p.order.label, label);
	for (size_t i = 0; i < n; i++)
		p.fd[i] = fds[i];
	assert_ok(hold_packet_send(launcher, &p, 0));
	settle();
}

/* A device's front-end's socket is front, its back-ends listen nowhere. */
static inline void makes(const char *label)
{
	char name[40];

	close_fd(front_fd);
	close_fd(to_fd);
	snprintf(name, sizeof(name), "%s.sock", label);
	front = address_of(name);
	unlink(front.sun_path);
	front_fd = listen_at(&front, SOCK_STREAM);
	to_fd = open(dir, O_PATH | O_CLOEXEC);
}

static inline void adds(const char *label)
{
	makes(label);
	orders(HOLD_ADD, label, (int[]){ front_fd, to_fd }, 2);
}

static inline void keeps(const char *label, size_t n)
{
	int fds[HOLD_KEPT_FDS];

	for (size_t i = 0; i < HOLD_KEPT_FDS; i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	orders(HOLD_KEEP, label, fds, n);
	for (size_t i = 0; i < HOLD_KEPT_FDS; i++)
		close(fds[i]);
}

/* With n fds of all that it takes. */
static inline void adds_kept(const char *label, size_t n)
{
	int fds[HOLD_ADD_FDS + HOLD_KEPT_FDS];

	makes(label);
	fds[0] = front_fd;
	fds[1] = to_fd;
	for (size_t i = HOLD_ADD_FDS; i < ARRAY_LEN(fds); i++)
		fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	orders(HOLD_ADD_KEPT, label, fds, n);
	for (size_t i = HOLD_ADD_FDS; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

/* Return: the next packet that the launcher gets; -errno or 0: none. */
static inline int hears(void)
{
	settle();
	hold_packet_close(&packet);
	return hold_packet_receive(launcher, &packet, MSG_DONTWAIT);
}

static inline void hears_report(const char *label)
{
	struct hold_report report;

	settle();
	assert_num(recv(launcher, &report, sizeof(report), MSG_DONTWAIT),
		   sizeof(report));
	assert_string_equal(report.label, label);
}

static inline void hears_nothing(void)
{
	char byte;

	settle();
	assert_num(recv(launcher, &byte, 1, MSG_DONTWAIT), -1);
	assert_num(errno, EAGAIN);
}

static inline int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static inline void takes(const char *label, size_t n_fds, bool connected)
{
	int before;

	hold_packet_close(&packet);
	before = count_fds();
	/* What is sent along is neither kept nor sent back. */
	orders(HOLD_TAKE, "label", &log_fd, 1);
	assert_num(hears(), 1);
	assert_num(count_fds(), before + (int)packet.n_fds);
	assert_num(packet.order.verb, HOLD_TAKE);
	assert_string_equal(packet.order.label, label);
	assert_num(packet.n_fds, n_fds);
	assert_num(packet.order.connected, connected);
}

/* --- fixtures --- */

static inline void start(bool has_next)
{
	const struct sockaddr_un addr = address_of("holder");
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd));
	launcher = fd[0];
	if (has_next)
		next_fd = listen_at(&addr, SOCK_SEQPACKET);
	assert_ok(hold_control_start(&c, fd[1], next_fd));
	assert_num(fcntl(fd[1], F_GETFD), FD_CLOEXEC);
}

static inline int setup(void **state)
{
	now_ns = 1000000000;
	n_signalled = ended = 0;
	peer_uid = 0;
	recv_error = 0;
	launcher = next_fd = front_fd = to_fd = -1;
	packet.n_fds = 0;
	temp_dir_make(dir);
	stderr_fd = dup(STDERR_FILENO);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(dup2(log_fd, STDERR_FILENO));
	fill_with_garbage(&c);
	c = HOLD_CONTROL_NULL;
	c.loop = ev_loop_new(EVFLAG_NOENV);
	c.self_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	c.uid = geteuid();
	c.give_up_s = 60;
	c.ended = on_ended;
	c.arg = &ended;
	return 0;
}

static inline int teardown(void **state)
{
	struct ev_loop *loop = c.loop;

	hold_control_fini(&c);
	hold_control_fini(&c);
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	hold_packet_close(&packet);
	close_fd(launcher);
	close_fd(next_fd);
	close_fd(front_fd);
	close_fd(to_fd);
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	close(log_fd);
	return temp_dir_remove(dir) || left ? -1 : 0;
}

/* Without our program's name before each line. */
static inline void expect_log(const char *text)
{
	const size_t skip = strlen(program_invocation_short_name) + 2;
	char is[1000] = "", lines[1000] = "", *line = is, *end;

	assert_sys(pread(log_fd, is, sizeof(is) - 1, 0));
	for (; (end = strchr(line, '\n')); line = end + 1)
		strncat(lines, line + skip, (size_t)(end + 1 - line) - skip);
	assert_string_equal(lines, text);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device of the holder between a front-end and back-ends, both of which are
 * the test, in a time that passes when the test says so. It replaces functions
 * of libc, so it is not in the library: one file of a test includes it.
 */
#ifndef VINPUT_TESTS_HOLD_WORLD_H
#define VINPUT_TESTS_HOLD_WORLD_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include "injector/hold/hold-device.h"
#include "input/base/fd.h"
#include "tests/lib/check.h"
#include "tests/lib/garbage.h"
#include "tests/lib/temp-dir.h"

#define FEATURES UINT64_C(0x140000000)
#define PROTOCOL (UINT64_C(1) << VU_PROTOCOL_F_REPLY_ACK)

static char dir[TEMP_DIR_LEN];
static struct ev_loop *loop;
static struct hold_device d;
static struct vu_socket vmm, server; /* the test's ends */
static int listen_fd = -1;	     /* of back-ends */
static int64_t now_ns;
static unsigned int connects;	/* attempts */
static int full_fd, full_errno; /* has no room, or fails otherwise */
static bool no_socketpairs;
static int log_fd, stderr_fd;
static char logged[4096];
static struct {
	unsigned int n;
	uint64_t features, protocol;
} acked;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	if (id == CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, t);
	t->tv_sec = now_ns / 1000000000;
	t->tv_nsec = now_ns % 1000000000;
	return 0;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int connect(int fd, const struct sockaddr *addr, socklen_t len)
{
	connects++;
	return (int)syscall(SYS_connect, fd, addr, len);
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	if (fd != full_fd)
		return syscall(SYS_sendmsg, fd, mh, flags);
	errno = full_errno;
	return -1;
}

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int socketpair(int domain, int type, int protocol, int fds[2])
{
	if (!no_socketpairs)
		return (int)syscall(SYS_socketpair, domain, type, protocol,
				    fds);
	errno = EMFILE;
	return -1;
}

static inline void on_acked(void *arg, uint64_t features, uint64_t protocol)
{
	assert_ptr_equal(arg, &acked);
	acked.n++;
	acked.features = features;
	acked.protocol = protocol;
}

/* All that can be done now. */
static inline void settle(void)
{
	for (int i = 0; i < 20; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static inline void pass_ms(int ms)
{
	while (ms--) {
		now_ns += 1000000;
		settle();
	}
}

/* --- the log --- */

/* What was logged since, without our program's name. */
static inline void expect_log(const char *text)
{
	const size_t name_len = strlen(program_invocation_short_name);
	char lines[sizeof(logged)] = "", *line = logged, *end;
	const ssize_t n = pread(log_fd, logged, sizeof(logged) - 1, 0);

	assert_sys(n);
	logged[n] = '\0';
	assert_sys(ftruncate(log_fd, 0));
	assert_sys(lseek(log_fd, 0, SEEK_SET));
	for (; (end = strchr(line, '\n')); line = end + 1)
		strncat(lines, line + name_len + 2,
			(size_t)(end + 1 - line) - name_len - 2);
	assert_string_equal(lines, text);
}

/* --- the two sides --- */

static inline struct sockaddr_un back_end_address(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/back", dir);
	return addr;
}

static inline void back_ends_listen(void)
{
	struct sockaddr_un addr = back_end_address();

	listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_sys(listen_fd);
	assert_sys(bind(listen_fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(listen_fd, 8));
}

static inline bool any(void *arg, const struct vu_header *hdr)
{
	return true;
}

static inline bool next_server_comes(void)
{
	int fd;

	settle();
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return false;
	vu_socket_fini(&server);
	vu_socket_init(&server, fd);
	return true;
}

static inline void vmm_comes(void)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	vu_socket_fini(&vmm);
	vu_socket_init(&vmm, fd[0]);
	hold_device_serve(&d, fd[1]);
}

static inline struct vu_message make(uint32_t request, uint64_t u64)
{
	struct vu_message msg = { .hdr = { request, VU_FLAG_VERSION_1,
					   sizeof(msg.p.u64) },
				  .reply_fd = -1 };

	msg.p.u64 = u64;
	return msg;
}

static inline void says(struct vu_socket *s, const struct vu_message *msg)
{
	assert_ok(vu_socket_pass(s, msg));
	settle();
}

static inline void vmm_says(uint32_t request, uint64_t u64)
{
	const struct vu_message msg = make(request, u64);

	says(&vmm, &msg);
}

static inline void vmm_asks(uint32_t request)
{
	struct vu_message msg = make(request, 0);

	msg.hdr.size = 0;
	says(&vmm, &msg);
}

static inline void server_answers(uint32_t request, uint64_t u64)
{
	struct vu_message msg = make(request, u64);

	msg.hdr.flags |= VU_FLAG_REPLY;
	says(&server, &msg);
}

/* The next message at this side. */
static inline const struct vu_message *hears(struct vu_socket *s,
					     uint32_t request)
{
	settle();
	vu_message_close_fds(&s->in);
	assert_num(vu_socket_recv(s, any, NULL), 1);
	assert_num(s->in.hdr.request, request);
	return &s->in;
}

static inline void hears_nothing(struct vu_socket *s)
{
	settle();
	assert_num(vu_socket_recv(s, any, NULL), 0);
}

static inline void hears_end(struct vu_socket *s)
{
	settle();
	assert_num(vu_socket_recv(s, any, NULL), -ECONNRESET);
}

/* A server that dies, whatever it was sent. */
static inline void server_dies(void)
{
	vu_socket_fini(&server);
	vu_socket_init(&server, -1);
	settle();
}

/* Front-end and back-end have negotiated. */
static inline void session_runs(void)
{
	vmm_comes();
	assert_true(next_server_comes());
	vmm_says(VU_SET_PROTOCOL_FEATURES, PROTOCOL);
	hears(&server, VU_SET_PROTOCOL_FEATURES);
	vmm_says(VU_SET_FEATURES, FEATURES);
	hears(&server, VU_SET_FEATURES);
}

/* What session_runs() has said is said again. */
static inline void begins_replay(void)
{
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_MAX);
	hears(&server, VU_GET_PROTOCOL_FEATURES);
	server_answers(VU_GET_PROTOCOL_FEATURES, UINT64_MAX);
	assert_num(hears(&server, VU_SET_PROTOCOL_FEATURES)->p.u64, PROTOCOL);
}

static inline void takes_replay(void)
{
	begins_replay();
	assert_num(hears(&server, VU_SET_FEATURES)->p.u64, FEATURES);
	hears(&server, VU_GET_FEATURES);
	server_answers(VU_GET_FEATURES, UINT64_MAX);
}

static inline int hold_world_setup(void **state)
{
	now_ns = 1000000000;
	connects = 0;
	full_fd = -1;
	full_errno = EAGAIN;
	no_socketpairs = false;
	memset(&acked, 0, sizeof(acked));
	temp_dir_make(dir);
	stderr_fd = dup(STDERR_FILENO);
	log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_sys(dup2(log_fd, STDERR_FILENO));
	loop = ev_loop_new(EVFLAG_NOENV);
	fill_with_garbage(&d);
	hold_device_init(&d, loop, "kbd", back_end_address().sun_path);
	d.give_up_s = 60;
	d.acked = on_acked;
	d.arg = &acked;
	vu_socket_init(&vmm, -1);
	vu_socket_init(&server, -1);
	back_ends_listen();
	return 0;
}

static inline int hold_world_teardown(void **state)
{
	hold_device_fini(&d);
	hold_device_fini(&d);
	/* Nothing is left in the loop. */
	const bool left = ev_run(loop, EVRUN_NOWAIT);

	ev_loop_destroy(loop);
	vu_socket_fini(&vmm);
	vu_socket_fini(&server);
	listen_fd = close_fd(listen_fd);
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	close(log_fd);
	return temp_dir_remove(dir) || left ? -1 : 0;
}

#endif

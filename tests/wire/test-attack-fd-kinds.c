/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fds of every kind, in every message that has any: the connection may be
 * closed for it, but the server comes to rest, keeps none of them, and serves
 * the next front-end.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "tests/lib/rig.h"
#include "tests/lib/usage.h"
#include "tests/lib/usual-msg.h"

#define PAGE 4096

/* The server may close the connection. */
static struct usage serve(struct rig *rig)
{
	rig->fe.want_protocol = usual_msg_protocol;
	rig->lines.frontend = rig->lines.guest = -1;
	return usage_serve(rig);
}

static int open_dir(void)
{
	return open("/", O_RDONLY | O_CLOEXEC);
}

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int open_zero(void)
{
	return open("/dev/zero", O_RDWR | O_CLOEXEC);
}

static int open_path(void)
{
	return open("/tmp", O_PATH | O_CLOEXEC);
}

/* A pipe whose other end is closed: EOF can be read. */
static int open_pipe(int end)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	close(fd[!end]);
	return fd[end];
}

static int open_pipe_to_read(void)
{
	return open_pipe(0);
}

static int open_pipe_to_write(void)
{
	return open_pipe(1);
}

static int open_stream(void)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	close(fd[1]);
	return fd[0];
}

/* Full of empty packets. */
static int open_datagrams(void)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fd));
	while (send(fd[1], "", 0, MSG_DONTWAIT) == 0)
		continue;
	close(fd[1]);
	return fd[0];
}

static int open_listening(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr addr = { .sa_family = AF_UNIX };

	/* Bound to a name that the kernel chooses. */
	assert_sys(bind(fd, &addr, sizeof(addr.sa_family)));
	assert_sys(listen(fd, 1));
	return fd;
}

static int open_unconnected(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* With a ready fd in it, which stays in it when it is closed here. */
static int open_epoll(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	int ready = eventfd(1, EFD_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN };

	assert_sys(epoll_ctl(fd, EPOLL_CTL_ADD, ready, &ev));
	close(ready);
	return fd;
}

/* Nested so deeply that no other one can contain it. */
static int open_deep_epoll(void)
{
	int fd = open_epoll();

	for (int i = 0; i < 4; i++) {
		int outer = epoll_create1(EPOLL_CLOEXEC);
		struct epoll_event ev = { .events = EPOLLIN };

		if (epoll_ctl(outer, EPOLL_CTL_ADD, fd, &ev) < 0) {
			close(outer);
			break;
		}
		close(fd);
		fd = outer;
	}
	return fd;
}

static int open_timer(void)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct itimerspec its = { { 0, 1 }, { 0, 1 } };

	assert_sys(timerfd_settime(fd, 0, &its, NULL));
	return fd;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int open_inotify(void)
{
	return inotify_init1(IN_CLOEXEC);
}

static int open_process(void)
{
	return (int)syscall(SYS_pidfd_open, getpid(), 0);
}

static int open_userfault(void)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	/* Where only root may open one, one of the same kind. */
	return fd < 0 ? open_inotify() : fd;
}

static int open_memory_of_process(void)
{
	return open("/proc/self/mem", O_RDWR | O_CLOEXEC);
}

static int open_terminal(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	return fd < 0 ? open_null() : fd;
}

static int open_sealed(int seals)
{
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_sys(fd);
	assert_sys(ftruncate(fd, 16 * PAGE));
	assert_sys(fcntl(fd, F_ADD_SEALS, seals));
	return fd;
}

static int open_sealed_write(void)
{
	return open_sealed(F_SEAL_WRITE);
}

static int open_sealed_future_write(void)
{
	return open_sealed(F_SEAL_FUTURE_WRITE);
}

static int open_sealed_size(void)
{
	return open_sealed(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
}

static int open_read_only_memory(void)
{
	int fd = open_sealed(F_SEAL_SEAL);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int ro = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return ro;
}

static int open_empty_memory(void)
{
	return memfd_create("empty", MFD_CLOEXEC);
}

/* Usually without pages behind it: touching it is a SIGBUS. */
static int open_huge_pages(void)
{
	int fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);

	if (fd < 0)
		return open_empty_memory();
	assert_sys(ftruncate(fd, 4 << 20));
	return fd;
}

static const struct kind {
	const char *name;
	int (*open)(void);
} kinds[] = {
	{ "a_directory", open_dir },
	{ "dev_null", open_null },
	{ "dev_zero", open_zero },
	{ "an_o_path_fd", open_path },
	{ "a_pipe_to_read", open_pipe_to_read },
	{ "a_pipe_to_write", open_pipe_to_write },
	{ "a_stream_socket", open_stream },
	{ "a_socket_of_empty_packets", open_datagrams },
	{ "a_listening_socket", open_listening },
	{ "an_unconnected_socket", open_unconnected },
	{ "an_epoll_fd", open_epoll },
	{ "epoll_fds_in_each_other", open_deep_epoll },
	{ "a_timer", open_timer },
	{ "a_signalfd", open_signals },
	{ "an_inotify_fd", open_inotify },
	{ "a_pidfd", open_process },
	{ "a_userfaultfd", open_userfault },
	{ "memory_of_a_process", open_memory_of_process },
	{ "a_terminal", open_terminal },
	{ "memory_sealed_against_writes", open_sealed_write },
	{ "memory_sealed_against_future_writes", open_sealed_future_write },
	{ "memory_of_sealed_size", open_sealed_size },
	{ "read_only_memory", open_read_only_memory },
	{ "empty_memory", open_empty_memory },
	{ "huge_pages", open_huge_pages },
};

/*
 * In each message, as each of its fds; if the session continues, do what would
 * use it.
 */
static void in_every_message(void **state)
{
	struct rig *rig = *state;
	const struct kind *kind = rig->row;
	struct usage before = serve(rig);
	int fd = kind->open();

	assert_sys(fd);
	for (uint32_t request = 1; request <= USUAL_MSG_MAX; request++) {
		rig_run(rig, NULL, 16);
		struct fe_msg msg = usual_msg(&rig->fe, request);

		if (!msg.n_fds)
			continue;
		usual_msg_move(&msg);
		for (size_t i = 0; i < msg.n_fds; i++)
			msg.fd[i] = fd;
		assert_ok(fe_send(&rig->fe, &msg));
		fe_ring_kick(&rig->fe.ring[FE_EVENTQ]);
		fe_ring_kick(&rig->fe.ring[FE_STATUSQ]);
		inject(rig, KEY(KEY_A, request & 1), SYN);
		rig_wait_read(rig->inject[0]);
		/* It must come to rest: spinning would show. */
		if (request == VU_SET_VRING_KICK)
			usage_at_rest(rig->srv.pid);
	}
	close(fd);
	rig_run(rig, NULL, 64);
	inject(rig, KEY(KEY_A, 0), SYN);
	rig_wait_read(rig->inject[0]);
	rig_disconnect(rig);
	usage_expect_unharmed(rig, &before);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(kinds)];
	static char names[ARRAY_LEN(kinds)][96];

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		snprintf(names[i], sizeof(names[i]),
			 "%s_does_no_harm_in_any_message", kinds[i].name);
		tests[i] = (struct CMUnitTest){
			.name = names[i],
			.test_func = in_every_message,
			.setup_func = usage_rig_setup,
			.teardown_func = rig_teardown,
			.initial_state = (void *)&kinds[i],
		};
	}
	return _cmocka_run_group_tests("attack-fd-kinds", tests,
				       ARRAY_LEN(tests), NULL, NULL);
}

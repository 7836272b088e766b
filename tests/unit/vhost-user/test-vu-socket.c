/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in any pieces, with fds, over a socket whose calls fail as the test
 * says. That no fd is left open is checked at the end of every unit test.
 */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/base/fd-pass.h"
#include "input/base/fd.h"
#include "input/vhost-user/vu-socket.h"
#include "tests/lib/garbage.h"

/* --- the kernel's calls --- */

static int next_error; /* of one call; 0: none */
static size_t most;    /* bytes that a call sends or receives */

static ssize_t call(long nr, int fd, struct msghdr *mh, int flags)
{
	struct iovec part = mh->msg_iov[0];
	struct msghdr one = *mh;
	ssize_t n;

	if (next_error) {
		errno = next_error;
		next_error = 0;
		return -1;
	}
	if (part.iov_len > most)
		part.iov_len = most;
	one.msg_iov = &part;
	n = syscall(nr, fd, &one, flags);
	mh->msg_controllen = one.msg_controllen;
	return n;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */
ssize_t sendmsg(int fd, const struct msghdr *mh, int flags)
{
	return call(SYS_sendmsg, fd, (struct msghdr *)(uintptr_t)mh, flags);
}

ssize_t recvmsg(int fd, struct msghdr *mh, int flags)
{
	return call(SYS_recvmsg, fd, mh, flags);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* --- both ends --- */

static struct vu_socket a, b;
static unsigned int checked;
static bool acceptable;

static bool check_header(void *arg, const struct vu_header *hdr)
{
	assert_ptr_equal(arg, &checked);
	assert_num(hdr->request, VU_SET_MEM_TABLE);
	checked++;
	return acceptable;
}

static int setup(void **state)
{
	int fd[2];

	next_error = 0;
	most = SIZE_MAX;
	checked = 0;
	acceptable = true;
	fill_with_garbage(&a);
	fill_with_garbage(&b);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	vu_socket_init(&a, fd[0]);
	vu_socket_init(&b, fd[1]);
	assert_num(a.out_len, 0);
	assert_num(a.out_sent, 0);
	assert_num(a.in.reply_fd, -1);
	return 0;
}

static int teardown(void **state)
{
	vu_socket_fini(&a);
	vu_socket_fini(&b);
	vu_socket_fini(&b);
	return 0;
}

static int receive(void)
{
	return vu_socket_recv(&b, check_header, &checked);
}

/* A message of len bytes with a byte of its own, and n fds of /dev/null. */
static void make(struct vu_message *msg, uint32_t len, unsigned int n)
{
	memset(msg, 0, sizeof(*msg));
	msg->hdr.request = VU_SET_MEM_TABLE;
	msg->hdr.size = len;
	memset(msg->p.bytes, 'x', len);
	msg->reply_fd = -1;
	for (; msg->n_fds < n; msg->n_fds++)
		msg->fds[msg->n_fds] = open("/dev/null", O_RDWR | O_CLOEXEC);
}

/* It has come, with len bytes of 'x' and n open fds. */
static void assert_came(uint32_t len, unsigned int n)
{
	uint8_t want[VU_PAYLOAD_MAX];

	memset(want, 'x', sizeof(want));
	assert_num(b.in.hdr.size, len);
	assert_memory_equal(b.in.p.bytes, want, len);
	assert_num(b.in.n_fds, n);
	for (unsigned int i = 0; i < n; i++)
		assert_num(fcntl(b.in.fds[i], F_GETFD), FD_CLOEXEC);
	vu_message_close_fds(&b.in);
}

static void messages_come_in_any_pieces(void **state)
{
	static const uint32_t len[] = { 0, 1, VU_PAYLOAD_MAX };
	struct vu_message msg;

	for (size_t i = 0; i < ARRAY_LEN(len); i++) {
		for (most = 1; most < 20; most += 6) {
			checked = 0;
			make(&msg, len[i], 3);
			int r = vu_socket_pass(&a, &msg), came = 0;

			vu_message_close_fds(&msg);
			while (r == VU_SOCKET_FULL && !came) {
				came = receive();
				r = vu_socket_flush(&a);
			}
			assert_ok(r);
			assert_num(came ? came : receive(), 1);
			assert_num(checked, 1);
			assert_came(len[i], 3);
			assert_num(receive(), 0);
		}
	}
}

static void two_in_a_row_stay_two(void **state)
{
	struct vu_message msg;

	make(&msg, 4, 1);
	assert_ok(vu_socket_pass(&a, &msg));
	msg.hdr.size = 9;
	assert_ok(vu_socket_pass(&a, &msg));
	vu_message_close_fds(&msg);
	assert_num(receive(), 1);
	assert_came(4, 1);
	assert_num(receive(), 1);
	assert_num(b.in.hdr.size, 9);
	assert_num(b.in.n_fds, 1);
	assert_num(receive(), 0);
}

static void header_is_rejected_before_the_rest_is_read(void **state)
{
	struct vu_message msg;

	acceptable = false;
	make(&msg, 8, 0);
	assert_ok(vu_socket_send(&a, &msg));
	assert_rc(receive(), -EPROTO);
	assert_num(b.got, sizeof(struct vu_header));
}

static void reply_takes_its_fd_and_a_passed_message_keeps_its_own(void **s)
{
	struct vu_message msg;
	struct stat st;
	int fd;

	make(&msg, 8, 1);
	msg.reply_fd = fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	assert_ok(vu_socket_pass(&a, &msg));
	assert_num(msg.reply_fd, fd);
	assert_sys(fcntl(msg.fds[0], F_GETFD));
	assert_num(receive(), 1);
	assert_came(8, 1);
	assert_ok(vu_socket_send(&a, &msg));
	assert_num(msg.reply_fd, -1);
	assert_num(fcntl(fd, F_GETFD), -1); /* sent, and closed here */
	assert_num(receive(), 1);
	assert_num(b.in.n_fds, 1);
	assert_sys(fstat(b.in.fds[0], &st));
	assert_num(st.st_rdev, 0x105);
	vu_message_close_fds(&msg);
}

static void fds_that_cannot_be_copied_fail(void **state)
{
	struct vu_message msg;

	make(&msg, 8, 1);
	msg.fds[msg.n_fds++] = -1;
	assert_rc(vu_socket_pass(&a, &msg), -EBADF);
	assert_num(receive(), 0);
	msg.n_fds--;
	vu_message_close_fds(&msg);
}

static const struct send_row {
	int error, result;
	bool comes; /* when it is sent again */
} send_rows[] = {
	{ EAGAIN, VU_SOCKET_FULL, true },
	{ ETOOMANYREFS, VU_SOCKET_LATER, true },
	{ EPIPE, 0, false },
	{ ECONNRESET, 0, false },
	{ EINTR, 0, true },
	{ ENOTCONN, -ENOTCONN, true },
};

static void errors_of_sending_are_told_apart(void **state)
{
	struct vu_message msg;

	for (size_t i = 0; i < ARRAY_LEN(send_rows); i++) {
		make(&msg, 8, 2);
		next_error = send_rows[i].error;
		assert_rc(vu_socket_pass(&a, &msg), send_rows[i].result);
		vu_message_close_fds(&msg);
		assert_ok(vu_socket_flush(&a));
		assert_num(a.n_out_fds, 0);
		assert_num(receive(), send_rows[i].comes);
		if (send_rows[i].comes)
			assert_came(8, 2);
	}
}

static void errors_of_receiving_are_told_apart(void **state)
{
	next_error = EAGAIN;
	assert_num(receive(), 0);
	next_error = EINTR;
	assert_num(receive(), 0);
	next_error = ENOMEM;
	assert_rc(receive(), -ENOMEM);
	assert_num(b.in.n_fds, 0);
	vu_socket_fini(&a);
	assert_rc(receive(), -ECONNRESET);
}

static void what_waits_to_be_sent_is_closed_with_the_socket(void **state)
{
	struct vu_message msg;

	make(&msg, 8, 2);
	next_error = EAGAIN;
	assert_num(vu_socket_pass(&a, &msg), VU_SOCKET_FULL);
	assert_num(a.n_out_fds, 2);
	vu_message_close_fds(&msg);
	b.in.reply_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void more_fds_than_a_message_has_are_closed(void **state)
{
	const struct vu_header hdr = { .request = VU_SET_MEM_TABLE };
	const struct iovec iov = { (void *)(uintptr_t)&hdr, sizeof(hdr) };
	int fds[VU_FDS_MAX + 2];

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = STDIN_FILENO;
	assert_num(fd_pass_send(a.fd, &iov, fds, ARRAY_LEN(fds)), sizeof(hdr));
	assert_num(receive(), 1);
	assert_num(b.in.n_fds, VU_FDS_MAX);
}

/* With other control messages before them. */
static void fds_are_found_behind_credentials(void **state)
{
	const int on = 1;
	struct vu_message msg;

	assert_sys(setsockopt(b.fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	make(&msg, 8, 2);
	assert_ok(vu_socket_pass(&a, &msg));
	vu_message_close_fds(&msg);
	assert_num(receive(), 1);
	assert_came(8, 2);
	/* Credentials alone are no fds. */
	assert_ok(vu_socket_send(&a, &msg));
	assert_num(receive(), 1);
	assert_num(b.in.n_fds, 0);
}

/* --- the other end of itself --- */

static int listen_as(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "%s-%d", name,
		 getpid());
	assert_sys(bind(fd, (struct sockaddr *)&addr, sizeof(addr)));
	assert_sys(listen(fd, 2));
	return fd;
}

static int connect_to(int listening)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	assert_sys(getsockname(listening, (struct sockaddr *)&addr, &len));
	assert_sys(connect(fd, (struct sockaddr *)&addr, len));
	return fd;
}

static void the_connections_other_end_is_not_kept(void **state)
{
	int here = listen_as("vu-socket-a"), there = listen_as("vu-socket-b");
	struct stat sent, came;
	struct vu_message msg;

	vu_socket_fini(&a);
	vu_socket_fini(&b);
	vu_socket_init(&a, connect_to(here));
	vu_socket_init(&b, accept4(here, NULL, NULL, SOCK_CLOEXEC));
	make(&msg, 8, 1);
	msg.fds[msg.n_fds++] = fcntl(a.fd, F_DUPFD_CLOEXEC, 0);
	msg.fds[msg.n_fds++] = connect_to(there);
	assert_sys(fstat(msg.fds[2], &sent));
	assert_ok(vu_socket_pass(&a, &msg));
	vu_message_close_fds(&msg);
	assert_num(receive(), 1);
	assert_sys(fstat(b.in.fds[1], &came));
	assert_num(came.st_ino, sent.st_ino);
	assert_came(8, 2);
	close(here);
	close(there);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(messages_come_in_any_pieces),
		T(two_in_a_row_stay_two),
		T(header_is_rejected_before_the_rest_is_read),
		T(reply_takes_its_fd_and_a_passed_message_keeps_its_own),
		T(fds_that_cannot_be_copied_fail),
		T(errors_of_sending_are_told_apart),
		T(errors_of_receiving_are_told_apart),
		T(what_waits_to_be_sent_is_closed_with_the_socket),
		T(more_fds_than_a_message_has_are_closed),
		T(fds_are_found_behind_credentials),
		T(the_connections_other_end_is_not_kept),
	};

	return cmocka_run_group_tests_name("vu-socket", tests, NULL, NULL);
}

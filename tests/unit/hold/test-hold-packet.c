/* SPDX-License-Identifier: Apache-2.0 */
/* Packets with as many fds as there may be, and with one more. */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "injector/hold/hold-packet.h"
#include "input/base/fd-pass.h"

#define FDS_MAX (HOLD_PACKET_FDS + 1)

static int s[2];

static int setup(void **state)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s);
}

static int teardown(void **state)
{
	close(s[0]);
	close(s[1]);
	return 0;
}

static void send_fds(size_t n)
{
	struct hold_order order = { .label = "kbd" };
	const struct iovec iov = { &order, sizeof(order) };
	int fd[FDS_MAX];

	for (size_t i = 0; i < FDS_MAX; i++)
		fd[i] = s[0];
	assert_num(fd_pass_send(s[0], &iov, fd, (unsigned int)n),
		   sizeof(order));
}

static void all_fds_arrive(void **state)
{
	struct hold_packet p;

	send_fds(HOLD_PACKET_FDS);
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_num(p.n_fds, HOLD_PACKET_FDS);
	for (size_t i = 0; i < p.n_fds; i++)
		assert_true(fcntl(p.fd[i], F_GETFD) == FD_CLOEXEC);
	hold_packet_close(&p);
}

static void one_fd_more_is_refused(void **state)
{
	const int before = dup(s[0]);
	struct hold_packet p;

	send_fds(FDS_MAX);
	assert_true(hold_packet_receive(s[1], &p, 0) < 0);
	/* None is left open. */
	close(before);
	assert_num(dup(s[0]), before);
	close(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_fds_arrive, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_fd_more_is_refused, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("hold-packet", tests, NULL, NULL);
}

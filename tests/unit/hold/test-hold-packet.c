/* SPDX-License-Identifier: Apache-2.0 */
/* Packets with as many fds as there may be, and with one more. */
#include "tests/lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
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
	assert_rc(hold_packet_receive(s[1], &p, 0), -EMFILE);
	/* None is left open. */
	close(before);
	assert_num(dup(s[0]), before);
	close(before);
}

static void a_packet_arrives_as_it_was_sent(void **state)
{
	struct hold_packet p = {
		.order = { .verb = HOLD_KEEP, .connected = 1, .label = "kbd" },
		.fd = { s[0], s[1] },
		.n_fds = 2
	};
	int first;

	assert_ok(hold_packet_send(s[0], &p, 0));
	memset(&p, 0xa5, sizeof(p));
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_num(p.order.verb, HOLD_KEEP);
	assert_num(p.order.connected, 1);
	assert_string_equal(p.order.label, "kbd");
	assert_num(p.n_fds, 2);
	/* One that is taken is not closed. */
	first = hold_packet_take(&p, 0);
	assert_num(hold_packet_take(&p, 2), -1);
	hold_packet_close(&p);
	assert_num(p.n_fds, 0);
	assert_num(fcntl(first, F_GETFD), FD_CLOEXEC);
	close(first);
	/* And one without fds. */
	assert_ok(hold_packet_send(s[0], &p, 0));
	p.n_fds = 1;
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_num(p.n_fds, 0);
}

static void a_label_that_does_not_end_is_cut(void **state)
{
	struct hold_packet p = { .n_fds = 0 };

	memset(p.order.label, 'x', sizeof(p.order.label));
	assert_ok(hold_packet_send(s[0], &p, 0));
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_num(strlen(p.order.label), HOLD_LABEL_MAX - 1);
}

static void packets_of_another_size_are_none(void **state)
{
	static const int more[] = { -1, 1 };
	char bytes[sizeof(struct hold_order) + 1] = "";
	struct hold_packet p;

	for (size_t i = 0; i < ARRAY_LEN(more); i++) {
		const size_t len = sizeof(struct hold_order) + (size_t)more[i];

		assert_num(send(s[0], bytes, len, 0), len);
		assert_rc(hold_packet_receive(s[1], &p, 0), -EBADMSG);
		assert_num(p.n_fds, 0);
	}
}

static void what_a_packet_has_beside_fds_is_none(void **state)
{
	struct hold_packet p = { .n_fds = 0 };
	const int on = 1;

	assert_sys(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	assert_ok(hold_packet_send(s[0], &p, 0));
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_num(p.n_fds, 0);
}

/* --- a signal comes while it waits --- */

static void on_alarm_send(int sig)
{
	send(s[0], &(struct hold_order){ .label = "kbd" },
	     sizeof(struct hold_order), MSG_DONTWAIT);
}

static void on_alarm_drain(int sig)
{
	struct hold_order order;

	while (recv(s[1], &order, sizeof(order), MSG_DONTWAIT) > 0)
		;
}

/* Once the caller waits, or soon after. With a limit it is not restarted. */
static void interrupt_soon(void (*on_alarm)(int sig))
{
	const struct sigaction action = { .sa_handler = on_alarm,
					  .sa_flags = SA_RESTART };
	const struct itimerval soon = { .it_value.tv_usec = 20000 };
	const struct timeval limit = { .tv_sec = 60 };

	for (int i = 0; i < 2; i++) {
		assert_sys(setsockopt(s[i], SOL_SOCKET, SO_RCVTIMEO, &limit,
				      sizeof(limit)));
		assert_sys(setsockopt(s[i], SOL_SOCKET, SO_SNDTIMEO, &limit,
				      sizeof(limit)));
	}
	assert_sys(sigaction(SIGALRM, &action, NULL));
	assert_sys(setitimer(ITIMER_REAL, &soon, NULL));
}

static void a_signal_does_not_end_waiting_for_a_packet(void **state)
{
	struct hold_packet p;

	interrupt_soon(on_alarm_send);
	assert_num(hold_packet_receive(s[1], &p, 0), 1);
	assert_string_equal(p.order.label, "kbd");
}

static void a_signal_does_not_end_waiting_for_room(void **state)
{
	const struct hold_packet p = { .n_fds = 0 };

	while (!hold_packet_send(s[0], &p, MSG_DONTWAIT))
		;
	interrupt_soon(on_alarm_drain);
	assert_ok(hold_packet_send(s[0], &p, 0));
}

static void an_end_and_errors_are_told_apart(void **state)
{
	struct hold_packet p = { .n_fds = 0 };

	assert_rc(hold_packet_receive(s[1], &p, MSG_DONTWAIT), -EAGAIN);
	shutdown(s[0], SHUT_WR);
	assert_num(hold_packet_receive(s[1], &p, 0), 0);
	/* Not by a signal. */
	shutdown(s[1], SHUT_RD);
	assert_rc(hold_packet_send(s[0], &p, 0), -EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_fds_arrive, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_packet_arrives_as_it_was_sent,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_label_that_does_not_end_is_cut, setup, teardown),
		cmocka_unit_test_setup_teardown(
			packets_of_another_size_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_packet_has_beside_fds_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_signal_does_not_end_waiting_for_a_packet, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			a_signal_does_not_end_waiting_for_room, setup,
			teardown),
		cmocka_unit_test_setup_teardown(
			an_end_and_errors_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(one_fd_more_is_refused, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("hold-packet", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* vinject-link.h: a connection by vsock, and by a VMM's socket for it. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "input/device/control.h"
#include "tests/lib/link-kernel.h"
#include "tests/lib/temp-dir.h"

/* --- vsock --- */

static void prepare_vsock(void)
{
	l.to.transport = VINJECT_VSOCK;
	l.to.cid = 7;
	l.to.port = 4000000000u;
	k.vsock_fd = pair(SOCK_STREAM);
}

/* What the peer has not read leaves no room: it is not connected yet. */
static void fill(int fd)
{
	char bytes[4096] = { 0 };

	while (send(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void drain(int fd)
{
	char bytes[4096];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void vsock_connects_at_once_or_later(void **state)
{
	prepare_vsock();
	assert_num(vinject_link_start(&l), VINJECT_LINK_CAME_UP);
	assert_num(k.socket_type, SOCK_STREAM | SOCKET_FLAGS);
	assert_num(k.vsock.svm_family, AF_VSOCK);
	assert_num(k.vsock.svm_cid, 7);
	assert_num(k.vsock.svm_port, 4000000000u);
	assert_num(l.armed, EPOLLIN);
	vinject_link_down(&l);
	close(peer);

	prepare_vsock();
	fill(k.vsock_fd);
	k.connect_error = EINPROGRESS;
	assert_num(vinject_link_start(&l), 0);
	assert_num(l.state, VINJECT_LINK_CONNECTING);
	assert_num(l.armed, EPOLLOUT);
	assert_num(k.timer_ms, 5000);
	assert_num(vinject_link_step(&l), 0);
	drain(peer);
	assert_num(vinject_link_step(&l), VINJECT_LINK_CAME_UP);
	assert_num(k.timer_ms, 0);
	assert_num(l.armed, EPOLLIN);
	assert_num(l.state, VINJECT_LINK_UP);
}

static void expect_closed(int fd)
{
	assert_num(l.state, VINJECT_LINK_DOWN);
	assert_num(l.fd, -1);
	assert_num(fcntl(fd, F_GETFD), -1);
}

static void vsock_fails_at_once_or_later(void **state)
{
	prepare_vsock();
	k.connect_error = ECONNRESET;
	assert_rc(vinject_link_start(&l), -ECONNRESET);
	expect_closed(k.vsock_fd);
	close(peer);

	prepare_vsock();
	k.connect_error = EINPROGRESS;
	k.socket_result = ECONNREFUSED;
	assert_rc(vinject_link_start(&l), -ECONNREFUSED);
	expect_closed(k.vsock_fd);
	close(peer);

	prepare_vsock();
	k.socket_result = 0;
	fill(k.vsock_fd);
	assert_num(vinject_link_start(&l), 0);
	timer_expires();
	assert_rc(vinject_link_step(&l), -ETIMEDOUT);
	expect_closed(k.vsock_fd);
}

static void without_a_socket_nothing_is_connected(void **state)
{
	static const enum vinject_transport all[] = { VINJECT_UNIX,
						      VINJECT_VSOCK,
						      VINJECT_HYBRID };

	k.socket_error = EMFILE;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		l.to.transport = all[i];
		assert_rc(vinject_link_start(&l), -EMFILE);
		assert_num(l.state, VINJECT_LINK_DOWN);
	}
}

/* --- hybrid vsock --- */

/* Return: the listening socket. */
static int prepare_hybrid(char dir[TEMP_DIR_LEN])
{
	temp_dir_make(dir);
	snprintf(l.to.path, sizeof(l.to.path), "%s/s", dir);
	l.to.transport = VINJECT_HYBRID;
	l.to.port = 77;
	return rig_unix_listen(l.to.path, SOCK_STREAM);
}

static void greet(int listening)
{
	char line[16] = "";

	assert_num(vinject_link_start(&l), 0);
	assert_num(l.state, VINJECT_LINK_GREETING);
	assert_num(k.socket_type, SOCK_STREAM | SOCKET_FLAGS);
	assert_num(k.send_flags, SEND_FLAGS);
	assert_num(k.timer_ms, 5000);
	assert_num(l.armed, EPOLLIN);
	if (peer >= 0)
		close(peer);
	peer = accept(listening, NULL, NULL);
	assert_sys(peer);
	assert_num(recv(peer, line, sizeof(line), 0), 11);
	assert_string_equal(line, "CONNECT 77\n");
	assert_num(vinject_link_step(&l), 0);
}

static void answer(const char *text)
{
	assert_num(send(peer, text, strlen(text), 0), (long long)strlen(text));
}

static void an_answer_is_a_line_that_begins_with_ok(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} rows[] = {
		{ "OK \nrest", VINJECT_LINK_CAME_UP },
		{ "OK 2345678901234567890123456789\nrest",
		  VINJECT_LINK_CAME_UP },
		{ "OK 23456789012345678901234567890\nrest", -EPROTO },
		{ "OK\nrest", -EPROTO },
		{ "\nrest", -EPROTO },
		{ "KO \nrest", -EPROTO },
		{ "OK_1\nrest", -EPROTO },
	};
	char dir[TEMP_DIR_LEN], rest[8] = "";
	const int listening = prepare_hybrid(dir);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		greet(listening);
		answer(rows[i].text);
		assert_num(vinject_link_step(&l), rows[i].rc);
		if (rows[i].rc == VINJECT_LINK_CAME_UP) {
			/* What follows is the device's. */
			assert_num(vinject_link_recv(&l, rest, 8), 4);
			assert_memory_equal(rest, "rest", 4);
		}
		vinject_link_down(&l);
	}
	close(listening);
	temp_dir_remove(dir);
}

static void an_answer_may_come_in_pieces_or_not_at_all(void **state)
{
	char dir[TEMP_DIR_LEN];
	const int listening = prepare_hybrid(dir);

	greet(listening);
	answer("O");
	assert_num(vinject_link_step(&l), 0);
	answer("K 1");
	assert_num(vinject_link_step(&l), 0);
	answer("\n");
	assert_num(vinject_link_step(&l), VINJECT_LINK_CAME_UP);
	assert_num(k.timer_ms, 0);
	vinject_link_down(&l);

	greet(listening);
	answer("OK");
	assert_num(vinject_link_step(&l), 0);
	timer_expires();
	assert_rc(vinject_link_step(&l), -ETIMEDOUT);
	assert_num(l.state, VINJECT_LINK_DOWN);

	greet(listening);
	close(peer);
	peer = -1;
	assert_rc(vinject_link_step(&l), -EPIPE);
	close(listening);
	temp_dir_remove(dir);
}

static void a_greeting_is_sent_as_a_whole(void **state)
{
	char dir[TEMP_DIR_LEN];
	const int listening = prepare_hybrid(dir);

	k.send_max = 10;
	assert_rc(vinject_link_start(&l), -EPIPE);
	assert_num(l.state, VINJECT_LINK_DOWN);
	assert_num(l.fd, -1);
	close(listening);
	temp_dir_remove(dir);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(vsock_connects_at_once_or_later),
		T(vsock_fails_at_once_or_later),
		T(without_a_socket_nothing_is_connected),
		T(an_answer_is_a_line_that_begins_with_ok),
		T(an_answer_may_come_in_pieces_or_not_at_all),
		T(a_greeting_is_sent_as_a_whole),
	};

	return cmocka_run_group_tests_name("vinject-link-vsock", tests, NULL,
					   NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors: what an fd has to be, who is sent what, when one is read and when
 * it rests, and how each ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "input/device/control.h"
#include "input/vhost-user/vhost-user-wire.h"
#include "tests/lib/array.h"
#include "tests/lib/injectors-world.h"
#include "tests/lib/raw-ring.h"

/* --- what can be one --- */

static void what_cannot_be_read_is_refused(void **state)
{
	int pipe_fd[2], pair[2], listening;
	int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_sys(pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK));
	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair));
	listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_sys(bind(listening, &(struct sockaddr){ .sa_family = AF_UNIX },
			sizeof(sa_family_t)));
	assert_sys(listen(listening, 1));
	assert_rc(injectors_add(&inj, -1, -1), -EBADF);
	assert_rc(injectors_add(&inj, dir, -1), -EISDIR);
	assert_rc(injectors_add(&inj, pipe_fd[1], -1), -EBADF);
	assert_rc(injectors_add(&inj, pair[0], -1), -ESOCKTNOSUPPORT);
	assert_rc(injectors_add(&inj, listening, -1), -EINVAL);
	assert_num(inj.n, 0);
	assert_ok(injectors_add(&inj, pipe_fd[0], -1));
	assert_num(inj.n, 1);
	/* What was refused is the caller's still. */
	assert_sys(close(dir));
	assert_sys(close(listening));
	close(pipe_fd[1]);
	close(pair[0]);
	close(pair[1]);
}

static void each_is_counted(void **state)
{
	int a = add_pair(SOCK_STREAM), b = add_pair(SOCK_SEQPACKET);

	assert_num(counts().sources, 2);
	assert_num(counts().sources_total, 2);
	close(a);
	turn();
	assert_num(counts().sources, 1);
	assert_num(counts().sources_total, 2);
	assert_num(counts().sources_dropped, 0);
	assert_num(counts().unfinished, 0);
	assert_num(releases, 1);
	close(b);
}

/* --- status events --- */

static void status_goes_to_all_sockets_and_where_it_is_wanted(void **state)
{
	int a = add_pair(SOCK_STREAM), b = add_pair(SOCK_SEQPACKET);
	int in[2], out[2], both[2];
	const struct vi_event ev[] = { CAPSL(1), SYN };
	struct vi_event got[2];

	assert_sys(pipe2(in, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(out, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(both, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, in[0], -1));
	assert_ok(injectors_add(&inj, both[0], out[1]));
	injectors_status(&inj, ev, 2);
	for (int i = 0; i < 2; i++)
		expect_told(a, ev[i]);
	assert_num(recv(b, got, sizeof(got), 0), sizeof(got));
	assert_num(read(out[0], got, sizeof(got)), sizeof(got));
	assert_memory_equal(got, ev, sizeof(ev));
	assert_num(counts().status_events, 2);
	injectors_status(&inj, ev, 1);
	assert_num(counts().status_events, 3);
	close(a);
	close(b);
	close(in[1]);
	close(both[1]);
	turn();
	/* It was borrowed. */
	assert_sys(close(out[1]));
	close(out[0]);
}

static void one_that_comes_later_is_sent_the_leds(void **state)
{
	const struct vi_event ev[] = { CAPSL(1), SYN };
	int before = add_pair(SOCK_STREAM), after;

	expect_told_nothing(before);
	injectors_status(&inj, ev, 2);
	after = add_pair(SOCK_STREAM);
	expect_told(after, CAPSL(1));
	expect_told_nothing(after);
	close(after);
	injectors_forget_leds(&inj);
	after = add_pair(SOCK_STREAM);
	expect_told_nothing(after);
	close(before);
	close(after);
}

static void status_that_finds_no_room_is_lost(void **state)
{
	const struct vi_event ev[] = { CAPSL(1), SYN };
	int in[2], out[2];
	char junk[4096] = "";

	assert_sys(pipe2(in, O_CLOEXEC | O_NONBLOCK));
	assert_sys(pipe2(out, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, in[0], out[1]));
	while (write(out[1], junk, sizeof(junk)) > 0)
		;
	injectors_status(&inj, ev, 2);
	while (read(out[0], junk, sizeof(junk)) > 0)
		;
	injectors_status(&inj, ev, 2);
	assert_num(read(out[0], junk, sizeof(junk)), sizeof(ev));
	assert_memory_equal(junk, ev, sizeof(ev));
	close(in[1]);
	turn();
	close(out[0]);
	close(out[1]);
}

/* --- reading --- */

static void frames_reach_the_guest_in_any_pieces(void **state)
{
	const struct vi_event ev[] = { A(1), SYN };
	int fd = add_pair(SOCK_STREAM);

	for (size_t i = 0; i < sizeof(ev); i++) {
		assert_num(sink.n, 0);
		assert_num(write(fd, (const char *)ev + i, 1), 1);
		turn();
	}
	assert_true(changes > 0);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	close(fd);
	/* What it held is released. */
	expect_guest("KEY_A 0, SYN_REPORT 0");
}

static void a_pipe_ends_as_a_socket_does(void **state)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC | O_NONBLOCK));
	assert_ok(injectors_add(&inj, fd[0], -1));
	SEND(fd[1], A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	close(fd[1]);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	assert_num(inj.n, 0);
}

static void packets_are_whole_events(void **state)
{
	int fd = add_pair(SOCK_SEQPACKET);

	SEND(fd, A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	assert_num(write(fd, "12345678abcd", 12), 12);
	expect_guest("KEY_A 0, SYN_REPORT 0");
	assert_num(counts().sources_dropped, 1);
	close(fd);
}

static void an_empty_packet_is_no_end(void **state)
{
	int fd = add_pair(SOCK_SEQPACKET);

	assert_num(send(fd, "", 0, 0), 0);
	turn();
	assert_num(inj.n, 1);
	SEND(fd, A(1), SYN);
	assert_num(send(fd, "", 0, 0), 0);
	close(fd);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(inj.n, 0);
}

static void a_packet_that_is_too_long_ends_it(void **state)
{
	static struct vi_event ev[SOURCE_BUF_LEN / sizeof(struct vi_event) + 1];
	int fd = add_pair(SOCK_SEQPACKET);

	for (size_t i = 0; i < ARRAY_LEN(ev); i++)
		ev[i] = SYN;
	send_events(fd, ev, FRAME_EVENTS_MAX);
	turn();
	assert_num(inj.n, 1);
	send_events(fd, ev, ARRAY_LEN(ev));
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	close(fd);
}

static void what_is_unfinished_at_the_end_is_counted(void **state)
{
	int fd = add_pair(SOCK_STREAM);

	SEND(fd, A(1), SYN, A(0), A(1));
	assert_num(write(fd, "123", 3), 3);
	close(fd);
	expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
	assert_num(counts().unfinished, 2);
	assert_num(counts().sources_dropped, 0);
}

/* Its status events are unread: the kernel tells of that before its frame. */
static void one_that_resets_the_connection_is_read_to_its_end(void **state)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		int fd = add_pair(types[i]);

		injectors_status(&inj, (struct vi_event[]){ CAPSL(1) }, 1);
		SEND(fd, A(1), SYN);
		close(fd);
		expect_guest("KEY_A 1, SYN_REPORT 0, KEY_A 0, SYN_REPORT 0");
		assert_num(inj.n, 0);
		assert_num(counts().sources_dropped, 0);
	}
}

static void a_vmm_is_disconnected(void **state)
{
	static const struct vu_header hdr = { VU_GET_FEATURES,
					      VU_FLAG_VERSION_1, 0 };
	int fd = add_pair(SOCK_STREAM);

	assert_num(write(fd, &hdr, sizeof(hdr)), sizeof(hdr));
	turn();
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 1);
	close(fd);
	/* In pieces it is one, too. */
	fd = add_pair(SOCK_STREAM);
	for (size_t i = 0; i < sizeof(hdr); i++) {
		assert_num(inj.n, 1);
		assert_num(write(fd, (const char *)&hdr + i, 1), 1);
		turn();
	}
	assert_num(inj.n, 0);
	assert_num(counts().sources_dropped, 2);
	close(fd);
	/* What has sent a frame is none. */
	fd = add_pair(SOCK_STREAM);
	assert_true(first()->may_be_vmm);
	SEND(fd, A(1), SYN);
	turn();
	assert_false(first()->may_be_vmm);
	assert_num(write(fd, &hdr, sizeof(hdr)), sizeof(hdr));
	turn();
	assert_num(inj.n, 1);
	close(fd);
}

/* --- space --- */

/* Send frames until the socket is full. Return: how many were sent. */
static int fill(int fd)
{
	const struct vi_event ev[] = { REL(REL_X, 1), SYN };
	int n = 0;

	for (int idle = 0; idle < 3;) {
		const bool sent = write(fd, ev, sizeof(ev)) == sizeof(ev);

		n += sent;
		idle = sent ? 0 : idle + 1;
		if (!sent)
			turn();
	}
	return n;
}

/* Three of them, of which the guest takes little by little. */
static void sources_pause_when_they_are_full_and_nothing_is_lost(void **state)
{
	int fd[3], sent = 0, got = 0;

	sink.buffers = 0;
	for (int i = 0; i < 3; i++) {
		fd[i] = add_pair(SOCK_STREAM);
		sent += fill(fd[i]);
		assert_true(TAILQ_LAST(&inj.list, injector_list)->paused);
	}
	assert_true(inj.any_paused);
	/* One leaves while it is paused: what it sent is taken all the same. */
	close(fd[1]);
	for (int i = 0; i < 1000000 && got < sent; i++) {
		sink.buffers = 1000;
		sink.n = 0;
		turn();
		for (size_t e = 0; e < sink.n; e++)
			if (vi_type(&sink.got[e]) == EV_REL)
				got += vi_value(&sink.got[e]);
	}
	assert_num(got, sent);
	turn();
	assert_false(inj.any_paused);
	assert_true(TAILQ_EMPTY(&inj.paused));
	assert_num(inj.n, 2);
	sink.n = 0;
	SEND(fd[0], A(1), SYN);
	expect_guest("KEY_A 1, SYN_REPORT 0");
	SEND(fd[2], KEY(KEY_B, 1), SYN);
	expect_guest("KEY_B 1, SYN_REPORT 0");
	close(fd[0]);
	close(fd[2]);
}

#define test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(what_cannot_be_read_is_refused),
		test(each_is_counted),
		test(status_goes_to_all_sockets_and_where_it_is_wanted),
		test(one_that_comes_later_is_sent_the_leds),
		test(status_that_finds_no_room_is_lost),
		test(frames_reach_the_guest_in_any_pieces),
		test(a_pipe_ends_as_a_socket_does),
		test(packets_are_whole_events),
		test(an_empty_packet_is_no_end),
		test(a_packet_that_is_too_long_ends_it),
		test(what_is_unfinished_at_the_end_is_counted),
		test(one_that_resets_the_connection_is_read_to_its_end),
		test(a_vmm_is_disconnected),
		test(sources_pause_when_they_are_full_and_nothing_is_lost),
	};

	return cmocka_run_group_tests_name("injectors", tests, NULL, NULL);
}

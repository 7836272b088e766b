/* SPDX-License-Identifier: Apache-2.0 */
/*
 * display-server.h with a VNC server that the test plays: what its places are
 * connected to, what it says, and what becomes of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "injector/display/display-server.h"
#include "tests/lib/check.h"

#define SCREEN                                                   \
	"\4\0\3\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" \
	"\0\0\0\4fake"
#define GREETING "RFB 003.008\n\1\1\0\0\0\0" SCREEN

static struct world {
	struct ev_loop *loop;
	struct display_address address;
	struct display_server server;
	int fd[DISPLAY_PLACES_MAX]; /* what the places are connected to */
	int end;		    /* the server's */
	unsigned int greeted, readable, drained, ended;
	char why[256];
} w;

/* In place of display-address.h's. */
int display_place_connect(const struct display_place *place)
{
	return w.fd[place - w.address.place];
}

static int recv_error; /* of the next one */

/* In place of libc's, as the next ones. */
ssize_t recv(int fd, void *buf, size_t n, int flags)
{
	if (!recv_error)
		return recvfrom(fd, buf, n, flags, NULL, NULL);
	errno = recv_error;
	recv_error = 0;
	return -1;
}

static size_t room = SIZE_MAX; /* of the socket */

ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	const size_t most = n < room ? n : room;

	if (!most && n) {
		errno = EAGAIN;
		return -1;
	}
	room -= room == SIZE_MAX ? 0 : most;
	return sendto(fd, buf, most, flags, NULL, 0);
}

static int so_error;

int getsockopt(int fd, int level, int optname, void *optval, socklen_t *optlen)
{
	if (optname != SO_ERROR || !so_error)
		return (int)syscall(SYS_getsockopt, fd, level, optname, optval,
				    optlen);
	*(int *)optval = so_error;
	return 0;
}

static void on_greeted(struct display_server *s)
{
	w.greeted++;
}

static void on_readable(struct display_server *s)
{
	w.readable++;
}

static void on_drained(struct display_server *s)
{
	w.drained++;
}

static void on_ended(struct display_server *s, const char *why)
{
	w.ended++;
	snprintf(w.why, sizeof(w.why), "%s", why);
}

static const struct display_server_ops ops = {
	.greeted = on_greeted,
	.readable = on_readable,
	.drained = on_drained,
	.ended = on_ended,
};

static int setup(void **state)
{
	int pair[2];

	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_AUTO);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	w.fd[0] = pair[0];
	w.end = pair[1];
	w.address.where = "here";
	w.address.n_places = 1;
	return 0;
}

static int teardown(void **state)
{
	display_server_close(&w.server);
	display_server_close(&w.server);
	close(w.end);
	rfb_auth_free(w.address.auth);
	ev_loop_destroy(w.loop);
	return 0;
}

static void open_server(void)
{
	struct fault why;

	assert_ok(
		display_server_open(&w.server, w.loop, &w.address, &ops, &why));
}

static void say(const void *bytes, size_t len)
{
	if (len)
		assert_num(send(w.end, bytes, len, MSG_NOSIGNAL), len);
	ev_run(w.loop, EVRUN_NOWAIT);
}

#define SAY(literal) say(literal, sizeof(literal) - 1)

static void expect_said(const char *bytes, size_t len)
{
	char is[256];

	assert_num(recv(w.end, is, sizeof(is), MSG_DONTWAIT), len);
	assert_memory_equal(is, bytes, len);
}

#define EXPECT_SAID(literal) expect_said(literal, sizeof(literal) - 1)

static void expect_ended(const char *why)
{
	assert_num(w.ended, 1);
	assert_string_equal(w.why, why);
	assert_false(ev_is_active(&w.server.readable));
	assert_false(ev_is_active(&w.server.writable));
	assert_false(ev_is_active(&w.server.greeting_is_late));
	/* Once, whatever follows. */
	display_server_end(&w.server, "again");
	display_server_want(&w.server);
	assert_false(ev_is_active(&w.server.readable));
	assert_num(w.ended, 1);
}

/* --- what it says --- */

static void greeting_is_answered_as_it_comes(void **state)
{
	uint8_t bytes[8];

	open_server();
	assert_true(
		fabs(ev_timer_remaining(w.loop, &w.server.greeting_is_late) -
		     5) < 0.001);
	SAY("RFB 003.008");
	assert_num(recv(w.end, bytes, 1, MSG_DONTWAIT), -1);
	SAY("\n");
	EXPECT_SAID("RFB 003.008\n");
	SAY("\1\1\0\0\0\0");
	EXPECT_SAID("\1\1");
	assert_num(w.greeted, 0);
	/* What follows is read when it is wanted. */
	SAY(SCREEN "more");
	assert_num(w.greeted, 1);
	assert_false(ev_is_active(&w.server.greeting_is_late));
	assert_false(w.server.is_qemu);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.readable, 0);
	display_server_want(&w.server);
	ev_run(w.loop, EVRUN_NOWAIT);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.readable, 1);
	assert_num(display_server_read(&w.server, bytes, sizeof(bytes)), 4);
	assert_memory_equal(bytes, "more", 4);
	assert_num(display_server_read(&w.server, bytes, sizeof(bytes)), 0);
	assert_num(w.greeted, 1);
	assert_num(w.ended, 0);
}

static const struct ending {
	const char *says;
	size_t len;
	const char *why;
} endings[] = {
#define ENDING(says, why)                   \
	{                                   \
		says, sizeof(says) - 1, why \
	}
	ENDING("HTTP/1.1 400", "no VNC server at here"),
	ENDING("RFB 004.000\n", "VNC server at here does not speak RFB 3"),
	ENDING("RFB 003.008\n\0\0\0\4\1",
	       "VNC server at here sends a text of over 1024 bytes"),
	ENDING("RFB 003.008\n\1\2", "VNC server at here wants a password, "
				    "which --display-password gives"),
	ENDING("RFB 003.008\n\1\x13",
	       "VNC server at here wants more than a password"),
	ENDING("RFB 003.008\n\0\0\0\0\2no", "VNC server at here refuses: no"),
#undef ENDING
};

static void server_that_cannot_be_greeted_ends(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		open_server();
		say(endings[i].says, endings[i].len);
		expect_ended(endings[i].why);
	}
}

static void password_that_is_wrong_ends_it(void **state)
{
	w.address.auth = rfb_auth_exists() ? rfb_auth_new("secret") : NULL;
	open_server();
	if (!w.address.auth)
		skip_because("built with WEBRTC=no, which sends no password");
	SAY("RFB 003.008\n\1\2"
	    "0123456789abcdef"
	    "\0\0\0\1\0\0\0\0");
	expect_ended("VNC server at here does not accept the password");
}

static void server_that_hangs_up_ends(void **state)
{
	open_server();
	SAY("RFB 003.008\n");
	shutdown(w.end, SHUT_WR);
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_ended("VNC server at here has hung up");
}

static void server_that_has_greeted_ends(void **state)
{
	uint8_t byte;

	open_server();
	SAY(GREETING);
	assert_num(w.greeted, 1);
	shutdown(w.end, SHUT_WR);
	display_server_want(&w.server);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.readable, 1);
	assert_num(display_server_read(&w.server, &byte, 1), 0);
	expect_ended("VNC server at here has ended");
}

static void server_that_does_not_answer_ends(void **state)
{
	open_server();
	ev_invoke(w.loop, &w.server.greeting_is_late, EV_TIMER);
	expect_ended("VNC server at here does not answer");
}

/* --- connecting --- */

static void expect_refused(int error, const char *text)
{
	struct fault why;

	close(w.fd[0]);
	w.fd[0] = error;
	assert_num(
		display_server_open(&w.server, w.loop, &w.address, &ops, &why),
		error);
	assert_string_equal(why.text, text);
	assert_null(w.server.loop);
	memset(&w.server, 0, sizeof(w.server));
	w.fd[0] = -1;
}

static void server_that_does_not_run_is_told(void **state)
{
	expect_refused(-ENOENT, "VNC server at here is not running");
	expect_refused(-ECONNREFUSED, "VNC server at here is not running");
	expect_refused(-EACCES, "VNC server at here: Permission denied");
	w.address.n_places = 0;
	expect_refused(-ECONNREFUSED, "VNC server at here is not running");
}

/* Where nothing can be read; the next one is the end of a pair. */
static int unconnected(void)
{
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_sys(fd);
	return fd;
}

static void places_are_tried_in_their_order(void **state)
{
	const int last = w.fd[0];

	w.fd[0] = -EHOSTUNREACH;
	w.fd[1] = unconnected();
	w.fd[2] = last;
	w.address.n_places = 3;
	open_server();
	assert_num(w.server.n_tried, 2);
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.server.n_tried, 3);
	assert_num(w.server.fd, last);
	SAY(GREETING);
	assert_num(w.greeted, 1);
	EXPECT_SAID("RFB 003.008\n\1\1");
	room = 0;
	display_server_send(&w.server, (const uint8_t *)"x", 1);
	room = SIZE_MAX;
	ev_run(w.loop, EVRUN_NOWAIT);
	EXPECT_SAID("x");
}

static void last_places_error_is_told(void **state)
{
	close(w.fd[0]);
	w.fd[0] = unconnected();
	w.fd[1] = -EHOSTUNREACH;
	w.address.n_places = 2;
	open_server();
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_ended("VNC server at here: No route to host");
}

/* One that has said something is the right one. */
static void place_that_has_answered_is_the_last(void **state)
{
	w.fd[1] = -EHOSTUNREACH;
	w.address.n_places = 2;
	open_server();
	SAY("R");
	dup3(w.fd[1] = unconnected(), w.fd[0], O_CLOEXEC);
	close(w.fd[1]);
	ev_invoke(w.loop, &w.server.readable, EV_READ);
	expect_ended("VNC server at here: Transport endpoint is not connected");
}

/* --- what is sent --- */

static void what_finds_no_room_is_sent_later(void **state)
{
	open_server();
	room = 0;
	display_server_send(&w.server, (const uint8_t *)"one", 3);
	room = 2;
	display_server_send(&w.server, (const uint8_t *)"two", 3);
	assert_num(w.server.n_unsent, 4);
	assert_true(ev_is_active(&w.server.writable));
	assert_num(w.drained, 0);
	room = 1;
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.drained, 1);
	assert_num(w.server.n_unsent, 3);
	room = SIZE_MAX;
	ev_run(w.loop, EVRUN_NOWAIT);
	assert_num(w.drained, 2);
	assert_num(w.server.n_unsent, 0);
	assert_false(ev_is_active(&w.server.writable));
	EXPECT_SAID("onetwo");
	display_server_send(&w.server, (const uint8_t *)"three", 5);
	assert_num(w.server.n_unsent, 0);
	EXPECT_SAID("three");
}

/* Which is no end of it. */
static void reading_may_fail_for_a_moment(void **state)
{
	static const int errors[] = { EAGAIN, EINTR };
	uint8_t byte;

	open_server();
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		recv_error = errors[i];
		ev_invoke(w.loop, &w.server.readable, EV_READ);
	}
	SAY(GREETING);
	assert_num(w.greeted, 1);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		recv_error = errors[i];
		assert_num(display_server_read(&w.server, &byte, 1), 0);
	}
	assert_num(w.ended, 0);
	recv_error = ECONNRESET;
	assert_num(display_server_read(&w.server, &byte, 1), 0);
	expect_ended("VNC server at here: Connection reset by peer");
}

static void server_that_takes_no_more_ends(void **state)
{
	open_server();
	shutdown(w.end, SHUT_RDWR);
	display_server_send(&w.server, (const uint8_t *)"x", 1);
	expect_ended("VNC server at here: Broken pipe");
}

static void error_of_the_connection_is_told(void **state)
{
	open_server();
	room = 0;
	display_server_send(&w.server, (const uint8_t *)"x", 1);
	room = SIZE_MAX;
	so_error = ETIMEDOUT;
	ev_invoke(w.loop, &w.server.writable, EV_WRITE);
	so_error = 0;
	expect_ended("VNC server at here: Connection timed out");
	assert_num(w.drained, 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(greeting_is_answered_as_it_comes),
		T(server_that_cannot_be_greeted_ends),
		T(password_that_is_wrong_ends_it),
		T(server_that_hangs_up_ends),
		T(server_that_has_greeted_ends),
		T(server_that_does_not_answer_ends),
		T(server_that_does_not_run_is_told),
		T(places_are_tried_in_their_order),
		T(last_places_error_is_told),
		T(place_that_has_answered_is_the_last),
		T(what_finds_no_room_is_sent_later),
		T(reading_may_fail_for_a_moment),
		T(server_that_takes_no_more_ends),
		T(error_of_the_connection_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

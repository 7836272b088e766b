/* SPDX-License-Identifier: Apache-2.0 */
/*
 * display-screen.h with a VNC server that the test plays: what is asked of it,
 * which states its screen goes through, and when it is looked for again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "injector/display/display-screen.h"
#include "tests/lib/check.h"

/* Of a server called "fake", whose screen is 4 x 2. */
#define SCREEN                                                   \
	"\0\4\0\2\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0" \
	"\0\0\0\4fake"
#define GREETING "RFB 003.008\n\1\1\0\0\0\0" SCREEN
#define ALL	 "\3\0\0\0\0\0\0\4\0\2"
#define CHANGE	 "\3\1\0\0\0\0\0\4\0\2"
/* An update of one pixel. */
#define PIXEL "\0\0\0\1\0\0\0\0\0\1\0\1\0\0\0\0\1\2\3\4"
/* Another size, of which nothing is shown yet. */
#define RESIZE "\0\0\0\1\0\0\0\0\0\5\0\3\xff\xff\xff\x21"

static struct world {
	struct ev_loop *loop;
	struct display_address address;
	struct display_screen screen;
	int fd;	 /* what it is connected to next, or an error */
	int end; /* the server's; -1: none */
	char states[256];
	bool asks; /* as soon as there is something to be seen */
	int log, err;
} w;

static int64_t now_ns; /* of the clock, which moves when it is looked at */

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int clock_gettime(clockid_t id, struct timespec *t)
{
	now_ns += 1000;
	*t = (struct timespec){ now_ns / 1000000000, now_ns % 1000000000 };
	return 0;
}

/* In place of display-address.h's. */
int display_place_connect(const struct display_place *place)
{
	return w.fd;
}

static size_t room = SIZE_MAX; /* of the socket */

/* In place of libc's. */
ssize_t send(int fd, const void *buf, size_t n, int flags)
{
	const size_t most = n < room ? n : room;

	if (most)
		return sendto(fd, buf, most, flags, NULL, 0);
	errno = EAGAIN;
	return -1;
}

static void on_changed(struct display_screen *s)
{
	static const char *const names[] = {
		[DISPLAY_SCREEN_AWAITED] = "awaited",
		[DISPLAY_SCREEN_SHOWN] = "shown",
		[DISPLAY_SCREEN_RESIZED] = "resized",
		[DISPLAY_SCREEN_ABSENT] = "absent",
	};

	snprintf(w.states + strlen(w.states),
		 sizeof(w.states) - strlen(w.states), "%s ", names[s->state]);
	if (w.asks && s->state == DISPLAY_SCREEN_SHOWN)
		display_screen_ask(s);
}

static const struct display_screen_ops ops = { .changed = on_changed };

static void expect_states(const char *wanted)
{
	assert_string_equal(w.states, wanted);
	w.states[0] = '\0';
}

/* The next server. */
static void make_server(void)
{
	int pair[2];

	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	w.fd = pair[0];
	w.end = pair[1];
}

static int setup(void **state)
{
	memset(&w, 0, sizeof(w));
	w.loop = ev_loop_new(EVFLAG_AUTO);
	w.address.where = "here";
	w.address.n_places = 1;
	strcpy(w.address.name, "0");
	make_server();
	w.log = memfd_create("log", MFD_CLOEXEC);
	w.err = dup(STDERR_FILENO);
	dup2(w.log, STDERR_FILENO);
	return 0;
}

static int teardown(void **state)
{
	dup2(w.err, STDERR_FILENO);
	close(w.err);
	close(w.log);
	display_screen_close(&w.screen);
	assert_false(ev_is_active(&w.screen.again));
	assert_null(w.screen.client.screen.pixels);
	assert_null(w.screen.loop);
	display_screen_close(&w.screen);
	close(w.end);
	ev_loop_destroy(w.loop);
	return 0;
}

static void open_screen(void)
{
	display_screen_open(&w.screen, w.loop, &w.address, &ops);
}

static void say(const void *bytes, size_t len)
{
	assert_num(write(w.end, bytes, len), len);
	for (int i = 0; i < 5; i++)
		ev_run(w.loop, EVRUN_NOWAIT);
}

#define SAY(literal) say(literal, sizeof(literal) - 1)

static void expect_said(const char *bytes, size_t len)
{
	char is[512];

	assert_num(recv(w.end, is, sizeof(is), MSG_DONTWAIT), len);
	assert_memory_equal(is, bytes, len);
}

#define EXPECT_SAID(literal) expect_said(literal, sizeof(literal) - 1)

static void expect_nothing_said(void)
{
	char byte;

	assert_num(recv(w.end, &byte, 1, MSG_DONTWAIT), -1);
}

/* Greet it. Return: the encoding that it prefers. */
static int greet(void)
{
	char is[14 + 70];

	SAY(GREETING);
	assert_num(recv(w.end, is, sizeof(is), MSG_DONTWAIT), sizeof(is));
	assert_memory_equal(is + sizeof(is) - 10, ALL, 10);
	return is[14 + 20 + 4 + 3];
}

static void expect_logged(const char *wanted)
{
	char text[1024], *line;
	const ssize_t n = pread(w.log, text, sizeof(text) - 1, 0);

	assert_sys(n);
	text[n] = '\0';
	line = strstr(text, ": ");
	assert_string_equal(line ? line + 2 : text, wanted);
	assert_sys(ftruncate(w.log, 0));
	lseek(w.log, 0, SEEK_SET);
}

static void expect_again_in(double seconds)
{
	assert_true(ev_is_active(&w.screen.again));
	assert_true(fabs(ev_timer_remaining(w.loop, &w.screen.again) -
			 seconds) < 0.001);
}

static void look_again(void)
{
	ev_timer_stop(w.loop, &w.screen.again);
	ev_invoke(w.loop, &w.screen.again, EV_TIMER);
}

/* --- what is asked --- */

static void next_change_is_asked_for_when_this_one_was_taken(void **state)
{
	open_screen();
	display_screen_ask(&w.screen);
	greet();
	expect_states("");
	display_screen_ask(&w.screen);
	expect_nothing_said();
	SAY(PIXEL);
	expect_states("shown ");
	expect_nothing_said();
	display_screen_ask(&w.screen);
	display_screen_ask(&w.screen);
	EXPECT_SAID(CHANGE);
	SAY(PIXEL);
	expect_states("shown ");
	w.asks = true;
	display_screen_ask(&w.screen);
	EXPECT_SAID(CHANGE);
	SAY(PIXEL);
	EXPECT_SAID(CHANGE);
}

/* In the middle of a message, or while others wait. */
static void nothing_is_asked_when_it_may_not_be(void **state)
{
	open_screen();
	greet();
	SAY(PIXEL);
	SAY("\2");
	SAY("\3\0");
	display_screen_ask(&w.screen);
	expect_nothing_said();
	SAY("\0\0\0\0\0\0");
	room = 0;
	display_screen_ask(&w.screen);
	assert_true(w.screen.server.n_unsent);
	SAY(PIXEL);
	display_screen_ask(&w.screen);
	room = SIZE_MAX;
	ev_run(w.loop, EVRUN_NOWAIT);
	EXPECT_SAID(CHANGE);
}

/* Until something of it comes. */
static void all_of_a_new_size_is_asked_for_at_once(void **state)
{
	open_screen();
	greet();
	SAY(PIXEL);
	display_screen_ask(&w.screen);
	EXPECT_SAID(CHANGE);
	expect_states("shown ");
	SAY(RESIZE);
	expect_states("resized ");
	EXPECT_SAID("\3\0\0\0\0\0\0\5\0\3");
	SAY("\0\0\0\0");
	expect_states("");
	EXPECT_SAID("\3\0\0\0\0\0\0\5\0\3");
	SAY(PIXEL);
	expect_states("shown ");
	expect_nothing_said();
}

static void what_had_to_wait_is_asked_when_there_is_room(void **state)
{
	open_screen();
	room = 0;
	SAY(GREETING);
	assert_num(w.screen.server.n_unsent, 14 + 70);
	SAY("\0\0\0\0");
	room = SIZE_MAX;
	for (int i = 0; i < 3; i++)
		ev_run(w.loop, EVRUN_NOWAIT);
	{
		char is[14 + 70 + 10 + 1];

		assert_num(recv(w.end, is, sizeof(is), MSG_DONTWAIT),
			   sizeof(is) - 1);
		assert_memory_equal(is + 14 + 70, ALL, 10);
	}
}

static void encoding_is_chosen_by_the_way(void **state)
{
	static const struct {
		int family;
		const char *address;
		int encoding;
	} rows[] = {
		{ AF_UNIX, NULL, 0 },	       { AF_INET, "127.0.0.1", 0 },
		{ AF_INET, "127.255.0.9", 0 }, { AF_INET, "192.0.2.1", 16 },
		{ AF_INET6, "::1", 0 },	       { AF_INET6, "2001:db8::1", 16 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct sockaddr_in *in = (void *)&w.address.place[0].addr;
		struct sockaddr_in6 *in6 = (void *)&w.address.place[0].addr;

		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		in->sin_family = (sa_family_t)rows[i].family;
		if (rows[i].address)
			assert_num(inet_pton(rows[i].family, rows[i].address,
					     rows[i].family == AF_INET
						     ? (void *)&in->sin_addr
						     : &in6->sin6_addr),
				   1);
		open_screen();
		assert_num(greet(), rows[i].encoding);
	}
}

/* --- what comes --- */

/* A few bytes that mean much work, of which others do not have to wait. */
static void much_work_is_done_in_parts(void **state)
{
	uint8_t copies[4 + 3 * 16] = { 0, 0, 0, 3 };
	const int fd = w.fd;

	w.fd = -ENOENT;
	open_screen();
	expect_states("absent ");
	w.fd = fd;
	look_again();
	memset(w.screen.bytes, 0xff, sizeof(w.screen.bytes));
	SAY("RFB 003.008\n\1\1\0\0\0\0\4\0\4\0\x20\x18\0\1\0\xff\0\xff\0\xff"
	    "\x10\x08\0\0\0\0\0\0\0\4fake");
	for (int i = 0; i < 3; i++) {
		memcpy(copies + 4 + 16 * i + 4, "\4\0\4\0\0\0\0\1", 8);
		memset(copies + 4 + 16 * i + 12, 0, 4);
	}
	assert_num(write(w.end, copies, sizeof(copies)), sizeof(copies));
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_states("");
	assert_num(w.screen.at, 4 + 16);
	expect_again_in(0);
	assert_false(ev_is_active(&w.screen.server.readable));
	for (int i = 0; i < 10; i++)
		ev_run(w.loop, EVRUN_NOWAIT);
	expect_states("shown ");
	assert_true(ev_is_active(&w.screen.server.readable));
	/* Nor is it done for a server that has ended. */
	assert_num(write(w.end, copies, sizeof(copies)), sizeof(copies));
	ev_run(w.loop, EVRUN_NOWAIT);
	expect_again_in(0);
	display_server_end(&w.screen.server, "it ends");
	expect_again_in(1);
	expect_states("absent ");
}

static const struct {
	const char *says;
	size_t len;
	const char *why;
} endings[] = {
#define NO_PICTURE "VNC server at here sends what is no picture"
#define ENDING(says, why)                   \
	{                                   \
		says, sizeof(says) - 1, why \
	}
	ENDING(GREETING "\7", NO_PICTURE),
	ENDING(GREETING "\0\0\0\1\0\0\0\0\0\1\0\1\0\0\0\7", NO_PICTURE),
	ENDING(GREETING "\0\0\0\1\0\0\0\0\0\5\0\1\0\0\0\0", NO_PICTURE),
	ENDING(GREETING "\0\0\0\1\0\0\0\0\0\1\0\1\0\0\0\x10\0\0\0\0",
	       NO_PICTURE),
	ENDING(GREETING "\0\0\0\1\0\0\0\0\0\0\0\0\xff\xff\xff\x21",
	       "screen of the VNC server at here has no size, or more than "
	       "4096 x 4096 pixels"),
	ENDING("RFB 003.008\n\1\1\0\0\0\0\x10\1\0\1\x20\x18\0\1\0\xff\0\xff\0"
	       "\xff\x10\x08\0\0\0\0\0\0\0\4fake",
	       "screen of the VNC server at here has no size, or more than "
	       "4096 x 4096 pixels"),
	ENDING("HTTP/1.1 400", "no VNC server at here"),
#undef ENDING
};

static void server_that_ends_is_looked_for_again(void **state)
{
	char wanted[256];

	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		if (i) {
			teardown(NULL);
			setup(NULL);
		}
		open_screen();
		say(endings[i].says, endings[i].len);
		expect_states("absent ");
		assert_string_equal(w.screen.why, endings[i].why);
		snprintf(wanted, sizeof(wanted), "display 0: %s\n",
			 endings[i].why);
		expect_logged(wanted);
		expect_again_in(1);
		display_screen_ask(&w.screen);
	}
}

/* Its reason is logged once; and all of its screen is a new one then. */
static void server_that_returns_is_shown_again(void **state)
{
	open_screen();
	greet();
	SAY(PIXEL);
	expect_states("shown ");
	display_screen_ask(&w.screen);
	EXPECT_SAID(CHANGE);
	close(w.end);
	w.end = -1;
	w.fd = -ECONNREFUSED;
	for (int i = 0; i < 3; i++)
		ev_run(w.loop, EVRUN_NOWAIT);
	expect_states("absent ");
	expect_logged("display 0: VNC server at here has ended\n");
	for (int i = 0; i < 2; i++) {
		look_again();
		expect_again_in(1);
		expect_states("absent ");
		expect_logged(i ? ""
				: "display 0: VNC server at here is not "
				  "running\n");
	}
	make_server();
	look_again();
	assert_false(ev_is_active(&w.screen.again));
	greet();
	expect_states("");
	SAY(PIXEL);
	expect_states("shown ");
	expect_logged("");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(next_change_is_asked_for_when_this_one_was_taken),
		T(nothing_is_asked_when_it_may_not_be),
		T(all_of_a_new_size_is_asked_for_at_once),
		T(what_had_to_wait_is_asked_when_there_is_room),
		T(encoding_is_chosen_by_the_way),
		T(much_work_is_done_in_parts),
		T(server_that_ends_is_looked_for_again),
		T(server_that_returns_is_shown_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that are too many, send too much, send nonsense, or are none at
 * all: nobody else is disturbed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/random.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

#define CONNECTIONS 1000
#define LIMIT	    64

static void serve(struct rig *rig, const char *spec)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	stats_serve(rig);
	rig_run(rig, spec, 64);
}

/* Return: whether the server has closed it. */
static bool is_refused(int fd, int timeout_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1 && p.revents & POLLHUP;
}

static void of_1000_connections_64_are_served(void **state)
{
	struct rig *rig = *state;
	static int fd[CONNECTIONS];
	const struct vi_event down[] = { KEY(KEY_B, 1), SYN };
	int refused = 0;

	usage_allow_files(CONNECTIONS + 100);
	rig->lines.injector = -1;
	serve(rig, "keyboard");
	inject(rig, KEY(KEY_S, 1), SYN);
	expect(rig, KEY(KEY_S, 1), SYN);
	for (int i = 0; i < CONNECTIONS; i++) {
		fd[i] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
		if (i % 100 == 0)
			rig_expect_works(rig);
	}
	stats_wait(rig, "sources_refused", CONNECTIONS - (LIMIT - 1));
	for (int i = 0; i < CONNECTIONS; i++)
		refused += is_refused(fd[i], 0);
	assert_num(refused, CONNECTIONS - (LIMIT - 1));
	assert_num(stats_now(rig, "sources"), LIMIT);
	/* Logged, but not a thousand times. */
	const int lines = process_log_count(&rig->srv, "injector: refused");
	assert_true(lines > 0 && lines < 50);

	/* The first of them work. */
	for (int i = 0; i < LIMIT - 1; i++)
		assert_num(send(fd[i], down, sizeof(down), MSG_NOSIGNAL),
			   sizeof(down));
	expect(rig, KEY(KEY_B, 1), SYN);
	stats_wait(rig, "frames_in", 1 + 10 * 2 + LIMIT - 1);
	for (int i = 0; i < CONNECTIONS; i++)
		close(fd[i]);
	expect(rig, KEY(KEY_B, 0), SYN);
	stats_wait(rig, "sources", 1);
	fd[0] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	assert_num(send(fd[0], down, sizeof(down), 0), sizeof(down));
	expect(rig, KEY(KEY_B, 1), SYN);
	close(fd[0]);
	expect(rig, KEY(KEY_B, 0), SYN);
	/* The first injector still holds its key. */
	inject(rig, KEY(KEY_S, 0), SYN);
	expect(rig, KEY(KEY_S, 0), SYN);
	rig_expect_nothing(rig);
}

/* Also while one that connected late, and is after them in memory, stays. */
static void what_many_injectors_took_is_given_back(void **state)
{
	static struct vi_event ev[4096];
	struct rig *rig = *state;
	int fd[LIMIT - 2];

	usage_allow(&rig->srv);
	serve(rig, "keyboard");
	struct usage before = usage_at_rest(rig->srv.pid);
	for (size_t i = 0; i < 4096; i++)
		ev[i] = KEY(KEY_S, 1);
	for (int i = 0; i < LIMIT - 2; i++) {
		fd[i] = rig_unix_connect(rig->inject_path, SOCK_STREAM);
		assert_num(send(fd[i], ev, sizeof(ev), MSG_NOSIGNAL),
			   sizeof(ev));
		rig_wait_read(fd[i]);
	}
	int late = rig_unix_connect(rig->inject_path, SOCK_STREAM);
	stats_wait(rig, "sources", LIMIT);
	for (int i = 0; i < LIMIT - 2; i++)
		close(fd[i]);
	stats_wait(rig, "sources", 2);
	before.fds++;
	before.mappings++;
	assert_usage_as(rig->srv.pid, &before);
	close(late);
}

static void connections_that_come_and_go_at_once_disturb_nobody(void **state)
{
	struct rig *rig = *state;
	double longest = 0;

	rig->lines.injector = -1;
	serve(rig, "keyboard");
	for (int i = 0; i < 3000; i++) {
		close(rig_unix_connect(rig->inject_path, SOCK_STREAM));
		if (i % 30)
			continue;
		const double begin = clock_ms();

		rig_expect_works(rig);
		if (clock_ms() - begin > longest)
			longest = clock_ms() - begin;
	}
	print_message("two frames took %.2f ms at most\n", longest);
	stats_wait(rig, "sources", 1);
	rig_expect_nothing(rig);
}

/* 4096 events and SYN_REPORT are a frame; one event more is a violation. */
static void the_longest_frame_is_4096_events(void **state)
{
	static struct vi_event ev[4098];
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", 64);
	for (size_t i = 0; i < 4097; i++)
		ev[i] = KEY(KEY_S, 2);
	ev[4096] = SYN;
	rig_inject(rig, 0, ev, 4097);
	/* The first event is a press. */
	ev[0] = KEY(KEY_S, 1);
	rig_expect(rig, ev, 4097, __FILE__, __LINE__);
	ev[4096] = KEY(KEY_S, 2);
	ev[4097] = SYN;
	rig_inject(rig, 0, ev, 4098);
	expect(rig, KEY(KEY_S, 0), SYN);
	process_expect_log(&rig->srv, "more than 4096 events");
	rig->lines.injector++;
	inject_on(rig, 1, KEY(KEY_A, 1), SYN);
	expect(rig, KEY(KEY_A, 1), SYN);
	rig_expect_nothing(rig);
}

/*
 * It never ends and is never too long: none of it is seen, and it does no harm.
 */
static void half_a_frame_may_wait_for_ever(void **state)
{
	static struct vi_event ev[4096];
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	rig_run(rig, "keyboard", 64);
	for (size_t i = 0; i < 4096; i++)
		ev[i] = KEY(KEY_S, 1);
	rig_inject(rig, 1, ev, 4096);
	rig_wait_read(rig->inject[1]);
	rig_expect_nothing(rig);
	rig_expect_works(rig);
	close(rig->inject[1]);
	rig->inject[1] = -1;
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

/* Some may still wait to be accepted, which no counter shows. */
static bool all_gone(struct rig *rig, unsigned long long connections)
{
	return stats_now(rig, "sources_total") +
			       stats_now(rig, "sources_refused") >=
		       connections &&
	       stats_now(rig, "sources") <= 1;
}

/* Nonsense bytes; all keys that they pressed are released at the end. */
static void random_bytes_disturb_nobody(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 42 };
	uint8_t bytes[4096];
	struct vi_event ev;
	bool down[KEY_CNT] = { false };

	rig->lines.injector = -1;
	serve(rig, "keyboard");
	for (int i = 0; i < 300; i++) {
		int fd = rig_unix_connect(rig->inject_path, SOCK_STREAM);
		size_t n = rnd_below(&rnd, sizeof(bytes));

		/* Some of them are valid events. */
		for (size_t k = 0; k < n; k++)
			bytes[k] = (uint8_t)(rnd_one_in(&rnd, 3)
						     ? rnd_next(&rnd)
						     : rnd_below(&rnd, 2));
		send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		while (!fe_recycle_event(&rig->fe, &ev))
			if (vi_type(&ev) == EV_KEY)
				down[vi_code(&ev)] = vi_value(&ev);
		fe_ring_publish_and_kick(&rig->fe.ring[FE_EVENTQ]);
	}
	/* Sent last, when all of them have connected and left. */
	for (int n = 0; n < DEADLINE_MS && !all_gone(rig, 301); n++)
		while (!fe_next_event(&rig->fe, &ev, 1))
			if (vi_type(&ev) == EV_KEY)
				down[vi_code(&ev)] = vi_value(&ev);
	const struct vi_event last = vi_event(EV_MSC, MSC_SCAN, 0x7a61504f);
	inject(rig, KEY(KEY_MICMUTE, 1), last, SYN);
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_type(&ev) == EV_KEY)
			down[vi_code(&ev)] = vi_value(&ev);
	} while (memcmp(&ev, &last, sizeof(ev)) != 0);
	expect(rig, SYN);
	for (int i = 0; i < KEY_CNT; i++)
		assert_num(down[i], i == KEY_MICMUTE);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void random_packets_disturb_nobody(void **state)
{
	struct rig *rig = *state;
	struct rnd rnd = { 43 };
	uint8_t bytes[256];

	rig->lines.injector = -1;
	process_arg(&rig->srv, "--inject-type=seqpacket");
	serve(rig, "mouse");
	for (int i = 0; i < 300; i++) {
		int fd = rig_unix_connect(rig->inject_path, SOCK_SEQPACKET);

		for (int k = 0; k < 5; k++) {
			size_t n = rnd_below(&rnd, sizeof(bytes));

			for (size_t b = 0; b < n; b++)
				bytes[b] = (uint8_t)rnd_next(&rnd);
			send(fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		}
		close(fd);
	}
	stats_wait(rig, "sources", 1);
	inject(rig, REL(REL_WHEEL, 77), SYN);
	struct vi_event ev;
	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
	} while (vi_value(&ev) != 77);
	expect(rig, SYN);
	rig_expect_nothing(rig);
}

/* --- what is given as --inject-fd ----------------------------------------- */

static void give(struct rig *rig, int fd)
{
	process_arg(&rig->srv, "--inject-fd=%d", fd);
	process_keep_fd(&rig->srv, fd);
}

/* It exits early and logs why. */
static void expect_refused(struct rig *rig, int fd, const char *why)
{
	rig->unclean = true;
	process_arg(&rig->srv, "--inject-fd=%d", fd);
	process_keep_fd(&rig->srv, fd);
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 1);
	process_expect_log(&rig->srv, why);
	assert_true(access(rig->socket, F_OK) < 0);
}

static void a_directory_is_no_injector(void **state)
{
	struct rig *rig = *state;
	int fd = open(rig->dir, O_RDONLY | O_CLOEXEC);

	assert_sys(fd);
	expect_refused(rig, fd, "Is a directory");
	close(fd);
}

static void the_writing_end_of_a_pipe_is_no_injector(void **state)
{
	int fd[2];

	assert_sys(pipe2(fd, O_CLOEXEC));
	expect_refused(*state, fd[1], "cannot read events from fd");
	close(fd[0]);
	close(fd[1]);
}

static void a_listening_socket_is_no_injector(void **state)
{
	struct rig *rig = *state;
	int fd = rig_unix_listen(rig->inject_path, SOCK_STREAM);

	expect_refused(rig, fd, "listening socket");
	close(fd);
}

/* Nobody would notice that the other end is closed. */
static void a_datagram_socket_is_no_injector(void **state)
{
	int fd[2];

	assert_sys(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fd));
	expect_refused(*state, fd[0], "Socket type not supported");
	close(fd[0]);
	close(fd[1]);
}

static void an_fd_that_is_not_open_is_no_injector(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--inject-fd=200");
	rig_spec(rig, "keyboard");
	process_arg(&rig->srv, "--socket-path=%s", rig->socket);
	process_start(&rig->srv);
	assert_num(process_wait(&rig->srv), 2);
	process_expect_log(&rig->srv, "--inject-fd=200");
	rig->unclean = true;
}

/* A recording: it is played, and then that injector is gone. */
static void a_regular_file_is_played_to_its_end(void **state)
{
	const struct vi_event ev[] = { KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN,
				       KEY(KEY_S, 1), SYN };
	struct rig *rig = *state;
	char path[64];

	snprintf(path, sizeof(path), "%s/recording", rig->dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_num(write(fd, ev, sizeof(ev)), sizeof(ev));
	assert_num(lseek(fd, 0, SEEK_SET), 0);
	process_arg(&rig->srv, "--overflow=block");
	rig_injector(rig, SOCK_STREAM);
	give(rig, fd);
	rig_run(rig, "keyboard", 64);
	rig_expect(rig, ev, 6, __FILE__, __LINE__);
	expect(rig, KEY(KEY_S, 0), SYN);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

static void dev_null_ends_at_once(void **state)
{
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	give(rig, open("/dev/null", O_RDONLY | O_CLOEXEC));
	stats_serve(rig);
	rig_run(rig, "keyboard", 64);
	/* Its own, and those that rig_serve() adds. */
	stats_wait(rig, "sources", 2);
	rig_expect_works(rig);
	rig_expect_nothing(rig);
}

/* An endless row of empty frames. */
static void dev_zero_starves_nobody(void **state)
{
	struct rig *rig = *state;

	rig_injector(rig, SOCK_STREAM);
	give(rig, open("/dev/zero", O_RDONLY | O_CLOEXEC));
	rig_run(rig, "keyboard", 64);
	for (int i = 0; i < 20; i++)
		rig_expect_works(rig);
}

/* Start the program through a shell that closes fds as `closes` says. */
static void start_with_closed(struct rig *rig, const char *closes)
{
	char *program = rig->srv.argv[0];

	rig->srv.argc = 0;
	process_arg(&rig->srv, "/bin/sh");
	process_arg(&rig->srv, "-c");
	process_arg(&rig->srv, "exec \"$0\" \"$@\" %s", closes);
	process_arg(&rig->srv, "%s", program);
	free(program);
	process_arg(&rig->srv, "--device-config=%s/tests/wire/specs/%s.json",
		    test_root(), "keyboard");
	process_arg(&rig->srv, "--verbosity=Info");
	rig->listen_fd = rig_unix_listen(rig->socket, SOCK_STREAM);
	process_arg(&rig->srv, "--socket-fd=%d", rig->listen_fd);
	process_keep_fd(&rig->srv, rig->listen_fd);
	process_start(&rig->srv);
}

/* Cuttlefish's command line, without a stream of events. */
static void runs_with_closed(void **state, const char *closes)
{
	const struct vi_event led = LED(LED_CAPSL, 1);
	struct rig *rig = *state;

	start_with_closed(rig, closes);
	rig_prepare(rig, 16);
	assert_ok(fe_start(&rig->fe));
	assert_ok(fe_send_status(&rig->fe, &led));
	rig_expect_nothing(rig);
	const int64_t before = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, 300);
	assert_true(usage_cpu_ns(rig->srv.pid) - before < 100000000);
	assert_true(process_runs(&rig->srv));
}

static void a_closed_stdin_is_the_end_of_an_injector(void **state)
{
	runs_with_closed(state, "<&-");
}

static void a_closed_stdout_is_no_place_for_leds(void **state)
{
	runs_with_closed(state, ">&-");
}

static void closed_standard_streams_do_no_harm(void **state)
{
	struct rig *rig = *state;

	runs_with_closed(state, "<&- >&- 2>&-");
	/* There is no stderr to log it to. */
	assert_num(rig->srv.err.len, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(of_1000_connections_64_are_served),
		T(what_many_injectors_took_is_given_back),
		T(connections_that_come_and_go_at_once_disturb_nobody),
		T(the_longest_frame_is_4096_events),
		T(half_a_frame_may_wait_for_ever),
		T(random_bytes_disturb_nobody),
		T(random_packets_disturb_nobody),
		T(a_directory_is_no_injector),
		T(the_writing_end_of_a_pipe_is_no_injector),
		T(a_listening_socket_is_no_injector),
		T(a_datagram_socket_is_no_injector),
		T(an_fd_that_is_not_open_is_no_injector),
		T(a_regular_file_is_played_to_its_end),
		T(dev_null_ends_at_once),
		T(dev_zero_starves_nobody),
		T(a_closed_stdin_is_the_end_of_an_injector),
		T(a_closed_stdout_is_no_place_for_leds),
		T(closed_standard_streams_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

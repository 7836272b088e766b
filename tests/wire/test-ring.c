/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that send their events through a ring in shared memory: everything
 * is as through a socket. Hostile ones are in test-ring-hostile.c.
 */
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/raw-ring.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

#define SMALL RING_SIZE_MIN
#define MANY  1000 /* frames, several times round the ring */

static void serve(struct rig *rig, const char *option)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	if (option)
		process_arg(&rig->srv, "%s", option);
	stats_serve(rig);
	rig_run(rig, "keyboard", RIG_BUFFERS);
}

static struct raw_ring serve_ring(struct rig *rig, uint32_t size)
{
	serve(rig, NULL);
	return raw_ring_open(rig, SOCK_STREAM, size);
}

static void type_on(struct rig *rig, struct raw_ring *r, uint16_t key)
{
	put(r, KEY(key, 1), SYN);
	expect(rig, KEY(key, 1), SYN);
	put(r, KEY(key, 0), SYN);
	expect(rig, KEY(key, 0), SYN);
}

/* --- how a ring is had --- */

static void a_ring_carries_frames(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	for (int i = 0; i < 5; i++)
		type_on(rig, &r, KEY_B);
	assert_num(stats_now(rig, "shared_rings"), 1);
	assert_num(stats_now(rig, "undeclared"), 0);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
	stats_wait(rig, "shared_rings", 0);
	assert_num(stats_now(rig, "shared_rings_total"), 1);
	rig_expect_works(rig);
}

static void rings_of_any_size_carry_frames(void **state)
{
	struct rig *rig = *state;

	serve(rig, NULL);
	for (uint32_t size = RING_SIZE_MIN; size <= RING_SIZE_MAX; size *= 2) {
		struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, size);

		for (uint32_t i = 0; i < 2 * size / 4 + 1; i += 16)
			for (int j = 0; j < 16; j++) {
				put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
				expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0),
				       SYN);
			}
		raw_ring_free(&r);
	}
}

static void an_injector_with_packets_has_one(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--inject-type=seqpacket");
	struct raw_ring r = raw_ring_open(rig, SOCK_SEQPACKET, SMALL);
	for (int i = 0; i < 40; i++)
		type_on(rig, &r, KEY_B);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

static void an_inherited_socket_gets_none(void **state)
{
	struct rig *rig = *state;

	rig_run(rig, "keyboard", RIG_BUFFERS);
	struct raw_ring r = raw_ring_new(rig->inject[0], SMALL);
	assert_num(raw_ring_ask(&r), 0);
	rig_expect_works(rig);
	r.socket.fd = -1;
	raw_ring_free(&r);
}

static void a_server_that_has_none_says_so(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--shared-memory=off");
	struct raw_ring r = raw_ring_new(
		rig_unix_connect(rig->inject_path, SOCK_STREAM), SMALL);
	assert_num(raw_ring_ask(&r), 0);
	assert_num(stats_now(rig, "shared_rings_refused"), 1);
	ask(&r.socket, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	raw_ring_free(&r);
}

static void sixteen_have_one(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r[16];

	serve(rig, NULL);
	for (int i = 0; i < 16; i++)
		r[i] = raw_ring_open(rig, SOCK_STREAM, SMALL);
	struct raw_ring more = raw_ring_new(
		rig_unix_connect(rig->inject_path, SOCK_STREAM), SMALL);
	assert_num(raw_ring_ask(&more), 0);
	raw_ring_free(&more);
	for (int i = 0; i < 16; i++)
		type_on(rig, &r[i], KEY_B);
	raw_ring_free(&r[3]);
	stats_wait(rig, "shared_rings", 15);
	r[3] = raw_ring_open(rig, SOCK_STREAM, SMALL);
	type_on(rig, &r[3], KEY_B);
	for (int i = 0; i < 16; i++)
		raw_ring_free(&r[i]);
}

/* --- socket and ring are one stream --- */

static void what_the_socket_has_comes_first(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	usage_wait_rest(rig->srv.pid);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	for (int i = 0; i < 8; i++)
		ask(&r.socket, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	for (int i = 0; i < 8; i++)
		expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

static void a_frame_goes_on_in_the_ring(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	ask(&r.socket, KEY(KEY_A, 1));
	rig_wait_read(r.socket.fd);
	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_B, 1), SYN);
	put(&r, KEY(KEY_A, 0));
	raw_ring_wait_taken(&r);
	ask(&r.socket, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_A, 0), KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

static void the_socket_ends_the_ring(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	type_on(rig, &r, KEY_B);
	raw_ring_wait_taken(&r);
	ask(&r.socket, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	assert_num(stats_now(rig, "shared_rings"), 0);
	/* There is no way back, and nothing comes twice. */
	put(&r, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
	ask(&r.socket, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

/* --- frames --- */

static void frames_longer_than_the_ring_arrive_whole(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);
	struct vi_event ev[4 * SMALL];

	for (int i = 0; i < 4 * SMALL - 2; i++)
		ev[i] = KEY(KEY_B, i % 2 == 0);
	ev[4 * SMALL - 2] = KEY(KEY_S, 1);
	ev[4 * SMALL - 1] = SYN;
	raw_ring_put(&r, ev, 4 * SMALL);
	rig_expect(rig, ev, 4 * SMALL, __FILE__, __LINE__);
	raw_ring_free(&r);
	expect(rig, KEY(KEY_S, 0), SYN);
}

static void a_frame_that_is_too_long_disconnects(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, 8192);
	static struct vi_event ev[4200];

	for (size_t i = 0; i < 4200; i++)
		ev[i] = KEY(KEY_B, i % 2);
	rig->lines.injector = 1;
	raw_ring_put(&r, ev, 4200);
	asker_expect_end(&r.socket);
	stats_wait(rig, "shared_rings", 0);
	assert_num(stats_now(rig, "sources_dropped"), 1);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

static void many_frames_arrive_in_order(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	for (int i = 0; i < MANY; i++) {
		static const uint16_t keys[] = { KEY_A, KEY_S, KEY_B };
		const uint16_t key = keys[i % 3];

		put(&r, KEY(key, 1), SYN, KEY(key, 0), SYN);
		put(&r, KEY(KEY_ESC, 1), SYN, KEY(KEY_ESC, 0), SYN);
		expect(rig, KEY(key, 1), SYN, KEY(key, 0), SYN);
		expect(rig, KEY(KEY_ESC, 1), SYN, KEY(KEY_ESC, 0), SYN);
	}
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

static void sources_are_merged(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	inject(rig, KEY(KEY_B, 1), SYN);
	rig_expect_nothing(rig);
	put(&r, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 0), SYN);
	raw_ring_free(&r);
}

static void receipts_are_answered_on_the_socket(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	put(&r, HELLO, SYN);
	expect_answer(&r.socket, HELLO);
	put(&r, LOSSLESS(-1), WATCH(1), SYN);
	expect_answer(&r.socket, DRIVER(RUNNING));
	for (int i = 0; i < 100; i++) {
		put(&r, KEY(KEY_B, 1), RECEIPT(2 * i), SYN, KEY(KEY_B, 0),
		    REL(REL_X, 1), RECEIPT(2 * i + 1), SYN);
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		expect_answer(&r.socket, ANSWER(0, 2 * i), COUNT(UNDECLARED, 1),
			      UNKNOWN(EV_REL, REL_X),
			      ANSWER(WHAT(UNDECLARED), 2 * i + 1));
	}
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

/* --- the end --- */

static void what_it_holds_is_released_at_its_end(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	raw_ring_free(&r);
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_nothing(rig);
}

static void what_was_put_before_the_end_arrives(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	type_on(rig, &r, KEY_B);
	usage_wait_rest(rig->srv.pid);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	put(&r, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN, KEY(KEY_LEFTSHIFT, 1));
	raw_ring_free(&r);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1), SYN, KEY(KEY_A, 0),
	       KEY(KEY_S, 0), SYN);
	rig_expect_nothing(rig);
	assert_num(stats_now(rig, "unfinished"), 1);
}

static void the_first_that_was_put_arrives_before_the_end(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	usage_wait_rest(rig->srv.pid);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	put(&r, KEY(KEY_A, 1), SYN);
	raw_ring_free(&r);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
}

/* A producer that is killed has written a part of a frame, and more. */
static void half_a_frame_of_a_killed_producer_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);
	pid_t pid = fork();

	assert_sys(pid);
	if (!pid) {
		put(&r, KEY(KEY_A, 1), SYN, KEY(KEY_S, 1));
		/* Written, but not published. */
		r.events[r.put & (SMALL - 1)] = SYN;
		kill(getpid(), SIGKILL);
	}
	raw_ring_free(&r);
	assert_num(waitpid(pid, NULL, 0), pid);
	expect(rig, KEY(KEY_A, 1), SYN, KEY(KEY_A, 0), SYN);
	rig_expect_nothing(rig);
	rig_expect_works(rig);
}

/* --- a guest that takes nothing --- */

static struct vi_event filler(size_t i)
{
	return i % 2 ? SYN : KEY(KEY_B, i % 4 == 0);
}

/* Return: how many events there was space for. */
static size_t fill(struct raw_ring *r)
{
	size_t n = 0;

	for (int quiet = 0; quiet < 20;) {
		const struct vi_event ev = filler(n);

		if (raw_ring_put_some(r, &ev, 1)) {
			n++;
			quiet = 0;
		} else {
			quiet++;
			poll(NULL, 0, 5);
		}
	}
	return n;
}

/* The guest takes n of them, and those that the last key stroke lacks. */
static void take(struct rig *rig, struct raw_ring *r, size_t n)
{
	for (size_t i = 4; i <= n; i += 4)
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	if (n % 4 == 0)
		return;
	for (size_t i = n; i % 4; i++) {
		const struct vi_event ev = filler(i);

		raw_ring_put(r, &ev, 1);
	}
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
}

static void a_full_ring_presses_back(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--overflow=block");
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	const size_t n = fill(&r);
	assert_true(n > SMALL);
	usage_wait_rest(rig->srv.pid);
	__atomic_store_n(&r.ours->tell, RING_TELL_SOCKET, __ATOMIC_SEQ_CST);
	__atomic_store_n(&r.ours->space_at, r.theirs->taken, __ATOMIC_SEQ_CST);
	asker_expect_nothing(&r.socket);
	take(rig, &r, n);
	expect_answer(&r.socket, RING_SPACE);
	asker_expect_nothing(&r.socket);
	type_on(rig, &r, KEY_B);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
}

static void *wait_for_space(void *arg)
{
	struct raw_ring *r = arg;
	uint32_t taken = r->theirs->taken;

	__atomic_store_n(&r->ours->tell, RING_TELL_FUTEX, __ATOMIC_SEQ_CST);
	__atomic_store_n(&r->ours->space_at, taken, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &r->theirs->taken, FUTEX_WAIT, taken, NULL, NULL, 0);
	return NULL;
}

static void a_producer_that_sleeps_is_woken(void **state)
{
	struct rig *rig = *state;
	pthread_t thread;

	serve(rig, "--overflow=block");
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	const size_t n = fill(&r);
	assert_num(pthread_create(&thread, NULL, wait_for_space, &r), 0);
	poll(NULL, 0, RIG_QUIET_MS);
	take(rig, &r, n);
	assert_num(pthread_join(thread, NULL), 0);
	asker_expect_nothing(&r.socket);
	raw_ring_free(&r);
}

static void frames_are_folded_after_a_while(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	for (int i = 0; i < RIG_BUFFERS / 4; i++)
		put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	raw_ring_wait_taken(&r);
	for (int i = 0; i < 5000; i++)
		put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	put(&r, KEY(KEY_S, 1), SYN);
	stats_wait(rig, "frames_in", RIG_BUFFERS / 2 + 10003);
	take(rig, &r, RIG_BUFFERS);
	expect(rig, KEY(KEY_S, 1), SYN);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
	expect(rig, KEY(KEY_S, 0), SYN);
}

/* --- kicks --- */

static void a_sleeping_server_is_kicked_once(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	type_on(rig, &r, KEY_B);
	usage_wait_rest(rig->srv.pid);
	assert_num(r.theirs->kick_at, r.put);
	assert_sys(kill(rig->srv.pid, SIGSTOP));
	r.kicks = 0;
	for (int i = 0; i < 10; i++)
		put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	assert_num(r.kicks, 1);
	assert_sys(kill(rig->srv.pid, SIGCONT));
	for (int i = 0; i < 10; i++)
		expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	raw_ring_free(&r);
}

/* While it polls, it need not be kicked; then it sleeps as others do. */
static void a_server_that_polls_is_kicked_seldom(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--busy-poll=100000");
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	type_on(rig, &r, KEY_B);
	r.kicks = 0;
	for (int i = 0; i < 100; i++)
		type_on(rig, &r, KEY_B);
	assert_true(r.kicks < 50);
	usage_wait_rest(rig->srv.pid);
	const int64_t cpu_ns = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, 300);
	assert_true(usage_cpu_ns(rig->srv.pid) - cpu_ns < 5000000);
	type_on(rig, &r, KEY_B);
	rig_expect_nothing(rig);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

static void an_idle_ring_wakes_nobody(void **state)
{
	struct rig *rig = *state;
	struct raw_ring r = serve_ring(rig, SMALL);

	for (int i = 0; i < 10; i++)
		type_on(rig, &r, KEY_B);
	usage_wait_rest(rig->srv.pid);
	const long sleeps = usage_sleeps(rig->srv.pid);
	const int64_t cpu_ns = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, 300);
	assert_true(usage_sleeps(rig->srv.pid) - sleeps <= 1);
	assert_true(usage_cpu_ns(rig->srv.pid) - cpu_ns < 5000000);
	type_on(rig, &r, KEY_B);
	raw_ring_free(&r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(a_ring_carries_frames),
		T(rings_of_any_size_carry_frames),
		T(an_injector_with_packets_has_one),
		T(an_inherited_socket_gets_none),
		T(a_server_that_has_none_says_so),
		T(sixteen_have_one),
		T(what_the_socket_has_comes_first),
		T(a_frame_goes_on_in_the_ring),
		T(the_socket_ends_the_ring),
		T(frames_longer_than_the_ring_arrive_whole),
		T(a_frame_that_is_too_long_disconnects),
		T(many_frames_arrive_in_order),
		T(sources_are_merged),
		T(receipts_are_answered_on_the_socket),
		T(what_it_holds_is_released_at_its_end),
		T(what_was_put_before_the_end_arrives),
		T(the_first_that_was_put_arrives_before_the_end),
		T(half_a_frame_of_a_killed_producer_is_dropped),
		T(a_full_ring_presses_back),
		T(a_producer_that_sleeps_is_woken),
		T(frames_are_folded_after_a_while),
		T(a_sleeping_server_is_kicked_once),
		T(a_server_that_polls_is_kicked_seldom),
		T(an_idle_ring_wakes_nobody),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Injectors that offer as a ring what is none, and that write into one whatever
 * and whenever they like. The server rejects or disconnects them, and serves
 * all others as before.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include "tests/lib/random.h"
#include "tests/lib/raw-ring.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

#define SMALL RING_SIZE_MIN
#define ALL   RAW_RING_SEALS

static void serve(struct rig *rig)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	stats_serve(rig);
	rig->lines.injector = -1;
	rig_run(rig, "keyboard", RIG_BUFFERS);
}

static struct raw_ring new_ring(struct rig *rig)
{
	return raw_ring_new(rig_unix_connect(rig->inject_path, SOCK_STREAM),
			    SMALL);
}

/* It is rejected, and what made it can send by its socket. */
static void offer_badly(struct rig *rig, const int *fd, size_t n)
{
	struct raw_ring r = new_ring(rig);

	assert_true(raw_ring_ask(&r));
	raw_ring_send_offer(&r, fd, n);
	assert_false(raw_ring_is_accepted(&r));
	ask(&r.socket, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

/* --- the memory --- */

static void memory_is_rejected(struct rig *rig, int memory)
{
	int event_fd = eventfd(0, EFD_CLOEXEC);

	assert_sys(event_fd);
	offer_badly(rig, (int[]){ memory, event_fd }, 2);
	close(event_fd);
	close(memory);
}

static void memory_that_can_change_is_rejected(void **state)
{
	static const int seals[] = {
		0,
		F_SEAL_SHRINK,
		F_SEAL_GROW | F_SEAL_SEAL,
		F_SEAL_SHRINK | F_SEAL_GROW,
		F_SEAL_SHRINK | F_SEAL_SEAL,
		ALL | F_SEAL_WRITE,
		ALL | F_SEAL_FUTURE_WRITE,
	};
	struct rig *rig = *state;

	serve(rig);
	for (size_t i = 0; i < sizeof(seals) / sizeof(seals[0]); i++)
		memory_is_rejected(rig, raw_ring_memory(RING_FILE_LEN(SMALL),
							seals[i], 0));
	assert_num(stats_now(rig, "shared_rings_refused"), 7);
}

static void memory_of_any_other_length_is_rejected(void **state)
{
	static const size_t lens[] = {
		0,
		4096,
		RING_EVENTS,
		RING_FILE_LEN(1),
		RING_FILE_LEN(SMALL) - 1,
		RING_FILE_LEN(SMALL) + 1,
		RING_FILE_LEN(SMALL + 1),
		RING_FILE_LEN(3 * SMALL),
		RING_FILE_LEN(2 * RING_SIZE_MAX),
		(size_t)1 << 40,
		(size_t)INT64_MAX,
	};
	struct rig *rig = *state;

	serve(rig);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++)
		memory_is_rejected(rig, raw_ring_memory(lens[i], ALL, 0));
}

static void huge_pages_are_rejected(void **state)
{
	struct rig *rig = *state;
	int fd = memfd_create("ring",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB);

	serve(rig);
	if (fd < 0)
		skip();
	assert_sys(ftruncate(fd, 2 << 20));
	assert_sys(fcntl(fd, F_ADD_SEALS, ALL));
	memory_is_rejected(rig, fd);
}

static void other_files_are_no_memory(void **state)
{
	struct rig *rig = *state;
	char path[sizeof(rig->dir) + 8];
	int ends[2];

	serve(rig);
	snprintf(path, sizeof(path), "%s/file", rig->dir);
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_sys(file);
	assert_sys(unlink(path));
	assert_sys(ftruncate(file, RING_FILE_LEN(SMALL)));
	memory_is_rejected(rig, file);
	assert_sys(pipe2(ends, O_CLOEXEC));
	memory_is_rejected(rig, ends[0]);
	close(ends[1]);
	memory_is_rejected(rig, open("/dev/zero", O_RDWR | O_CLOEXEC));
	memory_is_rejected(rig, eventfd(0, EFD_CLOEXEC));
	memory_is_rejected(rig, open(rig->dir, O_PATH | O_CLOEXEC));
}

static void memory_that_cannot_be_written_is_rejected(void **state)
{
	struct rig *rig = *state;
	int fd = raw_ring_memory(RING_FILE_LEN(SMALL), ALL, 0);
	char path[32];

	serve(rig);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	int readable = open(path, O_RDONLY | O_CLOEXEC);
	assert_sys(readable);
	memory_is_rejected(rig, readable);
	close(fd);
}

/* --- the event fd --- */

static void event_fd_is_rejected(struct rig *rig, int fd)
{
	int memory = raw_ring_memory(RING_FILE_LEN(SMALL), ALL, 0);

	assert_sys(fd);
	offer_badly(rig, (int[]){ memory, fd }, 2);
	close(memory);
	close(fd);
}

static void other_files_are_no_event_fd(void **state)
{
	struct rig *rig = *state;
	int ends[2];

	serve(rig);
	assert_sys(pipe2(ends, O_CLOEXEC));
	event_fd_is_rejected(rig, ends[0]);
	event_fd_is_rejected(rig, ends[1]);
	assert_sys(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
	event_fd_is_rejected(rig, ends[0]);
	close(ends[1]);
	event_fd_is_rejected(rig, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	event_fd_is_rejected(rig, epoll_create1(EPOLL_CLOEXEC));
	event_fd_is_rejected(rig, open("/dev/zero", O_RDWR | O_CLOEXEC));
	event_fd_is_rejected(rig,
			     raw_ring_memory(RING_FILE_LEN(SMALL), ALL, 0));
}

static void an_event_fd_that_counts_down_disconnects(void **state)
{
	const uint64_t most = UINT64_MAX - 1;
	struct rig *rig = *state;

	serve(rig);
	struct raw_ring r = new_ring(rig);
	close(r.event_fd);
	r.event_fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
	assert_num(write(r.event_fd, &most, sizeof(most)), sizeof(most));
	assert_true(raw_ring_ask(&r));
	raw_ring_send_offer(&r, (int[]){ r.memory, r.event_fd }, 2);
	assert_true(raw_ring_is_accepted(&r));
	/* By edges or not, it does not keep the server busy. */
	raw_ring_publish(&r, 0);
	usage_wait_rest(rig->srv.pid);
	const int64_t cpu_ns = usage_cpu_ns(rig->srv.pid);
	poll(NULL, 0, 200);
	assert_true(usage_cpu_ns(rig->srv.pid) - cpu_ns < 20000000);
	rig_expect_works(rig);
	raw_ring_free(&r);
}

static void kicks_without_events_disconnect(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	for (int i = 0; i < 200 && stats_now(rig, "shared_rings"); i++) {
		raw_ring_kick(&r);
		usage_wait_rest(rig->srv.pid);
	}
	expect(rig, KEY(KEY_B, 0), SYN);
	asker_expect_end(&r.socket);
	raw_ring_free(&r);
}

/* Before the ring's first event. */
static void kicks_before_all_events_disconnect(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	for (int i = 0; i < 200 && stats_now(rig, "shared_rings"); i++) {
		raw_ring_kick(&r);
		usage_wait_rest(rig->srv.pid);
	}
	asker_expect_end(&r.socket);
	assert_num(stats_now(rig, "sources_dropped"), 1);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

static atomic_bool drains;

/* The server waits in read() if another reader comes first. */
static void *drain_event_fd(void *arg)
{
	const struct raw_ring *r = arg;
	const uint64_t one = 1;
	uint64_t count;
	int flags;

	while (drains) {
		flags = fcntl(r->event_fd, F_GETFL);
		fcntl(r->event_fd, F_SETFL, flags & ~O_NONBLOCK);
		if (write(r->event_fd, &one, sizeof(one)) > 0)
			(void)!read(r->event_fd, &count, sizeof(count));
	}
	return NULL;
}

static void an_event_fd_that_blocks_harms_nobody(void **state)
{
	struct rig *rig = *state;
	pthread_t thread;

	serve(rig);
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	drains = true;
	assert_num(pthread_create(&thread, NULL, drain_event_fd, &r), 0);
	for (int i = 0; i < 20; i++)
		rig_expect_works(rig);
	drains = false;
	/* The server may read first what is to wake the thread. */
	do
		raw_ring_kick(&r);
	while (pthread_tryjoin_np(thread, NULL) && !poll(NULL, 0, 1));
	raw_ring_free(&r);
	rig_expect_works(rig);
}

/* --- the offer --- */

static void anything_but_two_fds_is_no_offer(void **state)
{
	struct rig *rig = *state;
	int memory = raw_ring_memory(RING_FILE_LEN(SMALL), ALL, 0);
	int event_fd = eventfd(0, EFD_CLOEXEC);

	serve(rig);
	struct usage before = usage_at_rest(rig->srv.pid);
	offer_badly(rig, (int[]){ memory }, 1);
	offer_badly(rig, (int[]){ memory, event_fd, event_fd }, 3);
	offer_badly(rig, (int[]){ memory, event_fd, memory, memory, memory },
		    5);
	offer_badly(rig, (int[]){ event_fd, memory }, 2);
	usage_wait_rest(rig->srv.pid);
	assert_num(usage_at_rest(rig->srv.pid).fds, before.fds);
	close(memory);
	close(event_fd);
}

static void an_offer_that_was_not_asked_for_is_none(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct usage before = usage_at_rest(rig->srv.pid);
	struct raw_ring r = new_ring(rig);
	/* Where the kernel can, it does not let the fds through. */
	const struct vi_event ev[] = { RING_OFFER(0), SYN };
	raw_ring_try_offer(&r, (int[]){ r.memory, r.event_fd }, 2);
	asker_send(&r.socket, ev, 2);
	put(&r, KEY(KEY_B, 1), SYN);
	raw_ring_kick(&r);
	asker_expect_nothing(&r.socket);
	rig_expect_nothing(rig);
	assert_num(stats_now(rig, "shared_rings_total"), 0);
	raw_ring_free(&r);
	rig_expect_works(rig);
	assert_num(usage_at_rest(rig->srv.pid).fds, before.fds);
}

static void a_second_offer_ends_the_ring(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	struct usage before = usage_at_rest(rig->srv.pid);
	for (int i = 0; i < 20; i++)
		raw_ring_try_offer(&r, (int[]){ r.memory, r.event_fd }, 2);
	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	for (int i = 0; i < 20; i++)
		raw_ring_try_offer(&r, (int[]){ r.memory, r.event_fd }, 2);
	assert_true(usage_at_rest(rig->srv.pid).fds <= before.fds);
	assert_num(stats_now(rig, "shared_rings_total"), 1);
	raw_ring_free(&r);
	expect(rig, KEY(KEY_B, 0), SYN);
	rig_expect_works(rig);
}

static void many_offers_leave_nothing_behind(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct usage before = usage_at_rest(rig->srv.pid);
	for (int i = 0; i < 200; i++) {
		struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);

		if (i % 2)
			put(&r, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0));
		raw_ring_free(&r);
		if (i % 2)
			expect(rig, KEY(KEY_B, 1), SYN, KEY(KEY_B, 0), SYN);
		stats_wait(rig, "shared_rings", 0);
	}
	assert_usage_as(rig->srv.pid, &before);
}

/* --- what is in the ring --- */

static void impossible_indices_disconnect(void **state)
{
	static const uint32_t bad[] = { SMALL + 3, 0x80000000, UINT32_MAX, 1 };
	struct rig *rig = *state;

	serve(rig);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);

		put(&r, KEY(KEY_B, 1), SYN);
		expect(rig, KEY(KEY_B, 1), SYN);
		usage_wait_rest(rig->srv.pid);
		raw_ring_publish(&r, bad[i]);
		raw_ring_kick(&r);
		expect(rig, KEY(KEY_B, 0), SYN);
		asker_expect_end(&r.socket);
		raw_ring_free(&r);
		rig_expect_works(rig);
	}
	stats_wait(rig, "sources_dropped", 4);
}

static void impossible_indices_at_the_end_are_dropped(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	for (int i = 0; i < 20; i++) {
		struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);

		if (i % 2) {
			put(&r, KEY(KEY_B, 1), SYN);
			expect(rig, KEY(KEY_B, 1), SYN);
		}
		__atomic_store_n(&r.ours->put, (uint32_t)i * 12345678 + 99,
				 __ATOMIC_SEQ_CST);
		raw_ring_free(&r);
		if (i % 2)
			expect(rig, KEY(KEY_B, 0), SYN);
		stats_wait(rig, "shared_rings", 0);
	}
	rig_expect_works(rig);
}

/* The memory is punched away: it is zeros then. */
static void memory_that_is_taken_away_is_zeros(void **state)
{
	struct rig *rig = *state;

	serve(rig);
	struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
	put(&r, KEY(KEY_B, 1), SYN);
	expect(rig, KEY(KEY_B, 1), SYN);
	assert_sys(fallocate(r.memory,
			     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			     RING_FILE_LEN(SMALL)));
	raw_ring_kick(&r);
	/* Its index is 0 again, and so behind what was taken. */
	expect(rig, KEY(KEY_B, 0), SYN);
	asker_expect_end(&r.socket);
	raw_ring_free(&r);
	rig_expect_works(rig);
}

static atomic_bool scribbles;

/* All of the memory, all the time, and kicks. */
static void *scribble(void *arg)
{
	struct raw_ring *r = arg;
	struct rnd rnd = { (uintptr_t)arg };
	const uint64_t one = 1;

	while (scribbles) {
		const uint64_t x = rnd_next(&rnd);

		r->events[x % SMALL] =
			vi_event((uint16_t)(x >> 8 & 1), x >> 9 & 1 ? KEY_B : 0,
				 (int32_t)(x >> 10 & 1));
		r->events[(x >> 16) % SMALL] = SYN;
		__atomic_store_n(&r->ours->put,
				 r->theirs->taken +
					 (uint32_t)((x >> 24) % (SMALL + 1)),
				 __ATOMIC_SEQ_CST);
		r->ours->space_at = (uint32_t)(x >> 32);
		r->ours->tell = x >> 60;
		r->theirs->kick_at = (uint32_t)(x >> 40);
		if (x >> 50 & 1)
			r->theirs->taken = (uint32_t)x;
		if (!(x >> 33 & 15))
			(void)!write(r->event_fd, &one, sizeof(one));
	}
	return NULL;
}

static void a_scribbler_harms_nobody(void **state)
{
	struct rig *rig = *state;
	pthread_t thread;

	serve(rig);
	for (int i = 0; i < 10; i++) {
		struct raw_ring r = raw_ring_open(rig, SOCK_STREAM, SMALL);
		struct vi_event ev;

		scribbles = true;
		assert_num(pthread_create(&thread, NULL, scribble, &r), 0);
		for (int j = 0; j < 50; j++) {
			ask(&(struct asker){ .out = rig->inject[0] },
			    KEY(KEY_A, j % 2 == 0), SYN);
			do
				assert_rc(fe_next_event(&rig->fe, &ev,
							DEADLINE_MS),
					  0);
			while (vi_code(&ev) != KEY_A);
		}
		scribbles = false;
		assert_num(pthread_join(thread, NULL), 0);
		raw_ring_free(&r);
		stats_wait(rig, "shared_rings", 0);
		while (!fe_next_event(&rig->fe, &ev, RIG_QUIET_MS)) {
		}
	}
	rig_expect_works(rig);
}

int main(void)
{
#define T(name) \
	cmocka_unit_test_setup_teardown(name, usage_rig_setup, rig_teardown)
	const struct CMUnitTest tests[] = {
		T(memory_that_can_change_is_rejected),
		T(memory_of_any_other_length_is_rejected),
		T(huge_pages_are_rejected),
		T(other_files_are_no_memory),
		T(memory_that_cannot_be_written_is_rejected),
		T(other_files_are_no_event_fd),
		T(an_event_fd_that_counts_down_disconnects),
		T(kicks_without_events_disconnect),
		T(kicks_before_all_events_disconnect),
		T(an_event_fd_that_blocks_harms_nobody),
		T(anything_but_two_fds_is_no_offer),
		T(an_offer_that_was_not_asked_for_is_none),
		T(a_second_offer_ends_the_ring),
		T(many_offers_leave_nothing_behind),
		T(impossible_indices_disconnect),
		T(impossible_indices_at_the_end_are_dropped),
		T(memory_that_is_taken_away_is_zeros),
		T(a_scribbler_harms_nobody),
	};

	return cmocka_run_group_tests_name("ring-hostile", tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that stops taking events: injectors wait for as long as --stall-ms
 * says and no longer, the server does not grow, and one frame brings the guest
 * up to date when it takes events again. With --overflow=block they wait.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/linux-guest.h"
#include "tests/lib/stats.h"
#include "tests/lib/usage.h"

/* On a busy machine a process may not run for a while. */
#define SLACK_MS 300

/* Frames of motion by 1 to the right, n of them, each written completely. */
struct mover {
	int fd;
	size_t frames, sent; /* sent: bytes */
	double longest_ms;   /* the longest wait for a write */
};

static void wait_writable(struct mover *m, int timeout_ms)
{
	struct pollfd p = { .fd = m->fd, .events = POLLOUT };
	const double begin = clock_ms();

	assert_num(poll(&p, 1, timeout_ms), 1);
	const double took = clock_ms() - begin;
	m->longest_ms = took > m->longest_ms ? took : m->longest_ms;
}

/* Return: whether the socket took any bytes. */
static bool write_some(struct mover *m)
{
	static struct vi_event ev[1024];
	const size_t left = m->frames * 16 - m->sent;

	for (size_t i = 0; i < 1024; i += 2) {
		ev[i] = REL(REL_X, 1);
		ev[i + 1] = SYN;
	}
	const size_t skip = m->sent % 16;
	const size_t len = sizeof(ev) - skip < left ? sizeof(ev) - skip : left;
	const ssize_t n = send(m->fd, (uint8_t *)ev + skip, len,
			       MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		assert_num(errno, EAGAIN);
		return false;
	}
	m->sent += (size_t)n;
	return true;
}

static void write_all(struct mover *m)
{
	while (m->sent < m->frames * 16)
		if (!write_some(m))
			wait_writable(m, DEADLINE_MS);
}

/* More than all buffers on the way hold. */
#define MANY 60000

static void serve(struct rig *rig, const char *option, size_t injectors)
{
	if (option)
		process_arg(&rig->srv, "%s", option);
	stats_serve(rig);
	for (size_t i = 1; i < injectors; i++)
		rig_injector(rig, SOCK_STREAM);
	rig_serve(rig, "mouse");
}

static void injector_waits(void **state, const char *option, int stall_ms)
{
	struct rig *rig = *state;
	struct mover m = { .frames = MANY };

	serve(rig, option, 1);
	rig_run(rig, NULL, 4);
	m.fd = rig->inject[0];
	write_all(&m);
	print_message("an injector waited for %.0f ms of %d\n", m.longest_ms,
		      stall_ms);
	assert_true(m.longest_ms < stall_ms + SLACK_MS);
	/* Not without a wait: nothing is folded before. */
	assert_true(m.longest_ms > stall_ms / 2.0);
	assert_num(stats_now(rig, "stalls"), 1);

	/* After that nobody waits any more. */
	m = (struct mover){ .fd = m.fd, .frames = MANY };
	write_all(&m);
	print_message("and then %.0f ms\n", m.longest_ms);
	assert_true(m.longest_ms < SLACK_MS);
}

static void an_injector_waits_100_ms_for_a_guest_that_stalls(void **state)
{
	injector_waits(state, NULL, 100);
}

static void an_injector_waits_as_long_as_stall_ms_says(void **state)
{
	injector_waits(state, "--stall-ms=600", 600);
}

static void each_of_8_injectors_waits_no_longer(void **state)
{
	struct rig *rig = *state;
	struct mover m[8];
	bool left = true;

	serve(rig, NULL, 8);
	rig_run(rig, NULL, 4);
	for (size_t i = 0; i < 8; i++)
		m[i] = (struct mover){ .fd = rig->inject[i],
				       .frames = MANY / 4 };
	while (left) {
		left = false;
		for (size_t i = 0; i < 8; i++) {
			if (m[i].sent == m[i].frames * 16)
				continue;
			left = true;
			if (!write_some(&m[i]))
				wait_writable(&m[i], DEADLINE_MS);
		}
	}
	for (size_t i = 0; i < 8; i++)
		assert_true(m[i].longest_ms < 100 + SLACK_MS);
}

/* A driver that has not started, and one that is suspended. */
static void an_injector_does_not_wait_for_a_missing_guest(void **s)
{
	struct rig *rig = *s;
	struct mover m = { .frames = MANY };
	uint32_t base;

	serve(rig, "--stall-ms=5000", 1);
	m.fd = rig->inject[0];
	write_all(&m);
	assert_true(m.longest_ms < SLACK_MS);
	rig_run(rig, NULL, 4);
	assert_ok(fe_stop_queue(&rig->fe, FE_EVENTQ, &base));
	m = (struct mover){ .fd = m.fd, .frames = MANY };
	write_all(&m);
	assert_true(m.longest_ms < SLACK_MS);
}

/* Return: its private memory, in KiB. */
/* Only dirty pages: clean ones are private or not as other servers come. */
static long private_kib(struct rig *rig)
{
	char path[64], line[256];
	long kib, sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
		 (int)rig->srv.pid);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "Private_Dirty: %ld", &kib) == 1)
			sum += kib;
	fclose(f);
	return sum;
}

static void a_stall_does_not_make_the_server_grow(void **state)
{
	struct rig *rig = *state;
	struct mover m = { .frames = MANY };

	usage_allow(&rig->srv);
	serve(rig, "--stall-ms=10", 1);
	rig_run(rig, NULL, 4);
	m.fd = rig->inject[0];
	write_all(&m);
	rig_wait_read(m.fd);
	const long before = private_kib(rig);
	m = (struct mover){ .fd = m.fd, .frames = 300000 };
	write_all(&m);
	rig_wait_read(m.fd);
	const long after = private_kib(rig);
	print_message("%ld KiB before, %ld KiB after\n", before, after);
	/* 4687 KiB were sent; buffers may be used for the first time. */
	assert_true(after <= before + 256);
}

/* Take events until the frame ends. Return: how many there were. */
static size_t take_frame(struct rig *rig, struct linux_guest *g)
{
	struct vi_event ev;
	size_t n = 0;

	do {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		linux_guest_take(g, &ev, 1);
		n++;
	} while (!vi_is_syn_report(&ev));
	return n;
}

static void stall(struct rig *rig)
{
	/* There is room once it has folded what was waiting. */
	struct mover m = { .fd = rig->inject[0], .frames = MANY };

	write_all(&m);
	rig_wait_read(m.fd);
}

static void one_frame_brings_the_difference(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 2);
	rig_run(rig, NULL, 4);
	inject_on(rig, 1, KEY(BTN_LEFT, 1), SYN, REL(REL_WHEEL, 1), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	inject_on(rig, 1, REL(REL_Y, 5), SYN);
	rig_wait_read(rig->inject[1]);
	stall(rig);
	inject_on(rig, 1, KEY(BTN_LEFT, 0), SYN, KEY(BTN_RIGHT, 1), SYN,
		  REL(REL_WHEEL, 3), SYN, KEY(BTN_LEFT, 1), SYN,
		  REL(REL_WHEEL, -1), SYN, KEY(BTN_LEFT, 0), SYN);
	rig_wait_read(rig->inject[1]);
	stats_wait(rig, "frames_in", MANY + 9);

	expect(rig, KEY(BTN_LEFT, 1), SYN, REL(REL_WHEEL, 1), SYN);
	expect(rig, KEY(BTN_LEFT, 0), KEY(BTN_RIGHT, 1), REL(REL_X, MANY),
	       REL(REL_Y, 5), REL(REL_WHEEL, 2), SYN);
	rig_expect_nothing(rig);
	inject_on(rig, 1, KEY(BTN_RIGHT, 0), SYN);
	expect(rig, KEY(BTN_RIGHT, 0), SYN);
	inject(rig, REL(REL_X, -1), SYN);
	expect(rig, REL(REL_X, -1), SYN);
	rig_expect_nothing(rig);
	assert_num(stats_now(rig, "resyncs"), 1);
	assert_num(stats_now(rig, "stalls"), 1);
}

/* The guest has its beginning: it gets its end, and then the difference. */
static void a_frame_that_was_begun_is_finished_first(void **state)
{
	struct rig *rig = *state;

	serve(rig, "--stall-ms=20", 1);
	rig_run(rig, NULL, 4);
	inject(rig, KEY(BTN_LEFT, 1), KEY(BTN_RIGHT, 1), REL(REL_X, 7),
	       REL(REL_Y, 8), REL(REL_WHEEL, 9), SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	stall(rig);
	inject(rig, KEY(BTN_RIGHT, 0), SYN);
	stats_wait(rig, "frames_in", MANY + 2);
	expect(rig, KEY(BTN_LEFT, 1), KEY(BTN_RIGHT, 1), REL(REL_X, 7),
	       REL(REL_Y, 8), REL(REL_WHEEL, 9), SYN);
	expect(rig, KEY(BTN_RIGHT, 0), REL(REL_X, MANY), SYN);
	rig_expect_nothing(rig);
}

static void a_finger_that_moved_in_a_stall_is_where_it_is(void **state)
{
	struct rig *rig = *state;

	process_arg(&rig->srv, "--stall-ms=20");
	stats_serve(rig);
	rig_run(rig, "touch", 4);
	inject(rig, ABS(ABS_MT_TRACKING_ID, 70), ABS(ABS_MT_POSITION_X, 1),
	       ABS(ABS_MT_POSITION_Y, 2), SYN);
	expect(rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_TRACKING_ID, 0),
	       ABS(ABS_MT_POSITION_X, 1), ABS(ABS_MT_POSITION_Y, 2),
	       KEY(BTN_TOUCH, 1), ABS(ABS_X, 1), ABS(ABS_Y, 2), SYN);
	inject(rig, ABS(ABS_MT_POSITION_X, 3), SYN, ABS(ABS_MT_POSITION_X, 4),
	       SYN);
	rig_wait_used(rig, FE_EVENTQ, 4);
	stats_wait(rig, "stalls", 1);
	for (int x = 5; x < 500; x++)
		inject(rig, ABS(ABS_MT_POSITION_X, x), SYN);
	/*
	 * Another finger comes down, and one goes up again before the guest
	 * sees it.
	 */
	inject(rig, ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, 71),
	       ABS(ABS_MT_POSITION_X, 9), SYN, ABS(ABS_MT_TRACKING_ID, -1), SYN,
	       ABS(ABS_MT_SLOT, 2), ABS(ABS_MT_TRACKING_ID, 72),
	       ABS(ABS_MT_POSITION_X, 8), ABS(ABS_MT_POSITION_Y, 7), SYN);
	stats_wait(rig, "frames_in", 3 + 495 + 3);
	expect(rig, ABS(ABS_MT_POSITION_X, 3), ABS(ABS_X, 3), SYN);
	expect(rig, ABS(ABS_MT_POSITION_X, 4), ABS(ABS_X, 4), SYN);
	expect(rig, ABS(ABS_MT_SLOT, 0), ABS(ABS_MT_POSITION_X, 499),
	       ABS(ABS_MT_SLOT, 1), ABS(ABS_MT_TRACKING_ID, 2),
	       ABS(ABS_MT_POSITION_X, 8), ABS(ABS_MT_POSITION_Y, 7),
	       ABS(ABS_X, 499), SYN);
	rig_expect_nothing(rig);
}

static void many_stalls_in_a_row_lose_no_motion(void **state)
{
	struct rig *rig = *state;
	struct linux_guest g = { 0 };
	struct spec spec = { 0 };
	long due = 0;

	bit_set(spec.bits[EV_REL], REL_X);
	linux_guest_boot(&g, &spec);
	serve(rig, "--stall-ms=2", 1);
	rig_run(rig, NULL, 4);
	for (int i = 1; i <= 60; i++) {
		const unsigned long long stalls = stats_now(rig, "stalls");

		for (int k = 0; k < 100; k++)
			inject(rig, REL(REL_X, 1), SYN);
		due += 100;
		stats_wait(rig, "stalls", stalls + 1);
		while (g.rel[REL_X] < due)
			take_frame(rig, &g);
		assert_num(g.rel[REL_X], due);
	}
	rig_expect_nothing(rig);
}

/* --- --overflow=block ----------------------------------------------------- */

static void expect_blocked(struct mover *m, int ms)
{
	struct pollfd p = { .fd = m->fd, .events = POLLOUT };

	while (write_some(m))
		;
	assert_num(poll(&p, 1, ms), 0);
}

/* What was written arrives frame by frame, and the rest can be written. */
static void expect_each_frame(struct rig *rig, struct mover *m)
{
	struct vi_event ev;

	for (size_t i = 0; i < m->frames; i++) {
		while (m->sent < m->frames * 16 && write_some(m))
			;
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		assert_num(vi_value(&ev), 1);
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		assert_true(vi_is_syn_report(&ev));
	}
	rig_expect_nothing(rig);
}

static void overflow_block_waits_for_a_guest_that_stalls(void **state)
{
	struct rig *rig = *state;
	struct mover m = { .frames = MANY };

	serve(rig, "--overflow=block", 1);
	rig_run(rig, NULL, 4);
	m.fd = rig->inject[0];
	expect_blocked(&m, 400);
	expect_each_frame(rig, &m);
	assert_num(stats_now(rig, "stalls"), 0);
	assert_num(stats_now(rig, "frames_out"), MANY);
}

static void overflow_block_waits_for_a_missing_guest(void **state)
{
	struct rig *rig = *state;
	struct mover m = { .frames = MANY };

	serve(rig, "--overflow=block", 1);
	m.fd = rig->inject[0];
	expect_blocked(&m, 400);
	rig_run(rig, NULL, 64);
	expect_each_frame(rig, &m);
}

static void stall_ms_out_of_range_is_refused(void **state)
{
	static const char *const bad[] = { "0", "60001", "-1", "x", "1s", "" };
	struct rig *rig = *state;

	rig->unclean = true;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		process_fini(&rig->srv);
		process_init(&rig->srv, "vhost-user-input");
		process_arg(&rig->srv, "--stall-ms=%s", bad[i]);
		rig_spec(rig, "mouse");
		process_arg(&rig->srv, "--socket-path=%s", rig->socket);
		process_start(&rig->srv);
		assert_num(process_wait(&rig->srv), 2);
		process_expect_log(&rig->srv, "--stall-ms");
		assert_true(access(rig->socket, F_OK) < 0);
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_injector_waits_100_ms_for_a_guest_that_stalls),
		T(an_injector_waits_as_long_as_stall_ms_says),
		T(each_of_8_injectors_waits_no_longer),
		T(an_injector_does_not_wait_for_a_missing_guest),
		T(a_stall_does_not_make_the_server_grow),
		T(one_frame_brings_the_difference),
		T(a_frame_that_was_begun_is_finished_first),
		T(a_finger_that_moved_in_a_stall_is_where_it_is),
		T(many_stalls_in_a_row_lose_no_motion),
		T(overflow_block_waits_for_a_guest_that_stalls),
		T(overflow_block_waits_for_a_missing_guest),
		T(stall_ms_out_of_range_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An injector is gone: it closed, was killed, or broke the protocol. What only
 * it held is released in one frame, at once; what another holds stays.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"
#include "tests/lib/rig.h"
#include "tests/lib/stats.h"

/* 10 ms are promised; this is for a busy machine. */
#define SOON_MS 200

#define EVENTS_MAX 5000

/* How an injector goes: fd is its socket, or that of a child that is killed. */
struct leaver {
	int fd;
	pid_t child; /* 0: none */
};

struct way {
	const char *name;
	int type;    /* of the socket */
	bool logged; /* whether the log has a line of injector: */
	bool child;
	void (*go)(struct leaver *l);
};

static void go_close(struct leaver *l)
{
	close(l->fd);
	l->fd = -1;
}

static void go_shutdown(struct leaver *l)
{
	assert_sys(shutdown(l->fd, SHUT_WR));
}

static void go_killed(struct leaver *l)
{
	assert_sys(kill(l->child, SIGKILL));
}

static void go_half_event(struct leaver *l)
{
	assert_num(send(l->fd, "\1\0\36", 3, MSG_NOSIGNAL), 3);
	go_close(l);
}

static void go_half_frame(struct leaver *l)
{
	const struct vi_event ev = KEY(KEY_S, 1);

	assert_num(send(l->fd, &ev, sizeof(ev), MSG_NOSIGNAL), sizeof(ev));
	go_close(l);
}

static void go_bad_packet(struct leaver *l)
{
	assert_num(send(l->fd, "123456789", 9, MSG_NOSIGNAL), 9);
}

/* The socket may be closed before all is written. */
static void go_endless_frame(struct leaver *l)
{
	static struct vi_event ev[EVENTS_MAX];

	for (size_t i = 0; i < EVENTS_MAX; i++)
		ev[i] = KEY(KEY_S, 1);
	send(l->fd, ev, sizeof(ev), MSG_NOSIGNAL);
}

static const struct way ways[] = {
	{ "closes", SOCK_STREAM, false, false, go_close },
	{ "closes, packets", SOCK_SEQPACKET, false, false, go_close },
	{ "closes its half", SOCK_STREAM, false, false, go_shutdown },
	{ "is killed", SOCK_STREAM, false, true, go_killed },
	{ "is killed, packets", SOCK_SEQPACKET, false, true, go_killed },
	{ "ends in an event", SOCK_STREAM, true, false, go_half_event },
	{ "ends in a frame", SOCK_STREAM, false, false, go_half_frame },
	{ "bad packet", SOCK_SEQPACKET, true, false, go_bad_packet },
	{ "endless frame", SOCK_STREAM, true, false, go_endless_frame },
};

#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

/* In the child: press what is to be held, and hold it. */
__attribute__((noreturn)) static void hold(int fd, const struct vi_event *ev,
					   size_t n)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	send(fd, ev, n * sizeof(*ev), MSG_NOSIGNAL);
	for (;;)
		pause();
}

static struct leaver come(struct rig *rig, const struct way *way,
			  const char *text)
{
	struct vi_event ev[32];
	const size_t n = event_text_frame(text, ev, 32);
	struct leaver l = { rig_unix_connect(rig->inject_path, way->type), 0 };

	if (way->child) {
		l.child = fork();
		assert_sys(l.child);
		if (!l.child)
			hold(l.fd, ev, n);
		/* Only the child may have it. */
		close(l.fd);
		l.fd = -1;
	} else {
		assert_num(send(l.fd, ev, n * sizeof(*ev), MSG_NOSIGNAL),
			   n * sizeof(*ev));
	}
	return l;
}

static void bury(struct leaver *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->child)
		assert_num(waitpid(l->child, NULL, 0), l->child);
}

/* Read a frame. Return: its length, with SYN_REPORT. */
static size_t next_frame(struct rig *rig, struct vi_event *ev, size_t max)
{
	size_t n = 0;

	do {
		assert_true(n < max);
		assert_ok(fe_next_event(&rig->fe, &ev[n], DEADLINE_MS));
	} while (!vi_is_syn_report(&ev[n++]));
	return n;
}

static void expect_frame(struct rig *rig, const char *text)
{
	struct vi_event ev[64];
	const size_t n = next_frame(rig, ev, 64);

	assert_events(ev, n - 1, text);
}

/*
 * An injector that holds something goes in some way. said: its frame, seen:
 * what the guest gets of it, released: what the guest gets then.
 */
static double go_once(struct rig *rig, const struct way *way,
		      const char *const text[3])
{
	struct leaver l = come(rig, way, text[0]);
	double begin, took;

	expect_frame(rig, text[1]);
	begin = clock_ms();
	way->go(&l);
	expect_frame(rig, text[2]);
	took = clock_ms() - begin;
	bury(&l);
	return took;
}

static void serve(struct rig *rig, const char *spec, int type)
{
	process_arg(&rig->srv, "--inject-path=%s", rig->inject_path);
	process_arg(&rig->srv, "--inject-type=%s",
		    type == SOCK_STREAM ? "stream" : "seqpacket");
	rig_run(rig, spec, 64);
}

#define TIMES 10

static void each_way(void **state, const char *spec, const char *const text[3])
{
	const struct way *way = ((struct rig *)*state)->row;
	struct rig *rig = *state;
	double longest = 0;

	serve(rig, spec, way->type);
	for (int i = 0; i < TIMES; i++) {
		const double took = go_once(rig, way, text);

		longest = took > longest ? took : longest;
	}
	rig_expect_nothing(rig);
	if (way->logged)
		rig->lines.injector = -1; /* not every time */
	print_message("%s: released within %.2f ms\n", way->name, longest);
	assert_true(longest < SOON_MS);
}

static void keys_go_up(void **state)
{
	static const char *const text[3] = {
		"KEY_A 1, KEY_B 1",
		"KEY_A 1, KEY_B 1",
		"KEY_A 0, KEY_B 0",
	};

	each_way(state, "keyboard", text);
}

static void contacts_are_lifted(void **state)
{
	struct rig *rig = *state;
	const struct way *way = rig->row;
	struct vi_event ev[64];

	serve(rig, "touch", way->type);
	struct leaver l = come(rig, way,
			       "ABS_MT_SLOT 3, ABS_MT_TRACKING_ID 5, "
			       "ABS_MT_POSITION_X 7, ABS_MT_SLOT 1, "
			       "ABS_MT_TRACKING_ID 6, ABS_MT_POSITION_X 8");
	next_frame(rig, ev, 64);
	way->go(&l);
	expect_frame(rig, "ABS_MT_TRACKING_ID -1, ABS_MT_SLOT 0, "
			  "ABS_MT_TRACKING_ID -1, BTN_TOUCH 0");
	rig_expect_nothing(rig);
	rig->lines.injector = way->logged ? -1 : 0;
	bury(&l);
}

static void sticks_go_to_their_rest(void **state)
{
	static const char *const text[3] = {
		"BTN_TRIGGER 1, ABS_X -70, ABS_THROTTLE 9",
		"BTN_TRIGGER 1, ABS_X -70, ABS_THROTTLE 9",
		"BTN_TRIGGER 0, ABS_X 0, ABS_THROTTLE 0",
	};

	each_way(state, "axes", text);
}

static void what_another_holds_stays(void **state)
{
	struct rig *rig = *state;
	const struct way *way = rig->row;

	serve(rig, "keyboard", way->type);
	inject(rig, KEY(KEY_A, 1), KEY(KEY_LEFTSHIFT, 1), SYN);
	expect(rig, KEY(KEY_A, 1), KEY(KEY_LEFTSHIFT, 1), SYN);
	struct leaver l = come(rig, way, "KEY_A 1, KEY_B 1, KEY_LEFTSHIFT 1");
	expect_frame(rig, "KEY_B 1");
	way->go(&l);
	expect_frame(rig, "KEY_B 0");
	rig_expect_nothing(rig);
	inject(rig, KEY(KEY_A, 0), SYN, KEY(KEY_LEFTSHIFT, 0), SYN);
	expect(rig, KEY(KEY_A, 0), SYN, KEY(KEY_LEFTSHIFT, 0), SYN);
	rig_expect_nothing(rig);
	rig->lines.injector = way->logged ? -1 : 0;
	bury(&l);
}

static void contacts_of_another_stay(void **state)
{
	struct rig *rig = *state;
	const struct way *way = rig->row;
	struct vi_event ev[64];

	serve(rig, "touch", way->type);
	inject(rig, ABS(ABS_MT_TRACKING_ID, 1), ABS(ABS_MT_POSITION_X, 4), SYN);
	next_frame(rig, ev, 64);
	struct leaver l = come(rig, way,
			       "ABS_MT_TRACKING_ID 1, "
			       "ABS_MT_POSITION_X 5");
	next_frame(rig, ev, 64);
	way->go(&l);
	/* BTN_TOUCH stays down, for the contact that is left. */
	expect_frame(rig, "ABS_MT_TRACKING_ID -1");
	inject(rig, ABS(ABS_MT_POSITION_X, 6), SYN);
	expect_frame(rig, "ABS_MT_SLOT 0, ABS_MT_POSITION_X 6, ABS_X 6");
	rig_expect_nothing(rig);
	rig->lines.injector = way->logged ? -1 : 0;
	bury(&l);
}

/* 20 of them at once: 20 frames, and none may press again what is held. */
static void all_that_die_at_once_are_released(void **state)
{
	static const struct way killed = { "is killed", SOCK_STREAM, false,
					   true, go_killed };
	struct rig *rig = *state;
	struct leaver l[20];
	struct vi_event ev;

	stats_serve(rig);
	serve(rig, "keyboard", SOCK_STREAM);
	l[0] = come(rig, &killed, "KEY_A 1");
	expect_frame(rig, "KEY_A 1");
	for (int i = 1; i < 20; i++)
		l[i] = come(rig, &killed, "KEY_A 1, KEY_B 1");
	expect_frame(rig, "KEY_B 1");
	stats_wait(rig, "frames_in", 20);
	for (int i = 0; i < 20; i++)
		go_killed(&l[i]);
	int a = 1, b = 1;
	while (a || b) {
		assert_ok(fe_next_event(&rig->fe, &ev, DEADLINE_MS));
		if (vi_code(&ev) == KEY_A)
			a = vi_value(&ev);
		if (vi_code(&ev) == KEY_B)
			b = vi_value(&ev);
	}
	expect(rig, SYN);
	rig_expect_nothing(rig);
	for (int i = 0; i < 20; i++)
		bury(&l[i]);
}

#define ROWS(test)                                            \
	for (size_t i = 0; i < N_WAYS; i++)                   \
		tests[n++] = (struct CMUnitTest)              \
		{                                             \
#test, test, rig_setup, rig_teardown, \
				(void *)(uintptr_t)&ways[i]   \
		}

int main(void)
{
	struct CMUnitTest tests[5 * N_WAYS + 1];
	size_t n = 0;

	ROWS(keys_go_up);
	ROWS(contacts_are_lifted);
	ROWS(sticks_go_to_their_rest);
	ROWS(what_another_holds_stays);
	ROWS(contacts_of_another_stay);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
		all_that_die_at_once_are_released, rig_setup, rig_teardown);

	return _cmocka_run_group_tests("release", tests, n, NULL, NULL);
}

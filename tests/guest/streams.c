/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>
#include "injector/frontend/frontend-message.h"
#include "tests/guest/scenario.h"
#include "tests/guest/streams.h"
#include "tests/lib/random.h"

#define TAKE_MS	  10000
#define ARRIVE_MS 20000
#define KEYS	  10 /* from KEY_Q on */
#define FINGERS	  2
#define FRAME_MAX 16
#define QUIET_US  200000   /* nothing more comes */
#define BTN_AFTER BTN_DIGI /* the devices add BTN_TOUCH themselves */

/* Of all frames in one direction. */
struct account {
	long rel[REL_CNT];
	unsigned int pressed[KEY_CNT], released[KEY_CNT];
	unsigned int put_down, lifted;
};

static struct account sent, got;
static struct rnd rnd = { 1 };
static int listener = -1;
static int stream_fd[STREAMS] = { -1, -1, -1 };
static int streamer_fd = -1;
static int stream_node[STREAMS];
static uint16_t held_key; /* 0: none */
static struct finger {
	bool down;
	int x, y;
} finger[FINGERS];
static int last_id;

/* --- the streamer's process --- */

bool streams_main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct fe_msg msg = fe_msg(0);
	struct frontend fe;
	char c;

	if (argc != 3 + STREAMS || strcmp(argv[1], "streamer"))
		return false;
	fe_init(&fe);
	fe.timeout_ms = TAKE_MS;
	fe.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", argv[2]);
	for (int i = 0; i < STREAMS; i++)
		msg.fd[msg.n_fds++] = atoi(argv[3 + i]);
	if (!connect(fe.fd, (void *)&addr, sizeof(addr)) && !fe_send(&fe, &msg))
		while (read(fe.fd, &c, 1) > 0)
			continue;
	return true;
}

const char *streams_listen(const char *dir)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	static char words[512];
	char exe[200];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	assert_true(n > 0);
	exe[n] = '\0';
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%.90s.streamer", dir);
	unlink(addr.sun_path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);
	snprintf(words, sizeof(words),
		 "%s streamer %s {keyboard_fd} {mouse_fd} {touch_0_fd}", exe,
		 addr.sun_path);
	return words;
}

/* --- the test --- */

void streams_take(const struct device *const devs[STREAMS])
{
	struct pollfd pfd = { listener, POLLIN, 0 };
	struct frontend fe;
	struct fe_msg msg;

	assert_int_equal(poll(&pfd, 1, TAKE_MS), 1);
	fe_init(&fe);
	fe.timeout_ms = TAKE_MS;
	fe.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(fe_recv(&fe, &msg), 0);
	assert_int_equal(msg.n_fds, STREAMS);
	streamer_fd = fe.fd; /* it ends when this is closed */
	for (int i = 0; i < STREAMS; i++) {
		stream_fd[i] = msg.fd[i];
		stream_node[i] = devs[i]->node;
		fcntl(stream_fd[i], F_SETFL, O_NONBLOCK);
	}
	memset(&sent, 0, sizeof(sent));
	memset(&got, 0, sizeof(got));
	memset(finger, 0, sizeof(finger));
	held_key = 0;
	close(listener);
	listener = -1;
}

void streams_close(void)
{
	for (int i = 0; i < STREAMS; i++)
		if (stream_fd[i] >= 0) {
			close(stream_fd[i]);
			stream_fd[i] = -1;
		}
	if (streamer_fd >= 0)
		close(streamer_fd);
	streamer_fd = -1;
}

static void account(struct account *a, const struct vi_event *ev)
{
	const uint16_t code = vi_code(ev);
	const int32_t value = vi_value(ev);

	if (vi_type(ev) == EV_REL)
		a->rel[code] += value;
	else if (vi_type(ev) == EV_KEY && code < BTN_AFTER)
		(value ? a->pressed : a->released)[code]++;
	else if (vi_type(ev) == EV_ABS && code == ABS_MT_TRACKING_ID)
		(value < 0 ? &a->lifted : &a->put_down)[0]++;
	else if (vi_type(ev) == EV_SYN && code == SYN_DROPPED)
		fail_msg("the guest's kernel lost events: nothing can be said");
}

void stream(int which, const char *frame)
{
	struct vi_event ev[FRAME_MAX];
	const size_t n = scenario_frame(frame, ev, FRAME_MAX);

	for (size_t i = 0; i < n; i++)
		account(&sent, &ev[i]);
	server_write(stream_fd[which], ev, n * sizeof(ev[0]));
}

static void stream_events(int which, struct vi_event *ev, size_t n)
{
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	for (size_t i = 0; i < n; i++)
		account(&sent, &ev[i]);
	server_write(stream_fd[which], ev, n * sizeof(ev[0]));
}

static void type(void)
{
	const bool press = !held_key;
	struct vi_event ev[2];

	if (press)
		held_key = (uint16_t)(KEY_Q + rnd_below(&rnd, KEYS));
	ev[0] = vi_event(EV_KEY, held_key, press);
	if (!press)
		held_key = 0;
	stream_events(STREAM_KEYS, ev, 1);
}

static void move(void)
{
	struct vi_event ev[3] = {
		vi_event(EV_REL, REL_X, rnd_between(&rnd, 1, 9)),
		vi_event(EV_REL, REL_Y, rnd_between(&rnd, -9, -1)),
	};

	stream_events(STREAM_MOUSE, ev, 2);
}

static void lift(unsigned int slot)
{
	struct vi_event ev[3] = {
		vi_event(EV_ABS, ABS_MT_SLOT, (int)slot),
		vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1),
	};

	finger[slot].down = false;
	stream_events(STREAM_TOUCH, ev, 2);
}

static void touch(void)
{
	const unsigned int slot = rnd_below(&rnd, FINGERS);
	struct vi_event ev[5] = { vi_event(EV_ABS, ABS_MT_SLOT, (int)slot) };
	struct finger *f = &finger[slot];
	size_t n = 1;

	if (f->down && rnd_one_in(&rnd, 3)) {
		lift(slot);
		return;
	}
	if (!f->down)
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, last_id++);
	f->down = true;
	/* Each finger on its side: they are compared in the order of X. */
	f->x = (int)slot * 640 + rnd_between(&rnd, 0, 639);
	f->y = rnd_between(&rnd, 0, 799);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_X, f->x);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_Y, f->y);
	stream_events(STREAM_TOUCH, ev, n);
}

void streams_step(void)
{
	type();
	move();
	touch();
}

static int by_x(const void *a, const void *b)
{
	return ((const struct finger *)a)->x - ((const struct finger *)b)->x;
}

const char *streams_contacts(void)
{
	static char text[64];
	struct finger sorted[FINGERS];
	int n = 0;

	memcpy(sorted, finger, sizeof(sorted));
	qsort(sorted, FINGERS, sizeof(sorted[0]), by_x);
	text[0] = '\0';
	for (int i = 0; i < FINGERS; i++)
		if (sorted[i].down)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
				      "%d %d\n", sorted[i].x, sorted[i].y);
	return text;
}

void streams_release(void)
{
	if (held_key)
		type();
	for (unsigned int slot = 0; slot < FINGERS; slot++)
		if (finger[slot].down)
			lift(slot);
}

/* The agent reads all events before it handles a request. */
void streams_count(void)
{
	free(vm_ask(&vm, "wait 0"));
	for (size_t i = 0; i < vm.n_events; i++)
		for (int s = 0; s < STREAMS; s++)
			if (vm.events[i].node == stream_node[s])
				account(&got, &vm.events[i].ev);
	vm.n_events = 0;
}

static void print_differences(void)
{
	for (int i = 0; i < REL_CNT; i++)
		if (got.rel[i] != sent.rel[i])
			print_error("REL %d: %ld of %ld\n", i, got.rel[i],
				    sent.rel[i]);
	for (int i = 0; i < KEY_CNT; i++)
		if (got.pressed[i] != sent.pressed[i] ||
		    got.released[i] != sent.released[i])
			print_error("key %d: pressed %u of %u times, released "
				    "%u of %u\n",
				    i, got.pressed[i], sent.pressed[i],
				    got.released[i], sent.released[i]);
	print_error("contacts: %u of %u put down, %u of %u lifted\n",
		    got.put_down, sent.put_down, got.lifted, sent.lifted);
}

static bool has_arrived(void)
{
	return !memcmp(&got, &sent, sizeof(got));
}

void assert_streams_arrived(void)
{
	long end = now_ms() + ARRIVE_MS;

	do
		streams_count();
	while (!has_arrived() && now_ms() < end);
	usleep(QUIET_US);
	streams_count();
	if (has_arrived())
		return;
	print_differences();
	fail_msg("what arrived is not what was injected");
}

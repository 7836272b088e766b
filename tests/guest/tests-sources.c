/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several injectors of one device. The one that stays is the inherited one,
 * dev->srv.inject_fd; those that leave have connected.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "tests/guest/fixture.h"
#include "tests/guest/tests.h"
#include "tests/lib/random.h"

void each_injector_sees_the_led_that_the_guest_sets(void **state)
{
	const struct device *dev;
	int other;

	begin();
	dev = keyboard();
	other = server_connect(&dev->srv);
	inject_by(other, "KEY_A 1");
	inject_by(other, "KEY_A 0");
	assert_reads_frame(dev, "KEY_A 1");
	assert_reads_frame(dev, "KEY_A 0");
	forget_status(dev->srv.inject_fd);
	forget_status(other);

	for (int on = 1; on >= 0; on--) {
		set_led(dev, LED_CAPSL, on);
		assert_led(dev->srv.inject_fd, LED_CAPSL, on);
		assert_led(other, LED_CAPSL, on);
	}
	assert_no_status(dev->srv.inject_fd);
	assert_no_status(other);
	close(other);
	done();
}

/* The second one's own key shows that its frame has been delivered. */
void key_of_two_injectors_is_down_until_both_let_go(void **state)
{
	const struct device *dev;
	int a, b;

	begin();
	dev = keyboard();
	for (int leaves = 0; leaves <= 1; leaves++) {
		a = server_connect(&dev->srv);
		b = server_connect(&dev->srv);
		inject_by(a, "KEY_A 1");
		assert_reads_frame(dev, "KEY_A 1");
		inject_by(b, "KEY_A 1, KEY_B 1");
		assert_reads_frame(dev, "KEY_B 1");
		inject_by(a, "KEY_A 0");
		assert_reads_nothing_more();
		assert_state(dev, "1 30 1\n1 48 1\n");
		if (!leaves)
			inject_by(b, "KEY_A 0, KEY_B 0");
		close(b);
		assert_reads_frame(dev, "KEY_A 0, KEY_B 0");
		close(a);
		assert_reads_nothing_more();
	}
	done();
}

/* --- Frames --- */

#define LOTS	   20
#define LOT_FRAMES 4
#define PIECE	   13 /* bytes: no event ends at the end of a piece */

/* One number in all events of a frame tells its sender and its position. */
static size_t add_frame(struct vi_event *ev, int32_t mark)
{
	ev[0] = vi_event(EV_REL, REL_X, mark);
	ev[1] = vi_event(EV_REL, REL_Y, mark);
	ev[2] = vi_event(EV_REL, REL_WHEEL, mark);
	ev[3] = vi_event(EV_SYN, SYN_REPORT, 0);
	return 4;
}

/* Both write many frames, a piece of one alternating with one of the other. */
static void write_lot(const int *fd, int first)
{
	struct vi_event ev[2][4 * LOT_FRAMES];
	const size_t len = sizeof(ev[0]);

	for (int i = 0; i < LOT_FRAMES; i++) {
		add_frame(&ev[0][(size_t)4 * (size_t)i], first + i);
		add_frame(&ev[1][(size_t)4 * (size_t)i], -(first + i));
	}
	for (size_t at = 0; at < len; at += PIECE)
		for (int i = 0; i < 2; i++)
			server_write(fd[i], (const char *)ev[i] + at,
				     len - at < PIECE ? len - at : PIECE);
}

static void assert_reads_lot(const struct device *dev, int first)
{
	int next[2] = { first, first };

	for (int i = 0; i < 2 * LOT_FRAMES; i++) {
		struct vi_event got[16], want[4];
		size_t n = vm_take_frame(&vm, dev->node, got, 16, EVENT_MS);
		bool second = n > 0 && vi_value(&got[0]) < 0;
		int mark = next[second]++;

		assert_int_equal(n, add_frame(want, second ? -mark : mark));
		assert_memory_equal(got, want, sizeof(want));
	}
}

void frames_of_two_injectors_never_mix(void **state)
{
	const struct device *dev;
	int fd[2];

	begin();
	dev = mouse();
	for (int i = 0; i < 2; i++)
		fd[i] = server_connect(&dev->srv);
	for (int lot = 0; lot < LOTS; lot++) {
		write_lot(fd, 1 + lot * LOT_FRAMES);
		assert_reads_lot(dev, 1 + lot * LOT_FRAMES);
	}
	inject_unfinished(fd[0], "REL_X 7");
	inject_by(fd[1], "REL_Y 8");
	assert_reads_frame(dev, "REL_Y 8");
	inject_by(fd[0], "REL_X 9");
	assert_reads_frame(dev, "REL_X 7, REL_X 9");
	for (int i = 0; i < 2; i++)
		close(fd[i]);
	assert_reads_nothing_more();
	done();
}

/* --- Release --- */

/*
 * What one injector holds while another comes and goes, and what the guest
 * reads then.
 */
static const struct shared {
	struct device *(*device)(void);
	const char *stays, *comes; /* injected */
	const char *read_stays, *read_comes, *read_leaves;
	const char *let_go, *read_let_go; /* by the one that stays */
} shared[] = {
	{ keyboard, "KEY_B 1", "KEY_A 1, KEY_B 1, KEY_C 1", "KEY_B 1",
	  "KEY_A 1, KEY_C 1", "KEY_A 0, KEY_C 0", "KEY_B 0", "KEY_B 0" },
	{ mouse, "BTN_LEFT 1", "REL_X 3, BTN_LEFT 1, BTN_SIDE 1", "BTN_LEFT 1",
	  "REL_X 3, BTN_SIDE 1", "BTN_SIDE 0", "BTN_LEFT 0", "BTN_LEFT 0" },
	{ gamepad, "BTN_EAST 1, ABS_RX 30000, ABS_HAT0Y 1",
	  "BTN_SOUTH 1, ABS_X -32768, ABS_Y 20000, ABS_Z 200, ABS_HAT0X 1",
	  "BTN_EAST 1, ABS_RX 30000, ABS_HAT0Y 1",
	  "BTN_SOUTH 1, ABS_X -32768, ABS_Y 20000, ABS_Z 200, ABS_HAT0X 1",
	  "BTN_SOUTH 0, ABS_X 0, ABS_Y 0, ABS_Z 0, ABS_HAT0X 0",
	  "BTN_EAST 0, ABS_RX 0, ABS_HAT0Y 0",
	  "BTN_EAST 0, ABS_RX 0, ABS_HAT0Y 0" },
	{ touchscreen,
	  "ABS_MT_SLOT 4, ABS_MT_TRACKING_ID 9, "
	  "ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 40",
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID 9, "
	  "ABS_MT_POSITION_X 50, ABS_MT_POSITION_Y 60, "
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 10, "
	  "ABS_MT_POSITION_X 70, ABS_MT_POSITION_Y 80",
	  "ABS_MT_TRACKING_ID 0, ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 40, "
	  "BTN_TOUCH 1, ABS_X 30, ABS_Y 40",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 50, ABS_MT_POSITION_Y 60, "
	  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 70, ABS_MT_POSITION_Y 80",
	  "ABS_MT_SLOT 1, ABS_MT_TRACKING_ID -1, "
	  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID -1",
	  "ABS_MT_TRACKING_ID -1",
	  "ABS_MT_SLOT 0, ABS_MT_TRACKING_ID -1, BTN_TOUCH 0" },
	/* No other injector has a finger down here. */
	{ touchpad, "BTN_LEFT 1",
	  "ABS_MT_SLOT 2, ABS_MT_TRACKING_ID 5, "
	  "ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 40, ABS_MT_PRESSURE 50",
	  "BTN_LEFT 1",
	  "ABS_MT_TRACKING_ID 0, "
	  "ABS_MT_POSITION_X 30, ABS_MT_POSITION_Y 40, ABS_MT_PRESSURE 50, "
	  "ABS_X 30, ABS_Y 40, ABS_PRESSURE 50, "
	  "BTN_TOUCH 1, BTN_TOOL_FINGER 1",
	  "ABS_MT_TRACKING_ID -1, "
	  "ABS_PRESSURE 0, BTN_TOUCH 0, BTN_TOOL_FINGER 0",
	  "BTN_LEFT 0", "BTN_LEFT 0" },
};

/* An injector of each of these devices, in a process of its own or in ours. */
struct visitor {
	int fd[ARRAY_LEN(shared)];
	pid_t pid;
};

static void come(struct visitor *v)
{
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		v->fd[i] = server_connect(&shared[i].device()->srv);
		inject_by(v->fd[i], shared[i].comes);
	}
	v->pid = 0;
}

static void come_as_process(struct visitor *v)
{
	v->pid = fork();
	assert_true(v->pid >= 0);
	if (v->pid)
		return;
	die_with_parent();
	come(v);
	for (;;)
		pause();
}

static void close_one(int fd)
{
	close(fd);
}

/* With a frame and an event incomplete. */
static void end_in_half_an_event(int fd)
{
	inject_unfinished(fd, "KEY_Z 1, BTN_LEFT 1, BTN_WEST 1");
	server_write(fd, "\1\0\54", 3);
	close(fd);
}

static void assert_dropped(int fd)
{
	struct pollfd pfd = { fd, 0, 0 };

	assert_int_equal(poll(&pfd, 1, EVENT_MS), 1);
	assert_true(pfd.revents & POLLHUP);
	close(fd);
}

/* More than 4096 events without SYN_REPORT. */
static void never_end_a_frame(int fd)
{
	static struct vi_event ev[4097];

	for (size_t i = 0; i < ARRAY_LEN(ev); i++)
		ev[i] = i % 2 ? vi_event(EV_KEY, KEY_Z, 1)
			      : vi_event(EV_KEY, BTN_WEST, 1);
	server_write(fd, ev, sizeof(ev));
	assert_dropped(fd);
}

static void leave(const struct visitor *v, void (*how)(int fd))
{
	if (v->pid) {
		kill(v->pid, SIGKILL);
		waitpid(v->pid, NULL, 0);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		how(v->fd[i]);
}

/* how: NULL for an injector that is killed. */
static void assert_released(void (*how)(int fd))
{
	struct visitor visitor;

	begin();
	wipe_slots(touchscreen());
	wipe_slots(touchpad());
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		inject(shared[i].device(), shared[i].stays);
		assert_reads_frame(shared[i].device(), shared[i].read_stays);
	}
	if (how)
		come(&visitor);
	else
		come_as_process(&visitor);
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		assert_reads_frame(shared[i].device(), shared[i].read_comes);
	leave(&visitor, how);
	for (size_t i = 0; i < ARRAY_LEN(shared); i++)
		assert_reads_frame(shared[i].device(), shared[i].read_leaves);
	assert_reads_nothing_more();
	for (size_t i = 0; i < ARRAY_LEN(shared); i++) {
		inject(shared[i].device(), shared[i].let_go);
		assert_reads_frame(shared[i].device(), shared[i].read_let_go);
	}
	assert_reads_nothing_more();
	done();
}

void what_a_closed_injector_held_is_released_in_one_frame(void **state)
{
	assert_released(close_one);
}

void what_a_killed_injector_held_is_released_in_one_frame(void **state)
{
	assert_released(NULL);
}

void what_an_injector_held_that_ends_in_half_an_event_is_released(void **state)
{
	assert_released(end_in_half_an_event);
}

void what_an_injector_held_that_never_ends_a_frame_is_released(void **state)
{
	assert_released(never_end_a_frame);
}

/* --- Contacts --- */

#define CLIENTS		2
#define CLIENT_SLOTS	5
#define FRAMES		400
#define FRAMES_A_LOOK	8
#define CLIENT_WIDTH	500
#define FINGER_WIDTH	100
#define CHANGES_A_FRAME 3

/* A client whose fingers each stay in a strip of their own. */
struct client {
	int fd;
	int32_t next_id;
	bool down[CLIENT_SLOTS];
	int x[CLIENT_SLOTS], y[CLIENT_SLOTS];
};

/*
 * A finger comes down, moves, or is lifted; or another reuses its slot, and the
 * client does not say that the first one was lifted.
 */
static size_t change_finger(struct client *c, int strip, int slot,
			    struct rnd *rnd, struct vi_event *ev)
{
	bool leaves = c->down[slot] && rnd_one_in(rnd, 3);
	size_t n = 0;

	ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, slot);
	if (leaves) {
		c->down[slot] = false;
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, -1);
		return n;
	}
	if (!c->down[slot] || rnd_one_in(rnd, 6))
		ev[n++] = vi_event(EV_ABS, ABS_MT_TRACKING_ID, c->next_id++);
	c->down[slot] = true;
	c->x[slot] =
		strip + slot * FINGER_WIDTH + (int)rnd_below(rnd, FINGER_WIDTH);
	c->y[slot] = (int)rnd_below(rnd, 800);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_X, c->x[slot]);
	ev[n++] = vi_event(EV_ABS, ABS_MT_POSITION_Y, c->y[slot]);
	return n;
}

static void inject_changes(struct client *c, int strip, struct rnd *rnd)
{
	struct vi_event ev[4 * CHANGES_A_FRAME + 1];
	size_t n = 0;

	for (int i = 0; i < CHANGES_A_FRAME; i++)
		n += change_finger(c, strip, (int)rnd_below(rnd, CLIENT_SLOTS),
				   rnd, ev + n);
	ev[n++] = vi_event(EV_SYN, SYN_REPORT, 0);
	server_write(c->fd, ev, n * sizeof(ev[0]));
}

static void assert_all_fingers(const struct device *dev, const struct client *c)
{
	char want[CLIENTS * CLIENT_SLOTS * 16] = "";
	size_t len = 0;

	for (int i = 0; i < CLIENTS; i++)
		for (int slot = 0; slot < CLIENT_SLOTS; slot++)
			if (c[i].down[slot])
				len += (size_t)snprintf(
					want + len, sizeof(want) - len,
					"%d %d\n", c[i].x[slot], c[i].y[slot]);
	assert_contacts(dev, want);
}

/* view.h judges what each event means for a program that reads it. */
void fingers_of_two_clients_stay_apart(void **state)
{
	struct client c[CLIENTS] = { 0 };
	struct rnd rnd = { 3 };
	const struct device *dev;

	begin();
	dev = touchscreen();
	for (int i = 0; i < CLIENTS; i++)
		c[i].fd = server_connect(&dev->srv);
	for (int frame = 0; frame < FRAMES; frame++) {
		int i = (int)rnd_below(&rnd, CLIENTS);

		inject_changes(&c[i], i * CLIENT_WIDTH, &rnd);
		if (frame % FRAMES_A_LOOK)
			continue;
		assert_all_fingers(dev, c);
		forget_events();
	}
	assert_all_fingers(dev, c);
	for (int i = 0; i < CLIENTS; i++) {
		close(c[i].fd);
		memset(c[i].down, 0, sizeof(c[i].down));
		assert_all_fingers(dev, c);
	}
	forget_events();
	wipe_slots(dev);
	assert_reads_nothing_more();
	done();
}

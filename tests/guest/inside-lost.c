/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader that is late: the kernel keeps some frames of a node for each
 * reader, and drops all of them when one more comes. The test reads beside
 * vinput-passthrough, and as late, so that it knows what the kernel kept.
 */
#include <linux/input-event-codes.h>
#include <signal.h>
#include <unistd.h>
#include "injector/frontend/frontend-driver.h"
#include "tests/guest/inside-pair.h"
#include "tests/lib/clock.h"

#define MOTIONS 2000
#define TICK_US 125 /* of a mouse with 8 kHz */

static void plug_mouse(struct node *n)
{
	struct spec spec;

	node_spec_of(&spec, "mouse",
		     "REL_X, REL_Y, BTN_LEFT, BTN_RIGHT, BTN_MIDDLE");
	node_plug(n, &spec);
}

/* The right button is down. */
static void begin(struct pair *p)
{
	plug_mouse(&p->host);
	pair_start(p);
	node_play(&p->host, "BTN_RIGHT 1");
	INSIDE_WAIT(node_key(&p->guest, BTN_RIGHT));
}

static void end(struct pair *p)
{
	pair_stop(p);
	node_remove(&p->host);
}

static int sum(const struct heard *h, uint16_t axis)
{
	int value = 0;

	for (size_t i = 0; i < h->n; i++)
		if (vi_type(&h->ev[i]) == EV_REL && vi_code(&h->ev[i]) == axis)
			value += vi_value(&h->ev[i]);
	return value;
}

static void move(struct node *n, int count, useconds_t pause_us)
{
	for (int i = 0; i < count; i++) {
		node_play(n, "REL_X 1, REL_Y -2");
		if (pause_us)
			usleep(pause_us);
	}
}

/* Until the guest has moved that far. */
static void await_sum(struct pair *p, struct heard *guest, int x, int y)
{
	INSIDE_WAIT((node_hear(&p->guest, guest),
		     sum(guest, REL_X) == x && sum(guest, REL_Y) == y));
}

/* What is down is down in the guest, and what was clicked meanwhile is not. */
void what_the_kernel_kept_for_a_stopped_reader_arrives(void **state)
{
	struct heard host = { 0 }, guest = { 0 };
	struct pair p;

	begin(&p);
	node_hear(&p.host, &host);
	kill(p.passthrough->pid, SIGSTOP);
	node_play(&p.host, "BTN_LEFT 1");
	node_play(&p.host, "BTN_MIDDLE 1");
	node_play(&p.host, "BTN_MIDDLE 0");
	node_play(&p.host, "BTN_RIGHT 0");
	move(&p.host, MOTIONS, 0);
	node_hear(&p.host, &host);
	kill(p.passthrough->pid, SIGCONT);

	assert_true(host.lost);
	assert_true(sum(&host, REL_X) > 0);
	await_sum(&p, &guest, sum(&host, REL_X), sum(&host, REL_Y));
	assert_true(node_key(&p.guest, BTN_LEFT));
	assert_false(node_key(&p.guest, BTN_MIDDLE));
	assert_false(node_key(&p.guest, BTN_RIGHT));
	node_play(&p.host, "BTN_LEFT 0");
	INSIDE_WAIT(!node_key(&p.guest, BTN_LEFT));
	heard_fini(&host);
	heard_fini(&guest);
	end(&p);
}

/* Until the left button goes down. */
static void take_motion(struct frontend *fe, int sums[REL_CNT])
{
	struct vi_event ev;

	do {
		assert_ok(fe_next_event(fe, &ev, INSIDE_MS));
		if (vi_type(&ev) == EV_REL)
			sums[vi_code(&ev)] += vi_value(&ev);
	} while (vi_type(&ev) != EV_KEY);
}

void all_motion_reaches_a_guest_that_was_stopped(void **state)
{
	int sums[REL_CNT] = { 0 };
	struct process *passthrough;
	struct frontend guest;
	struct node mouse;

	plug_mouse(&mouse);
	passthrough = inside_start("vinput-passthrough",
				   "--socket-path=" INSIDE_DIR "/mouse %s",
				   mouse.path);
	inside_expect_log(passthrough, "goes to the guest", 1);
	next_guest_start(&guest, INSIDE_DIR "/mouse");
	move(&mouse, MOTIONS, TICK_US);
	node_play(&mouse, "BTN_LEFT 1");
	take_motion(&guest, sums);
	assert_num(sums[REL_X], MOTIONS);
	assert_num(sums[REL_Y], -2 * MOTIONS);
	fe_fini(&guest);
	assert_num(inside_end(passthrough), 0);
	node_remove(&mouse);
}

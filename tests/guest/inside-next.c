/* SPDX-License-Identifier: Apache-2.0 */
/* With the front-end of vinput-monitor, which says when all has been said. */
#include <stdlib.h>
#include <unistd.h>
#include "injector/frontend/frontend-driver.h"
#include "injector/frontend/frontend-message.h"
#include "injector/frontend/frontend-session.h"
#include "injector/passthrough/pass-node.h"
#include "input/device/state.h"
#include "tests/guest/inside.h"
#include "tests/lib/clock.h"
#include "tests/lib/event-text.h"

#define RING	  64
#define QUESTIONS 3

void next_guest_start(struct frontend *fe, const char *socket)
{
	fe_init(fe);
	fe->timeout_ms = INSIDE_MS;
	/* The server may have just been started. */
	INSIDE_WAIT(!fe_connect(fe, socket));
	assert_ok(fe_negotiate(fe));
	assert_ok(fe_make_rings(fe, RING));
	fe_post_buffers(fe, FE_BUFFERS_MAX);
	assert_ok(fe_start(fe));
	fe_ring_kick(&fe->ring[FE_EVENTQ]);
}

/*
 * The device sees the kick when it looks for messages again after the first
 * question, and sends the state before it answers the last one.
 */
static void read_state(struct frontend *fe, struct state *now)
{
	struct vi_event ev;
	int r;

	for (int i = 0; i < QUESTIONS; i++) {
		struct fe_msg msg = fe_msg(VU_GET_FEATURES);

		assert_ok(fe_query(fe, &msg, 8));
	}
	state_init(now, NULL);
	while (!(r = fe_recycle_event(fe, &ev)))
		state_apply(now, &ev);
	assert_rc(r, FE_E_EMPTY);
}

/* Contacts are numbered as if they were in the first slots. */
static char *held_text(const struct spec *spec, const struct state *now)
{
	struct vi_event ev[KEY_CNT + SPEC_SLOTS_MAX + ABS_CNT];
	int contacts = 0;
	size_t n = 0;

	for (uint16_t key = 0; key < KEY_CNT; key++)
		if (bit_test(now->key, key))
			ev[n++] = vi_event(EV_KEY, key, 1);
	for (int slot = 0; slot < SPEC_SLOTS_MAX; slot++)
		if (now->contact[slot].id >= 0)
			ev[n++] = vi_event(EV_ABS, ABS_MT_SLOT, contacts++);
	for (uint16_t axis = 0; axis < ABS_CNT; axis++)
		if (spec->abs[axis].has_rest && now->abs_known >> axis & 1 &&
		    now->abs[axis] != spec->abs[axis].rest)
			ev[n++] = vi_event(EV_ABS, axis, now->abs[axis]);
	return event_text_write(ev, n);
}

char *next_guest_holds(const char *socket, const struct spec *spec)
{
	static struct state now;
	struct frontend fe;

	next_guest_start(&fe, socket);
	read_state(&fe, &now);
	fe_fini(&fe);
	return held_text(spec, &now);
}

char *node_holds(const struct node *n, const struct spec *spec)
{
	static struct pass_node its;
	static struct state now;

	its.fd = n->fd;
	its.spec = *spec;
	assert_ok(pass_node_state(&its, &now));
	return held_text(spec, &now);
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole server in the test's process: front-ends and injectors at sockets,
 * and a guest with two split rings (vt.h), whose messages go to the server.
 * Nothing waits: the loop turns until it has nothing to do, and timers expire
 * when the test says so.
 *
 *   serve_start(w, EVENTQ);
 *   vt_post(w->v, EVENTQ, 2);
 *   serve_inject(w, "KEY_A 1");
 *   serve_expect(w, "KEY_A 1, SYN_REPORT 0");
 */
#ifndef VINPUT_TESTS_SERVE_WORLD_H
#define VINPUT_TESTS_SERVE_WORLD_H

#include "input/serve/server.h"
#include "tests/lib/vt.h"

/* The wait for a stall: no machine is so slow that it ends by itself. */
#define SERVE_STALL_S 60

struct serve_world {
	struct vt *v;
	struct ev_loop *loop;
	struct spec spec;
	struct server server;
	int listener;		      /* where front-ends connect */
	struct vu_socket vmm;	      /* the front-end's end; fd -1: none */
	int injector;		      /* the other end of an inherited one */
	uint16_t seen[VU_QUEUES_MAX]; /* used buffers that were looked at */
};

/* For cmocka. A front-end is connected, and has negotiated and shared memory.
 * The log's lines go to assert_logged(). */
int serve_setup(void **state);
int serve_teardown(void **state);
#define SERVE(test) \
	cmocka_unit_test_setup_teardown(test, serve_setup, serve_teardown)

/* Turns of the loop, until there is nothing to do. */
void serve_turn(struct serve_world *w);
/* What a timer that is active does in the end; one that does not repeat stops.
 */
#define serve_expire(w, timer)                               \
	do {                                                 \
		assert_true(ev_is_active(timer));            \
		if ((timer)->repeat == 0)                    \
			ev_timer_stop((w)->loop, (timer));   \
		ev_feed_event((w)->loop, (timer), EV_TIMER); \
		serve_turn(w);                               \
	} while (0)

/* The front-end disconnects, another one connects and has said nothing. */
void serve_disconnect(struct serve_world *w);
void serve_connect(struct serve_world *w);
/* Features and memory, as after the setup. */
void serve_prepare(struct serve_world *w);
/* Start a queue, whose rings are as after a reboot. */
void serve_start(struct serve_world *w, unsigned int queue);
/* Suspend it, and continue with the same driver. */
void serve_stop(struct serve_world *w, unsigned int queue);
void serve_resume(struct serve_world *w, unsigned int queue);

/* Return: an injector's end of a pair. */
int serve_add_injector(struct serve_world *w);
/* The first injector sends a frame, and the loop turns. */
void serve_inject(struct serve_world *w, const char *frame);
/* The events that the guest got since the last call. */
void serve_expect(struct serve_world *w, const char *events);
/* The guest makes a status event available; the statusq is kicked or not. */
void serve_post_status(struct serve_world *w, struct vi_event ev);
/* The next event that was sent to an injector; fails if there is none. */
struct vi_event serve_told(struct serve_world *w, int injector);
/* The first injector was sent this next; nothing more. */
void serve_expect_told(struct serve_world *w, struct vi_event want);
void serve_expect_silence(struct serve_world *w);
/* Return: whether the device asks the driver to kick this queue. */
bool serve_asks_kicks(struct serve_world *w, unsigned int queue);
/* The driver kicks, and the loop turns. */
void serve_kick(struct serve_world *w, unsigned int queue);
/* The front-end writes select and subsel. */
void serve_select(struct serve_world *w, uint8_t select, uint8_t subsel);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pump in a whole server: what moves when, and what it waits for. No test
 * waits for a timer: it expires when the test says so.
 */
#include <string.h>
#include <unistd.h>

#include "input/base/watchdog.h"
#include "input/ring/guest-map.h"
#include "tests/lib/event-text.h"
#include "tests/lib/log-lines.h"
#include "tests/lib/serve-world.h"

#define SYN   ", SYN_REPORT 0"
#define CAPSL vi_event(EV_LED, LED_CAPSL, 1)
#define A_KEY "KEY_A 1" SYN

static struct pump *pump_of(void **state)
{
	struct serve_world *w = *state;

	return &w->server.pump;
}

#define SYN_EV	  vi_event(EV_SYN, SYN_REPORT, 0)
#define KEY_EV(v) vi_event(EV_KEY, KEY_A, v)

/* Break the ring: more buffers than it has entries. */
static void break_ring(struct serve_world *w, unsigned int queue)
{
	const uint16_t idx = htole16(VT_NUM * 8);

	memcpy(w->v->mem + VT_AVAIL(queue) + 2, &idx, sizeof(idx));
}

/* A driver that takes what there is, and now has no buffers. */
static void start_without_buffers(struct serve_world *w)
{
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 2);
	serve_inject(w, "KEY_B 1");
	serve_expect(w, "KEY_B 1" SYN);
}

/* --- the eventq --- */

static void frame_reaches_the_guest_with_one_call(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 4);
	vt_signals(w->v->call[EVENTQ]);
	serve_inject(w, "KEY_A 1, REL_X 3");
	serve_expect(w, "KEY_A 1, REL_X 3" SYN);
	assert_num(vt_signals(w->v->call[EVENTQ]), 1);
	assert_false(serve_asks_kicks(w, EVENTQ));
	assert_false(pump_of(state)->due);
	assert_false(ev_is_active(&pump_of(state)->again));
	assert_false(watchdog_busy());
}

static void nothing_to_move_calls_nobody(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 4);
	vt_signals(w->v->call[EVENTQ]);
	pump_soon(pump_of(state));
	serve_turn(w);
	assert_num(vt_signals(w->v->call[EVENTQ]), 0);
	assert_false(pump_of(state)->due);
}

static void kicks_are_enabled_only_while_events_wait(void **state)
{
	struct serve_world *w = *state;

	start_without_buffers(w);
	serve_inject(w, "KEY_A 1");
	assert_true(serve_asks_kicks(w, EVENTQ));
	assert_true(pump_of(state)->waits);
	vt_post(w->v, EVENTQ, 2);
	serve_kick(w, EVENTQ);
	serve_expect(w, A_KEY);
	assert_false(serve_asks_kicks(w, EVENTQ));
	assert_false(pump_of(state)->waits);
}

/* A driver that posted before it could see that kicks are enabled. */
static void buffers_that_came_before_kicks_were_enabled_are_found(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	start_without_buffers(w);
	vt_post(w->v, EVENTQ, 1);
	/* One buffer is too few for a frame: it waits for another. */
	serve_inject(w, "KEY_A 1");
	serve_expect(w, "KEY_A 1");
	vt_post(w->v, EVENTQ, 1);
	vring_ask_kicks(p->ring[EVENTQ], false);
	pump_queue_now(p, EVENTQ);
	assert_true(p->due);
	serve_turn(w);
	serve_expect(w, "SYN_REPORT 0");
}

static void broken_eventq_stops_and_is_counted(void **state)
{
	struct serve_world *w = *state;
	struct counters c = { 0 };

	serve_start(w, EVENTQ);
	break_ring(w, EVENTQ);
	serve_inject(w, "KEY_A 1");
	assert_null(pump_of(state)->ring[EVENTQ]);
	pump_count(pump_of(state), &c);
	assert_num(c.ring_violations, 1);
	assert_logged("guest: eventq: the available index jumped by more "
		      "than the ring size; "
		      "queue stopped\n");
	/* One that starts anew works. */
	serve_stop(w, EVENTQ);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 2);
	serve_kick(w, EVENTQ);
	serve_expect(w, A_KEY);
	pump_count(pump_of(state), &c);
	assert_num(c.ring_violations, 1);
}

static void ring_in_memory_that_was_taken_away_ends_the_connection(void **state)
{
	struct serve_world *w = *state;
	struct counters c = { 0 };

	/* cmocka has signal handlers of its own. */
	assert_ok(guest_map_init());
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 2);
	assert_sys(ftruncate(w->v->mem_fd, 0));
	serve_inject(w, "KEY_A 1");
	assert_false(frontend_link_connected(&w->server.link));
	assert_null(pump_of(state)->ring[EVENTQ]);
	pump_count(pump_of(state), &c);
	assert_num(c.ring_violations, 0);
	assert_logged(
		"frontend: the memory it shared was truncated; closing\n");
	assert_sys(ftruncate(w->v->mem_fd, VT_MEM_LEN));
}

/* --- a guest that takes nothing --- */

static void stall_is_waited_for_while_events_wait(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	start_without_buffers(w);
	assert_false(ev_is_active(&p->stall));
	serve_inject(w, "KEY_A 1");
	assert_true(ev_is_active(&p->stall));
	assert_true(p->stall.repeat == SERVE_STALL_S);
	vt_post(w->v, EVENTQ, 2);
	serve_kick(w, EVENTQ);
	assert_false(ev_is_active(&p->stall));
	/* Nor once there is no driver. */
	serve_inject(w, "KEY_A 0");
	assert_true(ev_is_active(&p->stall));
	serve_stop(w, EVENTQ);
	assert_false(ev_is_active(&p->stall));
}

static void stall_folds_what_waits(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	start_without_buffers(w);
	serve_inject(w, "KEY_A 1");
	serve_inject(w, "KEY_A 0");
	serve_inject(w, "KEY_B 0");
	serve_expire(w, &p->stall);
	assert_false(ev_is_active(&p->stall));
	assert_num(w->server.dev->count.stalls, 1);
	serve_inject(w, "REL_X 1");
	/* What is folded waits without an end. */
	assert_false(ev_is_active(&p->stall));
	vt_post(w->v, EVENTQ, 8);
	serve_kick(w, EVENTQ);
	serve_expect(w, "KEY_B 0, REL_X 1" SYN);
}

static void progress_restarts_the_wait_for_a_stall(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);
	double due;

	start_without_buffers(w);
	serve_inject(w, "KEY_A 1");
	ev_timer_stop(w->loop, &p->stall);
	p->stall.repeat = SERVE_STALL_S / 2.0;
	ev_timer_again(w->loop, &p->stall);
	due = ev_timer_remaining(w->loop, &p->stall);
	/* More waits, nothing was taken. */
	serve_inject(w, "KEY_A 0");
	assert_true(ev_timer_remaining(w->loop, &p->stall) <= due);
	vt_post(w->v, EVENTQ, 1);
	serve_kick(w, EVENTQ);
	serve_expect(w, "KEY_A 1");
	assert_true(ev_timer_remaining(w->loop, &p->stall) > due);
}

static void longer_wait_than_for_a_stall_is_cut(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	start_without_buffers(w);
	serve_inject(w, "KEY_A 1");
	p->stall.repeat = 2 * SERVE_STALL_S;
	ev_timer_again(w->loop, &p->stall);
	serve_inject(w, "KEY_A 0");
	assert_true(p->stall.repeat == SERVE_STALL_S);
	assert_true(ev_timer_remaining(w->loop, &p->stall) <= SERVE_STALL_S);
}

static void one_that_blocks_never_stalls(void **state)
{
	struct serve_world *w = *state;

	server_set_overflow(&w->server, DEVICE_BLOCK, 500);
	start_without_buffers(w);
	serve_inject(w, "KEY_A 1");
	assert_false(ev_is_active(&pump_of(state)->stall));
}

/* --- the statusq --- */

static void led_reaches_the_injector(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	vt_signals(w->v->call[STATUSQ]);
	serve_post_status(w, CAPSL);
	assert_true(serve_asks_kicks(w, STATUSQ));
	serve_kick(w, STATUSQ);
	serve_expect_told(w, CAPSL);
	serve_expect_silence(w);
	assert_num(vt_used_idx(w->v, STATUSQ), 1);
	assert_num(vt_signals(w->v->call[STATUSQ]), 1);
	assert_true(serve_asks_kicks(w, STATUSQ));
	assert_false(pump_of(state)->statusq_due);
}

static void statusq_is_looked_at_only_when_it_may_have_buffers(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	serve_start(w, STATUSQ);
	serve_post_status(w, CAPSL);
	pump_look(p, EVENTQ);
	serve_turn(w);
	serve_expect_silence(w);
	pump_look(p, STATUSQ);
	pump_look(p, EVENTQ);
	assert_true(p->due);
	serve_turn(w);
	serve_expect_told(w, CAPSL);
}

static void statusq_is_looked_at_when_it_starts(void **state)
{
	struct serve_world *w = *state;

	serve_start(w, STATUSQ);
	serve_stop(w, STATUSQ);
	serve_post_status(w, CAPSL);
	serve_resume(w, STATUSQ);
	serve_expect_told(w, CAPSL);
}

static void broken_statusq_stops_alone(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	serve_start(w, EVENTQ);
	serve_start(w, STATUSQ);
	break_ring(w, STATUSQ);
	serve_kick(w, STATUSQ);
	assert_logged("guest: statusq: the available index jumped by more "
		      "than the ring size; "
		      "queue stopped\n");
	assert_num(p->ring_violations, 1);
	assert_null(p->ring[STATUSQ]);
	assert_non_null(p->ring[EVENTQ]);
	assert_false(p->due);
}

/* --- now, by a message --- */

static void queue_is_served_at_once(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	start_without_buffers(w);
	serve_start(w, STATUSQ);
	serve_inject(w, "KEY_A 1");
	serve_post_status(w, CAPSL);
	vt_post(w->v, EVENTQ, 2);
	p->due = false;
	pump_queue_now(p, EVENTQ);
	serve_expect(w, A_KEY);
	assert_num(vt_used_idx(w->v, STATUSQ), 0);
	/* What is not in the queue, such as a paused injector, is due. */
	assert_true(p->due);
	pump_queue_now(p, STATUSQ);
	serve_expect_told(w, CAPSL);
}

/* --- the shortcut --- */

static void pass_is_quiet_when_all_was_taken(void **state)
{
	const struct vi_event ev[] = { KEY_EV(1), SYN_EV };
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);
	struct injector *in = TAILQ_FIRST(&w->server.injectors.list);
	bool quiet = false;

	start_without_buffers(w);
	vt_post(w->v, EVENTQ, 2);
	assert_true(device_can_pass(w->server.dev, &in->source));
	p->due = true;
	assert_num(pump_pass(p, &in->source, ev, 2, &quiet), 2);
	assert_true(quiet);
	assert_false(p->due);
	assert_false(watchdog_busy());
	serve_expect(w, A_KEY);
}

/* The guest has only one buffer for a frame of two events. */
static void pass_is_not_quiet_while_a_frame_is_on_its_way(void **state)
{
	const struct vi_event ev[] = { KEY_EV(1), SYN_EV };
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);
	struct injector *in = TAILQ_FIRST(&w->server.injectors.list);
	bool quiet = true;

	start_without_buffers(w);
	vt_post(w->v, EVENTQ, 1);
	pump_pass(p, &in->source, ev, 2, &quiet);
	assert_false(quiet);
	assert_true(p->due);
}

static void pass_is_not_quiet_with_other_work(void **state)
{
	const struct vi_event ev[] = { KEY_EV(1), SYN_EV };
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);
	struct injector *in = TAILQ_FIRST(&w->server.injectors.list);
	bool *const work[] = { &p->statusq_due, &p->injectors->any_paused };

	start_without_buffers(w);
	for (size_t i = 0; i < ARRAY_LEN(work); i++) {
		bool quiet = true;

		vt_post(w->v, EVENTQ, 2);
		*work[i] = true;
		pump_pass(p, &in->source, ev, 2, &quiet);
		assert_false(quiet);
		assert_true(p->due);
		serve_turn(w);
		assert_false(p->due);
		assert_false(*work[i]);
	}
}

/* --- counters --- */

static void each_counter_is_shown_as_itself(void **state)
{
	struct serve_world *w = *state;
	struct device *dev = w->server.dev;
	struct counters c;

	dev->guest = true;
	dev->count = (struct device_counters){ .frames_in = 1,
					       .events_in = 2,
					       .frames_out = 3,
					       .events_out = 4,
					       .folded = 5,
					       .resyncs = 6,
					       .stalls = 7,
					       .releases = 8,
					       .queue_longest = 9,
					       .receipts = 10,
					       .receipts_lost = 11 };
	dev->merge.count = (struct merge_counters){ .empty = 12,
						    .undeclared = 13,
						    .clamped = 14,
						    .bad_slot = 15,
						    .no_slot = 16,
						    .no_contact = 17 };
	pump_of(state)->ring_violations = 18;
	memset(&c, 0, sizeof(c));
	pump_count(pump_of(state), &c);
	dev->guest = false;
	assert_true(c.driver);
	assert_num(c.frames_in, 1);
	assert_num(c.events_in, 2);
	assert_num(c.frames_out, 3);
	assert_num(c.events_out, 4);
	assert_num(c.frames_folded, 5);
	assert_num(c.resyncs, 6);
	assert_num(c.stalls, 7);
	assert_num(c.releases, 8);
	assert_num(c.queue_longest, 9);
	assert_num(c.receipts, 10);
	assert_num(c.receipts_lost, 11);
	assert_num(c.frames_empty, 12);
	assert_num(c.undeclared, 13);
	assert_num(c.clamped, 14);
	assert_num(c.bad_slot, 15);
	assert_num(c.no_slot, 16);
	assert_num(c.no_contact, 17);
	assert_num(c.ring_violations, 18);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVE(frame_reaches_the_guest_with_one_call),
		SERVE(nothing_to_move_calls_nobody),
		SERVE(kicks_are_enabled_only_while_events_wait),
		SERVE(buffers_that_came_before_kicks_were_enabled_are_found),
		SERVE(broken_eventq_stops_and_is_counted),
		SERVE(ring_in_memory_that_was_taken_away_ends_the_connection),
		SERVE(stall_is_waited_for_while_events_wait),
		SERVE(stall_folds_what_waits),
		SERVE(progress_restarts_the_wait_for_a_stall),
		SERVE(longer_wait_than_for_a_stall_is_cut),
		SERVE(one_that_blocks_never_stalls),
		SERVE(led_reaches_the_injector),
		SERVE(statusq_is_looked_at_only_when_it_may_have_buffers),
		SERVE(statusq_is_looked_at_when_it_starts),
		SERVE(broken_statusq_stops_alone),
		SERVE(queue_is_served_at_once),
		SERVE(pass_is_quiet_when_all_was_taken),
		SERVE(pass_is_not_quiet_while_a_frame_is_on_its_way),
		SERVE(pass_is_not_quiet_with_other_work),
		SERVE(each_counter_is_shown_as_itself),
	};

	return cmocka_run_group_tests_name("pump", tests, NULL, NULL);
}

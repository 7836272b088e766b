/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pump in a whole server, with an injector that asks for receipts, for news
 * of the driver, and for frames that wait for it. No test waits for a timer: it
 * expires when the test says so.
 */
#include <unistd.h>

#include "input/base/watchdog.h"
#include "input/device/control.h"
#include "input/device/receipts.h"
#include "tests/lib/serve-world.h"

#define SYN	     ", SYN_REPORT 0"
#define A_KEY	     "KEY_A 1" SYN
#define SYN_EV	     vi_event(EV_SYN, SYN_REPORT, 0)
#define HELLO	     vi_event(CONTROL_HELLO, CONTROL_VERSION, CONTROL_MAGIC)
#define WATCH	     vi_event(CONTROL_WATCH, 0, 1)
#define RECEIPT(n)   vi_event(CONTROL_RECEIPT, 0, n)
#define DRIVER(d)    vi_event(CONTROL_DRIVER, 0, CONTROL_DRIVER_##d)
#define LOSSLESS(ms) vi_event(CONTROL_LOSSLESS, 0, ms)
#define KEY_EV(v)    vi_event(EV_KEY, KEY_A, v)

static struct pump *pump_of(void **state)
{
	struct serve_world *w = *state;

	return &w->server.pump;
}

static void send_events(struct serve_world *w, const struct vi_event *ev,
			size_t n)
{
	assert_num(write(w->injector, ev, n * sizeof(*ev)), n * sizeof(*ev));
	serve_turn(w);
}

#define SEND(w, ...)                                               \
	send_events((w), (const struct vi_event[]){ __VA_ARGS__ }, \
		    ARRAY_LEN(((const struct vi_event[]){ __VA_ARGS__ })))

/* A key, which the guest gets, whose buffers it has not returned. */
static void press_for_receipt(struct serve_world *w)
{
	SEND(w, HELLO, SYN_EV);
	serve_expect_told(w, HELLO);
	serve_start(w, EVENTQ);
	vt_post(w->v, EVENTQ, 2);
	SEND(w, KEY_EV(1), RECEIPT(7), SYN_EV);
}

/* A key, for which the guest has no buffers; it waits for up to 20 s. */
static void press_that_waits(struct serve_world *w)
{
	SEND(w, HELLO, LOSSLESS(20000), SYN_EV);
	serve_expect_told(w, HELLO);
	serve_start(w, EVENTQ);
	SEND(w, KEY_EV(1), SYN_EV);
}

static void watcher_is_told_of_vmm_and_driver(void **state)
{
	struct serve_world *w = *state;

	SEND(w, HELLO, WATCH, SYN_EV);
	serve_expect_told(w, HELLO);
	serve_expect_told(w, DRIVER(NONE));
	serve_start(w, EVENTQ);
	serve_expect_told(w, DRIVER(RUNNING));
	serve_disconnect(w);
	serve_expect_told(w, DRIVER(NO_VMM));
	serve_connect(w);
	serve_expect_told(w, DRIVER(NONE));
	serve_expect_silence(w);
}

static void receipt_waits_until_the_driver_returns_the_buffer(void **state)
{
	struct serve_world *w = *state;

	press_for_receipt(w);
	serve_expect(w, A_KEY);
	serve_expect_silence(w);
	assert_num(w->server.dev->owed, 1);
	assert_true(serve_asks_kicks(w, EVENTQ));
	vt_post(w->v, EVENTQ, 2);
	serve_kick(w, EVENTQ);
	serve_expect_told(w, RECEIPT(7));
	assert_num(w->server.dev->owed, 0);
	assert_false(serve_asks_kicks(w, EVENTQ));
}

static void receipt_is_given_when_the_queue_stops(void **state)
{
	struct serve_world *w = *state;

	press_for_receipt(w);
	/* Returned, without a kick. */
	vt_post(w->v, EVENTQ, 2);
	serve_stop(w, EVENTQ);
	serve_expect_told(w, RECEIPT(7));
}

static void receipt_without_a_driver_says_so(void **state)
{
	struct serve_world *w = *state;

	SEND(w, HELLO, KEY_EV(1), RECEIPT(7), SYN_EV);
	serve_expect_told(w, HELLO);
	serve_expect_told(w, vi_event(CONTROL_COUNT, CONTROL_FOLDED, 1));
	serve_expect_told(
		w, vi_event(CONTROL_RECEIPT,
			    1u << CONTROL_NO_DRIVER | 1u << CONTROL_FOLDED, 7));
}

static void frames_wait_no_longer_than_their_injector_wants(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	press_that_waits(w);
	assert_true(ev_is_active(&p->limit));
	assert_true(p->limit.repeat > 0 && p->limit.repeat <= 20);
	vt_post(w->v, EVENTQ, 2);
	serve_kick(w, EVENTQ);
	serve_expect(w, A_KEY);
	assert_false(ev_is_active(&p->limit));
}

static void limit_makes_the_pump_look_again(void **state)
{
	struct serve_world *w = *state;
	struct pump *p = pump_of(state);

	press_that_waits(w);
	ev_timer_stop(w->loop, &p->limit);
	ev_feed_event(w->loop, &p->limit, EV_TIMER);
	ev_run(w->loop, EVRUN_NOWAIT);
	/* Not over yet: the rest of the time is waited for. */
	assert_true(ev_is_active(&p->limit));
}

/* A frame has waited for as long as it may. */
static void have_more_to_do(struct serve_world *w)
{
	const struct vi_event next[] = { KEY_EV(0), SYN_EV };
	struct injector *in = TAILQ_FIRST(&w->server.injectors.list);

	press_that_waits(w);
	in->source.receipts->waits_since_ms = 1;
	/* From a socket, so that the pump runs once in this turn. */
	assert_num(write(w->injector, next, sizeof(next)), sizeof(next));
	ev_run(w->loop, EVRUN_NOWAIT);
	assert_true(w->server.pump.due);
}

static void loop_does_not_sleep_while_there_is_more_to_do(void **state)
{
	struct serve_world *w = *state;

	have_more_to_do(w);
	assert_true(ev_is_active(&pump_of(state)->again));
	serve_turn(w);
	assert_false(ev_is_active(&pump_of(state)->again));
	/* HELLO had no driver. */
	assert_num(w->server.dev->count.folded, 3);
}

static void it_may_end_with_more_to_do(void **state)
{
	struct serve_world *w = *state;

	have_more_to_do(w);
	watchdog_touch();
	pump_fini(pump_of(state));
	assert_false(ev_is_active(&pump_of(state)->again));
	assert_false(watchdog_busy());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVE(watcher_is_told_of_vmm_and_driver),
		SERVE(receipt_waits_until_the_driver_returns_the_buffer),
		SERVE(receipt_is_given_when_the_queue_stops),
		SERVE(receipt_without_a_driver_says_so),
		SERVE(frames_wait_no_longer_than_their_injector_wants),
		SERVE(limit_makes_the_pump_look_again),
		SERVE(loop_does_not_sleep_while_there_is_more_to_do),
		SERVE(it_may_end_with_more_to_do),
	};

	return cmocka_run_group_tests_name("pump-askers", tests, NULL, NULL);
}

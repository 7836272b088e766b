/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals that are served by the loop of loop.h, as by libev's ev_signal, but
 * without a file: what is called in a handler makes the loop look.
 *
 * A signal that comes between the loop's last look and its sleep is noticed
 * when the watchdog interrupts that, some milliseconds later. So there MUST be
 * one (watchdog_init()), or such a signal waits until something else happens.
 *
 * For programs with one loop and, beside the sentry, one thread. Loop thread
 * only.
 */
#ifndef VINPUT_LOOP_SIGNAL_H
#define VINPUT_LOOP_SIGNAL_H

#include <ev.h>
#include <stdint.h>

struct loop_signal {
	int number; /* below 32 */
	/* In a round of the loop: it has come, once or more often. MAY stop. */
	void (*come)(struct loop_signal *s);
	/* In the handler, before that; NULL: nothing. */
	void (*at_once)(void);
	/* loop-signal.c's; 0 at first */
	struct ev_loop *loop; /* NULL: stopped */
	struct ev_watcher fed;
	struct loop_signal *next;
};

/*
 * Several may watch the same number. s: borrowed until it is stopped; till then
 * it keeps the loop running.
 */
void loop_signal_start(struct loop_signal *s, struct ev_loop *loop);
/* With the last one of its number, what it does is the default. Idempotent. */
void loop_signal_stop(struct loop_signal *s);

/* For loop.c: which numbers have come; and let the loop call for them. */
extern uint32_t loop_signals;
void loop_signal_feed(void);

#endif

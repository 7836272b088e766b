/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The subjects side by side. Where time is measured, all of them run at once
 * and take turns in short slices, so that a change of the machine's speed
 * affects them alike.
 */
#ifndef VINPUT_BENCH_LANES_H
#define VINPUT_BENCH_LANES_H

#include "tests/bench/suites.h"

#define LANES_SLICES 10
#define LANES_FRAMES 200 /* in a slice, where single ones are measured */
#define LANES_RING   64

/* What to start: how many sources, what kind of ring (the floor's: split). */
struct shape {
	unsigned int sources;
	uint16_t num;
	bool packed;
	bool apart; /* on a CPU of its own; see lanes_go_apart() */
	bool busy;  /* it polls for events, if it can */
	bool heir;  /* it inherits its injector's socket, if it can */
};

extern struct shape usual_shape; /* bench --ring decides whether it is packed */

/* One subject's part in a suite. */
struct lane {
	struct backend be;
	bool runs; /* it takes part */
	bool good; /* it runs, and has lost nothing */
	int64_t cpu_ns, wall_ns, sleeps;
	uint64_t events;
	double sample[LANES_SLICES * LANES_FRAMES];
	size_t n;
};

extern struct lane lanes[SUBJECTS_MAX];

void lanes_start(struct bench *b, const struct shape *shape);
void lanes_stop(struct bench *b);
/* Restart those that have lost something. */
void lanes_restart_lost(struct bench *b, const struct shape *shape);

/*
 * Start one backend. Return: whether it runs; if not, the reason was logged,
 * except for rings that cannot be packed.
 */
bool lanes_start_one(struct bench *b, struct backend *be, unsigned int subject,
		     const struct shape *shape);

/* A driver that has just started may get an event. Sleep until then. */
void lanes_settle(void);

/*
 * At the start: let all run on one CPU, or where the scheduler likes, whose
 * choice makes more difference than any server.
 */
void lanes_pin(bool on);

/*
 * The driver stays on one CPU while shapes that are apart run on another one,
 * as with a busy guest. Return: false if there is only one CPU.
 */
bool lanes_go_apart(void);
void lanes_come_together(void);

void sleep_ns(int64_t ns);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A child whose time of day the test sets, through tests/wire/clock-step.c. */
#ifndef VINPUT_TESTS_CLOCK_STEP_H
#define VINPUT_TESTS_CLOCK_STEP_H

#include <stdint.h>
#include "tests/lib/process.h"

#define AN_HOUR_S 3600
/* libev reads the time of day at most every 0.5 s. */
#define CLOCK_SEEN_MS 600

/*
 * Before the start of p. dir: a temporary directory for a file. Skips the case
 * where a library cannot be put into the program.
 * Return: the seconds by which the child's time of day is off, 0 at first.
 */
volatile int64_t *clock_step_prepare(struct process *p, const char *dir);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A launcher that is killed, and the next one in the same place. What the first
 * one left becomes a child of the test.
 */
#ifndef VINPUT_TESTS_LAUNCH_NEXT_H
#define VINPUT_TESTS_LAUNCH_NEXT_H

#include "tests/lib/launch.h"

void launch_kill(struct launch_test *t);
/* Another one in the same place; its devices are the caller's, and its start.
 */
void launch_next(struct launch_test *t);
/* The next one ends in order, and then nothing is left. */
void launch_end_next(struct launch_test *t);
/* All that was started, and became our children. */
void launch_expect_all_ended(void);
/* Return: the launcher's first child. */
pid_t launch_find_holder(const struct launch_test *t);

/* A key goes from keyboard.inject through whatever serves it to the guest. */
void launch_press(struct launch_test *t, uint16_t key);
/*
 * The same after a server or a bridge was replaced: frames are kept for the
 * guest's driver for a second at most, so await that first.
 */
void launch_press_next(struct launch_test *t, uint16_t key);

#endif

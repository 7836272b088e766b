/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fingers on a touch device: they are put down, move as a gesture says, and are
 * lifted. Each frame has all fingers.
 */
#ifndef VINPUT_INJECT_TOUCH_H
#define VINPUT_INJECT_TOUCH_H

#include "injector/inject/inject-command.h"
#include "injector/inject/inject-gesture.h"

/*
 * Make a plan of the command's options: the gesture without its points.
 * Return: the gesture, to be completed; NULL: no memory, with the fault.
 */
struct inject_gesture *inject_touch_plan(struct inject_command *c,
					 const struct inject_context *ctx,
					 struct fault *f);
/*
 * Check that each finger stays on the screen all the time.
 * Return: 0 or -EINVAL with the fault.
 */
int inject_touch_check(const struct inject_command *c,
		       const struct inject_context *ctx, struct fault *f);

/* --- running; all return 0 or a negative errno with run->fault --- */

int inject_touch_down(const struct inject_command *c, struct inject_run *run);
int inject_touch_lift(struct inject_run *run);
/*
 * The whole gesture. The fingers rest for --hold before they move, which makes
 * a drag of a swipe.
 */
int inject_touch_run(const struct inject_command *c, struct inject_run *run);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a launcher takes over the devices of one that has ended, in this order.
 * The first two functions are used before the loop runs, and the first one may
 * block, for a second at most.
 */
#ifndef VINPUT_LAUNCH_SUCCESSION_H
#define VINPUT_LAUNCH_SUCCESSION_H

#include <stdbool.h>
#include "injector/fleet/launch-fleet.h"
#include "injector/fleet/launch-inherit.h"

/*
 * Take over the holder of dir, if one waits for a launcher; f->setup.inherited
 * becomes in, in which the devices of the plan look for what is theirs. Return:
 * whether there is anything to take over.
 */
bool launch_succession_begin(struct launch_fleet *f,
			     struct launch_inheritance *in, const char *dir);
/*
 * The plan's devices have taken theirs. Of the others, those that a VMM uses
 * become devices of the fleet; the rest stays in in. Return: 0, or -1 with why
 * (LAUNCH_WHY_MAX bytes).
 */
int launch_succession_settle(struct launch_fleet *f,
			     struct launch_inheritance *in, char *why);
/*
 * The launcher is up, or ends its devices: end the rest, which nobody uses, or
 * can any more. Before that it serves on for the next launcher if this one
 * fails. Idempotent.
 */
void launch_succession_end_rest(struct launch_fleet *f,
				struct launch_inheritance *in, const char *dir);

#endif

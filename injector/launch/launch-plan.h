/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices that are to be launched, checked as a whole, with labels as
 * Cuttlefish gives them. The launch file, the command line and the control
 * socket all use it, so that there is one set of rules. Pure.
 */
#ifndef VINPUT_LAUNCH_PLAN_H
#define VINPUT_LAUNCH_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "injector/launch/launch-item.h"

#define LAUNCH_DEVICES_MAX 256

struct launch_plan {
	/* Borrowed, NULL or an object: members for each device without them. */
	const json_t *defaults;
	struct launch_item item[LAUNCH_DEVICES_MAX];
	size_t n;
};

/* Whether somebody else has a label already. */
typedef bool launch_taken(void *arg, const char *label);

/*
 * Read an array of devices that stands at a place; plan is empty before.
 * Return: 0; -EINVAL with the fault filled in; -ENOMEM with its text.
 */
int launch_plan_read(struct launch_plan *plan, const json_t *devices,
		     const struct json_path *at, struct launch_fault *f);
/*
 * Give labels to the devices without one. taken: NULL if nobody has any.
 * Return: 0, or -EINVAL with the fault filled in.
 */
int launch_plan_label(struct launch_plan *plan, const struct json_path *at,
		      launch_taken *taken, void *arg, struct launch_fault *f);
void launch_plan_fini(struct launch_plan *plan); /* idempotent */

#endif

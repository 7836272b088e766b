/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices to be launched, checked as a whole, with labels as Cuttlefish
 * assigns them. Used for the launch file, the command line and the control
 * socket, so that one set of rules holds for all. Pure.
 */
#ifndef VINPUT_LAUNCH_PLAN_H
#define VINPUT_LAUNCH_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include "injector/plan/launch-item.h"

#define LAUNCH_DEVICES_MAX 256

struct launch_plan {
	/* Borrowed, NULL or an object: members of devices that lack them. */
	const json_t *defaults;
	struct launch_item item[LAUNCH_DEVICES_MAX];
	size_t n;
};

/* Return: whether a device outside the plan has this label. */
typedef bool launch_taken(void *arg, const char *label);

/*
 * Read an array of devices into an empty plan. at: its place.
 * Return: 0; -EINVAL with the fault filled in; -ENOMEM with its text.
 */
int launch_plan_read(struct launch_plan *plan, const json_t *devices,
		     const struct json_path *at, struct launch_fault *f);
/*
 * Assign labels to the devices without one. taken: may be NULL.
 * Return: 0, or -EINVAL with the fault filled in.
 */
int launch_plan_label(struct launch_plan *plan, const struct json_path *at,
		      launch_taken *taken, void *arg, struct launch_fault *f);
void launch_plan_fini(struct launch_plan *plan); /* idempotent */

#endif

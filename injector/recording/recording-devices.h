/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The devices of a recording that has several, as its reader comes upon them,
 * and the one whose events are wanted. Pure.
 */
#ifndef VINPUT_RECORDING_DEVICES_H
#define VINPUT_RECORDING_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include "input/base/fault.h"

/* A recording of more devices is rejected. */
#define RECORDING_DEVICES_MAX 64

struct recording_devices {
	unsigned int wanted; /* from 1; 0: there must be one only */
	unsigned int n;
	char *name[RECORDING_DEVICES_MAX]; /* owned */
};

/*
 * Add a device. Return: its number, from 1; -EINVAL: there are too many, or
 * -ENOMEM, with the fault.
 */
int recording_devices_add(struct recording_devices *d, const char *name,
			  size_t len, struct fault *f);
/* The same if no device has this name yet. */
int recording_devices_number(struct recording_devices *d, const char *name,
			     size_t len, struct fault *f);

/* Return: whether the events of this one are read; by default, the first. */
static inline bool recording_devices_want(const struct recording_devices *d,
					  unsigned int number)
{
	return number == (d->wanted ? d->wanted : 1);
}

/*
 * At the end. Return: 0; -EINVAL: the wanted one is missing, or one must be
 * chosen.
 */
int recording_devices_check(const struct recording_devices *d, struct fault *f);

void recording_devices_fini(struct recording_devices *d); /* idempotent */

#endif

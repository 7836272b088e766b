/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the kernel devices that this project makes are told from others: by the
 * beginning of their phys. Passing one on to a guest could make a loop.
 */
#ifndef VINPUT_OWN_DEVICE_H
#define VINPUT_OWN_DEVICE_H

#include <stdbool.h>
#include <string.h>

#define OWN_DEVICE_PHYS "vinput/"

/* phys: may be NULL. */
static inline bool own_device_is(const char *phys)
{
	return phys && !strncmp(phys, OWN_DEVICE_PHYS, strlen(OWN_DEVICE_PHYS));
}

#endif

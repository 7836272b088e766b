/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether guests' drivers have the devices, according to the answer to the
 * command list. Pure.
 */
#ifndef VINPUT_LAUNCH_GUEST_H
#define VINPUT_LAUNCH_GUEST_H

#include <jansson.h>
#include <stdio.h>

enum launch_guest {
	LAUNCH_GUEST_COMPLETE, /* a driver has every device */
	LAUNCH_GUEST_MISSING,  /* a device lacks one */
	LAUNCH_GUEST_FAILED,   /* a device has failed, and will not get one */
	LAUNCH_GUEST_UNKNOWN,  /* the launcher is too old to tell */
};

enum launch_guest launch_guest_check(const json_t *list);

/* Print what lacks a driver: "keyboard has no VMM, mouse has no driver". */
void launch_guest_print_missing(const json_t *list, FILE *to);

#endif

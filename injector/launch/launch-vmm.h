/* SPDX-License-Identifier: Apache-2.0 */
/* --print-args: what a VMM is to be told so that it finds the devices. Pure. */
#ifndef VINPUT_LAUNCH_VMM_H
#define VINPUT_LAUNCH_VMM_H

#include "injector/launch/launch-argv.h"
#include "injector/launch/launch-plan.h"

enum launch_vmm {
	LAUNCH_CROSVM,
	LAUNCH_QEMU,
	LAUNCH_CLOUD_HYPERVISOR,
};

/* Ends with NULL; in the order of the enum. */
extern const char *const launch_vmm_names[];

/*
 * Add the arguments, one string for each. dir: absolute, where the sockets
 * are; memory: the guest's, such as "2G", or NULL for none of that.
 * Return: 0, or -EINVAL with why (256 bytes): dir cannot be told to this VMM.
 */
int launch_vmm_args(enum launch_vmm vmm, const struct launch_plan *plan,
		    const char *dir, const char *memory,
		    struct launch_argv *args, char *why);
/* Return: what the user has to see to without --memory, or NULL. */
const char *launch_vmm_memory_hint(enum launch_vmm vmm);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* --print-args: the arguments with which a VMM finds the devices. Pure. */
#ifndef VINPUT_LAUNCH_VMM_H
#define VINPUT_LAUNCH_VMM_H

#include "injector/plan/launch-plan.h"
#include "injector/process/launch-argv.h"

enum launch_vmm {
	LAUNCH_CROSVM,
	LAUNCH_QEMU,
	/* As if each device had "vfio_user". */
	LAUNCH_QEMU_VFIO_USER,
	LAUNCH_CLOUD_HYPERVISOR,
};

/* Ends with NULL; in the order of the enum. */
extern const char *const launch_vmm_names[];

/*
 * Add the arguments, one string for each. dir: of the sockets, absolute;
 * memory: the size of the guest's, such as "2G"; NULL: no arguments for it.
 * Return: 0, or -EINVAL with why (256 bytes): this VMM does not support dir, or
 * a device.
 */
int launch_vmm_args(enum launch_vmm vmm, const struct launch_plan *plan,
		    const char *dir, const char *memory,
		    struct launch_argv *args, char *why);
/*
 * Add those of VNC servers, as launch_options.screens and .password have them.
 * Return: 0, or -EINVAL with why (256 bytes): this VMM is none, or not at such
 * a place.
 */
int launch_vmm_add_screens(enum launch_vmm vmm,
			   const struct launch_argv *screens,
			   const char *password, struct launch_argv *args,
			   char *why);
/* Return: what the user must know about memory (as above), or NULL. */
const char *launch_vmm_memory_hint(enum launch_vmm vmm, const char *memory);

#endif

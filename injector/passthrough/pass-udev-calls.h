/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functions of libudev that are called. It is loaded only on a host with
 * udev.
 */
#ifndef VINPUT_PASS_UDEV_CALLS_H
#define VINPUT_PASS_UDEV_CALLS_H

#include <libudev.h>
#include "input/base/fault.h"

#define PASS_UDEV_CALLS(X)                            \
	X(device_get_is_initialized)                  \
	X(device_get_property_value)                  \
	X(device_new_from_subsystem_sysname)          \
	X(device_unref)                               \
	X(monitor_enable_receiving)                   \
	X(monitor_filter_add_match_subsystem_devtype) \
	X(monitor_get_fd)                             \
	X(monitor_new_from_netlink)                   \
	X(monitor_receive_device)                     \
	X(monitor_unref)                              \
	X(new)                                        \
	X(unref)

struct pass_udev_calls {
#define PASS_UDEV_MEMBER(name) __typeof__(udev_##name) *(name);
	PASS_UDEV_CALLS(PASS_UDEV_MEMBER)
#undef PASS_UDEV_MEMBER
};

/* The library is loaded once. Return: its functions, or NULL. */
const struct pass_udev_calls *pass_udev_calls(struct fault *why);

#endif

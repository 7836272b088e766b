/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device made real on this machine's own kernel (vinput-monitor --uinput),
 * so that it can be tested without a VM. LEDs and sounds that the kernel sets
 * come back.
 */
#ifndef VINPUT_MONITOR_UINPUT_H
#define VINPUT_MONITOR_UINPUT_H

#include <stdbool.h>
#include <libevdev/libevdev-uinput.h>
#include "input/device/event.h"
#include "input/spec/spec.h"

/*
 * Make the device. Return: 0 with *out, to be destroyed by
 * libevdev_uinput_destroy(); -errno (-ENOENT, -EACCES: /dev/uinput).
 */
int monitor_uinput_new(struct libevdev_uinput **out, const struct spec *spec);
/* Return: 0 or -errno. */
int monitor_uinput_write(struct libevdev_uinput *dev,
			 const struct vi_event *ev);
/* Return: whether there was an LED or sound event, in *ev. */
bool monitor_uinput_read(struct libevdev_uinput *dev, struct vi_event *ev);

#endif

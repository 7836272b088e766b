/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A uinput device with the capabilities of a monitored one (vinput-monitor
 * --uinput): the device on this machine's kernel, without a VM.
 */
#ifndef VINPUT_MONITOR_UINPUT_H
#define VINPUT_MONITOR_UINPUT_H

#include <libevdev/libevdev-uinput.h>
#include <stdbool.h>
#include "input/base/own-device.h"
#include "input/device/event.h"
#include "input/spec/spec.h"

/* So the node of a monitored device is known from others: own-device.h. */
#define MONITOR_UINPUT_PHYS OWN_DEVICE_PHYS "monitor"

/*
 * phys: NULL for none. Return: 0 and *out; -errno (-ENOENT, -EACCES: of
 * /dev/uinput).
 */
int monitor_uinput_new(struct libevdev_uinput **out, const struct spec *spec,
		       const char *phys);
void monitor_uinput_free(struct libevdev_uinput *dev); /* NULL: none */
/* Inject one event. Return: 0 or -errno. */
int monitor_uinput_write(struct libevdev_uinput *dev,
			 const struct vi_event *ev);
/* Read what the kernel sets. Return: whether *ev is an LED or sound event. */
bool monitor_uinput_read(struct libevdev_uinput *dev, struct vi_event *ev);

#endif

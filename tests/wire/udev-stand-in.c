/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As much of udev as libinput asks for about one device: the node that
 * node-stand-in.c plays. Put into a program by LD_PRELOAD; UDEV_STAND_IN_ENV
 * names the properties that are "1", with commas in between.
 */
#include <errno.h>
#include <libudev.h>
#include <stdlib.h>
#include <string.h>

#define UDEV_STAND_IN_ENV "VINPUT_UDEV"

/* libudev.h has other names for the arguments. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static char nothing; /* what the handles point to */

struct udev *udev_new(void)
{
	return (struct udev *)(void *)&nothing;
}

struct udev *udev_ref(struct udev *udev)
{
	return udev;
}

struct udev *udev_unref(struct udev *udev)
{
	return NULL;
}

struct udev_device *udev_device_new_from_devnum(struct udev *udev, char type,
						dev_t number)
{
	return (struct udev_device *)(void *)&nothing;
}

struct udev_device *udev_device_new_from_syspath(struct udev *udev,
						 const char *path)
{
	return (struct udev_device *)(void *)&nothing;
}

struct udev_device *udev_device_ref(struct udev_device *device)
{
	return device;
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	return NULL;
}

struct udev *udev_device_get_udev(struct udev_device *device)
{
	return udev_new();
}

struct udev_device *udev_device_get_parent(struct udev_device *device)
{
	return NULL;
}

struct udev_device *udev_device_get_parent_with_subsystem_devtype(
	struct udev_device *device, const char *subsystem, const char *type)
{
	return NULL;
}

int udev_device_get_is_initialized(struct udev_device *device)
{
	return 1;
}

const char *udev_device_get_syspath(struct udev_device *device)
{
	return "/sys/devices/virtual/input/input1/event1";
}

const char *udev_device_get_sysname(struct udev_device *device)
{
	return "event1";
}

const char *udev_device_get_devnode(struct udev_device *device)
{
	return "/dev/input/event1";
}

const char *udev_device_get_property_value(struct udev_device *device,
					   const char *key)
{
	const char *at = getenv(UDEV_STAND_IN_ENV);
	const size_t len = strlen(key);

	for (; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, key, len) && (!at[len] || at[len] == ','))
			return "1";
	}
	return NULL;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libevdev/libevdev.h>
#include <linux/input.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "injector/monitor/monitor-uinput.h"
#include "input/base/fd.h"

static void uinput_enable_axis(struct libevdev *dev, const struct spec *spec,
			       unsigned int code)
{
	const struct spec_abs *abs = &spec->abs[code];
	const struct input_absinfo info = { .minimum = abs->min,
					    .maximum = abs->max,
					    .fuzz = abs->fuzz,
					    .flat = abs->flat,
					    .resolution = abs->res };

	libevdev_enable_event_code(dev, EV_ABS, code, &info);
}

static void uinput_enable(struct libevdev *dev, const struct spec *spec,
			  unsigned int type, unsigned int code)
{
	const int repeat = (int)(code == REP_DELAY ? spec->repeat_delay_ms
						   : spec->repeat_period_ms);

	if (type == EV_ABS)
		uinput_enable_axis(dev, spec, code);
	else if (type == EV_REP)
		libevdev_enable_event_code(dev, type, code, &repeat);
	else
		libevdev_enable_event_code(dev, type, code, NULL);
}

static struct libevdev *uinput_describe(const struct spec *spec)
{
	struct libevdev *dev = libevdev_new();

	if (!dev)
		return NULL;
	libevdev_set_name(dev, spec->name);
	libevdev_set_uniq(dev, spec->serial);
	libevdev_set_id_bustype(dev, spec->ids.bustype);
	libevdev_set_id_vendor(dev, spec->ids.vendor);
	libevdev_set_id_product(dev, spec->ids.product);
	libevdev_set_id_version(dev, spec->ids.version);
	for (unsigned int i = 0; i <= INPUT_PROP_MAX; i++)
		if (bit_test(spec->props, i))
			libevdev_enable_property(dev, i);
	for (unsigned int type = EV_SYN + 1; type < EV_CNT; type++) {
		int max = libevdev_event_type_get_max(type);

		for (int code = 0; code <= max; code++)
			if (spec_has(spec, (uint16_t)type, (uint16_t)code))
				uinput_enable(dev, spec, type,
					      (unsigned int)code);
	}
	return dev;
}

/* Non-blocking: the kernel's LED events are read from it. */
static int uinput_open(const char *phys)
{
	_cleanup_close_ int fd =
		open("/dev/uinput", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || (phys && ioctl(fd, UI_SET_PHYS, phys) < 0))
		return -errno;
	return steal_fd(&fd);
}

int monitor_uinput_new(struct libevdev_uinput **out, const struct spec *spec,
		       const char *phys)
{
	struct libevdev *dev = uinput_describe(spec);
	int fd, r;

	if (!dev)
		return -ENOMEM;
	fd = r = uinput_open(phys);
	if (fd >= 0)
		r = libevdev_uinput_create_from_device(dev, fd, out);
	if (r && fd >= 0)
		close(fd);
	libevdev_free(dev);
	return r;
}

void monitor_uinput_free(struct libevdev_uinput *dev)
{
	const int fd = dev ? libevdev_uinput_get_fd(dev) : -1;

	libevdev_uinput_destroy(dev);
	if (fd >= 0)
		close(fd);
}

int monitor_uinput_write(struct libevdev_uinput *dev, const struct vi_event *ev)
{
	return libevdev_uinput_write_event(dev, vi_type(ev), vi_code(ev),
					   vi_value(ev));
}

bool monitor_uinput_read(struct libevdev_uinput *dev, struct vi_event *ev)
{
	struct input_event in;
	int fd = libevdev_uinput_get_fd(dev);

	while (read(fd, &in, sizeof(in)) == sizeof(in)) {
		if (in.type != EV_LED && in.type != EV_SND)
			continue;
		*ev = vi_event(in.type, in.code, in.value);
		return true;
	}
	return false;
}

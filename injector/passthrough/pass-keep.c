/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "injector/passthrough/pass-keep.h"
#include "input/base/fd.h"
#include "input/base/own-device.h"
#include "input/spec/spec.h"

/* Return: 0 or -errno. */
static int describe(int fd, const struct pass_keep *k)
{
	const struct uinput_setup setup = { .id = { .bustype = BUS_VIRTUAL },
					    .name = "vinput kept keys" };
	bool fails = ioctl(fd, UI_SET_PHYS, OWN_DEVICE_PHYS "keep") < 0 ||
		     ioctl(fd, UI_SET_EVBIT, EV_KEY) < 0 ||
		     ioctl(fd, UI_SET_EVBIT, EV_REP) < 0;

	for (unsigned long key = 0; !fails && key < KEY_CNT; key++)
		if (bit_test(k->keys, (unsigned int)key))
			fails = ioctl(fd, UI_SET_KEYBIT, key) < 0;
	fails = fails || ioctl(fd, UI_DEV_SETUP, &setup) < 0 ||
		ioctl(fd, UI_DEV_CREATE, 0) < 0;
	return fails ? -errno : 0;
}

int pass_keep_open(struct pass_keep *k)
{
	_cleanup_close_ int fd =
		open("/dev/uinput", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = describe(fd, k);
	if (!r)
		k->fd = steal_fd(&fd);
	return r;
}

void pass_keep_close(struct pass_keep *k)
{
	if (k->fd >= 0)
		close(k->fd);
	k->fd = -1;
}

void pass_keep_key(void *arg, uint16_t key, bool down)
{
	struct pass_keep *k = arg;
	struct input_event ev[2] = {
		{ .type = EV_KEY, .code = key, .value = down },
		{ .type = EV_SYN },
	};

	if (bit_test(k->down, key) == down)
		return;
	bit_assign(k->down, key, down);
	if (write(k->fd, ev, sizeof(ev)) < 0)
		return; /* it cannot fail but for lack of memory */
}

const char *pass_keep_hint(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return ". This line in /etc/udev/rules.d/70-vinput.rules lets "
		       "group input write it, after 'udevadm trigger': "
		       "KERNEL==\"uinput\", GROUP=\"input\", MODE=\"0660\", "
		       "OPTIONS+=\"static_node=uinput\"";
	case ENOENT:
	case ENODEV:
		return "; 'modprobe uinput' loads the kernel's module";
	}
	return "";
}

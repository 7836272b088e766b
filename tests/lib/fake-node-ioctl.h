/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defines ioctl() in place of libc's, for libevdev as well: a unit test
 * includes this once, after it has defined FAKE_NODE, a struct fake_node *.
 */
#ifndef VINPUT_TESTS_FAKE_NODE_IOCTL_H
#define VINPUT_TESTS_FAKE_NODE_IOCTL_H

#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/lib/fake-node.h"

/* NOLINTNEXTLINE(misc-definitions-in-headers) */
int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(request) == 'E')
		return fake_node_ioctl(FAKE_NODE, request, arg);
	return (int)syscall(SYS_ioctl, fd, request, arg);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives a program an evdev node that the test plays, where there is no kernel
 * device; put into it by LD_PRELOAD. Who opens NODE_STAND_IN gets a copy of fd
 * SOCKET, which is read as the node, and its ioctls are answered from the
 * struct fake_node in the shared memory of fd MEMORY.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/fake-node.h"

#define NODE_STAND_IN "/dev/input/stand-in-%d-%d" /* SOCKET, MEMORY */

/* libc has other names for the arguments of the functions replaced here. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static int node = -1;
static struct fake_node *fake;

static int open_node(int socket, int memory)
{
	fake = mmap(NULL, sizeof(*fake), PROT_READ | PROT_WRITE, MAP_SHARED,
		    memory, 0);
	if (fake == MAP_FAILED)
		return -1;
	node = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	fcntl(node, F_SETFL, O_RDWR | O_NONBLOCK);
	return node;
}

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
	int socket, memory;
	mode_t mode = 0;
	va_list ap;

	if (sscanf(path, NODE_STAND_IN, &socket, &memory) == 2)
		return open_node(socket, memory);
	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return next(path, flags, mode);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd == node && _IOC_TYPE(request) == 'E')
		return fake_node_ioctl(fake, request, arg);
	return next(fd, request, arg);
}

/* The state is that of the events that were read, as if none were queued. */
static void note_keys(const struct input_event *ev, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ev[i].type == EV_KEY && ev[i].value <= 1)
			bit_assign(fake->key, ev[i].code, ev[i].value);
}

ssize_t read(int fd, void *to, size_t size)
{
	ssize_t (*next)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
	const ssize_t len = next(fd, to, size);

	if (fd == node && node >= 0 && len > 0)
		note_keys(to, (size_t)len / sizeof(struct input_event));
	return len;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

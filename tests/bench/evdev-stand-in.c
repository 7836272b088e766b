/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For back-ends that need an evdev node, where there is neither a keyboard nor
 * uinput; loaded by LD_PRELOAD. A program that opens EVDEV_STAND_IN gets its
 * stdin, a stream of virtio input events, as the node of a keyboard. Each
 * read() of it is one read() in the kernel, as with a node, and blocks unless
 * it is non-blocking; the events are returned as struct input_event.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "input/device/event.h"

#define EVDEV_STAND_IN "/dev/input/stdin"
#define KEYS_END       KEY_MICMUTE /* below are those of a keyboard */

/* libc has other names for the arguments of the functions replaced here. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static int node = -1;
static ssize_t (*next_read)(int fd, void *to, size_t size);

/* --- open --- */

static void use_node(int fd)
{
	next_read = dlsym(RTLD_NEXT, "read");
	node = fd;
}

/* From before a sandbox, whose filter may have no dup(). */
static int spare = -1;
static pid_t program;

__attribute__((constructor)) static void keep_spare(void)
{
	program = getpid();
	spare = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
}

static int take_spare(void)
{
	const int fd = spare >= 0 ? spare : dup(STDIN_FILENO);

	spare = -1;
	return fd;
}

/* Another process may have opened it for this one. */
static bool is_stdin(int fd)
{
	struct stat st, in;

	return !fstat(fd, &st) && S_ISSOCK(st.st_mode) &&
	       !fstat(STDIN_FILENO, &in) && st.st_ino == in.st_ino &&
	       st.st_dev == in.st_dev;
}

static int open_by(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = dlsym(RTLD_NEXT, name);

	if (strcmp(path, EVDEV_STAND_IN) != 0)
		return next(path, flags, mode);
	use_node(take_spare());
	/* One that a child opens is for the program: see ioctl(). */
	if (node >= 0 && flags & O_NONBLOCK && getpid() == program)
		fcntl(node, F_SETFL, O_RDWR | O_NONBLOCK);
	return node;
}

#define MODE_OF_CALL                               \
	({                                         \
		va_list ap;                        \
		va_start(ap, flags);               \
		mode_t mode = 0;                   \
		if (flags & O_CREAT)               \
			mode = va_arg(ap, mode_t); \
		va_end(ap);                        \
		mode;                              \
	})

int open(const char *path, int flags, ...)
{
	return open_by("open", path, flags, MODE_OF_CALL);
}

int open64(const char *path, int flags, ...)
{
	return open_by("open64", path, flags, MODE_OF_CALL);
}

/* --- ioctl --- */

static int answer(void *to, size_t room, const void *value, size_t size)
{
	memset(to, 0, room);
	memcpy(to, value, size < room ? size : room);
	return (int)(size < room ? size : room);
}

/* EVIOCGBIT: the event types, and the codes of a type. */
static int answer_bits(unsigned int type, void *to, size_t room)
{
	uint8_t bits[(KEYS_END + 7) / 8] = { 0 };

	if (type == EV_KEY) {
		memset(bits, 0xff, sizeof(bits));
		bits[0] &= (uint8_t)~1; /* KEY_RESERVED is none */
	}
	if (!type)
		bits[0] = 1 << EV_SYN | 1 << EV_KEY;
	return answer(to, room, bits, sizeof(bits));
}

static int answer_ioctl(unsigned long request, void *to)
{
	static const struct input_id id = { .bustype = BUS_VIRTUAL };
	static const char name[] = "Keyboard";
	static const int version = EV_VERSION;
	const unsigned int nr = _IOC_NR(request);
	const size_t room = _IOC_SIZE(request);

	if (nr >= _IOC_NR(EVIOCGBIT(0, 0)) && nr < _IOC_NR(EVIOCGABS(0)))
		return answer_bits(nr - _IOC_NR(EVIOCGBIT(0, 0)), to, room);
	switch (nr) {
	case _IOC_NR(EVIOCGVERSION):
		answer(to, room, &version, sizeof(version));
		return 0;
	case _IOC_NR(EVIOCGID):
		answer(to, room, &id, sizeof(id));
		return 0;
	case _IOC_NR(EVIOCGNAME(0)):
		return answer(to, room, name, sizeof(name));
	case _IOC_NR(EVIOCGPHYS(0)):
	case _IOC_NR(EVIOCGUNIQ(0)):
		errno = ENOENT;
		return -1;
	case _IOC_NR(EVIOCGPROP(0)):
	case _IOC_NR(EVIOCGKEY(0)):
	case _IOC_NR(EVIOCGLED(0)):
	case _IOC_NR(EVIOCGSW(0)):
		return answer(to, room, "", 1);
	case _IOC_NR(EVIOCGRAB):
	case _IOC_NR(EVIOCSMASK):
		return 0;
	default:
		errno = EINVAL;
		return -1;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
	va_list ap;

	va_start(ap, request);
	void *arg = va_arg(ap, void *);
	va_end(ap);
	if (_IOC_TYPE(request) != 'E')
		return next(fd, request, arg);
	if (fd != node && is_stdin(fd)) {
		use_node(fd);
		if (getpid() == program)
			fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	}
	if (fd == node && node >= 0)
		return answer_ioctl(request, arg);
	return next(fd, request, arg);
}

/* --- read --- */

/* In place: the events are at the end of the buffer that they expand into. */
static void convert(struct input_event *to, const struct vi_event *from,
		    size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vi_event ev = from[i];

		to[i] = (struct input_event){
			.type = vi_type(&ev),
			.code = vi_code(&ev),
			.value = vi_value(&ev),
		};
	}
}

static ssize_t read_events(void *to, size_t size)
{
	size_t room = size / sizeof(struct input_event);
	struct vi_event *ev =
		(struct vi_event *)((struct input_event *)to + room) - room;
	ssize_t n = next_read(node, ev, room * sizeof(*ev));

	if (n <= 0)
		return n;
	/* The rest of a partial event is on its way. */
	while (n % (ssize_t)sizeof(*ev)) {
		ssize_t more = recv(node, (uint8_t *)ev + n,
				    sizeof(*ev) - (size_t)n % sizeof(*ev),
				    MSG_WAITALL);
		if (more <= 0)
			return more;
		n += more;
	}
	convert(to, ev, (size_t)n / sizeof(*ev));
	return n / (ssize_t)sizeof(*ev) * (ssize_t)sizeof(struct input_event);
}

ssize_t read(int fd, void *to, size_t size)
{
	ssize_t (*next)(int, void *, size_t) = next_read;

	if (fd == node && node >= 0)
		return read_events(to, size);
	if (!next)
		next = dlsym(RTLD_NEXT, "read");
	return next(fd, to, size);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives a program evdev nodes that the test plays, where there are no kernel
 * devices; put into it by LD_PRELOAD. There are two kinds:
 *
 * Who opens NODE_STAND_IN gets a copy of fd SOCKET, which is read as the node,
 * and its ioctls are answered from the struct fake_node in the shared memory of
 * fd MEMORY.
 *
 * With FAKE_HOST_ENV in the environment, the folders of a fake host
 * (tests/lib/fake-host.h) are in the places of /sys/class/input and /dev/input,
 * and nodes are its sockets.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "input/spec/spec.h"
#include "tests/lib/fake-host.h"
#include "tests/lib/fake-node.h"

#define NODE_STAND_IN "/dev/input/stand-in-%d-%d" /* SOCKET, MEMORY */

/* libc has other names for the arguments of the functions replaced here. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

#define FDS_MAX	 256
#define PATH_LEN 300
#define NEXT(f)	 ((__typeof__(f) *)dlsym(RTLD_NEXT, #f))

/*
 * By fd; NULL: no node. A copy of an fd does not own the grab. The memory of a
 * node: its fd, as long as nodes has it.
 */
static struct fake_node *nodes[FDS_MAX], *copies[FDS_MAX];
static int memory_of[FDS_MAX];

static int uinput_fd = -1;

static struct fake_node *node_of(int fd)
{
	if (fd < 0 || fd >= FDS_MAX)
		return NULL;
	return nodes[fd] ? nodes[fd] : copies[fd];
}

/* Return: the node's fd, or -1; then memory is not taken. */
static int use_node(int fd, int memory)
{
	void *node = mmap(NULL, sizeof(struct fake_node),
			  PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);

	if (fd < 0 || fd >= FDS_MAX || node == MAP_FAILED)
		return -1;
	fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
	nodes[fd] = node;
	memory_of[fd] = memory;
	return fd;
}

/* --- a fake host --- */

static const struct place {
	const char *real, *fake;
} places[] = {
	{ "/sys/class/input", FAKE_HOST_SYS },
	{ "/dev/input", FAKE_HOST_DEV },
};

/* Return: path, or where it is in the fake host. */
static const char *fake_path(const char *path, char fake[PATH_LEN])
{
	const char *host = getenv(FAKE_HOST_ENV);

	for (size_t i = 0; host && i < 2; i++) {
		const size_t len = strlen(places[i].real);

		if (strncmp(path, places[i].real, len) ||
		    (path[len] && path[len] != '/'))
			continue;
		snprintf(fake, PATH_LEN, "%s/%s%s", host, places[i].fake,
			 path + len);
		return fake;
	}
	return path;
}

/* Return: a connection to the node, or -1 with errno. */
static int connect_node(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) < sizeof(addr.sun_path))
		strcpy(addr.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	/* Pulled already: as a node whose device is gone. */
	errno = errno == ECONNREFUSED ? ENODEV : errno;
	close(fd);
	return -1;
}

static int open_fake(const char *path, unsigned int event)
{
	char memory[PATH_LEN];
	int fd, memory_fd, error;

	snprintf(memory, sizeof(memory), "%s/" FAKE_HOST_MEMORY "/event%u",
		 getenv(FAKE_HOST_ENV), event);
	memory_fd = NEXT(open)(memory, O_RDWR | O_CLOEXEC);
	fd = connect_node(path);
	if (fd >= 0)
		fd = use_node(fd, memory_fd);
	error = errno;
	if (fd < 0 && memory_fd >= 0)
		close(memory_fd);
	if (fd >= 0 && nodes[fd]->denied) {
		close(fd);
		fd = -1;
		error = EACCES;
	}
	errno = error;
	return fd;
}

#define CALLS 3

/* Allow these calls, and let the filter decide on others. */
static long load_with_calls(unsigned int flags, const struct sock_fprog *code)
{
	static const unsigned int calls[CALLS] = { SYS_socket, SYS_connect,
						   SYS_fcntl };
	struct sock_filter at[CALLS + 2 + BPF_MAXINSNS] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
	};
	const struct sock_fprog all = { (unsigned short)(code->len + CALLS + 2),
					at };

	for (unsigned int i = 0; i < CALLS; i++)
		at[1 + i] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, calls[i],
			(unsigned char)(CALLS - 1 - i), i == CALLS - 1);
	at[CALLS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						     SECCOMP_RET_ALLOW);
	memcpy(at + CALLS + 2, code->filter, code->len * sizeof(at[0]));
	return NEXT(syscall)(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &all);
}

static bool is_opener(void)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	return !strcmp(name, "vinput-opener");
}

/*
 * In the process that opens nodes, those here take more calls than real ones.
 * It has fewer arguments than are read.
 */
__attribute__((no_sanitize_address)) long syscall(long number, ...)
{
	unsigned long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	if (number == SYS_seccomp && a[0] == SECCOMP_SET_MODE_FILTER &&
	    is_opener())
		return load_with_calls((unsigned int)a[1],
				       (const struct sock_fprog *)a[2]);
	return NEXT(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* What is written there the test reads. */
static int open_uinput(void)
{
	char path[PATH_LEN];

	snprintf(path, sizeof(path), "%s/" FAKE_HOST_UINPUT,
		 getenv(FAKE_HOST_ENV));
	uinput_fd = connect_node(path);
	return uinput_fd;
}

FILE *fopen(const char *path, const char *mode)
{
	char fake[PATH_LEN];

	return NEXT(fopen)(fake_path(path, fake), mode);
}

DIR *opendir(const char *path)
{
	char fake[PATH_LEN];

	return NEXT(opendir)(fake_path(path, fake));
}

int scandir(const char *path, struct dirent ***list,
	    int (*filter)(const struct dirent *),
	    int (*compare)(const struct dirent **, const struct dirent **))
{
	char fake[PATH_LEN];

	return NEXT(scandir)(fake_path(path, fake), list, filter, compare);
}

int access(const char *path, int mode)
{
	char fake[PATH_LEN];

	return NEXT(access)(fake_path(path, fake), mode);
}

ssize_t readlink(const char *path, char *to, size_t size)
{
	char fake[PATH_LEN];

	return NEXT(readlink)(fake_path(path, fake), to, size);
}

char *realpath(const char *path, char *resolved)
{
	char fake[PATH_LEN];

	return NEXT(realpath)(fake_path(path, fake), resolved);
}

int inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	const char *host = getenv(FAKE_HOST_ENV);
	char fake[PATH_LEN];

	if (host && !strcmp(path, "/dev"))
		path = host;
	return NEXT(inotify_add_watch)(fd, fake_path(path, fake), mask);
}

/* --- nodes --- */

static int open_inherited(int socket_fd, int memory, int flags)
{
	const int fd = use_node(fcntl(socket_fd, F_DUPFD_CLOEXEC, 0),
				fcntl(memory, F_DUPFD_CLOEXEC, 0));

	if (fd >= 0)
		fcntl(fd, F_SETFL, flags & O_NONBLOCK);
	return fd;
}

int open(const char *path, int flags, ...)
{
	int socket_fd, memory;
	char fake[PATH_LEN];
	unsigned int event;
	mode_t mode = 0;
	va_list ap;

	if (sscanf(path, NODE_STAND_IN, &socket_fd, &memory) == 2)
		return open_inherited(socket_fd, memory, flags);
	if (getenv(FAKE_HOST_ENV) && !strcmp(path, "/dev/uinput"))
		return open_uinput();
	if (fake_path(path, fake) == fake &&
	    sscanf(path, "/dev/input/event%u", &event) == 1)
		return open_fake(fake, event);
	va_start(ap, flags);
	if (flags & O_CREAT)
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return NEXT(open)(fake_path(path, fake), flags, mode);
}

/* libinput looks at a node before it opens it. */
int stat64(const char *path, struct stat64 *st)
{
	const char *event = FAKE_HOST_DEV "/event";
	int socket_fd, memory;
	char fake[PATH_LEN];

	if (sscanf(path, NODE_STAND_IN, &socket_fd, &memory) != 2 &&
	    !strstr(fake_path(path, fake), event))
		return NEXT(stat64)(path, st);
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR;
	return 0;
}

int fcntl(int fd, int command, ...)
{
	va_list ap;
	void *arg;
	int r;

	va_start(ap, command);
	arg = va_arg(ap, void *);
	va_end(ap);
	r = NEXT(fcntl)(fd, command, arg);
	if (command == F_DUPFD_CLOEXEC && node_of(fd) && r >= 0 && r < FDS_MAX)
		copies[r] = node_of(fd);
	return r;
}

static void forget_node(int fd)
{
	munmap(nodes[fd], sizeof(*nodes[fd]));
	nodes[fd] = NULL;
	NEXT(close)(memory_of[fd]);
}

int close(int fd)
{
	if (fd >= 0 && fd < FDS_MAX)
		copies[fd] = NULL;
	if (node_of(fd)) {
		if (nodes[fd]->grabbed && !nodes[fd]->error)
			nodes[fd]->grabbed = false;
		forget_node(fd);
	}
	return NEXT(close)(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fd == uinput_fd && _IOC_TYPE(request) == 'U')
		return 0;
	if (node_of(fd) && _IOC_TYPE(request) == 'E')
		return fake_node_ioctl(node_of(fd), request, arg);
	return NEXT(ioctl)(fd, request, arg);
}

/* --- a node that one process opens for another --- */

/* pass-opener's replies; pass-guard's copies are only written to. */
#define OPENER_REPLY 200

/* Return: the only fd that comes with a reply of the opener, or -1. */
static int only_fd(const struct msghdr *msg)
{
	const struct cmsghdr *c =
		msg->msg_controllen ? CMSG_FIRSTHDR(msg) : NULL;
	int fd;

	if (!c || c->cmsg_type != SCM_RIGHTS ||
	    msg->msg_iov->iov_len < OPENER_REPLY ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* Its memory goes along, and it is the receiver's from now on. */
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	const int node = only_fd(msg);
	union {
		char buf[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control = { { 0 } };
	struct msghdr both = *msg;
	struct cmsghdr *c;
	ssize_t n;

	if (!node_of(node))
		return NEXT(sendmsg)(fd, msg, flags);
	both.msg_control = &control;
	both.msg_controllen = sizeof(control);
	c = CMSG_FIRSTHDR(&both);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(c), (const int[]){ node, memory_of[node] },
	       2 * sizeof(int));
	n = NEXT(sendmsg)(fd, &both, flags);
	forget_node(node);
	return n;
}

static bool is_node_memory(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_size == sizeof(struct fake_node);
}

/* Only what may have come from above: space for one fd was given. */
ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	union {
		char buf[CMSG_SPACE(2 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct msghdr both = *msg;
	struct cmsghdr *c;
	int fds[2];
	ssize_t n;

	if (msg->msg_controllen != CMSG_SPACE(sizeof(int)))
		return NEXT(recvmsg)(fd, msg, flags);
	both.msg_control = &control;
	both.msg_controllen = sizeof(control);
	n = NEXT(recvmsg)(fd, &both, flags);
	c = n < 0 || !both.msg_controllen ? NULL : CMSG_FIRSTHDR(&both);
	msg->msg_flags = both.msg_flags;
	if (c && c->cmsg_len == CMSG_LEN(sizeof(fds))) {
		memcpy(fds, CMSG_DATA(c), sizeof(fds));
		if (!is_node_memory(fds[1]) || use_node(fds[0], fds[1]) < 0)
			NEXT(close)(fds[1]);
		c->cmsg_len = CMSG_LEN(sizeof(int));
	}
	msg->msg_controllen = c ? CMSG_SPACE(sizeof(int)) : 0;
	if (c)
		memcpy(msg->msg_control, &control, CMSG_SPACE(sizeof(int)));
	return n;
}

/* --- events --- */

/* The state is that of the events that were read, as if none were queued. */
static void note_keys(struct fake_node *node, const struct input_event *ev,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ev[i].type == EV_KEY && ev[i].value <= 1)
			bit_assign(node->key, ev[i].code, ev[i].value);
}

ssize_t read(int fd, void *to, size_t size)
{
	const ssize_t len = NEXT(read)(fd, to, size);

	if (node_of(fd) && node_of(fd)->error && !len) {
		errno = ENODEV;
		return -1;
	}
	/* Pulled before the test had accepted. */
	if (node_of(fd) && len < 0 && errno == ECONNRESET)
		errno = ENODEV;
	if (node_of(fd) && len > 0)
		note_keys(node_of(fd), to,
			  (size_t)len / sizeof(struct input_event));
	return len;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */

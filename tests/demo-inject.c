/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: demo-inject SOCKET NAME=VALUE...
 *
 * The demo's injector, as small as one can be: connects to an injection socket
 * and writes the events that its arguments name, KEY_A=1 or SYN_REPORT=0, as
 * the eight bytes that go to the guest.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <libevdev/libevdev.h>
#include "input/event.h"

#define EVENTS_MAX 256

/* Return: 0 or -1. */
static int parse(const char *arg, struct vi_event *ev)
{
	const char *eq = strchr(arg, '=');
	size_t len = eq ? (size_t)(eq - arg) : 0;
	int type = libevdev_event_type_from_code_name_n(arg, len);
	int code = libevdev_event_code_from_code_name_n(arg, len);

	if (!eq || type < 0 || code < 0)
		return -1;
	*ev = vi_event((uint16_t)type, (uint16_t)code, atoi(eq + 1));
	return 0;
}

/* Return: fd or -1. */
static int connect_to(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		return -1;
	strcpy(addr.sun_path, path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return fd;
}

int main(int argc, char **argv)
{
	struct vi_event ev[EVENTS_MAX];
	int fd, n = argc - 2;

	if (n < 1 || n > EVENTS_MAX) {
		fprintf(stderr, "usage: demo-inject SOCKET NAME=VALUE...\n");
		return 2;
	}
	for (int i = 0; i < n; i++) {
		if (parse(argv[i + 2], &ev[i])) {
			fprintf(stderr, "demo-inject: %s: no such event\n",
				argv[i + 2]);
			return 2;
		}
	}
	fd = connect_to(argv[1]);
	if (fd < 0 ||
	    write(fd, ev, n * sizeof(*ev)) != (ssize_t)(n * sizeof(*ev))) {
		perror(argv[1]);
		return 1;
	}
	return 0;
}

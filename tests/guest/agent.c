/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The init of the test's guest, which acts for the test there. It loads the
 * modules in /modules in the order of their names, opens the virtio-serial
 * port, and then handles requests of the host, one line each, numbers decimal:
 *
 *   wait N                       until N input devices exist, and open them
 *   list                         NODE NAME: each device
 *   print NODE                   the device, by spec_print()
 *   state NODE                   TYPE CODE VALUE: keys and switches that are
 *                                on, all axes but those of contacts
 *   contacts NODE                at SLOT: the selected one; SLOT ID X Y: each
 *                                contact
 *   early                        TYPE CODE VALUE NAME: each event since the
 *                                driver was loaded, as it passed it on
 *   write NODE TYPE CODE VALUE   send an event to the device: set an LED
 *   rebind NODE                  take the device from its driver, and give it
 *                                back; NODE is another then
 *   suspend                      to idle and back
 *   reboot
 *   start PROGRAM ARGUMENT...    run a program on a terminal of its own
 *   said                         the lines that it printed since the last time
 *   stop                         SIGINT, and what it printed until it exited
 *   run PROGRAM ARGUMENT...      start one and wait until it exits
 *   serve ARGUMENT...            run vhost-user-input at the VVU device, with
 *                                the host as its injector
 *   unserve SIGNAL               end it
 *
 * An answer is lines "d TEXT", then "ok" or "error TEXT". The agent sends
 * "hello" when it starts, and "e NODE TYPE CODE VALUE" for each event that it
 * reads from a device, at any time between other lines. NODE is the N of
 * /dev/input/eventN.
 *
 * Any error ends the guest: the host sees the port close, and the console has
 * the reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "tests/guest/agent.h"

#define PORT "/dev/vport0p1"

static int port_fd = -1;

void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	sleep(1); /* the console is slow */
	exit(1);  /* the exit of init is a panic, which ends QEMU */
}

void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (vdprintf(port_fd, fmt, ap) < 0)
		die("write to " PORT);
	va_end(ap);
}

/* Text of several lines, each as a "d" line. */
void say_lines(char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		if (*line)
			say("d %s\n", line);
}

static void open_port(void)
{
	for (int i = 0; i < 500 && port_fd < 0; i++) {
		port_fd = open(PORT, O_RDWR | O_CLOEXEC);
		if (port_fd < 0)
			sleep_ms(10);
	}
	if (port_fd < 0)
		die(PORT);
}

/* How many numbers a request has, and whether the first one is a node. */
/* clang-format off */
static const struct {
	const char *verb;
	request_fn *obey;
	int numbers;
	bool node;
} requests[] = {
	{ "wait", do_wait, 1, false },
	{ "list", do_list, 0, false },
	{ "print", do_print, 1, true },
	{ "state", do_state, 1, true },
	{ "contacts", do_contacts, 1, true },
	{ "early", do_early, 0, false },
	{ "write", do_write, 4, true },
	{ "rebind", do_rebind, 1, true },
	{ "suspend", do_suspend, 0, false },
	{ "reboot", do_reboot, 0, false },
	{ "keymap", do_keymap, 3, false },
	{ "screen", do_screen, 0, false },
	{ "start", do_start, 0, false },
	{ "said", do_said, 0, false },
	{ "stop", do_stop, 0, false },
	{ "run", do_run, 0, false },
	{ "serve", do_serve, 0, false },
	{ "unserve", do_unserve, 1, false },
};
/* clang-format on */

/* Return: NULL or an error. */
static const char *obey(const char *line, struct request *r)
{
	const size_t len = strcspn(line, " ");
	int given;

	r->words = line[len] ? line + len + 1 : "";
	given = sscanf(r->words, "%d %d %d %d", &r->n, &r->args[0], &r->args[1],
		       &r->args[2]);
	if (given < 0) /* nothing there */
		given = 0;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (strlen(requests[i].verb) != len ||
		    strncmp(requests[i].verb, line, len) != 0)
			continue;
		if (given < requests[i].numbers)
			return "too few numbers";
		if (requests[i].node &&
		    (r->n < 0 || r->n >= NODES_MAX || node_fd[r->n] < 0))
			return "no such device";
		return requests[i].obey(r);
	}
	return "no such request";
}

/* Read from the port and handle each complete line. */
static void take_requests(void)
{
	static char buf[4096];
	static size_t filled;
	ssize_t len = read(port_fd, buf + filled, sizeof(buf) - 1 - filled);
	char *end;

	if (len == 0) /* the host closed its end: wait until it reconnects */
		sleep_ms(10);
	if (len < 0 && errno != EINTR)
		die("read from " PORT);
	filled += len > 0 ? (size_t)len : 0;
	buf[filled] = '\0';
	while ((end = strchr(buf, '\n'))) {
		struct request r;
		const char *wrong;

		*end = '\0';
		wrong = obey(buf, &r);
		if (wrong)
			say("error %s\n", wrong);
		else
			say("ok\n");
		filled -= (size_t)(end + 1 - buf);
		memmove(buf, end + 1, filled + 1);
	}
}

static void serve(void)
{
	struct pollfd fds[NODES_MAX + 1];

	for (;;) {
		fds[NODES_MAX] = (struct pollfd){ port_fd, POLLIN, 0 };
		for (int i = 0; i < NODES_MAX; i++)
			fds[i] = (struct pollfd){ node_fd[i], POLLIN, 0 };
		if (poll(fds, NODES_MAX + 1, -1) < 0)
			die("poll");
		for (int i = 0; i < NODES_MAX; i++)
			if (fds[i].revents)
				report_events(i);
		if (fds[NODES_MAX].revents)
			take_requests();
	}
}

int main(void)
{
	forget_nodes();
	boot();
	open_port();
	say("hello\n");
	serve();
	return 1;
}

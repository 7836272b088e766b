/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In a device VM: vhost-user-input drives the VVU device, and its injector is
 * the host, at the other end of the second serial port.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include "tests/guest/agent.h"

#define PORT	 "/dev/ttyS1"
#define VVU	 "/sys/bus/pci/devices/*/device"
#define ARGS_MAX 8

static pid_t server; /* 0: none */

static bool file_is(const char *path, const char *text)
{
	char is[64] = "";
	FILE *f = fopen(path, "re");
	bool same;

	same = f && fgets(is, sizeof(is), f) && !strcmp(is, text);
	if (f)
		fclose(f);
	return same;
}

/* Return: whether there is one; its address. */
static bool find_device(char address[32])
{
	glob_t found;
	bool is = false;

	if (glob(VVU, 0, NULL, &found))
		return false;
	for (size_t i = 0; i < found.gl_pathc && !is; i++) {
		is = file_is(found.gl_pathv[i], "0x107d\n");
		if (is)
			sscanf(found.gl_pathv[i],
			       "/sys/bus/pci/devices/%31[^/]", address);
	}
	globfree(&found);
	return is;
}

static const char *give_to_vfio(const char *address)
{
	char path[128];

	if (access("/sys/module/vfio_pci", F_OK))
		load_modules("/modules-of-vfio");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind",
		 address);
	write_file(path, address);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override",
		 address);
	if (!write_file(path, "vfio-pci") ||
	    !write_file("/sys/bus/pci/drivers_probe", address))
		return "vfio-pci does not take the device";
	return NULL;
}

/* The line discipline would change bytes. */
static int open_serial_port(void)
{
	int fd = open(PORT, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios raw;

	if (fd < 0 || tcgetattr(fd, &raw) < 0)
		die(PORT);
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSANOW, &raw) < 0)
		die(PORT);
	return fd;
}

/* Return: whether there may be more. */
static bool copy(int from, int to)
{
	char bytes[512];
	const ssize_t n = read(from, bytes, sizeof(bytes));

	return n > 0 && write(to, bytes, (size_t)n) == n;
}

/* A terminal has no way back: the injector is a socket, and a relay to it. */
__attribute__((noreturn)) static void relay(int socket)
{
	const int port = open_serial_port();
	struct pollfd p[] = { { port, POLLIN, 0 }, { socket, POLLIN, 0 } };
	bool more = true;

	while (more && poll(p, 2, -1) > 0) {
		if (p[0].revents)
			more &= copy(port, socket);
		if (p[1].revents)
			more &= copy(socket, port);
	}
	_exit(0);
}

/* Return: the injector's socket for a server. */
static int start_relay(void)
{
	int fds[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		die("socketpair");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(fds[0]);
		relay(fds[1]);
	}
	close(fds[1]);
	return fds[0];
}

static void run_server(const char *address, const char *words, const int *fds)
{
	char vfio[64], inject[32], ready[32], *copy = strdup(words), *word;
	char program[] = "/bin/vhost-user-input";
	char *argv[ARGS_MAX + 5] = { program, vfio, inject, ready };
	size_t n = 4;

	snprintf(vfio, sizeof(vfio), "--vfio=%s", address);
	snprintf(inject, sizeof(inject), "--inject-fd=%d", fds[0]);
	snprintf(ready, sizeof(ready), "--ready-fd=%d", fds[1]);
	for (int i = 0; i < 2; i++)
		fcntl(fds[i], F_SETFD, 0);
	while (n < ARGS_MAX + 4 && (word = strsep(&copy, " ")))
		argv[n++] = word;
	execv(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

const char *do_serve(const struct request *r)
{
	char address[32], byte;
	const char *wrong;
	int ready[2], fds[2];
	bool is_ready;

	if (server)
		return "one server at a time";
	if (!find_device(address))
		return "no VVU device";
	wrong = give_to_vfio(address);
	if (wrong)
		return wrong;
	if (pipe2(ready, O_CLOEXEC) < 0)
		die("pipe");
	fds[0] = start_relay();
	fds[1] = ready[1];
	server = fork();
	if (server < 0)
		die("fork");
	if (!server)
		run_server(address, r->words, fds);
	close(fds[0]);
	close(ready[1]);
	is_ready = read(ready[0], &byte, 1) == 1;
	close(ready[0]);
	return is_ready ? NULL : "the server does not start, see the console";
}

const char *do_unserve(const struct request *r)
{
	if (!server)
		return "no server";
	kill(server, r->n);
	waitpid(server, NULL, 0);
	server = 0;
	return NULL;
}

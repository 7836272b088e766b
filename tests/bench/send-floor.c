/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: send-floor NODE SOCKET
 *
 * The minimum of what passes a node's events on to an injection socket: read,
 * send.
 */
#include <fcntl.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "input/device/event.h"

#define BATCH 64

int main(int argc, char **argv)
{
	static struct input_event in[BATCH];
	static struct vi_event out[BATCH];
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	ssize_t n;

	if (argc != 3 || strlen(argv[2]) >= sizeof(addr.sun_path))
		return 2;
	strcpy(addr.sun_path, argv[2]);
	int node = open(argv[1], O_RDONLY);
	int to = socket(AF_UNIX, SOCK_STREAM, 0);
	if (node < 0 || connect(to, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return EXIT_FAILURE;
	while ((n = read(node, in, sizeof(in))) > 0) {
		n /= (ssize_t)sizeof(*in);
		for (ssize_t i = 0; i < n; i++)
			out[i] = vi_event(in[i].type, in[i].code, in[i].value);
		if (send(to, out, (size_t)n * sizeof(*out), MSG_NOSIGNAL) < 0)
			return EXIT_FAILURE;
	}
	return n ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command of a back-end: a line, split at spaces (no shell). Leading words
 * NAME=VALUE go to its environment; placeholders in the others are replaced:
 *
 *	{socket}    path where it creates the front-end's socket
 *	{socket-}   the same without the final 0, for a program that numbers
 *		    its sockets
 *	{fd}        an inherited fd that listens there already
 *	{inject}    path where it creates its injection socket
 *	{inject-fd} an inherited fd, an injection stream
 *
 * Without either of the last two, its stdin is the injection stream.
 */
#ifndef VINPUT_BENCH_COMMAND_H
#define VINPUT_BENCH_COMMAND_H

#include <stdbool.h>
#include <sys/un.h>

#define COMMAND_ARGS_MAX 32
#define COMMAND_ENV_MAX	 256
#define COMMAND_TEXT_MAX 4096

/* The inherited fds. */
#define COMMAND_LISTEN_FD 3
#define COMMAND_INJECT_FD 4

struct command {
	char text[COMMAND_TEXT_MAX]; /* what argv and, in part, env point to */
	char *argv[COMMAND_ARGS_MAX + 1];
	char *env[COMMAND_ENV_MAX + 1];
};

bool command_takes(const char *line, const char *placeholder);
/*
 * The last letter of the front-end's socket is a 0.
 * Return: 0 or -E2BIG.
 */
int command_make(struct command *c, const char *line,
		 const struct sockaddr_un *front_end,
		 const struct sockaddr_un *inject);

#endif

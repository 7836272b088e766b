/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of programs that serve at one socket: vinput-hold(1) and
 * vinput-vfio-user(1). Each has these rows in its table, with one handler of
 * its own, which calls common_options_take().
 */
#ifndef VINPUT_COMMON_OPTIONS_H
#define VINPUT_COMMON_OPTIONS_H

#include "input/base/cmdline.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"
#include "input/sandbox/sandbox.h"

struct common_options {
	struct socket_access access; /* of the socket file */
	int ready_fd;		     /* -1: nobody waits for it */
	struct sandbox sandbox;
	enum log_level log_level;
};

/* clang-format off */
/* In the order of --help; TAKE: the handler. */
#define COMMON_OPTIONS_SOCKET(TAKE)                                          \
	{ "socket-mode", "OCTAL",                                            \
	  "mode of the socket file; 0600 if not given", TAKE },              \
	{ "socket-group", "GROUP",                                           \
	  "group of the socket file, by name or number", TAKE }
#define COMMON_OPTIONS_PROCESS(TAKE)                                         \
	{ "ready-fd", "N",                                                   \
	  "write a newline to this inherited fd and close it when the "      \
	  "socket is open", TAKE },                                          \
	{ "sandbox", "on|log|off",                                           \
	  "on a system call that is never needed: kill the process, let "    \
	  "the kernel log it, or do nothing", TAKE },                        \
	{ "user", "USER",                                                    \
	  "become this user, by name or number, and its group", TAKE },      \
	{ "group", "GROUP", "become this group, by name or number", TAKE },  \
	{ "log-level", "LEVEL",                                              \
	  "off, error, warning, info, debug or trace", TAKE }
/* clang-format on */

void common_options_init(struct common_options *o);
/* For the handler of these. Return: 0, or -EINVAL with c->why. */
int common_options_take(struct common_options *o, struct cmdline *c,
			char *value);

#endif

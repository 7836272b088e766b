/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of programs that serve at sockets: vinput-hold(1),
 * vinput-vfio-user(1) and vinput-vvu-proxy(1). Each has these rows in its
 * table, with one handler of its own, which calls common_options_take().
 */
#ifndef VINPUT_COMMON_OPTIONS_H
#define VINPUT_COMMON_OPTIONS_H

#include "input/base/cmdline.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"
#include "input/sandbox/sandbox.h"

struct common_options {
	struct socket_access access; /* of the socket files */
	int ready_fd;		     /* -1: nobody waits for it */
	struct sandbox sandbox;
	enum log_level log_level;
};

/* clang-format off */
/*
 * In the order of --help. FILES: "socket file", or of several "socket files";
 * ARE: "socket is", "sockets are"; TAKE: the handler.
 */
#define COMMON_OPTIONS_SOCKET(FILES, TAKE)                                   \
	{ "socket-mode", "OCTAL",                                            \
	  "mode of the " FILES "; 0600 if not given", TAKE },                \
	{ "socket-group", "GROUP",                                           \
	  "group of the " FILES ", by name or number", TAKE }
#define COMMON_OPTIONS_PROCESS(ARE, TAKE)                                    \
	{ "ready-fd", "N",                                                   \
	  "write a newline to this inherited fd and close it when the "      \
	  ARE " open", TAKE },                                               \
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

/* Listen at path as they say. Return: 0 or -errno, logged. */
int common_options_listen(const struct common_options *o,
			  struct socket_path *sp, const char *path);

#endif

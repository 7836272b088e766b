/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options of programs that serve at sockets: vinput-hold(1),
 * vinput-vfio-user(1) and vinput-vvu-proxy(1). Each has these rows in its
 * table. common-program.h runs such a program.
 */
#ifndef VINPUT_COMMON_OPTIONS_H
#define VINPUT_COMMON_OPTIONS_H

#include "input/base/cmdline-value.h"
#include "input/base/log.h"
#include "input/base/socket-path.h"
#include "input/sandbox/sandbox-options.h"

enum common_action {
	COMMON_RUN,
	COMMON_HELP,
	COMMON_VERSION,
};

struct common_options {
	enum common_action action;
	struct socket_access access; /* of the socket files */
	int ready_fd;		     /* -1: nobody waits for it */
	struct sandbox sandbox;
	enum log_level log_level;
};

/* clang-format off */
/*
 * In the order of --help. FILES: "socket file", or of several "socket files";
 * ARE: "socket is", "sockets are"; TYPE: the program's options, which have
 * these as their member `common`.
 */
#define COMMON_OPTIONS_SOCKET(FILES, TYPE)                                   \
	{ "socket-mode", "OCTAL",                                            \
	  "mode of the " FILES "; 0600 if not given",                        \
	  CMDLINE_MODE(TYPE, common.access.mode) },                          \
	{ "socket-group", "GROUP",                                           \
	  "group of the " FILES ", by name or number",                       \
	  CMDLINE_GROUP(TYPE, common.access.group) }
#define COMMON_OPTIONS_PROCESS(ARE, TYPE)                                    \
	{ "ready-fd", "N",                                                   \
	  "write a newline to this inherited fd and close it when the "      \
	  ARE " open", CMDLINE_READY_FD(TYPE, common.ready_fd) },            \
	{ "sandbox", "on|log|off",                                           \
	  "on a system call that is never needed: kill the process, let "    \
	  "the kernel log it, or do nothing",                                \
	  CMDLINE_SANDBOX(TYPE, common.sandbox) },                           \
	{ "user", "USER",                                                    \
	  "become this user, by name or number, and its group",              \
	  CMDLINE_SANDBOX(TYPE, common.sandbox) },                           \
	{ "group", "GROUP", "become this group, by name or number",          \
	  CMDLINE_SANDBOX(TYPE, common.sandbox) },                           \
	{ "log-level", "LEVEL",                                              \
	  "off, error, warning, info, debug or trace",                       \
	  CMDLINE_LEVEL(TYPE, common.log_level) },                           \
	{ "help", NULL, "print this and exit",                               \
	  CMDLINE_LAST(TYPE, common.action, COMMON_HELP) },                  \
	{ "version", NULL, "print the version and exit",                     \
	  CMDLINE_LAST(TYPE, common.action, COMMON_VERSION) }
/* clang-format on */

void common_options_init(struct common_options *o);

/* Listen at path as they say. Return: 0 or -errno, logged. */
int common_options_listen(const struct common_options *o,
			  struct socket_path *sp, const char *path);

#endif

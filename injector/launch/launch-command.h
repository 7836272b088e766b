/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the control socket. One row of the table is one command, for
 * both sides: the arguments that a client passes and how its answer is printed;
 * the function that begins it in the launcher and, if it takes time, the one
 * that checks whether it is done (launch-commands.h). To add one, add its row
 * and its functions, and describe it in vinput-launch(1).
 *
 * A request is an object with a string "command". A command is begun, and
 * checked whenever something has changed, until it has its answer:
 * {"ok": true, ...} or {"ok": false, "error": "..."}. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_COMMAND_H
#define VINPUT_LAUNCH_COMMAND_H

#include "injector/launch/launch-commands.h"

#define LAUNCH_REQUEST_MAX (256 * 1024) /* bytes of a line */
#define LAUNCH_REQUEST_TOO_LONG                                              \
	"the request is too long: a line must have less than 262144 bytes, " \
	"with the specs that are in it"
_Static_assert(LAUNCH_REQUEST_MAX == 262144, "LAUNCH_REQUEST_TOO_LONG");

/* Ends with a row without a name. */
extern const struct launch_command_row launch_command_rows[];

/* Return: the row, or NULL with what is wrong in why (256 bytes). */
const struct launch_command_row *launch_command_find(const char *name,
						     char *why);

/* Print all of them, for --help. */
void launch_command_help(void);

/* progressed: check it, although nothing in the fleet has changed. */
void launch_command_init(struct launch_command *cmd, struct launch_fleet *f,
			 void (*progressed)(void *arg), void *arg);
/* text: a request. Return: the answer, or NULL if there is none yet. */
json_t *launch_command_begin(struct launch_command *cmd, const char *text,
			     size_t len);
json_t *launch_command_check(struct launch_command *cmd);
/* Forget it; what it began continues. Idempotent. */
void launch_command_stop(struct launch_command *cmd);

#endif

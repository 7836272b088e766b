/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of the control socket. One row of the table is one command, for
 * both sides: the arguments that a client passes and how its answer is printed;
 * the function that begins it in the launcher and, if it takes time, the one
 * that checks whether it is done. To add one, add its row and its functions
 * here, and describe it in vinput-launch(1).
 *
 * A request is an object with a string "command". A command is begun, and
 * checked whenever something has changed, until it has its answer:
 * {"ok": true, ...} or {"ok": false, "error": "..."}. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_COMMAND_H
#define VINPUT_LAUNCH_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include "injector/launch/launch-fleet.h"
#include "injector/launch/launch-stats.h"

#define LAUNCH_REQUEST_MAX (256 * 1024) /* bytes of a line */
#define LAUNCH_REQUEST_TOO_LONG                                              \
	"the request is too long: a line must have less than 262144 bytes, " \
	"with the specs that are in it"
_Static_assert(LAUNCH_REQUEST_MAX == 262144, "LAUNCH_REQUEST_TOO_LONG");

struct launch_command;

/* What follows its name on the command line. */
enum launch_command_args {
	LAUNCH_TAKES_NOTHING,
	LAUNCH_TAKES_LABEL,
	LAUNCH_TAKES_CHILD, /* a label, which may be the streamer's */
	LAUNCH_MAY_TAKE_LABEL,
	LAUNCH_TAKES_DEVICES, /* as options */
};

struct launch_command_row {
	const char *name;
	enum launch_command_args args;
	const char *help;
	/* Both return the answer, to be freed, or NULL: not done yet. */
	json_t *(*begin)(struct launch_command *cmd, const json_t *request);
	json_t *(*check)(struct launch_command *cmd); /* NULL: never pending */
	void (*print)(const json_t *answer);
};

/* Ends with a row without a name. */
extern const struct launch_command_row launch_command_rows[];

/* Return: the row, or NULL with what is wrong in why (256 bytes). */
const struct launch_command_row *launch_command_find(const char *name,
						     char *why);

/* Print all of them, for --help. */
void launch_command_help(void);

struct launch_command {
	const struct launch_command_row *row; /* NULL: none is pending */
	struct launch_fleet *fleet;
	json_t *labels; /* of the devices concerned */
	bool failed;	/* add: being undone, for the reason in why */
	char why[LAUNCH_WHY_MAX];
	struct launch_stats stats;
	int64_t request_us; /* reload: launch_reload_request() */
	json_t *before;	    /* reload: the spec that was replaced, or NULL */
	struct launch_timer timeout;
	bool is_late; /* the timeout has passed */
	void (*progressed)(void *arg);
	void *arg;
};

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

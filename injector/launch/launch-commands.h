/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is made of, and the functions of those in launch_command_rows,
 * by the file that has them. Loop thread only.
 */
#ifndef VINPUT_LAUNCH_COMMANDS_H
#define VINPUT_LAUNCH_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>
#include "injector/fleet/launch-fleet.h"
#include "injector/launch/launch-stats.h"

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

#define LAUNCH_COMMAND_BEGIN(name)                                      \
	json_t *launch_command_begin_##name(struct launch_command *cmd, \
					    const json_t *request)
#define LAUNCH_COMMAND_CHECK(name) \
	json_t *launch_command_check_##name(struct launch_command *cmd)

/* launch-command-show.c */
LAUNCH_COMMAND_BEGIN(list);
LAUNCH_COMMAND_CHECK(list);
LAUNCH_COMMAND_BEGIN(stats);
LAUNCH_COMMAND_CHECK(stats);
LAUNCH_COMMAND_BEGIN(describe);

/* launch-command-add.c */
LAUNCH_COMMAND_BEGIN(add);
LAUNCH_COMMAND_CHECK(add);
LAUNCH_COMMAND_BEGIN(remove);
LAUNCH_COMMAND_CHECK(remove);

/* launch-command-replace.c */
LAUNCH_COMMAND_BEGIN(restart);
LAUNCH_COMMAND_CHECK(restart);
LAUNCH_COMMAND_BEGIN(upgrade);
LAUNCH_COMMAND_CHECK(upgrade);
LAUNCH_COMMAND_BEGIN(reload);
LAUNCH_COMMAND_CHECK(reload);

#undef LAUNCH_COMMAND_BEGIN
#undef LAUNCH_COMMAND_CHECK

#endif

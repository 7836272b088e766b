/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options that tune a device, most of which are those of vhost-user-input and
 * only passed on: for all devices as options of vinput-launch (--stall-ms=5),
 * for one in the launch file ("stall_ms": 5), which takes precedence. Both
 * become members of the device's JSON. To pass on one more, add a row here, to
 * launch-item.c's members and to launch-options-rows.c, and describe it in
 * launch.schema.json and in vinput-launch(1). Pure.
 */
#ifndef VINPUT_LAUNCH_TUNABLE_H
#define VINPUT_LAUNCH_TUNABLE_H

#include <jansson.h>
#include <stdbool.h>
#include "injector/process/launch-argv.h"

#define LAUNCH_TUNABLE_WORDS_MAX 2

enum launch_tunable_kind {
	LAUNCH_FLAG,   /* true or false; without a value on a command line */
	LAUNCH_NUMBER, /* from min to max */
	LAUNCH_WORD,   /* one of words */
};

struct launch_tunable {
	const char *option; /* of both programs, without the dashes */
	const char *key;    /* in the launch file */
	enum launch_tunable_kind kind;
	int min, max;
	const char *words[LAUNCH_TUNABLE_WORDS_MAX];
	bool ours; /* it is not passed on: no option of vhost-user-input */
};

/* Ends with a row without an option. */
extern const struct launch_tunable launch_tunables[];

/* Return: the row of an option or of a key, or NULL. */
const struct launch_tunable *launch_tunable_find(const char *name);

/* text: "" for a flag. Return: its value, to be freed; NULL: not valid. */
json_t *launch_tunable_read(const struct launch_tunable *t, const char *text);
bool launch_tunable_is_valid(const struct launch_tunable *t,
			     const json_t *value);

/* What a value must be, for errors: "a number from 1 to 5". */
void launch_tunable_must(const struct launch_tunable *t, char out[64]);

/* Add the options for the members of a device. */
void launch_tunable_args(const json_t *device, struct launch_argv *args);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of commands: words such as "tap 50% 50% --hold=1s", joined by "then",
 * each with an optional "@ADDRESS" before it. All are read and prepared, which
 * finds all errors, before the first one runs.
 */
#ifndef VINPUT_INJECT_COMMANDS_H
#define VINPUT_INJECT_COMMANDS_H

#include <stddef.h>
#include "injector/inject/inject-command.h"
#include "injector/inject/inject-run.h"
#include "input/base/fault.h"

struct inject_commands {
	struct inject_command *command; /* owned */
	size_t n;
};

#define INJECT_COMMANDS_NULL ((struct inject_commands){ 0 })

/*
 * Read and prepare commands. word: ends with NULL; borrowed until
 * inject_commands_fini(), which is due whatever the result.
 * Return: 0, or a negative errno with the fault.
 */
int inject_commands_read(struct inject_commands *list, char **word,
			 struct inject_context *ctx, struct fault *f);
void inject_commands_fini(struct inject_commands *list);

/*
 * Open the devices of all commands, then run the commands. *to: the device of
 * commands without an address, NULL: each verb's own label. An address replaces
 * it, by a name that the run owns.
 * Return: 0, or a negative errno with run->fault.
 */
int inject_commands_run(const struct inject_commands *list,
			struct inject_run *run, const char **to);

/* All verbs, in the order of --help; NULL is the end. */
extern const struct inject_verb *const inject_verbs[];

#endif

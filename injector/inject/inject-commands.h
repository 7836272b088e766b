/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: words such as "tap 50% 50% --hold=1s", joined by "then", each
 * perhaps with "@ADDRESS" before it. They are read and prepared, which finds
 * all mistakes, before they run.
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
 * Return: 0, -EINVAL, -ENOMEM, or what prepare() had.
 */
int inject_commands_read(struct inject_commands *list, char **word,
			 struct inject_context *ctx, struct fault *f);
void inject_commands_fini(struct inject_commands *list); /* idempotent */

/*
 * Open the devices of all commands, so that it is known that they are there,
 * then run them. *to: where those without an address before them go, NULL: to
 * the verb's usual label; changed by addresses, and then the run's own.
 * Return: 0 or a negative errno with run->fault.
 */
int inject_commands_run(const struct inject_commands *list,
			struct inject_run *run, const char **to);

/* All verbs, in the order of --help; NULL is the end. */
extern const struct inject_verb *const inject_verbs[];

#endif

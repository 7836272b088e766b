/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands: words such as "tap 50% 50% --hold=1s", joined by "then", each
 * perhaps with "@ADDRESS" before it. They are read and prepared, which finds
 * all mistakes, before they run.
 */
#ifndef VINPUT_INJECT_COMMAND_H
#define VINPUT_INJECT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include "injector/inject/inject-run.h"
#include "injector/inject/inject-settings.h"
#include "input/base/fault.h"

struct inject_command;

/* What prepare() may know of the world. */
struct inject_context {
	struct inject_screen screen;
	bool single;	 /* the device knows one contact only */
	bool stdin_used; /* by commands, or by one before: not for this */
};

struct inject_verb {
	const char *name;
	const char *usage; /* what follows the name */
	const char *label; /* the device it is for unless told; NULL: none */
	bool local;	   /* it has nothing to do with devices */
	uint32_t options;  /* INJECT_OPT() bits */
	size_t min, max;   /* operands */
	/* Return: 0 or a negative errno with the fault. NULL: nothing to do. */
	int (*prepare)(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f);
	/* Return: 0 or a negative errno with run->fault. */
	int (*run)(const struct inject_command *c, struct inject_run *run);
	/* Frees c->plan; NULL: free() does. */
	void (*fini)(struct inject_command *c);
};

struct inject_command {
	const struct inject_verb *verb;
	struct inject_settings set;
	char **operand; /* words of the caller's; the array is owned */
	size_t n;
	const char *address; /* borrowed: of @ADDRESS, NULL: none */
	bool goes_on;	     /* "then" is behind it */
	void *plan;	     /* prepare()'s, owned */
};

struct inject_commands {
	struct inject_command *command; /* owned */
	size_t n;
};

#define INJECT_COMMANDS_NULL ((struct inject_commands){ 0 })

/*
 * Read and prepare commands. word: borrowed until inject_commands_fini(),
 * which is due whatever the result.
 * Return: 0, -EINVAL, -ENOMEM, or what prepare() had.
 */
int inject_commands_read(struct inject_commands *list, char **word, size_t n,
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

/* All of them; NULL is the end. */
extern const struct inject_verb *const inject_verbs[];

extern const struct inject_verb inject_verb_key, inject_verb_type,
	inject_verb_paste, inject_verb_click, inject_verb_switch;
extern const struct inject_verb inject_verb_move, inject_verb_moveto,
	inject_verb_scroll, inject_verb_turn;
extern const struct inject_verb inject_verb_tap, inject_verb_swipe,
	inject_verb_pinch, inject_verb_rotate;
extern const struct inject_verb inject_verb_pen, inject_verb_pad;
extern const struct inject_verb inject_verb_raw, inject_verb_play,
	inject_verb_record, inject_verb_release, inject_verb_sleep;

#endif

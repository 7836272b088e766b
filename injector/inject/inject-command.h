/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command and its verb: what each inject-do-*.c provides for
 * inject-commands.c to read, prepare and run.
 */
#ifndef VINPUT_INJECT_COMMAND_H
#define VINPUT_INJECT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "injector/inject/inject-point.h"
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

/*
 * All verbs, in the order of --help. A new one is a row here, and a struct
 * inject_verb of its name beside its code.
 */
#define INJECT_VERBS(row)                                                    \
	row(key), row(type), row(paste), row(click), row(move), row(moveto), \
		row(scroll), row(tap), row(swipe), row(pinch), row(rotate),  \
		row(pen), row(turn), row(pad), row(switch), row(raw),        \
		row(play), row(record), row(release), row(sleep)

#define INJECT_VERB(name) inject_verb_##name
extern const struct inject_verb INJECT_VERBS(INJECT_VERB);

/* --- for prepare() --- */

/*
 * Read all operands as points, of which p[] must have as many as half of the
 * verb's max. Return: 0 or -EINVAL with the fault.
 */
int inject_command_points(const struct inject_command *c,
			  const struct inject_context *ctx,
			  struct inject_point *p, struct fault *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command and its verb: what each inject-do-*.c provides, for
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

/* What prepare() knows about the device and the program's surroundings. */
struct inject_context {
	struct inject_screen screen;
	const struct spec *spec; /* borrowed; NULL: no --spec was given */
	long pressure;		 /* of a finger, by the spec; 0: it has none */
	bool single;	 /* the device has a single contact and no slots */
	bool stdin_used; /* a command, or the list of commands, reads it */
	size_t line;	 /* of commands on standard input, 0: none */
};

struct inject_verb {
	const char *name;
	const char *usage; /* what follows the name */
	const char *label; /* of the device to use by default; NULL: none */
	bool local;	   /* uses no device */
	bool lasting;	   /* sets what a device keeps without a guest */
	size_t min, max;   /* number of operands */
	uint64_t options;  /* INJECT_OPT() bits */
	struct inject_settings defaults;
	/*
	 * Check everything and make the plan; NULL: there is nothing to do.
	 * Return: 0 or a negative errno with the fault.
	 */
	int (*prepare)(struct inject_command *c, struct inject_context *ctx,
		       struct fault *f);
	/*
	 * MAY be called more than once for a plan.
	 * Return: 0 or a negative errno with run->fault.
	 */
	int (*run)(const struct inject_command *c, struct inject_run *run);
	/*
	 * Open the devices that the command names itself, if own_devices is
	 * set. Return: as above.
	 */
	int (*open)(const struct inject_command *c, struct inject_run *run);
	/* Free what the plan owns; NULL: nothing. */
	void (*fini)(void *plan);
};

struct inject_command {
	const struct inject_verb *verb;
	struct inject_settings set;
	char **operand; /* the caller's words, then NULL; the array is owned */
	size_t n;
	const char *address; /* borrowed, of @ADDRESS; NULL: none */
	bool goes_on;	     /* followed by "then" */
	bool own_devices;    /* it names them itself, in place of an address */
	void *plan;	     /* of prepare(), owned */
};

/*
 * All verbs, in the order of --help. A new one is a row here, and a struct
 * inject_verb of its name beside its code.
 */
#define INJECT_VERBS(row)                                                    \
	row(key), row(type), row(paste), row(click), row(move), row(moveto), \
		row(scroll), row(tap), row(swipe), row(pinch), row(rotate),  \
		row(pen), row(turn), row(pad), row(switch), row(raw),        \
		row(play), row(record), row(describe), row(release),         \
		row(sleep)

#define INJECT_VERB(name) inject_verb_##name
extern const struct inject_verb INJECT_VERBS(INJECT_VERB);

/* --- for prepare() --- */

/* Allocate c->plan: n zeroed elements. Return: it, NULL with the fault. */
void *inject_command_plan(struct inject_command *c, size_t n, size_t size,
			  struct fault *f);

/*
 * Read all operands as points; p MUST have room for half of the verb's max.
 * Return: 0, -EINVAL with the fault.
 */
int inject_command_points(const struct inject_command *c,
			  const struct inject_context *ctx,
			  struct inject_point *p, struct fault *f);

/* Print a line that does not keep the command from running. */
void inject_command_note(const struct inject_context *ctx, const char *text);

/* Claim standard input. Return: 0, -EINVAL: it is in use already. */
int inject_command_claim_stdin(const struct inject_command *c,
			       struct inject_context *ctx, struct fault *f);

#endif

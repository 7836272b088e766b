/* SPDX-License-Identifier: Apache-2.0 */
/* vinput-inject's own options, before its commands. */
#ifndef VINPUT_INJECT_OPTIONS_H
#define VINPUT_INJECT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include "injector/inject/inject-point.h"
#include "input/base/fault.h"
#include "input/spec/spec-sets.h"
#include "input/spec/spec.h"

enum inject_action {
	INJECT_ACTION_RUN,
	INJECT_ACTION_HELP,
	INJECT_ACTION_VERSION,
};

struct inject_options {
	enum inject_action action;
	const char *to, *dir;  /* borrowed, NULL: not given */
	const char *times;     /* borrowed: the file of --measure, or NULL */
	const char *spec_name; /* borrowed */
	struct spec_sets sets;
	struct inject_screen screen; /* --size */
	/* -1: forever */
	int wait_ms, wait_guest_ms, timeout_ms, guest_timeout_ms;
	bool lenient, no_receipt, measure, dry_run;
	char **word; /* commands, borrowed from argv */
	size_t n_words;
};

/* Changes argv. Return: 0, -EINVAL with the fault. */
int inject_options_parse(struct inject_options *opt, int argc, char **argv,
			 struct fault *f);

/* Return: whether word, as "--wait=1s", is one of them. */
bool inject_options_has(const char *word);

void inject_options_help(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the opener does for the main process: it opens nodes that a DEV means,
 * and those of devices that it has opened before, by whatever number they are
 * back; and runs the command of --on-switch.
 */
#ifndef VINPUT_PASS_PERMIT_H
#define VINPUT_PASS_PERMIT_H

#include <stdbool.h>
#include <stddef.h>
#include "injector/passthrough/pass-entry.h"

#define PASS_PERMIT_SEEN_MAX 64

struct pass_permit {
	const struct pass_host *host; /* borrowed, as all here */
	const char *const *words;     /* DEV */
	size_t n_words;
	bool all;		    /* any input device */
	const char *const *targets; /* guests that are switched to */
	size_t n_targets;
	const char *on_switch; /* NULL: none */

	struct pass_entry *seen; /* owned; devices that were permitted */
	size_t n_seen;
};

/* The members above the blank line are set, and all others 0. */
bool pass_permit_check(const struct pass_permit *p, const char *path);
/* It was opened: a device, or the one at this path. */
void pass_permit_see(struct pass_permit *p, const struct pass_entry *e);
void pass_permit_note(struct pass_permit *p, const char *path);

/* Return: whether devices can be switched to it: "host", "guest", or a DIR. */
bool pass_permit_target(const struct pass_permit *p, const char *target);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device that a DEV means, wherever and whenever it is plugged in: found by
 * the word first, by its identity from then on.
 */
#ifndef VINPUT_PASS_PLUG_H
#define VINPUT_PASS_PLUG_H

#include "injector/passthrough/pass-find.h"
#include "injector/passthrough/pass-identity.h"

struct pass_plug {
	const struct pass_host *host; /* borrowed */
	const char *word;	      /* borrowed: DEV */

	char path[PASS_PATH_MAX]; /* of the node, when it was found last */
	bool known;		  /* it has an identity */
	struct pass_identity id;
	unsigned long stranger; /* that was refused at its path */
};

/* The members above the blank line are set. */
void pass_plug_init(struct pass_plug *p);

/*
 * Find its node: p->path. seen: NULL to look now. Return: 0; -errno with why,
 * as pass_find()'s and pass_identity_find()'s. *why is empty if there is
 * nothing new to say.
 */
int pass_plug_find(struct pass_plug *p, const struct pass_seen *seen,
		   struct fault *why);
/*
 * The node at p->path is open now. Was it this device's? Its number may have
 * been given to another one since. Return: 0 or -ENODEV.
 */
int pass_plug_confirm(const struct pass_plug *p);
/* It is this one, which need not be plugged in any more. */
void pass_plug_pin(struct pass_plug *p, const struct pass_entry *e);
/* Other devices may have come: see which are alike. */
void pass_plug_look(struct pass_plug *p, const struct pass_seen *seen);

#endif

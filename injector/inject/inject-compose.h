/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters that a layout lacks, typed with its dead keys and Multi_key: the
 * compose table of a locale, inverted. A sequence is typed within one group.
 */
#ifndef VINPUT_INJECT_COMPOSE_H
#define VINPUT_INJECT_COMPOSE_H

#include "injector/inject/inject-layout.h"

/* The longest sequence in X11's tables has 6 symbols. */
#define INJECT_COMPOSE_MAX 10

struct inject_sequence {
	uint32_t ch;
	uint8_t n, ops; /* symbols; ops of all their levels */
	bool cancels;	/* see struct inject_level */
	uint16_t symbol[INJECT_COMPOSE_MAX]; /* of the layout */
};

struct inject_compose;

/*
 * layout: borrowed. locale: such as "de_DE.UTF-8"; NULL: the environment's.
 * Return: 0, -ENOENT: it has no table, -ENOMEM.
 */
int inject_compose_new(struct inject_compose **out,
		       const struct inject_layout *layout, const char *locale,
		       struct fault *f);
void inject_compose_free(struct inject_compose *c); /* NULL is fine */

/*
 * Return: the best sequence of a group that makes this character; NULL: there
 * is none, or no memory. Valid until inject_compose_free().
 */
const struct inject_sequence *inject_compose_find(struct inject_compose *c,
						  unsigned int group,
						  uint32_t ch);

/* --- as the guest composes --- */

#define INJECT_COMPOSE_BAD UINT32_MAX

/* Forget a sequence that has begun. */
void inject_compose_reset(struct inject_compose *c);
/*
 * Tell which keysym a key that was pressed has. Return: the character that it
 * types or completes; 0: none yet; INJECT_COMPOSE_BAD: it ends a sequence that
 * makes no single character.
 */
uint32_t inject_compose_feed(struct inject_compose *c, uint32_t keysym);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Text as strokes of keys. Pure. */
#ifndef VINPUT_INJECT_TYPING_H
#define VINPUT_INJECT_TYPING_H

#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-layout.h"

struct inject_typing {
	/* Borrowed, for inject_typing_add() */
	const struct inject_layout *layout;
	const struct inject_compose *compose; /* MAY be NULL */
	struct inject_stroke *stroke;	      /* owned */
	size_t n, room;
};

/* compose: NULL: type only what the layout has on its keys. */
void inject_typing_init(struct inject_typing *t,
			const struct inject_layout *layout,
			const struct inject_compose *compose);
/*
 * Add the strokes of a text. text: UTF-8; LF, CR LF and CR are Return.
 * Return: 0, -EINVAL: not UTF-8, or the fault names the characters that cannot
 * be typed, -ENOMEM.
 */
int inject_typing_add(struct inject_typing *t, const char *text, size_t len,
		      struct fault *f);
void inject_typing_fini(struct inject_typing *t); /* idempotent */

#endif

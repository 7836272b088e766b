/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as strokes of keys. A text is typed completely or not at all. Pure.
 */
#ifndef VINPUT_INJECT_TYPING_H
#define VINPUT_INJECT_TYPING_H

#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-layout.h"

struct inject_typing {
	struct inject_stroke *stroke; /* owned */
	size_t n, room;
};

#define INJECT_TYPING_NULL ((struct inject_typing){ 0 })

/*
 * text: UTF-8; LF, CR LF and CR are Return. compose: NULL: use only what the
 * layout has on its keys. inject_typing_fini() is due whatever the result.
 * Return: 0, -EINVAL: not UTF-8, or the fault names the characters that cannot
 * be typed, -ENOMEM.
 */
int inject_typing_plan(struct inject_typing *t,
		       const struct inject_layout *layout,
		       const struct inject_compose *compose, const char *text,
		       size_t len, struct fault *f);
void inject_typing_fini(struct inject_typing *t); /* idempotent */

#endif

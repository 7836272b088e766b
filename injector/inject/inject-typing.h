/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text to strokes of keys. All of the text can be typed, or none of it is.
 * Pure.
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
 * text: UTF-8; a line's end is Return, however it is written. compose: NULL:
 * only what the layout has on its keys. inject_typing_fini() is due whatever
 * the result.
 * Return: 0, -EINVAL: no UTF-8, or characters are lacking, which the fault
 * names; -ENOMEM.
 */
int inject_typing_plan(struct inject_typing *t,
		       const struct inject_layout *layout,
		       const struct inject_compose *compose, const char *text,
		       size_t len, struct fault *f);
void inject_typing_fini(struct inject_typing *t); /* idempotent */

#endif

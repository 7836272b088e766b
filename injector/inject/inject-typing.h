/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text as strokes of keys. Each character is typed by a key of the group that
 * the keyboard is in, else by one of another group, else by a compose sequence,
 * else by its number; what combines is tried in its canonically equivalent
 * forms. In the end all strokes are played on a model of the guest's keyboard,
 * which MUST yield the text.
 */
#ifndef VINPUT_INJECT_TYPING_H
#define VINPUT_INJECT_TYPING_H

#include "injector/inject/inject-compose.h"
#include "injector/inject/inject-layout.h"
#include "injector/inject/inject-strokes.h"
#include "injector/inject/inject-unicode.h"

struct inject_typing {
	const struct inject_layout *layout; /* borrowed */
	struct inject_compose *compose;	    /* borrowed, MAY be NULL */
	enum inject_unicode unicode;
	struct inject_strokes strokes;
};

/* compose: NULL: type only what the layout has on its keys. */
void inject_typing_init(struct inject_typing *t,
			const struct inject_layout *layout,
			struct inject_compose *compose,
			enum inject_unicode unicode);
/*
 * Type a text, and let the keyboard rest. text: UTF-8; LF, CR LF and CR are
 * Return. Once only.
 * Return: 0, -EINVAL: not UTF-8, or the fault names the characters that cannot
 * be typed, -ENOMEM.
 */
int inject_typing_add(struct inject_typing *t, const char *text, size_t len,
		      struct fault *f);
void inject_typing_fini(struct inject_typing *t); /* idempotent */

/*
 * Return: 0; -EINVAL: on a keyboard that starts like this another text would
 * arrive; the fault says where.
 */
int inject_typing_check(const struct inject_typing *t,
			const struct inject_start *start, struct fault *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys by what XKB calls them in a layout: "Control_L", "XF86AudioMute",
 * "question" (Shift and a key), or by a character. Pure.
 */
#ifndef VINPUT_INJECT_KEYSYM_H
#define VINPUT_INJECT_KEYSYM_H

#include <stdbool.h>
#include "injector/inject/inject-layout.h"

struct inject_keysyms {
	const struct inject_layout_names *names; /* borrowed */
	bool preferred;		      /* to names of ours and the kernel's */
	struct inject_layout *layout; /* owned; NULL until it is needed */
};

void inject_keysyms_fini(struct inject_keysyms *k); /* idempotent */

/*
 * key: the modifiers to hold, in order, and then the key.
 * Return: how many they are; -ENOENT: the layout has no such key; -EINVAL: no
 * such layout; -ENOMEM. The fault is not set by -ENOENT.
 */
int inject_keysym_keys(struct inject_keysyms *k, const char *name,
		       uint16_t key[INJECT_WAY_MAX + 1], struct fault *f);

#endif

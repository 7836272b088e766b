/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest makes of keys: a Wayland client's view, by libxkbcommon, of a
 * keyboard at which keys are pressed and released. It shares no code with what
 * it tests.
 */
#ifndef VINPUT_TEST_XKB_GUEST_H
#define VINPUT_TEST_XKB_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xkb_guest;

struct xkb_guest_layout {
	const char *layout, *variant, *options;
	const char *locale; /* of the compose table; NULL: none */
};

/* Return: NULL if there is no such layout, or no table for the locale. */
struct xkb_guest *xkb_guest_new(const struct xkb_guest_layout *layout);
void xkb_guest_free(struct xkb_guest *g); /* NULL is fine */

/* KEY_* */
void xkb_guest_key(struct xkb_guest *g, uint16_t key, bool down);
/* Lock a modifier, such as "NumLock", before any key. */
void xkb_guest_lock(struct xkb_guest *g, const char *modifier);

/* Return: what was typed so far, UTF-8; valid until the next key. */
const char *xkb_guest_text(const struct xkb_guest *g);
/* Forget it. */
void xkb_guest_clear(struct xkb_guest *g);
/* Whether no key is down, and the first group is on. */
bool xkb_guest_rests(const struct xkb_guest *g);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's keyboard as libxkbcommon sees it: keys are pressed and released
 * one by one, and change modifiers and groups as they do in the guest.
 */
#ifndef VINPUT_INJECT_MODEL_H
#define VINPUT_INJECT_MODEL_H

#include <linux/input-event-codes.h>
#include <stdbool.h>
#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

/* An X keycode is the kernel's plus this. */
#define INJECT_X_OFFSET 8

/* Modifiers and groups that are held, latched and locked. */
struct inject_xkb {
	uint32_t base, latched, locked;
	uint32_t base_group, latched_group, locked_group;
};

#define INJECT_WAY_MAX 8
/* In an op: the key is released. */
#define INJECT_WAY_UP 0x8000

/* Keys pressed and released, in order. */
struct inject_way {
	uint16_t op[INJECT_WAY_MAX]; /* KEY_*, with INJECT_WAY_UP or not */
	uint8_t n;
};

struct inject_model {
	struct xkb_keymap *keymap; /* borrowed */
	struct xkb_state *state;   /* NULL: no memory */
	uint8_t down[KEY_CNT / 8];
};

/* At rest, in the first group. */
void inject_model_init(struct inject_model *m, struct xkb_keymap *keymap);
void inject_model_fini(struct inject_model *m);

bool inject_model_is_down(const struct inject_model *m, uint16_t key);
/* Return: the keysym of a key as it is now. */
uint32_t inject_model_keysym(const struct inject_model *m, uint16_t key);
/*
 * Whether Control, Alt or the logo key is held, so that a key that is pressed
 * is a shortcut and types nothing.
 */
bool inject_model_is_shortcut(const struct inject_model *m);
/* Press or release. As in the kernel, what is down is not pressed again. */
void inject_model_op(struct inject_model *m, uint16_t op);
void inject_model_way(struct inject_model *m, const struct inject_way *way);
/* Release the keys that a way leaves down, the last one first. */
void inject_model_leave(struct inject_model *m, const struct inject_way *way);

struct inject_xkb inject_model_xkb(const struct inject_model *m);
bool inject_xkb_equal(const struct inject_xkb *a, const struct inject_xkb *b);
/* Whether nothing is held, latched or locked; locked groups do not count. */
bool inject_xkb_is_rest(const struct inject_xkb *x);

/* The keys that a way leaves down, as they were pressed. Return: their number.
 */
unsigned int inject_way_held(const struct inject_way *way,
			     uint16_t key[INJECT_WAY_MAX]);

#endif

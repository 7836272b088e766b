/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of keys as users write them, "ctrl+alt+t", "enter", "KEY_VOLUMEUP",
 * "XF86AudioMute", and of mouse buttons, gamepad buttons and switches. Pure.
 */
#ifndef VINPUT_INJECT_KEYS_H
#define VINPUT_INJECT_KEYS_H

#include <stddef.h>
#include <stdint.h>
#include "injector/inject/inject-keysym.h"
#include "input/base/fault.h"

/* Keys held at the same time. */
#define INJECT_COMBO_MAX 16

struct inject_combo {
	uint16_t key[INJECT_COMBO_MAX];
	size_t n;
};

/* Names joined by "+". Return: 0, -EINVAL or -ENOMEM. */
int inject_combo_read(struct inject_combo *combo, const char *word,
		      struct inject_keysyms *keysyms, struct fault *f);

/* "left", "2" (as in browsers), "BTN_SIDE". Return: 0 or -EINVAL. */
int inject_button_read(uint16_t *code, const char *word, struct fault *f);
/* "lid", "SW_TABLET_MODE". Return: 0 or -EINVAL. */
int inject_switch_read(uint16_t *code, const char *word, struct fault *f);
/* "a", "lb", "dpad_up", "7": see vinject_pad_button(). Return: 0 or -EINVAL. */
int inject_pad_button_read(unsigned int *button, const char *word,
			   struct fault *f);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people call keys: "ctrl+alt+t", "enter", "KEY_VOLUMEUP", and mouse
 * buttons, gamepad buttons and switches likewise. Pure.
 */
#ifndef VINPUT_INJECT_KEYS_H
#define VINPUT_INJECT_KEYS_H

#include <stddef.h>
#include <stdint.h>
#include "input/base/fault.h"

/* Keys that are held together. */
#define INJECT_COMBO_MAX 16

struct inject_combo {
	uint16_t key[INJECT_COMBO_MAX];
	size_t n;
};

/* Names joined by '+'. Return: 0 or -EINVAL. */
int inject_combo_read(struct inject_combo *combo, const char *word,
		      struct fault *f);

/* "left", "2" (as browsers number them), "BTN_SIDE". Return: 0, -EINVAL. */
int inject_button_read(uint16_t *code, const char *word, struct fault *f);
/* "lid", "SW_TABLET_MODE". Return: 0, -EINVAL. */
int inject_switch_read(uint16_t *code, const char *word, struct fault *f);
/* "a", "lb", "dpad_up", "7". Return: 0, -EINVAL; see vinject_pad_button(). */
int inject_pad_button_read(unsigned int *button, const char *word,
			   struct fault *f);

#endif

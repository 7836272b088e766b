/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Characters that no key types, by their number: what the guest's programs or
 * its input method offer for that. Pure.
 */
#ifndef VINPUT_INJECT_UNICODE_H
#define VINPUT_INJECT_UNICODE_H

#include "injector/inject/inject-strokes.h"

enum inject_unicode {
	INJECT_UNICODE_NONE,
	/* GTK, IBus: Ctrl+Shift+U, hexadecimal digits, Space */
	INJECT_UNICODE_CTRL_SHIFT_U,
	/* Windows' rich text: U+, hexadecimal digits, Alt+X */
	INJECT_UNICODE_ALT_X,
	/* Windows with EnableHexNumpad: Alt held, keypad's +, digits */
	INJECT_UNICODE_ALT_PLUS,
};

/* "ctrl-shift-u". Return: 0 or -EINVAL. */
int inject_unicode_read(enum inject_unicode *method, const char *word,
			struct fault *f);

/*
 * Type a character. Return: whether the layout has the keys for it; if not,
 * some may have been added.
 */
bool inject_unicode_type(struct inject_strokes *s, enum inject_unicode method,
			 uint32_t ch);

#endif

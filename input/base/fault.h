/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong, in words: one line without an end, ready to be told. Functions
 * that take a fault fill it in whenever they fail.
 */
#ifndef VINPUT_FAULT_H
#define VINPUT_FAULT_H

struct fault {
	char text[512];
};

/* Set the text. Return: -EINVAL, which says that the caller's words are bad. */
__attribute__((format(printf, 2, 3))) int fault_set(struct fault *f,
						    const char *fmt, ...);
/* The same for another negative errno, which is returned. */
__attribute__((format(printf, 3, 4))) int fault_errno(struct fault *f, int code,
						      const char *fmt, ...);

/* "; did you mean NEAR?", or "" for NULL; valid until it is called again. */
const char *fault_hint(const char *near);

#endif

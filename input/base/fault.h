/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong: one line of text without a newline, for the user. A function
 * that takes a fault fills it in whenever it fails. Pure.
 */
#ifndef VINPUT_FAULT_H
#define VINPUT_FAULT_H

struct fault {
	char text[512];
};

/* Return: -EINVAL, which means that what the user wrote is wrong. */
__attribute__((format(printf, 2, 3))) int fault_set(struct fault *f,
						    const char *fmt, ...);
/* The same for another negative errno: code, which is returned. */
__attribute__((format(printf, 3, 4))) int fault_errno(struct fault *f, int code,
						      const char *fmt, ...);
/* Return: -ENOMEM */
int fault_no_memory(struct fault *f);

/*
 * Return: "; did you mean NEAR?", or "" for NULL; valid until the next call.
 */
const char *fault_hint(const char *near);

#endif

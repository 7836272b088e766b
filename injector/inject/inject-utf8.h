/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as the Unicode Standard (table 3-7) has it: nothing else is taken. */
#ifndef VINPUT_INJECT_UTF8_H
#define VINPUT_INJECT_UTF8_H

#include <stdint.h>

#define INJECT_UTF8_BAD UINT32_MAX
/* Bytes of a character, and NUL. */
#define INJECT_UTF8_LEN 5

/*
 * Take a character; *text < end. Return: UTF-32, or INJECT_UTF8_BAD, and *text
 * stays where it is.
 */
uint32_t inject_utf8_next(const char **text, const char *end);
/* ch: any that inject_utf8_next() gives, but BAD. */
void inject_utf8_write(char out[INJECT_UTF8_LEN], uint32_t ch);

#endif

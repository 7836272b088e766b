/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as in the Unicode Standard, table 3-7. Pure. */
#ifndef VINPUT_INJECT_UTF8_H
#define VINPUT_INJECT_UTF8_H

#include <stdint.h>

#define INJECT_UTF8_BAD UINT32_MAX
/* Bytes of a character, and NUL. */
#define INJECT_UTF8_LEN 5

/*
 * Take a character; *text MUST be before end. Return: UTF-32; INJECT_UTF8_BAD:
 * *text is unchanged.
 */
uint32_t inject_utf8_next(const char **text, const char *end);
/* ch: MUST be one that inject_utf8_next() returns, except BAD. */
void inject_utf8_write(char out[INJECT_UTF8_LEN], uint32_t ch);

#endif
